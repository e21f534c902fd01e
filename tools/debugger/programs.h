/*
 * The programs whose names and source the debugger knows: the image, and those that the guest runs, opened when they are
 * first met. A program's file is looked for in the folders that "symbols" named and beside tollgate's own guest OS.
 */
#ifndef DEBUGGER_PROGRAMS_H
#define DEBUGGER_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "debug/program.h"

struct debugger;

#define PROGRAMS_MOST    128
#define PROGRAMS_FOLDERS 16

struct program_file {
    char *name;
    bool is_service;
    bool is_checked;            /* compared with the guest's memory */
    struct tg_program *program; /* NULL: no file was found */
};

struct programs {
    struct tg_program *kernel; /* the image; NULL: none, or not readable */
    bool is_kernel_checked;    /* it was loaded, or compared with the guest's memory */
    struct program_file files[PROGRAMS_MOST];
    size_t count;
    struct tg_program *opened[PROGRAMS_MOST + 1]; /* all that are open, the image first */
    size_t opened_count;
    char *folders[PROGRAMS_FOLDERS];
    size_t folder_count;
    struct tg_sources *sources;
};

/* Opens the image. What is wrong with it is said, and then it has no names. */
void programs_begin(struct debugger *d);
void programs_end(struct debugger *d);

/* The program of a process of that name, or NULL. */
struct tg_program *programs_find(struct debugger *d, const char *name, bool is_service);

/* Says once when memory, as it is looked at now, does not hold what the program's file says. */
void programs_check(struct debugger *d, struct tg_program *program);

#endif
