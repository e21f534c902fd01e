/*
 * Address spaces: page directory, tables and pages of a process. Copying a space shares its pages
 * until one side writes (copy on write).
 *
 * Each function checks its ranges: [address, address + pages) has to lie in [TP_USER_FIRST,
 * TP_USER_END), else -TP_EFAULT. All need the lock. A space changes only by these functions; they
 * see to it that no CPU goes on with translations that are no longer true.
 */
#ifndef KERNEL_SPACE_H
#define KERNEL_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tg32.h"
#include "turnpike/abi.h"

struct process;

struct space {
    uint32_t *directory;  /* in the direct map; NULL: there is no space */
    uint32_t ptroot;      /* control register ptroot, when its process runs */
    uint32_t tables;      /* frame of the first page table, 0: none; see frames.h */
    uint32_t pages;       /* of memory */
    uint32_t stale_cpus;  /* bit n: CPU n may hold translations that are not true any more */
};

/* How memory is to be used. */
enum space_use { K_USE_READ, K_USE_WRITE };

/* An empty space for a process that has none; or, if it has one, beside it: then the functions below
 * work on the new one until it is committed or abandoned. -TP_ENOMEM. */
int k_space_begin(struct process *process);
int k_space_commit(struct process *process);
void k_space_abandon(struct process *process);

/* Frees all memory of a process. */
void k_space_clear(struct process *process);

/* Gives a process without memory the same memory as another one's. -TP_ENOMEM: it has none. */
int k_space_copy(struct process *to, struct process *from);

/* Zeroed pages where there are none (TP_MAP_... says what for beside reading); how many these were.
 * -TP_ENOMEM: none. */
int k_space_map(struct process *process, uint32_t address, uint32_t pages, uint32_t permissions);
/* The bits of a page's entry for TP_MAP_... */
#define K_USER_PAGE(permissions)                                                                   \
    (TG_PTE_PRESENT | TG_PTE_READ | 3u << TG_PTE_RING_SHIFT |                                      \
     ((permissions) & (TP_MAP_WRITE | TP_MAP_EXECUTE)) << 1)
/* How many pages there were. */
int k_space_unmap(struct process *process, uint32_t address, uint32_t pages);

/* Writes bytes of the kernel's into pages that are there, whatever their permissions. -TP_EFAULT. */
int k_space_write(struct process *process, uint32_t address, const void *from, uint32_t bytes);

/* Maps frames in one piece, which the kernel keeps too, into the process's space, to be read and
 * written. Copies of the space are without them. -TP_ENOMEM, -TP_EFAULT: there is a page already. */
int k_space_share(struct process *process, uint32_t address, uint32_t frame, uint32_t pages);

/* Lets a driver's process reach the text display's cells, at the address where the kernel has them. */
int k_space_give_display(struct process *process);

/* Makes the page of an address ready for a use, as the process may make of it: copies it if it is
 * shared and to be written. 0; -TP_EFAULT: it may not; -TP_ENOMEM; K_ABSENT: there is no page.
 * The address has to be a user's. */
#define K_ABSENT 1
int k_space_prepare(struct process *process, uint32_t address, enum space_use use);

/* The same for a page that is ready: where the kernel finds that byte, or NULL. */
void *k_space_find(const struct process *process, uint32_t address, enum space_use use);

/* After something was taken away: makes sure that this CPU goes on without old translations. */
void k_space_refresh(struct process *process);

/* ptroot for who has no memory. */
uint32_t k_kernel_ptroot(void);

/* The kernel's own space, once; then a frame's address in the kernel, and back. */
void k_space_start(uint32_t ram_bytes);

#define K_DIRECT_MAP 0xc0000000u
#define K_DISPLAY    0xf0000000u /* the text display's window, physical and in the kernel */

static inline void *k_direct(uint32_t paddr)
{
    return (void *)(paddr + K_DIRECT_MAP);
}

static inline uint32_t k_physical(const void *address)
{
    return (uint32_t)(uintptr_t)address - K_DIRECT_MAP;
}

#endif
