/* Objects in memory: making them, and the memory that goes with them. See object.h. */
#include "object/object.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "object/fail.h"

#define CHUNK_BYTES 65536

/* Memory handed out from the front; freed with the object. */
struct tg_obj_chunk {
    struct tg_obj_chunk *next;
    size_t used, room;
    max_align_t bytes[];
};

void tg_obj_make_printable(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '?';
}

int tg_obj_fail(struct tg_error *error, int result, const char *format, ...)
{
    if (error) {
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(error->text, sizeof error->text, format, arguments);
        va_end(arguments);
        tg_obj_make_printable(error->text);
    }
    return result;
}

void *tg_obj_alloc(struct tg_obj *obj, size_t bytes)
{
    struct tg_obj_chunk *chunk = obj->chunks;
    size_t step = sizeof(max_align_t), rounded;
    void *start;

    if (bytes > SIZE_MAX / 2)
        return NULL;
    rounded = (bytes + step - 1) / step * step;
    if (!chunk || chunk->room - chunk->used < rounded) {
        size_t room = rounded > CHUNK_BYTES ? rounded : CHUNK_BYTES;

        chunk = calloc(1, sizeof *chunk + room);
        if (!chunk)
            return NULL;
        *chunk = (struct tg_obj_chunk){.next = obj->chunks, .room = room};
        obj->chunks = chunk;
    }
    start = (uint8_t *)chunk->bytes + chunk->used;
    chunk->used += rounded;
    return start;
}

const char *tg_obj_text(struct tg_obj *obj, const char *text, size_t length)
{
    char *copy = tg_obj_alloc(obj, length + 1);

    if (copy)
        memcpy(copy, text, length);
    return copy;
}

struct tg_obj *tg_obj_create(const char *name)
{
    struct tg_obj *obj = calloc(1, sizeof *obj);

    if (!obj)
        return NULL;
    *obj = (struct tg_obj){.type = ET_REL, .machine = EM_TG32, .flags = EF_TG32_NONE};
    obj->name = tg_obj_text(obj, name, strlen(name));
    tg_obj_add_section(obj, &(struct tg_obj_section){.name = "", .align = 1});
    tg_obj_add_symbol(obj, &(struct tg_obj_symbol){.name = ""});
    if (!obj->name || !obj->section_count || !obj->symbol_count) {
        tg_obj_destroy(obj);
        return NULL;
    }
    return obj;
}

void tg_obj_destroy(struct tg_obj *obj)
{
    if (!obj)
        return;
    for (struct tg_obj_chunk *chunk = obj->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    free(obj->sections);
    free(obj->symbols);
    free(obj);
}

/* Makes room for one more element of an array that doubles as it grows. */
static bool grow(void **array, size_t count, size_t *room, size_t element_bytes)
{
    size_t wanted = *room ? *room * 2 : 16;
    void *larger;

    if (count < *room)
        return true;
    larger = realloc(*array, wanted * element_bytes);
    if (!larger)
        return false;
    *array = larger;
    *room = wanted;
    return true;
}

uint32_t tg_obj_add_section(struct tg_obj *obj, const struct tg_obj_section *section)
{
    void *array = obj->sections;

    if (obj->section_count > TG_OBJ_MAX_SECTIONS ||
        !grow(&array, obj->section_count, &obj->section_room, sizeof *section))
        return 0;
    obj->sections = array;
    obj->sections[obj->section_count] = *section;
    return (uint32_t)obj->section_count++;
}

uint32_t tg_obj_add_symbol(struct tg_obj *obj, const struct tg_obj_symbol *symbol)
{
    void *array = obj->symbols;

    /* The index must fit the 24 bits that ELF32 has for it in a relocation. */
    if (obj->symbol_count > 0xffffff ||
        !grow(&array, obj->symbol_count, &obj->symbol_room, sizeof *symbol))
        return 0;
    obj->symbols = array;
    obj->symbols[obj->symbol_count] = *symbol;
    return (uint32_t)obj->symbol_count++;
}
