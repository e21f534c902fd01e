/*
 * The system's calls by their POSIX names. Compiled for each of the two C libraries, with that one's
 * headers: the numbers of flags and errors are the same in both (turnpike/abi.h), structures are filled
 * in by member.
 */
#define _GNU_SOURCE 1 /* picolibc: declare all */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gate.h"
#include "lib.h"
#include "turnpike.h"

/* What open() knows; other flags of other systems change nothing here. */
#define OPEN_FLAGS                                                                                 \
    (TP_OPEN_WRITE | TP_OPEN_BOTH | TP_OPEN_APPEND | TP_OPEN_CREATE | TP_OPEN_TRUNCATE |           \
     TP_OPEN_EXCL | TP_OPEN_CLOEXEC)

void (*tp_before_fork)(void);

/* picolibc declares these for the systems that it knows. */
int lstat(const char *path, struct stat *status);
int mknod(const char *path, mode_t mode, dev_t device);

int tp_result(int32_t answer)
{
    if (answer >= 0)
        return answer;
    errno = -answer;
    return -1;
}

/* --- Files ------------------------------------------------------------------------------------- */

int open(const char *path, int flags, ...)
{
    return tp_result(tp_call(TP_CALL_OPEN, path, (unsigned)flags & OPEN_FLAGS));
}

int creat(const char *path, mode_t mode)
{
    return open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

ssize_t read(int file, void *buffer, size_t bytes)
{
    return tp_result(tp_call(TP_CALL_READ, file, buffer, bytes));
}

ssize_t write(int file, const void *buffer, size_t bytes)
{
    return tp_result(tp_call(TP_CALL_WRITE, file, buffer, bytes));
}

int close(int file)
{
    return tp_result(tp_call(TP_CALL_CLOSE, file));
}

off_t lseek(int file, off_t offset, int whence)
{
    /* Files are smaller than 2 GiB. */
    if (offset != (int32_t)offset)
        return tp_result(-TP_EINVAL);
    return tp_result(tp_call(TP_CALL_LSEEK, file, (int32_t)offset, whence));
}

int dup(int file)
{
    return tp_result(tp_call(TP_CALL_DUP, file));
}

int dup2(int file, int new_file)
{
    return tp_result(tp_call(TP_CALL_DUP2, file, new_file));
}

int pipe(int files[2])
{
    return tp_result(tp_call(TP_CALL_PIPE, files));
}

int ftruncate(int file, off_t bytes)
{
    if (bytes != (int32_t)bytes || bytes < 0)
        return tp_result(-TP_EINVAL);
    return tp_result(tp_call(TP_CALL_TRUNCATE, file, (int32_t)bytes));
}

void sync(void)
{
    tp_call(TP_CALL_SYNC, 0);
}

int fsync(int file)
{
    struct tp_stat status;
    int32_t answer = tp_call(TP_CALL_FSTAT, file, &status);

    return tp_result(answer < 0 ? answer : tp_call(TP_CALL_SYNC, 0));
}

static int fill_status(int32_t answer, const struct tp_stat *from, struct stat *status)
{
    static const mode_t modes[] = {[TP_TYPE_FILE] = S_IFREG | 0777,
                                   [TP_TYPE_DIRECTORY] = S_IFDIR | 0777,
                                   [TP_TYPE_DEVICE] = S_IFCHR | 0666,
                                   [TP_TYPE_PIPE] = S_IFIFO | 0666};

    if (answer < 0)
        return tp_result(answer);
    *status = (struct stat){0};
    status->st_ino = (ino_t)from->inode;
    status->st_mode = from->type < sizeof modes / sizeof modes[0] ? modes[from->type] : 0;
    status->st_nlink = (nlink_t)from->links;
    status->st_size = (off_t)from->size;
    status->st_rdev = (dev_t)from->device;
    status->st_blocks = (blkcnt_t)from->blocks;
    status->st_blksize = TP_PAGE;
    return 0;
}

int fstat(int file, struct stat *status)
{
    struct tp_stat from;
    int32_t answer = tp_call(TP_CALL_FSTAT, file, &from);

    return fill_status(answer, &from, status);
}

int stat(const char *path, struct stat *status)
{
    struct tp_stat from;
    int32_t answer = tp_call(TP_CALL_STAT, path, &from);

    return fill_status(answer, &from, status);
}

int lstat(const char *path, struct stat *status)
{
    return stat(path, status);
}

int isatty(int file)
{
    struct tp_stat status;
    int32_t answer = tp_call(TP_CALL_FSTAT, file, &status);

    if (answer < 0)
        return tp_result(answer), 0;
    if (status.type == TP_TYPE_DEVICE && status.device >> 8 == TP_DEVICE_CONSOLE)
        return 1;
    errno = ENOTTY;
    return 0;
}

/* --- Paths ------------------------------------------------------------------------------------- */

int access(const char *path, int mode)
{
    struct tp_stat status;

    (void)mode; /* who can find a file may do all with it */
    return tp_result(tp_call(TP_CALL_STAT, path, &status));
}

int chdir(const char *path)
{
    return tp_result(tp_call(TP_CALL_CHDIR, path));
}

int link(const char *path, const char *new_path)
{
    return tp_result(tp_call(TP_CALL_LINK, path, new_path));
}

int unlink(const char *path)
{
    return tp_result(tp_call(TP_CALL_UNLINK, path));
}

int rmdir(const char *path)
{
    struct tp_stat status;
    int32_t answer = tp_call(TP_CALL_STAT, path, &status);

    if (answer >= 0)
        answer = status.type == TP_TYPE_DIRECTORY ? tp_call(TP_CALL_UNLINK, path) : -TP_ENOTDIR;
    return tp_result(answer);
}

int rename(const char *path, const char *new_path)
{
    return tp_result(tp_call(TP_CALL_RENAME, path, new_path));
}

int mkdir(const char *path, mode_t mode)
{
    (void)mode;
    return tp_result(tp_call(TP_CALL_MKDIR, path));
}

int mknod(const char *path, mode_t mode, dev_t device)
{
    if (!S_ISCHR(mode))
        return tp_result(-TP_EINVAL);
    return tp_result(tp_call(TP_CALL_MKNOD, path, device));
}

/* --- Processes --------------------------------------------------------------------------------- */

void _exit(int status)
{
    for (;;)
        tp_call(TP_CALL_EXIT, status);
}

pid_t fork(void)
{
    int32_t child;

    if (tp_before_fork)
        tp_before_fork();
    child = tp_call(TP_CALL_FORK, 0);
    if (child == 0)
        tp_choose_calls();
    return tp_result(child);
}

/* The arguments one after the other, as exec wants them; their bytes, or the negative of an error. */
static int pack(char *const arguments[], char packed[TP_ARGUMENT_BYTES])
{
    size_t used = 0, count = 0;

    for (; arguments[count]; count++) {
        size_t bytes = strlen(arguments[count]) + 1;

        if (bytes > TP_ARGUMENT_BYTES - used || count == TP_ARGUMENT_COUNT)
            return -TP_E2BIG;
        memcpy(packed + used, arguments[count], bytes);
        used += bytes;
    }
    return (int)used;
}

int execv(const char *path, char *const arguments[])
{
    char packed[TP_ARGUMENT_BYTES];
    int bytes = pack(arguments, packed);

    return tp_result(bytes < 0 ? bytes : tp_call(TP_CALL_EXEC, path, packed, bytes));
}

/* There is no environment. */
int execve(const char *path, char *const arguments[], char *const environment[])
{
    (void)environment;
    return execv(path, arguments);
}

int execvp(const char *name, char *const arguments[])
{
    static const char folder[] = "/bin/";
    char path[TP_PATH_BYTES];
    size_t length = strlen(name);

    if (strchr(name, '/'))
        return execv(name, arguments);
    if (length == 0 || length >= sizeof path - sizeof folder)
        return tp_result(length == 0 ? -TP_ENOENT : -TP_ENAMETOOLONG);
    memcpy(path, folder, sizeof folder);
    memcpy(path + sizeof folder - 1, name, length + 1);
    return execv(path, arguments);
}

/* The arguments as a list, up to NULL: executes by one of the functions above. */
static int exec_list(int (*execute)(const char *, char *const[]), const char *path,
                     const char *first, va_list rest)
{
    char *list[TP_ARGUMENT_COUNT + 2] = {(char *)(uintptr_t)first};

    for (unsigned count = 1; list[count - 1] && count <= TP_ARGUMENT_COUNT; count++)
        list[count] = va_arg(rest, char *);
    return execute(path, list);
}

int execl(const char *path, const char *first, ...)
{
    va_list rest;
    int result;

    va_start(rest, first);
    result = exec_list(execv, path, first, rest);
    va_end(rest);
    return result;
}

int execlp(const char *name, const char *first, ...)
{
    va_list rest;
    int result;

    va_start(rest, first);
    result = exec_list(execvp, name, first, rest);
    va_end(rest);
    return result;
}

pid_t waitpid(pid_t pid, int *status, int options)
{
    int ignored;

    return tp_result(tp_call(TP_CALL_WAIT, pid, status ? status : &ignored, options));
}

pid_t wait(int *status)
{
    return waitpid(-1, status, 0);
}

int kill(pid_t pid, int signal)
{
    return tp_result(tp_call(TP_CALL_KILL, pid, signal));
}

pid_t getpid(void)
{
    return tp_result(tp_call(TP_CALL_GETPID, 0));
}

pid_t getppid(void)
{
    return tp_result(tp_call(TP_CALL_GETPPID, 0));
}

int setpgid(pid_t pid, pid_t group)
{
    return tp_result(tp_call(TP_CALL_SETPGID, pid, group));
}

pid_t getpgid(pid_t pid)
{
    return tp_result(tp_call(TP_CALL_GETPGID, pid));
}

pid_t getpgrp(void)
{
    return getpgid(0);
}

/* --- Memory, time ------------------------------------------------------------------------------ */

void *sbrk(ptrdiff_t bytes)
{
    int32_t answer = tp_call(TP_CALL_SBRK, bytes);

    /* Addresses of heaps may have bit 31; only the numbers of errors are this near to 2^32. */
    if (answer < 0 && answer > -(int32_t)TP_PAGE)
        return (void *)(intptr_t)tp_result(answer);
    return (void *)(uintptr_t)(uint32_t)answer;
}

unsigned sleep(unsigned seconds)
{
    tp_call(TP_CALL_SLEEP, seconds * 1000);
    return 0;
}

int usleep(useconds_t microseconds)
{
    return tp_result(tp_call(TP_CALL_SLEEP, (microseconds + 999) / 1000));
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    uint32_t milliseconds = (uint32_t)tp_call(TP_CALL_UPTIME, 0);

    (void)zone;
    now->tv_sec = (time_t)(milliseconds / 1000);
    now->tv_usec = (long)(milliseconds % 1000 * 1000);
    return 0;
}
