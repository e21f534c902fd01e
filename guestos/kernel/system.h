/*
 * What the calls of service SYSTEM share.
 */
#ifndef KERNEL_SYSTEM_H
#define KERNEL_SYSTEM_H

#include "kernel/call.h"

/* The program (not a server) that an endpoint names, or NULL. */
struct process *k_program_at(uint32_t endpoint);

#endif
