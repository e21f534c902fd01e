/* Lines: out of files, macros and repetitions, one within another. */
#ifndef AS_INPUT_H
#define AS_INPUT_H

#include "as/as.h"

/* A file that has been read; a second include of it reads nothing. */
struct loaded {
    const char *path;
    char *original, *text;
    size_t length;
};

/* The file as it is and without its comments. NULL after an error at spot of the statement being
 * read. */
const struct loaded *load_file(struct assembly *as, const char *path, const char *at);
const struct loaded *load_text(struct assembly *as, const char *path, const char *text,
                               size_t length);

/* The path of a file that a directive names: as it is, beside the file that names it, or in an
 * include folder. */
const char *find_file(struct assembly *as, struct slice name);

/* Reads a file's lines next. */
bool push_file(struct assembly *as, const struct loaded *file);
/* Reads lines of a text that a macro became. */
bool push_macro(struct assembly *as, const struct macro *macro, const char *text, size_t length);
/* Reads lines [start, end) of the present text so many times, in the place where they stand. */
bool push_repeat(struct assembly *as, const char *start, const char *end, uint32_t number,
                 uint64_t times);

/* Makes the next line the one being read: as->at to as->end, as->spot. False at the end of
 * everything. */
bool next_line(struct assembly *as);

/* The lines up to the one that begins with the directive close, with those that begin with open,
 * paired with a close, among them. The line after close is the next. *ret_number is the number of
 * the first. False after an error: there is no close. */
bool take_lines(struct assembly *as, const char *const *opens, const char *close,
                struct slice *ret_lines, uint32_t *ret_number);

/* --- Characters of the statement being read ----------------------------------------------------
 */

bool is_name_start(char c);
bool is_name_part(char c);

/* Goes over blanks. True if nothing comes after them. */
bool skip_blanks(struct assembly *as);
/* Goes over blanks, and over c if that comes. */
bool accept(struct assembly *as, char c);
/* The same, and an error if it does not. */
bool expect(struct assembly *as, char c);
/* A name; of length 0 if none comes. */
struct slice take_name(struct assembly *as);
/* A text in quotes, its escapes replaced. False after an error. */
bool take_string(struct assembly *as, struct slice *ret_string);
/* One character of a text or character constant, which may be an escape. False after an error. */
bool take_character(struct assembly *as, uint32_t *ret_character);
/* What comes next, for messages: a few characters in quotes, or "the end of the line". */
const char *what_comes(struct assembly *as);
/* An error if anything but blanks is left. */
bool expect_end(struct assembly *as);

#endif
