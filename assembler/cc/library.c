/*
 * The parts of a C program that are not the user's: start file and runtime, compiled from the
 * sources of assembler/runtime, and Debian's C library and libgcc for rv32im/ilp32, rewritten. Each
 * is made when it is first needed, and kept in a cache; its name there changes with all that it is
 * made of, so what is there is right.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cc/cc.h"
#include "common/files.h"
#include "object/archive.h"

#define LIBC_FOLDER   "/usr/lib/picolibc/riscv64-unknown-elf"
#define LIBGCC_FOLDER "/usr/lib/gcc/riscv64-unknown-elf"

/* Folders of the source tree, and what both C libraries for Turnpike are made of. */
#define RUNTIME   "assembler/runtime/"
#define OS        "guestos/lib/"
#define OS_COMMON OS "call.c", OS "queue.c", OS "posix.c", OS "dirent.c", OS "turnpike.c"

/* Largest file that a part is made of, this program among them. */
#define MOST_SOURCE_BYTES (64u << 20)

/* A part in the cache that was not used for so long may be removed. */
#define STALE_SECONDS (2 * 24 * 60 * 60)

struct part {
    const char *name, *ending;
    const char *sources[24]; /* in the source tree; NULL after the last; none: a foreign archive */
    const char *define;      /* for them, or NULL */
    enum cc_system system;
    bool is_archive;
    const char *foreign;        /* pattern of the archive's path under the folder */
    const char *folder_setting; /* environment variable for the folder */
    const char *folder, *package, *what;
};

static const struct part parts[] = {
    [CC_START] = {"start", ".o", {RUNTIME "start.c"}, .define = NULL},
    [CC_START_WITHOUT_LIBC] = {"start-nolibc", ".o", {RUNTIME "start.c"},
                               .define = "-DTG_WITHOUT_LIBC"},
    [CC_RUNTIME] = {"libtg", ".a",
                    {RUNTIME "console.c", RUNTIME "memory.c", RUNTIME "arithmetic.c"},
                    .is_archive = true},
    [CC_LIBC_GLUE] = {"libtgc", ".a", {RUNTIME "libc.c"}, .is_archive = true},
    [CC_LIBC] = {"libc", ".a", .foreign = "lib/release/rv32im/ilp32/libc.a",
                 .folder_setting = "TG_PICOLIBC", .folder = LIBC_FOLDER, .package = CC_LIBC_PACKAGE,
                 .what = "the C library (picolibc)"},
    [CC_LIBGCC] = {"libgcc", ".a", .foreign = "*/rv32im/ilp32/libgcc.a",
                   .folder_setting = "TG_LIBGCC", .folder = LIBGCC_FOLDER,
                   .package = CC_LIBGCC_PACKAGE,
                   .what = "libgcc, which does what takes more than an instruction (64-bit "
                           "division, floating point)"},
    [CC_OS_START] = {"turnpike-start", ".o", {OS "start.c"}, .system = CC_TURNPIKE_SMALL},
    [CC_OS_SMALL_LIBC] = {"libturnpike", ".a",
                          {OS_COMMON, OS "errno.c", OS "exit.c", OS "string.c", OS "numbers.c",
                           OS "sort.c", OS "random.c", OS "malloc.c", OS "format.c", OS "stdio.c",
                           OS "xv6.c", RUNTIME "memory.c", RUNTIME "arithmetic.c"},
                          .system = CC_TURNPIKE_SMALL, .is_archive = true},
    [CC_OS_LIBC_GLUE] = {"libturnpikec", ".a", {OS_COMMON, OS "picolibc.c"},
                         .system = CC_TURNPIKE, .is_archive = true},
};

/* --- Where things are
 * ------------------------------------------------------------------------------- */

static const char *folder_of(const struct part *part)
{
    const char *folder = getenv(part->folder_setting);

    return folder && *folder ? folder : part->folder;
}

/* The archive that a foreign part is made of, or NULL. */
static const char *foreign_archive(const struct part *part)
{
    const char *path = NULL;
    glob_t found;

    if (glob(cc_format("%s/%s", folder_of(part), part->foreign), 0, NULL, &found) == 0 &&
        found.gl_pathc > 0)
        path = cc_format("%s", found.gl_pathv[found.gl_pathc - 1]);
    globfree(&found);
    return path;
}

bool cc_has_part(enum cc_part part)
{
    return !parts[part].foreign || foreign_archive(&parts[part]);
}

const char *cc_libc_headers(void)
{
    return cc_format("%s/include", folder_of(&parts[CC_LIBC]));
}

bool cc_has_libc_headers(void)
{
    return access(cc_format("%s/stdio.h", cc_libc_headers()), R_OK) == 0;
}

/* Makes a folder, and those above it. */
static bool make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0777);
        *slash = '/';
    }
    return (mkdir(path, 0777) == 0 || errno == EEXIST) && access(path, W_OK) == 0;
}

/* Where parts are kept; for this run only if no place for longer can be written. */
static const char *cache_folder(void)
{
    const char *own = getenv("TG_CACHE"), *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char *folder = NULL;

    if (own && *own)
        folder = cc_format("%s", own);
    else if (cache && *cache)
        folder = cc_format("%s/tollgate", cache);
    else if (home && *home)
        folder = cc_format("%s/.cache/tollgate", home);
    return folder && make_folders(folder) ? folder : cc_temporary();
}

/* --- What a part is made of
 * ------------------------------------------------------------------------- */

/* FNV-1a: tells versions of our own files apart, nothing more. */
static void mix(uint64_t *key, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        *key = (*key ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001b3);
}

static bool mix_file(uint64_t *key, const char *path)
{
    struct file_bytes file;

    if (!file_read("part of the runtime", path, MOST_SOURCE_BYTES, &file))
        return false;
    mix(key, file.bytes, file.size);
    free(file.bytes);
    return true;
}

/* The headers of all parts: they are few, and change together. */
static bool mix_headers(uint64_t *key)
{
    static const char *const patterns[] = {
        "assembler/{include,runtime}/*.h",
        "guestos/{lib,include,include/turnpike,include/libc,include/libc/sys}/*.{h,def}",
    };
    bool is_done = true;

    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        glob_t found;

        if (glob(cc_own_path(patterns[i]), GLOB_BRACE, NULL, &found) == 0)
            for (size_t file = 0; file < found.gl_pathc; file++)
                is_done = is_done && mix_file(key, found.gl_pathv[file]);
        globfree(&found);
    }
    return is_done;
}

/* A foreign archive is told by its date and size. */
static bool mix_stamp(uint64_t *key, const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return cc_fail("%s: %s", path, strerror(errno));
    mix(key, path, strlen(path));
    mix(key, &status.st_mtim, sizeof status.st_mtim);
    mix(key, &status.st_size, sizeof status.st_size);
    return true;
}

static bool find_key(const struct part *part, const char *archive, uint64_t *ret_key)
{
    uint64_t key = UINT64_C(0xcbf29ce484222325);

    /* The rewriter, and all that is compiled in, is told by the program itself. */
    if (!mix_file(&key, "/proc/self/exe") || (archive && !mix_stamp(&key, archive)))
        return false;
    if (!archive && !mix_headers(&key))
        return false;
    for (size_t i = 0; part->sources[i]; i++)
        if (!mix_file(&key, cc_own_path(part->sources[i])))
            return false;
    *ret_key = key;
    return true;
}

/* --- Making parts
 * ----------------------------------------------------------------------------------- */

static bool compile_source(const struct part *part, const char *source, const char *object,
                           bool is_verbose)
{
    static const char *const options[] = {"-O2", "-g", "-ffunction-sections", "-fdata-sections",
                                          "-fno-builtin"};
    struct cc_arguments arguments = {.is_verbose = is_verbose, .system = part->system};
    struct cc_input input = {CC_SOURCE, cc_own_path(source), NULL};

    if (source[strlen(source) - 1] == 's')
        input.kind = CC_ASSEMBLY;

    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        words_add(&arguments.compile, options[i]);
    words_add(&arguments.compile, cc_format("-I%s", cc_own_path("assembler")));
    if (part->define)
        words_add(&arguments.compile, part->define);
    return cc_compile(&arguments, &input, object);
}

static bool add_member(struct tg_archive_writer *writer, const char *path, const char *name)
{
    struct file_bytes file;
    struct tg_obj *obj;
    struct tg_error error;
    bool is_added;

    if (!file_read("object", path, TG_OBJ_MAX_BYTES, &file))
        return false;
    is_added = tg_obj_read(file.bytes, file.size, path, EM_TG32, &obj, &error) == TG_OK;
    if (is_added) {
        is_added = tg_archive_add(writer, name, obj, &error) == TG_OK;
        tg_obj_destroy(obj);
    }
    free(file.bytes);
    return is_added || cc_fail("%s", error.text);
}

static bool add_sources(const struct part *part, struct tg_archive_writer *writer, bool is_verbose)
{
    for (size_t i = 0; part->sources[i]; i++) {
        const char *source = part->sources[i];
        const char *base = strrchr(source, '/') + 1;
        const char *name = cc_format("%.*s.o", (int)strcspn(base, "."), base);
        const char *object = cc_format("%s/%s", cc_temporary(), name);

        if (!compile_source(part, source, object, is_verbose) || !add_member(writer, object, name))
            return false;
    }
    return true;
}

static bool make_archive(const struct part *part, const char *path, bool is_verbose)
{
    struct tg_archive_writer *writer = tg_archive_create();
    struct tg_error error;
    uint8_t *bytes = NULL;
    size_t size;
    bool is_made = false;

    if (!writer)
        return cc_fail("no memory left");
    if (add_sources(part, writer, is_verbose)) {
        is_made = tg_archive_finish(writer, path, &bytes, &size, &error) == TG_OK ||
                  cc_fail("%s", error.text);
        is_made = is_made && file_write("library", path, bytes, size);
    }
    free(bytes);
    tg_archive_discard(writer);
    return is_made;
}

static bool make_part(const struct part *part, const char *archive, const char *path,
                      bool is_verbose)
{
    if (archive) {
        if (is_verbose)
            fprintf(stderr, "tg-retarget --strip-debug %s -o %s\n", archive, path);
        /* Its sources are not installed, and their debug information is ten times its code. */
        return cc_retarget(archive, archive, path, true);
    }
    if (part->is_archive)
        return make_archive(part, path, is_verbose);
    return compile_source(part, part->sources[0], path, is_verbose);
}

const char *cc_part_name(enum cc_part part)
{
    return cc_format("%s%s", parts[part].name, parts[part].ending);
}

/* Removes what other versions of tg-cc, or of what it is made of, have left of a part. A file's
 * time is that of its last use. */
static void remove_stale(const struct part *part, const char *folder)
{
    glob_t found;
    struct stat status;

    if (glob(cc_format("%s/%s-????????????????%s", folder, part->name, part->ending), 0, NULL,
             &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            if (stat(found.gl_pathv[i], &status) == 0 &&
                time(NULL) - status.st_mtime > STALE_SECONDS)
                unlink(found.gl_pathv[i]);
    globfree(&found);
}

const char *cc_part(enum cc_part number, bool is_verbose)
{
    const struct part *part = &parts[number];
    const char *archive = part->foreign ? foreign_archive(part) : NULL;
    const char *folder, *path;
    uint64_t key;

    if (part->foreign && !archive) {
        cc_fail("%s is not installed: nothing fits %s/%s; apt-get install %s, or link with "
                "-nolibc or -nostdlib",
                part->what, folder_of(part), part->foreign, part->package);
        return NULL;
    }
    folder = cache_folder();
    if (!folder || !cc_temporary() || !find_key(part, archive, &key))
        return NULL;
    path = cc_format("%s/%s-%016llx%s", folder, part->name, (unsigned long long)key, part->ending);
    if (access(path, R_OK) == 0) {
        utimensat(AT_FDCWD, path, NULL, 0);
        return path;
    }
    remove_stale(part, folder);
    return make_part(part, archive, path, is_verbose) ? path : NULL;
}
