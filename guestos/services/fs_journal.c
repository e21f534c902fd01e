/*
 * The journal: what makes an operation happen whole or not at all, wherever the power is cut. All
 * blocks that a transaction changes are put into one record, written by one command of the disk;
 * when it is there the operation has happened. The blocks are written home later, many records at a
 * time; after a power cut that is done again for every complete record. Format:
 * turnpike/disk_format.h.
 *
 * What was changed in memory but not committed is forgotten by dropping the buffers: their last
 * contents are read again, from home or from the journal.
 */
#include "fs.h"

static struct tp_disk_record *staged_head(void)
{
    return (struct tp_disk_record *)(void *)fs.staging;
}

static uint32_t *staged_block(uint32_t i)
{
    return (uint32_t *)(void *)(fs.staging + (i + 1) * TP_DISK_BLOCK);
}

/* --- Home
 * ------------------------------------------------------------------------------------------ */

/* Writes the journal's first block: records before fs.sequence are over. */
static int write_start(void)
{
    struct tp_disk_journal *start = (struct tp_disk_journal *)(void *)fs.staging;

    clear_words(fs.staging, TP_DISK_BLOCK);
    *start = (struct tp_disk_journal){.magic = TP_DISK_MAGIC, .sequence = fs.sequence};
    fs.journal_used = 1;
    return disk_transfer(TP_CALL_DISK_WRITE, fs.super.journal, fs.staging, 1);
}

static struct buffer *find_logged(uint32_t block)
{
    struct buffer *buffer = cache_find(block);
    return buffer && buffer->logged_at ? buffer : NULL;
}

/* Writes home a block and those that follow it on the disk, as far as they are logged. */
static int bring_home(uint32_t first)
{
    struct buffer *buffer;

    while (find_logged(first)) {
        uint32_t count = 0;

        for (; count <= TP_DISK_RECORD_BLOCKS && find_logged(first + count); count++) {
            int error = cache_get(first + count, &buffer);
            if (error)
                return error;
            copy_words(fs.staging + count * TP_DISK_BLOCK, buffer->data, TP_DISK_BLOCK);
        }
        int error = disk_transfer(TP_CALL_DISK_WRITE, first, fs.staging, count);
        if (error)
            return error;
        /* logged_at stays until all are home: till then the journal has them. */
        first += count;
    }
    return 0;
}

int journal_empty(void)
{
    for (uint32_t i = 0; i < FS_BUFFERS; i++) {
        uint32_t block = fs.buffers[i].block;

        if (!fs.buffers[i].logged_at || find_logged(block - 1))
            continue; /* the other one brings it along */
        int error = bring_home(block);
        if (error)
            return error;
    }
    int error = write_start();
    if (error)
        return error;
    for (uint32_t i = 0; i < FS_BUFFERS; i++)
        fs.buffers[i].logged_at = 0;
    fs.logged = 0;
    return 0;
}

/* --- Transactions
 * ---------------------------------------------------------------------------------- */

/* Forgets what was changed since the last commit. */
static void undo(void)
{
    for (uint32_t i = 0; i < fs.modified_count; i++) {
        fs.modified[i]->is_modified = false;
        fs.modified[i]->is_valid = false;
    }
    fs.modified_count = 0;
}

static int make_room(void)
{
    uint32_t room = fs.super.journal_blocks - fs.journal_used;

    if (room > TP_DISK_RECORD_BLOCKS && fs.logged <= FS_LOGGED)
        return 0;
    return journal_empty();
}

int transaction_begin(void)
{
    int error = write_lock();
    if (error)
        return error;
    error = make_room();
    if (error)
        write_unlock();
    return error;
}

void will_modify(struct buffer *buffer)
{
    if (buffer->is_modified)
        return;
    buffer->is_modified = true;
    fs.modified[fs.modified_count++] = buffer;
}

uint32_t transaction_room(void)
{
    return TP_DISK_RECORD_BLOCKS - fs.modified_count;
}

/* Copies a modified block to its place in the record and adds it to the sum. */
static struct tp_disk_sum stage(uint32_t i, struct tp_disk_sum sum)
{
    struct tp_disk_record *head = staged_head();
    const struct buffer *buffer = fs.modified[i];
    uint32_t *to = staged_block(i);

    copy_words(to, buffer->data, TP_DISK_BLOCK);
    head->blocks[i] = buffer->block;
    if (to[0] == TP_DISK_RECORD_MAGIC) {
        head->escaped |= 1u << i;
        to[0] = 0;
    }
    return tp_disk_add(sum, to, TP_DISK_WORDS);
}

static void stage_record(void)
{
    struct tp_disk_record *head = staged_head();
    struct tp_disk_sum sum = {0, 0};

    clear_words(head, TP_DISK_BLOCK);
    head->magic = TP_DISK_RECORD_MAGIC;
    head->sequence = fs.sequence;
    head->count = fs.modified_count;
    for (uint32_t i = 0; i < fs.modified_count; i++)
        sum = stage(i, sum);
    sum = tp_disk_add(sum, (const uint32_t *)(const void *)head, sizeof *head / 4);
    head->sum = tp_disk_sum(sum);
}

/* The record is on the disk: from now on it has the last contents of its blocks. */
static void note_record(uint32_t at)
{
    for (uint32_t i = 0; i < fs.modified_count; i++) {
        struct buffer *buffer = fs.modified[i];

        buffer->is_modified = false;
        if (!buffer->logged_at)
            fs.logged++;
        buffer->logged_at = at + 1 + i;
        buffer->is_escaped = (staged_head()->escaped >> i & 1) != 0;
    }
    fs.journal_used += 1 + fs.modified_count;
    fs.sequence++;
    fs.modified_count = 0;
}

static int commit(void)
{
    if (fs.modified_count == 0)
        return 0;
    uint32_t at = fs.super.journal + fs.journal_used;

    stage_record();
    int error = disk_transfer(TP_CALL_DISK_WRITE, at, fs.staging, 1 + fs.modified_count);
    if (error)
        undo();
    else
        note_record(at);
    return error;
}

int transaction_commit(void)
{
    int error = commit();
    return error ? error : make_room();
}

int32_t transaction_end(int32_t result)
{
    if (result < 0) {
        undo();
    } else {
        int error = commit();
        if (error)
            result = error;
    }
    write_unlock();
    return result;
}

/* --- After the start
 * ------------------------------------------------------------------------------- */

/* Reads the record at a block of the journal into staging; 1: it is complete, 0: it is not. */
static int read_record(uint32_t used)
{
    struct tp_disk_record *head = staged_head();
    uint32_t room = fs.super.journal_blocks - used;

    if (room < 2)
        return 0;
    int error = disk_transfer(TP_CALL_DISK_READ, fs.super.journal + used, fs.staging, 1);
    if (error)
        return error;
    uint32_t count = head->count, expected = head->sum;
    if (head->magic != TP_DISK_RECORD_MAGIC || head->sequence != fs.sequence || count == 0 ||
        count > TP_DISK_RECORD_BLOCKS || count > room - 1)
        return 0;
    error = disk_transfer(TP_CALL_DISK_READ, fs.super.journal + used + 1, staged_block(0), count);
    if (error)
        return error;
    struct tp_disk_sum sum =
        tp_disk_add((struct tp_disk_sum){0, 0}, staged_block(0), count * TP_DISK_WORDS);
    head->sum = 0;
    sum = tp_disk_add(sum, (const uint32_t *)(const void *)head, sizeof *head / 4);
    return tp_disk_sum(sum) == expected;
}

static int write_record_home(void)
{
    const struct tp_disk_record *head = staged_head();

    for (uint32_t i = 0; i < head->count; i++) {
        if (head->escaped >> i & 1)
            *staged_block(i) = TP_DISK_RECORD_MAGIC;
        if (head->blocks[i] >= fs.super.blocks)
            return -TP_EIO;
        int error = disk_transfer(TP_CALL_DISK_WRITE, head->blocks[i], staged_block(i), 1);
        if (error)
            return error;
    }
    return 0;
}

int journal_replay(void)
{
    const struct tp_disk_journal *start = (const struct tp_disk_journal *)(void *)fs.staging;
    uint32_t used = 1;
    int result = disk_transfer(TP_CALL_DISK_READ, fs.super.journal, fs.staging, 1);

    if (result)
        return result;
    if (start->magic != TP_DISK_MAGIC)
        return -TP_EIO;
    fs.sequence = start->sequence;
    while ((result = read_record(used)) == 1) {
        result = write_record_home();
        if (result)
            break;
        used += 1 + staged_head()->count;
        fs.sequence++;
    }
    fs.journal_used = 1;
    if (result == 0 && used > 1)
        result = write_start();
    return result;
}
