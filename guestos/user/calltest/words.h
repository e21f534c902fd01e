/* Messages in registers: the calls that carry type and seven words without touching memory. */
#ifndef CALLTEST_WORDS_H
#define CALLTEST_WORDS_H

#include <stdint.h>

#include "turnpike/abi.h"

#define REGISTER_WORDS 7 /* words of a message that travel in registers, after its type */

/* The call with the message in registers, both ways; the result is a0's. */
static inline int32_t call_words(uint32_t call, uint32_t endpoint, struct tp_message *message)
{
    register uint32_t a0 __asm__("a0") = endpoint;
    register uint32_t a1 __asm__("a1") = message->type;
    register uint32_t a2 __asm__("a2") = message->words[0];
    register uint32_t a3 __asm__("a3") = message->words[1];
    register uint32_t a4 __asm__("a4") = message->words[2];
    register uint32_t a5 __asm__("a5") = message->words[3];
    register uint32_t a6 __asm__("a6") = message->words[4];
    register uint32_t a7 __asm__("a7") = call;
    register uint32_t t0 __asm__("t0") = message->words[5];
    register uint32_t t1 __asm__("t1") = message->words[6];

    __asm__ volatile(".insn i 0x0b, 1, x0, x0, 64"
                     : "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3), "+r"(a4), "+r"(a5), "+r"(a6),
                       "+r"(a7), "+r"(t0), "+r"(t1)
                     :
                     : "t2", "t3", "t4", "t5", "t6", "memory");
    message->type = a1;
    message->words[0] = a2;
    message->words[1] = a3;
    message->words[2] = a4;
    message->words[3] = a5;
    message->words[4] = a6;
    message->words[5] = t0;
    message->words[6] = t1;
    return (int32_t)a0;
}

#endif
