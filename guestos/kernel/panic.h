/*
 * Text to the debug port, and the end: a report of what the kernel knows.
 */
#ifndef KERNEL_PANIC_H
#define KERNEL_PANIC_H

#include <stdarg.h>
#include <stdint.h>

/* Writes to the debug port. %s %c %d %u %x, %8x for eight digits, %p for an address with its symbol,
 * %%. */
__attribute__((format(printf, 1, 2))) void k_print(const char *format, ...);

void k_print_list(const char *format, va_list values);

/* The name of an exception by its vector. */
const char *k_cause_name(uint32_t vector);

/* The kernel cannot go on: says why, where and with what, and ends the machine. */
__attribute__((format(printf, 1, 2))) _Noreturn void k_panic(const char *why, ...);

#endif
