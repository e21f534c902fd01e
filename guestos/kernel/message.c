/*
 * Messages between processes. A message goes from one process's memory (or registers) to another's
 * at the moment when the one sends and the other receives (rendezvous): the kernel keeps none. Who
 * comes first waits, senders in the receiver's queue.
 *
 * A message to a service is a call, type its number and words its arguments: the system task. So
 * what a trap can ask a message can, and a service does not see the difference, wherever it lives.
 *
 * Manual: docs/turnpike.md, "Messages".
 */
#include "kernel/message.h"

#include <stddef.h>
#include <string.h>

#include "kernel/call.h"
#include "kernel/cost.h"
#include "kernel/request.h"
#include "kernel/schedule.h"

#define MESSAGE_BYTES sizeof(struct tp_message)

/* Words of a message in registers, its type included. */
#define REGISTER_WORDS 8

/* --- Where messages are ------------------------------------------------------------------------- */

/* The caller's message is at an address of its own, which the call's row has made ready. */
static void place_message(struct process *process, uint32_t address, enum space_use use)
{
    bool is_in_page = address % 4 == 0 && address % TP_PAGE <= TP_PAGE - MESSAGE_BYTES;

    process->ipc.has_words = false;
    process->ipc.message = is_in_page ? k_space_find(process, address, use) : NULL;
    process->ipc.message_address = use == K_USE_WRITE && process->ipc.message ? address : 0;
}

static int read_message(struct process *from, struct tp_message *message)
{
    const struct registers *registers = &from->registers;

    if (from->ipc.has_words) {
        memset(message, 0, sizeof *message);
        memcpy(&message->type, &registers->a[1], 6 * sizeof(uint32_t));
        memcpy(&message->words[5], registers->t, 2 * sizeof(uint32_t));
    } else if (from->ipc.message) {
        memcpy(message, from->ipc.message, sizeof *message);
    } else {
        return k_get(from, registers->a[1], message, sizeof *message);
    }
    return 0;
}

static int write_message(struct process *to, const struct tp_message *message)
{
    struct registers *registers = &to->registers;

    if (to->ipc.has_words) {
        memcpy(&registers->a[1], &message->type, 6 * sizeof(uint32_t));
        memcpy(registers->t, &message->words[5], 2 * sizeof(uint32_t));
    } else if (to->ipc.message) {
        memcpy(to->ipc.message, message, sizeof *message);
    } else {
        return k_put(to, registers->a[1], message, sizeof *message);
    }
    return 0;
}

static int transfer(struct process *to, struct process *from)
{
    struct tp_message message;
    int status = read_message(from, &message);

    message.source = from->endpoint;
    if (status == 0)
        status = write_message(to, &message);
    if (status == 0)
        from->ipc.messages++;
    return status;
}

/* --- Waiting ------------------------------------------------------------------------------------ */

struct process *k_process_of_alarm(struct alarm *alarm)
{
    return (struct process *)((char *)alarm - offsetof(struct process, ipc.alarm));
}

/* The wait is over; the process goes on with that result. */
static void finish(struct process *process, int32_t result)
{
    process->ipc.meeting = 0;
    if (process->ipc.alarm.is_set)
        k_alarm_cancel(&process->ipc.alarm);
    k_process_set_result(process, result);
    if (process->state == TP_RUN_WAITING)
        k_ready(process);
}

static void ring_timeout(struct alarm *alarm)
{
    struct process *process = k_process_of_alarm(alarm);

    k_queue_remove(process);
    finish(process, -TP_ETIMEDOUT);
}

static void meet(struct process *process, enum k_rendezvous what, uint32_t peer, uint32_t timeout)
{
    process->ipc.rendezvous = what & 0xf;
    process->ipc.peer = peer;
    process->ipc.is_open = timeout == 0 && (what != K_RECEIVING || peer == TP_ENDPOINT_ANY) &&
                           (process->ipc.has_words || process->ipc.message);
    process->ipc.waits_in = (uint16_t)process->registers.a[7];
    if (timeout != 0)
        k_alarm_set(&process->ipc.alarm, timeout, ring_timeout);
    if (process->state == TP_RUN_RUNNING)
        k_block(process, TP_RUN_WAITING);
}

/* What a receiver's call answers: words in registers leave only a0 for the source. */
static int32_t received(const struct process *receiver, uint32_t source)
{
    return receiver->ipc.has_words ? (int32_t)source : 0;
}

static bool accepts(const struct process *receiver, const struct process *sender)
{
    return receiver->ipc.rendezvous == K_RECEIVING &&
           (receiver->ipc.peer == TP_ENDPOINT_ANY || receiver->ipc.peer == sender->endpoint);
}

/* The process that this one waits for and that alone can end its wait, or NULL. */
static struct process *waited_for(const struct process *process)
{
    if (process->ipc.rendezvous == K_NO_RENDEZVOUS || process->ipc.alarm.is_set)
        return NULL;
    return k_process_at(process->ipc.peer); /* ANY is nobody's */
}

/* Would the caller, waiting for peer, wait for itself? Then it keeps the cycle for WAITS. */
static bool closes_cycle(struct process *caller, struct process *peer)
{
    struct ipc *ipc = &caller->ipc;
    uint32_t count = 0;

    for (struct process *each = peer; each && count < TP_PROCESSES; each = waited_for(each)) {
        if (count < K_CYCLE)
            ipc->cycle[count] = each->endpoint;
        count++;
        if (each == caller) {
            ipc->cycle_count = count;
            return true;
        }
    }
    return false;
}

/* --- Between processes --------------------------------------------------------------------------- */

/* Whom a process may exchange messages with. */
static int32_t find_peer(struct process *caller, uint32_t endpoint, struct process **ret_peer)
{
    struct process *peer = k_process_at(endpoint);

    if (!peer || peer->state == TP_RUN_STOPPED || peer->ipc.who != K_WHO_PROGRAM)
        return -TP_ESRCH;
    if (!(caller->ipc.limit & K_WHO_PROGRAM) || caller->ipc.who != K_WHO_PROGRAM)
        return -TP_EPERM;
    *ret_peer = peer;
    return 0;
}

static int32_t send(struct process *caller, uint32_t endpoint, enum k_rendezvous what,
                    uint32_t timeout)
{
    struct process *receiver;
    int32_t status = find_peer(caller, endpoint, &receiver);

    if (status != 0)
        return status;
    if (accepts(receiver, caller)) {
        status = transfer(receiver, caller);
        if (status != 0)
            return status;
        finish(receiver, received(receiver, caller->endpoint));
        if (what == K_SENDING)
            return 0;
        meet(caller, K_REPLIED, endpoint, timeout);
        return K_LATER;
    }
    if (closes_cycle(caller, receiver))
        return -TP_EDEADLK;
    k_queue_put(&receiver->ipc.senders, caller);
    meet(caller, what, endpoint, timeout);
    return K_LATER;
}

/* The first process in the queue of senders that the receiver wants. */
static struct process *find_sender(const struct process *receiver, uint32_t from)
{
    struct process *sender = receiver->ipc.senders.first;

    while (sender && from != TP_ENDPOINT_ANY && sender->endpoint != from)
        sender = sender->next;
    return sender;
}

static int take_notes(struct process *receiver)
{
    struct tp_message message = {.source = TP_ENDPOINT_HARDWARE, .type = TP_MESSAGE_NOTIFY};
    int status;

    message.words[0] = receiver->ipc.notes;
    status = write_message(receiver, &message);
    if (status == 0)
        receiver->ipc.notes = 0;
    return status;
}

static int32_t receive(struct process *caller, uint32_t from, uint32_t timeout)
{
    struct process *sender, *peer;
    int32_t status;

    if (caller->ipc.who != K_WHO_PROGRAM)
        return -TP_EPERM;
    if (from == TP_ENDPOINT_ANY && caller->ipc.notes) {
        status = take_notes(caller);
        return status != 0 ? status : received(caller, TP_ENDPOINT_HARDWARE);
    }
    sender = find_sender(caller, from);
    if (sender) {
        status = transfer(caller, sender);
        if (status != 0)
            return status;
        k_queue_remove(sender);
        if (sender->ipc.rendezvous == K_CALLING)
            sender->ipc.rendezvous = K_REPLIED; /* and is_open as it is */
        else
            finish(sender, 0);
        return received(caller, sender->endpoint);
    }
    if (from != TP_ENDPOINT_ANY) {
        status = find_peer(caller, from, &peer);
        if (status != 0)
            return status;
        if (closes_cycle(caller, peer))
            return -TP_EDEADLK;
    }
    meet(caller, K_RECEIVING, from, timeout);
    return K_LATER;
}

static int32_t reply(struct process *caller, uint32_t endpoint)
{
    struct process *peer = k_process_at(endpoint);
    int32_t status;

    if (!peer || peer->state == TP_RUN_STOPPED)
        return -TP_ESRCH;
    if (peer->ipc.rendezvous != K_REPLIED || peer->ipc.peer != caller->endpoint)
        return -TP_EPROTO;
    status = transfer(peer, caller);
    if (status == 0)
        finish(peer, 0);
    return status;
}

void k_message_leave(struct process *process)
{
    struct process *each;

    if (process->ipc.rendezvous != K_NO_RENDEZVOUS) {
        k_queue_remove(process);
        process->ipc.rendezvous = K_NO_RENDEZVOUS;
    }
    k_alarm_cancel(&process->ipc.alarm);
    while ((each = k_queue_take(&process->ipc.senders)))
        finish(each, -TP_ESRCH);
    for (uint32_t slot = TP_FIRST_PROCESS_SLOT; slot < TP_PROCESSES; slot++) {
        each = &k_processes[slot];
        if (each->state == TP_RUN_WAITING && each->ipc.rendezvous != K_NO_RENDEZVOUS &&
            each->ipc.peer == process->endpoint)
            finish(each, -TP_ESRCH);
    }
}

/* --- The system task ------------------------------------------------------------------------------ */

/* The reply to a message that was a call. */
static void answer(struct process *process, uint32_t call, int32_t result)
{
    struct tp_message message = {.source = k_calls[call].service, .type = call};

    message.words[0] = (uint32_t)result;
    write_message(process, &message);
}

void k_message_answered(struct process *process, uint32_t call, int32_t result)
{
    if (process->ipc.rendezvous == K_REPLIED)
        answer(process, call, result);
    process->ipc.rendezvous = K_NO_RENDEZVOUS;
}

/* A message to a service: the call whose number is its type. */
static int32_t call_service(struct process *caller, uint32_t service, enum k_rendezvous what)
{
    struct tp_message message;
    int32_t result = read_message(caller, &message);

    if (result != 0)
        return result;
    if (message.type >= TP_CALL_COUNT || k_calls[message.type].service != service)
        return -TP_ENOSYS;
    if (k_calls[message.type].flags & ALONE)
        return -TP_EINVAL;
    caller->ipc.peer = service;
    caller->ipc.rendezvous = what == K_CALLING ? K_REPLIED : K_NO_RENDEZVOUS;
    result = k_call_make(caller, message.type, message.words, K_TO_MESSAGE, 0);
    if (result == K_LATER)
        return K_LATER;
    k_message_answered(caller, message.type, result);
    return 0;
}

/* --- The calls ------------------------------------------------------------------------------------ */

static int32_t send_or_call(struct process *caller, const uint32_t *args, enum k_rendezvous what,
                            uint32_t timeout)
{
    if (args[0] < TP_SERVICE_COUNT)
        return call_service(caller, args[0], what);
    return send(caller, args[0], what, timeout);
}

K_CALL(SEND)
{
    place_message(caller, args[1], K_USE_READ);
    return send_or_call(caller, args, K_SENDING, args[2]);
}

K_CALL(SEND_WORDS)
{
    caller->ipc.has_words = true;
    return send_or_call(caller, args, K_SENDING, 0);
}

K_CALL(CALL)
{
    place_message(caller, args[1], K_USE_WRITE);
    return send_or_call(caller, args, K_CALLING, args[2]);
}

K_CALL(CALL_WORDS)
{
    caller->ipc.has_words = true;
    return send_or_call(caller, args, K_CALLING, 0);
}

K_CALL(RECEIVE)
{
    place_message(caller, args[1], K_USE_WRITE);
    return receive(caller, args[0], args[2]);
}

K_CALL(RECEIVE_WORDS)
{
    caller->ipc.has_words = true;
    return receive(caller, args[0], 0);
}

K_CALL(REPLY)
{
    place_message(caller, args[1], K_USE_READ);
    return reply(caller, args[0]);
}

/* A reply that nobody waits for any more is no reason not to receive. */
K_CALL(REPLY_RECEIVE)
{
    place_message(caller, args[1], K_USE_WRITE);
    reply(caller, args[0]);
    return receive(caller, TP_ENDPOINT_ANY, 0);
}

K_CALL(REPLY_RECEIVE_WORDS)
{
    caller->ipc.has_words = true;
    reply(caller, args[0]);
    return receive(caller, TP_ENDPOINT_ANY, 0);
}

K_CALL(NOTIFY)
{
    struct process *receiver;

    if (args[0] < TP_FIRST_PROCESS_SLOT)
        return -TP_EINVAL;
    receiver = k_process_at(args[0]);
    if (!receiver || receiver->state == TP_RUN_STOPPED)
        return -TP_ESRCH;
    if (!(caller->ipc.limit & K_WHO_PROGRAM))
        return -TP_EPERM;
    receiver->ipc.notes |= args[1];
    if (receiver->ipc.notes && receiver->ipc.rendezvous == K_RECEIVING &&
        receiver->ipc.peer == TP_ENDPOINT_ANY && take_notes(receiver) == 0)
        finish(receiver, received(receiver, TP_ENDPOINT_HARDWARE));
    return 0;
}

K_CALL(LIMIT)
{
    caller->ipc.limit &= args[0];
    if (~caller->ipc.limit)
        caller->ipc.attention |= K_ATTENTION_RIGHTS;
    k_entries_choose(caller);
    return 0;
}

K_CALL(WAITS)
{
    uint32_t count = caller->ipc.cycle_count, bytes;

    bytes = (count < K_CYCLE ? count : K_CYCLE) * (uint32_t)sizeof(uint32_t);
    if (k_put(caller, args[0], caller->ipc.cycle, args[1] < bytes ? args[1] : bytes) != 0)
        return -TP_EFAULT;
    return (int32_t)count;
}
