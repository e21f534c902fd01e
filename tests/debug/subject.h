/*
 * What tests of programs, values, expressions and backtraces share: files, the subject's programs,
 * a machine that runs to a place of one, and the text of an expression there. Whatever goes wrong
 * fails the test.
 */
#ifndef TEST_DEBUG_SUBJECT_H
#define TEST_DEBUG_SUBJECT_H

#include "debug/expression.h"
#include "debug/program.h"
#include "debug/unwind.h"
#include "tollgate.h"

/* All of a file, the caller's to free. */
void *read_file(const char *path, size_t *ret_size);
struct tg_program *open_program(const char *path);

/* The number of the first line of the source at path that contains the words. */
unsigned line_of(const char *path, const char *words);

struct subject {
    struct tg_machine *machine;
    struct tg_program *program;
    struct tg_machine_source source;
    struct tg_frame frame;
    struct tg_frame_scope scope;
};

/* A machine that begins the program at path. */
void subject_open(struct subject *subject, const char *path);
void subject_close(struct subject *subject);

/* Runs until the machine stands at a place (tg_program_locate), and selects the innermost frame. */
void subject_run_to(struct subject *subject, const char *place);
/* Selects the frame outside the selected one; false: there is none. */
bool subject_up(struct subject *subject);
/* Selects the innermost frame of that function, which must be there. */
void subject_select(struct subject *subject, const char *function);

/* The text of an expression in the selected frame, or of its error, "column N: TEXT"; valid until
 * the next call. */
const char *text_of(struct subject *subject, const char *expression);
const char *text_as(struct subject *subject, const char *expression,
                    const struct tg_format_options *options);

#endif
