/*
 * Messages between processes: rendezvous, notifications, and messages to services, which are calls.
 */
#ifndef KERNEL_MESSAGE_H
#define KERNEL_MESSAGE_H

#include "kernel/process.h"

/* A service has answered the call that a process made by a message. */
void k_message_answered(struct process *process, uint32_t call, int32_t result);

/* The process ends: it leaves what it waits in, and those who wait for it do so no more. */
void k_message_leave(struct process *process);

/* The process whose ipc.alarm that is. */
struct process *k_process_of_alarm(struct alarm *alarm);

#endif
