/*
 * queens: all ways to place n queens on n by n boards, n from 1 to 8, by backtracking. Calls,
 * branches, small arrays. size: how many times.
 */
#include "bench/bench.h"

enum { BOARD_MAX = 8 };

static const uint32_t known_solutions[] = {1, 1, 0, 0, 2, 10, 4, 40, 92};

struct board {
    uint32_t size;
    uint32_t solutions;
    uint32_t sum;
    uint32_t column_of_row[BOARD_MAX];
    uint8_t column_taken[BOARD_MAX];
    uint8_t rising_taken[2 * BOARD_MAX];
    uint8_t falling_taken[2 * BOARD_MAX];
};

static void note_solution(struct board *board)
{
    board->solutions++;
    for (uint32_t row = 0; row < board->size; row++)
        board->sum = bench_add(board->sum, board->column_of_row[row]);
}

static void place(struct board *board, uint32_t row)
{
    if (row == board->size) {
        note_solution(board);
        return;
    }
    for (uint32_t column = 0; column < board->size; column++) {
        uint32_t rising = row + column;
        uint32_t falling = row + board->size - column;

        if (board->column_taken[column] || board->rising_taken[rising] ||
            board->falling_taken[falling])
            continue;
        board->column_of_row[row] = column;
        board->column_taken[column] = 1;
        board->rising_taken[rising] = 1;
        board->falling_taken[falling] = 1;
        place(board, row + 1);
        board->column_taken[column] = 0;
        board->rising_taken[rising] = 0;
        board->falling_taken[falling] = 0;
    }
}

uint32_t bench_main(uint32_t size)
{
    static struct board board;
    uint32_t sum = BENCH_SUM;

    for (uint32_t i = 0; i < size * BOARD_MAX; i++) {
        uint32_t n = 1 + i % BOARD_MAX;

        memset(&board, 0, sizeof board);
        board.size = n;
        place(&board, 0);
        if (board.solutions != known_solutions[n])
            return BENCH_WRONG;
        sum = bench_add(bench_add(sum, board.solutions), board.sum);
    }
    return sum;
}
