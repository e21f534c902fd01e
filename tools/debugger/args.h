/*
 * What stands behind a command's name on its line, and taking it apart: words, quoted where they hold spaces, counts,
 * the rest. What cannot be read is complained about with the word itself.
 */
#ifndef DEBUGGER_ARGS_H
#define DEBUGGER_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARGS_WORD_BYTES   1024
#define ARGS_FORMAT_BYTES 32

struct debugger;

struct args {
    const char *name;               /* the command's full name, for complaints */
    char format[ARGS_FORMAT_BYTES]; /* what followed it behind a slash: "8xw" of x/8xw; "" without */
    const char *at;                 /* what has not been taken yet; begins with no space, ends with none */
    bool is_repeat;                 /* Enter was pressed, or the command has no arguments and goes on by itself */
};

bool args_is_empty(const struct args *args);

/* Takes the next word into word (ARGS_WORD_BYTES bytes). Quotes, single or double, hold a word with spaces together, and a
 * backslash takes the next character as it is. False, with nothing taken, when there is none. A word that is too long or
 * a quote that does not end is complained about, and taken as empty. */
bool args_word(struct debugger *d, struct args *args, char *word);

/* Takes a count, 1 or more, into *ret_count; what says what is counted. Without one *ret_count stays. False after
 * complaining. */
bool args_count(struct debugger *d, struct args *args, const char *what, uint64_t *ret_count);

/* A whole number as people write it: decimal, 0x, with _ between digits, K, M, G for thousands. */
bool args_read_number(const char *text, uint64_t *ret_value);

/* Whether all has been taken; otherwise complains about what is left. */
bool args_end(struct debugger *d, const struct args *args);

/* Whether there was no format behind the name; otherwise complains. */
bool args_no_format(struct debugger *d, const struct args *args);

#endif
