/* The operands of a statement, read before it is known which of several forms of an instruction is
 * meant. */
#ifndef AS_OPERANDS_H
#define AS_OPERANDS_H

#include "as/as.h"

enum { MAX_OPERANDS = 8 };

enum operand_kind {
    OPERAND_REGISTER, /* a0 */
    OPERAND_VALUE,    /* an expression, perhaps in %hi(...) */
    OPERAND_MEMORY,   /* value(register), or (register) */
    OPERAND_LIST      /* {ra, s0-s3} */
};

struct operand {
    enum operand_kind kind;
    struct slice text;
    uint8_t reg;    /* of OPERAND_REGISTER and OPERAND_MEMORY */
    bool has_value; /* OPERAND_MEMORY: something stands before the parenthesis */
    struct value value;
    enum tg_reloc_kind part; /* which part of the value: TG_R_NONE all, TG_R_HI20, ... */
    struct slice
        name; /* OPERAND_VALUE: a name and nothing else, which may mean a control register */
    uint32_t registers; /* OPERAND_LIST: set of numbers */
};

/* Reads all operands up to the end of the line. False after an error. */
bool take_operands(struct assembly *as, struct operand *operands, size_t *ret_count);

/* What an operand is, for messages: "register a0", "value x+1". */
const char *describe_operand(struct assembly *as, const struct operand *operand);

/* "; did you mean "a0"?", or "". */
const char *suggest_register(struct assembly *as, struct slice name);

#endif
