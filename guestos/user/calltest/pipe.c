/* Tests of pipes: order, ends, waiting readers and writers, and those who end while they wait. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calltest.h"

static void make_pipe(int ends[2])
{
    EQUAL(pipe(ends), 0);
}

static void bytes_come_in_order(void)
{
    char text[16];
    int ends[2];

    make_pipe(ends);
    EQUAL(write(ends[1], "one", 3), 3);
    EQUAL(write(ends[1], "two", 3), 3);
    EQUAL(read(ends[0], text, 2), 2);
    EQUAL(memcmp(text, "on", 2), 0);
    EQUAL(read(ends[0], text, sizeof text), 4);
    EQUAL(memcmp(text, "etwo", 4), 0);
    EQUAL(close(ends[1]), 0);
    EQUAL(read(ends[0], text, sizeof text), 0);
    EQUAL(close(ends[0]), 0);
}

static void ends_know_their_side(void)
{
    struct stat status;
    int ends[2];

    make_pipe(ends);
    FAILS(write(ends[0], "x", 1), EBADF);
    FAILS(read(ends[1], &(char){0}, 1), EBADF);
    FAILS(lseek(ends[0], 0, SEEK_SET), ESPIPE);
    FAILS(lseek(ends[1], 0, SEEK_CUR), ESPIPE);
    EQUAL(fstat(ends[0], &status), 0);
    CHECK(S_ISFIFO(status.st_mode));
    close(ends[0]);
    close(ends[1]);
}

static void write_to_nobody(void *argument)
{
    int *ends = argument;

    EQUAL(write(ends[1], "x", 1), -1);
    EQUAL(errno, EPIPE);
}

static void no_reader_is_an_end(void)
{
    int ends[2];

    make_pipe(ends);
    EQUAL(close(ends[0]), 0);
    pid_t pid = start_child(write_to_nobody, ends);
    int status = 0;
    EQUAL(waitpid(pid, &status, 0), pid);
    /* POSIX: SIGPIPE ends who has not asked otherwise, and who has gets EPIPE */
    CHECK(status == TP_STATUS_SIGNAL(SIGPIPE) || status == TP_STATUS_EXIT(0));
    close(ends[1]);
}

#define STREAM 300000u

static void write_stream(void *argument)
{
    int *ends = argument;

    close(ends[0]);
    write_pattern(ends[1], 0, STREAM, 11);
}

static void much_goes_through(void)
{
    static uint8_t bytes[5000];
    uint32_t total = 0;
    ssize_t count;
    int ends[2];
    pid_t pid;

    make_pipe(ends);
    pid = start_child(write_stream, ends);
    close(ends[1]);
    while ((count = read(ends[0], bytes, 1 + total % sizeof bytes)) > 0) {
        CHECK(is_pattern(bytes, total, (uint32_t)count, 11));
        total += (uint32_t)count;
    }
    EQUAL(total, STREAM);
    expect_exit(pid, 0);
    close(ends[0]);
}

#define RECORD  64
#define RECORDS 50

static void write_records(void *argument)
{
    int *ends = argument;
    char record[RECORD];

    memset(record, 'a' + (int)(getpid() % 26), sizeof record);
    for (unsigned i = 0; i < RECORDS; i++)
        EQUAL(write(ends[1], record, sizeof record), sizeof record);
}

/* Writes of up to 512 bytes (PIPE_BUF) are not mixed with others. */
static void records_stay_whole(void)
{
    char record[RECORD];
    pid_t pids[4];
    int ends[2];

    make_pipe(ends);
    for (unsigned i = 0; i < 4; i++)
        pids[i] = start_child(write_records, ends);
    close(ends[1]);
    for (unsigned i = 0; i < 4 * RECORDS; i++) {
        for (size_t got = 0; got < sizeof record;) {
            ssize_t count = read(ends[0], record + got, sizeof record - got);

            CHECK(count > 0);
            got += (size_t)count;
        }
        for (unsigned k = 1; k < sizeof record; k++)
            CHECK(record[k] == record[0]);
    }
    EQUAL(read(ends[0], record, 1), 0);
    for (unsigned i = 0; i < 4; i++)
        expect_exit(pids[i], 0);
    close(ends[0]);
}

static void read_one(void *argument)
{
    int *ends = argument;
    char byte;

    close(ends[1]);
    EQUAL(read(ends[0], &byte, 1), 1);
}

static void fill_pipe(void *argument)
{
    int *ends = argument;
    static char bytes[1000];

    close(ends[0]);
    for (unsigned i = 0; i < 1000; i++)
        if (write(ends[1], bytes, sizeof bytes) < 0)
            _exit(errno == EPIPE ? 7 : 8);
    _exit(9);
}

static void waiting_readers_and_writers_can_be_killed(void)
{
    int ends[2];
    pid_t pid;

    make_pipe(ends);
    pid = start_child(read_one, ends);
    pause_ms(2);
    EQUAL(kill(pid, SIGKILL), 0);
    expect_signal(pid, SIGKILL);
    pid = start_child(fill_pipe, ends);
    pause_ms(2);
    EQUAL(kill(pid, SIGTERM), 0);
    expect_signal(pid, SIGTERM);
    close(ends[0]);
    close(ends[1]);
}

static void reader_sees_the_end_when_a_writer_dies(void)
{
    char byte;
    int ends[2];
    pid_t pid;

    make_pipe(ends);
    pid = start_child(fill_pipe, ends); /* it waits: the pipe is full */
    close(ends[1]);
    pause_ms(2);
    EQUAL(kill(pid, SIGKILL), 0);
    expect_signal(pid, SIGKILL);
    while (read(ends[0], &byte, 1) == 1)
        continue;
    EQUAL(read(ends[0], &byte, 1), 0);
    close(ends[0]);
}

static void writer_sees_the_end_when_the_reader_goes(void)
{
    int status = 0;
    int ends[2];
    pid_t pid;

    make_pipe(ends);
    pid = start_child(fill_pipe, ends);
    pause_ms(2);
    close(ends[1]);
    close(ends[0]);
    EQUAL(waitpid(pid, &status, 0), pid);
    CHECK(status == TP_STATUS_SIGNAL(SIGPIPE) || status == TP_STATUS_EXIT(7));
}

static void end_comes_with_the_last_writer(void)
{
    char byte;
    int ends[2];
    int other;

    make_pipe(ends);
    other = dup(ends[1]);
    EQUAL(close(ends[1]), 0);
    EQUAL(write(other, "x", 1), 1);
    EQUAL(close(other), 0);
    EQUAL(read(ends[0], &byte, 1), 1);
    EQUAL(read(ends[0], &byte, 1), 0);
    close(ends[0]);
}

static void many_pipes(void)
{
    int ends[(TP_FILES - 4) / 2][2];
    unsigned count = sizeof ends / sizeof ends[0];

    for (unsigned i = 0; i < count; i++) {
        make_pipe(ends[i]);
        EQUAL(write(ends[i][1], &i, sizeof i), sizeof i);
    }
    for (unsigned i = 0; i < count; i++) {
        unsigned value = 0;

        EQUAL(read(ends[i][0], &value, sizeof value), sizeof value);
        EQUAL(value, i);
        close(ends[i][0]);
        close(ends[i][1]);
    }
}

/* Each process of a row adds one to a number and hands it on. */
static void row_of_processes(void)
{
    int first[2], in, number = 0;

    make_pipe(first);
    in = first[0];
    for (unsigned i = 0; i < 10; i++) {
        int next[2];

        make_pipe(next);
        fflush(stdout);
        if (fork() == 0) {
            close(first[1]);
            close(next[0]);
            while (read(in, &number, sizeof number) == sizeof number) {
                number++;
                write(next[1], &number, sizeof number);
            }
            _exit(0);
        }
        close(in);
        close(next[1]);
        in = next[0];
    }
    for (unsigned i = 0; i < 5; i++) {
        number = (int)(i * 100);
        EQUAL(write(first[1], &number, sizeof number), sizeof number);
        EQUAL(read(in, &number, sizeof number), sizeof number);
        EQUAL(number, i * 100 + 10);
    }
    close(first[1]);
    for (unsigned i = 0; i < 10; i++)
        CHECK(wait(NULL) > 0);
    close(in);
}

static const struct test tests[] = {
    {"pipe_bytes_come_in_order", bytes_come_in_order},
    {"pipe_ends_know_their_side", ends_know_their_side},
    {"pipe_no_reader_is_an_end", no_reader_is_an_end},
    {"pipe_much_goes_through", much_goes_through},
    {"pipe_records_stay_whole", records_stay_whole},
    {"pipe_waiting_readers_and_writers_can_be_killed", waiting_readers_and_writers_can_be_killed},
    {"pipe_reader_sees_the_end_when_a_writer_dies", reader_sees_the_end_when_a_writer_dies},
    {"pipe_writer_sees_the_end_when_the_reader_goes", writer_sees_the_end_when_the_reader_goes},
    {"pipe_end_comes_with_the_last_writer", end_comes_with_the_last_writer},
    {"pipe_many_pipes", many_pipes},
    {"pipe_row_of_processes", row_of_processes},
};

const struct test_table pipe_tests = TEST_TABLE(tests);
