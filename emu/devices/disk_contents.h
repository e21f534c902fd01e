/*
 * What is on a disk: a base image that never changes, and over it the blocks that were written. All
 * memory is taken at attaching (the host provides the changed blocks' pages when they are touched),
 * so that no write can fail later.
 */
#ifndef TG_DISK_CONTENTS_H
#define TG_DISK_CONTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TG_DISK_SECTOR_BYTES 512u

/* All zero: no disk. Private to disk_contents.c but for size. */
struct tg_disk_contents {
    uint64_t size; /* bytes, a multiple of TG_DISK_SECTOR_BYTES */
    uint8_t *base;
    uint8_t *changed;    /* the changed blocks, each at its place; the others are not used */
    uint8_t *is_changed; /* a byte a block */
    /* Sums of block hashes: of base, and of what the disk now holds. Worked out when they are asked
     * for. */
    uint64_t base_hash, hash;
    bool is_base_hashed, is_hashed;
    /* For checkpoints: the blocks written since the last one, and a byte a block for whether it is
     * one of them. NULL: there are no checkpoints. */
    uint32_t *unkept;
    uint8_t *is_unkept;
    size_t unkept_count;
};

/* See bus/bus.h, tg_bus_disk_...: these do the work. */
int tg_disk_contents_attach(struct tg_disk_contents *contents, const void *image, uint64_t size);
int tg_disk_contents_adopt(struct tg_disk_contents *contents, uint8_t *image, uint64_t size);
void tg_disk_contents_finish(struct tg_disk_contents *contents);
bool tg_disk_contents_read(const struct tg_disk_contents *contents, uint64_t offset, void *bytes,
                           uint64_t count);
bool tg_disk_contents_write(struct tg_disk_contents *contents, uint64_t offset, const void *bytes,
                            uint64_t count);
bool tg_disk_contents_next_change(const struct tg_disk_contents *contents, uint64_t *block,
                                  const uint8_t **ret_bytes);
void tg_disk_contents_discard_changes(struct tg_disk_contents *contents);
bool tg_disk_contents_set_block(struct tg_disk_contents *contents, uint64_t block,
                                const uint8_t *bytes);
void tg_disk_contents_forget_change(struct tg_disk_contents *contents, uint64_t block);
bool tg_disk_contents_keep_begin(struct tg_disk_contents *contents);
void tg_disk_contents_keep(struct tg_disk_contents *contents);
void tg_disk_contents_keep_end(struct tg_disk_contents *contents);
uint64_t tg_disk_contents_hash(struct tg_disk_contents *contents);

#endif
