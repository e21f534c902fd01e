/*
 * tg-ld: command line and files. Options are GNU ld's where it has them; their order matters for
 * --whole-archive only. Manual: docs/toolchain.md, "Linking".
 */
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/options.h"
#include "common/response.h"
#include "ld/link.h"

#define LARGEST_SCRIPT (1 << 20)

enum kind { FLAG, NO_FLAG, TEXT, LIST, LIBRARY, IGNORED };

struct row {
    char letter;      /* 0: none */
    const char *name; /* with one dash or two; NULL ends the table */
    enum kind kind;
    void *target;
    size_t *count;        /* LIST */
    const char *argument; /* NULL: none */
    const char *help;     /* NULL: the help leaves it out */
};

/* What is to be linked, in order. */
struct item {
    const char *name;
    const char *called; /* in messages, the map and scripts; NULL: by its path */
    bool is_library, has_whole_archive;
};

struct program {
    struct ld_link link;
    const char *output, *map, *script, *layout;
    bool has_whole_archive; /* for what follows */
    const char *called;     /* the next file */
    bool wants_layout, wants_help, wants_version;
    struct item *items;
    size_t item_count;
};

/* --- Options ------------------------------------------------------------------------ */

static bool complain(const char *what, const char *option, const char *hint)
{
    fprintf(stderr, "tg-ld: %s %s%s\n", what, option, hint);
    return false;
}

static bool unknown(struct program *program, const struct row *rows, const char *word)
{
    const char *names[64], *near;
    size_t count = 0;

    for (; rows->name && count < sizeof names / sizeof names[0]; rows++)
        names[count++] = rows->name;
    near = nearest_name(word + strspn(word, "-"), names, count);
    if (near)
        near = ld_format(&program->link, "; did you mean --%s?", near);
    return complain("unknown option", word, near ? near : "; tg-ld --help lists all");
}

static void add_item(struct program *program, const char *name, bool is_library)
{
    LD_ADD_TO(&program->link, program->items, program->item_count,
              (struct item){name, program->called, is_library, program->has_whole_archive});
    program->called = NULL;
}

static void apply(struct program *program, const struct row *row, const char *value)
{
    switch (row->kind) {
    case FLAG:
    case NO_FLAG:
        *(bool *)row->target = row->kind == FLAG;
        break;
    case TEXT:
        *(const char **)row->target = value;
        break;
    case LIST: {
        const char ***list = row->target;

        LD_ADD_TO(&program->link, *list, *row->count, value);
        break;
    }
    case LIBRARY:
        add_item(program, value, true);
        break;
    case IGNORED:
        break;
    }
}

/* The row of an option that begins with a dash, and the value that is in the same word. */
static const struct row *find_row(const struct row *rows, const char *word, const char **ret_value)
{
    const char *name = word + (word[1] == '-' ? 2 : 1);
    size_t length = strcspn(name, "=");

    for (const struct row *row = rows; row->name; row++)
        if (strlen(row->name) == length && strncmp(row->name, name, length) == 0) {
            *ret_value = name[length] ? name + length + 1 : NULL;
            return row;
        }
    for (const struct row *row = rows; row->name && name == word + 1; row++)
        if (row->letter == name[0] && (row->argument || name[1] == '\0')) {
            *ret_value = name[1] ? name + 1 : NULL;
            return row;
        }
    return NULL;
}

static bool read_arguments(struct program *program, const struct row *rows, int argc, char **argv)
{
    bool has_options = true;

    for (int i = 1; i < argc; i++) {
        const char *value = NULL;
        const struct row *row;

        if (!has_options || argv[i][0] != '-' || argv[i][1] == '\0') {
            add_item(program, argv[i], false);
            continue;
        }
        if (strcmp(argv[i], "--") == 0) {
            has_options = false;
            continue;
        }
        row = find_row(rows, argv[i], &value);
        if (!row)
            return unknown(program, rows, argv[i]);
        if (!row->argument && value && row->kind != IGNORED)
            return complain("a value where none is taken:", argv[i], "");
        if (row->argument && !value && i + 1 == argc)
            return complain("a value is missing after", argv[i], "; tg-ld --help shows it");
        if (row->argument && !value)
            value = argv[++i];
        apply(program, row, value);
    }
    return true;
}

static void print_help(const struct row *rows)
{
    const char *meaning, *name;

    puts("Usage: tg-ld [OPTION]... -o OUT FILE...\n"
         "Links TG32 objects and archives to a program. @FILE: the words in FILE.\n\n"
         "  tg-ld -o hello.tg hello.o console.o            a program that runs by itself\n"
         "  tg-ld --layout kernel -Map k.map -o k.tg *.o   a kernel, and a list of what is where\n"
         "  tg-ld -T my.ld -o out.tg a.o -L lib -lc        by a script of one's own\n");
    for (; rows->name; rows++) {
        char left[64], letter[8] = "";

        if (!rows->help)
            continue;
        if (rows->letter)
            snprintf(letter, sizeof letter, "-%c,", rows->letter);
        snprintf(left, sizeof left, "%-3s --%s %s", letter, rows->name,
                 rows->argument ? rows->argument : "");
        printf("  %-31s %s\n", left, rows->help);
    }
    puts("\nLayouts:");
    for (size_t i = 0; (name = ld_layout_name(i, &meaning)); i++)
        printf("  %-10s %s\n", name, meaning);
}

/* --- Running ------------------------------------------------------------------------ */

/* The script's name and text. Returns false after a message. */
static bool find_script(struct program *program, struct file_bytes *file, const char **ret_name,
                        const char **ret_text)
{
    const char *names[8], *meaning, *near;
    size_t count = 0;

    if (program->script) {
        *ret_name = program->script;
        if (!file_read("script", program->script, LARGEST_SCRIPT, file))
            return false;
        *ret_text = (const char *)file->bytes;
        if (strlen(*ret_text) != file->size)
            return complain("script", program->script, ": not a text: it has a zero byte");
        return true;
    }
    *ret_name = ld_format(&program->link, "layout %s", program->layout);
    *ret_text = ld_layout_script(program->layout);
    if (*ret_text)
        return true;
    while (count < 8 && (names[count] = ld_layout_name(count, &meaning)))
        count++;
    near = nearest_name(program->layout, names, count);
    return complain("unknown layout", program->layout,
                    near ? ld_format(&program->link, "; did you mean %s?", near)
                         : "; tg-ld --help lists all");
}

static bool write_map(struct program *program)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream;
    bool is_written;

    if (!program->map)
        return true;
    stream = open_memstream(&text, &size);
    if (stream)
        ld_write_map(&program->link, stream);
    if (!stream || fclose(stream) != 0)
        is_written = complain("no memory left for the map", program->map, "");
    else
        is_written = file_write("map", program->map, text, size);
    free(text);
    return is_written;
}

static bool link_items(struct program *program)
{
    struct ld_link *link = &program->link;
    uint8_t *bytes;
    size_t size;
    bool is_written;

    for (size_t i = 0; i < program->item_count; i++) {
        const struct item *item = &program->items[i];

        link->options.has_whole_archive = item->has_whole_archive;
        if (item->is_library)
            ld_add_library(link, item->name);
        else
            ld_add_file(link, item->name, item->called);
    }
    if (!ld_link(link, &bytes, &size))
        return false;
    is_written = write_map(program) && file_write("output", program->output, bytes, size);
    free(bytes);
    return is_written;
}

/* Whether an output would take the place of an input. */
static bool destroys_input(const struct program *program)
{
    for (size_t i = 0; i < program->item_count; i++) {
        const char *input = program->items[i].name;

        if (!program->items[i].is_library &&
            (file_is_same(program->output, input) ||
             (program->map && file_is_same(program->map, input)))) {
            complain("-o or -Map would replace the input", input, "");
            return true;
        }
    }
    return false;
}

/* Exit status. */
static int run(struct program *program)
{
    struct file_bytes file = {0};
    const char *name, *text;
    bool is_linked = false;

    if (program->script && program->layout) {
        complain("-T and --layout together:", program->layout, "; give one of them");
        return 2;
    }
    if (!program->layout)
        program->layout = "bare";
    if (!find_script(program, &file, &name, &text)) {
        free(file.bytes);
        return 2;
    }
    if (program->wants_layout && program->item_count > 0) {
        complain("a file where none is needed:", program->items[0].name,
                 "; --layout NAME chooses what --show-layout prints");
        free(file.bytes);
        return 2;
    }
    if (program->wants_layout) {
        fputs(text, stdout);
        is_linked = true;
    } else if (program->item_count == 0) {
        complain("no files to link;", "tg-ld --help", " shows how");
        free(file.bytes);
        return 2;
    } else if (destroys_input(program)) {
        free(file.bytes);
        return 2;
    } else if (file_is_writable("output", program->output) &&
               (!program->map || file_is_writable("map", program->map))) {
        is_linked = ld_begin(&program->link, name, text) && link_items(program);
    }
    free(file.bytes);
    return is_linked ? 0 : 1;
}

static int link_words(int argc, char **argv)
{
    struct program program = {.output = "a.tg"};
    struct ld_options *o = &program.link.options;
    const struct row rows[] = {
        {'o', "output", TEXT, &program.output, NULL, "FILE", "the program; a.tg if not given"},
        {0, "layout", TEXT, &program.layout, NULL, "NAME", "a built-in layout, see below"},
        {'T', "script", TEXT, &program.script, NULL, "FILE", "a linker script instead"},
        {0, "show-layout", FLAG, &program.wants_layout, NULL, NULL,
         "print the layout as a script, and end"},
        {0, "Map", TEXT, &program.map, NULL, "FILE", "write what is where, and why"},
        {'e', "entry", TEXT, &o->entry, NULL, "SYMBOL", "where execution starts; _start"},
        {'L', "library-path", LIST, &o->folders, &o->folder_count, "FOLDER",
         "look for libraries there"},
        {'l', "library", LIBRARY, NULL, NULL, "NAME", "link with libNAME.a"},
        {'u', "undefined", LIST, &o->wanted, &o->wanted_count, "SYMBOL",
         "take what defines it out of archives"},
        {0, "defsym", LIST, &o->defsyms, &o->defsym_count, "SYMBOL=VALUE", "define a symbol"},
        {0, "gc-sections", FLAG, &o->has_gc, NULL, NULL, "leave out sections nothing refers to"},
        {0, "no-gc-sections", NO_FLAG, &o->has_gc, NULL, NULL, "keep them (the default)"},
        {'s', "strip-all", FLAG, &o->is_stripped, NULL, NULL, "leave out symbols and debugging"},
        {'S', "strip-debug", FLAG, &o->is_stripped_of_debug, NULL, NULL,
         "leave out debug information"},
        {0, "whole-archive", FLAG, &program.has_whole_archive, NULL, NULL,
         "take all members of the archives after it"},
        {0, "no-whole-archive", NO_FLAG, &program.has_whole_archive, NULL, NULL,
         "only those needed (the default)"},
        {0, "call", TEXT, &program.called, NULL, "NAME",
         "what the file after it is called in messages, map and script"},
        {'(', "start-group", IGNORED, NULL, NULL, NULL, "nothing: order is of no importance"},
        {')', "end-group", IGNORED, NULL, NULL, NULL, "likewise"},
    /* What makefiles for other systems ask of their linker, and what is so here anyway. */
#define ANYWAY(letter, name, argument) {letter, name, IGNORED, NULL, NULL, argument, NULL}
        ANYWAY('z', "z", "WORD"),
        ANYWAY('O', "O", "LEVEL"),
        ANYWAY('E', "export-dynamic", NULL),
        ANYWAY(0, "rpath", "FOLDER"),
        ANYWAY(0, "hash-style", "STYLE"),
        ANYWAY(0, "build-id", NULL),
        ANYWAY(0, "as-needed", NULL),
        ANYWAY(0, "no-as-needed", NULL),
        ANYWAY(0, "no-undefined", NULL),
        ANYWAY(0, "Bstatic", NULL),
        ANYWAY(0, "static", NULL),
        ANYWAY(0, "relax", NULL),
        ANYWAY(0, "no-relax", NULL),
        ANYWAY(0, "eh-frame-hdr", NULL),
        ANYWAY(0, "sort-common", NULL),
        ANYWAY(0, "warn-common", NULL),
        ANYWAY(0, "fatal-warnings", NULL),
        ANYWAY(0, "no-warn-rwx-segments", NULL),
#undef ANYWAY
        {0, "help", FLAG, &program.wants_help, NULL, NULL, "print this"},
        {0, "version", FLAG, &program.wants_version, NULL, NULL, "print the version"},
        {0}};
    int status = 0;

    ld_init(&program.link, stderr);
    if (!read_arguments(&program, rows, argc, argv))
        status = 2;
    else if (program.wants_help)
        print_help(rows);
    else if (program.wants_version)
        puts("tg-ld (Tollgate) " TOLLGATE_VERSION);
    else
        status = run(&program);
    ld_finish(&program.link);
    return status;
}

int main(int argc, char **argv)
{
    struct response_words words;
    int status = 2;

    if (response_read("tg-ld", argc, argv, &words))
        status = link_words(words.count, words.list);
    response_finish(&words);
    return status;
}
