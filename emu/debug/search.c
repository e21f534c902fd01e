/*
 * Searching backwards: stretch by stretch from here to the beginning, each is run over once with
 * everything that would be a hit remembered and nothing stopping. Around the latest hits the
 * machine is then run step by step as ever, so what a search finds is what a run would have stopped
 * at, with the same reasons at the same place.
 */
#include "core/state.h"
#include "debug/internal.h"

/* The first stretch that is run over for goals that need every instruction, which is slow; each
 * further one is longer. */
#define FIRST_STRETCH  UINT64_C(512)
#define STRETCH_FACTOR 8

struct state {
    struct tg_debug *debug;
    const struct tg_search *search;
    struct tg_debug_place origin;
    struct tg_debug_place reach; /* stops have to be before this */
    struct tg_debug_place end;   /* from here on all has been searched */
    uint64_t stretch;
    struct tg_found found;
};

static bool is_before(const struct tg_debug_place *a, const struct tg_debug_place *b)
{
    return tg_debug_compare_places(a, b) < 0;
}

/* --- Hits ------------------------------------------------------------------------------------- */

/* Counts the hits of a stop that was come to backwards, and takes out the reasons that are to be
 * ignored. True: some reason is left. */
static bool count_hits(struct tg_debug *debug, struct tg_debug_stop *stop)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < stop->count; i++) {
        struct tg_point_slot *slot = tg_point_slot(debug, stop->reasons[i].point);
        bool is_ignored = slot && slot->point.ignore > 0;
        if (slot) {
            slot->point.hits++;
            slot->point.ignore -= is_ignored;
            slot->is_spent = !is_ignored && slot->point.is_temporary;
        }
        if (!is_ignored)
            stop->reasons[kept++] = stop->reasons[i];
    }
    stop->count = kept;
    return kept > 0;
}

static bool is_in_reach(const struct state *s, const struct tg_debug_place *place, bool is_goal)
{
    return is_before(place, &s->reach) ||
           (is_goal && s->search->is_near && tg_debug_compare_places(place, &s->origin) == 0);
}

/* Makes the steps around a hit one by one as a run would; the last stop in reach is found. */
static int look_around(struct state *s, uint64_t steps)
{
    struct tg_debug *debug = s->debug;
    struct tg_history *h = &debug->history;
    struct tg_goal *goal = s->search->goal;
    bool is_first = steps <= tg_debug_steps(&h->places[0]);
    int result = is_first ? tg_history_go_checkpoint(h, 0) : tg_history_go_steps(h, steps - 1);
    s->found.is_found = false;
    while (result == TG_OK) {
        struct tg_debug_place from = tg_history_here(h);
        struct tg_debug_stop stop;
        struct tg_goal met = goal ? *goal : (struct tg_goal){0};
        met.is_met = met.was_entry = met.was_return = false;
        result = tg_run_step(debug, goal ? &met : NULL, &stop);
        stop.place = tg_history_here(h);
        if (result == TG_OK && atomic_load(&h->is_interrupted))
            result = TG_E_DIVERGED;
        bool has_moved = is_before(&from, &stop.place);
        if (result != TG_OK || !has_moved || !is_in_reach(s, &stop.place, met.is_met) ||
            tg_debug_steps(&stop.place) > steps + 1)
            break;
        if (!met.is_met && (stop.count == 0 || !s->search->has_points))
            continue;
        s->found = (struct tg_found){true, met.is_met, from, stop};
        if (met.is_met)
            *goal = met;
    }
    return result;
}

/* Goes through the remembered hits from the latest on. */
static int look_at_hits(struct state *s)
{
    struct tg_debug *debug = s->debug;
    size_t count = debug->hit_count;
    size_t oldest = count > TG_DEBUG_MOST_HITS ? count - TG_DEBUG_MOST_HITS : 0;
    for (size_t i = count; i-- > oldest;) {
        int result = look_around(s, debug->hits[i % TG_DEBUG_MOST_HITS]);
        if (result != TG_OK)
            return result;
        if (!s->found.is_found || s->found.is_goal || count_hits(debug, &s->found.stop)) {
            if (s->found.is_found)
                return TG_OK;
            continue;
        }
        s->reach = s->found.stop.place; /* ignored */
        s->found.is_found = false;
        i++; /* there may be another one around the same hit */
    }
    return TG_OK;
}

/* --- Stretches -------------------------------------------------------------------------------- */

static void on_machine_stop(void *context)
{
    struct state *s = context;
    if (s->search->has_points)
        tg_event_remember(s->debug);
}

/* Goes to where the stretch before s->end begins. *ret_is_done: there is none. */
static int go_to_stretch(struct state *s, bool *ret_is_done)
{
    struct tg_history *h = &s->debug->history;
    uint64_t end = tg_debug_steps(&s->end);
    size_t checkpoint = 0;
    *ret_is_done = end <= s->search->lowest_steps || !tg_history_before(h, &s->end, &checkpoint);
    if (*ret_is_done)
        return TG_OK;
    uint64_t begin = tg_debug_steps(&h->places[checkpoint]), first = begin;
    if (s->search->is_observed && end - first > s->stretch)
        first = end - s->stretch;
    if (first < s->search->lowest_steps)
        first = s->search->lowest_steps;
    s->stretch *= STRETCH_FACTOR;
    return first > begin ? tg_history_go_steps(h, first) : tg_history_go_checkpoint(h, checkpoint);
}

/* The stretch before s->end. */
static int search_stretch(struct state *s, bool *ret_is_done)
{
    struct tg_debug *debug = s->debug;
    int result = go_to_stretch(s, ret_is_done);
    if (result != TG_OK || *ret_is_done)
        return result;
    struct tg_debug_place begin = tg_history_here(&debug->history);
    debug->hit_count = 0;
    result = tg_want(debug, TG_DEBUG_SEARCHING, s->search->has_points, s->search->goal);
    if (result == TG_OK)
        result = tg_history_scan(&debug->history, &s->end, on_machine_stop, s);
    tg_want_nothing(debug);
    if (result == TG_OK && atomic_load(&debug->history.is_interrupted))
        result = TG_E_DIVERGED; /* at the very end of the stretch */
    bool is_overfull = debug->hit_count > TG_DEBUG_MOST_HITS;
    uint64_t oldest = debug->hits[debug->hit_count % TG_DEBUG_MOST_HITS];
    if (result == TG_OK)
        result = look_at_hits(s);
    *ret_is_done = s->found.is_found;
    if (result != TG_OK || *ret_is_done)
        return result;
    s->end = begin;
    if (is_overfull && oldest > tg_debug_steps(&begin)) {
        result = tg_history_go_steps(&debug->history, oldest);
        s->end = tg_history_here(&debug->history);
    }
    return result;
}

/* --- The search ------------------------------------------------------------------------------- */

int tg_search_back(struct tg_debug *debug, const struct tg_search *search,
                   struct tg_found *ret_found)
{
    struct tg_debug_place origin = tg_history_here(&debug->history);
    struct state s = {.debug = debug,
                      .search = search,
                      .origin = origin,
                      .reach = origin,
                      .end = origin,
                      .stretch = FIRST_STRETCH};
    bool was_counting = debug->is_counting, is_done = false;
    int result = TG_OK;
    debug->is_counting = false;
    debug->ignores_points = !search->has_points;
    tg_want_nothing(debug);
    tg_history_keep_here(&debug->history);
    while (result == TG_OK && !is_done)
        result = search_stretch(&s, &is_done);
    tg_want_nothing(debug);
    if (result == TG_OK && s.found.is_found)
        result = tg_history_go(&debug->history, &s.found.stop.place);
    debug->is_counting = was_counting;
    debug->ignores_points = false;
    *ret_found = s.found;
    if (result == TG_OK && s.found.is_found)
        return TG_OK;

    atomic_store(&debug->history.is_interrupted, false); /* the way back is to its end */
    int back = tg_history_go(&debug->history, &origin);
    return back != TG_OK ? back : result;
}
