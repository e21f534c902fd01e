/* The tables of the manuals, written from the rows of emu/isa, emu/bus and assembler. */
#ifndef ISADOC_TABLES_H
#define ISADOC_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Puts the names of the first room tables, in the order of the manual, into names; returns how many
 * tables there are. */
size_t tables_names(const char **names, size_t room);

/* Writes the table with that name as Markdown. Returns false when there is none, or no memory. */
bool tables_write(const char *name, FILE *out);

#endif
