/* See table.h. The last column is not padded: it holds the longest texts. */
#include "isadoc/table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void table_row(struct table *table)
{
    assert(table->rows < TABLE_ROWS);
    table->rows++;
}

/* text with a backslash before each vertical bar, malloc'd; NULL without memory. */
static char *escape(const char *text)
{
    char *escaped = malloc(2 * strlen(text) + 1), *end = escaped;

    for (; escaped && *text; text++) {
        if (*text == '|')
            *end++ = '\\';
        *end++ = *text;
    }
    if (escaped)
        *end = 0;
    return escaped;
}

void table_cell(struct table *table, const char *form, ...)
{
    char text[512];
    char **row;
    size_t column = 0;
    va_list args;
    int length;

    assert(table->rows > 0);
    row = table->cells[table->rows - 1];
    while (column < TABLE_COLUMNS && row[column])
        column++;
    assert(column < TABLE_COLUMNS);

    va_start(args, form);
    length = vsnprintf(text, sizeof(text), form, args);
    va_end(args);
    assert(length >= 0 && (size_t)length < sizeof(text));

    row[column] = escape(text);
    table->is_exhausted |= !row[column];
    if (column + 1 > table->columns)
        table->columns = column + 1;
}

static size_t column_width(const struct table *table, size_t column)
{
    size_t width = 1;

    for (size_t row = 0; row < table->rows; row++) {
        const char *cell = table->cells[row][column];

        if (cell && strlen(cell) > width)
            width = strlen(cell);
    }
    return width;
}

static void write_row(const struct table *table, size_t row, const size_t *widths, FILE *out)
{
    for (size_t column = 0; column < table->columns; column++) {
        const char *cell = table->cells[row][column];

        fprintf(out, "| %-*s ", (int)widths[column], cell ? cell : "");
    }
    fputs("|\n", out);
}

static void write_rule(const struct table *table, const size_t *widths, FILE *out)
{
    for (size_t column = 0; column < table->columns; column++) {
        fputc('|', out);
        for (size_t i = 0; i < widths[column] + 2; i++)
            fputc('-', out);
    }
    fputs("|\n", out);
}

void table_head(struct table *table, const char *const *titles)
{
    table_row(table);
    for (; *titles; titles++)
        table_cell(table, "%s", *titles);
}

bool table_finish(struct table *table, FILE *out)
{
    size_t widths[TABLE_COLUMNS] = {0};
    bool is_complete = !table->is_exhausted;

    for (size_t column = 0; column + 1 < table->columns; column++)
        widths[column] = column_width(table, column);
    if (table->columns > 0)
        widths[table->columns - 1] = 1;
    for (size_t row = 0; row < table->rows; row++) {
        write_row(table, row, widths, out);
        if (row == 0)
            write_rule(table, widths, out);
    }
    for (size_t row = 0; row < table->rows; row++)
        for (size_t column = 0; column < table->columns; column++)
            free(table->cells[row][column]);
    memset(table, 0, sizeof(*table));
    return is_complete;
}
