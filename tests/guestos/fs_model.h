/*
 * What the file service should do, as simply as possible: a tree of files in memory. Operations are
 * made of numbers alone, so that a run can be repeated from its numbers.
 */
#ifndef TESTS_GUESTOS_FS_MODEL_H
#define TESTS_GUESTOS_FS_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "turnpike/abi.h"

#define MODEL_NODES   200u
#define MODEL_ENTRIES 400u
#define MODEL_BYTES   150000u /* of a file */
#define MODEL_HELD    4u      /* files held open */

struct model_node {
    enum tp_file_type type; /* 0: free */
    uint32_t links;         /* names; of a directory also . and those of its children's .. */
    uint32_t size;
    uint8_t *bytes; /* MODEL_BYTES, or NULL while there are none */
};

struct model_entry {
    uint32_t directory, node; /* directory 0: free */
    char name[8];
};

struct model {
    struct model_node nodes[MODEL_NODES]; /* 1: the root */
    struct model_entry entries[MODEL_ENTRIES];
    uint32_t held[MODEL_HELD]; /* node, or 0 */
};

enum operation_kind {
    OPERATION_WRITE, /* opens or creates, writes at an offset */
    OPERATION_TRUNCATE,
    OPERATION_UNLINK,
    OPERATION_MKDIR,
    OPERATION_LINK,
    OPERATION_RENAME,
    OPERATION_HOLD, /* opens a file and keeps it open */
    OPERATION_WRITE_HELD,
    OPERATION_LET_GO,
    OPERATION_KINDS
};

struct operation {
    enum operation_kind kind;
    char path[40], other[40];
    uint32_t offset, bytes, seed, held;
};

void model_init(struct model *model);
void model_finish(struct model *model);
void model_copy(struct model *to, const struct model *from);

/* A random operation, of a namespace so small that names meet often. */
struct operation model_operation(uint32_t *random);

/* The bytes that an operation writes. */
void model_data(const struct operation *operation, uint8_t *bytes);

/* Does it; the result that the service should give. */
int32_t model_do(struct model *model, const struct operation *operation);

/* After a power cut: nobody holds anything. */
void model_cut(struct model *model);

/* The node of a path, or the negative of an error. */
int32_t model_find(const struct model *model, const char *path);

/* A number below limit. */
uint32_t model_random(uint32_t *random, uint32_t limit);

#endif
