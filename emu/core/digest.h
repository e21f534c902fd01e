/*
 * The digest of a machine, and the cache of page hashes in struct tg_ram that makes it cheap.
 */
#ifndef TG_DIGEST_H
#define TG_DIGEST_H

#include <stdint.h>

#include "core/state.h"

/* Makes every word of ram.page_hash right, and so hash_sum. Looks only at pages written since it
 * was last called. */
void tg_digest_refresh_ram(struct tg_machine *machine);

/* Hash of TG_PAGE_BYTES bytes as page (or disk block) number index; 0 if they are all zero. */
uint64_t tg_digest_page(uint64_t index, const uint8_t *bytes);

#endif
