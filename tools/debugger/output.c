/* See output.h. */
#include "output.h"

#include <stdarg.h>
#include <stdio.h>

#include "debugger.h"

void say(struct debugger *d, const char *format, ...)
{
    va_list arguments;
    if (d->is_line_open)
        putchar('\n');
    d->is_line_open = false;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
}

bool complain(struct debugger *d, const char *format, ...)
{
    va_list arguments;
    say(d, "%s", "");
    fflush(stdout);
    if (!d->is_echoing || d->source == NULL || d->source->depth > 0) /* the line stands right above */
        source_print_place(d->source, stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return false;
}

void output_guest(struct debugger *d, const uint8_t *bytes, size_t count)
{
    outputs_console(&d->outputs, bytes, count);
    if (count > 0)
        d->is_line_open = bytes[count - 1] != '\n';
}

bool output_may_write(struct debugger *d, const char *command)
{
    if (d->is_read_only)
        return complain(d, "%s: files are not written with --read-only", command);
    return !source_is_restricted(d->source) ||
           complain(d, "%s: a start-up file of the present folder may not write files; use -x FILE for that", command);
}
