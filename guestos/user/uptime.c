/* uptime: virtual time since power-on, and what the system has done in it. */
#include <stdio.h>

#include "turnpike.h"
#include "user.h"

int main(int argc, char **argv)
{
    struct tp_statistics statistics;
    unsigned milliseconds = tp_uptime_ms();

    (void)argv;
    if (argc > 1)
        return user_usage("uptime");
    if (tp_statistics(&statistics) < 0)
        return user_fail("uptime", "statistics");
    printf("up %u.%03u s, %u processes, %u of %u KiB free\n", milliseconds / 1000,
           milliseconds % 1000, (unsigned)statistics.processes,
           (unsigned)statistics.pages_free * 4, (unsigned)statistics.pages_total * 4);
    printf("%u calls by trap, %u messages, %u interrupts, %u switches, %u KiB copied\n",
           (unsigned)statistics.traps, (unsigned)statistics.messages,
           (unsigned)statistics.interrupts, (unsigned)statistics.switches,
           (unsigned)statistics.copied_bytes / 1024);
    return 0;
}
