/* See terminal.h. */
#include "terminal.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* A process has one terminal: its former settings are this file's only state. */
static struct termios former;
static bool is_raw, is_progress_shown;

void terminal_restore(void)
{
    if (is_raw)
        tcsetattr(STDIN_FILENO, TCSANOW, &former);
    is_raw = false;
}

void terminal_raw(void)
{
    if (is_raw || tcgetattr(STDIN_FILENO, &former) != 0)
        return;
    struct termios raw = former;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
    raw.c_iflag &= ~(tcflag_t)(IXON | ICRNL);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) != 0)
        return;
    is_raw = true;
    atexit(terminal_restore);
}

int terminal_read(char *bytes, size_t size, int milliseconds)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    if (poll(&input, 1, milliseconds) <= 0)
        return 0;
    ssize_t count = read(STDIN_FILENO, bytes, size);
    return count > 0 ? (int)count : -1;
}

uint64_t terminal_microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void terminal_progress(uint64_t insns, uint64_t microseconds)
{
    fprintf(stderr, "\r%.1f s, %.1f million instructions, %.1f million a second\033[K", (double)microseconds / 1e6,
            (double)insns / 1e6, microseconds == 0 ? 0.0 : (double)insns / (double)microseconds);
    fflush(stderr);
    is_progress_shown = true;
}

void terminal_progress_clear(void)
{
    if (is_progress_shown)
        fputs("\r\033[K", stderr);
    is_progress_shown = false;
}
