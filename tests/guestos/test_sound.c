/*
 * Tests of the sound service (guestos/services/sound.c), against a stand-in for the device that
 * plays its blocks as docs/devices.md section 13 says, and keeps what was heard.
 */
#include <string.h>

#include "bus/ports.h"
#include "host.h"

#define BLOCK_BYTES 512u
#define RATE        22050u

static struct {
    uint8_t ring[8192];
    uint32_t control, rate, frequency, volume, position;
    bool is_pcm; /* the block that is being played has samples */
    bool is_playing, has_half, has_error;
    uint8_t heard[1u << 20];
    size_t heard_bytes;
} device;

static bool has(uint32_t mask)
{
    return (device.control & mask) != 0;
}

static void update_interrupt(void)
{
    if (device.has_half && has(TG_MASK(SOUND_CONTROL_INTERRUPT)))
        host_interrupt(TP_SERVICE_SOUND, TG_SOURCE_SOUND);
}

static void begin_block(void)
{
    if (has(TG_MASK(SOUND_CONTROL_PCM)) && !device.is_pcm)
        device.position = 0;
    device.is_pcm = has(TG_MASK(SOUND_CONTROL_PCM));
    device.is_playing = has(TG_MASK(SOUND_CONTROL_PCM) | TG_MASK(SOUND_CONTROL_SQUARE));
}

/* The end of the block that is being played. */
static void end_block(void)
{
    ck_assert(device.is_playing);
    host_advance(256u * (100000000u / device.rate));
    if (device.is_pcm) {
        ck_assert_uint_lt(device.heard_bytes, sizeof device.heard);
        memcpy(device.heard + device.heard_bytes, device.ring + device.position, BLOCK_BYTES);
        device.heard_bytes += BLOCK_BYTES;
        device.position = (device.position + BLOCK_BYTES) % sizeof device.ring;
        device.has_half |= device.position % (sizeof device.ring / 2) == 0;
    }
    begin_block();
    update_interrupt();
    host_run();
}

static uint32_t port_in(uint32_t port, unsigned width)
{
    switch (port) {
    case TG_PORT_SOUND_STATUS:
        return TG_PUT(SOUND_STATUS_PLAYING, device.is_playing) |
               TG_PUT(SOUND_STATUS_HALF, device.has_half) |
               TG_PUT(SOUND_STATUS_ERROR, device.has_error);
    case TG_PORT_SOUND_POSITION:
        return device.position;
    case TG_PORT_SOUND_RATE:
        return device.rate;
    default:
        ck_abort_msg("port 0x%x of width %u is read", port, width);
    }
}

static void port_out(uint32_t port, unsigned width, uint32_t value)
{
    ck_assert_uint_eq(width, 4);
    switch (port) {
    case TG_PORT_SOUND_CONTROL:
        device.control = value;
        if (!device.is_playing)
            begin_block();
        update_interrupt();
        break;
    case TG_PORT_SOUND_STATUS:
        if (value & TG_MASK(SOUND_STATUS_HALF))
            device.has_half = false;
        break;
    case TG_PORT_SOUND_ADDRESS:
        ck_assert_uint_eq(value, 0x5000);
        break;
    case TG_PORT_SOUND_LENGTH:
        ck_assert_uint_eq(value, sizeof device.ring);
        break;
    case TG_PORT_SOUND_RATE:
        device.rate = value;
        break;
    case TG_PORT_SOUND_FREQUENCY:
        device.frequency = value;
        break;
    case TG_PORT_SOUND_VOLUME:
        device.volume = value;
        break;
    default:
        ck_abort_msg("port 0x%x is written", port);
    }
}

static int32_t dma_memory(enum tp_service asker, enum tp_call call, const tp_word args[4])
{
    ck_assert_int_eq(asker, TP_SERVICE_SOUND);
    ck_assert_int_eq(call, TP_CALL_DMA_MEMORY);
    ck_assert_uint_eq(args[0], sizeof device.ring);
    *(tp_word *)args[1] = (tp_word)device.ring;
    *(uint32_t *)args[2] = 0x5000;
    return 0;
}

static void place(void)
{
    device.rate = RATE;
    host_set_ports(port_in, port_out);
    host_set_system(dma_memory);
    host_place(&sound_service, NULL, 0);
}

/* Samples that differ from each other and are never silent. */
static const uint8_t *samples(size_t bytes)
{
    static uint8_t all[1u << 19];

    ck_assert_uint_le(bytes, sizeof all);
    for (size_t i = 0; i < bytes; i++)
        all[i] = (uint8_t)(i % 251 + 1);
    return all;
}

static struct host_call *begin_write(const uint8_t *from, size_t bytes)
{
    struct host_call *call =
        host_ask(99, TP_CALL_SOUND_WRITE, (const tp_word[TP_ARGUMENTS]){(tp_word)from, bytes});

    host_run();
    return call;
}

static void play_to_the_end(void)
{
    for (unsigned i = 0; device.is_playing; i++) {
        ck_assert_msg(i < 2000, "the device is never switched off");
        end_block();
    }
    host_advance(100000000);
}

static void assert_heard(const uint8_t *expected, size_t bytes)
{
    ck_assert_uint_ge(device.heard_bytes, bytes);
    ck_assert_mem_eq(device.heard, expected, bytes);
    for (size_t i = bytes; i < device.heard_bytes; i++)
        ck_assert_msg(device.heard[i] == 0, "noise at byte %zu", i);
}

START_TEST(a_short_sound_is_followed_by_silence_and_the_device_goes_off)
{
    struct host_call *call;

    place();
    call = begin_write(samples(700), 700);
    ck_assert(call->is_answered);
    ck_assert_int_eq(call->result, 700);
    play_to_the_end();
    assert_heard(samples(700), 700);
    ck_assert_uint_lt(device.heard_bytes, 2 * sizeof device.ring);
    ck_assert_uint_eq(device.control, 0);
}
END_TEST

START_TEST(a_long_sound_waits_for_room)
{
    struct host_call *call;

    place();
    call = begin_write(samples(50000), 50000);
    ck_assert(!call->is_answered);
    while (!call->is_answered)
        end_block();
    ck_assert_int_eq(call->result, 50000);
    /* the last of it is in the ring, not yet played */
    ck_assert_uint_lt(device.heard_bytes, 50000);
    ck_assert_uint_ge(device.heard_bytes + sizeof device.ring, 50000);
    play_to_the_end();
    assert_heard(samples(50000), 50000);
}
END_TEST

START_TEST(small_pieces_join_without_a_gap)
{
    const uint8_t *from = samples(40000);

    place();
    for (size_t i = 0; i < 40000; i += 100) {
        struct host_call *call = begin_write(from + i, 100);

        while (!call->is_answered)
            end_block();
        host_forget(call);
    }
    play_to_the_end();
    assert_heard(from, 40000);
}
END_TEST

START_TEST(writers_are_served_in_order)
{
    const uint8_t *from = samples(60000);
    struct host_call *calls[3];

    place();
    for (size_t i = 0; i < 3; i++)
        calls[i] = begin_write(from + 20000 * i, 20000);
    while (!calls[2]->is_answered) {
        ck_assert(calls[0]->is_answered || !calls[1]->is_answered);
        end_block();
    }
    ck_assert(calls[0]->is_answered && calls[1]->is_answered);
    play_to_the_end();
    assert_heard(from, 60000);
}
END_TEST

START_TEST(one_who_writes_late_is_heard_after_silence)
{
    const uint8_t *from = samples(600);

    place();
    host_forget(begin_write(from, 300));
    end_block();
    end_block();
    end_block();
    host_forget(begin_write(from + 300, 300));
    play_to_the_end();
    ck_assert_mem_eq(device.heard, from, 300);
    for (size_t i = 300; i < 3 * BLOCK_BYTES; i++)
        ck_assert_uint_eq(device.heard[i], 0);
    ck_assert_mem_eq(device.heard + 3 * BLOCK_BYTES, from + 300, 300);
    for (size_t i = 3 * BLOCK_BYTES + 300; i < device.heard_bytes; i++)
        ck_assert_uint_eq(device.heard[i], 0);
}
END_TEST

START_TEST(a_sound_that_comes_while_the_last_block_ends_waits_for_its_end)
{
    const uint8_t *from = samples(600);
    struct host_call *call;
    size_t before;

    place();
    host_forget(begin_write(from, 300));
    while (device.control & TG_MASK(SOUND_CONTROL_PCM))
        end_block();
    ck_assert(device.is_playing); /* the block that had begun */
    call = begin_write(from + 300, 300);
    ck_assert(!call->is_answered);
    end_block();
    ck_assert(!device.is_playing);
    before = device.heard_bytes;
    host_advance(1000000);
    ck_assert(call->is_answered);
    play_to_the_end();
    ck_assert_mem_eq(device.heard + before, from + 300, 300);
}
END_TEST

START_TEST(a_tone_that_ends_meanwhile_does_not_end_the_wait_for_the_last_block)
{
    place();
    HOST(99, SOUND_TONE, 880, 100, 400);
    host_forget(begin_write(samples(300), 300));
    while (device.control & TG_MASK(SOUND_CONTROL_PCM))
        end_block();
    HOST(99, SOUND_TONE, 880, 100, 1);
    begin_write(samples(300), 300);
    host_advance(100000);
    ck_assert_uint_eq(device.control, 0);
    host_advance(1200000);
    ck_assert_uint_eq(device.control,
                      TG_MASK(SOUND_CONTROL_PCM) | TG_MASK(SOUND_CONTROL_INTERRUPT));
}
END_TEST

START_TEST(a_cancelled_writer_lets_the_next_one_in)
{
    const uint8_t *from = samples(60000);
    struct host_call *first, *second, *third;

    place();
    first = begin_write(from, 20000);
    second = begin_write(from, 20000);
    third = begin_write(from + 20000, 2000);
    host_cancel(second);
    ck_assert_int_eq(second->result, -TP_EINTR);
    while (!third->is_answered)
        end_block();
    ck_assert_int_eq(first->result, 20000);
    play_to_the_end();
    assert_heard(from, 22000);
}
END_TEST

START_TEST(a_tone_ends_by_itself)
{
    place();
    ck_assert_int_eq(HOST(99, SOUND_TONE, 880, 100, 500), 0);
    ck_assert_uint_eq(device.control, TG_MASK(SOUND_CONTROL_SQUARE));
    ck_assert_uint_eq(device.frequency, 880);
    ck_assert_uint_eq(device.volume, 100);
    host_advance(499 * 100000);
    ck_assert_uint_ne(device.control, 0);
    host_advance(100000);
    ck_assert_uint_eq(device.control, 0);
    HOST(99, SOUND_TONE, 440, 100, 500);
    HOST(99, SOUND_TONE, 0, 0, 0);
    ck_assert_uint_eq(device.control, 0);
}
END_TEST

START_TEST(tone_and_samples_sound_together)
{
    place();
    HOST(99, SOUND_TONE, 880, 100, 10000);
    host_forget(begin_write(samples(700), 700));
    for (unsigned i = 0; i < 100; i++)
        end_block();
    assert_heard(samples(700), 700);
    ck_assert_uint_eq(device.control, TG_MASK(SOUND_CONTROL_SQUARE));
    host_forget(begin_write(samples(700), 700));
    ck_assert_uint_eq(device.control, TG_MASK(SOUND_CONTROL_SQUARE) | TG_MASK(SOUND_CONTROL_PCM) |
                                          TG_MASK(SOUND_CONTROL_INTERRUPT));
    host_advance(1000000000);
    play_to_the_end();
}
END_TEST

START_TEST(the_rate_is_not_changed_under_what_is_played)
{
    place();
    ck_assert_int_eq(HOST(99, SOUND_RATE, 0), RATE);
    ck_assert_int_eq(HOST(99, SOUND_RATE, 8000), RATE);
    ck_assert_uint_eq(device.rate, 8000);
    host_forget(begin_write(samples(700), 700));
    ck_assert_int_eq(HOST(99, SOUND_RATE, 16000), -TP_EBUSY);
    ck_assert_int_eq(HOST(99, SOUND_RATE, 0), 8000);
    play_to_the_end();
    ck_assert_int_eq(HOST(99, SOUND_RATE, 16000), 8000);
}
END_TEST

START_TEST(what_the_device_would_refuse_is_refused)
{
    place();
    ck_assert_int_eq(HOST(99, SOUND_RATE, 999), -TP_EINVAL);
    ck_assert_int_eq(HOST(99, SOUND_RATE, 48001), -TP_EINVAL);
    ck_assert_int_eq(HOST(99, SOUND_TONE, 24001, 1, 1), -TP_EINVAL);
    ck_assert_int_eq(HOST(99, SOUND_TONE, 440, 256, 1), -TP_EINVAL);
    ck_assert_int_eq(HOST(99, SOUND_TONE, 440, 1, 0), -TP_EINVAL);
    ck_assert_int_eq(HOST(99, SOUND_TONE, 440, 1, 10001), -TP_EINVAL);
    ck_assert_int_eq(HOST(99, SOUND_WRITE, (tp_word)samples(3), 3), -TP_EINVAL);
    ck_assert_int_eq(HOST(99, SOUND_WRITE, (tp_word)samples(3), 0), 0);
    ck_assert(!device.is_playing);
}
END_TEST

START_TEST(a_successor_silences_what_was_left_playing)
{
    struct host_call *call;

    place();
    device.control = TG_MASK(SOUND_CONTROL_PCM) | TG_MASK(SOUND_CONTROL_SQUARE);
    begin_block();
    host_place(&sound_service, NULL, 0);
    ck_assert_uint_eq(device.control, 0);
    call = begin_write(samples(700), 700);
    ck_assert(!call->is_answered);
    end_block();
    device.heard_bytes = 0;
    host_advance(1000000);
    ck_assert(call->is_answered);
    play_to_the_end();
    assert_heard(samples(700), 700);
}
END_TEST

HOST_MAIN("sound", a_short_sound_is_followed_by_silence_and_the_device_goes_off,
          a_long_sound_waits_for_room, small_pieces_join_without_a_gap, writers_are_served_in_order,
          one_who_writes_late_is_heard_after_silence,
          a_sound_that_comes_while_the_last_block_ends_waits_for_its_end,
          a_tone_that_ends_meanwhile_does_not_end_the_wait_for_the_last_block,
          a_cancelled_writer_lets_the_next_one_in, a_tone_ends_by_itself,
          tone_and_samples_sound_together, the_rate_is_not_changed_under_what_is_played,
          what_the_device_would_refuse_is_refused, a_successor_silences_what_was_left_playing)
