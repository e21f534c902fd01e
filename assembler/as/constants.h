/* The constants that every source knows: constants.def, causes and reasons of the CPU, ports and
 * fields of the devices. */
#ifndef AS_CONSTANTS_H
#define AS_CONSTANTS_H

#include <stddef.h>
#include <stdint.h>

struct constant {
    const char *name;
    int64_t value;
    const char *meaning;
};

/* NULL after the last. */
const struct constant *constant_row(size_t index);

#endif
