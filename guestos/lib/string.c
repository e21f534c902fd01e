/* Strings. What compilers call by themselves (memcpy and the like) is in assembler/runtime. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "turnpike/abi.h"

/* Looking for something in a const text, C's functions answer with a pointer to change it. */
static char *writable(const char *text)
{
    return (char *)(uintptr_t)text;
}

void *memchr(const void *memory, int byte, size_t count)
{
    const char *at = memory;

    for (; count > 0; count--, at++)
        if (*at == (char)byte)
            return writable(at);
    return NULL;
}

size_t strlen(const char *text)
{
    const char *end = text;

    while (*end)
        end++;
    return (size_t)(end - text);
}

size_t strnlen(const char *text, size_t most)
{
    size_t length = 0;

    while (length < most && text[length])
        length++;
    return length;
}

int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t count)
{
    for (; count > 0; count--, a++, b++)
        if (*a != *b || !*a)
            return (unsigned char)*a - (unsigned char)*b;
    return 0;
}

char *strcpy(char *to, const char *from)
{
    char *out = to;

    while ((*out++ = *from++))
        ;
    return to;
}

char *strncpy(char *to, const char *from, size_t count)
{
    size_t length = strnlen(from, count);

    memcpy(to, from, length);
    memset(to + length, 0, count - length);
    return to;
}

char *strcat(char *to, const char *from)
{
    strcpy(to + strlen(to), from);
    return to;
}

char *strncat(char *to, const char *from, size_t count)
{
    char *end = to + strlen(to);
    size_t length = strnlen(from, count);

    memcpy(end, from, length);
    end[length] = '\0';
    return to;
}

char *strchr(const char *text, int character)
{
    for (;; text++) {
        if (*text == (char)character)
            return writable(text);
        if (!*text)
            return NULL;
    }
}

char *strrchr(const char *text, int character)
{
    const char *last = NULL;

    for (;; text++) {
        if (*text == (char)character)
            last = text;
        if (!*text)
            return writable(last);
    }
}

char *strstr(const char *text, const char *part)
{
    size_t length = strlen(part);

    for (;; text++) {
        if (strncmp(text, part, length) == 0)
            return writable(text);
        if (!*text)
            return NULL;
    }
}

static bool is_in(const char *set, char character)
{
    return character && strchr(set, character);
}

size_t strspn(const char *text, const char *set)
{
    size_t length = 0;

    while (is_in(set, text[length]))
        length++;
    return length;
}

size_t strcspn(const char *text, const char *set)
{
    size_t length = 0;

    while (text[length] && !is_in(set, text[length]))
        length++;
    return length;
}

char *strpbrk(const char *text, const char *set)
{
    text += strcspn(text, set);
    return *text ? writable(text) : NULL;
}

char *strtok_r(char *text, const char *set, char **ret_rest)
{
    char *end;

    if (!text)
        text = *ret_rest;
    text += strspn(text, set);
    end = text + strcspn(text, set);
    *ret_rest = *end ? end + 1 : end;
    *end = '\0';
    return end > text ? text : NULL;
}

char *strtok(char *text, const char *set)
{
    static char *rest;

    return strtok_r(text, set, &rest);
}

char *strdup(const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = malloc(bytes);

    return copy ? memcpy(copy, text, bytes) : NULL;
}

/* --- Meanings ---------------------------------------------------------------------------------- */

char *strerror(int error)
{
    static const struct {
        int number;
        const char *meaning;
    } errors[] = {
#define TP_ERROR(id, number, meaning) {number, meaning},
#include "turnpike/errors.def"
    };

    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (errors[i].number == error)
            return writable(errors[i].meaning);
    return writable(error ? "unknown error" : "no error");
}

char *strsignal(int signal)
{
    static const struct {
        int number;
        const char *meaning;
    } signals[] = {{SIGHUP, "hangup"},         {SIGINT, "interrupted"},
                   {SIGILL, "illegal instruction"}, {SIGTRAP, "breakpoint"},
                   {SIGABRT, "aborted"},       {SIGBUS, "bus error"},
                   {SIGKILL, "killed"},        {SIGSEGV, "bad memory access"},
                   {SIGPIPE, "broken pipe"},   {SIGALRM, "alarm"},
                   {SIGTERM, "terminated"},    {SIGCHLD, "child ended"}};

    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        if (signals[i].number == signal)
            return writable(signals[i].meaning);
    return writable("unknown signal");
}
