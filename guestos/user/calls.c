/*
 * calls: what calls cost. Without arguments all that were counted in the system; with a command, what that
 * one made, and those that it started.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "turnpike.h"
#include "user.h"

static struct tp_call_cost before[TP_CALL_COUNT], after[TP_CALL_COUNT];

static int compare(const void *a, const void *b)
{
    uint32_t left = after[*(const unsigned char *)a].insns;
    uint32_t right = after[*(const unsigned char *)b].insns;

    return left < right ? 1 : left > right ? -1 : *(const unsigned char *)a - *(const unsigned char *)b;
}

static void print_row(const char *name, const char *service, const char *where,
                      const struct tp_call_cost *cost)
{
    fprintf(stderr, "%-20s %-9s %-7s %9u %12u %9u\n", name, service, where, (unsigned)cost->count,
            (unsigned)cost->insns, cost->count ? (unsigned)(cost->insns / cost->count) : 0);
}

/* The rows of after, the dearest first; how many. */
static size_t print_table(void)
{
    static unsigned char order[TP_CALL_COUNT];
    struct tp_call_cost total = {0};
    size_t rows = 0;

    _Static_assert(TP_CALL_COUNT <= 256, "numbers of calls fit a byte");
    for (unsigned i = 0; i < TP_CALL_COUNT; i++)
        if (after[i].count > 0)
            order[rows++] = (unsigned char)i;
    qsort(order, rows, sizeof *order, compare);
    fprintf(stderr, "%-20s %-9s %-7s %9s %12s %9s\n", "CALL", "SERVICE", "WHERE", "COUNT",
            "INSTRUCTIONS", "EACH");
    for (size_t i = 0; i < rows; i++) {
        const struct tp_call_cost *cost = &after[order[i]];
        unsigned service = tp_call_service(order[i]);
        int is_server = tp_placement((enum tp_service)service) == TP_PLACE_SERVER;

        print_row(tp_call_name(order[i]), tp_service_name(service), is_server ? "server" : "kernel",
                  cost);
        total.count += cost->count;
        total.insns += cost->insns;
    }
    print_row("all", "", "", &total);
    return rows;
}

/* Runs the command; its status. */
static int run(char **words)
{
    int status = 0;
    pid_t child = fork();

    if (child < 0)
        return user_fail("calls", words[0]);
    if (child == 0) {
        execvp(words[0], words);
        _exit(user_fail("calls", words[0]) + 126);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
    int status = 0;

    if (argc > 1 && argv[1][0] == '-')
        return user_usage("calls [PROGRAM [WORD...]]");
    if (argc == 1) {
        if (tp_call_costs(after, sizeof after, 1) < 0)
            return user_fail("calls", "costs");
        if (print_table() == 0)
            fputs("calls: nothing was counted yet; boot with account=1, or use calls PROGRAM\n",
                  stderr);
        return 0;
    }
    if (tp_account(1) < 0 || tp_call_costs(before, sizeof before, 0) < 0)
        return user_fail("calls", "costs");
    status = run(argv + 1);
    if (tp_call_costs(after, sizeof after, 0) < 0)
        return user_fail("calls", "costs");
    tp_account(0);
    for (unsigned i = 0; i < TP_CALL_COUNT; i++) {
        after[i].count -= before[i].count;
        after[i].insns -= before[i].insns;
    }
    after[TP_CALL_CALL_COSTS].count = 0; /* our own, to look */
    print_table();
    return status;
}
