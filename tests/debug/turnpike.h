/*
 * Turnpike as it comes with the build, for tests of the debugger: booted with boot words, typed to, stopped at will.
 * The build says by its environment where kernel, disk image and the servers' programs are. A failing function fails
 * the test.
 */
#ifndef TEST_TURNPIKE_H
#define TEST_TURNPIKE_H

#include <check.h>

#include "debug/guest.h"

struct turnpike {
    struct tg_machine *machine;
    struct tg_guest *guest;
    char console[16384]; /* what was written, with a zero at its end */
    size_t console_bytes;
};

extern struct turnpike turnpike;

/* Boots to the shell's prompt, with as many CPUs; its table is open. */
void turnpike_boot(const char *words, uint32_t cpus);

/* Types text and runs until input is waited for, or until most instructions later. */
enum tg_stop_reason turnpike_type(const char *text, uint64_t most);

/* Types nothing: runs that many instructions. */
enum tg_stop_reason turnpike_run(uint64_t insns);

/* Runs by small steps until condition() holds; a failure if it does not within most instructions. */
void turnpike_until(bool (*condition)(void), uint64_t step, uint64_t most);

void turnpike_end(void);

/* The symbols of servers' programs. */
bool turnpike_find_symbol(void *context, const char *service, const char *symbol, uint32_t *ret_address);

#endif
