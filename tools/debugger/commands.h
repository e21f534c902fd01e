/*
 * The functions of the table's rows: each takes the rest of its line and returns false after complaining.
 */
#ifndef DEBUGGER_COMMANDS_H
#define DEBUGGER_COMMANDS_H

#include <stdbool.h>

#include "args.h"

/* Of rows that only have sub-commands: lists them. */
bool help_parent(struct debugger *d, struct args *args);

#define COMMAND(name, aliases, run, ...) bool run(struct debugger *d, struct args *args);
#include "commands.def"

#endif
