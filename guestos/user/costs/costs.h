/* What the files of `costs` share: rows, the counter of instructions, calls. */
#ifndef COSTS_H
#define COSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "turnpike/abi.h"

/* measure() does it once, and answers what it cost. */
struct cost {
    const char *name;
    const char *what;
    void (*prepare)(void), (*finish)(void); /* or NULL */
    uint32_t (*measure)(void);
    unsigned rounds;
};

struct cost_table {
    const struct cost *costs;
    unsigned count;
};

#define COST_TABLE(costs) {(costs), sizeof(costs) / sizeof(costs)[0]}

extern const struct cost_table call_costs, message_costs, queue_costs, work_costs;

/* Instructions that this CPU has begun before this one, modulo 2^32. */
static inline uint32_t insns(void)
{
    uint32_t value;

    __asm__ volatile(".insn i 0x2b, 1, %0, x0, 0x12" : "=r"(value) : : "memory");
    return value;
}

#define ADDRESS(pointer) ((uint32_t)(uintptr_t)(pointer))

/* Makes a call by trap; before and after: the counter just before the trap and in the instruction after it. */
static inline int32_t call_between(uint32_t call, uint32_t b0, uint32_t b1, uint32_t b2,
                                   uint32_t *ret_before, uint32_t *ret_after)
{
    register uint32_t a0 __asm__("a0") = b0;
    register uint32_t a1 __asm__("a1") = b1;
    register uint32_t a2 __asm__("a2") = b2;
    register uint32_t a7 __asm__("a7") = call;
    uint32_t before, after;

    __asm__ volatile(".insn i 0x2b, 1, %[before], x0, 0x12\n"
                     ".insn i 0x0b, 1, x0, x0, 64\n"
                     ".insn i 0x2b, 1, %[after], x0, 0x12\n"
                     : "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a7), [before] "=&r"(before),
                       [after] "=&r"(after)
                     :
                     : "a3", "a4", "a5", "a6", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "memory");
    *ret_before = before;
    *ret_after = after;
    return (int32_t)a0;
}

/* Its cost: instructions from the trap up to the one after it. */
static inline uint32_t cost_of_call(uint32_t call, uint32_t a0, uint32_t a1, uint32_t a2,
                                    int32_t *ret_result)
{
    uint32_t before, after;

    *ret_result = call_between(call, a0, a1, a2, &before, &after);
    return after - before - 1;
}

/* Makes a call by trap without counting. */
static inline int32_t call(uint32_t number, uint32_t a0, uint32_t a1, uint32_t a2)
{
    int32_t result;

    cost_of_call(number, a0, a1, a2, &result);
    return result;
}

/* Ends the program if something that a measurement stands on is not so. */
#define NEED(condition) need((condition), #condition)
void need(bool is_true, const char *text);

/* A child that runs act() for ever, and tells its endpoint; then its end. */
uint32_t start_partner(void (*act)(void));
void end_partner(void);

#endif
