/* The file service on a disk in memory, for its tests. */
#ifndef TESTS_GUESTOS_FS_RIG_H
#define TESTS_GUESTOS_FS_RIG_H

#include "host.h"
#include "mkfs/verify.h"

/* The process that most calls are of. */
#define ME 20u

struct rig {
    uint8_t *disk;
    size_t size;
    unsigned reads, writes;                 /* commands so far */
    unsigned failing_reads, failing_writes; /* as many of the next fail */
    bool is_silent;                         /* commands wait for rig_answer_disk */
    void (*written)(uint32_t sector, const void *data,
                    uint32_t bytes); /* told of each write, before it */
};
extern struct rig rig;

/* A new disk with nothing but the root directory, and the service on it. */
void rig_begin(size_t size, uint32_t inodes);

/* A copy of that disk, and the service on it. */
void rig_use(const uint8_t *disk, size_t size);

/* The service anew on the disk as it is, as after a power cut. */
void rig_mount(void);

/* The test fails if the disk, with what is in the journal, is not in order. Returns how it is. */
struct check_result rig_check(void);

/* Answers the commands that wait. */
void rig_answer_disk(void);

/* Calls as ME, or as the caller that is named. */
int32_t rig_open(const char *path, uint32_t flags);
int32_t rig_close(int32_t descriptor);
int32_t rig_read(int32_t descriptor, void *buffer, size_t bytes);
int32_t rig_write(int32_t descriptor, const void *buffer, size_t bytes);
int32_t rig_seek(int32_t descriptor, int32_t offset, enum tp_seek from);
int32_t rig_truncate(int32_t descriptor, uint32_t bytes);
int32_t rig_path(enum tp_call call, const char *path); /* unlink, mkdir, chdir */
int32_t rig_paths(enum tp_call call, const char *path, const char *other); /* link, rename */
int32_t rig_stat(const char *path, struct tp_stat *ret_stat);

/* Makes a file with that content. */
void rig_put(const char *path, const void *bytes, size_t size);
/* The test fails if the file does not have just that. */
void rig_expect(const char *path, const void *bytes, size_t size);

#endif
