/*
 * The person's terminal: key presses without waiting for a line, and the progress line. Never used when standard input
 * or standard error is no terminal.
 */
#ifndef TOOL_TERMINAL_H
#define TOOL_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The key that leaves the program: control and ]. */
#define TERMINAL_LEAVE 0x1d

/* Gives single key presses, without echo and without signals, until terminal_restore, which also runs at exit. */
void terminal_raw(void);
void terminal_restore(void);

/* Waits at most milliseconds for typing; returns how many bytes were read into bytes, 0 for none, -1 at end of input. */
int terminal_read(char *bytes, size_t size, int milliseconds);

/* Monotonic host time. For pacing and progress only; it never reaches the machine. */
uint64_t terminal_microseconds(void);

/* Rewrites the progress line on standard error, or removes it. */
void terminal_progress(uint64_t insns, uint64_t microseconds);
void terminal_progress_clear(void);

#endif
