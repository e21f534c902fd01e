/*
 * The table of calls and the way through it. Every call of a process comes by here: its trap
 * (k_entries), an entry of its queue (queue.c), a message of its to a service (message.c).
 *
 * Manual: docs/turnpike.md, "Calls".
 */
#include "kernel/call.h"

#include "kernel/cost.h"
#include "kernel/fast.h"
#include "kernel/copy.h"
#include "kernel/placement.h"
#include "kernel/queue.h"
#include "kernel/request.h"
#include "kernel/schedule.h"

/* --- The table --------------------------------------------------------------------------------- */

/* Bits of `who`. */
enum {
#define TP_SERVICE(ID, ...) ID = K_WHO_SERVICE(TP_SERVICE_##ID),
#include "turnpike/services.def"
    SERVICES = (1 << TP_SERVICE_COUNT) - 1,
    KERNEL = 0,
};
#define ALL 0xffffffffu

#define NONE                     {0}
#define PATH(n)                  {K_RANGE_PATH, (n), K_RANGE_FIXED, 0}
#define IN(n, m)                 {K_RANGE_IN, (n), (m), 0}
#define OUT(n, m)                {K_RANGE_OUT, (n), (m), 0}
#define IN_FIXED(n, length)      {K_RANGE_IN, (n), K_RANGE_FIXED, (length)}
#define OUT_FIXED(n, length)     {K_RANGE_OUT, (n), K_RANGE_FIXED, (length)}

const struct k_call k_calls[TP_CALL_COUNT] = {
#define TP_CALL(ID, text, SERVICE, callers, range, range2, bits, meaning)                          \
    [TP_CALL_##ID] = {.serve = TP_SERVICE_##SERVICE == TP_SERVICE_SYSTEM ? k_call_##ID : NULL,     \
                      .who = (callers),                                                            \
                      .service = TP_SERVICE_##SERVICE,                                             \
                      .flags = (bits),                                                             \
                      .ranges = {range, range2}},
#include "turnpike/calls.def"
};

/* --- Entering ----------------------------------------------------------------------------------- */

k_entry *k_entries[TP_CALL_COUNT], *k_queued_entries[TP_CALL_COUNT], *k_careful_entries[TP_CALL_COUNT];

/* The way of most calls. */
static struct process *enter(struct process *caller)
{
    k_lock();
    return k_enter_locked(caller);
}

struct process *k_enter_locked(struct process *caller)
{
    int32_t result;

    if (caller->state == TP_RUN_RUNNING) { /* not stopped while it waited for the lock */
        result = k_call_make(caller, caller->registers.a[7], caller->registers.a, K_TO_TRAP, 0);
        if (result != K_LATER)
            k_process_set_result(caller, result);
    }
    return k_call_end(caller);
}

static struct process *enter_quick(struct process *caller)
{
    k_process_set_result(caller, k_calls[caller->registers.a[7]].serve(caller, caller->registers.a));
    return caller;
}

static struct process *enter_whole(struct process *caller)
{
    (void)caller;
    return NULL;
}

static struct process *enter_nothing(struct process *caller)
{
    k_process_set_result(caller, 0);
    return caller;
}

struct process *k_trap_saved(struct process *caller)
{
    if (caller->ipc.costs)
        return k_trap_counted(caller, enter);
    return enter(caller);
}

struct process *k_unknown_call(struct process *caller)
{
    k_process_set_result(caller, -TP_ENOSYS);
    return caller;
}

void k_calls_start(void)
{
    /* Ways of their own, which do the same with fewer instructions: without a queue, and with one. */
    static const struct {
        uint32_t call;
        k_entry *way, *way_with_queue;
    } short_ways[] = {
        {TP_CALL_NOTHING, enter_nothing, enter_nothing},
        {TP_CALL_YIELD, k_fast_yield, k_fast_yield_queued},
        {TP_CALL_CALL, k_fast_call, k_fast_call_queued},
        {TP_CALL_REPLY_RECEIVE, k_fast_reply_receive, k_fast_reply_receive_queued},
        {TP_CALL_CALL_WORDS, k_fast_call_words, k_fast_call_words_queued},
        {TP_CALL_REPLY_RECEIVE_WORDS, k_fast_reply_receive_words, k_fast_reply_receive_words_queued},
        {TP_CALL_NOTIFY, k_fast_notify, k_fast_notify},
    };

    for (uint32_t i = 0; i < TP_CALL_COUNT; i++)
        k_entries[i] = k_queued_entries[i] = k_careful_entries[i] =
            k_calls[i].flags & QUICK ? enter_quick : k_calls[i].flags & WHOLE ? enter_whole : enter;
    k_careful_entries[TP_CALL_SERVE] = k_fast_serve; /* whose callers are servers, all careful */
    for (uint32_t i = 0; i < sizeof short_ways / sizeof *short_ways; i++) {
        k_entries[short_ways[i].call] = short_ways[i].way;
        k_queued_entries[short_ways[i].call] = short_ways[i].way_with_queue;
    }
    k_costs_start();
}

struct process *k_call_end(struct process *caller)
{
    if (caller->ipc.queue)
        k_queue_drain(caller);
    k_services_run();
    if (caller->state == TP_RUN_RUNNING && k_request_own(caller)->state != K_REQUEST_FREE)
        k_block(caller, TP_RUN_WAITING);
    return k_leave(caller);
}

int32_t k_call_make(struct process *caller, uint32_t number, const uint32_t *args,
                    enum k_answer_to to, uint32_t tag)
{
    const struct k_call *call = &k_calls[number];
    struct k_request *request;
    uint32_t address;
    int status;

    if (!(call->who & caller->ipc.who))
        return -TP_EPERM;
    if (call->ranges[0].kind != K_RANGE_NONE) {
        status = k_ranges_check(caller, call, args, &address);
        if (status == K_ABSENT)
            return k_page_ask(caller, address, number, args, to, tag);
        if (status != 0)
            return status;
    }
    if (call->serve)
        return call->serve(caller, args);
    if (!(caller->ipc.limit & K_WHO_SERVICE(call->service)))
        return -TP_EPERM;
    /* Checked; from here on it is the service's. */
    request = to == K_TO_QUEUE ? k_request_take() : k_request_own(caller);
    request->tag = tag;
    k_request_put(request, caller, number, args, to);
    return K_LATER;
}

/* --- Ranges ------------------------------------------------------------------------------------- */

const struct k_range *k_range_at(const struct k_call *call, uint32_t argument)
{
    for (uint32_t i = 0; i < 2; i++)
        if (call->ranges[i].kind != K_RANGE_NONE && call->ranges[i].address == argument)
            return &call->ranges[i];
    return NULL;
}

uint32_t k_range_bytes(const struct k_range *range, const tp_word *args)
{
    if (range->kind == K_RANGE_PATH)
        return TP_PATH_BYTES;
    return range->length == K_RANGE_FIXED ? range->bytes : (uint32_t)args[range->length];
}

int k_ranges_check(struct process *process, const struct k_call *call, const uint32_t *args,
                   uint32_t *ret_address)
{
    if (k_is_kernel(process))
        return 0;
    for (uint32_t i = 0; i < 2 && call->ranges[i].kind != K_RANGE_NONE; i++) {
        const struct k_range *range = &call->ranges[i];
        uint32_t address = args[range->address], bytes;
        int status;

        if (range->kind == K_RANGE_PATH)
            status = k_check_text(process, address, TP_PATH_BYTES, &bytes, ret_address);
        else
            status = k_check_range(process, address,
                                   range->length == K_RANGE_FIXED ? range->bytes : args[range->length],
                                   range->kind == K_RANGE_IN ? K_USE_READ : K_USE_WRITE, ret_address);
        if (status != 0)
            return status;
    }
    return 0;
}
