/* The tree of an expression: made by expression.c, evaluated by expression_evaluate.c. */
#ifndef TG_EXPRESSION_INTERNAL_H
#define TG_EXPRESSION_INTERNAL_H

#include "debug/expression.h"

#define TG_EXPRESSION_MAX_NODES 512
#define TG_EXPRESSION_MAX_DEPTH 128 /* of the tree: evaluation goes that deep */

enum tg_node_kind {
    TG_NODE_NUMBER,   /* number, type */
    TG_NODE_TEXT,     /* name: its characters */
    TG_NODE_NAME,     /* name */
    TG_NODE_DOLLAR,   /* name, without the $ */
    TG_NODE_UNARY,    /* op a: - + ! ~ * & */
    TG_NODE_PHYSICAL, /* phys:a */
    TG_NODE_BINARY,   /* a op b */
    TG_NODE_CHOICE,   /* a ? b : c */
    TG_NODE_MEMBER,   /* a.name or a->name */
    TG_NODE_INDEX,    /* a[b] */
    TG_NODE_CAST,     /* (type)a */
    TG_NODE_SIZEOF,   /* sizeof a */
    TG_NODE_ASSIGN    /* a = b; with op other than NONE: a op= b */
};

enum tg_op {
    TG_OP_NONE,
    TG_OP_COMMA,
    TG_OP_LOGICAL_OR,
    TG_OP_LOGICAL_AND,
    TG_OP_OR,
    TG_OP_XOR,
    TG_OP_AND,
    TG_OP_EQUAL,
    TG_OP_UNEQUAL,
    TG_OP_LESS,
    TG_OP_LESS_EQUAL,
    TG_OP_GREATER,
    TG_OP_GREATER_EQUAL,
    TG_OP_SHIFT_LEFT,
    TG_OP_SHIFT_RIGHT,
    TG_OP_REPEAT,
    TG_OP_ADD,
    TG_OP_SUBTRACT,
    TG_OP_MULTIPLY,
    TG_OP_DIVIDE,
    TG_OP_REMAINDER,
    TG_OP_NOT,
    TG_OP_INVERT
};

struct tg_node {
    enum tg_node_kind kind;
    enum tg_op op;
    uint16_t a, b, c; /* index of nodes */
    uint16_t depth;
    uint16_t column, length; /* of the token that a message about it names; column from 1 */
    uint16_t name_length;
    const char *name; /* in the expression's names */
    uint64_t number;
    struct tg_type type;
};

struct tg_expression {
    char *text;
    char *names; /* of nodes, each ended by a zero; has room for twice the text */
    size_t names_used;
    struct tg_node *nodes;
    uint16_t count, room;
    uint16_t root;
};

/* --- Tokens: expression_lexer.c --------------------------------------------------------------- */

enum tg_token_kind {
    TG_TOKEN_END,
    TG_TOKEN_NUMBER,
    TG_TOKEN_TEXT,
    TG_TOKEN_NAME,
    TG_TOKEN_DOLLAR,
    TG_TOKEN_PHYS,
    TG_TOKEN_PUNCTUATION,
    TG_TOKEN_BAD
};

struct tg_token {
    enum tg_token_kind kind;
    size_t at, length;
    uint64_t number;
    struct tg_type type; /* of a number */
    const char *name;    /* of names and texts, ended by a zero */
    size_t name_length;
    const char *problem; /* of a TG_TOKEN_BAD one */
};

struct tg_lexer {
    struct tg_expression *expression; /* gets the names */
    const char *text;
    size_t length, at; /* at: after the token at hand */
    struct tg_token token;
    size_t end; /* of the last token that was taken */
};

/* Takes the token at hand: the next one is at hand then. */
void tg_lexer_next(struct tg_lexer *lexer);
/* Whether the token at hand is that punctuation; that word. */
bool tg_lexer_is(const struct tg_lexer *lexer, const char *text);
bool tg_lexer_is_word(const struct tg_lexer *lexer, const char *word);

#endif
