/*
 * Short ways for the commonest messages: between two programs, when the receiver waits already and
 * nothing is special. Each only tests, with the lock held, and then commits; if a test fails nothing
 * has been changed, and the call goes the way of all others (k_enter_locked). What a short way does is what
 * the long one would have done.
 *
 * They are functions of k_entries, and end in k_pass (entry.S) or as the others do.
 */
#ifndef KERNEL_FAST_H
#define KERNEL_FAST_H

#include "kernel/cpu.h"
#include "kernel/queue.h"

/* k_fast_yield (schedule.c): a program lets another one of its priority run. */
k_entry k_fast_call_words, k_fast_reply_receive_words, k_fast_call, k_fast_reply_receive, k_fast_notify, k_fast_yield;

/* The same for callers that have a queue: what is in it has to be taken before its owner waits, by the long way.
 * (NOTIFY does not wait.) */
k_entry k_fast_call_words_queued, k_fast_reply_receive_words_queued, k_fast_call_queued, k_fast_reply_receive_queued,
    k_fast_yield_queued;

#define K_INLINE __attribute__((always_inline)) inline

/* Each way twice: for callers without and with a queue. */
#define K_SHORT_WAYS(way)                                                                          \
    struct process *k_fast_##way(struct process *caller)                                           \
    {                                                                                              \
        return way(caller, false);                                                                 \
    }                                                                                              \
    struct process *k_fast_##way##_queued(struct process *caller)                                  \
    {                                                                                              \
        return way(caller, true);                                                                  \
    }

/* Has a caller nothing that asks for the long way? One without ipc.attention that had a queue when it entered has it
 * still. */
static K_INLINE bool is_usual(const struct process *caller, bool has_queue)
{
    return !caller->ipc.attention && !(has_queue && k_has_submitted(caller));
}

/* Error word of a page fault: docs/isa.md section 6. */
#define K_PAGE_ACCESS(error) ((error)&0xf)
#define K_PAGE_REASON(error) ((error) >> 4 & 0xf)

/* The long way of an exception, when the lock is held (exception.c). */
struct process *k_exception_locked(struct process *process);

/* The memory service asked for an absent page, and its answer (fast_page.c). */
struct process *k_fast_serve(struct process *server);

/* Nothing keeps this CPU from going on with another program at once. */
static K_INLINE bool is_free_to_switch(const struct process *to)
{
    const struct cpu *cpu = k_cpu();

    return !cpu->must_choose && !(to->space.stale_cpus >> cpu->number & 1);
}

/* entry.S: the end of a short way between two processes without ports, the one that entered by a trap: goes on with the other
 * one, however that entered. next_turn: the lock's. */
struct process *k_switch(struct process *to, uint32_t next_turn);

#endif
