/*
 * Where each service is, and its events. A service hears of answers to what it asked, interrupts,
 * alarms, cancelled requests and new requests, one at a time and in this order; in the kernel by a
 * call of one of its functions, as a server by the answer to its SERVE. All need the lock.
 */
#ifndef KERNEL_PLACEMENT_H
#define KERNEL_PLACEMENT_H

#include "kernel/request.h"

struct k_service {
    const struct service *code; /* placed in the kernel; NULL: a server */
    struct process *process;    /* the server; in the kernel a name and the kernel's memory */
    const char *name;
    uint32_t sources; /* its interrupts */
    bool is_listening; /* a server waits in SERVE */
    bool is_down;      /* no server, until it is reloaded */
    bool is_gone;      /* nor ever: requests are answered with EIO */
    bool is_reloading; /* as soon as a CPU has left the server */
    bool is_suspected; /* the restart service has been told that it is silent */
    bool is_mute;      /* in the kernel: no request gets an answer any more (tp_crash) */
    bool is_probed;    /* a PROBE is on its way */
    bool is_rung;      /* its alarm's time has come */
    uint8_t crash;     /* enum tp_crash, at the crash_in'th request */
    uint32_t crash_in;
    uint32_t interrupts; /* that it has not heard of */
    uint32_t cancels;
    uint32_t vouched; /* when it answered the last PROBE: the kernel's requests or the server's calls so far */
    struct k_request_list requests; /* that it has not heard of */
    struct k_request_list answers;
    struct alarm alarm;
};

extern struct k_service k_services[TP_SERVICE_COUNT];

/* enum tp_calls: how programs ask, by the boot words. */
extern uint8_t k_default_calls;

/* Something has come for the service. A server that listens gets it; a service in the kernel when
 * k_services_run is called, at the end of the entry. */
void k_service_wake(struct k_service *service);
void k_services_work(void);

/* Bit n: service n is in the kernel and has something to hear. */
extern uint32_t k_services_due;

static inline void k_services_run(void)
{
    if (k_services_due)
        k_services_work();
}

/* Whose interrupt it is, of those that are open. */
extern struct k_service *k_service_of_source[32];

/* A request, which is WAITING, for the service to hear of. */
void k_service_give(struct k_service *service, struct k_request *request);

/* SERVE: the next event is put into the server's registers, or it begins to listen. */
void k_service_listen(struct k_service *service);

/* Has nothing come for the service? */
static inline bool k_is_quiet(const struct k_service *service)
{
    return !service->requests.first && !service->answers.first &&
           !(service->interrupts | service->cancels | service->is_rung);
}

/* The service of a process that is a server, else NULL. */
static inline struct k_service *k_service_of(const struct process *process)
{
    uint32_t slot = k_process_slot(process);

    return slot < TP_SERVICE_COUNT ? &k_services[slot] : NULL;
}

/* A server cannot go on. */
void k_server_dead(struct k_service *service, const char *why);

/* Ends a server, starts it anew, gives it the requests that can be given again. 0, -TP_E... */
int k_server_reload(struct k_service *service);

/* The CPU that ran a server when it was stopped does so no more. */
void k_server_left(struct k_service *service);

/* Ends a server for good. */
int k_server_give_up(struct k_service *service);

/* It has answered a PROBE. */
void k_service_vouch(struct k_service *service);

/* A server touched what it may not. */
void k_server_faulted(struct k_service *service);

/* A request was put: silence is watched for while there are some that a service owes an answer soon, or that it
 * has had for so long that it is in doubt whether it still answers. */
extern struct alarm k_watch_alarm;
void k_watch_begin(void);

static inline void k_watch(void)
{
    if (!k_watch_alarm.is_set)
        k_watch_begin();
}

#endif
