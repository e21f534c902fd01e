/* Words and strings. See cc.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cc/cc.h"

/* Memory of the whole run: everything hangs on this, nothing is given back. */
static struct block {
    struct block *next;
    max_align_t bytes[];
} * blocks;

void *cc_alloc(size_t bytes)
{
    struct block *block = calloc(1, sizeof *block + bytes);

    if (!block) {
        fputs(CC_PROGRAM ": no memory left\n", stderr);
        exit(1);
    }
    block->next = blocks;
    blocks = block;
    return block->bytes;
}

void words_add(struct words *words, const char *word)
{
    if (words->count + 2 > words->room) {
        const char **larger = cc_alloc((words->room * 2 + 32) * sizeof *larger);

        if (words->count > 0)
            memcpy(larger, words->list, words->count * sizeof *larger);
        words->room = words->room * 2 + 32;
        words->list = larger;
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
    va_list arguments, again;
    size_t room;
    char *text;

    va_start(arguments, format);
    va_copy(again, arguments);
    room = (size_t)vsnprintf(NULL, 0, format, arguments) + 1;
    text = cc_alloc(room);
    vsnprintf(text, room, format, again);
    va_end(again);
    va_end(arguments);
    return text;
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
