/* See outputs.h. */
#include "outputs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wav.h"

bool outputs_begin(struct outputs *outputs, const struct setup *setup)
{
    *outputs = (struct outputs){.wav = NULL};
    return setup->wav_file == NULL || wav_open(setup->wav_file, &outputs->wav);
}

void outputs_console(void *context, const uint8_t *bytes, size_t count)
{
    struct outputs *outputs = context;
    if (fwrite(bytes, 1, count, stdout) != count && outputs->console_error == 0)
        outputs->console_error = errno;
}

/* Debug text is for the person who watches, not part of what the guest prints. */
void outputs_debug_text(void *context, const uint8_t *bytes, size_t count)
{
    struct outputs *outputs = context;
    outputs->has_debug_text = true;
    fflush(stdout);
    fwrite(bytes, 1, count, stderr);
}

void outputs_sound(void *context, const int16_t *samples, size_t count, uint32_t rate_hz)
{
    struct outputs *outputs = context;
    if (outputs->wav != NULL)
        wav_write(outputs->wav, samples, count, rate_hz);
}

void outputs_flush(struct outputs *outputs)
{
    if (fflush(stdout) != 0 && outputs->console_error == 0)
        outputs->console_error = errno;
}

/* The text display as lines without trailing spaces. */
static bool screen_write(const struct tg_machine *machine, const char *path)
{
    char text[TG_SCREEN_ROWS * (TG_SCREEN_COLUMNS + 1)];
    size_t used = 0;
    for (uint32_t row = 0; row < TG_SCREEN_ROWS; row++) {
        size_t end = used;
        for (uint32_t column = 0; column < TG_SCREEN_COLUMNS; column++) {
            uint8_t character = tg_machine_screen_cell(machine, row, column, NULL);
            text[used++] = character >= 0x20 && character < 0x7f ? (char)character : character == 0 ? ' ' : '?';
            if (text[used - 1] != ' ')
                end = used;
        }
        text[end] = '\n';
        used = end + 1;
    }
    if (strcmp(path, "-") == 0)
        return fwrite(text, 1, used, stdout) == used && fflush(stdout) == 0;
    return file_write("screen file", path, text, used);
}

/* Puts the blocks that the guest changed into the image file, in place. */
static bool disk_write(const struct setup *setup, const struct tg_machine *machine)
{
    uint8_t block[4096];
    FILE *stream = fopen(setup->disk, "r+b");
    bool is_written = stream != NULL;
    for (size_t at = 0; is_written && at < setup->disk_image.size; at += sizeof block) {
        size_t left = setup->disk_image.size - at, size = left < sizeof block ? left : sizeof block;
        is_written = tg_machine_disk_read(machine, at, block, size) == TG_OK;
        if (is_written && memcmp(block, setup->disk_image.bytes + at, size) != 0)
            is_written = fseeko(stream, (off_t)at, SEEK_SET) == 0 && fwrite(block, 1, size, stream) == size;
    }
    if (stream != NULL && fclose(stream) != 0)
        is_written = false;
    if (!is_written)
        fprintf(stderr, "tollgate: disk image %s: %s\n", setup->disk, strerror(errno));
    return is_written;
}

static bool log_write(const struct tg_machine *machine, const char *path)
{
    char *text;
    size_t length;
    if (tg_machine_log_save(machine, &text, &length) != TG_OK) {
        fprintf(stderr, "tollgate: input log %s: not enough memory\n", path);
        return false;
    }
    bool is_written = file_write("input log", path, text, length);
    free(text);
    return is_written;
}

static bool snapshot_write(struct tg_machine *machine, const char *path)
{
    void *bytes;
    size_t size;
    if (tg_machine_save(machine, &bytes, &size) != TG_OK) {
        fprintf(stderr, "tollgate: snapshot %s: not enough memory\n", path);
        return false;
    }
    bool is_written = file_write("snapshot", path, bytes, size);
    free(bytes);
    return is_written;
}

bool outputs_finish(struct outputs *outputs, const struct setup *setup, struct tg_machine *machine)
{
    bool is_written = outputs->console_error == 0;
    if (!is_written)
        fprintf(stderr, "tollgate: standard output: console text was lost: %s\n", strerror(outputs->console_error));
    if (outputs->wav != NULL)
        is_written = wav_close(outputs->wav, setup->wav_file) && is_written;
    outputs->wav = NULL;
    if (setup->screen_file != NULL)
        is_written = screen_write(machine, setup->screen_file) && is_written;
    if (setup->is_disk_written)
        is_written = disk_write(setup, machine) && is_written;
    if (setup->record_file != NULL)
        is_written = log_write(machine, setup->record_file) && is_written;
    if (setup->save_file != NULL)
        is_written = snapshot_write(machine, setup->save_file) && is_written;
    return is_written;
}
