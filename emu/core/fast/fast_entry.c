/*
 * Entries and iret (docs/isa.md section 6), with the crossing between rings on the direct way: a
 * trap through a good gate onto a stack that has a line touches the gate, the frame and the
 * registers, and nothing else. Everything is tested before anything is changed; what fails a test
 * is sorted out from the beginning by what follows here.
 */
#include "bus/bus.h"
#include "core/fast/fast.h"
#include "core/note.h"
#include "core/points.h"
#include "core/ram.h"

/* --- Frames -------------------------------------------------------------------------------- */

/* The host address of the frame at vaddr for an access from ring. NULL: *ret_failure is the reason
 * of a page fault, or 0 when *ret_paddr is not RAM. Frames are aligned, so they do not cross a
 * page. */
static uint8_t *find_frame(struct fast_cpu *f, uint32_t vaddr, enum tg_access access, uint32_t ring,
                           uint32_t *ret_paddr, uint32_t *ret_failure)
{
    const struct fast_line *line = fast_line_of(f->bank, ring, vaddr);
    uint32_t tag = access == TG_ACCESS_LOAD ? line->read_tag : line->write_tag;
    struct tg_ram *ram = &f->fast->machine->ram;

    *ret_failure = 0;
    if (tag == (vaddr & TG_PTE_PAGE))
        return (uint8_t *)(uintptr_t)(line->addend + vaddr);
    *ret_failure = tg_fast_translate(f, vaddr, access, ring, ret_paddr);
    if (*ret_failure || !tg_ram_contains(ram, *ret_paddr, TG_FRAME_BYTES))
        return NULL;
    if (access == TG_ACCESS_STORE)
        tg_fast_before_write(f->fast, *ret_paddr, TG_FRAME_BYTES);
    return ram->bytes + *ret_paddr;
}

static void write_frame(const struct tg_cpu *cpu, uint8_t *host, const struct fast_cause *cause)
{
    fast_put32(host + TG_FRAME_VECTOR, cause->vector | (uint32_t)cause->kind << 8);
    fast_put32(host + TG_FRAME_ERROR, cause->error);
    fast_put32(host + TG_FRAME_ADDRESS, cause->address);
    fast_put32(host + TG_FRAME_PC, cause->saved_pc);
    fast_put32(host + TG_FRAME_STATUS, cpu->s.status);
    fast_put32(host + TG_FRAME_SP, cpu->s.x[2]);
}

/* Whether an access to a frame in RAM at host is to be told of. */
static bool is_watched_frame(const struct fast_cpu *f, bool is_store, uint32_t frame,
                             const uint8_t *host)
{
    uint32_t paddr = (uint32_t)(host - f->fast->machine->ram.bytes);

    return tg_points_watches(f->fast->machine) &&
           tg_points_watch_range(f->fast->machine, frame, paddr, TG_FRAME_BYTES, is_store);
}

/* Tells of a frame in RAM at host that was pushed or popped by the instruction at pc. */
static void note_frame(struct fast_cpu *f, enum tg_access access, uint32_t pc, uint32_t frame,
                       const uint8_t *host, const struct tg_points_frame *old)
{
    struct tg_watch_event event = {
        .access = access,
        .pc = pc,
        .vaddr = frame,
        .paddr = (uint32_t)(host - f->fast->machine->ram.bytes),
    };

    tg_points_frame(f->cpu, &event, old);
}

/* --- Entries ------------------------------------------------------------------------------- */

struct gate {
    uint32_t handler, bits;
};

/* Why an entry cannot be made, and the address of what is wrong. reason 0: it can. */
struct refusal {
    uint32_t reason, address;
};

/* GATE-1, GATE-2 as far as it concerns the gate alone. 0 or the reason. */
static uint32_t read_gate(const struct fast_cpu *f, uint32_t paddr, struct gate *ret_gate)
{
    if (!tg_ram_contains(&f->fast->machine->ram, paddr, TG_GATE_BYTES))
        return TG_GATE_ADDRESS;
    ret_gate->handler = fast_ram_word(f->fast, paddr);
    ret_gate->bits = fast_ram_word(f->fast, paddr + 4);
    if (!(ret_gate->bits & TG_GATE_PRESENT))
        return TG_GATE_ABSENT;
    if ((ret_gate->bits & ~TG_GATE_VALID) | (ret_gate->handler & 3))
        return TG_GATE_RESERVED;
    return 0;
}

static uint32_t check_gate(const struct fast_cpu *f, uint32_t paddr, const struct fast_cause *cause,
                           struct gate *ret_gate)
{
    uint32_t ring = tg_cpu_ring(f->cpu);
    uint32_t reason = read_gate(f, paddr, ret_gate);

    if (reason)
        return reason;
    if (cause->kind == TG_ENTRY_TRAP &&
        ring > (ret_gate->bits & TG_GATE_RAISE) >> TG_GATE_RAISE_SHIFT)
        return TG_GATE_RAISE_RING;
    /* A double fault's gate must lead to ring 0. */
    if ((ret_gate->bits & TG_GATE_RING) > (cause->is_double ? 0 : ring))
        return TG_GATE_TARGET;
    return 0;
}

/* ENT-1 to ENT-4 through gate. */
static struct refusal push_and_jump(struct fast_cpu *f, const struct gate *gate,
                                    const struct fast_cause *cause)
{
    struct tg_cpu *cpu = f->cpu;
    uint32_t from = tg_cpu_ring(cpu);
    uint32_t to = gate->bits & TG_GATE_RING;
    uint32_t stack = cause->is_double ? cpu->s.spd
                     : to != from     ? cpu->s.sp_of_ring[to]
                                      : cpu->s.x[2];
    uint32_t frame = (stack - TG_FRAME_BYTES) & ~(uint32_t)(TG_FRAME_ALIGN - 1);
    uint32_t pc = cpu->s.pc;
    bool is_watched;
    uint32_t paddr, failure;
    uint8_t *host = find_frame(f, frame, TG_ACCESS_STORE, to, &paddr, &failure);
    struct tg_points_frame old;

    if (!host)
        return (struct refusal){failure ? TG_GATE_STACK : TG_GATE_STACK_BUS, frame};

    /* Nothing can fail from here on. */
    tg_note_settle(cpu);
    is_watched = is_watched_frame(f, true, frame, host);
    if (is_watched)
        tg_points_save_frame(cpu->machine, (uint32_t)(host - cpu->machine->ram.bytes), &old);
    write_frame(cpu, host, cause);
    cpu->s.x[2] = frame;
    cpu->s.status = (cpu->s.status & ~TG_STATUS_RING) | to;
    if (gate->bits & TG_GATE_CLOSE)
        cpu->s.status &= ~TG_STATUS_IE;
    cpu->s.pc = gate->handler;
    cpu->s.is_reserved = 0;
    tg_note_entry(cpu, &(struct tg_entry_event){
                           .cpu = cpu->number,
                           .kind = cause->kind,
                           .vector = cause->vector,
                           .error = cause->error,
                           .address = cause->address,
                           .from_ring = from,
                           .to_ring = to,
                           .saved_pc = cause->saved_pc,
                           .handler = gate->handler,
                           .frame = frame,
                       });
    if (is_watched)
        note_frame(f, TG_ACCESS_STORE, pc, frame, host, &old);
    return (struct refusal){0, 0};
}

static struct refusal try_entry(struct fast_cpu *f, const struct fast_cause *cause)
{
    uint32_t paddr = f->cpu->s.vbase + cause->vector * TG_GATE_BYTES;
    struct gate gate;
    uint32_t reason = check_gate(f, paddr, cause, &gate);

    if (reason)
        return (struct refusal){reason, paddr};
    return push_and_jump(f, &gate, cause);
}

/* DBL-1 to DBL-3. cpu->s.pc is still that of the instruction, or of the next one for an interrupt.
 */
static void double_fault(struct fast_cpu *f, const struct fast_cause *first, struct refusal refusal)
{
    struct tg_cpu *cpu = f->cpu;
    struct fast_cause cause = {
        .kind = TG_ENTRY_EXCEPTION,
        .vector = TG_CAUSE_DOUBLE,
        .error = first->vector | refusal.reason << 8,
        .address = refusal.address,
        .saved_pc = cpu->s.pc,
        .is_double = true,
    };
    struct refusal again = try_entry(f, &cause);

    if (again.reason)
        tg_note_fatal(cpu, &(struct tg_fatal){
                               .cpu = cpu->number,
                               .vector = first->vector,
                               .error = first->error,
                               .address = first->address,
                               .reason = refusal.reason,
                               .double_reason = again.reason,
                               .double_address = again.address,
                               .pc = cpu->s.pc,
                               .status = cpu->s.status,
                               .sp = cpu->s.x[2],
                           });
}

static enum fast_result enter(struct fast_cpu *f, const struct fast_cause *cause)
{
    struct refusal refusal = try_entry(f, cause);

    if (refusal.reason)
        double_fault(f, cause, refusal);
    return FAST_RESUME;
}

enum fast_result tg_fast_raise(struct fast_cpu *f, enum tg_cause vector, uint32_t error,
                               uint32_t address)
{
    f->has_raised = true;
    return enter(f, &(struct fast_cause){.kind = TG_ENTRY_EXCEPTION,
                                         .vector = vector,
                                         .error = error,
                                         .address = address,
                                         .saved_pc = f->cpu->s.pc});
}

void tg_fast_interrupt(struct fast_cpu *f)
{
    uint32_t source = tg_bus_acknowledge(f->cpu);

    enter(f, &(struct fast_cause){.kind = TG_ENTRY_INTERRUPT,
                                  .vector = TG_VECTOR_INTERRUPT + source,
                                  .saved_pc = f->cpu->s.pc});
    tg_note_interrupt(f->cpu);
}

enum fast_result tg_fast_trap(struct fast_cpu *f, uint32_t vector)
{
    struct fast_cause cause = {
        .kind = TG_ENTRY_TRAP, .vector = vector, .saved_pc = f->cpu->s.pc + 4};
    struct refusal refusal = try_entry(f, &cause);

    if (refusal.reason == 0)
        return FAST_RESUME;
    /* GATE-3: what is wrong with the gate is an exception of the trap, what is wrong with the stack
     * a double fault. */
    if (refusal.reason != TG_GATE_STACK && refusal.reason != TG_GATE_STACK_BUS)
        return tg_fast_raise(f, TG_CAUSE_GATE, vector | refusal.reason << 8, refusal.address);
    f->has_raised = true;
    double_fault(f, &cause, refusal);
    return FAST_RESUME;
}

/* --- iret ---------------------------------------------------------------------------------- */

/* IRT-2. 0 or the reason. */
static uint32_t check_status(uint32_t now, uint32_t saved)
{
    uint32_t ring = now & TG_STATUS_RING;
    uint32_t level = (now & TG_STATUS_IOPL) >> TG_STATUS_IOPL_SHIFT;
    uint32_t changed = now ^ saved;

    if (saved & ~TG_STATUS_VALID)
        return TG_PRIVILEGE_RESERVED;
    if ((saved & TG_STATUS_RING) < ring)
        return TG_PRIVILEGE_IRET_RING;
    if ((changed & TG_STATUS_IOPL) && ring > 0)
        return TG_PRIVILEGE_IRET_IOPL;
    if ((changed & TG_STATUS_IE) && ring > level)
        return TG_PRIVILEGE_IE;
    return 0;
}

enum fast_result tg_fast_iret(struct fast_cpu *f)
{
    struct tg_cpu *cpu = f->cpu;
    uint32_t ring = tg_cpu_ring(cpu);
    uint32_t sp = cpu->s.x[2];
    uint32_t pc = cpu->s.pc;
    uint32_t paddr, reason, new_pc, status;
    const uint8_t *frame;

    if (sp % TG_FRAME_ALIGN != 0)
        return tg_fast_raise(f, TG_CAUSE_MISALIGNED, TG_ACCESS_LOAD | 4 << 4, sp);
    frame = find_frame(f, sp, TG_ACCESS_LOAD, ring, &paddr, &reason);
    if (!frame && reason)
        return tg_fast_raise(f, TG_CAUSE_PAGE, TG_ACCESS_LOAD | reason << 4 | ring << 8, sp);
    if (!frame)
        return tg_fast_raise(f, TG_CAUSE_BUS, TG_ACCESS_LOAD | 4 << 4, paddr);
    status = fast_get32(frame + TG_FRAME_STATUS);
    reason = check_status(cpu->s.status, status);
    if (reason)
        return tg_fast_raise(f, TG_CAUSE_PRIVILEGE, reason, 0);
    new_pc = fast_get32(frame + TG_FRAME_PC);
    if (new_pc % 4 != 0)
        return tg_fast_raise(f, TG_CAUSE_MISALIGNED, TG_ACCESS_FETCH | 4 << 4, new_pc);

    /* Nothing can fail from here on. */
    tg_note_settle(cpu);
    cpu->s.x[2] = fast_get32(frame + TG_FRAME_SP);
    cpu->s.status = status;
    cpu->s.is_reserved = 0;
    tg_note_return(cpu, &(struct tg_return_event){
                            .cpu = cpu->number,
                            .from_ring = ring,
                            .to_ring = tg_cpu_ring(cpu),
                            .pc = pc,
                            .new_pc = new_pc,
                        });
    if (is_watched_frame(f, false, sp, frame))
        note_frame(f, TG_ACCESS_LOAD, pc, sp, frame, NULL);
    cpu->s.pc = new_pc;
    return FAST_RESUME;
}
