/*
 * Costs of queues: one request put in, one taken out, and batches against traps. The queue is worked by hand,
 * as a library would: entry, then index.
 */
#include <unistd.h>

#include "costs.h"
#include "turnpike.h"

#define QUEUE ((volatile struct tp_queue *)TP_QUEUE_ADDRESS)

static void open_queue(void)
{
    NEED(call(TP_CALL_QUEUE_OPEN, 1, 0, 0) == 1);
    call(TP_CALL_QUEUE_ENTER, 0, 0, 0);
    QUEUE->collected = QUEUE->completed;
}

/* The process's own count of what it has put in: the page's is for the kernel to read. */
static inline void submit(uint32_t number, uint32_t a0, uint32_t a1, uint32_t a2, uint32_t *submitted)
{
    volatile struct tp_queue_entry *entry = &QUEUE->entries[*submitted % TP_QUEUE_ENTRIES];

    entry->call = number;
    entry->args[0] = a0;
    entry->args[1] = a1;
    entry->args[2] = a2;
    entry->tag = *submitted;
    QUEUE->submitted = ++*submitted;
}

static uint32_t submit_one(void)
{
    uint32_t submitted = QUEUE->submitted;
    uint32_t before = insns();

    submit(TP_CALL_NOTHING, 0, 0, 0, &submitted);
    before = insns() - before - 1;
    call(TP_CALL_QUEUE_ENTER, 1, 0, 0);
    QUEUE->collected++;
    return before;
}

/* Puts `count` of a call in, rings, and takes the completions out: all of it. */
static uint32_t batch(uint32_t count, uint32_t number, uint32_t a0, uint32_t a1, uint32_t a2)
{
    uint32_t submitted = QUEUE->submitted;
    uint32_t collected = QUEUE->collected;
    uint32_t before = insns();

    for (uint32_t i = 0; i < count; i++)
        submit(number, a0, a1, a2, &submitted);
    call(TP_CALL_QUEUE_ENTER, count, 0, 0);
    for (uint32_t i = 0; i < count; i++)
        NEED(QUEUE->completions[collected++ % TP_QUEUE_COMPLETIONS].result >= 0);
    QUEUE->collected = collected;
    return insns() - before - 1;
}

static uint32_t enter_with(uint32_t count)
{
    uint32_t submitted = QUEUE->submitted;
    int32_t result;
    uint32_t cost;

    for (uint32_t i = 0; i < count; i++)
        submit(TP_CALL_NOTHING, 0, 0, 0, &submitted);
    cost = cost_of_call(TP_CALL_QUEUE_ENTER, 0, 0, 0, &result);
    QUEUE->collected = QUEUE->completed;
    return (uint32_t)result == count ? cost : UINT32_MAX; /* an interrupt has taken some before */
}

static uint32_t enter_empty(void)
{
    return enter_with(0);
}

static uint32_t enter_33(void)
{
    return enter_with(33);
}

/* The least of some times: an interrupt in one of them is not the doorbell's. */
static uint32_t least_enter_with(uint32_t count)
{
    uint32_t least = UINT32_MAX;

    for (int i = 0; i < 8; i++) {
        uint32_t cost = enter_with(count);

        least = cost < least ? cost : least;
    }
    return least;
}

static uint32_t drain_one(void)
{
    /* the difference of 33 and 1, by 32: what does not depend on the number falls away */
    return (least_enter_with(33) - least_enter_with(1)) / 32;
}

static uint32_t null_1(void)
{
    return batch(1, TP_CALL_NOTHING, 0, 0, 0);
}

static uint32_t null_8(void)
{
    return batch(8, TP_CALL_NOTHING, 0, 0, 0) / 8;
}

static uint32_t null_64(void)
{
    return batch(64, TP_CALL_NOTHING, 0, 0, 0) / 64;
}

static const struct cost costs[] = {
    {"queue-submit", "a request put into the queue, without a trap", open_queue, NULL, submit_one, 20},
    {"queue-enter-0", "the doorbell, nothing there", open_queue, NULL, enter_empty, 20},
    {"queue-enter-33", "the doorbell, 33 null requests", open_queue, NULL, enter_33, 20},
    {"queue-drain", "one null request more taken out and answered", open_queue, NULL, drain_one, 1},
    {"queue-null-1", "a batch of 1: put in, rung, collected, for each", open_queue, NULL, null_1, 20},
    {"queue-null-8", "a batch of 8, for each", open_queue, NULL, null_8, 20},
    {"queue-null-64", "a batch of 64, for each", open_queue, NULL, null_64, 20},
};

const struct cost_table queue_costs = COST_TABLE(costs);
