/*
 * Cases for single instructions, with the values that RISC-V's and TG32's manuals give, worked out
 * by hand.
 *
 * Each instruction of insns.def has a list `cases_ID`; the program does not link without it.
 * test_insns.c runs each case in every form that its registers allow: all different, rd = zero, rd
 * = ra, rd = rb, ra = rb where the operands are equal, register zero where an operand is 0. It
 * compares the whole CPU and all of RAM.
 */
#ifndef TG_TESTS_INSN_CASES_H
#define TG_TESTS_INSN_CASES_H

#include "lab.h"

struct insn_case {
    uint32_t s, a, b; /* operands before: rd (where it is read), ra, rb */
    int32_t imm;      /* as in struct tg_insn */
    uint32_t d;       /* rd afterwards, where it is written */

    bool has_memory; /* the word at LAB_DATA before and afterwards */
    uint32_t memory, stored;

    int32_t jump;       /* distance to the next instruction executed; 0: 4 */
    uint32_t jump_to;   /* or its address, if not 0 */
    uint32_t exception; /* RAISES(name): this exception, with this error word and address */
    uint32_t error, address;

    bool is_plain; /* only with all registers different */
    void (*prepare)(
        struct lab *lab); /* what else must be so before (pc and registers are set later) */
    void (*want)(struct lab *lab);  /* what else changes */
    void (*check)(struct lab *lab); /* what else must be so afterwards */
};

struct insn_case_list {
    const struct insn_case *cases;
    size_t count;
};

#define TG_INSN(id, ...) extern const struct insn_case_list cases_##id;
#include "isa/insns.def"

#define CASES(id, ...)                                                                             \
    const struct insn_case_list cases_##id = {(const struct insn_case[]){__VA_ARGS__},             \
                                              COUNT(((const struct insn_case[]){__VA_ARGS__}))}

#define RAISES(name) (1 + TG_CAUSE_##name)

/* d from a and b, or from a and an immediate. */
#define AB(value_a, value_b, value_d)                                                              \
    {                                                                                              \
        .a = value_a, .b = value_b, .d = value_d                                                   \
    }
#define AI(value_a, value_i, value_d)                                                              \
    {                                                                                              \
        .a = value_a, .imm = value_i, .d = value_d                                                 \
    }

#endif
