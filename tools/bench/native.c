/*
 * The host side of a native benchmark program: PROGRAM SIZE prints the sum in hexadecimal.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"

int main(int argc, char **argv)
{
    uint32_t sum;

    if (argc != 2) {
        fprintf(stderr, "usage: %s SIZE\n", argv[0]);
        return 2;
    }
    sum = bench_main((uint32_t)strtoul(argv[1], NULL, 10));
    printf("sum %08x\n", (unsigned)sum);
    return sum == BENCH_WRONG;
}
