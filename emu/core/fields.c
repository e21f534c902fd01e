/*
 * Walking state by its field tables (fields.h): the outside form that snapshots hold and digests
 * cover, which is the same on every host whatever its byte order and struct layout.
 */
#include "core/fields.h"

#include <string.h>

#include "core/bytes.h"

uint64_t tg_field_value(const struct tg_field *field, const void *state, uint32_t element)
{
    const char *at = (const char *)state + field->offset;
    switch (field->width) {
    case 1:
        return ((const uint8_t *)at)[element];
    case 2:
        return ((const uint16_t *)(const void *)at)[element];
    case 4:
        return ((const uint32_t *)(const void *)at)[element];
    default:
        return ((const uint64_t *)(const void *)at)[element];
    }
}

static void set_value(const struct tg_field *field, void *state, uint32_t element, uint64_t value)
{
    char *at = (char *)state + field->offset;
    switch (field->width) {
    case 1:
        ((uint8_t *)at)[element] = (uint8_t)value;
        break;
    case 2:
        ((uint16_t *)(void *)at)[element] = (uint16_t)value;
        break;
    case 4:
        ((uint32_t *)(void *)at)[element] = (uint32_t)value;
        break;
    default:
        ((uint64_t *)(void *)at)[element] = value;
        break;
    }
}

size_t tg_fields_bytes(const struct tg_field_table *table)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < table->count; i++) {
        bytes += (size_t)table->fields[i].width * table->fields[i].count;
    }
    return bytes;
}

size_t tg_fields_struct_bytes(const struct tg_field_table *table)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < table->count; i++) {
        const struct tg_field *field = &table->fields[i];
        size_t end = field->offset + (size_t)field->width * field->count;
        bytes = end > bytes ? end : bytes;
    }
    return bytes;
}

void tg_fields_encode(const struct tg_field_table *table, const void *state, uint8_t *bytes)
{
    for (uint32_t i = 0; i < table->count; i++) {
        const struct tg_field *field = &table->fields[i];
        if (TG_HOST_IS_LITTLE_ENDIAN) { /* then the two forms of an element are the same */
            memcpy(bytes, (const char *)state + field->offset, (size_t)field->width * field->count);
            bytes += (size_t)field->width * field->count;
            continue;
        }
        for (uint32_t element = 0; element < field->count; element++) {
            tg_put_le(bytes, field->width, tg_field_value(field, state, element));
            bytes += field->width;
        }
    }
}

const struct tg_field *tg_fields_decode(const struct tg_field_table *table, const uint8_t *bytes,
                                        void *state)
{
    for (uint32_t i = 0; i < table->count; i++) {
        const struct tg_field *field = &table->fields[i];
        for (uint32_t element = 0; element < field->count; element++) {
            uint64_t value = tg_get_le(bytes, field->width);
            if (value > field->limit) {
                return field;
            }
            set_value(field, state, element, value);
            bytes += field->width;
        }
    }
    return NULL;
}
