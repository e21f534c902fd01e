/*
 * What engines tell the machine about: counts and observers. Both engines call these at the same
 * architectural points, so counts are equal whatever executes. No semantics here.
 */
#ifndef TG_NOTE_H
#define TG_NOTE_H

#include "core/state.h"

/* Adds the instructions since the last settling to the ring and address space that cpu is in now.
 * Called before either changes, and before counts are read. */
void tg_note_settle(struct tg_cpu *cpu);

/* An entry was completed: status, pc and sp are already the handler's, event says the rest.
 * tg_note_settle was called before status changed. For an entry by an instruction or its fault,
 * cpu->insns does not count it yet. */
void tg_note_entry(struct tg_cpu *cpu, const struct tg_entry_event *event);

/* An iret was completed. tg_note_settle was called before status changed. */
void tg_note_return(struct tg_cpu *cpu, const struct tg_return_event *event);

/* An interrupt was taken: the entry, or what took its place, is done. */
void tg_note_interrupt(struct tg_cpu *cpu);

/* Observers only; call them when machine->observed has the bit. */
void tg_note_retire(struct tg_cpu *cpu, uint32_t pc, uint32_t word);
void tg_note_memory(struct tg_cpu *cpu, const struct tg_memory_event *event);
void tg_note_port(struct tg_cpu *cpu, const struct tg_port_event *event);
void tg_note_creg(struct tg_cpu *cpu, const struct tg_creg_event *event);
void tg_note_tlb(struct tg_cpu *cpu, const struct tg_tlb_event *event);
void tg_note_line(struct tg_machine *machine, const struct tg_line_event *event);
void tg_note_dma(struct tg_machine *machine, const struct tg_dma_event *event);

/* A double fault could not be delivered: ends the machine (attention is set). */
void tg_note_fatal(struct tg_cpu *cpu, const struct tg_fatal *fatal);

#endif
