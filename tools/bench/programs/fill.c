/*
 * fill: writes to each 4 KiB page of 24 MiB. Not for speed: how much memory a runner needs beside
 * the guest's own shows when the guest has used its own. size: how many times.
 */
#include "bench/bench.h"

enum { PAGES = 24 * 256, WORDS_OF_PAGE = 1024 };

static uint32_t memory[PAGES][WORDS_OF_PAGE];

uint32_t bench_main(uint32_t size)
{
    uint32_t sum = BENCH_SUM;

    for (uint32_t round = 0; round < size; round++) {
        for (uint32_t page = 0; page < PAGES; page++)
            memory[page][page % WORDS_OF_PAGE] = bench_add(sum, page);
        for (uint32_t page = 0; page < PAGES; page++)
            sum = bench_add(sum, memory[page][page % WORDS_OF_PAGE]);
    }
    return sum;
}
