/* Counts of what can be left behind: see leaks.h. */
#include "leaks.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "turnpike.h"

struct count_name {
    const char *name;
    size_t offset; /* of a word in struct counts */
};

static const struct count_name count_names[] = {
    {"free pages of memory", offsetof(struct counts, kernel.pages_free)},
    {"processes", offsetof(struct counts, kernel.processes)},
    {"requests", offsetof(struct counts, kernel.requests)},
    {"grants", offsetof(struct counts, kernel.grants)},
    {"free inodes", offsetof(struct counts, files.free_inodes)},
    {"free blocks", offsetof(struct counts, files.free_blocks)},
    {"open files", offsetof(struct counts, files.open_files)},
    {"pipes", offsetof(struct counts, files.pipes)},
    {"buffers in use", offsetof(struct counts, files.buffers)},
};

#define COUNTS (sizeof count_names / sizeof count_names[0])

static uint32_t count_of(const struct counts *counts, const struct count_name *name)
{
    uint32_t value;

    memcpy(&value, (const char *)counts + name->offset, sizeof value);
    return value;
}

void counts_take(struct counts *ret_counts)
{
    memset(ret_counts, 0, sizeof *ret_counts);
    tp_call(TP_CALL_FILE_STATISTICS, &ret_counts->files, sizeof ret_counts->files);
    tp_call(TP_CALL_STATISTICS, &ret_counts->kernel);
}

static bool are_equal(const struct counts *one, const struct counts *other)
{
    for (size_t i = 0; i < COUNTS; i++)
        if (count_of(one, &count_names[i]) != count_of(other, &count_names[i]))
            return false;
    return true;
}

bool counts_are_back(const char *name, const struct counts *before)
{
    struct counts after;

    counts_take(&after);
    for (unsigned tries = 0; tries < 40 && !are_equal(before, &after); tries++) {
        tp_sleep_ms(1 + tries);
        counts_take(&after);
    }
    if (are_equal(before, &after))
        return true;
    for (size_t i = 0; i < COUNTS; i++) {
        uint32_t was = count_of(before, &count_names[i]);
        uint32_t is = count_of(&after, &count_names[i]);

        if (was != is)
            printf("%s: left behind: %s: %u before, %u after\n", name, count_names[i].name,
                   (unsigned)was, (unsigned)is);
    }
    return false;
}
