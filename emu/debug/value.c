/* Values, see value.h: reading them from their places, numbers, and what an assignment writes. */
#include "debug/value.h"

#include <string.h>

#include "core/bytes.h"

static uint64_t all_bytes(size_t size)
{
    return size >= 64 ? UINT64_MAX : (UINT64_C(1) << size) - 1;
}

static bool is_number(enum tg_type_kind kind)
{
    return kind == TG_TYPE_INTEGER || kind == TG_TYPE_BOOLEAN || kind == TG_TYPE_ENUM ||
           kind == TG_TYPE_POINTER;
}

bool tg_value_number(const struct tg_value *value, int64_t *ret_number)
{
    struct tg_type type = tg_type_plain(value->type);
    uint32_t size = tg_type_size(type);
    enum tg_type_kind kind = tg_type_kind(type);
    if (kind == TG_TYPE_FUNCTION) { /* its address */
        *ret_number = value->address;
        return value->place == TG_PLACE_MEMORY;
    }
    if (value->is_lost || value->is_unreadable || !is_number(kind) || size == 0 || size > 8 ||
        (value->known & all_bytes(size)) != all_bytes(size))
        return false;
    uint64_t bits = tg_get_le(value->bytes, size);
    unsigned width = value->bit_size != 0 ? value->bit_size : size * 8;
    if (width < 64)
        bits &= (UINT64_C(1) << width) - 1;
    if (tg_type_is_signed(type) && width < 64 && (bits >> (width - 1) & 1) != 0)
        bits |= UINT64_MAX << width;
    *ret_number = (int64_t)bits;
    return true;
}

struct tg_value tg_value_of(struct tg_type type, uint64_t number)
{
    struct tg_value value = {.type = type, .known = all_bytes(8)};
    tg_put_le(value.bytes, 8, number);
    return value;
}

struct tg_value tg_value_at(const struct tg_scope *scope, struct tg_type type, uint32_t vaddr)
{
    struct tg_value value = {.type = type, .place = TG_PLACE_MEMORY, .address = vaddr};
    uint32_t size = tg_type_size(type);
    if (size == 0 || size > TG_VALUE_BYTES)
        return value; /* nothing to keep: it is read when it is shown */
    value.is_unreadable =
        scope->read_memory == NULL || !scope->read_memory(scope->context, vaddr, value.bytes, size);
    value.known = value.is_unreadable ? 0 : all_bytes(size);
    return value;
}

static bool store_bits(const struct tg_scope *scope, const struct tg_value *place, uint64_t bits,
                       uint8_t *bytes, size_t *ret_size)
{
    size_t size = (size_t)(place->bit_offset + place->bit_size + 7u) / 8;
    bool (*read)(void *, uint32_t, void *, size_t) =
        place->place == TG_PLACE_PHYSICAL ? scope->read_physical : scope->read_memory;
    if ((place->place != TG_PLACE_MEMORY && place->place != TG_PLACE_PHYSICAL) || size > 8 ||
        read == NULL || !read(scope->context, place->address, bytes, size))
        return false;
    uint64_t mask = place->bit_size < 64 ? (UINT64_C(1) << place->bit_size) - 1 : UINT64_MAX;
    uint64_t before = tg_get_le(bytes, (uint32_t)size);
    before &= ~(mask << place->bit_offset);
    tg_put_le(bytes, (uint32_t)size, before | (bits & mask) << place->bit_offset);
    *ret_size = size;
    return true;
}

bool tg_value_store(const struct tg_scope *scope, const struct tg_value *place,
                    const struct tg_value *value, uint8_t *bytes, size_t *ret_size)
{
    uint32_t size = tg_type_size(place->type);
    if (place->place == TG_PLACE_NONE || place->place == TG_PLACE_VARIABLE || value->is_lost ||
        value->is_unreadable || size == 0 || size > TG_VALUE_BYTES ||
        (value->known & all_bytes(size)) != all_bytes(size))
        return false;
    if (place->bit_size != 0)
        return store_bits(scope, place, tg_get_le(value->bytes, 8), bytes, ret_size);
    if (place->place == TG_PLACE_REGISTER || place->place == TG_PLACE_CREG) {
        if (size > 4)
            return false;
        int64_t number;
        /* a register holds a short number extended to its width */
        uint32_t whole = tg_value_number(value, &number) ? (uint32_t)number
                                                         : (uint32_t)tg_get_le(value->bytes, 4);
        tg_put_le(bytes, 4, whole);
        *ret_size = 4;
        return true;
    }
    memcpy(bytes, value->bytes, size);
    *ret_size = size;
    return true;
}
