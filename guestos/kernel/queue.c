/*
 * Queues: a page that a process shares with the kernel. The process puts calls in and goes on; the
 * kernel takes them out when it has control anyway, when asked (the doorbell, QUEUE_ENTER), or on a
 * CPU of its own that looks at the queues of running processes. An entry is the same call as a trap:
 * k_call_make makes it.
 *
 * The page belongs to the process, which may change anything in it at any time. So each entry is
 * copied once, then checked, then used; the kernel's own indices are in struct ipc, those in the page are for the
 * process to read; the process's indices are only compared. There is always room for the
 * completions of what has been taken: else nothing is taken.
 *
 * Manual: docs/turnpike.md, "Queues".
 */
#include "kernel/queue.h"

#include <string.h>

#include "kernel/cost.h"
#include "kernel/frames.h"
#include "kernel/panic.h"
#include "kernel/placement.h"
#include "kernel/schedule.h"

/* For how many more entries there is room in the ring of completions, beside those in it and those to come. */
static uint32_t room(const struct ipc *ipc)
{
    uint32_t in_ring = ipc->completed - *(volatile uint32_t *)&ipc->queue->collected;

    if (in_ring > TP_QUEUE_COMPLETIONS) /* no such index: there is none */
        in_ring = TP_QUEUE_COMPLETIONS;
    return in_ring + ipc->in_flight < TP_QUEUE_COMPLETIONS
               ? TP_QUEUE_COMPLETIONS - in_ring - ipc->in_flight
               : 0;
}

/* Requests that nobody answers must not keep other queues from being worked on: a process that has none in flight always
 * gets one of those that are spared, of which there are more than processes. */
static bool has_request(const struct ipc *ipc)
{
    return ipc->in_flight == 0 || k_request_left() > K_REQUESTS_SPARE;
}

_Static_assert(K_REQUESTS_SPARE > TP_PROCESSES, "each process can have one of those spared");

static void complete(struct ipc *ipc, uint32_t tag, int32_t result)
{
    struct tp_completion *place =
        &ipc->queue->completions[ipc->completed % TP_QUEUE_COMPLETIONS];

    place->tag = tag;
    place->result = result;
    ipc->queue->completed = ++ipc->completed;
}

/* Is what QUEUE_ENTER waits for there, or will it never be? */
static bool has_enough(const struct ipc *ipc)
{
    return ipc->completed - *(volatile uint32_t *)&ipc->queue->collected >= ipc->wanted ||
           ipc->in_flight == 0;
}

void k_queue_complete(struct process *process, uint32_t tag, int32_t result)
{
    struct ipc *ipc = &process->ipc;

    if (!ipc->queue)
        return;
    ipc->in_flight--;
    complete(ipc, tag, result);
    if (ipc->waits_in != TP_CALL_QUEUE_ENTER || process->state != TP_RUN_WAITING)
        return;
    process->registers.a[0] += k_queue_drain(process); /* what there was no room for */
    if (has_enough(ipc))
        k_ready(process);
}

static void refuse(struct ipc *ipc, uint32_t tag, int32_t result)
{
    ipc->queue->refused++;
    complete(ipc, tag, result);
}

/* One entry: the kernel's copy of it. */
static void take(struct process *process, const struct tp_queue_entry *entry)
{
    struct ipc *ipc = &process->ipc;
    int32_t result;

    if (entry->call >= TP_CALL_COUNT) {
        refuse(ipc, entry->tag, -TP_ENOSYS);
        return;
    }
    if (k_calls[entry->call].flags & ALONE) {
        refuse(ipc, entry->tag, -TP_EINVAL);
        return;
    }
    ipc->in_flight++;
    result = k_call_make(process, entry->call, entry->args, K_TO_QUEUE, entry->tag);
    if (result == K_LATER)
        return;
    ipc->in_flight--;
    complete(ipc, entry->tag, result);
}

/* How many there are to take: what the process says, but no more than there can be. */
static uint32_t due(const struct ipc *ipc)
{
    uint32_t count = *(volatile uint32_t *)&ipc->queue->submitted - ipc->taken, most = room(ipc);

    if (count > TP_QUEUE_ENTRIES)
        count = TP_QUEUE_ENTRIES;
    return count < most ? count : most;
}

/* Takes up to that many entries as long as they are QUICK calls: these are answered at once, and touch
 * nothing of the queue. How many. */
static uint32_t take_quick(struct process *process, uint32_t most)
{
    struct tp_queue *queue = process->ipc.queue;
    uint32_t taken = process->ipc.taken, completed = process->ipc.completed, count = 0;

    for (; count < most; count++) {
        struct tp_queue_entry *entry = &queue->entries[taken % TP_QUEUE_ENTRIES];
        uint32_t number = *(volatile uint32_t *)&entry->call, args[TP_ARGUMENTS], tag;
        struct tp_completion *place = &queue->completions[completed % TP_QUEUE_COMPLETIONS];

        if (number >= TP_CALL_COUNT || !(k_calls[number].flags & QUICK))
            break;
        for (uint32_t i = 0; i < TP_ARGUMENTS; i++)
            args[i] = entry->args[i];
        tag = entry->tag;
        place->result = k_calls[number].serve(process, args);
        place->tag = tag;
        taken++;
        completed++;
    }
    process->ipc.taken = taken;
    queue->completed = process->ipc.completed = completed;
    return count;
}

uint32_t k_queue_drain(struct process *process)
{
    struct ipc *ipc = &process->ipc;
    uint32_t first = ipc->taken, count;

    if (!ipc->queue || ipc->attention & K_ATTENTION_STOPPED) /* what is made now would never be cancelled */
        return 0;
    for (count = due(ipc); count > 0; count--) {
        struct tp_queue_entry entry;

        count -= take_quick(process, count);
        if (count == 0 || !has_request(ipc))
            break;
        entry = ipc->queue->entries[ipc->taken % TP_QUEUE_ENTRIES];
        __asm__ volatile("" : : : "memory"); /* from here on the copy is used */
        ipc->taken++;
        take(process, &entry);
    }
    ipc->queue->taken = ipc->taken;
    process->calls += ipc->taken - first;
    return ipc->taken - first;
}

void k_queue_retry(struct process *process, uint32_t call, const tp_word *args, uint32_t tag,
                   int32_t result)
{
    struct ipc *ipc = &process->ipc;
    uint32_t words[TP_ARGUMENTS];

    if (!ipc->queue)
        return;
    for (uint32_t i = 0; i < TP_ARGUMENTS; i++)
        words[i] = (uint32_t)args[i];
    if (result == 0 && ipc->is_ending) /* what is made now would never be cancelled */
        result = -TP_EINTR;
    if (result == 0)
        result = k_call_make(process, call, words, K_TO_QUEUE, tag);
    if (result != K_LATER)
        k_queue_complete(process, tag, result);
}

void k_queue_close(struct process *process)
{
    struct ipc *ipc = &process->ipc;

    if (!ipc->queue)
        return;
    k_requests_orphan(process, K_TO_QUEUE);
    k_requests_orphan(process, K_TO_ENTRY);
    k_frame_drop(k_physical(ipc->queue) / TP_PAGE);
    ipc->queue = NULL;
    ipc->in_flight = ipc->taken = ipc->completed = 0;
    k_entries_choose(process);
}

/* --- The calls ------------------------------------------------------------------------------------ */

K_CALL(QUEUE_OPEN)
{
    struct ipc *ipc = &caller->ipc;
    uint32_t frame;
    int status;

    if (ipc->queue)
        return 1;
    if (args[0] == 0 && ipc->calls != TP_CALLS_QUEUE)
        return 0;
    if (ipc->who != K_WHO_PROGRAM)
        return -TP_EPERM;
    frame = k_frame_take();
    if (frame == 0)
        return -TP_ENOMEM;
    status = k_space_share(caller, TP_QUEUE_ADDRESS, frame, 1);
    if (status != 0) {
        k_frame_drop(frame);
        return status;
    }
    ipc->queue = k_direct(frame * TP_PAGE);
    ipc->queue->is_polled = k_cpu_polling != NULL;
    k_entries_choose(caller);
    return 1;
}

/* Services in the kernel have answered by the time it is known whether to wait. */
K_CALL(QUEUE_ENTER)
{
    struct ipc *ipc = &caller->ipc;
    uint32_t count;

    if (!ipc->queue)
        return -TP_EINVAL;
    count = k_queue_drain(caller);
    k_services_run();
    ipc->wanted = args[0] < TP_QUEUE_COMPLETIONS ? args[0] : TP_QUEUE_COMPLETIONS;
    /* What was taken may have ended the caller, and the queue with it. */
    if (caller->state != TP_RUN_RUNNING || !ipc->queue || has_enough(ipc))
        return (int32_t)count;
    ipc->waits_in = TP_CALL_QUEUE_ENTER;
    k_process_set_result(caller, (int32_t)count);
    k_block(caller, TP_RUN_WAITING);
    return K_LATER;
}

/* --- The CPU that looks at queues ------------------------------------------------------------------ */

/* Is some process running that could put something into a queue? */
static bool is_anyone_busy(void)
{
    for (uint32_t number = 0; number < k_cpu_count; number++)
        if (!k_cpu_at(number)->is_idle && k_cpu_at(number) != k_cpu())
            return true;
    return false;
}

struct process *k_poll(struct process *idle)
{
    for (uint32_t slot = TP_FIRST_PROCESS_SLOT; slot < TP_PROCESSES; slot++) {
        struct process *process = &k_processes[slot];

        if (process->state == TP_RUN_FREE || !k_queue_is_due(process))
            continue;
        k_lock();
        k_queue_drain(process);
        k_services_run();
        return k_leave(idle);
    }
    if (!is_anyone_busy())
        tg_wfi();
    return idle;
}

void k_queue_start(bool is_wanted)
{
    if (is_wanted && k_cpu_count == 1)
        k_panic("boot word poll=1: the CPU that looks at queues runs no program, so there have to be two at least; "
                "start the machine with more (--cpus)");
    k_cpu_polling = is_wanted ? k_cpu_at(k_cpu_count - 1) : NULL;
}
