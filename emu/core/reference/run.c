/*
 * The reference engine's loop: interrupts, fetch, decode, one function an instruction. docs/isa.md
 * section 6 (order) and section 8 (one instruction, one tick); the contract is in core/engine.h.
 */
#include "core/note.h"
#include "core/points.h"
#include "core/ram.h"
#include "core/reference/reference.h"

static ref_insn_function *const functions[TG_INSN_COUNT] = {
    [TG_INSN_ILLEGAL] = tg_ref_ILLEGAL,
#define TG_INSN(id, ...) [TG_INSN_##id] = tg_ref_##id,
#include "isa/insns.def"
};

/* ORD-1: page for the fetch's translation, bus if it is not RAM. False: raised. */
static bool fetch(struct ref_step *step)
{
    struct tg_machine *machine = step->cpu->machine;
    uint32_t paddr;

    if (!tg_ref_address(step, step->cpu->s.pc, TG_ACCESS_FETCH, &paddr))
        return false;
    if (!tg_ram_contains(&machine->ram, paddr, 4))
        return tg_ref_raise(step, TG_CAUSE_BUS, ref_width_error(TG_ACCESS_FETCH, 4), paddr);
    step->word = tg_ram_load(machine, paddr, 4);
    return true;
}

/* One instruction, whether it completes or raises. */
static void execute(struct tg_cpu *cpu)
{
    uint32_t pc = cpu->s.pc;
    struct ref_step step = {.cpu = cpu, .next_pc = pc + 4}; /* JMP-3: it wraps around */
    bool is_completed = false;

    if (fetch(&step)) {
        step.insn = tg_decode(step.word);
        is_completed = functions[step.insn.id](&step);
    }
    if (is_completed)
        cpu->s.pc = step.next_pc;
    else if (tg_ref_enter(cpu, &step.cause))
        is_completed = step.cause.kind == TG_ENTRY_TRAP;

    if (is_completed && (cpu->machine->observed & TG_OBSERVE_RETIRE))
        tg_note_retire(cpu, pc, step.word);
    cpu->s.insns++; /* TIM-1, ENT-5 */
}

static void run(void *caches, struct tg_cpu *cpu, uint32_t budget)
{
    struct tg_machine *machine = cpu->machine;

    (void)caches;
    for (uint32_t executed = 0; executed < budget; executed++) {
        if (cpu->s.run_state != TG_CPU_RUNNING || machine->attention)
            return;
        /* ORD-1, INT-1, INT-2 */
        if (cpu->is_interrupt_offered && (cpu->s.status & TG_STATUS_IE)) {
            tg_ref_interrupt(cpu);
            if (machine->attention) /* it could not be delivered (DBL-3), or is a stop */
                return;
        }
        if (tg_points_stop_before(cpu))
            return;
        execute(cpu);
    }
}

/* There are no caches: everything is looked up anew for each instruction. The contract wants
 * something not NULL. */
static void *create(struct tg_machine *machine)
{
    return machine;
}

static void destroy(void *caches)
{
    (void)caches;
}

static void code_written(void *caches, uint32_t paddr, uint32_t bytes)
{
    (void)caches;
    (void)paddr;
    (void)bytes;
}

static void page_flagged(void *caches, uint32_t page)
{
    (void)caches;
    (void)page;
}

static void state_changed(void *caches, struct tg_cpu *cpu)
{
    (void)caches;
    (void)cpu;
}

const struct tg_engine tg_engine_reference = {
    .name = "reference",
    .meaning = "written plainly from the manual, one function an instruction",
    .create = create,
    .destroy = destroy,
    .run = run,
    .code_written = code_written,
    .page_flagged = page_flagged,
    .state_changed = state_changed,
};
