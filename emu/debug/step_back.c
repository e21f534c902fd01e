/*
 * Commands backward: each undoes what the command forward would have done from where it leads to.
 */
#include "core/error.h"
#include "core/state.h"
#include "debug/internal.h"

/* A command under way. */
struct walk {
    struct tg_debug *debug;
    const struct tg_debug_command *command;
    uint32_t cpu;
    struct tg_debug_stop *stop;
};

static bool is_over(const struct walk *w, int result)
{
    return result != TG_OK || w->stop->count > 0;
}

static void add_kind(struct walk *w, enum tg_debug_stop_kind kind)
{
    const struct tg_debug_reason reason = {.kind = kind, .cpu = TG_DEBUG_ANY};
    tg_stop_add(w->stop, &reason);
}

static int go_to_start(struct walk *w)
{
    add_kind(w, TG_DEBUG_HISTORY_START);
    return tg_history_go(&w->debug->history, &w->debug->history.places[0]);
}

/* Searches with the points. A stop at one is the end of the command. */
static int search(struct walk *w, const struct tg_search *search, struct tg_found *ret_found)
{
    struct tg_search with_points = *search;
    with_points.has_points = true;
    int result = tg_search_back(w->debug, &with_points, ret_found);
    if (result == TG_OK && ret_found->is_found && !ret_found->is_goal)
        *w->stop = ret_found->stop;
    return result;
}

/* To the goal: to where it was reached, or to before the step that met it. */
static int search_goal(struct walk *w, struct tg_goal *goal)
{
    const struct tg_search what = {.goal = goal, .is_near = !goal->reached};
    struct tg_found found;
    int result = search(w, &what, &found);
    if (result != TG_OK || w->stop->count > 0)
        return result;
    if (!found.is_found)
        return go_to_start(w);
    w->cpu = goal->met_cpu;
    return goal->reached ? TG_OK : tg_history_go(&w->debug->history, &found.before);
}

/* Breaks at the place that the command has come to. */
static void look_here(struct walk *w)
{
    struct tg_debug *debug = w->debug;
    debug->mode = TG_DEBUG_RUNNING;
    debug->has_points = true;
    debug->has_looked = false;
    debug->stop = w->stop;
    tg_event_look_here(debug);
    debug->stop = NULL;
    debug->has_points = false;
}

/* --- The latest step of a CPU ------------------------------------------------------------------
 */

static bool is_return_of_cpu(struct tg_goal *goal, const struct tg_debug *debug,
                             const struct tg_return_event *event)
{
    (void)debug;
    return event->cpu == goal->cpu;
}

/* One CPU only: its latest step is the machine's. */
static int undo_only_step(struct walk *w, struct tg_goal *goal)
{
    struct tg_debug *debug = w->debug;
    struct tg_history *h = &debug->history;
    struct tg_debug_place here = tg_history_here(h);
    struct tg_debug_stop stop;
    if (tg_debug_steps(&here) <= tg_debug_steps(&h->places[0]))
        return go_to_start(w);
    int result = tg_history_go_steps(h, tg_debug_steps(&here) - 1);
    if (result != TG_OK)
        return result;
    struct tg_debug_place before = tg_history_here(h);
    debug->ignores_points = true;
    result = tg_run_step(debug, goal, &stop);
    debug->ignores_points = false;
    tg_want_nothing(debug);
    return result == TG_OK ? tg_history_go(h, &before) : result;
}

/* Goes to before the latest step of w->cpu; *goal says what it was. */
static int undo_step(struct walk *w, struct tg_goal *goal)
{
    *goal = (struct tg_goal){.retired = tg_goal_is_step_of_cpu,
                             .entered = tg_goal_is_entry_of_cpu,
                             .left = is_return_of_cpu,
                             .cpu = w->cpu};
    if (tg_machine_config(w->debug->machine)->cpus == 1)
        return undo_only_step(w, goal);
    const struct tg_search what = {.goal = goal, .is_observed = true, .is_near = true};
    struct tg_found found;
    int result = search(w, &what, &found);
    if (is_over(w, result))
        return result;
    return found.is_found ? tg_history_go(&w->debug->history, &found.before) : go_to_start(w);
}

/* count steps of the machine. */
static int undo_steps(struct walk *w, uint64_t count)
{
    struct tg_history *h = &w->debug->history;
    struct tg_debug_place here = tg_history_here(h);
    uint64_t first = tg_debug_steps(&h->places[0]), steps = tg_debug_steps(&here);
    bool is_too_far = count > steps - first;
    uint64_t lowest = is_too_far ? first : steps - count;
    if (count > 1 && tg_point_exists(w->debug)) {
        const struct tg_search what = {.lowest_steps = lowest};
        struct tg_found found;
        int result = search(w, &what, &found);
        if (is_over(w, result))
            return result;
    }
    return is_too_far ? go_to_start(w) : tg_history_go_steps(h, lowest);
}

/* --- An instruction of a context ----------------------------------------------------------------
 */

/* An entry that left the context where the goal knows it. */
static bool is_entry_from(struct tg_goal *goal, const struct tg_debug *debug,
                          const struct tg_entry_event *event)
{
    struct tg_context handler = tg_context_of(debug, event->cpu);
    uint32_t sp;
    return event->from_ring == goal->context.ring && handler.space == goal->context.space &&
           tg_debug_word(debug, &handler, event->frame + TG_FRAME_SP, &sp) &&
           sp == goal->context.sp;
}

/* Looks for a goal without the points' help: not finding it leaves the machine where it is. */
static int find(struct walk *w, struct tg_goal *goal, struct tg_found *ret_found)
{
    const struct tg_search what = {.goal = goal, .is_near = !goal->reached};
    return search(w, &what, ret_found);
}

/* The machine is before an iret that led to context: on to before what led into the handler.
 * *ret_is_same: the context had stood there already, so nothing of it is undone yet. */
static int undo_entry(struct walk *w, struct tg_context *context, bool *ret_is_same)
{
    struct tg_goal goal = {.entered = is_entry_from, .context = *context};
    struct tg_found found;
    *ret_is_same = false;
    int result = find(w, &goal, &found);
    if (is_over(w, result) || !found.is_found)
        return result;
    w->cpu = goal.met_cpu;
    uint32_t pc = goal.entry.saved_pc - (goal.entry.kind == TG_ENTRY_TRAP ? 4 : 0);
    *ret_is_same = pc == context->pc;
    return tg_history_go(&w->debug->history, &found.before);
}

/* The machine is before the return from a function that context had called: on to the call. */
static int undo_call(struct walk *w, const struct tg_context *context)
{
    uint32_t call = context->pc - 4, word;
    struct tg_goal goal = {
        .reached = tg_goal_is_there, .breaks = &call, .break_count = 1, .context = *context};
    struct tg_found found;
    if (!tg_debug_word(w->debug, context, call, &word) || !tg_word_is_call(word))
        return TG_OK;
    int result = find(w, &goal, &found);
    if (result == TG_OK && found.is_found && found.is_goal)
        w->cpu = goal.met_cpu;
    return result;
}

static bool find_line(const struct walk *w, struct tg_debug_line *ret_line)
{
    const struct tg_debug_source *source = &w->debug->source;
    uint32_t pc = w->debug->machine->cpus[w->cpu].s.pc;
    return source->line && source->line(source->context, w->cpu, pc, ret_line);
}

/* An instruction of this context. goes_into: a function with source that it called is entered at
 * its end. */
static int undo_instruction(struct walk *w, bool goes_into)
{
    struct tg_context context = tg_context_of(w->debug, w->cpu);
    bool is_same = true;
    while (is_same) {
        struct tg_goal step;
        struct tg_debug_line line;
        int result = undo_step(w, &step);
        is_same = false;
        if (is_over(w, result))
            return result;
        if (step.was_return)
            result = undo_entry(w, &context, &is_same);
        else if (!step.was_entry && tg_word_is_return(step.met_word) &&
                 !(goes_into && find_line(w, &line)))
            result = undo_call(w, &context);
        if (is_over(w, result))
            return result;
    }
    return TG_OK;
}

/* --- Source lines ----------------------------------------------------------------------------- */

static bool is_same_line(const struct tg_debug_line *a, const struct tg_debug_line *b)
{
    return a->file == b->file && a->line == b->line && a->function == b->function;
}

/* To where the line before this one began, or this one if the machine is in its middle. */
static int undo_line(struct walk *w, bool goes_into)
{
    struct tg_debug_line line, now;
    struct tg_debug_place begin = {0};
    uint32_t begin_cpu = w->cpu;
    bool has_begin = false;
    if (!find_line(w, &line)) {
        struct tg_goal step;
        return goes_into ? undo_step(w, &step) : undo_instruction(w, false);
    }
    for (;;) {
        int result = undo_instruction(w, goes_into);
        if (is_over(w, result))
            return result;
        bool has_line = find_line(w, &now);
        if (has_begin && !(has_line && is_same_line(&now, &line)))
            break;
        look_here(w);
        if (is_over(w, result))
            return result;
        if (!has_line)
            continue;
        line = now;
        has_begin = true;
        begin = tg_history_here(&w->debug->history);
        begin_cpu = w->cpu;
    }
    w->cpu = begin_cpu;
    return tg_history_go(&w->debug->history, &begin);
}

/* --- Out of functions and handlers --------------------------------------------------------------
 */

static bool is_entry_with_frame(struct tg_goal *goal, const struct tg_debug *debug,
                                const struct tg_entry_event *event)
{
    struct tg_context handler = tg_context_of(debug, event->cpu);
    uint32_t paddr;
    return event->frame == goal->frame &&
           tg_debug_translate(debug, &handler, event->frame, &paddr) && paddr == goal->frame_paddr;
}

static int leave_handler(struct walk *w, struct tg_error *error)
{
    struct tg_goal goal = {.entered = is_entry_with_frame};
    if (!tg_handler_frame(w->debug, w->cpu, &goal.frame, &goal.frame_paddr))
        return tg_fail(error, TG_E_ARGUMENT, "CPU %u executes no handler whose frame can be found",
                       (unsigned)w->cpu);
    return search_goal(w, &goal);
}

static int finish_function(struct walk *w, struct tg_error *error)
{
    const struct tg_debug_source *source = &w->debug->source;
    struct tg_debug_caller caller;
    if (!source->caller || !source->caller(source->context, w->cpu, &caller))
        return tg_fail(error, TG_E_ARGUMENT,
                       "the caller of the function at 0x%08x is not known: has its program been "
                       "given?",
                       (unsigned)w->debug->machine->cpus[w->cpu].s.pc);
    if (caller.is_trap)
        return leave_handler(w, error);
    uint32_t call = caller.pc - 4;
    struct tg_goal goal = {.reached = tg_goal_is_there,
                           .breaks = &call,
                           .break_count = 1,
                           .context = tg_context_of(w->debug, w->cpu)};
    goal.context.sp = caller.sp;
    return search_goal(w, &goal);
}

/* --- To places -------------------------------------------------------------------------------- */

static int search_addresses(struct walk *w)
{
    const struct tg_debug_command *command = w->command;
    struct tg_goal goal = {.reached = command->kind == TG_DEBUG_UNTIL ?
                                   tg_goal_is_in_callers : tg_goal_is_anywhere,
                           .breaks = command->addresses,
                           .break_count = command->address_count,
                           .context = tg_context_of(w->debug, w->cpu)};
    return search_goal(w, &goal);
}

static bool leaves_ring_inward(struct tg_goal *goal, const struct tg_debug *debug,
                               const struct tg_entry_event *event)
{
    (void)debug;
    return event->cpu == goal->cpu && event->from_ring == goal->ring &&
           event->to_ring != goal->ring;
}

static bool leaves_ring_outward(struct tg_goal *goal, const struct tg_debug *debug,
                                const struct tg_return_event *event)
{
    (void)debug;
    return event->cpu == goal->cpu && event->from_ring == goal->ring &&
           event->to_ring != goal->ring;
}

static int search_ring(struct walk *w)
{
    struct tg_goal goal = {.entered = leaves_ring_inward,
                           .left = leaves_ring_outward,
                           .cpu = w->cpu,
                           .ring = w->command->ring};
    return search_goal(w, &goal);
}

static int search_points(struct walk *w)
{
    const struct tg_search what = {.goal = NULL};
    struct tg_found found;
    int result = search(w, &what, &found);
    return is_over(w, result) || found.is_found ? result : go_to_start(w);
}

/* --- Commands --------------------------------------------------------------------------------- */

static int once(struct walk *w, struct tg_error *error)
{
    struct tg_goal step;
    switch (w->command->kind) {
    case TG_DEBUG_STEPI:
        return undo_step(w, &step);
    case TG_DEBUG_NEXTI:
        return undo_instruction(w, false);
    case TG_DEBUG_STEP:
        return undo_line(w, true);
    case TG_DEBUG_NEXT:
        return undo_line(w, false);
    case TG_DEBUG_FINISH:
        return finish_function(w, error);
    case TG_DEBUG_LEAVE:
        return leave_handler(w, error);
    case TG_DEBUG_UNTIL:
    case TG_DEBUG_ADVANCE:
        return search_addresses(w);
    case TG_DEBUG_TO_RING:
        return search_ring(w);
    default:
        return search_points(w);
    }
}

static int repeat(struct walk *w, uint64_t count, struct tg_error *error)
{
    int result = TG_OK;
    for (uint64_t i = 0; i < count && result == TG_OK; i++) {
        bool is_point = w->stop->count > 0 && w->stop->reasons[0].kind != TG_DEBUG_HISTORY_START &&
                        w->command->kind == TG_DEBUG_CONTINUE;
        if (w->stop->count > 0 && !is_point)
            break;
        w->stop->count = 0;
        result = once(w, error);
    }
    return result;
}

int tg_step_backward(struct tg_debug *debug, const struct tg_debug_command *command, uint64_t count,
                     uint32_t *cpu, struct tg_debug_stop *stop, struct tg_error *error)
{
    struct walk w = {.debug = debug,
                     .command = command,
                     .cpu = *cpu == TG_DEBUG_ANY ? tg_machine_turn(debug->machine) : *cpu,
                     .stop = stop};
    struct tg_debug_place origin = tg_history_here(&debug->history);
    bool is_machine = command->kind == TG_DEBUG_STEPI &&
                      (*cpu == TG_DEBUG_ANY || tg_machine_config(debug->machine)->cpus == 1);
    int result = is_machine ? undo_steps(&w, count) : repeat(&w, count, error);
    *cpu = w.cpu;
    if (result == TG_E_DIVERGED) { /* interrupted: back to where it began */
        atomic_store(&debug->history.is_interrupted, false);
        stop->count = 0;
        add_kind(&w, TG_DEBUG_REQUEST);
        return tg_history_go(&debug->history, &origin);
    }
    if (result == TG_OK && stop->count == 0)
        look_here(&w);
    return result;
}
