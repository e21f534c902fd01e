/*
 * The interrupt controller: which of the asserted sources is offered to which CPU, what is in
 * service, messages between CPUs, and starting them. It is part of the bus because every device
 * with an interrupt uses it. Manual: docs/devices.md section 5.
 */
#include <assert.h>

#include "bus/bus.h"
#include "core/note.h"

/* Sources that each CPU has of its own. */
#define LOCAL_SOURCES 2u
#define LOCAL_MASK    UINT32_C(3)
#define NOTHING       TG_INTERRUPT_SOURCES

enum { A0 = 10, A1 = 11 };

#define TG_INTERRUPTS_STATE(V, A)                                                                  \
    V(uint32_t, enabled, ~LOCAL_MASK)                                                              \
    V(uint32_t, asserted, ~LOCAL_MASK)                                                             \
    A(uint8_t, local_enabled, TG_MAX_CPUS, LOCAL_MASK)                                             \
    A(uint8_t, local_asserted, TG_MAX_CPUS, LOCAL_MASK)                                            \
    A(uint32_t, in_service, TG_MAX_CPUS, UINT32_MAX)                                               \
    A(uint8_t, threshold, TG_MAX_CPUS, 7)                                                          \
    A(uint8_t, priority, TG_INTERRUPT_SOURCES, 7)                                                  \
    A(uint8_t, route, TG_INTERRUPT_SOURCES, TG_MAX_CPUS - 1)                                       \
    A(uint32_t, start_pc, TG_MAX_CPUS, UINT32_MAX)                                                 \
    A(uint32_t, start_argument, TG_MAX_CPUS, UINT32_MAX)                                           \
    A(uint8_t, is_refused, TG_MAX_CPUS, 1)

TG_STATE_STRUCT(tg_interrupts, TG_INTERRUPTS_STATE);

#define TG_FIELD_TAG tg_interrupts
TG_STATE_FIELDS(tg_interrupts, TG_INTERRUPTS_STATE);

/* --- What is offered ------------------------------------------------------------------------- */

static uint32_t enabled_at(const struct tg_interrupts *s, uint32_t cpu)
{
    return s->enabled | s->local_enabled[cpu];
}

static uint32_t asserted_at(const struct tg_interrupts *s, uint32_t cpu)
{
    return s->asserted | s->local_asserted[cpu];
}

/* Sources that are in service and so not offered to cpu: its own, and shared ones wherever they
 * are. */
static uint32_t busy_for(const struct tg_interrupts *s, uint32_t cpu)
{
    uint32_t busy = 0;
    for (uint32_t i = 0; i < TG_MAX_CPUS; i++)
        busy |= s->in_service[i];
    return (busy & ~LOCAL_MASK) | s->in_service[cpu];
}

/* The level that a source must exceed to be offered to cpu. */
static uint32_t floor_of(const struct tg_interrupts *s, uint32_t cpu)
{
    uint32_t floor = s->threshold[cpu];
    for (uint32_t n = 0; n < TG_INTERRUPT_SOURCES; n++)
        if ((s->in_service[cpu] >> n & 1) && s->priority[n] > floor)
            floor = s->priority[n];
    return floor;
}

static bool goes_to(const struct tg_interrupts *s, uint32_t source, uint32_t cpu)
{
    return source < LOCAL_SOURCES || s->route[source] == cpu;
}

static uint32_t offered_to(const struct tg_interrupts *s, uint32_t cpu)
{
    uint32_t candidates = asserted_at(s, cpu) & enabled_at(s, cpu);
    if (!candidates)
        return NOTHING;
    candidates &= ~busy_for(s, cpu);
    uint32_t best = NOTHING, best_priority = floor_of(s, cpu);
    for (uint32_t n = 0; n < TG_INTERRUPT_SOURCES; n++) {
        if ((candidates >> n & 1) && goes_to(s, n, cpu) && s->priority[n] > best_priority) {
            best = n;
            best_priority = s->priority[n];
        }
    }
    return best;
}

static struct tg_interrupts *state_of(const struct tg_machine *machine)
{
    return tg_bus_device_state(machine, TG_DEVICE_INTERRUPTS);
}

/* Whether source would be offered to cpu if it alone were asserted. */
static bool can_offer(const struct tg_interrupts *s, uint32_t source, uint32_t cpu)
{
    uint32_t bit = UINT32_C(1) << source;
    return (enabled_at(s, cpu) & ~busy_for(s, cpu) & bit) && goes_to(s, source, cpu) &&
           s->priority[source] > floor_of(s, cpu);
}

bool tg_bus_can_wake(const struct tg_machine *machine)
{
    const struct tg_interrupts *s = state_of(machine);
    const struct tg_device *device;
    for (uint32_t i = 0; (device = tg_bus_device(i)); i++) {
        uint64_t (*deadline)(const struct tg_machine *, const void *) =
            device->operations->deadline;
        if (!deadline || deadline(machine, tg_bus_device_state(machine, i)) == TG_NEVER)
            continue;
        if (!device->operations->is_endless)
            return true;
        for (uint32_t cpu = 0; cpu < machine->config.cpus; cpu++)
            if (machine->cpus[cpu].s.run_state == TG_CPU_WAITING &&
                can_offer(s, device->source, cpu))
                return true;
    }
    return false;
}

static void note_line(struct tg_machine *machine, uint32_t cpu, uint32_t source, bool is_asserted)
{
    if (machine->observed & TG_OBSERVE_LINE)
        tg_note_line(machine, &(struct tg_line_event){
                                  .source = source, .cpu = cpu, .is_asserted = is_asserted});
}

void tg_bus_refresh(struct tg_machine *machine)
{
    const struct tg_interrupts *s = state_of(machine);
    for (uint32_t i = 0; i < machine->config.cpus; i++)
        machine->cpus[i].is_interrupt_offered = offered_to(s, i) != NOTHING;
}

uint32_t tg_bus_acknowledge(struct tg_cpu *cpu)
{
    struct tg_interrupts *s = state_of(cpu->machine);
    uint32_t source = offered_to(s, cpu->number);
    assert(source < TG_INTERRUPT_SOURCES);
    s->in_service[cpu->number] |= UINT32_C(1) << source;
    if (source == TG_SOURCE_INTERRUPTS)
        s->local_asserted[cpu->number] &= (uint8_t) ~(1u << source);
    tg_bus_refresh(cpu->machine);
    if (source == TG_SOURCE_INTERRUPTS)
        note_line(cpu->machine, cpu->number, source, false);
    return source;
}

void tg_bus_set_line(struct tg_machine *machine, uint32_t source, bool is_asserted)
{
    struct tg_interrupts *s = state_of(machine);
    uint32_t bit = UINT32_C(1) << source;
    uint32_t asserted = is_asserted ? s->asserted | bit : s->asserted & ~bit;
    if (asserted == s->asserted)
        return;
    s->asserted = asserted;
    tg_bus_refresh(machine);
    note_line(machine, s->route[source], source, is_asserted);
}

void tg_bus_set_local_line(struct tg_machine *machine, uint32_t cpu, uint32_t source,
                           bool is_asserted)
{
    struct tg_interrupts *s = state_of(machine);
    uint32_t bit = 1u << source;
    uint32_t asserted = is_asserted ? s->local_asserted[cpu] | bit : s->local_asserted[cpu] & ~bit;
    if (asserted == s->local_asserted[cpu])
        return;
    s->local_asserted[cpu] = (uint8_t)asserted;
    tg_bus_refresh(machine);
    note_line(machine, cpu, source, is_asserted);
}

void tg_bus_pull_line(struct tg_machine *machine, uint32_t value)
{
    uint32_t source = value & (TG_INTERRUPT_SOURCES - 1), cpu = value >> 8;
    bool is_asserted = !(value & 0x80);
    if (source >= LOCAL_SOURCES)
        tg_bus_set_line(machine, source, is_asserted);
    else if (cpu < machine->config.cpus)
        tg_bus_set_local_line(machine, cpu, source, is_asserted);
}

/* --- Looking --------------------------------------------------------------------------------- */

void tg_bus_view_source(const struct tg_machine *machine, uint32_t cpu, uint32_t source,
                        struct tg_source_view *ret_view)
{
    const struct tg_interrupts *s = state_of(machine);
    ret_view->is_asserted = asserted_at(s, cpu) >> source & 1;
    ret_view->is_enabled = enabled_at(s, cpu) >> source & 1;
    ret_view->is_in_service = s->in_service[cpu] >> source & 1;
    ret_view->is_offered = offered_to(s, cpu) == source;
    ret_view->priority = s->priority[source];
    ret_view->cpu = source < LOCAL_SOURCES ? cpu : s->route[source];
}

uint32_t tg_bus_threshold(const struct tg_machine *machine, uint32_t cpu)
{
    return state_of(machine)->threshold[cpu];
}

/* --- Registers ------------------------------------------------------------------------------- */

static void reset(struct tg_machine *machine, void *state)
{
    (void)machine;
    struct tg_interrupts *s = state;
    *s = (struct tg_interrupts){0};
    for (uint32_t n = 0; n < TG_INTERRUPT_SOURCES; n++)
        s->priority[n] = 3;
    s->priority[TG_SOURCE_TIMER] = 5;
    s->priority[TG_SOURCE_INTERRUPTS] = 6;
}

static uint32_t read_register(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t port)
{
    (void)machine;
    const struct tg_interrupts *s = state;
    switch (port) {
    case TG_PORT_INTERRUPTS_ENABLE:
        return enabled_at(s, cpu);
    case TG_PORT_INTERRUPTS_ASSERTED:
        return asserted_at(s, cpu);
    case TG_PORT_INTERRUPTS_SERVICE:
        return s->in_service[cpu];
    case TG_PORT_INTERRUPTS_OFFERED:
        return offered_to(s, cpu);
    case TG_PORT_INTERRUPTS_THRESHOLD:
        return s->threshold[cpu];
    case TG_PORT_INTERRUPTS_START_PC:
        return s->start_pc[cpu];
    case TG_PORT_INTERRUPTS_START_ARGUMENT:
        return s->start_argument[cpu];
    case TG_PORT_INTERRUPTS_STATUS:
        return TG_PUT(INTERRUPTS_STATUS_REFUSED, s->is_refused[cpu]);
    default: { /* SOURCE */
        uint32_t n = (port - TG_PORT_INTERRUPTS_SOURCE) / 4;
        return TG_PUT(INTERRUPTS_SOURCE_PRIORITY, s->priority[n]) |
               TG_PUT(INTERRUPTS_SOURCE_CPU, s->route[n]);
    }
    }
}

static void end_service(struct tg_interrupts *s, uint32_t cpu, uint32_t source)
{
    bool is_local = source < LOCAL_SOURCES;
    bool was_in_service = false;
    for (uint32_t i = 0; i < TG_MAX_CPUS && source < TG_INTERRUPT_SOURCES; i++) {
        if (is_local && i != cpu)
            continue;
        was_in_service |= s->in_service[i] >> source & 1;
        s->in_service[i] &= ~(UINT32_C(1) << source);
    }
    if (!was_in_service)
        s->is_refused[cpu] = 1;
}

static void send_to(struct tg_machine *machine, uint32_t mask)
{
    for (uint32_t i = 0; i < machine->config.cpus; i++)
        if (mask >> i & 1)
            tg_bus_set_local_line(machine, i, TG_SOURCE_INTERRUPTS, true);
}

/* A parked CPU has executed nothing since reset, so no engine keeps anything derived from its
 * state. */
static void start_cpu(struct tg_machine *machine, struct tg_interrupts *s, uint32_t cpu,
                      uint32_t number)
{
    if (number >= machine->config.cpus || machine->cpus[number].s.run_state != TG_CPU_PARKED ||
        s->start_pc[cpu] % 4) {
        s->is_refused[cpu] = 1;
        return;
    }
    struct tg_cpu_state *started = &machine->cpus[number].s;
    started->pc = s->start_pc[cpu];
    started->x[A0] = number;
    started->x[A1] = s->start_argument[cpu];
    started->run_state = TG_CPU_RUNNING;
}

static void write_source(struct tg_machine *machine, struct tg_interrupts *s, uint32_t cpu,
                         uint32_t source, uint32_t value)
{
    uint32_t route = source < LOCAL_SOURCES ? 0 : TG_GET(INTERRUPTS_SOURCE_CPU, value);
    if (route >= machine->config.cpus) {
        s->is_refused[cpu] = 1;
        return;
    }
    s->priority[source] = (uint8_t)TG_GET(INTERRUPTS_SOURCE_PRIORITY, value);
    s->route[source] = (uint8_t)route;
}

static void write_register(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t port,
                           uint32_t value)
{
    struct tg_interrupts *s = state;
    switch (port) {
    case TG_PORT_INTERRUPTS_ENABLE:
        s->enabled |= value & ~LOCAL_MASK;
        s->local_enabled[cpu] |= (uint8_t)(value & LOCAL_MASK);
        break;
    case TG_PORT_INTERRUPTS_DISABLE:
        s->enabled &= ~value;
        s->local_enabled[cpu] &= (uint8_t)(~value & LOCAL_MASK);
        break;
    case TG_PORT_INTERRUPTS_THRESHOLD:
        s->threshold[cpu] = (uint8_t)TG_GET(INTERRUPTS_THRESHOLD_LEVEL, value);
        break;
    case TG_PORT_INTERRUPTS_END:
        end_service(s, cpu, value);
        break;
    case TG_PORT_INTERRUPTS_SEND:
        send_to(machine, value);
        break;
    case TG_PORT_INTERRUPTS_START_PC:
        s->start_pc[cpu] = value;
        break;
    case TG_PORT_INTERRUPTS_START_ARGUMENT:
        s->start_argument[cpu] = value;
        break;
    case TG_PORT_INTERRUPTS_START:
        start_cpu(machine, s, cpu, value);
        break;
    case TG_PORT_INTERRUPTS_STATUS:
        s->is_refused[cpu] &= !TG_GET(INTERRUPTS_STATUS_REFUSED, value);
        break;
    default:
        write_source(machine, s, cpu, (port - TG_PORT_INTERRUPTS_SOURCE) / 4, value);
        break;
    }
    tg_bus_refresh(machine);
}

const struct tg_device_operations tg_interrupts_operations = {
    .state_bytes = sizeof(struct tg_interrupts),
    .reset = reset,
    .read = read_register,
    .write = write_register,
};
