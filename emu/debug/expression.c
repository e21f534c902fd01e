/*
 * Expressions: from text to a tree. See expression.h for the language. Recursive descent, bounded
 * by the depth of the tree and a count of what is open, so no text can exhaust the stack.
 */
#include "debug/expression.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debug/expression_internal.h"

#define MAX_OPEN 100 /* brackets, unary operators and so on inside each other */

struct parser {
    struct tg_lexer lexer;
    const struct tg_scope *scope;
    struct tg_expression_error *error;
    unsigned open;
    bool is_failed, has_no_memory;
};

/* A parse that failed gives this node; it is never evaluated. */
#define NOWHERE UINT16_MAX

/* --- Errors ----------------------------------------------------------------------------------- */

__attribute__((format(printf, 4, 5))) static uint16_t fail(struct parser *p, size_t at,
                                                           size_t length, const char *format, ...)
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
    const struct tg_token *token = &p->lexer.token;
    int shown = token->length < 40 ? (int)token->length : 40;
    if (token->kind == TG_TOKEN_END)
        return fail(p, p->lexer.length, 0, "expected %s, found the end", what);
    if (token->kind == TG_TOKEN_BAD)
        return fail(p, token->at, token->length, "%s: \"%.*s\"", token->problem, shown,
                    p->lexer.text + token->at);
    return fail(p, token->at, token->length, "expected %s, found \"%.*s\"", what, shown,
                p->lexer.text + token->at);
}

/* A place to come back to: what follows turned out to be something else. */
struct mark {
    size_t at, end, names_used;
    struct tg_token token;
};

static struct mark mark_here(const struct parser *p)
{
    return (struct mark){p->lexer.at, p->lexer.end, p->lexer.expression->names_used,
                         p->lexer.token};
}

static void go_back(struct parser *p, const struct mark *mark)
{
    p->lexer.at = mark->at;
    p->lexer.end = mark->end;
    p->lexer.expression->names_used = mark->names_used;
    p->lexer.token = mark->token;
}

/* --- Nodes ------------------------------------------------------------------------------------ */

static uint16_t depth_of(const struct parser *p, uint16_t node)
{
    return node != NOWHERE ? p->lexer.expression->nodes[node].depth : 0;
}

/* Adds node, whose children are set (NOWHERE: none). */
static uint16_t add(struct parser *p, struct tg_node node, const struct tg_token *token)
{
    struct tg_expression *expression = p->lexer.expression;
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
    if (!tg_lexer_is(&p->lexer, text)) {
        expected(p, what);
        return false;
    }
    tg_lexer_next(&p->lexer);
    return true;
}

/* --- Types in casts and sizeof ---------------------------------------------------------------- */

static bool is_type_word(const struct parser *p)
{
    static const char *const words[] = {"struct", "union", "enum",  "const", "volatile", "unsigned",
                                        "signed", "long",  "short", "int",   "char",     "void"};
    struct tg_type type;
    struct tg_value value;
    if (p->lexer.token.kind != TG_TOKEN_NAME)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(p->lexer.token.name, words[i]) == 0)
            return true;
    struct tg_program *program = p->scope != NULL ? p->scope->program : NULL;
    bool is_type = tg_type_by_name(program, p->lexer.token.name, p->lexer.token.name_length, &type);
    for (size_t i = 0; p->scope != NULL && i < p->scope->other_count && !is_type; i++)
        is_type = tg_type_by_name(p->scope->others[i], p->lexer.token.name,
                                  p->lexer.token.name_length, &type);
    return is_type && !(p->scope != NULL && tg_scope_variable(p->scope, p->lexer.token.name,
                                                              p->lexer.token.name_length, &value));
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

/* The words of a type's name, and the * and [N] after it; the token at hand begins it. False:
 * failed. */
static bool parse_type(struct parser *p, struct tg_type *ret_type)
{
    static const char *const integers[] = {"unsigned", "signed", "long", "short", "int", "char"};
    char name[256] = "";
    struct tg_token first = p->lexer.token;
    bool has_integer = false, has_name = false;
    while (p->lexer.token.kind == TG_TOKEN_NAME && !has_name) {
        bool is_integer = false;
        for (size_t i = 0; i < sizeof integers / sizeof *integers; i++)
            is_integer = is_integer || tg_lexer_is_word(&p->lexer, integers[i]);
        bool is_prefix =
            tg_lexer_is_word(&p->lexer, "const") || tg_lexer_is_word(&p->lexer, "volatile") ||
            tg_lexer_is_word(&p->lexer, "struct") || tg_lexer_is_word(&p->lexer, "union") ||
            tg_lexer_is_word(&p->lexer, "enum");
        if (has_integer && !is_integer && !is_prefix)
            break;
        if (strlen(name) + p->lexer.token.name_length + 2 > sizeof name) {
            fail(p, first.at, first.length, "the type's name is too long");
            return false;
        }
        if (name[0] != '\0')
            strcat(name, " ");
        strcat(name, p->lexer.token.name);
        has_integer = has_integer || is_integer;
        has_name = !is_integer && !is_prefix;
        tg_lexer_next(&p->lexer);
    }
    if (!find_type(p, name, ret_type)) {
        fail(p, first.at, p->lexer.end - first.at, "there is no type \"%.100s\"", name);
        return false;
    }
    while (tg_lexer_is(&p->lexer, "*") || tg_lexer_is_word(&p->lexer, "const") ||
           tg_lexer_is_word(&p->lexer, "volatile")) {
        if (tg_lexer_is(&p->lexer, "*"))
            *ret_type = tg_type_pointer_to(*ret_type);
        tg_lexer_next(&p->lexer);
    }
    if (tg_lexer_is(&p->lexer, "[")) {
        tg_lexer_next(&p->lexer);
        if (p->lexer.token.kind != TG_TOKEN_NUMBER || p->lexer.token.number == 0 ||
            p->lexer.token.number > UINT32_MAX) {
            expected(p, "a number of elements");
            return false;
        }
        if (ret_type->count != 0 || tg_type_kind(*ret_type) == TG_TYPE_VOID) {
            fail(p, first.at, p->lexer.end - first.at, "arrays of \"%.100s\" are not possible here",
                 name);
            return false;
        }
        ret_type->count = (uint32_t)p->lexer.token.number;
        tg_lexer_next(&p->lexer);
        return expect(p, "]", "\"]\"");
    }
    return true;
}

/* --- Operands --------------------------------------------------------------------------------- */

static uint16_t parse_operand(struct parser *p)
{
    struct tg_token token = p->lexer.token;
    struct tg_node node = {.a = NOWHERE,
                           .b = NOWHERE,
                           .c = NOWHERE,
                           .number = token.number,
                           .type = token.type,
                           .name = token.name,
                           .name_length = (uint16_t)token.name_length};
    switch (token.kind) {
    case TG_TOKEN_NUMBER:
        node.kind = TG_NODE_NUMBER;
        break;
    case TG_TOKEN_TEXT:
        node.kind = TG_NODE_TEXT;
        break;
    case TG_TOKEN_NAME:
        node.kind = TG_NODE_NAME;
        break;
    case TG_TOKEN_DOLLAR:
        node.kind = TG_NODE_DOLLAR;
        break;
    default:
        if (!tg_lexer_is(&p->lexer, "("))
            return expected(p, "a number, a name, a register or \"(\"");
        tg_lexer_next(&p->lexer);
        uint16_t inner = parse(p, 0);
        if (!p->is_failed)
            expect(p, ")", "\")\" or an operator");
        return inner;
    }
    tg_lexer_next(&p->lexer);
    return add(p, node, &token);
}

static uint16_t parse_postfix(struct parser *p)
{
    uint16_t node = parse_operand(p);
    while (!p->is_failed) {
        struct tg_token token = p->lexer.token;
        if (tg_lexer_is(&p->lexer, "[")) {
            tg_lexer_next(&p->lexer);
            uint16_t index = parse(p, 0);
            if (p->is_failed || !expect(p, "]", "\"]\" or an operator"))
                return NOWHERE;
            node =
                add(p, (struct tg_node){.kind = TG_NODE_INDEX, .a = node, .b = index, .c = NOWHERE},
                    &token);
        } else if (tg_lexer_is(&p->lexer, ".") || tg_lexer_is(&p->lexer, "->")) {
            tg_lexer_next(&p->lexer);
            token = p->lexer.token;
            if (token.kind != TG_TOKEN_NAME)
                return expected(p, "the name of a member");
            tg_lexer_next(&p->lexer);
            node = add(p,
                       (struct tg_node){.kind = TG_NODE_MEMBER,
                                        .a = node,
                                        .b = NOWHERE,
                                        .c = NOWHERE,
                                        .name = token.name,
                                        .name_length = (uint16_t)token.name_length},
                       &token);
        } else if (tg_lexer_is(&p->lexer, "++") || tg_lexer_is(&p->lexer, "--")) {
            return fail(p, token.at, token.length,
                        "there is no \"%.2s\" here; write = with + 1 or - 1",
                        p->lexer.text + token.at);
        } else if (tg_lexer_is(&p->lexer, "(")) {
            return fail(p, token.at, token.length,
                        "functions of the guest are not called from here");
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
    struct tg_token token = p->lexer.token;
    struct tg_type type;
    tg_lexer_next(&p->lexer);
    if (!is_type_word(p)) {
        go_back(p, &mark);
        return NOWHERE;
    }
    if (!parse_type(p, &type) || !expect(p, ")", "\")\" or \"*\""))
        return NOWHERE;
    uint16_t inner = parse_unary(p);
    return add(p,
               (struct tg_node){
                   .kind = TG_NODE_CAST, .a = inner, .b = NOWHERE, .c = NOWHERE, .type = type},
               &token);
}

static uint16_t parse_sizeof(struct parser *p)
{
    struct tg_token token = p->lexer.token;
    struct tg_type type;
    tg_lexer_next(&p->lexer);
    struct mark mark = mark_here(p);
    if (tg_lexer_is(&p->lexer, "(")) {
        tg_lexer_next(&p->lexer);
        if (is_type_word(p)) {
            if (!parse_type(p, &type) || !expect(p, ")", "\")\" or \"*\""))
                return NOWHERE;
            return add(p,
                       (struct tg_node){.kind = TG_NODE_NUMBER,
                                        .a = NOWHERE,
                                        .b = NOWHERE,
                                        .c = NOWHERE,
                                        .number = tg_type_size(type),
                                        .type = tg_type_of(TG_PLAIN_UNSIGNED)},
                       &token);
        }
        go_back(p, &mark);
    }
    uint16_t inner = parse_unary(p);
    return add(p, (struct tg_node){.kind = TG_NODE_SIZEOF, .a = inner, .b = NOWHERE, .c = NOWHERE},
               &token);
}

static uint16_t parse_prefix(struct parser *p)
{
    static const struct {
        const char *text;
        enum tg_op op;
    } prefixes[] = {{"-", TG_OP_SUBTRACT}, {"+", TG_OP_ADD},      {"!", TG_OP_NOT},
                    {"~", TG_OP_INVERT},   {"*", TG_OP_MULTIPLY}, {"&", TG_OP_AND}};
    struct tg_token token = p->lexer.token;
    struct tg_node node = {.kind = TG_NODE_UNARY, .b = NOWHERE, .c = NOWHERE};
    if (token.kind == TG_TOKEN_PHYS)
        node.kind = TG_NODE_PHYSICAL;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (tg_lexer_is(&p->lexer, prefixes[i].text))
            node.op = prefixes[i].op;
    if (node.op == TG_OP_NONE && node.kind != TG_NODE_PHYSICAL)
        return NOWHERE;
    tg_lexer_next(&p->lexer);
    node.a = parse_unary(p);
    return add(p, node, &token);
}

static uint16_t parse_unary(struct parser *p)
{
    uint16_t node = NOWHERE;
    if (p->is_failed)
        return NOWHERE;
    if (p->open == MAX_OPEN)
        return fail(p, p->lexer.token.at, p->lexer.token.length,
                    "the expression is too long or too deep");
    p->open++;
    if (tg_lexer_is_word(&p->lexer, "sizeof"))
        node = parse_sizeof(p);
    else if (tg_lexer_is(&p->lexer, "("))
        node = parse_cast(p);
    else
        node = parse_prefix(p);
    if (node == NOWHERE && !p->is_failed)
        node = parse_postfix(p);
    p->open--;
    return node;
}

/* --- Binary operators ------------------------------------------------------------------------- */

struct binary {
    const char *text;
    enum tg_op op;
    int level; /* higher binds tighter */
};

/* C's levels, with @ below + and -. The assignments are level 1, ?: is level 2. */
static const struct binary binaries[] = {
    {",", TG_OP_COMMA, 0},        {"||", TG_OP_LOGICAL_OR, 3},   {"&&", TG_OP_LOGICAL_AND, 4},
    {"|", TG_OP_OR, 5},           {"^", TG_OP_XOR, 6},           {"&", TG_OP_AND, 7},
    {"==", TG_OP_EQUAL, 8},       {"!=", TG_OP_UNEQUAL, 8},      {"<", TG_OP_LESS, 9},
    {"<=", TG_OP_LESS_EQUAL, 9},  {">", TG_OP_GREATER, 9},       {">=", TG_OP_GREATER_EQUAL, 9},
    {"<<", TG_OP_SHIFT_LEFT, 10}, {">>", TG_OP_SHIFT_RIGHT, 10}, {"@", TG_OP_REPEAT, 11},
    {"+", TG_OP_ADD, 12},         {"-", TG_OP_SUBTRACT, 12},     {"*", TG_OP_MULTIPLY, 13},
    {"/", TG_OP_DIVIDE, 13},      {"%", TG_OP_REMAINDER, 13}};

static const struct binary *binary_here(const struct parser *p)
{
    for (size_t i = 0; i < sizeof binaries / sizeof *binaries; i++)
        if (tg_lexer_is(&p->lexer, binaries[i].text))
            return &binaries[i];
    return NULL;
}

/* Operators that bind at least as tight as least, 0: all but assignments. */
static uint16_t parse(struct parser *p, int least)
{
    if (p->open == MAX_OPEN)
        return fail(p, p->lexer.token.at, p->lexer.token.length,
                    "the expression is too long or too deep");
    p->open++;
    uint16_t node = parse_unary(p);
    while (!p->is_failed) {
        struct tg_token token = p->lexer.token;
        const struct binary *binary = binary_here(p);
        if (binary != NULL && binary->level >= least) {
            tg_lexer_next(&p->lexer);
            uint16_t right = parse(p, binary->level + 1);
            node = add(
                p,
                (struct tg_node){
                    .kind = TG_NODE_BINARY, .op = binary->op, .a = node, .b = right, .c = NOWHERE},
                &token);
        } else if (tg_lexer_is(&p->lexer, "?") && least <= 2) {
            tg_lexer_next(&p->lexer);
            uint16_t yes = parse(p, 1);
            if (p->is_failed || !expect(p, ":", "\":\" or an operator"))
                break;
            uint16_t no = parse(p, 2);
            node = add(p, (struct tg_node){.kind = TG_NODE_CHOICE, .a = node, .b = yes, .c = no},
                       &token);
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
    if (p->lexer.token.kind != TG_TOKEN_PUNCTUATION ||
        p->lexer.text[p->lexer.token.at + p->lexer.token.length - 1] != '=' ||
        tg_lexer_is(&p->lexer, "==") || tg_lexer_is(&p->lexer, "!=") ||
        tg_lexer_is(&p->lexer, "<=") || tg_lexer_is(&p->lexer, ">="))
        return false;
    *ret_op = TG_OP_NONE;
    memcpy(text, p->lexer.text + p->lexer.token.at, p->lexer.token.length - 1);
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
    struct tg_token token = p->lexer.token;
    if (p->is_failed || !is_assignment(p, &op))
        return node;
    tg_lexer_next(&p->lexer);
    uint16_t right = parse(p, is_part ? 1 : 0);
    if (!p->is_failed && is_assignment(p, &op))
        return fail(p, p->lexer.token.at, p->lexer.token.length,
                    "only one assignment is possible at a time");
    return add(
        p, (struct tg_node){.kind = TG_NODE_ASSIGN, .op = op, .a = node, .b = right, .c = NOWHERE},
        &token);
}

/* --- Interface -------------------------------------------------------------------------------- */

static struct tg_expression *create(const char *text, size_t length)
{
    struct tg_expression *expression = calloc(1, sizeof *expression);
    if (expression == NULL)
        return NULL;
    expression->text = malloc(length + 1);
    expression->names =
        malloc(4 * length + 8); /* names, each read at most twice, with their ends */
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
    struct parser p = {.lexer.length = length, .scope = scope, .error = ret_error};
    if (length > TG_EXPRESSION_MAX_BYTES) {
        fail(&p, TG_EXPRESSION_MAX_BYTES, 0, "an expression has at most %d bytes",
             TG_EXPRESSION_MAX_BYTES);
        return TG_E_FORMAT;
    }
    p.lexer.expression = create(text, length);
    if (p.lexer.expression == NULL) {
        fail(&p, 0, 0, "no memory left");
        return TG_E_NOMEM;
    }
    p.lexer.text = p.lexer.expression->text;
    tg_lexer_next(&p.lexer);
    p.lexer.expression->root = parse_whole(&p, is_part);
    if (!p.is_failed && !is_part && p.lexer.token.kind != TG_TOKEN_END)
        expected(&p, "an operator or the end");
    if (p.is_failed) {
        tg_expression_destroy(p.lexer.expression);
        return p.has_no_memory ? TG_E_NOMEM : TG_E_FORMAT;
    }
    if (ret_used != NULL)
        *ret_used = p.lexer.end;
    p.lexer.expression->text[p.lexer.end] = '\0';
    *ret_expression = p.lexer.expression;
    return TG_OK;
}

int tg_expression_compile(const char *text, size_t length, const struct tg_scope *scope,
                          struct tg_expression **ret_expression,
                          struct tg_expression_error *ret_error)
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
