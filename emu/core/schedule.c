/*
 * Virtual time: rounds, turns, limits, idle jumps. docs/isa.md section 8.
 *
 * A position between two rounds is canonical: what was due by then has been done (advance), so
 * input that comes now and input that a replay finds in its log meet the same state. Nothing here
 * depends on how a run is cut into pieces.
 */
#include "core/machine.h"

#include "bus/bus.h"
#include "core/input.h"
#include "core/points.h"

static bool is_between_rounds(const struct tg_machine *machine)
{
    return machine->clock.round_ticks == 0;
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

bool tg_schedule_accepts(const struct tg_clock_state *clock, uint32_t cpus)
{
    if (clock->round_ticks == 0)
        return clock->turn == 0 && clock->turn_ticks == 0;
    return clock->turn < cpus && clock->turn_ticks < clock->round_ticks;
}

struct tg_position tg_machine_position(const struct tg_machine *machine)
{
    const struct tg_clock_state *clock = &machine->clock;
    uint64_t in_call = machine->cpus[clock->turn].s.insns - machine->turn_insns;
    bool is_alone = machine->config.cpus == 1;
    return (struct tg_position){
        .insns = clock->insns + in_call,
        .time = is_alone ? tg_machine_now(machine) : clock->time,
        .interrupts = machine->interrupts,
    };
}

/* --- Rounds ----------------------------------------------------------------------------------- */

static void begin_turn(struct tg_machine *machine, uint32_t turn)
{
    machine->clock.turn = turn;
    machine->clock.turn_ticks = 0;
    machine->turn_insns = machine->cpus[turn].s.insns;
}

/* Between rounds only: time becomes time, and what is due by then happens. */
static void advance(struct tg_machine *machine, uint64_t time)
{
    machine->clock.time = time;
    tg_bus_run_deadlines(machine, time);
}

void tg_schedule_abandon_round(struct tg_machine *machine)
{
    machine->clock.time = tg_machine_now(machine);
    machine->clock.round_ticks = 0;
    begin_turn(machine, 0);
}

static void end_turn(struct tg_machine *machine)
{
    struct tg_clock_state *clock = &machine->clock;
    machine->cpus[clock->turn].s.is_reserved = 0; /* AMO-3 */
    if (clock->turn + 1 < machine->config.cpus) {
        begin_turn(machine, clock->turn + 1);
        return;
    }
    uint64_t end = clock->time + clock->round_ticks;
    clock->round_ticks = 0;
    begin_turn(machine, 0);
    advance(machine, end);
}

/* Whether a CPU executes in a turn that begins now. */
static bool can_run(const struct tg_cpu *cpu)
{
    return cpu->s.run_state == TG_CPU_RUNNING ||
           (cpu->s.run_state == TG_CPU_WAITING && cpu->is_interrupt_offered);
}

static bool is_idle(const struct tg_machine *machine)
{
    for (uint32_t i = 0; i < machine->config.cpus; i++) {
        if (can_run(&machine->cpus[i]))
            return false;
    }
    return true;
}

uint32_t tg_machine_turn(const struct tg_machine *machine)
{
    for (uint32_t i = 0; i < machine->config.cpus; i++) {
        uint32_t cpu = (machine->clock.turn + i) % machine->config.cpus;
        if (can_run(&machine->cpus[cpu]))
            return cpu;
    }
    return machine->clock.turn;
}

/* The earliest time at which a device wants to act. One that still wants what is past is asked
 * again a tick later. */
static uint64_t next_deadline(const struct tg_machine *machine)
{
    uint64_t deadline = tg_bus_deadline(machine);
    uint64_t soonest = machine->clock.time + 1;
    return deadline > soonest ? deadline : soonest;
}

/* Nothing executes: time jumps. False: the machine stops for *ret_reason. */
static bool pass_idle_time(struct tg_machine *machine, const struct tg_run_limits *limits,
                           enum tg_stop_reason *ret_reason)
{
    uint64_t next_input = tg_input_next_time(machine);
    /* A guest that waits for its disk does not wait for a person. */
    if (limits->stop_for_input && next_input == TG_NEVER && tg_bus_keyboard_is_empty(machine) &&
        !tg_bus_disk_is_busy(machine)) {
        *ret_reason = TG_STOP_INPUT;
        return false;
    }
    uint64_t target = min_u64(min_u64(next_deadline(machine), next_input), limits->until.time);
    /* A timer that expires again and again with nobody listening must not keep a run going. */
    bool is_endless = next_input == TG_NEVER && limits->until.time == TG_NEVER;
    if (target == TG_NEVER || (is_endless && !tg_bus_can_wake(machine))) {
        *ret_reason = TG_STOP_IDLE;
        return false;
    }
    advance(machine, target);
    return true;
}

static void begin_round(struct tg_machine *machine)
{
    uint64_t until_deadline = next_deadline(machine) - machine->clock.time;
    machine->clock.round_ticks = (uint32_t)min_u64(machine->config.quantum, until_deadline);
    begin_turn(machine, 0);
}

/* --- Turns ------------------------------------------------------------------------------------ */

static uint64_t steps_done(const struct tg_machine *machine)
{
    return tg_position_steps(tg_machine_position(machine));
}

static bool has_done_enough(const struct tg_machine *machine, const struct tg_run_limits *limits)
{
    return tg_machine_position(machine).insns >= limits->until.insns ||
           (limits->until_steps && steps_done(machine) >= limits->until_steps);
}

/* How many instructions the CPU in turn may begin before the turn or a limit ends. A time limit is
 * exact where one CPU's ticks are all there is. */
static uint32_t turn_budget(const struct tg_machine *machine, const struct tg_run_limits *limits)
{
    const struct tg_clock_state *clock = &machine->clock;
    uint64_t budget = clock->round_ticks - clock->turn_ticks;
    budget = min_u64(budget, limits->until.insns - clock->insns);
    if (limits->until_steps) /* the engine returns where an interrupt has made it less */
        budget = min_u64(budget, limits->until_steps - steps_done(machine));
    if (machine->config.cpus == 1)
        budget = min_u64(budget, limits->until.time - (clock->time + clock->turn_ticks));
    return (uint32_t)budget;
}

static void execute(struct tg_machine *machine, struct tg_cpu *cpu, uint32_t budget)
{
    machine->turn_insns = cpu->s.insns;
    machine->engine->run(machine->engine_caches, cpu, budget);
    uint32_t executed = (uint32_t)(cpu->s.insns - machine->turn_insns);
    machine->clock.insns += executed;
    machine->clock.turn_ticks += executed;
    machine->turn_insns = cpu->s.insns;
    if (machine->is_break_requested)
        machine->break_cpu = cpu->number;
}

/* TIM-6: with one CPU, a round ends where a device now wants to act, and where the CPU waits. */
static void cut_round(struct tg_machine *machine, bool has_changed)
{
    struct tg_clock_state *clock = &machine->clock;
    if (machine->cpus[0].s.run_state != TG_CPU_RUNNING) {
        clock->round_ticks = clock->turn_ticks;
        return;
    }
    uint64_t deadline = has_changed ? tg_bus_deadline(machine) : TG_NEVER;
    uint64_t used = clock->time + clock->turn_ticks;
    uint64_t end = deadline > used ? deadline : used;
    if (end < clock->time + clock->round_ticks)
        clock->round_ticks = (uint32_t)(end - clock->time);
}

/* False: the next step is about to begin, and lies behind a limit. */
static bool run_turn(struct tg_machine *machine, const struct tg_run_limits *limits)
{
    struct tg_clock_state *clock = &machine->clock;
    struct tg_cpu *cpu = &machine->cpus[clock->turn];
    /* TIM-4. A CPU that begins to wait ends its turn, so one that waits is at the start of its
     * turn. */
    if (cpu->s.run_state == TG_CPU_WAITING && cpu->is_interrupt_offered)
        cpu->s.run_state = TG_CPU_RUNNING;
    if (limits->is_settled && cpu->s.run_state == TG_CPU_RUNNING &&
        has_done_enough(machine, limits))
        return false;

    /* Cleared before the request is looked at: one that comes later sets it again. */
    machine->attention = false;
    machine->has_deadline_changed = false;
    if (cpu->s.run_state == TG_CPU_RUNNING && !machine->stop_requested)
        execute(machine, cpu, turn_budget(machine, limits));
    if (machine->end.end != TG_END_NONE) {
        tg_schedule_abandon_round(machine);
        return true;
    }
    if (machine->config.cpus == 1)
        cut_round(machine, machine->has_deadline_changed);
    else if (cpu->s.run_state != TG_CPU_RUNNING)
        clock->turn_ticks = clock->round_ticks;
    if (clock->turn_ticks == clock->round_ticks)
        end_turn(machine);
    return true;
}

/* --- Runs ------------------------------------------------------------------------------------- */

static bool has_ended(const struct tg_machine *machine, struct tg_stop *ret_stop)
{
    static const enum tg_stop_reason reasons[] = {
        [TG_END_POWER_OFF] = TG_STOP_POWER_OFF,
        [TG_END_PANIC] = TG_STOP_PANIC,
        [TG_END_FATAL] = TG_STOP_FATAL,
    };
    if (machine->end.end == TG_END_NONE)
        return false;
    *ret_stop = (struct tg_stop){reasons[machine->end.end], machine->end.cpu, machine->end.status};
    return true;
}

static bool is_interrupted(struct tg_machine *machine, struct tg_stop *ret_stop)
{
    if (machine->is_break_requested) {
        machine->is_break_requested = false;
        *ret_stop = (struct tg_stop){TG_STOP_BREAK, machine->break_cpu, machine->break_value};
        return true;
    }
    if (tg_points_take_stop(machine, ret_stop))
        return true;
    if (machine->stop_requested) {
        machine->stop_requested = false;
        *ret_stop = (struct tg_stop){.reason = TG_STOP_REQUEST};
        return true;
    }
    return false;
}

/* Whether a limit ends the run wherever it now is; one that waits for the next step is found by
 * run_turn. */
static bool has_reached(const struct tg_machine *machine, const struct tg_run_limits *limits)
{
    return tg_machine_position(machine).time >= limits->until.time ||
           (!limits->is_settled && has_done_enough(machine, limits));
}

/* One step of a run: a turn, or what happens between two rounds. False: the machine stops. */
static bool step(struct tg_machine *machine, const struct tg_run_limits *limits,
                 struct tg_stop *ret_stop)
{
    *ret_stop = (struct tg_stop){.reason = TG_STOP_REQUEST};
    if (is_between_rounds(machine) && !tg_input_take(machine))
        return false; /* a replay does not fit */
    if (has_ended(machine, ret_stop) || is_interrupted(machine, ret_stop))
        return false;
    if (has_reached(machine, limits)) {
        ret_stop->reason = TG_STOP_LIMIT;
        return false;
    }
    ret_stop->reason = TG_STOP_LIMIT; /* unless idle time says otherwise */
    if (!is_between_rounds(machine))
        return run_turn(machine, limits);
    if (is_idle(machine))
        return pass_idle_time(machine, limits, &ret_stop->reason);
    begin_round(machine);
    return true;
}

void tg_machine_run(struct tg_machine *machine, const struct tg_run_limits *limits,
                    struct tg_stop *ret_stop)
{
    tg_points_begin_run(machine, limits);
    while (step(machine, limits, ret_stop))
        continue;
    tg_points_end_run(machine);
}

void tg_machine_request_stop(struct tg_machine *machine)
{
    machine->stop_requested = true;
    machine->attention = true;
}
