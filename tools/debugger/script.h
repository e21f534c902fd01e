/*
 * Commands that users make of commands, and what scripts need beside them: definitions, conditions, loops, assertions.
 */
#ifndef DEBUGGER_SCRIPT_H
#define DEBUGGER_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

struct debugger;

struct definition {
    struct definition *next;
    char *name, *text, *help; /* help: NULL without "document" */
};

/* A user's command by its exact name (length bytes), or NULL. */
const struct definition *script_find(const struct debugger *d, const char *name, size_t length);
/* Runs it with the words of arguments for $arg0 to $arg9 and $argc. False after complaining. */
bool script_run(struct debugger *d, const struct definition *definition, const char *arguments);
void script_forget_all(struct debugger *d);

#endif
