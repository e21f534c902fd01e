/*
 * The calls and functions of xv6 that have another shape than POSIX's of the same name; the header of
 * xv6 programs, include/xv6/user/user.h, names these symbols. No program uses this header's structures by
 * any other name, so they are declared here again, as struct xv6_stat.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "turnpike.h"

#define stat xv6_stat
#include "xv6/kernel/stat.h"
#undef stat

/* xv6's clock interrupt comes ten times a second. */
#define TICK_MS 100

int xv6_wait(int *status);
int xv6_kill(int pid);
int xv6_open(const char *path, int flags);
int xv6_mknod(const char *path, short major, short minor);
int xv6_fstat(int file, struct xv6_stat *status);
int xv6_stat(const char *path, struct xv6_stat *status);
int xv6_mkdir(const char *path);
int xv6_sleep(int ticks);
int xv6_uptime(void);
char *xv6_strchr(const char *text, char character);
char *xv6_gets(char *line, int bytes);
void xv6_printf(const char *format, ...);
void xv6_fprintf(int file, const char *format, ...);

/* The code as it was, or -1 if it was killed. */
int xv6_wait(int *status)
{
    int32_t own, answer = tp_call(TP_CALL_WAIT, -1, &own, 0);

    if (answer >= 0 && status)
        *status = WIFEXITED(own) ? own >> 8 : -1;
    return tp_result(answer);
}

int xv6_kill(int pid)
{
    return pid <= 0 ? -1 : tp_result(tp_call(TP_CALL_KILL, pid, TP_SIGKILL));
}

int xv6_open(const char *path, int flags)
{
    return open(path, flags);
}

int xv6_mknod(const char *path, short major, short minor)
{
    return tp_result(tp_call(TP_CALL_MKNOD, path, (unsigned)major << 8 | (unsigned char)minor));
}

int xv6_mkdir(const char *path)
{
    return tp_result(tp_call(TP_CALL_MKDIR, path));
}

static int fill(int32_t answer, const struct tp_stat *from, struct xv6_stat *status)
{
    static const short types[] = {[TP_TYPE_FILE] = T_FILE,
                                  [TP_TYPE_DIRECTORY] = T_DIR,
                                  [TP_TYPE_DEVICE] = T_DEVICE,
                                  [TP_TYPE_PIPE] = T_FILE};

    if (answer < 0)
        return tp_result(answer);
    *status = (struct xv6_stat){.dev = 1,
                                .ino = from->inode,
                                .type = from->type <= TP_TYPE_PIPE ? types[from->type] : 0,
                                .nlink = (short)from->links,
                                .size = from->size};
    return 0;
}

int xv6_fstat(int file, struct xv6_stat *status)
{
    struct tp_stat from;
    int32_t answer = tp_call(TP_CALL_FSTAT, file, &from);

    return fill(answer, &from, status);
}

int xv6_stat(const char *path, struct xv6_stat *status)
{
    struct tp_stat from;
    int32_t answer = tp_call(TP_CALL_STAT, path, &from);

    return fill(answer, &from, status);
}

int xv6_sleep(int ticks)
{
    return tp_result(tp_call(TP_CALL_SLEEP, ticks * TICK_MS));
}

int xv6_uptime(void)
{
    return (int)(tp_uptime_ms() / TICK_MS);
}

char *xv6_strchr(const char *text, char character)
{
    /* xv6's does not find the end. */
    return character ? strchr(text, character) : NULL;
}

char *xv6_gets(char *line, int bytes)
{
    int count = 0;
    char last = 0;

    while (count + 1 < bytes && last != '\n' && last != '\r' && read(0, &last, 1) == 1)
        line[count++] = last;
    line[count] = '\0';
    return line;
}

/* Nothing stays in a buffer: programs for xv6 write() in between. */
void xv6_printf(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vdprintf(1, format, arguments);
    va_end(arguments);
}

void xv6_fprintf(int file, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vdprintf(file, format, arguments);
    va_end(arguments);
}
