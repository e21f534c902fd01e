/* Tests of the system device and the debug port (emu/devices/system.c, debug.c). */
#include <string.h>

#include "core/ram.h"
#include "support/rig.h"

/* rules: DEV-SYS-1 */
START_TEST(the_machine_says_what_it_is)
{
    rig_with_cpus(5);
    ck_assert_uint_eq(rig_in(TG_PORT_SYSTEM_IDENTITY), 0x54474254);
    ck_assert_uint_eq(rig_in(TG_PORT_SYSTEM_RAM_BYTES), RIG_RAM_BYTES);
    ck_assert_uint_eq(rig_in(TG_PORT_SYSTEM_CPUS), 5);
}
END_TEST

static void check_end(enum tg_end end, uint32_t cpu, uint32_t status)
{
    ck_assert_int_eq(rig.machine->end.end, end);
    ck_assert_uint_eq(rig.machine->end.cpu, cpu);
    ck_assert_uint_eq(rig.machine->end.status, status);
    ck_assert(rig.machine->attention);
}

/* rules: DEV-SYS-2, DEV-DBG-6 */
START_TEST(power_off_has_a_status_of_at_most_99)
{
    static const uint32_t cases[][3] = {/* written, status by POWER, by EXIT */
                                        {0, 0, 0},          {1, 1, 1},     {99, 99, 99},
                                        {100, 99, 99},      {255, 99, 99}, {0x207, 7, 99},
                                        {0x80000000, 0, 99}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rig_with_cpus(2);
        rig.cpu = 1;
        rig_out(TG_PORT_SYSTEM_POWER, cases[i][0]);
        check_end(TG_END_POWER_OFF, 1, cases[i][1]);
        rig_with_cpus(2);
        rig_out(TG_PORT_DEBUG_EXIT, cases[i][0]);
        check_end(TG_END_POWER_OFF, 0, cases[i][2]);
    }
}
END_TEST

/* rules: DEV-SYS-3 */
START_TEST(reset_waits_for_the_rounds_end)
{
    rig_out(TG_PORT_TEXT_CURSOR, 5);
    rig_pass(10);
    tg_ram_store(rig.machine, 0x2000, 4, 77);
    rig_out(TG_PORT_SYSTEM_POWER, TG_MASK(SYSTEM_POWER_RESET) | 3);
    ck_assert(rig.machine->attention);
    ck_assert_int_eq(rig.machine->end.end, TG_END_NONE);
    ck_assert_uint_eq(rig_in(TG_PORT_TEXT_CURSOR), 5);
    ck_assert_uint_le(tg_bus_deadline(rig.machine), 10);
    rig_pass(1);
    ck_assert_uint_eq(rig_in(TG_PORT_TEXT_CURSOR), 0);
    ck_assert_uint_eq(tg_ram_load(rig.machine, 0x2000, 4), 0);
    ck_assert_uint_eq(rig_in(TG_PORT_CLOCK_TIME), 11);
    ck_assert_uint_eq(tg_bus_deadline(rig.machine), TG_NEVER);
}
END_TEST

/* rules: DEV-DBG-1 */
START_TEST(characters_reach_the_watcher)
{
    for (const char *c = "hi\n"; *c; c++)
        rig_out(TG_PORT_DEBUG_CHARACTER, (uint8_t)*c);
    ck_assert_uint_eq(rig.debug_bytes, 3);
    ck_assert_mem_eq(rig.debug_text, "hi\n", 3);
}
END_TEST

/* rules: DEV-DBG-2 */
START_TEST(a_text_in_ram_reaches_the_watcher_whole)
{
    char text[3000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + i % 26);
    uint32_t paddr = RIG_RAM_BYTES - sizeof text; /* up to RAM's last byte */
    ck_assert(tg_ram_write(rig.machine, paddr, text, sizeof text));
    rig_out(TG_PORT_DEBUG_ADDRESS, paddr);
    ck_assert_uint_eq(rig_in(TG_PORT_DEBUG_ADDRESS), paddr);
    rig_out(TG_PORT_DEBUG_LENGTH, sizeof text);
    ck_assert_uint_eq(rig_in(TG_PORT_DEBUG_LENGTH), sizeof text);
    ck_assert_uint_eq(rig.debug_bytes, sizeof text);
    ck_assert_mem_eq(rig.debug_text, text, sizeof text);
}
END_TEST

/* rules: DEV-DBG-2, DEV-BUS-7 */
START_TEST(a_text_outside_ram_is_not_given)
{
    static const uint32_t bad[][2] = {{RIG_RAM_BYTES - 3, 4}, {RIG_RAM_BYTES, 1},
                                      {0xfffffffe, 4},        {0, RIG_RAM_BYTES + 1u},
                                      {8, UINT32_MAX},        {0xf0000000, 16}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        rig_out(TG_PORT_DEBUG_ADDRESS, 0);
        rig_out(TG_PORT_DEBUG_LENGTH, 1);
        ck_assert_uint_eq(rig_in(TG_PORT_DEBUG_LENGTH), 1);
        rig_out(TG_PORT_DEBUG_ADDRESS, bad[i][0]);
        rig_out(TG_PORT_DEBUG_LENGTH, bad[i][1]);
        ck_assert_uint_eq(rig_in(TG_PORT_DEBUG_LENGTH), 0);
        ck_assert_uint_eq(rig.debug_bytes, i + 1);
    }
}
END_TEST

/* rules: DEV-DBG-3 */
START_TEST(texts_are_each_cpus_own)
{
    rig_with_cpus(2);
    rig_out(TG_PORT_DEBUG_ADDRESS, 0x1000);
    rig_out(TG_PORT_DEBUG_LENGTH, 3);
    rig.cpu = 1;
    ck_assert_uint_eq(rig_in(TG_PORT_DEBUG_ADDRESS), 0);
    ck_assert_uint_eq(rig_in(TG_PORT_DEBUG_LENGTH), 0);
}
END_TEST

/* rules: DEV-DBG-4 */
START_TEST(marks_and_tracing_reach_the_watcher)
{
    rig_with_cpus(2);
    rig.cpu = 1;
    rig_out(TG_PORT_DEBUG_MARK, 0xdeadbeef);
    ck_assert_uint_eq(rig.mark_cpu, 1);
    ck_assert_uint_eq(rig.mark_value, 0xdeadbeef);
    ck_assert_uint_eq(rig.marks, 1);
    rig_out(TG_PORT_DEBUG_TRACE, 0x100);
    ck_assert(rig.is_tracing);
    rig_out(TG_PORT_DEBUG_TRACE, 0);
    ck_assert(!rig.is_tracing);
}
END_TEST

/* rules: DEV-DBG-5 */
START_TEST(break_asks_for_the_debugger)
{
    rig_out(TG_PORT_DEBUG_BREAK, 1234);
    ck_assert(rig.machine->is_break_requested);
    ck_assert_uint_eq(rig.machine->break_value, 1234);
    ck_assert(rig.machine->attention);
    ck_assert_int_eq(rig.machine->end.end, TG_END_NONE);
}
END_TEST

/* rules: DEV-DBG-7 */
START_TEST(panic_ends_the_machine_with_its_code)
{
    rig_with_cpus(2);
    rig.cpu = 1;
    rig_out(TG_PORT_DEBUG_PANIC, 0x12345678);
    check_end(TG_END_PANIC, 1, 0x12345678);
}
END_TEST

/* rules: DEV-BUS-8. A host that listens to nothing changes nothing. */
START_TEST(a_deaf_host_is_no_problem)
{
    rig.machine->host = (struct tg_host){0};
    rig_out(TG_PORT_DEBUG_CHARACTER, 'x');
    rig_out(TG_PORT_DEBUG_LENGTH, 10);
    ck_assert_uint_eq(rig_in(TG_PORT_DEBUG_LENGTH), 10);
    rig_out(TG_PORT_DEBUG_MARK, 1);
    rig_out(TG_PORT_DEBUG_TRACE, 1);
    rig_out(TG_PORT_SERIAL_DATA, 'x');
    rig_out(TG_PORT_SOUND_CONTROL, TG_MASK(SOUND_CONTROL_SQUARE));
    rig_pass(10000000);
    ck_assert_uint_eq(rig.debug_bytes, 0);
}
END_TEST

RIG_MAIN("system", the_machine_says_what_it_is, power_off_has_a_status_of_at_most_99,
         reset_waits_for_the_rounds_end, characters_reach_the_watcher,
         a_text_in_ram_reaches_the_watcher_whole, a_text_outside_ram_is_not_given,
         texts_are_each_cpus_own, marks_and_tracing_reach_the_watcher, break_asks_for_the_debugger,
         panic_ends_the_machine_with_its_code, a_deaf_host_is_no_problem)
