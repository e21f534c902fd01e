/* Short ways for messages (fast.h). The long ways are in message.c. */
#include "kernel/fast.h"

#include "kernel/call.h"
#include "kernel/cpu.h"
#include "kernel/schedule.h"

/* entry.S: goes on with a process that is in a trap, with the words (a1 to a6, t0, t1) of words_of. */
struct process *k_pass(struct process *to, const struct process *words_of, uint32_t next_turn);

/* The program of that endpoint, if its wait is that one. */
static K_INLINE struct process *find(uint32_t endpoint, uint8_t meeting)
{
    struct process *process = k_process_by_slot[TP_ENDPOINT_SLOT(endpoint)];

    return process->endpoint == endpoint && process->ipc.meeting == meeting ? process : NULL;
}

/* Commit: the caller waits, and the other one runs in its place, on this CPU and at the same priority. */
static K_INLINE void change_places(struct process *caller, uint8_t meeting, uint32_t peer,
                                 struct process *to)
{
    caller->ipc.meeting = meeting;
    caller->ipc.peer = peer;
    to->ipc.meeting = 0;
    to->run = caller->run;
    caller->state = TP_RUN_WAITING;
    to->switches++;
    caller->ipc.messages++;
}

static K_INLINE struct process *call_words(struct process *caller, bool has_queue)
{
    uint32_t turn = k_lock(), endpoint = caller->registers.a[0];
    struct process *receiver = find(endpoint, K_MEETING(K_RECEIVING, true, true));

    if (!receiver || !is_usual(caller, has_queue) || !is_free_to_switch(receiver))
        return k_enter_locked(caller);
    /* Tested; from here on it happens. */
    receiver->registers.a[0] = caller->endpoint;
    change_places(caller, K_MEETING(K_REPLIED, true, true), endpoint, receiver);
    return k_pass(receiver, caller, turn + 1);
}
K_SHORT_WAYS(call_words)

static K_INLINE struct process *reply_receive_words(struct process *caller, bool has_queue)
{
    uint32_t turn = k_lock();
    struct process *peer = find(caller->registers.a[0], K_MEETING(K_REPLIED, true, true));

    if (!peer || peer->ipc.peer != caller->endpoint || !is_usual(caller, has_queue) || caller->ipc.notes ||
        caller->ipc.senders.first || !is_free_to_switch(peer))
        return k_enter_locked(caller);
    /* Tested; from here on it happens. */
    peer->registers.a[0] = 0;
    change_places(caller, K_MEETING(K_RECEIVING, true, true), TP_ENDPOINT_ANY, peer);
    return k_pass(peer, caller, turn + 1);
}
K_SHORT_WAYS(reply_receive_words)

/* --- In memory ------------------------------------------------------------------------------------ */

/* Finds out where the kernel sees a message of the caller's; false: it crosses a page, is not there, or not
 * to be written. */
static bool look(struct process *caller)
{
    uint32_t address = caller->registers.a[1];
    uint32_t *message = NULL;

    if (address % 4 == 0 && address % TP_PAGE <= TP_PAGE - sizeof(struct tp_message) &&
        address >= TP_USER_FIRST && address < TP_USER_END)
        message = k_space_find(caller, address, K_USE_WRITE);
    if (!message)
        return false;
    caller->ipc.message = message;
    caller->ipc.message_address = address;
    return true;
}

/* Is the message where the last one was? Most are. */
static K_INLINE bool is_known(const struct process *caller)
{
    uint32_t address = caller->registers.a[1];

    return address == caller->ipc.message_address && address != 0;
}

static K_INLINE void copy(uint32_t *to, const uint32_t *from, uint32_t source)
{
    to[0] = source;
    for (uint32_t i = 1; i < sizeof(struct tp_message) / sizeof *to; i++)
        to[i] = from[i];
}

static K_INLINE struct process *pass_call(struct process *caller, uint32_t turn, bool has_queue)
{
    uint32_t endpoint = caller->registers.a[0];
    struct process *receiver = find(endpoint, K_MEETING(K_RECEIVING, false, true));

    if (!receiver || !is_usual(caller, has_queue) || caller->registers.a[2] != 0 ||
        !is_free_to_switch(receiver))
        return k_enter_locked(caller);
    /* Tested; from here on it happens. */
    receiver->registers.a[0] = 0;
    copy(receiver->ipc.message, caller->ipc.message, caller->endpoint);
    change_places(caller, K_MEETING(K_REPLIED, false, true), endpoint, receiver);
    return k_pass(receiver, receiver, turn + 1);
}

static __attribute__((noinline)) struct process *look_and_call(struct process *caller, uint32_t turn, bool has_queue)
{
    return look(caller) ? pass_call(caller, turn, has_queue) : k_enter_locked(caller);
}

static K_INLINE struct process *call(struct process *caller, bool has_queue)
{
    uint32_t turn = k_lock();

    return is_known(caller) ? pass_call(caller, turn, has_queue) : look_and_call(caller, turn, has_queue);
}
K_SHORT_WAYS(call)

static K_INLINE struct process *pass_reply(struct process *caller, uint32_t turn, bool has_queue)
{
    struct process *peer = find(caller->registers.a[0], K_MEETING(K_REPLIED, false, true));

    if (!peer || peer->ipc.peer != caller->endpoint || !is_usual(caller, has_queue) || caller->ipc.notes ||
        caller->ipc.senders.first || !is_free_to_switch(peer))
        return k_enter_locked(caller);
    /* Tested; from here on it happens. */
    peer->registers.a[0] = 0;
    copy(peer->ipc.message, caller->ipc.message, caller->endpoint);
    change_places(caller, K_MEETING(K_RECEIVING, false, true), TP_ENDPOINT_ANY, peer);
    return k_pass(peer, peer, turn + 1);
}

static __attribute__((noinline)) struct process *look_and_reply(struct process *caller, uint32_t turn, bool has_queue)
{
    return look(caller) ? pass_reply(caller, turn, has_queue) : k_enter_locked(caller);
}

static K_INLINE struct process *reply_receive(struct process *caller, bool has_queue)
{
    uint32_t turn = k_lock();

    return is_known(caller) ? pass_reply(caller, turn, has_queue) : look_and_reply(caller, turn, has_queue);
}
K_SHORT_WAYS(reply_receive)

/* --- Notifications -------------------------------------------------------------------------------- */

/* To one who does not wait for anything: nothing but the bits. (A caller that has been stopped meanwhile
 * does so in its last moment.) */
struct process *k_fast_notify(struct process *caller)
{
    uint32_t turn = k_lock();
    struct process *receiver = find(caller->registers.a[0], 0);

    if (!receiver)
        return k_enter_locked(caller);
    /* Tested; from here on it happens. */
    __atomic_fetch_or(&receiver->ipc.notes, caller->registers.a[1], __ATOMIC_RELAXED);
    k_process_set_result(caller, 0);
    k_unlock_turn(turn);
    return caller;
}
