/*
 * Small programs without an assembler: words appended one by one, at an address, with branches to
 * places known or still to come. What goes wrong in building one fails the test.
 */
#ifndef TG_PROGRAM_H
#define TG_PROGRAM_H

#include <stdint.h>

#include "tollgate.h"

/* Registers by name, as operands. */
/* clang-format off */
enum {
    ZERO, RA, SP, GP, TP, T0, T1, T2, S0, S1, A0, A1, A2, A3, A4, A5, A6, A7,
    S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, T3, T4, T5, T6
};
/* clang-format on */

#define PROGRAM_START 0x1000 /* where a machine without an image starts */
#define PROGRAM_WORDS 1024

struct program {
    uint32_t base; /* address of words[0] */
    uint32_t words[PROGRAM_WORDS];
    uint32_t count;
};

void program_begin(struct program *program, uint32_t base);
/* Address of the next word. */
uint32_t program_here(const struct program *program);

/* Append one instruction. Operands as tg_word_r and tg_word_i want them: program_i serves every
 * format with at most two registers and an immediate. */
void program_r(struct program *program, enum tg_insn_id id, unsigned rd, unsigned ra, unsigned rb);
void program_i(struct program *program, enum tg_insn_id id, unsigned rd, unsigned ra, int32_t imm);
void program_word(struct program *program, uint32_t word);

/* rd = value, always in two instructions. */
void program_li(struct program *program, unsigned rd, uint32_t value);
/* Writes value to a port of four bytes, with register T6; three instructions. */
void program_out(struct program *program, uint32_t port, uint32_t value);
/* Creates gate vector -> handler (ring 0, closed to interrupts, raised by any ring) at vbase + 8 *
 * vector; uses T5, T6. */
void program_gate(struct program *program, uint32_t vbase, uint32_t vector, uint32_t handler);

/* A branch or jump (rd, ra as in the instruction) to a known address. */
void program_branch(struct program *program, enum tg_insn_id id, unsigned rd, unsigned ra,
                    uint32_t target);
/* The same to a place to come: program_land makes it the next word. */
uint32_t program_forward(struct program *program, enum tg_insn_id id, unsigned rd, unsigned ra);
void program_land(struct program *program, uint32_t branch);

/* Copies the program into RAM. */
void program_load(const struct program *program, struct tg_machine *machine);

/* A machine of the given engine and number of CPUs with 256 KiB of RAM and the program in it. */
struct tg_machine *program_machine(const struct program *program, const char *engine,
                                   uint32_t cpus);

/* Runs to a number of instructions, without other limits; returns why it stopped. */
struct tg_stop program_run(struct tg_machine *machine, uint64_t until_insns);

/* A word of RAM. */
uint32_t program_ram(const struct tg_machine *machine, uint32_t paddr);
uint32_t program_register(const struct tg_machine *machine, uint32_t cpu, unsigned number);

#endif
