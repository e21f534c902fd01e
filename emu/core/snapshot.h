/*
 * The whole machine as bytes. A snapshot (docs/formats.md) stands alone: file header, checksum,
 * compressed payload. The payload is a list of sections in a fixed order. A checkpoint is a bare
 * payload without what does not change while a machine runs; it is fast, and only the machine that
 * made it can load it.
 */
#ifndef TG_SNAPSHOT_H
#define TG_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "core/state.h"

#define TG_SNAPSHOT_VERSION 1

/* Growing memory. After a failed addition is_full is set and further ones do nothing. */
struct tg_buffer {
    uint8_t *bytes; /* free() */
    size_t used, room;
    bool is_full;
};

/* The next count bytes to write to; NULL when the host has no memory left. */
uint8_t *tg_buffer_add(struct tg_buffer *buffer, size_t count);

/* Appends the machine's sections to *payload. TG_OK or TG_E_NOMEM. */
int tg_payload_write(struct tg_machine *machine, struct tg_buffer *payload);

/* Checks a payload of size bytes completely, then puts the machine into the state it describes. On
 * failure the machine is as before. Errors: TG_E_FORMAT, TG_E_NOMEM. */
int tg_payload_read(struct tg_machine *machine, const uint8_t *payload, size_t size,
                    struct tg_error *error);

/* A payload in its file form and back; both results belong to the caller (free). Errors:
 * TG_E_NOMEM; TG_E_FORMAT. */
int tg_payload_pack(const uint8_t *payload, size_t size, void **ret_file, size_t *ret_size);
int tg_payload_unpack(const void *file, size_t size, uint8_t **ret_payload, size_t *ret_size,
                      struct tg_error *error);

/* Number of the layout of all state that the sections hold; snapshots of another layout cannot be
 * read. */
uint64_t tg_payload_layout(void);

#endif
