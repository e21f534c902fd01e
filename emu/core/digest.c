/*
 * A 64-bit digest of the whole architectural state (XXH3-64): the same on every host, engine and
 * compiler. State goes in by its field tables. RAM and disk go in as sums of page hashes, in which
 * the page's number is the seed and a page of zeros counts 0: a sum can follow a changed page
 * without a look at the others.
 */
#include "core/digest.h"

#define XXH_STATIC_LINKING_ONLY /* the state's size, to have it on the stack */
#include <xxhash.h>

#include <string.h>

#include "bus/bus.h"
#include "core/bytes.h"
#include "core/ram.h"

uint64_t tg_digest_page(uint64_t index, const uint8_t *bytes)
{
    bool is_zero = bytes[0] == 0 && memcmp(bytes, bytes + 1, TG_PAGE_BYTES - 1) == 0;
    return is_zero ? 0 : XXH3_64bits_withSeed(bytes, TG_PAGE_BYTES, index);
}

void tg_digest_refresh_ram(struct tg_machine *machine)
{
    struct tg_ram *ram = &machine->ram;
    for (uint32_t i = 0; i < ram->unhashed_count; i++) {
        uint32_t page = ram->unhashed[i];
        uint64_t hash = tg_digest_page(page, ram->bytes + (size_t)page * TG_PAGE_BYTES);
        ram->hash_sum += hash - ram->page_hash[page];
        ram->page_hash[page] = hash;
    }
    tg_ram_flag_pages(machine, ram->unhashed, ram->unhashed_count, TG_PAGE_IS_HASHED);
    ram->unhashed_count = 0;
}

static void add_number(XXH3_state_t *digest, uint64_t value)
{
    uint8_t bytes[8];
    tg_put_le(bytes, sizeof bytes, value);
    XXH3_64bits_update(digest, bytes, sizeof bytes);
}

/* Adds the outside form of a state, a bufferful at a time. */
static void add_fields(XXH3_state_t *digest, const struct tg_field_table *table, const void *state)
{
    uint8_t bytes[1024]; /* a multiple of every width */
    size_t used = 0;
    for (uint32_t i = 0; i < table->count; i++) {
        const struct tg_field *field = &table->fields[i];
        if (TG_HOST_IS_LITTLE_ENDIAN) { /* then it is what the struct holds, without the gaps */
            XXH3_64bits_update(digest, (const char *)state + field->offset,
                               (size_t)field->width * field->count);
            continue;
        }
        for (uint32_t element = 0; element < field->count; element++) {
            if (field->width > sizeof bytes - used) {
                XXH3_64bits_update(digest, bytes, used);
                used = 0;
            }
            tg_put_le(bytes + used, field->width, tg_field_value(field, state, element));
            used += field->width;
        }
    }
    XXH3_64bits_update(digest, bytes, used);
}

uint64_t tg_machine_digest(struct tg_machine *machine)
{
    XXH3_state_t digest;
    XXH3_64bits_reset(&digest);
    add_number(&digest, machine->config.cpus);
    add_fields(&digest, &tg_clock_state_fields, &machine->clock);
    add_fields(&digest, &tg_end_state_fields, &machine->end);
    for (uint32_t i = 0; i < machine->config.cpus; i++) {
        add_fields(&digest, &tg_cpu_state_fields, &machine->cpus[i].s);
    }
    const struct tg_device *device;
    for (uint32_t i = 0; (device = tg_bus_device(i)) != NULL; i++) {
        if (device->fields != NULL) {
            add_fields(&digest, device->fields, tg_bus_device_state(machine, i));
        }
    }
    add_number(&digest, tg_machine_disk_bytes(machine));
    add_number(&digest, tg_bus_disk_hash(machine));
    tg_digest_refresh_ram(machine);
    add_number(&digest, machine->ram.size);
    add_number(&digest, machine->ram.hash_sum);
    return XXH3_64bits_digest(&digest);
}
