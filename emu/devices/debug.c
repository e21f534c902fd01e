/*
 * The debug port: text, marks, tracing, the debugger, exit and panic. What it tells the host never
 * comes back into the machine. Manual: docs/devices.md section 4.
 */
#include "bus/bus.h"
#include "core/ram.h"
#include "devices/power.h"

#define TG_DEBUG_STATE(V, A)                                                                       \
    A(uint32_t, address, TG_MAX_CPUS, UINT32_MAX)                                                  \
    A(uint32_t, taken, TG_MAX_CPUS, UINT32_MAX)

TG_STATE_STRUCT(tg_debug, TG_DEBUG_STATE);

#define TG_FIELD_TAG tg_debug
TG_STATE_FIELDS(tg_debug, TG_DEBUG_STATE);

static void reset(struct tg_machine *machine, void *state)
{
    (void)machine;
    *(struct tg_debug *)state = (struct tg_debug){0};
}

static void write_text(struct tg_machine *machine, const uint8_t *bytes, uint32_t count)
{
    if (machine->host.debug_text)
        machine->host.debug_text(machine->host.context, bytes, count);
}

/* Returns the number of bytes written: all or none. */
static uint32_t write_buffer(struct tg_machine *machine, uint32_t paddr, uint32_t length)
{
    if (!tg_ram_contains(&machine->ram, paddr, length))
        return 0;
    uint8_t piece[1024];
    for (uint32_t done = 0; done < length;) {
        uint32_t count = length - done < sizeof piece ? length - done : (uint32_t)sizeof piece;
        tg_bus_dma_read(machine, TG_DEVICE_DEBUG, paddr + done, piece, count);
        write_text(machine, piece, count);
        done += count;
    }
    return length;
}

static uint32_t read_register(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t port)
{
    (void)machine;
    const struct tg_debug *s = state;
    return port == TG_PORT_DEBUG_ADDRESS ? s->address[cpu] : s->taken[cpu];
}

static void write_register(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t port,
                           uint32_t value)
{
    struct tg_debug *s = state;
    switch (port) {
    case TG_PORT_DEBUG_CHARACTER:
        write_text(machine, &(uint8_t){(uint8_t)value}, 1);
        break;
    case TG_PORT_DEBUG_ADDRESS:
        s->address[cpu] = value;
        break;
    case TG_PORT_DEBUG_LENGTH:
        s->taken[cpu] = write_buffer(machine, s->address[cpu], value);
        break;
    case TG_PORT_DEBUG_MARK:
        if (machine->host.mark)
            machine->host.mark(machine->host.context, cpu, value);
        break;
    case TG_PORT_DEBUG_TRACE:
        if (machine->host.trace)
            machine->host.trace(machine->host.context, value != 0);
        break;
    case TG_PORT_DEBUG_BREAK:
        machine->is_break_requested = true;
        machine->break_value = value;
        machine->attention = true;
        break;
    case TG_PORT_DEBUG_EXIT:
        tg_power_off(machine, cpu, value);
        break;
    case TG_PORT_DEBUG_PANIC:
        tg_power_end(machine, TG_END_PANIC, cpu, value);
        break;
    }
}

const struct tg_device_operations tg_debug_operations = {
    .state_bytes = sizeof(struct tg_debug),
    .reset = reset,
    .read = read_register,
    .write = write_register,
};
