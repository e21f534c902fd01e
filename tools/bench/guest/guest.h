/*
 * What the files of a guest program share, C and assembly.
 */
#ifndef BENCH_GUEST_H
#define BENCH_GUEST_H

#define BENCH_SIZE_OFFSET 12 /* of the size in struct bench_header */

#ifndef __ASSEMBLER__
#include "bench/bench.h"

/* How a guest program learns its size: the driver looks for the marker in the linked image and sets
 * the word after it. The same image thus serves every size. */
struct bench_header {
    char marker[BENCH_SIZE_OFFSET];
    uint32_t size;
};
extern volatile struct bench_header bench_header;
#endif

#endif
