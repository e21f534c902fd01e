/*
 * The line that a person edits: readline with its history and completion. Nothing else uses readline.
 */
#ifndef DEBUGGER_EDIT_H
#define DEBUGGER_EDIT_H

#include <stdbool.h>

struct debugger;

/* Loads the history of earlier sessions: the file .tollgate_history of the present folder if there is one, else
 * tollgate/debug_history among the user's state files. */
void edit_begin(struct debugger *d);
/* Saves it. Says why not, where it cannot be. */
void edit_end(struct debugger *d);

/* A line of the person's, malloc'd and the caller's, "" where they have pressed ^C; NULL: they have pressed ^D. */
char *edit_line(struct debugger *d, const char *prompt);

/* Asks; true for yes. */
bool edit_confirm(struct debugger *d, const char *question);

#endif
