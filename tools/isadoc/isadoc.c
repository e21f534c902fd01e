/*
 * isadoc: rewrites the tables of a Markdown file between their marks, or checks that they are up to
 * date. The text between the marks is the tables' (tables.c); everything else in the file is left
 * alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/options.h"
#include "isadoc/tables.h"

#define PROGRAM    "isadoc"
#define FILE_LIMIT (16u << 20)
#define MARK_BEGIN "<!-- begin table "
#define MARK_END   "<!-- end table "
#define MARK_CLOSE " -->"
#define NAME_BYTES 64

enum { EXIT_DIFFERENT = 1, EXIT_USAGE = 2 };

/* A line of the file, with its newline; length 0 after the last. */
struct line {
    const char *text;
    size_t length;
    unsigned number;
};

/* Where reading is, and for error messages in which file. */
struct reader {
    const char *path;
    const char *next;
    unsigned number;
};

static struct line read_line(struct reader *reader)
{
    const char *end = strchr(reader->next, '\n');
    size_t length = end ? (size_t)(end - reader->next) + 1 : strlen(reader->next);
    struct line line = {reader->next, length, ++reader->number};

    reader->next += length;
    return line;
}

/* Whether the line is that mark of a table; if so puts the table's name into ret_name. */
static bool is_mark(struct line line, const char *mark, char ret_name[NAME_BYTES])
{
    size_t start = strlen(mark), length;
    const char *close;

    if (line.length < start || strncmp(line.text, mark, start) != 0)
        return false;
    close = strstr(line.text + start, MARK_CLOSE);
    if (!close || close > line.text + line.length)
        return false;
    length = (size_t)(close - line.text) - start;
    if (length >= NAME_BYTES)
        return false;
    memcpy(ret_name, line.text + start, length);
    ret_name[length] = 0;
    return true;
}

static bool fail(const struct reader *reader, unsigned number, const char *what, const char *name)
{
    fprintf(stderr, PROGRAM ": %s:%u: %s '%s'\n", reader->path, number, what, name);
    return false;
}

static bool fail_unknown(const struct reader *reader, unsigned number, const char *name)
{
    const char *names[64];
    size_t count = tables_names(names, sizeof(names) / sizeof(names[0]));
    const char *near = nearest_name(name, names, count);

    fail(reader, number, "there is no table", name);
    fputs("tables are:", stderr);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, " %s", names[i]);
    fprintf(stderr, near ? "; did you mean %s?\n" : "\n", near);
    return false;
}

/* Skips to the end mark of the table that began at line number, and copies that mark. */
static bool copy_end(struct reader *reader, unsigned number, const char *name, FILE *out)
{
    char other[NAME_BYTES];
    struct line line;

    while ((line = read_line(reader)).length > 0) {
        if (is_mark(line, MARK_BEGIN, other))
            break;
        if (!is_mark(line, MARK_END, other))
            continue;
        if (strcmp(name, other) != 0)
            return fail(reader, line.number, "expected the end of another table, found that of",
                        other);
        fwrite(line.text, 1, line.length, out);
        return true;
    }
    return fail(reader, number, "no end mark follows the begin mark of table", name);
}

/* Copies the text to out with fresh tables. Returns false after printing why. */
static bool rewrite(const char *path, const char *text, FILE *out)
{
    struct reader reader = {path, text, 0};
    char name[NAME_BYTES];
    struct line line;

    while ((line = read_line(&reader)).length > 0) {
        if (is_mark(line, MARK_END, name))
            return fail(&reader, line.number, "there is no begin mark before the end of table",
                        name);
        fwrite(line.text, 1, line.length, out);
        if (!is_mark(line, MARK_BEGIN, name))
            continue;
        if (!tables_write(name, out))
            return fail_unknown(&reader, line.number, name);
        if (!copy_end(&reader, line.number, name, out))
            return false;
    }
    return true;
}

static void print_line(const char *what, struct line line)
{
    int length = (int)(line.length > 0 && line.text[line.length - 1] == '\n' ? line.length - 1
                                                                             : line.length);

    fprintf(stderr, "  %s: %.*s\n", what, length, line.text);
}

/* Prints the first line in which the texts differ, and what mends it. */
static int check(const char *path, const char *found, const char *expected, const char *program)
{
    struct reader a = {path, found, 0}, b = {path, expected, 0};
    struct line old, new;

    do {
        old = read_line(&a);
        new = read_line(&b);
        if (old.length != new.length || memcmp(old.text, new.text, old.length) != 0) {
            fprintf(stderr, PROGRAM ": %s:%u: a table is out of date\n", path, old.number);
            print_line("found   ", old);
            print_line("expected", new);
            fprintf(stderr, "  to mend it: %s %s\n", program, path);
            return EXIT_DIFFERENT;
        }
    } while (old.length > 0);
    return EXIT_SUCCESS;
}

/* Rewrites or checks one file; returns an exit status. */
static int process(const char *path, bool is_check, const char *program)
{
    struct file_bytes file;
    char *text = NULL;
    size_t size = 0;
    FILE *out;
    int status = EXIT_FAILURE;

    if (!file_read("the manual", path, FILE_LIMIT, &file))
        return EXIT_USAGE;
    out = open_memstream(&text, &size);
    if (!out) {
        free(file.bytes);
        fprintf(stderr, PROGRAM ": not enough memory\n");
        return EXIT_FAILURE;
    }
    if (!rewrite(path, (const char *)file.bytes, out))
        fclose(out);
    else if (fclose(out) != 0)
        fprintf(stderr, PROGRAM ": not enough memory\n");
    else if (is_check)
        status = check(path, (const char *)file.bytes, text, program);
    else if (size == file.size && memcmp(text, file.bytes, size) == 0)
        status = EXIT_SUCCESS;
    else
        status = file_write("the manual", path, text, size) ? EXIT_SUCCESS : EXIT_FAILURE;
    free(text);
    free(file.bytes);
    return status;
}

static void print_help(const struct option_row *rows)
{
    puts("usage: isadoc [--check] FILE.md...\n"
         "Rewrites the tables of the manuals between the lines\n"
         "  <!-- begin table NAME -->  and  <!-- end table NAME -->\n");
    options_help(rows);
    puts("\nexample: isadoc --check docs/isa.md\n"
         "exit status: 0 done, or all tables are up to date; 1 --check found a difference, or a\n"
         "mark is wrong; 2 wrong usage or unreadable file");
}

int main(int argc, char **argv)
{
    bool is_check = false, is_help = false, is_version = false;
    const struct option_row rows[] = {
        {"check", OPTION_FLAG, &is_check, NULL, "change nothing; show the first difference"},
        {"help", OPTION_FLAG, &is_help, NULL, "show this text"},
        {"version", OPTION_FLAG, &is_version, NULL, "show the version"},
        {NULL, OPTION_FLAG, NULL, NULL, NULL},
    };
    int operand, status = EXIT_SUCCESS;

    if (!options_read(PROGRAM, rows, argc, argv, &operand))
        return EXIT_USAGE;
    if (is_help) {
        print_help(rows);
        return EXIT_SUCCESS;
    }
    if (is_version) {
        puts(PROGRAM " " TG_VERSION);
        return EXIT_SUCCESS;
    }
    if (operand == argc) {
        fprintf(stderr, PROGRAM ": no file, expected a Markdown file; try " PROGRAM " --help\n");
        return EXIT_USAGE;
    }
    for (; operand < argc && status == EXIT_SUCCESS; operand++)
        status = process(argv[operand], is_check, argv[0]);
    return status;
}
