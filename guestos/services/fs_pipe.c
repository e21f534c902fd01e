/*
 * Pipes: bytes that wait in memory between one who writes and one who reads. Whoever has to wait
 * for the other is kept in the pipe's lists, not in a task: it may take for ever.
 */
#include "fs.h"

static uint32_t used_bytes(const struct pipe *pipe)
{
    return pipe->put - pipe->taken;
}

static uint32_t smallest(uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Moves bytes from the pipe to a reader's memory; how many, or an error. */
static int32_t take(struct pipe *pipe, struct request *request)
{
    uint32_t done = 0;

    while (done < request->args[2] && used_bytes(pipe)) {
        uint32_t place = pipe->taken % FS_PIPE_BYTES;
        uint32_t count =
            smallest((uint32_t)request->args[2] - done, used_bytes(pipe), FS_PIPE_BYTES - place);
        int error = tp_copy_out(request, 1, done, pipe->data + place, count);
        if (error)
            return error;
        pipe->taken += count;
        done += count;
    }
    return (int32_t)done;
}

/* Moves bytes from a writer's memory to the pipe, counting them in scratch[0]; 0 or an error. */
static int32_t put(struct pipe *pipe, struct request *request)
{
    while (request->scratch[0] < request->args[2] && used_bytes(pipe) < FS_PIPE_BYTES) {
        uint32_t place = pipe->put % FS_PIPE_BYTES, done = (uint32_t)request->scratch[0];
        uint32_t count = smallest((uint32_t)request->args[2] - done,
                                  FS_PIPE_BYTES - used_bytes(pipe), FS_PIPE_BYTES - place);
        int error = tp_copy_in(request, 1, done, pipe->data + place, count);
        if (error)
            return error;
        pipe->put += count;
        request->scratch[0] += count;
    }
    return 0;
}

/* A result for a writer: the bytes that are through, if any. */
static int32_t written(const struct request *request, int32_t error)
{
    return request->scratch[0] ? (int32_t)request->scratch[0] : error;
}

/* Serves those who wait, as far as that is possible. */
static void go_on(struct pipe *pipe)
{
    for (;;) {
        struct request *reader = pipe->readers.first, *writer = pipe->writers.first;

        if (reader && (used_bytes(pipe) || !pipe->has_writer)) {
            int32_t result = take(pipe, list_take_first(&pipe->readers));
            tp_answer(reader, result);
        } else if (writer && (!pipe->has_reader || used_bytes(pipe) < FS_PIPE_BYTES)) {
            int32_t error = pipe->has_reader ? put(pipe, writer) : -TP_EPIPE;
            if (error || writer->scratch[0] == writer->args[2])
                tp_answer(list_take_first(&pipe->writers), written(writer, error));
        } else {
            return;
        }
    }
}

int32_t pipe_read(struct pipe *pipe, struct request *request)
{
    if (request->args[2] == 0)
        return 0;
    if (used_bytes(pipe) && !pipe->readers.first) {
        int32_t result = take(pipe, request);
        go_on(pipe);
        return result;
    }
    if (!pipe->has_writer)
        return 0;
    list_append(&pipe->readers, request);
    return PARKED;
}

int32_t pipe_write(struct pipe *pipe, struct request *request)
{
    if (!pipe->has_reader)
        return -TP_EPIPE;
    request->scratch[0] = 0;
    /* One after the other, so the bytes of a write are never mixed with another's. */
    list_append(&pipe->writers, request);
    go_on(pipe);
    return PARKED;
}

void pipe_close(struct pipe *pipe, bool is_writer)
{
    if (is_writer)
        pipe->has_writer = false;
    else
        pipe->has_reader = false;
    go_on(pipe);
}

bool pipe_cancel(struct request *request)
{
    for (struct pipe *pipe = fs.pipes; pipe < fs.pipes + FS_PIPES; pipe++) {
        if (list_remove(&pipe->readers, request)) {
            tp_answer(request, -TP_EINTR);
            return true;
        }
        if (list_remove(&pipe->writers, request)) {
            tp_answer(request, written(request, -TP_EINTR));
            return true;
        }
    }
    return false;
}

static struct pipe *find_free(void)
{
    for (struct pipe *pipe = fs.pipes; pipe < fs.pipes + FS_PIPES; pipe++)
        if (!pipe->has_reader && !pipe->has_writer)
            return pipe;
    return NULL;
}

int32_t fs_pipe(struct request *request)
{
    struct pipe *pipe = find_free();
    struct file *reader, *writer;

    if (!pipe)
        return -TP_ENFILE;
    int32_t first = file_reserve(request->caller, &reader);
    if (first < 0)
        return first;
    int32_t second = file_reserve(request->caller, &writer);
    const int32_t both[2] = {first, second};
    int32_t error = second < 0 ? second : tp_copy_out(request, 0, 0, both, sizeof both);
    if (error) {
        file_abandon(request->caller, first);
        if (second >= 0)
            file_abandon(request->caller, second);
        return error;
    }
    pipe->taken = pipe->put = 0;
    pipe->has_reader = pipe->has_writer = true;
    *reader =
        (struct file){.kind = FILE_PIPE_READER, .references = 1, .can_read = true, .pipe = pipe};
    *writer =
        (struct file){.kind = FILE_PIPE_WRITER, .references = 1, .can_write = true, .pipe = pipe};
    return 0;
}
