/* See debugger_tables.h. */
#include "isadoc/debugger_tables.h"

#include <string.h>

#include "isadoc/table.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum group {
#define GROUP(id, title) GROUP_##id,
#include "debugger/commands.def"
    GROUP_COUNT
};

static const char *const names_of_groups[] = {
#define GROUP(id, title) "debugger-" title,
#include "debugger/commands.def"
};

static const struct {
    const char *name, *aliases, *syntax, *help, *example;
    enum group group;
} rows[] = {
#define COMMAND(name, aliases, run, group, syntax, help, example, ...) {name, aliases, syntax, help, example, GROUP_##group},
#include "debugger/commands.def"
};

/* The help as one cell. */
static void help_cell(struct table *table, const char *help)
{
    char text[1024];
    size_t length = 0;
    for (; *help != '\0' && length < sizeof text - 3; help++) {
        if (*help == '\n') {
            if (length > 0 && text[length - 1] != '.')
                text[length++] = '.';
            text[length++] = ' ';
        } else {
            text[length++] = *help;
        }
    }
    text[length] = '\0';
    table_cell(table, "%s", text);
}

static bool write_group(enum group group, FILE *out)
{
    struct table table = {0};
    TABLE_HEAD(&table, "command", "short", "what it does", "example");
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].group != group)
            continue;
        table_row(&table);
        table_cell(&table, "`%s%s%s`", rows[i].name, rows[i].syntax[0] != '\0' ? " " : "", rows[i].syntax);
        table_cell(&table, rows[i].aliases[0] != '\0' ? "`%s`" : "%s", rows[i].aliases);
        help_cell(&table, rows[i].help);
        table_cell(&table, rows[i].example[0] != '\0' ? "`%s`" : "%s", rows[i].example);
    }
    return table_finish(&table, out);
}

size_t debugger_tables_names(const char **names, size_t room)
{
    for (size_t i = 0; i < GROUP_COUNT && i < room; i++)
        names[i] = names_of_groups[i];
    return GROUP_COUNT;
}

bool debugger_tables_write(const char *name, FILE *out)
{
    for (int group = 0; group < GROUP_COUNT; group++)
        if (strcmp(names_of_groups[group], name) == 0)
            return write_group((enum group)group, out);
    return false;
}
