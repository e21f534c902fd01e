/* Tests of fork, wait, kill, groups and time. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calltest.h"

static void exit_with(void *argument)
{
    _exit(*(int *)argument);
}

static void exit_codes(void)
{
    static const int codes[] = {0, 1, 42, 127, 128, 255, 256, 511, -1};

    for (unsigned i = 0; i < sizeof codes / sizeof codes[0]; i++)
        expect_exit(start_child(exit_with, (void *)&codes[i]), codes[i] & 0xff);
}

static void family(void)
{
    pid_t self = getpid();
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0)
        _exit(getppid() == self && getpid() != self ? 0 : 1);
    CHECK(pid != self && pid > 1);
    EQUAL(getpid(), self);
    expect_exit(pid, 0);
}

static void sleep_long(void *argument)
{
    (void)argument;
    for (;;)
        pause_ms(1000000);
}

static void spin(void *argument)
{
    (void)argument;
    for (;;)
        __asm__ volatile("");
}

static void wait_chooses(void)
{
    int one = 1, two = 2, status = 0;
    pid_t first = start_child(exit_with, &one);
    pid_t second = start_child(exit_with, &two);

    EQUAL(waitpid(second, &status, 0), second);
    EQUAL(WEXITSTATUS(status), 2);
    EQUAL(waitpid(-1, &status, 0), first);
    EQUAL(WEXITSTATUS(status), 1);
    FAILS(waitpid(-1, &status, 0), ECHILD);
    FAILS(waitpid(first, &status, 0), ECHILD);
    FAILS(waitpid(1, &status, 0), ECHILD);
    FAILS(waitpid(getpid(), &status, 0), ECHILD);
}

static void wait_without_waiting(void)
{
    pid_t pid = start_child(sleep_long, NULL);
    int status = 77;

    EQUAL(waitpid(pid, &status, WNOHANG), 0);
    EQUAL(waitpid(-1, &status, WNOHANG), 0);
    EQUAL(kill(pid, SIGKILL), 0);
    EQUAL(waitpid(pid, &status, 0), pid);
    EQUAL(WTERMSIG(status), SIGKILL);
    FAILS(waitpid(-1, &status, WNOHANG), ECHILD);
}

static void wait_without_status(void)
{
    int code = 5;
    pid_t pid = start_child(exit_with, &code);

    EQUAL(waitpid(pid, NULL, 0), pid);
}

static void kill_whatever_it_does(void)
{
    static void (*const acts[])(void *) = {sleep_long, spin};
    static const int signals[] = {SIGKILL, SIGTERM, SIGINT, SIGHUP};

    for (unsigned i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        pid_t pid = start_child(acts[i % 2], NULL);

        pause_ms(i); /* before it has run, and after */
        EQUAL(kill(pid, signals[i]), 0);
        expect_signal(pid, signals[i]);
        FAILS(kill(pid, SIGKILL), ESRCH);
    }
}

static void kill_errors(void)
{
    FAILS(kill(30000, SIGKILL), ESRCH);
    FAILS(kill(30000, 0), ESRCH);
    FAILS(kill(getpid(), 1000), EINVAL);
    FAILS(kill(getpid(), -1), EINVAL);
    FAILS(kill(-30000, SIGTERM), ESRCH);
    EQUAL(kill(getpid(), 0), 0);
    EQUAL(kill(getppid(), 0), 0);
    FAILS(kill(0x7fffffff, 0), ESRCH);
}

static void process_1_lives_on(void)
{
    kill(1, SIGKILL);
    kill(1, SIGTERM);
    EQUAL(kill(1, 0), 0);
}

static void zombies_can_be_asked_for(void)
{
    int code = 0;
    pid_t pid = start_child(exit_with, &code);

    pause_ms(5);
    EQUAL(kill(pid, 0), 0); /* POSIX: a process is there until it has been waited for */
    EQUAL(kill(pid, SIGKILL), 0);
    expect_exit(pid, 0);
}

static void kill_itself(void *argument)
{
    kill(getpid(), *(int *)argument);
    _exit(1);
}

static void own_signal(void)
{
    int signal = SIGTERM;

    in_child_signal(kill_itself, &signal, SIGTERM);
    signal = SIGABRT;
    in_child_signal(kill_itself, &signal, SIGABRT);
}

static void ignored_by_default(void *argument)
{
    (void)argument;
    EQUAL(kill(getpid(), SIGCHLD), 0);
}

static void sigchld_does_nothing(void)
{
    in_child(ignored_by_default, NULL);
}

static void two_in_a_group(void *argument)
{
    (void)argument;
    EQUAL(setpgid(0, 0), 0);
    start_child(sleep_long, NULL);
    sleep_long(NULL);
}

static void groups(void)
{
    pid_t pid = start_child(two_in_a_group, NULL);

    EQUAL(getpgid(0), getpgid(getpid()));
    for (unsigned i = 0; i < 100 && getpgid(pid) != pid; i++)
        pause_ms(1);
    EQUAL(getpgid(pid), pid);
    EQUAL(kill(-pid, 0), 0);
    EQUAL(kill(-pid, SIGTERM), 0);
    expect_signal(pid, SIGTERM);
    for (unsigned i = 0; i < 100 && kill(-pid, 0) == 0; i++)
        pause_ms(1); /* its child has to be buried by process 1 */
    FAILS(kill(-pid, 0), ESRCH);
    FAILS(getpgid(30000), ESRCH);
    FAILS(setpgid(30000, 0), ESRCH);
    FAILS(setpgid(0, -5), EINVAL);
}

static void leave_orphan(void *argument)
{
    int *ends = argument;

    fflush(stdout);
    if (fork() == 0) {
        pid_t parent;

        pause_ms(5);
        parent = getppid();
        write(ends[1], &parent, sizeof parent);
        _exit(0);
    }
}

static void orphans_go_to_process_1(void)
{
    pid_t parent = 0;
    int ends[2];

    EQUAL(pipe(ends), 0);
    in_child(leave_orphan, ends);
    EQUAL(read(ends[0], &parent, sizeof parent), sizeof parent);
    EQUAL(parent, 1);
    close(ends[0]);
    close(ends[1]);
}

static void many_at_once(void)
{
    pid_t pids[40];
    int code = 3;

    for (unsigned i = 0; i < 40; i++)
        pids[i] = start_child(exit_with, &code);
    for (unsigned i = 40; i > 0; i--)
        expect_exit(pids[i - 1], 3);
}

static void one_after_the_other(void)
{
    int code = 0;

    for (unsigned i = 0; i < 200; i++) /* more than there are slots */
        expect_exit(start_child(exit_with, &code), 0);
}

static void processes_run_out(void)
{
    pid_t pids[TP_PROCESSES];
    unsigned count = 0;
    pid_t pid;

    fflush(stdout);
    while (count < TP_PROCESSES && (pid = fork()) >= 0) {
        if (pid == 0)
            sleep_long(NULL);
        pids[count++] = pid;
    }
    EQUAL(pid, -1);
    CHECK(errno == EAGAIN || errno == ENOMEM);
    CHECK(count > 20);
    for (unsigned i = 0; i < count; i++)
        EQUAL(kill(pids[i], SIGKILL), 0);
    for (unsigned i = 0; i < count; i++)
        expect_signal(pids[i], SIGKILL);
    in_child(exit_with, &(int){0});
}

static void fork_deeper(unsigned depth)
{
    int status = 0;
    pid_t pid;

    if (depth == 0)
        _exit(7);
    pid = fork();
    if (pid == 0)
        fork_deeper(depth - 1);
    if (waitpid(pid, &status, 0) != pid)
        _exit(TEST_FAILED);
    _exit(WEXITSTATUS(status));
}

static void generations(void)
{
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0)
        fork_deeper(20);
    expect_exit(pid, 7);
}

static void descriptors_are_shared_with_children(void)
{
    int file = open("f", O_CREAT | O_RDWR, 0666);
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        write(file, "child", 5);
        close(file);
        _exit(0);
    }
    expect_exit(pid, 0);
    EQUAL(lseek(file, 0, SEEK_CUR), 5); /* one open file, one offset */
    EQUAL(write(file, "parent", 6), 6);
    EQUAL(close(file), 0);
}

static void sleeping_takes_time(void)
{
    uint32_t before = now_ticks();

    pause_ms(7);
    CHECK(now_ticks() - before >= 7 * TICKS_PER_MS);
    CHECK(now_ticks() - before < 20 * TICKS_PER_MS);
    EQUAL(CALL(TP_CALL_SLEEP, 0), 0);
}

static void time_goes_on(void)
{
    uint32_t last = (uint32_t)CALL(TP_CALL_UPTIME);

    for (unsigned i = 0; i < 100; i++) {
        uint32_t now = (uint32_t)CALL(TP_CALL_UPTIME);

        CHECK(now >= last);
        last = now;
    }
    pause_ms(3);
    CHECK((uint32_t)CALL(TP_CALL_UPTIME) >= last + 3);
}

static void sleepers_wake_in_order(void)
{
    static const unsigned times[] = {9, 3, 6, 1};
    char order[4];
    int ends[2];

    EQUAL(pipe(ends), 0);
    fflush(stdout);
    for (unsigned i = 0; i < 4; i++) {
        if (fork() == 0) {
            char name = (char)('0' + times[i]);

            pause_ms(times[i] * 3);
            write(ends[1], &name, 1);
            _exit(0);
        }
    }
    for (unsigned i = 0; i < 4; i++) {
        CHECK(wait(NULL) > 0);
        EQUAL(read(ends[0], &order[i], 1), 1);
    }
    EQUAL(memcmp(order, "1369", 4), 0);
    close(ends[0]);
    close(ends[1]);
}

static void list_has_us(void)
{
    static struct tp_process_info list[TP_PROCESSES];
    int32_t count = CALL(TP_CALL_PROCESS_LIST, ADDRESS(list), sizeof list);
    bool is_there = false;

    CHECK(count > 1);
    for (int32_t i = 0; i < count; i++) {
        if (list[i].pid != getpid())
            continue;
        is_there = true;
        EQUAL(list[i].parent, getppid());
        EQUAL(list[i].ring, 3);
        EQUAL(list[i].endpoint, own_endpoint());
        EQUAL(strcmp(list[i].name, "calltest"), 0);
    }
    CHECK(is_there);
    CHECK(CALL(TP_CALL_PROCESS_LIST, ADDRESS(list), sizeof list[0]) <= 1);
}

static const struct test tests[] = {
    {"process_exit_codes", exit_codes},
    {"process_family", family},
    {"process_wait_chooses", wait_chooses},
    {"process_wait_without_waiting", wait_without_waiting},
    {"process_wait_without_status", wait_without_status},
    {"process_kill_whatever_it_does", kill_whatever_it_does},
    {"process_kill_errors", kill_errors},
    {"process_1_lives_on", process_1_lives_on},
    {"process_zombies_can_be_asked_for", zombies_can_be_asked_for},
    {"process_own_signal", own_signal},
    {"process_sigchld_does_nothing", sigchld_does_nothing},
    {"process_groups", groups},
    {"process_orphans_go_to_process_1", orphans_go_to_process_1},
    {"process_many_at_once", many_at_once},
    {"process_one_after_the_other", one_after_the_other},
    {"process_run_out", processes_run_out},
    {"process_generations", generations},
    {"process_descriptors_are_shared_with_children", descriptors_are_shared_with_children},
    {"process_sleeping_takes_time", sleeping_takes_time},
    {"process_time_goes_on", time_goes_on},
    {"process_sleepers_wake_in_order", sleepers_wake_in_order},
    {"process_list_has_us", list_has_us},
};

const struct test_table process_tests = TEST_TABLE(tests);
