/*
 * The contract between a benchmark program and whatever runs it.
 *
 * A program is one C file without a library: it defines bench_main(), calls nothing but the
 * functions declared here, and depends on nothing but its argument, so that every compiler, machine
 * and engine must return the same sum. The size comes in at run time: a compiler that knew it could
 * compute the answer while compiling.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

/* What bench_main() returns when the program found its own result wrong. */
#define BENCH_WRONG 0u

/*
 * Does the work of the program. size: how much; each file says what it counts; 0 means nothing to
 * do. Returns a sum over the results, or BENCH_WRONG.
 */
uint32_t bench_main(uint32_t size);

/* As in C's <string.h>; native programs take the C library's, guest programs those of
 * guest/memory.c. */
void *memset(void *to, int byte, size_t size);
void *memcpy(void *to, const void *from, size_t size);

/* Where sums start. */
#define BENCH_SUM 0x811c9dc5u

/* Adds a value to a sum; order matters. */
static inline uint32_t bench_add(uint32_t sum, uint32_t value)
{
    sum = (sum ^ value) * 0x9e3779b1u;
    return sum ^ (sum >> 15);
}

/* The next pseudo-random number (xorshift, 32 bits); *state must not be 0. */
static inline uint32_t bench_random(uint32_t *state)
{
    uint32_t x = *state;

    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    *state = x;
    return x;
}

#endif
