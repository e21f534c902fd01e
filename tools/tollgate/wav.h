/*
 * Sound as a WAV file: 16-bit mono PCM at the rate of the first samples; later rates are resampled to it by repetition.
 */
#ifndef TOOL_WAV_H
#define TOOL_WAV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wav_writer;

/* Creates path. False after printing why. */
bool wav_open(const char *path, struct wav_writer **ret_writer);
void wav_write(struct wav_writer *writer, const int16_t *samples, size_t count, uint32_t rate_hz);

/* Completes the header and frees the writer. False after printing why, if anything could not be written. */
bool wav_close(struct wav_writer *writer, const char *path);

#endif
