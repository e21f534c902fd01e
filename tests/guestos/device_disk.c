/* The disk for tests of its driver: see device_disk.h. Device: docs/devices.md section 12. */
#include <stdlib.h>
#include <string.h>

#include "device_disk.h"
#include "host.h"
#include "tg32.h"

#define PHYSICAL 0x00340000u

struct device_faults device_faults;
unsigned char device_memory[65536];
unsigned device_commands;
uint64_t device_sectors_moved;

static struct device {
    unsigned char *contents;
    uint32_t sectors;
    uint32_t sector, count, address, command;
    bool is_busy, is_done, is_error;
} device;

unsigned char *device_sector(uint32_t sector)
{
    return device.contents + (size_t)sector * 512;
}

static void carry_out(void)
{
    ck_assert_msg(device.address == PHYSICAL && device.count <= 128, "memory of others is used");
    unsigned char *at = device_sector(device.sector);
    size_t bytes = (size_t)device.count * 512;
    if (device.command == 1)
        memcpy(device_memory, at, bytes);
    else
        memcpy(at, device_memory, bytes);
    device_sectors_moved += device.count;
}

/* Takes one of a kind of fault, if there is one. */
static bool take(unsigned *faults)
{
    return *faults && (*faults)--;
}

bool device_complete(void)
{
    if (!device.is_busy || take(&device_faults.stuck))
        return false;
    device.is_busy = false;
    if (take(&device_faults.silences))
        return false;
    device.is_done = true;
    device.is_error = take(&device_faults.errors);
    device_commands++;
    if (!device.is_error)
        carry_out();
    if (!take(&device_faults.lost_interrupts))
        host_interrupt(TP_SERVICE_DISK, TG_SOURCE_DISK);
    return true;
}

static uint32_t in(uint32_t port, unsigned width)
{
    ck_assert_uint_eq(width, 4);
    switch (port) {
    case TG_PORT_DISK_CAPACITY:
        return device.sectors;
    case TG_PORT_DISK_STATUS:
        return 1u | TG_PUT(DISK_STATUS_BUSY, device.is_busy) |
               TG_PUT(DISK_STATUS_DONE, device.is_done) |
               TG_PUT(DISK_STATUS_ERROR, device.is_error ? 5 : 0);
    default:
        ck_abort_msg("port 0x%x is read", port);
    }
}

static void begin_command(uint32_t command)
{
    ck_assert_msg(!device.is_busy, "a command while the device was busy");
    ck_assert(device.sector < device.sectors && device.count >= 1 &&
              device.count <= device.sectors - device.sector);
    device.command = command;
    device.is_busy = true;
    device.is_done = device.is_error = false;
}

static void out(uint32_t port, unsigned width, uint32_t value)
{
    ck_assert_uint_eq(width, 4);
    switch (port) {
    case TG_PORT_DISK_COMMAND:
        begin_command(value);
        break;
    case TG_PORT_DISK_SECTOR:
        device.sector = value;
        break;
    case TG_PORT_DISK_COUNT:
        device.count = value;
        break;
    case TG_PORT_DISK_ADDRESS:
        device.address = value;
        break;
    case TG_PORT_DISK_STATUS:
        if (value & TG_MASK(DISK_STATUS_DONE))
            device.is_done = device.is_error = false;
        break;
    default:
        ck_abort_msg("port 0x%x is written", port);
    }
}

static int32_t system_call(enum tp_service asker, enum tp_call call, const tp_word args[4])
{
    ck_assert(asker == TP_SERVICE_DISK && call == TP_CALL_DMA_MEMORY && args[0] == 65536);
    *(tp_word *)args[1] = (tp_word)device_memory;
    *(uint32_t *)args[2] = PHYSICAL;
    return 0;
}

void device_begin(uint32_t sectors)
{
    free(device.contents);
    memset(&device, 0, sizeof device);
    memset(&device_faults, 0, sizeof device_faults);
    device_commands = 0;
    device_sectors_moved = 0;
    device.sectors = sectors;
    device.contents = malloc((size_t)sectors * 512);
    ck_assert_ptr_nonnull(device.contents);
    for (uint32_t i = 0; i < sectors; i++)
        memset(device_sector(i), (int)i, 512);
    host_set_ports(in, out);
    host_set_system(system_call);
}

void device_set_busy(void)
{
    device = (struct device){.contents = device.contents,
                             .sectors = device.sectors,
                             .command = 1,
                             .count = 1,
                             .address = PHYSICAL,
                             .is_busy = true};
}
