/*
 * System: what the machine is, switching it off, resetting it. Manual: docs/devices.md section 3.
 */
#include "bus/bus.h"
#include "devices/power.h"

#define IDENTITY              UINT32_C(0x54474254)

#define TG_SYSTEM_STATE(V, A) V(uint8_t, is_reset_requested, 1)

TG_STATE_STRUCT(tg_system, TG_SYSTEM_STATE);

#define TG_FIELD_TAG tg_system
TG_STATE_FIELDS(tg_system, TG_SYSTEM_STATE);

static void reset(struct tg_machine *machine, void *state)
{
    (void)machine;
    *(struct tg_system *)state = (struct tg_system){0};
}

static uint32_t read_register(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t port)
{
    (void)state;
    (void)cpu;
    switch (port) {
    case TG_PORT_SYSTEM_RAM_BYTES:
        return machine->ram.size;
    case TG_PORT_SYSTEM_CPUS:
        return machine->config.cpus;
    default:
        return IDENTITY;
    }
}

static void write_register(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t port,
                           uint32_t value)
{
    struct tg_system *s = state;
    (void)port; /* POWER is the only one */
    if (TG_GET(SYSTEM_POWER_RESET, value)) {
        s->is_reset_requested = 1;
        tg_bus_deadline_changed(machine);
    } else {
        tg_power_off(machine, cpu, TG_GET(SYSTEM_POWER_CODE, value));
    }
}

/* A reset is due at once, but may not happen while a CPU is executing: the scheduler asks between
 * rounds. */
static uint64_t deadline(const struct tg_machine *machine, const void *state)
{
    (void)machine;
    const struct tg_system *s = state;
    return s->is_reset_requested ? 0 : TG_NEVER;
}

static void run_deadline(struct tg_machine *machine, void *state, uint64_t now)
{
    (void)state;
    (void)now;
    tg_machine_reset(machine);
}

const struct tg_device_operations tg_system_operations = {
    .state_bytes = sizeof(struct tg_system),
    .reset = reset,
    .read = read_register,
    .write = write_register,
    .deadline = deadline,
    .run_deadline = run_deadline,
};
