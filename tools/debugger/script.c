/* See script.h. */
#include "script.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "debugger.h"
#include "table.h"

#define MOST_ARGUMENTS 10
#define TEXT_LIMIT     ((size_t)1 << 20)

const struct definition *script_find(const struct debugger *d, const char *name, size_t length)
{
    for (const struct definition *one = d->definitions; one != NULL; one = one->next)
        if (strlen(one->name) == length && strncmp(one->name, name, length) == 0)
            return one;
    return NULL;
}

static struct definition *definition_make(struct debugger *d, const char *name)
{
    struct definition *one = (struct definition *)script_find(d, name, strlen(name));
    if (one != NULL)
        return one;
    one = calloc(1, sizeof *one);
    if (one == NULL || (one->name = strdup(name)) == NULL) {
        free(one);
        return NULL;
    }
    one->next = d->definitions;
    d->definitions = one;
    return one;
}

void script_forget_all(struct debugger *d)
{
    while (d->definitions != NULL) {
        struct definition *one = d->definitions;
        d->definitions = one->next;
        free(one->name);
        free(one->text);
        free(one->help);
        free(one);
    }
}

/* --- Running a definition --------------------------------------------------------------------------------------------- */

struct text {
    char *bytes;
    size_t size, room;
    bool is_exhausted;
};

static void text_add(struct text *text, const char *bytes, size_t count)
{
    if (text->size + count + 1 > text->room) {
        size_t room = (text->size + count + 1) * 2;
        char *longer = room <= TEXT_LIMIT ? realloc(text->bytes, room) : NULL;
        if (longer == NULL) {
            text->is_exhausted = true;
            return;
        }
        text->bytes = longer;
        text->room = room;
    }
    memcpy(text->bytes + text->size, bytes, count);
    text->size += count;
    text->bytes[text->size] = '\0';
}

/* The place that $argN or $argc stands at: its length and which it is (MOST_ARGUMENTS: $argc); 0: none. */
static size_t argument_at(const char *text, unsigned *ret_number)
{
    if (strncmp(text, "$arg", 4) != 0 || isalnum((unsigned char)text[5]) || text[5] == '_')
        return 0;
    if (isdigit((unsigned char)text[4]))
        *ret_number = (unsigned)(text[4] - '0');
    else if (text[4] == 'c')
        *ret_number = MOST_ARGUMENTS;
    else
        return 0;
    return 5;
}

static void substitute(struct text *out, const char *text, char words[][ARGS_WORD_BYTES], unsigned count)
{
    while (*text != '\0') {
        unsigned number = 0;
        size_t length = argument_at(text, &number);
        const char digit[2] = {(char)('0' + count % 10), '\0'};
        if (length == 0)
            text_add(out, text, 1);
        else if (number == MOST_ARGUMENTS)
            text_add(out, count == MOST_ARGUMENTS ? "10" : digit, count == MOST_ARGUMENTS ? 2 : 1);
        else if (number < count)
            text_add(out, words[number], strlen(words[number]));
        text += length > 0 ? length : 1;
    }
}

bool script_run(struct debugger *d, const struct definition *definition, const char *arguments)
{
    struct args args = {.name = definition->name, .at = arguments};
    char (*words)[ARGS_WORD_BYTES] = calloc(MOST_ARGUMENTS, sizeof *words);
    char *name = strdup(definition->name); /* a definition may replace itself */
    struct text text = {0};
    unsigned count = 0;
    bool is_fine = words != NULL && name != NULL;
    while (is_fine && count < MOST_ARGUMENTS && args_word(d, &args, words[count]))
        count++;
    is_fine = is_fine && args_end(d, &args);
    if (is_fine) {
        substitute(&text, definition->text, words, count);
        if (text.is_exhausted)
            is_fine = complain(d, "%s: its text with these arguments is too long", name);
        else if (text.bytes != NULL)
            is_fine = source_run(d, name, text.bytes, false);
    }
    free(text.bytes);
    free(words);
    free(name);
    return is_fine;
}

/* --- Commands ---------------------------------------------------------------------------------------------------------- */

static bool name_is_sound(struct debugger *d, struct args *args, const char *word)
{
    if (word[0] == '\0' || strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != strlen(word))
        return complain(d, "%s \"%s\": a command's name is letters, digits, - and _", args->name, word);
    const struct command *own = table_find(d, NULL, word, strlen(word), true);
    if (own != NULL && strcmp(own->name, word) == 0)
        return complain(d, "%s %s: that is a command of the debugger's own", args->name, word);
    return true;
}

bool script_define(struct debugger *d, struct args *args)
{
    char word[ARGS_WORD_BYTES], *text;
    if (!args_word(d, args, word))
        return complain(d, "%s: expected the name of the new command", args->name);
    if (!name_is_sound(d, args, word) || !args_end(d, args) || !source_block(d, args->name, &text))
        return false;
    struct definition *one = definition_make(d, word);
    if (one == NULL) {
        free(text);
        return complain(d, "%s: not enough memory", args->name);
    }
    free(one->text);
    one->text = text;
    return true;
}

bool script_document(struct debugger *d, struct args *args)
{
    char word[ARGS_WORD_BYTES], *text;
    if (!args_word(d, args, word) || script_find(d, word, strlen(word)) == NULL)
        return complain(d, "%s: expected the name of a command that was defined before", args->name);
    if (!args_end(d, args) || !source_block(d, args->name, &text))
        return false;
    struct definition *one = (struct definition *)script_find(d, word, strlen(word));
    free(one->help);
    one->help = text;
    return true;
}

bool script_source(struct debugger *d, struct args *args)
{
    char word[ARGS_WORD_BYTES];
    if (!args_word(d, args, word))
        return complain(d, "%s: expected a file of commands", args->name);
    return args_end(d, args) && source_run_file(d, word, false);
}

/* Text with \n, \t, \\ and \" as C has them. */
bool script_echo(struct debugger *d, struct args *args)
{
    char text[ARGS_WORD_BYTES];
    size_t length = 0;
    for (const char *at = args->at; *at != '\0' && length < sizeof text - 1; at++) {
        if (*at == '\\' && at[1] != '\0') {
            at++;
            text[length++] = *at == 'n' ? '\n' : *at == 't' ? '\t' : *at;
        } else {
            text[length++] = *at;
        }
    }
    text[length] = '\0';
    say(d, "%s%s", text, length > 0 && text[length - 1] == '\n' ? "" : "\n");
    return true;
}

bool script_quit(struct debugger *d, struct args *args)
{
    char word[ARGS_WORD_BYTES];
    uint64_t status = 0;
    if (args_word(d, args, word) && (!args_read_number(word, &status) || status > 99))
        return complain(d, "%s %s: expected an exit status, 0 to 99", args->name, word);
    if (!args_end(d, args))
        return false;
    d->is_over = true;
    d->status = (int)status;
    return true;
}
