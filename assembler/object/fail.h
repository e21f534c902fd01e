/*
 * Filling in the error text that a caller gave, in one expression with the result. For this folder.
 */
#ifndef TG_OBJECT_FAIL_H
#define TG_OBJECT_FAIL_H

#include "tollgate.h"

/* Writes the text (cut to fit) into *error unless it is NULL, and returns result. */
__attribute__((format(printf, 3, 4))) int tg_obj_fail(struct tg_error *error, int result,
                                                      const char *format, ...);

/* Names in a text come from files: what a terminal would obey becomes "?", so it stays one line. */
void tg_obj_make_printable(char *text);

#endif
