/* Messages in registers: the calls that carry type and seven words without touching memory. */
#ifndef CALLTEST_WORDS_H
#define CALLTEST_WORDS_H

#include <stdint.h>
#include <string.h>

#include "lib/gate.h"

#define REGISTER_WORDS 7 /* words of a message that travel in registers, after its type */

/* The call with the message in registers, both ways; the result is a0's. */
static inline int32_t call_words(uint32_t call, uint32_t endpoint, struct tp_message *message)
{
    struct tp_words words;
    int32_t result;

    memcpy(&words, &message->type, sizeof words); /* and the words behind it */
    result = tp_trap_words(call, endpoint, &words);
    memcpy(&message->type, &words, sizeof words);
    return result;
}

#endif
