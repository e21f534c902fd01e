/*
 * Inside of the machine, for the rest of emu/ and for tests: what machine.c and schedule.c offer
 * beyond tollgate.h.
 */
#ifndef TG_MACHINE_H
#define TG_MACHINE_H

#include "core/state.h"

/* The engine of that name (NULL: the first row of the table); NULL when there is none. */
const struct tg_engine *tg_engine_find(const char *name);

/* As tg_machine_create, with an engine that need not be in the table; config->engine is not looked
 * at. */
int tg_machine_create_with(const struct tg_config *config, const struct tg_host *host,
                           const struct tg_engine *engine, struct tg_machine **ret_machine,
                           struct tg_error *error);

/* All state was replaced from outside (a snapshot): brings up to date what is derived from it, in
 * the bus and the engine too, and begins a new input log. */
void tg_machine_restored(struct tg_machine *machine);

/* The same when the state is an earlier or later one of the run that the input log tells, in which
 * so many events of it had taken effect: those that followed follow again. */
void tg_machine_rewound(struct tg_machine *machine, size_t inputs_applied);

/* Whether a clock is one that a machine with that many CPUs can have. A snapshot's clock must be.
 */
bool tg_schedule_accepts(const struct tg_clock_state *clock, uint32_t cpus);

/* Ends the round under way where it is, as at a power-off: nothing of it will be executed. */
void tg_schedule_abandon_round(struct tg_machine *machine);

#endif
