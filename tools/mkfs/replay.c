/* The journal of an image: see verify.h. What fs_journal.c does at a start, in memory. */
#include <string.h>

#include "mkfs/verify.h"
#include "turnpike/disk_format.h"

static void *block_of(uint8_t *bytes, uint32_t block)
{
    return bytes + (size_t)block * TP_DISK_BLOCK;
}

/* Whether there is a complete record with that number, count of blocks behind its head to the
 * journal's end. */
static bool is_complete(uint8_t *bytes, uint32_t at, uint32_t room, uint32_t sequence)
{
    struct tp_disk_record head;

    memcpy(&head, block_of(bytes, at), sizeof head);
    if (head.magic != TP_DISK_RECORD_MAGIC || head.sequence != sequence || head.count == 0 ||
        head.count > TP_DISK_RECORD_BLOCKS || head.count > room)
        return false;
    uint32_t expected = head.sum;
    head.sum = 0;
    struct tp_disk_sum sum = {0, 0};
    sum = tp_disk_add(sum, block_of(bytes, at + 1), head.count * TP_DISK_WORDS);
    sum = tp_disk_add(sum, (const uint32_t *)(const void *)&head, sizeof head / 4);
    return tp_disk_sum(sum) == expected;
}

/* Whether all its blocks are on the disk and none is the journal's. */
static bool has_good_blocks(const struct tp_disk_record *head,
                            const struct tp_disk_superblock *super)
{
    for (uint32_t i = 0; i < head->count; i++) {
        uint32_t block = head->blocks[i];
        if (block >= super->blocks ||
            (block >= super->journal && block - super->journal < super->journal_blocks))
            return false;
    }
    return true;
}

static void carry_out(uint8_t *bytes, uint32_t at, const struct tp_disk_record *head)
{
    for (uint32_t i = 0; i < head->count; i++) {
        uint32_t *home = block_of(bytes, head->blocks[i]);

        memcpy(home, block_of(bytes, at + 1 + i), TP_DISK_BLOCK);
        if (head->escaped >> i & 1)
            *home = TP_DISK_RECORD_MAGIC;
    }
}

int image_replay(uint8_t *bytes, size_t size)
{
    struct tp_disk_superblock super;
    int records = 0;

    if (size < TP_DISK_BLOCK)
        return -1;
    memcpy(&super, bytes, sizeof super);
    if (!tp_disk_is_sound(&super, (uint32_t)(size / TP_DISK_BLOCK)))
        return -1;
    struct tp_disk_journal *start = block_of(bytes, super.journal);
    if (start->magic != TP_DISK_MAGIC)
        return -1;
    for (uint32_t used = 1; super.journal_blocks - used >= 2; records++) {
        uint32_t at = super.journal + used;
        struct tp_disk_record head;

        if (!is_complete(bytes, at, super.journal_blocks - used - 1, start->sequence))
            break;
        memcpy(&head, block_of(bytes, at), sizeof head);
        if (!has_good_blocks(&head, &super))
            return -1;
        carry_out(bytes, at, &head);
        start->sequence++;
        used += 1 + head.count;
    }
    return records;
}
