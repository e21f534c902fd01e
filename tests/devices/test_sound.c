/* Tests of sound (emu/devices/sound.c). */
#include <string.h>

#include "core/ram.h"
#include "support/rig.h"

#define PCM       TG_MASK(SOUND_CONTROL_PCM)
#define SQUARE    TG_MASK(SOUND_CONTROL_SQUARE)
#define INTERRUPT TG_MASK(SOUND_CONTROL_INTERRUPT)
#define BUFFER    0x4000u

/* Puts samples first, first + 1, ... into the buffer. */
static void fill_buffer(uint32_t samples, uint32_t first)
{
    for (uint32_t i = 0; i < samples; i++)
        tg_ram_store(rig.machine, BUFFER + 2 * i, 2, (first + i) & 0xffff);
}

static void set_buffer(uint32_t paddr, uint32_t length, uint32_t rate)
{
    rig_out(TG_PORT_SOUND_ADDRESS, paddr);
    rig_out(TG_PORT_SOUND_LENGTH, length);
    rig_out(TG_PORT_SOUND_RATE, rate);
}

static uint32_t status(void)
{
    return rig_in(TG_PORT_SOUND_STATUS);
}

static void clear_status(void)
{
    rig_out(TG_PORT_SOUND_STATUS, UINT32_MAX);
}

/* rules: DEV-SND-9, DEV-BUS-4 */
START_TEST(reset_gives_the_documented_settings)
{
    ck_assert_uint_eq(rig_in(TG_PORT_SOUND_RATE), 22050);
    ck_assert_uint_eq(rig_in(TG_PORT_SOUND_FREQUENCY), 440);
    ck_assert_uint_eq(rig_in(TG_PORT_SOUND_VOLUME), 64);
    ck_assert_uint_eq(rig_in(TG_PORT_SOUND_CONTROL), 0);
    ck_assert_uint_eq(status(), 0);
    rig_pass(100000000);
    ck_assert_uint_eq(rig.sound_calls, 0);
}
END_TEST

/* rules: DEV-SND-9, DEV-BUS-3 */
START_TEST(registers_refuse_what_their_rows_do_not_allow)
{
    static const struct {
        uint32_t port, value;
        bool is_taken;
    } cases[] = {
        {TG_PORT_SOUND_LENGTH, 4, true},           {TG_PORT_SOUND_LENGTH, 65536, true},
        {TG_PORT_SOUND_LENGTH, 0, false},          {TG_PORT_SOUND_LENGTH, 6, false},
        {TG_PORT_SOUND_LENGTH, 65540, false},      {TG_PORT_SOUND_LENGTH, 0xfffffffc, false},
        {TG_PORT_SOUND_LENGTH, UINT32_MAX, false}, {TG_PORT_SOUND_RATE, 1000, true},
        {TG_PORT_SOUND_RATE, 48000, true},         {TG_PORT_SOUND_RATE, 999, false},
        {TG_PORT_SOUND_RATE, 48001, false},        {TG_PORT_SOUND_RATE, 0, false},
        {TG_PORT_SOUND_FREQUENCY, 1, true},        {TG_PORT_SOUND_FREQUENCY, 24000, true},
        {TG_PORT_SOUND_FREQUENCY, 0, false},       {TG_PORT_SOUND_FREQUENCY, 24001, false},
        {TG_PORT_SOUND_VOLUME, 255, true},         {TG_PORT_SOUND_VOLUME, 0, true},
        {TG_PORT_SOUND_VOLUME, 256, false},        {TG_PORT_SOUND_ADDRESS, UINT32_MAX, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t before = rig_in(cases[i].port);
        rig_out(cases[i].port, cases[i].value);
        ck_assert_uint_eq(rig_in(cases[i].port), cases[i].is_taken ? cases[i].value : before);
        ck_assert_uint_eq(status(), cases[i].is_taken ? 0 : TG_MASK(SOUND_STATUS_REFUSED));
        rig_out(TG_PORT_SOUND_STATUS, TG_MASK(SOUND_STATUS_REFUSED));
    }
}
END_TEST

/* rules: DEV-SND-2, DEV-SND-3, DEV-SND-4, DEV-SND-5 */
START_TEST(samples_are_played_at_their_rate)
{
    fill_buffer(2000, 30000); /* some of them negative */
    set_buffer(BUFFER, 4000, 44100);
    rig_out(TG_PORT_SOUND_CONTROL, PCM);
    ck_assert_uint_eq(status(), TG_MASK(SOUND_STATUS_PLAYING));
    uint32_t blocks[] = {256, 512, 768, 1000, 1256, 1512, 1768, 2000, 2256};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        uint64_t end = blocks[i] * UINT64_C(100000000) / 44100;
        ck_assert_uint_eq(tg_bus_deadline(rig.machine), end);
        rig_pass(end - 1 - rig.machine->clock.time);
        ck_assert_uint_eq(rig.sound_calls, i);
        rig_pass(1);
        ck_assert_uint_eq(rig.sample_count, blocks[i]);
        ck_assert_uint_eq(rig_in(TG_PORT_SOUND_POSITION), 2 * blocks[i] % 4000);
    }
    ck_assert_uint_eq(rig.sample_rate, 44100);
    for (uint32_t i = 0; i < 2256; i++)
        ck_assert_int_eq(rig.samples[i], (int16_t)(uint16_t)(30000 + i % 2000));
}
END_TEST

/* rules: DEV-SND-5, DEV-SND-8 */
START_TEST(halves_are_told_and_interrupt_if_asked_to)
{
    set_buffer(BUFFER, 1024, 10000); /* two halves of 256 samples, 2,560,000 ticks each */
    rig_out(TG_PORT_SOUND_CONTROL, PCM | INTERRUPT);
    rig_pass(2559999);
    ck_assert_uint_eq(status(), TG_MASK(SOUND_STATUS_PLAYING));
    ck_assert(!rig_is_asserted(TG_SOURCE_SOUND));
    rig_pass(1);
    ck_assert_uint_eq(status(), TG_MASK(SOUND_STATUS_PLAYING) | TG_MASK(SOUND_STATUS_HALF));
    ck_assert(rig_is_asserted(TG_SOURCE_SOUND));
    rig_out(TG_PORT_SOUND_CONTROL, PCM);
    ck_assert(!rig_is_asserted(TG_SOURCE_SOUND));
    rig_out(TG_PORT_SOUND_CONTROL, PCM | INTERRUPT);
    ck_assert(rig_is_asserted(TG_SOURCE_SOUND));
    clear_status();
    ck_assert(!rig_is_asserted(TG_SOURCE_SOUND));
    ck_assert_uint_eq(status(), TG_MASK(SOUND_STATUS_PLAYING));
    rig_pass(2560000);
    ck_assert_uint_eq(status(), TG_MASK(SOUND_STATUS_PLAYING) | TG_MASK(SOUND_STATUS_HALF) |
                                    TG_MASK(SOUND_STATUS_SECOND));
    ck_assert(rig_is_asserted(TG_SOURCE_SOUND));
}
END_TEST

/* rules: DEV-SND-5. A half may be filled while the other is played. */
START_TEST(samples_are_taken_at_the_end_of_their_block)
{
    fill_buffer(1024, 0);
    set_buffer(BUFFER, 2048, 1000);
    rig_out(TG_PORT_SOUND_CONTROL, PCM);
    rig_pass(25600000 - 1);
    fill_buffer(1024, 5000);
    rig_pass(1);
    ck_assert_uint_eq(rig.sample_count, 256);
    ck_assert_int_eq(rig.samples[0], 5000);
}
END_TEST

/* rules: DEV-SND-1, DEV-SND-2 */
START_TEST(settings_count_from_the_next_block_on)
{
    fill_buffer(1024, 0);
    set_buffer(BUFFER, 2048, 1000);
    rig_out(TG_PORT_SOUND_CONTROL, PCM);
    rig_pass(100);
    set_buffer(BUFFER + 512, 1024, 2000); /* the place only when PCM begins anew */
    rig_pass(25600000 - 100);
    ck_assert_uint_eq(rig.sample_rate, 1000);
    rig_pass(12800000);
    ck_assert_uint_eq(rig.sample_rate, 2000);
    ck_assert_int_eq(rig.samples[511], 511);
    rig_out(TG_PORT_SOUND_CONTROL, 0);
    ck_assert(status() & TG_MASK(SOUND_STATUS_PLAYING));
    rig_pass(12800000);
    ck_assert_uint_eq(rig.sample_count, 768);
    ck_assert(!(status() & TG_MASK(SOUND_STATUS_PLAYING)));
    ck_assert_uint_eq(tg_bus_deadline(rig.machine), TG_NEVER);
    rig_pass(5);
    rig_out(TG_PORT_SOUND_CONTROL, PCM);
    ck_assert_uint_eq(rig_in(TG_PORT_SOUND_POSITION), 0);
    ck_assert_uint_eq(tg_bus_deadline(rig.machine), rig.machine->clock.time + 12800000);
    rig_pass(12800000);
    ck_assert_int_eq(rig.samples[768], 256);
}
END_TEST

/* rules: DEV-SND-4 */
START_TEST(another_rate_is_counted_from_its_own_beginning)
{
    rig_out(TG_PORT_SOUND_RATE, 44100);
    rig_out(TG_PORT_SOUND_CONTROL, SQUARE);
    ck_assert_uint_eq(tg_bus_deadline(rig.machine), 580498); /* .866 */
    rig_out(TG_PORT_SOUND_RATE, 1000);
    rig_pass(580498);
    ck_assert_uint_eq(tg_bus_deadline(rig.machine), 580498 + 25600000);
    rig_out(TG_PORT_SOUND_RATE, 44100);
    rig_pass(25600000);
    rig_out(TG_PORT_SOUND_CONTROL, 0);
    rig_pass(580498);
    rig_out(TG_PORT_SOUND_RATE, 1000);
    rig_out(TG_PORT_SOUND_CONTROL, SQUARE); /* after a silence: from here */
    ck_assert_uint_eq(tg_bus_deadline(rig.machine), rig.machine->clock.time + 25600000);
}
END_TEST

/* rules: DEV-SND-6, DEV-BUS-7 */
START_TEST(a_buffer_outside_ram_is_an_error)
{
    static const uint32_t bad[][2] = {{RIG_RAM_BYTES - 1020, 1024},
                                      {RIG_RAM_BYTES, 4},
                                      {UINT32_MAX - 3, 8},
                                      {0xf0000000, 1024},
                                      {4, 65536}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        set_buffer(bad[i][0], bad[i][1], 1000);
        rig_out(TG_PORT_SOUND_CONTROL, PCM | INTERRUPT);
        ck_assert_uint_eq(rig_in(TG_PORT_SOUND_CONTROL), INTERRUPT);
        ck_assert_uint_eq(status(), TG_MASK(SOUND_STATUS_ERROR));
        rig_out(TG_PORT_SOUND_STATUS, TG_MASK(SOUND_STATUS_ERROR));
        ck_assert_uint_eq(status(), 0);
    }
    tg_bus_reset(rig.machine); /* LENGTH is 0 */
    rig_out(TG_PORT_SOUND_CONTROL, PCM | SQUARE);
    ck_assert_uint_eq(rig_in(TG_PORT_SOUND_CONTROL), SQUARE);
    ck_assert_uint_eq(status(), TG_MASK(SOUND_STATUS_ERROR) | TG_MASK(SOUND_STATUS_PLAYING));
    rig_pass(10000000);
    ck_assert_uint_gt(rig.sample_count, 0);
    set_buffer(RIG_RAM_BYTES - 1024, 1024, 1000); /* up to the last byte is fine */
    clear_status();
    rig_out(TG_PORT_SOUND_CONTROL, PCM);
    rig_pass(100000000);
    ck_assert_uint_eq(status() & TG_MASK(SOUND_STATUS_ERROR), 0);
    ck_assert_uint_eq(rig_in(TG_PORT_SOUND_CONTROL), PCM);
}
END_TEST

/* rules: DEV-SND-7 */
START_TEST(the_square_wave_has_its_frequency_and_volume)
{
    rig_out(TG_PORT_SOUND_RATE, 8000);
    rig_out(TG_PORT_SOUND_FREQUENCY, 1000);
    rig_out(TG_PORT_SOUND_VOLUME, 200);
    rig_out(TG_PORT_SOUND_CONTROL, SQUARE);
    rig_pass(2 * 256 * 12500);
    ck_assert_uint_eq(rig.sample_count, 512);
    for (uint32_t i = 0; i < 512; i++) /* 8 samples a period */
        ck_assert_int_eq(rig.samples[i], i % 8 < 4 ? 25600 : -25600);
}
END_TEST

/* rules: DEV-SND-7 */
START_TEST(voices_are_added_and_limited)
{
    for (uint32_t i = 0; i < 512; i++)
        tg_ram_store(rig.machine, BUFFER + 2 * i, 2, i % 2 ? 0x8000 : 0x7f00);
    set_buffer(BUFFER, 1024, 8000);
    rig_out(TG_PORT_SOUND_FREQUENCY, 1000);
    rig_out(TG_PORT_SOUND_VOLUME, 10);
    rig_out(TG_PORT_SOUND_CONTROL, PCM | SQUARE);
    rig_pass(256 * 12500);
    for (uint32_t i = 0; i < 256; i++) {
        int pcm = i % 2 ? -32768 : 0x7f00, sum = pcm + (i % 8 < 4 ? 1280 : -1280);
        ck_assert_int_eq(rig.samples[i], sum > 32767 ? 32767 : sum < -32768 ? -32768 : sum);
    }
}
END_TEST

/* rules: DEV-SND-10 */
START_TEST(what_is_far_too_late_is_not_played)
{
    rig_with_cpus(2);
    rig_out(TG_PORT_SOUND_RATE, 1000);
    rig_out(TG_PORT_SOUND_CONTROL, SQUARE);
    rig_pass_round(25600000 + 100000000);
    ck_assert_uint_eq(rig.sound_calls, 4); /* late, but played */
    rig_pass_round(25600000 * 5 + 100000000);
    ck_assert_uint_eq(rig.sound_calls, 5);
    ck_assert_uint_eq(tg_bus_deadline(rig.machine), rig.machine->clock.time + 25600000);
}
END_TEST

/* What only a snapshot can claim: every combination of odd values must be survived. */
START_TEST(states_made_up_by_a_snapshot_are_survived)
{
    static const uint32_t positions[] = {0, 1, 2, 511, 512, 1022, 1024, 1026, 65536};
    static const uint32_t lengths[] = {0, 1, 2, 3, 4, 1024, 65536};
    for (uint32_t i = 0; i < 9; i++) {
        for (uint32_t j = 0; j < 7; j++) {
            for (uint32_t k = 0; k < 4; k++) {
                rig.sample_count = 0;
                rig_set_field(TG_DEVICE_SOUND, "position", 0, positions[i]);
                rig_set_field(TG_DEVICE_SOUND, "buffer_length", 0, lengths[j]);
                rig_set_field(TG_DEVICE_SOUND, "buffer_address", 0, k & 1 ? UINT32_MAX : BUFFER);
                rig_set_field(TG_DEVICE_SOUND, "control", 0, k & 2 ? PCM | SQUARE : PCM);
                rig_set_field(TG_DEVICE_SOUND, "block_control", 0, k & 2 ? PCM | SQUARE : PCM);
                rig_set_field(TG_DEVICE_SOUND, "block_samples", 0, k & 2 ? 256 : 0);
                rig_set_field(TG_DEVICE_SOUND, "block_rate", 0, 0);
                rig_set_field(TG_DEVICE_SOUND, "rate", 0, 0);
                rig_set_field(TG_DEVICE_SOUND, "block_end", 0, 0);
                rig_pass(40000000);
            }
        }
    }
    rig.machine->clock.time = UINT64_MAX - 10;
    rig_set_field(TG_DEVICE_SOUND, "control", 0, SQUARE);
    rig_set_field(TG_DEVICE_SOUND, "block_end", 0, 0);
    rig_pass_round(5);
    ck_assert_uint_eq(tg_bus_deadline(rig.machine), TG_NEVER);
}
END_TEST

RIG_MAIN("sound", reset_gives_the_documented_settings,
         registers_refuse_what_their_rows_do_not_allow, samples_are_played_at_their_rate,
         halves_are_told_and_interrupt_if_asked_to, samples_are_taken_at_the_end_of_their_block,
         settings_count_from_the_next_block_on, another_rate_is_counted_from_its_own_beginning,
         a_buffer_outside_ram_is_an_error, the_square_wave_has_its_frequency_and_volume,
         voices_are_added_and_limited, what_is_far_too_late_is_not_played,
         states_made_up_by_a_snapshot_are_survived)
