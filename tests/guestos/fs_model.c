/* What the file service should do: see fs_model.h. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs_model.h"

uint32_t model_random(uint32_t *random, uint32_t limit)
{
    *random ^= *random << 13;
    *random ^= *random >> 17;
    *random ^= *random << 5;
    return *random % limit;
}

/* --- Operations ---------------------------------------------------------------------- */

/* One to three components: mostly capitals for directories and small letters for files, so that
 * most operations find what they need. */
static void random_path(uint32_t *random, bool is_directory, char *path)
{
    for (uint32_t depth = model_random(random, 3); depth > 0; depth--)
        path += sprintf(path, "/%c", 'A' + (int)model_random(random, 3));
    if (model_random(random, 8) == 0)
        is_directory = !is_directory;
    sprintf(path, "/%c", (is_directory ? 'A' : 'a') + (int)model_random(random, 4));
}

struct operation model_operation(uint32_t *random)
{
    static const uint32_t most_bytes[] = {10, 600, 5000, 20000, 90000};
    /* Writing and naming are more frequent than the rest. */
    static const enum operation_kind kinds[] = {
        OPERATION_WRITE,  OPERATION_WRITE,  OPERATION_WRITE,      OPERATION_TRUNCATE,
        OPERATION_UNLINK, OPERATION_UNLINK, OPERATION_MKDIR,      OPERATION_MKDIR,
        OPERATION_LINK,   OPERATION_RENAME, OPERATION_RENAME,     OPERATION_RENAME,
        OPERATION_HOLD,   OPERATION_HOLD,   OPERATION_WRITE_HELD, OPERATION_LET_GO};
    struct operation operation = {
        .kind = kinds[model_random(random, sizeof kinds / sizeof kinds[0])],
        .offset = model_random(random, 4) ? 0 : model_random(random, 60000),
        .bytes = 1 + model_random(random, most_bytes[model_random(random, 5)]),
        .held = model_random(random, MODEL_HELD)};

    if (operation.kind == OPERATION_WRITE_HELD)
        operation.bytes =
            1 + operation.bytes % 20000; /* one transaction: it has no name to look it up by */
    operation.seed = model_random(random, UINT32_MAX) | 1;
    bool is_directory = operation.kind == OPERATION_MKDIR ||
                        (model_random(random, 3) == 0 && (operation.kind == OPERATION_RENAME ||
                                                          operation.kind == OPERATION_UNLINK));
    random_path(random, is_directory, operation.path);
    random_path(random, is_directory, operation.other);
    return operation;
}

void model_data(const struct operation *operation, uint8_t *bytes)
{
    uint32_t random = operation->seed;

    for (uint32_t i = 0; i < operation->bytes; i++)
        bytes[i] = (uint8_t)model_random(&random, 256);
}

/* --- The tree ------------------------------------------------------------------------- */

void model_init(struct model *model)
{
    memset(model, 0, sizeof *model);
    model->nodes[1] = (struct model_node){.type = TP_TYPE_DIRECTORY, .links = 2};
}

void model_finish(struct model *model)
{
    for (uint32_t i = 0; i < MODEL_NODES; i++)
        free(model->nodes[i].bytes);
}

void model_copy(struct model *to, const struct model *from)
{
    *to = *from;
    for (uint32_t i = 0; i < MODEL_NODES; i++) {
        if (!from->nodes[i].bytes)
            continue;
        to->nodes[i].bytes = malloc(MODEL_BYTES);
        ck_assert_ptr_nonnull(to->nodes[i].bytes);
        memcpy(to->nodes[i].bytes, from->nodes[i].bytes, MODEL_BYTES);
    }
}

static struct model_entry *find_entry(const struct model *model, uint32_t directory,
                                      const char *name)
{
    for (uint32_t i = 0; i < MODEL_ENTRIES; i++) {
        const struct model_entry *entry = &model->entries[i];
        if (entry->directory == directory && strcmp(entry->name, name) == 0)
            return (struct model_entry *)(uintptr_t)entry;
    }
    return NULL;
}

/* The directory of the last component, or an error; its name. */
static int32_t find_place(const struct model *model, const char *path, char name[8])
{
    uint32_t directory = 1;

    for (;;) {
        path++;
        size_t length = strcspn(path, "/");
        memcpy(name, path, length);
        name[length] = 0;
        path += length;
        if (model->nodes[directory].type != TP_TYPE_DIRECTORY)
            return -TP_ENOTDIR;
        if (!*path)
            return (int32_t)directory;
        const struct model_entry *entry = find_entry(model, directory, name);
        if (!entry)
            return -TP_ENOENT;
        directory = entry->node;
    }
}

static int32_t find(const struct model *model, const char *path, struct model_entry **ret_entry)
{
    char name[8];
    int32_t directory = find_place(model, path, name);

    if (directory < 0)
        return directory;
    *ret_entry = find_entry(model, (uint32_t)directory, name);
    return *ret_entry ? (int32_t)(*ret_entry)->node : -TP_ENOENT;
}

int32_t model_find(const struct model *model, const char *path)
{
    struct model_entry *entry;
    return find(model, path, &entry);
}

static bool is_directory(const struct model *model, int32_t node)
{
    return model->nodes[node].type == TP_TYPE_DIRECTORY;
}

static bool is_empty(const struct model *model, int32_t directory)
{
    for (uint32_t i = 0; i < MODEL_ENTRIES; i++)
        if (model->entries[i].directory == (uint32_t)directory)
            return false;
    return true;
}

static void add_entry(struct model *model, int32_t directory, const char *name, int32_t node)
{
    for (uint32_t i = 0; i < MODEL_ENTRIES; i++) {
        struct model_entry *entry = &model->entries[i];
        if (entry->directory)
            continue;
        *entry = (struct model_entry){.directory = (uint32_t)directory, .node = (uint32_t)node};
        strcpy(entry->name, name);
        return;
    }
    ck_abort_msg("the model has too few entries");
}

static int32_t create(struct model *model, const char *path, enum tp_file_type type)
{
    char name[8];
    int32_t directory = find_place(model, path, name);

    for (int32_t i = 2; i < (int32_t)MODEL_NODES; i++) {
        if (model->nodes[i].type)
            continue;
        model->nodes[i] = (struct model_node){.type = type, .links = 1};
        if (type == TP_TYPE_DIRECTORY) {
            model->nodes[i].links++;
            model->nodes[directory].links++;
        }
        add_entry(model, directory, name, i);
        return i;
    }
    ck_abort_msg("the model has too few nodes");
}

/* Frees a node that has neither names nor holders. */
static void collect(struct model *model, uint32_t node)
{
    if (model->nodes[node].links)
        return;
    for (uint32_t i = 0; i < MODEL_HELD; i++)
        if (model->held[i] == node)
            return;
    free(model->nodes[node].bytes);
    model->nodes[node] = (struct model_node){0};
}

/* Takes a name away. */
static void remove_entry(struct model *model, struct model_entry *entry)
{
    uint32_t node = entry->node;

    if (is_directory(model, (int32_t)node)) {
        model->nodes[node].links = 0;
        model->nodes[entry->directory].links--;
    } else {
        model->nodes[node].links--;
    }
    *entry = (struct model_entry){0};
    collect(model, node);
}

/* --- Each operation --------------------------------------------------------------------- */

static void resize(struct model_node *node, uint32_t size)
{
    if (!node->bytes) {
        node->bytes = calloc(1, MODEL_BYTES);
        ck_assert_ptr_nonnull(node->bytes);
    }
    ck_assert(size <= MODEL_BYTES);
    if (size < node->size)
        memset(node->bytes + size, 0, node->size - size);
    node->size = size;
}

static int32_t write_to(struct model_node *node, const struct operation *operation)
{
    static uint8_t data[MODEL_BYTES];
    uint32_t end = operation->offset + operation->bytes;

    model_data(operation, data);
    if (end > node->size)
        resize(node, end);
    if (operation->bytes)
        memcpy(node->bytes + operation->offset, data, operation->bytes);
    return (int32_t)operation->bytes;
}

static int32_t do_write(struct model *model, const struct operation *operation)
{
    int32_t node = model_find(model, operation->path);

    if (node == -TP_ENOENT) {
        char name[8];
        int32_t directory = find_place(model, operation->path, name);
        if (directory < 0)
            return directory;
        node = create(model, operation->path, TP_TYPE_FILE);
    }
    if (node < 0)
        return node;
    return is_directory(model, node) ? -TP_EISDIR : write_to(&model->nodes[node], operation);
}

/* An existing file, to be opened for writing. */
static int32_t find_file(const struct model *model, const char *path)
{
    int32_t node = model_find(model, path);
    return node >= 0 && is_directory(model, node) ? -TP_EISDIR : node;
}

static int32_t do_unlink(struct model *model, const struct operation *operation)
{
    struct model_entry *entry;
    int32_t node = find(model, operation->path, &entry);

    if (node < 0)
        return node;
    if (is_directory(model, node) && !is_empty(model, node))
        return -TP_ENOTEMPTY;
    remove_entry(model, entry);
    return 0;
}

static int32_t do_mkdir(struct model *model, const struct operation *operation)
{
    char name[8];
    int32_t directory = find_place(model, operation->path, name);

    if (directory < 0)
        return directory;
    if (find_entry(model, (uint32_t)directory, name))
        return -TP_EEXIST;
    create(model, operation->path, TP_TYPE_DIRECTORY);
    return 0;
}

static int32_t do_link(struct model *model, const struct operation *operation)
{
    char name[8];
    int32_t node = model_find(model, operation->path);

    if (node < 0)
        return node;
    int32_t directory = find_place(model, operation->other, name);
    if (directory < 0)
        return directory;
    if (is_directory(model, node))
        return -TP_EPERM;
    if (find_entry(model, (uint32_t)directory, name))
        return -TP_EEXIST;
    add_entry(model, directory, name, node);
    model->nodes[node].links++;
    return 0;
}

/* Whether a directory is another one or inside it. */
static bool is_inside(const struct model *model, uint32_t directory, uint32_t other)
{
    while (directory != other && directory != 1)
        for (uint32_t i = 0; i < MODEL_ENTRIES; i++)
            if (model->entries[i].directory && model->entries[i].node == directory) {
                directory = model->entries[i].directory;
                break;
            }
    return directory == other;
}

static int32_t check_replace(const struct model *model, int32_t node, int32_t replaced)
{
    if (!is_directory(model, replaced))
        return is_directory(model, node) ? -TP_ENOTDIR : 0;
    if (!is_directory(model, node))
        return -TP_EISDIR;
    return replaced == node || is_empty(model, replaced) ? 0 : -TP_ENOTEMPTY;
}

static int32_t do_rename(struct model *model, const struct operation *operation)
{
    char name[8];
    struct model_entry *from;
    int32_t node = find(model, operation->path, &from);

    if (node < 0)
        return node;
    int32_t directory = find_place(model, operation->other, name);
    if (directory < 0)
        return directory;
    if (is_directory(model, node) && is_inside(model, (uint32_t)directory, (uint32_t)node))
        return -TP_EINVAL;
    struct model_entry *to = find_entry(model, (uint32_t)directory, name);
    int32_t error = to ? check_replace(model, node, (int32_t)to->node) : 0;
    if (error || (to && (int32_t)to->node == node))
        return error;
    if (to)
        remove_entry(model, to);
    if (is_directory(model, node)) {
        model->nodes[from->directory].links--;
        model->nodes[directory].links++;
    }
    *from = (struct model_entry){0};
    add_entry(model, directory, name, node);
    return 0;
}

static int32_t do_hold(struct model *model, const struct operation *operation)
{
    int32_t node = find_file(model, operation->path);

    if (node < 0 || model->held[operation->held])
        return node < 0 ? node : 0;
    model->held[operation->held] = (uint32_t)node;
    return 0;
}

static int32_t do_let_go(struct model *model, const struct operation *operation)
{
    uint32_t node = model->held[operation->held];

    model->held[operation->held] = 0;
    if (node)
        collect(model, node);
    return 0;
}

int32_t model_do(struct model *model, const struct operation *operation)
{
    int32_t node;

    switch (operation->kind) {
    case OPERATION_WRITE:
        return do_write(model, operation);
    case OPERATION_TRUNCATE:
        node = find_file(model, operation->path);
        if (node >= 0)
            resize(&model->nodes[node], operation->bytes);
        return node < 0 ? node : 0;
    case OPERATION_UNLINK:
        return do_unlink(model, operation);
    case OPERATION_MKDIR:
        return do_mkdir(model, operation);
    case OPERATION_LINK:
        return do_link(model, operation);
    case OPERATION_RENAME:
        return do_rename(model, operation);
    case OPERATION_HOLD:
        return do_hold(model, operation);
    case OPERATION_WRITE_HELD:
        node = (int32_t)model->held[operation->held];
        return node ? write_to(&model->nodes[node], operation) : 0;
    case OPERATION_LET_GO:
        return do_let_go(model, operation);
    case OPERATION_KINDS:
        break;
    }
    ck_abort_msg("no such operation");
}

void model_cut(struct model *model)
{
    for (uint32_t i = 0; i < MODEL_HELD; i++)
        do_let_go(model, &(struct operation){.held = i});
}
