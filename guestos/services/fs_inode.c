/*
 * Inodes: where a file's blocks are, how it grows and shrinks, and who holds it open. An inode
 * whose last link goes while somebody holds it is freed when the last one lets go; until then it is
 * among the superblock's orphans, so that a power cut does not leak it.
 */
#include "fs.h"

/* Blocks that a step of trimming leaves for what comes after it: inode map, superblock. */
#define TRIM_RESERVE 3u

/* --- In their blocks
 * -------------------------------------------------------------------------------- */

static int inode_buffer(uint32_t number, struct buffer **ret_buffer,
                        struct tp_disk_inode **ret_inode)
{
    if (number == 0 || number >= fs.super.inodes)
        return -TP_EIO;
    int error = cache_get(fs.super.inode_table + number / TP_DISK_INODES, ret_buffer);
    if (!error)
        *ret_inode = (struct tp_disk_inode *)(void *)(*ret_buffer)->data + number % TP_DISK_INODES;
    return error;
}

int inode_get(uint32_t number, struct tp_disk_inode **ret_inode)
{
    struct buffer *buffer;
    return inode_buffer(number, &buffer, ret_inode);
}

int inode_get_to_modify(uint32_t number, struct tp_disk_inode **ret_inode)
{
    struct buffer *buffer;
    int error = inode_buffer(number, &buffer, ret_inode);

    if (!error)
        will_modify(buffer);
    return error;
}

/* --- Where its blocks are
 * ----------------------------------------------------------------------------- */

static int get_words(uint32_t block, struct buffer **ret_buffer, uint32_t **ret_words)
{
    int error = cache_get(block, ret_buffer);

    if (!error)
        *ret_words = (uint32_t *)(void *)(*ret_buffer)->data;
    return error;
}

/* Number i of a block of block numbers; of block 0, 0. */
static int look_up(uint32_t block, uint32_t i, uint32_t *ret_block)
{
    struct buffer *buffer;
    uint32_t *words;

    *ret_block = 0;
    if (block == 0)
        return 0;
    int error = get_words(block, &buffer, &words);
    if (!error)
        *ret_block = words[i];
    return error;
}

int inode_block(const struct tp_disk_inode *inode, uint32_t index, uint32_t *ret_block)
{
    if (index < TP_DISK_DIRECT) {
        *ret_block = inode->direct[index];
        return 0;
    }
    index -= TP_DISK_DIRECT;
    if (index < TP_DISK_WORDS)
        return look_up(inode->indirect, index, ret_block);
    index -= TP_DISK_WORDS;
    uint32_t leaf;
    int error = look_up(inode->double_indirect, index / TP_DISK_WORDS, &leaf);
    return error ? error : look_up(leaf, index % TP_DISK_WORDS, ret_block);
}

/* Puts a new block where a number in holder is 0. */
static int supply(struct tp_disk_inode *inode, struct buffer *holder, uint32_t *number)
{
    uint32_t block;

    if (*number)
        return 0;
    int error = block_allocate(&block);
    if (error)
        return error;
    will_modify(holder);
    *number = block;
    inode->blocks++;
    return 0;
}

/* The same for a block that holds block numbers, whose words are wanted. */
static int supply_words(struct tp_disk_inode *inode, struct buffer **holder, uint32_t *number,
                        uint32_t **ret_words)
{
    bool is_new = *number == 0;
    int error = supply(inode, *holder, number);

    if (error)
        return error;
    if (is_new)
        will_modify(cache_get_new(*number, true));
    return get_words(*number, holder, ret_words);
}

/* The word that has the number of a file's block index, and its buffer; new ones on the way. */
static int word_to_write(uint32_t number, uint32_t index, struct buffer **ret_holder,
                         uint32_t **ret_word)
{
    struct tp_disk_inode *inode;
    uint32_t *words;
    int error = inode_buffer(number, ret_holder, &inode);

    if (error)
        return error;
    will_modify(*ret_holder);
    if (index < TP_DISK_DIRECT) {
        *ret_word = &inode->direct[index];
        return 0;
    }
    index -= TP_DISK_DIRECT;
    if (index < TP_DISK_WORDS) {
        error = supply_words(inode, ret_holder, &inode->indirect, &words);
    } else {
        index -= TP_DISK_WORDS;
        error = supply_words(inode, ret_holder, &inode->double_indirect, &words);
        if (!error)
            error = supply_words(inode, ret_holder, &words[index / TP_DISK_WORDS], &words);
        index %= TP_DISK_WORDS;
    }
    if (!error)
        *ret_word = &words[index];
    return error;
}

int inode_block_to_write(uint32_t number, uint32_t index, uint32_t *ret_block, bool *ret_is_new)
{
    struct tp_disk_inode *inode;
    struct buffer *holder;
    uint32_t *word;
    int error = word_to_write(number, index, &holder, &word);

    if (!error)
        error = inode_get(number, &inode);
    if (error)
        return error;
    *ret_is_new = *word == 0;
    error = supply(inode, holder, word);
    if (!error)
        *ret_block = *word;
    return error;
}

uint32_t inode_growth(void)
{
    return fs.super.blocks > TP_DISK_BITS ? 6 : 4;
}

/* --- Shrinking
 * ---------------------------------------------------------------------------------------- */

/* The steps below free block numbers from index keep on, from the end; 1: done, 0: the transaction
 * has no room for more, or an error. */

static int free_one(struct tp_disk_inode *inode, struct buffer *holder, uint32_t *number)
{
    if (*number == 0)
        return 1;
    /* The holder, and a block of the map. */
    if (transaction_room() < TRIM_RESERVE + 2)
        return 0;
    will_modify(holder);
    int error = block_free(*number);
    if (error)
        return error;
    *number = 0;
    inode->blocks--;
    return 1;
}

static int free_leaf(struct tp_disk_inode *inode, struct buffer *holder, uint32_t *number,
                     uint32_t keep)
{
    struct buffer *leaf;
    uint32_t *words;

    if (*number == 0 || keep >= TP_DISK_WORDS)
        return 1;
    int result = get_words(*number, &leaf, &words);
    if (result)
        return result;
    for (uint32_t i = TP_DISK_WORDS; i-- > keep;) {
        result = free_one(inode, leaf, &words[i]);
        if (result != 1)
            return result;
    }
    return keep ? 1 : free_one(inode, holder, number);
}

static int free_double(struct tp_disk_inode *inode, struct buffer *holder, uint32_t keep)
{
    struct buffer *buffer;
    uint32_t *words;

    if (inode->double_indirect == 0)
        return 1;
    int result = get_words(inode->double_indirect, &buffer, &words);
    if (result)
        return result;
    for (uint32_t i = TP_DISK_WORDS; i-- > keep / TP_DISK_WORDS;) {
        uint32_t keep_there = i == keep / TP_DISK_WORDS ? keep % TP_DISK_WORDS : 0;

        result = free_leaf(inode, buffer, &words[i], keep_there);
        if (result != 1)
            return result;
    }
    return keep ? 1 : free_one(inode, holder, &inode->double_indirect);
}

/* What is left to keep of a part that begins at index first. */
static uint32_t keep_from(uint32_t keep, uint32_t first)
{
    return keep > first ? keep - first : 0;
}

static int trim_step(uint32_t number)
{
    struct tp_disk_inode *inode;
    struct buffer *holder;
    int result = inode_buffer(number, &holder, &inode);

    if (result)
        return result;
    will_modify(holder);
    uint32_t keep = inode->links ? (inode->size + TP_DISK_BLOCK - 1) / TP_DISK_BLOCK : 0;
    result = free_double(inode, holder, keep_from(keep, TP_DISK_DIRECT + TP_DISK_WORDS));
    if (result == 1)
        result = free_leaf(inode, holder, &inode->indirect, keep_from(keep, TP_DISK_DIRECT));
    for (uint32_t i = TP_DISK_DIRECT; result == 1 && i-- > keep;)
        result = free_one(inode, holder, &inode->direct[i]);
    return result;
}

/* --- Orphans
 * ------------------------------------------------------------------------------------------ */

static int get_orphans(struct buffer **ret_buffer, uint32_t **ret_orphans)
{
    int error = cache_get(0, ret_buffer);

    if (!error)
        *ret_orphans = ((struct tp_disk_superblock *)(void *)(*ret_buffer)->data)->orphans;
    return error;
}

/* Notes on the disk that something is to be freed (number), or nothing any more (0). */
static int set_orphan(const struct open_inode *inode, uint32_t number)
{
    struct buffer *buffer;
    uint32_t *orphans, i = (uint32_t)(inode - fs.inodes);
    int error = get_orphans(&buffer, &orphans);

    if (error || orphans[i] == number)
        return error;
    will_modify(buffer);
    orphans[i] = number;
    return 0;
}

int inode_trim(struct open_inode *inode)
{
    struct tp_disk_inode *contents;
    int result;

    while ((result = trim_step(inode->number)) == 0) {
        result = set_orphan(inode, inode->number);
        if (!result)
            result = transaction_commit();
        if (result)
            return result;
    }
    if (result < 0)
        return result;
    result = inode_get(inode->number, &contents);
    if (!result && contents->links == 0) {
        *contents = (struct tp_disk_inode){0};
        result = inode_free(inode->number);
    }
    return result ? result : set_orphan(inode, 0);
}

int inode_resize(struct open_inode *inode, uint32_t size)
{
    struct tp_disk_inode *contents;
    uint32_t block = 0, within = size % TP_DISK_BLOCK;
    int error = inode_get_to_modify(inode->number, &contents);

    if (error)
        return error;
    bool is_shorter = size < contents->size;
    contents->size = size;
    if (!is_shorter)
        return 0;
    if (within)
        error = inode_block(contents, size / TP_DISK_BLOCK, &block);
    if (block) {
        struct buffer *buffer;
        error = cache_get(block, &buffer);
        if (error)
            return error;
        will_modify(buffer);
        for (uint32_t i = within; i < TP_DISK_BLOCK; i++)
            buffer->data[i] = 0;
    }
    return error ? error : inode_trim(inode);
}

int inode_free_orphans(void)
{
    int result = 0;

    for (uint32_t i = 0; i < FS_OPEN_INODES && !result; i++) {
        struct open_inode *inode = &fs.inodes[i];
        struct buffer *buffer;
        uint32_t *orphans;

        result = get_orphans(&buffer, &orphans);
        if (result || orphans[i] == 0)
            continue;
        *inode = (struct open_inode){.number = orphans[i], .references = 1};
        result = inode_trim(inode);
        if (!result)
            result = transaction_commit();
        *inode = (struct open_inode){0};
    }
    return result;
}

/* --- References
 * --------------------------------------------------------------------------------------- */

int inode_hold(uint32_t number, struct open_inode **ret_inode)
{
    struct buffer *buffer;
    uint32_t *orphans;
    struct open_inode *free = NULL;
    int error = get_orphans(&buffer, &orphans);

    if (error)
        return error;
    for (uint32_t i = FS_OPEN_INODES; i-- > 0;) {
        struct open_inode *inode = &fs.inodes[i];

        if (inode->references && inode->number == number) {
            inode->references++;
            *ret_inode = inode;
            return 0;
        }
        if (!inode->references && !orphans[i])
            free = inode;
    }
    if (!free)
        return -TP_ENFILE;
    *free = (struct open_inode){.number = number, .references = 1};
    *ret_inode = free;
    return 0;
}

bool is_drop_easy(const struct open_inode *inode)
{
    return !inode || inode->references > 1 || !inode->is_unlinked;
}

void inode_drop(struct open_inode *inode)
{
    if (!inode)
        return;
    if (!is_drop_easy(inode)) {
        /* If it fails it stays an orphan, and its place in use, until the next start. */
        int error = transaction_begin();
        if (!error)
            transaction_end(inode_trim(inode));
    }
    inode->references--;
}

int inode_unlink(uint32_t number, struct open_inode **ret_inode)
{
    struct tp_disk_inode *contents;
    struct open_inode *inode;
    int error = inode_hold(number, &inode);

    if (error)
        return error;
    *ret_inode = inode;
    error = inode_get_to_modify(number, &contents);
    if (error)
        return error;
    contents->links = contents->type == TP_TYPE_DIRECTORY ? 0 : contents->links - 1;
    if (contents->links)
        return 0;
    if (inode->references == 1)
        return inode_trim(inode);
    inode->is_unlinked = true;
    return set_orphan(inode, number);
}

void inode_unlinked(struct open_inode *inode, int32_t result)
{
    if (!inode)
        return;
    if (result < 0)
        inode->is_unlinked = false;
    inode_drop(inode);
}
