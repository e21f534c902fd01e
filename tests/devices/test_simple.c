/* Tests of the devices that only hold or compute something: clock, random numbers, text display. */
#include "support/rig.h"

/* --- Clock ----------------------------------------------------------------------------------- */

/* rules: DEV-CLK-1, DEV-BUS-5 */
START_TEST(the_clock_reads_virtual_time_of_64_bits)
{
    rig.machine->clock.time = UINT64_C(0x5fffffffe);
    rig.machine->cpus[0].s.insns += 1;
    ck_assert_uint_eq(rig_in(TG_PORT_CLOCK_TIME), 0xffffffff);
    rig.machine->cpus[0].s.insns += 1; /* the high word is that of the first read */
    ck_assert_uint_eq(rig_in(TG_PORT_CLOCK_TIME_HIGH), 5);
    ck_assert_uint_eq(rig_in(TG_PORT_CLOCK_TIME), 0);
    ck_assert_uint_eq(rig_in(TG_PORT_CLOCK_TIME_HIGH), 6);
}
END_TEST

/* rules: DEV-CLK-1 */
START_TEST(the_kept_high_word_is_each_cpus_own)
{
    rig_with_cpus(2);
    rig.machine->clock.time = UINT64_C(3) << 32;
    rig_in(TG_PORT_CLOCK_TIME);
    rig.cpu = 1;
    ck_assert_uint_eq(rig_in(TG_PORT_CLOCK_TIME_HIGH), 0);
    rig.machine->clock.time = UINT64_C(4) << 32;
    rig_in(TG_PORT_CLOCK_TIME);
    rig.cpu = 0;
    ck_assert_uint_eq(rig_in(TG_PORT_CLOCK_TIME_HIGH), 3);
}
END_TEST

/* rules: DEV-CLK-2, DEV-CLK-3 */
START_TEST(the_clock_goes_on_over_a_reset_at_its_nominal_rate)
{
    rig_pass(1000);
    tg_machine_reset(rig.machine);
    ck_assert_uint_eq(rig_in(TG_PORT_CLOCK_TIME), 1000);
    ck_assert_uint_eq(rig_in(TG_PORT_CLOCK_RATE), 100000000);
}
END_TEST

/* --- Random numbers -------------------------------------------------------------------------- */

/* rules: DEV-RND-1, DEV-RND-2. The generator is well known: its first four numbers from seed 0 are
 * published. */
START_TEST(random_numbers_are_splitmix64)
{
    static const uint32_t of_seed_1234[] = {0xbb0cf61b, 0x97c7a136, 0x33befae4, 0x4e6241f2};
    static const uint32_t of_seed_0[] = {0xe220a839, 0x6e789e6a, 0x06c45d18, 0xf88bb8a8};
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(rig_in(TG_PORT_RANDOM_VALUE), of_seed_1234[i]);
    rig_out(TG_PORT_RANDOM_SEED, 0);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(rig_in(TG_PORT_RANDOM_VALUE), of_seed_0[i]);
    tg_bus_reset(rig.machine);
    ck_assert_uint_eq(rig_in(TG_PORT_RANDOM_VALUE), of_seed_1234[0]);
}
END_TEST

/* --- Text display ---------------------------------------------------------------------------- */

static uint32_t cell(uint32_t line, uint32_t column)
{
    uint32_t value = 0;
    ck_assert(tg_bus_memory_read(&rig.machine->cpus[0], 0xf0000000 + 2 * (80 * line + column), 2,
                                 &value));
    return value;
}

/* rules: DEV-TXT-1, DEV-TXT-2 */
START_TEST(cells_keep_what_is_written)
{
    for (uint32_t line = 0; line < 25; line++)
        for (uint32_t column = 0; column < 80; column++)
            ck_assert_uint_eq(cell(line, column), 0x0720);
    for (uint32_t i = 0; i < 2000; i++)
        ck_assert(tg_bus_memory_write(&rig.machine->cpus[0], 0xf0000000 + 2 * i, 2, i * 31));
    for (uint32_t i = 0; i < 2000; i++)
        ck_assert_uint_eq(cell(i / 80, i % 80), i * 31 & 0xffff);
}
END_TEST

/* rules: DEV-TXT-2, DEV-TXT-3, DEV-TXT-4 */
START_TEST(cursor_and_style_keep_what_is_written)
{
    ck_assert_uint_eq(rig_in(TG_PORT_TEXT_CURSOR), 0);
    ck_assert_uint_eq(rig_in(TG_PORT_TEXT_STYLE), 0x11);
    rig_out(TG_PORT_TEXT_CURSOR, 0xffff);
    rig_out(TG_PORT_TEXT_STYLE, 0xffffffea);
    ck_assert_uint_eq(rig_in(TG_PORT_TEXT_CURSOR), 0xffff);
    ck_assert_uint_eq(rig_in(TG_PORT_TEXT_STYLE), 0x2a);
    ck_assert(tg_bus_memory_write(&rig.machine->cpus[0], 0xf0000000, 1, 'A'));
    ck_assert_uint_eq(rig_in(TG_PORT_TEXT_CURSOR), 0xffff);
    ck_assert_uint_eq(rig_in(TG_PORT_TEXT_SIZE), 25u << 16 | 80);
}
END_TEST

RIG_MAIN("simple", the_clock_reads_virtual_time_of_64_bits, the_kept_high_word_is_each_cpus_own,
         the_clock_goes_on_over_a_reset_at_its_nominal_rate, random_numbers_are_splitmix64,
         cells_keep_what_is_written, cursor_and_style_keep_what_is_written)
