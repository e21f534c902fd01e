/* Text to the debug port (panic.h). */
#include <stdarg.h>
#include <stdint.h>

#include "kernel/panic.h"
#include "kernel/symbols.h"
#include "tg32.h"

static void put(char c)
{
    tg_outb(TG_PORT_DEBUG_CHARACTER, (uint8_t)c);
}

static void put_text(const char *text)
{
    while (*text)
        put(*text++);
}

static void put_number(uint32_t value, uint32_t base, uint32_t digits)
{
    char text[10];
    uint32_t length = 0;

    do {
        text[length++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value || length < digits);
    while (length > 0)
        put(text[--length]);
}

static void put_signed(int32_t value)
{
    if (value < 0)
        put('-');
    put_number(value < 0 ? 0 - (uint32_t)value : (uint32_t)value, 10, 1);
}

/* 0xc0001234 <function+0x10> */
static void put_address(uint32_t address)
{
    uint32_t start;
    const char *name = k_symbol_at(address, &start);

    put_text("0x");
    put_number(address, 16, 8);
    if (!name)
        return;
    put_text(" <");
    put_text(name);
    put_text("+0x");
    put_number(address - start, 16, 1);
    put('>');
}

void k_print_list(const char *format, va_list values)
{
    for (; *format; format++) {
        uint32_t digits = 1;

        if (*format != '%') {
            put(*format);
            continue;
        }
        if (*++format == '8') {
            digits = 8;
            format++;
        }
        switch (*format) {
        case 's': put_text(va_arg(values, const char *)); break;
        case 'c': put((char)va_arg(values, int)); break;
        case 'd': put_signed(va_arg(values, int32_t)); break;
        case 'u': put_number(va_arg(values, uint32_t), 10, digits); break;
        case 'x': put_number(va_arg(values, uint32_t), 16, digits); break;
        case 'p': put_address((uint32_t)(uintptr_t)va_arg(values, void *)); break;
        default: put(*format); break;
        }
    }
}

void k_print(const char *format, ...)
{
    va_list values;

    va_start(values, format);
    k_print_list(format, values);
    va_end(values);
}
