/* Symbols: found or made by name, defined, and resolved when all sizes are known. */
#ifndef AS_SYMBOLS_H
#define AS_SYMBOLS_H

#include "as/as.h"

/* The symbol of that name; made if there is none. */
struct symbol *find_symbol(struct assembly *as, struct slice name);
/* One without a name, at the place where the section is now. */
struct symbol *here_symbol(struct assembly *as);
struct place here(const struct assembly *as);

/* Defines a label at the present place. False after an error: it is defined already. */
bool define_label(struct assembly *as, struct slice name);
bool define_numeric_label(struct assembly *as, struct slice digits);
/* The symbol that "1f" or "1b" means; NULL after an error. */
struct symbol *numeric_symbol(struct assembly *as, struct slice digits, bool is_forward);

/* Makes a symbol equal to a value; an earlier such value is replaced. */
bool define_equal(struct assembly *as, struct slice name, const char *at, struct value value);
void define_constant(struct assembly *as, const char *name, int64_t number);

/* Marks a symbol as used at a character of the statement being read, and takes the place of one
 * that equals something known. */
struct value use_symbol(struct assembly *as, struct symbol *symbol, const char *at);

/* A value as a number, if it is one already: no symbols, or the difference of two places between
 * which nothing can change its size any more. */
bool is_known(const struct value *value, int64_t *ret_number);

/* Whether a name is meant for this file alone and is in no symbol table: .L... */
bool is_private(struct slice name);

/* When sizes are known: what a value comes to. *ret_sub is all zeros unless something remains to be
 * subtracted that is in another section or undefined. False after an error at spot. */
bool resolve(struct assembly *as, const struct value *value, const struct spot *spot,
             struct resolved *ret_add, struct resolved *ret_sub);
/* Offset in its section. */
uint32_t address_of(const struct place *place);

/* Errors for what should have been defined, warnings for what has not been used. */
void check_symbols(struct assembly *as);

/* The nearest label or constant for a message. */
const char *suggest_symbol(struct assembly *as, struct slice name);

#endif
