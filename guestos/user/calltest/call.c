/* Tests of the calls that the other files do not come to, and of what holds for all rows of calls.def. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calltest.h"

static void unknown_numbers(void)
{
    static const uint32_t numbers[] = {TP_CALL_COUNT, TP_CALL_COUNT + 1, 255, 256, 4096, 0x7fffffff, 0x80000000,
                                       0xffffffff, 0xc0001000, (uint32_t)-TP_CALL_COUNT};

    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        EQUAL(CALL(numbers[i]), -TP_ENOSYS);
}

static void what_is_for_services_is_refused(void)
{
    uint32_t state = 99;

    for (uint32_t call = 0; call < TP_CALL_COUNT; call++) {
        if (call_rows[call].who == CALL_FOR_ALL)
            continue;
        EQUAL(CALL(call), -TP_EPERM);
        for (unsigned i = 0; i < 10; i++) {
            uint32_t a = next_random(&state), b = next_random(&state), c = next_random(&state);

            EQUAL(CALL(call, a, b, c, ADDRESS(&state), 4), -TP_EPERM);
        }
    }
}

static void nothing_and_identity(void)
{
    EQUAL(CALL(TP_CALL_NOTHING), 0);
    EQUAL(CALL(TP_CALL_NOTHING, 1, 2, 3, 4, 5, 6), 0);
    EQUAL(CALL(TP_CALL_GETPID), getpid());
    EQUAL(CALL(TP_CALL_ENDPOINT), own_endpoint());
    CHECK(TP_ENDPOINT_SLOT(own_endpoint()) >= TP_FIRST_PROCESS_SLOT);
    CHECK(TP_ENDPOINT_SLOT(own_endpoint()) < TP_PROCESSES);
    EQUAL(CALL(TP_CALL_YIELD), 0);
    EQUAL(CALL(TP_CALL_PING, 7), 7);
    EQUAL(CALL(TP_CALL_PING, 0x7fffffff), 0x7fffffff);
}

static void boot_words(void)
{
    char words[256];
    char part[4] = "zzz";
    int32_t length = CALL(TP_CALL_BOOT_WORDS, ADDRESS(words), sizeof words);

    CHECK(length >= 0 && (size_t)length < sizeof words);
    EQUAL(CALL(TP_CALL_BOOT_WORDS, ADDRESS(part), 2), length);
    EQUAL(part[2], 'z');
    EQUAL(CALL(TP_CALL_BOOT_WORDS, 0, 0), length);
}

static void statistics(void)
{
    struct tp_statistics before = kernel_counts();
    struct tp_statistics after;

    CHECK(before.pages_free < before.pages_total);
    CHECK(before.processes > 1);
    for (unsigned i = 0; i < 10; i++)
        CALL(TP_CALL_GETPPID);
    after = kernel_counts();
    CHECK(after.traps >= before.traps + 10);
}

static void costs_are_counted(void)
{
    static struct tp_call_cost costs[TP_CALL_COUNT];

    EQUAL(CALL(TP_CALL_ACCOUNT, 1), 0);
    for (unsigned i = 0; i < 25; i++)
        CALL(TP_CALL_GETPPID);
    CHECK(CALL(TP_CALL_CALL_COSTS, ADDRESS(costs), sizeof costs, 0) >= 0);
    EQUAL(costs[TP_CALL_GETPPID].count, 25);
    CHECK(costs[TP_CALL_GETPPID].insns > 25 * 10);
    CHECK(CALL(TP_CALL_CALL_COSTS, ADDRESS(costs), sizeof costs, 1) >= 0);
    CHECK(costs[TP_CALL_GETPPID].count >= 25);
    EQUAL(CALL(TP_CALL_ACCOUNT, 0), 0);
}

static void placements(void)
{
    EQUAL(CALL(TP_CALL_PLACEMENT, TP_SERVICE_SYSTEM), TP_PLACE_KERNEL);
    for (uint32_t service = 1; service < TP_SERVICE_COUNT; service++) {
        int32_t place = CALL(TP_CALL_PLACEMENT, service);

        CHECK(place == TP_PLACE_KERNEL || place == TP_PLACE_SERVER);
    }
    EQUAL(CALL(TP_CALL_PLACEMENT, TP_SERVICE_COUNT), -TP_EINVAL);
    EQUAL(CALL(TP_CALL_PLACEMENT, 0xffffffff), -TP_EINVAL);
}

static void ways_to_ask(void)
{
    EQUAL(CALL(TP_CALL_SET_CALLS, 2), -TP_EINVAL);
    EQUAL(CALL(TP_CALL_SET_CALLS, 0xffffffff), -TP_EINVAL);
    CHECK(CALL(TP_CALL_SET_CALLS, TP_CALLS_TRAP) >= 0);
}

static void terminal(void)
{
    int32_t mode = CALL(TP_CALL_TERMINAL_MODE, 0xffffffff);
    int32_t group = CALL(TP_CALL_FOREGROUND, 0xffffffff);

    CHECK(mode >= 0 && mode <= 3);
    EQUAL(CALL(TP_CALL_TERMINAL_MODE, 0), mode);
    EQUAL(CALL(TP_CALL_TERMINAL_MODE, (uint32_t)mode), 0);
    EQUAL(CALL(TP_CALL_TERMINAL_MODE, 0xffffffff), mode);
    EQUAL(CALL(TP_CALL_FOREGROUND, 0xffffffff), group);
}

static void sound(void)
{
    static int16_t samples[64];

    EQUAL(CALL(TP_CALL_SOUND_TONE, 440, 100, 5), 0);
    EQUAL(CALL(TP_CALL_SOUND_TONE, 0, 0, 5), 0);
    CHECK(CALL(TP_CALL_SOUND_RATE, 8000) >= 0);
    EQUAL(CALL(TP_CALL_SOUND_RATE, 0), 8000);
    EQUAL(CALL(TP_CALL_SOUND_RATE, 1), -TP_EINVAL);
    EQUAL(CALL(TP_CALL_SOUND_RATE, 0xffffffff), -TP_EINVAL);
    CHECK(CALL(TP_CALL_SOUND_WRITE, ADDRESS(samples), sizeof samples) >= 0);
}

static void disk_and_restarts(void)
{
    uint32_t restarts[TP_SERVICE_COUNT];

    CHECK(CALL(TP_CALL_DISK_INFO) > 1000);
    CHECK(CALL(TP_CALL_RESTART_LIST, ADDRESS(restarts), sizeof restarts) >= 0);
    CHECK(CALL(TP_CALL_CRASH, TP_SERVICE_COUNT, TP_CRASH_FAULT, 1) < 0);
    CHECK(CALL(TP_CALL_CRASH, TP_SERVICE_SYSTEM, TP_CRASH_FAULT, 1) < 0);
    CHECK(CALL(TP_CALL_CRASH, TP_SERVICE_DISK, 77, 1) < 0);
}

static void control_is_for_devices(void)
{
    uint32_t words[4] = {0};
    int file = open("f", O_CREAT | O_RDWR, 0666);

    CHECK(CALL(TP_CALL_CONTROL, (uint32_t)file, 0, ADDRESS(words)) < 0);
    CHECK(CALL(TP_CALL_CONTROL, 31, 0, ADDRESS(words)) < 0);
    CHECK(CALL(TP_CALL_CONTROL, 1, 0xffff, ADDRESS(words)) < 0);
    close(file);
}

/* Memory that a call names is named to its last byte. */
static void ranges_end_where_they_end(void)
{
    uint8_t *end = sbrk(0);
    uint8_t *page;
    char name[] = "f";

    sbrk((ptrdiff_t)((TP_PAGE - (uint32_t)(uintptr_t)end % TP_PAGE) % TP_PAGE + 2 * TP_PAGE));
    end = sbrk(0);
    page = end - TP_PAGE; /* the last page of the heap; behind it is nothing */
    memset(page, 0, TP_PAGE);
    memcpy(end - 2, name, 2);
    EQUAL(close(open((char *)end - 2, O_CREAT | O_RDWR, 0666)), 0);
    EQUAL(CALL(TP_CALL_STATISTICS, ADDRESS(end - sizeof(struct tp_statistics))), 0);
    EQUAL(CALL(TP_CALL_STATISTICS, ADDRESS(end - sizeof(struct tp_statistics) + 1)), -TP_EFAULT);
    EQUAL(CALL(TP_CALL_STAT, ADDRESS(name), ADDRESS(end - sizeof(struct tp_stat))), 0);
    EQUAL(CALL(TP_CALL_STAT, ADDRESS(name), ADDRESS(end - sizeof(struct tp_stat) + 1)), -TP_EFAULT);
    EQUAL(CALL(TP_CALL_STAT, ADDRESS(name), ADDRESS(end)), -TP_EFAULT);
    end[-1] = 'x'; /* a path without an end, up to the end of memory */
    EQUAL(CALL(TP_CALL_OPEN, ADDRESS(end - 1), 0), -TP_EFAULT);
    EQUAL(CALL(TP_CALL_OPEN, ADDRESS(end), 0), -TP_EFAULT);
}

/* Odd addresses are as good as even ones. */
static void odd_addresses(void)
{
    static uint8_t memory[sizeof(struct tp_statistics) + 8];
    struct tp_statistics counts;

    for (unsigned i = 0; i < 4; i++) {
        memset(memory, 0xee, sizeof memory);
        EQUAL(CALL(TP_CALL_STATISTICS, ADDRESS(memory + i)), 0);
        memcpy(&counts, memory + i, sizeof counts);
        CHECK(counts.processes > 1 && counts.processes < TP_PROCESSES);
        EQUAL(memory[i + sizeof counts], 0xee);
    }
}

static const struct test tests[] = {
    {"call_unknown_numbers", unknown_numbers},
    {"call_what_is_for_services_is_refused", what_is_for_services_is_refused},
    {"call_nothing_and_identity", nothing_and_identity},
    {"call_boot_words", boot_words},
    {"call_statistics", statistics},
    {"call_costs_are_counted", costs_are_counted},
    {"call_placements", placements},
    {"call_ways_to_ask", ways_to_ask},
    {"call_terminal", terminal},
    {"call_sound", sound},
    {"call_disk_and_restarts", disk_and_restarts},
    {"call_control_is_for_devices", control_is_for_devices},
    {"call_ranges_end_where_they_end", ranges_end_where_they_end},
    {"call_odd_addresses", odd_addresses},
};

const struct test_table call_tests = TEST_TABLE(tests);
