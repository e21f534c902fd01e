/*
 * What the files of a guest program share, C and assembly. A guest image is one benchmark program,
 * runtime.c, and the start of one machine: NAME.S, NAME.c and NAME.ld.
 */
#ifndef BENCH_GUEST_H
#define BENCH_GUEST_H

#define BENCH_SIZE_OFFSET 12 /* of the size in struct bench_header */

#ifndef __ASSEMBLER__
#include "bench/bench.h"

/* How a guest program learns its size: the driver looks for the marker in the linked image and sets
 * the word after it. The same image thus serves every size. */
struct bench_header {
    char marker[BENCH_SIZE_OFFSET];
    uint32_t size;
};
extern volatile struct bench_header bench_header;

/* Prints what the driver reads: the program's sum, how many timer interrupts came, and how many
 * instructions ran from the program's first to its last. */
void report(uint32_t sum, uint32_t ticks, uint64_t insns);

/* Prints "name value\n", the value in hexadecimal. */
void print_hex(const char *name, uint32_t value);

/* The machine's: shows one byte to whoever started it. */
void put_byte(uint8_t byte);
#endif

#endif
