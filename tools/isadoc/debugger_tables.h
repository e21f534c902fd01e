/* The tables of docs/debugger.md, written from the rows of tools/debugger/commands.def. */
#ifndef ISADOC_DEBUGGER_TABLES_H
#define ISADOC_DEBUGGER_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* As in tables.h. A group of commands has the table "debugger-" and its title. */
size_t debugger_tables_names(const char **names, size_t room);
bool debugger_tables_write(const char *name, FILE *out);

#endif
