/* What printf and its relatives share: the language of formats. No floating point. */
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lib.h"

struct output {
    void (*put)(void *context, const char *text, size_t bytes);
    void *context;
    int count;
};

/* One directive: %[flags][width][.precision][size]letter */
struct directive {
    bool is_left, has_zeros, has_plus, has_blank, is_alternative;
    int width, precision; /* precision -1: none */
    int size;             /* 0 int, 1 long, 2 long long, -1 short, -2 char */
};

static void put(struct output *out, const char *text, size_t bytes)
{
    if (bytes > 0)
        out->put(out->context, text, bytes);
    out->count += (int)bytes;
}

static void pad(struct output *out, char with, int count)
{
    static const char blanks[] = "                ", zeros[] = "0000000000000000";
    const int most = sizeof blanks - 1;

    for (; count > 0; count -= most)
        put(out, with == '0' ? zeros : blanks, (size_t)(count < most ? count : most));
}

static void put_text(struct output *out, const struct directive *d, const char *text, size_t bytes)
{
    int blanks = d->width - (int)bytes;

    if (!d->is_left)
        pad(out, ' ', blanks);
    put(out, text, bytes);
    if (d->is_left)
        pad(out, ' ', blanks);
}

/* Writes the digits so that they end before end; the first one. */
static char *write_digits(char *end, unsigned long long value, unsigned base, bool is_upper)
{
    const char *digits = is_upper ? "0123456789ABCDEF" : "0123456789abcdef";
    unsigned low;

    /* Divisions of 64 bits take much longer: only while they are needed. */
    for (; value > UINT_MAX; value /= base)
        *--end = digits[value % base];
    for (low = (unsigned)value; low > 0; low /= base)
        *--end = digits[low % base];
    return end;
}

static void put_number(struct output *out, const struct directive *d, unsigned long long value,
                       char letter, const char *sign)
{
    char room[24], *end = room + sizeof room, *first;
    unsigned base = letter == 'o' ? 8 : letter == 'x' || letter == 'X' || letter == 'p' ? 16 : 10;
    int digits, zeros, blanks, sign_length;

    first = write_digits(end, value, base, letter == 'X');
    digits = (int)(end - first);
    zeros = d->precision >= 0 ? d->precision - digits : digits == 0;
    zeros = zeros > 0 ? zeros : 0;
    if (base == 8 && d->is_alternative && zeros == 0)
        zeros = 1;
    if (base == 16 && (letter == 'p' || (d->is_alternative && value)))
        sign = letter == 'X' ? "0X" : "0x";
    sign_length = (int)strlen(sign);
    blanks = d->width - sign_length - zeros - digits;
    if (d->has_zeros && !d->is_left && d->precision < 0 && blanks > 0) {
        zeros += blanks;
        blanks = 0;
    }
    if (!d->is_left)
        pad(out, ' ', blanks);
    put(out, sign, (size_t)sign_length);
    pad(out, '0', zeros);
    put(out, first, (size_t)digits);
    if (d->is_left)
        pad(out, ' ', blanks);
}

/* --- Directives -------------------------------------------------------------------------------- */

/* Lists of arguments are passed on by address: in a struct, whatever type va_list is. */
struct arguments {
    va_list list;
};

static int read_count(const char **at, struct arguments *arguments)
{
    unsigned count = 0;

    if (**at == '*') {
        (*at)++;
        return va_arg(arguments->list, int);
    }
    for (; **at >= '0' && **at <= '9' && count < 100000; (*at)++)
        count = count * 10 + (unsigned)(**at - '0');
    return (int)count;
}

static bool read_flag(struct directive *d, char character)
{
    bool *const flag = character == '-'   ? &d->is_left
                       : character == '0' ? &d->has_zeros
                       : character == '+' ? &d->has_plus
                       : character == ' ' ? &d->has_blank
                       : character == '#' ? &d->is_alternative
                                          : NULL;

    if (flag)
        *flag = true;
    return flag;
}

/* Reads what is between % and the letter. */
static const char *read_directive(const char *at, struct arguments *arguments, struct directive *d)
{
    *d = (struct directive){.precision = -1};
    while (read_flag(d, *at))
        at++;
    d->width = read_count(&at, arguments);
    if (d->width < 0) {
        d->is_left = true;
        d->width = -d->width;
    }
    if (*at == '.') {
        at++;
        d->precision = read_count(&at, arguments);
    }
    for (;; at++) {
        if (*at == 'l')
            d->size++;
        else if (*at == 'h')
            d->size--;
        else if (*at == 'j')
            d->size = 2;
        else if (*at == 'z' || *at == 't')
            d->size = sizeof(size_t) == sizeof(int) ? 0 : 1;
        else
            return at;
    }
}

static long long get_signed(struct arguments *arguments, int size)
{
    if (size >= 2)
        return va_arg(arguments->list, long long);
    if (size == 1)
        return va_arg(arguments->list, long);
    if (size == 0)
        return va_arg(arguments->list, int);
    return size == -1 ? (short)va_arg(arguments->list, int)
                      : (signed char)va_arg(arguments->list, int);
}

static unsigned long long get_unsigned(struct arguments *arguments, int size)
{
    if (size >= 2)
        return va_arg(arguments->list, unsigned long long);
    if (size == 1)
        return va_arg(arguments->list, unsigned long);
    if (size == 0)
        return va_arg(arguments->list, unsigned);
    return size == -1 ? (unsigned short)va_arg(arguments->list, unsigned)
                      : (unsigned char)va_arg(arguments->list, unsigned);
}

static void put_signed(struct output *out, const struct directive *d, struct arguments *arguments)
{
    long long value = get_signed(arguments, d->size);
    const char *sign = value < 0 ? "-" : d->has_plus ? "+" : d->has_blank ? " " : "";

    put_number(out, d, value < 0 ? 0 - (unsigned long long)value : (unsigned long long)value, 'd',
               sign);
}

static void put_string(struct output *out, const struct directive *d, const char *text)
{
    if (!text)
        text = "(null)";
    put_text(out, d, text, d->precision < 0 ? strlen(text) : strnlen(text, (size_t)d->precision));
}

/* Carries out one directive; false: there is no such letter. */
static bool put_directive(struct output *out, const struct directive *d, char letter,
                          struct arguments *arguments)
{
    char character;

    switch (letter) {
    case 'd':
    case 'i':
        put_signed(out, d, arguments);
        return true;
    case 'u':
    case 'x':
    case 'X':
    case 'o':
        put_number(out, d, get_unsigned(arguments, d->size), letter, "");
        return true;
    case 'p':
        put_number(out, d, (uintptr_t)va_arg(arguments->list, void *), 'p', "");
        return true;
    case 'c':
        character = (char)va_arg(arguments->list, int);
        put_text(out, d, &character, 1);
        return true;
    case 's':
        put_string(out, d, va_arg(arguments->list, const char *));
        return true;
    case '%':
        put(out, "%", 1);
        return true;
    default:
        return false;
    }
}

int tp_format(void (*put_pieces)(void *context, const char *text, size_t bytes), void *context,
              const char *format, va_list list)
{
    struct output out = {put_pieces, context, 0};
    struct arguments arguments;

    va_copy(arguments.list, list);
    while (*format) {
        size_t plain = strcspn(format, "%");
        struct directive directive;
        const char *letter;

        put(&out, format, plain);
        format += plain;
        if (!*format)
            break;
        letter = read_directive(format + 1, &arguments, &directive);
        if (put_directive(&out, &directive, *letter, &arguments)) {
            format = letter + 1;
        } else if (directive.size > 0) { /* a long without a letter, as xv6 prints it */
            put_signed(&out, &directive, &arguments);
            format = letter;
        } else {
            put(&out, "%", 1);
            format++;
        }
    }
    va_end(arguments.list);
    return out.count;
}
