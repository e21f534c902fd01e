/*
 * The table of commands (commands.def) and finding a command by what was typed: full name, alias, or any beginning that
 * fits one alone. A command "info registers" is found below its first word.
 */
#ifndef DEBUGGER_TABLE_H
#define DEBUGGER_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "args.h"

enum command_group {
#define GROUP(id, title) GROUP_##id,
#include "commands.def"
    GROUP_COUNT
};

/* What can complete a command's arguments. */
enum command_completes {
    COMPLETES_NOTHING,
    COMPLETES_COMMAND,    /* commands, their sub-commands, instructions */
    COMPLETES_BELOW,      /* its own sub-commands */
    COMPLETES_WORDS,      /* the alternatives in its syntax: on|off */
    COMPLETES_EXPRESSION, /* registers, control registers, symbols, the user's variables */
    COMPLETES_LOCATION,   /* symbols, source files */
    COMPLETES_REGISTER,
    COMPLETES_CREG,
    COMPLETES_EVENT,      /* filters of catch, and names of calls, devices, causes */
    COMPLETES_POINT,
    COMPLETES_CHECKPOINT,
    COMPLETES_PROCESS,
    COMPLETES_FILE
};

/* What an empty line does after it. */
enum command_repeats {
    REPEATS_SAME,   /* the same line again */
    REPEATS_ONWARD, /* the command alone: it goes on from where it was */
    REPEATS_NOTHING
};

struct command {
    const char *name;    /* "step", or "info registers" */
    const char *aliases; /* with spaces between; of the last word alone */
    bool (*run)(struct debugger *d, struct args *args); /* false after complaining */
    enum command_group group;
    const char *syntax;  /* what follows the name */
    const char *help;    /* one line, then details, each ended but the last by a newline */
    const char *example;
    enum command_completes completes;
    enum command_repeats repeats;
};

/* Rows by number, NULL past the last. */
const struct command *table_row(size_t number);
const char *table_group_title(enum command_group group);

/* Whether a row is a sub-command of parent; for parent NULL: whether it is none. */
bool table_is_below(const struct command *row, const struct command *parent);
/* Its name without the parent's. */
const char *table_own_name(const struct command *row);
/* Whether lines up to "end" belong to it: its syntax ends so. */
bool table_opens_block(const struct command *row);
bool table_has_alias(const struct command *row, const char *word, size_t length);

/* Finds the command that word names below parent (NULL: at the top). NULL after complaining, unless is_quiet. */
const struct command *table_find(struct debugger *d, const struct command *parent, const char *word, size_t length,
                                 bool is_quiet);

/* Takes a line apart into a command, sub-commands included, and its arguments; the line must outlive them. NULL after
 * complaining. An empty line, or a comment, gives NULL without a complaint. */
const struct command *table_parse(struct debugger *d, const char *line, struct args *ret_args);

#endif
