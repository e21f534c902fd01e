/*
 * A machine whose CPUs execute nothing: tests of the bus and the devices make the accesses
 * themselves, in the name of a CPU, and let virtual time pass. What the host is told is kept. A
 * failing rig function fails the test.
 */
#ifndef TEST_RIG_H
#define TEST_RIG_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bus/bus.h"

#define RIG_RAM_BYTES (UINT32_C(64) << 10)

struct rig {
    struct tg_machine *machine;
    uint32_t cpu; /* accesses are made by this one */
    /* what the host was told */
    char console[1024], debug_text[4096];
    size_t console_bytes, debug_bytes;
    uint32_t mark_cpu, mark_value, marks;
    bool is_tracing;
    int16_t samples[8192];
    size_t sample_count;
    uint32_t sample_rate, sound_calls;
};

/* Every test of run_rig_tests gets this one, with 1 CPU; rig_with_cpus makes it anew. */
extern struct rig rig;

void rig_with_cpus(uint32_t cpus);

/* A port access with the register's own width, which must succeed. */
uint32_t rig_in(uint32_t port);
void rig_out(uint32_t port, uint32_t value);

/* Passes time, running deadlines as they come, each at its exact time. */
void rig_pass(uint64_t ticks);
/* Passes time, running deadlines at its end only, as with several CPUs. */
void rig_pass_round(uint64_t ticks);

/* Level of a source as the controller sees it for rig.cpu. */
bool rig_is_asserted(uint32_t source);
/* The source offered to a CPU; 32: none. Checks that the CPU's flag agrees. */
uint32_t rig_offered(uint32_t cpu);

/* Device state by its field's name: for states that only a snapshot can make. */
void rig_set_field(enum tg_device_index device, const char *field, uint32_t index, uint64_t value);

/* Runs tests, each with a fresh rig, and returns the exit status for main. */
int run_rig_tests(const char *name, const TTest *const *tests, size_t count);

#define RIG_MAIN(name, ...)                                                                        \
    int main(void)                                                                                 \
    {                                                                                              \
        const TTest *const tests[] = {__VA_ARGS__};                                                \
        return run_rig_tests(name, tests, sizeof tests / sizeof tests[0]);                         \
    }

#endif
