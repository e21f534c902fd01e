/* Memory that lives as long as the run. A linker without memory can do nothing useful: it ends. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ld/link.h"

static void *or_end(void *memory)
{
    if (memory)
        return memory;
    fputs("tg-ld: no memory left; nothing was written\n", stderr);
    exit(1);
}

void *ld_alloc(struct ld_link *link, size_t bytes)
{
    return or_end(tg_obj_alloc(link->memory, bytes));
}

const char *ld_text(struct ld_link *link, const char *text, size_t length)
{
    char *copy = ld_alloc(link, length + 1);

    memcpy(copy, text, length);
    return copy;
}

const char *ld_format(struct ld_link *link, const char *format, ...)
{
    va_list arguments;
    char *text;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    text = ld_alloc(link, (size_t)length + 1);
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

void *ld_grow(struct ld_link *link, void *array, size_t count, size_t element_bytes)
{
    void *larger;

    /* Full whenever the count is a power of two: the room is the next one. */
    if (count == 0)
        return ld_alloc(link, element_bytes);
    if ((count & (count - 1)) != 0)
        return array;
    larger = ld_alloc(link, 2 * count * element_bytes);
    memcpy(larger, array, count * element_bytes);
    return larger;
}
