/*
 * Command lines that are too long for one: a word @FILE stands for the words in FILE, as with the programs of GNU and
 * LLVM. Words are separated by white space; quotes of either kind and backslashes keep it in a word; words in FILE may
 * name files in turn. A FILE that does not exist leaves the word as it is.
 */
#ifndef TOOL_RESPONSE_H
#define TOOL_RESPONSE_H

#include <stdbool.h>

struct response_words {
    char **list; /* count words, then NULL; as main gets them, the program's name first */
    int count, room;
    int file_count; /* that were read */
};

/* Returns false after printing why. To be finished in any case. */
bool response_read(const char *program, int argc, char **argv, struct response_words *ret_words);
void response_finish(struct response_words *words);

#endif
