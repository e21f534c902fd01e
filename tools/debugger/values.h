/*
 * Values that a person has seen or named: $1, $2, ... of print, $ and $$, $_ and $__ of x, and $name; and carrying out
 * assignments.
 */
#ifndef DEBUGGER_VALUES_H
#define DEBUGGER_VALUES_H

#include <stdbool.h>
#include <stddef.h>

#include "debug/value.h"

struct debugger;

#define VALUES_MOST_NAMED 128

struct values {
    struct tg_value *history; /* $1 first */
    size_t count, room;
    struct tg_value named[VALUES_MOST_NAMED]; /* the value's own name */
    size_t named_count;
};

/* $name without the $; false: there is none. A name that was never set is void, as gdb has it, and so false too. */
bool values_read(struct debugger *d, const char *name, size_t length, struct tg_value *ret_value);

/* Remembers a value; its number for $N, 0 without memory. */
size_t values_remember(struct debugger *d, const struct tg_value *value);
void values_name(struct debugger *d, const char *name, const struct tg_value *value);
void values_forget_all(struct debugger *d);

/* Writes an evaluated assignment to its place. False after complaining. */
bool values_assign(struct debugger *d, const char *command, const struct tg_value *value);

#endif
