/*
 * Points: breaks, watches, and stops after interrupts, as engines and bus ask about them. Both
 * engines ask at the same architectural places, so they stop at the same ones. What a point is for
 * is the debugger's business; nothing here changes what the machine does.
 */
#ifndef TG_CORE_POINTS_H
#define TG_CORE_POINTS_H

#include "core/ram.h"
#include "core/state.h"

/* --- Breaks
 * ------------------------------------------------------------------------------------------------------
 */

/* Whether an instruction at such an offset in a page may be at a break. */
static inline bool tg_points_break_offset(const struct tg_machine *machine, uint32_t vaddr)
{
    uint32_t word = vaddr % TG_PAGE_BYTES / 4;
    return machine->points.break_words[word / 32] >> (word % 32) & 1;
}

/* Whether pc is a break. */
bool tg_points_is_break(const struct tg_machine *machine, uint32_t pc);

/* The instruction at cpu's pc, a break, is about to begin (insns and pc are up to date). True: the
 * engine must return. A break is reported once for each time that it is come to. */
bool tg_points_stop_at(struct tg_cpu *cpu);

/* The same for any pc. */
static inline bool tg_points_stop_before(struct tg_cpu *cpu)
{
    const struct tg_machine *machine = cpu->machine;
    return machine->points.break_count && tg_points_break_offset(machine, cpu->s.pc) &&
           tg_points_is_break(machine, cpu->s.pc) && tg_points_stop_at(cpu);
}

/* --- Watches: only to be asked when tg_points_watches
 * -------------------------------------------------------------- */

static inline bool tg_points_watches(const struct tg_machine *machine)
{
    return machine->points.watch_count != 0;
}

/* Whether an access to some byte of [vaddr, vaddr + bytes) or [paddr, paddr + bytes) may be
 * watched: loads or stores. */
bool tg_points_watch_range(const struct tg_machine *machine, uint32_t vaddr, uint32_t paddr,
                           uint32_t bytes, bool is_store);
bool tg_points_watch_physical(const struct tg_machine *machine, uint32_t paddr, uint32_t bytes,
                              bool is_store);

/* The value at a physical address of RAM or a device's memory, which an access of that width was
 * found right for. */
uint32_t tg_points_peek(struct tg_cpu *cpu, uint32_t paddr, uint32_t bytes);

/* An access was completed. Reports it if it is watched; attention is set when that says to stop. */
void tg_points_access(struct tg_machine *machine, const struct tg_watch_event *event);

/* A frame at a physical address in RAM: what it holds before a push; then that it was pushed
 * (STORE) or popped (LOAD, old is not looked at) by the instruction at pc. */
struct tg_points_frame {
    uint32_t words[TG_FRAME_BYTES / 4];
};
void tg_points_save_frame(const struct tg_machine *machine, uint32_t paddr,
                          struct tg_points_frame *ret_old);
void tg_points_frame(struct tg_cpu *cpu, const struct tg_watch_event *access,
                     const struct tg_points_frame *old);

/* A walk of cpu's has changed a table's word from old to value. */
void tg_points_walk(struct tg_cpu *cpu, uint32_t paddr, uint32_t old, uint32_t value);

/* For the bus: moves count bytes of RAM, word by word, and reports those that are watched. */
void tg_points_dma_read(struct tg_machine *machine, uint32_t paddr, void *bytes, uint32_t count);
void tg_points_dma_write(struct tg_machine *machine, uint32_t paddr, const void *bytes,
                         uint32_t count);

/* --- For the scheduler
 * ------------------------------------------------------------------------------------------- */

/* At the beginning and the end of a run. */
void tg_points_begin_run(struct tg_machine *machine, const struct tg_run_limits *limits);
void tg_points_end_run(struct tg_machine *machine);
/* Takes a stop that a point has asked for, if there is one. */
bool tg_points_take_stop(struct tg_machine *machine, struct tg_stop *ret_stop);
/* Drops what belongs to the moment: the state was replaced. */
void tg_points_forget(struct tg_machine *machine);
void tg_points_finish(struct tg_machine *machine);

#endif
