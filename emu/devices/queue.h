/*
 * A queue of 256 bytes in a device's state: first is the index of the oldest byte, which wraps as
 * its type does.
 */
#ifndef TG_QUEUE_H
#define TG_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#define TG_QUEUE_BYTES 256

#define TG_QUEUE_STATE(V, A)                                                                       \
    A(uint8_t, queue, TG_QUEUE_BYTES, UINT8_MAX)                                                   \
    V(uint8_t, first, UINT8_MAX)                                                                   \
    V(uint16_t, queued, TG_QUEUE_BYTES)                                                            \
    V(uint8_t, has_overflowed, 1)

/* A full queue drops the value and says so. */
static inline void tg_queue_put(uint8_t *queue, uint8_t first, uint16_t *queued,
                                uint8_t *has_overflowed, uint8_t value)
{
    if (*queued == TG_QUEUE_BYTES)
        *has_overflowed = 1;
    else
        queue[(uint8_t)(first + (*queued)++)] = value;
}

/* The oldest byte; 0 from an empty queue. */
static inline uint8_t tg_queue_take(const uint8_t *queue, uint8_t *first, uint16_t *queued)
{
    if (*queued == 0)
        return 0;
    --*queued;
    return queue[(*first)++];
}

#endif
