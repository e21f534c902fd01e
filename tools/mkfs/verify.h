/*
 * The checker of disk images: verifies that superblock, journal, maps, inodes and directories agree
 * with each other and with disk_format.h. It believes nothing that is in the image.
 */
#ifndef MKFS_VERIFY_H
#define MKFS_VERIFY_H

#include <stddef.h>
#include <stdint.h>

/* Gets each finding as a line of text without its end. */
typedef void check_report(void *context, const char *line);

struct check_result {
    unsigned findings; /* reported */
    unsigned records;  /* complete ones in the journal, which were carried out first */
    uint32_t inodes, blocks, free_inodes, free_blocks;
    uint32_t files, directories, orphans; /* orphans: to be freed at the next start, no fault */
};

/* Carries out the journal's complete records in the image, as a start of Turnpike would; how many,
 * or -1 if superblock or journal are damaged. */
int image_replay(uint8_t *bytes, size_t size);

/* Checks an image, in which records are carried out first. -1: not enough memory. */
int image_check(uint8_t *bytes, size_t size, check_report *report, void *context,
                struct check_result *ret_result);

#endif
