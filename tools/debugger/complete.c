/* See complete.h. */
#include "complete.h"

#include <stdio.h>
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
    if (kept == 1) { /* one alone is the common beginning */
        free(list[1]);
        list[1] = NULL;
    }
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

/* A name of a program, with what was typed before it: &, PROGRAM!. */
struct taker {
    struct candidates *all;
    const char *prefix;
};

static bool take_name(void *context, const char *name)
{
    struct taker *taker = context;
    add(taker->all, taker->prefix, name);
    return taker->all->count < MOST_CANDIDATES;
}

static void add_names_of(struct candidates *all, struct tg_program *program, const char *prefix)
{
    struct taker taker = {all, prefix};
    if (program != NULL)
        tg_program_complete(program, all->text + strlen(prefix), take_name, &taker);
}

/* Symbols and source files of all programs that are known; behind "PROGRAM!" of that one. */
static void add_names(struct debugger *d, struct candidates *all)
{
    char prefix[256];
    const char *mark = strchr(all->text, '!');
    if (mark == NULL || (size_t)(mark - all->text) >= sizeof prefix - 1) {
        for (size_t i = 0; i < d->programs.opened_count; i++)
            add_names_of(all, d->programs.opened[i], "");
        return;
    }
    snprintf(prefix, sizeof prefix, "%.*s", (int)(mark - all->text), all->text);
    struct tg_program *program = programs_find(d, prefix, false);
    if (program == NULL)
        program = programs_find(d, prefix, true);
    snprintf(prefix, sizeof prefix, "%.*s!", (int)(mark - all->text), all->text);
    add_names_of(all, program, prefix);
}

/* $1 is not worth it; $name is. */
static void add_variables(struct debugger *d, struct candidates *all)
{
    for (size_t i = 0; i < d->values.named_count; i++)
        add(all, "$", d->values.named[i].name);
}

static void add_points(struct debugger *d, struct candidates *all)
{
    const struct tg_debug_point *point = NULL;
    char number[16];
    for (uint32_t last = 0; (point = tg_debug_point_after(d->core, last)) != NULL; last = point->number) {
        snprintf(number, sizeof number, "%u", point->number);
        add(all, "", number);
    }
}

static void add_checkpoints(struct debugger *d, struct candidates *all)
{
    const struct tg_debug_bookmark *one;
    for (size_t i = 0; (one = tg_debug_bookmark(d->core, i)) != NULL; i++)
        add(all, "", one->name);
}

static void add_processes(struct debugger *d, struct candidates *all)
{
    struct tg_guest_process *rows = d->guest != NULL ? calloc(512, sizeof *rows) : NULL;
    size_t count = rows != NULL ? tg_guest_processes(d->guest, rows, 512) : 0;
    for (size_t i = 0; i < count; i++)
        add(all, "", rows[i].name);
    free(rows);
}

/* What the filters of an event can be. */
static void add_event(struct debugger *d, struct candidates *all, const char *event)
{
    struct tg_device_view device;
    static const char *const words[] = {"cpu", "from", "if", "process", "to"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        add(all, "", words[i]);
    if (strcmp(event, "trap") == 0 || strcmp(event, "exception") == 0)
        for (uint32_t i = 0; i < 256; i++)
            if (tg_cause_info(i) != NULL)
                add(all, "", tg_cause_info(i)->name);
    if (strcmp(event, "irq") == 0 || strcmp(event, "device") == 0)
        for (uint32_t i = 0; tg_device(i, &device); i++)
            add(all, "", device.name);
    if ((strcmp(event, "syscall") == 0 || strcmp(event, "message") == 0) && d->guest != NULL)
        for (uint32_t i = 0; i < tg_guest_call_count(d->guest); i++)
            if (tg_guest_call_name(d->guest, i) != NULL)
                add(all, "", tg_guest_call_name(d->guest, i));
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
        add_variables(d, all);
        add_names(d, all);
        break;
    case COMPLETES_LOCATION:
        add_names(d, all);
        break;
    case COMPLETES_REGISTER:
        add_registers(all);
        break;
    case COMPLETES_CREG:
        add_cregs(all);
        break;
    case COMPLETES_EVENT:
        add_event(d, all, table_own_name(command));
        break;
    case COMPLETES_POINT:
        add_points(d, all);
        break;
    case COMPLETES_CHECKPOINT:
        add_checkpoints(d, all);
        break;
    case COMPLETES_PROCESS:
        add_processes(d, all);
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

const char *complete_breaks(struct debugger *d, const char *line, size_t point)
{
    bool is_below;
    size_t start = point;
    while (start > 0 && line[start - 1] != ' ' && line[start - 1] != '\t')
        start--;
    const struct command *command = command_before(d, line, start, &is_below);
    if (command != NULL && command->completes == COMPLETES_EXPRESSION)
        return " \t\"'<>=;|&{(,+-*!~^%?[]";
    return " \t\"'";
}
