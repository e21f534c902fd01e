/* Tests of queues: batches, order, full rings, waiting, forks and ends with requests in flight. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "queue.h"

static void one_request(void)
{
    struct tp_completion completion;
    uint32_t pid = (uint32_t)getpid();

    queue_open();
    queue_put(TP_CALL_GETPID, 0xabcdef01, 0, 0, 0);
    CHECK(queue_enter(1) >= 0);
    EQUAL(queue_ready(), 1);
    completion = queue_collect();
    EQUAL(completion.tag, 0xabcdef01);
    EQUAL(completion.result, pid);
}

static void batch_of(uint32_t count)
{
    uint8_t is_answered[TP_QUEUE_ENTRIES] = {0};

    for (uint32_t i = 0; i < count; i++)
        queue_put(i % 2 != 0 ? TP_CALL_PING : TP_CALL_NOTHING, i, 1000 + i, 0, 0);
    CHECK(queue_enter(count) >= 0);
    EQUAL(QUEUE->taken, QUEUE->submitted);
    EQUAL(queue_ready(), count);
    for (uint32_t i = 0; i < count; i++) {
        struct tp_completion completion = queue_collect();

        CHECK(completion.tag < count);
        EQUAL(is_answered[completion.tag]++, 0);
        EQUAL(completion.result, completion.tag % 2 != 0 ? 1000 + completion.tag : 0);
    }
}

static void batches(void)
{
    queue_open();
    for (uint32_t count = 1; count <= TP_QUEUE_ENTRIES; count += 7)
        batch_of(count);
    batch_of(TP_QUEUE_ENTRIES);
    for (unsigned i = 0; i < 50; i++) /* around the ring many times */
        batch_of(13);
}

static void requests_of_one_service_stay_in_order(void)
{
    static char text[40];
    char got[40];
    int ends[2];

    EQUAL(pipe(ends), 0);
    queue_open();
    for (uint32_t i = 0; i < sizeof text; i++) {
        text[i] = (char)('A' + i);
        queue_put(TP_CALL_WRITE, i, (uint32_t)ends[1], ADDRESS(&text[i]), 1);
    }
    CHECK(queue_enter(sizeof text) >= 0);
    for (uint32_t i = 0; i < sizeof text; i++)
        EQUAL(queue_collect().result, 1);
    EQUAL(CALL(TP_CALL_READ, (uint32_t)ends[0], ADDRESS(got), sizeof got), sizeof got);
    EQUAL(memcmp(text, got, sizeof got), 0);
}

static void answers_come_when_they_can(void)
{
    char byte[2] = "";
    int ends[2];

    EQUAL(pipe(ends), 0);
    queue_open();
    queue_put(TP_CALL_READ, 1, (uint32_t)ends[0], ADDRESS(&byte[0]), 1);
    queue_put(TP_CALL_NOTHING, 2, 0, 0, 0);
    CHECK(queue_enter(1) >= 0);
    EQUAL(queue_collect().tag, 2); /* it does not wait for the one before */
    EQUAL(queue_ready(), 0);
    EQUAL(CALL(TP_CALL_WRITE, (uint32_t)ends[1], ADDRESS("x"), 1), 1);
    CHECK(queue_enter(1) >= 0);
    EQUAL(queue_collect().tag, 1);
    EQUAL(byte[0], 'x');
}

/* Completions that nobody collects: the kernel takes no more than it can answer, and loses none. */
static void no_completion_is_lost(void)
{
    uint32_t count = 3 * TP_QUEUE_COMPLETIONS;
    uint32_t put = 0;
    uint32_t collected = 0;

    queue_open();
    while (put < count && QUEUE->submitted - QUEUE->taken < TP_QUEUE_ENTRIES) {
        queue_put(TP_CALL_NOTHING, put++, 0, 0, 0);
        if (QUEUE->submitted - QUEUE->taken == TP_QUEUE_ENTRIES)
            CHECK(queue_enter(0) >= 0);
    }
    CHECK(put >= TP_QUEUE_COMPLETIONS);
    CHECK(queue_ready() <= TP_QUEUE_COMPLETIONS);
    while (collected < put) {
        EQUAL(queue_collect().tag, collected);
        collected++;
        if (queue_ready() == 0 && collected < put)
            CHECK(queue_enter(1) >= 0);
    }
    EQUAL(queue_ready(), 0);
}

static void the_kernel_looks_by_itself(void)
{
    uint32_t before;

    queue_open();
    queue_put(TP_CALL_NOTHING, 5, 0, 0, 0);
    before = now_ticks();
    while (queue_ready() == 0 && now_ticks() - before < 100 * TICKS_PER_MS)
        continue; /* no call: only the timer's interrupts, or a CPU that polls */
    EQUAL(queue_collect().tag, 5);
}

static void memory_that_is_not_there_yet(void)
{
    uint8_t *memory = sbrk(8 * TP_PAGE);
    int ends[2];

    EQUAL(pipe(ends), 0);
    queue_open();
    queue_put(TP_CALL_WRITE, 1, (uint32_t)ends[1], ADDRESS(memory + TP_PAGE), 16);
    CHECK(queue_enter(1) >= 0);
    EQUAL(queue_collect().result, 16);
    queue_put(TP_CALL_READ, 2, (uint32_t)ends[0], ADDRESS(memory + 4 * TP_PAGE - 8), 16);
    CHECK(queue_enter(1) >= 0);
    EQUAL(queue_collect().result, 16);
    EQUAL(memory[4 * TP_PAGE + 7], 0);
}

/* Many reads that nobody will answer. */
static void leave_in_flight(void *argument)
{
    static char bytes[TP_QUEUE_ENTRIES];
    int *ends = argument;

    queue_open();
    for (uint32_t i = 0; i < TP_QUEUE_ENTRIES; i++)
        queue_put(TP_CALL_READ, i, (uint32_t)ends[0], ADDRESS(&bytes[i]), 1);
    CHECK(queue_enter(0) >= 0);
}

static void leave_in_flight_and_rest(void *argument)
{
    leave_in_flight(argument);
    pause_ms(1000000);
}

static void leave_in_flight_and_exec(void *argument)
{
    leave_in_flight(argument);
    execv("/bin/calltest", (char *[]){"calltest", "-x", "fresh", NULL});
    _exit(TEST_FAILED);
}

static void ends_with_requests_in_flight(void)
{
    int ends[2];
    pid_t pid;

    EQUAL(pipe(ends), 0);
    in_child(leave_in_flight, ends);
    pid = start_child(leave_in_flight_and_rest, ends);
    pause_ms(5);
    EQUAL(kill(pid, SIGKILL), 0);
    expect_signal(pid, SIGKILL);
    in_child(leave_in_flight_and_exec, ends);
    EQUAL(write(ends[1], "still there", 11), 11);
    char text[16];
    EQUAL(read(ends[0], text, sizeof text), 11); /* the dead have read none of it */
    close(ends[0]);
    close(ends[1]);
}

static void use_own_queue(void *argument)
{
    (void)argument;
    queue_open();
    batch_of(10);
}

static void forks_have_queues_of_their_own(void)
{
    char byte = 0;
    int ends[2];

    EQUAL(pipe(ends), 0);
    queue_open();
    queue_put(TP_CALL_READ, 77, (uint32_t)ends[0], ADDRESS(&byte), 1);
    CHECK(queue_enter(0) >= 0);
    pid_t pid = (pid_t)CALL(TP_CALL_FORK);
    if (pid == 0) {
        use_own_queue(NULL);
        CALL(TP_CALL_EXIT, 0);
    }
    int status = -1;
    EQUAL(CALL(TP_CALL_WAIT, (uint32_t)pid, ADDRESS(&status), 0), pid);
    EQUAL(status, 0);
    EQUAL(queue_ready(), 0);
    EQUAL(CALL(TP_CALL_WRITE, (uint32_t)ends[1], ADDRESS("y"), 1), 1);
    CHECK(queue_enter(1) >= 0);
    EQUAL(queue_collect().tag, 77);
    EQUAL(byte, 'y');
}

static void many_queues(void)
{
    int ends[2];
    pid_t pids[20];

    EQUAL(pipe(ends), 0);
    for (unsigned i = 0; i < 20; i++)
        pids[i] = start_child(leave_in_flight_and_rest, ends);
    pause_ms(20); /* 1280 requests would be more than there are; others must not suffer */
    EQUAL(CALL(TP_CALL_PING, 3), 3);
    EQUAL(CALL(TP_CALL_GETPPID) > 0, 1);
    for (unsigned i = 0; i < 20; i++) {
        kill(pids[i], SIGKILL);
        waitpid(pids[i], NULL, 0);
    }
    in_child(use_own_queue, NULL);
    close(ends[0]);
    close(ends[1]);
}

static const struct test tests[] = {
    {"queue_one_request", one_request},
    {"queue_batches", batches},
    {"queue_requests_of_one_service_stay_in_order", requests_of_one_service_stay_in_order},
    {"queue_answers_come_when_they_can", answers_come_when_they_can},
    {"queue_no_completion_is_lost", no_completion_is_lost},
    {"queue_the_kernel_looks_by_itself", the_kernel_looks_by_itself},
    {"queue_memory_that_is_not_there_yet", memory_that_is_not_there_yet},
    {"queue_ends_with_requests_in_flight", ends_with_requests_in_flight},
    {"queue_forks_have_queues_of_their_own", forks_have_queues_of_their_own},
    {"queue_many_queues", many_queues},
};

const struct test_table queue_tests = TEST_TABLE(tests);
