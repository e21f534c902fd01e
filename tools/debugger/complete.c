/* See complete.h. */
#include "complete.h"

#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>

#include "debugger.h"
#include "isa/isa.h"
#include "table.h"

/* More are as good as none to a person. */
#define MOST_CANDIDATES 4000

struct candidates {
    const char *text;
    size_t length;
    char **list; /* malloc'd, each malloc'd; the first is left free for the common beginning */
    size_t count, room;
};

/* Adds a name, after a prefix, if it begins with what was typed. */
static void add(struct candidates *all, const char *prefix, const char *name)
{
    size_t before = strlen(prefix), length = before + strlen(name);
    char *whole = malloc(length + 1);
    if (whole == NULL)
        return;
    memcpy(whole, prefix, before);
    strcpy(whole + before, name);
    if (strncmp(whole, all->text, all->length) != 0 || all->count >= MOST_CANDIDATES) {
        free(whole);
        return;
    }
    if (all->count + 2 >= all->room) {
        size_t room = all->room * 2 + 16;
        char **longer = realloc(all->list, room * sizeof *longer);
        if (longer == NULL) {
            free(whole);
            return;
        }
        all->list = longer;
        all->room = room;
    }
    all->list[++all->count] = whole;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorts, drops doubles, and puts the common beginning in front, as readline wants it. */
static char **candidates_finish(struct candidates *all)
{
    if (all->count == 0) {
        free(all->list);
        return NULL;
    }
    char **list = all->list;
    qsort(list + 1, all->count, sizeof *list, compare);
    size_t kept = 1;
    for (size_t i = 2; i <= all->count; i++) {
        if (strcmp(list[i], list[kept]) == 0)
            free(list[i]);
        else
            list[++kept] = list[i];
    }
    list[kept + 1] = NULL;
    size_t common = strlen(list[1]);
    for (size_t i = 2; i <= kept; i++)
        for (size_t j = 0; j < common; j++)
            if (list[i][j] != list[1][j])
                common = j;
    list[0] = strndup(list[1], common);
    if (kept == 1)
        list[1] = NULL; /* one alone is the common beginning */
    return list;
}

/* --- What there is ------------------------------------------------------------------------------------------------------- */

static void add_commands(struct debugger *d, struct candidates *all, const struct command *parent)
{
    const struct command *row;
    for (size_t i = 0; (row = table_row(i)) != NULL; i++)
        if (table_is_below(row, parent))
            add(all, "", table_own_name(row));
    if (parent == NULL)
        for (const struct definition *one = d->definitions; one != NULL; one = one->next)
            add(all, "", one->name);
}

/* Each with a dollar sign where one was typed. */
static void add_registers(struct candidates *all)
{
    const char *prefix = all->text[0] == '$' ? "$" : "";
    for (uint32_t i = 0; i < 32; i++)
        add(all, prefix, tg_register_name(i));
    add(all, prefix, "pc");
}

static void add_cregs(struct candidates *all)
{
    const char *prefix = all->text[0] == '$' ? "$" : "";
    for (uint32_t i = 0; i < 256; i++)
        if (tg_creg_info(i) != NULL)
            add(all, prefix, tg_creg_info(i)->name);
}

static void add_instructions(struct candidates *all)
{
    for (int id = 1; id < TG_INSN_COUNT; id++)
        add(all, "", tg_insn_info((enum tg_insn_id)id)->mnemonic);
}

/* The alternatives of a syntax such as "on|off|file FILE". */
static void add_words(struct candidates *all, const char *syntax)
{
    char word[64];
    while (*syntax != '\0') {
        size_t length = strcspn(syntax, "| []");
        if (length > 0 && length < sizeof word && strspn(syntax, "abcdefghijklmnopqrstuvwxyz-") == length) {
            memcpy(word, syntax, length);
            word[length] = '\0';
            add(all, "", word);
        }
        syntax += length;
        syntax += strspn(syntax, "| []");
    }
}

static void add_files(struct candidates *all)
{
    char *name;
    for (int state = 0; (name = rl_filename_completion_function(all->text, state)) != NULL; state = 1) {
        add(all, "", name);
        free(name);
    }
    rl_filename_completion_desired = 1;
}

/* --- What fits the place ------------------------------------------------------------------------------------------------- */

/* The command whose arguments begin before byte start of line; *ret_is_below: its next word would be a sub-command. */
static const struct command *command_before(struct debugger *d, const char *line, size_t start, bool *ret_is_below)
{
    const struct command *command = NULL;
    size_t at = strspn(line, " \t");
    *ret_is_below = true;
    while (at < start) {
        size_t length = strcspn(line + at, " \t/");
        const struct command *below = table_find(d, command, line + at, length, true);
        if (at + length >= start + 1 || below == NULL) {
            *ret_is_below = false;
            return command;
        }
        command = below;
        at += strcspn(line + at, " \t");
        at += strspn(line + at, " \t");
    }
    return command;
}

static void add_for_command(struct debugger *d, struct candidates *all, const struct command *command)
{
    switch (command->completes) {
    case COMPLETES_NOTHING:
    case COMPLETES_BELOW:
        break;
    case COMPLETES_COMMAND:
        add_commands(d, all, NULL);
        add_instructions(all);
        add_cregs(all);
        break;
    case COMPLETES_WORDS:
        add_words(all, command->syntax);
        break;
    case COMPLETES_EXPRESSION:
        add_registers(all);
        add_cregs(all);
        break;
    case COMPLETES_LOCATION:
        break;
    case COMPLETES_REGISTER:
        add_registers(all);
        break;
    case COMPLETES_CREG:
        add_cregs(all);
        break;
    case COMPLETES_POINT:
    case COMPLETES_CHECKPOINT:
        break;
    case COMPLETES_FILE:
        add_files(all);
        break;
    }
}

char **complete_matches(struct debugger *d, const char *line, size_t start, const char *text)
{
    struct candidates all = {.text = text, .length = strlen(text)};
    bool is_below;
    const struct command *command = command_before(d, line, start, &is_below);
    if (is_below)
        add_commands(d, &all, command);
    if (command != NULL && command->completes == COMPLETES_COMMAND && !is_below)
        add_commands(d, &all, NULL);
    if (command != NULL)
        add_for_command(d, &all, command);
    return candidates_finish(&all);
}
