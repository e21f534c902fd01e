/*
 * What each CPU has of its own, and the one lock around everything that they share.
 *
 * The kernel runs with interrupts off, on one stack for each CPU, and never waits: what entered
 * leaves by going on with some process. Everything but struct cpu and what a process that runs
 * here does to itself belongs to the holder of the lock.
 */
#ifndef KERNEL_CPU_H
#define KERNEL_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/process.h"
#include "tg32.h"

#define K_CPUS        8
#define K_STACK_BYTES (3 * TP_PAGE) /* below it a page that is not mapped */
#define K_SPARE_BYTES 4096          /* for double faults, of which there is one at most */

/* The end of a CPU's stack: control register scratch0, and sp when C is called from an entry. */
struct cpu {
    uint32_t number;
    bool must_choose;     /* another process may be better than the one that runs: see k_leave */
    bool is_idle;         /* the idle process runs: its timer does not tick */
    uint32_t level;       /* the priority of what runs, as the scheduler has it */
    struct process *idle; /* what it runs when there is nothing to run */
    struct process *next; /* became ready when what ran had just blocked: runs now, unless somebody is
                           * more urgent; NULL outside the kernel */
    uint32_t reserved[3]; /* a stack begins below: aligned */
};

/* This CPU. */
static inline struct cpu *k_cpu(void)
{
    return (struct cpu *)tg_rdcr(TG_CR_SCRATCH0);
}

/* The process that entered the kernel on this CPU: control register scratch1. Changes only after C
 * has returned to entry.S. */
static inline struct process *k_current(void)
{
    return (struct process *)tg_rdcr(TG_CR_SCRATCH1);
}

/* Turns of those who want the lock: first come, first served. */
struct lock {
    uint32_t next;    /* the number the next one takes */
    uint32_t serving; /* the number whose turn it is */
};

extern struct lock k_kernel_lock;

/* Takes the kernel's lock; a CPU may not take it twice. The number of its turn. */
static inline uint32_t k_lock(void)
{
    uint32_t mine = __atomic_fetch_add(&k_kernel_lock.next, 1, __ATOMIC_RELAXED);

    while (__atomic_load_n(&k_kernel_lock.serving, __ATOMIC_RELAXED) != mine)
        ;
    __asm__ volatile("" : : : "memory");
    return mine;
}

static inline void k_unlock(void)
{
    __asm__ volatile("" : : : "memory");
    __atomic_store_n(&k_kernel_lock.serving, k_kernel_lock.serving + 1, __ATOMIC_RELAXED);
}

/* The same for who has kept the number of its turn. */
static inline void k_unlock_turn(uint32_t turn)
{
    __asm__ volatile("" : : : "memory");
    __atomic_store_n(&k_kernel_lock.serving, turn + 1, __ATOMIC_RELAXED);
}

/* Sets up this CPU's struct and registers; entry.S has given it a stack. */
void k_cpu_init(uint32_t number);

/* The CPU that calls k_poll again and again in place of waiting, and runs no process; NULL: none does. It is
 * named before it begins. */
extern struct cpu *k_cpu_polling;

/* Calls hide() for the page below each CPU's stack. */
void k_cpu_each_guard(void (*hide)(const void *page));

/* Started CPUs, at least 1, and the one with that number. */
extern uint32_t k_cpu_count;
struct cpu *k_cpu_at(uint32_t number);

#endif
