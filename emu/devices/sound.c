/*
 * Sound: samples from a buffer in RAM and a square wave, mixed in blocks that end at exact virtual
 * times. Manual: docs/devices.md section 13.
 */
#include "bus/bus.h"
#include "core/ram.h"
#include "devices/rate.h"

#define BLOCK_SAMPLES    256
#define MAX_LENGTH       65536u
#define MIN_RATE         1000u
#define MAX_RATE         48000u
#define MAX_FREQUENCY    24000u
#define MAX_VOLUME       255u
#define VOLUME_AMPLITUDE 128 /* of a square wave, for one step of VOLUME */

#define SOUNDING         (TG_MASK(SOUND_CONTROL_PCM) | TG_MASK(SOUND_CONTROL_SQUARE))
#define CONTROL_MASK     (SOUNDING | TG_MASK(SOUND_CONTROL_INTERRUPT))

/* block_...: the block being played. buffer_...: the buffer as it was when PCM began. */
#define TG_SOUND_STATE(V, A)                                                                       \
    V(uint8_t, control, CONTROL_MASK)                                                              \
    V(uint8_t, has_half, 1)                                                                        \
    V(uint8_t, is_second, 1)                                                                       \
    V(uint8_t, has_error, 1)                                                                       \
    V(uint8_t, is_refused, 1)                                                                      \
    V(uint32_t, address, UINT32_MAX)                                                               \
    V(uint32_t, length, MAX_LENGTH)                                                                \
    V(uint32_t, rate, MAX_RATE)                                                                    \
    V(uint32_t, frequency, MAX_FREQUENCY)                                                          \
    V(uint32_t, volume, MAX_VOLUME)                                                                \
    V(uint8_t, block_control, CONTROL_MASK) /* what sounds in it */                                \
    V(uint16_t, block_samples, BLOCK_SAMPLES)                                                      \
    V(uint32_t, block_rate, MAX_RATE)                                                              \
    V(uint64_t, block_end, UINT64_MAX) /* time; TG_NEVER: no block */                              \
    V(uint32_t, tick_rest, MAX_RATE)   /* of the division that gave block_end */                   \
    V(uint32_t, buffer_address, UINT32_MAX)                                                        \
    V(uint32_t, buffer_length, MAX_LENGTH)                                                         \
    V(uint32_t, position, MAX_LENGTH) /* in the buffer, of the block */                            \
    V(uint32_t, phase, UINT32_MAX)    /* of the square wave, 2^32 a period */

TG_STATE_STRUCT(tg_sound, TG_SOUND_STATE);

#define TG_FIELD_TAG tg_sound
TG_STATE_FIELDS(tg_sound, TG_SOUND_STATE);

static void update_line(struct tg_machine *machine, const struct tg_sound *s)
{
    tg_bus_set_line(machine, TG_SOURCE_SOUND,
                    s->has_half && TG_GET(SOUND_CONTROL_INTERRUPT, s->control));
}

static void reset(struct tg_machine *machine, void *state)
{
    (void)machine;
    *(struct tg_sound *)state = (struct tg_sound){.rate = 22050,
                                                  .frequency = 440,
                                                  .volume = 64,
                                                  .block_rate = MIN_RATE,
                                                  .block_end = TG_NEVER};
}

static uint32_t read_register(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t port)
{
    (void)machine;
    (void)cpu;
    const struct tg_sound *s = state;
    switch (port) {
    case TG_PORT_SOUND_CONTROL:
        return s->control;
    case TG_PORT_SOUND_STATUS:
        return TG_PUT(SOUND_STATUS_PLAYING, s->block_end != TG_NEVER) |
               TG_PUT(SOUND_STATUS_HALF, s->has_half) | TG_PUT(SOUND_STATUS_SECOND, s->is_second) |
               TG_PUT(SOUND_STATUS_ERROR, s->has_error) |
               TG_PUT(SOUND_STATUS_REFUSED, s->is_refused);
    case TG_PORT_SOUND_ADDRESS:
        return s->address;
    case TG_PORT_SOUND_LENGTH:
        return s->length;
    case TG_PORT_SOUND_RATE:
        return s->rate;
    case TG_PORT_SOUND_POSITION:
        return s->position;
    case TG_PORT_SOUND_FREQUENCY:
        return s->frequency;
    default: /* VOLUME */
        return s->volume;
    }
}

/* --- Blocks ---------------------------------------------------------------------------------- */

static bool is_pcm(uint8_t control)
{
    return TG_GET(SOUND_CONTROL_PCM, control) != 0;
}

/* A snapshot may claim any state, so a block does not rely on earlier checks of the buffer. */
static bool is_buffer(const struct tg_machine *machine, uint32_t paddr, uint32_t length,
                      uint32_t position)
{
    return length >= 4 && length % 4 == 0 && position < length && position % 2 == 0 &&
           tg_ram_contains(&machine->ram, paddr, length);
}

/* Samples from position to the end of its half of the buffer, at most a block. */
static uint32_t samples_to_boundary(const struct tg_sound *s)
{
    uint32_t half = s->buffer_length / 2;
    uint32_t boundary = s->position < half ? half : s->buffer_length;
    uint32_t samples = (boundary - s->position) / 2;
    return samples < BLOCK_SAMPLES ? samples : BLOCK_SAMPLES;
}

/* Begins the block that starts at time, with the settings of now; none if nothing is to sound. */
static void begin_block(const struct tg_machine *machine, struct tg_sound *s, uint64_t time)
{
    if (is_pcm(s->control) && !is_pcm(s->block_control)) {
        s->buffer_address = s->address;
        s->buffer_length = s->length;
        s->position = 0;
    }
    if (is_pcm(s->control) &&
        !is_buffer(machine, s->buffer_address, s->buffer_length, s->position)) {
        s->has_error = 1;
        s->control &= (uint8_t)~TG_MASK(SOUND_CONTROL_PCM);
    }
    if (s->block_rate != s->rate || s->block_end == TG_NEVER)
        s->tick_rest = 0;
    s->block_control = (uint8_t)(s->control & SOUNDING);
    s->block_rate = s->rate < MIN_RATE ? MIN_RATE : s->rate;
    s->block_end = TG_NEVER;
    if (!s->block_control)
        return;
    uint32_t samples = is_pcm(s->block_control) ? samples_to_boundary(s) : BLOCK_SAMPLES;
    uint64_t ticks = (uint64_t)samples * TG_TICKS_A_SECOND + s->tick_rest;
    s->block_samples = (uint16_t)samples;
    uint64_t end = time + ticks / s->block_rate;
    s->block_end = end > time ? end : TG_NEVER; /* the clock's end */
    s->tick_rest = (uint32_t)(ticks % s->block_rate);
}

static void advance_position(struct tg_machine *machine, struct tg_sound *s)
{
    uint32_t half = s->buffer_length / 2;
    s->position += 2u * s->block_samples;
    if (s->position != half && s->position != s->buffer_length)
        return;
    s->has_half = 1;
    s->is_second = s->position == s->buffer_length;
    s->position %= s->buffer_length;
    update_line(machine, s);
}

static int16_t mix(int32_t first, int32_t second)
{
    int32_t sum = first + second;
    if (sum > INT16_MAX)
        return INT16_MAX;
    return (int16_t)(sum < INT16_MIN ? INT16_MIN : sum);
}

static void add_square(struct tg_sound *s, int16_t *samples)
{
    int32_t amplitude = (int32_t)s->volume * VOLUME_AMPLITUDE;
    uint32_t step = (uint32_t)(((uint64_t)s->frequency << 32) / s->block_rate);
    for (uint32_t i = 0; i < s->block_samples; i++) {
        samples[i] = mix(samples[i], s->phase >> 31 ? -amplitude : amplitude);
        s->phase += step;
    }
}

/* The samples of the block being played. A block made up by a snapshot, of no buffer, is silent. */
static void take_samples(struct tg_machine *machine, struct tg_sound *s, int16_t *samples)
{
    uint8_t bytes[2 * BLOCK_SAMPLES];
    if (!is_buffer(machine, s->buffer_address, s->buffer_length, s->position) ||
        s->block_samples > samples_to_boundary(s))
        return;
    tg_bus_dma_read(machine, TG_DEVICE_SOUND, s->buffer_address + s->position, bytes,
                    2u * s->block_samples);
    for (uint32_t i = 0; i < s->block_samples; i++)
        samples[i] = (int16_t)(uint16_t)(bytes[2 * i] | bytes[2 * i + 1] << 8);
    advance_position(machine, s);
}

static void end_block(struct tg_machine *machine, struct tg_sound *s)
{
    int16_t samples[BLOCK_SAMPLES] = {0};
    if (is_pcm(s->block_control))
        take_samples(machine, s, samples);
    if (TG_GET(SOUND_CONTROL_SQUARE, s->block_control))
        add_square(s, samples);
    if (machine->host.sound && s->block_samples)
        machine->host.sound(machine->host.context, samples, s->block_samples, s->block_rate);
}

static uint64_t deadline(const struct tg_machine *machine, const void *state)
{
    (void)machine;
    const struct tg_sound *s = state;
    return s->block_end;
}

/* With several CPUs, or after a snapshot that claims strange times, the time may be past the end of
 * many blocks. Those that are more than a second late are not played. */
static void run_deadline(struct tg_machine *machine, void *state, uint64_t now)
{
    struct tg_sound *s = state;
    if (now - s->block_end > TG_TICKS_A_SECOND)
        s->block_end = now;
    if (s->block_rate < MIN_RATE)
        s->block_rate = MIN_RATE;
    while (s->block_end <= now) {
        uint64_t end = s->block_end;
        end_block(machine, s);
        begin_block(machine, s, end);
    }
}

/* --- Registers ------------------------------------------------------------------------------- */

static void write_control(struct tg_machine *machine, struct tg_sound *s, uint32_t value)
{
    s->control = (uint8_t)(value & CONTROL_MASK);
    if (s->block_end == TG_NEVER && s->control & SOUNDING) {
        begin_block(machine, s, tg_machine_now(machine));
        tg_bus_deadline_changed(machine);
    }
}

static void write_status(struct tg_sound *s, uint32_t value)
{
    s->has_half &= !TG_GET(SOUND_STATUS_HALF, value);
    s->has_error &= !TG_GET(SOUND_STATUS_ERROR, value);
    s->is_refused &= !TG_GET(SOUND_STATUS_REFUSED, value);
}

/* Writes value to a register that takes [low, high]. */
static void write_bounded(struct tg_sound *s, uint32_t *reg, uint32_t value, uint32_t low,
                          uint32_t high)
{
    if (value < low || value > high)
        s->is_refused = 1;
    else
        *reg = value;
}

static void write_register(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t port,
                           uint32_t value)
{
    (void)cpu;
    struct tg_sound *s = state;
    switch (port) {
    case TG_PORT_SOUND_CONTROL:
        write_control(machine, s, value);
        break;
    case TG_PORT_SOUND_STATUS:
        write_status(s, value);
        break;
    case TG_PORT_SOUND_ADDRESS:
        s->address = value;
        break;
    case TG_PORT_SOUND_LENGTH:
        write_bounded(s, &s->length, value, value % 4 ? UINT32_MAX : 4, MAX_LENGTH);
        break;
    case TG_PORT_SOUND_RATE:
        write_bounded(s, &s->rate, value, MIN_RATE, MAX_RATE);
        break;
    case TG_PORT_SOUND_FREQUENCY:
        write_bounded(s, &s->frequency, value, 1, MAX_FREQUENCY);
        break;
    default: /* VOLUME */
        write_bounded(s, &s->volume, value, 0, MAX_VOLUME);
        break;
    }
    update_line(machine, s);
}

const struct tg_device_operations tg_sound_operations = {
    .state_bytes = sizeof(struct tg_sound),
    .reset = reset,
    .read = read_register,
    .write = write_register,
    .deadline = deadline,
    .run_deadline = run_deadline,
    .is_endless = true,
};
