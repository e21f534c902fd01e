/*
 * Short ways for the commonest messages: between two programs, when the receiver waits already and
 * nothing is special. Each only tests, with the lock held, and then commits; if a test fails nothing
 * has been changed, and the call goes the way of all others (k_enter_locked). What a short way does is what
 * the long one would have done.
 *
 * They are functions of k_enters, and end in k_pass (entry.S) or as those do.
 */
#ifndef KERNEL_FAST_H
#define KERNEL_FAST_H

#include "kernel/cpu.h"

struct process *k_fast_call_words(struct process *caller);
struct process *k_fast_reply_receive_words(struct process *caller);
struct process *k_fast_call(struct process *caller);
struct process *k_fast_reply_receive(struct process *caller);
struct process *k_fast_notify(struct process *caller);

/* A program lets another one of its priority run (schedule.c). */
struct process *k_fast_yield(struct process *caller);

/* Error word of a page fault: docs/isa.md section 6. */
#define K_PAGE_ACCESS(error) ((error)&0xf)
#define K_PAGE_REASON(error) ((error) >> 4 & 0xf)

/* The long way of an exception, when the lock is held (exception.c). */
struct process *k_exception_locked(struct process *process);

/* The memory service asked for an absent page, and its answer (fast_page.c). */
struct process *k_fast_serve(struct process *server);

/* Nothing keeps this CPU from going on with another program at once. */
static __attribute__((always_inline)) inline bool is_free_to_switch(const struct process *to)
{
    const struct cpu *cpu = k_cpu();

    return !cpu->must_choose && !(to->space.stale_cpus >> cpu->number & 1);
}

/* entry.S: the end of a short way between two processes without ports, the one that entered by a trap: goes on with the other
 * one, however that entered. next_turn: the lock's. */
struct process *k_switch(struct process *to, uint32_t next_turn);

#endif
