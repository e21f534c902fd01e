/*
 * The maps of inodes and blocks in use: a bit each. Looking for a free one begins behind the one
 * found last.
 */
#include "fs.h"

struct map {
    uint32_t first; /* block of the disk */
    uint32_t bits;
};

static struct map inode_map(void)
{
    return (struct map){fs.super.inode_map, fs.super.inodes};
}

static struct map block_map(void)
{
    return (struct map){fs.super.block_map, fs.super.blocks};
}

/* The word that has a bit, and its buffer. */
static int word_of(struct map map, uint32_t bit, struct buffer **ret_buffer, uint32_t **ret_word)
{
    int error = cache_get(map.first + bit / TP_DISK_BITS, ret_buffer);

    if (!error)
        *ret_word = (uint32_t *)(void *)(*ret_buffer)->data + bit % TP_DISK_BITS / 32;
    return error;
}

/* Finds a free bit of the word that bit is in, and sets it; -TP_ENOSPC: there is none. */
static int take_of_word(struct map map, uint32_t bit, uint32_t *ret_bit)
{
    struct buffer *buffer;
    uint32_t *word;
    int error = word_of(map, bit, &buffer, &word);

    if (error)
        return error;
    if (*word == UINT32_MAX)
        return -TP_ENOSPC;
    bit &= ~31u;
    for (uint32_t i = 0; i < 32 && bit + i < map.bits; i++) {
        if (*word >> i & 1)
            continue;
        will_modify(buffer);
        *word |= 1u << i;
        *ret_bit = bit + i;
        return 0;
    }
    return -TP_ENOSPC;
}

static int take(struct map map, uint32_t *next, uint32_t *ret_bit)
{
    uint32_t words = (map.bits + 31) / 32, word = *next / 32;

    for (uint32_t i = 0; i < words; i++, word++) {
        if (word >= words)
            word = 0;
        int error = take_of_word(map, word * 32, ret_bit);
        if (!error)
            *next = *ret_bit;
        if (error != -TP_ENOSPC)
            return error;
    }
    return -TP_ENOSPC;
}

static int give_back(struct map map, uint32_t bit)
{
    struct buffer *buffer;
    uint32_t *word;

    if (bit >= map.bits)
        return -TP_EIO;
    int error = word_of(map, bit, &buffer, &word);
    if (error)
        return error;
    will_modify(buffer);
    *word &= ~(1u << bit % 32);
    return 0;
}

int block_allocate(uint32_t *ret_block)
{
    return take(block_map(), &fs.next_block, ret_block);
}

int block_free(uint32_t block)
{
    return block < fs.super.data ? -TP_EIO : give_back(block_map(), block);
}

int inode_allocate(uint32_t *ret_number)
{
    return take(inode_map(), &fs.next_inode, ret_number);
}

int inode_free(uint32_t number)
{
    return give_back(inode_map(), number);
}

static int count_zeros(struct map map, uint32_t *ret_count)
{
    uint32_t count = 0;

    for (uint32_t bit = 0; bit < map.bits; bit += 32) {
        struct buffer *buffer;
        uint32_t *word;
        int error = word_of(map, bit, &buffer, &word);
        if (error)
            return error;
        uint32_t last = map.bits - bit < 32 ? ~(UINT32_MAX << (map.bits - bit)) : UINT32_MAX;
        for (uint32_t zeros = ~*word & last; zeros; zeros &= zeros - 1)
            count++;
    }
    *ret_count = count;
    return 0;
}

int count_free(uint32_t *ret_inodes, uint32_t *ret_blocks)
{
    int error = count_zeros(inode_map(), ret_inodes);
    return error ? error : count_zeros(block_map(), ret_blocks);
}
