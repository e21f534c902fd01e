/* Numbers in texts. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

static unsigned digit_of(char character)
{
    if (isdigit(character))
        return (unsigned)(character - '0');
    return isalpha(character) ? (unsigned)(tolower(character) - 'a' + 10) : UINT_MAX;
}

/* A number as it was read. */
struct number {
    unsigned long long value; /* without its sign, at most what was allowed */
    bool is_negative, is_above;
    const char *end; /* the text's start if there was no number */
};

static struct number read_number(const char *text, int base, unsigned long long most)
{
    struct number number = {.end = text};
    const char *at = text;

    while (isspace(*at))
        at++;
    number.is_negative = *at == '-';
    at += *at == '-' || *at == '+';
    if ((base == 0 || base == 16) && at[0] == '0' && tolower(at[1]) == 'x' && digit_of(at[2]) < 16) {
        at += 2;
        base = 16;
    }
    if (base == 0)
        base = *at == '0' ? 8 : 10;
    for (; digit_of(*at) < (unsigned)base; number.end = ++at) {
        unsigned digit = digit_of(*at);

        if (number.value > (most - digit) / (unsigned)base)
            number.is_above = true;
        number.value = number.value * (unsigned)base + digit;
    }
    if (number.is_above) {
        number.value = most;
        errno = ERANGE;
    }
    return number;
}

/* Signed types go from -most - 1 to most. */
static long long read_signed(const char *text, char **ret_end, int base, long long most)
{
    struct number number = read_number(text, base, (unsigned long long)most + 1);

    if (ret_end)
        *ret_end = (char *)(uintptr_t)number.end;
    if (number.is_negative)
        return (long long)(0 - number.value);
    if (number.value <= (unsigned long long)most)
        return (long long)number.value;
    errno = ERANGE;
    return most;
}

/* Of unsigned types the negative is meant as C has it, but for what is too large. */
static unsigned long long read_unsigned(const char *text, char **ret_end, int base,
                                        unsigned long long most)
{
    struct number number = read_number(text, base, most);

    if (ret_end)
        *ret_end = (char *)(uintptr_t)number.end;
    return number.is_negative && !number.is_above ? 0 - number.value : number.value;
}

long strtol(const char *text, char **ret_end, int base)
{
    return (long)read_signed(text, ret_end, base, LONG_MAX);
}

long long strtoll(const char *text, char **ret_end, int base)
{
    return read_signed(text, ret_end, base, LLONG_MAX);
}

unsigned long strtoul(const char *text, char **ret_end, int base)
{
    return (unsigned long)read_unsigned(text, ret_end, base, ULONG_MAX);
}

unsigned long long strtoull(const char *text, char **ret_end, int base)
{
    return read_unsigned(text, ret_end, base, ULLONG_MAX);
}

/* Not by strtol, which is large: for programs that read small numbers. */
int atoi(const char *text)
{
    unsigned value = 0;
    bool is_negative;

    while (isspace(*text))
        text++;
    is_negative = *text == '-';
    text += *text == '-' || *text == '+';
    for (; isdigit(*text); text++)
        value = value * 10 + (unsigned)(*text - '0');
    return (int)(is_negative ? 0 - value : value);
}

long atol(const char *text)
{
    return atoi(text);
}

int abs(int value)
{
    return value < 0 ? -value : value;
}

long labs(long value)
{
    return value < 0 ? -value : value;
}
