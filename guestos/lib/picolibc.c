/*
 * What picolibc wants of the system and posix.c does not give: its streams, and the rest of its calls.
 * Compiled with picolibc's headers.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdio-bufio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib.h"
#include "turnpike.h"

int getentropy(void *buffer, size_t bytes);

/* --- Streams ----------------------------------------------------------------------------------- */

/* Of picolibc's own buffered streams over read() and write(); errors are not buffered. */
static char in_bytes[BUFSIZ], out_bytes[BUFSIZ], error_bytes[1];

/* The question before the answer. */
static ssize_t read_answer(int file, void *buffer, size_t bytes)
{
    fflush(stdout);
    return read(file, buffer, bytes);
}

static struct __file_bufio standard[] = {
    FDEV_SETUP_BUFIO(0, in_bytes, sizeof in_bytes, read_answer, write, lseek, close, __SRD, 0),
    FDEV_SETUP_BUFIO(1, out_bytes, sizeof out_bytes, read, write, lseek, close, __SWR, __BLBF),
    FDEV_SETUP_BUFIO(2, error_bytes, sizeof error_bytes, read, write, lseek, close, __SWR, 0),
};

FILE *const stdin = &standard[0].xfile.cfile.file;
FILE *const stdout = &standard[1].xfile.cfile.file;
FILE *const stderr = &standard[2].xfile.cfile.file;

static void write_out(void)
{
    fflush(stdout);
}

/* Other streams are the program's to close or flush, before exit as before fork: picolibc keeps no list
 * of them. */
__attribute__((constructor)) static void prepare_streams(void)
{
    tp_before_fork = write_out;
    if (!isatty(1))
        standard[1].bflags &= (uint8_t)~__BLBF;
    errno = 0;
    atexit(write_out);
}

/* --- Calls ------------------------------------------------------------------------------------- */

clock_t times(struct tms *spent)
{
    clock_t now = (clock_t)(tp_uptime_ms() * (CLOCKS_PER_SEC / 1000));

    *spent = (struct tms){.tms_utime = now};
    return now;
}

int system(const char *command)
{
    char *const arguments[] = {"sh", "-c", (char *)(uintptr_t)command, NULL};
    int status = -1;
    pid_t child;

    if (!command)
        return 1;
    child = fork();
    if (child == 0) {
        execv("/bin/sh", arguments);
        _exit(127);
    }
    return child < 0 || waitpid(child, &status, 0) < 0 ? -1 : status;
}

/* The same in every run, as all else: not for secrets. */
int getentropy(void *buffer, size_t bytes)
{
    static uint32_t state = 0x9e3779b9u;
    char *to = buffer;

    for (size_t i = 0; i < bytes; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        to[i] = (char)state;
    }
    return 0;
}
