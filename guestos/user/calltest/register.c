/* Tests that a program's registers are its own: the same bit for bit, whatever happens in between. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calltest.h"

/* machine.s */
extern uint32_t found_registers[32];
void hold_registers(const uint32_t patterns[32], uint32_t loops);
void hold_over_call(const uint32_t patterns[32], uint32_t call);
uint32_t count_by_reservation(uint32_t loops);

static void make_patterns(uint32_t patterns[32], uint32_t seed)
{
    for (unsigned i = 0; i < 32; i++)
        patterns[i] = next_random(&seed);
}

static void hold(uint32_t seed, uint32_t loops)
{
    uint32_t patterns[32];

    make_patterns(patterns, seed);
    memset(found_registers, 0, sizeof found_registers);
    hold_registers(patterns, loops);
    for (unsigned i = 1; i < 31; i++)
        if (found_registers[i] != patterns[i])
            printf("register %u was 0x%08x, is 0x%08x\n", i, (unsigned)patterns[i],
                   (unsigned)found_registers[i]);
    CHECK(memcmp(found_registers + 1, patterns + 1, 30 * sizeof patterns[0]) == 0);
}

static void hold_for_long(void *argument)
{
    hold(*(uint32_t *)argument, 600000);
}

/* Several at once, longer than a time slice, so that they take turns. */
static void over_preemption(void)
{
    pid_t pids[10];

    for (uint32_t i = 0; i < 10; i++) {
        uint32_t seed = 1000 + i;

        pids[i] = start_child(hold_for_long, &seed);
    }
    for (unsigned i = 0; i < 10; i++)
        expect_exit(pids[i], 0);
}

static void make_interrupts(void *argument)
{
    static char bytes[8192];
    int file = open("f", O_CREAT | O_RDWR, 0666);

    (void)argument;
    for (;;) {
        CALL(TP_CALL_LSEEK, (uint32_t)file, 0, TP_SEEK_SET);
        CALL(TP_CALL_WRITE, (uint32_t)file, ADDRESS(bytes), sizeof bytes);
        CALL(TP_CALL_SYNC);
    }
}

static void over_interrupts(void)
{
    pid_t pid = start_child(make_interrupts, NULL);
    uint32_t before = kernel_counts().interrupts;

    for (uint32_t seed = 1; seed < 20; seed++)
        hold(seed, 100000);
    CHECK(kernel_counts().interrupts > before + 10);
    kill(pid, SIGKILL);
    expect_signal(pid, SIGKILL);
}

/* What a call keeps: ra, sp, gp, tp and s0 to s11. */
static void over_calls(void)
{
    static const uint32_t calls[] = {TP_CALL_NOTHING, TP_CALL_GETPID, TP_CALL_YIELD, TP_CALL_GETPPID, TP_CALL_SYNC,
                                     TP_CALL_COUNT, TP_CALL_CREATE};
    static const uint8_t kept[] = {1, 2, 3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27};
    uint32_t patterns[32];

    for (unsigned c = 0; c < sizeof calls / sizeof calls[0]; c++) {
        make_patterns(patterns, 77 + c);
        hold_over_call(patterns, calls[c]);
        for (unsigned i = 0; i < sizeof kept; i++)
            EQUAL(found_registers[kept[i]], patterns[kept[i]]);
    }
}

static void calls_under_load(void *argument)
{
    (void)argument;
    for (unsigned i = 0; i < 30; i++)
        over_calls();
}

static void over_calls_of_many(void)
{
    pid_t pids[6];

    for (unsigned i = 0; i < 6; i++)
        pids[i] = start_child(calls_under_load, NULL);
    for (unsigned i = 0; i < 6; i++)
        expect_exit(pids[i], 0);
}

/* Nothing that the kernel had in its hands: addresses of its own, above all. */
static void no_kernel_addresses_come_out(void)
{
    static const uint32_t calls[] = {TP_CALL_NOTHING, TP_CALL_GETPPID, TP_CALL_YIELD, TP_CALL_SYNC, TP_CALL_COUNT};
    uint32_t patterns[32] = {0};

    for (unsigned i = 0; i < 32; i++)
        patterns[i] = i;
    for (unsigned c = 0; c < sizeof calls / sizeof calls[0]; c++) {
        hold_over_call(patterns, calls[c]);
        for (unsigned i = 1; i < 31; i++) /* negative numbers are errors, not addresses */
            CHECK(found_registers[i] < TP_USER_END || found_registers[i] > 0xffffff00u);
    }
}

static void reserve(void *argument)
{
    (void)argument;
    EQUAL(count_by_reservation(50000), 50000);
}

static void reservations(void)
{
    pid_t pids[4];

    for (unsigned i = 0; i < 4; i++)
        pids[i] = start_child(reserve, NULL);
    for (unsigned i = 0; i < 4; i++)
        expect_exit(pids[i], 0);
}

static const struct test tests[] = {
    {"register_over_preemption", over_preemption},
    {"register_over_interrupts", over_interrupts},
    {"register_over_calls", over_calls},
    {"register_over_calls_of_many", over_calls_of_many},
    {"register_no_kernel_addresses_come_out", no_kernel_addresses_come_out},
    {"register_reservations", reservations},
};

const struct test_table register_tests = TEST_TABLE(tests);
