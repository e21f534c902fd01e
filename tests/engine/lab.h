/*
 * The lab of the engine tests: a small machine with one program in it, and what it must look like
 * afterwards.
 *
 * A test prepares the machine, calls lab_ready, writes into `want` (and by lab_want_word into the
 * wanted RAM) what must change, runs, and calls lab_check, which compares every field of the CPU
 * and every byte of RAM: so each test also says that nothing else changes. Tests run once for each
 * engine that the library has.
 *
 * In the beginning: ring 0, IE 0, paging off, pc = LAB_CODE, all gates present (ring 0, raised from
 * ring 3), stacks for all rings, and registers with values that are easy to tell apart.
 */
#ifndef TG_TESTS_LAB_H
#define TG_TESTS_LAB_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/state.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Registers that test programs use by number. */
enum { RA = 1, SP = 2, T0 = 5, T1 = 6, T2 = 7, S0 = 8, S1 = 9, A0 = 10, A1 = 11, A2 = 12, A3 = 13 };

/* Where things are in physical memory. With lab_paging they have the same virtual addresses. */
enum {
    LAB_CODE = 0x2000,
    LAB_DATA = 0x3000,
    LAB_STACK = 0x5000,   /* register sp */
    LAB_STACK_0 = 0x6000, /* sp0, sp1, sp2, spd */
    LAB_STACK_1 = 0x7000,
    LAB_STACK_2 = 0x8000,
    LAB_STACK_D = 0x9000,
    LAB_VECTORS = 0xa000,
    LAB_IOMAP = 0xc000, /* to 0xdfff */
    LAB_DIRECTORY = 0x10000,
    LAB_TABLE = 0x11000,
    LAB_OTHER_TABLE = 0x12000, /* for tests; holds nothing */
    LAB_HANDLERS = 0x20000,    /* handler v is at LAB_HANDLERS + 16 * v */
    LAB_RAM_BYTES = 0x40000,
    LAB_WINDOW = (int)0xf0000000u /* the text display's memory: 4000 bytes */
};

#define LAB_PTE_ALL                                                                                \
    (TG_PTE_PRESENT | TG_PTE_READ | TG_PTE_WRITE | TG_PTE_EXECUTE | TG_PTE_RING |                  \
     TG_PTE_ACCESSED | TG_PTE_DIRTY)

struct lab {
    const char *engine;
    struct tg_machine *machine;
    struct tg_cpu *cpu;  /* CPU 0 */
    struct tg_stop stop; /* of the last lab_run */
    struct tg_cpu_state want;
    uint8_t *want_ram;
    bool checks_caches; /* compare the translation caches too */
    bool wants_end;     /* the machine is meant to have ended */
};

/* The loop of a test over all engines: `START_TEST(name) { struct lab lab; lab_open(&lab, _i); ...
 * lab_close(&lab); }` */
int lab_engines(void);
#define lab_add_test(tcase, test) tcase_add_loop_test(tcase, test, 0, lab_engines())

void lab_open(struct lab *lab, int engine);
void lab_open_cpus(struct lab *lab, int engine, uint32_t cpus);
void lab_close(struct lab *lab);

/* --- Preparing -------------------------------------------------------------------------------- */

void lab_put(struct lab *lab, uint32_t paddr, uint32_t word);
void lab_program(struct lab *lab, uint32_t paddr, const uint32_t *words, size_t count);
#define LAB_PROGRAM(lab, paddr, ...)                                                               \
    lab_program(lab, paddr, (const uint32_t[]){__VA_ARGS__},                                       \
                sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))
uint32_t lab_get(const struct lab *lab, uint32_t paddr);

/* status from its parts. */
uint32_t lab_status(uint32_t ring, uint32_t iopl, uint32_t ie);

/* The two words of gate v. bits: enum-like TG_GATE_... with ring and raise put in by hand. */
void lab_gate(struct lab *lab, uint32_t vector, uint32_t handler, uint32_t bits);
uint32_t lab_gate_bits(uint32_t ring, uint32_t raise);
uint32_t lab_handler(uint32_t vector);
uint32_t lab_gate_address(uint32_t vector);

/* Turns paging on: all of RAM at its own address and the display's window at 0x800000, for all
 * rings, accessed and dirty already. Address space 0. */
void lab_paging(struct lab *lab);
enum { LAB_VIRTUAL_WINDOW = 0x800000 };
/* Writes the table entry of vaddr (below 4 MiB). */
void lab_map(struct lab *lab, uint32_t vaddr, uint32_t entry);
uint32_t lab_entry_address(uint32_t vaddr);

/* Enables source (2 to 31) at the interrupt controller and asserts its line. */
void lab_assert_line(struct lab *lab, uint32_t source);

/* --- Running and comparing -------------------------------------------------------------------- */

/* Everything is prepared: what is now is what is wanted, until the test says what must change. */
void lab_ready(struct lab *lab);

void lab_want_word(struct lab *lab, uint32_t paddr, uint32_t word);
/* What is wanted is that the next thing is an exception with the given error word and address. */
void lab_want_exception(struct lab *lab, uint32_t vector, uint32_t error, uint32_t address);
/* The same for any kind. The entry goes to handler in ring; the gate does not clear IE. */
struct lab_entry {
    uint32_t kind, vector, error, address, saved_pc, ring;
};
void lab_want_entry(struct lab *lab, struct lab_entry entry);
/* An instruction completed: pc moves on by 4 and the register, if any, has the value. */
void lab_want_next(struct lab *lab);
void lab_want_register(struct lab *lab, uint32_t number, uint32_t value);

/* Runs at most that many instructions. It must have been that many, unless the machine ended or
 * waits. want.insns is moved on by what was executed. */
void lab_run(struct lab *lab, uint64_t insns);
/* Fails the test, naming it by what (a printf format), at the first difference. */
void lab_check(struct lab *lab, const char *what, ...) __attribute__((format(printf, 2, 3)));
/* lab_run(1), lab_check */
#define lab_step_and_check(lab, ...) (lab_run(lab, 1), lab_check(lab, __VA_ARGS__))

/* main() of each test program: runs the suite and gives the exit status. */
int lab_main(Suite *suite);

#endif
