/*
 * tg-fsck: says whether a disk image is as it should be. Manual: docs/turnpike.md, "Files".
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/files.h"
#include "common/options.h"
#include "mkfs/verify.h"

#define LARGEST_IMAGE ((size_t)1 << 32)

static const char help[] =
    "Usage: tg-fsck [OPTION]... IMAGE\n"
    "Checks a disk image with files of Turnpike: superblock, journal, maps, inodes, directories "
    "and\n"
    "links. Records that a power cut left in the journal are carried out first, in memory.\n\n"
    "  tg-fsck disk.img\n"
    "  tg-fsck --replay disk.img     and writes what the journal had to the image\n\n";

static void print(void *context, const char *line)
{
    printf("%s: %s\n", (const char *)context, line);
}

static int check(const char *name, bool wants_replay)
{
    struct file_bytes file;
    struct check_result result;

    if (!file_read("image", name, LARGEST_IMAGE, &file))
        return 2;
    if (image_check(file.bytes, file.size, print, (void *)(uintptr_t)name, &result) != 0) {
        fprintf(stderr, "tg-fsck: %s: not enough memory to check it\n", name);
        free(file.bytes);
        return 2;
    }
    bool is_written = true;
    if (wants_replay && result.records)
        is_written = file_write("image", name, file.bytes, file.size);
    free(file.bytes);
    if (result.findings == 0)
        printf("%s: in order: %u files, %u directories, %u of %u blocks and %u of %u inodes free, "
               "%u records in the journal, %u orphans\n",
               name, result.files, result.directories, result.free_blocks, result.blocks,
               result.free_inodes, result.inodes, result.records, result.orphans);
    else
        printf("%s: %u findings\n", name, result.findings);
    if (!is_written)
        return 2;
    return result.findings ? 1 : 0;
}

int main(int argc, char **argv)
{
    bool wants_replay = false, wants_help = false, wants_version = false;
    const struct option_row rows[] = {
        {"replay", OPTION_FLAG, &wants_replay, NULL, "write what is in the journal to its place"},
        {"help", OPTION_FLAG, &wants_help, NULL, "this text"},
        {"version", OPTION_FLAG, &wants_version, NULL, "the version"},
        {0},
    };
    int first;

    if (!options_read("tg-fsck", rows, argc, argv, &first))
        return 2;
    if (wants_version) {
        puts("tg-fsck " TOLLGATE_VERSION);
        return 0;
    }
    if (wants_help) {
        fputs(help, stdout);
        options_help(rows);
        puts("\nExit status: 0 in order, 1 findings, 2 wrong usage or unusable file.");
        return 0;
    }
    if (argc - first != 1) {
        fprintf(stderr, "tg-fsck: one image is to be named; tg-fsck --help shows how\n");
        return 2;
    }
    return check(argv[first], wants_replay);
}
