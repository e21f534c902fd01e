/*
 * The one instruction by which programs and servers ask for anything: `trap TP_VECTOR_CALL`, the number in
 * a7, arguments in a0 to a5, the answer in a0. What it keeps and loses is said in turnpike/abi.h.
 */
#ifndef LIB_GATE_H
#define LIB_GATE_H

#include <stdint.h>

#include "turnpike/abi.h"

/* RISC-V's custom word that becomes `trap 64` (docs/isa.md section 11). */
#define TP_TRAP ".insn i 0x0b, 1, x0, x0, 64"
_Static_assert(TP_VECTOR_CALL == 64, "TP_TRAP has the number in it");

static inline int32_t tp_trap(uint32_t number, tp_word a0, tp_word a1, tp_word a2, tp_word a3,
                              tp_word a4, tp_word a5)
{
    register tp_word r0 __asm__("a0") = a0;
    register tp_word r1 __asm__("a1") = a1;
    register tp_word r2 __asm__("a2") = a2;
    register tp_word r3 __asm__("a3") = a3;
    register tp_word r4 __asm__("a4") = a4;
    register tp_word r5 __asm__("a5") = a5;
    register uint32_t r7 __asm__("a7") = number;

    __asm__ volatile(TP_TRAP
                     : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r7)
                     :
                     : "memory", "a6", "t0", "t1", "t2", "t3", "t4", "t5", "t6");
    return (int32_t)r0;
}

/* A call with words in a1 to a6, t0 and t1, both ways. */
static inline int32_t tp_trap_words(uint32_t number, uint32_t a0, struct tp_words *words)
{
    register uint32_t r0 __asm__("a0") = a0;
    register uint32_t r1 __asm__("a1") = words->word[0];
    register uint32_t r2 __asm__("a2") = words->word[1];
    register uint32_t r3 __asm__("a3") = words->word[2];
    register uint32_t r4 __asm__("a4") = words->word[3];
    register uint32_t r5 __asm__("a5") = words->word[4];
    register uint32_t r6 __asm__("a6") = words->word[5];
    register uint32_t r7 __asm__("a7") = number;
    register uint32_t r8 __asm__("t0") = words->word[6];
    register uint32_t r9 __asm__("t1") = words->word[7];

    __asm__ volatile(TP_TRAP
                     : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6),
                       "+r"(r7), "+r"(r8), "+r"(r9)
                     :
                     : "memory", "t2", "t3", "t4", "t5", "t6");
    *words = (struct tp_words){{r1, r2, r3, r4, r5, r6, r8, r9}};
    return (int32_t)r0;
}

/* --- The C library of programs ---------------------------------------------------------------------- */

/* By trap or by queue: asks the kernel how this process's calls are to go. At its start, and in the
 * child of a fork, which has no queue. */
void tp_choose_calls(void);

/* A call through the queue, which is open, and its result. */
int32_t tp_call_queued(uint32_t number, const tp_word *args);

#endif
