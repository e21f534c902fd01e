/*
 * Random TG32 guests that mean something: valid instructions with biased operands, handlers that
 * mostly return, rings, page tables with holes and aliases, gates, a timer, device accesses, direct
 * memory access, self-modification, several CPUs. Every choice comes from one source of numbers, so
 * a seed, or a fuzzer's input, is a guest.
 */
#ifndef TG_RANDOM_GUEST_H
#define TG_RANDOM_GUEST_H

#include <stddef.h>
#include <stdint.h>

#include "tollgate.h"

/* Numbers: first those of a given input, then pseudo-random ones that depend on state. */
struct random_source {
    const uint8_t *bytes; /* may be NULL when left is 0 */
    size_t left;
    uint64_t state;
};

uint32_t random_next(struct random_source *source);
/* 0 to limit - 1; limit > 0. */
uint32_t random_below(struct random_source *source, uint32_t limit);
/* Whether an event of so many percent happens. */
bool random_chance(struct random_source *source, uint32_t percent);

/* One word of code: mostly a legal instruction. */
uint32_t random_word(struct random_source *source);

#define RANDOM_GUEST_RAM_BYTES (UINT32_C(256) << 10)

/* Configuration of a machine for a random guest: 1 to max_cpus CPUs, sometimes a short quantum. */
struct tg_config random_guest_config(struct random_source *source, const char *engine,
                                     uint32_t max_cpus);

/* Puts a random guest into a machine that was made with such a configuration: RAM, CPUs, disk.
 * Equal sources give equal guests, whatever the engine. */
void random_guest_load(struct tg_machine *machine, struct random_source *source);

#endif
