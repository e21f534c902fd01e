/* The program tg-as: options in, an object file out. Manual: docs/toolchain.md. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "as/as.h"
#include "common/files.h"
#include "common/options.h"
#include "common/response.h"

#define PROGRAM "tg-as"

enum { EXIT_USAGE = 2, PATH_BYTES = 4096 };

struct settings {
    const char *out, *listing;
    struct option_list folders, defines, warnings;
    bool debug, help, version;
};

static void print_help(const struct option_row *rows)
{
    printf("usage: tg-as [options] FILE.s\n\n"
           "Assembles TG32 source into an object file for tg-ld. Errors go to standard error as\n"
           "file:line:column; after errors no file is written. FILE - is standard input.\n\n");
    options_help(rows);
    printf("\nWarnings: -W no-unused (nothing about unused symbols), -W none, -W error (they are "
           "errors).\n"
           "Examples:\n"
           "  tg-as hello.s -o hello.o -g && tg-ld -o hello hello.o && tollgate run hello\n"
           "  tg-as -l hello.lst -I include -D DEBUG=1 hello.s\n"
           "Exit status: 0 assembled, 1 errors in the source, 2 wrong usage.\n");
}

static bool set_warnings(struct as_options *options, const struct option_list *words)
{
    static const char *const names[] = {"no-unused", "none", "error"};
    bool *targets[] = {&options->is_quiet_unused, &options->is_quiet, &options->is_strict};

    for (size_t i = 0; i < words->count; i++) {
        size_t row = 0;

        while (row < 3 && strcmp(names[row], words->items[i]) != 0)
            row++;
        if (row == 3) {
            const char *near = nearest_name(words->items[i], names, 3);

            fprintf(stderr, "%s: -W %s is unknown; did you mean -W %s?\n", PROGRAM, words->items[i],
                    near ? near : names[0]);
            return false;
        }
        *targets[row] = true;
    }
    return true;
}

/* The source's name with .o in place of .s, in the present folder. */
static void default_output(const char *source, char path[PATH_BYTES])
{
    const char *slash = strrchr(source, '/'), *name = slash ? slash + 1 : source;
    const char *dot = strrchr(name, '.');
    int length = (int)(dot && dot > name ? (size_t)(dot - name) : strlen(name));

    snprintf(path, PATH_BYTES, "%.*s.o", length, name);
}

static bool write_object(const struct tg_obj *obj, const char *path)
{
    struct tg_error error;
    uint8_t *bytes;
    size_t size;
    bool is_written;

    if (tg_obj_write(obj, &bytes, &size, &error) != TG_OK) {
        fprintf(stderr, "%s: %s\n", PROGRAM, error.text);
        return false;
    }
    is_written = file_write("object", path, bytes, size);
    free(bytes);
    return is_written;
}

static int run(const char *source, const char *out, const char *listing_path,
               const struct as_options *options)
{
    struct buffer listing = {0};
    struct tg_obj *obj = assemble(source, options, listing_path ? &listing : NULL);
    bool is_done = obj && write_object(obj, out);

    if (listing_path && listing.used)
        is_done = file_write("listing", listing_path, listing.bytes, listing.used) && is_done;
    buffer_finish(&listing);
    tg_obj_destroy(obj);
    return is_done ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int assemble_words(int argc, char **argv)
{
    static struct settings set;
    const struct option_row rows[] = {
        {"o", OPTION_TEXT, &set.out, "FILE", "the object file; default: FILE.o here"},
        {"l", OPTION_TEXT, &set.listing, "FILE", "writes a listing: offsets, words, source"},
        {"g", OPTION_FLAG, &set.debug, NULL, "line information for debuggers (DWARF)"},
        {"I", OPTION_LIST, &set.folders, "FOLDER", "looks there for .include and .incbin"},
        {"D", OPTION_LIST, &set.defines, "NAME=VALUE", "as .equ; without =VALUE it is 1"},
        {"W", OPTION_LIST, &set.warnings, "WORD", "which warnings, see below"},
        {"help", OPTION_FLAG, &set.help, NULL, "this text"},
        {"version", OPTION_FLAG, &set.version, NULL, "the version"},
        {0},
    };
    struct as_options options = {.messages = stderr};
    char path[PATH_BYTES];
    int first;

    if (!options_read(PROGRAM, rows, argc, argv, &first) || !set_warnings(&options, &set.warnings))
        return EXIT_USAGE;
    if (set.help || set.version) {
        if (set.help)
            print_help(rows);
        else
            printf("%s %s\n", PROGRAM, TG_VERSION);
        return EXIT_SUCCESS;
    }
    if (argc - first != 1) {
        fprintf(stderr, "%s: %s; %s --help shows how\n", PROGRAM,
                argc == first ? "no source file is given" : "one source file at a time", PROGRAM);
        return EXIT_USAGE;
    }
    options.include_folders = set.folders.items;
    options.include_count = set.folders.count;
    options.defines = set.defines.items;
    options.define_count = set.defines.count;
    options.debug = set.debug;
    options.listing = set.listing != NULL;
    default_output(argv[first], path);
    if (!set.out)
        set.out = path;
    if (file_is_same(set.out, argv[first]) ||
        (set.listing && file_is_same(set.listing, argv[first]))) {
        fprintf(stderr, "%s: -o or -l would replace the source %s\n", PROGRAM, argv[first]);
        return EXIT_USAGE;
    }
    return run(argv[first], set.out, set.listing, &options);
}

int main(int argc, char **argv)
{
    struct response_words words;
    int status = EXIT_USAGE;

    if (response_read(PROGRAM, argc, argv, &words))
        status = assemble_words(words.count, words.list);
    response_finish(&words);
    return status;
}
