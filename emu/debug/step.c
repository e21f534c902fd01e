/*
 * Commands forward: each is a run, or some, to a goal. docs/isa.md section 6 for what an entry and
 * an iret are.
 */
#include "core/error.h"
#include "core/ram.h"
#include "core/state.h"
#include "debug/internal.h"

static const struct tg_run_limits no_limits = {
    .until = {TG_NO_LIMIT, TG_NO_LIMIT},
    .until_steps = TG_NO_LIMIT,
};

/* A command under way. */
struct walk {
    struct tg_debug *debug;
    const struct tg_debug_command *command;
    struct tg_run_limits limits; /* of the whole command */
    uint32_t cpu;
    struct tg_debug_stop *stop;
    bool is_limited; /* the limits have ended it */
};

static int add_limit(struct walk *w)
{
    const struct tg_debug_reason reason = {.kind = TG_DEBUG_LIMIT, .cpu = TG_DEBUG_ANY};
    tg_stop_add(w->stop, &reason);
    w->is_limited = true;
    return TG_OK;
}

/* Runs to goal (NULL: to whatever stops it). */
static int run_to(struct walk *w, struct tg_goal *goal)
{
    int result = tg_run(w->debug, &w->limits, goal, w->command->stops_at_present, w->stop);
    if (result == TG_OK && w->stop->count == 0 && !(goal && goal->is_met))
        return add_limit(w);
    if (goal && goal->is_met)
        w->cpu = goal->met_cpu;
    return result;
}

/* Whether the command is over, well or not. */
static bool is_over(const struct walk *w, int result)
{
    return result != TG_OK || w->stop->count > 0;
}

/* --- A step of a CPU -------------------------------------------------------------------------- */

/* An instruction of w->cpu, or its way into a handler: goal tells which. */
static int step_cpu(struct walk *w, struct tg_goal *goal)
{
    struct tg_debug *debug = w->debug;
    struct tg_debug_place here = tg_history_here(&debug->history);
    bool is_next = !here.is_idle && tg_machine_turn(debug->machine) == w->cpu;
    bool is_alone = tg_machine_config(debug->machine)->cpus == 1;
    *goal = (struct tg_goal){.cpu = w->cpu, .entered = tg_goal_is_entry_of_cpu};
    if (!is_next && !is_alone) {
        goal->retired = tg_goal_is_step_of_cpu;
        return run_to(w, goal);
    }
    struct tg_run_limits limits = w->limits;
    limits.until_steps = tg_debug_steps(&here) + 1;
    int result = tg_run(debug, &limits, goal, w->command->stops_at_present, w->stop);
    here = tg_history_here(&debug->history);
    if (result == TG_OK && w->stop->count == 0 && tg_debug_steps(&here) < limits.until_steps)
        return add_limit(w);
    return result;
}

static int step_machine(struct walk *w, uint64_t count)
{
    struct tg_debug_place here = tg_history_here(&w->debug->history);
    struct tg_run_limits limits = w->limits;
    limits.until_steps = tg_debug_steps(&here) + count;
    int result = tg_run(w->debug, &limits, NULL, w->command->stops_at_present, w->stop);
    here = tg_history_here(&w->debug->history);
    if (result == TG_OK && w->stop->count == 0 && tg_debug_steps(&here) < limits.until_steps)
        return add_limit(w);
    return result;
}

/* --- Back in a context ------------------------------------------------------------------------ */

static bool is_back(struct tg_goal *goal, const struct tg_debug *debug,
                    const struct tg_return_event *event)
{
    return tg_context_is(debug, &goal->context, event->cpu);
}

/* Through whatever was entered, until an iret leads back. */
static int run_through_entry(struct walk *w, const struct tg_context *context)
{
    struct tg_goal goal = {.left = is_back, .context = *context};
    return run_to(w, &goal);
}

/* Through a call, until it returns. */
static int run_through_call(struct walk *w, const struct tg_context *context)
{
    uint32_t back = context->pc + 4;
    struct tg_goal goal = {
        .reached = tg_goal_is_there, .breaks = &back, .break_count = 1, .context = *context};
    return run_to(w, &goal);
}

/* One instruction of the context: entries on the way are run through. *ret_trapped: it was a trap
 * that has been entered, which is left to the caller if stops_in_trap. */
static int step_instruction(struct walk *w, bool stops_in_trap, bool *ret_trapped)
{
    struct tg_context context = tg_context_of(w->debug, w->cpu);
    int result;
    *ret_trapped = false;
    for (;;) {
        struct tg_goal goal;
        result = step_cpu(w, &goal);
        *ret_trapped = goal.was_entry && goal.entry.kind == TG_ENTRY_TRAP;
        if (is_over(w, result) || !goal.was_entry || (*ret_trapped && stops_in_trap))
            return result;
        *ret_trapped = false;
        result = run_through_entry(w, &context);
        if (is_over(w, result))
            return result;
        /* Interrupted before it, or to be tried again. */
        if (w->debug->machine->cpus[w->cpu].s.pc != context.pc)
            return TG_OK;
    }
}

static int next_instruction(struct walk *w)
{
    struct tg_context context = tg_context_of(w->debug, w->cpu);
    uint32_t word = 0;
    bool is_call = tg_debug_word(w->debug, &context, context.pc, &word) && tg_word_is_call(word);
    bool has_trapped;
    int result = step_instruction(w, false, &has_trapped);
    if (is_over(w, result) || !is_call)
        return result;
    bool has_called = w->debug->machine->cpus[w->cpu].s.pc != context.pc + 4;
    return has_called ? run_through_call(w, &context) : TG_OK;
}

/* --- Source lines ----------------------------------------------------------------------------- */

static bool find_line(const struct walk *w, struct tg_debug_line *ret_line)
{
    const struct tg_debug_source *source = &w->debug->source;
    uint32_t pc = w->debug->machine->cpus[w->cpu].s.pc;
    return source->line && source->line(source->context, w->cpu, pc, ret_line);
}

static bool is_same_line(const struct tg_debug_line *a, const struct tg_debug_line *b)
{
    return a->file == b->file && a->line == b->line && a->function == b->function;
}

/* Just entered a function with source: on to its body. */
static int run_to_body(struct walk *w)
{
    const struct tg_debug_source *source = &w->debug->source;
    struct tg_context context = tg_context_of(w->debug, w->cpu);
    uint32_t body = source->body ? source->body(source->context, w->cpu, context.pc) : context.pc;
    if (body == context.pc)
        return TG_OK;
    /* The prologue moves sp: whoever else gets there is told apart by where it is only. */
    for (uint32_t i = 0; i < 64 && w->debug->machine->cpus[w->cpu].s.pc != body; i++) {
        bool has_trapped;
        int result = step_instruction(w, false, &has_trapped);
        if (is_over(w, result))
            return result;
    }
    return TG_OK;
}

/* An instruction of a line. *ret_is_done: it led to where `step` (into) or `next` ends. */
static int step_in_line(struct walk *w, bool goes_into, const struct tg_debug_line *line,
                        bool *ret_is_done)
{
    struct tg_context context = tg_context_of(w->debug, w->cpu);
    struct tg_debug_line now;
    uint32_t word = 0;
    bool has_word = tg_debug_word(w->debug, &context, context.pc, &word), has_trapped;
    int result = step_instruction(w, goes_into, &has_trapped);
    *ret_is_done = is_over(w, result);
    if (*ret_is_done)
        return result;
    bool has_source = find_line(w, &now);
    bool is_in = has_trapped || (has_word && tg_word_is_call(word) &&
                                 w->debug->machine->cpus[w->cpu].s.pc != context.pc + 4);
    if (is_in && goes_into && has_source) {
        *ret_is_done = true;
        return run_to_body(w);
    }
    if (is_in) {
        bool is_entry = has_trapped && goes_into;
        result = is_entry ? run_through_entry(w, &context) : run_through_call(w, &context);
        *ret_is_done = is_over(w, result);
        if (*ret_is_done)
            return result;
        has_source = find_line(w, &now);
    }
    bool has_returned = has_word && tg_word_is_return(word);
    *ret_is_done = has_source && (has_returned || (!is_same_line(&now, line) && now.is_statement));
    return TG_OK;
}

static int step_line(struct walk *w, bool goes_into)
{
    struct tg_debug_line line;
    bool is_done = false;
    int result = TG_OK;
    if (!find_line(w, &line)) {
        struct tg_goal goal;
        return goes_into ? step_cpu(w, &goal) : next_instruction(w);
    }
    while (result == TG_OK && !is_done)
        result = step_in_line(w, goes_into, &line, &is_done);
    return result;
}

/* --- Out of functions and handlers --------------------------------------------------------------
 */

/* An iret that took its frame where the handler's is: the frame still says what it went to. */
static bool is_left_by_frame(struct tg_goal *goal, const struct tg_debug *debug,
                             const struct tg_return_event *event)
{
    const struct tg_machine *machine = debug->machine;
    struct tg_context now = tg_context_of(debug, event->cpu);
    return event->from_ring == goal->ring &&
           now.sp == tg_ram_load(machine, goal->frame_paddr + TG_FRAME_SP, 4) &&
           event->new_pc == tg_ram_load(machine, goal->frame_paddr + TG_FRAME_PC, 4) &&
           (event->to_ring == 0 || now.space == goal->context.space);
}

static int leave_handler(struct walk *w, struct tg_error *error)
{
    struct tg_goal goal = {.left = is_left_by_frame, .context = tg_context_of(w->debug, w->cpu)};
    goal.ring = goal.context.ring;
    if (!tg_handler_frame(w->debug, w->cpu, &goal.frame, &goal.frame_paddr))
        return tg_fail(error, TG_E_ARGUMENT, "CPU %u executes no handler whose frame can be found",
                       (unsigned)w->cpu);
    return run_to(w, &goal);
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
    struct tg_goal goal = {.reached = tg_goal_is_there,
                           .breaks = &caller.pc,
                           .break_count = 1,
                           .context = tg_context_of(w->debug, w->cpu)};
    goal.context.sp = caller.sp;
    return run_to(w, &goal);
}

/* --- To places -------------------------------------------------------------------------------- */

static int run_to_addresses(struct walk *w)
{
    const struct tg_debug_command *command = w->command;
    uint32_t addresses[TG_DEBUG_MOST_ADDRESSES + 1];
    struct tg_goal goal = {.reached = tg_goal_is_anywhere,
                           .breaks = addresses,
                           .break_count = command->address_count,
                           .context = tg_context_of(w->debug, w->cpu)};
    for (uint32_t i = 0; i < command->address_count; i++)
        addresses[i] = command->addresses[i];
    const struct tg_debug_source *source = &w->debug->source;
    struct tg_debug_caller caller;
    if (command->kind == TG_DEBUG_UNTIL) {
        goal.reached = tg_goal_is_in_callers;
        if (source->caller && source->caller(source->context, w->cpu, &caller) && !caller.is_trap)
            addresses[goal.break_count++] = caller.pc;
    }
    return run_to(w, &goal);
}

static bool enters_ring(struct tg_goal *goal, const struct tg_debug *debug,
                        const struct tg_entry_event *event)
{
    (void)debug;
    return event->cpu == goal->cpu && event->to_ring == goal->ring &&
           event->from_ring != goal->ring;
}

static bool returns_to_ring(struct tg_goal *goal, const struct tg_debug *debug,
                            const struct tg_return_event *event)
{
    (void)debug;
    return event->cpu == goal->cpu && event->to_ring == goal->ring &&
           event->from_ring != goal->ring;
}

static int run_to_ring(struct walk *w)
{
    struct tg_goal goal = {
        .entered = enters_ring, .left = returns_to_ring, .cpu = w->cpu, .ring = w->command->ring};
    return run_to(w, &goal);
}

/* --- Commands --------------------------------------------------------------------------------- */

static int once(struct walk *w, struct tg_error *error)
{
    struct tg_goal goal;
    switch (w->command->kind) {
    case TG_DEBUG_STEPI:
        return step_cpu(w, &goal);
    case TG_DEBUG_NEXTI:
        return next_instruction(w);
    case TG_DEBUG_STEP:
        return step_line(w, true);
    case TG_DEBUG_NEXT:
        return step_line(w, false);
    case TG_DEBUG_FINISH:
        return finish_function(w, error);
    case TG_DEBUG_LEAVE:
        return leave_handler(w, error);
    case TG_DEBUG_UNTIL:
    case TG_DEBUG_ADVANCE:
        return run_to_addresses(w);
    case TG_DEBUG_TO_RING:
        return run_to_ring(w);
    default:
        return run_to(w, NULL);
    }
}

/* CONTINUE with a count goes on after all but the last of its stops at points. */
static bool is_point_stop(const struct tg_debug_stop *stop)
{
    return stop->count > 0 && stop->reasons[0].point != 0;
}

int tg_step_forward(struct tg_debug *debug, const struct tg_debug_command *command, uint64_t count,
                    uint32_t *cpu, struct tg_debug_stop *stop, struct tg_error *error)
{
    struct walk w = {.debug = debug,
                     .command = command,
                     .limits = no_limits,
                     .cpu = *cpu == TG_DEBUG_ANY ? tg_machine_turn(debug->machine) : *cpu,
                     .stop = stop};
    if (command->until_insns)
        w.limits.until.insns = command->until_insns;
    if (command->until_time)
        w.limits.until.time = command->until_time;
    w.limits.stop_for_input = command->stops_for_input;
    if (command->kind == TG_DEBUG_STEPI && *cpu == TG_DEBUG_ANY)
        return step_machine(&w, count);
    int result = TG_OK;
    for (uint64_t i = 0; i < count && result == TG_OK; i++) {
        if (i > 0 && stop->count > 0 &&
            !(command->kind == TG_DEBUG_CONTINUE && is_point_stop(stop)))
            break;
        result = once(&w, error);
    }
    *cpu = w.cpu;
    return result;
}
