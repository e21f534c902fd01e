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

void print_hex(const char *name, uint32_t value)
{
    while (*name)
        put_byte((uint8_t)*name++);
    put_byte(' ');
    for (int32_t shift = 28; shift >= 0; shift -= 4)
        put_byte((uint8_t) "0123456789abcdef"[value >> shift & 15]);
    put_byte('\n');
}

void report(uint32_t sum, uint32_t ticks, uint64_t insns)
{
    print_hex("sum", sum);
    print_hex("ticks", ticks);
    print_hex("insns_high", (uint32_t)(insns >> 32));
    print_hex("insns_low", (uint32_t)insns);
}
