/* See wav.h. */
#include "wav.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_BYTES 44
#define DEFAULT_RATE 44100 /* of a file without a sample */

/* Sound beyond 1 GiB, more than an hour and a half at the highest rate, is dropped: a guest cannot fill the host's disk. */
#define MOST_SAMPLES (UINT32_C(1) << 29)

struct wav_writer {
    FILE *stream;
    uint32_t rate_hz;
    uint32_t samples;
    uint64_t phase; /* of resampling: output samples owed, in units of 1 / rate of the input */
};

static void put(uint8_t *at, uint32_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static bool header_write(const struct wav_writer *writer)
{
    uint8_t header[HEADER_BYTES];
    uint32_t rate = writer->rate_hz != 0 ? writer->rate_hz : DEFAULT_RATE, bytes = writer->samples * 2;
    memcpy(header, "RIFF....WAVEfmt ", 16);
    put(header + 4, bytes + HEADER_BYTES - 8, 4);
    put(header + 16, 16, 4); /* length of the format chunk */
    put(header + 20, 1, 2);  /* PCM */
    put(header + 22, 1, 2);  /* channels */
    put(header + 24, rate, 4);
    put(header + 28, rate * 2, 4); /* bytes a second */
    put(header + 32, 2, 2);        /* bytes a frame */
    put(header + 34, 16, 2);       /* bits a sample */
    memcpy(header + 36, "data", 4);
    put(header + 40, bytes, 4);
    return fwrite(header, 1, sizeof header, writer->stream) == sizeof header;
}

bool wav_open(const char *path, struct wav_writer **ret_writer)
{
    struct wav_writer *writer = calloc(1, sizeof *writer);
    if (writer != NULL)
        writer->stream = fopen(path, "wb");
    if (writer == NULL || writer->stream == NULL || !header_write(writer)) {
        fprintf(stderr, "tollgate: sound file %s: %s\n", path, strerror(errno));
        if (writer != NULL && writer->stream != NULL)
            fclose(writer->stream);
        free(writer);
        return false;
    }
    *ret_writer = writer;
    return true;
}

void wav_write(struct wav_writer *writer, const int16_t *samples, size_t count, uint32_t rate_hz)
{
    if (rate_hz == 0)
        return;
    if (writer->rate_hz == 0)
        writer->rate_hz = rate_hz;
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[2];
        put(bytes, (uint16_t)samples[i], 2);
        for (writer->phase += writer->rate_hz; writer->phase >= rate_hz; writer->phase -= rate_hz)
            if (writer->samples < MOST_SAMPLES && fwrite(bytes, 1, 2, writer->stream) == 2)
                writer->samples++;
    }
}

bool wav_close(struct wav_writer *writer, const char *path)
{
    if (writer->samples == MOST_SAMPLES)
        fprintf(stderr, "tollgate: sound file %s: what came after 1 GiB of sound was left out\n", path);
    bool is_written = !ferror(writer->stream) && fseek(writer->stream, 0, SEEK_SET) == 0 && header_write(writer);
    if (fclose(writer->stream) != 0)
        is_written = false;
    if (!is_written)
        fprintf(stderr, "tollgate: sound file %s: %s\n", path, strerror(errno));
    free(writer);
    return is_written;
}
