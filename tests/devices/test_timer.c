/* Tests of the timers (emu/devices/timer.c). */
#include "support/rig.h"

static uint32_t expiries(void)
{
    uint32_t count = rig_in(TG_PORT_TIMER_EXPIRIES);
    ck_assert_int_eq(rig_is_asserted(TG_SOURCE_TIMER), count > 0);
    return count;
}

/* rules: DEV-TMR-5, DEV-BUS-4 */
START_TEST(reset_stops_the_timer)
{
    ck_assert_uint_eq(rig_in(TG_PORT_TIMER_DEADLINE), UINT32_MAX);
    ck_assert_uint_eq(rig_in(TG_PORT_TIMER_DEADLINE_HIGH), UINT32_MAX);
    ck_assert_uint_eq(rig_in(TG_PORT_TIMER_REMAINING), UINT32_MAX);
    rig_pass(1000000);
    ck_assert_uint_eq(expiries(), 0);
}
END_TEST

/* rules: DEV-TMR-1, DEV-TMR-6, DEV-BUS-5 */
START_TEST(an_interval_expires_at_its_tick_and_once)
{
    for (uint32_t n = 1; n < 70; n++) {
        rig_out(TG_PORT_TIMER_INTERVAL, n);
        ck_assert_uint_eq(tg_bus_deadline(rig.machine), rig.machine->clock.time + n);
        rig_pass(n - 1);
        ck_assert_uint_eq(expiries(), 0);
        rig_pass(1);
        ck_assert_uint_eq(expiries(), 1);
        ck_assert_uint_eq(tg_bus_deadline(rig.machine), TG_NEVER);
        rig_pass(3 * n);
        ck_assert_uint_eq(expiries(), 1);
        rig_out(TG_PORT_TIMER_ACKNOWLEDGE, n);
        ck_assert_uint_eq(expiries(), 0);
    }
}
END_TEST

/* rules: DEV-TMR-2, DEV-TMR-4 */
START_TEST(a_period_expires_every_n_ticks)
{
    rig_pass(7);
    rig_out(TG_PORT_TIMER_PERIOD, 10);
    ck_assert_uint_eq(rig_in(TG_PORT_TIMER_PERIOD), 10);
    for (uint32_t i = 1; i <= 5; i++) {
        rig_pass(9);
        ck_assert_uint_eq(expiries(), i - 1);
        rig_pass(1);
        ck_assert_uint_eq(expiries(), i);
    }
    rig_out(TG_PORT_TIMER_ACKNOWLEDGE, 0);
    rig_pass(10);
    ck_assert_uint_eq(expiries(), 1);
}
END_TEST

/* rules: DEV-TMR-2, DEV-BUS-5 */
START_TEST(a_period_keeps_its_beat_when_noticed_late)
{
    rig_with_cpus(2);
    rig_out(TG_PORT_TIMER_PERIOD, 10);
    rig_pass_round(64);
    ck_assert_uint_eq(expiries(), 6);
    ck_assert_uint_eq(tg_bus_deadline(rig.machine), 70);
    rig_pass_round(6);
    ck_assert_uint_eq(expiries(), 7);
}
END_TEST

/* rules: DEV-TMR-3, DEV-TMR-5 */
START_TEST(a_deadline_of_64_bits_expires_at_its_time)
{
    rig.machine->clock.time = UINT64_C(0x1fffffff0);
    rig_out(TG_PORT_TIMER_DEADLINE, 0x10);
    ck_assert_uint_eq(tg_bus_deadline(rig.machine), TG_NEVER);
    rig_out(TG_PORT_TIMER_DEADLINE_HIGH, 2);
    ck_assert_uint_eq(rig_in(TG_PORT_TIMER_DEADLINE), 0x10);
    ck_assert_uint_eq(rig_in(TG_PORT_TIMER_DEADLINE_HIGH), 2);
    ck_assert_uint_eq(rig_in(TG_PORT_TIMER_REMAINING), 0x20);
    rig_pass(0x1f);
    ck_assert_uint_eq(expiries(), 0);
    rig_pass(1);
    ck_assert_uint_eq(expiries(), 1);
}
END_TEST

/* rules: DEV-TMR-3 */
START_TEST(a_deadline_in_the_past_expires_at_once_and_the_last_time_never)
{
    rig.machine->clock.time = 1000;
    rig_out(TG_PORT_TIMER_DEADLINE, 999);
    rig_out(TG_PORT_TIMER_DEADLINE_HIGH, 0);
    ck_assert_uint_eq(rig_in(TG_PORT_TIMER_REMAINING), 0);
    rig_pass(1);
    ck_assert_uint_eq(expiries(), 1);
    rig_out(TG_PORT_TIMER_DEADLINE, UINT32_MAX);
    rig_out(TG_PORT_TIMER_DEADLINE_HIGH, UINT32_MAX);
    ck_assert_uint_eq(tg_bus_deadline(rig.machine), TG_NEVER);
}
END_TEST

/* rules: DEV-TMR-4 */
START_TEST(each_setting_takes_the_place_of_the_last)
{
    rig_out(TG_PORT_TIMER_PERIOD, 10);
    rig_out(TG_PORT_TIMER_INTERVAL, 25);
    ck_assert_uint_eq(rig_in(TG_PORT_TIMER_PERIOD), 0);
    rig_pass(24);
    ck_assert_uint_eq(expiries(), 0);
    rig_pass(100);
    ck_assert_uint_eq(expiries(), 1);
    rig_out(TG_PORT_TIMER_PERIOD, 10);
    rig_out(TG_PORT_TIMER_DEADLINE_HIGH, 1);
    ck_assert_uint_eq(rig_in(TG_PORT_TIMER_PERIOD), 0);
    rig_out(TG_PORT_TIMER_PERIOD, 10);
    rig_out(TG_PORT_TIMER_PERIOD, 0);
    rig_pass(100);
    rig_out(TG_PORT_TIMER_INTERVAL, 10);
    rig_out(TG_PORT_TIMER_INTERVAL, 0);
    ck_assert_uint_eq(tg_bus_deadline(rig.machine), TG_NEVER);
    rig_pass(100);
    ck_assert_uint_eq(expiries(), 1);
}
END_TEST

/* rules: DEV-TMR-7, DEV-BUS-5 */
START_TEST(remaining_counts_the_ticks_of_the_turn)
{
    rig_out(TG_PORT_TIMER_INTERVAL, 50);
    ck_assert_uint_eq(rig_in(TG_PORT_TIMER_REMAINING), 50);
    rig.machine->cpus[0].s.insns += 20; /* begun by the engine in this call */
    ck_assert_uint_eq(rig_in(TG_PORT_TIMER_REMAINING), 30);
    rig_out(TG_PORT_TIMER_INTERVAL, 50);
    ck_assert_uint_eq(tg_bus_deadline(rig.machine), 70);
}
END_TEST

START_TEST(timers_are_each_cpus_own)
{
    rig_with_cpus(3);
    rig.cpu = 1;
    rig_out(TG_PORT_TIMER_INTERVAL, 10);
    rig.cpu = 2;
    rig_out(TG_PORT_TIMER_PERIOD, 4);
    rig_pass(10);
    ck_assert_uint_eq(expiries(), 2);
    rig.cpu = 1;
    ck_assert_uint_eq(expiries(), 1);
    rig_out(TG_PORT_TIMER_ACKNOWLEDGE, 0);
    rig.cpu = 0;
    ck_assert_uint_eq(expiries(), 0);
    rig.cpu = 2;
    ck_assert_uint_eq(expiries(), 2);
}
END_TEST

/* What only a snapshot can claim: the end of the clock. */
START_TEST(the_end_of_the_clock_stops_a_period)
{
    rig.machine->clock.time = UINT64_MAX - 5;
    rig_set_field(TG_DEVICE_TIMER, "deadline", 0, UINT64_MAX - 6);
    rig_set_field(TG_DEVICE_TIMER, "period", 0, 100);
    rig_pass_round(0);
    ck_assert_uint_eq(expiries(), 1);
    ck_assert_uint_eq(tg_bus_deadline(rig.machine), TG_NEVER);
    rig_set_field(TG_DEVICE_TIMER, "deadline", 0, 0);
    rig_set_field(TG_DEVICE_TIMER, "period", 0, 1);
    rig_pass_round(0);
    ck_assert_uint_eq(expiries(), UINT32_MAX);
}
END_TEST

RIG_MAIN("timer", reset_stops_the_timer, an_interval_expires_at_its_tick_and_once,
         a_period_expires_every_n_ticks, a_period_keeps_its_beat_when_noticed_late,
         a_deadline_of_64_bits_expires_at_its_time,
         a_deadline_in_the_past_expires_at_once_and_the_last_time_never,
         each_setting_takes_the_place_of_the_last, remaining_counts_the_ticks_of_the_turn,
         timers_are_each_cpus_own, the_end_of_the_clock_stops_a_period)
