/*
 * `tollgate debug`: what its commands share. Each file of this folder has one concern and one group of functions; a
 * command takes its line apart, asks the debugger core (emu/debug), which prints nothing, and prints the answer.
 */
#ifndef DEBUGGER_H
#define DEBUGGER_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "args.h"
#include "output.h"
#include "script.h"
#include "source.h"
#include "tollgate.h"
#include "tollgate/feed.h"
#include "tollgate/outputs.h"
#include "tollgate/setup.h"

struct command;

/* What an empty line repeats. */
struct repeat {
    const struct command *command; /* NULL: nothing */
    char *line;
};

struct debugger {
    struct setup setup;
    struct outputs outputs;
    struct feed feed;
    struct tg_machine *machine;

    struct source *source; /* the innermost one */
    struct definition *definitions;
    struct repeat repeat;

    uint32_t cpu; /* that is looked at */
    struct tg_cpu_view before[TG_MAX_CPUS]; /* at the stop before this one: what has changed since */

    bool is_batch, is_echoing, is_terminal; /* terminal: a person types, and sees what is printed */
    bool is_line_open;                      /* the guest has left a line of its console unfinished */
    bool is_over;                           /* to be left, with status */
    int status;
};

/* Set when a person has pressed ^C; cleared before each line of theirs. */
extern volatile sig_atomic_t debugger_is_interrupted;

/* Runs a line. False after complaining. */
bool debugger_execute(struct debugger *d, const char *line);

#endif
