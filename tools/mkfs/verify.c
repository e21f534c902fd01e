/* The checker of disk images: see verify.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mkfs/verify.h"
#include "turnpike/disk_format.h"

struct check {
    uint8_t *bytes;
    struct tp_disk_superblock super; /* a copy; is sound */
    check_report *report;
    void *context;
    struct check_result *result;
    uint32_t *owner;  /* of each block: the inode that uses it, or 0 */
    uint32_t *names;  /* of each inode: entries that name it, but . and .. */
    uint32_t *parent; /* of each directory: that in which its first name is */
};

static void find(struct check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void find(struct check *check, const char *format, ...)
{
    char line[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    check->result->findings++;
    check->report(check->context, line);
}

static void *block_of(const struct check *check, uint32_t block)
{
    return check->bytes + (size_t)block * TP_DISK_BLOCK;
}

static const struct tp_disk_inode *inode_of(const struct check *check, uint32_t number)
{
    const struct tp_disk_inode *table = block_of(check, check->super.inode_table);
    return &table[number];
}

static bool get_bit(const struct check *check, uint32_t map, uint32_t bit)
{
    const uint32_t *words = block_of(check, map);
    return words[bit / 32] >> bit % 32 & 1;
}

static bool is_orphan(const struct check *check, uint32_t number)
{
    for (uint32_t i = 0; i < TP_DISK_ORPHANS; i++)
        if (check->super.orphans[i] == number)
            return true;
    return false;
}

/* --- Blocks of an inode --------------------------------------------------------------- */

/* Notes that an inode uses a block; false: it cannot, or another one does. */
static bool use_block(struct check *check, uint32_t number, uint32_t block)
{
    if (block < check->super.data || block >= check->super.blocks) {
        find(check, "inode %u: uses block %u, which is not one for data (%u to %u)", number, block,
             check->super.data, check->super.blocks - 1);
        return false;
    }
    if (check->owner[block]) {
        find(check, "inode %u: uses block %u, which inode %u uses too", number, block,
             check->owner[block]);
        return false;
    }
    check->owner[block] = number;
    return true;
}

struct walk {
    uint32_t number;
    uint32_t blocks; /* used */
    uint64_t end;    /* behind the last file block index that is there */
    bool has_holes;
};

static void walk_block(struct check *check, struct walk *walk, uint32_t block, uint32_t index)
{
    if (block == 0) {
        const struct tp_disk_inode *inode = inode_of(check, walk->number);
        walk->has_holes |= (uint64_t)index * TP_DISK_BLOCK < inode->size;
        return;
    }
    if (use_block(check, walk->number, block))
        walk->blocks++;
    walk->end = (uint64_t)index + 1;
}

/* A block of block numbers; depth 1: of data's, 2: of such blocks'. */
static void walk_numbers(struct check *check, struct walk *walk, uint32_t block, uint32_t index,
                         int depth)
{
    const struct tp_disk_inode *inode = inode_of(check, walk->number);

    if (block == 0) {
        walk->has_holes |= (uint64_t)index * TP_DISK_BLOCK < inode->size;
        return;
    }
    if (!use_block(check, walk->number, block))
        return;
    walk->blocks++;
    const uint32_t *numbers = block_of(check, block);
    for (uint32_t i = 0; i < TP_DISK_WORDS; i++) {
        if (depth == 1)
            walk_block(check, walk, numbers[i], index + i);
        else
            walk_numbers(check, walk, numbers[i], index + i * TP_DISK_WORDS, depth - 1);
    }
}

static struct walk walk_inode(struct check *check, uint32_t number)
{
    const struct tp_disk_inode *inode = inode_of(check, number);
    struct walk walk = {.number = number};

    for (uint32_t i = 0; i < TP_DISK_DIRECT; i++)
        walk_block(check, &walk, inode->direct[i], i);
    walk_numbers(check, &walk, inode->indirect, TP_DISK_DIRECT, 1);
    walk_numbers(check, &walk, inode->double_indirect, TP_DISK_DIRECT + TP_DISK_WORDS, 2);
    return walk;
}

/* The block with a file's block index, or 0 if it has none that can be. */
static uint32_t file_block(const struct check *check, const struct tp_disk_inode *inode,
                           uint32_t index)
{
    uint32_t block, number = (uint32_t)(inode - inode_of(check, 0));

    if (index < TP_DISK_DIRECT) {
        block = inode->direct[index];
    } else {
        index -= TP_DISK_DIRECT;
        block = inode->indirect;
        if (index >= TP_DISK_WORDS) {
            index -= TP_DISK_WORDS;
            block = inode->double_indirect;
            if (block >= check->super.blocks || !block)
                return 0;
            block =
                ((const uint32_t *)block_of(check, block))[index / TP_DISK_WORDS % TP_DISK_WORDS];
        }
        if (block >= check->super.blocks || !block)
            return 0;
        block = ((const uint32_t *)block_of(check, block))[index % TP_DISK_WORDS];
    }
    return block < check->super.blocks && block && check->owner[block] == number ? block : 0;
}

/* --- Inodes ----------------------------------------------------------------------------- */

static bool is_zero(const void *bytes, size_t size)
{
    const uint8_t *byte = bytes;

    for (size_t i = 0; i < size; i++)
        if (byte[i])
            return false;
    return true;
}

static void check_tail(struct check *check, uint32_t number, const struct tp_disk_inode *inode)
{
    uint32_t within = inode->size % TP_DISK_BLOCK;
    uint32_t block = within ? file_block(check, inode, inode->size / TP_DISK_BLOCK) : 0;

    if (block && !is_zero((const uint8_t *)block_of(check, block) + within, TP_DISK_BLOCK - within))
        find(check, "inode %u: its last block has bytes that are not zero beyond its size of %u",
             number, inode->size);
}

static void check_size(struct check *check, uint32_t number, const struct walk *walk)
{
    const struct tp_disk_inode *inode = inode_of(check, number);
    uint64_t most = ((uint64_t)inode->size + TP_DISK_BLOCK - 1) / TP_DISK_BLOCK;

    if (inode->size > TP_DISK_SIZE)
        find(check, "inode %u: its size, %u, is more than a file can have", number, inode->size);
    if (walk->end > most && !is_orphan(check, number))
        find(check, "inode %u: has blocks beyond its size of %u", number, inode->size);
    if (walk->blocks != inode->blocks)
        find(check, "inode %u: says that it uses %u blocks, but uses %u", number, inode->blocks,
             walk->blocks);
    if (inode->type == TP_TYPE_DIRECTORY && (inode->size == 0 || inode->size % TP_DISK_BLOCK) &&
        inode->links)
        find(check, "directory %u: its size, %u, is not that of whole blocks", number, inode->size);
    if (inode->type == TP_TYPE_DIRECTORY && walk->has_holes && inode->links)
        find(check, "directory %u: a block of it is missing", number);
    if (inode->type == TP_TYPE_DEVICE && (inode->size || walk->blocks))
        find(check, "inode %u: is a device, but has contents", number);
    check_tail(check, number, inode);
}

static void check_inode(struct check *check, uint32_t number)
{
    const struct tp_disk_inode *inode = inode_of(check, number);
    bool is_used = get_bit(check, check->super.inode_map, number);

    if (is_used != (inode->type != 0))
        find(check, "inode %u: is %s, but marked as %s in the map", number,
             inode->type ? "in use" : "free", is_used ? "in use" : "free");
    check->result->free_inodes += !is_used;
    if (inode->type == 0) {
        if (!is_zero(inode, sizeof *inode))
            find(check, "inode %u: is free, but not all zeros", number);
        return;
    }
    if (inode->type > TP_TYPE_DEVICE) {
        find(check, "inode %u: is of type %u, which there is not", number, inode->type);
        return;
    }
    check->result->files += inode->type != TP_TYPE_DIRECTORY;
    check->result->directories += inode->type == TP_TYPE_DIRECTORY;
    struct walk walk = walk_inode(check, number);
    check_size(check, number, &walk);
}

/* --- Directories -------------------------------------------------------------------------- */

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Whether an entry's name is one; says so if not. */
static bool check_name(struct check *check, uint32_t directory,
                       const struct tp_directory_entry *entry)
{
    size_t length = strnlen(entry->name, TP_NAME_BYTES);

    if (length == 0 || length == TP_NAME_BYTES || memchr(entry->name, '/', length)) {
        find(check, "directory %u: the entry of inode %u has no proper name", directory,
             entry->inode);
        return false;
    }
    if (!is_zero(entry->name + length, TP_NAME_BYTES - length))
        find(check, "directory %u: \"%.*s\" is not followed by zeros", directory, (int)length,
             entry->name);
    return true;
}

static void check_child(struct check *check, uint32_t directory,
                        const struct tp_directory_entry *entry)
{
    uint32_t number = entry->inode;

    if (number >= check->super.inodes || inode_of(check, number)->type == 0 ||
        inode_of(check, number)->type > TP_TYPE_DEVICE) {
        find(check, "directory %u: \"%.59s\" names inode %u, which is not in use", directory,
             entry->name, number);
        return;
    }
    if (check->names[number]++ == 0)
        check->parent[number] = directory;
    else if (inode_of(check, number)->type == TP_TYPE_DIRECTORY)
        find(check, "directory %u: \"%.59s\" is a second name for directory %u", directory,
             entry->name, number);
}

/* . and .., which are the first two. */
static void check_dots(struct check *check, uint32_t directory,
                       const struct tp_directory_entry *entries)
{
    if (strncmp(entries[0].name, ".", TP_NAME_BYTES) != 0 || entries[0].inode != directory)
        find(check, "directory %u: does not begin with \".\" for itself", directory);
    if (strncmp(entries[1].name, "..", TP_NAME_BYTES) != 0 || entries[1].inode == 0)
        find(check, "directory %u: its second entry is not \"..\"", directory);
}

static void check_block_of_entries(struct check *check, uint32_t directory, uint32_t index)
{
    uint32_t block = file_block(check, inode_of(check, directory), index);

    if (!block)
        return;
    const struct tp_directory_entry *entries = block_of(check, block);
    if (index == 0)
        check_dots(check, directory, entries);
    for (uint32_t i = index == 0 ? 2 : 0; i < TP_DISK_ENTRIES; i++) {
        const struct tp_directory_entry *entry = &entries[i];

        if (entry->inode == 0) {
            if (!is_zero(entry, sizeof *entry))
                find(check, "directory %u: a free entry is not all zeros", directory);
        } else if (check_name(check, directory, entry)) {
            if (is_dots(entry->name))
                find(check, "directory %u: has \"%s\" twice", directory, entry->name);
            else
                check_child(check, directory, entry);
        }
    }
}

static int by_name(const void *a, const void *b)
{
    const struct tp_directory_entry *const *first = a, *const *second = b;
    return strncmp((*first)->name, (*second)->name, TP_NAME_BYTES);
}

/* No name twice. */
static int check_names_differ(struct check *check, uint32_t directory, uint32_t blocks)
{
    const struct tp_directory_entry **entries = malloc(blocks * TP_DISK_ENTRIES * sizeof *entries);
    size_t count = 0;

    if (!entries)
        return -1;
    for (uint32_t index = 0; index < blocks; index++) {
        uint32_t block = file_block(check, inode_of(check, directory), index);
        const struct tp_directory_entry *entry = block ? block_of(check, block) : NULL;

        for (uint32_t i = 0; entry && i < TP_DISK_ENTRIES; i++, entry++)
            if (entry->inode)
                entries[count++] = entry;
    }
    qsort(entries, count, sizeof *entries, by_name);
    for (size_t i = 1; i < count; i++)
        if (by_name(&entries[i - 1], &entries[i]) == 0)
            find(check, "directory %u: \"%.59s\" is there twice", directory, entries[i]->name);
    free(entries);
    return 0;
}

static int check_directory(struct check *check, uint32_t number)
{
    uint32_t blocks = inode_of(check, number)->size / TP_DISK_BLOCK;

    /* The size may be anything; what is not on the disk was found before. */
    if (blocks > inode_of(check, number)->blocks)
        blocks = inode_of(check, number)->blocks;
    if (blocks > check->super.blocks)
        blocks = check->super.blocks;
    for (uint32_t index = 0; index < blocks; index++)
        check_block_of_entries(check, number, index);
    return blocks ? check_names_differ(check, number, blocks) : 0;
}

/* --- Links ---------------------------------------------------------------------------------- */

/* Of the entries of each directory's "..": the parent has to be the one that names it. */
static void check_parent(struct check *check, uint32_t number)
{
    uint32_t block = file_block(check, inode_of(check, number), 0);
    uint32_t parent = number == TP_DISK_ROOT ? number : check->parent[number];

    if (!block)
        return;
    const struct tp_directory_entry *entries = block_of(check, block);
    if (parent && entries[1].inode != parent)
        find(check, "directory %u: \"..\" is %u, but it is in %u", number, entries[1].inode,
             parent);
}

/* Whether a directory can be reached from the root. */
static bool is_reached(const struct check *check, uint32_t number)
{
    for (uint32_t steps = 0; steps < check->super.inodes; steps++) {
        if (number == TP_DISK_ROOT)
            return true;
        number = check->parent[number];
        if (number == 0)
            return false;
    }
    return false;
}

static void check_links(struct check *check, uint32_t number, const uint32_t *children)
{
    const struct tp_disk_inode *inode = inode_of(check, number);
    bool is_directory = inode->type == TP_TYPE_DIRECTORY;
    uint32_t names = check->names[number] + (number == TP_DISK_ROOT);
    uint32_t links = !is_directory ? names : names ? 2 + children[number] : 0;

    if (inode->links != links)
        find(check, "inode %u: has %u links, but should have %u", number, inode->links, links);
    if (names == 0 && inode->links == 0 && !is_orphan(check, number))
        find(check, "inode %u: has no name and will never be freed", number);
    if (is_directory && names)
        check_parent(check, number);
    if (is_directory && names && !is_reached(check, number))
        find(check, "directory %u: cannot be reached from the root", number);
}

static int check_all_links(struct check *check)
{
    uint32_t *children = calloc(check->super.inodes, sizeof *children);

    if (!children)
        return -1;
    for (uint32_t i = 1; i < check->super.inodes; i++)
        if (inode_of(check, i)->type == TP_TYPE_DIRECTORY && check->parent[i])
            children[check->parent[i]]++;
    for (uint32_t i = 1; i < check->super.inodes; i++)
        if (inode_of(check, i)->type && inode_of(check, i)->type <= TP_TYPE_DEVICE)
            check_links(check, i, children);
    free(children);
    return 0;
}

/* --- The whole -------------------------------------------------------------------------------- */

static void check_orphans(struct check *check)
{
    for (uint32_t i = 0; i < TP_DISK_ORPHANS; i++) {
        uint32_t number = check->super.orphans[i];

        if (number == 0)
            continue;
        check->result->orphans++;
        if (number >= check->super.inodes || inode_of(check, number)->type == 0)
            find(check, "superblock: orphan %u is inode %u, which is not in use", i, number);
        for (uint32_t j = 0; j < i; j++)
            if (check->super.orphans[j] == number)
                find(check, "superblock: inode %u is among the orphans twice", number);
    }
}

static void check_block_map(struct check *check)
{
    for (uint32_t block = 0; block < check->super.blocks; block++) {
        bool is_used = block < check->super.data || check->owner[block];
        bool is_marked = get_bit(check, check->super.block_map, block);

        check->result->free_blocks += !is_marked;
        if (is_used != is_marked)
            find(check, "block %u: is %s, but marked as %s in the map", block,
                 is_used ? "in use" : "free", is_marked ? "in use" : "free");
    }
}

static int check_contents(struct check *check)
{
    const struct tp_disk_superblock *super = &check->super;

    check_orphans(check);
    if (!get_bit(check, super->inode_map, 0))
        find(check, "inode 0: is marked as free in the map, but is none");
    for (uint32_t i = 1; i < super->inodes; i++)
        check_inode(check, i);
    check_block_map(check);
    if (inode_of(check, TP_DISK_ROOT)->type != TP_TYPE_DIRECTORY) {
        find(check, "inode 1: is not a directory, but should be the root");
        return 0;
    }
    for (uint32_t i = 1; i < super->inodes; i++)
        if (inode_of(check, i)->type == TP_TYPE_DIRECTORY && inode_of(check, i)->links &&
            check_directory(check, i) != 0)
            return -1;
    return check_all_links(check);
}

int image_check(uint8_t *bytes, size_t size, check_report *report, void *context,
                struct check_result *ret_result)
{
    struct check check = {
        .bytes = bytes, .report = report, .context = context, .result = ret_result};
    int result = -1;

    *ret_result = (struct check_result){0};
    int records = image_replay(bytes, size);
    if (records < 0) {
        find(&check,
             "this is no disk with files of Turnpike, or its superblock or journal is damaged");
        return 0;
    }
    memcpy(&check.super, bytes, sizeof check.super);
    if (!tp_disk_is_sound(&check.super, (uint32_t)(size / TP_DISK_BLOCK))) {
        find(&check, "superblock: the journal's records have damaged it");
        return 0;
    }
    ret_result->records = (unsigned)records;
    ret_result->inodes = check.super.inodes;
    ret_result->blocks = check.super.blocks;
    check.owner = calloc(check.super.blocks, sizeof *check.owner);
    check.names = calloc(check.super.inodes, sizeof *check.names);
    check.parent = calloc(check.super.inodes, sizeof *check.parent);
    if (check.owner && check.names && check.parent)
        result = check_contents(&check);
    free(check.owner);
    free(check.names);
    free(check.parent);
    return result;
}
