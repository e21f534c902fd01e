/* crash: makes a service fail on purpose, to see what becomes of the system. */
#include <stdio.h>
#include <string.h>

#include "turnpike.h"
#include "user.h"

static const struct {
    enum tp_crash how;
    const char *name;
} ways[] = {
    {TP_CRASH_FAULT, "fault"},
    {TP_CRASH_EXIT, "exit"},
    {TP_CRASH_LOOP, "loop"},
    {TP_CRASH_MUTE, "mute"},
};

static int usage(void)
{
    dprintf(2,
            "usage: crash SERVICE [fault|exit|loop|mute [N]]\n"
            "SERVICE fails so (fault if none is named) at the Nth request from now (1). Services:");
    for (unsigned i = TP_SERVICE_SYSTEM + 1; i < TP_SERVICE_COUNT; i++)
        dprintf(2, " %s", tp_service_name(i));
    dprintf(2, "\n");
    return 2;
}

int main(int argc, char **argv)
{
    const unsigned way_count = sizeof ways / sizeof ways[0];
    unsigned service = TP_SERVICE_SYSTEM + 1, way = 0, requests = 1;

    if (argc < 2 || argc > 4)
        return usage();
    while (service < TP_SERVICE_COUNT && strcmp(argv[1], tp_service_name(service)) != 0)
        service++;
    while (argc > 2 && way < way_count && strcmp(argv[2], ways[way].name) != 0)
        way++;
    if (service == TP_SERVICE_COUNT || way == way_count ||
        (argc > 3 && (!user_number(argv[3], 1000000000, &requests) || requests == 0)))
        return usage();
    if (tp_crash((enum tp_service)service, ways[way].how, requests) < 0)
        return user_fail("crash", argv[1]);
    return 0;
}
