/*
 * Expressions and their values: print, set, types, and what is displayed at every stop.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "data.h"
#include "debugger.h"

#define TEXT_BYTES 8192

/* --- print ---------------------------------------------------------------------------------------------------------------------- */

/* A format of print's: one letter. False after complaining. */
static bool read_letter(struct debugger *d, const struct args *args, char *ret_letter)
{
    *ret_letter = args->format[0];
    if (args->format[0] == '\0')
        return true;
    if (args->format[1] != '\0' || strchr("xdutoacsf", args->format[0]) == NULL)
        return complain(d, "%s/%s: expected one letter of x d u t o a c s f", args->name, args->format);
    return true;
}

static void print_value(struct debugger *d, const struct tg_value *value, char letter)
{
    const struct tg_format_options options = {.letter = letter, .is_pretty = d->is_pretty};
    char *text = malloc(TEXT_BYTES);
    if (text == NULL)
        return;
    tg_value_format(view_scope(d), value, &options, text, TEXT_BYTES);
    say(d, "%s\n", text);
    free(text);
}

bool data_print(struct debugger *d, struct args *args)
{
    struct tg_value value;
    char letter;
    if (!read_letter(d, args, &letter) ||
        !view_evaluate(d, args->name, args_is_empty(args) ? "$" : args->at, &value))
        return false;
    if (value.is_unreadable)
        return complain(d, "%s: nothing can be read at 0x%" PRIx32 "; walk 0x%" PRIx32 " says why", args->name, value.address,
                        value.address);
    size_t number = values_remember(d, &value);
    say(d, "$%zu = ", number);
    print_value(d, &value, letter);
    return true;
}

bool data_output(struct debugger *d, struct args *args)
{
    struct tg_value value;
    char letter;
    if (!read_letter(d, args, &letter) || !view_evaluate(d, args->name, args->at, &value))
        return false;
    print_value(d, &value, letter);
    return true;
}

bool data_set(struct debugger *d, struct args *args)
{
    struct tg_value value;
    const char *text = args->at;
    if (strncmp(text, "pretty", 6) == 0 && (text[6] == ' ' || text[6] == '\0')) {
        text += 6 + strspn(text + 6, " ");
        if (strcmp(text, "on") != 0 && strcmp(text, "off") != 0)
            return complain(d, "set pretty: expected on or off");
        d->is_pretty = strcmp(text, "on") == 0;
        return true;
    }
    if (strncmp(text, "var ", 4) == 0) /* as gdb has it */
        text += 4;
    if (strchr(text, '=') == NULL)
        return complain(d, "%s: expected an assignment, as in %s a0 = 5", args->name, args->name);
    return view_evaluate(d, args->name, text, &value);
}

/* --- Types ---------------------------------------------------------------------------------------------------------------------- */

/* What an expression, or a type's name, has as its type. */
static bool read_type(struct debugger *d, struct args *args, struct tg_type *ret_type)
{
    struct tg_value value;
    struct tg_program *program = view_scope(d)->program;
    const char *name = args->at;
    if (tg_type_by_name(program, name, strlen(name), ret_type))
        return true;
    for (size_t i = 0; i < d->programs.opened_count; i++)
        if (tg_type_by_name(d->programs.opened[i], name, strlen(name), ret_type))
            return true;
    if (!view_evaluate(d, args->name, args->at, &value))
        return false;
    *ret_type = value.type;
    return true;
}

bool data_whatis(struct debugger *d, struct args *args)
{
    struct tg_type type;
    char text[256];
    if (!read_type(d, args, &type))
        return false;
    say(d, "type = %s\n", tg_type_name(type, text, sizeof text));
    return true;
}

bool data_ptype(struct debugger *d, struct args *args)
{
    struct tg_type type;
    if (!read_type(d, args, &type))
        return false;
    char *text = malloc(TEXT_BYTES);
    if (text == NULL)
        return complain(d, "%s: not enough memory", args->name);
    tg_type_describe(type, text, TEXT_BYTES);
    say(d, "type = %s%s", text, text[0] != '\0' && text[strlen(text) - 1] == '\n' ? "" : "\n");
    free(text);
    return true;
}

/* --- Conditions in scripts -------------------------------------------------------------------------------------------------------- */

static bool is_true(struct debugger *d, const char *command, const char *text, bool *ret_is_true)
{
    struct tg_value value;
    int64_t number;
    if (!view_evaluate(d, command, text, &value))
        return false;
    if (!tg_value_number(&value, &number))
        return complain(d, "%s: \"%s\" is no number", command, text);
    *ret_is_true = number != 0;
    return true;
}

bool data_assert(struct debugger *d, struct args *args)
{
    bool holds;
    if (!is_true(d, args->name, args->at, &holds))
        return false;
    return holds || complain(d, "%s: this is not so: %s", args->name, args->at);
}

/* Cuts text at the line "else" that belongs to it; NULL: there is none. */
static char *cut_at_else(struct debugger *d, char *text)
{
    unsigned depth = 0;
    (void)d;
    for (char *line = text; *line != '\0';) {
        char *end = line + strcspn(line, "\n");
        const char *word = line + strspn(line, " \t");
        size_t length = strcspn(word, " \t\n");
        if (depth == 0 && length == 4 && strncmp(word, "else", 4) == 0) {
            *line = '\0';
            return *end != '\0' ? end + 1 : end;
        }
        if ((length == 2 && strncmp(word, "if", 2) == 0) || (length == 5 && strncmp(word, "while", 5) == 0))
            depth++;
        if (length == 3 && strncmp(word, "end", 3) == 0 && depth > 0)
            depth--;
        line = *end != '\0' ? end + 1 : end;
    }
    return NULL;
}

bool data_if(struct debugger *d, struct args *args)
{
    char *condition = strdup(args->at), *text;
    bool holds;
    if (condition == NULL || !source_block(d, args->name, &text)) {
        free(condition);
        return false;
    }
    char *otherwise = cut_at_else(d, text);
    bool is_fine = is_true(d, args->name, condition, &holds);
    if (is_fine && (holds || otherwise != NULL))
        is_fine = source_run(d, "if", holds ? text : otherwise, false);
    free(text);
    free(condition);
    return is_fine;
}

bool data_while(struct debugger *d, struct args *args)
{
    char *condition = strdup(args->at), *text;
    bool holds, is_fine;
    if (condition == NULL || !source_block(d, args->name, &text)) {
        free(condition);
        return false;
    }
    while ((is_fine = is_true(d, args->name, condition, &holds)) && holds && !d->is_over &&
           source_run(d, "while", text, false) && !debugger_is_interrupted)
        ;
    is_fine = is_fine && !holds;
    free(text);
    free(condition);
    return is_fine;
}

/* --- Displays ---------------------------------------------------------------------------------------------------------------------- */

static void show(struct debugger *d, const struct data_display *one)
{
    struct tg_value value;
    struct args args = {.name = "display", .at = one->text};
    const char *slash = one->format[0] != '\0' ? "/" : "";
    snprintf(args.format, sizeof args.format, "%s", one->format);
    if (!view_try(d, one->text, &value)) {
        say(d, "%u: %s is not known here\n", one->number, one->text);
    } else if (one->is_memory) {
        say(d, "%u: x%s%s %s\n", one->number, slash, one->format, one->text);
        memory_x(d, &args);
    } else {
        say(d, "%u: %s%s%s%s = ", one->number, slash, one->format, slash[0] != '\0' ? " " : "", one->text);
        print_value(d, &value, one->format[0]);
    }
}

void data_show_displays(struct debugger *d)
{
    for (const struct data_display *one = d->displays; one != NULL; one = one->next)
        if (one->is_enabled)
            show(d, one);
}

bool data_display(struct debugger *d, struct args *args)
{
    struct data_display **end = &d->displays;
    if (args_is_empty(args)) {
        data_show_displays(d);
        return true;
    }
    struct data_display *one = calloc(1, sizeof *one);
    if (one == NULL || (one->text = strdup(args->at)) == NULL) {
        free(one);
        return complain(d, "%s: not enough memory", args->name);
    }
    snprintf(one->format, sizeof one->format, "%s", args->format);
    one->is_memory = strpbrk(args->format, "is0123456789bhwg") != NULL;
    one->is_enabled = true;
    one->number = ++d->display_number;
    while (*end != NULL)
        end = &(*end)->next;
    *end = one;
    show(d, one);
    return true;
}

static void remove_display(struct data_display **place)
{
    struct data_display *one = *place;
    *place = one->next;
    free(one->text);
    free(one);
}

void data_forget_displays(struct debugger *d)
{
    while (d->displays != NULL)
        remove_display(&d->displays);
}

bool data_undisplay(struct debugger *d, struct args *args)
{
    char word[ARGS_WORD_BYTES];
    uint64_t number;
    if (args_is_empty(args)) {
        data_forget_displays(d);
        return true;
    }
    while (args_word(d, args, word)) {
        struct data_display **place = &d->displays;
        bool is_number = args_read_number(word, &number);
        while (*place != NULL && is_number && (*place)->number != number)
            place = &(*place)->next;
        if (*place == NULL || !is_number)
            return complain(d, "%s: there is no display %s; \"info display\" lists them", args->name, word);
        remove_display(place);
    }
    return true;
}

bool data_info_display(struct debugger *d, struct args *args)
{
    if (!args_end(d, args))
        return false;
    for (const struct data_display *one = d->displays; one != NULL; one = one->next)
        say(d, "%3u  %s%s%s%s\n", one->number, one->format[0] != '\0' ? "/" : "", one->format,
            one->format[0] != '\0' ? " " : "", one->text);
    if (d->displays == NULL)
        say(d, "nothing is displayed at stops\n");
    return true;
}
