/*
 * stress [SEED [MILLISECONDS]]: processes that do all sorts of things while others of them are killed at random
 * moments. At the end nothing may be left of them. Prints what happened; status 0 if all is well.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "leaks.h"
#include "turnpike.h"

#define WORKERS 12

static uint32_t state;

static uint32_t random_below(uint32_t limit)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % limit;
}

/* --- What a worker does ----------------------------------------------------------------------------- */

static uint8_t bytes[20000];

static void use_file(void)
{
    char name[8];
    int file;

    snprintf(name, sizeof name, "f%u", (unsigned)random_below(8));
    file = open(name, O_CREAT | O_RDWR, 0666);
    if (file < 0)
        return;
    write(file, bytes, random_below(sizeof bytes));
    lseek(file, 0, SEEK_SET);
    read(file, bytes, random_below(sizeof bytes));
    close(file);
    if (random_below(3) == 0)
        unlink(name);
}

static void use_names(void)
{
    char name[8], other[8];

    snprintf(name, sizeof name, "f%u", (unsigned)random_below(8));
    snprintf(other, sizeof other, "f%u", (unsigned)random_below(8));
    switch (random_below(4)) {
    case 0:
        rename(name, other);
        break;
    case 1:
        link(name, other);
        break;
    case 2:
        mkdir("d", 0777);
        break;
    default:
        rmdir("d");
    }
}

static void use_pipe(void)
{
    int ends[2];
    pid_t pid;

    if (pipe(ends) != 0)
        return;
    pid = fork();
    if (pid == 0) {
        close(ends[0]);
        write(ends[1], bytes, sizeof bytes);
        _exit(0);
    }
    close(ends[1]);
    if (random_below(4) != 0)
        while (read(ends[0], bytes, sizeof bytes) > 0)
            continue;
    close(ends[0]);
    if (pid > 0)
        waitpid(pid, NULL, 0);
}

static void use_memory(void)
{
    ptrdiff_t size = (ptrdiff_t)random_below(100000);
    uint8_t *memory = sbrk(size);

    if (memory == (void *)-1)
        return;
    for (ptrdiff_t i = 0; i < size; i += 1000)
        memory[i] = 1;
    if (random_below(2) == 0)
        sbrk(-size);
}

static void use_program(void)
{
    static char *const arguments[] = {"true", NULL};
    pid_t pid = fork();

    if (pid == 0) {
        execv("/bin/true", arguments);
        _exit(1);
    }
    if (pid > 0)
        waitpid(pid, NULL, 0);
}

static void use_messages(void)
{
    struct tp_message message = {0};
    uint32_t slot = TP_FIRST_PROCESS_SLOT + random_below(30);

    tp_call_message(TP_ENDPOINT(slot, random_below(100)), &message, 1 + random_below(100000));
    tp_receive(TP_ENDPOINT_ANY, &message, 1 + random_below(100000));
    tp_reply(message.source, &message);
    tp_notify(message.source, 1);
    tp_revoke(tp_grant(message.source, bytes, sizeof bytes, TP_GRANT_READ));
}

static void compute(void)
{
    uint32_t rounds = random_below(100000);

    for (volatile uint32_t i = 0; i < rounds; i++)
        continue;
}

static void leave_orphan(void)
{
    if (fork() == 0) {
        tp_sleep_ms(random_below(5));
        _exit(0);
    }
}

static _Noreturn void work(uint32_t seed)
{
    static void (*const acts[])(void) = {use_file, use_names, use_pipe, use_memory, use_program,
                                         use_messages, compute, leave_orphan};

    state = seed != 0 ? seed : 1;
    for (;;)
        acts[random_below(sizeof acts / sizeof acts[0])]();
}

/* --- The one who kills ------------------------------------------------------------------------------ */

struct tally {
    unsigned started, killed, ended;
};

static pid_t start_worker(struct tally *tally)
{
    uint32_t seed = random_below(UINT32_MAX);
    pid_t pid = fork();

    if (pid == 0)
        work(seed);
    if (pid > 0)
        tally->started++;
    return pid;
}

static void run(uint32_t milliseconds, struct tally *tally)
{
    static const int signals[] = {SIGKILL, SIGTERM, SIGINT, SIGSEGV};
    uint32_t end = tp_uptime_ms() + milliseconds;
    pid_t workers[WORKERS] = {0};

    while (tp_uptime_ms() < end) {
        uint32_t i = random_below(WORKERS);

        if (workers[i] <= 0) {
            workers[i] = start_worker(tally);
        } else if (random_below(3) == 0) {
            kill(workers[i], signals[random_below(4)]);
            tally->killed++;
        }
        if (workers[i] > 0 && waitpid(workers[i], NULL, WNOHANG) == workers[i]) {
            workers[i] = 0;
            tally->ended++;
        }
        tp_sleep_ms(random_below(3));
    }
    for (unsigned i = 0; i < WORKERS; i++) {
        if (workers[i] > 0) {
            kill(workers[i], SIGKILL);
            waitpid(workers[i], NULL, 0);
        }
    }
}

static void remove_files(void)
{
    char name[8];

    for (unsigned i = 0; i < 8; i++) {
        snprintf(name, sizeof name, "f%u", i);
        unlink(name);
    }
    rmdir("d");
}

static bool run_in_directory(uint32_t milliseconds, struct tally *tally)
{
    mkdir("stress.dir", 0777);
    if (chdir("stress.dir") != 0) {
        printf("stress: no directory to work in\n");
        return false;
    }
    fflush(stdout);
    run(milliseconds, tally);
    tp_sleep_ms(20); /* orphans may still be at their last call */
    remove_files();
    chdir("..");
    rmdir("stress.dir");
    return true;
}

int main(int argc, char **argv)
{
    uint32_t seed = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1;
    uint32_t milliseconds = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 200;
    struct tally tally = {0, 0, 0};
    struct counts before;
    bool is_good;

    state = seed != 0 ? seed : 1;
    printf("stress: seed %u, %u ms\n", (unsigned)seed, (unsigned)milliseconds);
    if (!run_in_directory(10, &tally)) /* what is made at its first use is made before counting */
        return 1;
    counts_take(&before);
    run_in_directory(milliseconds, &tally);
    is_good = counts_are_back("stress", &before);
    printf("stress: %u started, %u signals, %u ended meanwhile: %s\n", tally.started, tally.killed,
           tally.ended, is_good ? "nothing is left" : "FAILED");
    return is_good ? 0 : 1;
}
