/*
 * The past of a machine: checkpoints made as it runs, thinned when they take too much memory, and
 * going to any place of the past. Knows nothing of points: whoever runs the machine has said what
 * stops are wanted. Private to emu/debug; what places are is told in debug.h.
 *
 * The order of places is the order of the timeline's checkpoints. A machine that runs over a
 * checkpoint's place is taken to be at that checkpoint (or put there, where the state was changed
 * by hand), so that what it writes is always counted from the latest one.
 */
#ifndef TG_DEBUG_HISTORY_H
#define TG_DEBUG_HISTORY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "debug/debug.h"

struct tg_timeline;

struct tg_history {
    struct tg_machine *machine;
    struct tg_timeline *timeline;
    struct tg_debug_place *places; /* of the timeline's checkpoints */
    size_t capacity;
    struct tg_debug_place last; /* the present: the furthest that was reached */
    size_t limit_bytes;
    atomic_bool is_interrupted;
    bool is_replaying;  /* what runs has run before, or is on its way to some place: unheard */
    bool has_no_memory; /* the machine stopped because a change by hand could not be repeated */
    /* Input that was queued at the present and had not taken effect when the machine left for the
     * past: queued again when it is back. */
    struct tg_input *waiting;
    size_t waiting_count;
};

/* History that begins here, after settling the machine. TG_OK or TG_E_NOMEM. */
int tg_history_init(struct tg_history *history, struct tg_machine *machine, size_t limit_bytes);
void tg_history_finish(struct tg_history *history);

struct tg_debug_place tg_history_here(const struct tg_history *history);
bool tg_history_is_past(const struct tg_history *history);

/* Where going back from place has to begin: the number of the last checkpoint before it; false: it
 * is the first place of history. */
bool tg_history_before(const struct tg_history *history, const struct tg_debug_place *place,
                       size_t *ret_checkpoint);
size_t tg_history_count(const struct tg_history *history);

/* Runs on as tg_machine_run does, through the rest of the past and beyond, until limits or a stop;
 * then the machine is settled. With may_leave_past false it stops at the present too, with
 * TG_STOP_LIMIT. */
void tg_history_run(struct tg_history *history, const struct tg_run_limits *limits,
                    bool may_leave_past, struct tg_stop *ret_stop);

/* Goes to a place of the past or the present, or to a settled place by its number of steps (from
 * the first place of history to the present). Whatever stops are wanted must have been taken off
 * the machine. Errors: TG_E_NOMEM; TG_E_DIVERGED: tg_history.is_interrupted was set on the way; the
 * machine is at some other place then. */
int tg_history_go(struct tg_history *history, const struct tg_debug_place *place);
int tg_history_go_steps(struct tg_history *history, uint64_t steps);

/* Runs on unheard to a place of the past or the present, and calls stopped wherever the machine
 * stops by itself. Errors as tg_history_go. */
int tg_history_scan(struct tg_history *history, const struct tg_debug_place *place,
                    void (*stopped)(void *context), void *context);

/* Puts the machine at a checkpoint. TG_OK or TG_E_NOMEM. */
int tg_history_go_checkpoint(struct tg_history *history, size_t checkpoint);

/* Keeps this place, so that coming back to it is quick. TG_OK or TG_E_NOMEM: then the way back is
 * longer. */
int tg_history_keep_here(struct tg_history *history);

/* After input from outside, which may have taken effect at once. */
void tg_history_settle(struct tg_history *history);

/* Before a change from outside: makes this place the present and drops all that came later. True:
 * there was something. */
bool tg_history_branch(struct tg_history *history, struct tg_debug_place *ret_dropped);
/* After a change by hand, at the present: what follows begins here. TG_OK or TG_E_NOMEM. */
int tg_history_cut(struct tg_history *history);

/* The number of the latest checkpoint up to here that follows no earlier one's run: 0, or a cut. */
size_t tg_history_root(const struct tg_history *history);
size_t tg_history_bytes(const struct tg_history *history);
size_t tg_history_cuts(const struct tg_history *history);
uint64_t tg_history_longest_gap(const struct tg_history *history);

#endif
