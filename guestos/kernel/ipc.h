/*
 * What the kernel's other half (calls, requests, messages, queues) keeps for each process, and where
 * the core calls it. Nothing here knows more of struct process than its name.
 */
#ifndef KERNEL_IPC_H
#define KERNEL_IPC_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/timer.h"
#include "turnpike/abi.h"

struct process;
struct k_costs;

/* Processes one after the other, each in one queue at most. */
struct process_queue {
    struct process *first, *last;
};

/* What a process does in a rendezvous (message.c). */
enum k_rendezvous {
    K_NO_RENDEZVOUS,
    K_SENDING,   /* in the peer's queue of senders, until it receives */
    K_CALLING,   /* likewise; then it waits for the reply */
    K_RECEIVING, /* from its peer or, TP_ENDPOINT_ANY, anyone */
    K_REPLIED,   /* waits for its peer's reply */
};

/* Why the process goes no short ways (fast.h): ipc.attention. */
enum k_attention {
    K_ATTENTION_RIGHTS = 1u,  /* it is a server, or may not send to everybody */
    K_ATTENTION_STOPPED = 2u, /* it does not go on */
};

/* How a process waits, in one number. */
#define K_MEETING(rendezvous, has_words, is_open)                                                  \
    ((rendezvous) | (has_words) << 4 | (is_open) << 5)

/* Of one that nobody can exchange messages with: it does not run, or never will again. */
#define K_MEETING_NOBODY 0xff

/* How many of a cycle's processes WAITS can name. */
#define K_CYCLE 16

/* Of each process; all zeros when it is created. */
struct ipc {
    uint32_t who;       /* as what it calls: 1 << its service, or K_WHO_PROGRAM */
    uint32_t limit;     /* whom it may send and call: the same bits, of services and programs */
    uint32_t attention; /* enum k_attention */
    uint8_t calls;      /* enum tp_calls: how it and its children ask */
    bool is_ending;     /* STOP has been called for it */
    uint16_t waits_in;  /* the call */
    uint32_t requests;  /* of its own that wait for an answer */

    /* Messages */
    union {
        struct {
            uint8_t rendezvous : 4; /* enum k_rendezvous */
            uint8_t has_words : 1;  /* its message is in its registers */
            uint8_t is_open : 1;    /* it waits without a timeout, if to receive then from anyone, and
                                     * the kernel sees its message: all that fast.c wants */
        };
        uint8_t meeting; /* the three: K_MEETING */
    };
    uint32_t peer;      /* endpoint */
    uint32_t *message;  /* its struct tp_message where the kernel sees it; NULL: it crosses pages */
    uint32_t message_address; /* where it is for the process, if it may be written; 0 when that has
                               * to be found out: the process's memory may have changed (space.c) */
    uint32_t messages;  /* sent */
    uint32_t notes;     /* bits of NOTIFY that it has not received */
    struct process_queue senders;
    struct alarm alarm; /* the end of its wait or sleep */
    uint32_t cycle_count, cycle[K_CYCLE];

    /* Its queue (queue.c) */
    struct tp_queue *queue;
    uint32_t taken, completed; /* the kernel's indices: it does not trust the page's */
    uint32_t in_flight;
    uint32_t wanted; /* in QUEUE_ENTER: completions to wait for */

    struct k_costs *costs; /* shared with its children */
};

/* `trap TP_VECTOR_CALL`: entry.S calls the function of that number in the caller's table without the lock;
 * it answers with the process to go on with, by k_leave() or with the caller if the lock was not taken.
 *
 * NULL, before anything was done: the call needs all the caller's registers in its struct (fork
 * copies them, exec replaces them). entry.S saves them, calls k_trap_saved, and afterwards loads all
 * registers of the process to go on with, even if that is the caller. */
typedef struct process *k_entry(struct process *caller);

extern k_entry *k_entries[TP_CALL_COUNT];
k_entry k_unknown_call, k_trap_saved;

/* The same for processes with a queue, which the short ways look into; and without the short ways but that of
 * SERVE, for processes with ipc.attention or ipc.costs. */
extern k_entry *k_queued_entries[TP_CALL_COUNT], *k_careful_entries[TP_CALL_COUNT];

/* Fills the tables; first of all. */
void k_calls_start(void);

/* The idle process of k_cpu_polling: a look at the queues. Called without the lock; answers with the process to
 * go on with. */
struct process *k_poll(struct process *idle);

/* The following are called with the lock held. */

/* A running process touched a page that is not there (access: enum tg_access): it has to wait for
 * the memory service. Its instruction is executed again when it goes on. */
void k_absent_page(struct process *process, uint32_t address, uint32_t access);

/* A running process did what cannot be done: it never goes on. */
void k_fatal_fault(struct process *process);

/* The interrupt of a shared source has come; it is masked until k_interrupt_open(source). */
void k_service_interrupt(uint32_t source);

/* The kernel has control after an interrupt: a chance to look at queues. */
void k_take_queued(void);

/* A process that k_stop() had to stop on another CPU has left it. */
void k_left_cpu(struct process *process);

/* The last step of the start, on CPU 0: services, servers, and the first program. */
void k_services_start(void);

#endif
