/*
 * The bus proper: rows of devices.def, look-up of ports and windows, and the walks over all devices
 * that the scheduler asks for. It knows no device but by its row; the interrupt controller is in
 * interrupts.c. Manual: docs/devices.md section 2.
 */
#include "bus/bus.h"

#include <stdlib.h>

#include "core/note.h"
#include "core/points.h"
#include "core/ram.h"

struct tg_bus {
    void *states[TG_DEVICE_COUNT];
};

/* --- Rows ------------------------------------------------------------------------------------ */

#define TG_DEVICE(ID, id, ...)                                                                     \
    extern const struct tg_field_table tg_##id##_fields;                                           \
    extern const struct tg_device_operations tg_##id##_operations;
#include "devices.def"

static const struct tg_device devices[] = {
#define TG_DEVICE(ID, id, source, memory_base, memory_bytes, meaning)                              \
    {#id, meaning, memory_base, memory_bytes, source, &tg_##id##_fields, &tg_##id##_operations},
#include "devices.def"
};

enum { ACCESS_R = 1, ACCESS_W = 2, ACCESS_RW = 3 };

static const struct tg_port_register registers[] = {
#define TG_REGISTER(DEVICE, NAME, port, count, bytes, access, meaning)                             \
    {#NAME,                                                                                        \
     TG_DEVICE_##DEVICE,                                                                           \
     port,                                                                                         \
     count,                                                                                        \
     bytes,                                                                                        \
     (ACCESS_##access & ACCESS_R) != 0,                                                            \
     (ACCESS_##access & ACCESS_W) != 0,                                                            \
     meaning},
#include "devices.def"
};

static const struct tg_port_bits bits[] = {
#define TG_BITS(DEVICE, REGISTER, NAME, high, low, meaning)                                        \
    {TG_PORT_##DEVICE##_##REGISTER, #NAME, high, low, meaning},
#include "devices.def"
};

#define ROWS(array) (sizeof(array) / sizeof(array)[0])

const struct tg_device *tg_bus_device(uint32_t index)
{
    return index < ROWS(devices) ? &devices[index] : NULL;
}

const struct tg_port_register *tg_bus_register(uint32_t index)
{
    return index < ROWS(registers) ? &registers[index] : NULL;
}

const struct tg_port_bits *tg_bus_bits(uint32_t index)
{
    return index < ROWS(bits) ? &bits[index] : NULL;
}

void *tg_bus_device_state(const struct tg_machine *machine, uint32_t index)
{
    return machine->bus->states[index];
}

/* --- Life ------------------------------------------------------------------------------------ */

int tg_bus_create(struct tg_machine *machine)
{
    machine->bus = calloc(1, sizeof *machine->bus);
    if (!machine->bus)
        return TG_E_NOMEM;
    for (uint32_t i = 0; i < TG_DEVICE_COUNT; i++) {
        machine->bus->states[i] = calloc(1, devices[i].operations->state_bytes);
        if (!machine->bus->states[i]) {
            tg_bus_destroy(machine);
            return TG_E_NOMEM;
        }
    }
    return TG_OK;
}

void tg_bus_destroy(struct tg_machine *machine)
{
    if (!machine->bus)
        return;
    for (uint32_t i = 0; i < TG_DEVICE_COUNT; i++) {
        void *state = machine->bus->states[i];
        if (state && devices[i].operations->finish)
            devices[i].operations->finish(state);
        free(state);
    }
    free(machine->bus);
    machine->bus = NULL;
}

void tg_bus_reset(struct tg_machine *machine)
{
    for (uint32_t i = 0; i < TG_DEVICE_COUNT; i++)
        devices[i].operations->reset(machine, machine->bus->states[i]);
    tg_bus_refresh(machine);
}

/* --- Ports ----------------------------------------------------------------------------------- */

/* The rows of devices.def are in the order of their ports (tests/bus checks it). */
const struct tg_port_register *tg_bus_register_at(uint32_t port, uint32_t bytes)
{
    size_t first = 0, end = ROWS(registers);
    while (end - first > 1) {
        size_t middle = first + (end - first) / 2;
        if (registers[middle].port <= port)
            first = middle;
        else
            end = middle;
    }
    const struct tg_port_register *reg = &registers[first];
    uint32_t distance = port - reg->port; /* wraps, and is then too large */
    bool is_inside = distance < (uint32_t)reg->count * reg->bytes;
    return is_inside && bytes == reg->bytes && distance % bytes == 0 ? reg : NULL;
}

bool tg_bus_port_read(struct tg_cpu *cpu, uint32_t port, uint32_t bytes, uint32_t *ret_value)
{
    const struct tg_port_register *reg = tg_bus_register_at(port, bytes);
    if (!reg || !reg->is_readable)
        return false;
    void *state = cpu->machine->bus->states[reg->device];
    *ret_value = devices[reg->device].operations->read(cpu->machine, state, cpu->number, port);
    return true;
}

bool tg_bus_port_write(struct tg_cpu *cpu, uint32_t port, uint32_t bytes, uint32_t value)
{
    const struct tg_port_register *reg = tg_bus_register_at(port, bytes);
    if (!reg || !reg->is_writable)
        return false;
    void *state = cpu->machine->bus->states[reg->device];
    uint32_t fitting = value & (UINT32_MAX >> (32 - 8 * bytes));
    devices[reg->device].operations->write(cpu->machine, state, cpu->number, port, fitting);
    return true;
}

/* --- Memory windows and DMA ------------------------------------------------------------------ */

/* The device whose window holds all of [paddr, paddr + bytes); TG_DEVICE_COUNT if none does. */
static uint32_t window_at(uint32_t paddr, uint32_t bytes)
{
    uint32_t i;
    for (i = 0; i < TG_DEVICE_COUNT; i++) {
        uint32_t offset = paddr - devices[i].memory_base; /* wraps, and is then too large */
        if (bytes <= devices[i].memory_bytes && offset <= devices[i].memory_bytes - bytes)
            break;
    }
    return i;
}

bool tg_bus_memory_read(struct tg_cpu *cpu, uint32_t paddr, uint32_t bytes, uint32_t *ret_value)
{
    uint32_t i = window_at(paddr, bytes);
    if (i == TG_DEVICE_COUNT)
        return false;
    *ret_value = devices[i].operations->memory_read(cpu->machine, cpu->machine->bus->states[i],
                                                    paddr - devices[i].memory_base, bytes);
    return true;
}

bool tg_bus_memory_write(struct tg_cpu *cpu, uint32_t paddr, uint32_t bytes, uint32_t value)
{
    uint32_t i = window_at(paddr, bytes);
    if (i == TG_DEVICE_COUNT)
        return false;
    devices[i].operations->memory_write(cpu->machine, cpu->machine->bus->states[i],
                                        paddr - devices[i].memory_base, bytes, value);
    return true;
}

static void note_dma(struct tg_machine *machine, enum tg_device_index device, enum tg_access access,
                     uint32_t paddr, uint32_t bytes)
{
    if (machine->observed & TG_OBSERVE_DMA)
        tg_note_dma(machine, &(struct tg_dma_event){.device = devices[device].name,
                                                    .access = access,
                                                    .paddr = paddr,
                                                    .bytes = bytes});
}

bool tg_bus_dma_read(struct tg_machine *machine, enum tg_device_index device, uint32_t paddr,
                     void *bytes, uint32_t count)
{
    if (!tg_ram_contains(&machine->ram, paddr, count))
        return false;
    if (count && tg_points_watch_physical(machine, paddr, count, false))
        tg_points_dma_read(machine, paddr, bytes, count);
    else
        tg_ram_read(machine, paddr, bytes, count);
    note_dma(machine, device, TG_ACCESS_LOAD, paddr, count);
    return true;
}

bool tg_bus_dma_write(struct tg_machine *machine, enum tg_device_index device, uint32_t paddr,
                      const void *bytes, uint32_t count)
{
    if (!tg_ram_contains(&machine->ram, paddr, count))
        return false;
    if (count && tg_points_watch_physical(machine, paddr, count, true))
        tg_points_dma_write(machine, paddr, bytes, count);
    else
        tg_ram_write(machine, paddr, bytes, count);
    note_dma(machine, device, TG_ACCESS_STORE, paddr, count);
    return true;
}

/* --- For the scheduler ----------------------------------------------------------------------- */

static uint64_t deadline_of(const struct tg_machine *machine, uint32_t index)
{
    const struct tg_device_operations *operations = devices[index].operations;
    return operations->deadline ? operations->deadline(machine, machine->bus->states[index])
                                : TG_NEVER;
}

uint64_t tg_bus_deadline(const struct tg_machine *machine)
{
    uint64_t earliest = TG_NEVER;
    for (uint32_t i = 0; i < TG_DEVICE_COUNT; i++) {
        uint64_t deadline = deadline_of(machine, i);
        if (deadline < earliest)
            earliest = deadline;
    }
    return earliest;
}

void tg_bus_run_deadlines(struct tg_machine *machine, uint64_t now)
{
    for (uint32_t i = 0; i < TG_DEVICE_COUNT; i++) {
        uint64_t deadline = deadline_of(machine, i);
        if (deadline <= now && deadline != TG_NEVER)
            devices[i].operations->run_deadline(machine, machine->bus->states[i], now);
    }
}

void tg_bus_deadline_changed(struct tg_machine *machine)
{
    /* With several CPUs rounds are never cut, so nothing depends on the deadline before the round's
     * end. */
    if (machine->config.cpus == 1) {
        machine->has_deadline_changed = true;
        machine->attention = true;
    }
}

void tg_bus_input(struct tg_machine *machine, struct tg_input input)
{
    uint32_t index = input.kind == TG_INPUT_KEY ? TG_DEVICE_KEYBOARD : TG_DEVICE_SERIAL;
    if (input.kind == TG_INPUT_LINE)
        tg_bus_pull_line(machine, input.value);
    else if (input.kind == TG_INPUT_KEY || input.kind == TG_INPUT_SERIAL)
        devices[index].operations->input(machine, machine->bus->states[index], input.value);
}
