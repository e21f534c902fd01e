/*
 * player: plays a tune with the sound device's square wave (tones), as samples that it computes
 * itself (samples), or with both together, an octave apart. With `player &` music goes on while
 * other programs run: it waits for time or for the driver, and needs the CPU for little else.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "turnpike.h"
#include "user.h"

#define EIGHTH_MS 125u
#define RATE      22050u
#define VOLUME    90u  /* of tones, of 255 */
#define LOUDNESS  9000 /* of samples, of 32767 */

enum { C = 262, D = 294, E = 330, F = 349, G = 392, A = 440, LOW_G = 196 };

/* Frère Jacques: Hz, and how many eighths long. */
static const struct note {
    uint16_t hertz, eighths;
} tune[] = {
    {C, 2}, {D, 2}, {E, 2}, {C, 2}, {C, 2}, {D, 2},     {E, 2}, {C, 2}, {E, 2},     {F, 2}, {G, 4},
    {E, 2}, {F, 2}, {G, 4}, {G, 1}, {A, 1}, {G, 1},     {F, 1}, {E, 2}, {C, 2},     {G, 1}, {A, 1},
    {G, 1}, {F, 1}, {E, 2}, {C, 2}, {C, 2}, {LOW_G, 2}, {C, 4}, {C, 2}, {LOW_G, 2}, {C, 4},
};

static bool has_tones, has_samples;

/* Writes a note as a triangle wave that fades away. */
static int write_samples(const struct note *note, unsigned ms)
{
    static int16_t samples[1024];
    const unsigned all = RATE * ms / 1000;
    const uint32_t step = (uint32_t)(((uint64_t)note->hertz << 32) / RATE);
    uint32_t phase = 0;
    unsigned count = 0;

    for (unsigned i = 0; i < all; i++, phase += step) {
        int32_t triangle = (int32_t)(phase >> 16 < 0x8000 ? phase >> 16 : 0xffff - (phase >> 16));
        int32_t loudness = (int32_t)(LOUDNESS * (all - i) / all);

        samples[count++] = (int16_t)((triangle - 0x4000) * loudness / 0x4000);
        if (count < sizeof samples / sizeof samples[0] && i + 1 < all)
            continue;
        if (tp_sound_write(samples, count * sizeof samples[0]) < 0)
            return -1;
        count = 0;
    }
    return 0;
}

/* Samples set the pace when there are any: the driver takes them as fast as they are played. */
static int play(const struct note *note)
{
    unsigned ms = note->eighths * EIGHTH_MS;

    if (has_tones && tp_tone(note->hertz * (has_samples ? 2u : 1u), VOLUME, ms * 7 / 8) < 0)
        return -1;
    if (has_samples)
        return write_samples(note, ms);
    return tp_sleep_ms(ms);
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "both";

    has_tones = strcmp(how, "samples") != 0;
    has_samples = strcmp(how, "tones") != 0;
    if (argc > 2 || (has_tones && has_samples && strcmp(how, "both") != 0))
        return user_usage("player [tones|samples|both]");
    if (has_samples)
        tp_sound_rate(RATE); /* EBUSY: another one plays, and has set it for us */
    for (unsigned i = 0; i < sizeof tune / sizeof tune[0]; i++)
        if (play(&tune[i]) < 0)
            return user_fail("player", "sound");
    return 0;
}
