/* Sorting, and searching in what is sorted. */
#include <stdint.h>
#include <stdlib.h>

static void swap(char *a, char *b, size_t bytes)
{
    for (; bytes > 0; bytes--, a++, b++) {
        char kept = *a;

        *a = *b;
        *b = kept;
    }
}

struct heap {
    char *base;
    size_t bytes;
    int (*compare)(const void *, const void *);
};

static void sink(const struct heap *heap, size_t root, size_t count)
{
    size_t child;

    for (; (child = 2 * root + 1) < count; root = child) {
        char *at = heap->base + child * heap->bytes, *above = heap->base + root * heap->bytes;

        if (child + 1 < count && heap->compare(at, at + heap->bytes) < 0) {
            child++;
            at += heap->bytes;
        }
        if (heap->compare(above, at) >= 0)
            return;
        swap(above, at, heap->bytes);
    }
}

/* Heap sort: no recursion and no bad case. */
void qsort(void *base, size_t count, size_t bytes, int (*compare)(const void *, const void *))
{
    const struct heap heap = {base, bytes, compare};

    for (size_t root = count / 2; root > 0; root--)
        sink(&heap, root - 1, count);
    for (size_t last = count; last > 1; last--) {
        swap(heap.base, heap.base + (last - 1) * bytes, bytes);
        sink(&heap, 0, last - 1);
    }
}

void *bsearch(const void *key, const void *base, size_t count, size_t bytes,
              int (*compare)(const void *, const void *))
{
    const char *first = base;

    while (count > 0) {
        const char *middle = first + count / 2 * bytes;
        int order = compare(key, middle);

        if (order == 0)
            return (void *)(uintptr_t)middle;
        if (order > 0) {
            first = middle + bytes;
            count--;
        }
        count /= 2;
    }
    return NULL;
}
