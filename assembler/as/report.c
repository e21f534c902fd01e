/* See report.h. */
#include "as/report.h"

#include <stdarg.h>
#include <string.h>

#include "common/options.h"

static const char *line_end(const struct spot *spot)
{
    const char *end = memchr(spot->line, '\n', (size_t)(spot->origin->end - spot->line));

    return end ? end : spot->origin->end;
}

/* The line as it is in the file, and under it the caret. */
static void show_line(FILE *out, const struct spot *spot)
{
    size_t length = (size_t)(line_end(spot) - spot->line);
    const char *line = spot->origin->original + (spot->line - spot->origin->text);

    if (length > 200)
        length = 200;
    fprintf(out, "    ");
    for (size_t i = 0; i < length; i++)
        fputc(line[i] == '\t' || (unsigned char)line[i] >= ' ' ? line[i] : '?', out);
    fprintf(out, "\n");
    if (spot->column == 0 || spot->column > length + 1)
        return;
    fprintf(out, "    ");
    for (size_t i = 0; i + 1 < spot->column; i++)
        fputc(line[i] == '\t' ? '\t' : ' ', out);
    fprintf(out, "^\n");
}

/* How the line came to be read: by which calls and includes. */
static void show_callers(FILE *out, const struct origin *origin)
{
    unsigned count = 0;

    for (; origin->called_from; origin = origin->called_from->origin) {
        const struct spot *from = origin->called_from;

        if (++count > 8) {
            fprintf(out, "    and so on\n");
            return;
        }
        fprintf(out, "%s:%u: note: from here\n", from->origin->path, from->number);
        if (origin->macro)
            show_line(out, from);
    }
}

__attribute__((format(printf, 4, 0))) static void say(struct assembly *as, const struct spot *spot,
                                                      const char *kind, const char *format,
                                                      va_list arguments)
{
    FILE *out = as->options->messages;

    if (!out)
        return;
    if (spot->origin) {
        fprintf(out, "%s:%u:", spot->origin->path, spot->number);
        if (spot->column)
            fprintf(out, "%u:", spot->column);
    } else {
        fprintf(out, "tg-as:");
    }
    fprintf(out, " %s: ", kind);
    vfprintf(out, format, arguments);
    fputc('\n', out);
    if (!spot->origin)
        return;
    show_line(out, spot);
    show_callers(out, spot->origin);
}

static void count_error(struct assembly *as)
{
    if (++as->errors < AS_MAX_ERRORS || as->is_stopped)
        return;
    as->is_stopped = true;
    if (as->options->messages)
        fprintf(as->options->messages, "tg-as: %u errors; the rest is not read\n", as->errors);
}

bool error_at(struct assembly *as, const struct spot *spot, const char *format, ...)
{
    va_list arguments;

    if (as->errors >= AS_MAX_ERRORS)
        return false;
    va_start(arguments, format);
    say(as, spot, "error", format, arguments);
    va_end(arguments);
    count_error(as);
    return false;
}

__attribute__((format(printf, 3, 0))) static void warn(struct assembly *as, const struct spot *spot,
                                                       const char *format, va_list arguments)
{
    if (as->options->is_quiet)
        return;
    as->warnings++;
    if (as->warnings <= 5 * AS_MAX_ERRORS)
        say(as, spot, as->options->is_strict ? "error" : "warning", format, arguments);
}

void warn_at(struct assembly *as, const struct spot *spot, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    warn(as, spot, format, arguments);
    va_end(arguments);
}

struct spot spot_here(const struct assembly *as, const char *at)
{
    struct spot spot = as->spot;
    const char *end;

    if (!spot.origin)
        return spot;
    end = line_end(&spot);
    if (!at)
        at = as->at;
    /* What a pseudo-instruction became is not in the line: the statement is to blame. */
    if (at < spot.line || at > end)
        at = as->statement;
    spot.column = at >= spot.line && at <= end ? (uint32_t)(at - spot.line) + 1 : 0;
    return spot;
}

bool error_here(struct assembly *as, const char *at, const char *format, ...)
{
    struct spot spot = spot_here(as, at);
    va_list arguments;

    if (as->errors >= AS_MAX_ERRORS)
        return false;
    va_start(arguments, format);
    say(as, &spot, "error", format, arguments);
    va_end(arguments);
    count_error(as);
    return false;
}

void warn_here(struct assembly *as, const char *at, const char *format, ...)
{
    struct spot spot = spot_here(as, at);
    va_list arguments;

    va_start(arguments, format);
    warn(as, &spot, format, arguments);
    va_end(arguments);
}

const char *defined_where(struct assembly *as, const struct spot *spot)
{
    if (!spot->origin)
        return "";
    return arena_format(&as->arena, " (defined at %s:%u)", spot->origin->path, spot->number);
}

const char *suggestion(struct assembly *as, struct slice word, const char *const *names,
                       size_t count)
{
    char text[64];
    const char *near;

    if (word.length == 0 || word.length >= sizeof text)
        return "";
    memcpy(text, word.at, word.length);
    text[word.length] = '\0';
    near = nearest_name(text, names, count);
    return near ? arena_format(&as->arena, "; did you mean \"%s\"?", near) : "";
}
