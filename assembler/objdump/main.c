/* tg-objdump: command line. Manual: docs/toolchain.md, "tg-objdump". */
#include <stdlib.h>

#include "common/files.h"
#include "common/options.h"
#include "objdump/dump.h"

#define PROGRAM "tg-objdump"

static void print_help(const struct option_row *rows)
{
    puts("Usage: tg-objdump [-dSlrths] [-j SECTION] FILE...\n"
         "Shows what is in TG32 objects, executables and archives; without options, the code.\n\n"
         "  tg-objdump hello.tg         disassembly with names\n"
         "  tg-objdump -S hello.o       and with the lines of source\n"
         "  tg-objdump -dr libc.a       and with relocations, of each member\n");
    options_help(rows);
}

static bool dump_path(const char *path, const struct dump_options *options)
{
    struct file_bytes file;
    bool is_dumped;

    if (!file_read("input", path, TG_OBJ_MAX_BYTES, &file))
        return false;
    is_dumped = dump_file(path, file.bytes, file.size, options, stdout, stderr);
    free(file.bytes);
    return is_dumped;
}

int main(int argc, char **argv)
{
    struct dump_options o = {0};
    bool wants_help = false, wants_version = false, is_dumped = true;
    const struct option_row rows[] = {
        {"d", OPTION_FLAG, &o.code, NULL, "disassemble code"},
        {"S", OPTION_FLAG, &o.source, NULL, "disassemble with lines of source"},
        {"l", OPTION_FLAG, &o.lines, NULL, "disassemble with file names and line numbers"},
        {"r", OPTION_FLAG, &o.relocs, NULL, "relocations, with -d beside the instructions"},
        {"t", OPTION_FLAG, &o.symbols, NULL, "symbols"},
        {"h", OPTION_FLAG, &o.headers, NULL, "sections and segments"},
        {"s", OPTION_FLAG, &o.contents, NULL, "contents as hexadecimal numbers"},
        {"j", OPTION_TEXT, &o.section, "SECTION", "only of this section"},
        {"help", OPTION_FLAG, &wants_help, NULL, "print this"},
        {"version", OPTION_FLAG, &wants_version, NULL, "print the version"},
        {0}};
    int first;

    if (!options_read(PROGRAM, rows, argc, argv, &first))
        return 2;
    if (wants_help) {
        print_help(rows);
        return 0;
    }
    if (wants_version) {
        puts(PROGRAM " (Tollgate) " TOLLGATE_VERSION);
        return 0;
    }
    if (first == argc) {
        fputs(PROGRAM ": no file given; " PROGRAM " --help shows how\n", stderr);
        return 2;
    }
    if (o.source || o.lines || !(o.relocs || o.symbols || o.headers || o.contents))
        o.code = true;
    for (int i = first; i < argc; i++) {
        if (i > first)
            putchar('\n');
        is_dumped = dump_path(argv[i], &o) && is_dumped;
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror(PROGRAM ": standard output");
        return 1;
    }
    return is_dumped ? 0 : 1;
}
