/*
 * What is in files: read, write, lseek, truncate, stat. A read that finds everything in the cache
 * is done at home; a long write is several transactions, each complete on the disk before the next.
 */
#include "fs.h"

static const unsigned char zeros[TP_DISK_BLOCK];

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* --- Read
 * -------------------------------------------------------------------------------------------------
 */

/* Copies part of one block of a file, or of a hole, to the caller. */
static int read_piece(struct request *request, uint32_t number, uint32_t offset,
                      const uint32_t part[2])
{
    struct tp_disk_inode *inode;
    struct buffer *buffer;
    uint32_t block;
    const unsigned char *data = zeros;
    int error = inode_get(number, &inode);

    if (!error)
        error = inode_block(inode, offset / TP_DISK_BLOCK, &block);
    if (error)
        return error;
    if (block) {
        error = cache_get(block, &buffer);
        if (error)
            return error;
        data = buffer->data;
    }
    return tp_copy_out(request, 1, part[0], data + offset % TP_DISK_BLOCK, part[1]);
}

/* Bytes read from an offset on; those before an error count. */
static int32_t read_inode(struct request *request, uint32_t number, uint32_t offset)
{
    struct tp_disk_inode *inode;
    uint32_t done = 0;
    int error = inode_get(number, &inode);

    if (error)
        return error;
    if (offset >= inode->size)
        return 0;
    uint32_t bytes =
        request->args[2] < inode->size - offset ? (uint32_t)request->args[2] : inode->size - offset;
    while (done < bytes) {
        uint32_t count = smaller(TP_DISK_BLOCK - offset % TP_DISK_BLOCK, bytes - done);

        error = read_piece(request, number, offset, (uint32_t[2]){done, count});
        if (error)
            return done && error != WOULD_WAIT ? (int32_t)done : error;
        done += count;
        offset += count;
    }
    return (int32_t)done;
}

static int32_t read_file(struct request *request, struct file *file)
{
    int32_t result = file_enter(file);

    if (result)
        return result;
    result = read_lock();
    if (!result) {
        result = read_inode(request, file->inode->number, file->offset);
        read_unlock();
    }
    if (result > 0)
        file->offset += (uint32_t)result;
    file_leave(file);
    return result;
}

int32_t fs_read(struct request *request)
{
    struct file *file = file_of(request, request->args[0]);

    if (!file || !file->can_read)
        return -TP_EBADF;
    if (request->args[2] > INT32_MAX)
        return -TP_EINVAL;
    if (file->kind == FILE_INODE)
        return read_file(request, file);
    return file->kind == FILE_DEVICE ? device_read(file, request) : pipe_read(file->pipe, request);
}

/* --- Write
 * ------------------------------------------------------------------------------------------------
 */

/* Copies from the caller to part of one block of a file, in a transaction. */
static int write_piece(struct request *request, uint32_t number, uint32_t offset,
                       const uint32_t part[2])
{
    struct tp_disk_inode *inode;
    struct buffer *buffer;
    uint32_t block;
    bool is_new;
    int error = inode_block_to_write(number, offset / TP_DISK_BLOCK, &block, &is_new);

    if (error)
        return error;
    if (part[1] == TP_DISK_BLOCK || is_new)
        buffer = cache_get_new(block, part[1] != TP_DISK_BLOCK);
    else
        error = cache_get(block, &buffer);
    if (error)
        return error;
    will_modify(buffer);
    error = tp_copy_in(request, 1, part[0], buffer->data + offset % TP_DISK_BLOCK, part[1]);
    if (!error)
        error = inode_get(number, &inode);
    if (!error && inode->size < offset + part[1])
        inode->size = offset + part[1];
    return error;
}

/* As much as fits in one transaction, from the done-th byte on; how much, though the disk be full
 * then. */
static int32_t write_some(struct request *request, uint32_t number, uint32_t offset, uint32_t done)
{
    uint32_t bytes = (uint32_t)request->args[2] - done, written = 0;
    int error = offset > TP_DISK_SIZE - smaller(bytes, TP_DISK_BLOCK) ? -TP_EFBIG : 0;

    while (!error && written < bytes && transaction_room() > inode_growth()) {
        uint32_t count = smaller(TP_DISK_BLOCK - offset % TP_DISK_BLOCK, bytes - written);

        if (offset > TP_DISK_SIZE - count)
            break;
        error = write_piece(request, number, offset, (uint32_t[2]){done + written, count});
        if (error)
            break;
        written += count;
        offset += count;
    }
    return written && (!error || error == -TP_ENOSPC) ? (int32_t)written : error;
}

/* One transaction of a write. */
static int32_t write_transaction(struct request *request, struct file *file, uint32_t done)
{
    struct tp_disk_inode *inode;
    uint32_t number = file->inode->number, offset = file->offset;
    int32_t result = transaction_begin();

    if (result)
        return result;
    if (file->is_appending) {
        result = inode_get(number, &inode);
        if (!result)
            offset = inode->size;
    }
    if (!result)
        result = write_some(request, number, offset, done);
    result = transaction_end(result);
    if (result > 0)
        file->offset = offset + (uint32_t)result;
    return result;
}

static int32_t write_file(struct request *request, struct file *file)
{
    uint32_t done = 0;
    int32_t result;

    if (!is_task())
        return WOULD_WAIT;
    file_enter(file);
    do {
        result = write_transaction(request, file, done);
        if (result > 0)
            done += (uint32_t)result;
    } while (result > 0 && done < request->args[2]);
    file_leave(file);
    return done ? (int32_t)done : result;
}

int32_t fs_write(struct request *request)
{
    struct file *file = file_of(request, request->args[0]);

    if (!file || !file->can_write)
        return -TP_EBADF;
    if (request->args[2] > INT32_MAX)
        return -TP_EINVAL;
    if (request->args[2] == 0)
        return 0;
    if (file->kind == FILE_INODE)
        return write_file(request, file);
    return file->kind == FILE_DEVICE ? device_write(file, request)
                                     : pipe_write(file->pipe, request);
}

/* --- Offsets and sizes
 * -------------------------------------------------------------------------------------- */

/* The size of what a file is, under the lock of readers. */
static int32_t size_of(const struct file *file)
{
    struct tp_disk_inode *inode;
    int32_t result = read_lock();

    if (result)
        return result;
    result = inode_get(file->inode->number, &inode);
    if (!result)
        result = (int32_t)inode->size;
    read_unlock();
    return result;
}

int32_t fs_lseek(struct request *request)
{
    struct file *file = file_of(request, request->args[0]);
    int64_t offset = (int32_t)request->args[1];

    if (!file)
        return -TP_EBADF;
    if (file->kind != FILE_INODE)
        return -TP_ESPIPE;
    if (request->args[2] > TP_SEEK_END)
        return -TP_EINVAL;
    int32_t result = file_enter(file);
    if (result)
        return result;
    if (request->args[2] == TP_SEEK_CURRENT)
        result = (int32_t)file->offset;
    else if (request->args[2] == TP_SEEK_END)
        result = size_of(file);
    if (result >= 0) {
        offset += result;
        result = offset < 0 || offset > TP_DISK_SIZE ? -TP_EINVAL : (int32_t)offset;
        if (result >= 0)
            file->offset = (uint32_t)result;
    }
    file_leave(file);
    return result;
}

int32_t fs_truncate(struct request *request)
{
    struct file *file = file_of(request, request->args[0]);

    if (!file || !file->can_write)
        return -TP_EBADF;
    if (file->kind != FILE_INODE || request->args[1] > TP_DISK_SIZE)
        return -TP_EINVAL;
    if (!is_task())
        return WOULD_WAIT;
    file_enter(file);
    int32_t result = transaction_begin();
    if (!result)
        result = transaction_end(inode_resize(file->inode, (uint32_t)request->args[1]));
    file_leave(file);
    return result;
}

/* --- Stat
 * -----------------------------------------------------------------------------------------------------
 */

static int32_t stat_inode(struct request *request, uint32_t number)
{
    struct tp_disk_inode *inode;
    int error = inode_get(number, &inode);

    if (error)
        return error;
    const struct tp_stat stat = {
        .inode = number,
        .type = inode->type,
        .links = inode->links,
        .size = inode->size,
        .device = inode->device,
        .blocks = inode->blocks * TP_DISK_SECTORS,
    };
    return tp_copy_out(request, 1, 0, &stat, sizeof stat);
}

int32_t fs_fstat(struct request *request)
{
    const struct file *file = file_of(request, request->args[0]);

    if (!file)
        return -TP_EBADF;
    if (!file->inode) {
        const struct tp_stat stat = {.type = TP_TYPE_PIPE, .links = 1};
        return tp_copy_out(request, 1, 0, &stat, sizeof stat);
    }
    uint32_t number = file->inode->number;
    int32_t result = read_lock();
    if (!result) {
        result = stat_inode(request, number);
        read_unlock();
    }
    return result;
}

int32_t fs_stat(struct request *request)
{
    char path[TP_PATH_BYTES];
    uint32_t number;
    int32_t result = tp_copy_path(request, 0, path);

    if (result >= 0)
        result = read_lock();
    if (result)
        return result;
    result = path_find(request->caller, path, &number);
    if (!result)
        result = stat_inode(request, number);
    read_unlock();
    return result;
}

/* --- The whole
 * --------------------------------------------------------------------------------------------- */

/* Every write is on the disk when it is answered; this also brings it from the journal to its
 * place. */
int32_t fs_sync(struct request *request)
{
    (void)request;
    int error = transaction_begin();
    return error ? error : transaction_end(fs.logged ? journal_empty() : 0);
}

int32_t fs_statistics(struct request *request)
{
    uint32_t words[5] = {0}, bytes = sizeof words;
    int32_t result = read_lock();

    if (result)
        return result;
    result = count_free(&words[0], &words[1]);
    read_unlock();
    if (result)
        return result;
    for (uint32_t i = 0; i < FS_OPEN_FILES; i++)
        words[2] += fs.files[i].kind != FILE_FREE;
    for (uint32_t i = 0; i < FS_PIPES; i++)
        words[3] += fs.pipes[i].has_reader || fs.pipes[i].has_writer;
    for (uint32_t i = 0; i < FS_OPEN_INODES; i++)
        words[4] += fs.inodes[i].references != 0;
    if (request->args[1] < bytes)
        bytes = (uint32_t)request->args[1];
    return tp_copy_out(request, 0, 0, words, bytes);
}
