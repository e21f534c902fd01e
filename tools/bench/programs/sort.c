/*
 * sort: 8,192 random words by quicksort, then the same words by heap sort. Branches that cannot be
 * predicted, recursion, an array of 32 KiB. size: how many times.
 */
#include "bench/bench.h"

enum { COUNT = 8192, INSERTION_MAX = 12 };

static uint32_t by_quick[COUNT], by_heap[COUNT];

static void insertion_sort(uint32_t *words, int32_t count)
{
    for (int32_t i = 1; i < count; i++) {
        uint32_t word = words[i];
        int32_t hole = i;

        while (hole > 0 && words[hole - 1] > word) {
            words[hole] = words[hole - 1];
            hole--;
        }
        words[hole] = word;
    }
}

static uint32_t median_of_three(uint32_t a, uint32_t b, uint32_t c)
{
    if (a < b)
        return b < c ? b : a < c ? c : a;
    return a < c ? a : b < c ? c : b;
}

static void quick_sort(uint32_t *words, int32_t count)
{
    while (count > INSERTION_MAX) {
        uint32_t pivot = median_of_three(words[0], words[count / 2], words[count - 1]);
        int32_t low = 0, high = count - 1;

        while (low <= high) {
            while (words[low] < pivot)
                low++;
            while (words[high] > pivot)
                high--;
            if (low <= high) {
                uint32_t word = words[low];

                words[low++] = words[high];
                words[high--] = word;
            }
        }
        quick_sort(words + low, count - low);
        count = high + 1;
    }
    insertion_sort(words, count);
}

static void sift_down(uint32_t *words, uint32_t parent, uint32_t count)
{
    uint32_t word = words[parent];

    for (;;) {
        uint32_t child = 2 * parent + 1;

        if (child >= count)
            break;
        if (child + 1 < count && words[child + 1] > words[child])
            child++;
        if (words[child] <= word)
            break;
        words[parent] = words[child];
        parent = child;
    }
    words[parent] = word;
}

static void heap_sort(uint32_t *words, uint32_t count)
{
    for (uint32_t i = count / 2; i-- > 0;)
        sift_down(words, i, count);
    for (uint32_t last = count - 1; last > 0; last--) {
        uint32_t largest = words[0];

        words[0] = words[last];
        words[last] = largest;
        sift_down(words, 0, last);
    }
}

uint32_t bench_main(uint32_t size)
{
    uint32_t random = 0x2545f491u, sum = BENCH_SUM;

    for (uint32_t round = 0; round < size; round++) {
        for (uint32_t i = 0; i < COUNT; i++)
            by_quick[i] = by_heap[i] = bench_random(&random);
        quick_sort(by_quick, COUNT);
        heap_sort(by_heap, COUNT);
        for (uint32_t i = 0; i < COUNT; i++) {
            if (by_quick[i] != by_heap[i] || (i > 0 && by_quick[i - 1] > by_quick[i]))
                return BENCH_WRONG;
        }
        sum = bench_add(bench_add(sum, by_quick[0]), by_quick[COUNT / 2]);
    }
    return sum;
}
