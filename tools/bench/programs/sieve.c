/*
 * sieve: the primes below 32,768 by the sieve of Eratosthenes. Many byte stores with growing
 * strides. size: how many times, each time with a slightly lower limit.
 */
#include "bench/bench.h"

enum { LIMIT = 32768, ROOT = 182, PRIMES_BELOW_LIMIT = 3512 };

static uint8_t is_composite[LIMIT];

static uint32_t count_primes(uint32_t limit, uint32_t *sum)
{
    uint32_t count = 0;

    memset(is_composite, 0, limit);
    for (uint32_t i = 2; i < limit; i++) {
        if (is_composite[i])
            continue;
        count++;
        *sum ^= i;
        if (i < ROOT) {
            for (uint32_t multiple = i * i; multiple < limit; multiple += i)
                is_composite[multiple] = 1;
        }
    }
    return count;
}

uint32_t bench_main(uint32_t size)
{
    uint32_t sum = BENCH_SUM;

    for (uint32_t round = 0; round < size; round++) {
        uint32_t primes = 0;
        uint32_t count = count_primes(LIMIT - round % 1000, &primes);

        if (round == 0 && count != PRIMES_BELOW_LIMIT)
            return BENCH_WRONG;
        sum = bench_add(bench_add(sum, count), primes);
    }
    return sum;
}
