/*
 * Processes: the table of them, their names (endpoints), their saved registers. What they wait for
 * is in ipc.h, who runs when in schedule.h, their memory in space.h.
 *
 * struct process begins with the frame that the CPU pushes at an entry: sp0 points to its end while
 * the process runs. entry.S puts the registers after it. Manual: docs/turnpike.md.
 */
#ifndef KERNEL_PROCESS_H
#define KERNEL_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/ipc.h"
#include "kernel/space.h"
#include "turnpike/abi.h"

/* The CPU's frame: docs/isa.md section 6. */
struct frame {
    uint32_t vector; /* and kind */
    uint32_t error;
    uint32_t address;
    uint32_t pc;
    uint32_t status;
    uint32_t sp;
};

/* Number of the vector, of the first word of a frame. */
#define K_VECTOR(frame) ((frame).vector & 0xff)

/* Registers of a process in the kernel. After a trap a, t0, t1 and ra are here, and are what it
 * goes on with (t2 to t6 become 0); after other entries also t2 to t6. s, gp and tp get here when
 * another process is switched to. */
struct registers {
    uint32_t ra, gp, tp;
    uint32_t t[7], s[12], a[8];
};

enum priority { K_PRIORITY_IDLE, K_PRIORITY_PROGRAM, K_PRIORITY_SERVER, K_PRIORITY_DRIVER,
    K_PRIORITIES };

struct process {
    _Alignas(32) struct frame frame;
    uint32_t iomap; /* control register iomap: 0, or the ports of a driver */
    struct registers registers;
    k_entry **entries; /* by call: what entry.S calls for a trap */
    uint32_t calls;    /* made */

    struct space space;      /* its memory */
    struct space new_space;  /* the one being built beside it; without directory if none is */

    uint32_t endpoint;
    union {
        struct {
            uint8_t state;    /* enum tp_run_state */
            uint8_t ring;     /* 0 for idle processes, else 1 to 3 */
            uint8_t priority; /* enum priority */
            uint8_t cpu;      /* where it runs, or ran last */
        };
        uint32_t run; /* the four */
    };
    bool is_leaving; /* stopped, but another CPU has not gone on to something else yet */
    struct process *next, *previous;
    struct process_queue *queue; /* that it is in, or NULL */
    struct process_queue *ready; /* the one of its priority: schedule.h */

    int32_t pid;
    uint32_t switches; /* times it got a CPU */
    char name[16];

    struct ipc ipc; /* what it waits for, and who for it */
};

/* By slot; those of services have theirs as endpoint. */
extern struct process k_processes[TP_PROCESSES];

/* The same for the shortest ways (fast.c): for every number a process; for those of services and for
 * those that are none one that is nobody (K_MEETING_NOBODY). */
extern struct process *k_process_by_slot[256];

/* The process that an endpoint names, or NULL if there is none, or no more. */
struct process *k_process_at(uint32_t endpoint);

static inline uint32_t k_process_slot(const struct process *process)
{
    return TP_ENDPOINT_SLOT(process->endpoint);
}

/* Before all others. */
void k_process_start(void);

/* A process that is STOPPED, with no memory, no name and all registers 0: in the service's slot and
 * with the service's ring and priority, or a program's in any free slot (NULL: there is none). */
struct process *k_process_create_server(enum tp_service service);
struct process *k_process_create(int32_t pid);

/* Gives a process the registers that another one, which has to be WAITING or STOPPED (or the caller
 * in k_trap_saved), has saved. */
void k_process_copy_registers(struct process *to, const struct process *from);

/* Where a process goes on, with all other registers 0. */
void k_process_set_entry(struct process *process, uint32_t pc, uint32_t sp);

/* Frees a STOPPED process's slot and memory; its endpoint means nobody from now on. */
void k_process_destroy(struct process *process);

/* Does it stand for a service in the kernel? Then its addresses are the kernel's. */
static inline bool k_is_kernel(const struct process *process)
{
    return process->ring == 0;
}

/* Processes that are not FREE; and times that others, which are gone, got a CPU. */
extern uint32_t k_process_count, k_process_gone_switches;

/* The registers that a trap is answered in. */
static inline void k_process_set_result(struct process *process, int32_t result)
{
    process->registers.a[0] = (uint32_t)result;
}

/* --- Queues of processes -------------------------------------------------------------------------- */

static inline void k_queue_put(struct process_queue *queue, struct process *process)
{
    struct process *last = queue->last;

    process->next = NULL;
    process->previous = last;
    process->queue = queue;
    queue->last = process;
    if (last)
        last->next = process;
    else
        queue->first = process;
}

void k_queue_put_first(struct process_queue *queue, struct process *process);

/* Takes the first one out; NULL if it is empty. */
static inline struct process *k_queue_take(struct process_queue *queue)
{
    struct process *process = queue->first, *next;

    if (!process)
        return NULL;
    next = process->next;
    queue->first = next;
    process->queue = NULL;
    if (next)
        next->previous = NULL;
    else
        queue->last = NULL;
    return process;
}

/* Takes a process out of the queue that it is in, if any. */
void k_queue_remove(struct process *process);

#endif
