/*
 * The file service's parts and what each offers the others. From the bottom up: the cache of
 * blocks, the journal that makes changes safe, the maps, inodes, directories; and above them open
 * files, pipes and devices. fs.c brings requests to them. What is on the disk:
 * turnpike/disk_format.h.
 *
 * An operation is first tried at home, without a task (task.h): if all that it needs is in the
 * cache it is done at once. Whatever would wait there returns WOULD_WAIT instead, before anything
 * was changed, and the operation begins again in a task, where it may wait.
 */
#ifndef TURNPIKE_FS_H
#define TURNPIKE_FS_H

#include "task.h"
#include "turnpike/disk_format.h"

/* Results of operations beside those of calls. */
#define WOULD_WAIT     (-1000) /* only at home: a task must do it */
#define PARKED         (-1001) /* the request waits in a list and will be answered from there */

#define FS_TASKS       8u
#define FS_BUFFERS     128u /* blocks in the cache */
#define FS_LOGGED      64u  /* of them those not yet home, at most before a record is added */
#define FS_OPEN_INODES TP_DISK_ORPHANS
#define FS_OPEN_FILES  128u
#define FS_PIPES       32u
#define FS_PIPE_BYTES  4096u /* a power of two */
#define FS_NO_BLOCK    0xffffffffu

struct request_list {
    struct request *first, *last;
};

/* A block in memory. Its contents may be used until the next call that may wait; by the one who
 * changes something, and so is alone, for the next sixteen blocks at least. */
struct buffer {
    uint32_t block;
    struct buffer *chain; /* those of the same hash */
    uint32_t used;        /* fs.uses at the last use */
    uint32_t logged_at;   /* block of the journal that has what is not yet home; 0: all is */
    bool is_valid, is_reading;
    bool is_modified; /* by the transaction under way */
    bool is_escaped;  /* what is at logged_at is */
    unsigned char *data;
};

/* An inode that is open, somebody's current directory, or being freed. Its place in the table is
 * its place among the superblock's orphans. */
struct open_inode {
    uint32_t number, references;
    bool is_unlinked; /* the last reference frees it */
    bool is_orphan;   /* the superblock says so */
};

struct pipe {
    uint32_t taken, put; /* bytes so far; the place is the number modulo the size */
    bool has_reader, has_writer;
    struct request_list readers, writers; /* that wait; args[1] onwards as in read() and write() */
    unsigned char data[FS_PIPE_BYTES];
};

enum file_kind {
    FILE_FREE,
    FILE_RESERVED,
    FILE_INODE,
    FILE_DEVICE,
    FILE_PIPE_READER,
    FILE_PIPE_WRITER
};

/* An open file: what descriptors that came of one open() share. */
struct file {
    enum file_kind kind;
    uint32_t references;
    bool can_read, can_write, is_appending;
    bool is_busy; /* an operation that moves the offset waits */
    struct task_list waiting;
    uint32_t offset, device;
    struct open_inode *inode; /* also of a device */
    struct pipe *pipe;
};

/* What belongs to a process. */
struct process_files {
    uint32_t endpoint;            /* 0: nobody */
    uint32_t close_on_exec;       /* bit n: descriptor n */
    struct open_inode *directory; /* NULL: the root */
    struct file *files[TP_FILES];
};

/* A service behind a device: one transfer at a time, the others wait. */
struct channel {
    enum tp_call call;
    bool is_reading, is_asked;
    uint32_t ticket;
    struct request_list waiting; /* the first one is served */
    unsigned char data[512];
};

enum { CHANNEL_CONSOLE_READ, CHANNEL_CONSOLE_WRITE, CHANNEL_SOUND_WRITE, CHANNELS };

/* A component of a path, or an entry's name: unused bytes are zeros, so words can be compared. */
union name {
    char text[TP_NAME_BYTES];
    uint32_t words[TP_NAME_BYTES / 4];
};

/* All state of the service. */
struct fs {
    struct tp_disk_superblock super;
    int32_t mount_error; /* why there are no files, or 0 */

    struct tasks tasks;
    struct task task_array[FS_TASKS];
    struct request_list pending; /* for tasks */

    /* Readers of the disk's contents, or one who changes them. */
    uint32_t readers;
    bool is_writing;
    struct task_list lock_waiting;

    struct buffer buffers[FS_BUFFERS], *hash[FS_BUFFERS];
    uint32_t uses;                  /* of buffers so far */
    struct task_list cache_waiting; /* for a block that another task reads */

    uint32_t sequence;     /* of the next record */
    uint32_t journal_used; /* blocks of the journal, its first included */
    uint32_t logged;       /* buffers with logged_at */
    uint32_t modified_count;
    struct buffer *modified[TP_DISK_RECORD_BLOCKS];

    uint32_t next_inode, next_block; /* where to look first for a free one */
    struct open_inode inodes[FS_OPEN_INODES];
    struct file files[FS_OPEN_FILES];
    struct process_files processes[TP_PROCESSES];
    struct pipe pipes[FS_PIPES];
    struct channel channels[CHANNELS];

    _Alignas(4) unsigned char blocks[FS_BUFFERS][TP_DISK_BLOCK];
    _Alignas(4) unsigned char staging[(TP_DISK_RECORD_BLOCKS + 1) * TP_DISK_BLOCK];
};

extern struct fs fs;

/* --- fs.c: lists, the lock
 * ------------------------------------------------------------------------ */

void list_append(struct request_list *list, struct request *request);
struct request *list_take_first(struct request_list *list);
bool list_remove(struct request_list *list, struct request *request);

/* Whether this is a task, which may wait. */
static inline bool is_task(void)
{
    return fs.tasks.running != NULL;
}

/* Before and after looking at the disk's contents. 0, WOULD_WAIT, or that there are none. */
int read_lock_in_task(void);
void read_unlock_in_task(void);

static inline int read_lock(void)
{
    if (is_task())
        return read_lock_in_task();
    return fs.is_writing ? WOULD_WAIT : fs.mount_error;
}

static inline void read_unlock(void)
{
    if (is_task())
        read_unlock_in_task();
}

/* The same for who changes them: called by the journal. */
int write_lock(void);
void write_unlock(void);

/* --- fs_cache.c
 * ----------------------------------------------------------------------------------- */

void cache_init(void);

/* Whole blocks from or to the disk, in a task. Tries again before it is an error. */
int disk_transfer(enum tp_call call, uint32_t block, void *memory, uint32_t count);

/* The block in memory, read if it was not there. */
int cache_get(uint32_t block, struct buffer **ret_buffer);

/* The block in memory, where it is to be overwritten whole: with zeros already, or with anything.
 */
struct buffer *cache_get_new(uint32_t block, bool is_zeroed);

/* The block if it is in memory, or NULL. */
struct buffer *cache_find(uint32_t block);

void copy_words(void *to, const void *from, uint32_t bytes);
void clear_words(void *at, uint32_t bytes);

/* --- fs_journal.c
 * --------------------------------------------------------------------------------- */

/* A transaction: all its changes happen, or none. Begun and ended in a task; at home begin says
 * WOULD_WAIT. end commits if result is not an error, else undoes everything; its result, or
 * -TP_EIO. */
int transaction_begin(void);
int32_t transaction_end(int32_t result);

/* Commits what was changed so far, and goes on with a new one under the same lock. After an error
 * nothing has changed since the last one. */
int transaction_commit(void);

/* The buffer is about to be changed. The caller has made sure that there is room. */
void will_modify(struct buffer *buffer);

/* How many more buffers may be changed. */
uint32_t transaction_room(void);

int journal_replay(void);
int journal_empty(void); /* in a transaction: brings everything home */

/* --- fs_map.c
 * ------------------------------------------------------------------------------------- */

int block_allocate(uint32_t *ret_block);
int block_free(uint32_t block);
int inode_allocate(uint32_t *ret_number);
int inode_free(uint32_t number);
int count_free(uint32_t *ret_inodes, uint32_t *ret_blocks);

/* --- fs_inode.c
 * ----------------------------------------------------------------------------------- */

/* The inode in its buffer. */
int inode_get(uint32_t number, struct tp_disk_inode **ret_inode);
int inode_get_to_modify(uint32_t number, struct tp_disk_inode **ret_inode);

/* The block that has a file's block index, or 0. */
int inode_block(const struct tp_disk_inode *inode, uint32_t index, uint32_t *ret_block);

/* The same to write it, in a transaction; allocated if it was not there. Changes at most
 * inode_growth() buffers: inode, two blocks of numbers, and as many of the map as blocks are new.
 */
uint32_t inode_growth(void);
int inode_block_to_write(uint32_t number, uint32_t index, uint32_t *ret_block, bool *ret_is_new);

/* In a transaction, which it may commit: frees what is beyond the inode's size, and with no links
 * the inode itself. */
int inode_trim(struct open_inode *inode);
int inode_resize(struct open_inode *inode, uint32_t size);

/* References. hold: -TP_ENFILE. drop may need a task; at home is_drop_easy says whether not. */
int inode_hold(uint32_t number, struct open_inode **ret_inode);
void inode_drop(struct open_inode *inode);
bool is_drop_easy(const struct open_inode *inode);

/* In a transaction: a link less; ret_inode is held until inode_unlinked, after the commit. */
int inode_unlink(uint32_t number, struct open_inode **ret_inode);
void inode_unlinked(struct open_inode *inode, int32_t result);

int inode_free_orphans(void);

/* --- fs_directory.c
 * ------------------------------------------------------------------------------- */

/* The inode that has the name in a directory, and where its entry is. */
int directory_find(uint32_t directory, const union name *name, uint32_t *ret_number,
                   uint32_t *ret_offset);

/* In a transaction: a new entry; an entry changed, 0 to free it. */
int directory_add(uint32_t directory, const union name *name, uint32_t number);
int directory_set(uint32_t directory, uint32_t offset, uint32_t number);

/* 0, or -TP_ENOTEMPTY. */
int directory_is_empty(uint32_t directory);

/* The directory that a path's last component is in, and that component; needs_directory: there is a
 * slash behind it. */
struct place {
    uint32_t directory;
    union name name;
    bool needs_directory;
};
int path_place(uint32_t caller, const char *path, struct place *ret_place);

/* The inode that a path names. */
int path_find(uint32_t caller, const char *path, uint32_t *ret_number);
bool is_dots(const union name *name); /* . or .. */
void copy_name(union name *to, const union name *from);

/* --- fs_names.c, fs_files.c, fs_data.c, fs_pipe.c, fs_device.c: operations
 * ------------------------- */

int32_t fs_open(struct request *request);
int32_t fs_open_program(struct request *request);
int32_t fs_link(struct request *request);
int32_t fs_unlink(struct request *request);
int32_t fs_rename(struct request *request);
int32_t fs_mkdir(struct request *request);
int32_t fs_mknod(struct request *request);

int32_t fs_close(struct request *request);
int32_t fs_dup(struct request *request);
int32_t fs_dup2(struct request *request);
int32_t fs_chdir(struct request *request);
int32_t fs_fork(struct request *request);
int32_t fs_exec(struct request *request);
int32_t fs_exit(struct request *request);

int32_t fs_read(struct request *request);
int32_t fs_write(struct request *request);
int32_t fs_lseek(struct request *request);
int32_t fs_truncate(struct request *request);
int32_t fs_fstat(struct request *request);
int32_t fs_stat(struct request *request);
int32_t fs_sync(struct request *request);
int32_t fs_statistics(struct request *request);

int32_t fs_pipe(struct request *request);
int32_t pipe_read(struct pipe *pipe, struct request *request);
int32_t pipe_write(struct pipe *pipe, struct request *request);
void pipe_close(struct pipe *pipe, bool is_writer);
bool pipe_cancel(struct request *request);

int32_t fs_control(struct request *request);
void device_init(void);
bool device_exists(uint32_t device); /* enum tp_device */
int32_t device_read(struct file *file, struct request *request);
int32_t device_write(struct file *file, struct request *request);
void device_answered(uint32_t tag, int32_t result);
bool device_cancel(struct request *request);

/* Of fs_files.c, for the others: */

/* What a process has open; NULL: it cannot have anything. */
struct process_files *files_of(uint32_t endpoint);
struct file *file_of(const struct request *request, tp_word descriptor);

/* A descriptor for a new open file, reserved until file_ready or file_abandon; or -TP_EMFILE,
 * -TP_ENFILE. */
int32_t file_reserve(uint32_t endpoint, struct file **ret_file);
void file_abandon(uint32_t endpoint, int32_t descriptor);

/* Around an operation that moves the file's offset or may wait: alone, and the file stays open. */
void file_enter_in_task(struct file *file);
void file_leave_in_task(struct file *file);

static inline int file_enter(struct file *file)
{
    if (is_task())
        file_enter_in_task(file);
    else if (file->is_busy)
        return WOULD_WAIT;
    return 0;
}

static inline void file_leave(struct file *file)
{
    if (is_task())
        file_leave_in_task(file);
}

#endif
