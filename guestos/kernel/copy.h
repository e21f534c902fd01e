/*
 * The only code of the kernel that touches the memory of processes. A range is checked once, when a
 * call enters (k_check_range); the copies check again, because pages may have gone meanwhile, and
 * then copy nothing beyond what is there.
 *
 * All need the lock. Lengths may be 0; a range that wraps around or leaves the user's addresses is
 * -TP_EFAULT.
 */
#ifndef KERNEL_COPY_H
#define KERNEL_COPY_H

#include "kernel/process.h"

/* Makes a process's range ready: copies shared pages that are to be written. 0, -TP_EFAULT,
 * -TP_ENOMEM; or K_ABSENT, then *ret_address is the first address without a page. */
int k_check_range(struct process *process, uint32_t address, uint32_t bytes, enum space_use use,
                  uint32_t *ret_address);

/* The same for a text, up to its zero byte or most bytes; *ret_bytes is its length without the
 * zero. -TP_ENAMETOOLONG: there is none in most bytes. */
int k_check_text(struct process *process, uint32_t address, uint32_t most, uint32_t *ret_bytes,
                 uint32_t *ret_address);

/* Copies between a process and the kernel, or two processes. 0, -TP_EFAULT (also if a page is
 * absent), -TP_ENOMEM. */
int k_copy_from(struct process *process, void *to, uint32_t address, uint32_t bytes);
int k_copy_to(struct process *process, uint32_t address, const void *from, uint32_t bytes);
int k_copy_between(struct process *to, uint32_t to_address, struct process *from,
                   uint32_t from_address, uint32_t bytes);

/* Bytes copied so far. */
extern uint32_t k_copied_bytes;

#endif
