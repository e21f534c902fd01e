/*
 * tg-mkfs: a disk image with files. Manual: docs/turnpike.md, "Files".
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/files.h"
#include "common/options.h"
#include "mkfs/image.h"

#define LARGEST_FILE ((size_t)1 << 31)
#define LARGEST_LIST ((size_t)1 << 20)

static const char help[] =
    "Usage: tg-mkfs -o IMAGE [OPTION]... WHAT...\n"
    "Makes a disk image with files for Turnpike. The same files give the same bytes.\n\n"
    "WHAT is one of:\n"
    "  FILE                a file, to be /FILE's-last-name in the image\n"
    "  FOLDER              all that is in it, to be in / of the image\n"
    "  /PATH=FILE          a file or a folder's contents, to be at that path\n"
    "  /PATH/              an empty directory\n"
    "  /PATH=device:NAME   a device: console, sound, null, zero, or MAJOR.MINOR\n"
    "  /PATH=link:/OTHER   another name for what is in the image already\n"
    "  @LIST               a text with one of these in each line; # begins a comment\n\n"
    "  tg-mkfs -o disk.img /bin/ls=build/ls /dev/console=device:console /tmp/\n"
    "  tollgate run --disk disk.img --disk-write\n\n";

static const char *const device_names[] = {[TP_DEVICE_CONSOLE] = "console",
                                           [TP_DEVICE_SOUND] = "sound",
                                           [TP_DEVICE_NULL] = "null",
                                           [TP_DEVICE_ZERO] = "zero"};

static bool complain(const char *where, const char *why)
{
    fprintf(stderr, "tg-mkfs: %s: %s\n", where, why);
    return false;
}

static bool succeed(const char *where, const char *why)
{
    return why ? complain(where, why) : true;
}

/* --- Host files ------------------------------------------------------------------- */

static bool add_host(struct image *image, const char *path, const char *source);

static bool add_host_file(struct image *image, const char *path, const char *source)
{
    struct file_bytes file;

    if (!file_read("file for the image", source, LARGEST_FILE, &file))
        return false;
    const char *why = image_add_file(image, path, file.bytes, file.size);
    free(file.bytes);
    return succeed(source, why);
}

static int is_no_dots(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* By bytes, whatever the host's language. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool add_child(struct image *image, const char *path, const char *source, const char *name)
{
    size_t size = strlen(path) + strlen(source) + strlen(name) + 2;
    char *child_path = malloc(size), *child_source = malloc(size);
    bool is_done = child_path && child_source;

    if (is_done) {
        snprintf(child_path, size, "%s/%s", strcmp(path, "/") == 0 ? "" : path, name);
        snprintf(child_source, size, "%s/%s", source, name);
        is_done = add_host(image, child_path, child_source);
    }
    free(child_path);
    free(child_source);
    return is_done;
}

static bool add_host_folder(struct image *image, const char *path, const char *source)
{
    struct dirent **entries;
    int count = scandir(source, &entries, is_no_dots, by_name);

    if (count < 0)
        return complain(source, "cannot be read");
    bool is_done = succeed(source, image_add_directory(image, path));
    for (int i = 0; i < count; i++) {
        is_done = is_done && add_child(image, path, source, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return is_done;
}

static bool add_host(struct image *image, const char *path, const char *source)
{
    struct stat status;

    if (stat(source, &status) != 0)
        return complain(source, "there is no such file");
    if (S_ISDIR(status.st_mode))
        return add_host_folder(image, path, source);
    if (!S_ISREG(status.st_mode))
        return complain(source, "is neither a file nor a folder");
    return add_host_file(image, path, source);
}

/* --- What is to be in the image ---------------------------------------------------- */

static bool add_device(struct image *image, const char *path, const char *name)
{
    unsigned major, minor;
    char rest;

    for (uint32_t i = 1; i < sizeof device_names / sizeof device_names[0]; i++)
        if (strcmp(device_names[i], name) == 0)
            return succeed(path, image_add_device(image, path, i << 8));
    if (sscanf(name, "%u.%u%c", &major, &minor, &rest) != 2 || major > 255 || minor > 255)
        return complain(name, "no such device: console, sound, null, zero or MAJOR.MINOR");
    return succeed(path, image_add_device(image, path, major << 8 | minor));
}

/* /PATH=SOURCE, cut in two. */
static bool add_pair(struct image *image, const char *path, const char *source)
{
    if (strncmp(source, "device:", 7) == 0)
        return add_device(image, path, source + 7);
    if (strncmp(source, "link:", 5) == 0)
        return succeed(path, image_add_link(image, path, source + 5));
    return add_host(image, path, source);
}

/* A host file at / by its own name, or a folder's contents. */
static bool add_host_top(struct image *image, const char *source, bool is_folder)
{
    const char *slash = strrchr(source, '/');
    char path[TP_NAME_BYTES + 1];

    if (is_folder)
        return add_host(image, "/", source);
    snprintf(path, sizeof path, "/%s", slash ? slash + 1 : source);
    return add_host(image, path, source);
}

static bool add_list(struct image *image, const char *name);

static bool add(struct image *image, const char *what)
{
    const char *equals = strchr(what, '=');
    struct stat status;

    if (*what == '@')
        return add_list(image, what + 1);
    if (*what == '/' && equals) {
        char *path = strdup(what);
        if (!path)
            return complain(what, "not enough memory");
        path[equals - what] = 0;
        bool is_done = add_pair(image, path, equals + 1);
        free(path);
        return is_done;
    }
    size_t length = strlen(what);
    if (*what == '/' && what[length - 1] == '/')
        return succeed(what, image_add_directory(image, what));
    if (stat(what, &status) == 0)
        return add_host_top(image, what, S_ISDIR(status.st_mode));
    return complain(what, "there is no such file; tg-mkfs --help shows what can be given");
}

static bool add_list(struct image *image, const char *name)
{
    struct file_bytes file;
    char *rest = NULL;
    bool is_done = true;

    if (!file_read("list", name, LARGEST_LIST, &file))
        return false;
    for (char *line = strtok_r((char *)file.bytes, "\n", &rest); line && is_done;
         line = strtok_r(NULL, "\n", &rest)) {
        line[strcspn(line, "#")] = 0;
        line += strspn(line, " \t");
        size_t length = strlen(line);
        while (length && strchr(" \t\r", line[length - 1]))
            line[--length] = 0;
        if (length && *line == '@')
            is_done = complain(name, "a list in a list");
        else if (length)
            is_done = add(image, line);
    }
    free(file.bytes);
    return is_done;
}

/* --- Running ------------------------------------------------------------------------- */

int main(int argc, char **argv)
{
    const char *output = NULL;
    uint64_t size = 16 << 20, inodes = 0;
    bool wants_help = false, wants_version = false;
    const struct option_row rows[] = {
        {"o", OPTION_TEXT, &output, "IMAGE", "the image to write"},
        {"size", OPTION_SIZE, &size, "BYTES", "its size: K, M or G may follow (16M)"},
        {"inodes", OPTION_COUNT, &inodes, "N", "most files and directories (one for 8 KiB of it)"},
        {"help", OPTION_FLAG, &wants_help, NULL, "this text"},
        {"version", OPTION_FLAG, &wants_version, NULL, "the version"},
        {0},
    };
    int first;

    if (!options_read("tg-mkfs", rows, argc, argv, &first))
        return 2;
    if (wants_help || wants_version) {
        if (wants_version)
            puts("tg-mkfs " TOLLGATE_VERSION);
        else
            fputs(help, stdout);
        if (wants_help)
            options_help(rows);
        return 0;
    }
    if (!output) {
        complain("-o", "no image is named; tg-mkfs --help shows how");
        return 2;
    }
    if (inodes == 0)
        inodes = size / 8192;
    if (inodes > UINT32_MAX)
        inodes = UINT32_MAX;
    struct image image;
    const char *why = image_create(&image, size, (uint32_t)inodes);
    bool is_done = succeed(output, why);
    for (int i = first; i < argc && is_done; i++)
        is_done = add(&image, argv[i]);
    if (is_done)
        is_done = file_write("image", output, image.bytes, image.size);
    image_destroy(&image);
    return is_done ? 0 : why ? 2 : 1;
}
