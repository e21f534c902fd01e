/*
 * What a snapshot's payload consists of, for the files that write it (snapshot.c) and read it
 * (restore.c).
 */
#ifndef TG_PAYLOAD_H
#define TG_PAYLOAD_H

#include "core/fields.h"
#include "core/state.h"

/* A section: its name (zero-padded), the bytes of its content as a u64, the content. */
#define TG_SECTION_NAME_BYTES   24
#define TG_SECTION_HEADER_BYTES (TG_SECTION_NAME_BYTES + 8)

/* A page in sections "ram", "disk.base" and "disk.changes": its number as a u64, its bytes. Numbers
 * ascend. */
#define TG_SECTION_PAGE_BYTES (8 + (size_t)TG_PAGE_BYTES)

/* What a machine is made with, as far as its behaviour depends on it. */
#define TG_PAYLOAD_CONFIG(V, A)                                                                    \
    V(uint32_t, cpus, TG_MAX_CPUS)                                                                 \
    V(uint32_t, ram_bytes, TG_MAX_RAM_BYTES)                                                       \
    V(uint32_t, quantum, UINT32_MAX)                                                               \
    V(uint64_t, seed, UINT64_MAX)

TG_STATE_STRUCT(tg_payload_config, TG_PAYLOAD_CONFIG);

struct tg_payload_config tg_payload_config_of(const struct tg_machine *machine);

/* A section whose content is a state in its outside form. */
struct tg_payload_row {
    char name[TG_SECTION_NAME_BYTES];
    const struct tg_field_table *table;
    void *state; /* in the machine */
    size_t state_bytes;
    /* What is impossible in *state (for a machine with so many CPUs) although each value keeps its
     * limit; NULL: nothing. The function may be NULL. */
    const char *(*problem)(const void *state, uint32_t cpus);
};

#define TG_PAYLOAD_MAX_ROWS 64

/* Lists the states of a machine with cpus CPUs in the order of their sections; returns how many. */
uint32_t tg_payload_rows(struct tg_machine *machine, uint32_t cpus,
                         struct tg_payload_row rows[TG_PAYLOAD_MAX_ROWS]);

#endif
