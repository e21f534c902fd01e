/*
 * What is on a disk with files: shared by the file service, tg-mkfs and tg-fsck. Everything is in
 * blocks of 4 KiB; words are little-endian. In this order:
 *
 *   superblock | journal | map of inodes | map of blocks | inodes | data
 *
 * A bit of a map is 1 if its inode or block is in use; those of blocks that are not data are 1.
 * Manual: docs/turnpike.md, "Files".
 */
#ifndef TURNPIKE_DISK_FORMAT_H
#define TURNPIKE_DISK_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "turnpike/abi.h"

#define TP_DISK_BLOCK   4096u
#define TP_DISK_SECTORS 8u /* of a block */
#define TP_DISK_WORDS   (TP_DISK_BLOCK / 4)
#define TP_DISK_BITS    (TP_DISK_BLOCK * 8) /* of a block of a map */

#define TP_DISK_INODES  (TP_DISK_BLOCK / 128u) /* of a block of inodes */
#define TP_DISK_ROOT    1u                     /* inode of the root directory */

/* --- Superblock: block 0 ------------------------------------------------------------------------
 */

#define TP_DISK_MAGIC   0x53465054u /* "TPFS" */
#define TP_DISK_VERSION 1u
#define TP_DISK_ORPHANS 64u

struct tp_disk_superblock {
    uint32_t magic, version;
    uint32_t blocks, inodes; /* how many there are; inode 0 is none, 1 the root directory */
    uint32_t journal, journal_blocks;
    uint32_t inode_map, block_map, inode_table, data; /* first block of each part */
    /* Inodes from which something is still to be freed, wherever it was left: one without links
     * whole, another one what lies beyond its size. 0: none. */
    uint32_t orphans[TP_DISK_ORPHANS];
};

/* Whether every part is where it can be, on a disk of that many blocks. */
static inline bool tp_disk_is_sound(const struct tp_disk_superblock *super, uint32_t blocks)
{
    const uint32_t parts[] = {
        0,           super->journal, super->inode_map, super->block_map, super->inode_table,
        super->data, super->blocks};

    for (uint32_t i = 1; i < sizeof parts / sizeof parts[0]; i++)
        if (parts[i] <= parts[i - 1])
            return false;
    return super->magic == TP_DISK_MAGIC && super->version == TP_DISK_VERSION &&
           super->blocks <= blocks && super->inodes > TP_DISK_ROOT && super->journal_blocks > 16 &&
           super->journal_blocks <= super->inode_map - super->journal &&
           (super->inodes - 1) / TP_DISK_BITS < super->block_map - super->inode_map &&
           (super->blocks - 1) / TP_DISK_BITS < super->inode_table - super->block_map &&
           (super->inodes - 1) / TP_DISK_INODES < super->data - super->inode_table;
}

/* --- Inodes -------------------------------------------------------------------------------------
 */

#define TP_DISK_DIRECT 25u
#define TP_DISK_LINKS  32000u      /* most of an inode */
#define TP_DISK_SIZE   0x7fffffffu /* most bytes of a file: offsets are results of calls */

/* Block numbers are 0 where nothing was written: such a block reads as zeros. Bytes of the last
 * block beyond the size are zeros too. */
struct tp_disk_inode {
    uint32_t type; /* enum tp_file_type; 0: free, then all is zeros */
    uint32_t links;
    uint32_t size;   /* bytes; of a directory a multiple of TP_DISK_BLOCK */
    uint32_t device; /* of a device: major << 8 | minor */
    uint32_t blocks; /* in use, with those that hold block numbers */
    uint32_t direct[TP_DISK_DIRECT];
    uint32_t indirect;        /* a block of the numbers of the next TP_DISK_WORDS blocks */
    uint32_t double_indirect; /* a block of numbers of such blocks */
};

/* A directory's contents are entries of abi.h, unused bytes of names zeros; first . and .. */
#define TP_DISK_ENTRIES (TP_DISK_BLOCK / sizeof(struct tp_directory_entry)) /* of a block */

/* --- Journal ------------------------------------------------------------------------------------
 */

/*
 * Blocks are written home only after the record with their new contents is in the journal. Records
 * stand one after the other behind the journal's first block, which has the sequence number of the
 * first of them; each following one has the next number. The first that is not as it should be (by
 * magic, number or sum) and all behind it were never completed, or are from an earlier round.
 */
#define TP_DISK_RECORD_MAGIC  0x4c4a5054u /* "TPJL" */
#define TP_DISK_RECORD_BLOCKS 15u         /* most of a record: with its head 64 KiB, one command */

struct tp_disk_journal {
    uint32_t magic; /* TP_DISK_MAGIC */
    uint32_t sequence;
};

/* The head of a record, a block of its own: zeros behind it. The contents follow. */
struct tp_disk_record {
    uint32_t magic;
    uint32_t sequence;
    uint32_t count;
    uint32_t escaped; /* bit n: contents n begin with the magic and have 0 there instead, so that no
                         contents can be taken for a head */
    uint32_t sum;     /* of the head (with sum 0) and the contents as they are here */
    uint32_t blocks[TP_DISK_RECORD_BLOCKS];
};

struct tp_disk_sum {
    uint32_t low, high;
};

/* Adds words to a sum that began as zeros; each word's place counts too. */
static inline struct tp_disk_sum tp_disk_add(struct tp_disk_sum sum, const uint32_t *words,
                                             uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        sum.low += words[i];
        sum.high += sum.low;
    }
    return sum;
}

static inline uint32_t tp_disk_sum(struct tp_disk_sum sum)
{
    return sum.low ^ (sum.high << 16 | sum.high >> 16);
}

#endif
