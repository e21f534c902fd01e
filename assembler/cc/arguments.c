/* Reads the command line by the rows of options.def. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cc/cc.h"
#include "common/files.h"
#include "common/options.h"

enum form { FLAG, NEXT, JOINED, EITHER };

enum action {
    HELP,
    VERSION,
    STOP_OBJECT,
    STOP_TEXT,
    STOP_CPP,
    STOP_DEPENDS,
    OUTPUT,
    DEPENDS,
    DEPEND_FILE,
    DEPEND_NAME,
    COMPILE,
    LANGUAGE,
    VERBOSE,
    NO_STDLIB,
    NO_START,
    NO_LIBRARIES,
    NO_LIBC,
    NO_INCLUDE,
    FOR_TURNPIKE,
    FOR_TURNPIKE_SMALL,
    SCRIPT,
    LIBRARY,
    LINK,
    LINK_LIST,
    LINK_VALUE,
    ASSEMBLE_LIST,
    QUERY,
    NOTHING,
    REFUSE
};

struct row {
    const char *spelling;
    enum form form;
    enum action action;
    const char *help;
};

static const struct row rows[] = {
#define CC_OPTION(spelling, form, action, help) {spelling, form, action, help},
#include "cc/options.def"
};

struct reader {
    struct cc_arguments *arguments;
    char **argv; /* of the words still to read; ends with NULL */
    const char *language;
};

static const struct row *find_row(const char *word)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t length = strlen(rows[i].spelling);
        bool is_part = rows[i].form == JOINED || rows[i].form == EITHER;

        if (strncmp(word, rows[i].spelling, length) == 0 && (is_part || word[length] == '\0'))
            return &rows[i];
    }
    return NULL;
}

void cc_print_options(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *bar = strchr(rows[i].help, '|');
        char left[64];

        if (!bar)
            continue;
        snprintf(left, sizeof left, "%s%s%.*s", rows[i].spelling, rows[i].form == EITHER ? " " : "",
                 (int)(bar - rows[i].help), rows[i].help);
        printf("  %-18s %s\n", left, bar + 1);
    }
}

/* --- Inputs
 * ----------------------------------------------------------------------------------------- */

static bool has_ending(const char *name, const char *ending)
{
    size_t length = strlen(name), ending_length = strlen(ending);

    return length >= ending_length && strcmp(name + length - ending_length, ending) == 0;
}

static enum cc_kind kind_of(const char *name, const char *language)
{
    if (language)
        return strcmp(language, "assembler") == 0            ? CC_ASSEMBLY
               : strcmp(language, "assembler-with-cpp") == 0 ? CC_ASSEMBLY_CPP
                                                             : CC_SOURCE;
    if (has_ending(name, ".s"))
        return CC_ASSEMBLY;
    if (has_ending(name, ".S"))
        return CC_ASSEMBLY_CPP;
    /* Standard input is C for -E; for all else the compiler asks for -x. */
    return has_ending(name, ".c") || has_ending(name, ".i") || strcmp(name, "-") == 0 ? CC_SOURCE
                                                                                      : CC_OBJECT;
}

static void add_input(struct cc_arguments *arguments, struct cc_input input)
{
    /* One more than the words of the command line was allocated. */
    arguments->inputs[arguments->input_count++] = input;
}

/* --- Options
 * ---------------------------------------------------------------------------------------- */

static void add_words(struct words *words, const char *list)
{
    while (*list) {
        size_t length = strcspn(list, ",");

        words_add(words, cc_format("%.*s", (int)length, list));
        list += length + (list[length] == ',');
    }
}

/* The values that go somewhere; false when the option is none of these. */
static bool keep_value(struct reader *r, enum action action, const char *value)
{
    struct cc_arguments *a = r->arguments;

    switch (action) {
    case OUTPUT:
        a->output = value;
        return true;
    case DEPEND_FILE:
        a->depend_file = value;
        return true;
    case DEPEND_NAME:
        a->depend_name = value;
        return true;
    case SCRIPT:
        a->script = value;
        return true;
    case LANGUAGE:
        r->language = strcmp(value, "none") == 0 ? NULL : value;
        return true;
    case LIBRARY:
        add_input(a, (struct cc_input){CC_LIBRARY, value, NULL});
        return true;
    case LINK_LIST:
        add_words(&a->link, value);
        return true;
    case ASSEMBLE_LIST:
        add_words(&a->assemble, value);
        return true;
    case LINK_VALUE:
        words_add(&a->link, value);
        return true;
    default:
        return false;
    }
}

static void set_flag(struct cc_arguments *a, enum action action)
{
    switch (action) {
    case HELP:
        a->is_help = true;
        break;
    case VERSION:
        a->is_version = true;
        break;
    case VERBOSE:
        a->is_verbose = true;
        break;
    case STOP_OBJECT:
        a->stop = CC_STOP_OBJECT;
        break;
    case STOP_TEXT:
        a->stop = CC_STOP_TEXT;
        break;
    case STOP_CPP:
        a->stop = CC_STOP_CPP;
        break;
    case STOP_DEPENDS:
        a->stop = CC_STOP_DEPENDS;
        break;
    case DEPENDS:
        a->has_depends = true;
        break;
    case NO_STDLIB:
        a->has_no_start = a->has_no_libraries = true;
        break;
    case NO_START:
        a->has_no_start = true;
        break;
    case NO_LIBRARIES:
        a->has_no_libraries = true;
        break;
    case NO_LIBC:
        a->has_no_libc = true;
        break;
    case NO_INCLUDE:
        a->has_no_include = true;
        break;
    case FOR_TURNPIKE:
        a->system = CC_TURNPIKE;
        break;
    case FOR_TURNPIKE_SMALL:
        a->system = CC_TURNPIKE_SMALL;
        break;
    case QUERY:
        a->is_query = true;
        break;
    default:
        break;
    }
}

static bool is_for_compiler(enum action action)
{
    return action == COMPILE || action == DEPENDS || action == STOP_DEPENDS ||
           action == NO_INCLUDE || action == QUERY;
}

/* Takes in the option at r->argv[0], with the word after it if that is its value. */
static bool read_option(struct reader *r, const struct row *row)
{
    struct cc_arguments *a = r->arguments;
    const char *word = r->argv[0], *value = word + strlen(row->spelling);
    bool is_next = row->form == NEXT || (row->form == EITHER && *value == '\0');

    if (row->action == REFUSE)
        return cc_fail("%s: not possible here: programs for TG32 are always compiled for RV32IMA "
                       "with ilp32, and linked once and statically",
                       word);
    if (is_next) {
        value = r->argv[1];
        if (!value)
            return cc_fail("%s: expected a value after it", word);
        r->argv++;
    }
    if (row->form != FLAG && keep_value(r, row->action, value))
        return true;
    set_flag(a, row->action);
    if (is_for_compiler(row->action) || row->action == LINK) {
        struct words *words = row->action == LINK ? &a->link : &a->compile;

        words_add(words, word);
        if (is_next)
            words_add(words, value);
    }
    return true;
}

/* What a command without a source comes from: often a mistyped option, which is kept for the
 * compiler. */
static bool complain_of_nothing(const struct cc_arguments *a)
{
    const char *names[sizeof rows / sizeof rows[0]], *near;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        names[i] = rows[i].spelling;
    for (size_t i = 0; i < a->compile.count; i++) {
        near = nearest_name(a->compile.list[i], names, sizeof rows / sizeof rows[0]);
        if (!find_row(a->compile.list[i]) && near)
            return cc_fail("unknown option %s, and no source; did you mean %s?", a->compile.list[i],
                           near);
    }
    return cc_fail("expected a source or an object; " CC_PROGRAM " --help shows how");
}

static bool check(const struct cc_arguments *a)
{
    size_t sources = 0;

    for (size_t i = 0; i < a->input_count; i++)
        sources += a->inputs[i].kind < CC_OBJECT;
    if (a->input_count == 0)
        return complain_of_nothing(a);
    if (a->stop != CC_LINK && sources == 0)
        return cc_fail("expected a source to compile; only linking takes objects and libraries");
    if (a->stop != CC_LINK && sources > 1 && a->output)
        return cc_fail("-o %s: one output for %zu sources; without -o each has its own", a->output,
                       sources);
    for (size_t i = 0; a->output && i < a->input_count; i++)
        if (a->inputs[i].kind != CC_LIBRARY && file_is_same(a->output, a->inputs[i].name))
            return cc_fail("-o %s: this would replace the input %s", a->output, a->inputs[i].name);
    return true;
}

bool cc_read_arguments(int argc, char **argv, struct cc_arguments *ret_arguments)
{
    struct cc_arguments arguments = {0};
    struct reader r = {&arguments, argv + 1, NULL};

    arguments.inputs = cc_alloc(((size_t)argc + 1) * sizeof *arguments.inputs);
    for (; *r.argv; r.argv++) {
        const char *word = *r.argv;
        const struct row *row = find_row(word);

        if (word[0] != '-' || word[1] == '\0')
            add_input(&arguments, (struct cc_input){kind_of(word, r.language), word, r.language});
        else if (!row)
            words_add(&arguments.compile, word);
        else if (!read_option(&r, row))
            return false;
    }
    arguments.is_version |= arguments.is_verbose && argc == 2;
    *ret_arguments = arguments;
    return arguments.is_help || arguments.is_version || arguments.is_query || check(&arguments);
}
