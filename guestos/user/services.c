/* services: where each service lives, and how often it was started anew. */
#include <stdio.h>

#include "turnpike.h"
#include "user.h"

int main(int argc, char **argv)
{
    static const struct {
        unsigned ring;
        const char *meaning;
    } rows[] = {
#define TP_SERVICE(id, name, ring, interrupts, code, meaning) {ring, meaning},
#include "turnpike/services.def"
    };
    uint32_t restarts[TP_SERVICE_COUNT] = {0};

    (void)argv;
    if (argc > 1)
        return user_usage("services");
    if (tp_restarts(restarts, sizeof restarts) < 0)
        user_fail("services", "restarts");
    printf("%-9s %-7s %4s %8s  %s\n", "SERVICE", "WHERE", "RING", "RESTARTS", "WHAT");
    for (unsigned i = 0; i < TP_SERVICE_COUNT; i++) {
        int is_server = tp_placement((enum tp_service)i) == TP_PLACE_SERVER;

        printf("%-9s %-7s %4u %8u  %s\n", tp_service_name(i), is_server ? "server" : "kernel",
               is_server ? rows[i].ring : 0, (unsigned)restarts[i], rows[i].meaning);
    }
    return 0;
}
