/*
 * Grants of memory between processes; the calls are in grant.c.
 */
#ifndef KERNEL_GRANT_H
#define KERNEL_GRANT_H

#include "kernel/process.h"

/* The memory of a process is gone, and with it what it granted. */
void k_grants_drop(const struct process *owner);

extern uint32_t k_grant_count;

#endif
