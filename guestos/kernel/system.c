/*
 * Calls of service SYSTEM that everybody may make, and those by which services of processes and
 * restart rule over processes. (Messages: message.c; memory of others: grant.c; spaces: system_space.c.)
 */
#include <string.h>

#include "kernel/boot.h"
#include "kernel/copy.h"
#include "kernel/cost.h"
#include "kernel/frames.h"
#include "kernel/grant.h"
#include "kernel/interrupt.h"
#include "kernel/message.h"
#include "kernel/placement.h"
#include "kernel/queue.h"
#include "kernel/schedule.h"
#include "kernel/system.h"

#define TICKS_PER_MS 100000u

/* --- For everybody ------------------------------------------------------------------------------- */

K_CALL(NOTHING)
{
    (void)caller;
    (void)args;
    return 0;
}

K_CALL(GETPID)
{
    (void)args;
    return caller->pid;
}

K_CALL(ENDPOINT)
{
    (void)args;
    return (int32_t)caller->endpoint;
}

K_CALL(YIELD)
{
    (void)args;
    k_yield(caller);
    return 0;
}

K_CALL(UPTIME)
{
    (void)caller;
    (void)args;
    return (int32_t)(k_time() / TICKS_PER_MS);
}

static void ring_sleep(struct alarm *alarm)
{
    struct process *process = k_process_of_alarm(alarm);

    k_process_set_result(process, 0);
    k_ready(process);
}

K_CALL(SLEEP)
{
    if (k_is_kernel(caller))
        return -TP_EPERM; /* a service in the kernel has nowhere to wait */
    caller->ipc.waits_in = TP_CALL_SLEEP;
    k_alarm_set(&caller->ipc.alarm, (uint64_t)args[0] * TICKS_PER_MS, ring_sleep);
    k_block(caller, TP_RUN_WAITING);
    return K_LATER;
}

K_CALL(BOOT_WORDS)
{
    uint32_t bytes = args[1] < k_boot_words_length ? args[1] : k_boot_words_length;

    if (k_put(caller, args[0], k_boot_words, bytes) != 0)
        return -TP_EFAULT;
    return (int32_t)k_boot_words_length;
}

/* Of processes that are no more. */
static uint32_t ended_calls, ended_messages;

K_CALL(STATISTICS)
{
    struct tp_statistics now = {
        .pages_total = k_frames_total,
        .pages_free = k_frames_free,
        .processes = k_process_count,
        .requests = k_request_count,
        .grants = k_grant_count,
        .switches = k_switch_count(),
        .interrupts = k_interrupt_count,
        .messages = ended_messages,
        .traps = ended_calls,
        .copied_bytes = k_copied_bytes,
    };

    for (uint32_t slot = 0; slot < TP_PROCESSES; slot++)
        if (k_processes[slot].state != TP_RUN_FREE) {
            now.traps += k_processes[slot].calls;
            now.messages += k_processes[slot].ipc.messages;
        }
    return k_put(caller, args[0], &now, sizeof now);
}

K_CALL(PLACEMENT)
{
    (void)caller;
    if (args[0] >= TP_SERVICE_COUNT)
        return -TP_EINVAL;
    return args[0] == TP_SERVICE_SYSTEM || k_services[args[0]].code ? TP_PLACE_KERNEL
                                                                      : TP_PLACE_SERVER;
}

K_CALL(SET_CALLS)
{
    if (args[0] != TP_CALLS_TRAP && args[0] != TP_CALLS_QUEUE)
        return -TP_EINVAL;
    caller->ipc.calls = (uint8_t)args[0];
    return 0;
}

/* --- Processes ------------------------------------------------------------------------------------ */

struct process *k_program_at(uint32_t endpoint)
{
    struct process *process = k_process_at(endpoint);

    return process && process->ipc.who == K_WHO_PROGRAM ? process : NULL;
}

K_CALL(CREATE)
{
    struct process *parent = NULL, *child;

    (void)caller;
    if (args[0] != 0) {
        parent = k_program_at(args[0]);
        if (!parent)
            return -TP_ESRCH;
    }
    child = k_process_create((int32_t)args[1]);
    if (!child)
        return -TP_EAGAIN;
    child->ipc.who = K_WHO_PROGRAM;
    child->ipc.limit = ~0u;
    child->ipc.calls = k_default_calls;
    if (parent) {
        k_process_copy_registers(child, parent);
        memcpy(child->name, parent->name, sizeof child->name);
        child->ipc.limit = parent->ipc.limit;
        child->ipc.attention = parent->ipc.attention & K_ATTENTION_RIGHTS;
        child->ipc.calls = parent->ipc.calls;
        k_entries_choose(child);
        k_costs_inherit(child, parent);
    }
    return (int32_t)child->endpoint;
}

K_CALL(START)
{
    struct process *process = k_program_at(args[0]);

    (void)caller;
    if (!process)
        return -TP_ESRCH;
    if (process->state != TP_RUN_STOPPED || process->ipc.is_ending || process->is_leaving)
        return -TP_EINVAL;
    k_process_set_result(process, (int32_t)args[1]);
    process->ipc.meeting = 0;
    k_ready(process);
    return 0;
}

K_CALL(STOP)
{
    struct process *process = k_program_at(args[0]);
    bool has_left;

    (void)caller;
    if (!process)
        return -TP_ESRCH;
    if (process->ipc.is_ending)
        return -TP_EAGAIN;
    has_left = k_stop(process);
    process->ipc.attention |= K_ATTENTION_STOPPED;
    k_message_leave(process);
    process->ipc.meeting = K_MEETING_NOBODY;
    k_requests_cancel(process);
    if (has_left && process->ipc.requests == 0)
        return 0;
    process->ipc.is_ending = true;
    return -TP_EAGAIN;
}

K_CALL(DESTROY)
{
    struct process *process = k_program_at(args[0]);

    (void)caller;
    if (!process)
        return -TP_ESRCH;
    if (process->state != TP_RUN_STOPPED || process->is_leaving || process->ipc.requests != 0)
        return -TP_EBUSY;
    k_grants_drop(process);
    k_queue_close(process);
    k_costs_leave(process);
    ended_calls += process->calls;
    ended_messages += process->ipc.messages;
    k_process_destroy(process);
    return 0;
}

K_CALL(SET_ENTRY)
{
    struct process *process = k_program_at(args[0]);

    if (!process)
        return -TP_ESRCH;
    if (k_get(caller, args[3], process->name, sizeof process->name) != 0)
        return -TP_EFAULT;
    process->name[sizeof process->name - 1] = '\0';
    k_process_set_entry(process, args[1], args[2]);
    return 0;
}

/* What the process waits for, as an endpoint; 0: nothing that has one. */
static uint32_t waits_for(const struct process *process)
{
    const struct k_request *request = k_request_own(process);

    if (process->state != TP_RUN_WAITING)
        return 0;
    if (request->state != K_REQUEST_FREE)
        return k_calls[request->request.call].service;
    return process->ipc.rendezvous != K_NO_RENDEZVOUS ? process->ipc.peer : 0;
}

K_CALL(INSPECT)
{
    const struct process *process = &k_processes[args[0]];
    struct tp_process_info info;

    if (args[0] >= TP_PROCESSES)
        return -TP_EINVAL;
    info = (struct tp_process_info){
        .endpoint = process->endpoint,
        .pid = process->pid,
        .state = process->state,
        .ring = process->ring,
        .waits_for = waits_for(process),
        .waits_in = process->state == TP_RUN_WAITING ? process->ipc.waits_in : 0,
        .cpu = process->cpu,
        .pages = process->space.pages,
        .calls = process->calls,
        .switches = process->switches,
    };
    memcpy(info.name, process->name, sizeof info.name);
    return k_put(caller, args[1], &info, sizeof info);
}

/* --- Servers --------------------------------------------------------------------------------------- */

static struct k_service *service_at(uint32_t id)
{
    return id > TP_SERVICE_SYSTEM && id < TP_SERVICE_COUNT ? &k_services[id] : NULL;
}

K_CALL(RELOAD)
{
    struct k_service *service = service_at(args[0]);

    if (!service || service->process == caller)
        return -TP_EINVAL;
    return k_server_reload(service);
}

K_CALL(GIVE_UP)
{
    struct k_service *service = service_at(args[0]);

    if (!service || service->process == caller)
        return -TP_EINVAL;
    return k_server_give_up(service);
}

K_CALL(INJECT)
{
    struct k_service *service = service_at(args[0]);

    (void)caller;
    if (!service || args[1] < TP_CRASH_FAULT || args[1] > TP_CRASH_MUTE || args[2] == 0)
        return -TP_EINVAL;
    service->crash = (uint8_t)args[1];
    service->crash_in = args[2];
    return 0;
}

K_CALL(POWER)
{
    (void)caller;
    tg_outw(TG_PORT_SYSTEM_POWER, args[0] & (0xff | TP_POWER_RESET));
    return 0;
}
