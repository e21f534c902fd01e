/* Numbers in texts, sorting, random numbers, the end of a program. Memory: malloc.c. */
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib.h"

char **environ = &(char *){NULL};

/* --- Numbers ----------------------------------------------------------------------------------- */

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

static uint32_t random_state = 1;

void srand(unsigned seed)
{
    random_state = seed;
}

int rand(void)
{
    random_state = random_state * 1664525 + 1013904223;
    /* The low bits of such a generator repeat soon. */
    return (int)(random_state >> 16 ^ random_state << 15) & RAND_MAX;
}

/* --- Sorting and searching --------------------------------------------------------------------- */

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

/* --- The end ----------------------------------------------------------------------------------- */

enum { MOST_AT_EXIT = 32 };

static void (*at_exit[MOST_AT_EXIT])(void);
static unsigned at_exit_count;

int atexit(void (*function)(void))
{
    if (at_exit_count == MOST_AT_EXIT)
        return -1;
    at_exit[at_exit_count++] = function;
    return 0;
}

void exit(int status)
{
    while (at_exit_count > 0)
        at_exit[--at_exit_count]();
    if (tp_before_fork)
        tp_before_fork();
    _exit(status);
}

void abort(void)
{
    raise(SIGABRT);
    _exit(127);
}

int raise(int signal)
{
    return kill(getpid(), signal);
}

char *getenv(const char *name)
{
    size_t length = strlen(name);

    for (char **at = environ; *at; at++)
        if (strncmp(*at, name, length) == 0 && (*at)[length] == '=')
            return *at + length + 1;
    return NULL;
}
