/*
 * What the tests inside the guest share. A test is a row (name, function) of its file's table. Each runs
 * in a child of its own, in an empty directory of its own, in a process group of its own; what it leaves
 * behind when it has ended - processes, memory, files, requests - is a failure of its own.
 *
 * Calls are made in two ways: by the C library (open, read, ...), which asks as the boot words say, and by
 * CALL, which is always the trap itself and may say anything.
 */
#ifndef CALLTEST_H
#define CALLTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "leaks.h"
#include "lib/gate.h"
#include "tg32.h"

struct test {
    const char *name;
    void (*run)(void);
};

struct test_table {
    const struct test *tests;
    unsigned count;
};

#define TEST_TABLE(tests) {(tests), sizeof(tests) / sizeof(tests)[0]}

/* A table for each file of tests, in the order in which they run. */
extern const struct test_table call_tests, file_tests, space_tests, pipe_tests, process_tests,
    program_tests, memory_tests, message_tests, deadlock_tests, grant_tests, queue_tests, queue_misuse_tests,
    register_tests, ring_tests, hostile_tests, cpu_tests;

/* --- Checks: the first that fails ends its process with TEST_FAILED and says where --------------- */

#define TEST_FAILED 99

#define CHECK(condition) check_true((condition), #condition, __FILE__, __LINE__)
#define EQUAL(actual, expected)                                                                    \
    check_equal((long)(actual), (long)(expected), #actual, #expected, __FILE__, __LINE__)
/* A library function that is to fail: result -1 and errno. */
#define FAILS(expression, error)                                                                   \
    check_error((long)(expression), (error), #expression, #error, __FILE__, __LINE__)

void check_true(bool is_true, const char *text, const char *file, int line);
void check_equal(long actual, long expected, const char *text, const char *expected_text,
                 const char *file, int line);
void check_error(long result, int error, const char *text, const char *error_text, const char *file,
                 int line);

/* --- Calls ---------------------------------------------------------------------------------------- */

#define ADDRESS(pointer) ((uint32_t)(uintptr_t)(pointer))

/* The trap with the arguments that are given, the rest 0; result as the kernel gives it, errors negative. */
#define CALL_7(c, b0, b1, b2, b3, b4, b5, ...) tp_trap((c), (b0), (b1), (b2), (b3), (b4), (b5))
#define CALL(...) CALL_7(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

/* The row of calls.def, as data. */
enum range_kind { RANGE_NONE, RANGE_PATH, RANGE_IN, RANGE_OUT };

struct range {
    enum range_kind kind;
    uint8_t address;  /* the argument that says where */
    int8_t length;    /* the argument that says how much, or -1 */
    uint32_t bytes;   /* how much, where no argument says it */
};

struct call_row {
    const char *name;
    enum tp_service service;
    uint32_t who; /* mask of services; CALL_FOR_ALL: programs too */
    struct range ranges[2];
    bool is_alone;
};

#define CALL_FOR_ALL (1u << 31)

extern const struct call_row call_rows[TP_CALL_COUNT];

/* --- Help for tests ------------------------------------------------------------------------------- */

/* Ticks of virtual time, modulo 2^32; instructions of the CPU that it runs on. */
static inline uint32_t now_ticks(void)
{
    return tg_rdcr(TG_CR_TIME);
}

#define TICKS_PER_MS 100000u

void pause_ms(unsigned milliseconds);

uint32_t own_endpoint(void);

/* Runs act(argument) in a child, which then exits with 0 unless act ended it; the child's pid. */
pid_t start_child(void (*act)(void *), void *argument);

/* Waits for that child, and demands the status. */
void expect_exit(pid_t pid, int code);
void expect_signal(pid_t pid, int signal);

/* start_child, then expect_exit with 0, or expect_signal. */
void in_child(void (*act)(void *), void *argument);
void in_child_signal(void (*act)(void *), void *argument, int signal);

/* Starts this program as `calltest -x NAME ARGUMENTS...`: the function of that name in program.c. */
int helper_main(int argc, char **argv);

/* A file of `size` bytes whose byte at offset i is pattern_byte(i, seed), and the check of it. */
void write_pattern(int file, uint32_t offset, uint32_t size, uint32_t seed);
void check_pattern(int file, uint32_t offset, uint32_t size, uint32_t seed);
void fill_pattern(void *to, uint32_t offset, uint32_t size, uint32_t seed);
bool is_pattern(const void *from, uint32_t offset, uint32_t size, uint32_t seed);

/* Pseudo-random numbers: the next of a sequence that starts with any seed. */
uint32_t next_random(uint32_t *state);

/* What FILE_STATISTICS and STATISTICS give now. */
struct file_counts file_counts(void);
struct tp_statistics kernel_counts(void);

#endif
