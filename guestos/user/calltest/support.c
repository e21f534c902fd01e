/* What the tests in the guest share: checks, children, patterns, counts. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calltest.h"

/* --- Checks --------------------------------------------------------------------------------------- */

static _Noreturn void fail(void)
{
    fflush(stdout);
    _exit(TEST_FAILED);
}

void check_true(bool is_true, const char *text, const char *file, int line)
{
    if (is_true)
        return;
    printf("%s:%d: not so: %s\n", file, line, text);
    fail();
}

void check_equal(long actual, long expected, const char *text, const char *expected_text,
                 const char *file, int line)
{
    if (actual == expected)
        return;
    printf("%s:%d: %s is %ld (0x%lx), expected %s = %ld\n", file, line, text, actual,
           (unsigned long)actual, expected_text, expected);
    fail();
}

void check_error(long result, int error, const char *text, const char *error_text, const char *file,
                 int line)
{
    if (result == -1 && errno == error)
        return;
    if (result == -1)
        printf("%s:%d: %s fails with %d, expected %s = %d\n", file, line, text, errno, error_text, error);
    else
        printf("%s:%d: %s is %ld, expected to fail with %s\n", file, line, text, result, error_text);
    fail();
}

/* --- Children ------------------------------------------------------------------------------------- */

pid_t start_child(void (*act)(void *), void *argument)
{
    pid_t pid;

    fflush(stdout);
    pid = fork();
    CHECK(pid >= 0);
    if (pid != 0)
        return pid;
    act(argument);
    fflush(stdout);
    _exit(0);
}

void expect_exit(pid_t pid, int code)
{
    int status = 0;

    EQUAL(waitpid(pid, &status, 0), pid);
    CHECK(WIFEXITED(status));
    EQUAL(WEXITSTATUS(status), code);
}

void expect_signal(pid_t pid, int signal)
{
    int status = 0;

    EQUAL(waitpid(pid, &status, 0), pid);
    CHECK(WIFSIGNALED(status));
    EQUAL(WTERMSIG(status), signal);
}

void in_child(void (*act)(void *), void *argument)
{
    expect_exit(start_child(act, argument), 0);
}

void in_child_signal(void (*act)(void *), void *argument, int signal)
{
    expect_signal(start_child(act, argument), signal);
}

void pause_ms(unsigned milliseconds)
{
    CALL(TP_CALL_SLEEP, milliseconds);
}

uint32_t own_endpoint(void)
{
    return (uint32_t)CALL(TP_CALL_ENDPOINT);
}

/* --- Patterns ------------------------------------------------------------------------------------- */

uint32_t next_random(uint32_t *state)
{
    /* Marsaglia's xorshift with 32 bits; 0 is the one state that it would never leave */
    uint32_t x = *state != 0 ? *state : 2463534242u;

    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    *state = x;
    return x;
}

static uint8_t pattern_byte(uint32_t offset, uint32_t seed)
{
    uint32_t word = ((offset >> 2) + seed) * 2654435761u;

    return (uint8_t)(word >> (8 + 8 * (offset & 1)) ^ offset);
}

void fill_pattern(void *to, uint32_t offset, uint32_t size, uint32_t seed)
{
    for (uint32_t i = 0; i < size; i++)
        ((uint8_t *)to)[i] = pattern_byte(offset + i, seed);
}

bool is_pattern(const void *from, uint32_t offset, uint32_t size, uint32_t seed)
{
    for (uint32_t i = 0; i < size; i++)
        if (((const uint8_t *)from)[i] != pattern_byte(offset + i, seed))
            return false;
    return true;
}

static uint8_t buffer[16384];

void write_pattern(int file, uint32_t offset, uint32_t size, uint32_t seed)
{
    for (uint32_t done = 0; done < size;) {
        uint32_t part = size - done < sizeof buffer ? size - done : (uint32_t)sizeof buffer;

        fill_pattern(buffer, offset + done, part, seed);
        EQUAL(write(file, buffer, part), part);
        done += part;
    }
}

void check_pattern(int file, uint32_t offset, uint32_t size, uint32_t seed)
{
    for (uint32_t done = 0; done < size;) {
        uint32_t part = size - done < sizeof buffer ? size - done : (uint32_t)sizeof buffer;

        EQUAL(read(file, buffer, part), part);
        CHECK(is_pattern(buffer, offset + done, part, seed));
        done += part;
    }
}

/* --- Counts --------------------------------------------------------------------------------------- */

struct file_counts file_counts(void)
{
    struct file_counts counts = {0};

    CHECK(CALL(TP_CALL_FILE_STATISTICS, ADDRESS(&counts), sizeof counts) >= 0);
    return counts;
}

struct tp_statistics kernel_counts(void)
{
    struct tp_statistics counts = {0};

    EQUAL(CALL(TP_CALL_STATISTICS, ADDRESS(&counts)), 0);
    return counts;
}
