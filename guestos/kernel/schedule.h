/*
 * Who runs: queues of ready processes by priority, one set for all CPUs. A process that becomes
 * ready gets an idle CPU, else the one that runs the least urgent process below its own priority.
 * Processes of one priority take turns of a tick. All need the lock.
 */
#ifndef KERNEL_SCHEDULE_H
#define KERNEL_SCHEDULE_H

#include "kernel/cpu.h"
#include "kernel/process.h"

/* Of ready processes, by priority. */
extern struct process_queue k_ready_queues[K_PRIORITIES];
extern uint32_t k_ready_levels; /* bit p: that of priority p is not empty */

/* Lets a process that is WAITING or STOPPED run. */
void k_ready(struct process *process);

/* A process that runs here (k_current() as a rule) stops running: state TP_RUN_WAITING, _STOPPED or
 * _DEAD. k_leave then goes on with another one. */
static inline void k_block(struct process *process, enum tp_run_state state)
{
    process->state = (uint8_t)state;
}

/* A process never runs again; its state is STOPPED. False: it runs on another CPU at this moment, which
 * is interrupted; k_left_cpu() is called when that has gone on to something else, and until then the
 * process must not be destroyed nor its memory freed. A trap of such a process may still get the lock
 * first: whoever takes it looks at the caller's state. */
bool k_stop(struct process *process);

/* The running process lets others of its priority go first: k_leave goes on with one of them, if
 * there are any. */
void k_yield(struct process *process);

/* Chooses what goes on here; the lock stays taken, and entry.S drops it when it has saved the
 * registers of the one that entered - unless it is the same one, then it is dropped. */
struct process *k_choose(struct process *entered);

/* The end of every entry that took the lock: the process to go on with. */
static inline struct process *k_leave(struct process *entered)
{
    if (entered->state != TP_RUN_RUNNING || k_cpu()->must_choose)
        return k_choose(entered);
    k_unlock();
    return entered;
}

/* A CPU takes part: its idle process runs. */
void k_schedule_start(struct cpu *cpu);

/* Times that a CPU went from one process to another. */
uint32_t k_switch_count(void);

#endif
