/* A Markdown table that is also easy to read as plain text: its columns are padded. */
#ifndef ISADOC_TABLE_H
#define ISADOC_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TABLE_COLUMNS 20
#define TABLE_ROWS    128

/* All zero is an empty table. Limits are those of our own tables, so overstepping them is a bug. */
struct table {
    size_t rows;
    size_t columns;                         /* cells of the longest row */
    char *cells[TABLE_ROWS][TABLE_COLUMNS]; /* owned; NULL: empty */
    bool is_exhausted;                      /* no memory for a cell */
};

/* Begins a row; the first one is the head. */
void table_row(struct table *table);

/* Adds a cell to the last row, in printf's way. A vertical bar is escaped. */
__attribute__((format(printf, 2, 3))) void table_cell(struct table *table, const char *form, ...);

/* Adds the head row from its titles, the last of which is NULL. */
void table_head(struct table *table, const char *const *titles);
#define TABLE_HEAD(table, ...) table_head(table, (const char *const[]){__VA_ARGS__, NULL})

/* Writes the table and empties it. Returns false when memory ran out: what was written is no good.
 */
bool table_finish(struct table *table, FILE *out);

#endif
