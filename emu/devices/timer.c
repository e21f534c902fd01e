/*
 * The timers, one a CPU: registers are those of the accessing CPU's timer. Manual: docs/devices.md
 * section 6.
 */
#include "bus/bus.h"

#define TG_TIMER_STATE(V, A)                                                                       \
    A(uint64_t, deadline, TG_MAX_CPUS, UINT64_MAX) /* TG_NEVER: stopped */                         \
    A(uint32_t, period, TG_MAX_CPUS, UINT32_MAX)   /* 0: expires once */                           \
    A(uint32_t, expiries, TG_MAX_CPUS, UINT32_MAX) /* source 0 is asserted while not 0 */          \
    A(uint32_t, deadline_low, TG_MAX_CPUS, UINT32_MAX)

TG_STATE_STRUCT(tg_timer, TG_TIMER_STATE);

#define TG_FIELD_TAG tg_timer
TG_STATE_FIELDS(tg_timer, TG_TIMER_STATE);

static void reset(struct tg_machine *machine, void *state)
{
    (void)machine;
    struct tg_timer *s = state;
    *s = (struct tg_timer){0};
    for (uint32_t i = 0; i < TG_MAX_CPUS; i++)
        s->deadline[i] = TG_NEVER;
}

static uint32_t remaining(const struct tg_machine *machine, const struct tg_timer *s, uint32_t cpu)
{
    uint64_t now = tg_machine_now(machine);
    uint64_t ticks = s->deadline[cpu] > now ? s->deadline[cpu] - now : 0;
    return ticks < UINT32_MAX ? (uint32_t)ticks : UINT32_MAX;
}

static uint32_t read_register(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t port)
{
    const struct tg_timer *s = state;
    switch (port) {
    case TG_PORT_TIMER_PERIOD:
        return s->period[cpu];
    case TG_PORT_TIMER_DEADLINE:
        return (uint32_t)s->deadline[cpu];
    case TG_PORT_TIMER_DEADLINE_HIGH:
        return (uint32_t)(s->deadline[cpu] >> 32);
    case TG_PORT_TIMER_REMAINING:
        return remaining(machine, s, cpu);
    default: /* EXPIRIES */
        return s->expiries[cpu];
    }
}

static void start(struct tg_machine *machine, struct tg_timer *s, uint32_t cpu, uint64_t deadline,
                  uint32_t period)
{
    s->deadline[cpu] = deadline;
    s->period[cpu] = period;
    tg_bus_deadline_changed(machine);
}

static void write_register(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t port,
                           uint32_t value)
{
    struct tg_timer *s = state;
    uint64_t later = value ? tg_machine_now(machine) + value : TG_NEVER;
    switch (port) {
    case TG_PORT_TIMER_INTERVAL:
        start(machine, s, cpu, later, 0);
        break;
    case TG_PORT_TIMER_PERIOD:
        start(machine, s, cpu, later, value);
        break;
    case TG_PORT_TIMER_DEADLINE:
        s->deadline_low[cpu] = value;
        break;
    case TG_PORT_TIMER_DEADLINE_HIGH:
        start(machine, s, cpu, (uint64_t)value << 32 | s->deadline_low[cpu], 0);
        break;
    case TG_PORT_TIMER_ACKNOWLEDGE:
        s->expiries[cpu] = 0;
        tg_bus_set_local_line(machine, cpu, TG_SOURCE_TIMER, false);
        break;
    }
}

static uint64_t deadline(const struct tg_machine *machine, const void *state)
{
    const struct tg_timer *s = state;
    uint64_t earliest = TG_NEVER;
    for (uint32_t i = 0; i < machine->config.cpus; i++)
        if (s->deadline[i] < earliest)
            earliest = s->deadline[i];
    return earliest;
}

/* With several CPUs a round may pass several expiries of a short period. */
static void expire(struct tg_machine *machine, struct tg_timer *s, uint32_t cpu, uint64_t now)
{
    uint64_t expiries = 1, next = TG_NEVER;
    if (s->period[cpu]) {
        expiries += (now - s->deadline[cpu]) / s->period[cpu];
        next = s->deadline[cpu] + expiries * s->period[cpu];
        if (next <= now) /* the clock's end */
            next = TG_NEVER;
    }
    uint64_t sum = s->expiries[cpu] + expiries;
    s->expiries[cpu] = sum >= expiries && sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
    s->deadline[cpu] = next;
    tg_bus_set_local_line(machine, cpu, TG_SOURCE_TIMER, true);
}

static void run_deadline(struct tg_machine *machine, void *state, uint64_t now)
{
    struct tg_timer *s = state;
    for (uint32_t i = 0; i < machine->config.cpus; i++)
        if (s->deadline[i] <= now)
            expire(machine, s, i, now);
}

const struct tg_device_operations tg_timer_operations = {
    .state_bytes = sizeof(struct tg_timer),
    .reset = reset,
    .read = read_register,
    .write = write_register,
    .deadline = deadline,
    .run_deadline = run_deadline,
    .is_endless = true,
};
