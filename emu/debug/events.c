/*
 * What happens in a running machine, held against points and goal: the functions that the machine
 * calls, and the reasons that come of it. A hit stops the machine (RUNNING), or its place is
 * remembered (SEARCHING); whether it is one is decided alike, so that both directions agree.
 */
#include <string.h>

#include "bus/bus.h"
#include "core/state.h"
#include "debug/internal.h"

/* --- The kinds of catch ------------------------------------------------------------------------
 */

#define ON_ENTRY (1u << TG_DEBUG_EVENT_ENTRY)
#define ON_LEAVE (1u << TG_DEBUG_EVENT_LEAVE)
#define ON_PORT  (1u << TG_DEBUG_EVENT_PORT)
#define ON_CREG  (1u << TG_DEBUG_EVENT_CREG)
#define ON_TLB   (1u << TG_DEBUG_EVENT_TLB)
#define ON_LINE  (1u << TG_DEBUG_EVENT_LINE)
#define ON_DMA   (1u << TG_DEBUG_EVENT_DMA)

static const struct catch_row {
    struct tg_debug_catch_info info;
    unsigned events;
} catch_rows[] = {
#define TG_CATCH(id, name, events, number, from_to, meaning)                                       \
    {{name, number, from_to, meaning}, events},
#include "debug/catch.def"
};

const struct tg_debug_catch_info *tg_debug_catch_info(enum tg_debug_catch id)
{
    return (unsigned)id < TG_DEBUG_CATCH_COUNT ? &catch_rows[id].info : NULL;
}

/* --- Reasons ---------------------------------------------------------------------------------- */

void tg_stop_init(struct tg_debug *debug, struct tg_debug_stop *stop)
{
    *stop = (struct tg_debug_stop){.cpu = TG_DEBUG_ANY};
    debug->has_looked = false;
}

void tg_stop_add(struct tg_debug_stop *stop, const struct tg_debug_reason *reason)
{
    if (stop->count < TG_DEBUG_MOST_REASONS)
        stop->reasons[stop->count++] = *reason;
}

void tg_stop_finish(struct tg_debug *debug, struct tg_debug_stop *stop)
{
    stop->place = tg_history_here(&debug->history);
    stop->is_replay = tg_history_is_past(&debug->history);
    for (uint32_t i = 0; i < stop->count && stop->cpu == TG_DEBUG_ANY; i++)
        stop->cpu = stop->reasons[i].cpu;
    if (stop->cpu == TG_DEBUG_ANY)
        stop->cpu = tg_machine_turn(debug->machine);
}

void tg_event_remember(struct tg_debug *debug)
{
    uint64_t steps = tg_position_steps(tg_machine_position(debug->machine));
    if (debug->hit_count > 0 && debug->hits[(debug->hit_count - 1) % TG_DEBUG_MOST_HITS] == steps)
        return;
    debug->hits[debug->hit_count++ % TG_DEBUG_MOST_HITS] = steps;
}

static void speak(struct tg_debug *debug, const struct tg_debug_reason *reason)
{
    struct tg_debug_stop stop = {.cpu = reason->cpu, .count = 1, .reasons = {*reason}};
    tg_stop_finish(debug, &stop);
    if (debug->options.logged)
        debug->options.logged(debug->options.context, &stop);
}

/* A point's filter and condition are fulfilled. True: the machine has to stop. */
static bool hit(struct tg_debug *debug, struct tg_point_slot *slot, struct tg_debug_reason *reason)
{
    struct tg_debug_point *point = &slot->point;
    reason->point = point->number;
    if (slot->is_spent)
        return false;
    if (debug->mode == TG_DEBUG_SEARCHING) {
        if (!point->is_log_only)
            tg_event_remember(debug);
        return false;
    }
    if (debug->is_counting) {
        point->hits++;
        if (point->ignore > 0) {
            point->ignore--;
            return false;
        }
        slot->is_spent = point->is_temporary && !point->is_log_only;
    }
    if (point->is_log_only) {
        if (debug->is_counting)
            speak(debug, reason);
        return false;
    }
    tg_stop_add(debug->stop, reason);
    return true;
}

/* The goal's function has said yes. True: the machine has to stop. */
static bool meet(struct tg_debug *debug, uint32_t cpu)
{
    if (debug->mode == TG_DEBUG_SEARCHING) {
        tg_event_remember(debug);
        return false;
    }
    debug->goal->is_met = true;
    debug->goal->met_cpu = cpu;
    return true;
}

static void stop_if(struct tg_debug *debug, bool has_to_stop)
{
    if (has_to_stop)
        tg_machine_request_stop(debug->machine);
}

/* --- Filters ---------------------------------------------------------------------------------- */

static bool is_wanted(uint32_t filter, uint32_t value)
{
    return filter == TG_DEBUG_ANY || filter == value;
}

/* Filters and condition of a point, for what a CPU did, or none. */
static bool passes(const struct tg_debug *debug, const struct tg_debug_point *point, uint32_t cpu)
{
    const struct tg_debug_filter *filter = &point->filter;
    const struct tg_debug_guest *guest = &debug->guest;
    bool is_somebody = cpu != TG_DEBUG_ANY;
    uint32_t who = is_somebody ? cpu : tg_machine_turn(debug->machine);
    const struct tg_cpu_state *s = &debug->machine->cpus[who].s;
    uint32_t space = s->ptroot & TG_PTROOT_ENABLE ? s->ptroot & TG_PTROOT_PAGE : 0;
    if (!is_wanted(filter->cpu, cpu) ||
        !is_wanted(filter->ring, is_somebody ? s->status & TG_STATUS_RING : 4) ||
        !is_wanted(filter->space, is_somebody ? space : TG_DEBUG_ANY - 1))
        return false;
    if (filter->process != TG_DEBUG_ANY &&
        (!is_somebody || !guest->process || guest->process(guest->context, cpu) != filter->process))
        return false;
    const struct tg_debug_condition *condition = &point->condition;
    return !condition->holds || condition->holds(condition->context, who);
}

/* What a catchpoint's own filters are compared with. */
struct happening {
    uint32_t number, from, to;
};

static bool is_caught(const struct tg_debug_point *point, const struct happening *h)
{
    const struct tg_debug_filter *filter = &point->filter;
    bool has_number = filter->first_number == TG_DEBUG_ANY ||
                      (h->number >= filter->first_number && h->number <= filter->last_number);
    return has_number && is_wanted(filter->from, h->from) && is_wanted(filter->to, h->to);
}

/* --- Breaks and watches ------------------------------------------------------------------------
 */

static bool has_address(const uint32_t *addresses, size_t count, uint32_t pc)
{
    for (size_t i = 0; i < count; i++)
        if (addresses[i] == pc)
            return true;
    return false;
}

bool tg_event_reached(void *context, uint32_t cpu, uint32_t pc)
{
    struct tg_debug *debug = context;
    struct tg_goal *goal = debug->goal;
    bool has_to_stop = false;
    debug->has_looked = true;
    debug->looked_steps = tg_position_steps(tg_machine_position(debug->machine));
    for (size_t i = 0; i < debug->point_count && debug->has_points; i++) {
        const struct tg_debug_point *point = &debug->points[i].point;
        struct tg_debug_reason reason = {.kind = TG_DEBUG_BREAK, .cpu = cpu};
        if (point->kind == TG_DEBUG_POINT_BREAK && point->is_enabled &&
            has_address(point->addresses, point->address_count, pc) && passes(debug, point, cpu))
            has_to_stop = hit(debug, &debug->points[i], &reason) || has_to_stop;
    }
    if (goal && goal->reached && has_address(goal->breaks, goal->break_count, pc) &&
        goal->reached(goal, debug, cpu, pc))
        has_to_stop = meet(debug, cpu) || has_to_stop;
    return has_to_stop;
}

void tg_event_look_here(struct tg_debug *debug)
{
    struct tg_debug_place here = tg_history_here(&debug->history);
    const struct tg_cpu *cpu = &debug->machine->cpus[tg_machine_turn(debug->machine)];
    bool is_interrupted = cpu->is_interrupt_offered && (cpu->s.status & TG_STATUS_IE);
    if (here.is_idle || is_interrupted ||
        (debug->has_looked && debug->looked_steps == tg_debug_steps(&here)))
        return;
    tg_event_reached(debug, cpu->number, cpu->s.pc);
}

/* Whether a watched byte has changed. */
static bool has_changed(const struct tg_debug_point *point, const struct tg_watch_event *event)
{
    uint32_t address = point->is_physical ? event->paddr : event->vaddr;
    for (uint32_t i = 0; i < event->bytes; i++) {
        bool is_watched = address + i >= point->first && address + i <= point->last;
        if (is_watched && ((event->old_value ^ event->value) >> 8 * i & 0xff))
            return true;
    }
    return false;
}

static bool is_watched(const struct tg_debug_point *point, const struct tg_watch_event *event)
{
    const struct tg_watch watch = {.first = point->first,
                                   .last = point->last,
                                   .is_physical = point->is_physical,
                                   .on_load = true,
                                   .on_store = true};
    bool is_read = event->access != TG_ACCESS_STORE, is_write = event->access != TG_ACCESS_LOAD;
    if (point->kind != TG_DEBUG_POINT_WATCH || !point->is_enabled ||
        !tg_watch_matches(&watch, event))
        return false;
    return (is_read && (point->acts & TG_DEBUG_ON_READ)) ||
           (is_write && (point->acts & TG_DEBUG_ON_WRITE)) ||
           (is_write && (point->acts & TG_DEBUG_ON_CHANGE) && has_changed(point, event));
}

bool tg_event_accessed(void *context, const struct tg_watch_event *event)
{
    struct tg_debug *debug = context;
    struct tg_goal *goal = debug->goal;
    uint32_t cpu = event->is_device ? TG_DEBUG_ANY : event->cpu;
    bool has_to_stop = false;
    if (goal && goal->accessed && goal->accessed(goal, debug, event)) {
        goal->access = *event;
        has_to_stop = meet(debug, cpu);
    }
    for (size_t i = 0; i < debug->point_count && debug->has_points; i++) {
        const struct tg_debug_point *point = &debug->points[i].point;
        struct tg_debug_reason reason = {.kind = TG_DEBUG_WATCH,
                                         .cpu = cpu,
                                         .event_kind = TG_DEBUG_EVENT_WATCH,
                                         .event.watch = *event};
        if (is_watched(point, event) && passes(debug, point, cpu))
            has_to_stop = hit(debug, &debug->points[i], &reason) || has_to_stop;
    }
    return has_to_stop;
}

/* --- Entries and returns -----------------------------------------------------------------------
 */

#define REGISTER_A7 17

/* Whether an entry is a system call. */
static bool find_call(const struct tg_debug *debug, const struct tg_entry_event *event,
                      struct tg_debug_call *ret_call)
{
    *ret_call = (struct tg_debug_call){0, false, TG_DEBUG_ANY, TG_DEBUG_ANY};
    if (event->kind != TG_ENTRY_TRAP)
        return false;
    if (debug->guest.call)
        return debug->guest.call(debug->guest.context, event, ret_call);
    ret_call->number = debug->machine->cpus[event->cpu].s.x[REGISTER_A7];
    return true;
}

/* Whether an entry is of a kind to be caught; fills in what filters compare, and reason's call. */
static bool is_entry_of(const struct tg_debug *debug, enum tg_debug_catch caught,
                        const struct tg_entry_event *event, struct happening *h,
                        struct tg_debug_reason *reason)
{
    *h = (struct happening){event->vector, event->from_ring, event->to_ring};
    switch (caught) {
    case TG_DEBUG_CATCH_TRAP:
        return true;
    case TG_DEBUG_CATCH_EXCEPTION:
        return event->kind == TG_ENTRY_EXCEPTION;
    case TG_DEBUG_CATCH_IRQ:
        h->number = event->vector - TG_VECTOR_INTERRUPT;
        return event->kind == TG_ENTRY_INTERRUPT;
    case TG_DEBUG_CATCH_RING:
        return event->from_ring != event->to_ring;
    case TG_DEBUG_CATCH_SYSCALL:
        reason->has_call = find_call(debug, event, &reason->call);
        h->number = reason->call.number;
        return reason->has_call;
    case TG_DEBUG_CATCH_MESSAGE:
        reason->has_call = find_call(debug, event, &reason->call);
        *h = (struct happening){reason->call.number, reason->call.from, reason->call.to};
        return reason->has_call && reason->call.is_message;
    default:
        return false;
    }
}

static void on_entry(void *context, const struct tg_entry_event *event)
{
    struct tg_debug *debug = context;
    struct tg_goal *goal = debug->goal;
    bool has_to_stop = false;
    for (size_t i = 0; i < debug->point_count && debug->has_points; i++) {
        const struct tg_debug_point *point = &debug->points[i].point;
        struct tg_debug_reason reason = {.kind = TG_DEBUG_CATCH,
                                         .cpu = event->cpu,
                                         .caught = point->caught,
                                         .event_kind = TG_DEBUG_EVENT_ENTRY,
                                         .event.entry = *event};
        struct happening h;
        if (point->kind == TG_DEBUG_POINT_CATCH && point->is_enabled &&
            is_entry_of(debug, point->caught, event, &h, &reason) && is_caught(point, &h) &&
            passes(debug, point, event->cpu))
            has_to_stop = hit(debug, &debug->points[i], &reason) || has_to_stop;
    }
    if (goal && goal->entered && goal->entered(goal, debug, event)) {
        goal->was_entry = true;
        goal->entry = *event;
        has_to_stop = meet(debug, event->cpu) || has_to_stop;
    }
    stop_if(debug, has_to_stop);
}

/* A thing that catchpoints of one kind are for. */
static bool catch_one(struct tg_debug *debug, enum tg_debug_catch caught, const struct happening *h,
                      const struct tg_debug_reason *what)
{
    bool has_to_stop = false;
    for (size_t i = 0; i < debug->point_count && debug->has_points; i++) {
        const struct tg_debug_point *point = &debug->points[i].point;
        struct tg_debug_reason reason = *what;
        reason.kind = TG_DEBUG_CATCH;
        reason.caught = caught;
        if (point->kind == TG_DEBUG_POINT_CATCH && point->is_enabled && point->caught == caught &&
            is_caught(point, h) && passes(debug, point, what->cpu))
            has_to_stop = hit(debug, &debug->points[i], &reason) || has_to_stop;
    }
    return has_to_stop;
}

static void on_leave(void *context, const struct tg_return_event *event)
{
    struct tg_debug *debug = context;
    struct tg_goal *goal = debug->goal;
    const struct tg_debug_reason reason = {
        .cpu = event->cpu, .event_kind = TG_DEBUG_EVENT_LEAVE, .event.leave = *event};
    const struct happening h = {0, event->from_ring, event->to_ring};
    bool has_to_stop = catch_one(debug, TG_DEBUG_CATCH_RETURN, &h, &reason);
    if (event->from_ring != event->to_ring)
        has_to_stop = catch_one(debug, TG_DEBUG_CATCH_RING, &h, &reason) || has_to_stop;
    if (goal && goal->left && goal->left(goal, debug, event)) {
        goal->was_return = true;
        goal->met_pc = event->new_pc;
        has_to_stop = meet(debug, event->cpu) || has_to_stop;
    }
    stop_if(debug, has_to_stop);
}

static void on_retire(void *context, uint32_t cpu, uint32_t pc, uint32_t word)
{
    struct tg_debug *debug = context;
    struct tg_goal *goal = debug->goal;
    if (!goal || !goal->retired || !goal->retired(goal, debug, cpu, pc, word))
        return;
    goal->met_pc = pc;
    goal->met_word = word;
    stop_if(debug, meet(debug, cpu));
}

/* --- Ports, control registers, translations, devices --------------------------------------------
 */

static void on_port(void *context, const struct tg_port_event *event)
{
    struct tg_debug *debug = context;
    unsigned act =
        event->access == TG_ACCESS_IN ? TG_DEBUG_ON_READ : TG_DEBUG_ON_WRITE | TG_DEBUG_ON_CHANGE;
    const struct tg_debug_reason what = {
        .cpu = event->cpu, .event_kind = TG_DEBUG_EVENT_PORT, .event.port = *event};
    bool has_to_stop = false;
    for (size_t i = 0; i < debug->point_count && debug->has_points; i++) {
        const struct tg_debug_point *point = &debug->points[i].point;
        struct tg_debug_reason reason = what;
        reason.kind = TG_DEBUG_WATCH;
        if (point->kind == TG_DEBUG_POINT_PORT && point->is_enabled && (point->acts & act) &&
            event->port <= point->last && event->port + event->bytes - 1 >= point->first &&
            passes(debug, point, event->cpu))
            has_to_stop = hit(debug, &debug->points[i], &reason) || has_to_stop;
    }
    const struct tg_port_register *row = NULL;
    for (uint32_t i = 0; (row = tg_bus_register(i)) != NULL; i++) {
        if (event->port < row->port || event->port - row->port >= (uint32_t)row->count * row->bytes)
            continue;
        const struct happening h = {row->device, TG_DEBUG_ANY, TG_DEBUG_ANY};
        has_to_stop = catch_one(debug, TG_DEBUG_CATCH_DEVICE, &h, &what) || has_to_stop;
        break;
    }
    stop_if(debug, has_to_stop);
}

static void on_creg(void *context, const struct tg_creg_event *event)
{
    struct tg_debug *debug = context;
    bool is_read = event->access != TG_ACCESS_STORE, is_write = event->access != TG_ACCESS_LOAD;
    bool is_change = is_write && event->old_value != event->value;
    unsigned acts = (is_read ? TG_DEBUG_ON_READ : 0u) | (is_write ? TG_DEBUG_ON_WRITE : 0u) |
                    (is_change ? TG_DEBUG_ON_CHANGE : 0u);
    const struct tg_debug_reason what = {
        .cpu = event->cpu, .event_kind = TG_DEBUG_EVENT_CREG, .event.creg = *event};
    bool has_to_stop = false;
    for (size_t i = 0; i < debug->point_count && debug->has_points; i++) {
        const struct tg_debug_point *point = &debug->points[i].point;
        struct tg_debug_reason reason = what;
        reason.kind = TG_DEBUG_WATCH;
        if (point->kind == TG_DEBUG_POINT_CREG && point->is_enabled &&
            point->first == event->number && (point->acts & acts) &&
            passes(debug, point, event->cpu))
            has_to_stop = hit(debug, &debug->points[i], &reason) || has_to_stop;
    }
    if (event->number == TG_CR_PTROOT && is_change) {
        uint32_t from = event->old_value & TG_PTROOT_PAGE, to = event->value & TG_PTROOT_PAGE;
        const struct happening h = {to, from, to};
        has_to_stop = catch_one(debug, TG_DEBUG_CATCH_SWITCH, &h, &what) || has_to_stop;
    }
    stop_if(debug, has_to_stop);
}

static void on_tlb(void *context, const struct tg_tlb_event *event)
{
    const struct tg_debug_reason reason = {
        .cpu = event->cpu, .event_kind = TG_DEBUG_EVENT_TLB, .event.tlb = *event};
    const struct happening h = {event->space, TG_DEBUG_ANY, TG_DEBUG_ANY};
    stop_if(context, catch_one(context, TG_DEBUG_CATCH_TLB, &h, &reason));
}

static void on_line(void *context, const struct tg_line_event *event)
{
    const struct tg_debug_reason reason = {
        .cpu = TG_DEBUG_ANY, .event_kind = TG_DEBUG_EVENT_LINE, .event.line = *event};
    struct tg_device_view device;
    for (uint32_t i = 0; tg_device(i, &device); i++) {
        const struct happening h = {i, TG_DEBUG_ANY, TG_DEBUG_ANY};
        if (device.source == event->source)
            stop_if(context, catch_one(context, TG_DEBUG_CATCH_DEVICE, &h, &reason));
    }
}

static void on_dma(void *context, const struct tg_dma_event *event)
{
    const struct tg_debug_reason reason = {
        .cpu = TG_DEBUG_ANY, .event_kind = TG_DEBUG_EVENT_DMA, .event.dma = *event};
    struct tg_device_view device;
    for (uint32_t i = 0; tg_device(i, &device); i++) {
        const struct happening h = {i, TG_DEBUG_ANY, TG_DEBUG_ANY};
        if (strcmp(device.name, event->device) == 0)
            stop_if(context, catch_one(context, TG_DEBUG_CATCH_DEVICE, &h, &reason));
    }
}

/* --- What has to be observed --------------------------------------------------------------------
 */

static unsigned events_of(const struct tg_debug_point *point)
{
    if (!point->is_enabled)
        return 0;
    switch (point->kind) {
    case TG_DEBUG_POINT_PORT:
        return ON_PORT;
    case TG_DEBUG_POINT_CREG:
        return ON_CREG;
    case TG_DEBUG_POINT_CATCH:
        return catch_rows[point->caught].events;
    default:
        return 0;
    }
}

struct tg_observer tg_event_observer(struct tg_debug *debug)
{
    const struct tg_goal *goal = debug->goal;
    unsigned events = 0;
    for (size_t i = 0; i < debug->point_count && debug->has_points; i++)
        events |= events_of(&debug->points[i].point);
    bool has_entered = goal && goal->entered, has_left = goal && goal->left;
    return (struct tg_observer){
        .context = debug,
        .retire = goal && goal->retired ? on_retire : NULL,
        .entry = (events & ON_ENTRY) || has_entered ? on_entry : NULL,
        .leave = (events & ON_LEAVE) || has_left ? on_leave : NULL,
        .port = events & ON_PORT ? on_port : NULL,
        .creg = events & ON_CREG ? on_creg : NULL,
        .tlb = events & ON_TLB ? on_tlb : NULL,
        .line = events & ON_LINE ? on_line : NULL,
        .dma = events & ON_DMA ? on_dma : NULL,
    };
}
