/* See relocation.h. */
#include "object/relocation.h"

#include "isa/isa.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
#define TG_RELOC_PLACE(id, bytes, meaning) BYTES_##id = (bytes),
#include "object/relocations.def"
};

#define ANY                          .multiple = 1
#define LIMITS(low, high, multiple_) .lowest = (low), .highest = (high), .multiple = (multiple_)
static const struct tg_reloc_info kinds[TG_R_COUNT] = {
#define TG_RELOC(id, number, value_, place_, range, meaning_)                                      \
    [number] = {.name = #id,                                                                       \
                .value = TG_RELOC_VALUE_##value_,                                                  \
                .place = TG_RELOC_PLACE_##place_,                                                  \
                .bytes = BYTES_##place_,                                                           \
                range,                                                                             \
                .meaning = (meaning_)},
#include "object/relocations.def"
};

static const struct {
    const char *formula, *meaning;
} values[] = {
#define TG_RELOC_VALUE(id, formula, meaning) {formula, meaning},
#include "object/relocations.def"
};

static const char *const places[] = {
#define TG_RELOC_PLACE(id, bytes, meaning) meaning,
#include "object/relocations.def"
};

static const struct {
    uint32_t number;
    const char *name;
    enum tg_reloc_kind kind;
} rv32_kinds[] = {
#define TG_RELOC_RV32(number, name, id) {number, name, TG_R_##id},
#include "object/relocations.def"
};

/* --- Rows ---------------------------------------------------------------------------------------
 */

const struct tg_reloc_info *tg_reloc_info(uint32_t kind)
{
    return kind < COUNT(kinds) && kinds[kind].name ? &kinds[kind] : NULL;
}

const char *tg_reloc_formula(enum tg_reloc_value value)
{
    return (size_t)value < COUNT(values) ? values[value].formula : NULL;
}

const char *tg_reloc_value_meaning(enum tg_reloc_value value)
{
    return (size_t)value < COUNT(values) ? values[value].meaning : NULL;
}

const char *tg_reloc_place_meaning(enum tg_reloc_place place)
{
    return (size_t)place < COUNT(places) ? places[place] : NULL;
}

bool tg_reloc_from_rv32(uint32_t rv32_kind, enum tg_reloc_kind *ret_kind)
{
    for (size_t i = 0; i < COUNT(rv32_kinds); i++)
        if (rv32_kinds[i].number == rv32_kind) {
            *ret_kind = rv32_kinds[i].kind;
            return true;
        }
    return false;
}

const char *tg_reloc_rv32_row(size_t index, uint32_t *ret_rv32_kind, enum tg_reloc_kind *ret_kind)
{
    if (index >= COUNT(rv32_kinds))
        return NULL;
    *ret_rv32_kind = rv32_kinds[index].number;
    *ret_kind = rv32_kinds[index].kind;
    return rv32_kinds[index].name;
}

/* --- Bytes --------------------------------------------------------------------------------------
 */

uint32_t tg_get_word(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

void tg_put_word(uint8_t *bytes, uint32_t word)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(word >> (8 * i));
}

static uint32_t get_bytes(const uint8_t *bytes, unsigned count)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < count; i++)
        value |= (uint32_t)bytes[i] << (8 * i);
    return value;
}

static void put_bytes(uint8_t *bytes, unsigned count, uint32_t value)
{
    for (unsigned i = 0; i < count; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
}

static void put_field(uint8_t *word, enum tg_field_id id, uint32_t value)
{
    const struct tg_field_info *field = tg_field_info(id);
    uint32_t mask = (UINT32_C(0xffffffff) >> (31 - (field->high - field->low))) << field->low;

    tg_put_word(word, (tg_get_word(word) & ~mask) | (value << field->low & mask));
}

/* --- Calculating and placing --------------------------------------------------------------------
 */

uint32_t tg_reloc_calculate(const struct tg_reloc_info *info, const struct tg_reloc_inputs *inputs)
{
    uint32_t address = inputs->symbol + inputs->addend;

    switch (info->value) {
    case TG_RELOC_VALUE_RELATIVE:
        return address - inputs->place;
    case TG_RELOC_VALUE_THREAD:
        return address - inputs->thread;
    case TG_RELOC_VALUE_PAIRED:
        return inputs->pair;
    case TG_RELOC_VALUE_ABSOLUTE:
    case TG_RELOC_VALUE_SUM:
    case TG_RELOC_VALUE_LESS:
        return address;
    default:
        return 0;
    }
}

static uint32_t upper(uint32_t value)
{
    return (value + 0x800) >> 12;
}

/* The low 12 bits with their sign; upper() makes up for a negative one. */
static uint32_t lower(uint32_t value)
{
    return ((value & 0xfff) ^ 0x800) - 0x800;
}

static uint32_t combine(const struct tg_reloc_info *info, uint32_t value, const uint8_t *place)
{
    if (info->value == TG_RELOC_VALUE_SUM)
        return get_bytes(place, info->bytes) + value;
    if (info->value == TG_RELOC_VALUE_LESS)
        return get_bytes(place, info->bytes) - value;
    return value;
}

enum tg_reloc_result tg_reloc_apply(const struct tg_reloc_info *info, uint32_t value,
                                    uint8_t *place)
{
    int32_t number = (int32_t)value;

    if ((info->lowest != 0 || info->highest != 0) &&
        (number < info->lowest || number > info->highest))
        return TG_RELOC_OUT_OF_RANGE;
    if (number % info->multiple != 0)
        return TG_RELOC_MISALIGNED;

    value = combine(info, value, place);
    switch (info->place) {
    case TG_RELOC_PLACE_BITS6:
        place[0] = (uint8_t)((place[0] & 0xc0) | (value & 0x3f));
        break;
    case TG_RELOC_PLACE_BYTE:
    case TG_RELOC_PLACE_HALF:
    case TG_RELOC_PLACE_WORD:
        put_bytes(place, info->bytes, value);
        break;
    case TG_RELOC_PLACE_UPPER:
        put_field(place, TG_FIELD_IMM20, upper(value));
        break;
    case TG_RELOC_PLACE_LOWER:
        put_field(place, TG_FIELD_IMM15, lower(value));
        break;
    case TG_RELOC_PLACE_IMM15:
        put_field(place, TG_FIELD_IMM15, value);
        break;
    case TG_RELOC_PLACE_WORDS15:
        put_field(place, TG_FIELD_IMM15, value >> 2);
        break;
    case TG_RELOC_PLACE_WORDS20:
        put_field(place, TG_FIELD_IMM20, value >> 2);
        break;
    case TG_RELOC_PLACE_PAIR:
        put_field(place, TG_FIELD_IMM20, upper(value));
        put_field(place + 4, TG_FIELD_IMM15, lower(value));
        break;
    default:
        break;
    }
    return TG_RELOC_OK;
}
