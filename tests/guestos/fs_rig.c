/* The file service on a disk in memory: see fs_rig.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs_rig.h"
#include "mkfs/image.h"
#include "services/fs.h"

struct rig rig;

static struct request_list waiting;

/* --- Disk ------------------------------------------------------------------------------ */

static bool take(unsigned *count)
{
    return *count && (*count)--;
}

static void transfer(struct request *request)
{
    size_t at = request->args[0] * 512;
    uint32_t bytes = (uint32_t)request->args[3];
    bool is_write = request->call == TP_CALL_DISK_WRITE;

    ck_assert(bytes && bytes <= 65536);
    if (at + bytes > rig.size) { /* as the driver answers; only a damaged disk leads there */
        tp_answer(request, -TP_EINVAL);
        return;
    }
    if (take(is_write ? &rig.failing_writes : &rig.failing_reads)) {
        tp_answer(request, -TP_EIO);
        return;
    }
    if (is_write) {
        if (rig.written)
            rig.written((uint32_t)request->args[0], (const void *)request->args[2], bytes);
        rig.writes++;
        tp_answer(request, tp_copy_in(request, 2, 0, rig.disk + at, bytes));
    } else {
        rig.reads++;
        tp_answer(request, tp_copy_out(request, 2, 0, rig.disk + at, bytes));
    }
}

static void disk(struct request *request)
{
    if (request->call == TP_CALL_DISK_INFO)
        tp_answer(request, (int32_t)(rig.size / 512));
    else if (rig.is_silent)
        list_append(&waiting, request);
    else
        transfer(request);
}

void rig_answer_disk(void)
{
    struct request *request;
    while ((request = list_take_first(&waiting)))
        transfer(request);
    host_run();
}

void rig_begin(size_t size, uint32_t inodes)
{
    struct image image;
    const char *why = image_create(&image, size, inodes);
    ck_assert_msg(!why, "%s", why);
    free(rig.disk);
    rig = (struct rig){.disk = image.bytes, .size = image.size};
    rig_mount();
}

void rig_use(const uint8_t *bytes, size_t size)
{
    free(rig.disk);
    rig = (struct rig){.disk = malloc(size), .size = size};
    ck_assert_ptr_nonnull(rig.disk);
    memcpy(rig.disk, bytes, size);
    rig_mount();
}

void rig_mount(void)
{
    waiting = (struct request_list){0};
    host_begin();
    host_set_service(TP_SERVICE_DISK, disk);
    host_place(&file_service, &fs, sizeof fs);
    host_run();
}

static void print_finding(void *context, const char *line)
{
    (void)context;
    fprintf(stderr, "%s\n", line);
}

struct check_result rig_check(void)
{
    struct check_result result;
    uint8_t *copy = malloc(rig.size);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, rig.disk, rig.size);
    ck_assert_int_eq(image_check(copy, rig.size, print_finding, NULL, &result), 0);
    free(copy);
    ck_assert_msg(result.findings == 0, "%u findings", result.findings);
    return result;
}

/* --- Calls ----------------------------------------------------------------------------- */

int32_t rig_open(const char *path, uint32_t flags)
{
    return HOST(ME, OPEN, (tp_word)path, flags);
}

int32_t rig_close(int32_t descriptor)
{
    return HOST(ME, CLOSE, (tp_word)descriptor);
}

int32_t rig_read(int32_t descriptor, void *buffer, size_t bytes)
{
    return HOST(ME, READ, (tp_word)descriptor, (tp_word)buffer, bytes);
}

int32_t rig_write(int32_t descriptor, const void *buffer, size_t bytes)
{
    return HOST(ME, WRITE, (tp_word)descriptor, (tp_word)buffer, bytes);
}

int32_t rig_seek(int32_t descriptor, int32_t offset, enum tp_seek from)
{
    return HOST(ME, LSEEK, (tp_word)descriptor, (tp_word)offset, from);
}

int32_t rig_truncate(int32_t descriptor, uint32_t bytes)
{
    return HOST(ME, TRUNCATE, (tp_word)descriptor, bytes);
}

int32_t rig_path(enum tp_call call, const char *path)
{
    return host_wait(ME, call, (const tp_word[TP_ARGUMENTS]){(tp_word)path});
}

int32_t rig_paths(enum tp_call call, const char *path, const char *other)
{
    return host_wait(ME, call, (const tp_word[TP_ARGUMENTS]){(tp_word)path, (tp_word)other});
}

int32_t rig_stat(const char *path, struct tp_stat *ret_stat)
{
    return HOST(ME, STAT, (tp_word)path, (tp_word)ret_stat);
}

void rig_put(const char *path, const void *bytes, size_t size)
{
    int32_t descriptor = rig_open(path, TP_OPEN_WRITE | TP_OPEN_CREATE | TP_OPEN_TRUNCATE);
    ck_assert_msg(descriptor >= 0, "%s: %d", path, descriptor);
    ck_assert_int_eq(rig_write(descriptor, bytes, size), (int32_t)size);
    ck_assert_int_eq(rig_close(descriptor), 0);
}

void rig_expect(const char *path, const void *bytes, size_t size)
{
    int32_t descriptor = rig_open(path, TP_OPEN_READ);
    uint8_t *found = malloc(size + 1);
    ck_assert_msg(descriptor >= 0, "%s: %d", path, descriptor);
    ck_assert_int_eq(rig_read(descriptor, found, size + 1), (int32_t)size);
    ck_assert_mem_eq(found, bytes, size);
    ck_assert_int_eq(rig_read(descriptor, found, 1), 0);
    ck_assert_int_eq(rig_close(descriptor), 0);
    free(found);
}
