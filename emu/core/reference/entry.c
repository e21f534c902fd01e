/*
 * The one way into a more privileged context, and the way back: gates, stack switch, frame, double
 * fault, iret. docs/isa.md section 6. Checks come first; the line after which state changes is
 * marked.
 */
#include "bus/bus.h"
#include "core/note.h"
#include "core/points.h"
#include "core/ram.h"
#include "core/reference/reference.h"

struct gate {
    uint32_t handler;
    uint32_t ring, raise_ring;
    bool closes;
};

/* Why an entry failed: enum tg_gate_reason, and the address of the gate or frame. reason 0: it did
 * not. */
struct failure {
    uint32_t reason, address;
};

static const struct failure no_failure = {0, 0};

/* --- Gates (GATE-1, GATE-2) ------------------------------------------------------------------- */

static uint32_t gate_address(const struct tg_cpu *cpu, uint32_t vector)
{
    return cpu->s.vbase + TG_GATE_BYTES * vector;
}

/* The checks that do not depend on who asks. Result: 0 or an enum tg_gate_reason. */
static uint32_t read_gate(const struct tg_cpu *cpu, uint32_t vector, struct gate *ret_gate)
{
    uint32_t paddr = gate_address(cpu, vector);
    uint32_t handler, bits;

    if (!tg_ram_contains(&cpu->machine->ram, paddr, TG_GATE_BYTES))
        return TG_GATE_ADDRESS;
    handler = tg_ram_load(cpu->machine, paddr, 4);
    bits = tg_ram_load(cpu->machine, paddr + 4, 4);
    if (!(bits & TG_GATE_PRESENT))
        return TG_GATE_ABSENT;
    if (handler % 4 != 0 || (bits & ~TG_GATE_VALID))
        return TG_GATE_RESERVED;

    *ret_gate = (struct gate){.handler = handler,
                              .ring = bits & TG_GATE_RING,
                              .raise_ring = (bits & TG_GATE_RAISE) >> TG_GATE_RAISE_SHIFT,
                              .closes = bits & TG_GATE_CLOSE};
    return 0;
}

static struct failure check_gate(const struct tg_cpu *cpu, const struct ref_cause *cause,
                                 struct gate *ret_gate)
{
    uint32_t ring = tg_cpu_ring(cpu);
    uint32_t reason = read_gate(cpu, cause->vector, ret_gate);

    if (!reason && cause->kind == TG_ENTRY_TRAP && ring > ret_gate->raise_ring)
        reason = TG_GATE_RAISE_RING;
    if (!reason && ret_gate->ring > ring)
        reason = TG_GATE_TARGET;
    return (struct failure){reason, reason ? gate_address(cpu, cause->vector) : 0};
}

/* --- The entry (ENT-1 to ENT-4, FRM-1, FRM-2) ------------------------------------------------- */

/* ENT-1 */
static uint32_t stack_for(const struct tg_cpu *cpu, const struct gate *gate)
{
    return gate->ring != tg_cpu_ring(cpu) ? cpu->s.sp_of_ring[gate->ring] : cpu->s.x[2];
}

/* ENT-2 */
static uint32_t frame_address(uint32_t stack)
{
    return (stack - TG_FRAME_BYTES) & ~(uint32_t)(TG_FRAME_ALIGN - 1);
}

/* FRM-1, FRM-2 */
static void write_frame(struct tg_cpu *cpu, uint32_t paddr, const struct ref_cause *cause)
{
    struct tg_machine *machine = cpu->machine;

    tg_ram_store(machine, paddr + TG_FRAME_VECTOR, 4, cause->vector | (uint32_t)cause->kind << 8);
    tg_ram_store(machine, paddr + TG_FRAME_ERROR, 4, cause->error);
    tg_ram_store(machine, paddr + TG_FRAME_ADDRESS, 4, cause->address);
    tg_ram_store(machine, paddr + TG_FRAME_PC, 4, cause->saved_pc);
    tg_ram_store(machine, paddr + TG_FRAME_STATUS, 4, cpu->s.status);
    tg_ram_store(machine, paddr + TG_FRAME_SP, 4, cpu->s.x[2]);
}

/* Tells of a frame that was pushed or popped by the instruction at pc. */
static void note_frame(struct tg_cpu *cpu, enum tg_access access, uint32_t pc, uint32_t frame,
                       uint32_t paddr, const struct tg_points_frame *old)
{
    if (tg_points_watches(cpu->machine))
        tg_points_frame(
            cpu,
            &(struct tg_watch_event){.access = access, .pc = pc, .vaddr = frame, .paddr = paddr},
            old);
}

static void note_entry(struct tg_cpu *cpu, const struct ref_cause *cause, uint32_t from_ring)
{
    tg_note_entry(cpu, &(struct tg_entry_event){.cpu = cpu->number,
                                                .kind = cause->kind,
                                                .vector = cause->vector,
                                                .error = cause->error,
                                                .address = cause->address,
                                                .from_ring = from_ring,
                                                .to_ring = tg_cpu_ring(cpu),
                                                .saved_pc = cause->saved_pc,
                                                .handler = cpu->s.pc,
                                                .frame = cpu->s.x[2]});
}

/* Enters through a gate that has passed its checks. */
static struct failure enter(struct tg_cpu *cpu, const struct ref_cause *cause,
                            const struct gate *gate, uint32_t stack)
{
    uint32_t from_ring = tg_cpu_ring(cpu);
    uint32_t frame = frame_address(stack);
    uint32_t pc = cpu->s.pc;
    uint32_t paddr;
    struct tg_points_frame old;

    /* ENT-3 */
    if (tg_ref_translate(cpu, frame, TG_ACCESS_STORE, gate->ring, &paddr) != 0)
        return (struct failure){TG_GATE_STACK, frame};
    if (!tg_ram_contains(&cpu->machine->ram, paddr, TG_FRAME_BYTES))
        return (struct failure){TG_GATE_STACK_BUS, frame};

    /* ENT-4: nothing has changed so far, and nothing can fail from here on. */
    tg_note_settle(cpu);
    tg_points_save_frame(cpu->machine, paddr, &old);
    write_frame(cpu, paddr, cause);
    cpu->s.x[2] = frame;
    cpu->s.status = (cpu->s.status & ~TG_STATUS_RING) | gate->ring;
    if (gate->closes)
        cpu->s.status &= ~TG_STATUS_IE;
    cpu->s.pc = gate->handler;
    cpu->s.is_reserved = 0;
    note_entry(cpu, cause, from_ring);
    note_frame(cpu, TG_ACCESS_STORE, pc, frame, paddr, &old);
    return no_failure;
}

/* --- Double fault (DBL-1 to DBL-3) ------------------------------------------------------------ */

static struct failure enter_double_fault(struct tg_cpu *cpu, const struct ref_cause *cause)
{
    struct gate gate;
    uint32_t reason = read_gate(cpu, TG_CAUSE_DOUBLE, &gate);

    /* DBL-2 */
    if (!reason && gate.ring != 0)
        reason = TG_GATE_TARGET;
    if (reason)
        return (struct failure){reason, gate_address(cpu, TG_CAUSE_DOUBLE)};
    return enter(cpu, cause, &gate, cpu->s.spd);
}

/* The entry that first asked for failed. cpu->s.pc is still where it was before it. */
static void double_fault(struct tg_cpu *cpu, const struct ref_cause *first, struct failure failure)
{
    /* DBL-1. For an exception or interrupt cpu->s.pc is the saved pc; for a trap it is the trap's
     * own address. */
    struct ref_cause cause = {.kind = TG_ENTRY_EXCEPTION,
                              .vector = TG_CAUSE_DOUBLE,
                              .error = first->vector | failure.reason << 8,
                              .address = failure.address,
                              .saved_pc = cpu->s.pc};
    struct failure again = enter_double_fault(cpu, &cause);

    /* DBL-3 */
    if (again.reason)
        tg_note_fatal(cpu, &(struct tg_fatal){.cpu = cpu->number,
                                              .vector = first->vector,
                                              .error = first->error,
                                              .address = first->address,
                                              .reason = failure.reason,
                                              .double_reason = again.reason,
                                              .double_address = again.address,
                                              .pc = cause.saved_pc,
                                              .status = cpu->s.status,
                                              .sp = cpu->s.x[2]});
}

bool tg_ref_enter(struct tg_cpu *cpu, const struct ref_cause *cause)
{
    struct gate gate;
    struct failure failure = check_gate(cpu, cause, &gate);

    /* GATE-3: a trap through an unusable gate is an exception of that trap. */
    if (failure.reason && cause->kind == TG_ENTRY_TRAP) {
        tg_ref_enter(cpu, &(struct ref_cause){.kind = TG_ENTRY_EXCEPTION,
                                              .vector = TG_CAUSE_GATE,
                                              .error = cause->vector | failure.reason << 8,
                                              .address = failure.address,
                                              .saved_pc = cpu->s.pc});
        return false;
    }

    if (!failure.reason)
        failure = enter(cpu, cause, &gate, stack_for(cpu, &gate));
    if (failure.reason)
        double_fault(cpu, cause, failure);
    return !failure.reason;
}

/* INT-1, DBL-5: the source is acknowledged first, so it is in service even if the entry fails. */
void tg_ref_interrupt(struct tg_cpu *cpu)
{
    uint32_t source = tg_bus_acknowledge(cpu);

    tg_ref_enter(cpu, &(struct ref_cause){.kind = TG_ENTRY_INTERRUPT,
                                          .vector = TG_VECTOR_INTERRUPT + source,
                                          .saved_pc = cpu->s.pc});
    tg_note_interrupt(cpu);
}

/* --- iret (IRT-1 to IRT-5) -------------------------------------------------------------------- */

/* IRT-1: the physical address of the frame at sp. */
static bool find_frame(struct ref_step *step, uint32_t *ret_paddr)
{
    struct tg_cpu *cpu = step->cpu;
    uint32_t sp = cpu->s.x[2];
    uint32_t error = ref_width_error(TG_ACCESS_LOAD, 4);

    if (sp % TG_FRAME_ALIGN != 0)
        return tg_ref_raise(step, TG_CAUSE_MISALIGNED, error, sp);
    if (!tg_ref_address(step, sp, TG_ACCESS_LOAD, ret_paddr))
        return false;
    if (!tg_ram_contains(&cpu->machine->ram, *ret_paddr, TG_FRAME_BYTES))
        return tg_ref_raise(step, TG_CAUSE_BUS, error, *ret_paddr);
    return true;
}

/* IRT-2 */
static bool check_saved_status(struct ref_step *step, uint32_t saved)
{
    uint32_t status = step->cpu->s.status;
    uint32_t ring = status & TG_STATUS_RING;
    uint32_t changed = saved ^ status;

    if (saved & ~TG_STATUS_VALID)
        return tg_ref_raise_privilege(step, TG_PRIVILEGE_RESERVED);
    if ((saved & TG_STATUS_RING) < ring)
        return tg_ref_raise_privilege(step, TG_PRIVILEGE_IRET_RING);
    if ((changed & TG_STATUS_IOPL) && ring != 0)
        return tg_ref_raise_privilege(step, TG_PRIVILEGE_IRET_IOPL);
    if ((changed & TG_STATUS_IE) && ring > ref_iopl(step->cpu))
        return tg_ref_raise_privilege(step, TG_PRIVILEGE_IE);
    return true;
}

bool tg_ref_IRET(struct ref_step *step)
{
    struct tg_cpu *cpu = step->cpu;
    struct tg_machine *machine = cpu->machine;
    uint32_t from_ring = tg_cpu_ring(cpu);
    uint32_t frame = cpu->s.x[2];
    uint32_t paddr, saved_pc, saved_status, saved_sp;

    if (!find_frame(step, &paddr))
        return false;
    saved_pc = tg_ram_load(machine, paddr + TG_FRAME_PC, 4);
    saved_status = tg_ram_load(machine, paddr + TG_FRAME_STATUS, 4);
    saved_sp = tg_ram_load(machine, paddr + TG_FRAME_SP, 4);
    if (!check_saved_status(step, saved_status))
        return false;
    /* IRT-3 */
    if (saved_pc % 4 != 0)
        return tg_ref_raise(step, TG_CAUSE_MISALIGNED, ref_width_error(TG_ACCESS_FETCH, 4),
                            saved_pc);

    /* IRT-4: nothing has changed so far, and nothing can fail from here on. */
    tg_note_settle(cpu);
    step->next_pc = saved_pc;
    cpu->s.status = saved_status;
    cpu->s.x[2] = saved_sp;
    cpu->s.is_reserved = 0;
    tg_note_return(cpu, &(struct tg_return_event){.cpu = cpu->number,
                                                  .from_ring = from_ring,
                                                  .to_ring = tg_cpu_ring(cpu),
                                                  .pc = cpu->s.pc,
                                                  .new_pc = saved_pc});
    note_frame(cpu, TG_ACCESS_LOAD, cpu->s.pc, frame, paddr, NULL);
    return true;
}
