/*
 * The bus: which device answers at which port or physical address, interrupt sources, direct memory
 * access, deadlines. It checks width, alignment, direction and range, so that a device sees only
 * accesses to its own registers, and none of its checks can stop the host. Manual: docs/devices.md;
 * table of devices: bus/devices.def.
 */
#ifndef TG_BUS_H
#define TG_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/ports.h"
#include "core/state.h"

/* A virtual time that never comes. */
#define TG_NEVER UINT64_MAX

/* A register, or count registers alike one after the other. Only whole registers can be accessed,
 * only in the stated directions. */
struct tg_port_register {
    const char *name;
    enum tg_device_index device;
    uint16_t port; /* a multiple of bytes */
    uint8_t count;
    uint8_t bytes; /* width: 1, 2 or 4 */
    bool is_readable, is_writable;
    const char *meaning;
};

/* A field of a register. */
struct tg_port_bits {
    uint16_t port; /* of the register */
    const char *name;
    uint8_t high, low;
    const char *meaning;
};

/* What a device does. All functions but reset may be NULL. */
struct tg_device_operations {
    uint32_t state_bytes; /* of the state, which begins with what the device's fields describe */

    /* Sets the power-on state. */
    void (*reset)(struct tg_machine *machine, void *state);
    /* Frees what the state owns beside itself. */
    void (*finish)(void *state);
    /* Register accesses by cpu; port is one of the device's own, allowed in that direction. Values
     * fit the width. */
    uint32_t (*read)(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t port);
    void (*write)(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t port,
                  uint32_t value);
    /* Accesses to the memory window: offset is a multiple of bytes, and [offset, offset + bytes) in
     * the window. Reading changes nothing: debuggers read too. */
    uint32_t (*memory_read)(struct tg_machine *machine, void *state, uint32_t offset,
                            uint32_t bytes);
    void (*memory_write)(struct tg_machine *machine, void *state, uint32_t offset, uint32_t bytes,
                         uint32_t value);
    /* Virtual time at which run_deadline wants to be called; TG_NEVER. run_deadline does all that
     * is due at now. */
    uint64_t (*deadline)(const struct tg_machine *machine, const void *state);
    void (*run_deadline)(struct tg_machine *machine, void *state, uint64_t now);
    bool is_endless; /* one deadline may lead to the next for ever, without a CPU's doing */
    /* An outside event of the device's kind. */
    void (*input)(struct tg_machine *machine, void *state, uint32_t value);
};

/* A row of devices.def. */
struct tg_device {
    const char *name;
    const char *meaning;
    uint32_t memory_base, memory_bytes; /* physical window; 0 bytes: none */
    uint8_t source;                     /* interrupt source; TG_NO_SOURCE: none */
    const struct tg_field_table *fields;
    const struct tg_device_operations *operations;
};

/* TG_OK or TG_E_NOMEM. Sets machine->bus, which tg_bus_reset must make ready. */
int tg_bus_create(struct tg_machine *machine);
void tg_bus_destroy(struct tg_machine *machine);
void tg_bus_reset(struct tg_machine *machine);

/* The rows, index from 0; NULL past the last. State of device index in this machine. */
const struct tg_device *tg_bus_device(uint32_t index);
void *tg_bus_device_state(const struct tg_machine *machine, uint32_t index);
const struct tg_port_register *tg_bus_register(uint32_t index);
const struct tg_port_bits *tg_bus_bits(uint32_t index);
/* The register at exactly this port with this width; NULL: none. */
const struct tg_port_register *tg_bus_register_at(uint32_t port, uint32_t bytes);

/* --- For engines. False: a bus exception, nothing happened. Port permission is their business. */
bool tg_bus_port_read(struct tg_cpu *cpu, uint32_t port, uint32_t bytes, uint32_t *ret_value);
bool tg_bus_port_write(struct tg_cpu *cpu, uint32_t port, uint32_t bytes, uint32_t value);
bool tg_bus_memory_read(struct tg_cpu *cpu, uint32_t paddr, uint32_t bytes, uint32_t *ret_value);
bool tg_bus_memory_write(struct tg_cpu *cpu, uint32_t paddr, uint32_t bytes, uint32_t value);
/* Takes the source offered to cpu (there is one): it is now in service. Returns its number, 0
 * to 31. */
uint32_t tg_bus_acknowledge(struct tg_cpu *cpu);

/* --- For the scheduler. Earliest deadline of all devices; runs all that are due by now. */
uint64_t tg_bus_deadline(const struct tg_machine *machine);
/* Whether deadlines can still bring about anything while no CPU executes: a device that comes to an
 * end by itself has one, or an endless one that would be offered to a waiting CPU. */
bool tg_bus_can_wake(const struct tg_machine *machine);
void tg_bus_run_deadlines(struct tg_machine *machine, uint64_t now);
/* Takes all kinds but TG_INPUT_RESET. */
void tg_bus_input(struct tg_machine *machine, struct tg_input input);
bool tg_bus_keyboard_is_empty(const struct tg_machine *machine);
bool tg_bus_disk_is_busy(const struct tg_machine *machine);
/* For looking: what the interrupt controller holds of a source for a CPU, and a CPU's threshold. */
void tg_bus_view_source(const struct tg_machine *machine, uint32_t cpu, uint32_t source,
                        struct tg_source_view *ret_view);
uint32_t tg_bus_threshold(const struct tg_machine *machine, uint32_t cpu);
/* Recomputes is_interrupt_offered of every CPU from device state (after a load). */
void tg_bus_refresh(struct tg_machine *machine);

/* --- For devices. Level of an interrupt source that all CPUs share (2 to 31). */
void tg_bus_set_line(struct tg_machine *machine, uint32_t source, bool is_asserted);
/* Sources 0 (timer) and 1 (inter-processor) are each CPU's own. */
void tg_bus_set_local_line(struct tg_machine *machine, uint32_t cpu, uint32_t source,
                           bool is_asserted);
/* The same from outside: value is that of a TG_INPUT_LINE. */
void tg_bus_pull_line(struct tg_machine *machine, uint32_t value);
/* A device's deadline was changed by an access: the scheduler looks again before the next
 * instruction. */
void tg_bus_deadline_changed(struct tg_machine *machine);
/* Direct memory access to RAM; false and nothing done when the range is not all RAM. */
bool tg_bus_dma_read(struct tg_machine *machine, enum tg_device_index device, uint32_t paddr,
                     void *bytes, uint32_t count);
bool tg_bus_dma_write(struct tg_machine *machine, enum tg_device_index device, uint32_t paddr,
                      const void *bytes, uint32_t count);

/* --- The disk's contents (devices/disk.c): a base image, and the blocks that the guest changed. */
#define TG_DISK_BLOCK_BYTES 4096

/* Attaches a copy of an image of size bytes, a multiple of 512 (size 0: no disk); replaces an
 * earlier disk and its changes. Errors: TG_E_FORMAT, TG_E_NOMEM (the earlier disk stays). */
int tg_bus_disk_attach(struct tg_machine *machine, const void *image, uint64_t size);
/* The same without a copy: image was allocated with malloc or calloc, and belongs to the disk if
 * this returns TG_OK. Pages of it that the host has not provided yet stay so. */
int tg_bus_disk_adopt(struct tg_machine *machine, uint8_t *image, uint64_t size);
/* The image as attached; belongs to the disk, NULL without one. */
const uint8_t *tg_bus_disk_base(const struct tg_machine *machine, uint64_t *ret_size);
/* What the disk now holds. False, and nothing done, when [offset, offset + count) is not all on the
 * disk. */
bool tg_bus_disk_read(const struct tg_machine *machine, uint64_t offset, void *bytes,
                      uint64_t count);
bool tg_bus_disk_write(struct tg_machine *machine, uint64_t offset, const void *bytes,
                       uint64_t count);
/* The first changed block at or after number *block: sets *block and *ret_bytes
 * (TG_DISK_BLOCK_BYTES, zero past the disk's end; the disk's own). False when there is none. */
bool tg_bus_disk_next_change(const struct tg_machine *machine, uint64_t *block,
                             const uint8_t **ret_bytes);
/* Back to the image as attached. */
void tg_bus_disk_discard_changes(struct tg_machine *machine);
/* Makes a block a changed one with these TG_DISK_BLOCK_BYTES (bytes past the disk's end are not
 * kept). Needs no memory. False when the disk has no such block. */
bool tg_bus_disk_set_block(struct tg_machine *machine, uint64_t block, const uint8_t *bytes);
/* Makes a block what the base image has. */
void tg_bus_disk_forget_change(struct tg_machine *machine, uint64_t block);
/* Checkpoints (core/checkpoint.h): begins to list the blocks that differ from what is kept, at
 * first all changed ones (false: no memory); takes note that all is kept as it now is; ends it; the
 * list. */
bool tg_bus_disk_keep_begin(struct tg_machine *machine);
void tg_bus_disk_keep(struct tg_machine *machine);
void tg_bus_disk_keep_end(struct tg_machine *machine);
size_t tg_bus_disk_unkept(const struct tg_machine *machine, const uint32_t **ret_blocks);
/* Sum of the hashes (core/digest.h) of all blocks as the disk now holds them; kept until the next
 * write. */
uint64_t tg_bus_disk_hash(struct tg_machine *machine);

#endif
