/* Evaluation of expressions, between expression_evaluate.c (names, places, the tree) and
 * expression_operate.c (numbers). */
#ifndef TG_EXPRESSION_OPERATE_H
#define TG_EXPRESSION_OPERATE_H

#include "debug/expression_internal.h"

struct tg_evaluation {
    struct tg_expression *expression;
    const struct tg_scope *scope;
    struct tg_expression_error *error;
};

/* Writes the error of a node, and returns false. */
__attribute__((format(printf, 3, 4))) bool tg_evaluation_fail(const struct tg_evaluation *e,
                                                              const struct tg_node *node,
                                                              const char *format, ...);
/* The same: its value is lost or unreadable; it is not of the kind that is wanted. */
bool tg_evaluation_fail_lost(const struct tg_evaluation *e, const struct tg_node *node,
                             const struct tg_value *value);
bool tg_evaluation_fail_kind(const struct tg_evaluation *e, const struct tg_node *node,
                             const char *wanted, struct tg_type type);
const struct tg_node *tg_evaluation_node(const struct tg_evaluation *e, uint16_t index);
/* What messages call it: its name, or "this". */
const char *tg_node_words(const struct tg_node *node);

/* A bit for each of size bytes, as in tg_value.known. */
static inline uint64_t tg_all_bytes(size_t size)
{
    return size >= 64 ? UINT64_MAX : (UINT64_C(1) << size) - 1;
}

/* What arithmetic works on. */
struct tg_number {
    bool is_float;
    uint64_t bits; /* an integer, extended to 64 bits as its type says */
    double real;
    struct tg_type type;    /* after C's promotions: int, unsigned, long long, unsigned long long,
                               double or a pointer */
    struct tg_type pointed; /* of a pointer */
    bool is_pointer;
};

/* A value as a number: node is what a message names. */
bool tg_number_of_value(const struct tg_evaluation *e, const struct tg_node *node,
                        const struct tg_value *value, struct tg_number *ret_number);
/* A number converted to a type that is no struct. */
bool tg_number_convert(const struct tg_evaluation *e, const struct tg_node *node,
                       const struct tg_number *number, struct tg_type type,
                       struct tg_value *ret_value);
/* a op b, of node; not for , && || @. */
bool tg_number_operate(const struct tg_evaluation *e, const struct tg_node *node,
                       const struct tg_number *a, const struct tg_number *b,
                       struct tg_value *ret_value);
bool tg_number_is_true(const struct tg_number *number);
struct tg_value tg_number_truth(bool is);
struct tg_value tg_number_from_real(double real);
/* Bytes from one element of what a pointer points to to the next; 1 where C knows no size. */
uint32_t tg_number_step(const struct tg_number *pointer);

#endif
