/*
 * calls: Takeuchi's and Ackermann's functions, and a walk over figures whose areas are asked for
 * through function pointers. Hardly anything but calls, returns and the stack. size: how many
 * times.
 */
#include "bench/bench.h"

enum { FIGURES = 256 };

struct figure {
    uint32_t (*area)(const struct figure *figure);
    uint32_t width, height;
};

static int32_t takeuchi(int32_t x, int32_t y, int32_t z)
{
    if (x <= y)
        return z;
    return takeuchi(takeuchi(x - 1, y, z), takeuchi(y - 1, z, x), takeuchi(z - 1, x, y));
}

static uint32_t ackermann(uint32_t m, uint32_t n)
{
    if (m == 0)
        return n + 1;
    if (n == 0)
        return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, n - 1));
}

static uint32_t area_of_rectangle(const struct figure *figure)
{
    return 2 * figure->width * figure->height;
}

static uint32_t area_of_triangle(const struct figure *figure)
{
    return figure->width * figure->height;
}

static uint32_t area_of_frame(const struct figure *figure)
{
    return 4 * (figure->width + figure->height) - 8;
}

static uint32_t (*const areas[])(const struct figure *figure) = {area_of_rectangle,
                                                                 area_of_triangle, area_of_frame};

static uint32_t sum_areas(const struct figure *figures)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < FIGURES; i++)
        sum += figures[i].area(&figures[i]);
    return sum;
}

uint32_t bench_main(uint32_t size)
{
    static struct figure figures[FIGURES];
    uint32_t sum = BENCH_SUM, random = 0x7f4a7c15u;

    for (uint32_t i = 0; i < FIGURES; i++) {
        figures[i].area = areas[i % 3];
        figures[i].width = 1 + bench_random(&random) % 1000;
        figures[i].height = 1 + bench_random(&random) % 1000;
    }
    for (uint32_t round = 0; round < size; round++) {
        uint32_t shift = round % 8;
        int32_t x = 18 + (int32_t)shift;

        if (takeuchi(x, x - 6, x - 12) != x - 11 || ackermann(2, 60 + shift) != 123 + 2 * shift)
            return BENCH_WRONG;
        figures[round % FIGURES].width++;
        for (uint32_t i = 0; i < 64; i++)
            sum = bench_add(sum, sum_areas(figures));
    }
    return sum;
}
