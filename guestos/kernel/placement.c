/*
 * Where each service is, and the events that it hears of. The same event is a function's call for a
 * service in the kernel and, for a server, the answer to its SERVE; what leads to an event and what
 * follows from it does not depend on the place.
 */
#include "kernel/placement.h"

#include "kernel/interrupt.h"
#include "kernel/panic.h"
#include "kernel/schedule.h"
#include "turnpike/crash.h"

struct k_service k_services[TP_SERVICE_COUNT];

uint32_t k_services_due;

/* --- Events ------------------------------------------------------------------------------------- */

struct event {
    enum tp_event type;
    struct k_request *request; /* of REQUEST and CANCEL */
    uint32_t value;            /* tag, source or enum tp_crash */
    int32_t result;
};

static struct k_request *find_cancelled(struct k_service *service)
{
    enum tp_service id = (enum tp_service)(service - k_services);

    for (uint32_t i = 0; i < TP_REQUESTS; i++) {
        struct k_request *request = &k_requests[i];

        if (request->is_cancelled && request->state == K_REQUEST_HEARD &&
            k_calls[request->request.call].service == (uint8_t)id)
            return request;
    }
    return NULL;
}

static bool take_cancelled(struct k_service *service, struct event *event)
{
    while (service->cancels > 0) {
        service->cancels--;
        event->request = find_cancelled(service);
        if (event->request) {
            event->request->is_cancelled = false;
            event->type = TP_EVENT_CANCEL;
            return true;
        } /* else it has been answered meanwhile */
    }
    return false;
}

/* A process that has a queue can ask twice for one page; the second time it is there. */
static bool is_settled(const struct k_request *request)
{
    return request->request.call == TP_CALL_PAGE_FAULT && request->process &&
           k_space_prepare(request->process, (uint32_t)request->request.args[0], K_USE_READ) == 0;
}

static bool take_request(struct k_service *service, struct event *event)
{
    while (service->requests.first && is_settled(service->requests.first))
        k_request_answer(k_list_take(&service->requests), 0);
    if (!service->requests.first)
        return false;
    if (service->crash && --service->crash_in == 0) {
        *event = (struct event){.type = TP_EVENT_CRASH, .value = service->crash};
        service->crash = 0;
        return true;
    }
    event->request = k_list_take(&service->requests);
    event->request->state = K_REQUEST_HEARD;
    event->type = TP_EVENT_REQUEST;
    return true;
}

static bool take_event(struct k_service *service, struct event *event)
{
    struct k_request *answer = k_list_take(&service->answers);

    if (answer) {
        *event = (struct event){TP_EVENT_ANSWERED, NULL, answer->tag, answer->result};
        k_request_free(answer);
        return true;
    }
    if (service->interrupts) {
        *event = (struct event){TP_EVENT_INTERRUPT, NULL,
                                (uint32_t)__builtin_ctz(service->interrupts), 0};
        service->interrupts &= service->interrupts - 1;
        return true;
    }
    if (service->is_rung) {
        service->is_rung = false;
        *event = (struct event){.type = TP_EVENT_ALARM};
        return true;
    }
    return take_cancelled(service, event) || take_request(service, event);
}

/* The service is in the kernel. */
static void call_service(struct k_service *service, const struct event *event)
{
    const struct service *code = service->code;

    switch (event->type) {
    case TP_EVENT_REQUEST:
        if (!service->is_mute)
            code->handle(&event->request->request);
        break;
    case TP_EVENT_CANCEL:
        if (code->cancel)
            code->cancel(&event->request->request);
        break;
    case TP_EVENT_ANSWERED: code->answered(event->value, event->result); break;
    case TP_EVENT_INTERRUPT: code->interrupt(event->value); break;
    case TP_EVENT_ALARM: code->alarm(); break;
    case TP_EVENT_CRASH:
        service->is_mute = event->value == TP_CRASH_MUTE;
        tp_crash((enum tp_crash)event->value);
        break;
    }
}

/* The service is a server, which waits in SERVE: what follows is its answer. */
static void tell_request(struct process *server, enum tp_event event, const struct request *request)
{
    uint32_t *a = server->registers.a;

    a[0] = event;
    a[1] = request->handle;
    a[2] = request->caller;
    a[3] = request->call;
    for (uint32_t i = 0; i < 4; i++)
        a[4 + i] = request->args[i];
    server->registers.t[0] = request->args[4];
    server->registers.t[1] = request->args[5];
}

static void tell_server(struct process *server, const struct event *event)
{
    if (event->request) {
        tell_request(server, event->type, &event->request->request);
        return;
    }
    server->registers.a[0] = event->type;
    server->registers.a[1] = event->value;
    server->registers.a[2] = (uint32_t)event->result;
}

void k_service_give(struct k_service *service, struct k_request *request)
{
    if (service->is_listening && !service->crash) { /* so there is nothing else for it */
        service->is_listening = false;
        request->state = K_REQUEST_HEARD;
        tell_request(service->process, TP_EVENT_REQUEST, &request->request);
        k_ready(service->process);
        return;
    }
    k_list_put(&service->requests, request);
    k_service_wake(service);
}

void k_service_wake(struct k_service *service)
{
    struct event event = {.request = NULL};

    if (service->code)
        k_services_due |= 1u << (service - k_services);
    else if (service->is_listening && take_event(service, &event)) {
        service->is_listening = false;
        tell_server(service->process, &event);
        k_ready(service->process);
    }
}

void k_service_listen(struct k_service *service)
{
    struct event event = {.request = NULL};

    if (!k_is_quiet(service) && take_event(service, &event)) {
        tell_server(service->process, &event);
        return;
    }
    service->is_listening = true;
    k_block(service->process, TP_RUN_WAITING);
}

void k_services_work(void)
{
    while (k_services_due) {
        uint32_t id = (uint32_t)__builtin_ctz(k_services_due);
        struct event event;

        if (take_event(&k_services[id], &event))
            call_service(&k_services[id], &event);
        else
            k_services_due &= ~(1u << id);
    }
}

/* --- Hardware ----------------------------------------------------------------------------------- */

struct k_service *k_service_of_source[32];

void k_service_interrupt(uint32_t source)
{
    k_service_of_source[source]->interrupts |= 1u << source;
    k_service_wake(k_service_of_source[source]);
}

/* --- The watch for silence ------------------------------------------------------------------------
 *
 * A service has to listen, and to answer what is PROMPT. Of other calls nobody knows when they should be
 * answered, as a person may not have typed yet: if it keeps such a call for long it gets a PROBE. Once it has
 * answered that it is above doubt until it hears of something else, as one that waits for an event stays as
 * it is. So the watch comes to an end when nothing happens any more.
 */

struct alarm k_watch_alarm;

/* Must the service of a request do something about it soon? */
static bool is_owed(const struct k_request *request)
{
    return request->state == K_REQUEST_WAITING ||
           (request->state == K_REQUEST_HEARD &&
            (request->to == K_TO_WATCH || k_calls[request->request.call].flags & PROMPT));
}

static bool is_overdue(const struct k_request *request, uint32_t now)
{
    /* Signed: one that was put while these are looked at is younger than now. */
    return (int32_t)(now - request->time) >= (int32_t)TP_SILENCE;
}

/* The call that is a service's PROBE; 0 (which is none of a service's): there is none. */
static uint32_t probe_of(uint32_t id)
{
    uint32_t call = TP_CALL_COUNT;

    while (--call && !(k_calls[call].service == id && k_calls[call].flags & PROBE))
        ;
    return call;
}

/* Has anything come to the service since it answered a PROBE that could have made it silent? To one in the
 * kernel nothing does but requests: while it works for ever so does the kernel. */
static bool is_in_doubt(const struct k_service *service, const struct k_request *request)
{
    if (request->state != K_REQUEST_HEARD || service->is_down || service->is_suspected ||
        !probe_of((uint32_t)(service - k_services)))
        return false;
    if (service->code)
        return (int32_t)(request->order - service->vouched) > 0;
    return !service->is_listening || service->process->calls != service->vouched;
}

void k_service_vouch(struct k_service *service)
{
    service->is_probed = false;
    service->vouched = service->code ? k_request_order : service->process->calls;
}

static void suspect(struct k_service *service)
{
    uint32_t id = (uint32_t)(service - k_services);

    if (service->code)
        k_panic("the service %s is silent: it has not answered a call for %u ticks",
                service->name, TP_SILENCE);
    service->is_suspected = true;
    k_stop(service->process); /* so that the others can run even if it is busy */
    if (id == TP_SERVICE_RESTART)
        k_server_dead(service, "it is silent");
    else
        k_ask(id, TP_CALL_SILENT, (const uint32_t[TP_ARGUMENTS]){id});
}

/* A service that could not do anything is not silent: others kept it from running. */
static bool could_run(const struct k_service *service)
{
    return service->code || service->process->state != TP_RUN_READY;
}

/* Those that waited for one that was silent, or for the CPU that it had, begin to wait anew. */
static void forgive(uint32_t now)
{
    for (uint32_t i = 0; i < TP_REQUESTS; i++)
        k_requests[i].time = now;
}

static void ring_watch(struct alarm *alarm)
{
    uint32_t now = (uint32_t)k_time();
    struct k_service *silent = NULL;
    bool is_needed = false;

    for (uint32_t i = 0; i < TP_REQUESTS; i++) {
        const struct k_request *request = &k_requests[i];
        struct k_service *service = &k_services[k_calls[request->request.call].service];

        if (is_owed(request)) {
            is_needed = true;
            if (is_overdue(request, now) && could_run(service) && !service->is_down &&
                !service->is_suspected)
                silent = service;
        } else if (is_in_doubt(service, request)) {
            is_needed = true;
            if (is_overdue(request, now) && !service->is_probed)
                service->is_probed = k_probe(probe_of((uint32_t)(service - k_services)));
        }
    }
    if (silent) {
        forgive(now);
        suspect(silent);
    }
    if (is_needed)
        k_alarm_set(alarm, TP_SILENCE / 4, ring_watch);
}

void k_watch_begin(void)
{
    k_alarm_set(&k_watch_alarm, TP_SILENCE / 4, ring_watch);
}
