/* Images of disks with files: see image.h. */
#include <stdlib.h>
#include <string.h>

#include "mkfs/image.h"

#define JOURNAL_BLOCKS 129u
#define MOST_BLOCKS    (1u << 20) /* 4 GiB */

static const char no_space[] = "the image is too small for all that: give a larger --size";

static struct tp_disk_superblock *super_of(const struct image *image)
{
    return (struct tp_disk_superblock *)(void *)image->bytes;
}

static void *block_of(const struct image *image, uint32_t block)
{
    return image->bytes + (size_t)block * TP_DISK_BLOCK;
}

static struct tp_disk_inode *inode_of(const struct image *image, uint32_t number)
{
    struct tp_disk_inode *table = block_of(image, super_of(image)->inode_table);
    return &table[number];
}

static void set_bit(const struct image *image, uint32_t map, uint32_t bit)
{
    uint32_t *words = block_of(image, map);
    words[bit / 32] |= 1u << bit % 32;
}

static uint32_t take_block(struct image *image)
{
    if (image->next_block == super_of(image)->blocks)
        return 0;
    set_bit(image, super_of(image)->block_map, image->next_block);
    return image->next_block++;
}

/* --- Inodes ------------------------------------------------------------------------- */

static const char *new_inode(struct image *image, enum tp_file_type type, uint32_t *ret_number)
{
    if (image->next_inode == super_of(image)->inodes)
        return "there are too few inodes for all that: give more --inodes";
    *ret_number = image->next_inode++;
    set_bit(image, super_of(image)->inode_map, *ret_number);
    *inode_of(image, *ret_number) = (struct tp_disk_inode){.type = type, .links = 1};
    return NULL;
}

/* The block that a number names, which is taken where it is 0; NULL: none is left. */
static void *follow(struct image *image, struct tp_disk_inode *inode, uint32_t *number)
{
    if (*number == 0) {
        *number = take_block(image);
        if (*number == 0)
            return NULL;
        inode->blocks++;
    }
    return block_of(image, *number);
}

/* The block with a file's block index, taken if there is none; NULL: none is left. */
static void *file_block(struct image *image, struct tp_disk_inode *inode, uint32_t index)
{
    uint32_t *words;

    if (index < TP_DISK_DIRECT)
        return follow(image, inode, &inode->direct[index]);
    index -= TP_DISK_DIRECT;
    if (index < TP_DISK_WORDS) {
        words = follow(image, inode, &inode->indirect);
        return words ? follow(image, inode, &words[index]) : NULL;
    }
    index -= TP_DISK_WORDS;
    words = follow(image, inode, &inode->double_indirect);
    if (words)
        words = follow(image, inode, &words[index / TP_DISK_WORDS]);
    return words ? follow(image, inode, &words[index % TP_DISK_WORDS]) : NULL;
}

/* --- Directories -------------------------------------------------------------------- */

/* The entry of that name, or with "" a free one; NULL: there is none. */
static struct tp_directory_entry *find_entry(struct image *image, uint32_t directory,
                                             const char *name)
{
    struct tp_disk_inode *inode = inode_of(image, directory);

    for (uint32_t index = 0; index < inode->size / TP_DISK_BLOCK; index++) {
        struct tp_directory_entry *entries = file_block(image, inode, index);

        for (uint32_t i = 0; i < TP_DISK_ENTRIES; i++)
            if (strcmp(entries[i].name, name) == 0)
                return &entries[i];
    }
    return NULL;
}

static const char *add_entry(struct image *image, uint32_t directory, const char *name,
                             uint32_t number)
{
    struct tp_disk_inode *inode = inode_of(image, directory);
    struct tp_directory_entry *entry = find_entry(image, directory, "");

    if (!entry) {
        entry = file_block(image, inode, inode->size / TP_DISK_BLOCK);
        if (!entry)
            return no_space;
        inode->size += TP_DISK_BLOCK;
    }
    entry->inode = number;
    memcpy(entry->name, name, strlen(name));
    return NULL;
}

static const char *make_directory(struct image *image, uint32_t parent, uint32_t *ret_number)
{
    const char *why = new_inode(image, TP_TYPE_DIRECTORY, ret_number);

    if (!why)
        why = add_entry(image, *ret_number, ".", *ret_number);
    if (!why)
        why = add_entry(image, *ret_number, "..", parent ? parent : *ret_number);
    if (why)
        return why;
    inode_of(image, *ret_number)->links = 2;
    if (parent)
        inode_of(image, parent)->links++;
    return NULL;
}

/* --- Paths -------------------------------------------------------------------------- */

/* Takes the next component off a path; NULL, or why it is no name. */
static const char *next_name(const char **path, char name[TP_NAME_BYTES])
{
    size_t length = strcspn(*path, "/");

    if (length >= TP_NAME_BYTES)
        return "a name in the path is longer than 59 bytes";
    memcpy(name, *path, length);
    name[length] = 0;
    *path += length;
    *path += strspn(*path, "/");
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return "the path has . or .. in it: give it without";
    return NULL;
}

/* The directory of a path's last component, made if it is missing, and that component. */
static const char *find_place(struct image *image, const char *path, uint32_t *ret_directory,
                              char name[TP_NAME_BYTES])
{
    uint32_t directory = TP_DISK_ROOT;
    const char *why;

    if (*path != '/')
        return "the path in the image does not begin with /";
    path += strspn(path, "/");
    while (!(why = next_name(&path, name)) && *path) {
        const struct tp_directory_entry *entry = find_entry(image, directory, name);
        uint32_t child = entry ? entry->inode : 0;

        if (entry && inode_of(image, child)->type != TP_TYPE_DIRECTORY)
            return "a part of the path is no directory";
        if (!entry) {
            why = make_directory(image, directory, &child);
            if (!why)
                why = add_entry(image, directory, name, child);
            if (why)
                return why;
        }
        directory = child;
    }
    *ret_directory = directory;
    return why;
}

/* The place for something new. */
static const char *new_place(struct image *image, const char *path, uint32_t *ret_directory,
                             char name[TP_NAME_BYTES])
{
    const char *why = find_place(image, path, ret_directory, name);

    if (why)
        return why;
    if (*name == 0)
        return "the path in the image has no name at its end";
    return find_entry(image, *ret_directory, name) ? "there is something of that name already"
                                                   : NULL;
}

/* --- Public ------------------------------------------------------------------------- */

const char *image_add_directory(struct image *image, const char *path)
{
    char name[TP_NAME_BYTES];
    uint32_t directory, number;
    const char *why = find_place(image, path, &directory, name);

    if (why || *name == 0)
        return why;
    const struct tp_directory_entry *entry = find_entry(image, directory, name);
    if (entry)
        return inode_of(image, entry->inode)->type == TP_TYPE_DIRECTORY
                   ? NULL
                   : "there is something of that name already";
    why = make_directory(image, directory, &number);
    return why ? why : add_entry(image, directory, name, number);
}

const char *image_add_file(struct image *image, const char *path, const void *bytes, size_t size)
{
    char name[TP_NAME_BYTES];
    uint32_t directory, number;
    const char *why = new_place(image, path, &directory, name);

    if (!why && size > TP_DISK_SIZE)
        why = "the file is larger than 2 GiB";
    if (!why)
        why = new_inode(image, TP_TYPE_FILE, &number);
    if (!why)
        why = add_entry(image, directory, name, number);
    if (why)
        return why;
    struct tp_disk_inode *inode = inode_of(image, number);
    inode->size = (uint32_t)size;
    for (size_t done = 0; done < size; done += TP_DISK_BLOCK) {
        void *block = file_block(image, inode, (uint32_t)(done / TP_DISK_BLOCK));
        size_t count = size - done < TP_DISK_BLOCK ? size - done : TP_DISK_BLOCK;

        if (!block)
            return no_space;
        memcpy(block, (const uint8_t *)bytes + done, count);
    }
    return NULL;
}

const char *image_add_device(struct image *image, const char *path, uint32_t device)
{
    char name[TP_NAME_BYTES];
    uint32_t directory, number;
    const char *why = new_place(image, path, &directory, name);

    if (!why)
        why = new_inode(image, TP_TYPE_DEVICE, &number);
    if (why)
        return why;
    inode_of(image, number)->device = device;
    return add_entry(image, directory, name, number);
}

const char *image_add_link(struct image *image, const char *path, const char *existing)
{
    char name[TP_NAME_BYTES], other_name[TP_NAME_BYTES];
    uint32_t directory, other_directory;
    const char *why = new_place(image, path, &directory, name);

    if (!why)
        why = find_place(image, existing, &other_directory, other_name);
    if (why)
        return why;
    const struct tp_directory_entry *entry = find_entry(image, other_directory, other_name);
    if (*other_name == 0 || !entry)
        return "what the link is to name is not in the image yet";
    uint32_t number = entry->inode;
    struct tp_disk_inode *inode = inode_of(image, number);
    if (inode->type == TP_TYPE_DIRECTORY)
        return "a directory can have no second name";
    if (inode->links == TP_DISK_LINKS)
        return "too many names of one file";
    inode->links++;
    return add_entry(image, directory, name, number);
}

static uint32_t divide_up(uint64_t a, uint32_t b)
{
    return (uint32_t)((a + b - 1) / b);
}

static bool lay_out(struct tp_disk_superblock *super, uint64_t size, uint32_t inodes)
{
    *super = (struct tp_disk_superblock){.magic = TP_DISK_MAGIC,
                                         .version = TP_DISK_VERSION,
                                         .blocks = (uint32_t)(size / TP_DISK_BLOCK),
                                         .inodes = inodes,
                                         .journal = 1,
                                         .journal_blocks = JOURNAL_BLOCKS};
    super->inode_map = super->journal + super->journal_blocks;
    super->block_map = super->inode_map + divide_up(inodes, TP_DISK_BITS);
    super->inode_table = super->block_map + divide_up(super->blocks, TP_DISK_BITS);
    super->data = super->inode_table + divide_up(inodes, TP_DISK_INODES);
    return tp_disk_is_sound(super, super->blocks);
}

const char *image_create(struct image *image, uint64_t size, uint32_t inodes)
{
    struct tp_disk_superblock super;
    uint32_t root;

    *image = (struct image){0};
    if (size / TP_DISK_BLOCK > MOST_BLOCKS)
        return "the image would be larger than 4 GiB";
    if (inodes > MOST_BLOCKS || !lay_out(&super, size, inodes))
        return "the image is too small for journal and inodes: give a larger --size";
    image->size = (size_t)super.blocks * TP_DISK_BLOCK;
    image->bytes = calloc(1, image->size);
    if (!image->bytes)
        return "not enough memory for it";
    *super_of(image) = super;
    struct tp_disk_journal *journal = block_of(image, super.journal);
    *journal = (struct tp_disk_journal){.magic = TP_DISK_MAGIC, .sequence = 1};
    for (uint32_t block = 0; block < super.data; block++)
        set_bit(image, super.block_map, block);
    set_bit(image, super.inode_map, 0);
    image->next_inode = TP_DISK_ROOT;
    image->next_block = super.data;
    return make_directory(image, 0, &root);
}

void image_destroy(struct image *image)
{
    free(image->bytes);
    *image = (struct image){0};
}
