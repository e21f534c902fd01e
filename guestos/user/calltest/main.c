/*
 * calltest: runs the tests of the other files here, each in a child, and looks for what each leaves behind.
 * Its last line is "calltest: N passed, M failed"; its status is 0 if none failed. docs/testing.md.
 */
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
#include "leaks.h"

/* Virtual time that a test may take: nothing waits so long unless it waits for ever. */
#define LIMIT_MS 120000u

static const struct test_table *const tables[] = {&call_tests, &file_tests, &space_tests, &pipe_tests,
    &process_tests, &program_tests, &memory_tests, &message_tests, &deadlock_tests, &grant_tests,
    &queue_tests, &queue_misuse_tests, &register_tests, &ring_tests, &hostile_tests, &cpu_tests};

#define TABLES (sizeof tables / sizeof tables[0])

/* Removes the file or the empty directory of that name; if it is another directory, goes into it. */
static void remove_name(const char *name, unsigned *depth)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return;
    if (CALL(TP_CALL_UNLINK, ADDRESS(name)) == -TP_ENOTEMPTY && chdir(name) == 0)
        ++*depth;
}

/* Removes all that is in the current directory, however deep: when one is empty, on with the one above. */
static void empty_directory(void)
{
    static struct tp_directory_entry entries[16];
    unsigned depth = 0, begun;

    do {
        int directory = open(".", O_RDONLY);
        ssize_t bytes;

        begun = depth;
        while (depth == begun && (bytes = read(directory, entries, sizeof entries)) > 0)
            for (unsigned i = 0; i < (size_t)bytes / sizeof entries[0] && depth == begun; i++)
                if (entries[i].inode != 0)
                    remove_name(entries[i].name, &depth);
        close(directory);
        if (depth == begun && depth > 0) {
            chdir("..");
            depth--;
            begun = depth + 1; /* once more through the one above */
        }
    } while (depth != begun || depth > 0);
}

/* The test's own process: its group lets the runner end all that it has started. */
static void run_child(const struct test *test)
{
    setpgid(0, 0);
    test->run();
    exit(0);
}

/* The status of the test's process; it is ended if it takes too long. */
static int wait_for(pid_t pid)
{
    uint32_t waited = 0;
    int status;

    for (unsigned pause = 0; waitpid(pid, &status, WNOHANG) != pid; pause += pause < 20) {
        pause_ms(pause);
        waited += pause;
        if (waited > LIMIT_MS) {
            printf("it has taken %u s and is ended\n", LIMIT_MS / 1000);
            kill(-pid, SIGKILL);
            kill(pid, SIGKILL);
            waitpid(pid, &status, 0);
            return status;
        }
    }
    return status;
}

static bool has_passed(const struct test *test)
{
    int status;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0)
        run_child(test);
    if (pid < 0) {
        printf("%s: fork: error %d\n", test->name, errno);
        return false;
    }
    status = wait_for(pid);
    kill(-pid, SIGKILL);
    if (WIFSIGNALED(status))
        printf("%s: ended by signal %d\n", test->name, WTERMSIG(status));
    else if (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != TEST_FAILED)
        printf("%s: ended with status %d\n", test->name, WEXITSTATUS(status));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The test in a directory of its own, which is emptied afterwards whatever the test did. */
static bool run_in_directory(const struct test *test, struct counts *ret_before)
{
    bool is_good;

    counts_take(ret_before);
    mkdir("calltest.dir", 0777);
    if (chdir("calltest.dir") != 0) {
        printf("%s: no directory to run it in: error %d\n", test->name, errno);
        return false;
    }
    is_good = has_passed(test);
    empty_directory();
    chdir("..");
    rmdir("calltest.dir");
    return is_good;
}

static bool run_test(const struct test *test)
{
    struct counts before;
    bool is_good = run_in_directory(test, &before);

    if (!counts_are_back(test->name, &before))
        is_good = false;
    printf("%s %s\n", is_good ? "ok" : "FAILED", test->name);
    return is_good;
}

/* A pattern is a name or the beginning of some: "pipe_" means all tests of pipes. */
static bool is_chosen(const char *name, int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        if (strncmp(name, argv[i], strlen(argv[i])) == 0)
            return true;
    return argc == 0;
}

static void nothing(void)
{
}

/* Whatever is made at its first use and then kept - a block for the directory, the buffer of the
 * output - is made here. */
static void warm_up(void)
{
    static const struct test empty = {"warm up", nothing};
    struct counts counts;

    printf("calltest: each test in a child, and nothing left behind\n");
    for (unsigned i = 0; i < 4; i++) {
        (void)run_in_directory(&empty, &counts);
        counts_take(&counts);
    }
}

int main(int argc, char **argv)
{
    unsigned passed = 0;
    unsigned failed = 0;
    bool lists = argc > 1 && strcmp(argv[1], "-l") == 0;

    if (argc > 2 && strcmp(argv[1], "-x") == 0)
        return helper_main(argc - 2, argv + 2);
    if (!lists)
        warm_up();
    for (unsigned t = 0; t < TABLES; t++) {
        for (unsigned i = 0; i < tables[t]->count; i++) {
            const struct test *test = &tables[t]->tests[i];

            if (!is_chosen(test->name, lists ? argc - 2 : argc - 1, lists ? argv + 2 : argv + 1))
                continue;
            if (lists)
                printf("%s\n", test->name);
            else if (run_test(test))
                passed++;
            else
                failed++;
        }
    }
    if (lists)
        return 0;
    if (passed + failed == 0) {
        printf("calltest: no test has that name; calltest -l lists them\n");
        return 2;
    }
    printf("calltest: %u passed, %u failed\n", passed, failed);
    return failed != 0;
}
