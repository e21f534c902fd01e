/*
 * What the debugger says: answers on standard output, complaints on standard error, in the order in which they arise and
 * apart from the guest's own console text. A complaint from a script names its file and line.
 */
#ifndef DEBUGGER_OUTPUT_H
#define DEBUGGER_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct debugger;

/* Prints as printf does, on a line of its own where the guest has left one unfinished. */
__attribute__((format(printf, 2, 3))) void say(struct debugger *d, const char *format, ...);

/* Prints an error: what, where, what to do, without a newline at its end. Returns false, so that a command can end with
 * it. */
__attribute__((format(printf, 2, 3))) bool complain(struct debugger *d, const char *format, ...);

/* The guest's console text, passed through. */
void output_guest(struct debugger *d, const uint8_t *bytes, size_t count);

/* Whether a command may write a file here; complains when not (output of an untrusted start-up file). */
bool output_may_write(struct debugger *d, const char *command);

#endif
