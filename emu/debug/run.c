/*
 * Running forward to a stop, and what the machine's own stops are called here.
 */
#include "core/state.h"
#include "debug/internal.h"

/* Stops of the machine that are stops of the debugger as they are. */
static enum tg_debug_stop_kind kind_of(enum tg_stop_reason reason)
{
    switch (reason) {
    case TG_STOP_POWER_OFF:
        return TG_DEBUG_POWER_OFF;
    case TG_STOP_PANIC:
        return TG_DEBUG_PANIC;
    case TG_STOP_FATAL:
        return TG_DEBUG_FATAL;
    case TG_STOP_IDLE:
        return TG_DEBUG_IDLE;
    case TG_STOP_INPUT:
        return TG_DEBUG_INPUT;
    case TG_STOP_BREAK:
        return TG_DEBUG_GUEST_BREAK;
    default:
        return TG_DEBUG_STOP_KINDS;
    }
}

static void add_kind(struct tg_debug_stop *stop, enum tg_debug_stop_kind kind)
{
    const struct tg_debug_reason reason = {.kind = kind, .cpu = TG_DEBUG_ANY};
    tg_stop_add(stop, &reason);
}

/* Takes the machine's own stop as a reason if it is one. */
static void add_machine_stop(struct tg_debug_stop *stop, const struct tg_stop *from)
{
    enum tg_debug_stop_kind kind = kind_of(from->reason);
    bool has_cpu = kind == TG_DEBUG_POWER_OFF || kind == TG_DEBUG_PANIC || kind == TG_DEBUG_FATAL ||
                   kind == TG_DEBUG_GUEST_BREAK;
    const struct tg_debug_reason reason = {
        .kind = kind, .cpu = has_cpu ? from->cpu : TG_DEBUG_ANY, .status = from->status};
    if (kind != TG_DEBUG_STOP_KINDS)
        tg_stop_add(stop, &reason);
}

/* Goes on after a stop of the machine that is none here: a request that came late. */
static bool has_stopped(struct tg_debug *debug, const struct tg_goal *goal,
                        const struct tg_stop *from, struct tg_debug_stop *stop)
{
    add_machine_stop(stop, from);
    if (debug->history.has_no_memory)
        add_kind(stop, TG_DEBUG_NO_MEMORY);
    if (atomic_load(&debug->history.is_interrupted))
        add_kind(stop, TG_DEBUG_REQUEST);
    if (from->reason == TG_STOP_LIMIT || from->reason == TG_STOP_INTERRUPT)
        return true;
    return stop->count > 0 || (goal && goal->is_met);
}

int tg_run(struct tg_debug *debug, const struct tg_run_limits *limits, struct tg_goal *goal,
           bool stops_at_present, struct tg_debug_stop *stop)
{
    struct tg_debug_place start = tg_history_here(&debug->history);
    bool was_past = tg_history_is_past(&debug->history);
    struct tg_stop from;
    tg_stop_init(debug, stop);
    int result = tg_want(debug, TG_DEBUG_RUNNING, !debug->ignores_points, goal);
    if (result != TG_OK) {
        tg_want_nothing(debug);
        return result;
    }
    debug->stop = stop;
    if (!start.is_idle)
        tg_machine_pass_break(debug->machine);
    do {
        tg_history_run(&debug->history, limits, !stops_at_present, &from);
    } while (!has_stopped(debug, goal, &from, stop));

    struct tg_debug_place here = tg_history_here(&debug->history);
    if (tg_debug_compare_places(&start, &here) != 0)
        tg_event_look_here(debug);
    if (stops_at_present && was_past && !tg_history_is_past(&debug->history))
        add_kind(stop, TG_DEBUG_HISTORY_END);
    debug->stop = NULL;
    debug->has_points = false; /* the machine keeps being told of them: mostly it runs on */
    debug->goal = NULL;
    return TG_OK;
}

int tg_run_step(struct tg_debug *debug, struct tg_goal *goal, struct tg_debug_stop *stop)
{
    struct tg_debug_place here = tg_history_here(&debug->history);
    const struct tg_run_limits limits = {.until = {TG_NO_LIMIT, TG_NO_LIMIT},
                                         .until_steps = tg_debug_steps(&here) + 1};
    return tg_run(debug, &limits, goal, false, stop);
}
