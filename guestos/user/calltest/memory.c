/* Tests of memory: heap, lazy pages, copies made when written, stack, and none left. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calltest.h"

#define NO_MEMORY ((void *)-1)

static uint8_t *grow(int32_t bytes)
{
    uint8_t *memory = sbrk(bytes);

    CHECK(memory != NO_MEMORY);
    return memory;
}

static void heap_grows_and_shrinks(void)
{
    uint8_t *start = grow(0);
    uint8_t *memory = grow(10000);

    CHECK(memory == start);
    CHECK((uint8_t *)grow(0) == start + 10000);
    memset(memory, 'x', 10000);
    CHECK((uint8_t *)grow(-10000) == start + 10000);
    CHECK((uint8_t *)grow(0) == start);
    CHECK(sbrk(-0x10000000) == NO_MEMORY);
    EQUAL(errno, EINVAL);
    CHECK((uint8_t *)grow(0) == start);
}

static void new_memory_is_zero(void)
{
    uint8_t *memory = grow(300000);

    for (uint32_t i = 0; i < 300000; i += 64)
        EQUAL(memory[i], 0);
    memset(memory, 'x', 300000);
    grow(-300000);
    memory = grow(300000); /* also when it was used before, but for the page that stayed in part */
    for (uint32_t i = TP_PAGE - (uint32_t)(uintptr_t)memory % TP_PAGE; i < 300000; i++)
        CHECK(memory[i] == 0);
}

static void too_much_is_refused(void)
{
    uint8_t *start = grow(0);

    CHECK(sbrk(0x7fffffff) == NO_MEMORY);
    EQUAL(errno, ENOMEM);
    CHECK(sbrk(0x70000000) == NO_MEMORY);
    EQUAL(errno, ENOMEM);
    CHECK((uint8_t *)grow(0) == start);
}

static void pages_come_when_touched(void)
{
    uint32_t before = kernel_counts().pages_free;
    uint8_t *memory = grow(100 * (int32_t)TP_PAGE);

    CHECK(before - kernel_counts().pages_free < 10);
    for (unsigned i = 0; i < 100; i++)
        memory[i * TP_PAGE] = 1;
    CHECK(before - kernel_counts().pages_free >= 100);
    grow(-100 * (int32_t)TP_PAGE);
    CHECK(before - kernel_counts().pages_free < 10);
}

static void calls_reach_untouched_memory(void)
{
    uint8_t *memory = grow(10 * (int32_t)TP_PAGE);
    int file = open("f", O_CREAT | O_RDWR, 0666);

    EQUAL(write(file, memory, 2 * TP_PAGE), 2 * TP_PAGE); /* from pages that are not there yet */
    EQUAL(lseek(file, 0, SEEK_SET), 0);
    write_pattern(file, 0, 3 * TP_PAGE, 9);
    EQUAL(lseek(file, 0, SEEK_SET), 0);
    EQUAL(read(file, memory + 5 * TP_PAGE + 100, 3 * TP_PAGE), 3 * TP_PAGE); /* and into such */
    CHECK(is_pattern(memory + 5 * TP_PAGE + 100, 0, 3 * TP_PAGE, 9));
    EQUAL(memory[5 * TP_PAGE + 99], 0);
    EQUAL(memory[8 * TP_PAGE + 100], 0);
    close(file);
}

static void touch(void *argument)
{
    *(volatile uint8_t *)argument = 1;
}

static void given_back_memory_is_gone(void)
{
    uint8_t *memory = grow(10 * (int32_t)TP_PAGE);
    int file = open("f", O_CREAT | O_RDWR, 0666);

    memset(memory, 1, 10 * TP_PAGE);
    grow(-5 * (int32_t)TP_PAGE);
    in_child(touch, memory);
    in_child_signal(touch, memory + 8 * TP_PAGE, SIGSEGV);
    FAILS(write(file, memory + 8 * TP_PAGE, 10), EFAULT);
    close(file);
}

static int variable = 1;

static void change_all(void *argument)
{
    uint8_t *memory = argument;

    variable = 2;
    for (unsigned i = 0; i < 20 * TP_PAGE; i++) {
        CHECK(memory[i] == 'p');
        memory[i] = 'c';
    }
    CHECK(memory[20 * TP_PAGE - 1] == 'c');
}

static void children_have_memory_of_their_own(void)
{
    uint8_t *memory = grow(20 * (int32_t)TP_PAGE);

    memset(memory, 'p', 20 * TP_PAGE);
    in_child(change_all, memory);
    in_child(change_all, memory);
    EQUAL(variable, 1);
    for (unsigned i = 0; i < 20 * TP_PAGE; i++)
        CHECK(memory[i] == 'p');
}

static void compare_later(void *argument)
{
    uint8_t *memory = argument;

    pause_ms(5);
    for (unsigned i = 0; i < 20 * TP_PAGE; i++)
        CHECK(memory[i] == 'p');
}

static void parents_too(void)
{
    uint8_t *memory = grow(20 * (int32_t)TP_PAGE);
    pid_t pid;

    memset(memory, 'p', 20 * TP_PAGE);
    pid = start_child(compare_later, memory);
    memset(memory, 'q', 20 * TP_PAGE);
    expect_exit(pid, 0);
}

struct pipe_and_memory {
    int ends[2];
    uint8_t *memory;
};

static void read_into(void *argument)
{
    struct pipe_and_memory *both = argument;

    EQUAL(read(both->ends[0], both->memory, 8), 8);
    EQUAL(memcmp(both->memory, "by call!", 8), 0);
}

/* What a service writes into shared memory of the caller's is the caller's alone. */
static void calls_copy_before_they_write(void)
{
    struct pipe_and_memory both = {{0, 0}, grow((int32_t)TP_PAGE)};

    memset(both.memory, 'p', TP_PAGE);
    EQUAL(pipe(both.ends), 0);
    EQUAL(write(both.ends[1], "by call!", 8), 8);
    in_child(read_into, &both);
    for (unsigned i = 0; i < TP_PAGE; i++)
        CHECK(both.memory[i] == 'p');
    close(both.ends[0]);
    close(both.ends[1]);
}

static void rest(void *argument)
{
    (void)argument;
    pause_ms(1000000);
}

static void sharing_saves_memory(void)
{
    uint8_t *memory = grow(200 * (int32_t)TP_PAGE);
    uint32_t before;
    pid_t pids[5];

    memset(memory, 1, 200 * TP_PAGE);
    before = kernel_counts().pages_free;
    for (unsigned i = 0; i < 5; i++)
        pids[i] = start_child(rest, NULL);
    CHECK(before - kernel_counts().pages_free < 500);
    for (unsigned i = 0; i < 5; i++) {
        kill(pids[i], SIGKILL);
        waitpid(pids[i], NULL, 0);
    }
}

/* Uses that many KiB of stack, each of which the next one can see, so that none can be left out. */
static unsigned use_stack(unsigned kib, volatile uint8_t *before)
{
    volatile uint8_t some[1024];

    some[0] = (uint8_t)kib;
    some[1023] = before != NULL ? before[1023] : 1;
    if (kib <= 1)
        return some[1023];
    return use_stack(kib - 1, some) + some[0] - some[0];
}

static void use_much_stack(void *argument)
{
    unsigned kib = *(unsigned *)argument;

    EQUAL(use_stack(kib, NULL), 1);
}

static void stack_grows(void)
{
    unsigned kib = TP_STACK_BYTES / 1024 * 3 / 4;

    in_child(use_much_stack, &kib);
}

static void stack_overflow_ends(void)
{
    unsigned kib = TP_STACK_BYTES / 1024 * 2;

    in_child_signal(use_much_stack, &kib, SIGSEGV);
}

static void below_the_stack_is_nothing(void)
{
    in_child_signal(touch, (void *)(uintptr_t)(TP_STACK_TOP - TP_STACK_BYTES - 5 * TP_PAGE), SIGSEGV);
    in_child_signal(touch, (void *)(uintptr_t)0x80000000u, SIGSEGV);
    in_child_signal(touch, (void *)(uintptr_t)(TP_USER_END - TP_PAGE * 3), SIGSEGV);
}

static void code_is_not_written(void)
{
    int ends[2];

    EQUAL(pipe(ends), 0);
    EQUAL(write(ends[1], "code", 4), 4);
    FAILS(read(ends[0], (void *)(uintptr_t)code_is_not_written, 4), EFAULT);
    in_child_signal(touch, (void *)(uintptr_t)code_is_not_written, SIGSEGV);
    close(ends[0]);
    close(ends[1]);
}

static void jump_to(void *argument)
{
    ((void (*)(void))argument)();
}

static void data_is_not_executed(void)
{
    static uint32_t words[4];

    in_child_signal(jump_to, words, SIGSEGV);
    in_child_signal(jump_to, grow((int32_t)TP_PAGE), SIGSEGV);
}

/* Takes all memory that it can get, and uses it. */
static void hog(void *argument)
{
    uint32_t taken = 0;

    (void)argument;
    for (int32_t size = 1 << 20; size >= (int32_t)TP_PAGE; size /= 2) {
        uint8_t *memory;

        while ((memory = sbrk(size)) != NO_MEMORY) {
            for (int32_t i = 0; i < size; i += (int32_t)TP_PAGE)
                memory[i] = 1;
            taken += (uint32_t)size;
        }
        CHECK(errno == ENOMEM);
    }
    CHECK(taken > 1 << 20);
}

/* Whether the hog is told that there is none or is ended, all comes back, and others go on. */
static void memory_runs_out(void)
{
    uint8_t *own = grow(20 * (int32_t)TP_PAGE);
    int status = 0;
    pid_t pid;

    fill_pattern(own, 0, 20 * TP_PAGE, 5);
    pid = start_child(hog, NULL);
    EQUAL(waitpid(pid, &status, 0), pid);
    CHECK(status == 0 || WIFSIGNALED(status));
    CHECK(is_pattern(own, 0, 20 * TP_PAGE, 5));
    in_child(touch, own);
}

static void two_hogs(void)
{
    pid_t one = start_child(hog, NULL);
    pid_t other = start_child(hog, NULL);
    int status;

    EQUAL(waitpid(one, &status, 0), one);
    CHECK(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == TEST_FAILED);
    EQUAL(waitpid(other, &status, 0), other);
    CHECK(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == TEST_FAILED);
}

/* With no memory left, calls that need some fail, and nothing else happens. */
static void calls_without_memory(void)
{
    int32_t size = 1 << 20;
    uint8_t *memory;
    pid_t pid;

    for (; size >= (int32_t)TP_PAGE; size /= 2)
        while ((memory = sbrk(size)) != NO_MEMORY)
            for (int32_t i = 0; i < size; i += (int32_t)TP_PAGE)
                memory[i] = 1;
    pid = fork();
    if (pid == 0)
        _exit(0);
    CHECK(pid > 0 || errno == ENOMEM || errno == EAGAIN);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    CHECK(file_counts().free_inodes > 0);
}

static const struct test tests[] = {
    {"memory_heap_grows_and_shrinks", heap_grows_and_shrinks},
    {"memory_new_memory_is_zero", new_memory_is_zero},
    {"memory_too_much_is_refused", too_much_is_refused},
    {"memory_pages_come_when_touched", pages_come_when_touched},
    {"memory_calls_reach_untouched_memory", calls_reach_untouched_memory},
    {"memory_given_back_memory_is_gone", given_back_memory_is_gone},
    {"memory_children_have_memory_of_their_own", children_have_memory_of_their_own},
    {"memory_parents_too", parents_too},
    {"memory_calls_copy_before_they_write", calls_copy_before_they_write},
    {"memory_sharing_saves_memory", sharing_saves_memory},
    {"memory_stack_grows", stack_grows},
    {"memory_stack_overflow_ends", stack_overflow_ends},
    {"memory_below_the_stack_is_nothing", below_the_stack_is_nothing},
    {"memory_code_is_not_written", code_is_not_written},
    {"memory_data_is_not_executed", data_is_not_executed},
    {"memory_runs_out", memory_runs_out},
    {"memory_two_hogs", two_hogs},
    {"memory_calls_without_memory", calls_without_memory},
};

const struct test_table memory_tests = TEST_TABLE(tests);
