/*
 * The system instructions and the control registers. docs/isa.md sections 4 (SYS-1 to SYS-7) and 5.
 * iret is in entry.c with the entries that it undoes.
 */
#include "core/note.h"
#include "core/reference/reference.h"

bool tg_ref_raise(struct ref_step *step, enum tg_cause vector, uint32_t error, uint32_t address)
{
    step->cause = (struct ref_cause){.kind = TG_ENTRY_EXCEPTION,
                                     .vector = (uint32_t)vector,
                                     .error = error,
                                     .address = address,
                                     .saved_pc = step->cpu->s.pc};
    return false;
}

bool tg_ref_raise_privilege(struct ref_step *step, enum tg_privilege_reason reason)
{
    return tg_ref_raise(step, TG_CAUSE_PRIVILEGE, (uint32_t)reason, 0);
}

/* ENC-1, ENC-2, ENC-4 */
bool tg_ref_ILLEGAL(struct ref_step *step)
{
    return tg_ref_raise(step, TG_CAUSE_ILLEGAL, step->word, 0);
}

/* --- Traps and waiting ------------------------------------------------------------------------ */

/* VEC-1, GATE-3: entry.c decides what becomes of it. */
bool tg_ref_TRAP(struct ref_step *step)
{
    step->cause = (struct ref_cause){
        .kind = TG_ENTRY_TRAP, .vector = ref_imm(step), .saved_pc = step->next_pc};
    return false;
}

/* SYS-2 */
bool tg_ref_BRK(struct ref_step *step)
{
    return tg_ref_raise(step, TG_CAUSE_BREAKPOINT, 0, 0);
}

/* SYS-3 */
bool tg_ref_WFI(struct ref_step *step)
{
    struct tg_cpu *cpu = step->cpu;

    if (tg_cpu_ring(cpu) != 0)
        return tg_ref_raise_privilege(step, TG_PRIVILEGE_INSTRUCTION);
    if (!cpu->is_interrupt_offered)
        cpu->s.run_state = TG_CPU_WAITING;
    return true;
}

/* Tells observers, if any. old, value: of the register before and after. */
static void note_creg(const struct ref_step *step, enum tg_access access, uint32_t number,
                      uint32_t old, uint32_t value)
{
    struct tg_cpu *cpu = step->cpu;

    if (cpu->machine->observed & TG_OBSERVE_CREG)
        tg_note_creg(cpu, &(struct tg_creg_event){.cpu = cpu->number,
                                                  .access = access,
                                                  .pc = cpu->s.pc,
                                                  .number = number,
                                                  .old_value = old,
                                                  .value = value});
}

/* SYS-4 */
bool tg_ref_CLI(struct ref_step *step)
{
    struct tg_cpu *cpu = step->cpu;
    uint32_t old = cpu->s.status;

    if (tg_cpu_ring(cpu) > ref_iopl(cpu))
        return tg_ref_raise_privilege(step, TG_PRIVILEGE_INSTRUCTION);
    cpu->s.status &= ~TG_STATUS_IE;
    note_creg(step, TG_ACCESS_STORE, TG_CR_STATUS, old, cpu->s.status);
    return ref_complete(step, old);
}

/* SYS-4 */
bool tg_ref_STI(struct ref_step *step)
{
    struct tg_cpu *cpu = step->cpu;
    uint32_t old = cpu->s.status;

    if (tg_cpu_ring(cpu) > ref_iopl(cpu))
        return tg_ref_raise_privilege(step, TG_PRIVILEGE_INSTRUCTION);
    cpu->s.status |= TG_STATUS_IE;
    note_creg(step, TG_ACCESS_STORE, TG_CR_STATUS, old, cpu->s.status);
    return true;
}

/* SYS-5 */
bool tg_ref_TLBINV(struct ref_step *step)
{
    uint32_t vaddr = ref_a(step), space = ref_b(step);

    if (tg_cpu_ring(step->cpu) != 0)
        return tg_ref_raise_privilege(step, TG_PRIVILEGE_INSTRUCTION);
    tg_ref_invalidate(step->cpu, step->insn.ra != 0 ? &vaddr : NULL,
                      step->insn.rb != 0 ? &space : NULL);
    return true;
}

/* SYS-1 */
bool tg_ref_FENCE(struct ref_step *step)
{
    (void)step;
    return true;
}

/* --- Control registers ------------------------------------------------------------------------ */

/* Where a control register is kept that is a plain word; NULL for those that are computed. */
static uint32_t *creg_word(struct tg_cpu *cpu, uint32_t number)
{
    switch (number) {
    case TG_CR_STATUS:
        return &cpu->s.status;
    case TG_CR_VBASE:
        return &cpu->s.vbase;
    case TG_CR_PTROOT:
        return &cpu->s.ptroot;
    case TG_CR_SP0:
    case TG_CR_SP1:
    case TG_CR_SP2:
        return &cpu->s.sp_of_ring[number - TG_CR_SP0];
    case TG_CR_SPD:
        return &cpu->s.spd;
    case TG_CR_IOMAP:
        return &cpu->s.iomap;
    case TG_CR_SCRATCH0:
    case TG_CR_SCRATCH1:
    case TG_CR_SCRATCH2:
    case TG_CR_SCRATCH3:
        return &cpu->s.scratch[number - TG_CR_SCRATCH0];
    default:
        return NULL;
    }
}

/* RING-5. insns does not count the instruction under way yet. */
static uint32_t read_creg(struct tg_cpu *cpu, uint32_t number)
{
    switch (number) {
    case TG_CR_CPU:
        return cpu->number;
    case TG_CR_TIME:
        return (uint32_t)tg_machine_now(cpu->machine);
    case TG_CR_TIMEH:
        return (uint32_t)(tg_machine_now(cpu->machine) >> 32);
    case TG_CR_INSNS:
        return (uint32_t)cpu->s.insns;
    case TG_CR_INSNSH:
        return (uint32_t)(cpu->s.insns >> 32);
    default:
        return *creg_word(cpu, number);
    }
}

/* The value has passed its checks. RING-4: nothing more to do for ptroot, each fetch looks at it.
 */
static void write_creg(struct tg_cpu *cpu, uint32_t number, uint32_t value)
{
    if (number == TG_CR_PTROOT) {
        uint32_t changed = value ^ cpu->s.ptroot;

        tg_note_settle(cpu);
        if (changed & (TG_PTROOT_PAGE | TG_PTROOT_ASID))
            cpu->counts.space_switches++;
    }
    *creg_word(cpu, number) = value;
}

/* SYS-6 */
static bool check_read(struct ref_step *step, const struct tg_creg_info *info)
{
    if ((int)tg_cpu_ring(step->cpu) > info->read_ring)
        return tg_ref_raise_privilege(step, TG_PRIVILEGE_CREG_READ);
    return true;
}

/* SYS-6, SYS-7, RING-2. A register that none may write has the write ring -1. */
static bool check_write(struct ref_step *step, const struct tg_creg_info *info, uint32_t value)
{
    uint32_t ring = tg_cpu_ring(step->cpu);

    if ((int)ring > info->write_ring)
        return tg_ref_raise_privilege(step, TG_PRIVILEGE_CREG_WRITE);
    if (value & ~info->writable)
        return tg_ref_raise_privilege(step, TG_PRIVILEGE_RESERVED);
    if (info->number == TG_CR_STATUS && (value & TG_STATUS_RING) != ring)
        return tg_ref_raise_privilege(step, TG_PRIVILEGE_STATUS_RING);
    return true;
}

bool tg_ref_RDCR(struct ref_step *step)
{
    uint32_t number = ref_imm(step);
    uint32_t value;

    if (!check_read(step, tg_creg_info(number)))
        return false;
    value = read_creg(step->cpu, number);
    note_creg(step, TG_ACCESS_LOAD, number, value, value);
    return ref_complete(step, value);
}

bool tg_ref_WRCR(struct ref_step *step)
{
    uint32_t number = ref_imm(step);
    uint32_t old;

    if (!check_write(step, tg_creg_info(number), ref_a(step)))
        return false;
    old = read_creg(step->cpu, number);
    write_creg(step->cpu, number, ref_a(step));
    note_creg(step, TG_ACCESS_STORE, number, old, ref_a(step));
    return true;
}

bool tg_ref_SWCR(struct ref_step *step)
{
    uint32_t number = ref_imm(step);
    uint32_t value = ref_a(step);
    uint32_t old;

    if (!check_read(step, tg_creg_info(number)) || !check_write(step, tg_creg_info(number), value))
        return false;
    old = read_creg(step->cpu, number);
    write_creg(step->cpu, number, value);
    note_creg(step, TG_ACCESS_ATOMIC, number, old, value);
    return ref_complete(step, old);
}
