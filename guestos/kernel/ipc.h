/*
 * What the kernel's other half (calls, requests, messages) keeps for each process, and where the
 * core calls it. Nothing here knows more of struct process than its name.
 */
#ifndef KERNEL_IPC_H
#define KERNEL_IPC_H

#include <stdint.h>

#include "turnpike/abi.h"

struct process;

/* Of each process; all zeros when it is created. */
struct ipc {
    uint32_t reserved;
};

/* `trap TP_VECTOR_CALL`: what the process asks for is in its registers. Called without the lock;
 * answers with the process to go on with, by k_leave() or with the caller if the lock was not taken.
 *
 * NULL, before anything was done: the call needs all the caller's registers in its struct (fork
 * copies them, exec replaces them). entry.S saves them, calls k_trap_saved, and afterwards loads all
 * registers of the process to go on with, even if that is the caller. */
struct process *k_trap(struct process *caller);
struct process *k_trap_saved(struct process *caller);

/* The idle process of the CPU that k_cpu_poll() named: a look at the queues. Called without the lock;
 * answers as k_trap does. */
struct process *k_poll(struct process *idle);

/* The following are called with the lock held. */

/* A running process touched a page that is not there (access: enum tg_access): it has to wait for
 * the memory service. Its instruction is executed again when it goes on. */
void k_absent_page(struct process *process, uint32_t address, uint32_t access);

/* A running process did what cannot be done (enum tp_signal): it never goes on. */
void k_fatal_fault(struct process *process, uint32_t signal, uint32_t address);

/* The interrupt of a shared source has come; it is masked until k_interrupt_done(source). */
void k_service_interrupt(uint32_t source);

/* The kernel has control after an interrupt: a chance to look at queues. */
void k_take_queued(void);

/* A process that k_stop() had to stop on another CPU has left it. */
void k_left_cpu(struct process *process);

/* The last step of the start, on CPU 0: services, servers, and the first program. */
void k_services_start(void);

#endif
