/* Expressions: numbers, characters, symbols and C's operators. */
#ifndef AS_EXPRESSIONS_H
#define AS_EXPRESSIONS_H

#include "as/as.h"

/* Reads an expression. False after an error. */
bool take_value(struct assembly *as, struct value *ret_value);

/* Reads one whose value must be known now, from lowest to highest. what names it in messages. */
bool take_number(struct assembly *as, const char *what, int64_t lowest, int64_t highest,
                 int64_t *ret_number);

#endif
