/* Failing on purpose (turnpike/crash.h): the same in the kernel and in a server. */
#include "turnpike/crash.h"

#include "turnpike/service.h"

void tp_crash(enum tp_crash how)
{
    switch (how) {
    case TP_CRASH_FAULT: *(volatile uint32_t *)0 = 0; break;
    case TP_CRASH_EXIT: tp_fail("it was told to end (crash)");
    case TP_CRASH_LOOP: {
        uint64_t begin = tp_time();

        /* A server is found silent and ended by others. In the kernel nobody else is left to do that:
         * the loop ends itself when it would have been noticed. */
        while (tp_time() - begin < 2 * (uint64_t)TP_SILENCE)
            ;
        tp_fail("it was told to work for ever (crash), and nothing could interrupt it");
    }
    case TP_CRASH_MUTE: break;
    }
}
