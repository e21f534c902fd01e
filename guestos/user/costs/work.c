/*
 * Costs over the work of a request: nothing, a service's nothing, 512 bytes and 64 KiB of a file, each by trap and in
 * batches by queue. Where the two ways cross shows what a batch is good for.
 */
#include <fcntl.h>
#include <unistd.h>

#include "costs.h"
#include "turnpike.h"

#define QUEUE ((volatile struct tp_queue *)TP_QUEUE_ADDRESS)

static int file = -1;
static uint8_t buffer[65536];

static void open_all(void)
{
    NEED(call(TP_CALL_QUEUE_OPEN, 1, 0, 0) == 1);
    call(TP_CALL_QUEUE_ENTER, 0, 0, 0);
    QUEUE->collected = QUEUE->completed;
    file = open("/costs.tmp", O_CREAT | O_TRUNC | O_RDWR, 0666);
    NEED(file >= 0);
    NEED(write(file, buffer, sizeof buffer) == sizeof buffer);
}

static void close_all(void)
{
    close(file);
    unlink("/costs.tmp");
}

/* Each request reads from the file's beginning: the offset is put back, uncounted. */
static void rewind_file(void)
{
    call(TP_CALL_LSEEK, (uint32_t)file, 0, TP_SEEK_SET);
}

static uint32_t read_by_trap(uint32_t bytes)
{
    int32_t result;
    uint32_t cost;

    rewind_file();
    cost = cost_of_call(TP_CALL_READ, (uint32_t)file, ADDRESS(buffer), bytes, &result);
    NEED(result == (int32_t)bytes);
    return cost;
}

/* Per request, of `count` in a batch that together read no more than the file has. */
static uint32_t batch_of_calls(uint32_t count, uint32_t number, uint32_t bytes)
{
    uint32_t submitted = QUEUE->submitted, collected = QUEUE->collected, before;

    rewind_file();
    before = insns();
    for (uint32_t i = 0; i < count; i++) {
        volatile struct tp_queue_entry *entry = &QUEUE->entries[submitted % TP_QUEUE_ENTRIES];

        entry->call = number;
        entry->args[0] = (uint32_t)file;
        entry->args[1] = ADDRESS(buffer);
        entry->args[2] = bytes;
        entry->tag = submitted;
        QUEUE->submitted = ++submitted;
    }
    call(TP_CALL_QUEUE_ENTER, count, 0, 0);
    for (uint32_t i = 0; i < count; i++)
        NEED(QUEUE->completions[collected++ % TP_QUEUE_COMPLETIONS].result >= 0);
    QUEUE->collected = collected;
    return (insns() - before - 1) / count;
}

static uint32_t read_512(void)
{
    return read_by_trap(512);
}

static uint32_t read_64k(void)
{
    return read_by_trap(65536);
}

#define BATCH(count)                                                                               \
    static uint32_t ping_batch_##count(void)                                                       \
    {                                                                                              \
        return batch_of_calls(count, TP_CALL_PING, 0);                                             \
    }                                                                                              \
    static uint32_t read_512_batch_##count(void)                                                   \
    {                                                                                              \
        return batch_of_calls(count, TP_CALL_READ, 512);                                           \
    }
BATCH(1)
BATCH(2)
BATCH(4)
BATCH(8)
BATCH(16)
BATCH(32)
BATCH(64)

static uint32_t read_64k_batch_1(void)
{
    return batch_of_calls(1, TP_CALL_READ, 65536);
}

#define BATCH_ROWS(count)                                                                          \
    {"ping-batch-" #count, "PING in batches of " #count ", for each", open_all, close_all,         \
     ping_batch_##count, 20},                                                                      \
    {                                                                                              \
        "read-512-batch-" #count, "512 bytes of a file in batches of " #count ", for each",        \
            open_all, close_all, read_512_batch_##count, 20                                        \
    }

static const struct cost costs[] = {
    {"read-512", "512 bytes of a file, by trap", open_all, close_all, read_512, 20},
    {"read-64k", "64 KiB of a file, by trap", open_all, close_all, read_64k, 5},
    BATCH_ROWS(1), BATCH_ROWS(2), BATCH_ROWS(4), BATCH_ROWS(8), BATCH_ROWS(16), BATCH_ROWS(32),
    BATCH_ROWS(64),
    {"read-64k-batch-1", "64 KiB of a file, by queue", open_all, close_all, read_64k_batch_1, 5},
};

const struct cost_table work_costs = COST_TABLE(costs);
