/* See table.h. */
#include "table.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "common/options.h"
#include "output.h"

static const struct command rows[] = {
#define COMMAND(name, aliases, run, group, syntax, help, example, completes, repeats)                                   \
    {name, aliases, run, GROUP_##group, syntax, help, example, COMPLETES_##completes, REPEATS_##repeats},
#include "commands.def"
};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

static const char *const titles[] = {
#define GROUP(id, title) [GROUP_##id] = (title),
#include "commands.def"
};

const struct command *table_row(size_t number)
{
    return number < ROW_COUNT ? &rows[number] : NULL;
}

const char *table_group_title(enum command_group group)
{
    return titles[group];
}

bool table_is_below(const struct command *row, const struct command *parent)
{
    if (parent == NULL)
        return strchr(row->name, ' ') == NULL;
    size_t length = strlen(parent->name);
    return strncmp(row->name, parent->name, length) == 0 && row->name[length] == ' ' &&
           strchr(row->name + length + 1, ' ') == NULL;
}

const char *table_own_name(const struct command *row)
{
    const char *space = strrchr(row->name, ' ');
    return space != NULL ? space + 1 : row->name;
}

bool table_opens_block(const struct command *row)
{
    static const char ending[] = " ... end";
    size_t length = strlen(row->syntax), size = sizeof ending - 1;
    return length >= size && strcmp(row->syntax + length - size, ending) == 0;
}

bool table_has_alias(const struct command *row, const char *word, size_t length)
{
    for (const char *alias = row->aliases; *alias != '\0'; alias += strspn(alias, " ")) {
        size_t size = strcspn(alias, " ");
        if (size == length && strncmp(alias, word, length) == 0)
            return true;
        alias += size;
    }
    return false;
}

static bool is_exact(const struct command *row, const char *word, size_t length)
{
    const char *name = table_own_name(row);
    return (strlen(name) == length && strncmp(name, word, length) == 0) || table_has_alias(row, word, length);
}

static void complain_ambiguous(struct debugger *d, const struct command *parent, const char *word, size_t length)
{
    char list[512];
    size_t used = 0;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const char *name = table_own_name(&rows[i]);
        if (!table_is_below(&rows[i], parent) || strncmp(name, word, length) != 0)
            continue;
        int size = snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? ", " : "", name);
        if (size > 0 && (size_t)size < sizeof list - used)
            used += (size_t)size;
    }
    complain(d, "\"%s%s%.*s\" begins several commands: %s", parent != NULL ? parent->name : "", parent != NULL ? " " : "",
             (int)length, word, list);
}

static void complain_unknown(struct debugger *d, const struct command *parent, const char *word, size_t length)
{
    const char *names[ROW_COUNT];
    size_t count = 0;
    char shown[48];
    snprintf(shown, sizeof shown, "%.*s", (int)length, word);
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (table_is_below(&rows[i], parent))
            names[count++] = table_own_name(&rows[i]);
    const char *near = nearest_name(shown, names, count);
    const char *above = parent != NULL ? parent->name : "", *gap = parent != NULL ? " " : "";
    if (near != NULL)
        complain(d, "unknown command \"%s%s%s\"; did you mean \"%s%s%s\"?", above, gap, shown, above, gap, near);
    else
        complain(d, "unknown command \"%s%s%s\"; \"help%s%s\" lists all", above, gap, shown, gap, above);
}

const struct command *table_find(struct debugger *d, const struct command *parent, const char *word, size_t length,
                                 bool is_quiet)
{
    const struct command *found = NULL;
    size_t count = 0;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (!table_is_below(&rows[i], parent))
            continue;
        if (is_exact(&rows[i], word, length))
            return &rows[i];
        if (length > 0 && strncmp(table_own_name(&rows[i]), word, length) == 0) {
            found = &rows[i];
            count++;
        }
    }
    if (count == 1)
        return found;
    if (!is_quiet && count > 1)
        complain_ambiguous(d, parent, word, length);
    else if (!is_quiet)
        complain_unknown(d, parent, word, length);
    return NULL;
}

static bool has_below(const struct command *parent)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (table_is_below(&rows[i], parent))
            return true;
    return false;
}

static const char *skip_spaces(const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    return text;
}

/* A command's name ends where its arguments can begin without a space: x/8xw, p$a0, p(1+2). */
static size_t name_length(const char *text)
{
    size_t length = 0;
    while (isalnum((unsigned char)text[length]) || text[length] == '-' || text[length] == '_')
        length++;
    return length > 0 ? length : strcspn(text, " \t");
}

const struct command *table_parse(struct debugger *d, const char *line, struct args *ret_args)
{
    const char *text = skip_spaces(line);
    const struct command *command = NULL;
    *ret_args = (struct args){.at = text};
    if (*text == '\0' || *text == '#')
        return NULL;
    do {
        size_t length = name_length(text);
        const struct command *below = table_find(d, command, text, length, false);
        if (below == NULL)
            return NULL;
        command = below;
        text += length;
        if (*text == '/') {
            size_t size = strcspn(text + 1, " \t");
            if (size >= ARGS_FORMAT_BYTES) {
                complain(d, "%s: the format \"%.40s\" is too long", command->name, text);
                return NULL;
            }
            memcpy(ret_args->format, text + 1, size);
            text += 1 + size;
        }
        text = skip_spaces(text);
    } while (*text != '\0' && *text != '/' && has_below(command) &&
             (command->run == help_parent || table_find(d, command, text, name_length(text), true) != NULL));
    ret_args->name = command->name;
    ret_args->at = text;
    return command;
}
