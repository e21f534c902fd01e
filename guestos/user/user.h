/* What the bundled programs do the same way. */
#ifndef USER_H
#define USER_H

#include <stdbool.h>

/* Prints "PROGRAM: WHAT: REASON" on standard error, with the reason in errno; 1, the exit status. */
int user_fail(const char *program, const char *what);

/* Prints "usage: LINE"; 2, the exit status for wrong use. */
int user_usage(const char *line);

/* Calls work for each file named, with it open, or for standard input if none is named; the greatest
 * result, 1 if one could not be opened. name is NULL for standard input; "-" means that too. */
int user_each_file(const char *program, char **names, int (*work)(int file, const char *name));

/* Writes it all; false after an error message. */
bool user_write(const char *program, int file, const void *bytes, unsigned count);

/* Reads a number of digits alone; false if it is none, or above most. */
bool user_number(const char *text, unsigned most, unsigned *ret_number);

/* Joins a folder and a name into path; false if it is too long. */
bool user_join(char *path, unsigned bytes, const char *folder, const char *name);

/* The part behind the last slash. */
const char *user_base(const char *path);

#endif
