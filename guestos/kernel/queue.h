/*
 * Queues: the calls of a process that it writes into a page it shares with the kernel, in place of a trap for
 * each. All need the lock.
 */
#ifndef KERNEL_QUEUE_H
#define KERNEL_QUEUE_H

#include "kernel/request.h"

/* Takes what the process has put in, as far as there is room for the answers. Number taken. */
uint32_t k_queue_drain(struct process *process);

/* Has a process that has a queue put in what the kernel has not taken? */
static inline bool k_has_submitted(const struct process *process)
{
    return *(const volatile uint32_t *)&process->ipc.queue->submitted != process->ipc.taken;
}

/* Is there something to take? */
static inline bool k_queue_is_due(const struct process *process)
{
    return process->ipc.queue && k_has_submitted(process);
}

/* A call of the queue has its result. */
void k_queue_complete(struct process *process, uint32_t tag, int32_t result);

/* The page that an entry needed is there, if result is 0: tries again. */
void k_queue_retry(struct process *process, uint32_t call, const tp_word *args, uint32_t tag,
                   int32_t result);

/* The queue's page is gone with its space. */
void k_queue_close(struct process *process);

/* The boot word poll=: with 1 the last CPU, which must not be the only one, does nothing but look at queues. */
void k_queue_start(bool is_wanted);

#endif
