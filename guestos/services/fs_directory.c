/*
 * Directories, and the way along a path. A directory's contents are entries of 64 bytes; a name is
 * looked for from the first to the last.
 */
#include "fs.h"

/* --- Entries
 * ---------------------------------------------------------------------------------------- */

/* The entries of a directory's block index. Directories have no holes. */
static int get_entries(uint32_t directory, uint32_t index, struct buffer **ret_buffer,
                       struct tp_directory_entry **ret_entries)
{
    struct tp_disk_inode *inode;
    uint32_t block;
    int error = inode_get(directory, &inode);

    if (!error)
        error = inode_block(inode, index, &block);
    if (!error && block == 0)
        error = -TP_EIO;
    if (!error)
        error = cache_get(block, ret_buffer);
    if (!error)
        *ret_entries = (struct tp_directory_entry *)(void *)(*ret_buffer)->data;
    return error;
}

/* How many blocks of entries an inode has, if it is a directory that is not removed. */
static int count_blocks(uint32_t number, uint32_t *ret_count)
{
    struct tp_disk_inode *inode;
    int error = inode_get(number, &inode);

    if (error)
        return error;
    if (inode->type != TP_TYPE_DIRECTORY)
        return -TP_ENOTDIR;
    if (inode->links == 0)
        return -TP_ENOENT;
    *ret_count = inode->size / TP_DISK_BLOCK;
    return 0;
}

static bool has_name(const struct tp_directory_entry *entry, const union name *name)
{
    const uint32_t *words = (const uint32_t *)(const void *)entry->name;

    for (uint32_t i = 0; i < TP_NAME_BYTES / 4; i++)
        if (words[i] != name->words[i])
            return false;
    return true;
}

int directory_find(uint32_t directory, const union name *name, uint32_t *ret_number,
                   uint32_t *ret_offset)
{
    uint32_t count;
    int error = count_blocks(directory, &count);

    for (uint32_t index = 0; !error && index < count; index++) {
        struct buffer *buffer;
        struct tp_directory_entry *entries;

        error = get_entries(directory, index, &buffer, &entries);
        for (uint32_t i = 0; !error && i < TP_DISK_ENTRIES; i++) {
            if (entries[i].inode == 0 || !has_name(&entries[i], name))
                continue;
            *ret_number = entries[i].inode;
            *ret_offset = index * TP_DISK_BLOCK + i * (uint32_t)sizeof *entries;
            return 0;
        }
    }
    return error ? error : -TP_ENOENT;
}

int directory_set(uint32_t directory, uint32_t offset, uint32_t number)
{
    struct buffer *buffer;
    struct tp_directory_entry *entries;
    int error = get_entries(directory, offset / TP_DISK_BLOCK, &buffer, &entries);

    if (error)
        return error;
    will_modify(buffer);
    struct tp_directory_entry *entry = &entries[offset % TP_DISK_BLOCK / sizeof *entries];
    if (number)
        entry->inode = number;
    else
        *entry = (struct tp_directory_entry){0};
    return 0;
}

static void set_entry(struct tp_directory_entry *entry, const union name *name, uint32_t number)
{
    entry->inode = number;
    copy_name((union name *)(void *)entry->name, name);
}

/* One block more, with the entry as its first. */
static int grow(uint32_t directory, uint32_t index, const union name *name, uint32_t number)
{
    struct tp_disk_inode *inode;
    uint32_t block;
    bool is_new;
    int error = inode_block_to_write(directory, index, &block, &is_new);

    if (!error)
        error = inode_get(directory, &inode);
    if (error)
        return error;
    struct buffer *buffer = cache_get_new(block, true);
    will_modify(buffer);
    set_entry((struct tp_directory_entry *)(void *)buffer->data, name, number);
    inode->size = (index + 1) * TP_DISK_BLOCK;
    return 0;
}

int directory_add(uint32_t directory, const union name *name, uint32_t number)
{
    uint32_t count;
    int error = count_blocks(directory, &count);

    for (uint32_t index = 0; !error && index < count; index++) {
        struct buffer *buffer;
        struct tp_directory_entry *entries;

        error = get_entries(directory, index, &buffer, &entries);
        for (uint32_t i = 0; !error && i < TP_DISK_ENTRIES; i++) {
            if (entries[i].inode)
                continue;
            will_modify(buffer);
            set_entry(&entries[i], name, number);
            return 0;
        }
    }
    return error ? error : grow(directory, count, name, number);
}

int directory_is_empty(uint32_t directory)
{
    uint32_t count;
    int error = count_blocks(directory, &count);

    for (uint32_t index = 0; !error && index < count; index++) {
        struct buffer *buffer;
        struct tp_directory_entry *entries;

        error = get_entries(directory, index, &buffer, &entries);
        for (uint32_t i = 0; !error && i < TP_DISK_ENTRIES; i++)
            if (entries[i].inode && !is_dots((const union name *)(const void *)entries[i].name))
                return -TP_ENOTEMPTY;
    }
    return error;
}

/* --- Names and paths
 * ---------------------------------------------------------------------------------- */

void copy_name(union name *to, const union name *from)
{
    for (uint32_t i = 0; i < TP_NAME_BYTES / 4; i++)
        to->words[i] = from->words[i];
}

bool is_dots(const union name *name)
{
    const char *text = name->text;
    return text[0] == '.' && (text[1] == 0 || (text[1] == '.' && text[2] == 0));
}

/* Takes the next component off a path, with the slashes behind it; 0 or -TP_ENAMETOOLONG. */
static int next_component(const char **path, union name *ret_name)
{
    const char *at = *path;
    uint32_t length = 0;

    *ret_name = (union name){.words = {0}};
    for (; *at && *at != '/'; at++) {
        if (length == TP_NAME_BYTES - 1)
            return -TP_ENAMETOOLONG;
        ret_name->text[length++] = *at;
    }
    while (*at == '/')
        at++;
    *path = at;
    return 0;
}

int path_place(uint32_t caller, const char *path, struct place *ret_place)
{
    const struct process_files *files = files_of(caller);
    struct place place = {.directory = TP_DISK_ROOT};
    int error;

    if (*path == 0)
        return -TP_ENOENT;
    if (*path != '/' && files && files->directory)
        place.directory = files->directory->number;
    while (*path == '/')
        path++;
    if (*path == 0) { /* the root itself */
        place.name.text[0] = '.';
        place.needs_directory = true;
        *ret_place = place;
        return 0;
    }
    while ((error = next_component(&path, &place.name)) == 0 && *path) {
        uint32_t offset;
        error = directory_find(place.directory, &place.name, &place.directory, &offset);
        if (error)
            return error;
    }
    place.needs_directory = path[-1] == '/';
    if (!error)
        *ret_place = place;
    return error;
}

int path_find(uint32_t caller, const char *path, uint32_t *ret_number)
{
    struct place place;
    struct tp_disk_inode *inode;
    uint32_t offset, number;
    int error = path_place(caller, path, &place);

    if (!error)
        error = directory_find(place.directory, &place.name, &number, &offset);
    if (!error)
        error = inode_get(number, &inode);
    if (error)
        return error;
    if (place.needs_directory && inode->type != TP_TYPE_DIRECTORY)
        return -TP_ENOTDIR;
    *ret_number = number;
    return 0;
}
