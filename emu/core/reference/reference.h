/*
 * The reference engine: TG32 written plainly from docs/isa.md, for reading. Comments name the rules
 * that the code below them implements. It keeps no state of its own and shares no semantics with
 * other engines. Private to this folder. Files: run.c the loop (sections 6 and 8), translate.c
 * paging (7), access.c memory accesses (4), entry.c entries and iret (6), insn_*.c the instructions
 * by group (4 and 5).
 */
#ifndef TG_REFERENCE_H
#define TG_REFERENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/state.h"

/* What asks for an entry, in the words of section 6. */
struct ref_cause {
    enum tg_entry_kind kind;
    uint32_t vector;
    uint32_t error, address; /* 0 unless kind is TG_ENTRY_EXCEPTION */
    uint32_t saved_pc;
};

/* An instruction under way. cpu->s.pc is its address until it has completed or its entry is made.
 */
struct ref_step {
    struct tg_cpu *cpu;
    struct tg_insn insn;
    uint32_t word;
    uint32_t next_pc;       /* where execution goes on; the instructions that jump change it */
    struct ref_cause cause; /* of the entry, for an instruction that ends in one */
};

/* --- Instructions: one function each, made from the table, so that a missing one does not link
 * ------------------------ True: completed, execution goes on at next_pc. False: nothing was
 * changed, and an entry with step->cause follows. */
typedef bool ref_insn_function(struct ref_step *step);

#define TG_INSN(id, ...) ref_insn_function tg_ref_##id;
#include "isa/insns.def"
ref_insn_function tg_ref_ILLEGAL;

/* The operands, by the letters of section 4. */
static inline uint32_t ref_a(const struct ref_step *step)
{
    return step->cpu->s.x[step->insn.ra];
}

static inline uint32_t ref_b(const struct ref_step *step)
{
    return step->cpu->s.x[step->insn.rb];
}

static inline uint32_t ref_s(const struct ref_step *step)
{
    return step->cpu->s.x[step->insn.rd];
}

static inline uint32_t ref_imm(const struct ref_step *step)
{
    return (uint32_t)step->insn.imm;
}

/* Completes with d = value. REG-1: register zero stays 0. */
static inline bool ref_complete(struct ref_step *step, uint32_t value)
{
    if (step->insn.rd != 0)
        step->cpu->s.x[step->insn.rd] = value;
    return true;
}

/* Ends the instruction with an exception; the result is always false. */
bool tg_ref_raise(struct ref_step *step, enum tg_cause vector, uint32_t error, uint32_t address);
bool tg_ref_raise_privilege(struct ref_step *step, enum tg_privilege_reason reason);

/* The error word of misaligned and bus exceptions. */
static inline uint32_t ref_width_error(enum tg_access access, uint32_t bytes)
{
    return (uint32_t)access | bytes << 4;
}

static inline uint32_t ref_iopl(const struct tg_cpu *cpu)
{
    return (cpu->s.status & TG_STATUS_IOPL) >> TG_STATUS_IOPL_SHIFT;
}

/* --- Memory (translate.c, access.c) ----------------------------------------------------------- */

/* Section 7: the physical address of vaddr for an access from ring. Result: 0, or the enum
 * tg_page_reason why not (and *ret_paddr is untouched). access is FETCH, LOAD, STORE or ATOMIC. */
uint32_t tg_ref_translate(struct tg_cpu *cpu, uint32_t vaddr, enum tg_access access, uint32_t ring,
                          uint32_t *ret_paddr);

/* Empties the translation caches as SYS-5 says. */
void tg_ref_invalidate(struct tg_cpu *cpu, const uint32_t *vaddr, const uint32_t *space);

/* Translates in the current ring for the instruction under way. False: page was raised. */
bool tg_ref_address(struct ref_step *step, uint32_t vaddr, enum tg_access access,
                    uint32_t *ret_paddr);

/* Section 4, loads and stores. False: raised. bytes is 1, 2 or 4. */
bool tg_ref_load(struct ref_step *step, uint32_t vaddr, uint32_t bytes, uint32_t *ret_value);
bool tg_ref_store(struct ref_step *step, uint32_t vaddr, uint32_t bytes, uint32_t value);

/* AMO-1: the physical address, in RAM, of the word at vaddr. False: raised. */
bool tg_ref_atomic_address(struct ref_step *step, uint32_t vaddr, enum tg_access access,
                           uint32_t *ret_paddr);

/* Tells observers and watches, if any, of a completed access; fills in the event's cpu and pc. old:
 * what was there before. */
void tg_ref_note_memory(const struct ref_step *step, struct tg_memory_event *event, uint32_t old);
/* What is there before a store, where somebody may want to know. */
uint32_t tg_ref_old_value(const struct ref_step *step, uint32_t paddr, uint32_t bytes);

/* --- Entries (entry.c) ------------------------------------------------------------------------ */

/* Makes the entry that cause asks for, or what section 6 puts in its place. True: it was the one
 * asked for. */
bool tg_ref_enter(struct tg_cpu *cpu, const struct ref_cause *cause);

/* Enters the interrupt that is offered to cpu. */
void tg_ref_interrupt(struct tg_cpu *cpu);

#endif
