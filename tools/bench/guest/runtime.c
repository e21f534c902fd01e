/*
 * What every guest program is linked with: its size, and memset() and memcpy() by words where that
 * is possible.
 */
#include "bench/guest/guest.h"

volatile struct bench_header bench_header = {"bench size:", 0};

void *memset(void *to, int byte, size_t size)
{
    uint8_t *bytes = to;
    uint32_t word = (uint8_t)byte * 0x01010101u;

    for (; size > 0 && (uintptr_t)bytes % 4 != 0; size--)
        *bytes++ = (uint8_t)byte;
    for (; size >= 4; size -= 4, bytes += 4)
        *(uint32_t *)(void *)bytes = word;
    for (; size > 0; size--)
        *bytes++ = (uint8_t)byte;
    return to;
}

void *memcpy(void *to, const void *from, size_t size)
{
    uint8_t *out = to;
    const uint8_t *in = from;

    if (((uintptr_t)out | (uintptr_t)in) % 4 == 0) {
        for (; size >= 4; size -= 4, in += 4, out += 4)
            *(uint32_t *)(void *)out = *(const uint32_t *)(const void *)in;
    }
    for (; size > 0; size--)
        *out++ = *in++;
    return to;
}
