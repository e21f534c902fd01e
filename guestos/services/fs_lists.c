/* What the file service tells the debugger: open files, descriptors, pipes. No code. docs/guest-table.md. */
#include "fs.h"
#include "guest_table.h"

TG_TABLE_NAMES(kinds, "free", "reserved", "file", "device", "pipe reader", "pipe writer");
TG_TABLE_NAMES(pipe_ends, "reader", NULL, NULL, NULL, NULL, NULL, NULL, NULL, "writer");

static const struct tg_guest_field descriptor_fields[] = {
    {.name = "process", .kind = TG_TABLE_KIND_KEY, .place = TG_TABLE_PLACE_OUTER, .size = 4,
     .offsets = {offsetof(struct process_files, endpoint)}, .extra = "processes"},
    TG_TABLE_FIELD_AT("descriptor", TG_TABLE_KIND_NUMBER, TG_TABLE_PLACE_NUMBER, 0, NULL),
    {.name = "file", .kind = TG_TABLE_KIND_POINTER, .size = 4, .extra = "files"},
};

const struct tg_guest_list fs_descriptors_list = {
    .name = "descriptors",
    .meaning = "by which processes name open files",
    .rows = fs.processes,
    .count = TP_PROCESSES,
    .step = sizeof fs.processes[0],
    .inner = offsetof(struct process_files, files),
    .inner_count = TP_FILES,
    .inner_step = sizeof(struct file *),
    .fields = descriptor_fields,
    .field_count = sizeof descriptor_fields / sizeof *descriptor_fields,
    .used = 3,
    .service = TP_SERVICE_FILE + 1,
};

static const struct tg_guest_field file_fields[] = {
    TG_TABLE_FIELD_OF("kind", TG_TABLE_KIND_ENUM, struct file, kind, &kinds),
    TG_TABLE_FIELD("references", TG_TABLE_KIND_NUMBER, struct file, references),
    TG_TABLE_FIELD("can_read", TG_TABLE_KIND_FLAG, struct file, can_read),
    TG_TABLE_FIELD("can_write", TG_TABLE_KIND_FLAG, struct file, can_write),
    TG_TABLE_FIELD("appending", TG_TABLE_KIND_FLAG, struct file, is_appending),
    TG_TABLE_FIELD("busy", TG_TABLE_KIND_FLAG, struct file, is_busy),
    TG_TABLE_FIELD("offset", TG_TABLE_KIND_NUMBER, struct file, offset),
    TG_TABLE_FIELD("device", TG_TABLE_KIND_HEX, struct file, device),
    TG_TABLE_FIELD_VIA("inode", TG_TABLE_KIND_NUMBER, struct file, inode, struct open_inode, number,
                       NULL),
    TG_TABLE_FIELD_OF("pipe", TG_TABLE_KIND_POINTER, struct file, pipe, "pipes"),
};

const struct tg_guest_list fs_files_list = {
    .name = "files",
    .meaning = "what one open() made",
    .rows = fs.files,
    .count = FS_OPEN_FILES,
    .step = sizeof fs.files[0],
    .fields = file_fields,
    .field_count = sizeof file_fields / sizeof *file_fields,
    .used = 1,
    .service = TP_SERVICE_FILE + 1,
};

static const struct tg_guest_field pipe_fields[] = {
    {.name = "open", .kind = TG_TABLE_KIND_BITS, .size = 2,
     .offsets = {offsetof(struct pipe, has_reader)}, .extra = &pipe_ends},
    TG_TABLE_FIELD("taken", TG_TABLE_KIND_NUMBER, struct pipe, taken),
    TG_TABLE_FIELD("put", TG_TABLE_KIND_NUMBER, struct pipe, put),
    TG_TABLE_FIELD_VIA("first_reader", TG_TABLE_KIND_KEY, struct pipe, readers.first,
                       struct request, caller, "processes"),
    TG_TABLE_FIELD_VIA("first_writer", TG_TABLE_KIND_KEY, struct pipe, writers.first,
                       struct request, caller, "processes"),
};

_Static_assert(offsetof(struct pipe, has_writer) == offsetof(struct pipe, has_reader) + 1,
               "both ends are read at once");

const struct tg_guest_list fs_pipes_list = {
    .name = "pipes",
    .meaning = "bytes that went in and out; who waits first",
    .rows = fs.pipes,
    .count = FS_PIPES,
    .step = sizeof fs.pipes[0],
    .fields = pipe_fields,
    .field_count = sizeof pipe_fields / sizeof *pipe_fields,
    .used = 1,
    .service = TP_SERVICE_FILE + 1,
};
