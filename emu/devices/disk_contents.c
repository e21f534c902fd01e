/*
 * Base image and changed blocks of a disk: see disk_contents.h. It knows nothing of the device or
 * the machine.
 */
#include "devices/disk_contents.h"

#include <stdlib.h>
#include <string.h>

#include "bus/bus.h"
#include "core/digest.h"

#define BLOCK_BYTES ((uint64_t)TG_DISK_BLOCK_BYTES)

static uint64_t block_count(const struct tg_disk_contents *contents)
{
    return contents->size / BLOCK_BYTES + (contents->size % BLOCK_BYTES != 0);
}

/* Bytes of a block that are on the disk. */
static uint64_t bytes_of_block(const struct tg_disk_contents *contents, uint64_t block)
{
    uint64_t rest = contents->size - block * BLOCK_BYTES;
    return rest < BLOCK_BYTES ? rest : BLOCK_BYTES;
}

static bool is_on_disk(const struct tg_disk_contents *contents, uint64_t offset, uint64_t count)
{
    return count <= contents->size && offset <= contents->size - count;
}

/* Sector numbers and the number of sectors are words. */
static bool is_size(uint64_t size)
{
    return size % TG_DISK_SECTOR_BYTES == 0 && size / TG_DISK_SECTOR_BYTES <= UINT32_MAX;
}

int tg_disk_contents_adopt(struct tg_disk_contents *contents, uint8_t *image, uint64_t size)
{
    struct tg_disk_contents fresh = {.size = size};
    if (!is_size(size))
        return TG_E_FORMAT;
    if (size) {
        fresh.changed = calloc(block_count(&fresh), BLOCK_BYTES);
        fresh.is_changed = calloc(block_count(&fresh), 1);
        if (!fresh.changed || !fresh.is_changed) {
            tg_disk_contents_finish(&fresh);
            return TG_E_NOMEM;
        }
        fresh.base = image;
    }
    tg_disk_contents_finish(contents);
    *contents = fresh;
    return TG_OK;
}

int tg_disk_contents_attach(struct tg_disk_contents *contents, const void *image, uint64_t size)
{
    if (!is_size(size))
        return TG_E_FORMAT;
    uint8_t *copy = NULL;
    if (size) {
        copy = size > SIZE_MAX - BLOCK_BYTES ? NULL : malloc(size);
        if (!copy)
            return TG_E_NOMEM;
        memcpy(copy, image, size);
    }
    int result = tg_disk_contents_adopt(contents, copy, size);
    if (result != TG_OK)
        free(copy);
    return result;
}

void tg_disk_contents_finish(struct tg_disk_contents *contents)
{
    free(contents->base);
    free(contents->changed);
    free(contents->is_changed);
    tg_disk_contents_keep_end(contents);
    *contents = (struct tg_disk_contents){0};
}

bool tg_disk_contents_read(const struct tg_disk_contents *contents, uint64_t offset, void *bytes,
                           uint64_t count)
{
    if (!is_on_disk(contents, offset, count))
        return false;
    uint8_t *to = bytes;
    while (count) {
        uint64_t in_block = BLOCK_BYTES - offset % BLOCK_BYTES;
        uint64_t piece = count < in_block ? count : in_block;
        bool is_changed = contents->is_changed[offset / BLOCK_BYTES];
        memcpy(to, (is_changed ? contents->changed : contents->base) + offset, piece);
        to += piece;
        offset += piece;
        count -= piece;
    }
    return true;
}

static void note_unkept(struct tg_disk_contents *contents, uint64_t block)
{
    if (contents->unkept && !contents->is_unkept[block]) {
        contents->is_unkept[block] = 1;
        contents->unkept[contents->unkept_count++] = (uint32_t)block;
    }
}

static void make_changed(struct tg_disk_contents *contents, uint64_t block)
{
    note_unkept(contents, block);
    if (contents->is_changed[block])
        return;
    uint64_t at = block * BLOCK_BYTES;
    memcpy(contents->changed + at, contents->base + at, bytes_of_block(contents, block));
    contents->is_changed[block] = 1;
}

bool tg_disk_contents_write(struct tg_disk_contents *contents, uint64_t offset, const void *bytes,
                            uint64_t count)
{
    if (!is_on_disk(contents, offset, count))
        return false;
    if (count == 0)
        return true;
    for (uint64_t block = offset / BLOCK_BYTES; block <= (offset + count - 1) / BLOCK_BYTES;
         block++)
        make_changed(contents, block);
    memcpy(contents->changed + offset, bytes, count);
    contents->is_hashed = false;
    return true;
}

bool tg_disk_contents_next_change(const struct tg_disk_contents *contents, uint64_t *block,
                                  const uint8_t **ret_bytes)
{
    for (uint64_t i = *block; i < block_count(contents); i++) {
        if (contents->is_changed[i]) {
            *block = i;
            *ret_bytes = contents->changed + i * BLOCK_BYTES;
            return true;
        }
    }
    return false;
}

void tg_disk_contents_discard_changes(struct tg_disk_contents *contents)
{
    for (uint64_t block = 0; block < block_count(contents); block++) {
        if (contents->is_changed[block])
            note_unkept(contents, block);
        contents->is_changed[block] = 0;
    }
    contents->is_hashed = false;
}

bool tg_disk_contents_set_block(struct tg_disk_contents *contents, uint64_t block,
                                const uint8_t *bytes)
{
    if (block >= block_count(contents))
        return false;
    note_unkept(contents, block);
    /* What lies past the disk's end stays zero, so that equal disks have equal blocks. */
    memcpy(contents->changed + block * BLOCK_BYTES, bytes, bytes_of_block(contents, block));
    contents->is_changed[block] = 1;
    contents->is_hashed = false;
    return true;
}

void tg_disk_contents_forget_change(struct tg_disk_contents *contents, uint64_t block)
{
    if (block >= block_count(contents))
        return;
    note_unkept(contents, block);
    contents->is_changed[block] = 0;
    contents->is_hashed = false;
}

/* --- Checkpoints ------------------------------------------------------------------------------ */

bool tg_disk_contents_keep_begin(struct tg_disk_contents *contents)
{
    contents->unkept = calloc(block_count(contents) + 1, sizeof *contents->unkept);
    contents->is_unkept = calloc(block_count(contents) + 1, 1);
    contents->unkept_count = 0;
    if (!contents->unkept || !contents->is_unkept) {
        tg_disk_contents_keep_end(contents);
        return false;
    }
    for (uint64_t block = 0; block < block_count(contents); block++) {
        if (contents->is_changed[block])
            note_unkept(contents, block);
    }
    return true;
}

void tg_disk_contents_keep(struct tg_disk_contents *contents)
{
    for (size_t i = 0; i < contents->unkept_count; i++)
        contents->is_unkept[contents->unkept[i]] = 0;
    contents->unkept_count = 0;
}

void tg_disk_contents_keep_end(struct tg_disk_contents *contents)
{
    free(contents->unkept);
    free(contents->is_unkept);
    contents->unkept = NULL;
    contents->is_unkept = NULL;
    contents->unkept_count = 0;
}

/* --- The hash -------------------------------------------------------------------------------- */

static uint64_t hash_block(const struct tg_disk_contents *contents, const uint8_t *bytes,
                           uint64_t block)
{
    uint8_t whole[TG_DISK_BLOCK_BYTES] = {0};
    memcpy(whole, bytes + block * BLOCK_BYTES, bytes_of_block(contents, block));
    return tg_digest_page(block, whole);
}

static uint64_t hash_base(struct tg_disk_contents *contents)
{
    if (!contents->is_base_hashed) {
        contents->base_hash = 0;
        for (uint64_t block = 0; block < block_count(contents); block++)
            contents->base_hash += hash_block(contents, contents->base, block);
        contents->is_base_hashed = true;
    }
    return contents->base_hash;
}

/* It depends on what the disk holds alone, not on what of it was written. */
uint64_t tg_disk_contents_hash(struct tg_disk_contents *contents)
{
    if (!contents->is_hashed) {
        contents->hash = hash_base(contents);
        const uint8_t *bytes;
        for (uint64_t i = 0; tg_disk_contents_next_change(contents, &i, &bytes); i++)
            contents->hash += tg_digest_page(i, bytes) - hash_block(contents, contents->base, i);
        contents->is_hashed = true;
    }
    return contents->hash;
}
