/*
 * The file service: brings requests to the operations, in tasks where they have to wait, and makes
 * the disk ready at the start. Its parts: fs.h. Manual: docs/turnpike.md, "Files".
 */
#include "fs.h"

struct fs fs;

/* --- Lists of requests
 * -------------------------------------------------------------------------------- */

void list_append(struct request_list *list, struct request *request)
{
    request->next = NULL;
    if (list->first)
        list->last->next = request;
    else
        list->first = request;
    list->last = request;
}

struct request *list_take_first(struct request_list *list)
{
    struct request *request = list->first;

    if (request)
        list->first = request->next;
    return request;
}

bool list_remove(struct request_list *list, struct request *request)
{
    struct request *before = NULL;

    for (struct request *at = list->first; at; before = at, at = at->next) {
        if (at != request)
            continue;
        if (before)
            before->next = at->next;
        else
            list->first = at->next;
        if (list->last == at)
            list->last = before;
        return true;
    }
    return false;
}

/* --- The lock: many who read the disk's contents, or one who changes them
 * --------------------------------- */

/* In the order in which they came; who is let in wakes the next, who may be able to join. */
static void wait_for_lock(bool is_writer)
{
    bool must_wait = fs.lock_waiting.first != NULL;

    while (must_wait || fs.is_writing || (is_writer && fs.readers)) {
        task_wait_in(&fs.tasks, &fs.lock_waiting);
        must_wait = false;
    }
}

int read_lock_in_task(void)
{
    wait_for_lock(false);
    task_wake_first(&fs.tasks, &fs.lock_waiting, 0);
    if (!fs.mount_error)
        fs.readers++;
    return fs.mount_error;
}

void read_unlock_in_task(void)
{
    if (--fs.readers == 0)
        task_wake_first(&fs.tasks, &fs.lock_waiting, 0);
}

int write_lock(void)
{
    if (!is_task())
        return fs.mount_error && !fs.is_writing ? fs.mount_error : WOULD_WAIT;
    wait_for_lock(true);
    if (fs.mount_error) {
        task_wake_first(&fs.tasks, &fs.lock_waiting, 0);
        return fs.mount_error;
    }
    fs.is_writing = true;
    return 0;
}

void write_unlock(void)
{
    fs.is_writing = false;
    task_wake_first(&fs.tasks, &fs.lock_waiting, 0);
}

/* --- Requests
 * --------------------------------------------------------------------------------------------- */

typedef int32_t operation(struct request *request);

static operation *const operations[TP_CALL_COUNT] = {
    [TP_CALL_OPEN] = fs_open,
    [TP_CALL_READ] = fs_read,
    [TP_CALL_WRITE] = fs_write,
    [TP_CALL_CLOSE] = fs_close,
    [TP_CALL_LSEEK] = fs_lseek,
    [TP_CALL_DUP] = fs_dup,
    [TP_CALL_DUP2] = fs_dup2,
    [TP_CALL_PIPE] = fs_pipe,
    [TP_CALL_FSTAT] = fs_fstat,
    [TP_CALL_STAT] = fs_stat,
    [TP_CALL_LINK] = fs_link,
    [TP_CALL_UNLINK] = fs_unlink,
    [TP_CALL_RENAME] = fs_rename,
    [TP_CALL_MKDIR] = fs_mkdir,
    [TP_CALL_MKNOD] = fs_mknod,
    [TP_CALL_CHDIR] = fs_chdir,
    [TP_CALL_TRUNCATE] = fs_truncate,
    [TP_CALL_SYNC] = fs_sync,
    [TP_CALL_FILE_STATISTICS] = fs_statistics,
    [TP_CALL_CONTROL] = fs_control,
    [TP_CALL_OPEN_PROGRAM] = fs_open_program,
    [TP_CALL_FILE_FORK] = fs_fork,
    [TP_CALL_FILE_EXEC] = fs_exec,
    [TP_CALL_FILE_EXIT] = fs_exit,
};

/* A task's work: requests that could not be served at home, until there are none. */
static void serve_pending(void *argument)
{
    struct request *request;

    (void)argument;
    while ((request = list_take_first(&fs.pending))) {
        int32_t result = operations[request->call](request);
        if (result != PARKED)
            tp_answer(request, result);
    }
}

static void handle(struct request *request)
{
    int32_t result = operations[request->call](request);

    if (result == WOULD_WAIT) {
        list_append(&fs.pending, request);
        task_start(&fs.tasks, serve_pending,
                   NULL); /* none is free: one that is busy will serve it */
    } else if (result != PARKED) {
        tp_answer(request, result);
    }
    tasks_run(&fs.tasks);
}

/* Those in tasks wait for the disk alone, and are soon done. */
static void cancel(struct request *request)
{
    if (!pipe_cancel(request))
        device_cancel(request);
    tasks_run(&fs.tasks);
}

static void answered(uint32_t tag, int32_t result)
{
    if (tag < FS_TASKS) {
        task_answered(&fs.tasks, tag, result);
        return;
    }
    device_answered(tag, result);
    tasks_run(&fs.tasks);
}

/* --- The start
 * ---------------------------------------------------------------------------------------------- */

static int read_superblock(void)
{
    const struct tp_disk_superblock *super =
        (const struct tp_disk_superblock *)(const void *)fs.staging;
    int32_t sectors =
        task_ask(&fs.tasks, TP_SERVICE_FILE, TP_CALL_DISK_INFO, (const tp_word[TP_ARGUMENTS]){0});

    if (sectors < (int32_t)TP_DISK_SECTORS)
        return sectors < 0 ? sectors : -TP_ENXIO;
    int error = disk_transfer(TP_CALL_DISK_READ, 0, fs.staging, 1);
    if (error)
        return error;
    if (!tp_disk_is_sound(super, (uint32_t)sectors / TP_DISK_SECTORS))
        return -TP_ENODEV;
    fs.super = *super;
    return 0;
}

/* The first task: until it is done nobody gets the lock. */
static void mount(void *argument)
{
    (void)argument;
    int error = read_superblock();
    if (!error)
        error = journal_replay();
    if (!error)
        error = inode_free_orphans();
    fs.next_block = fs.super.data;
    fs.next_inode = TP_DISK_ROOT;
    fs.mount_error = transaction_end(error);
}

static void start(void)
{
    tasks_init(&fs.tasks, fs.task_array, FS_TASKS);
    cache_init();
    device_init();
    fs.is_writing = true;
    task_start(&fs.tasks, mount, NULL);
    tasks_run(&fs.tasks);
}

const struct service file_service = {
    .id = TP_SERVICE_FILE,
    .start = start,
    .handle = handle,
    .cancel = cancel,
    .answered = answered,
};
