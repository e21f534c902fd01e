/*
 * life: Conway's Game of Life on a torus of 64 by 64 cells, one byte a cell, from the R-pentomino.
 * Loads of neighbours, counts, short branches. size: how many generations.
 */
#include "bench/bench.h"

enum { SIDE = 64 };

struct grid {
    uint8_t cells[SIDE][SIDE];
};

static uint32_t neighbours(const struct grid *grid, uint32_t row, uint32_t column)
{
    const uint8_t *above = grid->cells[(row - 1) % SIDE];
    const uint8_t *same = grid->cells[row];
    const uint8_t *below = grid->cells[(row + 1) % SIDE];
    uint32_t left = (column - 1) % SIDE, right = (column + 1) % SIDE;

    return (uint32_t)above[left] + above[column] + above[right] + same[left] + same[right] +
           below[left] + below[column] + below[right];
}

/* Writes the generation after now to next; returns its number of live cells. */
static uint32_t step(const struct grid *now, struct grid *next)
{
    uint32_t alive = 0;

    for (uint32_t row = 0; row < SIDE; row++) {
        for (uint32_t column = 0; column < SIDE; column++) {
            uint32_t around = neighbours(now, row, column);
            uint8_t lives = around == 3 || (around == 2 && now->cells[row][column]);

            next->cells[row][column] = lives;
            alive += lives;
        }
    }
    return alive;
}

uint32_t bench_main(uint32_t size)
{
    static struct grid grids[2];
    /* The R-pentomino's first generations: how many cells live in each. */
    static const uint8_t known_alive[] = {5, 6, 7, 9, 8, 9, 12, 11, 18, 11};
    uint32_t sum = BENCH_SUM;

    memset(grids, 0, sizeof grids);
    for (uint32_t row = 31; row < 34; row++)
        grids[0].cells[row][32] = 1;
    grids[0].cells[31][33] = grids[0].cells[32][31] = 1;
    for (uint32_t generation = 1; generation <= size; generation++) {
        uint32_t alive = step(&grids[(generation - 1) % 2], &grids[generation % 2]);

        if (generation < sizeof known_alive && alive != known_alive[generation])
            return BENCH_WRONG;
        sum = bench_add(sum, alive);
    }
    return sum;
}
