/* Tests of queues that a program writes nonsense into: the nonsense is refused, others do not notice. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "queue.h"

static void bad_entries_are_answered(void)
{
    static const uint32_t calls[] = {TP_CALL_COUNT, 0xffffffff, 0x80000000, TP_CALL_FORK, TP_CALL_EXIT,
        TP_CALL_SEND, TP_CALL_RECEIVE, TP_CALL_QUEUE_ENTER, TP_CALL_QUEUE_OPEN, TP_CALL_YIELD, TP_CALL_CREATE,
        TP_CALL_DISK_READ, TP_CALL_SPACE_WRITE, TP_CALL_POWER, TP_CALL_SERVE, TP_CALL_FAULTED};
    uint32_t refused, not_for_queues = 0;

    queue_open();
    refused = QUEUE->refused;
    for (uint32_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        queue_put(calls[i], i, 0, 0, 0);
    CHECK(queue_enter(sizeof calls / sizeof calls[0]) >= 0);
    for (uint32_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        struct tp_completion completion = queue_collect();

        EQUAL(completion.tag, i);
        CHECK(completion.result < 0);
        not_for_queues += calls[i] >= TP_CALL_COUNT || call_rows[calls[i]].is_alone;
    }
    EQUAL(QUEUE->refused - refused, not_for_queues);
}

static void bad_memory_is_answered(void)
{
    queue_open();
    queue_put(TP_CALL_STATISTICS, 1, 0xc0001000, 0, 0);
    queue_put(TP_CALL_OPEN, 2, 16, 0, 0);
    queue_put(TP_CALL_WRITE, 3, 1, 0xbffffff0, 0x1000);
    queue_put(TP_CALL_READ, 4, 0, ADDRESS(bad_memory_is_answered), 4);
    queue_put(TP_CALL_STATISTICS, 5, TP_QUEUE_ADDRESS + 4090, 0, 0); /* partly beyond the queue's page */
    CHECK(queue_enter(5) >= 0);
    for (unsigned i = 0; i < 5; i++)
        EQUAL(queue_collect().result, -TP_EFAULT);
}

/* Entries that change after they were taken mean what they meant then. */
static void changes_come_too_late(void)
{
    char byte[2] = "";
    int ends[2];

    EQUAL(pipe(ends), 0);
    queue_open();
    queue_put(TP_CALL_READ, 1, (uint32_t)ends[0], ADDRESS(&byte[0]), 1);
    CHECK(queue_enter(0) >= 0);
    for (unsigned i = 0; i < TP_QUEUE_ENTRIES; i++) {
        QUEUE->entries[i].call = TP_CALL_EXIT;
        QUEUE->entries[i].args[1] = 0xc0001000;
        QUEUE->entries[i].args[2] = 0xffffffff;
        QUEUE->entries[i].tag = 99;
    }
    EQUAL(CALL(TP_CALL_WRITE, (uint32_t)ends[1], ADDRESS("xy"), 2), 2);
    CHECK(queue_enter(1) >= 0);
    struct tp_completion completion = queue_collect();
    EQUAL(completion.tag, 1);
    EQUAL(completion.result, 1);
    EQUAL(byte[0], 'x');
    EQUAL(byte[1], 0);
}

/* Writes the indices, asks for them to be looked at, and ends however that ends. */
struct forgery {
    int32_t submitted, taken, completed, collected;
};

static void forge(void *argument)
{
    const struct forgery *forgery = argument;

    queue_open();
    queue_put(TP_CALL_NOTHING, 1, 0, 0, 0);
    QUEUE->submitted += (uint32_t)forgery->submitted;
    QUEUE->taken += (uint32_t)forgery->taken;
    QUEUE->completed += (uint32_t)forgery->completed;
    QUEUE->collected += (uint32_t)forgery->collected;
    CALL(TP_CALL_QUEUE_ENTER, 0);
    CALL(TP_CALL_YIELD);
    CALL(TP_CALL_EXIT, 0);
}

static void forged_indices(void)
{
    static const struct forgery forgeries[] = {
        {1000, 0, 0, 0}, {-5, 0, 0, 0}, {0x7fffffff, 0, 0, 0}, {64, 0, 0, 0}, {0, 1000, 0, 0},
        {0, -1000, 0, 0}, {0, 0, 1000, 0}, {0, 0, -1000, 0}, {0, 0, 0, 1000}, {0, 0, 0, -1000},
        {-1, -1, -1, -1}, {0x40000000, 0x40000000, 0x40000000, 0x40000000}, {0, 0, 0, -200}};

    for (unsigned i = 0; i < sizeof forgeries / sizeof forgeries[0]; i++) {
        int status = 0;
        pid_t pid = start_child(forge, (void *)&forgeries[i]);

        EQUAL(waitpid(pid, &status, 0), pid);
        CHECK(status == 0 || WIFSIGNALED(status)); /* nothing, or its own end */
    }
    EQUAL(CALL(TP_CALL_PING, 9), 9);
}

/* The page keeps changing under the kernel's eyes. */
static void random_page(void *argument)
{
    volatile uint32_t *words = (volatile uint32_t *)TP_QUEUE_ADDRESS;
    uint32_t state = *(uint32_t *)argument;

    queue_open();
    for (unsigned round = 0; round < 30; round++) {
        for (unsigned i = 0; i < 6 + TP_QUEUE_ENTRIES * 8; i++) {
            uint32_t value = next_random(&state);

            if (i >= 8 && i % 8 == 0) /* call: mostly one that exists, never one that ends or talks */
                value %= 4 * TP_CALL_COUNT;
            if (i >= 8 && i % 8 == 0 && (value == TP_CALL_KILL || value == TP_CALL_CRASH ||
                                         value == TP_CALL_WRITE || value == TP_CALL_POWER_OFF ||
                                         value == TP_CALL_FOREGROUND || value == TP_CALL_TERMINAL_MODE))
                value = TP_CALL_COUNT;
            words[i] = i == 0 ? words[1] + value % 80 : i < 6 && value % 4 != 0 ? words[i] : value;
        }
        CALL(TP_CALL_QUEUE_ENTER, 0);
    }
    CALL(TP_CALL_EXIT, 0);
}

static void random_queues(void)
{
    for (uint32_t seed = 1; seed <= 10; seed++) {
        int status = 0;
        pid_t pid = start_child(random_page, &seed);

        for (unsigned i = 0; i < 50 && waitpid(pid, &status, WNOHANG) == 0; i++)
            pause_ms(1);
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        EQUAL(CALL(TP_CALL_PING, (uint32_t)seed), seed);
    }
}

static void enter_without_queue(void *argument)
{
    (void)argument;
    if (CALL(TP_CALL_QUEUE_OPEN, 0) == 0)
        CHECK(queue_enter(0) < 0);
}

static void no_queue(void)
{
    in_child(enter_without_queue, NULL);
}

static void wait_for_what_cannot_come(void *argument)
{
    (void)argument;
    queue_open();
    CALL(TP_CALL_QUEUE_ENTER, 5); /* nothing is in flight: an error or for ever, but not a crash */
    CALL(TP_CALL_EXIT, 0);
}

static void waiting_for_nothing(void)
{
    int status = 0;
    pid_t pid = start_child(wait_for_what_cannot_come, NULL);

    for (unsigned i = 0; i < 20 && waitpid(pid, &status, WNOHANG) == 0; i++)
        pause_ms(1);
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
}

static const struct test tests[] = {
    {"queue_bad_entries_are_answered", bad_entries_are_answered},
    {"queue_bad_memory_is_answered", bad_memory_is_answered},
    {"queue_changes_come_too_late", changes_come_too_late},
    {"queue_forged_indices", forged_indices},
    {"queue_random_queues", random_queues},
    {"queue_no_queue", no_queue},
    {"queue_waiting_for_nothing", waiting_for_nothing},
};

const struct test_table queue_misuse_tests = TEST_TABLE(tests);
