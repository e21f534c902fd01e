/* What compilers call in any program. Weak: a program's own take their place. Compiled with
 * -fno-builtin, or each would call itself. */
#include "runtime.h"

#define WEAK __attribute__((weak))

typedef uint32_t __attribute__((may_alias)) word_alias;

static int are_words(uintptr_t a, uintptr_t b)
{
    return ((a | b) & 3) == 0;
}

WEAK void *memcpy(void *to, const void *from, size_t count)
{
    char *out = to;
    const char *in = from;

    if (are_words((uintptr_t)to, (uintptr_t)from))
        for (; count >= 4; count -= 4, out += 4, in += 4)
            *(word_alias *)out = *(const word_alias *)in;
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

    if (are_words((uintptr_t)to, 0))
        for (; count >= 4; count -= 4, out += 4)
            *(word_alias *)out = word;
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
