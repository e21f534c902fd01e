/* tg-retarget: the program around retarget.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/options.h"
#include "retarget/retarget.h"

#define PROGRAM "tg-retarget"

static const char usage[] =
    "usage: tg-retarget [--strip-debug] IN.o|IN.a -o OUT\n"
    "\n"
    "Turns an object for RISC-V (RV32IMA, ilp32), or an archive of such objects, into one for\n"
    "TG32: each instruction and each relocation into one of TG32's, everything where it was.\n"
    "What has no counterpart is told with its place and the reason, and nothing is written.\n"
    "\n";

static const char examples[] =
    "\n"
    "  clang --target=riscv32 -march=rv32ima -mabi=ilp32 -O2 -g -c part.c -o part.riscv.o\n"
    "  tg-retarget part.riscv.o -o part.o\n"
    "  tg-retarget /usr/lib/picolibc/riscv64-unknown-elf/lib/rv32im/ilp32/libc.a -o libc.a\n"
    "\n"
    "tg-cc does both in one command. Exit status: 0 done, 1 not possible, 2 wrong usage.\n";

/* Complaints that are printed; what was compiled wrongly has thousands. */
#define MOST_COMPLAINTS 25

static void print_complaint(void *context, const char *line)
{
    size_t *count = context;

    if (++*count <= MOST_COMPLAINTS)
        fprintf(stderr, PROGRAM ": %s\n", line);
}

static int rewrite_file(const char *in, const char *out, bool without_debug)
{
    size_t count = 0;
    const struct tg_retarget_options options = {print_complaint, &count, without_debug};
    struct file_bytes file;
    uint8_t *bytes = NULL;
    size_t size;
    bool is_done;

    if (!file_read("object", in, TG_OBJ_MAX_BYTES, &file))
        return 1;
    is_done = tg_retarget_file(file.bytes, file.size, in, &options, &bytes, &size) == 0 &&
              file_write("object", out, bytes, size);
    if (count > MOST_COMPLAINTS)
        fprintf(stderr, PROGRAM ": and %zu more\n", count - MOST_COMPLAINTS);
    free(bytes);
    free(file.bytes);
    return is_done ? 0 : 1;
}

int main(int argc, char **argv)
{
    bool is_help = false, is_version = false, without_debug = false;
    const char *out = NULL;
    int first;
    const struct option_row rows[] = {
        {"o", OPTION_TEXT, &out, "FILE", "what to write"},
        {"strip-debug", OPTION_FLAG, &without_debug, NULL,
         "leave out debug information, but for the tables by which callers are found"},
        {"help", OPTION_FLAG, &is_help, NULL, "this text"},
        {"version", OPTION_FLAG, &is_version, NULL, "the version"},
        {0},
    };

    if (!options_read(PROGRAM, rows, argc, argv, &first))
        return 2;
    if (is_help) {
        fputs(usage, stdout);
        options_help(rows);
        fputs(examples, stdout);
        return 0;
    }
    if (is_version) {
        puts(PROGRAM " " TG_VERSION);
        return 0;
    }
    if (argc - first != 1 || !out) {
        fprintf(stderr, PROGRAM ": expected one object or archive, and -o FILE; " PROGRAM
                                " --help shows how\n");
        return 2;
    }
    return rewrite_file(argv[first], out, without_debug);
}
