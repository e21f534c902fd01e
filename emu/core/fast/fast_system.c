/*
 * The instructions that the loop does not do itself: system and port instructions, and the other
 * end of what it finds too hard. docs/isa.md sections 4 and 5.
 */
#include "bus/bus.h"
#include "core/fast/fast.h"
#include "core/note.h"
#include "core/ram.h"

static enum fast_result privilege(struct fast_cpu *f, enum tg_privilege_reason reason)
{
    return tg_fast_raise(f, TG_CAUSE_PRIVILEGE, reason, 0);
}

static bool is_beyond_iopl(const struct tg_cpu *cpu)
{
    return tg_cpu_ring(cpu) > (cpu->s.status & TG_STATUS_IOPL) >> TG_STATUS_IOPL_SHIFT;
}

/* --- Control registers --------------------------------------------------------------------- */

static uint32_t read_creg(const struct tg_cpu *cpu, uint32_t number)
{
    const struct tg_cpu_state *s = &cpu->s;

    switch (number) {
    case TG_CR_STATUS:
        return s->status;
    case TG_CR_VBASE:
        return s->vbase;
    case TG_CR_PTROOT:
        return s->ptroot;
    case TG_CR_SP0:
    case TG_CR_SP1:
    case TG_CR_SP2:
        return s->sp_of_ring[number - TG_CR_SP0];
    case TG_CR_SPD:
        return s->spd;
    case TG_CR_IOMAP:
        return s->iomap;
    case TG_CR_CPU:
        return cpu->number;
    case TG_CR_SCRATCH0:
    case TG_CR_SCRATCH1:
    case TG_CR_SCRATCH2:
    case TG_CR_SCRATCH3:
        return s->scratch[number - TG_CR_SCRATCH0];
    case TG_CR_TIME:
        return (uint32_t)tg_machine_now(cpu->machine);
    case TG_CR_TIMEH:
        return (uint32_t)(tg_machine_now(cpu->machine) >> 32);
    case TG_CR_INSNS:
        return (uint32_t)s->insns;
    default: /* TG_CR_INSNSH; words with other numbers are illegal */
        return (uint32_t)(s->insns >> 32);
    }
}

static void write_ptroot(struct fast_cpu *f, uint32_t value)
{
    struct tg_cpu *cpu = f->cpu;

    tg_note_settle(cpu);
    if ((cpu->s.ptroot ^ value) & (TG_PTROOT_PAGE | TG_PTROOT_ASID))
        cpu->counts.space_switches++;
    cpu->s.ptroot = value;
    tg_fast_select_bank(f);
}

/* A value that passed all checks. */
static void write_creg(struct fast_cpu *f, uint32_t number, uint32_t value)
{
    struct tg_cpu_state *s = &f->cpu->s;

    switch (number) {
    case TG_CR_STATUS:
        s->status = value;
        break;
    case TG_CR_VBASE:
        s->vbase = value;
        break;
    case TG_CR_PTROOT:
        write_ptroot(f, value);
        break;
    case TG_CR_SP0:
    case TG_CR_SP1:
    case TG_CR_SP2:
        s->sp_of_ring[number - TG_CR_SP0] = value;
        break;
    case TG_CR_SPD:
        s->spd = value;
        break;
    case TG_CR_IOMAP:
        s->iomap = value;
        break;
    case TG_CR_SCRATCH0:
    case TG_CR_SCRATCH1:
    case TG_CR_SCRATCH2:
    case TG_CR_SCRATCH3:
        s->scratch[number - TG_CR_SCRATCH0] = value;
        break;
    default: /* the others are read-only */
        break;
    }
}

/* SYS-6, SYS-7, RING-2. 0 or the reason. */
static uint32_t check_creg(const struct tg_cpu *cpu, uint32_t number, bool reads, bool writes,
                           uint32_t value)
{
    const struct tg_creg_info *info = tg_creg_info(number);
    int ring = (int)tg_cpu_ring(cpu);

    if (reads && ring > info->read_ring)
        return TG_PRIVILEGE_CREG_READ;
    if (!writes)
        return 0;
    if (ring > info->write_ring) /* also for TG_CREG_NEVER, -1 */
        return TG_PRIVILEGE_CREG_WRITE;
    if (value & ~info->writable)
        return TG_PRIVILEGE_RESERVED;
    if (number == TG_CR_STATUS && (value & TG_STATUS_RING) != (uint32_t)ring)
        return TG_PRIVILEGE_STATUS_RING;
    return 0;
}

/* Tells observers. old, value: of the register before and after. */
static void note_creg(struct fast_cpu *f, enum tg_access access, uint32_t number, uint32_t old,
                      uint32_t value)
{
    tg_note_creg(f->cpu, &(struct tg_creg_event){.cpu = f->cpu->number,
                                                 .access = access,
                                                 .pc = f->cpu->s.pc,
                                                 .number = number,
                                                 .old_value = old,
                                                 .value = value});
}

/* rdcr, wrcr, swcr. */
static enum fast_result exchange(struct fast_cpu *f, struct fast_entry insn, bool reads,
                                 bool writes)
{
    struct tg_cpu *cpu = f->cpu;
    uint32_t number = (uint32_t)insn.imm;
    uint32_t value = cpu->s.x[insn.ra];
    uint32_t reason = check_creg(cpu, number, reads, writes, value);
    bool is_noted = cpu->machine->observed & TG_OBSERVE_CREG;
    uint32_t old;

    if (reason)
        return privilege(f, (enum tg_privilege_reason)reason);
    old = reads || is_noted ? read_creg(cpu, number) : 0;
    if (writes)
        write_creg(f, number, value);
    if (is_noted)
        note_creg(f,
                  !writes ? TG_ACCESS_LOAD
                  : reads ? TG_ACCESS_ATOMIC
                          : TG_ACCESS_STORE,
                  number, old, writes ? value : old);
    if (reads)
        fast_set_register(f, insn.rd, old);
    if (!writes || number != TG_CR_PTROOT)
        return FAST_NEXT;
    cpu->s.pc += 4;
    return FAST_RESUME; /* RING-4 */
}

/* --- Interrupt enable, waiting, translations ----------------------------------------------- */

static enum fast_result set_enable(struct fast_cpu *f, struct fast_entry insn, uint32_t enable)
{
    struct tg_cpu *cpu = f->cpu;
    uint32_t old = cpu->s.status;

    if (is_beyond_iopl(cpu))
        return privilege(f, TG_PRIVILEGE_INSTRUCTION);
    cpu->s.status = (old & ~TG_STATUS_IE) | enable;
    if (cpu->machine->observed & TG_OBSERVE_CREG)
        note_creg(f, TG_ACCESS_STORE, TG_CR_STATUS, old, cpu->s.status);
    if (!enable)
        fast_set_register(f, insn.rd, old);
    return FAST_NEXT;
}

static enum fast_result wait(struct fast_cpu *f)
{
    struct tg_cpu *cpu = f->cpu;

    if (tg_cpu_ring(cpu) != 0)
        return privilege(f, TG_PRIVILEGE_INSTRUCTION);
    cpu->s.pc += 4;
    if (!cpu->is_interrupt_offered)
        cpu->s.run_state = TG_CPU_WAITING;
    return FAST_RESUME;
}

static enum fast_result invalidate(struct fast_cpu *f, struct fast_entry insn)
{
    struct tg_cpu *cpu = f->cpu;
    uint32_t vaddr = cpu->s.x[insn.ra];
    uint32_t space = cpu->s.x[insn.rb] & TG_PTROOT_ASID;

    if (tg_cpu_ring(cpu) != 0)
        return privilege(f, TG_PRIVILEGE_INSTRUCTION);
    tg_fast_invalidate(f, insn.ra ? &vaddr : NULL, insn.rb ? &space : NULL);
    cpu->s.pc += 4;
    return FAST_RESUME;
}

/* --- Ports --------------------------------------------------------------------------------- */

/* PIO-1, PIO-2. */
static bool may_use_port(const struct fast *fast, const struct tg_cpu *cpu, uint32_t port)
{
    uint32_t paddr = (cpu->s.iomap & TG_IOMAP_PAGE) + port / 8;

    if (!(cpu->s.iomap & TG_IOMAP_ENABLE) || port >= TG_PORT_COUNT)
        return false;
    return tg_ram_contains(&fast->machine->ram, paddr, 1) &&
           (fast->machine->ram.bytes[paddr] >> (port % 8) & 1);
}

/* PIO-1 and PIO-3. False: raised. */
static bool check_port(struct fast_cpu *f, uint32_t port, enum tg_access access, uint32_t bytes)
{
    struct tg_cpu *cpu = f->cpu;

    for (uint32_t i = 0; is_beyond_iopl(cpu) && i < bytes; i++)
        if (!may_use_port(f->fast, cpu, port + i)) {
            tg_fast_raise(f, TG_CAUSE_PORT, access | bytes << 4 | tg_cpu_ring(cpu) << 8, port);
            return false;
        }
    if (port % bytes != 0) {
        tg_fast_raise(f, TG_CAUSE_MISALIGNED, access | bytes << 4, port);
        return false;
    }
    return true;
}

static void note_port(struct fast_cpu *f, enum tg_access access, uint32_t port, uint32_t bytes,
                      uint32_t value)
{
    struct tg_port_event event = {f->cpu->number, access, f->cpu->s.pc, port, bytes, value};

    if (f->fast->machine->observed & TG_OBSERVE_PORT)
        tg_note_port(f->cpu, &event);
}

static enum fast_result port_in(struct fast_cpu *f, struct fast_entry insn, uint32_t bytes)
{
    struct tg_cpu *cpu = f->cpu;
    uint32_t port = (cpu->s.x[insn.ra] + (uint32_t)insn.imm) % TG_PORT_COUNT;
    uint32_t value;

    if (!check_port(f, port, TG_ACCESS_IN, bytes))
        return FAST_RESUME;
    if (!tg_bus_port_read(cpu, port, bytes, &value))
        return tg_fast_raise(f, TG_CAUSE_BUS, TG_ACCESS_IN | bytes << 4, port);
    cpu->counts.port_reads++;
    note_port(f, TG_ACCESS_IN, port, bytes, value);
    fast_set_register(f, insn.rd, value);
    return FAST_NEXT;
}

static enum fast_result port_out(struct fast_cpu *f, struct fast_entry insn, uint32_t bytes)
{
    struct tg_cpu *cpu = f->cpu;
    uint32_t port = (cpu->s.x[insn.ra] + (uint32_t)insn.imm) % TG_PORT_COUNT;
    uint32_t value = cpu->s.x[insn.rd] & UINT32_MAX >> (32 - 8 * bytes);

    if (!check_port(f, port, TG_ACCESS_OUT, bytes))
        return FAST_RESUME;
    if (!tg_bus_port_write(cpu, port, bytes, value))
        return tg_fast_raise(f, TG_CAUSE_BUS, TG_ACCESS_OUT | bytes << 4, port);
    cpu->counts.port_writes++;
    note_port(f, TG_ACCESS_OUT, port, bytes, value);
    return FAST_NEXT;
}

/* --- Jumps that the loop found no line for ------------------------------------------------- */

static enum fast_result jump_register(struct fast_cpu *f, struct fast_entry insn)
{
    struct tg_cpu *cpu = f->cpu;
    uint32_t target = (cpu->s.x[insn.ra] + (uint32_t)insn.imm) & ~UINT32_C(1);

    if (target & 2)
        return tg_fast_raise(f, TG_CAUSE_MISALIGNED, TG_ACCESS_FETCH | 4 << 4, target);
    fast_set_register(f, insn.rd, cpu->s.pc + 4);
    cpu->s.pc = target;
    return FAST_RESUME;
}

static enum fast_result illegal(struct fast_cpu *f, const struct fast_entry *e)
{
    uint32_t index = (uint32_t)(e - f->page->entries);

    return tg_fast_raise(f, TG_CAUSE_ILLEGAL,
                         fast_ram_word(f->fast, f->page->number * TG_PAGE_BYTES + index * 4), 0);
}

enum fast_result tg_fast_call_out(struct fast_cpu *f, const struct fast_entry *e)
{
    enum fast_op op = (enum fast_op)f->page->op[e - f->page->entries];
    const struct tg_insn_info *info =
        op < FAST_INSNS_END ? tg_insn_info((enum tg_insn_id)op) : NULL;

    switch (op) {
    case FAST_JR:
    case FAST_JALR:
        return jump_register(f, *e);
    case FAST_TRAP:
        return tg_fast_trap(f, (uint32_t)e->imm);
    case FAST_IRET:
        return tg_fast_iret(f);
    case FAST_BRK:
        return tg_fast_raise(f, TG_CAUSE_BREAKPOINT, 0, 0);
    case FAST_WFI:
        return wait(f);
    case FAST_CLI:
        return set_enable(f, *e, 0);
    case FAST_STI:
        return set_enable(f, *e, TG_STATUS_IE);
    case FAST_TLBINV:
        return invalidate(f, *e);
    case FAST_RDCR:
        return exchange(f, *e, true, false);
    case FAST_WRCR:
        return exchange(f, *e, false, true);
    case FAST_SWCR:
        return exchange(f, *e, true, true);
    default:
        break;
    }
    switch (info ? info->effect : TG_EFFECT_SYSTEM) {
    case TG_EFFECT_ATOMIC:
        return tg_fast_atomic(f, e, op);
    case TG_EFFECT_PORT_IN:
        return port_in(f, *e, info->access_bytes);
    case TG_EFFECT_PORT_OUT:
        return port_out(f, *e, info->access_bytes);
    default:
        return illegal(f, e);
    }
}
