/*
 * What the C library (picolibc) wants of the system it runs on. Standard input and output are the
 * console, standard error is the debug port, the heap is what RAM the image and the stack leave,
 * time is the machine's own. There are no files.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/times.h>
#include <unistd.h>

#include "runtime.h"

/* Left to the stack when the heap grows. */
#define STACK_BYTES 0x10000

/* Of the linker's layout: where the image ends. */
extern char _end[];

int kill(int process, int number);
int getentropy(void *buffer, size_t bytes);

/* --- Streams
 * -------------------------------------------------------------------------------------- */

static int put_console(char byte, FILE *stream)
{
    (void)stream;
    tg_console_put(byte);
    return (unsigned char)byte;
}

static int put_debug(char byte, FILE *stream)
{
    (void)stream;
    tg_outb(TG_PORT_DEBUG_CHARACTER, (uint8_t)byte);
    return (unsigned char)byte;
}

static int get_console(FILE *stream)
{
    int byte = tg_console_get();

    (void)stream;
    if (byte == 4) /* control-D */
        return _FDEV_EOF;
    return byte == '\r' ? '\n' : byte;
}

static FILE console_in = FDEV_SETUP_STREAM(NULL, get_console, NULL, _FDEV_SETUP_READ);
static FILE console_out = FDEV_SETUP_STREAM(put_console, NULL, NULL, _FDEV_SETUP_WRITE);
static FILE debug_out = FDEV_SETUP_STREAM(put_debug, NULL, NULL, _FDEV_SETUP_WRITE);

FILE *const stdin = &console_in;
FILE *const stdout = &console_out;
FILE *const stderr = &debug_out;

/* --- Files
 * ---------------------------------------------------------------------------------------- */

static int refuse(int number)
{
    errno = number;
    return -1;
}

ssize_t read(int file, void *buffer, size_t count)
{
    char *bytes = buffer;
    size_t done = 0;

    if (file != 0)
        return refuse(EBADF);
    /* As on a terminal: a line at most. */
    while (done < count) {
        int byte = get_console(NULL);

        if (byte == _FDEV_EOF)
            break;
        bytes[done++] = (char)byte;
        if (byte == '\n')
            break;
    }
    return (ssize_t)done;
}

ssize_t write(int file, const void *buffer, size_t count)
{
    const char *bytes = buffer;

    if (file != 1 && file != 2)
        return refuse(EBADF);
    for (size_t i = 0; i < count; i++)
        (file == 1 ? put_console : put_debug)(bytes[i], NULL);
    return (ssize_t)count;
}

int open(const char *path, int flags, ...)
{
    (void)path;
    (void)flags;
    return refuse(ENOENT);
}

int close(int file)
{
    return file >= 0 && file <= 2 ? 0 : refuse(EBADF);
}

off_t lseek(int file, off_t offset, int whence)
{
    (void)offset;
    (void)whence;
    return refuse(file >= 0 && file <= 2 ? ESPIPE : EBADF);
}

int fstat(int file, struct stat *status)
{
    if (file < 0 || file > 2)
        return refuse(EBADF);
    *status = (struct stat){.st_mode = S_IFCHR};
    return 0;
}

int stat(const char *path, struct stat *status)
{
    (void)path;
    (void)status;
    return refuse(ENOENT);
}

int isatty(int file)
{
    return file >= 0 && file <= 2 ? 1 : refuse(EBADF);
}

/* What takes a path finds nothing there. */
int unlink(const char *path)
{
    (void)path;
    return refuse(ENOENT);
}

int rename(const char *path, const char *new_path)
{
    (void)path;
    (void)new_path;
    return refuse(ENOENT);
}

int link(const char *path, const char *new_path)
{
    (void)path;
    (void)new_path;
    return refuse(ENOENT);
}

int access(const char *path, int mode)
{
    (void)path;
    (void)mode;
    return refuse(ENOENT);
}

int mkdir(const char *path, mode_t mode)
{
    (void)path;
    (void)mode;
    return refuse(ENOENT);
}

int rmdir(const char *path)
{
    (void)path;
    return refuse(ENOENT);
}

/* --- Memory, process, time
 * ------------------------------------------------------------------------- */

void *sbrk(ptrdiff_t change)
{
    static char *end = _end;
    char *before = end, *limit = (char *)__builtin_frame_address(0) - STACK_BYTES;

    if (change > 0 ? change > limit - end : -change > end - _end)
        return (void *)(intptr_t)refuse(ENOMEM);
    end += change;
    return before;
}

int getpid(void)
{
    return 1;
}

/* As a process that a signal ends on Unix; the shell's status for it would be above 99. */
int kill(int process, int number)
{
    (void)process;
    (void)number;
    _exit(99);
}

int system(const char *command)
{
    return command ? refuse(ENOSYS) : 0;
}

static uint64_t ticks(void)
{
    uint32_t low = tg_inw(TG_PORT_CLOCK_TIME);

    return (uint64_t)tg_inw(TG_PORT_CLOCK_TIME_HIGH) << 32 | low;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    uint64_t microseconds = ticks() / (tg_inw(TG_PORT_CLOCK_RATE) / 1000000);

    (void)zone;
    now->tv_sec = (time_t)(microseconds / 1000000);
    now->tv_usec = (suseconds_t)(microseconds % 1000000);
    return 0;
}

clock_t times(struct tms *spent)
{
    clock_t now = (clock_t)(ticks() / (tg_inw(TG_PORT_CLOCK_RATE) / CLOCKS_PER_SEC));

    *spent = (struct tms){.tms_utime = now};
    return now;
}

int getentropy(void *buffer, size_t bytes)
{
    char *to = buffer;

    for (size_t i = 0; i < bytes; i++)
        to[i] = (char)tg_inw(TG_PORT_RANDOM_VALUE);
    return 0;
}
