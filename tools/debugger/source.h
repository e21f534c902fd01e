/*
 * Where lines of commands come from: a person at a terminal, a pipe, script files, the command line, and what users
 * have defined. Sources nest; the innermost one is read.
 */
#ifndef DEBUGGER_SOURCE_H
#define DEBUGGER_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct debugger;

#define SOURCE_DEPTH 32 /* nested scripts and definitions; more is a definition that calls itself */

struct source {
    struct source *outer;
    const char *name;   /* NULL: a person; nobody needs to be told where their own line is */
    const char *text;   /* what has not been read yet; NULL: standard input */
    unsigned line;      /* number of the line read last */
    unsigned depth;
    bool is_restricted; /* may not write files */
};

/* Makes source the innermost one. False after complaining where they nest too deep. */
bool source_push(struct debugger *d, struct source *source);
void source_pop(struct debugger *d);

/* The next line of the innermost source, without its newline, malloc'd and the caller's; NULL at the end. prompt is shown
 * to a person. */
char *source_line(struct debugger *d, const char *prompt);

/* Reads the lines of a block up to its "end" into *ret_text (malloc'd, the caller's), inner blocks with theirs. False after
 * complaining that it does not end. */
bool source_block(struct debugger *d, const char *what, char **ret_text);

/* "FILE:LINE: " where that tells a person something. */
void source_print_place(const struct source *source, FILE *stream);

bool source_is_person(const struct source *source);
bool source_is_restricted(const struct source *source);

/* Runs all commands of a text. False as soon as one fails (a person is told where), or with end of the debugger. */
bool source_run(struct debugger *d, const char *name, const char *text, bool is_restricted);
/* The same with a file. */
bool source_run_file(struct debugger *d, const char *path, bool is_restricted);

#endif
