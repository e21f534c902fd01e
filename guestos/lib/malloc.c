/*
 * The heap: free blocks in a list in order of address, first fit, neighbours joined when one is freed.
 * A block begins with a header; sizes are counted in headers.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

union header {
    struct {
        union header *next; /* of a free block */
        size_t units;       /* with the header */
    } is;
    max_align_t align;
};

/* What sbrk is asked for at least. */
#define GROWTH_UNITS (4096 / sizeof(union header))

static union header *first_free;

void free(void *memory)
{
    union header *block, *before = NULL, *after = first_free;

    if (!memory)
        return;
    block = (union header *)memory - 1;
    while (after && after < block) {
        before = after;
        after = after->is.next;
    }
    block->is.next = after;
    if (after && block + block->is.units == after) {
        block->is.units += after->is.units;
        block->is.next = after->is.next;
    }
    if (!before) {
        first_free = block;
    } else if (before + before->is.units == block) {
        before->is.units += block->is.units;
        before->is.next = block->is.next;
    } else {
        before->is.next = block;
    }
}

/* Adds a block of at least that many units to the list; 0, or -1. */
static int grow(size_t units)
{
    union header *block;
    char *at;

    units = units < GROWTH_UNITS ? GROWTH_UNITS : units;
    at = sbrk((ptrdiff_t)(units * sizeof(union header)));
    /* The heap may begin anywhere: once, so that all blocks are aligned and neighbours. */
    if (at != (char *)-1 && (uintptr_t)at % sizeof(union header) != 0) {
        ptrdiff_t missing = (ptrdiff_t)(-(uintptr_t)at % sizeof(union header));

        at = sbrk(missing) == (char *)-1 ? (char *)-1 : at + missing;
    }
    if (at == (char *)-1)
        return -1;
    block = (union header *)(void *)at;
    block->is.units = units;
    free(block + 1);
    return 0;
}

void *malloc(size_t bytes)
{
    size_t units = (bytes + sizeof(union header) - 1) / sizeof(union header) + 1;

    if (bytes > PTRDIFF_MAX - 2 * sizeof(union header)) {
        errno = ENOMEM;
        return NULL;
    }
    for (;;) {
        union header **link = &first_free;

        for (union header *block = *link; block; link = &block->is.next, block = *link) {
            if (block->is.units < units)
                continue;
            if (block->is.units == units) {
                *link = block->is.next;
            } else {
                block->is.units -= units;
                block += block->is.units;
                block->is.units = units;
            }
            return block + 1;
        }
        if (grow(units) != 0)
            return NULL;
    }
}

void *calloc(size_t count, size_t bytes)
{
    void *memory;

    if (bytes && count > PTRDIFF_MAX / bytes) {
        errno = ENOMEM;
        return NULL;
    }
    memory = malloc(count * bytes);
    return memory ? memset(memory, 0, count * bytes) : NULL;
}

void *realloc(void *memory, size_t bytes)
{
    const union header *block = (const union header *)memory - 1;
    size_t room;
    void *larger;

    if (!memory)
        return malloc(bytes);
    room = (block->is.units - 1) * sizeof(union header);
    if (bytes <= room)
        return memory;
    larger = malloc(bytes);
    if (!larger)
        return NULL;
    memcpy(larger, memory, room);
    free(memory);
    return larger;
}
