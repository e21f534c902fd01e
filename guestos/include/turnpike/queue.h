/*
 * Batches: calls that a program puts into its queue, to be made when the kernel next looks; their
 * results it collects later. Any call but those that the table marks ALONE. The memory that a call
 * names must stay until its completion. Manual: docs/turnpike.md, "Queues".
 *
 *     tp_queue_open();
 *     for (i = 0; i < 8; i++)
 *         tp_submit(TP_CALL_WRITE, file, (tp_word)block[i], 512, 0, 0, 0, i);
 *     tp_enter(8);                                 the doorbell: waits for 8 completions
 *     while (tp_collect(&completion)) ...          completion.tag is i, .result what write() answers
 */
#ifndef TURNPIKE_QUEUE_H
#define TURNPIKE_QUEUE_H

#include "turnpike/abi.h"

#define TP_QUEUE ((volatile struct tp_queue *)TP_QUEUE_ADDRESS)

/* 1, or -1 with errno: there is no memory. Children of fork have none; exec ends it. */
int tp_queue_open(void);

/* Puts a call in: 0, or -1 if the queue is full until the kernel has looked (tp_enter). tag: below
 * 0xffffffff. */
static inline int tp_submit(uint32_t call, tp_word a0, tp_word a1, tp_word a2, tp_word a3, tp_word a4,
                            tp_word a5, uint32_t tag)
{
    volatile struct tp_queue *queue = TP_QUEUE;
    uint32_t submitted = queue->submitted;
    volatile struct tp_queue_entry *entry = &queue->entries[submitted % TP_QUEUE_ENTRIES];

    if (submitted - queue->taken >= TP_QUEUE_ENTRIES)
        return -1;
    entry->call = call;
    entry->args[0] = (uint32_t)a0;
    entry->args[1] = (uint32_t)a1;
    entry->args[2] = (uint32_t)a2;
    entry->args[3] = (uint32_t)a3;
    entry->args[4] = (uint32_t)a4;
    entry->args[5] = (uint32_t)a5;
    entry->tag = tag;
    queue->submitted = submitted + 1;
    return 0;
}

/* The doorbell: the kernel takes what is there, and waits until so many completions can be
 * collected or no call is under way. The number taken, or -1 with errno. */
int tp_enter(unsigned completions);

/* The next completion: 1, or 0 if there is none yet. */
int tp_collect(struct tp_completion *completion);

#endif
