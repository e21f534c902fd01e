/*
 * The arithmetic on 64 bits that compilers for 32-bit machines call by name, for programs that are
 * linked without libgcc: shifts, multiplication, division, counting bits. No floating point. Weak:
 * libgcc's, or a program's own, take their place. Nothing here may use what it defines: no 64-bit
 * shift by a variable, multiplication or division.
 */
#include "runtime.h"

#define WEAK __attribute__((weak))

/* A 64-bit number in the machine's two registers. */
union pair {
    uint64_t all;
    struct {
        uint32_t low, high;
    };
};

uint64_t __ashldi3(uint64_t value, int count);
uint64_t __lshrdi3(uint64_t value, int count);
int64_t __ashrdi3(int64_t value, int count);
uint64_t __muldi3(uint64_t a, uint64_t b);
uint64_t __udivmoddi4(uint64_t dividend, uint64_t divisor, uint64_t *ret_rest);
uint64_t __udivdi3(uint64_t dividend, uint64_t divisor);
uint64_t __umoddi3(uint64_t dividend, uint64_t divisor);
int64_t __divdi3(int64_t dividend, int64_t divisor);
int64_t __moddi3(int64_t dividend, int64_t divisor);
int __clzsi2(uint32_t value);
int __ctzsi2(uint32_t value);
int __popcountsi2(uint32_t value);
int __clzdi2(uint64_t value);
int __ctzdi2(uint64_t value);
int __popcountdi2(uint64_t value);
uint32_t __bswapsi2(uint32_t value);
uint64_t __bswapdi2(uint64_t value);

WEAK uint64_t __ashldi3(uint64_t value, int count)
{
    union pair v = {value};

    if (count & 32)
        return (union pair){.low = 0, .high = v.low << (count & 31)}.all;
    if (count == 0)
        return value;
    return (union pair){.low = v.low << count, .high = v.high << count | v.low >> (32 - count)}.all;
}

WEAK uint64_t __lshrdi3(uint64_t value, int count)
{
    union pair v = {value};

    if (count & 32)
        return (union pair){.low = v.high >> (count & 31), .high = 0}.all;
    if (count == 0)
        return value;
    return (union pair){.low = v.low >> count | v.high << (32 - count), .high = v.high >> count}
        .all;
}

WEAK int64_t __ashrdi3(int64_t value, int count)
{
    union pair v = {(uint64_t)value};
    uint32_t sign = v.high >> 31 ? UINT32_MAX : 0;
    int32_t high = (int32_t)v.high;

    if (count & 32)
        return (int64_t)(union pair){.low = (uint32_t)(high >> (count & 31)), .high = sign}.all;
    if (count == 0)
        return value;
    return (int64_t)(union pair){.low = v.low >> count | v.high << (32 - count),
                                 .high = (uint32_t)(high >> count)}
        .all;
}

WEAK uint64_t __muldi3(uint64_t a, uint64_t b)
{
    union pair x = {a}, y = {b}, result = {(uint64_t)x.low * y.low};

    result.high += x.high * y.low + x.low * y.high;
    return result.all;
}

WEAK int __clzsi2(uint32_t value)
{
    int count = 0;

    for (int step = 16; step; step >>= 1)
        if (value >> (32 - step) == 0) {
            count += step;
            value <<= step;
        }
    return value ? count : 32;
}

/* Bit by bit; with both numbers in 32 bits, the machine's own division. Division by zero gives all
 * ones. */
WEAK uint64_t __udivmoddi4(uint64_t dividend, uint64_t divisor, uint64_t *ret_rest)
{
    union pair n = {dividend}, d = {divisor}, quotient = {0}, rest = {0};

    if (n.high == 0 && d.high == 0) {
        quotient.low = n.low / d.low;
        rest.low = n.low % d.low;
        quotient.high = d.low ? 0 : UINT32_MAX;
    } else {
        for (int i = 0; i < 64; i++) {
            rest.high = rest.high << 1 | rest.low >> 31;
            rest.low = rest.low << 1 | n.high >> 31;
            n.high = n.high << 1 | n.low >> 31;
            n.low <<= 1;
            quotient.high = quotient.high << 1 | quotient.low >> 31;
            quotient.low <<= 1;
            if (rest.all >= d.all) {
                rest.all -= d.all;
                quotient.low |= 1;
            }
        }
    }
    if (ret_rest)
        *ret_rest = rest.all;
    return quotient.all;
}

WEAK uint64_t __udivdi3(uint64_t dividend, uint64_t divisor)
{
    return __udivmoddi4(dividend, divisor, NULL);
}

WEAK uint64_t __umoddi3(uint64_t dividend, uint64_t divisor)
{
    uint64_t rest;

    __udivmoddi4(dividend, divisor, &rest);
    return rest;
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

WEAK int64_t __divdi3(int64_t dividend, int64_t divisor)
{
    uint64_t quotient = __udivmoddi4(magnitude(dividend), magnitude(divisor), NULL);

    return (int64_t)((dividend < 0) != (divisor < 0) ? 0 - quotient : quotient);
}

WEAK int64_t __moddi3(int64_t dividend, int64_t divisor)
{
    uint64_t rest;

    __udivmoddi4(magnitude(dividend), magnitude(divisor), &rest);
    return (int64_t)(dividend < 0 ? 0 - rest : rest);
}

WEAK int __ctzsi2(uint32_t value)
{
    return value ? 31 - __clzsi2(value & (0 - value)) : 32;
}

WEAK int __popcountsi2(uint32_t value)
{
    int count = 0;

    for (; value; value &= value - 1)
        count++;
    return count;
}

WEAK int __clzdi2(uint64_t value)
{
    union pair v = {value};

    return v.high ? __clzsi2(v.high) : 32 + __clzsi2(v.low);
}

WEAK int __ctzdi2(uint64_t value)
{
    union pair v = {value};

    return v.low ? __ctzsi2(v.low) : 32 + __ctzsi2(v.high);
}

WEAK int __popcountdi2(uint64_t value)
{
    union pair v = {value};

    return __popcountsi2(v.low) + __popcountsi2(v.high);
}

WEAK uint32_t __bswapsi2(uint32_t value)
{
    return value << 24 | (value & 0xff00) << 8 | (value >> 8 & 0xff00) | value >> 24;
}

WEAK uint64_t __bswapdi2(uint64_t value)
{
    union pair v = {value};

    return (union pair){.low = __bswapsi2(v.high), .high = __bswapsi2(v.low)}.all;
}
