/*
 * A machine under a debugger, for tests of the debugger's core. What goes wrong in using it fails
 * the test.
 */
#ifndef TG_TESTS_DEBUGGED_H
#define TG_TESTS_DEBUGGED_H

#include "debug/debug.h"
#include "support/program.h"
#include "support/random_guest.h"

struct debugged {
    struct tg_machine *machine;
    struct tg_debug *debug;
};

/* The random guest of a seed, 1 to 4 CPUs. */
struct debugged debugged_guest(uint64_t seed, const char *engine);
/* A machine with a program. */
struct debugged debugged_program(const struct program *program, const char *engine, uint32_t cpus);
void debugged_finish(struct debugged *d);

struct tg_debug_stop debugged_go(struct debugged *d, const struct tg_debug_command *command);
/* A plain command for any CPU. */
struct tg_debug_stop debugged_do(struct debugged *d, enum tg_debug_command_kind kind,
                                 bool is_reverse, uint64_t count);
struct tg_debug_stop debugged_goto(struct debugged *d, enum tg_debug_target_kind kind,
                                   uint64_t value);
uint32_t debugged_add(struct debugged *d, const struct tg_debug_point *point);
/* An enabled point of that kind without filters. */
struct tg_debug_point debugged_point(enum tg_debug_point_kind kind);
uint32_t debugged_break(struct debugged *d, uint32_t address);
uint32_t debugged_catch(struct debugged *d, enum tg_debug_catch caught);

uint32_t debugged_pc(const struct debugged *d, uint32_t cpu);
uint32_t debugged_register(const struct debugged *d, uint32_t cpu, unsigned number);
uint64_t debugged_steps(const struct debugged *d);

#endif
