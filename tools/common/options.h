/*
 * Command-line options as a table: one row gives the name, what it takes, where it goes and its line of help.
 * getopt_long reads them: "--name=value" and "--name value", unique prefixes; a name of one letter is written
 * "-n value" or "-nvalue". An unknown option is answered with the nearest known one. Errors are printed as
 * "program: what, where, what to do" on standard error.
 */
#ifndef TOOL_OPTIONS_H
#define TOOL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
    OPTION_FLAG,  /* bool *: set to true */
    OPTION_TEXT,  /* const char **: the text as given */
    OPTION_COUNT, /* uint64_t *: decimal or 0x..., with K, M or G for 10^3, 10^6, 10^9 */
    OPTION_SIZE,  /* uint64_t *: bytes, with K, M or G for 2^10, 2^20, 2^30 */
    OPTION_LIST   /* struct option_list *: one more text each time the option is given */
};

#define OPTION_LIST_MOST 256

struct option_list {
    const char *items[OPTION_LIST_MOST];
    size_t count;
};

struct option_row {
    const char *name;     /* without dashes; NULL ends the table */
    enum option_kind kind;
    void *target;
    const char *argument; /* for the help: "FILE"; NULL for flags */
    const char *help;
};

/* Reads argv[1..argc) by rows; argv is reordered so that the operands (words that are no options, and all after "--") are
 * argv[*ret_operands..argc). Returns false after printing an error. program is the name that errors begin with. */
bool options_read(const char *program, const struct option_row *rows, int argc, char **argv, int *ret_operands);

/* Prints the rows as help lines to standard output. */
void options_help(const struct option_row *rows);

/* The name in names[0..count) nearest to word, or NULL when none is near. */
const char *nearest_name(const char *word, const char *const *names, size_t count);

#endif
