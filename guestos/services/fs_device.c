/*
 * Devices as files: the console and sound, which other services drive, and null and zero. What a
 * driver is asked for goes through a channel: one transfer at a time, through the channel's own
 * memory, while the other requests wait in its list. None of them occupies a task, because the
 * console may wait for a person.
 */
#include "fs.h"

/* Tags of tp_ask: tasks have those below. */
#define FIRST_TAG  FS_TASKS
#define CANCEL_TAG (FS_TASKS + CHANNELS)

static const struct channel channel_rows[CHANNELS] = {
    [CHANNEL_CONSOLE_READ] = {.call = TP_CALL_TERMINAL_READ, .is_reading = true},
    [CHANNEL_CONSOLE_WRITE] = {.call = TP_CALL_TERMINAL_WRITE},
    [CHANNEL_SOUND_WRITE] = {.call = TP_CALL_SOUND_WRITE},
};

void device_init(void)
{
    for (uint32_t i = 0; i < CHANNELS; i++) {
        fs.channels[i].call = channel_rows[i].call;
        fs.channels[i].is_reading = channel_rows[i].is_reading;
    }
}

bool device_exists(uint32_t device)
{
    return device >= TP_DEVICE_CONSOLE && device <= TP_DEVICE_ZERO;
}

/* scratch[0] of a request counts the bytes that are through. */
static uint32_t bytes_left(const struct request *request)
{
    return (uint32_t)(request->args[2] - request->scratch[0]);
}

static void finish(struct channel *channel, int32_t error)
{
    struct request *request = list_take_first(&channel->waiting);
    tp_answer(request, request->scratch[0] ? (int32_t)request->scratch[0] : error);
}

/* Asks the driver for the next piece of the first request. */
static void go_on(struct channel *channel)
{
    while (channel->waiting.first && !channel->is_asked) {
        struct request *request = channel->waiting.first;
        uint32_t bytes = bytes_left(request);
        int error = 0;

        if (bytes > sizeof channel->data)
            bytes = sizeof channel->data;
        if (!channel->is_reading)
            error = tp_copy_in(request, 1, (uint32_t)request->scratch[0], channel->data, bytes);
        if (error) {
            finish(channel, error);
            continue;
        }
        const tp_word args[TP_ARGUMENTS] = {(tp_word)channel->data, bytes, ++channel->ticket};
        channel->is_asked = true;
        tp_ask(TP_SERVICE_FILE, channel->call, args, FIRST_TAG + (uint32_t)(channel - fs.channels));
    }
}

/* The driver has answered for the first request. */
void device_answered(uint32_t tag, int32_t result)
{
    if (tag == CANCEL_TAG)
        return;
    struct channel *channel = &fs.channels[tag - FIRST_TAG];
    struct request *request = channel->waiting.first;

    channel->is_asked = false;
    if (result > 0 && channel->is_reading) {
        int error = tp_copy_out(request, 1, 0, channel->data, (uint32_t)result);
        result = error ? error : result;
    }
    if (result > 0)
        request->scratch[0] += (uint32_t)result;
    if (result <= 0 || channel->is_reading || bytes_left(request) == 0)
        finish(channel, result);
    go_on(channel);
}

static int32_t transfer(struct channel *channel, struct request *request)
{
    if (request->args[2] == 0)
        return 0;
    request->scratch[0] = 0;
    list_append(&channel->waiting, request);
    go_on(channel);
    return PARKED;
}

static int32_t read_zeros(struct request *request)
{
    static const unsigned char zeros[512];
    uint32_t bytes = (uint32_t)request->args[2];

    for (uint32_t done = 0; done < bytes;) {
        uint32_t count = bytes - done < sizeof zeros ? bytes - done : (uint32_t)sizeof zeros;
        int error = tp_copy_out(request, 1, done, zeros, count);
        if (error)
            return error;
        done += count;
    }
    return (int32_t)bytes;
}

int32_t device_read(struct file *file, struct request *request)
{
    switch (file->device) {
    case TP_DEVICE_CONSOLE:
        return transfer(&fs.channels[CHANNEL_CONSOLE_READ], request);
    case TP_DEVICE_NULL:
        return 0;
    case TP_DEVICE_ZERO:
        return read_zeros(request);
    default:
        return -TP_ENXIO;
    }
}

int32_t device_write(struct file *file, struct request *request)
{
    switch (file->device) {
    case TP_DEVICE_CONSOLE:
        return transfer(&fs.channels[CHANNEL_CONSOLE_WRITE], request);
    case TP_DEVICE_SOUND:
        return transfer(&fs.channels[CHANNEL_SOUND_WRITE], request);
    case TP_DEVICE_NULL:
    case TP_DEVICE_ZERO:
        return (int32_t)request->args[2];
    default:
        return -TP_ENXIO;
    }
}

/* One that the driver already knows of is answered when the driver has: at once if it only reads,
 * because the read is called off. */
bool device_cancel(struct request *request)
{
    for (struct channel *channel = fs.channels; channel < fs.channels + CHANNELS; channel++) {
        if (channel->waiting.first == request && channel->is_asked) {
            const tp_word args[TP_ARGUMENTS] = {channel->ticket};
            if (channel->is_reading)
                tp_ask(TP_SERVICE_FILE, TP_CALL_TERMINAL_CANCEL, args, CANCEL_TAG);
            return true;
        }
        if (list_remove(&channel->waiting, request)) {
            tp_answer(request, -TP_EINTR);
            return true;
        }
    }
    return false;
}

int32_t fs_control(struct request *request)
{
    const struct file *file = file_of(request, request->args[0]);

    if (!file)
        return -TP_EBADF;
    if (file->kind != FILE_DEVICE)
        return -TP_ENOTTY;
    return request->args[1] == TP_CONTROL_DEVICE ? (int32_t)file->device : -TP_EINVAL;
}
