/*
 * State that describes itself. A struct of machine state is written once, as a list of fields; the
 * list gives the C struct and a table of rows that snapshots, digests, lockstep comparison and
 * state displays all walk. What is not in the list is wiring: derived or host-side, never saved,
 * never part of the machine.
 *
 *   #define COUNTER_STATE(V, A)            \
 *       V(uint32_t, value, UINT32_MAX)     \   one value, largest legal value
 *       A(uint8_t, queue, 16, UINT8_MAX)       an array: count, largest legal value of an element
 *   TG_STATE_STRUCT(counter_state, COUNTER_STATE);          in a header
 *   TG_STATE_FIELDS(counter_state, COUNTER_STATE)           in one .c file: counter_state_fields[]
 *
 * Element types are uint8_t, uint16_t, uint32_t and uint64_t only. A snapshot whose value exceeds
 * the limit is refused.
 */
#ifndef TG_FIELDS_H
#define TG_FIELDS_H

#include <stddef.h>
#include <stdint.h>

struct tg_field {
    const char *name;
    uint32_t offset; /* in the struct, bytes */
    uint32_t width;  /* of an element, bytes: 1, 2, 4 or 8 */
    uint32_t count;  /* elements */
    uint64_t limit;  /* largest legal value of an element */
};

struct tg_field_table {
    const struct tg_field *fields;
    uint32_t count;
};

/* Bytes of a state in its outside form: elements one after the other, without gaps, little-endian.
 */
size_t tg_fields_bytes(const struct tg_field_table *table);

/* Bytes of the struct that the table describes, up to the end of its last field. */
size_t tg_fields_struct_bytes(const struct tg_field_table *table);

/* Writes the outside form of *state, tg_fields_bytes(table) bytes. */
void tg_fields_encode(const struct tg_field_table *table, const void *state, uint8_t *bytes);

/* Reads it back into *state. Returns NULL, or the first field that has a value above its limit;
 * *state is then of no use. */
const struct tg_field *tg_fields_decode(const struct tg_field_table *table, const uint8_t *bytes,
                                        void *state);

/* The value of one element of a field of *state. */
uint64_t tg_field_value(const struct tg_field *field, const void *state, uint32_t element);

#define TG_FIELD_DECLARE_V(type, name, limit)        type name;
#define TG_FIELD_DECLARE_A(type, name, count, limit) type name[count];

#define TG_STATE_STRUCT(tag, LIST)                                                                 \
    struct tag {                                                                                   \
        LIST(TG_FIELD_DECLARE_V, TG_FIELD_DECLARE_A)                                               \
    };                                                                                             \
    extern const struct tg_field_table tag##_fields

/* TG_FIELD_TAG must be the struct tag while TG_STATE_FIELDS expands; see state.c for the use. */
#define TG_FIELD_ROW_V(type, name, limit)                                                          \
    {#name, offsetof(struct TG_FIELD_TAG, name), sizeof(type), 1, limit},
#define TG_FIELD_ROW_A(type, name, count, limit)                                                   \
    {#name, offsetof(struct TG_FIELD_TAG, name), sizeof(type), count, limit},

#define TG_STATE_FIELDS(tag, LIST)                                                                 \
    static const struct tg_field tag##_rows[] = {LIST(TG_FIELD_ROW_V, TG_FIELD_ROW_A)};            \
    const struct tg_field_table tag##_fields = {tag##_rows,                                        \
                                                sizeof tag##_rows / sizeof tag##_rows[0]}

#endif
