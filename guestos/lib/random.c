/* Random numbers, the same in every run. */
#include <stdint.h>
#include <stdlib.h>

static uint32_t random_state = 1;

void srand(unsigned seed)
{
    random_state = seed;
}

int rand(void)
{
    random_state = random_state * 1664525 + 1013904223;
    /* The low bits of such a generator repeat soon. */
    return (int)(random_state >> 16 ^ random_state << 15) & RAND_MAX;
}
