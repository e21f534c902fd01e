/* Words and strings. See cc.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cc/cc.h"

static void *checked(void *memory)
{
    if (!memory) {
        fputs(CC_PROGRAM ": no memory left\n", stderr);
        exit(1);
    }
    return memory;
}

void words_add(struct words *words, const char *word)
{
    if (words->count + 2 > words->room) {
        words->room = words->room * 2 + 32;
        words->list = checked(realloc(words->list, words->room * sizeof *words->list));
    }
    words->list[words->count++] = word;
    words->list[words->count] = NULL;
}

void words_add_all(struct words *words, const struct words *more)
{
    for (size_t i = 0; i < more->count; i++)
        words_add(words, more->list[i]);
}

char *cc_format(const char *format, ...)
{
    va_list arguments;
    char *text = NULL;

    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    return checked(text);
}

bool cc_fail(const char *format, ...)
{
    va_list arguments;

    fputs(CC_PROGRAM ": ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return false;
}
