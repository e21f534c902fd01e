/*
 * Completion: what could stand at a place of a line, from the table of commands and from what the debugger knows.
 */
#ifndef DEBUGGER_COMPLETE_H
#define DEBUGGER_COMPLETE_H

#include <stddef.h>

struct debugger;

/* What can be at byte start of line and begins with text: an array in readline's form (the common beginning, the
 * candidates, NULL; all malloc'd and the caller's), or NULL. */
char **complete_matches(struct debugger *d, const char *line, size_t start, const char *text);

/* The characters between which words to be completed stand, with the cursor at byte point of line: in expressions operators
 * too. */
const char *complete_breaks(struct debugger *d, const char *line, size_t point);

#endif
