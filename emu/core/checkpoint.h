/*
 * Checkpoints of a machine in memory: states that it can be put back into, in the order of time. A
 * checkpoint keeps only the RAM pages and disk blocks that were written since the one before, so
 * that it costs what the machine wrote, not what it has. The machine's input log goes with it: put
 * back, the machine meets the same input again at the same places, up to where it had been.
 * When to make them and what for is the debugger's business (debug/history.h).
 */
#ifndef TG_CHECKPOINT_H
#define TG_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tollgate.h"

struct tg_timeline;

/* The checkpoints of a machine, with one of its present state, number 0. Only one timeline may
 * exist for a machine, and while it does the machine must not be given another image, disk or
 * snapshot. The caller's to destroy, before the machine. NULL: no memory. */
struct tg_timeline *tg_timeline_create(struct tg_machine *machine);
void tg_timeline_destroy(struct tg_timeline *timeline);

size_t tg_timeline_count(const struct tg_timeline *timeline);
struct tg_position tg_timeline_position(const struct tg_timeline *timeline, size_t number);
/* Host memory that all of them take. */
size_t tg_timeline_bytes(const struct tg_timeline *timeline);
/* The one that the machine has gone on from: it was made or gone back to last. */
size_t tg_timeline_present(const struct tg_timeline *timeline);

/* Makes a checkpoint of the machine's state, right after the present one; those behind keep their
 * order and get the next number. It becomes the present one. With is_cut it is not what the one
 * before leads to: the state was changed from outside. TG_OK or TG_E_NOMEM, and then nothing has
 * changed. */
int tg_timeline_add(struct tg_timeline *timeline, bool is_cut);
bool tg_timeline_is_cut(const struct tg_timeline *timeline, size_t number);

/* The machine has come to the state of the checkpoint after the present one by itself: that is the
 * present one now. */
void tg_timeline_pass(struct tg_timeline *timeline);

/* Puts the machine into the state of a checkpoint. Input that was queued and has not taken effect
 * is dropped. TG_OK or TG_E_NOMEM, and then nothing has changed. */
int tg_timeline_go(struct tg_timeline *timeline, size_t number);

/* Forgets a checkpoint, but never number 0, the present one, nor one that is cut or before a cut
 * (false: it is such a one). TG_E_NOMEM is not possible: what others need of it they take over. */
bool tg_timeline_forget(struct tg_timeline *timeline, size_t number);

/* Forgets all after the present one, and all input that has not taken effect yet: what comes is
 * new. */
void tg_timeline_branch(struct tg_timeline *timeline);

#endif
