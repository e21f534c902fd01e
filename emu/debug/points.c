/*
 * The points: the list of them, and telling the machine which stops are wanted. What happens when
 * one is reached is events.c's.
 */
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "debug/internal.h"

void tg_debug_filter_init(struct tg_debug_filter *filter)
{
    *filter = (struct tg_debug_filter){TG_DEBUG_ANY, TG_DEBUG_ANY, TG_DEBUG_ANY, TG_DEBUG_ANY,
                                       TG_DEBUG_ANY, TG_DEBUG_ANY, TG_DEBUG_ANY, TG_DEBUG_ANY};
}

/* --- The list --------------------------------------------------------------------------------- */

static void destroy_condition(struct tg_debug_condition *condition)
{
    if (condition->destroy)
        condition->destroy(condition->context);
    *condition = (struct tg_debug_condition){0};
}

/* What is wrong with a point; NULL: nothing. */
static const char *problem_of(const struct tg_debug *debug, const struct tg_debug_point *point)
{
    const struct tg_debug_filter *filter = &point->filter;
    if (filter->cpu != TG_DEBUG_ANY && filter->cpu >= tg_machine_config(debug->machine)->cpus)
        return "this machine has no such CPU";
    if (filter->ring != TG_DEBUG_ANY && filter->ring > 3)
        return "rings are 0 to 3";
    if (filter->first_number > filter->last_number)
        return "the range of numbers is empty";
    switch (point->kind) {
    case TG_DEBUG_POINT_BREAK:
        if (point->address_count == 0 || point->address_count > TG_DEBUG_MOST_ADDRESSES)
            return "a breakpoint has 1 to 32 addresses";
        for (uint32_t i = 0; i < point->address_count; i++)
            if (point->addresses[i] % 4 != 0)
                return "instructions are at multiples of 4";
        return NULL;
    case TG_DEBUG_POINT_CATCH:
        return (unsigned)point->caught < TG_DEBUG_CATCH_COUNT ? NULL : "no such thing to catch";
    case TG_DEBUG_POINT_CREG:
        if (!tg_creg_info(point->first))
            return "no such control register";
        break;
    case TG_DEBUG_POINT_PORT:
        if (point->last >= TG_PORT_COUNT)
            return "ports are 0 to 0xffff";
        break;
    case TG_DEBUG_POINT_WATCH:
        break;
    default:
        return "no such kind of point";
    }
    if (point->acts == 0)
        return "a watchpoint is for reading, writing or changing";
    return point->kind != TG_DEBUG_POINT_CREG && point->first > point->last
               ? "the range to watch is empty"
               : NULL;
}

static bool has_room(struct tg_debug *debug)
{
    if (debug->point_count < debug->point_capacity)
        return true;
    size_t capacity = debug->point_capacity ? 2 * debug->point_capacity : 16;
    struct tg_point_slot *points = realloc(debug->points, capacity * sizeof *points);
    if (!points)
        return false;
    debug->points = points;
    debug->point_capacity = capacity;
    return true;
}

int tg_debug_point_add(struct tg_debug *debug, const struct tg_debug_point *point,
                       uint32_t *ret_number, struct tg_error *error)
{
    struct tg_point_slot slot = {.point = *point};
    const char *problem = problem_of(debug, point);
    if (problem || !has_room(debug)) {
        destroy_condition(&slot.point.condition);
        return problem ? tg_fail(error, TG_E_ARGUMENT, "%s", problem)
                       : tg_fail(error, TG_E_NOMEM, "no memory for another point");
    }
    slot.point.number = ++debug->last_number;
    slot.point.hits = 0;
    debug->points[debug->point_count++] = slot;
    *ret_number = slot.point.number;
    return TG_OK;
}

struct tg_point_slot *tg_point_slot(struct tg_debug *debug, uint32_t number)
{
    for (size_t i = 0; i < debug->point_count; i++)
        if (debug->points[i].point.number == number)
            return &debug->points[i];
    return NULL;
}

static void remove_at(struct tg_debug *debug, size_t index)
{
    destroy_condition(&debug->points[index].point.condition);
    debug->point_count--;
    memmove(&debug->points[index], &debug->points[index + 1],
            (debug->point_count - index) * sizeof *debug->points);
}

bool tg_debug_point_remove(struct tg_debug *debug, uint32_t number)
{
    struct tg_point_slot *slot = tg_point_slot(debug, number);
    if (slot)
        remove_at(debug, (size_t)(slot - debug->points));
    return slot != NULL;
}

bool tg_debug_point_enable(struct tg_debug *debug, uint32_t number, bool is_enabled)
{
    struct tg_point_slot *slot = tg_point_slot(debug, number);
    if (slot)
        slot->point.is_enabled = is_enabled;
    return slot != NULL;
}

bool tg_debug_point_ignore(struct tg_debug *debug, uint32_t number, uint64_t ignore)
{
    struct tg_point_slot *slot = tg_point_slot(debug, number);
    if (slot)
        slot->point.ignore = ignore;
    return slot != NULL;
}

bool tg_debug_point_set_condition(struct tg_debug *debug, uint32_t number,
                                  const struct tg_debug_condition *condition)
{
    struct tg_point_slot *slot = tg_point_slot(debug, number);
    if (slot) {
        destroy_condition(&slot->point.condition);
        slot->point.condition = *condition;
    }
    return slot != NULL;
}

const struct tg_debug_point *tg_debug_point(const struct tg_debug *debug, uint32_t number)
{
    const struct tg_debug_point *next = tg_debug_point_after(debug, number - 1);
    return number > 0 && next && next->number == number ? next : NULL;
}

const struct tg_debug_point *tg_debug_point_after(const struct tg_debug *debug, uint32_t number)
{
    for (size_t i = 0; i < debug->point_count; i++)
        if (debug->points[i].point.number > number)
            return &debug->points[i].point;
    return NULL;
}

bool tg_point_exists(const struct tg_debug *debug)
{
    for (size_t i = 0; i < debug->point_count; i++)
        if (debug->points[i].point.is_enabled && !debug->points[i].point.is_log_only)
            return true;
    return false;
}

void tg_points_sweep(struct tg_debug *debug)
{
    for (size_t i = debug->point_count; i-- > 0;)
        if (debug->points[i].is_spent)
            remove_at(debug, i);
}

void tg_points_free(struct tg_debug *debug)
{
    while (debug->point_count > 0)
        remove_at(debug, debug->point_count - 1);
    free(debug->points);
    free(debug->breaks);
    free(debug->watches);
    debug->points = NULL;
    debug->breaks = NULL;
    debug->watches = NULL;
}

/* --- Telling the machine ---------------------------------------------------------------------- */

/* What is wanted, in the second halves of the debugger's arrays. */
struct wanted {
    uint32_t *breaks;
    struct tg_watch *watches;
    size_t break_count, watch_count;
};

static bool reserve(struct tg_debug *debug)
{
    size_t breaks = debug->goal ? debug->goal->break_count : 0;
    for (size_t i = 0; i < debug->point_count; i++)
        breaks += debug->points[i].point.address_count;
    size_t watches = debug->point_count + 1;
    breaks++;
    if (breaks > debug->break_capacity) {
        uint32_t *list = realloc(debug->breaks, 2 * 2 * breaks * sizeof *list);
        if (!list)
            return false;
        debug->breaks = list;
        debug->break_capacity = 2 * breaks;
    }
    if (watches > debug->watch_capacity) {
        struct tg_watch *list = realloc(debug->watches, 2 * 2 * watches * sizeof *list);
        if (!list)
            return false;
        debug->watches = list;
        debug->watch_capacity = 2 * watches;
    }
    return true;
}

static struct wanted collect(const struct tg_debug *debug)
{
    struct wanted w = {debug->breaks + debug->break_capacity,
                       debug->watches + debug->watch_capacity, 0, 0};
    const struct tg_goal *goal = debug->goal;
    for (size_t i = 0; i < debug->point_count && debug->has_points; i++) {
        const struct tg_debug_point *point = &debug->points[i].point;
        if (!point->is_enabled)
            continue;
        for (uint32_t k = 0; point->kind == TG_DEBUG_POINT_BREAK && k < point->address_count; k++)
            w.breaks[w.break_count++] = point->addresses[k];
        if (point->kind == TG_DEBUG_POINT_WATCH)
            w.watches[w.watch_count++] = (struct tg_watch){
                .first = point->first,
                .last = point->last,
                .is_physical = point->is_physical,
                .on_load = point->acts & TG_DEBUG_ON_READ,
                .on_store = point->acts & (TG_DEBUG_ON_WRITE | TG_DEBUG_ON_CHANGE),
            };
    }
    for (size_t i = 0; goal && i < goal->break_count; i++)
        w.breaks[w.break_count++] = goal->breaks[i];
    if (goal && goal->watch)
        w.watches[w.watch_count++] = *goal->watch;
    return w;
}

/* The machine is told only of what is new: telling makes it forget what it has decoded. */
static int tell(struct tg_debug *debug, const struct wanted *w)
{
    bool is_same = w->break_count == debug->break_count && w->watch_count == debug->watch_count &&
                   memcmp(w->breaks, debug->breaks, w->break_count * sizeof *w->breaks) == 0;
    for (size_t i = 0; is_same && i < w->watch_count; i++) {
        const struct tg_watch *a = &w->watches[i], *b = &debug->watches[i];
        is_same = a->first == b->first && a->last == b->last && a->is_physical == b->is_physical &&
                  a->on_load == b->on_load && a->on_store == b->on_store;
    }
    if (is_same)
        return TG_OK;
    const struct tg_points points = {
        .context = debug,
        .breaks = w->breaks,
        .break_count = w->break_count,
        .watches = w->watches,
        .watch_count = w->watch_count,
        .reached = tg_event_reached,
        .accessed = tg_event_accessed,
    };
    int result = tg_machine_set_points(debug->machine, &points);
    if (result != TG_OK)
        return result;
    memcpy(debug->breaks, w->breaks, w->break_count * sizeof *w->breaks);
    memcpy(debug->watches, w->watches, w->watch_count * sizeof *w->watches);
    debug->break_count = w->break_count;
    debug->watch_count = w->watch_count;
    return TG_OK;
}

static int observe(struct tg_debug *debug)
{
    if (debug->is_observing)
        tg_machine_unobserve(debug->machine, &debug->observer);
    debug->observer = tg_event_observer(debug);
    const struct tg_observer *o = &debug->observer;
    bool is_needed =
        o->retire || o->entry || o->leave || o->port || o->creg || o->tlb || o->line || o->dma;
    int result = is_needed ? tg_machine_observe(debug->machine, &debug->observer) : TG_OK;
    debug->is_observing = is_needed && result == TG_OK;
    return result;
}

int tg_want(struct tg_debug *debug, enum tg_debug_mode mode, bool has_points, struct tg_goal *goal)
{
    debug->mode = mode;
    debug->has_points = has_points;
    debug->goal = goal;
    int result = reserve(debug) ? TG_OK : TG_E_NOMEM;
    if (result == TG_OK) {
        struct wanted wanted = collect(debug);
        result = tell(debug, &wanted);
    }
    if (result == TG_OK)
        result = observe(debug);
    return result;
}

void tg_want_nothing(struct tg_debug *debug)
{
    debug->has_points = false;
    debug->goal = NULL;
    if (debug->break_count + debug->watch_count > 0)
        tg_machine_set_points(debug->machine, NULL);
    debug->break_count = debug->watch_count = 0;
    observe(debug);
}
