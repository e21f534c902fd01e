/*
 * The disk's driver: reads and writes of whole sectors, one command of the device at a time, the
 * others in the order in which they came. Data go through RAM of the driver's own, which the device
 * reads and writes by itself; an interrupt says when it is done. A completed write is on the disk.
 *
 * It trusts neither askers nor device: a command that fails is given again, as is one whose
 * interrupt was lost, and after TRIES it is an error, or the end of the driver if the device says
 * nothing at all. Device: docs/devices.md section 12.
 */
#include "tg32.h"
#include "turnpike/service.h"

#define SECTOR_BYTES  512u
#define MOST_BYTES    65536u
#define COMMAND_READ  1u
#define COMMAND_WRITE 2u

/* The longest command takes 74,000 ticks. */
#define WATCHDOG_TICKS 400000u
#define TRIES          4u

static struct {
    struct request *first, *last;
    struct request *current; /* whose command is under way: the first one, or none's: */
    bool is_under_way;       /* also of a command that a predecessor has left */
    uint32_t tries;          /* of the first one */
    uint32_t sectors;        /* of the disk */
    unsigned char *data;     /* MOST_BYTES, seen by the device at: */
    uint32_t data_paddr;
} disk;

static void begin_command(void)
{
    const struct request *request = disk.first;
    bool is_write = request->call == TP_CALL_DISK_WRITE;

    tg_outw(TG_PORT_DISK_SECTOR, (uint32_t)request->args[0]);
    tg_outw(TG_PORT_DISK_COUNT, (uint32_t)request->args[3] / SECTOR_BYTES);
    tg_outw(TG_PORT_DISK_ADDRESS, disk.data_paddr);
    tg_outw(TG_PORT_DISK_COMMAND, is_write ? COMMAND_WRITE : COMMAND_READ);
    disk.current = disk.first;
    disk.is_under_way = true;
    tp_alarm(TP_SERVICE_DISK, WATCHDOG_TICKS);
}

/* Ends the first request. */
static void finish(int32_t result)
{
    struct request *request = disk.first;

    disk.first = request->next;
    disk.tries = 0;
    tp_answer(request, result);
}

/* Begins what is first in the queue, if the device is free. */
static void go_on(void)
{
    while (disk.first && !disk.is_under_way) {
        struct request *request = disk.first;
        uint32_t bytes = (uint32_t)request->args[3];
        int error = 0;

        if (request->call == TP_CALL_DISK_WRITE)
            error = tp_copy_in(request, 2, 0, disk.data, bytes);
        if (error)
            finish(error);
        else
            begin_command();
    }
}

/* The device has completed the first request. */
static void complete(uint32_t status)
{
    struct request *request = disk.first;

    if (status & TG_MASK(DISK_STATUS_ERROR)) {
        if (++disk.tries == TRIES)
            finish(-TP_EIO);
    } else if (request->call == TP_CALL_DISK_READ) {
        finish(tp_copy_out(request, 2, 0, disk.data, (uint32_t)request->args[3]));
    } else {
        finish(0);
    }
}

/* Takes notice of a command that is done; false: none is. */
static bool collect(void)
{
    uint32_t status = tg_inw(TG_PORT_DISK_STATUS);

    if (!(status & TG_MASK(DISK_STATUS_DONE)))
        return false;
    tg_outw(TG_PORT_DISK_STATUS, TG_MASK(DISK_STATUS_DONE));
    tp_alarm(TP_SERVICE_DISK, 0);
    disk.is_under_way = false;
    if (disk.current)
        complete(status);
    disk.current = NULL;
    go_on();
    return true;
}

static void interrupt(uint32_t source)
{
    collect();
    tp_interrupt_done(source);
}

/* The device has been silent for too long: its interrupt was lost, or the command was. */
static void alarm(void)
{
    if (collect())
        return;
    if (++disk.tries == TRIES)
        tp_fail("the disk does not complete its commands");
    if (tg_inw(TG_PORT_DISK_STATUS) & TG_MASK(DISK_STATUS_BUSY)) {
        tp_alarm(TP_SERVICE_DISK, WATCHDOG_TICKS);
        return;
    }
    disk.is_under_way = false;
    go_on();
}

/* Whether a request is for sectors that there are; all is copied from args before. */
static int32_t check(const struct request *request)
{
    tp_word sector = request->args[0], bytes = request->args[3];

    if (bytes == 0 || bytes % SECTOR_BYTES || bytes > MOST_BYTES)
        return -TP_EINVAL;
    if (disk.sectors == 0)
        return -TP_ENXIO;
    if (sector >= disk.sectors || bytes / SECTOR_BYTES > disk.sectors - sector)
        return -TP_EINVAL;
    return 0;
}

static void handle(struct request *request)
{
    if (request->call == TP_CALL_DISK_INFO) {
        tp_answer(request, (int32_t)disk.sectors);
        return;
    }
    int32_t error = check(request);
    if (error) {
        tp_answer(request, error);
        return;
    }
    request->next = NULL;
    if (disk.first)
        disk.last->next = request;
    else
        disk.first = request;
    disk.last = request;
    go_on();
}

static void start(void)
{
    tp_word address;
    uint32_t paddr;

    if (tp_system(TP_SERVICE_DISK, TP_CALL_DMA_MEMORY, MOST_BYTES, (tp_word)&address,
                  (tp_word)&paddr, 0) < 0)
        tp_fail("no memory for the disk's data; start the machine with more (--ram)");
    disk.data = (unsigned char *)address;
    disk.data_paddr = paddr;
    disk.sectors = tg_inw(TG_PORT_DISK_CAPACITY);
    /* A predecessor's command still uses the memory: nothing is begun before it is done. */
    disk.is_under_way = (tg_inw(TG_PORT_DISK_STATUS) & TG_MASK(DISK_STATUS_BUSY)) != 0;
    if (disk.is_under_way)
        tp_alarm(TP_SERVICE_DISK, WATCHDOG_TICKS);
    else
        tg_outw(TG_PORT_DISK_STATUS, TG_MASK(DISK_STATUS_DONE));
}

const struct service disk_service = {
    .id = TP_SERVICE_DISK,
    .start = start,
    .handle = handle,
    .interrupt = interrupt,
    .alarm = alarm,
};
