/*
 * Expressions: from text to a tree. See expression.h for the language. Recursive descent, bounded by the depth of the tree and a
 * count of what is open, so no text can exhaust the stack.
 */
#include "debug/expression.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debug/expression_internal.h"

#define MAX_OPEN 100 /* brackets, unary operators and so on inside each other */

enum token_kind { END, NUMBER, TEXT, NAME, DOLLAR, PHYS, PUNCTUATION, BAD };

struct token {
    enum token_kind kind;
    size_t at, length;
    uint64_t number;
    struct tg_type type; /* of a number */
    const char *name;    /* of names and texts, ended by a zero */
    size_t name_length;
    const char *problem; /* of a BAD one */
};

struct parser {
    struct tg_expression *expression;
    const char *text;
    size_t length, at; /* at: after the token at hand */
    struct token token;
    size_t end; /* of the last token that was taken */
    const struct tg_scope *scope;
    struct tg_expression_error *error;
    unsigned open;
    bool is_failed, has_no_memory;
};

/* A parse that failed gives this node; it is never evaluated. */
#define NOWHERE UINT16_MAX

/* --- Errors --------------------------------------------------------------------------------------------- */

__attribute__((format(printf, 4, 5))) static uint16_t fail(struct parser *p, size_t at, size_t length,
                                                           const char *format, ...)
{
    if (p->is_failed)
        return NOWHERE;
    p->is_failed = true;
    va_list arguments;
    va_start(arguments, format);
    if (p->error != NULL) {
        p->error->column = (unsigned)at + 1;
        p->error->length = (unsigned)length;
        vsnprintf(p->error->text, sizeof p->error->text, format, arguments);
    }
    va_end(arguments);
    return NOWHERE;
}

/* "expected WHAT, found TOKEN" at the token at hand. */
static uint16_t expected(struct parser *p, const char *what)
{
    const struct token *token = &p->token;
    int shown = token->length < 40 ? (int)token->length : 40;
    if (token->kind == END)
        return fail(p, p->length, 0, "expected %s, found the end", what);
    if (token->kind == BAD)
        return fail(p, token->at, token->length, "%s: \"%.*s\"", token->problem, shown,
                    p->text + token->at);
    return fail(p, token->at, token->length, "expected %s, found \"%.*s\"", what, shown,
                p->text + token->at);
}

/* --- Tokens ----------------------------------------------------------------------------------------------- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char at(const struct parser *p, size_t index)
{
    return index < p->length ? p->text[index] : '\0';
}

/* Copies into the expression's names, which have room for it: no part of the text is copied more than twice. */
static void keep_name(struct parser *p, const char *name, size_t length)
{
    struct tg_expression *expression = p->expression;
    char *to = expression->names + expression->names_used;
    memcpy(to, name, length);
    to[length] = '\0';
    p->token.name = to;
    p->token.name_length = length;
    expression->names_used += length + 1;
}

static void bad(struct parser *p, size_t length, const char *problem)
{
    p->token.kind = BAD;
    p->token.length = length;
    p->token.problem = problem;
}

static unsigned digit_of(char c)
{
    return is_digit(c)              ? (unsigned)(c - '0')
           : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
           : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                  : 99;
}

/* u and l after a number, and the type that C gives it. */
static bool number_type(struct parser *p, size_t suffix, size_t end, bool is_decimal)
{
    unsigned longs = 0, is_unsigned = 0;
    uint64_t number = p->token.number;
    for (; suffix < end; suffix++) {
        char c = (char)(p->text[suffix] | 0x20);
        if (c == 'u')
            is_unsigned++;
        else if (c == 'l')
            longs++;
        else
            return false;
    }
    bool is_long = longs > 1 || number > UINT32_MAX || (is_decimal && !is_unsigned && number > INT32_MAX);
    is_unsigned |= number > INT64_MAX || (!is_long && number > INT32_MAX);
    p->token.type = tg_type_of(is_long       ? is_unsigned ? TG_PLAIN_UNSIGNED_LONG_LONG : TG_PLAIN_LONG_LONG
                               : is_unsigned ? TG_PLAIN_UNSIGNED
                                             : TG_PLAIN_INT);
    return longs <= 2;
}

/* 1.5, 2e3: digits of C's strtod, copied so that they end. */
static bool read_float(struct parser *p, size_t end)
{
    char digits[64], *stop;
    size_t length = end - p->token.at;
    double number;
    if (length >= sizeof digits)
        return false;
    memcpy(digits, p->text + p->token.at, length);
    digits[length] = '\0';
    number = strtod(digits, &stop);
    memcpy(&p->token.number, &number, sizeof number);
    p->token.type = tg_type_of(TG_PLAIN_DOUBLE);
    return *stop == '\0';
}

static void read_number(struct parser *p)
{
    struct token *token = &p->token;
    size_t digits = token->at, end = token->at;
    unsigned base = 10;
    bool is_float = false, is_too_large = false;
    if (at(p, digits) == '0') {
        char c = (char)(at(p, digits + 1) | 0x20);
        base = c == 'x' ? 16 : c == 'b' ? 2 : 8;
        digits += base == 8 ? 0 : 2;
    }
    while (is_letter(at(p, end)) || is_digit(at(p, end)) || (at(p, end) == '.' && base != 16 && base != 2)) {
        is_float = is_float || at(p, end) == '.' || (base == 10 && (at(p, end) | 0x20) == 'e');
        end++;
        if (is_float && (at(p, end) == '-' || at(p, end) == '+') && (at(p, end - 1) | 0x20) == 'e')
            end++;
    }
    token->kind = NUMBER;
    token->length = end - token->at;
    if (is_float) {
        if (!read_float(p, end))
            bad(p, token->length, "not a number");
        return;
    }
    size_t next = digits;
    for (; next < end && digit_of(p->text[next]) < base; next++) {
        is_too_large = is_too_large || token->number > (UINT64_MAX - digit_of(p->text[next])) / base;
        token->number = token->number * base + digit_of(p->text[next]);
    }
    if (next == digits || !number_type(p, next, end, base == 10))
        bad(p, token->length, "not a number");
    else if (is_too_large)
        bad(p, token->length, "a number has at most 64 bits");
}

/* The character or escape at *index, which goes on past it. */
static uint8_t read_escape(const struct parser *p, size_t *index)
{
    static const char letters[] = "abtnvfre", codes[] = "\a\b\t\n\v\f\r\x1b";
    char c = at(p, (*index)++);
    unsigned number = 0;
    if (c != '\\')
        return (uint8_t)c;
    c = at(p, (*index)++);
    const char *found = c != '\0' ? strchr(letters, c) : NULL;
    if (found != NULL)
        return (uint8_t)codes[found - letters];
    if (c == 'x') {
        for (unsigned i = 0; i < 2 && digit_of(at(p, *index)) < 16; i++)
            number = number * 16 + digit_of(at(p, (*index)++));
        return (uint8_t)number;
    }
    if (digit_of(c) >= 8)
        return (uint8_t)c;
    number = digit_of(c);
    for (unsigned i = 0; i < 2 && digit_of(at(p, *index)) < 8; i++)
        number = number * 8 + digit_of(at(p, (*index)++));
    return (uint8_t)number;
}

/* 'c', "text", and 'file.c'::name. */
static void read_quoted(struct parser *p, char quote)
{
    struct token *token = &p->token;
    size_t index = token->at + 1, count = 0;
    char *to = p->expression->names + p->expression->names_used;
    while (index < p->length && p->text[index] != quote)
        to[count++] = (char)read_escape(p, &index);
    if (index >= p->length) {
        bad(p, p->length - token->at, "a quote that does not end");
        return;
    }
    index++;
    to[count] = '\0';
    token->name = to;
    token->name_length = count;
    token->length = index - token->at;
    token->kind = TEXT;
    if (quote == '"') {
        p->expression->names_used += count + 1;
        return;
    }
    if (at(p, index) == ':' && at(p, index + 1) == ':') {
        size_t end = index + 2;
        while (is_letter(at(p, end)) || is_digit(at(p, end)))
            end++;
        memcpy(to + count, p->text + index, end - index);
        count += end - index;
        to[count] = '\0';
        token->name_length = count;
        token->length = end - token->at;
        token->kind = NAME;
        p->expression->names_used += count + 1;
        return;
    }
    if (count != 1)
        bad(p, token->length, "a character has one letter between quotes");
    token->kind = token->kind == BAD ? BAD : NUMBER;
    token->number = count == 1 ? (uint8_t)to[0] : 0;
    token->type = tg_type_of(TG_PLAIN_CHAR);
}

static size_t word_end(const struct parser *p, size_t index)
{
    while (is_letter(at(p, index)) || is_digit(at(p, index)))
        index++;
    return index;
}

/* Where a file's name before :: ends; from when there is none. */
static size_t file_end(const struct parser *p, size_t from)
{
    size_t end = from;
    bool has_dot = false;
    while (is_letter(at(p, end)) || is_digit(at(p, end)) || at(p, end) == '.' || at(p, end) == '/' ||
           at(p, end) == '-')
        has_dot = at(p, end++) == '.' || has_dot;
    return has_dot && at(p, end) == ':' && at(p, end + 1) == ':' ? end : from;
}

/* A word, and what :: puts after it. */
static void read_name(struct parser *p)
{
    struct token *token = &p->token;
    size_t end = word_end(p, token->at), file = file_end(p, token->at);
    if (file != token->at)
        end = file;
    while (at(p, end) == ':' && at(p, end + 1) == ':' && is_letter(at(p, end + 2)))
        end = word_end(p, end + 2);
    token->length = end - token->at;
    token->kind = NAME;
    if (token->length == 4 && memcmp(p->text + token->at, "phys", 4) == 0 && at(p, end) == ':') {
        token->kind = PHYS;
        token->length = 5;
        return;
    }
    keep_name(p, p->text + token->at, token->length);
}

static const char *const punctuation[] = {
    "<<=", ">>=", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "+=", "-=",
    "*=",  "/=",  "%=", "&=", "|=", "^=", "+",  "-",  "*",  "/",  "%",  "&",  "|",  "^",  "~",
    "!",   "<",   ">",  "=",  "?",  ":",  "(",  ")",  "[",  "]",  ".",  ",",  "@"};

static void read_punctuation(struct parser *p)
{
    struct token *token = &p->token;
    for (size_t i = 0; i < sizeof punctuation / sizeof *punctuation; i++) {
        size_t length = strlen(punctuation[i]);
        if (length > p->length - token->at ||
            memcmp(p->text + token->at, punctuation[i], length) != 0)
            continue;
        token->kind = PUNCTUATION;
        token->length = length;
        return;
    }
    bad(p, 1, "this has no meaning here");
}

static void next(struct parser *p)
{
    p->end = p->token.at + p->token.length;
    while (p->at < p->length && (p->text[p->at] == ' ' || p->text[p->at] == '\t'))
        p->at++;
    p->token = (struct token){.kind = END, .at = p->at};
    char c = at(p, p->at);
    if (p->at >= p->length)
        return;
    if (is_digit(c) || (c == '.' && is_digit(at(p, p->at + 1))))
        read_number(p);
    else if (is_letter(c))
        read_name(p);
    else if (c == '\'' || c == '"')
        read_quoted(p, c);
    else if (c == '$') {
        size_t end = p->at + 1;
        while (is_letter(at(p, end)) || is_digit(at(p, end)) || at(p, end) == '$')
            end++;
        p->token.kind = DOLLAR;
        p->token.length = end - p->at;
        keep_name(p, p->text + p->at + 1, end - p->at - 1);
    } else
        read_punctuation(p);
    p->at = p->token.at + p->token.length;
}

static bool is_at(const struct parser *p, const char *text)
{
    size_t length = strlen(text);
    return p->token.kind == PUNCTUATION && p->token.length == length &&
           memcmp(p->text + p->token.at, text, length) == 0;
}

static bool is_word(const struct parser *p, const char *word)
{
    return p->token.kind == NAME && strcmp(p->token.name, word) == 0;
}

/* A place to come back to: what follows turned out to be something else. */
struct mark {
    size_t at, end, names_used;
    struct token token;
};

static struct mark mark_here(const struct parser *p)
{
    return (struct mark){p->at, p->end, p->expression->names_used, p->token};
}

static void go_back(struct parser *p, const struct mark *mark)
{
    p->at = mark->at;
    p->end = mark->end;
    p->expression->names_used = mark->names_used;
    p->token = mark->token;
}

/* --- Nodes -------------------------------------------------------------------------------------------------- */

static uint16_t depth_of(const struct parser *p, uint16_t node)
{
    return node != NOWHERE ? p->expression->nodes[node].depth : 0;
}

/* Adds node, whose children are set (NOWHERE: none). */
static uint16_t add(struct parser *p, struct tg_node node, const struct token *token)
{
    struct tg_expression *expression = p->expression;
    uint16_t a = depth_of(p, node.a), b = depth_of(p, node.b), c = depth_of(p, node.c);
    if (p->is_failed)
        return NOWHERE;
    node.depth = (uint16_t)(1 + (a > b ? a > c ? a : c : b > c ? b : c));
    if (expression->count == TG_EXPRESSION_MAX_NODES || node.depth > TG_EXPRESSION_MAX_DEPTH)
        return fail(p, token->at, token->length, "the expression is too long or too deep");
    if (expression->count == expression->room) {
        uint16_t room = (uint16_t)(expression->room != 0 ? expression->room * 2 : 16);
        struct tg_node *nodes = realloc(expression->nodes, room * sizeof *nodes);
        if (nodes == NULL) {
            p->has_no_memory = true;
            return fail(p, token->at, token->length, "no memory left");
        }
        expression->nodes = nodes;
        expression->room = room;
    }
    node.column = (uint16_t)(token->at + 1);
    node.length = (uint16_t)token->length;
    expression->nodes[expression->count] = node;
    return expression->count++;
}

static uint16_t parse(struct parser *p, int least);
static uint16_t parse_unary(struct parser *p);

static bool expect(struct parser *p, const char *text, const char *what)
{
    if (!is_at(p, text)) {
        expected(p, what);
        return false;
    }
    next(p);
    return true;
}

/* --- Types in casts and sizeof --------------------------------------------------------------------------------- */

static bool is_type_word(const struct parser *p)
{
    static const char *const words[] = {"struct", "union", "enum",     "const", "volatile", "unsigned",
                                        "signed", "long",  "short",    "int",   "char",     "void"};
    struct tg_type type;
    struct tg_value value;
    if (p->token.kind != NAME)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(p->token.name, words[i]) == 0)
            return true;
    struct tg_program *program = p->scope != NULL ? p->scope->program : NULL;
    bool is_type = tg_type_by_name(program, p->token.name, p->token.name_length, &type);
    for (size_t i = 0; p->scope != NULL && i < p->scope->other_count && !is_type; i++)
        is_type = tg_type_by_name(p->scope->others[i], p->token.name, p->token.name_length, &type);
    return is_type && !(p->scope != NULL && tg_scope_variable(p->scope, p->token.name,
                                                              p->token.name_length, &value));
}

static bool find_type(const struct parser *p, const char *name, struct tg_type *ret_type)
{
    if (p->scope == NULL)
        return tg_type_by_name(NULL, name, strlen(name), ret_type);
    if (tg_type_by_name(p->scope->program, name, strlen(name), ret_type))
        return true;
    for (size_t i = 0; i < p->scope->other_count; i++)
        if (tg_type_by_name(p->scope->others[i], name, strlen(name), ret_type))
            return true;
    return false;
}

/* The words of a type's name, and the * and [N] after it; the token at hand begins it. False: failed. */
static bool parse_type(struct parser *p, struct tg_type *ret_type)
{
    static const char *const integers[] = {"unsigned", "signed", "long", "short", "int", "char"};
    char name[256] = "";
    struct token first = p->token;
    bool has_integer = false, has_name = false;
    while (p->token.kind == NAME && !has_name) {
        bool is_integer = false;
        for (size_t i = 0; i < sizeof integers / sizeof *integers; i++)
            is_integer = is_integer || is_word(p, integers[i]);
        bool is_prefix = is_word(p, "const") || is_word(p, "volatile") || is_word(p, "struct") ||
                         is_word(p, "union") || is_word(p, "enum");
        if (has_integer && !is_integer && !is_prefix)
            break;
        if (strlen(name) + p->token.name_length + 2 > sizeof name) {
            fail(p, first.at, first.length, "the type's name is too long");
            return false;
        }
        if (name[0] != '\0')
            strcat(name, " ");
        strcat(name, p->token.name);
        has_integer = has_integer || is_integer;
        has_name = !is_integer && !is_prefix;
        next(p);
    }
    if (!find_type(p, name, ret_type)) {
        fail(p, first.at, p->end - first.at, "there is no type \"%.100s\"", name);
        return false;
    }
    while (is_at(p, "*") || is_word(p, "const") || is_word(p, "volatile")) {
        if (is_at(p, "*"))
            *ret_type = tg_type_pointer_to(*ret_type);
        next(p);
    }
    if (is_at(p, "[")) {
        next(p);
        if (p->token.kind != NUMBER || p->token.number == 0 || p->token.number > UINT32_MAX) {
            expected(p, "a number of elements");
            return false;
        }
        if (ret_type->count != 0 || tg_type_kind(*ret_type) == TG_TYPE_VOID) {
            fail(p, first.at, p->end - first.at, "arrays of \"%.100s\" are not possible here", name);
            return false;
        }
        ret_type->count = (uint32_t)p->token.number;
        next(p);
        return expect(p, "]", "\"]\"");
    }
    return true;
}

/* --- Operands ---------------------------------------------------------------------------------------------------- */

static uint16_t parse_operand(struct parser *p)
{
    struct token token = p->token;
    struct tg_node node = {.a = NOWHERE, .b = NOWHERE, .c = NOWHERE, .number = token.number,
                           .type = token.type, .name = token.name,
                           .name_length = (uint16_t)token.name_length};
    switch (token.kind) {
    case NUMBER:
        node.kind = TG_NODE_NUMBER;
        break;
    case TEXT:
        node.kind = TG_NODE_TEXT;
        break;
    case NAME:
        node.kind = TG_NODE_NAME;
        break;
    case DOLLAR:
        node.kind = TG_NODE_DOLLAR;
        break;
    default:
        if (!is_at(p, "("))
            return expected(p, "a number, a name, a register or \"(\"");
        next(p);
        uint16_t inner = parse(p, 0);
        if (!p->is_failed)
            expect(p, ")", "\")\" or an operator");
        return inner;
    }
    next(p);
    return add(p, node, &token);
}

static uint16_t parse_postfix(struct parser *p)
{
    uint16_t node = parse_operand(p);
    while (!p->is_failed) {
        struct token token = p->token;
        if (is_at(p, "[")) {
            next(p);
            uint16_t index = parse(p, 0);
            if (p->is_failed || !expect(p, "]", "\"]\" or an operator"))
                return NOWHERE;
            node = add(p, (struct tg_node){.kind = TG_NODE_INDEX, .a = node, .b = index, .c = NOWHERE},
                       &token);
        } else if (is_at(p, ".") || is_at(p, "->")) {
            next(p);
            token = p->token;
            if (token.kind != NAME)
                return expected(p, "the name of a member");
            next(p);
            node = add(p, (struct tg_node){.kind = TG_NODE_MEMBER, .a = node, .b = NOWHERE, .c = NOWHERE,
                                           .name = token.name,
                                           .name_length = (uint16_t)token.name_length},
                       &token);
        } else if (is_at(p, "++") || is_at(p, "--")) {
            return fail(p, token.at, token.length, "there is no \"%.2s\" here; write = with + 1 or - 1",
                        p->text + token.at);
        } else if (is_at(p, "(")) {
            return fail(p, token.at, token.length, "functions of the guest are not called from here");
        } else {
            break;
        }
    }
    return node;
}

/* (TYPE)a, or NOWHERE without a failure: the bracket is an ordinary one. */
static uint16_t parse_cast(struct parser *p)
{
    struct mark mark = mark_here(p);
    struct token token = p->token;
    struct tg_type type;
    next(p);
    if (!is_type_word(p)) {
        go_back(p, &mark);
        return NOWHERE;
    }
    if (!parse_type(p, &type) || !expect(p, ")", "\")\" or \"*\""))
        return NOWHERE;
    uint16_t inner = parse_unary(p);
    return add(p, (struct tg_node){.kind = TG_NODE_CAST, .a = inner, .b = NOWHERE, .c = NOWHERE, .type = type},
               &token);
}

static uint16_t parse_sizeof(struct parser *p)
{
    struct token token = p->token;
    struct tg_type type;
    next(p);
    struct mark mark = mark_here(p);
    if (is_at(p, "(")) {
        next(p);
        if (is_type_word(p)) {
            if (!parse_type(p, &type) || !expect(p, ")", "\")\" or \"*\""))
                return NOWHERE;
            return add(p, (struct tg_node){.kind = TG_NODE_NUMBER, .a = NOWHERE, .b = NOWHERE, .c = NOWHERE,
                                           .number = tg_type_size(type),
                                           .type = tg_type_of(TG_PLAIN_UNSIGNED)},
                       &token);
        }
        go_back(p, &mark);
    }
    uint16_t inner = parse_unary(p);
    return add(p, (struct tg_node){.kind = TG_NODE_SIZEOF, .a = inner, .b = NOWHERE, .c = NOWHERE}, &token);
}

static uint16_t parse_prefix(struct parser *p)
{
    static const struct {
        const char *text;
        enum tg_op op;
    } prefixes[] = {{"-", TG_OP_SUBTRACT}, {"+", TG_OP_ADD},      {"!", TG_OP_NOT},
                    {"~", TG_OP_INVERT},   {"*", TG_OP_MULTIPLY}, {"&", TG_OP_AND}};
    struct token token = p->token;
    struct tg_node node = {.kind = TG_NODE_UNARY, .b = NOWHERE, .c = NOWHERE};
    if (token.kind == PHYS)
        node.kind = TG_NODE_PHYSICAL;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (is_at(p, prefixes[i].text))
            node.op = prefixes[i].op;
    if (node.op == TG_OP_NONE && node.kind != TG_NODE_PHYSICAL)
        return NOWHERE;
    next(p);
    node.a = parse_unary(p);
    return add(p, node, &token);
}

static uint16_t parse_unary(struct parser *p)
{
    uint16_t node = NOWHERE;
    if (p->is_failed)
        return NOWHERE;
    if (p->open == MAX_OPEN)
        return fail(p, p->token.at, p->token.length, "the expression is too long or too deep");
    p->open++;
    if (is_word(p, "sizeof"))
        node = parse_sizeof(p);
    else if (is_at(p, "("))
        node = parse_cast(p);
    else
        node = parse_prefix(p);
    if (node == NOWHERE && !p->is_failed)
        node = parse_postfix(p);
    p->open--;
    return node;
}

/* --- Binary operators ------------------------------------------------------------------------------------------------ */

struct binary {
    const char *text;
    enum tg_op op;
    int level; /* higher binds tighter */
};

/* C's levels, with @ below + and -. The assignments are level 1, ?: is level 2. */
static const struct binary binaries[] = {
    {",", TG_OP_COMMA, 0},        {"||", TG_OP_LOGICAL_OR, 3},  {"&&", TG_OP_LOGICAL_AND, 4},
    {"|", TG_OP_OR, 5},           {"^", TG_OP_XOR, 6},          {"&", TG_OP_AND, 7},
    {"==", TG_OP_EQUAL, 8},       {"!=", TG_OP_UNEQUAL, 8},     {"<", TG_OP_LESS, 9},
    {"<=", TG_OP_LESS_EQUAL, 9},  {">", TG_OP_GREATER, 9},      {">=", TG_OP_GREATER_EQUAL, 9},
    {"<<", TG_OP_SHIFT_LEFT, 10}, {">>", TG_OP_SHIFT_RIGHT, 10}, {"@", TG_OP_REPEAT, 11},
    {"+", TG_OP_ADD, 12},         {"-", TG_OP_SUBTRACT, 12},    {"*", TG_OP_MULTIPLY, 13},
    {"/", TG_OP_DIVIDE, 13},      {"%", TG_OP_REMAINDER, 13}};

static const struct binary *binary_here(const struct parser *p)
{
    for (size_t i = 0; i < sizeof binaries / sizeof *binaries; i++)
        if (is_at(p, binaries[i].text))
            return &binaries[i];
    return NULL;
}

/* Operators that bind at least as tight as least, 0: all but assignments. */
static uint16_t parse(struct parser *p, int least)
{
    if (p->open == MAX_OPEN)
        return fail(p, p->token.at, p->token.length, "the expression is too long or too deep");
    p->open++;
    uint16_t node = parse_unary(p);
    while (!p->is_failed) {
        struct token token = p->token;
        const struct binary *binary = binary_here(p);
        if (binary != NULL && binary->level >= least) {
            next(p);
            uint16_t right = parse(p, binary->level + 1);
            node = add(p, (struct tg_node){.kind = TG_NODE_BINARY, .op = binary->op, .a = node, .b = right,
                                           .c = NOWHERE},
                       &token);
        } else if (is_at(p, "?") && least <= 2) {
            next(p);
            uint16_t yes = parse(p, 1);
            if (p->is_failed || !expect(p, ":", "\":\" or an operator"))
                break;
            uint16_t no = parse(p, 2);
            node = add(p, (struct tg_node){.kind = TG_NODE_CHOICE, .a = node, .b = yes, .c = no}, &token);
        } else {
            break;
        }
    }
    p->open--;
    return node;
}

/* "=" or "op=" at hand: the operator before the =, NONE for a plain one. */
static bool is_assignment(const struct parser *p, enum tg_op *ret_op)
{
    char text[4] = "";
    if (p->token.kind != PUNCTUATION || p->text[p->token.at + p->token.length - 1] != '=' || is_at(p, "==") ||
        is_at(p, "!=") || is_at(p, "<=") || is_at(p, ">="))
        return false;
    *ret_op = TG_OP_NONE;
    memcpy(text, p->text + p->token.at, p->token.length - 1);
    for (size_t i = 0; i < sizeof binaries / sizeof *binaries; i++)
        if (strcmp(text, binaries[i].text) == 0)
            *ret_op = binaries[i].op;
    return true;
}

static uint16_t parse_whole(struct parser *p, bool is_part)
{
    enum tg_op op;
    /* where more may follow the expression, a comma does not belong to it */
    uint16_t node = parse(p, is_part ? 1 : 0);
    struct token token = p->token;
    if (p->is_failed || !is_assignment(p, &op))
        return node;
    next(p);
    uint16_t right = parse(p, is_part ? 1 : 0);
    if (!p->is_failed && is_assignment(p, &op))
        return fail(p, p->token.at, p->token.length, "only one assignment is possible at a time");
    return add(p, (struct tg_node){.kind = TG_NODE_ASSIGN, .op = op, .a = node, .b = right, .c = NOWHERE},
               &token);
}

/* --- Interface ------------------------------------------------------------------------------------------------------------ */

static struct tg_expression *create(const char *text, size_t length)
{
    struct tg_expression *expression = calloc(1, sizeof *expression);
    if (expression == NULL)
        return NULL;
    expression->text = malloc(length + 1);
    expression->names = malloc(4 * length + 8); /* names, each read at most twice, with their ends */
    if (expression->text == NULL || expression->names == NULL) {
        tg_expression_destroy(expression);
        return NULL;
    }
    memcpy(expression->text, text, length);
    expression->text[length] = '\0';
    return expression;
}

static int compile(const char *text, size_t length, const struct tg_scope *scope, bool is_part,
                   struct tg_expression **ret_expression, size_t *ret_used,
                   struct tg_expression_error *ret_error)
{
    struct parser p = {.length = length, .scope = scope, .error = ret_error};
    if (length > TG_EXPRESSION_MAX_BYTES) {
        fail(&p, TG_EXPRESSION_MAX_BYTES, 0, "an expression has at most %d bytes", TG_EXPRESSION_MAX_BYTES);
        return TG_E_FORMAT;
    }
    p.expression = create(text, length);
    if (p.expression == NULL) {
        fail(&p, 0, 0, "no memory left");
        return TG_E_NOMEM;
    }
    p.text = p.expression->text;
    next(&p);
    p.expression->root = parse_whole(&p, is_part);
    if (!p.is_failed && !is_part && p.token.kind != END)
        expected(&p, "an operator or the end");
    if (p.is_failed) {
        tg_expression_destroy(p.expression);
        return p.has_no_memory ? TG_E_NOMEM : TG_E_FORMAT;
    }
    if (ret_used != NULL)
        *ret_used = p.end;
    p.expression->text[p.end] = '\0';
    *ret_expression = p.expression;
    return TG_OK;
}

int tg_expression_compile(const char *text, size_t length, const struct tg_scope *scope,
                          struct tg_expression **ret_expression, struct tg_expression_error *ret_error)
{
    return compile(text, length, scope, false, ret_expression, NULL, ret_error);
}

int tg_expression_compile_part(const char *text, size_t length, const struct tg_scope *scope,
                               struct tg_expression **ret_expression, size_t *ret_used,
                               struct tg_expression_error *ret_error)
{
    return compile(text, length, scope, true, ret_expression, ret_used, ret_error);
}

void tg_expression_destroy(struct tg_expression *expression)
{
    if (expression == NULL)
        return;
    free(expression->text);
    free(expression->names);
    free(expression->nodes);
    free(expression);
}

const char *tg_expression_text(const struct tg_expression *expression)
{
    return expression->text;
}

bool tg_expression_is_assignment(const struct tg_expression *expression)
{
    return expression->nodes[expression->root].kind == TG_NODE_ASSIGN;
}
