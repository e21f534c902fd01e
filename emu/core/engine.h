/*
 * The border between the machine and what executes instructions. An engine owns the semantics of instructions, the
 * page walk, entries and returns; it keeps no state that matters: everything architectural is in struct tg_cpu, so
 * that a snapshot made under one engine runs on under another. Engines share no semantics code.
 */
#ifndef TG_ENGINE_H
#define TG_ENGINE_H

#include <stdint.h>

struct tg_machine;
struct tg_cpu;

#define TG_ALL_PAGES UINT32_MAX

struct tg_engine {
    const char *name;
    const char *meaning;

    /* Makes the engine's private caches for a machine whose cpus and ram exist. NULL: no memory. */
    void *(*create)(struct tg_machine *machine);
    void (*destroy)(void *caches);

    /*
     * Executes on cpu at most budget instructions (an instruction that faults counts as one). The loop it implements:
     *   while (executed < budget && cpu->run_state == TG_CPU_RUNNING && !machine->attention) {
     *       if (cpu->is_interrupt_offered && status.IE) enter the interrupt (takes no tick);
     *       begin one instruction, cpu->insns + 1; executed + 1;
     *   }
     * cpu->insns is up to date whenever bus, observers or note functions are called; during an instruction it counts
     * the instructions begun before it. The caller derives how many were executed from cpu->insns.
     */
    void (*run)(void *caches, struct tg_cpu *cpu, uint32_t budget);

    /* RAM [paddr, paddr + bytes), within one page flagged TG_PAGE_HAS_CODE, is about to be written. */
    void (*code_written)(void *caches, uint32_t paddr, uint32_t bytes);

    /* Flags of a RAM page (TG_ALL_PAGES: of any number of them) were set: a store to it must again pass through tg_ram_before_write. */
    void (*page_flagged)(void *caches, uint32_t page);

    /* State of the CPU (NULL: of every CPU, and RAM) was changed from outside: forget everything derived from it. */
    void (*state_changed)(void *caches, struct tg_cpu *cpu);
};

extern const struct tg_engine tg_engine_reference;
extern const struct tg_engine tg_engine_fast;

#endif
