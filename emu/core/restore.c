/*
 * Loading a payload: checking all of it, taking memory, and then, where nothing can fail any more,
 * changing the machine. Format: docs/formats.md.
 */
#include <stdlib.h>
#include <string.h>

#include "bus/bus.h"
#include "core/bytes.h"
#include "core/error.h"
#include "core/loader.h"
#include "core/machine.h"
#include "core/payload.h"
#include "core/ram.h"
#include "core/snapshot.h"

/* A small file must not make the host look for any amount of memory. */
#define DISK_MAX_BYTES (UINT64_C(1) << 32)

struct section {
    const char *name;
    const uint8_t *bytes;
    size_t size;
};

/* A payload on its way into a machine. */
struct restore {
    struct tg_machine *machine;
    const uint8_t *at; /* what is not read yet */
    size_t left;
    struct tg_error *error;

    /* the sections, checked */
    struct tg_payload_config config;
    struct section boot, file, base, changes, ram;
    struct tg_payload_row rows[TG_PAYLOAD_MAX_ROWS];
    struct section states[TG_PAYLOAD_MAX_ROWS]; /* of rows */
    uint32_t row_count;
    uint64_t disk_bytes;

    /* what was taken for the new state, then what that replaced: freed at the end */
    struct tg_image *image;
    uint8_t *disk;
    struct tg_ram other_ram;
    void *other_caches;
};

/* --- Sections --------------------------------------------------------------------------------- */

/* Takes the next section, which must have this name: so none can be missing, unknown or there
 * twice. */
static int take_section(struct restore *r, const char *name, struct section *ret_section)
{
    if (r->left < TG_SECTION_HEADER_BYTES) {
        return tg_fail(r->error, TG_E_FORMAT, "snapshot: section %s expected, found the end", name);
    }
    char found[TG_SECTION_NAME_BYTES] = "";
    memcpy(found, name, strlen(name));
    if (memcmp(r->at, found, TG_SECTION_NAME_BYTES) != 0) {
        return tg_fail(r->error, TG_E_FORMAT, "snapshot: section %s expected, found another", name);
    }
    uint64_t size = tg_get_le(r->at + TG_SECTION_NAME_BYTES, 8);
    r->at += TG_SECTION_HEADER_BYTES;
    r->left -= TG_SECTION_HEADER_BYTES;
    if (size > r->left) {
        return tg_fail(r->error, TG_E_FORMAT,
                       "snapshot: section %s has %llu bytes, but only %zu are left", name,
                       (unsigned long long)size, r->left);
    }
    *ret_section = (struct section){name, r->at, (size_t)size};
    r->at += size;
    r->left -= (size_t)size;
    return TG_OK;
}

/* Takes the section of a state and checks it by a decoded copy. */
static int take_state(struct restore *r, const struct tg_payload_row *row, void *scratch,
                      struct section *ret_section)
{
    int result = take_section(r, row->name, ret_section);
    if (result != TG_OK) {
        return result;
    }
    size_t expected = tg_fields_bytes(row->table);
    if (ret_section->size != expected) {
        return tg_fail(r->error, TG_E_FORMAT, "snapshot: section %s must have %zu bytes, found %zu",
                       row->name, expected, ret_section->size);
    }
    const struct tg_field *field = tg_fields_decode(row->table, ret_section->bytes, scratch);
    if (field != NULL) {
        return tg_fail(r->error, TG_E_FORMAT,
                       "snapshot: section %s: %s may be at most %llu, found more", row->name,
                       field->name, (unsigned long long)field->limit);
    }
    const char *problem = row->problem == NULL ? NULL : row->problem(scratch, r->config.cpus);
    if (problem != NULL) {
        return tg_fail(r->error, TG_E_FORMAT, "snapshot: section %s: %s", row->name, problem);
    }
    return TG_OK;
}

/* Checks a list of pages: whole, numbers ascending and below end. */
static int check_pages(struct restore *r, const struct section *section, uint64_t end)
{
    if (section->size % TG_SECTION_PAGE_BYTES != 0) {
        return tg_fail(r->error, TG_E_FORMAT, "snapshot: section %s ends within a page",
                       section->name);
    }
    uint64_t least = 0;
    for (size_t at = 0; at < section->size; at += TG_SECTION_PAGE_BYTES) {
        uint64_t number = tg_get_le(section->bytes + at, 8);
        if (number < least || number >= end) {
            return tg_fail(r->error, TG_E_FORMAT,
                           "snapshot: section %s: a page from %llu to %llu expected, found %llu",
                           section->name, (unsigned long long)least, (unsigned long long)end - 1,
                           (unsigned long long)number);
        }
        least = number + 1;
    }
    return TG_OK;
}

/* --- Checking --------------------------------------------------------------------------------- */

static int check_config(struct restore *r)
{
    static const struct tg_payload_row row = {.name = "config", .table = &tg_payload_config_fields};
    struct section section;
    int result = take_state(r, &row, &r->config, &section);
    if (result != TG_OK) {
        return result;
    }
    const struct tg_payload_config *c = &r->config;
    if (c->cpus == 0 || c->quantum == 0 || c->ram_bytes < TG_MIN_RAM_BYTES ||
        c->ram_bytes % TG_PAGE_BYTES != 0) {
        return tg_fail(r->error, TG_E_FORMAT,
                       "snapshot: no machine can have %u CPUs, %u bytes of RAM and quantum %u",
                       c->cpus, c->ram_bytes, c->quantum);
    }
    return TG_OK;
}

/* Boot words, image and base disk. */
static int check_given(struct restore *r)
{
    int result = take_section(r, "boot", &r->boot);
    if (result == TG_OK && (r->boot.size >= TG_BOOT_WORDS_BYTES ||
                            (r->boot.size > 0 && memchr(r->boot.bytes, 0, r->boot.size) != NULL))) {
        result =
            tg_fail(r->error, TG_E_FORMAT, "snapshot: section boot: no text of at most %d bytes",
                    TG_BOOT_WORDS_BYTES - 1);
    }
    if (result == TG_OK) {
        result = take_section(r, "image", &r->file);
    }
    if (result == TG_OK) {
        result = take_section(r, "disk.base", &r->base);
    }
    if (result != TG_OK) {
        return result;
    }
    if (r->base.size < 8) {
        return tg_fail(r->error, TG_E_FORMAT, "snapshot: section disk.base has no disk size");
    }
    r->disk_bytes = tg_get_le(r->base.bytes, 8);
    r->base.bytes += 8;
    r->base.size -= 8;
    if (r->disk_bytes > DISK_MAX_BYTES || r->disk_bytes % 512 != 0) {
        return tg_fail(r->error, TG_E_FORMAT, "snapshot: no disk can have %llu bytes",
                       (unsigned long long)r->disk_bytes);
    }
    return check_pages(r, &r->base,
                       (r->disk_bytes + TG_DISK_BLOCK_BYTES - 1) / TG_DISK_BLOCK_BYTES);
}

static int check_states(struct restore *r)
{
    r->row_count = tg_payload_rows(r->machine, r->config.cpus, r->rows);
    size_t most = 0;
    for (uint32_t i = 0; i < r->row_count; i++) {
        most = r->rows[i].state_bytes > most ? r->rows[i].state_bytes : most;
    }
    void *scratch = malloc(most);
    int result = scratch == NULL ? TG_E_NOMEM : TG_OK;
    for (uint32_t i = 0; i < r->row_count && result == TG_OK; i++) {
        result = take_state(r, &r->rows[i], scratch, &r->states[i]);
    }
    free(scratch);
    return result;
}

static int check_payload(struct restore *r)
{
    int result = check_config(r);
    if (result == TG_OK) {
        result = check_given(r);
    }
    if (result == TG_OK) {
        result = check_states(r);
    }
    if (result == TG_OK) {
        result = take_section(r, "disk.changes", &r->changes);
    }
    if (result == TG_OK) {
        result = check_pages(r, &r->changes,
                             (r->disk_bytes + TG_DISK_BLOCK_BYTES - 1) / TG_DISK_BLOCK_BYTES);
    }
    if (result == TG_OK) {
        result = take_section(r, "ram", &r->ram);
    }
    if (result == TG_OK) {
        result = check_pages(r, &r->ram, r->config.ram_bytes / TG_PAGE_BYTES);
    }
    if (result == TG_OK && r->left != 0) {
        result =
            tg_fail(r->error, TG_E_FORMAT, "snapshot: %zu bytes follow the last section", r->left);
    }
    return result;
}

/* --- Taking memory ---------------------------------------------------------------------------- */

/* The base disk as one piece, with room to the end of its last block. */
static int assemble_disk(struct restore *r)
{
    if (r->disk_bytes == 0) {
        return TG_OK;
    }
    r->disk = calloc(1, (size_t)(r->disk_bytes + TG_DISK_BLOCK_BYTES - 1));
    if (r->disk == NULL) {
        return TG_E_NOMEM;
    }
    for (size_t at = 0; at < r->base.size; at += TG_SECTION_PAGE_BYTES) {
        uint64_t block = tg_get_le(r->base.bytes + at, 8);
        memcpy(r->disk + block * TG_DISK_BLOCK_BYTES, r->base.bytes + at + 8, TG_DISK_BLOCK_BYTES);
    }
    return TG_OK;
}

/* Exchanges RAM and size of the machine with those in r. */
static void swap_size(struct restore *r)
{
    struct tg_machine *m = r->machine;
    struct tg_ram ram = m->ram;
    struct tg_config config = m->config;
    m->ram = r->other_ram;
    r->other_ram = ram;
    m->config.cpus = r->config.cpus;
    m->config.ram_bytes = r->config.ram_bytes;
    r->config.cpus = config.cpus;
    r->config.ram_bytes = config.ram_bytes;
}

static void undo_resize(struct restore *r)
{
    struct tg_machine *m = r->machine;
    m->engine->destroy(m->engine_caches);
    m->engine_caches = r->other_caches;
    r->other_caches = NULL;
    swap_size(r);
}

/* RAM and engine caches for the snapshot's number of CPUs and RAM size. The machine has them
 * already when this returns TG_OK, and their old ones are in r until finish; nothing else has
 * changed. */
static int resize(struct restore *r)
{
    struct tg_machine *m = r->machine;
    if (m->config.cpus == r->config.cpus && m->config.ram_bytes == r->config.ram_bytes) {
        return TG_OK;
    }
    if (tg_ram_init(&r->other_ram, r->config.ram_bytes) != TG_OK) {
        return TG_E_NOMEM;
    }
    swap_size(r);
    void *caches = m->engine->create(m);
    if (caches == NULL) {
        swap_size(r);
        return TG_E_NOMEM;
    }
    r->other_caches = m->engine_caches;
    m->engine_caches = caches;
    return TG_OK;
}

/* Takes what the new state needs; the disk last, as that cannot be undone. */
static int take_memory(struct restore *r)
{
    int result = TG_OK;
    if (r->file.size != 0) {
        result =
            tg_image_parse(r->file.bytes, r->file.size, r->config.ram_bytes, &r->image, r->error);
    }
    if (result == TG_OK) {
        result = assemble_disk(r);
    }
    if (result == TG_OK) {
        result = resize(r);
    }
    if (result == TG_OK) {
        result = tg_bus_disk_adopt(r->machine, r->disk, r->disk_bytes);
        r->disk = result == TG_OK ? NULL : r->disk;
        if (result != TG_OK && r->other_caches != NULL) {
            undo_resize(r);
        }
    }
    return result;
}

/* --- From here on nothing can fail ------------------------------------------------------------ */

static void commit_given(struct restore *r)
{
    struct tg_machine *m = r->machine;
    memcpy(m->boot_words, r->boot.bytes, r->boot.size);
    m->boot_words[r->boot.size] = '\0';
    m->config.quantum = r->config.quantum;
    m->config.seed = r->config.seed;
    struct tg_image *old = m->image;
    m->image = r->image;
    r->image = old;
}

static void commit_pages(struct restore *r)
{
    struct tg_machine *m = r->machine;
    tg_bus_disk_discard_changes(m);
    for (size_t at = 0; at < r->changes.size; at += TG_SECTION_PAGE_BYTES) {
        const uint8_t *page = r->changes.bytes + at;
        tg_bus_disk_set_block(m, tg_get_le(page, 8), page + 8);
    }
    tg_ram_clear(&m->ram);
    for (size_t at = 0; at < r->ram.size; at += TG_SECTION_PAGE_BYTES) {
        const uint8_t *page = r->ram.bytes + at;
        tg_ram_write(m, (uint32_t)tg_get_le(page, 8) * TG_PAGE_BYTES, page + 8, TG_PAGE_BYTES);
    }
}

static void commit(struct restore *r)
{
    struct tg_machine *m = r->machine;
    commit_given(r);
    for (uint32_t i = 0; i < r->row_count; i++) {
        tg_fields_decode(r->rows[i].table, r->states[i].bytes, r->rows[i].state);
    }
    commit_pages(r);
    tg_machine_restored(m);
}

static void finish(struct restore *r)
{
    if (r == NULL) {
        return;
    }
    if (r->other_caches != NULL) {
        r->machine->engine->destroy(r->other_caches);
    }
    tg_ram_finish(&r->other_ram);
    tg_image_destroy(r->image);
    free(r->disk);
    free(r);
}

int tg_payload_read(struct tg_machine *machine, const uint8_t *payload, size_t size,
                    struct tg_error *error)
{
    struct restore *r = calloc(1, sizeof *r);
    int result = TG_E_NOMEM;
    if (r != NULL) {
        *r = (struct restore){.machine = machine, .at = payload, .left = size, .error = error};
        result = check_payload(r);
    }
    if (result == TG_OK) {
        result = take_memory(r);
    }
    if (result == TG_OK) {
        commit(r);
    }
    finish(r);
    if (result == TG_E_NOMEM) {
        tg_fail(error, result, "snapshot: the host has no memory for it");
    }
    return result;
}
