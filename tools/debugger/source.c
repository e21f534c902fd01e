/* See source.h. */
#include "source.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "common/files.h"
#include "debugger.h"
#include "edit.h"
#include "table.h"

#define SCRIPT_LIMIT ((size_t)16 << 20)

bool source_push(struct debugger *d, struct source *source)
{
    source->outer = d->source;
    source->depth = d->source != NULL ? d->source->depth + 1 : 0;
    if (source->outer != NULL && source->outer->is_restricted)
        source->is_restricted = true;
    if (source->depth > SOURCE_DEPTH)
        return complain(d, "%s: scripts and definitions are nested more than %d deep; does one call itself?", source->name,
                        SOURCE_DEPTH);
    d->source = source;
    return true;
}

void source_pop(struct debugger *d)
{
    d->source = d->source->outer;
}

bool source_is_person(const struct source *source)
{
    return source != NULL && source->name == NULL;
}

bool source_is_restricted(const struct source *source)
{
    return source != NULL && source->is_restricted;
}

void source_print_place(const struct source *source, FILE *stream)
{
    if (source != NULL && source->name != NULL)
        fprintf(stream, "%s:%u: ", source->name, source->line);
}

/* A line of text in memory. */
static char *text_line(struct source *source)
{
    size_t length = strcspn(source->text, "\n");
    if (*source->text == '\0')
        return NULL;
    char *line = strndup(source->text, length);
    source->text += length;
    if (*source->text == '\n')
        source->text++;
    return line;
}

/* A line of a pipe or file on standard input. A zero byte ends what is seen of it. */
static char *piped_line(void)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t length = getline(&line, &room, stdin);
    if (length < 0) {
        free(line);
        return NULL;
    }
    line[strcspn(line, "\n")] = '\0';
    return line;
}

char *source_line(struct debugger *d, const char *prompt)
{
    struct source *source = d->source;
    char *line;
    if (source->text == NULL && d->is_terminal)
        return edit_line(d, prompt);
    line = source->text != NULL ? text_line(source) : piped_line();
    if (line == NULL)
        return NULL;
    source->line++;
    size_t length = strlen(line);
    if (length > 0 && line[length - 1] == '\r')
        line[length - 1] = '\0';
    if (d->is_echoing && source->depth == 0) {
        say(d, "%s%s\n", prompt, line);
        fflush(stdout); /* messages of files go past it, to stderr */
    }
    return line;
}

/* The first word of a line, as the command that it names; NULL: it names none. */
static const struct command *line_command(struct debugger *d, const char *line)
{
    line += strspn(line, " \t");
    return table_find(d, NULL, line, strcspn(line, " \t"), true);
}

static bool is_word(const char *line, const char *word)
{
    line += strspn(line, " \t");
    size_t length = strlen(word);
    return strncmp(line, word, length) == 0 && line[length + strspn(line + length, " \t")] == '\0';
}

static bool text_add(char **text, size_t *size, const char *line)
{
    size_t length = strlen(line);
    char *longer = realloc(*text, *size + length + 2);
    if (longer == NULL)
        return false;
    memcpy(longer + *size, line, length);
    memcpy(longer + *size + length, "\n", 2);
    *size += length + 1;
    *text = longer;
    return true;
}

bool source_block(struct debugger *d, const char *what, char **ret_text)
{
    char *text = strdup("");
    size_t size = 0;
    unsigned depth = 1;
    unsigned first = d->source->line;
    char *line;
    while (text != NULL && (line = source_line(d, ">")) != NULL) {
        const struct command *command = line_command(d, line);
        if (is_word(line, "end"))
            depth--;
        else if (command != NULL && table_opens_block(command))
            depth++;
        if (depth == 0) {
            free(line);
            *ret_text = text;
            return true;
        }
        bool is_added = text_add(&text, &size, line);
        free(line);
        if (!is_added)
            break;
    }
    free(text);
    return complain(d, "%s: the block that begins at line %u needs a line \"end\"", what, first);
}

bool source_run(struct debugger *d, const char *name, const char *text, bool is_restricted)
{
    struct source source = {.name = name, .text = text, .is_restricted = is_restricted};
    char *line;
    bool is_fine = true;
    if (!source_push(d, &source))
        return false;
    while (is_fine && !d->is_over && (line = source_line(d, "(tg) ")) != NULL) {
        is_fine = d->commands_left > 0 || complain(d, "so many commands were allowed by --max-commands, and no more");
        if (is_fine) {
            d->commands_left--;
            is_fine = debugger_execute(d, line);
        }
        free(line);
        if (is_fine && debugger_is_interrupted)
            is_fine = complain(d, "interrupted");
    }
    source_pop(d);
    return is_fine;
}

bool source_run_file(struct debugger *d, const char *path, bool is_restricted)
{
    struct file_bytes file;
    fflush(stdout);
    if (!file_read("command file", path, SCRIPT_LIMIT, &file))
        return false;
    bool is_fine = source_run(d, path, (const char *)file.bytes, is_restricted);
    free(file.bytes);
    return is_fine;
}
