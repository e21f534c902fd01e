/* A process's own queue, by hand: for tests that say to the kernel what a library never would. */
#ifndef CALLTEST_QUEUE_H
#define CALLTEST_QUEUE_H

#include "calltest.h"

#define QUEUE ((volatile struct tp_queue *)TP_QUEUE_ADDRESS)

/* Opens the queue, and takes out what a library has left in it. */
static inline void queue_open(void)
{
    EQUAL(CALL(TP_CALL_QUEUE_OPEN, 1), 1);
    CHECK(CALL(TP_CALL_QUEUE_ENTER, 0) >= 0);
    QUEUE->collected = QUEUE->completed;
}

static inline void queue_put(uint32_t call, uint32_t tag, uint32_t a0, uint32_t a1, uint32_t a2)
{
    volatile struct tp_queue_entry *entry = &QUEUE->entries[QUEUE->submitted % TP_QUEUE_ENTRIES];

    entry->call = call;
    entry->args[0] = a0;
    entry->args[1] = a1;
    entry->args[2] = a2;
    entry->args[3] = 0;
    entry->args[4] = 0;
    entry->args[5] = 0;
    entry->tag = tag;
    QUEUE->submitted++;
}

static inline int32_t queue_enter(uint32_t completions)
{
    return CALL(TP_CALL_QUEUE_ENTER, completions);
}

static inline uint32_t queue_ready(void)
{
    return QUEUE->completed - QUEUE->collected;
}

static inline struct tp_completion queue_collect(void)
{
    volatile struct tp_completion *place;
    struct tp_completion completion;

    CHECK(queue_ready() > 0);
    place = &QUEUE->completions[QUEUE->collected % TP_QUEUE_COMPLETIONS];
    completion.tag = place->tag;
    completion.result = place->result;
    QUEUE->collected++;
    return completion;
}

#endif
