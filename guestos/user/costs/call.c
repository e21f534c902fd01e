/* Costs of calls, of faults, of processes; and the partner that some costs need. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "costs.h"
#include "turnpike.h"

void need(bool is_true, const char *text)
{
    if (is_true)
        return;
    printf("costs: not so: %s\n", text);
    exit(1);
}

static pid_t partner;

uint32_t start_partner(void (*act)(void))
{
    struct tp_message message = {0};
    uint32_t self = (uint32_t)call(TP_CALL_ENDPOINT, 0, 0, 0);

    fflush(stdout);
    partner = fork();
    NEED(partner >= 0);
    if (partner == 0) {
        call(TP_CALL_SEND, self, ADDRESS(&message), 0);
        act();
        _exit(0);
    }
    NEED(call(TP_CALL_RECEIVE, TP_ENDPOINT_ANY, ADDRESS(&message), 0) >= 0);
    return message.source;
}

void end_partner(void)
{
    kill(partner, SIGKILL);
    waitpid(partner, NULL, 0);
}

/* --- Calls ---------------------------------------------------------------------------------------- */

static uint32_t null_call(void)
{
    int32_t result;

    return cost_of_call(TP_CALL_NOTHING, 0, 0, 0, &result);
}

static uint32_t null_call_of_library(void)
{
    uint32_t before = insns();

    tp_nothing();
    return insns() - before - 1;
}

static uint32_t call_of_service(void)
{
    int32_t result;

    return cost_of_call(TP_CALL_PING, 0, 0, 0, &result);
}

static uint32_t break_zero(void)
{
    int32_t result;

    return cost_of_call(TP_CALL_SBRK, 0, 0, 0, &result);
}

/* --- Switches ------------------------------------------------------------------------------------- */

static void yield_for_ever(void)
{
    for (;;)
        call(TP_CALL_YIELD, 0, 0, 0);
}

static void start_yielder(void)
{
    start_partner(yield_for_ever);
}

/* There and back again: two switches, each with a trap and a return. */
static uint32_t yield_twice(void)
{
    int32_t result;

    return cost_of_call(TP_CALL_YIELD, 0, 0, 0, &result);
}

static uint32_t yield_alone(void)
{
    int32_t result;

    return cost_of_call(TP_CALL_YIELD, 0, 0, 0, &result);
}

/* --- Memory --------------------------------------------------------------------------------------- */

static volatile uint8_t *fresh;

static void make_fresh(void)
{
    uint8_t *end = sbrk((ptrdiff_t)(80 * TP_PAGE));

    NEED(end != (void *)-1);
    fresh = end + (TP_PAGE - ADDRESS(end) % TP_PAGE) % TP_PAGE;
}

/* The first touch of a page of the heap: fault, memory service, page, and the instruction again. */
static uint32_t page_fault(void)
{
    uint32_t before = insns();

    *fresh = 1;
    before = insns() - before;
    fresh += TP_PAGE;
    return before - 2; /* without the store that succeeds */
}

static _Alignas(TP_PAGE) uint8_t shared[32 * TP_PAGE];
static unsigned shared_page;

static void share(void)
{
    memset(shared, 1, sizeof shared);
    shared_page = 0;
    start_partner(yield_for_ever);
}

/* The first write to a page that a fork has shared. */
static uint32_t copy_on_write(void)
{
    volatile uint8_t *byte = &shared[TP_PAGE * shared_page++];
    uint32_t before = insns();

    *byte = 2;
    return insns() - before - 2;
}

/* --- Processes ------------------------------------------------------------------------------------ */

static uint32_t fork_exit_wait(void)
{
    uint32_t before = insns();
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    waitpid(pid, NULL, 0);
    return insns() - before - 1;
}

static uint32_t fork_exec_wait(void)
{
    static char *const arguments[] = {"true", NULL};
    uint32_t before = insns();
    pid_t pid = fork();

    if (pid == 0) {
        execv("/bin/true", arguments);
        _exit(1);
    }
    waitpid(pid, NULL, 0);
    return insns() - before - 1;
}

static const struct cost costs[] = {
    {"null", "a call that does nothing", NULL, NULL, null_call, 20},
    {"null-library", "the same, by the C library", NULL, NULL, null_call_of_library, 20},
    {"ping", "a service's call that does nothing", NULL, NULL, call_of_service, 20},
    {"sbrk-0", "asks the memory service for nothing", NULL, NULL, break_zero, 20},
    {"yield-alone", "lets others run, there are none", NULL, NULL, yield_alone, 20},
    {"yield-twice", "to another space and back", start_yielder, end_partner, yield_twice, 20},
    {"page-fault", "first touch of a page of the heap", make_fresh, NULL, page_fault, 20},
    {"copy-on-write", "first write to a shared page", share, end_partner, copy_on_write, 20},
    {"fork-exit-wait", "a child that ends at once", NULL, NULL, fork_exit_wait, 10},
    {"fork-exec-wait", "a child that runs /bin/true", NULL, NULL, fork_exec_wait, 10},
};

const struct cost_table call_costs = COST_TABLE(costs);
