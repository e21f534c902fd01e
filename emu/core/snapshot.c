/*
 * Saving the whole machine; loading is in restore.c. What state there is comes from the field
 * tables alone. Format: docs/formats.md.
 */
#include "core/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "bus/bus.h"
#include "core/bytes.h"
#include "core/digest.h"
#include "core/loader.h"
#include "core/payload.h"
#include "core/ram.h"

/* --- Writing ---------------------------------------------------------------------------------- */

/* Begins a section; returns where its content goes, or NULL without memory. */
static uint8_t *add_section(struct tg_buffer *payload, const char *name, size_t bytes)
{
    uint8_t *header = tg_buffer_add(payload, TG_SECTION_HEADER_BYTES);
    if (header == NULL) {
        return NULL;
    }
    memset(header, 0, TG_SECTION_NAME_BYTES);
    memcpy(header, name, strlen(name));
    tg_put_le(header + TG_SECTION_NAME_BYTES, 8, bytes);
    return tg_buffer_add(payload, bytes);
}

static void add_bytes(struct tg_buffer *payload, const char *name, const void *bytes, size_t count)
{
    uint8_t *to = add_section(payload, name, count);
    if (to != NULL && count != 0) {
        memcpy(to, bytes, count);
    }
}

static void add_fields(struct tg_buffer *payload, const char *name,
                       const struct tg_field_table *table, const void *state)
{
    uint8_t *to = add_section(payload, name, tg_fields_bytes(table));
    if (to != NULL) {
        tg_fields_encode(table, state, to);
    }
}

static uint8_t *put_page(uint8_t *to, uint64_t number, const uint8_t *bytes, size_t count)
{
    tg_put_le(to, 8, number);
    memcpy(to + 8, bytes, count);
    memset(to + 8 + count, 0, TG_PAGE_BYTES - count);
    return to + TG_SECTION_PAGE_BYTES;
}

static void add_ram(struct tg_buffer *payload, struct tg_machine *machine)
{
    tg_digest_refresh_ram(machine); /* a page whose hash is 0 is all zeros */
    const struct tg_ram *ram = &machine->ram;
    uint32_t pages = ram->size / TG_PAGE_BYTES;
    size_t count = 0;
    for (uint32_t page = 0; page < pages; page++) {
        count += ram->page_hash[page] != 0;
    }
    uint8_t *to = add_section(payload, "ram", count * TG_SECTION_PAGE_BYTES);
    for (uint32_t page = 0; page < pages && to != NULL; page++) {
        if (ram->page_hash[page] != 0) {
            to = put_page(to, page, ram->bytes + (size_t)page * TG_PAGE_BYTES, TG_PAGE_BYTES);
        }
    }
}

/* The disk's size and the blocks of its base image that are not all zeros. */
static void add_disk_base(struct tg_buffer *payload, const struct tg_machine *machine)
{
    uint64_t size = 0;
    const uint8_t *base = tg_bus_disk_base(machine, &size);
    uint8_t *to = add_section(payload, "disk.base", 0);
    if (to == NULL) {
        return;
    }
    size_t start = payload->used;
    to = tg_buffer_add(payload, 8);
    if (to != NULL) {
        tg_put_le(to, 8, size);
    }
    for (uint64_t at = 0; at < size; at += TG_PAGE_BYTES) {
        size_t count = size - at < TG_PAGE_BYTES ? (size_t)(size - at) : TG_PAGE_BYTES;
        if (base[at] == 0 && memcmp(base + at, base + at + 1, count - 1) == 0) {
            continue;
        }
        to = tg_buffer_add(payload, TG_SECTION_PAGE_BYTES);
        if (to == NULL) {
            return;
        }
        put_page(to, at / TG_PAGE_BYTES, base + at, count);
    }
    tg_put_le(payload->bytes + start - 8, 8, payload->used - start);
}

static void add_disk_changes(struct tg_buffer *payload, const struct tg_machine *machine)
{
    uint64_t block = 0;
    const uint8_t *bytes;
    size_t count = 0;
    for (; tg_bus_disk_next_change(machine, &block, &bytes); block++) {
        count++;
    }
    uint8_t *to = add_section(payload, "disk.changes", count * TG_SECTION_PAGE_BYTES);
    for (block = 0; to != NULL && tg_bus_disk_next_change(machine, &block, &bytes); block++) {
        to = put_page(to, block, bytes, TG_PAGE_BYTES);
    }
}

int tg_payload_write(struct tg_machine *machine, struct tg_buffer *payload)
{
    struct tg_payload_config config = tg_payload_config_of(machine);
    add_fields(payload, "config", &tg_payload_config_fields, &config);
    size_t size = 0;
    const void *file = machine->image == NULL ? NULL : tg_image_file(machine->image, &size);
    add_bytes(payload, "boot", machine->boot_words, strlen(machine->boot_words));
    add_bytes(payload, "image", file, size);
    add_disk_base(payload, machine);
    struct tg_payload_row rows[TG_PAYLOAD_MAX_ROWS];
    uint32_t count = tg_payload_rows(machine, machine->config.cpus, rows);
    for (uint32_t i = 0; i < count; i++) {
        add_fields(payload, rows[i].name, rows[i].table, rows[i].state);
    }
    add_disk_changes(payload, machine);
    add_ram(payload, machine);
    return payload->is_full ? TG_E_NOMEM : TG_OK;
}

/* --- The public functions --------------------------------------------------------------------- */

int tg_machine_save(struct tg_machine *machine, void **ret_bytes, size_t *ret_size)
{
    struct tg_buffer payload = {0};
    int result = tg_payload_write(machine, &payload);
    if (result == TG_OK) {
        result = tg_payload_pack(payload.bytes, payload.used, ret_bytes, ret_size);
    }
    free(payload.bytes);
    return result;
}

int tg_machine_load(struct tg_machine *machine, const void *bytes, size_t size,
                    struct tg_error *error)
{
    uint8_t *payload;
    size_t payload_bytes;
    int result = tg_payload_unpack(bytes, size, &payload, &payload_bytes, error);
    if (result == TG_OK) {
        result = tg_payload_read(machine, payload, payload_bytes, error);
        free(payload);
    }
    return result;
}
