/*
 * The cache of the disk's blocks: where they are in memory, and which is given up for another one -
 * the one not used for longest, of those whose contents are also on the disk in their place.
 */
#include "fs.h"

#define DISK_TRIES 4u

void copy_words(void *to, const void *from, uint32_t bytes)
{
    uint32_t *target = to;
    const uint32_t *source = from;

    for (const uint32_t *end = source + bytes / 4; source < end; source += 8, target += 8) {
        target[0] = source[0];
        target[1] = source[1];
        target[2] = source[2];
        target[3] = source[3];
        target[4] = source[4];
        target[5] = source[5];
        target[6] = source[6];
        target[7] = source[7];
    }
}

void clear_words(void *at, uint32_t bytes)
{
    uint32_t *word = at;

    for (const uint32_t *end = word + bytes / 4; word < end; word += 4)
        word[0] = word[1] = word[2] = word[3] = 0;
}

int disk_transfer(enum tp_call call, uint32_t block, void *memory, uint32_t count)
{
    const tp_word args[TP_ARGUMENTS] = {(tp_word)block * TP_DISK_SECTORS, 0, (tp_word)memory,
                                        (tp_word)count * TP_DISK_BLOCK};
    int32_t result = 0;

    for (uint32_t i = 0; i < DISK_TRIES; i++) {
        result = task_ask(&fs.tasks, TP_SERVICE_FILE, call, args);
        if (result >= 0)
            return 0;
    }
    return result == -TP_ENXIO ? -TP_ENXIO : -TP_EIO;
}

static struct buffer **hash_of(uint32_t block)
{
    return &fs.hash[block % FS_BUFFERS];
}

struct buffer *cache_find(uint32_t block)
{
    struct buffer *buffer = *hash_of(block);

    while (buffer && buffer->block != block)
        buffer = buffer->chain;
    return buffer;
}

/* Makes it the one used last. */
static void touch(struct buffer *buffer)
{
    buffer->used = ++fs.uses;
}

static bool is_needed(const struct buffer *buffer)
{
    return buffer->is_modified || buffer->is_reading || buffer->logged_at;
}

static void unchain(struct buffer *buffer)
{
    for (struct buffer **at = hash_of(buffer->block); *at; at = &(*at)->chain) {
        if (*at == buffer) {
            *at = buffer->chain;
            return;
        }
    }
}

/* The buffer for a block that has none; there always is one, as FS_LOGGED says. */
static struct buffer *replace(uint32_t block)
{
    struct buffer *oldest = NULL;

    for (struct buffer *buffer = fs.buffers; buffer < fs.buffers + FS_BUFFERS; buffer++)
        if ((!oldest || buffer->used < oldest->used) && !is_needed(buffer))
            oldest = buffer;
    if (!oldest)
        tp_fail("no block of the cache is free");
    unchain(oldest);
    oldest->block = block;
    oldest->is_valid = false;
    oldest->chain = *hash_of(block);
    *hash_of(block) = oldest;
    return oldest;
}

/* Reads what is not in memory, from the journal if its last contents are there. */
static int fill(struct buffer *buffer)
{
    uint32_t from = buffer->logged_at ? buffer->logged_at : buffer->block;

    buffer->is_reading = true;
    int error = disk_transfer(TP_CALL_DISK_READ, from, buffer->data, 1);
    buffer->is_reading = false;
    if (!error) {
        buffer->is_valid = true;
        if (buffer->logged_at && buffer->is_escaped)
            *(uint32_t *)(void *)buffer->data = TP_DISK_RECORD_MAGIC;
    }
    task_wake_all(&fs.tasks, &fs.cache_waiting, 0);
    return error;
}

/* What is not in memory, or not yet. Apart from cache_get, so that the usual way stays short. */
static __attribute__((noinline)) int get_from_disk(uint32_t block, struct buffer **ret_buffer)
{
    struct buffer *buffer;

    if (!is_task())
        return WOULD_WAIT;
    if (block >= fs.super.blocks)
        return -TP_EIO; /* a block number on the disk is wrong */
    while (!(buffer = cache_find(block)) || !buffer->is_valid) {
        if (buffer && buffer->is_reading) {
            task_wait_in(&fs.tasks, &fs.cache_waiting);
            continue;
        }
        if (!buffer)
            buffer = replace(block);
        touch(buffer);
        int error = fill(buffer);
        if (error)
            return error;
    }
    touch(buffer);
    *ret_buffer = buffer;
    return 0;
}

int cache_get(uint32_t block, struct buffer **ret_buffer)
{
    struct buffer *buffer = cache_find(block);

    if (!buffer || !buffer->is_valid)
        return get_from_disk(block, ret_buffer);
    touch(buffer);
    *ret_buffer = buffer;
    return 0;
}

struct buffer *cache_get_new(uint32_t block, bool is_zeroed)
{
    struct buffer *buffer = cache_find(block);

    if (!buffer)
        buffer = replace(block);
    touch(buffer);
    buffer->is_valid = true;
    if (is_zeroed)
        clear_words(buffer->data, TP_DISK_BLOCK);
    return buffer;
}

void cache_init(void)
{
    for (uint32_t i = 0; i < FS_BUFFERS; i++)
        fs.buffers[i] = (struct buffer){.block = FS_NO_BLOCK, .data = fs.blocks[i]};
}
