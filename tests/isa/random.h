/* Numbers that look random and are the same in every run (xorshift). The state is any number but 0.
 */
#ifndef TEST_ISA_RANDOM_H
#define TEST_ISA_RANDOM_H

#include <stdint.h>

static inline uint32_t random_word(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

#endif
