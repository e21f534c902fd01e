/* Tests with several processes at work at once: on several CPUs really at once, on one in turns. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calltest.h"

#define WORKERS 4

/* Runs act with 0 to WORKERS - 1 in children, all at once. */
static void all_at_once(void (*act)(void *))
{
    pid_t pids[WORKERS];

    for (unsigned i = 0; i < WORKERS; i++)
        pids[i] = start_child(act, &i);
    for (unsigned i = 0; i < WORKERS; i++)
        expect_exit(pids[i], 0);
}

static uint32_t number_of(void *argument)
{
    return *(unsigned *)argument;
}

static void use_files(void *argument)
{
    uint32_t number = number_of(argument);
    char name[16];

    for (unsigned round = 0; round < 5; round++) {
        int file;

        snprintf(name, sizeof name, "f%u", (unsigned)number);
        file = open(name, O_CREAT | O_EXCL | O_RDWR, 0666);
        CHECK(file >= 0);
        write_pattern(file, 0, 20000, number);
        EQUAL(lseek(file, 0, SEEK_SET), 0);
        check_pattern(file, 0, 20000, number);
        EQUAL(close(file), 0);
        EQUAL(unlink(name), 0);
    }
}

static void files(void)
{
    all_at_once(use_files);
}

static void use_one_directory(void *argument)
{
    uint32_t number = number_of(argument);
    char name[16], other[16];

    for (unsigned i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "n%u.%u", (unsigned)number, i);
        snprintf(other, sizeof other, "m%u.%u", (unsigned)number, i);
        EQUAL(close(open(name, O_CREAT | O_EXCL | O_RDWR, 0666)), 0);
        EQUAL(rename(name, other), 0);
        EQUAL(link(other, name), 0);
        EQUAL(unlink(other), 0);
        EQUAL(unlink(name), 0);
    }
}

static void names(void)
{
    all_at_once(use_one_directory);
}

static void fork_often(void *argument)
{
    uint32_t number = number_of(argument);

    for (unsigned i = 0; i < 15; i++) {
        pid_t pid = fork();

        CHECK(pid >= 0);
        if (pid == 0)
            _exit((int)number);
        expect_exit(pid, (int)number);
    }
}

static void forks(void)
{
    all_at_once(fork_often);
}

static void echo_pipe(int from, int to)
{
    uint32_t word;

    while (read(from, &word, sizeof word) == sizeof word) {
        word++;
        EQUAL(write(to, &word, sizeof word), sizeof word);
    }
    _exit(0);
}

static void use_pipes(void *argument)
{
    uint32_t number = number_of(argument);
    int there[2], back[2];
    pid_t pid;

    EQUAL(pipe(there), 0);
    EQUAL(pipe(back), 0);
    pid = fork();
    if (pid == 0) {
        close(there[1]);
        echo_pipe(there[0], back[1]);
    }
    for (uint32_t i = 0; i < 100; i++) {
        uint32_t word = number * 1000 + i;

        EQUAL(write(there[1], &word, sizeof word), sizeof word);
        EQUAL(read(back[0], &word, sizeof word), sizeof word);
        EQUAL(word, number * 1000 + i + 1);
    }
    close(there[1]);
    expect_exit(pid, 0);
}

static void pipes(void)
{
    all_at_once(use_pipes);
}

static uint32_t server;

static void serve(void *argument)
{
    struct tp_message message;

    (void)argument;
    CHECK(CALL(TP_CALL_RECEIVE, TP_ENDPOINT_ANY, ADDRESS(&message)) >= 0);
    for (;;) {
        message.words[1] = message.words[0] * 3;
        CHECK(CALL(TP_CALL_REPLY_RECEIVE, message.source, ADDRESS(&message)) >= 0);
    }
}

static void introduce_and_serve(void *argument)
{
    struct tp_message message = {0};

    EQUAL(CALL(TP_CALL_SEND, server, ADDRESS(&message)), 0); /* not yet its own: the parent's */
    serve(argument);
}

static void ask(void *argument)
{
    uint32_t number = number_of(argument);

    for (uint32_t i = 0; i < 200; i++) {
        struct tp_message message = {0, 1, {number * 1000 + i}};

        EQUAL(CALL(TP_CALL_CALL, server, ADDRESS(&message)), 0);
        EQUAL(message.words[0], number * 1000 + i);
        EQUAL(message.words[1], (number * 1000 + i) * 3);
    }
}

static void messages(void)
{
    struct tp_message message;
    pid_t pid;

    server = own_endpoint();
    pid = start_child(introduce_and_serve, NULL);
    CHECK(CALL(TP_CALL_RECEIVE, TP_ENDPOINT_ANY, ADDRESS(&message)) >= 0);
    server = message.source;
    all_at_once(ask);
    kill(pid, SIGKILL);
    expect_signal(pid, SIGKILL);
}

static void compute(void *argument)
{
    uint32_t state = 1 + number_of(argument);
    uint32_t sum = 0;

    for (unsigned i = 0; i < 200000; i++)
        sum += next_random(&state);
    CHECK(sum != 0);
}

/* Those who compute and those who call, all mixed. */
static void everything(void)
{
    static void (*const acts[])(void *) = {use_files, fork_often, use_pipes, compute, compute, use_one_directory};
    pid_t pids[6];

    for (unsigned i = 0; i < 6; i++)
        pids[i] = start_child(acts[i], &i);
    for (unsigned i = 0; i < 6; i++)
        expect_exit(pids[i], 0);
}

static void spin(void *argument)
{
    (void)argument;
    for (;;)
        __asm__ volatile("");
}

static void kill_who_runs_elsewhere(void)
{
    for (unsigned i = 0; i < 30; i++) {
        pid_t pid = start_child(spin, NULL);

        if (i % 3 != 0)
            pause_ms(i % 3);
        EQUAL(kill(pid, SIGKILL), 0);
        expect_signal(pid, SIGKILL);
    }
}

static const struct test tests[] = {
    {"cpu_files", files},
    {"cpu_names", names},
    {"cpu_forks", forks},
    {"cpu_pipes", pipes},
    {"cpu_messages", messages},
    {"cpu_everything", everything},
    {"cpu_kill_who_runs_elsewhere", kill_who_runs_elsewhere},
};

const struct test_table cpu_tests = TEST_TABLE(tests);
