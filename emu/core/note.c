/*
 * What engines report: counts are kept here, observers are called from here. An instruction counts
 * for the ring in which it begins, so a trap counts for its user and an iret for the handler.
 */
#include "core/note.h"

void tg_note_settle(struct tg_cpu *cpu)
{
    struct tg_count_state *counts = &cpu->counts;
    if (cpu->s.insns <= counts->settled_insns)
        return; /* the instruction under way was counted ahead, by count_under_way */
    uint64_t insns = cpu->s.insns - counts->settled_insns;
    counts->insns_by_ring[tg_cpu_ring(cpu)] += insns;
    counts->insns_by_space[cpu->s.ptroot & TG_PTROOT_ASID] += insns;
    counts->settled_insns = cpu->s.insns;
}

/* Counts the instruction under way for a ring that it has just left. */
static void count_under_way(struct tg_cpu *cpu, uint32_t ring)
{
    cpu->counts.insns_by_ring[ring]++;
    cpu->counts.insns_by_space[cpu->s.ptroot & TG_PTROOT_ASID]++;
    cpu->counts.settled_insns++;
}

static void count_crossing(struct tg_cpu *cpu, uint32_t from_ring, uint32_t to_ring)
{
    cpu->counts.crossings[4 * from_ring + to_ring]++;
}

/* Calls one function of all observers that have it. */
#define TELL(machine, function, event)                                                             \
    do {                                                                                           \
        for (uint32_t i = 0; i < (machine)->observer_count; i++) {                                 \
            const struct tg_observer *observer = (machine)->observers[i];                          \
            if (observer->function)                                                                \
                observer->function(observer->context, event);                                      \
        }                                                                                          \
    } while (0)

void tg_note_entry(struct tg_cpu *cpu, const struct tg_entry_event *event)
{
    const struct tg_machine *machine = cpu->machine;
    /* No instruction is under way when an interrupt is entered. (Nor when its entry turns into a
     * double fault, where the handler's first instruction is counted for the interrupted ring.) */
    if (event->kind != TG_ENTRY_INTERRUPT)
        count_under_way(cpu, event->from_ring);
    cpu->counts.entries[event->vector]++;
    cpu->counts.entries_by_kind[event->kind]++;
    count_crossing(cpu, event->from_ring, event->to_ring);
    if (machine->observed & TG_OBSERVE_ENTRY)
        TELL(machine, entry, event);
}

void tg_note_return(struct tg_cpu *cpu, const struct tg_return_event *event)
{
    const struct tg_machine *machine = cpu->machine;
    count_under_way(cpu, event->from_ring);
    count_crossing(cpu, event->from_ring, event->to_ring);
    if (machine->observed & TG_OBSERVE_LEAVE)
        TELL(machine, leave, event);
}

void tg_note_interrupt(struct tg_cpu *cpu)
{
    struct tg_machine *machine = cpu->machine;
    cpu->counts.interrupts++;
    machine->interrupts++;
    if (!machine->points.returns_on_interrupt)
        return;
    machine->attention = true;
    if (machine->points.stops_on_interrupt) {
        machine->points.has_interrupt_stop = true;
        machine->points.stop_cpu = cpu->number;
    }
}

void tg_note_retire(struct tg_cpu *cpu, uint32_t pc, uint32_t word)
{
    const struct tg_machine *machine = cpu->machine;
    for (uint32_t i = 0; i < machine->observer_count; i++) {
        const struct tg_observer *observer = machine->observers[i];
        if (observer->retire)
            observer->retire(observer->context, cpu->number, pc, word);
    }
}

void tg_note_memory(struct tg_cpu *cpu, const struct tg_memory_event *event)
{
    TELL(cpu->machine, memory, event);
}

void tg_note_port(struct tg_cpu *cpu, const struct tg_port_event *event)
{
    TELL(cpu->machine, port, event);
}

void tg_note_creg(struct tg_cpu *cpu, const struct tg_creg_event *event)
{
    TELL(cpu->machine, creg, event);
}

void tg_note_tlb(struct tg_cpu *cpu, const struct tg_tlb_event *event)
{
    TELL(cpu->machine, tlb, event);
}

void tg_note_line(struct tg_machine *machine, const struct tg_line_event *event)
{
    TELL(machine, line, event);
}

void tg_note_dma(struct tg_machine *machine, const struct tg_dma_event *event)
{
    TELL(machine, dma, event);
}

void tg_note_fatal(struct tg_cpu *cpu, const struct tg_fatal *fatal)
{
    cpu->machine->end = (struct tg_end_state){
        .end = TG_END_FATAL,
        .cpu = fatal->cpu,
        .vector = fatal->vector,
        .error = fatal->error,
        .address = fatal->address,
        .reason = fatal->reason,
        .double_reason = fatal->double_reason,
        .double_address = fatal->double_address,
        .pc = fatal->pc,
        .cpu_status = fatal->status,
        .sp = fatal->sp,
    };
    cpu->machine->attention = true;
}
