/*
 * The bus: which device answers at which port or physical address, interrupt sources, direct memory access, deadlines.
 * It checks width, alignment, direction and range, so that a device sees only accesses to its own registers, and
 * none of its checks can stop the host. Manual: docs/devices.md; table of devices: bus/devices.def.
 */
#ifndef TG_BUS_H
#define TG_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/state.h"

/* A register in a device's port range. Only these can be accessed, only whole and in the stated directions. */
struct tg_port_register {
    const char *name;
    uint16_t offset; /* from the device's first port */
    uint8_t bytes;   /* width: 1, 2 or 4; offset is a multiple of it */
    bool is_readable, is_writable;
    const char *meaning; /* for docs/devices.md and the debugger */
};

/* A kind of device: one constant row. Its state is plain data described by fields; all functions but reset may be NULL. */
struct tg_device {
    const char *name;
    const char *meaning;
    uint16_t port_base, port_count;
    const struct tg_port_register *registers;
    uint32_t register_count;
    uint32_t memory_base, memory_bytes; /* physical window; 0 bytes: none */
    uint8_t source;                     /* interrupt source; 0xff: none */
    const struct tg_field_table *fields;
    uint32_t state_bytes;

    /* Sets the power-on state. */
    void (*reset)(struct tg_machine *machine, void *state);
    /* Register accesses by cpu, register_index into registers. Values fit the register's width. */
    uint32_t (*read)(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t register_index);
    void (*write)(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t register_index, uint32_t value);
    /* Accesses to the memory window: offset is aligned to bytes and in the window. */
    uint32_t (*memory_read)(struct tg_machine *machine, void *state, uint32_t offset, uint32_t bytes);
    void (*memory_write)(struct tg_machine *machine, void *state, uint32_t offset, uint32_t bytes, uint32_t value);
    /* Virtual time at which run_deadline wants to be called; UINT64_MAX: never. */
    uint64_t (*deadline)(const struct tg_machine *machine, const void *state);
    void (*run_deadline)(struct tg_machine *machine, void *state, uint64_t now);
    /* An outside event of the device's kind. */
    void (*input)(struct tg_machine *machine, void *state, uint32_t value);
};

int tg_bus_create(struct tg_machine *machine); /* TG_OK or TG_E_NOMEM; sets machine->bus */
void tg_bus_destroy(struct tg_machine *machine);
void tg_bus_reset(struct tg_machine *machine);

/* The devices, index from 0; NULL past the last. State of device index in this machine. */
const struct tg_device *tg_bus_device(uint32_t index);
void *tg_bus_device_state(const struct tg_machine *machine, uint32_t index);

/* --- For engines: false means a bus exception, nothing happened. Port permission is the engine's business. */
bool tg_bus_port_read(struct tg_cpu *cpu, uint32_t port, uint32_t bytes, uint32_t *ret_value);
bool tg_bus_port_write(struct tg_cpu *cpu, uint32_t port, uint32_t bytes, uint32_t value);
bool tg_bus_memory_read(struct tg_cpu *cpu, uint32_t paddr, uint32_t bytes, uint32_t *ret_value);
bool tg_bus_memory_write(struct tg_cpu *cpu, uint32_t paddr, uint32_t bytes, uint32_t value);
/* Takes the source offered to cpu (there is one): it is now in service. Returns its number, 0 to 31. */
uint32_t tg_bus_acknowledge(struct tg_cpu *cpu);

/* --- For the scheduler. Earliest deadline of all devices; runs all that are due at or before now. */
uint64_t tg_bus_deadline(const struct tg_machine *machine);
void tg_bus_run_deadlines(struct tg_machine *machine, uint64_t now);
void tg_bus_input(struct tg_machine *machine, struct tg_input input); /* TG_INPUT_KEY, TG_INPUT_SERIAL */
bool tg_bus_keyboard_is_empty(const struct tg_machine *machine);
/* Recomputes is_interrupt_offered of every CPU from device state (after a load). */
void tg_bus_refresh(struct tg_machine *machine);

/* --- For devices. Level of an interrupt source that all CPUs share (2 to 31). */
void tg_bus_set_line(struct tg_machine *machine, uint32_t source, bool is_asserted);
/* Sources 0 (timer) and 1 (inter-processor) are each CPU's own. */
void tg_bus_set_local_line(struct tg_machine *machine, uint32_t cpu, uint32_t source, bool is_asserted);
/* A device's deadline may have changed: the scheduler looks again before the next instruction of this turn. */
void tg_bus_deadline_changed(struct tg_machine *machine);
/* Direct memory access to RAM; false and nothing done when the range is not all RAM. */
bool tg_bus_dma_read(struct tg_machine *machine, uint32_t paddr, void *bytes, uint32_t count);
bool tg_bus_dma_write(struct tg_machine *machine, uint32_t paddr, const void *bytes, uint32_t count);

/* --- The disk's contents (devices/disk.c): base image and changed blocks. */
int tg_bus_disk_attach(struct tg_machine *machine, const void *image, uint64_t size);

#endif
