/*
 * Memory that lives as long as one assembly, texts as slices, arrays that grow, and a table of
 * names. When memory runs out the program says so and ends: nothing has been written by then.
 */
#ifndef AS_MEMORY_H
#define AS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena {
    struct arena_chunk *chunks;
};

/* Memory filled with zeros; freed by arena_finish with all the rest. */
void *arena_alloc(struct arena *arena, size_t bytes);
char *arena_text(struct arena *arena, const char *text, size_t length);
__attribute__((format(printf, 2, 3))) char *arena_format(struct arena *arena, const char *format,
                                                         ...);
void arena_finish(struct arena *arena);

/* Characters in some other text. */
struct slice {
    const char *at;
    size_t length;
};

struct slice slice_of(const char *text);
bool slice_is(struct slice slice, const char *text);
bool slices_equal(struct slice a, struct slice b);
/* For printf's "%.*s". */
#define SLICE(slice) (int)(slice).length, (slice).at

/* Makes room for one more element of an array on the heap that doubles as it grows; the new
 * address. */
void *grow(void *array, size_t count, size_t *room, size_t element_bytes);
#define GROW(array, count, room) ((array) = grow((array), (count), &(room), sizeof *(array)))

/* A text or byte string on the heap; all zeros is an empty one. */
struct buffer {
    uint8_t *bytes;
    size_t used, room;
};

/* Appends count bytes and returns where; they are not set. The address is good until the next call.
 */
uint8_t *buffer_add(struct buffer *buffer, size_t count);
void buffer_add_text(struct buffer *buffer, const char *text, size_t length);
__attribute__((format(printf, 2, 3))) void buffer_format(struct buffer *buffer, const char *format,
                                                         ...);
void buffer_finish(struct buffer *buffer);

/* Names to values; all zeros is an empty table. Names and values belong to others. */
struct names {
    struct name_entry {
        struct slice name;
        void *value;
    } * entries;
    size_t count, room;
};

/* The value of a name; NULL when it has none. */
void *names_find(const struct names *names, struct slice name);
/* Gives a name a value that is not NULL, in place of an earlier one. */
void names_set(struct names *names, struct slice name, void *value);
void names_finish(struct names *names);

#endif
