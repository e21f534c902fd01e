/*
 * Random numbers: SplitMix64, so that anyone can compute the sequence. Manual: docs/devices.md
 * section 10.
 */
#include "bus/bus.h"

#define TG_RANDOM_STATE(V, A) V(uint64_t, state, UINT64_MAX)

TG_STATE_STRUCT(tg_random, TG_RANDOM_STATE);

#define TG_FIELD_TAG tg_random
TG_STATE_FIELDS(tg_random, TG_RANDOM_STATE);

static void reset(struct tg_machine *machine, void *state)
{
    *(struct tg_random *)state = (struct tg_random){.state = machine->config.seed};
}

static uint32_t read_register(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t port)
{
    (void)machine;
    (void)cpu;
    (void)port; /* VALUE is the only one */
    struct tg_random *s = state;
    s->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t mixed = s->state;
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    mixed ^= mixed >> 31;
    return (uint32_t)(mixed >> 32);
}

static void write_register(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t port,
                           uint32_t value)
{
    (void)machine;
    (void)cpu;
    (void)port; /* SEED is the only one */
    *(struct tg_random *)state = (struct tg_random){.state = value};
}

const struct tg_device_operations tg_random_operations = {
    .state_bytes = sizeof(struct tg_random),
    .reset = reset,
    .read = read_register,
    .write = write_register,
};
