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
#include "data.h"
#include "debug/debug.h"
#include "debug/guest.h"
#include "memory.h"
#include "output.h"
#include "points.h"
#include "programs.h"
#include "script.h"
#include "source.h"
#include "sourcecode.h"
#include "tollgate.h"
#include "tollgate/feed.h"
#include "tollgate/outputs.h"
#include "tollgate/setup.h"
#include "values.h"
#include "view.h"

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
    struct tg_debug *core;
    struct tg_guest *guest; /* NULL: it exports no table */
    struct programs programs;

    struct source *source; /* the innermost one */
    struct definition *definitions;
    struct repeat repeat;

    struct view view;
    struct tg_cpu_view before[TG_MAX_CPUS], now[TG_MAX_CPUS]; /* at the stop before the last, and the last */
    struct values values;
    struct data_display *displays;
    unsigned display_number, checkpoint_number; /* given last */
    struct memory_format memory; /* of x, to go on with */
    uint32_t memory_next;
    struct sourcecode_list list;

    struct point_words *point_words;
    uint32_t last_point;    /* made last */
    char *pending_commands; /* of points that have stopped the machine; NULL: none */
    uint32_t pending_point;
    bool is_running_commands;

    struct tg_debug_place undo; /* where the last command that moved the machine began */
    bool has_undo;

    uint64_t commands_left; /* of scripts; a run-away one ends there */
    bool is_read_only;      /* no command may write a file */
    bool is_batch, is_echoing, is_terminal; /* terminal: a person types, and sees what is printed */
    bool is_pretty;                         /* structs over several lines */
    bool is_line_open;                      /* the guest has left a line of its console unfinished */
    bool is_over;                           /* to be left, with status */
    int status;
};

/* Set when a person has pressed ^C; cleared before each line of theirs. */
extern volatile sig_atomic_t debugger_is_interrupted;

/* Runs a line, and what belongs to the points at which it has stopped. False after complaining. */
bool debugger_execute(struct debugger *d, const char *line);

#endif
