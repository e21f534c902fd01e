/*
 * What the files of the runtime of bare C programs share. They are compiled by tg-cc's own compiler
 * when a program is first linked (assembler/cc), never for the host. Manual: docs/toolchain.md,
 * "C".
 */
#ifndef TG_RUNTIME_H
#define TG_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#include "include/tg32.h"

void *memcpy(void *to, const void *from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int byte, size_t count);
int memcmp(const void *first, const void *second, size_t count);

/* Switches the machine off; status & 0xff, at most 99, is the exit status of `tollgate run`. */
_Noreturn void _exit(int status);

/* A byte to the serial console; waits while the one before is being sent. */
void tg_console_put(char byte);

/* The next byte from the serial console or typed on the keyboard, whichever comes first; waits for
 * it. */
int tg_console_get(void);

#endif
