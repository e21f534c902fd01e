/* Tests with programs that mean harm: wild pointers everywhere, random calls, bombs. The kernel and the others go on. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calltest.h"

/* Addresses where a program has nothing to read or write. */
static const uint32_t nowhere[] = {1, 0x7ff, TP_PAGE, TP_USER_FIRST - 1, 0x40000000, 0x80000001, TP_USER_END,
    TP_USER_END + 1, 0xc0001000, 0xc0100003, 0xd0000000, 0xf0000000, 0xfffff000, 0xfffffffc, 0xffffffff,
    TP_STACK_TOP + TP_PAGE, TP_USER_END - 4 * TP_PAGE, TP_STACK_TOP - 2 * TP_STACK_BYTES};

#define NOWHERE (sizeof nowhere / sizeof nowhere[0])

/* The call with good memory for all its ranges but one. */
static int32_t call_with(uint32_t call, const struct range *bad, uint32_t address, uint32_t length)
{
    static uint8_t good[2][4096];
    uint32_t args[TP_ARGUMENTS] = {0};
    const struct call_row *row = &call_rows[call];

    for (unsigned i = 0; i < 2; i++) {
        const struct range *range = &row->ranges[i];

        if (range->kind == RANGE_NONE)
            continue;
        args[range->address] = ADDRESS(good[i]);
        if (range->length >= 0)
            args[range->length] = length;
    }
    args[bad->address] = address;
    return tp_trap(call, args[0], args[1], args[2], args[3], args[4], args[5]);
}

static void expect_fault(uint32_t call, const struct range *range, uint32_t address, uint32_t length)
{
    int32_t result = call_with(call, range, address, length);

    if (result != -TP_EFAULT)
        printf("%s, address 0x%08x, length 0x%x: answers %d\n", call_rows[call].name, (unsigned)address,
               (unsigned)length, (int)result);
    EQUAL(result, -TP_EFAULT);
}

/* Each range of each call, each address: EFAULT, and before anything else is done. */
static void wild_pointers(void)
{
    static const uint32_t lengths[] = {1, 64, 4096, 0x7fffffff, 0x80000000, 0xffffffff};

    for (uint32_t call = 0; call < TP_CALL_COUNT; call++) {
        for (unsigned r = 0; r < 2; r++) {
            const struct range *range = &call_rows[call].ranges[r];

            if (call_rows[call].who != CALL_FOR_ALL || range->kind == RANGE_NONE)
                continue;
            for (unsigned i = 0; i < NOWHERE; i++)
                for (unsigned k = 0; k < (range->length >= 0 ? 6 : 1); k++)
                    expect_fault(call, range, nowhere[i], lengths[k]);
        }
    }
}

/* Memory that begins well and ends badly; and code, which is not to be written. */
static void ranges_that_leave_memory(void)
{
    uint8_t *end = sbrk(0);

    sbrk((ptrdiff_t)(TP_PAGE - (uint32_t)(uintptr_t)end % TP_PAGE));
    end = sbrk(0);
    memset(end - 16, 'x', 16);
    for (uint32_t call = 0; call < TP_CALL_COUNT; call++) {
        for (unsigned r = 0; r < 2; r++) {
            const struct range *range = &call_rows[call].ranges[r];

            if (call_rows[call].who != CALL_FOR_ALL || range->kind == RANGE_NONE)
                continue;
            if (range->kind == RANGE_PATH || range->length >= 0 || range->bytes > 3)
                expect_fault(call, range, ADDRESS(end - 3), 64);
            if (range->kind == RANGE_OUT)
                expect_fault(call, range, ADDRESS(wild_pointers), 64);
        }
    }
}

/* --- Random calls --------------------------------------------------------------------------------- */

/* Calls that would end others, talk on the terminal, or switch the machine's arrangement. */
static bool is_spared(uint32_t call)
{
    return call == TP_CALL_KILL || call == TP_CALL_CRASH || call == TP_CALL_POWER_OFF || call == TP_CALL_EXIT ||
           call == TP_CALL_TERMINAL_MODE || call == TP_CALL_FOREGROUND;
}

static uint32_t random_word(uint32_t *state)
{
    static uint8_t memory[8192];
    uint32_t value = next_random(state);

    switch (next_random(state) % 10) {
    case 0:
        return value;
    case 1:
        return nowhere[value % NOWHERE];
    case 2:
    case 3:
        return ADDRESS(memory) + value % sizeof memory;
    case 4:
        return own_endpoint();
    case 5:
        return value % TP_SERVICE_COUNT;
    case 6:
        return 0;
    case 7:
        return 0u - value % 5;
    default:
        return value % 40;
    }
}

static void random_calls_of(void *argument)
{
    uint32_t state = *(uint32_t *)argument;

    for (int file = 0; file < 3; file++)
        close(file);
    for (unsigned i = 0; i < 400; i++) {
        uint32_t call = next_random(&state) % (TP_CALL_COUNT + 2);
        uint32_t args[TP_ARGUMENTS];
        int32_t result;

        for (unsigned k = 0; k < TP_ARGUMENTS; k++)
            args[k] = random_word(&state);
        if (is_spared(call))
            continue;
        if (call == TP_CALL_SLEEP || call == TP_CALL_SEND || call == TP_CALL_RECEIVE || call == TP_CALL_CALL)
            args[call == TP_CALL_SLEEP ? 0 : 2] = 1 + args[2] % 100;
        result = tp_trap(call, args[0], args[1], args[2], args[3], args[4], args[5]);
        if (call == TP_CALL_FORK && result == 0)
            CALL(TP_CALL_EXIT, 0);
    }
    CALL(TP_CALL_EXIT, 0);
}

static void random_calls(void)
{
    for (uint32_t seed = 1; seed <= 30; seed++) {
        uint32_t own_seed = seed * 7919;
        pid_t pid = start_child(random_calls_of, &own_seed);
        int status = 0;

        for (unsigned i = 0; i < 20 && waitpid(pid, &status, WNOHANG) == 0; i++)
            pause_ms(1);
        kill(pid, SIGKILL); /* it waits for a message, perhaps */
        waitpid(pid, &status, 0);
        EQUAL(CALL(TP_CALL_PING, seed), seed);
    }
}

/* --- Bombs ---------------------------------------------------------------------------------------- */

static void fork_for_ever(void *argument)
{
    (void)argument;
    for (;;)
        if (CALL(TP_CALL_FORK) < 0)
            CALL(TP_CALL_YIELD);
}

static void fork_bomb(void)
{
    pid_t pid = start_child(fork_for_ever, NULL);

    CALL(TP_CALL_SETPGID, (uint32_t)pid, (uint32_t)pid);
    pause_ms(30);
    EQUAL(CALL(TP_CALL_PING, 1), 1);
    kill(-pid, SIGKILL);
    expect_signal(pid, SIGKILL);
    /* each signal ends those who are there; those who are being made meanwhile take another one */
    for (unsigned i = 0; i < 1000 && kill(-pid, SIGKILL) == 0; i++)
        pause_ms(1);
    FAILS(kill(-pid, SIGKILL), ESRCH);
}

static void open_for_ever(void *argument)
{
    int ends[2];

    (void)argument;
    while (pipe(ends) == 0)
        continue;
    CHECK(errno == EMFILE || errno == ENFILE);
    pause_ms(1000000);
}

static void descriptor_bomb(void)
{
    pid_t pids[12];

    for (unsigned i = 0; i < 12; i++)
        pids[i] = start_child(open_for_ever, NULL);
    pause_ms(10);
    EQUAL(chdir("."), 0);
    for (unsigned i = 0; i < 12; i++) {
        EQUAL(kill(pids[i], SIGKILL), 0);
        expect_signal(pids[i], SIGKILL);
    }
    int file = open("f", O_CREAT | O_RDWR, 0666);
    CHECK(file >= 0);
    close(file);
}

static void spin(void *argument)
{
    (void)argument;
    for (;;)
        __asm__ volatile("");
}

static void spinners_leave_time_for_others(void)
{
    uint32_t before = now_ticks();
    pid_t pids[8];

    for (unsigned i = 0; i < 8; i++)
        pids[i] = start_child(spin, NULL);
    for (unsigned i = 0; i < 20; i++)
        EQUAL(CALL(TP_CALL_PING, i), i);
    pause_ms(2);
    CHECK(now_ticks() - before < 1000 * TICKS_PER_MS);
    for (unsigned i = 0; i < 8; i++) {
        kill(pids[i], SIGKILL);
        expect_signal(pids[i], SIGKILL);
    }
}

/* --- Names that are not one's own ----------------------------------------------------------------- */

static void forged_handles(void)
{
    for (uint32_t i = 0; i < 64; i++) {
        CHECK(CALL(TP_CALL_ANSWER, i, 0) < 0);
        CHECK(CALL(TP_CALL_COPY_OUT, i, 1, 0, ADDRESS(&i), 4) < 0);
        CHECK(CALL(TP_CALL_SPACE_WRITE, i, 0x10000, ADDRESS(&i), 4) < 0);
        CHECK(CALL(TP_CALL_STOP, i) < 0);
    }
    CHECK(CALL(TP_CALL_FILE_EXIT, 1) < 0);
    CHECK(CALL(TP_CALL_FAULTED, TP_SIGSEGV, 0, 0) < 0);
}

static const struct test tests[] = {
    {"hostile_wild_pointers", wild_pointers},
    {"hostile_ranges_that_leave_memory", ranges_that_leave_memory},
    {"hostile_random_calls", random_calls},
    {"hostile_fork_bomb", fork_bomb},
    {"hostile_descriptor_bomb", descriptor_bomb},
    {"hostile_spinners_leave_time_for_others", spinners_leave_time_for_others},
    {"hostile_forged_handles", forged_handles},
};

const struct test_table hostile_tests = TEST_TABLE(tests);
