/*
 * Machines with random guests, for tests of what holds for any machine: digests, snapshots,
 * lockstep.
 */
#ifndef TG_GUESTS_H
#define TG_GUESTS_H

#include "support/random_guest.h"

/* Names of two engines, different if there are two. */
const char *guest_engine(unsigned index);

/* The random guest of a seed in a machine of its own. */
struct tg_machine *guest_machine(uint64_t seed, const char *engine);

/* Runs until so many instructions were begun, or the machine has ended or idles. */
struct tg_stop guest_run(struct tg_machine *machine, uint64_t until_insns);

#endif
