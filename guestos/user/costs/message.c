/* Costs of messages between two programs, each in its own address space. */
#include <stdint.h>
#include <unistd.h>

#include "costs.h"
#include "turnpike.h"

static uint32_t peer;

/* Answers each call with the counter's value in the first instruction after it. */
static void answer_for_ever(void)
{
    struct tp_message message = {0};
    uint32_t before, after;

    call_between(TP_CALL_RECEIVE, TP_ENDPOINT_ANY, ADDRESS(&message), 0, &before, &after);
    for (;;) {
        message.words[1] = after;
        call_between(TP_CALL_REPLY_RECEIVE, message.source, ADDRESS(&message), 0, &before, &after);
    }
}

static void start_answerer(void)
{
    peer = start_partner(answer_for_ever);
    call(TP_CALL_SLEEP, 2, 0, 0); /* now it waits */
}

static uint32_t call_and_reply(void)
{
    static struct tp_message message;
    int32_t result;
    uint32_t insns = cost_of_call(TP_CALL_CALL, peer, ADDRESS(&message), 0, &result);

    NEED(result == 0);
    return insns;
}

/* A call's first half: from the trap to the receiver's first instruction, in its own space. */
static uint32_t call_one_way(void)
{
    static struct tp_message message;
    uint32_t before, after;

    NEED(call_between(TP_CALL_CALL, peer, ADDRESS(&message), 0, &before, &after) == 0);
    return message.words[1] - before - 1;
}

/* --- In registers --------------------------------------------------------------------------------- */

/* One call with a message in registers; word 0 carries the counter there, word 1 the other one's back. */
static int32_t call_in_registers(uint32_t number, uint32_t endpoint, uint32_t *ret_there,
                                 uint32_t *ret_back)
{
    register uint32_t a0 __asm__("a0") = endpoint;
    register uint32_t a1 __asm__("a1") = 1;
    register uint32_t a2 __asm__("a2");
    register uint32_t a3 __asm__("a3") = 0;
    register uint32_t a7 __asm__("a7") = number;

    __asm__ volatile(".insn i 0x2b, 1, %[there], x0, 0x12\n"
                     ".insn i 0x0b, 1, x0, x0, 64\n"
                     : "+r"(a0), "+r"(a1), [there] "=&r"(a2), "+r"(a3), "+r"(a7)
                     :
                     : "a4", "a5", "a6", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "memory");
    *ret_there = a2;
    *ret_back = a3;
    return (int32_t)a0;
}

/* Takes calls in registers for ever: the first instruction after each trap reads the counter into word 1. */
static void answer_in_registers(void)
{
    register uint32_t a0 __asm__("a0") = TP_ENDPOINT_ANY;
    register uint32_t a7 __asm__("a7") = TP_CALL_RECEIVE_WORDS;
    register uint32_t s2 __asm__("s2") = TP_CALL_REPLY_RECEIVE_WORDS;

    __asm__ volatile("1: .insn i 0x0b, 1, x0, x0, 64\n"
                     ".insn i 0x2b, 1, a3, x0, 0x12\n"
                     "mv a7, s2\n"
                     "j 1b\n"
                     : "+r"(a0), "+r"(a7)
                     : "r"(s2)
                     : "a1", "a2", "a3", "a4", "a5", "a6", "t0", "t1", "t2", "t3", "t4", "t5", "t6",
                       "memory");
}

static void start_register_answerer(void)
{
    peer = start_partner(answer_in_registers);
    call(TP_CALL_SLEEP, 2, 0, 0);
}

static uint32_t registers_one_way(void)
{
    uint32_t there, back;

    NEED(call_in_registers(TP_CALL_CALL_WORDS, peer, &there, &back) == 0);
    return back - there - 1;
}

static uint32_t registers_and_back(void)
{
    int32_t result;
    uint32_t insns = cost_of_call(TP_CALL_CALL_WORDS, peer, 1, 0, &result);

    NEED(result == 0);
    return insns;
}

/* --- Sending to one who waits, and going on --------------------------------------------------------- */

static void receive_for_ever(void)
{
    struct tp_message message;

    for (;;)
        call(TP_CALL_RECEIVE, TP_ENDPOINT_ANY, ADDRESS(&message), 0);
}

static void start_receiver(void)
{
    peer = start_partner(receive_for_ever);
    call(TP_CALL_SLEEP, 2, 0, 0);
}

static uint32_t send_and_go_on(void)
{
    static struct tp_message message;
    int32_t result;
    uint32_t insns = cost_of_call(TP_CALL_SEND, peer, ADDRESS(&message), 0, &result);

    NEED(result == 0);
    call(TP_CALL_SLEEP, 1, 0, 0); /* lets it wait again */
    return insns;
}

static uint32_t notify_waiting(void)
{
    int32_t result;
    uint32_t insns = cost_of_call(TP_CALL_NOTIFY, peer, 1, 0, &result);

    NEED(result == 0);
    call(TP_CALL_SLEEP, 1, 0, 0);
    return insns;
}

static uint32_t notify_busy(void)
{
    static struct tp_message message;
    int32_t result;
    /* to itself, who does not wait: the bits are kept, until they are taken */
    uint32_t insns = cost_of_call(TP_CALL_NOTIFY, (uint32_t)call(TP_CALL_ENDPOINT, 0, 0, 0), 1, 0, &result);

    NEED(result == 0);
    NEED(call(TP_CALL_RECEIVE, TP_ENDPOINT_ANY, ADDRESS(&message), 0) >= 0);
    return insns;
}

/* --- Pipes: the same, by the file service ----------------------------------------------------------- */

static int there[2], back[2];

static void echo_for_ever(void)
{
    uint8_t byte;

    while (read(there[0], &byte, 1) == 1)
        write(back[1], &byte, 1);
}

static void start_echo(void)
{
    NEED(pipe(there) == 0 && pipe(back) == 0);
    start_partner(echo_for_ever);
}

static void end_echo(void)
{
    end_partner();
    for (int i = 0; i < 2; i++) {
        close(there[i]);
        close(back[i]);
    }
}

static uint32_t pipe_round_trip(void)
{
    uint8_t byte = 1;
    uint32_t before = insns();

    write(there[1], &byte, 1);
    read(back[0], &byte, 1);
    return insns() - before - 1;
}

static const struct cost costs[] = {
    {"send-registers", "8 words in registers, to one who waits in another space, up to its first instruction",
     start_register_answerer, end_partner, registers_one_way, 20},
    {"call-registers", "and its answer", start_register_answerer, end_partner, registers_and_back, 20},
    {"send-64", "64 bytes, likewise", start_answerer,
     end_partner, call_one_way, 20},
    {"call-64", "64 bytes there and 64 bytes back", start_answerer, end_partner, call_and_reply, 20},
    {"send-go-on", "64 bytes to one who waits; the sender goes on", start_receiver, end_partner,
     send_and_go_on, 20},
    {"notify", "to one who does not wait", NULL, NULL, notify_busy, 20},
    {"notify-waiting", "to one who waits; the notifier goes on", start_receiver, end_partner,
     notify_waiting, 20},
    {"pipe-round-trip", "a byte through a pipe and one back", start_echo, end_echo, pipe_round_trip, 20},
};

const struct cost_table message_costs = COST_TABLE(costs);
