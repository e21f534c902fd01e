/*
 * What calls cost: instructions of the kernel from a call's entry to its return, or to the switch to
 * another process. Counted for processes that asked for it (ACCOUNT) and their children; for others
 * it costs one test.
 */
#ifndef KERNEL_COST_H
#define KERNEL_COST_H

#include "kernel/process.h"

struct process *k_trap_counted(struct process *caller, k_entry *enter);

/* Fills the table of processes whose calls are counted. */
void k_costs_start(void);

/* The table of a process's calls, after its ipc.costs or ipc.attention has changed. */
void k_entries_choose(struct process *process);

/* The child counts with its parent. */
void k_costs_inherit(struct process *child, const struct process *parent);
void k_costs_leave(struct process *process);

#endif
