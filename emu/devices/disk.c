/*
 * The disk: commands that are carried out by direct memory access at their completion. What is on
 * the disk is the business of disk_contents.c. Manual: docs/devices.md section 12.
 */
#include "bus/bus.h"
#include "core/ram.h"
#include "devices/disk_contents.h"

#define COMMAND_TICKS 10000
#define SECTOR_TICKS  500
#define MAX_COUNT     256

enum command { COMMAND_READ = 1, COMMAND_WRITE = 2, COMMAND_FLUSH = 3 };

enum disk_error {
    ERROR_NONE,
    ERROR_ABSENT,  /* no disk */
    ERROR_COMMAND, /* no such command */
    ERROR_COUNT,   /* not 1 to MAX_COUNT */
    ERROR_SECTOR,  /* not all on the disk */
    ERROR_ADDRESS, /* the buffer is not all RAM */
    ERROR_LAST = ERROR_ADDRESS
};

/* The request is a copy of the registers: they may be written for the next one meanwhile. */
#define TG_DISK_STATE(V, A)                                                                        \
    V(uint32_t, sector, UINT32_MAX)                                                                \
    V(uint32_t, count, UINT32_MAX)                                                                 \
    V(uint32_t, address, UINT32_MAX)                                                               \
    V(uint64_t, done_time, UINT64_MAX) /* when the request is completed; TG_NEVER: none is */      \
    V(uint32_t, request_command, UINT32_MAX)                                                       \
    V(uint32_t, request_sector, UINT32_MAX)                                                        \
    V(uint32_t, request_count, UINT32_MAX)                                                         \
    V(uint32_t, request_address, UINT32_MAX)                                                       \
    V(uint8_t, is_done, 1)                                                                         \
    V(uint8_t, error, ERROR_LAST)                                                                  \
    V(uint8_t, is_refused, 1)

TG_STATE_STRUCT(tg_disk, TG_DISK_STATE);

#define TG_FIELD_TAG tg_disk
TG_STATE_FIELDS(tg_disk, TG_DISK_STATE);

struct disk {
    struct tg_disk s; /* first: bus/bus.h */
    struct tg_disk_contents contents;
};

static bool is_busy(const struct tg_disk *s)
{
    return s->done_time != TG_NEVER;
}

static void reset(struct tg_machine *machine, void *state)
{
    (void)machine;
    struct disk *disk = state;
    disk->s = (struct tg_disk){.done_time = TG_NEVER};
}

static void finish(void *state)
{
    struct disk *disk = state;
    tg_disk_contents_finish(&disk->contents);
}

static uint32_t read_register(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t port)
{
    (void)machine;
    (void)cpu;
    const struct disk *disk = state;
    switch (port) {
    case TG_PORT_DISK_SECTOR:
        return disk->s.sector;
    case TG_PORT_DISK_COUNT:
        return disk->s.count;
    case TG_PORT_DISK_ADDRESS:
        return disk->s.address;
    case TG_PORT_DISK_CAPACITY:
        return (uint32_t)(disk->contents.size / TG_DISK_SECTOR_BYTES);
    default: /* STATUS */
        return TG_PUT(DISK_STATUS_PRESENT, disk->contents.size > 0) |
               TG_PUT(DISK_STATUS_BUSY, is_busy(&disk->s)) |
               TG_PUT(DISK_STATUS_DONE, disk->s.is_done) |
               TG_PUT(DISK_STATUS_ERROR, disk->s.error) |
               TG_PUT(DISK_STATUS_REFUSED, disk->s.is_refused);
    }
}

/* --- Requests -------------------------------------------------------------------------------- */

static void clear_done(struct tg_machine *machine, struct tg_disk *s)
{
    s->is_done = 0;
    s->error = ERROR_NONE;
    tg_bus_set_line(machine, TG_SOURCE_DISK, false);
}

static void begin(struct tg_machine *machine, struct tg_disk *s, uint32_t command)
{
    if (is_busy(s)) {
        s->is_refused = 1;
        return;
    }
    clear_done(machine, s);
    s->request_command = command;
    s->request_sector = s->sector;
    s->request_count = s->count;
    s->request_address = s->address;
    bool moves_data = command == COMMAND_READ || command == COMMAND_WRITE;
    uint32_t sectors = moves_data && s->count <= MAX_COUNT ? s->count : 0;
    s->done_time = tg_machine_now(machine) + COMMAND_TICKS + sectors * SECTOR_TICKS;
    tg_bus_deadline_changed(machine);
}

static enum disk_error check(const struct tg_machine *machine, const struct disk *disk)
{
    const struct tg_disk *s = &disk->s;
    uint64_t sectors = disk->contents.size / TG_DISK_SECTOR_BYTES;
    if (sectors == 0)
        return ERROR_ABSENT;
    if (s->request_command == COMMAND_FLUSH)
        return ERROR_NONE;
    if (s->request_command != COMMAND_READ && s->request_command != COMMAND_WRITE)
        return ERROR_COMMAND;
    if (s->request_count == 0 || s->request_count > MAX_COUNT)
        return ERROR_COUNT;
    if (s->request_count > sectors || s->request_sector > sectors - s->request_count)
        return ERROR_SECTOR;
    if (!tg_ram_contains(&machine->ram, s->request_address,
                         s->request_count * TG_DISK_SECTOR_BYTES))
        return ERROR_ADDRESS;
    return ERROR_NONE;
}

/* Moves the data of a request that check has found right. */
static void transfer(struct tg_machine *machine, struct disk *disk)
{
    const struct tg_disk *s = &disk->s;
    for (uint32_t i = 0; i < s->request_count; i++) {
        uint64_t offset = ((uint64_t)s->request_sector + i) * TG_DISK_SECTOR_BYTES;
        uint32_t paddr = s->request_address + i * TG_DISK_SECTOR_BYTES;
        uint8_t sector[TG_DISK_SECTOR_BYTES];
        if (s->request_command == COMMAND_READ) {
            tg_disk_contents_read(&disk->contents, offset, sector, sizeof sector);
            tg_bus_dma_write(machine, TG_DEVICE_DISK, paddr, sector, sizeof sector);
        } else {
            tg_bus_dma_read(machine, TG_DEVICE_DISK, paddr, sector, sizeof sector);
            tg_disk_contents_write(&disk->contents, offset, sector, sizeof sector);
        }
    }
}

static uint64_t deadline(const struct tg_machine *machine, const void *state)
{
    (void)machine;
    const struct disk *disk = state;
    return disk->s.done_time;
}

static void run_deadline(struct tg_machine *machine, void *state, uint64_t now)
{
    (void)now;
    struct disk *disk = state;
    enum disk_error error = check(machine, disk);
    if (error == ERROR_NONE && disk->s.request_command != COMMAND_FLUSH)
        transfer(machine, disk);
    disk->s.done_time = TG_NEVER;
    disk->s.is_done = 1;
    disk->s.error = (uint8_t)error;
    tg_bus_set_line(machine, TG_SOURCE_DISK, true);
}

static void write_register(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t port,
                           uint32_t value)
{
    (void)cpu;
    struct tg_disk *s = &((struct disk *)state)->s;
    switch (port) {
    case TG_PORT_DISK_COMMAND:
        begin(machine, s, value);
        break;
    case TG_PORT_DISK_SECTOR:
        s->sector = value;
        break;
    case TG_PORT_DISK_COUNT:
        s->count = value;
        break;
    case TG_PORT_DISK_ADDRESS:
        s->address = value;
        break;
    default: /* STATUS */
        if (TG_GET(DISK_STATUS_DONE, value))
            clear_done(machine, s);
        s->is_refused &= !TG_GET(DISK_STATUS_REFUSED, value);
        break;
    }
}

const struct tg_device_operations tg_disk_operations = {
    .state_bytes = sizeof(struct disk),
    .reset = reset,
    .finish = finish,
    .read = read_register,
    .write = write_register,
    .deadline = deadline,
    .run_deadline = run_deadline,
};

/* --- The contents, for the machine ----------------------------------------------------------- */

static struct tg_disk_contents *contents_of(const struct tg_machine *machine)
{
    return &((struct disk *)tg_bus_device_state(machine, TG_DEVICE_DISK))->contents;
}

int tg_bus_disk_attach(struct tg_machine *machine, const void *image, uint64_t size)
{
    return tg_disk_contents_attach(contents_of(machine), image, size);
}

int tg_bus_disk_adopt(struct tg_machine *machine, uint8_t *image, uint64_t size)
{
    return tg_disk_contents_adopt(contents_of(machine), image, size);
}

const uint8_t *tg_bus_disk_base(const struct tg_machine *machine, uint64_t *ret_size)
{
    *ret_size = contents_of(machine)->size;
    return contents_of(machine)->base;
}

bool tg_bus_disk_read(const struct tg_machine *machine, uint64_t offset, void *bytes,
                      uint64_t count)
{
    return tg_disk_contents_read(contents_of(machine), offset, bytes, count);
}

bool tg_bus_disk_write(struct tg_machine *machine, uint64_t offset, const void *bytes,
                       uint64_t count)
{
    return tg_disk_contents_write(contents_of(machine), offset, bytes, count);
}

bool tg_bus_disk_next_change(const struct tg_machine *machine, uint64_t *block,
                             const uint8_t **ret_bytes)
{
    return tg_disk_contents_next_change(contents_of(machine), block, ret_bytes);
}

void tg_bus_disk_discard_changes(struct tg_machine *machine)
{
    tg_disk_contents_discard_changes(contents_of(machine));
}

bool tg_bus_disk_set_block(struct tg_machine *machine, uint64_t block, const uint8_t *bytes)
{
    return tg_disk_contents_set_block(contents_of(machine), block, bytes);
}

void tg_bus_disk_forget_change(struct tg_machine *machine, uint64_t block)
{
    tg_disk_contents_forget_change(contents_of(machine), block);
}

bool tg_bus_disk_keep_begin(struct tg_machine *machine)
{
    return tg_disk_contents_keep_begin(contents_of(machine));
}

bool tg_bus_disk_is_busy(const struct tg_machine *machine)
{
    const struct disk *disk = tg_bus_device_state(machine, TG_DEVICE_DISK);
    return is_busy(&disk->s);
}

void tg_bus_disk_keep(struct tg_machine *machine)
{
    tg_disk_contents_keep(contents_of(machine));
}

void tg_bus_disk_keep_end(struct tg_machine *machine)
{
    tg_disk_contents_keep_end(contents_of(machine));
}

size_t tg_bus_disk_unkept(const struct tg_machine *machine, const uint32_t **ret_blocks)
{
    *ret_blocks = contents_of(machine)->unkept;
    return contents_of(machine)->unkept_count;
}

uint64_t tg_bus_disk_hash(struct tg_machine *machine)
{
    return tg_disk_contents_hash(contents_of(machine));
}
