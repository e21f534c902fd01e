/*
 * mandelbrot: escape times over the Mandelbrot set in fixed point, 25 bits after the point. 64-bit
 * products, which a 32-bit machine makes of two multiplications. size: width and height of the
 * picture in points.
 */
#include "bench/bench.h"

enum { POINT = 25, STEPS_MAX = 200 };

#define FIXED(x) ((int32_t)((x) * (1 << POINT)))

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
    int32_t step = size ? FIXED(3) / (int32_t)size : 0;

    if (escape_time(FIXED(-1), 0) != STEPS_MAX || escape_time(FIXED(1), 0) != 3)
        return BENCH_WRONG;
    for (uint32_t row = 0; row < size; row++) {
        int32_t im = FIXED(-1.5) + (int32_t)row * step;

        for (uint32_t column = 0; column < size; column++)
            sum = bench_add(sum, escape_time(FIXED(-2.25) + (int32_t)column * step, im));
    }
    return sum;
}
