/* What compilers call in any program. Weak: a program's own take their place. Compiled with
 * -fno-builtin, or each would call itself. */
#include "runtime.h"

#define WEAK __attribute__((weak))

typedef uint32_t __attribute__((may_alias)) word_alias;

static int are_words(uintptr_t a, uintptr_t b)
{
    return ((a | b) & 3) == 0;
}

/* Words that are copied or filled in one go: much of a loop's cost is the loop. */
#define BLOCK 8u

static void copy_block(word_alias *to, const word_alias *from)
{
    word_alias a = from[0], b = from[1], c = from[2], d = from[3];
    word_alias e = from[4], f = from[5], g = from[6], h = from[7];

    to[0] = a, to[1] = b, to[2] = c, to[3] = d;
    to[4] = e, to[5] = f, to[6] = g, to[7] = h;
}

WEAK void *memcpy(void *to, const void *from, size_t count)
{
    char *out = to;
    const char *in = from;

    if (are_words((uintptr_t)to, (uintptr_t)from)) {
        for (; count >= 4 * BLOCK; count -= 4 * BLOCK, out += 4 * BLOCK, in += 4 * BLOCK)
            copy_block((word_alias *)out, (const word_alias *)in);
        for (; count >= 4; count -= 4, out += 4, in += 4)
            *(word_alias *)out = *(const word_alias *)in;
    }
    while (count--)
        *out++ = *in++;
    return to;
}

WEAK void *memmove(void *to, const void *from, size_t count)
{
    char *out = to;
    const char *in = from;

    /* Upwards is right unless the end of the source is in the way. */
    if ((uintptr_t)to - (uintptr_t)from >= count)
        return memcpy(to, from, count);
    while (count--)
        out[count] = in[count];
    return to;
}

WEAK void *memset(void *to, int byte, size_t count)
{
    char *out = to;
    uint32_t word = (uint8_t)byte * 0x01010101u;

    if (are_words((uintptr_t)to, 0)) {
        for (; count >= 4 * BLOCK; count -= 4 * BLOCK, out += 4 * BLOCK)
            for (unsigned i = 0; i < BLOCK; i++)
                ((word_alias *)out)[i] = word;
        for (; count >= 4; count -= 4, out += 4)
            *(word_alias *)out = word;
    }
    while (count--)
        *out++ = (char)byte;
    return to;
}

WEAK int memcmp(const void *first, const void *second, size_t count)
{
    const unsigned char *a = first, *b = second;

    for (; count; count--, a++, b++)
        if (*a != *b)
            return *a - *b;
    return 0;
}
