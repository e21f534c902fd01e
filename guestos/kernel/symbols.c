/* Names of functions (symbols.h). */
#include <stddef.h>

#include "kernel/symbols.h"

/* In order of address. The last one has no name: it is the end of the code. */
struct symbol {
    uint32_t address;
    const char *name;
};

extern const struct symbol k_symbols[];
extern const uint32_t k_symbol_count;

const char *k_symbol_at(uint32_t address, uint32_t *ret_start)
{
    uint32_t low = 0, high = k_symbol_count;

    if (high == 0 || address < k_symbols[0].address)
        return NULL;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;

        if (k_symbols[middle].address <= address)
            low = middle;
        else
            high = middle;
    }
    *ret_start = k_symbols[low].address;
    return k_symbols[low].name;
}
