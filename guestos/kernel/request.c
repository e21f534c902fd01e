/*
 * Requests: from a call that enters, through the service that has it, to the answer and whoever waits for it.
 *
 * Each is in one state at a time, and all changes are here: FREE -> WAITING (k_request_put) -> HEARD
 * (k_request_hear) -> FREE, by way of ANSWERED if a service asked (k_request_answer). Back from HEARD to WAITING
 * goes what a server leaves to its successor.
 */
#include "kernel/request.h"

#include <string.h>

#include "kernel/copy.h"
#include "kernel/message.h"
#include "kernel/panic.h"
#include "kernel/placement.h"
#include "kernel/queue.h"
#include "kernel/schedule.h"
#include "tg32.h"

struct k_request k_requests[TP_REQUESTS];
uint32_t k_request_count, k_request_order;

/* Free ones of the pool: a list, behind those that were never used. */
static struct k_request_list pool;
static uint32_t pool_untouched = TP_PROCESSES;
static uint32_t pool_taken;

/* --- Lists -------------------------------------------------------------------------------------- */

void k_list_put(struct k_request_list *list, struct k_request *request)
{
    request->next = NULL;
    if (list->first)
        list->last->next = request;
    else
        list->first = request;
    list->last = request;
}

struct k_request *k_list_take(struct k_request_list *list)
{
    struct k_request *request = list->first;

    if (request)
        list->first = request->next;
    return request;
}

static void list_remove(struct k_request_list *list, struct k_request *request)
{
    struct k_request_list rest = {NULL, NULL};
    struct k_request *each;

    while ((each = k_list_take(list)))
        if (each != request)
            k_list_put(&rest, each);
    *list = rest;
}

/* --- Making ------------------------------------------------------------------------------------- */

uint32_t k_request_left(void)
{
    return TP_REQUESTS - TP_PROCESSES - pool_taken;
}

struct k_request *k_request_take(void)
{
    struct k_request *request;

    if (k_request_left() == 0)
        return NULL;
    pool_taken++;
    request = k_list_take(&pool);
    return request ? request : &k_requests[pool_untouched++];
}

void k_requests_start(void)
{
    for (uint32_t i = 0; i < TP_REQUESTS; i++)
        k_requests[i].request.handle = TP_REQUESTS + i; /* never 0, which is no handle */
}

void k_request_put(struct k_request *request, struct process *process, uint32_t call,
                   const uint32_t *args, enum k_answer_to to)
{
    struct k_service *service = &k_services[k_calls[call].service];
    bool has_waiter = process && to != K_TO_QUEUE && to != K_TO_ENTRY && to != K_TO_SERVICE;

    k_request_fill(request, process, call, args);
    k_request_begin(request, K_PHASE(K_REQUEST_WAITING, to));
    if (has_waiter) /* else the process waits elsewhere, or not at all */
        process->ipc.waits_in = (uint16_t)call;
    if (service->is_gone) {
        k_request_answer(request, -TP_EIO);
        return;
    }
    /* A server answers later. Blocked first, the caller leaves this CPU to it. */
    if (!service->code && has_waiter && process->state == TP_RUN_RUNNING)
        k_block(process, TP_RUN_WAITING);
    k_service_give(service, request);
    k_watch();
}

void k_ask_for(struct process *process, enum k_answer_to to, uint32_t call, const uint32_t *args)
{
    k_request_put(k_request_own(process), process, call, args, to);
}

bool k_probe(uint32_t call)
{
    static const uint32_t args[TP_ARGUMENTS] = {~0u, ~0u, ~0u, ~0u, ~0u, ~0u};
    struct k_request *request = k_request_take();

    if (!request)
        return false;
    request->request.caller = TP_SERVICE_SYSTEM;
    k_request_put(request, NULL, call, args, K_TO_WATCH);
    return true;
}

void k_ask(uint32_t endpoint, uint32_t call, const uint32_t *args)
{
    struct k_request *request = k_request_take();

    if (!request)
        k_panic("no request is left to tell a service what has happened");
    request->request.caller = endpoint;
    k_request_put(request, NULL, call, args, K_TO_NOBODY);
}

int32_t k_page_ask(struct process *process, uint32_t address, uint32_t call, const uint32_t *args,
                   enum k_answer_to to, uint32_t tag)
{
    uint32_t fault[TP_ARGUMENTS] = {address, TG_ACCESS_LOAD, process->frame.pc};
    struct k_request *request, *entry;

    if (k_service_of(process))
        return -TP_EFAULT; /* a server's memory is all there */
    if (k_calls[call].ranges[0].kind == K_RANGE_OUT || k_calls[call].ranges[1].kind == K_RANGE_OUT)
        fault[1] = TG_ACCESS_STORE;
    if (to != K_TO_QUEUE) {
        k_ask_for(process, K_TO_RANGE, TP_CALL_PAGE_FAULT, fault);
        return K_LATER;
    }
    entry = k_request_take();
    request = k_request_take();
    k_request_fill(entry, process, call, args);
    k_request_begin(entry, K_PHASE(K_REQUEST_PARKED, K_TO_NOBODY));
    entry->tag = tag;
    request->tag = (uint32_t)(entry - k_requests);
    k_request_put(request, process, TP_CALL_PAGE_FAULT, fault, K_TO_ENTRY);
    return K_LATER;
}

/* --- Answering ---------------------------------------------------------------------------------- */

void k_request_free(struct k_request *request)
{
    struct process *process = request->process;

    request->state = K_REQUEST_FREE;
    request->request.handle += TP_REQUESTS; /* a handle that is used too late means nothing */
    k_request_count--;
    if (request >= &k_requests[TP_PROCESSES]) {
        k_list_put(&pool, request);
        pool_taken--;
    }
    if (process && --process->ipc.requests == 0 && process->ipc.is_ending)
        k_request_check_gone(process);
}

void k_request_check_gone(struct process *process)
{
    if (process->ipc.is_ending && process->ipc.requests == 0 && !process->is_leaving) {
        process->ipc.is_ending = false;
        if (k_service_of(process) == NULL)
            k_ask(process->endpoint, TP_CALL_GONE, (const uint32_t[TP_ARGUMENTS]){0});
    }
}

/* The process goes on, if it is waiting for the answer and not stopped. */
static void wake(struct process *process)
{
    if (process->state == TP_RUN_WAITING)
        k_ready(process);
}

/* The memory service may answer that a page is to be there: what for beside reading. */
static int32_t give_page(struct process *process, uint32_t address, int32_t result)
{
    if (result > 0)
        result = k_space_map(process, address & ~(TP_PAGE - 1), 1, (uint32_t)result);
    return result < 0 ? result : 0;
}

/* The memory service's answer about a page that a process touched. */
static void answer_page(struct process *process, int32_t result)
{
    if (result == 0)
        wake(process);
    else if (process->state == TP_RUN_WAITING)
        k_fault_report(process, result);
}

/* About a page of a queue's entry. */
static void answer_entry(struct k_request *entry, int32_t result)
{
    struct k_request copy = *entry;

    k_request_free(entry);
    k_queue_retry(copy.process, copy.request.call, copy.request.args, copy.tag, result);
}

void k_request_answer(struct k_request *request, int32_t result)
{
    struct process *process = request->process;
    enum k_answer_to to = (enum k_answer_to)request->to;
    uint32_t tag = request->tag;

    if (to == K_TO_TRAP) { /* most; like all that follow, in fewer steps */
        k_process_set_result(process, result);
        k_request_free(request);
        wake(process);
        return;
    }
    if (to == K_TO_FAULT) {
        request->result = result;
        request->state = K_REQUEST_ANSWERED;
        return;
    }
    if (to == K_TO_WATCH)
        k_service_vouch(&k_services[k_calls[request->request.call].service]);
    if (!process || to == K_TO_NOBODY) {
        k_request_free(request);
        return;
    }
    if (to == K_TO_SERVICE) {
        struct k_service *asker = k_service_of(process);

        request->state = K_REQUEST_ANSWERED;
        request->result = result;
        k_list_put(&asker->answers, request);
        k_service_wake(asker);
        return;
    }
    if (request->request.call == TP_CALL_PAGE_FAULT)
        result = give_page(process, (uint32_t)request->request.args[0], result);
    if (to == K_TO_MESSAGE)
        k_message_answered(process, request->request.call, result);
    k_request_free(request);
    if (to == K_TO_QUEUE)
        k_queue_complete(process, tag, result);
    else if (to == K_TO_ENTRY)
        answer_entry(&k_requests[tag], result);
    else if (to == K_TO_PAGE)
        answer_page(process, result);
    else {
        if (result != 0 || to == K_TO_MESSAGE)
            k_process_set_result(process, to == K_TO_MESSAGE ? 0 : result);
        if (to == K_TO_RANGE && result == 0)
            process->frame.pc -= 4; /* the trap again */
        wake(process);
    }
}

/* --- Ending ------------------------------------------------------------------------------------- */

static void cancel(struct k_request *request)
{
    struct k_service *service = &k_services[k_calls[request->request.call].service];

    if (request->state == K_REQUEST_WAITING) {
        list_remove(&service->requests, request);
        k_request_answer(request, -TP_EINTR);
    } else if (request->state == K_REQUEST_HEARD && !request->is_cancelled) {
        request->is_cancelled = true;
        service->cancels++;
        k_service_wake(service);
    }
}

void k_requests_cancel(struct process *process)
{
    if (process->ipc.requests == 0)
        return;
    cancel(k_request_own(process));
    if (process->ipc.requests > (k_request_own(process)->state != K_REQUEST_FREE))
        for (uint32_t i = TP_PROCESSES; i < pool_untouched; i++)
            if (k_requests[i].process == process)
                cancel(&k_requests[i]);
}

void k_requests_orphan(struct process *process, enum k_answer_to to)
{
    for (uint32_t i = TP_PROCESSES; i < pool_untouched; i++) {
        struct k_request *request = &k_requests[i];

        if (request->state == K_REQUEST_FREE || request->process != process ||
            request->to != (uint8_t)to)
            continue;
        cancel(request);
        if (request->state == K_REQUEST_FREE)
            continue;
        if (request->state == K_REQUEST_ANSWERED)
            list_remove(&k_service_of(process)->answers, request);
        if (to == K_TO_ENTRY)
            k_request_free(&k_requests[request->tag]);
        request->process = NULL;
        process->ipc.requests--;
        if (request->state == K_REQUEST_ANSWERED)
            k_request_free(request);
    }
}

/* --- Memory -------------------------------------------------------------------------------------- */

struct k_request *k_request_at(uint32_t handle, enum tp_service service)
{
    struct k_request *request = &k_requests[TP_HANDLE_INDEX(handle)];

    if (request->request.handle != handle || request->state != K_REQUEST_HEARD ||
        k_calls[request->request.call].service != (uint8_t)service)
        return NULL;
    return request;
}

int k_move(struct process *to, uint32_t to_address, struct process *from, uint32_t from_address,
           uint32_t bytes)
{
    if (k_is_kernel(to))
        return k_get(from, from_address, (void *)(uintptr_t)to_address, bytes);
    if (k_is_kernel(from))
        return k_copy_to(to, to_address, (const void *)(uintptr_t)from_address, bytes);
    return k_copy_between(to, to_address, from, from_address, bytes);
}

int k_put(struct process *to, uint32_t address, const void *from, uint32_t bytes)
{
    if (!k_is_kernel(to))
        return k_copy_to(to, address, from, bytes);
    memcpy((void *)(uintptr_t)address, from, bytes);
    return 0;
}

int k_get(struct process *from, uint32_t address, void *to, uint32_t bytes)
{
    if (!k_is_kernel(from))
        return k_copy_from(from, to, address, bytes);
    memcpy(to, (const void *)(uintptr_t)address, bytes);
    return 0;
}

int k_request_copy(struct k_request *request, uint32_t argument, uint32_t offset,
                   struct process *service, uint32_t address, uint32_t bytes,
                   enum k_direction direction)
{
    const struct k_range *range = k_range_at(&k_calls[request->request.call], argument);
    uint32_t length, there;

    if (!range || !request->process || (direction == K_COPY_OUT && range->kind != K_RANGE_OUT))
        return -TP_EFAULT;
    length = k_range_bytes(range, request->request.args);
    if (offset > length || bytes > length - offset)
        return -TP_EFAULT;
    there = (uint32_t)request->request.args[argument] + offset;
    return direction == K_COPY_OUT ? k_move(request->process, there, service, address, bytes)
                                   : k_move(service, address, request->process, there, bytes);
}

int k_request_copy_path(struct k_request *request, uint32_t argument, struct process *service,
                        uint32_t address)
{
    const struct k_range *range = k_range_at(&k_calls[request->request.call], argument);
    uint32_t from = (uint32_t)request->request.args[argument], length, absent;
    int status;

    if (!range || range->kind != K_RANGE_PATH || !request->process)
        return -TP_EFAULT;
    if (k_is_kernel(request->process)) {
        length = (uint32_t)strlen((const char *)(uintptr_t)from);
        status = length < TP_PATH_BYTES ? 0 : -TP_ENAMETOOLONG;
    } else {
        status = k_check_text(request->process, from, TP_PATH_BYTES, &length, &absent);
    }
    if (status != 0)
        return status == K_ABSENT ? -TP_EFAULT : status;
    status = k_move(service, address, request->process, from, length + 1);
    return status != 0 ? status : (int)length;
}
