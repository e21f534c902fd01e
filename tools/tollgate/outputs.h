/*
 * What comes out of a machine while it runs, and what is written of it at the end: console, debug text, sound, screen,
 * disk, input log, snapshot.
 */
#ifndef TOOL_OUTPUTS_H
#define TOOL_OUTPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "setup.h"

struct outputs {
    struct wav_writer *wav; /* NULL: sound is not kept */
    bool has_debug_text;    /* the guest has told something to the person who watches */
    int console_error;      /* errno of the first console write that failed; 0: none */
};

/* Opens what is written while the machine runs. False after printing why. */
bool outputs_begin(struct outputs *outputs, const struct setup *setup);

/* struct tg_host functions; context is the struct outputs. */
void outputs_console(void *outputs, const uint8_t *bytes, size_t count);
void outputs_debug_text(void *outputs, const uint8_t *bytes, size_t count);
void outputs_sound(void *outputs, const int16_t *samples, size_t count, uint32_t rate_hz);

void outputs_flush(struct outputs *outputs);

/* Writes everything that setup asks for at the end. False after printing what could not be written. */
bool outputs_finish(struct outputs *outputs, const struct setup *setup, struct tg_machine *machine);

#endif
