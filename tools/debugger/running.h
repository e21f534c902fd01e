/*
 * Letting the machine run.
 */
#ifndef DEBUGGER_RUNNING_H
#define DEBUGGER_RUNNING_H

#include <stdbool.h>

#include "debug/debug.h"

struct debugger;

/* Carries a command out and shows where the machine stopped; what --keys and --serial-input hold is given on the way. False
 * after complaining in the name of name. */
bool running_go(struct debugger *d, const char *name, struct tg_debug_command *command);

#endif
