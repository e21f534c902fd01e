/* See memory.h. */
#include "as/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES (UINT32_C(1) << 18)

struct arena_chunk {
    struct arena_chunk *next;
    size_t used, room;
    max_align_t bytes[];
};

static void *checked(void *memory)
{
    if (!memory) {
        fprintf(stderr, "tg-as: no memory left\n");
        exit(EXIT_FAILURE);
    }
    return memory;
}

/* --- Arena --------------------------------------------------------------------------------------
 */

void *arena_alloc(struct arena *arena, size_t bytes)
{
    struct arena_chunk *chunk = arena->chunks;
    size_t rounded = (bytes + 15) & ~(size_t)15;
    void *start;

    if (!chunk || chunk->room - chunk->used < rounded) {
        size_t room = rounded > CHUNK_BYTES ? rounded : CHUNK_BYTES;

        chunk = checked(malloc(sizeof *chunk + room));
        *chunk = (struct arena_chunk){.next = arena->chunks, .room = room};
        arena->chunks = chunk;
    }
    start = (uint8_t *)chunk->bytes + chunk->used;
    chunk->used += rounded;
    return memset(start, 0, bytes);
}

char *arena_text(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_alloc(arena, length + 1);

    if (length > 0) /* text may then be NULL, which memcpy does not take */
        memcpy(copy, text, length);
    return copy;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    char text[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return arena_text(arena, text, strlen(text));
}

void arena_finish(struct arena *arena)
{
    for (struct arena_chunk *chunk = arena->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    arena->chunks = NULL;
}

/* --- Slices -------------------------------------------------------------------------------------
 */

struct slice slice_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

bool slice_is(struct slice slice, const char *text)
{
    return strncmp(text, slice.at, slice.length) == 0 && text[slice.length] == '\0';
}

bool slices_equal(struct slice a, struct slice b)
{
    return a.length == b.length && memcmp(a.at, b.at, a.length) == 0;
}

/* --- Arrays and buffers -------------------------------------------------------------------------
 */

void *grow(void *array, size_t count, size_t *room, size_t element_bytes)
{
    if (count < *room)
        return array;
    *room = *room ? *room * 2 : 16;
    return checked(realloc(array, *room * element_bytes));
}

uint8_t *buffer_add(struct buffer *buffer, size_t count)
{
    if (buffer->room - buffer->used < count || !buffer->bytes) {
        buffer->room = buffer->room * 2 + count + 64;
        buffer->bytes = checked(realloc(buffer->bytes, buffer->room));
    }
    buffer->used += count;
    return buffer->bytes + buffer->used - count;
}

void buffer_add_text(struct buffer *buffer, const char *text, size_t length)
{
    memcpy(buffer_add(buffer, length), text, length);
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    int length;

    va_start(arguments, format);
    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length > 0) {
        /* The zero byte at the end does not stay. */
        vsnprintf((char *)buffer_add(buffer, (size_t)length + 1), (size_t)length + 1, format,
                  again);
        buffer->used--;
    }
    va_end(again);
}

void buffer_finish(struct buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct buffer){0};
}

/* --- Names --------------------------------------------------------------------------------------
 */

static uint32_t hash_of(struct slice name)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < name.length; i++)
        hash = (hash ^ (uint8_t)name.at[i]) * 16777619u;
    return hash ^ hash >> 15;
}

/* The entry of a name, or the free one where it belongs. There is always a free one. */
static struct name_entry *entry_of(const struct names *names, struct slice name)
{
    size_t at = hash_of(name) & (names->room - 1);

    while (names->entries[at].value && !slices_equal(names->entries[at].name, name))
        at = (at + 1) & (names->room - 1);
    return &names->entries[at];
}

void *names_find(const struct names *names, struct slice name)
{
    return names->room ? entry_of(names, name)->value : NULL;
}

static void enlarge(struct names *names)
{
    struct names larger = {.count = names->count, .room = names->room ? names->room * 2 : 256};

    larger.entries = checked(calloc(larger.room, sizeof *larger.entries));
    for (size_t i = 0; i < names->room; i++)
        if (names->entries[i].value)
            *entry_of(&larger, names->entries[i].name) = names->entries[i];
    free(names->entries);
    *names = larger;
}

void names_set(struct names *names, struct slice name, void *value)
{
    struct name_entry *entry;

    if (names->count * 2 >= names->room)
        enlarge(names);
    entry = entry_of(names, name);
    names->count += entry->value == NULL;
    *entry = (struct name_entry){name, value};
}

void names_finish(struct names *names)
{
    free(names->entries);
    *names = (struct names){0};
}
