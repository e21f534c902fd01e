/*
 * Physical RAM: making, clearing, and the checked ways in and out. What a write has to tell others
 * about (decoded instructions, page hashes) is here in one place, tg_ram_before_write. docs/isa.md
 * section 9.
 */
#include "core/ram.h"

#include <stdlib.h>
#include <string.h>

static uint32_t page_count(const struct tg_ram *ram)
{
    return ram->size / TG_PAGE_BYTES;
}

int tg_ram_init(struct tg_ram *ram, uint32_t size)
{
    uint32_t pages = size / TG_PAGE_BYTES;
    *ram = (struct tg_ram){.size = size};
    ram->bytes = calloc(size, 1);
    ram->page_flags = malloc(pages);
    ram->page_hash = calloc(pages, sizeof *ram->page_hash);
    ram->unhashed = malloc(pages * sizeof *ram->unhashed);
    if (!ram->bytes || !ram->page_flags || !ram->page_hash || !ram->unhashed) {
        tg_ram_finish(ram);
        return TG_E_NOMEM;
    }
    memset(ram->page_flags, TG_PAGE_IS_HASHED, pages);
    return TG_OK;
}

void tg_ram_finish(struct tg_ram *ram)
{
    free(ram->bytes);
    free(ram->page_flags);
    free(ram->page_hash);
    free(ram->unhashed);
    free(ram->unkept);
    *ram = (struct tg_ram){0};
}

static void note_unkept(struct tg_ram *ram, uint32_t page)
{
    if (ram->page_flags[page] & TG_PAGE_IS_KEPT) {
        ram->page_flags[page] &= (uint8_t)~TG_PAGE_IS_KEPT;
        ram->unkept[ram->unkept_count++] = page;
    }
}

/* A page that is flagged as hashed and has hash 0 holds zeros already; most of a large RAM was
 * never written, and the host gives memory for a page only when it is touched. */
void tg_ram_clear(struct tg_ram *ram)
{
    for (uint32_t page = 0; page < page_count(ram); page++) {
        if (!(ram->page_flags[page] & TG_PAGE_IS_HASHED) || ram->page_hash[page] != 0) {
            note_unkept(ram, page);
            memset(ram->bytes + (size_t)page * TG_PAGE_BYTES, 0, TG_PAGE_BYTES);
        }
        ram->page_hash[page] = 0;
        ram->page_flags[page] = TG_PAGE_IS_HASHED | (ram->page_flags[page] & TG_PAGE_IS_KEPT);
    }
    ram->hash_sum = 0;
    ram->unhashed_count = 0;
}

void tg_ram_before_write(struct tg_machine *machine, uint32_t paddr, uint32_t bytes)
{
    struct tg_ram *ram = &machine->ram;
    uint32_t page = paddr >> TG_PAGE_SHIFT;
    if (ram->page_flags[page] & TG_PAGE_HAS_CODE)
        machine->engine->code_written(machine->engine_caches, paddr, bytes);
    if (ram->page_flags[page] & TG_PAGE_IS_HASHED) {
        ram->page_flags[page] &= (uint8_t)~TG_PAGE_IS_HASHED;
        ram->unhashed[ram->unhashed_count++] = page;
    }
    note_unkept(ram, page);
}

void tg_ram_flag(struct tg_machine *machine, uint32_t page, uint8_t flag)
{
    struct tg_ram *ram = &machine->ram;
    uint32_t first = page == TG_ALL_PAGES ? 0 : page;
    uint32_t end = page == TG_ALL_PAGES ? page_count(ram) : page + 1;
    for (uint32_t i = first; i < end; i++)
        ram->page_flags[i] |= flag;
    machine->engine->page_flagged(machine->engine_caches, page);
}

/* An engine looks through all it has for each page that it is told of, or once for all of them. */
#define TOLD_SINGLY 4

void tg_ram_flag_pages(struct tg_machine *machine, const uint32_t *pages, uint32_t count,
                       uint8_t flag)
{
    for (uint32_t i = 0; i < count; i++)
        machine->ram.page_flags[pages[i]] |= flag;
    if (count > TOLD_SINGLY)
        machine->engine->page_flagged(machine->engine_caches, TG_ALL_PAGES);
    for (uint32_t i = 0; i < count && count <= TOLD_SINGLY; i++)
        machine->engine->page_flagged(machine->engine_caches, pages[i]);
}

bool tg_ram_keep_begin(struct tg_machine *machine)
{
    struct tg_ram *ram = &machine->ram;
    ram->unkept = malloc(page_count(ram) * sizeof *ram->unkept);
    ram->unkept_count = 0;
    if (!ram->unkept)
        return false;
    for (uint32_t page = 0; page < page_count(ram); page++) {
        if (ram->page_hash[page] != 0)
            ram->unkept[ram->unkept_count++] = page;
        else
            ram->page_flags[page] |= TG_PAGE_IS_KEPT;
    }
    machine->engine->page_flagged(machine->engine_caches, TG_ALL_PAGES);
    return true;
}

void tg_ram_keep(struct tg_machine *machine)
{
    struct tg_ram *ram = &machine->ram;
    tg_ram_flag_pages(machine, ram->unkept, ram->unkept_count, TG_PAGE_IS_KEPT);
    ram->unkept_count = 0;
}

void tg_ram_keep_end(struct tg_machine *machine)
{
    struct tg_ram *ram = &machine->ram;
    for (uint32_t page = 0; page < page_count(ram); page++)
        ram->page_flags[page] &= (uint8_t)~TG_PAGE_IS_KEPT;
    free(ram->unkept);
    ram->unkept = NULL;
    ram->unkept_count = 0;
}

bool tg_ram_read(const struct tg_machine *machine, uint32_t paddr, void *bytes, uint32_t count)
{
    if (!tg_ram_contains(&machine->ram, paddr, count))
        return false;
    if (count > 0)
        memcpy(bytes, machine->ram.bytes + paddr, count);
    return true;
}

bool tg_ram_write(struct tg_machine *machine, uint32_t paddr, const void *bytes, uint32_t count)
{
    if (!tg_ram_contains(&machine->ram, paddr, count))
        return false;
    const uint8_t *from = bytes;
    while (count > 0) {
        uint32_t in_page = TG_PAGE_BYTES - paddr % TG_PAGE_BYTES;
        uint32_t part = count < in_page ? count : in_page;
        tg_ram_before_write(machine, paddr, part);
        memcpy(machine->ram.bytes + paddr, from, part);
        paddr += part;
        from += part;
        count -= part;
    }
    return true;
}

uint32_t tg_ram_load(const struct tg_machine *machine, uint32_t paddr, uint32_t bytes)
{
    const uint8_t *from = machine->ram.bytes + paddr;
    switch (bytes) {
    case 1:
        return from[0];
    case 2:
        return (uint32_t)from[0] | (uint32_t)from[1] << 8;
    default:
        return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 |
               (uint32_t)from[3] << 24;
    }
}

void tg_ram_store(struct tg_machine *machine, uint32_t paddr, uint32_t bytes, uint32_t value)
{
    if (machine->ram.page_flags[paddr >> TG_PAGE_SHIFT] != 0)
        tg_ram_before_write(machine, paddr, bytes);
    uint8_t *to = machine->ram.bytes + paddr;
    for (uint32_t i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}
