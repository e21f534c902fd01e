/* Tests of the interrupt controller (emu/bus/interrupts.c). */
#include "support/rig.h"

enum { NONE = 32, TIMER = 0, MESSAGE = 1, A = 7, B = 20, LAST = 31 };

#define BIT(n) (UINT32_C(1) << (n))

static void set_line(uint32_t source, bool is_asserted)
{
    tg_bus_set_line(rig.machine, source, is_asserted);
}

static void set_priority(uint32_t source, uint32_t priority)
{
    rig_out(TG_PORT_INTERRUPTS_SOURCE + 4 * source, TG_PUT(INTERRUPTS_SOURCE_PRIORITY, priority));
}

static void route(uint32_t source, uint32_t cpu)
{
    rig_out(TG_PORT_INTERRUPTS_SOURCE + 4 * source,
            TG_PUT(INTERRUPTS_SOURCE_PRIORITY, 3) | TG_PUT(INTERRUPTS_SOURCE_CPU, cpu));
}

static void enable(uint32_t source)
{
    rig_out(TG_PORT_INTERRUPTS_ENABLE, BIT(source));
}

static void end(uint32_t source)
{
    rig_out(TG_PORT_INTERRUPTS_END, source);
}

static uint32_t acknowledge(uint32_t cpu)
{
    ck_assert_uint_ne(rig_offered(cpu), NONE);
    return tg_bus_acknowledge(&rig.machine->cpus[cpu]);
}

/* Whether the last write was refused; clears the flag. */
static bool was_refused(void)
{
    uint32_t status = rig_in(TG_PORT_INTERRUPTS_STATUS);
    rig_out(TG_PORT_INTERRUPTS_STATUS, TG_MASK(INTERRUPTS_STATUS_REFUSED));
    ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_STATUS), 0);
    return TG_GET(INTERRUPTS_STATUS_REFUSED, status);
}

START_TEST(lines_are_pulled_from_outside)
{
    enable(A);
    enable(TIMER);
    tg_bus_input(rig.machine, (struct tg_input){TG_INPUT_LINE, A});
    ck_assert_uint_eq(rig_offered(0), A);
    tg_bus_input(rig.machine, (struct tg_input){TG_INPUT_LINE, A | 0x80});
    ck_assert_uint_eq(rig_offered(0), NONE);
    tg_bus_input(rig.machine, (struct tg_input){TG_INPUT_LINE, TIMER});
    ck_assert_uint_eq(rig_offered(0), TIMER);
    tg_bus_input(rig.machine, (struct tg_input){TG_INPUT_LINE, TIMER | 0x80});
    tg_bus_input(rig.machine, (struct tg_input){TG_INPUT_LINE, TIMER | 0x700}); /* no such CPU */
    ck_assert_uint_eq(rig_offered(0), NONE);
}
END_TEST

/* rules: DEV-IRQ-4, DEV-BUS-4 */
START_TEST(reset_disables_all_sources)
{
    ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_ENABLE), 0);
    ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_ASSERTED), 0);
    ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_SERVICE), 0);
    ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_THRESHOLD), 0);
    ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_STATUS), 0);
    for (uint32_t n = 0; n < 32; n++)
        ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_SOURCE + 4 * n), n == 0 ? 5 : n == 1 ? 6 : 3);
    set_line(A, true);
    ck_assert_uint_eq(rig_offered(0), NONE);
}
END_TEST

/* rules: DEV-IRQ-2, DEV-IRQ-5 */
START_TEST(a_source_is_offered_while_asserted_and_enabled)
{
    enable(A);
    ck_assert_uint_eq(rig_offered(0), NONE);
    set_line(A, true);
    ck_assert_uint_eq(rig_offered(0), A);
    rig_out(TG_PORT_INTERRUPTS_DISABLE, BIT(A));
    ck_assert_uint_eq(rig_offered(0), NONE);
    enable(A);
    ck_assert_uint_eq(rig_offered(0), A);
    set_line(A, false);
    ck_assert_uint_eq(rig_offered(0), NONE);
}
END_TEST

/* rules: DEV-IRQ-2, DEV-IRQ-3 */
START_TEST(every_source_can_be_offered_and_served)
{
    for (uint32_t n = 2; n < 32; n++) {
        enable(n);
        set_line(n, true);
        ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_ASSERTED), BIT(n));
        ck_assert_uint_eq(acknowledge(0), n);
        ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_SERVICE), BIT(n));
        set_line(n, false);
        end(n);
        ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_SERVICE), 0);
    }
}
END_TEST

/* rules: DEV-IRQ-3 */
START_TEST(the_highest_priority_is_offered_and_the_lower_number_if_equal)
{
    enable(A);
    enable(B);
    set_line(B, true);
    ck_assert_uint_eq(rig_offered(0), B);
    set_line(A, true);
    ck_assert_uint_eq(rig_offered(0), A);
    set_priority(B, 4);
    ck_assert_uint_eq(rig_offered(0), B);
    set_priority(A, 7);
    ck_assert_uint_eq(rig_offered(0), A);
    set_priority(B, 7);
    ck_assert_uint_eq(rig_offered(0), A);
}
END_TEST

/* rules: DEV-IRQ-2 */
START_TEST(only_priorities_above_the_threshold_are_offered)
{
    enable(A);
    set_line(A, true);
    for (uint32_t priority = 0; priority < 8; priority++) {
        set_priority(A, priority);
        for (uint32_t threshold = 0; threshold < 8; threshold++) {
            rig_out(TG_PORT_INTERRUPTS_THRESHOLD, threshold);
            ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_THRESHOLD), threshold);
            ck_assert_uint_eq(rig_offered(0), priority > threshold ? A : NONE);
        }
    }
}
END_TEST

/* rules: DEV-IRQ-2, DEV-IRQ-6 */
START_TEST(in_service_only_higher_priorities_are_offered)
{
    enable(A);
    enable(B);
    set_line(A, true);
    ck_assert_uint_eq(acknowledge(0), A);
    ck_assert_uint_eq(rig_offered(0), NONE);
    set_line(B, true);
    for (uint32_t priority = 0; priority < 8; priority++) {
        set_priority(B, priority);
        ck_assert_uint_eq(rig_offered(0), priority > 3 ? B : NONE);
    }
    ck_assert_uint_eq(acknowledge(0), B);
    ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_SERVICE), BIT(A) | BIT(B));
    ck_assert_uint_eq(rig_offered(0), NONE);
    end(A); /* B, of priority 7, is still there */
    ck_assert_uint_eq(rig_offered(0), NONE);
    end(B);
    ck_assert_uint_eq(rig_offered(0), B);
}
END_TEST

/* rules: DEV-IRQ-1, DEV-IRQ-6 */
START_TEST(a_level_still_asserted_is_offered_again_after_end)
{
    enable(A);
    set_line(A, true);
    ck_assert_uint_eq(acknowledge(0), A);
    ck_assert(rig_is_asserted(A));
    end(A);
    ck_assert_uint_eq(rig_offered(0), A);
    ck_assert_uint_eq(acknowledge(0), A);
    set_line(A, false);
    end(A);
    ck_assert_uint_eq(rig_offered(0), NONE);
}
END_TEST

/* rules: DEV-IRQ-7, DEV-BUS-3 */
START_TEST(end_of_what_is_not_in_service_is_refused)
{
    static const uint32_t numbers[] = {TIMER, MESSAGE, A, LAST, 32, 33, 64, UINT32_MAX};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        end(numbers[i]);
        ck_assert(was_refused());
    }
    enable(A);
    set_line(A, true);
    acknowledge(0);
    end(A + 32);
    ck_assert(was_refused());
    ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_SERVICE), BIT(A));
    end(A);
    ck_assert(!was_refused());
    end(A);
    ck_assert(was_refused());
}
END_TEST

/* rules: DEV-BUS-3 */
START_TEST(refused_stays_until_one_is_written)
{
    end(A);
    rig_out(TG_PORT_INTERRUPTS_STATUS, ~TG_MASK(INTERRUPTS_STATUS_REFUSED));
    ck_assert(was_refused());
}
END_TEST

/* rules: DEV-IRQ-10 */
START_TEST(enabling_and_disabling_leave_other_sources_alone)
{
    rig_out(TG_PORT_INTERRUPTS_ENABLE, 0x00ff00ff);
    rig_out(TG_PORT_INTERRUPTS_ENABLE, 0x80000000);
    ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_ENABLE), 0x80ff00ff);
    rig_out(TG_PORT_INTERRUPTS_DISABLE, 0x000f000f);
    ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_ENABLE), 0x80f000f0);
    rig_out(TG_PORT_INTERRUPTS_DISABLE, 0);
    ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_ENABLE), 0x80f000f0);
}
END_TEST

/* rules: DEV-IRQ-2, DEV-IRQ-11 */
START_TEST(a_shared_source_goes_to_one_cpu)
{
    rig_with_cpus(8);
    for (uint32_t n = 2; n < 32; n++) {
        enable(n);
        set_line(n, true);
        for (uint32_t to = 0; to < 8; to++) {
            route(n, to);
            ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_SOURCE + 4 * n), 3 | to << 8);
            for (uint32_t cpu = 0; cpu < 8; cpu++)
                ck_assert_uint_eq(rig_offered(cpu), cpu == to ? n : NONE);
        }
        set_line(n, false);
    }
}
END_TEST

/* rules: DEV-IRQ-11 */
START_TEST(a_route_to_no_cpu_is_refused)
{
    rig_with_cpus(3);
    rig_out(TG_PORT_INTERRUPTS_SOURCE + 4 * A, 5 | 2 << 8);
    ck_assert(!was_refused());
    rig_out(TG_PORT_INTERRUPTS_SOURCE + 4 * A, 6 | 3 << 8);
    ck_assert(was_refused());
    ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_SOURCE + 4 * A), 5 | 2 << 8);
    rig_out(TG_PORT_INTERRUPTS_SOURCE + 4 * TIMER, 4 | 7 << 8);
    ck_assert(!was_refused());
    ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_SOURCE + 4 * TIMER), 4);
}
END_TEST

/* rules: DEV-IRQ-11, DEV-IRQ-6 */
START_TEST(a_source_in_service_stays_where_it_is)
{
    rig_with_cpus(2);
    enable(A);
    set_line(A, true);
    ck_assert_uint_eq(acknowledge(0), A);
    route(A, 1);
    ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_SERVICE), BIT(A));
    ck_assert_uint_eq(rig_offered(1), NONE);
    rig.cpu = 1;
    ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_SERVICE), 0);
    end(A); /* any CPU may */
    ck_assert(!was_refused());
    ck_assert_uint_eq(rig_offered(1), A);
    ck_assert_uint_eq(rig_offered(0), NONE);
}
END_TEST

/* rules: DEV-IRQ-2, DEV-IRQ-12 */
START_TEST(thresholds_service_and_refusals_are_each_cpus_own)
{
    rig_with_cpus(2);
    rig_out(TG_PORT_INTERRUPTS_THRESHOLD, 6);
    end(A);
    rig_out(TG_PORT_INTERRUPTS_START_PC, 0x1230);
    rig_out(TG_PORT_INTERRUPTS_START_ARGUMENT, 77);
    rig.cpu = 1;
    ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_THRESHOLD), 0);
    ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_START_PC), 0);
    ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_START_ARGUMENT), 0);
    ck_assert(!was_refused());
    rig.cpu = 0;
    ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_START_PC), 0x1230);
    ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_START_ARGUMENT), 77);
    ck_assert(was_refused());
}
END_TEST

/* rules: DEV-IRQ-8, DEV-IRQ-9, DEV-IRQ-6 */
START_TEST(a_message_reaches_the_cpus_of_the_mask)
{
    rig_with_cpus(4);
    for (rig.cpu = 0; rig.cpu < 4; rig.cpu++)
        enable(MESSAGE);
    for (uint32_t mask = 0; mask < 16; mask++) {
        rig.cpu = mask % 4;
        rig_out(TG_PORT_INTERRUPTS_SEND, mask | 0xfffffff0);
        ck_assert(!was_refused());
        for (uint32_t cpu = 0; cpu < 4; cpu++)
            ck_assert_uint_eq(rig_offered(cpu), mask >> cpu & 1 ? MESSAGE : NONE);
        for (rig.cpu = 0; rig.cpu < 4; rig.cpu++) {
            if (mask >> rig.cpu & 1) {
                ck_assert_uint_eq(acknowledge(rig.cpu), MESSAGE);
                ck_assert(!rig_is_asserted(MESSAGE));
                end(MESSAGE);
            }
            ck_assert_uint_eq(rig_offered(rig.cpu), NONE);
        }
    }
}
END_TEST

/* rules: DEV-IRQ-8, DEV-IRQ-9 */
START_TEST(a_message_sent_while_one_is_in_service_is_offered_after_end)
{
    enable(MESSAGE);
    rig_out(TG_PORT_INTERRUPTS_SEND, 1);
    acknowledge(0);
    rig_out(TG_PORT_INTERRUPTS_SEND, 1);
    rig_out(TG_PORT_INTERRUPTS_SEND, 1);
    ck_assert_uint_eq(rig_offered(0), NONE);
    end(MESSAGE);
    ck_assert_uint_eq(acknowledge(0), MESSAGE);
    end(MESSAGE);
    ck_assert_uint_eq(rig_offered(0), NONE);
}
END_TEST

/* rules: DEV-IRQ-6, DEV-IRQ-7, DEV-IRQ-10 */
START_TEST(local_sources_are_each_cpus_own)
{
    rig_with_cpus(2);
    tg_bus_set_local_line(rig.machine, 1, TIMER, true);
    enable(TIMER);
    ck_assert_uint_eq(rig_offered(0), NONE);
    ck_assert_uint_eq(rig_offered(1), NONE);
    rig.cpu = 1;
    ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_ENABLE), 0);
    enable(TIMER);
    ck_assert_uint_eq(acknowledge(1), TIMER);
    rig.cpu = 0;
    ck_assert(!rig_is_asserted(TIMER));
    end(TIMER);
    ck_assert(was_refused());
    rig.cpu = 1;
    ck_assert_uint_eq(rig_in(TG_PORT_INTERRUPTS_SERVICE), BIT(TIMER));
    tg_bus_set_local_line(rig.machine, 1, TIMER, false);
    rig.cpu = 0;
    tg_bus_set_local_line(rig.machine, 0, TIMER, true);
    ck_assert_uint_eq(acknowledge(0), TIMER); /* in service at CPU 1 does not matter here */
}
END_TEST

/* rules: DEV-IRQ-13 */
START_TEST(start_starts_a_parked_cpu)
{
    rig_with_cpus(3);
    rig_out(TG_PORT_INTERRUPTS_START_PC, 0x2004);
    rig_out(TG_PORT_INTERRUPTS_START_ARGUMENT, 0xcafe);
    rig_out(TG_PORT_INTERRUPTS_START, 2);
    ck_assert(!was_refused());
    const struct tg_cpu_state *s = &rig.machine->cpus[2].s;
    ck_assert_int_eq(s->run_state, TG_CPU_RUNNING);
    ck_assert_uint_eq(s->pc, 0x2004);
    for (uint32_t i = 0; i < 32; i++)
        ck_assert_uint_eq(s->x[i], i == 10 ? 2 : i == 11 ? 0xcafe : 0);
    ck_assert_uint_eq(s->status, 0);
    ck_assert_int_eq(rig.machine->cpus[1].s.run_state, TG_CPU_PARKED);
}
END_TEST

/* rules: DEV-IRQ-14 */
START_TEST(start_refuses_what_cannot_be_started)
{
    static const uint32_t numbers[] = {0, 2, 3, 8, 32, UINT32_MAX};
    rig_with_cpus(2);
    rig_out(TG_PORT_INTERRUPTS_START_PC, 0x2000);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        rig_out(TG_PORT_INTERRUPTS_START, numbers[i]);
        ck_assert(was_refused());
    }
    for (uint32_t low = 1; low < 4; low++) {
        rig_out(TG_PORT_INTERRUPTS_START_PC, 0x2000 + low);
        rig_out(TG_PORT_INTERRUPTS_START, 1);
        ck_assert(was_refused());
        ck_assert_int_eq(rig.machine->cpus[1].s.run_state, TG_CPU_PARKED);
    }
    rig_out(TG_PORT_INTERRUPTS_START_PC, 0x2000);
    rig_out(TG_PORT_INTERRUPTS_START, 1);
    ck_assert(!was_refused());
    rig_out(TG_PORT_INTERRUPTS_START_PC, 0x3000);
    rig_out(TG_PORT_INTERRUPTS_START, 1);
    ck_assert(was_refused());
    ck_assert_uint_eq(rig.machine->cpus[1].s.pc, 0x2000);
}
END_TEST

/* Two controllers that have seen the same are equal whatever happened in between: refresh gives
 * what was kept. */
START_TEST(refresh_finds_the_same_as_every_change_did)
{
    uint64_t random = 7;
    rig_with_cpus(4);
    for (int i = 0; i < 5000; i++) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint32_t n = (uint32_t)(random >> 40) % 32, value = (uint32_t)(random >> 32);
        rig.cpu = (uint32_t)(random >> 60) % 4;
        switch (value % 8) {
        case 0:
            enable(n);
            break;
        case 1:
            rig_out(TG_PORT_INTERRUPTS_DISABLE, BIT(n));
            break;
        case 2:
            end(n);
            break;
        case 3:
            rig_out(TG_PORT_INTERRUPTS_SEND, value >> 8);
            break;
        case 4:
            rig_out(TG_PORT_INTERRUPTS_SOURCE + 4 * n, value >> 8);
            break;
        case 5:
            rig_out(TG_PORT_INTERRUPTS_THRESHOLD, value >> 28);
            break;
        case 6:
            if (n > 1)
                set_line(n, value >> 8 & 1);
            else
                tg_bus_set_local_line(rig.machine, rig.cpu, n, value >> 8 & 1);
            break;
        default:
            if (rig_offered(rig.cpu) != NONE)
                acknowledge(rig.cpu);
            break;
        }
        for (uint32_t cpu = 0; cpu < 4; cpu++) {
            bool was_offered = rig.machine->cpus[cpu].is_interrupt_offered;
            rig.machine->cpus[cpu].is_interrupt_offered = !was_offered;
            tg_bus_refresh(rig.machine);
            ck_assert_int_eq(rig.machine->cpus[cpu].is_interrupt_offered, was_offered);
        }
    }
}
END_TEST

RIG_MAIN("interrupts", lines_are_pulled_from_outside, reset_disables_all_sources, a_source_is_offered_while_asserted_and_enabled,
         every_source_can_be_offered_and_served,
         the_highest_priority_is_offered_and_the_lower_number_if_equal,
         only_priorities_above_the_threshold_are_offered,
         in_service_only_higher_priorities_are_offered,
         a_level_still_asserted_is_offered_again_after_end,
         end_of_what_is_not_in_service_is_refused, refused_stays_until_one_is_written,
         enabling_and_disabling_leave_other_sources_alone, a_shared_source_goes_to_one_cpu,
         a_route_to_no_cpu_is_refused, a_source_in_service_stays_where_it_is,
         thresholds_service_and_refusals_are_each_cpus_own, a_message_reaches_the_cpus_of_the_mask,
         a_message_sent_while_one_is_in_service_is_offered_after_end,
         local_sources_are_each_cpus_own, start_starts_a_parked_cpu,
         start_refuses_what_cannot_be_started, refresh_finds_the_same_as_every_change_did)
