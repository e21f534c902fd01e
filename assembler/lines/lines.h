/*
 * From places in an object or executable to lines of its source, by its DWARF line tables. Objects
 * are linked by themselves for this, in memory, so that their line tables have addresses.
 */
#ifndef TG_LINES_H
#define TG_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "object/object.h"

struct tg_line {
    const char *path; /* where it was when it was compiled; lives as long as the lines, like file */
    const char *file; /* as the compiler was given it, or absolute */
    unsigned line, column; /* from 1; 0: not known */
};

struct tg_lines;

/* Reads the line tables of an object, which is not changed and not kept. NULL when it has none,
 * they cannot be read, or memory is short. */
struct tg_lines *tg_lines_open(const struct tg_obj *obj);
/* Accepts NULL. */
void tg_lines_close(struct tg_lines *lines);

/* The line of the byte at offset of a section (index in the object). False: not known. */
bool tg_lines_find(const struct tg_lines *lines, uint32_t section, uint32_t offset,
                   struct tg_line *ret_line);

#endif
