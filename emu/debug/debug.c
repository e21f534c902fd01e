/*
 * Making a debugger, and the commands: which file does what, and what is the same for all.
 */
#include "debug/debug.h"

#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/state.h"
#include "debug/internal.h"

#define DEFAULT_HISTORY_BYTES ((size_t)512 << 20)

/* --- Making ----------------------------------------------------------------------------------- */

int tg_debug_create(struct tg_machine *machine, const struct tg_debug_options *options,
                    struct tg_debug **ret_debug, struct tg_error *error)
{
    struct tg_debug *debug = calloc(1, sizeof *debug);
    if (!debug)
        return tg_fail(error, TG_E_NOMEM, "no memory for a debugger");
    debug->machine = machine;
    if (options)
        debug->options = *options;
    if (debug->options.history_bytes == 0)
        debug->options.history_bytes = DEFAULT_HISTORY_BYTES;
    if (tg_history_init(&debug->history, machine, debug->options.history_bytes) != TG_OK) {
        free(debug);
        return tg_fail(error, TG_E_NOMEM, "no memory for the first checkpoint");
    }
    *ret_debug = debug;
    return TG_OK;
}

void tg_debug_destroy(struct tg_debug *debug)
{
    if (!debug)
        return;
    tg_want_nothing(debug);
    tg_points_free(debug);
    tg_history_finish(&debug->history);
    free(debug->bookmarks);
    free(debug);
}

struct tg_machine *tg_debug_machine(const struct tg_debug *debug)
{
    return debug->machine;
}

void tg_debug_set_source(struct tg_debug *debug, const struct tg_debug_source *source)
{
    debug->source = source ? *source : (struct tg_debug_source){0};
}

void tg_debug_set_guest(struct tg_debug *debug, const struct tg_debug_guest *guest)
{
    debug->guest = guest ? *guest : (struct tg_debug_guest){0};
}

void tg_debug_interrupt(struct tg_debug *debug)
{
    struct tg_history *trial = atomic_load(&debug->trial);
    atomic_store(&debug->history.is_interrupted, true);
    tg_machine_request_stop(debug->machine);
    if (trial) {
        atomic_store(&trial->is_interrupted, true);
        tg_machine_request_stop(trial->machine);
    }
}

bool tg_debug_is_replaying(const struct tg_debug *debug)
{
    return debug->history.is_replaying;
}

struct tg_debug_place tg_debug_place(const struct tg_debug *debug)
{
    return tg_history_here(&debug->history);
}

void tg_debug_history(const struct tg_debug *debug, struct tg_debug_history *ret_history)
{
    const struct tg_history *h = &debug->history;
    *ret_history = (struct tg_debug_history){.now = tg_history_here(h)};
    if (!h->timeline)
        return;
    *ret_history = (struct tg_debug_history){
        .first = h->places[0],
        .now = tg_history_here(h),
        .last = h->last,
        .checkpoints = tg_history_count(h),
        .bytes = tg_history_bytes(h),
        .limit_bytes = h->limit_bytes,
        .longest_gap = tg_history_longest_gap(h),
        .cuts = tg_history_cuts(h),
    };
}

/* A session that was loaded when there was no memory for its history has none: it begins here. */
static int revive_history(struct tg_debug *debug, struct tg_error *error)
{
    struct tg_history *h = &debug->history;
    if (h->timeline || tg_history_init(h, debug->machine, debug->options.history_bytes) == TG_OK)
        return TG_OK;
    return tg_fail(error, TG_E_NOMEM, "no memory for the first checkpoint");
}

/* --- Commands --------------------------------------------------------------------------------- */

static int check_command(const struct tg_debug *debug, const struct tg_debug_command *command,
                         struct tg_error *error)
{
    uint32_t cpus = tg_machine_config(debug->machine)->cpus;
    if ((unsigned)command->kind > TG_DEBUG_TO_RING)
        return tg_fail(error, TG_E_ARGUMENT, "no such command");
    if (command->cpu != TG_DEBUG_ANY && command->cpu >= cpus)
        return tg_fail(error, TG_E_ARGUMENT, "there is no CPU %u: this machine has %u",
                       (unsigned)command->cpu, (unsigned)cpus);
    bool needs_addresses = command->kind == TG_DEBUG_UNTIL || command->kind == TG_DEBUG_ADVANCE;
    if (needs_addresses &&
        (command->address_count == 0 || command->address_count > TG_DEBUG_MOST_ADDRESSES))
        return tg_fail(error, TG_E_ARGUMENT, "1 to %d addresses are needed",
                       TG_DEBUG_MOST_ADDRESSES);
    if (command->kind == TG_DEBUG_TO_RING && command->ring > 3)
        return tg_fail(error, TG_E_ARGUMENT, "rings are 0 to 3, not %u", (unsigned)command->ring);
    return TG_OK;
}

/* A stop without any other reason is where a command wanted to be. */
static void finish_stop(struct tg_debug *debug, struct tg_debug_stop *stop, uint32_t cpu)
{
    const struct tg_debug_reason done = {.kind = TG_DEBUG_STEP_DONE, .cpu = cpu};
    if (stop->count == 0)
        tg_stop_add(stop, &done);
    tg_stop_finish(debug, stop);
    tg_want_nothing(debug);
    tg_points_sweep(debug);
}

int tg_debug_go(struct tg_debug *debug, const struct tg_debug_command *command,
                struct tg_debug_stop *ret_stop, struct tg_error *error)
{
    struct tg_debug_stop stop;
    uint64_t count = command->count ? command->count : 1;
    uint32_t cpu = command->cpu;
    int result = revive_history(debug, error);
    if (result == TG_OK)
        result = check_command(debug, command, error);
    atomic_store(&debug->history.is_interrupted, false);
    debug->is_counting = true;
    tg_stop_init(debug, &stop);
    if (result == TG_OK && command->is_reverse)
        result = tg_step_backward(debug, command, count, &cpu, &stop, error);
    else if (result == TG_OK)
        result = tg_step_forward(debug, command, count, &cpu, &stop, error);
    debug->is_counting = false;
    if (result != TG_OK) {
        tg_want_nothing(debug);
        return result == TG_E_NOMEM ? tg_fail(error, result, "the host has no memory left")
                                    : result;
    }
    finish_stop(debug, &stop, cpu);
    *ret_stop = stop;
    return TG_OK;
}

/* --- Going to places -------------------------------------------------------------------------- */

/* The limits that end a run into the future at the target. */
static struct tg_run_limits limits_of(const struct tg_debug_target *target)
{
    struct tg_run_limits limits = {.until = {TG_NO_LIMIT, TG_NO_LIMIT}, .until_steps = TG_NO_LIMIT};
    if (target->kind == TG_DEBUG_TO_INSNS)
        limits.until.insns = target->value;
    else if (target->kind == TG_DEBUG_TO_TIME)
        limits.until.time = target->value;
    else
        limits.until_steps =
            target->kind == TG_DEBUG_TO_STEPS ? target->value : tg_debug_steps(&target->place);
    return limits;
}

/* How far a place is on the target's scale. */
static uint64_t reading(const struct tg_debug_target *target, const struct tg_debug_place *place)
{
    if (target->kind == TG_DEBUG_TO_INSNS)
        return place->insns;
    return target->kind == TG_DEBUG_TO_TIME ? place->time : tg_debug_steps(place);
}

/* Whether a stop on the way is none: it is known that the machine goes on. */
static bool is_passed(const struct tg_debug *debug, enum tg_debug_stop_kind kind)
{
    bool is_end = kind == TG_DEBUG_POWER_OFF || kind == TG_DEBUG_PANIC || kind == TG_DEBUG_FATAL;
    return kind == TG_DEBUG_GUEST_BREAK || (is_end && tg_history_is_past(&debug->history));
}

static int go_by_number(struct tg_debug *debug, const struct tg_debug_target *target,
                        struct tg_debug_stop *stop)
{
    struct tg_history *h = &debug->history;
    const struct tg_run_limits limits = limits_of(target);
    size_t from = 0;
    if (reading(target, &h->places[0]) > target->value) {
        const struct tg_debug_reason start = {.kind = TG_DEBUG_HISTORY_START, .cpu = TG_DEBUG_ANY};
        tg_stop_add(stop, &start);
        return tg_history_go(h, &h->places[0]);
    }
    /* The last checkpoint that is not behind it; what the scales count never goes back. */
    while (from + 1 < tg_history_count(h) && reading(target, &h->places[from + 1]) < target->value)
        from++;
    struct tg_debug_place here = tg_history_here(h);
    bool is_nearer = reading(target, &here) < target->value &&
                     tg_debug_compare_places(&here, &h->places[from]) >= 0;
    int result = TG_OK;
    if (!is_nearer && reading(target, &h->places[from]) < target->value)
        result = tg_history_go(h, &h->places[from]);
    else if (!is_nearer)
        return tg_history_go(h, &h->places[from]); /* history begins at the target */
    debug->ignores_points = true;
    while (result == TG_OK) {
        result = tg_run(debug, &limits, NULL, false, stop);
        if (result != TG_OK || stop->count == 0 || !is_passed(debug, stop->reasons[0].kind))
            break;
    }
    debug->ignores_points = false;
    if (!atomic_load(&h->is_interrupted))
        return result;
    stop->count = 0;
    return TG_E_DIVERGED;
}

int tg_debug_goto(struct tg_debug *debug, const struct tg_debug_target *target,
                  struct tg_debug_stop *ret_stop, struct tg_error *error)
{
    struct tg_history *h = &debug->history;
    struct tg_debug_place origin = tg_history_here(h), place = target->place;
    struct tg_debug_stop stop;
    int result = revive_history(debug, error);
    if (result != TG_OK)
        return result;
    atomic_store(&h->is_interrupted, false);
    tg_stop_init(debug, &stop);
    tg_want_nothing(debug);
    if (target->kind == TG_DEBUG_TO_START)
        place = h->places[0];
    else if (target->kind == TG_DEBUG_TO_END)
        place = h->last;
    bool is_number = target->kind == TG_DEBUG_TO_INSNS || target->kind == TG_DEBUG_TO_STEPS ||
                     target->kind == TG_DEBUG_TO_TIME;
    if (!is_number && (tg_debug_compare_places(&place, &h->places[0]) < 0 ||
                       tg_debug_compare_places(&place, &h->last) > 0))
        return tg_fail(error, TG_E_ARGUMENT, "that place is not in this history");
    result = is_number ? go_by_number(debug, target, &stop) : tg_history_go(h, &place);
    if (result == TG_E_DIVERGED) { /* interrupted on the way */
        const struct tg_debug_reason request = {.kind = TG_DEBUG_REQUEST, .cpu = TG_DEBUG_ANY};
        atomic_store(&h->is_interrupted, false);
        tg_stop_add(&stop, &request);
        result = tg_history_go(h, &origin);
    }
    if (result != TG_OK)
        return tg_fail(error, result, "the host has no memory left");
    finish_stop(debug, &stop, TG_DEBUG_ANY);
    *ret_stop = stop;
    return TG_OK;
}
