/*
 * The clock: virtual time in ticks, which has nothing to do with the host's. Manual:
 * docs/devices.md section 9.
 */
#include "bus/bus.h"
#include "devices/rate.h"

#define TG_CLOCK_DEVICE_STATE(V, A) A(uint32_t, high, TG_MAX_CPUS, UINT32_MAX)

TG_STATE_STRUCT(tg_clock, TG_CLOCK_DEVICE_STATE);

#define TG_FIELD_TAG tg_clock
TG_STATE_FIELDS(tg_clock, TG_CLOCK_DEVICE_STATE);

static void reset(struct tg_machine *machine, void *state)
{
    (void)machine;
    *(struct tg_clock *)state = (struct tg_clock){0};
}

static uint32_t read_register(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t port)
{
    struct tg_clock *s = state;
    switch (port) {
    case TG_PORT_CLOCK_TIME: {
        uint64_t now = tg_machine_now(machine);
        s->high[cpu] = (uint32_t)(now >> 32);
        return (uint32_t)now;
    }
    case TG_PORT_CLOCK_TIME_HIGH:
        return s->high[cpu];
    default: /* RATE */
        return TG_TICKS_A_SECOND;
    }
}

const struct tg_device_operations tg_clock_operations = {
    .state_bytes = sizeof(struct tg_clock),
    .reset = reset,
    .read = read_register,
};
