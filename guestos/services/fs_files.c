/*
 * Open files and who has them: descriptors, what fork, exec and exit do with them, and each
 * process's current directory.
 */
#include "fs.h"

/* --- Processes
 * ---------------------------------------------------------------------------------------- */

static bool has_nothing(const struct process_files *files)
{
    if (files->directory)
        return false;
    for (uint32_t i = 0; i < TP_FILES; i++)
        if (files->files[i])
            return false;
    return true;
}

struct process_files *files_of(uint32_t endpoint)
{
    uint32_t slot = TP_ENDPOINT_SLOT(endpoint);
    struct process_files *files = &fs.processes[slot];

    if (slot >= TP_PROCESSES)
        return NULL;
    if (files->endpoint == endpoint)
        return files;
    /* The first call of a new process. Its predecessor's files were closed when it ended. */
    if (!has_nothing(files))
        return NULL;
    files->endpoint = endpoint;
    files->close_on_exec = 0;
    return files;
}

struct file *file_of(const struct request *request, tp_word descriptor)
{
    const struct process_files *files = files_of(request->caller);
    struct file *file = files && descriptor < TP_FILES ? files->files[descriptor] : NULL;

    return file && file->kind != FILE_RESERVED ? file : NULL;
}

/* --- Open files
 * ----------------------------------------------------------------------------------------- */

/* The lowest free descriptor from first on, or -TP_EMFILE. */
static int32_t free_descriptor(const struct process_files *files, uint32_t first)
{
    for (uint32_t i = first; i < TP_FILES; i++)
        if (!files->files[i])
            return (int32_t)i;
    return -TP_EMFILE;
}

int32_t file_reserve(uint32_t endpoint, struct file **ret_file)
{
    struct process_files *files = files_of(endpoint);
    int32_t descriptor = files ? free_descriptor(files, 0) : -TP_ESRCH;

    if (descriptor < 0)
        return descriptor;
    for (struct file *file = fs.files; file < fs.files + FS_OPEN_FILES; file++) {
        if (file->kind != FILE_FREE)
            continue;
        *file = (struct file){.kind = FILE_RESERVED, .references = 1};
        files->files[descriptor] = file;
        files->close_on_exec &= ~(1u << descriptor);
        *ret_file = file;
        return descriptor;
    }
    return -TP_ENFILE;
}

/* Whether letting go of a file needs no disk. */
static bool is_file_drop_easy(const struct file *file)
{
    return !file || file->references > 1 || is_drop_easy(file->inode);
}

static void file_drop(struct file *file)
{
    if (--file->references)
        return;
    enum file_kind kind = file->kind;
    struct open_inode *inode = file->inode;
    struct pipe *pipe = file->pipe;

    *file = (struct file){.kind = FILE_FREE};
    if (kind == FILE_PIPE_READER || kind == FILE_PIPE_WRITER)
        pipe_close(pipe, kind == FILE_PIPE_WRITER);
    inode_drop(inode);
}

/* Frees a descriptor; it is free before the file is let go, which may take time. */
static void close_descriptor(struct process_files *files, uint32_t descriptor)
{
    struct file *file = files->files[descriptor];

    files->files[descriptor] = NULL;
    files->close_on_exec &= ~(1u << descriptor);
    if (file)
        file_drop(file);
}

void file_abandon(uint32_t endpoint, int32_t descriptor)
{
    close_descriptor(files_of(endpoint), (uint32_t)descriptor);
}

void file_enter_in_task(struct file *file)
{
    file->references++;
    while (file->is_busy)
        task_wait_in(&fs.tasks, &file->waiting);
    file->is_busy = true;
}

void file_leave_in_task(struct file *file)
{
    file->is_busy = false;
    task_wake_first(&fs.tasks, &file->waiting, 0);
    file_drop(file);
}

/* --- Calls
 * ------------------------------------------------------------------------------------------------
 */

int32_t fs_close(struct request *request)
{
    const struct file *file = file_of(request, request->args[0]);

    if (!file)
        return -TP_EBADF;
    if (!is_task() && !is_file_drop_easy(file))
        return WOULD_WAIT;
    close_descriptor(files_of(request->caller), (uint32_t)request->args[0]);
    return 0;
}

int32_t fs_dup(struct request *request)
{
    struct process_files *files = files_of(request->caller);
    struct file *file = file_of(request, request->args[0]);
    int32_t descriptor = file ? free_descriptor(files, 0) : -TP_EBADF;

    if (descriptor >= 0) {
        file->references++;
        files->files[descriptor] = file;
    }
    return descriptor;
}

int32_t fs_dup2(struct request *request)
{
    struct process_files *files = files_of(request->caller);
    struct file *file = file_of(request, request->args[0]);
    uint32_t descriptor = (uint32_t)request->args[1];

    if (!file || request->args[1] >= TP_FILES)
        return -TP_EBADF;
    struct file *old = files->files[descriptor];
    if (old == file)
        return (int32_t)descriptor;
    if (old && old->kind == FILE_RESERVED)
        return -TP_EBUSY;
    if (!is_task() && !is_file_drop_easy(old))
        return WOULD_WAIT;
    file->references++;
    files->files[descriptor] = file;
    files->close_on_exec &= ~(1u << descriptor);
    if (old)
        file_drop(old);
    return (int32_t)descriptor;
}

/* The directory that a path names, held; NULL for the root. */
static int find_directory(struct request *request, struct open_inode **ret_inode)
{
    char path[TP_PATH_BYTES];
    struct tp_disk_inode *inode;
    uint32_t number;
    int error = tp_copy_path(request, 0, path);

    if (error >= 0)
        error = path_find(request->caller, path, &number);
    if (!error)
        error = inode_get(number, &inode);
    if (error)
        return error;
    if (inode->type != TP_TYPE_DIRECTORY)
        return -TP_ENOTDIR;
    *ret_inode = NULL;
    return number == TP_DISK_ROOT ? 0 : inode_hold(number, ret_inode);
}

int32_t fs_chdir(struct request *request)
{
    struct process_files *files = files_of(request->caller);
    struct open_inode *inode;

    if (!files)
        return -TP_ESRCH;
    if (!is_task() && !is_drop_easy(files->directory))
        return WOULD_WAIT;
    int error = read_lock();
    if (error)
        return error;
    error = find_directory(request, &inode);
    read_unlock();
    if (error)
        return error;
    struct open_inode *old = files->directory;
    files->directory = inode;
    inode_drop(old);
    return 0;
}

int32_t fs_fork(struct request *request)
{
    const struct process_files *parent = files_of((uint32_t)request->args[0]);
    struct process_files *child = files_of((uint32_t)request->args[1]);

    if (!parent || !child || child == parent || !has_nothing(child))
        return -TP_EINVAL;
    child->close_on_exec = parent->close_on_exec;
    child->directory = parent->directory;
    if (child->directory)
        child->directory->references++;
    for (uint32_t i = 0; i < TP_FILES; i++) {
        struct file *file = parent->files[i];

        if (file && file->kind != FILE_RESERVED) {
            file->references++;
            child->files[i] = file;
        }
    }
    return 0;
}

/* Closes the descriptors of a mask; at home only if all are easy. */
static int32_t close_some(struct process_files *files, uint32_t mask)
{
    for (uint32_t i = 0; i < TP_FILES && !is_task(); i++)
        if (mask >> i & 1 && !is_file_drop_easy(files->files[i]))
            return WOULD_WAIT;
    for (uint32_t i = 0; i < TP_FILES; i++)
        if (mask >> i & 1)
            close_descriptor(files, i);
    return 0;
}

int32_t fs_exec(struct request *request)
{
    struct process_files *files = files_of((uint32_t)request->args[0]);
    return files ? close_some(files, files->close_on_exec) : -TP_ESRCH;
}

int32_t fs_exit(struct request *request)
{
    struct process_files *files = files_of((uint32_t)request->args[0]);

    if (!files)
        return -TP_ESRCH;
    struct open_inode *directory = files->directory;
    if (!is_task() && !is_drop_easy(directory))
        return WOULD_WAIT;
    int32_t result = close_some(files, UINT32_MAX);
    if (result)
        return result;
    files->directory = NULL;
    inode_drop(directory);
    files->endpoint = 0;
    return 0;
}
