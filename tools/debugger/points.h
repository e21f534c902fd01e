/*
 * Breakpoints, watchpoints and catchpoints as a person has made them: the core's points, with the words that they were
 * made of and the commands that belong to them.
 */
#ifndef DEBUGGER_POINTS_H
#define DEBUGGER_POINTS_H

#include <stdbool.h>
#include <stdint.h>

#include "debug/debug.h"

struct debugger;

/* What the front end keeps of a point. */
struct point_words {
    struct point_words *next;
    uint32_t number;
    char *text;      /* as it was given: "k_panic", "counter", "syscall read" */
    char *condition; /* NULL: none */
    char *commands;  /* NULL: none */
    char *program;   /* only in a process of this name; NULL: everywhere */
};

/* A place of a line: PLACE or *EXPRESSION, and the program it is in. */
struct points_place {
    uint32_t addresses[TG_DEBUG_MOST_ADDRESSES];
    uint32_t count;
    char program[64]; /* of a user program; "" for the image */
};

/* Reads a place at the beginning of *text and moves that behind it. False after complaining. */
bool points_read_place(struct debugger *d, const char *command, const char **text, struct points_place *ret_place);

/* The words that a point was made of; "" if none are known. */
const char *points_text(struct debugger *d, uint32_t number);

/* Puts the commands of a point behind the command that is run now. */
void points_note_commands(struct debugger *d, uint32_t number);
/* Runs what was noted. */
bool points_run_commands(struct debugger *d);

/* All points as commands that make them again; malloc'd, the caller's. NULL: no memory. */
char *points_as_commands(struct debugger *d);
void points_forget_all(struct debugger *d);

#endif
