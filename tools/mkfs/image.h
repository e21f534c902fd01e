/*
 * An image of a disk with files, built in memory: inodes and blocks are given out in order, so that
 * the same steps make the same bytes. Format: guestos/include/turnpike/disk_format.h.
 */
#ifndef MKFS_IMAGE_H
#define MKFS_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "turnpike/disk_format.h"

struct image {
    uint8_t *bytes;
    size_t size; /* whole blocks */
    uint32_t next_inode, next_block;
};

/* An image of size bytes with an empty root directory. Returns NULL, or why it cannot be. */
const char *image_create(struct image *image, uint64_t size, uint32_t inodes);
void image_destroy(struct image *image);

/* Each puts something at an absolute path, whose directories are made if they are missing. They
 * return NULL, or why it cannot be; the image is of no use then. A directory may be there already.
 */
const char *image_add_directory(struct image *image, const char *path);
const char *image_add_file(struct image *image, const char *path, const void *bytes, size_t size);
const char *image_add_device(struct image *image, const char *path, uint32_t device);
const char *image_add_link(struct image *image, const char *path, const char *existing);

#endif
