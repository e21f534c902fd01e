/*
 * Random operations on the file service, each compared with a simple model (fs_model.h); then the
 * same with a power cut at every write of the disk: completed operations are kept, the one under
 * way has happened or not, and the disk is in order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs_model.h"
#include "fs_rig.h"
#include "services/fs.h"

#define DISK_BYTES ((size_t)8 << 20)

static int32_t held[MODEL_HELD]; /* descriptors */
static uint8_t data[MODEL_BYTES], found[MODEL_BYTES];

/* --- An operation on the service -------------------------------------------------------- */

static int32_t write_at(int32_t descriptor, const struct operation *operation)
{
    model_data(operation, data);
    rig_seek(descriptor, (int32_t)operation->offset, TP_SEEK_SET);
    return rig_write(descriptor, data, operation->bytes);
}

static int32_t with_file(const struct operation *operation, uint32_t flags)
{
    int32_t descriptor = rig_open(operation->path, TP_OPEN_BOTH | flags);
    int32_t result;

    if (descriptor < 0)
        return descriptor;
    if (operation->kind == OPERATION_WRITE)
        result = write_at(descriptor, operation);
    else
        result = rig_truncate(descriptor, operation->bytes);
    ck_assert_int_eq(rig_close(descriptor), 0);
    return result;
}

static int32_t hold(const struct operation *operation)
{
    int32_t descriptor = rig_open(operation->path, TP_OPEN_BOTH);

    if (descriptor < 0)
        return descriptor;
    if (held[operation->held] >= 0)
        return rig_close(descriptor);
    held[operation->held] = descriptor;
    return 0;
}

static int32_t let_go(const struct operation *operation)
{
    int32_t descriptor = held[operation->held];
    held[operation->held] = -1;
    return descriptor < 0 ? 0 : rig_close(descriptor);
}

static int32_t do_operation(const struct operation *operation)
{
    switch (operation->kind) {
    case OPERATION_WRITE:
        return with_file(operation, TP_OPEN_CREATE);
    case OPERATION_TRUNCATE:
        return with_file(operation, 0);
    case OPERATION_UNLINK:
        return rig_path(TP_CALL_UNLINK, operation->path);
    case OPERATION_MKDIR:
        return rig_path(TP_CALL_MKDIR, operation->path);
    case OPERATION_LINK:
        return rig_paths(TP_CALL_LINK, operation->path, operation->other);
    case OPERATION_RENAME:
        return rig_paths(TP_CALL_RENAME, operation->path, operation->other);
    case OPERATION_HOLD:
        return hold(operation);
    case OPERATION_WRITE_HELD:
        return held[operation->held] < 0 ? 0 : write_at(held[operation->held], operation);
    case OPERATION_LET_GO:
        return let_go(operation);
    case OPERATION_KINDS:
        break;
    }
    ck_abort_msg("no such operation");
}

/* --- The whole tree compared -------------------------------------------------------------- */

static bool is_same_file(const struct model_node *node, const char *path)
{
    int32_t descriptor = rig_open(path, TP_OPEN_READ);
    if (descriptor < 0)
        return false;
    int32_t size = rig_read(descriptor, found, sizeof found);
    rig_close(descriptor);
    return size == (int32_t)node->size &&
           (size == 0 || memcmp(found, node->bytes, node->size) == 0);
}

static bool is_same_tree(const struct model *model, uint32_t directory, const char *path);

/* One name that the disk has. */
static bool is_same_entry(const struct model *model, uint32_t directory, const char *path,
                          const char *name)
{
    char child[80];
    struct tp_stat stat;

    for (uint32_t i = 0; i < MODEL_ENTRIES; i++) {
        const struct model_entry *entry = &model->entries[i];
        const struct model_node *node = &model->nodes[entry->node];

        if (entry->directory != directory || strcmp(entry->name, name) != 0)
            continue;
        snprintf(child, sizeof child, "%s/%s", path, name);
        if (rig_stat(child, &stat) != 0 || stat.type != (uint32_t)node->type ||
            stat.links != node->links)
            return false;
        return node->type == TP_TYPE_DIRECTORY ? is_same_tree(model, entry->node, child)
                                               : is_same_file(node, child);
    }
    return false;
}

static bool is_same_tree(const struct model *model, uint32_t directory, const char *path)
{
    struct tp_directory_entry entries[TP_DISK_ENTRIES];
    uint32_t count = 0;
    bool is_same = true;
    int32_t descriptor = rig_open(*path ? path : "/", TP_OPEN_READ);

    for (uint32_t i = 0; i < MODEL_ENTRIES; i++)
        count += model->entries[i].directory == directory;
    while (is_same && rig_read(descriptor, entries, sizeof entries) > 0)
        for (uint32_t i = 0; i < TP_DISK_ENTRIES && is_same; i++) {
            if (!entries[i].inode || strcmp(entries[i].name, ".") == 0 ||
                strcmp(entries[i].name, "..") == 0)
                continue;
            count--;
            is_same = is_same_entry(model, directory, path, entries[i].name);
        }
    rig_close(descriptor);
    return is_same && count == 0;
}

static void begin(struct model *model)
{
    rig_begin(DISK_BYTES, 300);
    model_init(model);
    for (uint32_t i = 0; i < MODEL_HELD; i++)
        held[i] = -1;
}

/* One operation on both. */
static void step(struct model *model, const struct operation *operation, unsigned number)
{
    int32_t expected = model_do(model, operation), result = do_operation(operation);

    /* Which of two errors is told is open where there are two paths. */
    if (expected < 0 && result < 0 && operation->kind == OPERATION_LINK)
        return;
    ck_assert_msg(expected == result, "operation %u, kind %d %s %s %u %u: %d, but should be %d",
                  number, (int)operation->kind, operation->path, operation->other,
                  operation->offset, operation->bytes, result, expected);
}

static void run(uint32_t seed, unsigned operations)
{
    static struct model model;
    begin(&model);
    for (unsigned i = 0; i < operations; i++) {
        struct operation operation = model_operation(&seed);
        step(&model, &operation, i);
        if (i % 100 == 99) {
            ck_assert_msg(is_same_tree(&model, 1, ""), "another tree after operation %u", i);
            rig_check();
        }
    }
    for (uint32_t i = 0; i < MODEL_HELD; i++)
        let_go(&(struct operation){.held = i});
    model_cut(&model);
    ck_assert_uint_eq(rig_check().orphans, 0);
    rig_mount();
    ck_assert(is_same_tree(&model, 1, ""));
    model_finish(&model);
}

START_TEST(random_operations_are_as_in_the_model)
{
    for (uint32_t seed = 1; seed <= 8; seed++)
        run(seed * 7919, 1500);
}
END_TEST

/* --- Power cuts ------------------------------------------------------------------------------ */

#define OPERATIONS  2500u
#define MOST_WRITES 6000u

/* All writes of a run, in order. */
static struct {
    uint32_t sector, bytes;
    uint8_t *data;
} writes[MOST_WRITES];
static unsigned write_count;

static void note_write(uint32_t sector, const void *bytes, uint32_t count)
{
    ck_assert_uint_lt(write_count, MOST_WRITES);
    writes[write_count].sector = sector;
    writes[write_count].bytes = count;
    writes[write_count].data = malloc(count);
    ck_assert_ptr_nonnull(writes[write_count].data);
    memcpy(writes[write_count++].data, bytes, count);
}

static void forget_writes(unsigned first)
{
    while (write_count > first)
        free(writes[--write_count].data);
}

/* Carries out a write, or only its first sectors. */
static void apply_write(uint8_t *disk, unsigned i, uint32_t bytes)
{
    memcpy(disk + (size_t)writes[i].sector * 512, writes[i].data,
           bytes < writes[i].bytes ? bytes : writes[i].bytes);
}

/* How many bytes of a write that was cut are in the file. */
static uint32_t written_part(const struct operation *operation)
{
    int32_t descriptor = rig_open(operation->path, TP_OPEN_READ);
    int32_t size = rig_read(descriptor, found, sizeof found);
    uint32_t part = 0;

    rig_close(descriptor);
    model_data(operation, data);
    while (part < operation->bytes && (int32_t)(operation->offset + part) < size &&
           found[operation->offset + part] == data[part])
        part++;
    return part;
}

/* Whether the disk is as after some part of an operation on the model before it. */
static bool is_partly_done(const struct model *before, const struct operation *operation)
{
    static struct model model;
    struct operation part = *operation;

    if (operation->kind == OPERATION_WRITE && rig_stat(operation->path, &(struct tp_stat){0}) == 0)
        part.bytes = written_part(operation);
    model_copy(&model, before);
    if (part.bytes == 0)
        part.offset = 0; /* made, but nothing written */
    model_do(&model, &part);
    model_cut(&model);
    bool is_same = is_same_tree(&model, 1, "");
    model_finish(&model);
    return is_same;
}

static bool is_untouched(const struct model *before)
{
    static struct model model;

    model_copy(&model, before);
    model_cut(&model);
    bool is_same = is_same_tree(&model, 1, "");
    model_finish(&model);
    return is_same;
}

/* The disk as a power cut left it is mounted and looked at; then what still works is tried. */
static void recover(const struct model *before, const struct operation *operation, unsigned cut)
{
    rig_mount();
    ck_assert_msg(is_untouched(before) || is_partly_done(before, operation),
                  "cut at write %u, in an operation of kind %d on %s: the files are others", cut,
                  (int)operation->kind, operation->path);
    ck_assert_uint_eq(rig_check().orphans, 0);
    rig_put("/after", "power", 5);
    rig_expect("/after", "power", 5);
}

/* The same, but the power is cut again, at a write of the recovery itself. */
static void recover_twice(const struct model *before, const struct operation *operation,
                          unsigned cut)
{
    static uint8_t torn[DISK_BYTES];
    unsigned first = write_count;

    memcpy(torn, rig.disk, DISK_BYTES);
    rig.written = note_write;
    rig_mount();
    rig.written = NULL;
    unsigned count = write_count - first, done = count ? cut % count : 0;
    memcpy(rig.disk, torn, DISK_BYTES);
    for (unsigned i = 0; i < done; i++)
        apply_write(rig.disk, first + i, UINT32_MAX);
    if (done < count)
        apply_write(rig.disk, first + done, 512 * (cut % 3));
    forget_writes(first);
    recover(before, operation, cut);
}

/* Where each operation's writes end. */
static unsigned ends[OPERATIONS];
static struct operation operations[OPERATIONS];

static void record(uint32_t seed, uint8_t *disk)
{
    static struct model model;

    begin(&model);
    memcpy(disk, rig.disk, DISK_BYTES);
    rig.written = note_write;
    for (unsigned i = 0; i < OPERATIONS; i++) {
        operations[i] = model_operation(&seed);
        step(&model, &operations[i], i);
        ends[i] = write_count;
    }
    model_finish(&model);
}

/* Cuts the power at each write of a run from a seed on that is first modulo every. (CUT_STEP: meson.build) */
static void cut_everywhere(uint32_t seed, unsigned first, unsigned every)
{
    static uint8_t disk[DISK_BYTES];
    static struct model model;
    unsigned operation = 0;

    record(seed, disk);
    model_init(&model);
    for (unsigned cut = 0; cut < write_count; cut++) {
        for (; ends[operation] <= cut; operation++)
            model_do(&model, &operations[operation]);
        if (cut % every == first) {
            memcpy(rig.disk, disk, DISK_BYTES);
            rig.written = NULL;
            seed = seed * 1664525 + 1013904223;
            apply_write(rig.disk, cut, (seed >> 16) % (writes[cut].bytes / 512) * 512);
            if (cut % 5 == 0)
                recover_twice(&model, &operations[operation], cut);
            else
                recover(&model, &operations[operation], cut);
        }
        apply_write(disk, cut, UINT32_MAX);
    }
    printf("%u operations, %u writes, cut at every %uth\n", OPERATIONS, write_count, every);
    model_finish(&model);
    forget_writes(0);
}

START_TEST(a_power_cut_keeps_what_was_completed_1)
{
    cut_everywhere(12345, 0, CUT_STEP);
}
END_TEST

START_TEST(a_power_cut_keeps_what_was_completed_2)
{
    cut_everywhere(99991, 1, 3 * CUT_STEP);
}
END_TEST

/* --- Errors of the disk ------------------------------------------------------------------------
 */

/* Operations fail where the disk does, and have then changed nothing, or a part of a long write. */
START_TEST(errors_of_the_disk_at_random_damage_nothing)
{
    static struct model model, before;
    uint32_t seed = 4711;
    unsigned failed = 0;

    begin(&model);
    for (unsigned i = 0; i < 600; i++) {
        struct operation operation = model_operation(&seed);
        if (operation.kind == OPERATION_HOLD)
            continue;
        model_copy(&before, &model);
        int32_t expected = model_do(&model, &operation);
        unsigned *faults = model_random(&seed, 2) ? &rig.failing_writes : &rig.failing_reads;
        *faults = model_random(&seed, 3) == 0 ? 4 * (1 + model_random(&seed, 3)) : 0;
        int32_t result = do_operation(&operation);
        rig.failing_writes = rig.failing_reads = 0;
        if (result != expected && result != -TP_EPERM) {
            failed += result == -TP_EIO;
            ck_assert_msg(is_untouched(&before) || is_partly_done(&before, &operation),
                          "operation %u, kind %d on %s, gave %d", i, (int)operation.kind,
                          operation.path, result);
            bool is_done = !is_untouched(&before);
            model_finish(&model);
            if (is_done) /* the rest of a long write failed: not to be followed further */
                break;
            model_copy(&model, &before);
        }
        model_finish(&before);
        if (i % 50 == 0)
            rig_check();
    }
    rig_check();
    ck_assert_uint_gt(failed, 0);
}
END_TEST

HOST_MAIN("fs-model", random_operations_are_as_in_the_model, a_power_cut_keeps_what_was_completed_1,
          a_power_cut_keeps_what_was_completed_2, errors_of_the_disk_at_random_damage_nothing)
