/* How a call is made: through the gate. */
#include "turnpike.h"

int32_t tp_call_words(uint32_t number, tp_word a0, tp_word a1, tp_word a2, tp_word a3, tp_word a4,
                      tp_word a5)
{
    register tp_word r0 __asm__("a0") = a0;
    register tp_word r1 __asm__("a1") = a1;
    register tp_word r2 __asm__("a2") = a2;
    register tp_word r3 __asm__("a3") = a3;
    register tp_word r4 __asm__("a4") = a4;
    register tp_word r5 __asm__("a5") = a5;
    register uint32_t r7 __asm__("a7") = number;

    __asm__ volatile(".insn i 0x0b, 1, x0, x0, 64"
                     : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r7)
                     :
                     : "memory", "a6", "t0", "t1", "t2", "t3", "t4", "t5", "t6");
    return (int32_t)r0;
}
