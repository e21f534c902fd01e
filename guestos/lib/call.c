/*
 * How a call is made: through the gate at once, or through the queue and then the doorbell. A program does not
 * see the difference.
 */
#include "gate.h"
#include "turnpike.h"

/* Calls go by the queue, where they may. */
static int is_by_queue;

static const uint8_t is_alone[TP_CALL_COUNT] = {
#define PROMPT 0
#define PROBE  0
#define REPEAT 0
#define QUICK  0
#define WHOLE  0
#define ALONE  1
#define TP_CALL(ID, name, service, who, first, second, flags, meaning) [TP_CALL_##ID] = (flags),
#include "turnpike/calls.def"
};

void tp_choose_calls(void)
{
    is_by_queue = tp_trap(TP_CALL_QUEUE_OPEN, 0, 0, 0, 0, 0, 0) == 1;
}

int32_t tp_call_words(uint32_t number, tp_word a0, tp_word a1, tp_word a2, tp_word a3, tp_word a4,
                      tp_word a5)
{
    if (is_by_queue && number < TP_CALL_COUNT && !is_alone[number])
        return tp_call_queued(number, (const tp_word[TP_ARGUMENTS]){a0, a1, a2, a3, a4, a5});
    return tp_trap(number, a0, a1, a2, a3, a4, a5);
}

/* --- Messages in registers ------------------------------------------------------------------------ */

int32_t tp_send_words(uint32_t to, struct tp_words *words)
{
    return tp_trap_words(TP_CALL_SEND_WORDS, to, words);
}

int32_t tp_receive_words(uint32_t from, struct tp_words *words)
{
    return tp_trap_words(TP_CALL_RECEIVE_WORDS, from, words);
}

int32_t tp_call_message_words(uint32_t to, struct tp_words *words)
{
    return tp_trap_words(TP_CALL_CALL_WORDS, to, words);
}

int32_t tp_reply_receive_words(uint32_t to, struct tp_words *words)
{
    return tp_trap_words(TP_CALL_REPLY_RECEIVE_WORDS, to, words);
}
