/*
 * Physical RAM: the one audited way to guest memory. Addresses are physical; [0, size) is RAM, page
 * 0 holds the boot block. docs/isa.md section 9.
 */
#ifndef TG_RAM_H
#define TG_RAM_H

#include <stdbool.h>
#include <stdint.h>

#include "core/state.h"

/* RAM of size bytes (a multiple of TG_PAGE_BYTES), all zero. TG_OK or TG_E_NOMEM. */
int tg_ram_init(struct tg_ram *ram, uint32_t size);
void tg_ram_finish(struct tg_ram *ram);

/* All bytes 0, no flags but those of zeros. The engine must be told (state_changed). */
void tg_ram_clear(struct tg_ram *ram);

/* Whether [paddr, paddr + bytes) is all RAM. */
static inline bool tg_ram_contains(const struct tg_ram *ram, uint32_t paddr, uint32_t bytes)
{
    return bytes <= ram->size && paddr <= ram->size - bytes;
}

/* Must be called before a write to RAM page paddr / 4096 while its page_flags are not 0; [paddr,
 * paddr + bytes) lies in that one page. Drops the flags that the write makes untrue, and tells the
 * engine about code: TG_PAGE_HAS_CODE is the engine's own to drop, when it keeps nothing of the
 * page any more. */
void tg_ram_before_write(struct tg_machine *machine, uint32_t paddr, uint32_t bytes);

/* Sets flag on a page (TG_ALL_PAGES: on all) and tells the engine that stores must ask again. */
void tg_ram_flag(struct tg_machine *machine, uint32_t page, uint8_t flag);

/* The same for many at once: the engine is told in time that does not grow with their number. */
void tg_ram_flag_pages(struct tg_machine *machine, const uint32_t *pages, uint32_t count,
                       uint8_t flag);

/* Checkpoints (core/checkpoint.h): begins to list the pages that differ from what is kept, at first
 * those that are not zeros (false: no memory); takes note that all is kept as it now is; ends it.
 * Page hashes must be right at the beginning. */
bool tg_ram_keep_begin(struct tg_machine *machine);
void tg_ram_keep(struct tg_machine *machine);
void tg_ram_keep_end(struct tg_machine *machine);

/* Copies in and out with all checks, any length. False, and nothing done, when the range is not all
 * RAM. */
bool tg_ram_read(const struct tg_machine *machine, uint32_t paddr, void *bytes, uint32_t count);
bool tg_ram_write(struct tg_machine *machine, uint32_t paddr, const void *bytes, uint32_t count);

/* Little-endian values at an address that the caller knows to be RAM and aligned. */
uint32_t tg_ram_load(const struct tg_machine *machine, uint32_t paddr, uint32_t bytes);
void tg_ram_store(struct tg_machine *machine, uint32_t paddr, uint32_t bytes, uint32_t value);

#endif
