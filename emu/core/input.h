/*
 * Outside events: one list that is log, queue and replay at once. Events before `applied` have
 * taken effect and are the log; those from there on wait. Those before `replay_end` come from a
 * replayed log and wait for their position.
 */
#ifndef TG_INPUT_H
#define TG_INPUT_H

#include "core/state.h"

struct tg_logged_input {
    struct tg_position position; /* where it took effect; of a queued one nothing yet */
    struct tg_input input;
};

struct tg_input_log {
    struct tg_position
        begin; /* where the log began; clock.inputs was then clock.inputs - applied of now */
    struct tg_logged_input *events;
    size_t count, capacity;
    size_t applied;
    size_t replay_end;
    bool has_diverged;
    struct tg_error divergence;
};

struct tg_input_log *tg_input_log_create(void); /* NULL: no memory */
void tg_input_log_destroy(struct tg_input_log *log);

/* An empty log that begins here: the state was replaced or changed in a way that no log can tell.
 * Events that wait, and a replay under way, are dropped. */
void tg_input_log_restart(struct tg_machine *machine);

/* The machine is where so many events had taken effect: those that then followed are replayed.
 * Events that still waited are dropped: nothing says where they belong. */
void tg_input_log_rewind(struct tg_input_log *log, size_t applied);

/* Drops all events that have not taken effect: what follows is new. */
void tg_input_log_cut(struct tg_machine *machine);

/* Room for count more events. TG_OK or TG_E_NOMEM. */
int tg_input_log_reserve(struct tg_input_log *log, size_t count);

static inline bool tg_input_is_replaying(const struct tg_input_log *log)
{
    return log->applied < log->replay_end || log->has_diverged;
}

/* Whether tg_machine_type knows keys for all of text. */
bool tg_input_can_type(const char *text, size_t length);

/* Between two rounds: all events that are due take effect. False: a replayed one does not fit this
 * position. */
bool tg_input_take(struct tg_machine *machine);

/* When the next event of a replayed log is due; UINT64_MAX: none is. */
uint64_t tg_input_next_time(const struct tg_machine *machine);

/* The kinds of input, by enum tg_input_kind: their names in a log, the bits that their values may
 * have, and these in words. NULL past the last. */
struct tg_input_kind_info {
    const char *name;
    uint32_t mask;
    const char *values;
};
const struct tg_input_kind_info *tg_input_kind_info(uint32_t kind);

#endif
