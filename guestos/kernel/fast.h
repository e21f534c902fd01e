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

#include "kernel/process.h"

struct process *k_fast_call_words(struct process *caller);
struct process *k_fast_reply_receive_words(struct process *caller);
struct process *k_fast_call(struct process *caller);
struct process *k_fast_reply_receive(struct process *caller);
struct process *k_fast_notify(struct process *caller);

/* A program lets another one of its priority run (schedule.c). */
struct process *k_fast_yield(struct process *caller);

/* entry.S: the end of a short way between two programs, the one that entered by a trap: goes on with the other
 * one, however that entered. next_turn: the lock's. */
struct process *k_switch(struct process *to, uint32_t next_turn);

#endif
