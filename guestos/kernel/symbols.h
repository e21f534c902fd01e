/*
 * Names of the kernel's functions, for reports. symbols.py makes the table from the kernel linked
 * without it: code comes first in the image, so it does not move.
 */
#ifndef KERNEL_SYMBOLS_H
#define KERNEL_SYMBOLS_H

#include <stdint.h>

/* The function that an address lies in, and where that starts; NULL: in none. */
const char *k_symbol_at(uint32_t address, uint32_t *ret_start);

#endif
