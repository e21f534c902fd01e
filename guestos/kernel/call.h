/*
 * The table of calls, made from turnpike/calls.def, and the one way of a call through it: may the
 * caller make it, is its memory there, who serves it.
 *
 * A trap, an entry of a queue, and a message to a service are the same call: number and six words.
 * They differ in where the answer goes (enum k_answer_to).
 */
#ifndef KERNEL_CALL_H
#define KERNEL_CALL_H

#include "kernel/process.h"

#define K_WHO_PROGRAM (1u << 31)
#define K_WHO_SERVICE(service) (1u << (service))

enum k_call_flag { PROMPT = 1, ALONE = 2, QUICK = 4, REPEAT = 8, WHOLE = 16, PROBE = 32 };

enum k_range_kind { K_RANGE_NONE, K_RANGE_PATH, K_RANGE_IN, K_RANGE_OUT };

/* Memory of the caller's that a call is about. */
struct k_range {
    uint8_t kind;     /* enum k_range_kind */
    uint8_t address;  /* the argument with the address */
    uint8_t length;   /* the argument with the length, or K_RANGE_FIXED */
    uint8_t bytes;    /* the length, if it is fixed */
};

#define K_RANGE_FIXED 0xff

struct k_call {
    /* What the kernel itself does for a call of SYSTEM; NULL if the service is another. */
    int32_t (*serve)(struct process *caller, const uint32_t *args);
    uint32_t who; /* ipc.who of those who may make it */
    uint8_t service, flags;
    struct k_range ranges[2];
};

extern const struct k_call k_calls[TP_CALL_COUNT];

/* A function of the table: answers 0 or more, or -TP_E...; or K_LATER. */
#define K_CALL(ID) int32_t k_call_##ID(struct process *caller, const uint32_t *args)

/* Of SYSTEM's rows they are the kernel's; of others there are none, as their services do it. */
#define TP_CALL(ID, ...) K_CALL(ID);
#include "turnpike/calls.def"

/* "Not yet": the answer comes by itself, and who asked waits. */
#define K_LATER INT32_MIN

/* Where an answer goes. */
enum k_answer_to {
    K_TO_TRAP,    /* a0 of the process */
    K_TO_MESSAGE, /* the process sent a message to a service: the reply, if it called */
    K_TO_QUEUE,   /* a completion in the process's queue */
    K_TO_SERVICE, /* an event for the service that asked */
    K_TO_PAGE,    /* a page was absent: the process executes its instruction again */
    K_TO_FAULT,   /* likewise, and the kernel waits for it in fast_page.c */
    K_TO_RANGE,   /* a page of a call's range was absent: the process executes its trap again */
    K_TO_ENTRY,   /* likewise of a queue's entry, which is tried again */
    K_TO_NOBODY,
    K_TO_WATCH,   /* the kernel wants to know whether the service still answers */
};

/* Makes a call for a process: result, or K_LATER. tag is for to: of the queue's entry. */
int32_t k_call_make(struct process *caller, uint32_t number, const uint32_t *args,
                    enum k_answer_to to, uint32_t tag);

/* The row's range whose address is that argument, or NULL; its length for these arguments. */
const struct k_range *k_range_at(const struct k_call *call, uint32_t argument);
uint32_t k_range_bytes(const struct k_range *range, const tp_word *args);

/* Makes the ranges of a call ready: 0, -TP_E..., or K_ABSENT and the first address that is not there. */
int k_ranges_check(struct process *process, const struct k_call *call, const uint32_t *args,
                   uint32_t *ret_address);

/* The trap of a call, when the lock is held: every call can go this way (fast.c has shorter ones for some). */
struct process *k_enter_locked(struct process *caller);

/* The end of what a process asked for in the kernel: if it is not answered it waits. */
struct process *k_call_end(struct process *caller);

#endif
