/*
 * Expressions as a person types them at the debugger: C's operators over the guest's variables,
 * types, registers and memory. Compiled once into a bounded tree, evaluated as often as wanted
 * (conditions of breakpoints). Evaluation reads through a scope and changes nothing; an assignment
 * is returned for the caller to carry out.
 *
 *   operands   numbers (decimal, 0x, 0b, 0 octal, 'c'), "text" (for == and != with strings), C
 * variables, FUNCTION::STATIC, FILE::STATIC, symbols (their contents; &symbol the address;
 * functions are their address), registers (a0, $a0, $pc), control registers (ptroot, $ptroot), $_
 * $1 $name as the scope knows them operators  C's, with its precedence: ?: || && | ^ & == != < <= >
 * >= << >> + - * / % ! ~ - + & * [] . -> , casts to any named type, sizeof, = and op= (once,
 * outermost; no ++ and --), and three of the debugger's own: A@N  N elements from lvalue A on, as
 * an array phys:E  what lies at physical address E (a pointer's type is what is there; a plain
 * number: u32) MEMBER of a pointer to a struct with . as well order      a bare name is a local
 * variable, then a global one, a symbol, a register, a control register
 *
 * Arithmetic is C's for 32-bit int and 64-bit long long; overflow wraps. Division by 0 is an error.
 */
#ifndef TG_EXPRESSION_H
#define TG_EXPRESSION_H

#include "debug/value.h"

#define TG_EXPRESSION_MAX_BYTES 4096 /* longest text */

struct tg_expression;

/* What is wrong, and where: the text names the token, and what was expected in its place. */
struct tg_expression_error {
    unsigned column; /* of the token, from 1, in bytes */
    unsigned length; /* of the token; 0: at the end of the text */
    char text[256];
};

/* Compiles length bytes of text. scope gives the names of types (a cast or not?) and the expression
 * forgets it; NULL: C's own types only. Errors: TG_E_FORMAT (ret_error says what, may be NULL),
 * TG_E_NOMEM. */
int tg_expression_compile(const char *text, size_t length, const struct tg_scope *scope,
                          struct tg_expression **ret_expression,
                          struct tg_expression_error *ret_error);
/* The same for text of which the expression is the first part, up to the place where it cannot go
 * on (a comma, "if", the end): *ret_used bytes of it. */
int tg_expression_compile_part(const char *text, size_t length, const struct tg_scope *scope,
                               struct tg_expression **ret_expression, size_t *ret_used,
                               struct tg_expression_error *ret_error);
/* Accepts NULL. */
void tg_expression_destroy(struct tg_expression *expression);

/* As it was typed. */
const char *tg_expression_text(const struct tg_expression *expression);

/* Evaluates in scope. Names are looked up in it each time, so an expression that is compiled in one
 * place is right in another. Programs that were closed since are fatal: destroy expressions first.
 * Values that are lost or unreadable are values when they are the result, and errors when something
 * is computed from them. Errors: TG_E_FORMAT (wrong types, unknown name, division by 0, unreadable
 * memory). */
int tg_expression_evaluate(struct tg_expression *expression, const struct tg_scope *scope,
                           struct tg_value *ret_value, struct tg_expression_error *ret_error);

/* An assignment at the top of the expression: after evaluation ret_value is the new value,
 * converted, with the place that it is to be written to; tg_value_store makes its bytes. */
bool tg_expression_is_assignment(const struct tg_expression *expression);

/* As a condition: evaluates, and says whether it is not 0. */
int tg_expression_test(struct tg_expression *expression, const struct tg_scope *scope,
                       bool *ret_is_true, struct tg_expression_error *ret_error);

#endif
