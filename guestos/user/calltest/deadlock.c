/* Tests of deadlock: a send or call that would close a circle of waiting processes is refused. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calltest.h"

#define LONGEST 4

/* One of a circle: it is told whom to call, and calls. */
static void call_next(void *argument)
{
    struct tp_message message = {0};

    (void)argument;
    CHECK(CALL(TP_CALL_RECEIVE, TP_ENDPOINT_ANY, ADDRESS(&message)) >= 0);
    CALL(TP_CALL_CALL, message.words[0], ADDRESS(&message));
    _exit(1); /* it only ends by a signal */
}

/* Starts processes 1 to length - 1, each of which waits in a call to the one before, the first in one to this
 * process; then a call from here to the last would wait for ever. */
static void circle_of(unsigned length)
{
    uint32_t endpoints[LONGEST] = {own_endpoint()};
    uint32_t cycle[LONGEST + 2] = {0};
    struct tp_message message = {0};
    pid_t pids[LONGEST];

    for (unsigned i = 1; i < length; i++) {
        pids[i] = start_child(call_next, NULL);
        endpoints[i] = 0;
        for (unsigned tries = 0; tries < 100 && endpoints[i] == 0; tries++) {
            static struct tp_process_info list[TP_PROCESSES];
            int32_t count = CALL(TP_CALL_PROCESS_LIST, ADDRESS(list), sizeof list);

            for (int32_t k = 0; k < count; k++)
                if (list[k].pid == pids[i])
                    endpoints[i] = list[k].endpoint;
        }
        CHECK(endpoints[i] != 0);
        message.words[0] = endpoints[i - 1];
        EQUAL(CALL(TP_CALL_SEND, endpoints[i], ADDRESS(&message)), 0);
    }
    pause_ms(3); /* now they wait */
    EQUAL(CALL(TP_CALL_CALL, endpoints[length - 1], ADDRESS(&message)), -TP_EDEADLK);
    EQUAL(CALL(TP_CALL_WAITS, ADDRESS(cycle), sizeof cycle), length);
    for (unsigned i = 0; i < length; i++) {
        bool is_named = false;

        for (unsigned k = 0; k < length; k++)
            is_named = is_named || cycle[k] == endpoints[i];
        CHECK(is_named);
    }
    EQUAL(CALL(TP_CALL_SEND, endpoints[length - 1], ADDRESS(&message)), -TP_EDEADLK);
    for (unsigned i = length - 1; i > 0; i--) {
        kill(pids[i], SIGKILL);
        expect_signal(pids[i], SIGKILL);
    }
}

static void of_1(void)
{
    struct tp_message message = {0};
    uint32_t cycle[4] = {0};

    EQUAL(CALL(TP_CALL_SEND, own_endpoint(), ADDRESS(&message)), -TP_EDEADLK);
    EQUAL(CALL(TP_CALL_WAITS, ADDRESS(cycle), sizeof cycle), 1);
    EQUAL(cycle[0], own_endpoint());
    EQUAL(CALL(TP_CALL_CALL, own_endpoint(), ADDRESS(&message)), -TP_EDEADLK);
}

static void of_2(void)
{
    circle_of(2);
}

static void of_3(void)
{
    circle_of(3);
}

static void of_4(void)
{
    circle_of(4);
}

static uint32_t middle;

static void call_middle(void *argument)
{
    struct tp_message message = {0};

    (void)argument;
    CALL(TP_CALL_CALL, middle, ADDRESS(&message), 2000000);
}

/* One who waits for one who works is no circle. */
static void rows_are_not_circles(void)
{
    struct tp_message message = {0};
    pid_t pid;

    middle = own_endpoint();
    pid = start_child(call_middle, NULL);
    CHECK(CALL(TP_CALL_RECEIVE, TP_ENDPOINT_ANY, ADDRESS(&message)) >= 0);
    EQUAL(CALL(TP_CALL_REPLY, message.source, ADDRESS(&message)), 0);
    expect_exit(pid, 0);
}

static const struct test tests[] = {
    {"deadlock_of_1", of_1},
    {"deadlock_of_2", of_2},
    {"deadlock_of_3", of_3},
    {"deadlock_of_4", of_4},
    {"deadlock_rows_are_not_circles", rows_are_not_circles},
};

const struct test_table deadlock_tests = TEST_TABLE(tests);
