/*
 * Reads linker scripts: a subset of GNU ld's language (docs/toolchain.md, "Linker scripts"). The
 * built-in layouts are scripts too. Reading stops at the first error, which says where it is and
 * what was expected.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/options.h"
#include "ld/link.h"

/* A script nests and an expression grows no further than a person would write them. */
#define DEEPEST    64
#define MOST_NODES 1000

struct parser {
    struct ld_link *link;
    const char *file;
    const char *start, *at; /* the text, which ends with a zero byte */
    unsigned line;
    unsigned depth, nodes; /* of the expression being read */
    bool has_failed;
};

/* --- Characters and words ----------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static void fail(struct parser *p, const char *format, ...)
{
    const char *line_start = p->at;
    char text[500];
    va_list arguments;

    if (p->has_failed)
        return; /* the first one is the cause */
    p->has_failed = true;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    while (line_start > p->start && line_start[-1] != '\n')
        line_start--;
    int column = (int)(p->at - line_start), length = (int)strcspn(line_start, "\n");

    if (p->line == 0) {
        ld_error(p->link, "%s: %s", p->file, text);
        return;
    }
    ld_error(p->link, "%s:%u:%d: %s", p->file, p->line, column + 1, text);
    if (length < 200) {
        ld_note(p->link, "%.*s", length, line_start);
        ld_note(p->link, "%*s^", column, "");
    }
}

static void skip_space(struct parser *p)
{
    for (;;) {
        if (p->at[0] == '/' && p->at[1] == '*') {
            const char *end = strstr(p->at + 2, "*/");

            if (!end) {
                fail(p, "this comment has no end");
                p->at += strlen(p->at);
                return;
            }
            for (; p->at < end + 2; p->at++)
                p->line += *p->at == '\n';
        } else if (isspace((unsigned char)*p->at)) {
            p->line += *p->at++ == '\n';
        } else {
            return;
        }
    }
}

static bool is_next(struct parser *p, const char *text)
{
    skip_space(p);
    return !p->has_failed && strncmp(p->at, text, strlen(text)) == 0;
}

static bool accept(struct parser *p, const char *text)
{
    if (!is_next(p, text))
        return false;
    p->at += strlen(text);
    return true;
}

/* What is next, for messages. */
static const char *found(struct parser *p)
{
    size_t length;

    skip_space(p);
    if (!*p->at)
        return "the end";
    length = strcspn(p->at, " \t\r\n(){};:,=");
    if (length > 40)
        length = 40;
    return ld_text(p->link, p->at, length ? length : 1);
}

static bool expect(struct parser *p, const char *text, const char *after)
{
    if (accept(p, text))
        return true;
    fail(p, "expected %s %s, found %s", text, after, found(p));
    return false;
}

static bool is_name_start(char c)
{
    return isalpha((unsigned char)c) || c == '_' || c == '.' || c == '$';
}

static bool is_name_part(char c)
{
    return is_name_start(c) || isdigit((unsigned char)c);
}

/* A symbol, section or keyword, perhaps in quotes; NULL if there is none. */
static const char *accept_name(struct parser *p)
{
    const char *start;

    skip_space(p);
    if (p->has_failed)
        return NULL;
    start = p->at;
    if (*start == '"') {
        size_t length = strcspn(start + 1, "\"\n");

        if (start[length + 1] != '"') {
            fail(p, "this quote has no end on its line");
            return NULL;
        }
        p->at += length + 2;
        return ld_text(p->link, start + 1, length);
    }
    if (*start == '/' && strncmp(start, "/DISCARD/", 9) == 0)
        p->at += 9;
    else if (is_name_start(*start))
        while (is_name_part(*p->at))
            p->at++;
    return p->at > start ? ld_text(p->link, start, (size_t)(p->at - start)) : NULL;
}

static const char *expect_name(struct parser *p, const char *what)
{
    const char *name = accept_name(p);

    if (!name)
        fail(p, "expected %s, found %s", what, found(p));
    return name;
}

/* A glob of files or sections. */
static const char *expect_glob(struct parser *p, const char *what)
{
    size_t length;

    skip_space(p);
    if (p->has_failed)
        return NULL;
    length = strcspn(p->at, " \t\r\n(){};,=\"");
    if (length == 0) {
        fail(p, "expected %s, found %s", what, found(p));
        return NULL;
    }
    p->at += length;
    return ld_text(p->link, p->at - length, length);
}

/* Whether the name is this word and an opening parenthesis follows, which is taken too. */
static bool is_call(struct parser *p, const char *name, const char *word)
{
    return name && strcmp(name, word) == 0 && accept(p, "(");
}

static struct ld_place place_of(const struct parser *p)
{
    return (struct ld_place){p->file, p->line};
}

/* --- Expressions -------------------------------------------------------------------- */

static const struct {
    const char *text; /* longer ones before their beginnings */
    int level;        /* higher binds closer */
    enum ld_operator op;
} binary_operators[] = {
    {"||", 1, LD_EITHER},     {"&&", 2, LD_BOTH},       {"==", 6, LD_EQUAL},
    {"!=", 6, LD_NOT_EQUAL},  {"<<", 8, LD_SHIFT_LEFT}, {">>", 8, LD_SHIFT_RIGHT},
    {"<=", 7, LD_LESS_EQUAL}, {"<", 7, LD_LESS},        {">=", 7, LD_GREATER_EQUAL},
    {">", 7, LD_GREATER},     {"|", 3, LD_OR},          {"^", 4, LD_XOR},
    {"&", 5, LD_AND},         {"+", 9, LD_ADD},         {"-", 9, LD_SUBTRACT},
    {"*", 10, LD_MULTIPLY},   {"/", 10, LD_DIVIDE},     {"%", 10, LD_REMAINDER},
};

/* Functions of one name or of one or two expressions. */
static const struct {
    const char *name;
    enum ld_operator op;
    enum { OF_NAME, OF_ONE, OF_TWO, OF_ONE_OR_TWO } arguments;
} functions[] = {
    {"ALIGN", LD_ALIGN, OF_ONE_OR_TWO}, {"MIN", LD_MINIMUM, OF_TWO},
    {"MAX", LD_MAXIMUM, OF_TWO},        {"ABSOLUTE", LD_ABSOLUTE, OF_ONE},
    {"DEFINED", LD_DEFINED, OF_NAME},   {"ADDR", LD_ADDRESS, OF_NAME},
    {"SIZEOF", LD_SIZE, OF_NAME},       {"LOADADDR", LD_LOAD_ADDRESS, OF_NAME},
    {"ALIGNOF", LD_ALIGNMENT, OF_NAME},
};

static struct ld_expression *read_expression(struct parser *p);

static struct ld_expression *node(struct parser *p, enum ld_operator op, struct ld_expression *a,
                                  struct ld_expression *b)
{
    struct ld_expression *expression = ld_alloc(p->link, sizeof *expression);

    if (++p->nodes > MOST_NODES)
        fail(p, "this expression has more than %d parts", MOST_NODES);
    *expression = (struct ld_expression){.op = op, .a = a, .b = b, .place = place_of(p)};
    return expression;
}

static struct ld_expression *read_number(struct parser *p)
{
    struct ld_expression *expression = node(p, LD_NUMBER, NULL, NULL);
    unsigned long long number;
    char *end;

    number = strtoull(p->at, &end, 0);
    if (*end == 'K' || *end == 'k' || *end == 'M' || *end == 'm') {
        number = number <= UINT32_MAX ? number << (toupper((unsigned char)*end) == 'K' ? 10 : 20)
                                      : number;
        end++;
    }
    if (number > UINT32_MAX)
        fail(p, "this number has more than 32 bits");
    else if (is_name_part(*end))
        fail(p, "expected a number such as 4096, 0x1000, 4K or 1M, found %s", found(p));
    p->at = end;
    expression->number = (uint32_t)number;
    return expression;
}

static struct ld_expression *read_function(struct parser *p, size_t index)
{
    struct ld_expression *call = node(p, functions[index].op, NULL, NULL);

    if (functions[index].arguments == OF_NAME) {
        call->name = expect_name(p, "a name");
    } else {
        call->a = read_expression(p);
        if (functions[index].arguments == OF_TWO && expect(p, ",", "and a second value"))
            call->b = read_expression(p);
        if (functions[index].arguments == OF_ONE_OR_TWO) {
            /* ALIGN(n) is ALIGN(., n) */
            call->b = accept(p, ",") ? read_expression(p) : call->a;
            if (call->b == call->a)
                call->a = node(p, LD_DOT, NULL, NULL);
        }
    }
    expect(p, ")", "at the end of what is in parentheses");
    return call;
}

static struct ld_expression *read_name(struct parser *p)
{
    const char *name = accept_name(p);
    const char *names[sizeof functions / sizeof functions[0]], *near;
    struct ld_expression *expression;

    if (!name) {
        fail(p, "expected a number, symbol or function, found %s", found(p));
        return node(p, LD_NUMBER, NULL, NULL);
    }
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        names[i] = functions[i].name;
        if (is_call(p, name, names[i]))
            return read_function(p, i);
    }
    if (is_next(p, "(")) {
        near = nearest_name(name, names, sizeof names / sizeof names[0]);
        fail(p, "unknown function %s%s%s", name, near ? "; did you mean " : "",
             near ? ld_format(p->link, "%s?", near) : "");
    }
    expression = node(p, strcmp(name, ".") == 0 ? LD_DOT : LD_SYMBOL, NULL, NULL);
    expression->name = name;
    return expression;
}

static struct ld_expression *read_unary(struct parser *p)
{
    static const struct {
        const char *text;
        enum ld_operator op;
    } operators[] = {{"-", LD_NEGATE}, {"~", LD_COMPLEMENT}, {"!", LD_NOT}};
    struct ld_expression *expression;

    if (p->depth >= DEEPEST) {
        fail(p, "this expression is nested too deeply");
        return node(p, LD_NUMBER, NULL, NULL);
    }
    p->depth++;
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++)
        if (accept(p, operators[i].text)) {
            expression = node(p, operators[i].op, read_unary(p), NULL);
            p->depth--;
            return expression;
        }
    if (accept(p, "(")) {
        expression = read_expression(p);
        expect(p, ")", "at the end of what is in parentheses");
    } else if (isdigit((unsigned char)*p->at) && !p->has_failed) {
        expression = read_number(p);
    } else {
        expression = read_name(p);
    }
    p->depth--;
    return expression;
}

/* The operator that is next; -1: none, or it is the beginning of an assignment. */
static int next_operator(struct parser *p)
{
    skip_space(p);
    for (size_t i = 0; i < sizeof binary_operators / sizeof binary_operators[0]; i++)
        if (is_next(p, binary_operators[i].text))
            return (int)i;
    return -1;
}

static struct ld_expression *read_binary(struct parser *p, int level)
{
    struct ld_expression *left = read_unary(p);

    for (;;) {
        int index = next_operator(p);

        if (index < 0 || binary_operators[index].level < level || p->has_failed)
            return left;
        p->at += strlen(binary_operators[index].text);
        left = node(p, binary_operators[index].op, left,
                    read_binary(p, binary_operators[index].level + 1));
    }
}

static struct ld_expression *read_expression(struct parser *p)
{
    struct ld_expression *expression = read_binary(p, 1), *choice;

    if (!accept(p, "?"))
        return expression;
    if (++p->depth >= DEEPEST) {
        fail(p, "this expression is nested too deeply");
        return expression;
    }
    choice = node(p, LD_CHOOSE, expression, NULL);
    choice->b = read_expression(p);
    if (expect(p, ":", "between the two values after ?"))
        choice->c = read_expression(p);
    p->depth--;
    return choice;
}

static struct ld_expression *read_whole_expression(struct parser *p)
{
    p->depth = p->nodes = 0;
    return read_expression(p);
}

/* --- Statements --------------------------------------------------------------------- */

/* A list of statements, to which the parser appends. */
struct list {
    struct ld_statement **end;
};

static struct ld_statement *append(struct parser *p, struct list *list, enum ld_statement_kind kind)
{
    struct ld_statement *statement = ld_alloc(p->link, sizeof *statement);

    *statement = (struct ld_statement){.kind = kind, .place = place_of(p)};
    *list->end = statement;
    list->end = &statement->next;
    return statement;
}

/* The operator of an assignment, as a binary one; LD_NUMBER: "=". */
static bool accept_assignment(struct parser *p, enum ld_operator *ret_operator)
{
    static const struct {
        const char *text;
        enum ld_operator op;
    } operators[] = {{"=", LD_NUMBER},    {"+=", LD_ADD},         {"-=", LD_SUBTRACT},
                     {"*=", LD_MULTIPLY}, {"/=", LD_DIVIDE},      {"&=", LD_AND},
                     {"|=", LD_OR},       {"<<=", LD_SHIFT_LEFT}, {">>=", LD_SHIFT_RIGHT}};

    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++)
        if (accept(p, operators[i].text)) {
            *ret_operator = operators[i].op;
            return true;
        }
    return false;
}

/* What follows the name and operator of an assignment. */
static struct ld_statement *read_assignment(struct parser *p, struct list *list, const char *name,
                                            enum ld_operator op)
{
    struct ld_statement *statement = append(p, list, LD_ASSIGN);
    bool is_dot = strcmp(name, ".") == 0;

    statement->name = name;
    statement->expression = read_whole_expression(p);
    if (op != LD_NUMBER) {
        struct ld_expression *old = node(p, is_dot ? LD_DOT : LD_SYMBOL, NULL, NULL);

        old->name = name;
        statement->expression = node(p, op, old, statement->expression);
    }
    return statement;
}

/* PROVIDE(name = value) and its relatives, after the opening parenthesis. */
static void read_provide(struct parser *p, struct list *list, bool is_provided, bool is_hidden)
{
    const char *name = expect_name(p, "a symbol");
    struct ld_statement *statement;

    if (!name || !expect(p, "=", "after the symbol"))
        return;
    if (strcmp(name, ".") == 0)
        fail(p, "the location . cannot be provided; expected a symbol");
    statement = read_assignment(p, list, name, LD_NUMBER);
    statement->is_provided = is_provided;
    statement->is_hidden = is_hidden;
    if (expect(p, ")", "after the value"))
        accept(p, ";");
}

static void read_assert(struct parser *p, struct list *list)
{
    struct ld_statement *statement = append(p, list, LD_ASSERT);

    statement->expression = read_whole_expression(p);
    if (expect(p, ",", "after what must be true"))
        statement->name = expect_name(p, "a message in quotes");
    if (expect(p, ")", "after the message"))
        accept(p, ";");
}

static void read_entry(struct parser *p)
{
    p->link->entry_place = place_of(p);
    p->link->entry = expect_name(p, "a symbol");
    if (expect(p, ")", "after the symbol"))
        accept(p, ";");
}

/* What can stand anywhere: assignments and calls. Returns false, having taken the name only, if it
 * begins something else. */
static bool read_common_statement(struct parser *p, struct list *list, const char *name)
{
    enum ld_operator op;

    if (is_call(p, name, "PROVIDE"))
        read_provide(p, list, true, false);
    else if (is_call(p, name, "PROVIDE_HIDDEN"))
        read_provide(p, list, true, true);
    else if (is_call(p, name, "HIDDEN"))
        read_provide(p, list, false, true);
    else if (is_call(p, name, "ASSERT"))
        read_assert(p, list);
    else if (accept_assignment(p, &op)) {
        read_assignment(p, list, name, op);
        expect(p, ";", "after the value");
    } else
        return false;
    return true;
}

/* --- Output sections ---------------------------------------------------------------- */

static void read_excluded(struct parser *p, struct ld_pattern *pattern)
{
    while (!p->has_failed && !accept(p, ")")) {
        const char *glob = expect_glob(p, "a file in EXCLUDE_FILE");

        if (glob)
            LD_ADD_TO(p->link, pattern->excluded, pattern->excluded_count, glob);
    }
}

static enum ld_sort accept_sort(struct parser *p)
{
    static const struct {
        const char *text;
        enum ld_sort sort;
    } words[] = {{"SORT_BY_INIT_PRIORITY", LD_SORT_PRIORITY},
                 {"SORT_BY_NAME", LD_SORT_NAME},
                 {"SORT", LD_SORT_NAME}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (accept(p, words[i].text)) {
            expect(p, "(", "and a pattern");
            return words[i].sort;
        }
    return LD_SORT_NONE;
}

/* "file(patterns)". Patterns that are sorted get a statement each: only what matches one of them is
 * in order. */
static void read_input(struct parser *p, struct list *list, bool is_kept)
{
    const char *file = expect_glob(p, "} or files, as in *(.text)");
    struct ld_statement *statement = NULL;

    if (!file || !expect(p, "(", "and patterns of sections after files"))
        return;
    do {
        struct ld_pattern pattern = {0};
        enum ld_sort sort = accept_sort(p);

        if (accept(p, "EXCLUDE_FILE") && expect(p, "(", "and files"))
            read_excluded(p, &pattern);
        pattern.glob = expect_glob(p, "a pattern of sections");
        if (sort != LD_SORT_NONE)
            expect(p, ")", "after the pattern that is sorted");
        if (!statement || sort != statement->sort || sort != LD_SORT_NONE) {
            statement = append(p, list, LD_INPUT);
            statement->file = file;
            statement->sort = sort;
            statement->is_kept = is_kept;
        }
        LD_ADD_TO(p->link, statement->patterns, statement->pattern_count, pattern);
        accept(p, ",");
    } while (!p->has_failed && !accept(p, ")"));
}

static bool read_data(struct parser *p, struct list *list, const char *name)
{
    static const struct {
        const char *name;
        uint32_t bytes;
    } words[] = {{"BYTE", 1}, {"SHORT", 2}, {"LONG", 4}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (is_call(p, name, words[i].name)) {
            struct ld_statement *statement = append(p, list, LD_DATA);

            statement->bytes = words[i].bytes;
            statement->expression = read_whole_expression(p);
            if (expect(p, ")", "after the value"))
                accept(p, ";");
            return true;
        }
    return false;
}

static void read_body_statement(struct parser *p, struct list *list)
{
    const char *start = p->at, *name = accept_name(p);
    unsigned line = p->line;

    if (is_call(p, name, "KEEP")) {
        read_input(p, list, true);
        expect(p, ")", "at the end of KEEP");
        return;
    }
    if (name && (read_common_statement(p, list, name) || read_data(p, list, name)))
        return;
    p->at = start; /* files then */
    p->line = line;
    read_input(p, list, false);
}

static void read_body(struct parser *p, struct ld_output *output)
{
    struct list list = {&output->body};

    if (!expect(p, "{", "and the contents of the section"))
        return;
    while (!p->has_failed && !accept(p, "}"))
        if (!accept(p, ";"))
            read_body_statement(p, &list);
    if (accept(p, "="))
        output->fill = read_whole_expression(p);
    if (is_next(p, ">") || is_next(p, "AT"))
        fail(p, "memory regions are not supported; give addresses: NAME ADDRESS : AT(ADDRESS)");
    else if (is_next(p, ":"))
        fail(p, "program headers are not supported; they are made from the sections");
    accept(p, ",");
}

/* What follows the name of an output section. */
static void read_output(struct parser *p, struct list *list, const char *name)
{
    struct ld_output *output = ld_alloc(p->link, sizeof *output);

    append(p, list, LD_OUTPUT)->output = output;
    *output = (struct ld_output){
        .name = name, .place = place_of(p), .is_discard = strcmp(name, "/DISCARD/") == 0};
    *p->link->outputs_end = output;
    p->link->outputs_end = &output->next;
    if (!is_next(p, ":") && !is_next(p, "(NOLOAD)"))
        output->address_expression = read_whole_expression(p);
    output->is_noload = accept(p, "(NOLOAD)");
    if (!expect(p, ":", "after the section's name and address"))
        return;
    while (!p->has_failed && !is_next(p, "{")) {
        const char *word = accept_name(p);

        if (is_call(p, word, "AT"))
            output->load_expression = read_whole_expression(p);
        else if (is_call(p, word, "ALIGN"))
            output->align_expression = read_whole_expression(p);
        else
            fail(p, "expected AT(...), ALIGN(...) or {, found %s", word ? word : found(p));
        expect(p, ")", "after the value");
    }
    read_body(p, output);
}

static void read_sections(struct parser *p, struct list *list)
{
    if (!expect(p, "{", "after SECTIONS"))
        return;
    while (!p->has_failed && !accept(p, "}")) {
        const char *name;

        if (accept(p, ";"))
            continue;
        name = expect_name(p, "an output section, a symbol or }");
        if (is_call(p, name, "ENTRY"))
            read_entry(p);
        else if (name && !read_common_statement(p, list, name))
            read_output(p, list, name);
    }
}

/* --- All ---------------------------------------------------------------------------- */

static void unknown_statement(struct parser *p, const char *name)
{
    static const char *const known[] = {"ENTRY",  "SECTIONS",       "PROVIDE",
                                        "ASSERT", "PROVIDE_HIDDEN", "HIDDEN"};
    const char *near = nearest_name(name, known, sizeof known / sizeof known[0]);

    if (strcmp(name, "MEMORY") == 0 || strcmp(name, "PHDRS") == 0)
        fail(p, "%s is not supported; give addresses in SECTIONS, headers are made from them",
             name);
    else if (strncmp(name, "OUTPUT_", 7) == 0)
        fail(p, "%s is not supported: there is one format and machine; leave it out", name);
    else
        fail(p, "expected a statement, found %s%s%s", name, near ? "; did you mean " : "",
             near ? ld_format(p->link, "%s?", near) : "");
}

bool ld_read_script(struct ld_link *link, const char *file, const char *text)
{
    struct parser p = {.link = link, .file = file, .start = text, .at = text, .line = 1};
    struct list list = {link->script_end};

    while (skip_space(&p), *p.at && !p.has_failed) {
        const char *name;

        if (accept(&p, ";"))
            continue;
        name = expect_name(&p, "a statement, such as ENTRY or SECTIONS");
        if (is_call(&p, name, "ENTRY"))
            read_entry(&p);
        else if (name && strcmp(name, "SECTIONS") == 0)
            read_sections(&p, &list);
        else if (name && !read_common_statement(&p, &list, name))
            unknown_statement(&p, name);
    }
    link->script_end = list.end;
    return !p.has_failed;
}

bool ld_read_defsym(struct ld_link *link, const char *text)
{
    struct parser p = {
        .link = link, .file = ld_format(link, "--defsym %s", text), .start = text, .at = text};
    struct list list = {link->script_end};
    const char *name = expect_name(&p, "SYMBOL=VALUE");

    if (name && expect(&p, "=", "after the symbol"))
        read_assignment(&p, &list, name, LD_NUMBER);
    skip_space(&p);
    if (*p.at)
        fail(&p, "expected nothing after the value, found %s", found(&p));
    link->script_end = list.end;
    return !p.has_failed;
}
