/* ps: the processes. */
#include <stdio.h>

#include "turnpike.h"
#include "user.h"

static const char *state_of(const struct tp_process_info *info)
{
    static const char *const states[] = {[TP_RUN_FREE] = "free",       [TP_RUN_READY] = "ready",
                                         [TP_RUN_RUNNING] = "running", [TP_RUN_WAITING] = "waiting",
                                         [TP_RUN_STOPPED] = "stopped", [TP_RUN_DEAD] = "ended"};

    return info->state <= TP_RUN_DEAD ? states[info->state] : "?";
}

/* Services in the kernel have a place among the processes, but are none. */
static bool is_in_kernel(const struct tp_process_info *info)
{
    unsigned slot = TP_ENDPOINT_SLOT(info->endpoint);

    return slot < TP_SERVICE_COUNT && tp_placement((enum tp_service)slot) == TP_PLACE_KERNEL;
}

int main(int argc, char **argv)
{
    static struct tp_process_info infos[TP_PROCESSES];
    int count;

    (void)argv;
    if (argc > 1)
        return user_usage("ps");
    count = tp_processes(infos, sizeof infos);
    if (count < 0)
        return user_fail("ps", "processes");
    printf("%5s %5s %5s %4s %3s %6s %9s %9s  %-15s %s\n", "PID", "PPID", "GROUP", "RING", "CPU",
           "KIB", "CALLS", "SWITCHES", "NAME", "STATE");
    for (int i = 0; i < count; i++) {
        const struct tp_process_info *info = &infos[i];

        if (is_in_kernel(info))
            continue;
        printf("%5d %5d %5d %4u %3u %6u %9u %9u  %-15.15s %s", (int)info->pid, (int)info->parent,
               (int)info->group, (unsigned)info->ring, (unsigned)info->cpu,
               (unsigned)info->pages * 4, (unsigned)info->calls, (unsigned)info->switches,
               info->name, state_of(info));
        if (info->state == TP_RUN_WAITING)
            printf(info->pid ? " in %s" : " for requests", tp_call_name(info->waits_in));
        putchar('\n');
    }
    return 0;
}
