/* What programs that test the system look at for things left behind. */
#ifndef LEAKS_H
#define LEAKS_H

#include <stdbool.h>
#include <stdint.h>

#include "turnpike/abi.h"

/* What FILE_STATISTICS gives. */
struct file_counts {
    uint32_t free_inodes, free_blocks, open_files, pipes, buffers;
};

struct counts {
    struct tp_statistics kernel;
    struct file_counts files;
};

void counts_take(struct counts *ret_counts);

/* Whether all is as before; what is not is printed with that name in front. What has just ended may need a moment to
 * go - process 1 buries orphans - so this waits, up to about a second. */
bool counts_are_back(const char *name, const struct counts *before);

#endif
