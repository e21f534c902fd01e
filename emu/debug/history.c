/*
 * Running through past and present with checkpoints on the way: see history.h.
 *
 * A run is cut into slices, each of which ends where something has to be done between two steps: at
 * the next checkpoint of the past, at the present, at a reset of the input log (a machine that had
 * ended there stops again), where a new checkpoint is due. Slices end at settled places, so how a
 * run was cut cannot be seen.
 */
#include "debug/history.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "bus/bus.h"
#include "core/checkpoint.h"
#include "core/input.h"
#include "core/machine.h"

/* When a checkpoint is due: after so many steps, more where much was written. A step back replays a
 * gap at most, which is 20 to 50 ms; copying a page, and finding it unwritten again, costs as much
 * as about a thousand steps, so that checkpoints take less than 2 % of the time unless nearly all
 * of a large memory is written in each gap. */
#define GAP_STEPS      (UINT64_C(8) << 20)
#define STEPS_A_PAGE   UINT64_C(65536)
#define MOST_GAP_STEPS (UINT64_C(20) << 20)
/* Whoever went somewhere will go to places just before it. */
#define NEAR_STEPS UINT64_C(16384)
/* Looking a page up takes time in proportion to them. */
#define MOST_CHECKPOINTS 400

/* Slices without a step that a way to some place may have: input that takes effect, a stop that is
 * none. */
#define MOST_STANDS 16

/* --- Places ----------------------------------------------------------------------------------- */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

int tg_debug_compare_places(const struct tg_debug_place *a, const struct tg_debug_place *b)
{
    uint64_t a_steps = tg_debug_steps(a), b_steps = tg_debug_steps(b);
    if (a_steps != b_steps)
        return a_steps < b_steps ? -1 : 1;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    if (a->inputs != b->inputs)
        return a->inputs < b->inputs ? -1 : 1;
    return (int)b->is_idle - (int)a->is_idle; /* it idles before it goes on */
}

struct tg_debug_place tg_history_here(const struct tg_history *h)
{
    struct tg_position position = tg_machine_position(h->machine);
    return (struct tg_debug_place){
        .insns = position.insns,
        .interrupts = position.interrupts,
        .time = position.time,
        .inputs = h->machine->clock.inputs,
        .is_idle = h->machine->clock.round_ticks == 0,
    };
}

static bool is_before(const struct tg_debug_place *a, const struct tg_debug_place *b)
{
    return tg_debug_compare_places(a, b) < 0;
}

bool tg_history_is_past(const struct tg_history *h)
{
    struct tg_debug_place here = tg_history_here(h);
    return is_before(&here, &h->last);
}

size_t tg_history_count(const struct tg_history *h)
{
    return tg_timeline_count(h->timeline);
}

bool tg_history_before(const struct tg_history *h, const struct tg_debug_place *place,
                       size_t *ret_checkpoint)
{
    size_t low = 0, high = tg_history_count(h); /* those before low are before place */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (is_before(&h->places[middle], place))
            low = middle + 1;
        else
            high = middle;
    }
    if (low > 0)
        *ret_checkpoint = low - 1;
    return low > 0;
}

/* Whether nothing is about to begin: no CPU runs or can. */
static bool is_idle(const struct tg_machine *machine)
{
    for (uint32_t i = 0; i < machine->config.cpus; i++) {
        const struct tg_cpu *cpu = &machine->cpus[i];
        if (cpu->s.run_state == TG_CPU_RUNNING ||
            (cpu->s.run_state == TG_CPU_WAITING && cpu->is_interrupt_offered))
            return false;
    }
    return true;
}

/* Idle time is not passed: a person who interrupts an idle machine finds it idle. */
static void settle(struct tg_machine *machine)
{
    bool is_at_rest =
        machine->clock.round_ticks == 0 && (machine->end.end != TG_END_NONE || is_idle(machine));
    struct tg_run_limits limits = {
        .until = {tg_machine_position(machine).insns, TG_NO_LIMIT},
        .is_settled = true,
    };
    struct tg_stop stop = {.reason = TG_STOP_REQUEST};
    while (!is_at_rest && (stop.reason == TG_STOP_REQUEST || stop.reason == TG_STOP_POINT))
        tg_machine_run(machine, &limits, &stop);
}

/* --- Checkpoints ------------------------------------------------------------------------------ */

static size_t present(const struct tg_history *h)
{
    return tg_timeline_present(h->timeline);
}

static bool has_room(struct tg_history *h)
{
    if (tg_history_count(h) < h->capacity)
        return true;
    size_t capacity = h->capacity ? 2 * h->capacity : 64;
    struct tg_debug_place *places = realloc(h->places, capacity * sizeof *places);
    if (!places)
        return false;
    h->places = places;
    h->capacity = capacity;
    return true;
}

static int add_checkpoint(struct tg_history *h, bool is_cut)
{
    if (!has_room(h))
        return TG_E_NOMEM;
    size_t count = tg_history_count(h);
    int result = tg_timeline_add(h->timeline, is_cut);
    if (result != TG_OK)
        return result;
    size_t number = present(h);
    memmove(&h->places[number + 1], &h->places[number], (count - number) * sizeof *h->places);
    h->places[number] = tg_history_here(h);
    return TG_OK;
}

/* How much it would hurt to lose checkpoint number: the gap that it leaves against the distance to
 * where somebody is or will be. */
static double worth(const struct tg_history *h, size_t number, uint64_t here, uint64_t last)
{
    uint64_t at = tg_debug_steps(&h->places[number]);
    uint64_t gap = tg_debug_steps(&h->places[number + 1]) - tg_debug_steps(&h->places[number - 1]);
    uint64_t distance = least(last - at, at > here ? at - here : here - at);
    return (double)gap / ((double)distance + 1);
}

/* Forgets the checkpoint that is worth least. False: none can be. */
static bool forget_one(struct tg_history *h)
{
    struct tg_debug_place now = tg_history_here(h);
    uint64_t here = tg_debug_steps(&now);
    uint64_t last = here > tg_debug_steps(&h->last) ? here : tg_debug_steps(&h->last);
    size_t count = tg_history_count(h), best = 0;
    double least_worth = 0;
    for (size_t i = 1; i + 1 < count; i++) {
        bool is_needed = i == present(h) || tg_timeline_is_cut(h->timeline, i) ||
                         tg_timeline_is_cut(h->timeline, i + 1);
        double value = is_needed ? 0 : worth(h, i, here, last);
        if (!is_needed && (best == 0 || value < least_worth)) {
            best = i;
            least_worth = value;
        }
    }
    if (best == 0 || !tg_timeline_forget(h->timeline, best))
        return false;
    memmove(&h->places[best], &h->places[best + 1], (count - best - 1) * sizeof *h->places);
    return true;
}

static bool is_full(const struct tg_history *h)
{
    return tg_timeline_bytes(h->timeline) > h->limit_bytes ||
           tg_history_count(h) > MOST_CHECKPOINTS;
}

int tg_history_keep_here(struct tg_history *h)
{
    struct tg_debug_place here = tg_history_here(h);
    if (tg_debug_compare_places(&here, &h->places[present(h)]) == 0)
        return TG_OK;
    int result = add_checkpoint(h, false);
    while (result == TG_OK && is_full(h) && forget_one(h))
        continue;
    return result;
}

static uint64_t unkept_pages(const struct tg_machine *machine)
{
    const uint32_t *blocks;
    return machine->ram.unkept_count + tg_bus_disk_unkept(machine, &blocks);
}

/* How many steps may be taken before a checkpoint is due; 0: it is. */
static uint64_t steps_to_checkpoint(const struct tg_history *h)
{
    struct tg_debug_place here = tg_history_here(h);
    uint64_t since = tg_debug_steps(&here) - tg_debug_steps(&h->places[present(h)]);
    uint64_t due = least(unkept_pages(h->machine) * STEPS_A_PAGE, MOST_GAP_STEPS);
    due = due > GAP_STEPS ? due : GAP_STEPS;
    return due > since ? due - since : 0;
}

int tg_history_go_checkpoint(struct tg_history *h, size_t number)
{
    struct tg_input_log *log = h->machine->log;
    size_t queued = tg_input_is_replaying(log) ? 0 : log->count - log->applied;
    if (queued > 0) {
        struct tg_input *waiting =
            realloc(h->waiting, (h->waiting_count + queued) * sizeof *waiting);
        if (!waiting)
            return TG_E_NOMEM;
        h->waiting = waiting;
    }
    /* They are still in the log's memory when the machine has gone. */
    size_t first = log->applied;
    int result = tg_timeline_go(h->timeline, number);
    if (result != TG_OK)
        return result;
    for (size_t i = 0; i < queued; i++)
        h->waiting[h->waiting_count++] = log->events[first + i].input;
    return TG_OK;
}

/* Where the machine now is: the next checkpoint's place, the present, beyond it. */
static void take_note(struct tg_history *h)
{
    struct tg_debug_place here = tg_history_here(h);
    size_t next = present(h) + 1;
    h->has_no_memory = false;
    while (next < tg_history_count(h) && tg_debug_compare_places(&h->places[next], &here) == 0) {
        bool is_cut = tg_timeline_is_cut(h->timeline, next);
        if (!is_cut)
            tg_timeline_pass(h->timeline);
        else if (tg_history_go_checkpoint(h, next) != TG_OK)
            h->has_no_memory = true;
        if (h->has_no_memory)
            return; /* the change is still to come */
        next++;
    }
    if (is_before(&here, &h->last))
        return;
    h->last = here;
    for (size_t i = 0; i < h->waiting_count; i++)
        tg_machine_input(h->machine, h->waiting[i]);
    h->waiting_count = 0;
}

void tg_history_settle(struct tg_history *h)
{
    settle(h->machine);
    take_note(h);
}

/* --- Slices ----------------------------------------------------------------------------------- */

/* Until an event of the log takes effect, the machine does not see those behind `inputs`. */
static size_t hide_inputs(struct tg_history *h, uint64_t inputs)
{
    struct tg_input_log *log = h->machine->log;
    size_t known = log->count;
    uint64_t wanted = inputs - h->machine->clock.inputs;
    if (tg_input_is_replaying(log) && inputs >= h->machine->clock.inputs &&
        wanted < log->replay_end - log->applied)
        log->count = log->replay_end = log->applied + (size_t)wanted;
    return known;
}

static void show_inputs(struct tg_history *h, size_t known)
{
    struct tg_input_log *log = h->machine->log;
    if (known > log->count)
        log->count = log->replay_end = known;
}

/* A slice of a run: its limits, and which input it may see. */
struct slice {
    struct tg_run_limits limits;
    uint64_t inputs;
};

static const struct tg_run_limits no_limits = {
    .until = {TG_NO_LIMIT, TG_NO_LIMIT},
    .until_steps = TG_NO_LIMIT,
};

static void end_at(struct slice *slice, const struct tg_debug_place *place)
{
    if (place->is_idle)
        slice->limits.until.time = least(slice->limits.until.time, place->time);
    else
        slice->limits.until_steps = least(slice->limits.until_steps, tg_debug_steps(place));
    slice->inputs = least(slice->inputs, place->inputs);
}

/* Ends the slice at the next reset of the log, unless that is what comes now. */
static void end_at_reset(const struct tg_history *h, struct slice *slice)
{
    const struct tg_input_log *log = h->machine->log;
    const struct tg_clock_state *clock = &h->machine->clock;
    for (size_t i = log->applied; i < log->replay_end; i++) {
        const struct tg_logged_input *event = &log->events[i];
        bool is_now = clock->round_ticks == 0 && event->position.time == clock->time;
        if (event->input.kind != TG_INPUT_RESET || is_now)
            continue;
        slice->limits.until.time = least(slice->limits.until.time, event->position.time);
        slice->inputs = least(slice->inputs, clock->inputs + (i - log->applied));
        return;
    }
}

static void run_slice(struct tg_history *h, struct slice *slice, struct tg_stop *ret_stop)
{
    size_t known = hide_inputs(h, slice->inputs);
    if (h->machine->log->count < known)
        slice->limits.stop_for_input = false; /* input did come */
    slice->limits.is_settled = true;
    tg_machine_run(h->machine, &slice->limits, ret_stop);
    show_inputs(h, known);
    if (ret_stop->reason != TG_STOP_LIMIT)
        settle(h->machine);
    take_note(h);
}

/* Whether a run that stopped for a limit has come to one of limits. A machine that idles where it
 * has done so many steps is not where the next begins. */
static bool has_reached(const struct tg_history *h, const struct tg_run_limits *limits)
{
    struct tg_debug_place here = tg_history_here(h);
    bool is_done =
        here.insns >= limits->until.insns || tg_debug_steps(&here) >= limits->until_steps;
    return here.time >= limits->until.time || (is_done && !here.is_idle);
}

static struct tg_run_limits with_steps(const struct tg_run_limits *limits)
{
    struct tg_run_limits all = *limits;
    all.until_steps = all.until_steps ? all.until_steps : TG_NO_LIMIT;
    return all;
}

void tg_history_run(struct tg_history *h, const struct tg_run_limits *asked, bool may_leave_past,
                    struct tg_stop *ret_stop)
{
    struct tg_run_limits limits = with_steps(asked);
    do {
        struct slice slice = {.limits = limits, .inputs = UINT64_MAX};
        bool is_past = tg_history_is_past(h);
        uint64_t to_checkpoint = steps_to_checkpoint(h);
        if (is_past) {
            end_at(&slice,
                   present(h) + 1 < tg_history_count(h) ? &h->places[present(h) + 1] : &h->last);
            end_at_reset(h, &slice);
        } else if (!may_leave_past) {
            *ret_stop = (struct tg_stop){.reason = TG_STOP_LIMIT};
            return;
        } else if (to_checkpoint == 0) {
            tg_history_keep_here(h);
            to_checkpoint = GAP_STEPS;
        }
        if (!is_past) {
            struct tg_debug_place here = tg_history_here(h);
            slice.limits.until_steps =
                least(slice.limits.until_steps, tg_debug_steps(&here) + to_checkpoint);
        }
        h->is_replaying = is_past;
        run_slice(h, &slice, ret_stop);
    } while (ret_stop->reason == TG_STOP_LIMIT && !has_reached(h, &limits) && !h->has_no_memory);
    if (ret_stop->reason == TG_STOP_LIMIT && !h->has_no_memory) {
        settle(h->machine); /* a time limit may be anywhere between two rounds */
        take_note(h);
    }
    h->is_replaying = tg_history_is_past(h);
}

/* --- Going ------------------------------------------------------------------------------------ */

/* Runs unheard to the limits of *to. A history that was given by others may be none of this
 * machine: then it stands still on the way. */
static int rerun(struct tg_history *h, const struct slice *to)
{
    struct tg_stop stop;
    unsigned stands = 0;
    h->is_replaying = true;
    h->has_no_memory = false;
    do {
        struct slice slice = *to;
        size_t next = present(h) + 1;
        if (next < tg_history_count(h))
            end_at(&slice, &h->places[next]);
        if (steps_to_checkpoint(h) == 0)
            tg_history_keep_here(h);
        struct tg_debug_place here = tg_history_here(h);
        slice.limits.until_steps =
            least(slice.limits.until_steps, tg_debug_steps(&here) + steps_to_checkpoint(h) + 1);
        run_slice(h, &slice, &stop);
        struct tg_debug_place now = tg_history_here(h);
        stands = tg_debug_compare_places(&here, &now) == 0 ? stands + 1 : 0;
    } while (!has_reached(h, &to->limits) && !atomic_load(&h->is_interrupted) &&
             !h->has_no_memory && stands < MOST_STANDS);
    h->is_replaying = tg_history_is_past(h);
    if (h->has_no_memory)
        return TG_E_NOMEM;
    return has_reached(h, &to->limits) ? TG_OK : TG_E_DIVERGED;
}

/* To a place, or to the settled place of so many steps (place->inputs is then UINT64_MAX), which is
 * not before checkpoint `from`. */
static int rerun_from(struct tg_history *h, size_t from, const struct tg_debug_place *place)
{
    struct tg_debug_place here = tg_history_here(h);
    struct slice slice = {.limits = no_limits, .inputs = UINT64_MAX};
    int result = TG_OK;
    bool is_on_the_way = present(h) == from && !is_before(place, &here);
    if (!is_on_the_way) {
        if (!tg_history_is_past(h))
            tg_history_keep_here(h);
        result = tg_history_go_checkpoint(h, from);
        take_note(h);
    }
    uint64_t steps = tg_debug_steps(place);
    here = tg_history_here(h);
    if (result == TG_OK && steps > tg_debug_steps(&here) + 4 * NEAR_STEPS) {
        struct slice near = slice;
        near.limits.until_steps = steps - NEAR_STEPS;
        result = rerun(h, &near);
        if (result == TG_OK)
            tg_history_keep_here(h);
    }
    if (result != TG_OK)
        return result;
    end_at(&slice, place);
    return has_reached(h, &slice.limits) && !is_before(&here, place) ? TG_OK : rerun(h, &slice);
}

/* The number of the last checkpoint at or before place. */
static size_t checkpoint_at_or_before(const struct tg_history *h,
                                      const struct tg_debug_place *place)
{
    size_t number = 0;
    tg_history_before(h, place, &number);
    while (number + 1 < tg_history_count(h) && !is_before(place, &h->places[number + 1]))
        number++;
    return number;
}

int tg_history_go(struct tg_history *h, const struct tg_debug_place *place)
{
    struct tg_debug_place here = tg_history_here(h);
    if (tg_debug_compare_places(place, &here) == 0)
        return TG_OK;
    return rerun_from(h, checkpoint_at_or_before(h, place), place);
}

int tg_history_go_steps(struct tg_history *h, uint64_t steps)
{
    if (steps >= tg_debug_steps(&h->last))
        return tg_history_go(h, &h->last);
    if (steps <= tg_debug_steps(&h->places[0]) && !h->places[0].is_idle)
        return tg_history_go(h, &h->places[0]);
    /* The last of all places with so many steps. */
    struct tg_debug_place place = {.insns = steps, .time = UINT64_MAX, .inputs = UINT64_MAX};
    return rerun_from(h, checkpoint_at_or_before(h, &place), &place);
}

int tg_history_scan(struct tg_history *h, const struct tg_debug_place *place,
                    void (*stopped)(void *context), void *context)
{
    struct tg_debug_place here = tg_history_here(h);
    h->has_no_memory = false;
    for (; is_before(&here, place); here = tg_history_here(h)) {
        struct slice slice = {.limits = no_limits, .inputs = UINT64_MAX};
        struct tg_stop stop;
        if (h->has_no_memory || atomic_load(&h->is_interrupted))
            break;
        if (present(h) + 1 < tg_history_count(h))
            end_at(&slice, &h->places[present(h) + 1]);
        end_at(&slice, place);
        end_at_reset(h, &slice);
        h->is_replaying = true;
        run_slice(h, &slice, &stop);
        if (stop.reason == TG_STOP_BREAK || stop.reason == TG_STOP_POWER_OFF ||
            stop.reason == TG_STOP_PANIC || stop.reason == TG_STOP_FATAL)
            stopped(context);
    }
    h->is_replaying = tg_history_is_past(h);
    if (h->has_no_memory)
        return TG_E_NOMEM;
    return is_before(&here, place) ? TG_E_DIVERGED : TG_OK;
}

/* --- Changes from outside --------------------------------------------------------------------- */

static void truncate_places(struct tg_history *h)
{
    tg_timeline_branch(h->timeline);
    h->last = tg_history_here(h);
    h->waiting_count = 0;
    h->is_replaying = false;
}

bool tg_history_branch(struct tg_history *h, struct tg_debug_place *ret_dropped)
{
    bool is_past = tg_history_is_past(h);
    *ret_dropped = h->last;
    if (is_past)
        truncate_places(h);
    return is_past;
}

int tg_history_cut(struct tg_history *h)
{
    return add_checkpoint(h, true);
}

size_t tg_history_root(const struct tg_history *h)
{
    size_t root = present(h);
    while (root > 0 && !tg_timeline_is_cut(h->timeline, root))
        root--;
    return root;
}

size_t tg_history_bytes(const struct tg_history *h)
{
    return tg_timeline_bytes(h->timeline);
}

size_t tg_history_cuts(const struct tg_history *h)
{
    size_t cuts = 0;
    for (size_t i = 0; i < tg_history_count(h); i++)
        cuts += tg_timeline_is_cut(h->timeline, i);
    return cuts;
}

uint64_t tg_history_longest_gap(const struct tg_history *h)
{
    uint64_t longest = 0;
    for (size_t i = 0; i < tg_history_count(h); i++) {
        const struct tg_debug_place *next =
            i + 1 < tg_history_count(h) ? &h->places[i + 1] : &h->last;
        uint64_t gap = tg_debug_steps(next) - tg_debug_steps(&h->places[i]);
        longest = gap > longest ? gap : longest;
    }
    return longest;
}

/* --- Making ----------------------------------------------------------------------------------- */

int tg_history_init(struct tg_history *h, struct tg_machine *machine, size_t limit_bytes)
{
    *h = (struct tg_history){.machine = machine, .limit_bytes = limit_bytes};
    settle(machine);
    h->timeline = tg_timeline_create(machine);
    if (!h->timeline || !has_room(h)) {
        tg_history_finish(h);
        return TG_E_NOMEM;
    }
    h->places[0] = h->last = tg_history_here(h);
    return TG_OK;
}

void tg_history_finish(struct tg_history *h)
{
    tg_timeline_destroy(h->timeline);
    free(h->places);
    free(h->waiting);
    *h = (struct tg_history){.machine = h->machine};
}
