/*
 * Requests: calls that wait for the answer of a service, wherever that lives. Each process has one of
 * its own, for its trap or page fault; entries of queues and what services ask each other come from
 * a pool. All need the lock.
 */
#ifndef KERNEL_REQUEST_H
#define KERNEL_REQUEST_H

#include "kernel/call.h"
#include "tg32.h"
#include "turnpike/service.h"

enum k_request_state {
    K_REQUEST_FREE,
    K_REQUEST_WAITING,  /* its service has not heard of it */
    K_REQUEST_HEARD,    /* its service has it */
    K_REQUEST_ANSWERED, /* the service that asked has not heard of the answer */
    K_REQUEST_PARKED,   /* waits for a page that it needs before its service may hear of it */
};

struct k_request {
    struct request request; /* what its service sees, if that is in the kernel; first */
    struct process *process; /* whose memory the arguments mean; NULL: nobody's any more */
    struct k_request *next;  /* in the list it is in */
    uint32_t order;          /* grows with each request */
    uint32_t time;           /* when it was made, low word */
    uint32_t tag;            /* for who gets the answer */
    int32_t result;
    union {
        struct {
            uint8_t state; /* enum k_request_state */
            uint8_t to;    /* enum k_answer_to */
            bool is_cancelled;
        };
        uint32_t phase; /* the three: K_PHASE */
    };
};

/* Of a request that is not cancelled. */
#define K_PHASE(state, to) ((uint32_t)(state) | (uint32_t)(to) << 8)

struct k_request_list {
    struct k_request *first, *last;
};

void k_list_put(struct k_request_list *list, struct k_request *request);
struct k_request *k_list_take(struct k_request_list *list);

/* Those below TP_PROCESSES are the processes' own, by slot. */
extern struct k_request k_requests[TP_REQUESTS];

static inline struct k_request *k_request_own(const struct process *process)
{
    return &k_requests[k_process_slot(process)];
}

extern uint32_t k_request_count; /* in use */
extern uint32_t k_request_order; /* of the last one */

/* The pool: one of it, or NULL; how many are left. */
struct k_request *k_request_take(void);
uint32_t k_request_left(void);
#define K_REQUESTS_SPARE 224 /* that queues leave to others, but for one entry of each */

/* Before all others: each gets a handle. */
void k_requests_start(void);

/* Makes a request: whose, and what for. */
static inline void k_request_fill(struct k_request *request, struct process *process, uint32_t call,
                                  const uint32_t *args)
{
    request->process = process;
    if (process)
        request->request.caller = process->endpoint;
    request->request.call = call;
    for (uint32_t i = 0; i < TP_ARGUMENTS; i++)
        request->request.args[i] = args[i];
    request->order = ++k_request_order;
    request->time = tg_rdcr(TG_CR_TIME);
}

/* From now on it counts, in a state in which it will stay for longer than this entry. */
static inline void k_request_begin(struct k_request *request, uint32_t phase)
{
    request->phase = phase;
    k_request_count++;
    if (request->process)
        request->process->ipc.requests++;
}

/* Gives a request to the service of its call. */
void k_request_put(struct k_request *request, struct process *process, uint32_t call,
                   const uint32_t *args, enum k_answer_to to);

/* Nobody needs it any more. */
void k_request_free(struct k_request *request);

/* The service's answer: to whom it may concern. */
void k_request_answer(struct k_request *request, int32_t result);

/* The request that a server calls by that handle; NULL: it has none such. */
struct k_request *k_request_at(uint32_t handle, enum tp_service service);

/* Copies a PATH with its zero byte to TP_PATH_BYTES there; its length, or as tp_copy_path. */
int k_request_copy_path(struct k_request *request, uint32_t argument, struct process *service,
                        uint32_t address);

/* Copies from or to the memory of a request, as tp_copy_in and tp_copy_out; the other side is memory of a
 * process (a service in the kernel: its slot's). */
enum k_direction { K_COPY_IN, K_COPY_OUT };
int k_request_copy(struct k_request *request, uint32_t argument, uint32_t offset,
                   struct process *service, uint32_t address, uint32_t bytes,
                   enum k_direction direction);

/* Nobody waits for the answers to that process's requests any more: those that no service has heard
 * of are answered, for the others their services are told. */
void k_requests_cancel(struct process *process);

/* The memory that the requests of a process mean is gone; the answers are wanted no more. */
void k_requests_orphan(struct process *process, enum k_answer_to to);

/* A page of the range of a call is absent: asks the memory service for it, after which the call is
 * made again. K_LATER, or -TP_E... */
int32_t k_page_ask(struct process *process, uint32_t address, uint32_t call, const uint32_t *args,
                   enum k_answer_to to, uint32_t tag);

/* Copies between processes, or services in the kernel. 0, -TP_EFAULT, -TP_ENOMEM. */
int k_move(struct process *to, uint32_t to_address, struct process *from, uint32_t from_address,
           uint32_t bytes);

/* The same from and to the kernel. */
int k_put(struct process *to, uint32_t address, const void *from, uint32_t bytes);
int k_get(struct process *from, uint32_t address, void *to, uint32_t bytes);

/* A call of the kernel's own on behalf of a process or, without memory, of an endpoint. */
void k_ask_for(struct process *process, enum k_answer_to to, uint32_t call, const uint32_t *args);
void k_ask(uint32_t endpoint, uint32_t call, const uint32_t *args);

/* Makes a PROBE of a service; false: there is no request left for it. */
bool k_probe(uint32_t call);

/* A process cannot go on: its server is dead, or the process service is told. page: what PAGE_FAULT
 * answered, or 0. */
void k_fault_report(struct process *process, int32_t page);

/* If nothing holds an ending process any more: tells the process service. */
void k_request_check_gone(struct process *process);

#endif
