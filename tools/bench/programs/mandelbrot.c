/*
 * mandelbrot: escape times over the Mandelbrot set, 64 by 64 points, in fixed point, 25 bits after
 * the point. 64-bit products, which a 32-bit machine makes of two multiplications. size: how many
 * pictures, each a little further to the right.
 */
#include "bench/bench.h"

enum { POINT = 25, SIDE = 64, STEPS_MAX = 200 };

#define FIXED(x) ((int32_t)((x) * (1 << POINT)))
#define STEP     (FIXED(3) / SIDE)

static int32_t multiply(int32_t a, int32_t b)
{
    return (int32_t)(((int64_t)a * b) >> POINT);
}

/* How many steps the point takes to leave the circle of radius 2, at most STEPS_MAX. */
static uint32_t escape_time(int32_t re, int32_t im)
{
    int32_t x = 0, y = 0;
    uint32_t steps = 0;

    while (steps < STEPS_MAX) {
        int32_t xx = multiply(x, x), yy = multiply(y, y);

        if (xx + yy > FIXED(4))
            break;
        y = 2 * multiply(x, y) + im;
        x = xx - yy + re;
        steps++;
    }
    return steps;
}

uint32_t bench_main(uint32_t size)
{
    uint32_t sum = BENCH_SUM;

    if (escape_time(FIXED(-1), 0) != STEPS_MAX || escape_time(FIXED(1), 0) != 3)
        return BENCH_WRONG;
    for (uint32_t picture = 0; picture < size; picture++) {
        int32_t left = FIXED(-2.25) + (int32_t)(picture % 256);

        for (int32_t row = 0; row < SIDE; row++) {
            for (int32_t column = 0; column < SIDE; column++)
                sum = bench_add(sum, escape_time(left + column * STEP, FIXED(-1.5) + row * STEP));
        }
    }
    return sum;
}
