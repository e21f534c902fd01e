/*
 * Operations that give names to inodes, take them away, or begin with a name: open, link, unlink,
 * rename, mkdir, mknod. Each one that changes something is one transaction: everything is looked at
 * first, and what is changed until something fails (the disk is full) is undone.
 */
#include "fs.h"

static const union name dot = {.text = "."}, dot_dot = {.text = ".."};

/* Copies the path of an argument and finds its place. */
static int place_of(struct request *request, unsigned argument, struct place *ret_place)
{
    char path[TP_PATH_BYTES];
    int length = tp_copy_path(request, argument, path);
    return length < 0 ? length : path_place(request->caller, path, ret_place);
}

static int place_find(const struct place *place, uint32_t *ret_number, uint32_t *ret_offset)
{
    return directory_find(place->directory, &place->name, ret_number, ret_offset);
}

/* Begins a transaction and finds the place of a path that something is to happen to; after an error
 * the transaction is over. */
static int begin_at(struct request *request, struct place *ret_place)
{
    int error = transaction_begin();

    if (error)
        return error;
    error = place_of(request, 0, ret_place);
    return error ? transaction_end(error) : 0;
}

static int add_links(uint32_t number, int32_t count)
{
    struct tp_disk_inode *inode;
    int error = inode_get_to_modify(number, &inode);

    if (!error && count > 0 && inode->links >= TP_DISK_LINKS)
        return -TP_EMLINK;
    if (!error)
        inode->links += (uint32_t)count;
    return error;
}

/* --- New inodes
 * --------------------------------------------------------------------------------------- */

/* In a transaction: a new inode at a place where there is no name yet. */
static int create(const struct place *place, enum tp_file_type type, uint32_t device,
                  uint32_t *ret_number)
{
    struct tp_disk_inode *inode;
    uint32_t number;
    int error = inode_allocate(&number);

    if (!error)
        error = inode_get_to_modify(number, &inode);
    if (error)
        return error;
    *inode = (struct tp_disk_inode){.type = type, .links = 1, .device = device};
    /* First of all, as it looks whether the directory is still there. */
    error = directory_add(place->directory, &place->name, number);
    if (!error && type == TP_TYPE_DIRECTORY) {
        error = directory_add(number, &dot, number);
        if (!error)
            error = directory_add(number, &dot_dot, place->directory);
        if (!error)
            error = add_links(number, 1);
        if (!error)
            error = add_links(place->directory, 1);
    }
    *ret_number = number;
    return error;
}

/* A new inode for mkdir and mknod: the name must not exist. */
static int32_t make(struct request *request, enum tp_file_type type, uint32_t device)
{
    struct place place;
    uint32_t number, offset;
    int error = begin_at(request, &place);

    if (error)
        return error;
    error = place_find(&place, &number, &offset);
    if (!error)
        error = -TP_EEXIST;
    else if (error == -TP_ENOENT)
        error = place.needs_directory && type != TP_TYPE_DIRECTORY
                    ? -TP_ENOENT
                    : create(&place, type, device, &number);
    return transaction_end(error);
}

int32_t fs_mkdir(struct request *request)
{
    return make(request, TP_TYPE_DIRECTORY, 0);
}

int32_t fs_mknod(struct request *request)
{
    return make(request, TP_TYPE_DEVICE, (uint32_t)request->args[1]);
}

/* --- Open
 * -----------------------------------------------------------------------------------------------
 */

static bool wants_write(uint32_t flags)
{
    return (flags & (TP_OPEN_WRITE | TP_OPEN_BOTH)) != 0;
}

/* Beside TP_OPEN_...: a file that has all its bytes, so that reading it waits for the disk only. */
#define OPEN_FILE_ONLY 0x80000000u

/* Whether an inode may be opened so. */
static int check_open(uint32_t number, const struct place *place, uint32_t flags)
{
    struct tp_disk_inode *inode;
    int error = inode_get(number, &inode);

    if (error)
        return error;
    if (flags & OPEN_FILE_ONLY && inode->type != TP_TYPE_FILE)
        return -TP_EACCES;
    if (inode->type == TP_TYPE_DEVICE && !device_exists(inode->device >> 8))
        return -TP_ENXIO;
    if (inode->type != TP_TYPE_DIRECTORY)
        return place->needs_directory ? -TP_ENOTDIR : 0;
    return wants_write(flags) || flags & (TP_OPEN_CREATE | TP_OPEN_TRUNCATE) ? -TP_EISDIR : 0;
}

/* Finds the inode to open, or makes it, and holds it. With TP_OPEN_CREATE or _TRUNCATE in a
 * transaction. */
static int open_inode(const struct place *place, uint32_t flags, struct open_inode **ret_inode)
{
    struct tp_disk_inode *contents;
    uint32_t number, offset;
    int error = place_find(place, &number, &offset);

    if (error == -TP_ENOENT && flags & TP_OPEN_CREATE)
        error = place->needs_directory ? -TP_EISDIR : create(place, TP_TYPE_FILE, 0, &number);
    else if (!error && flags & TP_OPEN_CREATE && flags & TP_OPEN_EXCL)
        error = -TP_EEXIST;
    if (!error)
        error = check_open(number, place, flags);
    if (!error)
        error = inode_get(number, &contents);
    bool is_truncated =
        !error && flags & TP_OPEN_TRUNCATE && wants_write(flags) && contents->type == TP_TYPE_FILE;
    if (!error)
        error = inode_hold(number, ret_inode);
    if (!error && is_truncated)
        error = inode_resize(*ret_inode, 0);
    return error;
}

/* Makes the reserved file one that is open. */
static void set_up(struct file *file, const struct tp_disk_inode *inode, uint32_t flags)
{
    file->can_read = (flags & TP_OPEN_WRITE) == 0;
    file->can_write = wants_write(flags);
    file->is_appending = (flags & TP_OPEN_APPEND) != 0;
    file->device = inode->device >> 8;
    file->kind = inode->type == TP_TYPE_DEVICE ? FILE_DEVICE : FILE_INODE;
}

/* Opens a path as seen by the process whose endpoint is seen_by. */
static int open_path(const struct place *place, struct file *file, uint32_t flags)
{
    struct tp_disk_inode *contents;
    int error = open_inode(place, flags, &file->inode);

    if (!error)
        error = inode_get(file->inode->number, &contents);
    if (!error)
        set_up(file, contents, flags);
    return error;
}

static int32_t open_as(struct request *request, uint32_t seen_by, uint32_t flags)
{
    char path[TP_PATH_BYTES];
    struct file *file;
    struct place place;
    int error = tp_copy_path(request, 0, path);
    int32_t descriptor = error < 0 ? error : file_reserve(request->caller, &file);
    bool may_change = (flags & (TP_OPEN_CREATE | TP_OPEN_TRUNCATE)) != 0;

    if (descriptor < 0)
        return descriptor;
    error = may_change ? transaction_begin() : read_lock();
    if (!error) {
        error = path_place(seen_by, path, &place);
        if (!error)
            error = open_path(&place, file, flags);
        if (may_change)
            error = transaction_end(error);
        else
            read_unlock();
    }
    if (error)
        file_abandon(request->caller, descriptor);
    else if (flags & TP_OPEN_CLOEXEC)
        files_of(request->caller)->close_on_exec |= 1u << descriptor;
    return error ? error : descriptor;
}

int32_t fs_open(struct request *request)
{
    return open_as(request, request->caller, (uint32_t)request->args[1]);
}

int32_t fs_open_program(struct request *request)
{
    return open_as(request, (uint32_t)request->args[1], TP_OPEN_READ | OPEN_FILE_ONLY);
}

/* --- Link, unlink
 * ----------------------------------------------------------------------------------------- */

/* In a transaction: a second name for the inode. */
static int add_name(uint32_t number, const struct place *place)
{
    struct tp_disk_inode *inode;
    uint32_t other, offset;
    int error = inode_get(number, &inode);

    if (error)
        return error;
    if (inode->type == TP_TYPE_DIRECTORY)
        return -TP_EPERM;
    error = place_find(place, &other, &offset);
    if (!error)
        return -TP_EEXIST;
    if (error != -TP_ENOENT)
        return error;
    if (place->needs_directory)
        return -TP_ENOENT;
    error = add_links(number, 1);
    return error ? error : directory_add(place->directory, &place->name, number);
}

int32_t fs_link(struct request *request)
{
    struct place from, to;
    uint32_t number, offset;
    int error = begin_at(request, &from);

    if (error)
        return error;
    error = place_find(&from, &number, &offset);
    if (!error)
        error = from.needs_directory ? -TP_ENOTDIR : place_of(request, 1, &to);
    if (!error)
        error = add_name(number, &to);
    return transaction_end(error);
}

/* In a transaction: takes away a link of what a place names, or nothing that may not go; its entry
 * stays. A directory has one link of its name, one of itself, and gives its parent one. */
static int remove_link(const struct place *place, uint32_t number, struct open_inode **ret_inode)
{
    struct tp_disk_inode *inode;
    int error = inode_get(number, &inode);

    if (error)
        return error;
    if (inode->type == TP_TYPE_DIRECTORY) {
        error = number == TP_DISK_ROOT ? -TP_EBUSY : directory_is_empty(number);
        if (!error)
            error = add_links(place->directory, -1);
    } else if (place->needs_directory) {
        error = -TP_ENOTDIR;
    }
    return error ? error : inode_unlink(number, ret_inode);
}

int32_t fs_unlink(struct request *request)
{
    struct open_inode *inode = NULL;
    struct place place;
    uint32_t number, offset;
    int error = begin_at(request, &place);

    if (error)
        return error;
    error = place_find(&place, &number, &offset);
    if (!error && is_dots(&place.name))
        error = -TP_EINVAL;
    if (!error)
        error = directory_set(place.directory, offset, 0);
    if (!error)
        error = remove_link(&place, number, &inode);
    int32_t result = transaction_end(error);
    inode_unlinked(inode, result);
    return result;
}

/* --- Rename
 * -------------------------------------------------------------------------------------------------
 */

/* -TP_EINVAL if directory is inside, or is, the one that is to be moved there. */
static int check_not_inside(uint32_t directory, uint32_t moved)
{
    uint32_t offset;
    int error = 0;

    /* As many steps as there are inodes: on a damaged disk the way may go round. */
    for (uint32_t i = 0; directory != moved && directory != TP_DISK_ROOT; i++) {
        error = i < fs.super.inodes ? directory_find(directory, &dot_dot, &directory, &offset)
                                    : -TP_EIO;
        if (error)
            return error;
    }
    return directory == moved ? -TP_EINVAL : 0;
}

/* Whether what is called so may be replaced by the other. */
static int check_replace(uint32_t old, bool is_directory, uint32_t number)
{
    struct tp_disk_inode *inode;
    int error = inode_get(old, &inode);

    if (error)
        return error;
    if (inode->type != TP_TYPE_DIRECTORY)
        return is_directory ? -TP_ENOTDIR : 0;
    if (!is_directory)
        return -TP_EISDIR;
    return old == number ? 0 : directory_is_empty(old);
}

struct move {
    struct place from, to;
    uint32_t number, offset;         /* what moves, and its old entry */
    uint32_t replaced, other_offset; /* what it replaces, or 0 */
    bool is_directory;
};

/* Finds and checks everything. */
static int look_at_move(struct request *request, struct move *move)
{
    struct tp_disk_inode *inode;
    int error = place_find(&move->from, &move->number, &move->offset);

    if (!error)
        error = place_of(request, 1, &move->to);
    if (!error && (is_dots(&move->from.name) || is_dots(&move->to.name)))
        error = -TP_EINVAL;
    if (!error)
        error = inode_get(move->number, &inode);
    if (error)
        return error;
    move->is_directory = inode->type == TP_TYPE_DIRECTORY;
    if (!move->is_directory && (move->from.needs_directory || move->to.needs_directory))
        return -TP_ENOTDIR;
    error = place_find(&move->to, &move->replaced, &move->other_offset);
    if (error && error != -TP_ENOENT)
        return error;
    if (error)
        move->replaced = 0;
    error = move->is_directory ? check_not_inside(move->to.directory, move->number) : 0;
    if (!error && move->replaced)
        error = check_replace(move->replaced, move->is_directory, move->number);
    return error;
}

/* A directory that moves has another parent. */
static int change_parent(const struct move *move)
{
    uint32_t parent, offset;

    if (!move->is_directory || move->from.directory == move->to.directory)
        return 0;
    int error = directory_find(move->number, &dot_dot, &parent, &offset);
    if (!error)
        error = directory_set(move->number, offset, move->to.directory);
    if (!error)
        error = add_links(move->from.directory, -1);
    return error ? error : add_links(move->to.directory, 1);
}

static int do_move(struct move *move, struct open_inode **ret_replaced)
{
    int error = directory_set(move->from.directory, move->offset, 0);

    if (!error)
        error = change_parent(move);
    if (error)
        return error;
    if (move->replaced == 0)
        return directory_add(move->to.directory, &move->to.name, move->number);
    error = directory_set(move->to.directory, move->other_offset, move->number);
    return error ? error : remove_link(&move->to, move->replaced, ret_replaced);
}

int32_t fs_rename(struct request *request)
{
    struct open_inode *replaced = NULL;
    struct move move;
    int error = begin_at(request, &move.from);

    if (error)
        return error;
    error = look_at_move(request, &move);
    if (!error && move.number != move.replaced)
        error = do_move(&move, &replaced);
    int32_t result = transaction_end(error);
    inode_unlinked(replaced, result);
    return result;
}
