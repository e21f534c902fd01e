/* A checksum over 64-bit arithmetic whose operands the compiler does not know, printed: the same
 * natively and on TG32. */
typedef unsigned long long u64;
typedef long long i64;

static const u64 values[] = {0,
                             1,
                             2,
                             3,
                             7,
                             10,
                             31,
                             32,
                             33,
                             0x7fffffff,
                             0x80000000,
                             0xffffffff,
                             0x100000000,
                             0x100000001,
                             0x123456789,
                             0xfedcba9876543210,
                             0x7fffffffffffffff,
                             0x8000000000000000,
                             0xffffffffffffffff,
                             1000000007ull * 998244353};
static u64 sum;

static void add(u64 value)
{
    sum = (sum ^ value) * 0x100000001b3 + (sum >> 29);
}

static void combine(u64 a, u64 b)
{
    add(a * b);
    add(a << (b & 63));
    add(a >> (b & 63));
    add((u64)((i64)a >> (b & 63)));
    add(b ? a / b : 0);
    add(b ? a % b : 0);
    if (b && !((i64)b == -1 && a == 0x8000000000000000)) {
        add((u64)((i64)a / (i64)b));
        add((u64)((i64)a % (i64)b));
    }
    add(a < b);
    add((i64)a < (i64)b);
}

static void count(u64 a)
{
    add((u64)__builtin_popcountll(a) + (u64)__builtin_popcount((unsigned)a));
    add(__builtin_bswap64(a) + __builtin_bswap32((unsigned)a));
    if (a)
        add((u64)__builtin_clzll(a) + (u64)__builtin_ctzll(a));
    if ((unsigned)a)
        add((u64)__builtin_clz((unsigned)a) + (u64)__builtin_ctz((unsigned)a));
}

static void copy(void)
{
    char bytes[64], other[64];

    for (int i = 0; i < 64; i++)
        bytes[i] = (char)(i * 37);
    for (int at = 0; at < 9; at++) {
        __builtin_memcpy(other + at, bytes + 3, 40);
        __builtin_memmove(bytes + at, bytes + 5, 41);
        __builtin_memset(other + 50, at, (unsigned)at);
        add((u64)(__builtin_memcmp(bytes, other, 48) < 0));
        for (int i = 0; i < 50; i++)
            add((unsigned char)bytes[i] + 256u * (unsigned char)other[i % (40 + at)] * (i >= at));
    }
}

#ifdef __TG32__
#include "tg32.h"
static void put(char c)
{
    tg_outb(TG_PORT_SERIAL_DATA, (uint8_t)c);
    while (!(tg_inw(TG_PORT_SERIAL_STATUS) & TG_MASK(SERIAL_STATUS_TX_READY)))
        continue;
}
#else
int putchar(int);
static void put(char c)
{
    putchar(c);
}
#endif

int main(void)
{
    enum { COUNT = sizeof values / sizeof values[0] };

    for (int i = 0; i < COUNT; i++) {
        count(values[i]);
        for (int k = 0; k < COUNT; k++)
            combine(values[i], values[k]);
    }
    copy();
    for (int i = 60; i >= 0; i -= 4)
        put("0123456789abcdef"[sum >> i & 15]);
    put('\n');
    return 0;
}
