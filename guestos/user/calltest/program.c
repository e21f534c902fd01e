/* Tests of exec, and the programs that they start: this one again, as `calltest -x NAME ARGUMENTS...`. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calltest.h"

#define PROGRAM "/bin/calltest"

/* --- What is started ------------------------------------------------------------------------------ */

/* descriptors KEPT CLOSED: whether the one is open and the other is not. */
static int check_descriptors(int argc, char **argv)
{
    if (argc != 2)
        return 1;
    return write(atoi(argv[0]), "x", 1) == 1 && write(atoi(argv[1]), "x", 1) == -1 ? 0 : 1;
}

/* count: how many arguments, as status. */
static int count_arguments(int argc, char **argv)
{
    (void)argv;
    return argc;
}

/* same TEXT LENGTH LETTER: whether TEXT is LENGTH times LETTER. */
static int check_text(int argc, char **argv)
{
    size_t length;

    if (argc != 3)
        return 1;
    length = (size_t)atoi(argv[1]);
    if (strlen(argv[0]) != length)
        return 2;
    for (size_t i = 0; i < length; i++)
        if (argv[0][i] != argv[2][0])
            return 3;
    return 0;
}

/* pid N: whether that is its pid. */
static int check_pid(int argc, char **argv)
{
    return argc == 1 && getpid() == atoi(argv[0]) ? 0 : 1;
}

/* exists NAME: whether that file is there, seen from the current directory. */
static int check_file(int argc, char **argv)
{
    struct stat status;

    return argc == 1 && stat(argv[0], &status) == 0 ? 0 : 1;
}

/* fresh: whether variables and heap are as they were linked. */
static int variable = 1234;
static int zero_variable;

static int check_fresh(int argc, char **argv)
{
    (void)argc, (void)argv;
    return variable == 1234 && zero_variable == 0 ? 0 : 1;
}

struct helper {
    const char *name;
    int (*run)(int argc, char **argv);
};

static const struct helper helpers[] = {
    {"descriptors", check_descriptors}, {"count", count_arguments}, {"same", check_text},
    {"pid", check_pid}, {"exists", check_file}, {"fresh", check_fresh},
};

int helper_main(int argc, char **argv)
{
    for (unsigned i = 0; i < sizeof helpers / sizeof helpers[0]; i++)
        if (strcmp(helpers[i].name, argv[0]) == 0)
            return helpers[i].run(argc - 1, argv + 1);
    return 1;
}

/* --- Tests ---------------------------------------------------------------------------------------- */

/* Starts PROGRAM with these arguments in a child; the child's pid. */
static pid_t start(char *const arguments[])
{
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid != 0)
        return pid;
    execv(PROGRAM, arguments);
    _exit(TEST_FAILED);
}

static void arguments_arrive(void)
{
    char *three[] = {"calltest", "-x", "count", "", "b c", "\"d\"", NULL};
    char *one[] = {"calltest", "-x", "count", NULL};

    expect_exit(start(three), 3);
    expect_exit(start(one), 0);
}

static void many_arguments(void)
{
    char *arguments[TP_ARGUMENT_COUNT + 2] = {"calltest", "-x", "count"};
    char long_text[3001];

    for (unsigned i = 3; i < TP_ARGUMENT_COUNT; i++)
        arguments[i] = "x";
    expect_exit(start(arguments), TP_ARGUMENT_COUNT - 3);
    arguments[TP_ARGUMENT_COUNT] = "one too many";
    FAILS(execv(PROGRAM, arguments), E2BIG);
    memset(long_text, 'q', sizeof long_text);
    long_text[3000] = '\0';
    expect_exit(start((char *[]){"calltest", "-x", "same", long_text, "3000", "q", NULL}), 0);
    FAILS(execv(PROGRAM, (char *[]){"calltest", long_text, long_text, NULL}), E2BIG);
}

static void exec_of_what_is_no_program(void)
{
    char *arguments[] = {"x", NULL};
    int file;

    FAILS(execv("none", arguments), ENOENT);
    FAILS(execv("", arguments), ENOENT);
    EQUAL(mkdir("d", 0777), 0);
    FAILS(execv("d", arguments), EACCES);
    FAILS(execv("none/none", arguments), ENOENT);
    file = open("empty", O_CREAT | O_RDWR, 0666);
    EQUAL(close(file), 0);
    FAILS(execv("empty", arguments), ENOEXEC);
    file = open("text", O_CREAT | O_RDWR, 0666);
    EQUAL(write(file, "this is no program at all, but long enough for a header of one", 62), 62);
    EQUAL(close(file), 0);
    FAILS(execv("text", arguments), ENOEXEC);
}

static void copy_program(const char *name, uint32_t bytes)
{
    static uint8_t part[8192];
    int from = open("/bin/true", O_RDONLY);
    int to = open(name, O_CREAT | O_TRUNC | O_RDWR, 0666);
    ssize_t count;

    if (from < 0)
        from = open("/bin/echo", O_RDONLY);
    CHECK(from >= 0 && to >= 0);
    while (bytes > 0 && (count = read(from, part, bytes < sizeof part ? bytes : sizeof part)) > 0) {
        EQUAL(write(to, part, (size_t)count), count);
        bytes -= (uint32_t)count;
    }
    close(from);
    close(to);
}

/* May it start or not: it must be an error, or a process of its own that ends. */
static void try_program(const char *name)
{
    char *arguments[] = {"x", NULL};
    pid_t pid;
    int status = 0;

    fflush(stdout);
    pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        for (int i = 0; i < 3; i++)
            close(i);
        execv(name, arguments);
        _exit(errno == ENOEXEC || errno == ENOMEM || errno == E2BIG ? 0 : TEST_FAILED);
    }
    for (unsigned i = 0; i < 30 && waitpid(pid, &status, WNOHANG) == 0; i++)
        pause_ms(1);
    if (kill(pid, SIGKILL) == 0) { /* it runs and does not end: also a program */
        waitpid(pid, &status, 0);
        return;
    }
    CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) != TEST_FAILED);
}

static void programs_cut_short(void)
{
    static const uint32_t sizes[] = {4, 16, 51, 52, 60, 84, 100, 200, 1000, 4096, 5000};

    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        copy_program("cut", sizes[i]);
        try_program("cut");
    }
}

/* Every word of the headers, changed to what could hurt. */
static void programs_with_wrong_headers(void)
{
    static const uint32_t values[] = {0, 1, 0xffffffff, 0x80000000, 0xc0001000, 0xbfffffff, 0xfffff000};
    static const uint32_t header_bytes = 52 + 3 * 32;

    copy_program("whole", 1u << 20);
    for (uint32_t offset = 0; offset < header_bytes; offset += 4) {
        for (unsigned i = 0; i < sizeof values / sizeof values[0]; i++) {
            uint32_t word;
            int file = open("whole", O_RDWR);

            EQUAL(lseek(file, (off_t)offset, SEEK_SET), offset);
            EQUAL(read(file, &word, sizeof word), sizeof word);
            EQUAL(lseek(file, (off_t)offset, SEEK_SET), offset);
            EQUAL(write(file, &values[i], sizeof values[i]), sizeof values[i]);
            EQUAL(close(file), 0);
            try_program("whole");
            file = open("whole", O_RDWR);
            EQUAL(lseek(file, (off_t)offset, SEEK_SET), offset);
            EQUAL(write(file, &word, sizeof word), sizeof word);
            EQUAL(close(file), 0);
        }
    }
}

static void exec_keeps_what_it_must(void)
{
    char text[16];
    pid_t pid;

    close(open("here", O_CREAT | O_RDWR, 0666));
    expect_exit(start((char *[]){"calltest", "-x", "exists", "here", NULL}), 0);
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        snprintf(text, sizeof text, "%d", (int)getpid());
        execv(PROGRAM, (char *[]){"calltest", "-x", "pid", text, NULL});
        _exit(TEST_FAILED);
    }
    expect_exit(pid, 0);
}

static void exec_begins_anew(void)
{
    variable = 1;
    zero_variable = 1;
    expect_exit(start((char *[]){"calltest", "-x", "fresh", NULL}), 0);
}

static void failed_exec_changes_nothing(void)
{
    char *arguments[] = {"x", NULL};
    int file = open("f", O_CREAT | O_RDWR | O_CLOEXEC, 0666);
    uint32_t free_pages = 0;

    for (unsigned i = 0; i < 20; i++) {
        if (i == 1) /* the first time this process gets pages of its own for what it writes */
            free_pages = kernel_counts().pages_free;
        FAILS(execv("none", arguments), ENOENT);
        FAILS(execv("f", arguments), ENOEXEC);
    }
    EQUAL(kernel_counts().pages_free, free_pages);
    EQUAL(write(file, "open", 4), 4);
    EQUAL(close(file), 0);
}

static void packed_arguments_are_checked(void)
{
    static char unterminated[64];

    memset(unterminated, 'x', sizeof unterminated);
    CHECK(CALL(TP_CALL_EXEC, ADDRESS(PROGRAM), ADDRESS(unterminated), sizeof unterminated) < 0);
    CHECK(CALL(TP_CALL_EXEC, ADDRESS(PROGRAM), ADDRESS(unterminated), TP_ARGUMENT_BYTES + 1) < 0);
    EQUAL(CALL(TP_CALL_EXEC, ADDRESS(PROGRAM), 16, 16), -TP_EFAULT);
    EQUAL(CALL(TP_CALL_EXEC, 16, ADDRESS(unterminated), 0), -TP_EFAULT);
}

static const struct test tests[] = {
    {"program_arguments_arrive", arguments_arrive},
    {"program_many_arguments", many_arguments},
    {"program_exec_of_what_is_no_program", exec_of_what_is_no_program},
    {"program_cut_short", programs_cut_short},
    {"program_with_wrong_headers", programs_with_wrong_headers},
    {"program_exec_keeps_what_it_must", exec_keeps_what_it_must},
    {"program_exec_begins_anew", exec_begins_anew},
    {"program_failed_exec_changes_nothing", failed_exec_changes_nothing},
    {"program_packed_arguments_are_checked", packed_arguments_are_checked},
};

const struct test_table program_tests = TEST_TABLE(tests);
