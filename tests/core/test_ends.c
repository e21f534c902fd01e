/*
 * How a run ends, apart from limits and waiting: power-off, panic, fatal, break, request.
 * docs/isa.md sections 6 and 10, docs/devices.md sections 3 and 4.
 */
#include <pthread.h>

#include "bus/ports.h"
#include "suite.h"
#include "support/program.h"

static struct program program;

/* Does nothing for a while, then writes value to port and goes on. */
static struct tg_machine *writing_machine(const char *engine, uint32_t cpus, uint32_t port,
                                          uint32_t value)
{
    program_begin(&program, PROGRAM_START);
    for (int i = 0; i < 10; i++)
        program_i(&program, TG_INSN_ADDI, T0, T0, 1);
    program_out(&program, port, value);
    uint32_t loop = program_here(&program);
    program_i(&program, TG_INSN_ADDI, T0, T0, 1);
    program_branch(&program, TG_INSN_JAL, ZERO, 0, loop);
    return program_machine(&program, engine, cpus);
}
#define WRITTEN_AT 13 /* instructions begun when it has written */

static void check_stays_ended(struct tg_machine *machine, struct tg_stop stop)
{
    struct tg_position at = tg_machine_position(machine);
    uint64_t digest = tg_machine_digest(machine);
    struct tg_stop again = program_run(machine, TG_NO_LIMIT);
    ck_assert_int_eq(again.reason, stop.reason);
    ck_assert_uint_eq(again.cpu, stop.cpu);
    ck_assert_uint_eq(again.status, stop.status);
    ck_assert_uint_eq(tg_machine_position(machine).insns, at.insns);
    ck_assert_uint_eq(tg_machine_position(machine).time, at.time);
    ck_assert_uint_eq(tg_machine_digest(machine), digest);
}

START_TEST(a_machine_that_is_switched_off_stays_so) /* rules: DEV-SYS-2, DEV-DBG-6 */
{
    const uint32_t cases[][3] = {{TG_PORT_SYSTEM_POWER, 7, 7},
                                 {TG_PORT_DEBUG_EXIT, 0, 0},
                                 {TG_PORT_DEBUG_EXIT, 99, 99},
                                 {TG_PORT_DEBUG_EXIT, 1000, 99}};
    for (uint32_t cpus = 1; cpus <= 2; cpus++) {
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            struct tg_machine *machine = writing_machine(ENGINE, cpus, cases[i][0], cases[i][1]);
            struct tg_stop stop = program_run(machine, TG_NO_LIMIT);
            ck_assert_int_eq(stop.reason, TG_STOP_POWER_OFF);
            ck_assert_uint_eq(stop.status, cases[i][2]);
            ck_assert_uint_eq(stop.cpu, 0);
            ck_assert_uint_eq(tg_machine_position(machine).insns, WRITTEN_AT);
            ck_assert_uint_eq(tg_machine_position(machine).time, WRITTEN_AT);
            check_stays_ended(machine, stop);
            tg_machine_destroy(machine);
        }
    }
}
END_TEST

START_TEST(a_panic_is_reported_with_its_value) /* rules: DEV-DBG-7 */
{
    struct tg_machine *machine = writing_machine(ENGINE, 1, TG_PORT_DEBUG_PANIC, 0xdead);
    struct tg_stop stop = program_run(machine, TG_NO_LIMIT);
    ck_assert_int_eq(stop.reason, TG_STOP_PANIC);
    ck_assert_uint_eq(stop.status, 0xdead);
    check_stays_ended(machine, stop);
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(a_break_loses_nothing) /* rules: DEV-DBG-5 */
{
    for (uint32_t cpus = 1; cpus <= 2; cpus++) {
        struct tg_machine *machine = writing_machine(ENGINE, cpus, TG_PORT_DEBUG_BREAK, 5);
        struct tg_stop stop = program_run(machine, 1000);
        ck_assert_int_eq(stop.reason, TG_STOP_BREAK);
        ck_assert_uint_eq(stop.status, 5);
        ck_assert_uint_eq(tg_machine_position(machine).insns, WRITTEN_AT);
        ck_assert_int_eq(program_run(machine, 1000).reason, TG_STOP_LIMIT);
        ck_assert_uint_eq(program_register(machine, 0, T0), 10 + (1000 - WRITTEN_AT + 1) / 2);
        tg_machine_destroy(machine);
    }
}
END_TEST

START_TEST(a_break_names_its_cpu) /* rules: DEV-DBG-5 */
{
    program_begin(&program, PROGRAM_START);
    program_out(&program, TG_PORT_INTERRUPTS_START_PC, PROGRAM_START + 28);
    program_out(&program, TG_PORT_INTERRUPTS_START, 1);
    program_branch(&program, TG_INSN_JAL, ZERO, 0, program_here(&program));
    ck_assert_uint_eq(program_here(&program), PROGRAM_START + 28);
    program_out(&program, TG_PORT_DEBUG_BREAK, 9);
    program_branch(&program, TG_INSN_JAL, ZERO, 0, program_here(&program));
    struct tg_machine *machine = program_machine(&program, ENGINE, 2);
    struct tg_stop stop = program_run(machine, 1000);
    ck_assert_int_eq(stop.reason, TG_STOP_BREAK);
    ck_assert_uint_eq(stop.cpu, 1);
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(a_double_fault_that_fails_is_fatal) /* rules: DBL-3 */
{
    program_begin(&program, PROGRAM_START);
    program_i(&program, TG_INSN_ADDI, T0, ZERO, 1);
    program_i(&program, TG_INSN_BRK, 0, 0,
              0); /* the vector table is at 0: RAM of zeros, no gate is present */
    struct tg_machine *machine = program_machine(&program, ENGINE, 1);
    struct tg_fatal fatal;
    ck_assert(!tg_machine_fatal(machine, &fatal));
    struct tg_stop stop = program_run(machine, TG_NO_LIMIT);
    ck_assert_int_eq(stop.reason, TG_STOP_FATAL);
    ck_assert(tg_machine_fatal(machine, &fatal));
    ck_assert_uint_eq(fatal.cpu, 0);
    ck_assert_uint_eq(fatal.vector, TG_CAUSE_BREAKPOINT);
    ck_assert_uint_eq(fatal.reason, TG_GATE_ABSENT);
    ck_assert_uint_eq(fatal.double_reason, TG_GATE_ABSENT);
    ck_assert_uint_eq(fatal.double_address, 8 * TG_CAUSE_DOUBLE);
    ck_assert_uint_eq(fatal.pc, PROGRAM_START + 4);
    ck_assert_uint_eq(tg_machine_position(machine).insns, 2);
    check_stays_ended(machine, stop);
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(reset_revives_a_machine_that_has_ended) /* rules: RST-1 */
{
    struct tg_machine *machine = writing_machine(ENGINE, 2, TG_PORT_DEBUG_EXIT, 3);
    program_run(machine, TG_NO_LIMIT);
    ck_assert_int_eq(tg_machine_input(machine, (struct tg_input){TG_INPUT_RESET, 0}), TG_OK);
    program_load(&program, machine);
    struct tg_stop stop = program_run(machine, TG_NO_LIMIT);
    ck_assert_int_eq(stop.reason, TG_STOP_POWER_OFF);
    ck_assert_uint_eq(tg_machine_position(machine).insns, 2 * WRITTEN_AT);
    ck_assert_uint_eq(tg_machine_position(machine).time, 2 * WRITTEN_AT);
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(a_guest_can_reset_the_machine) /* rules: DEV-SYS-3, RST-1 */
{
    for (uint32_t cpus = 1; cpus <= 2; cpus++) {
        struct tg_machine *machine =
            writing_machine(ENGINE, cpus, TG_PORT_SYSTEM_POWER, TG_MASK(SYSTEM_POWER_RESET));
        uint64_t round_end = cpus == 1 ? WRITTEN_AT : 64;
        struct tg_run_limits limits = {.until = {TG_NO_LIMIT, round_end}};
        struct tg_stop stop;
        tg_machine_run(machine, &limits, &stop);
        ck_assert_int_eq(stop.reason, TG_STOP_LIMIT);
        struct tg_cpu_view view;
        tg_machine_cpu(machine, 0, &view);
        ck_assert_uint_eq(view.pc, PROGRAM_START);
        ck_assert_uint_eq(view.x[T0], 0);
        ck_assert_uint_eq(view.insns, round_end);
        ck_assert_uint_eq(program_ram(machine, PROGRAM_START), 0);
        tg_machine_destroy(machine);
    }
}
END_TEST

/* --- Requests --- */

struct requester {
    struct tg_machine *machine;
    uint64_t calls, at;
};

static void request_at(void *context, uint32_t cpu, uint32_t pc, uint32_t word)
{
    struct requester *requester = context;
    (void)cpu;
    (void)pc;
    (void)word;
    if (++requester->calls == requester->at)
        tg_machine_request_stop(requester->machine);
}

START_TEST(an_observer_stops_the_machine_after_its_instruction)
{
    for (uint32_t cpus = 1; cpus <= 2; cpus++) {
        struct tg_machine *machine = writing_machine(ENGINE, cpus, TG_PORT_DEBUG_MARK, 0);
        const uint64_t places[] = {1, 2, 63, 64, 65, 1000};
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
            struct requester requester = {
                .machine = machine, .calls = tg_machine_position(machine).insns, .at = places[i]};
            struct tg_observer observer = {.context = &requester, .retire = request_at};
            ck_assert_int_eq(tg_machine_observe(machine, &observer), TG_OK);
            ck_assert_int_eq(program_run(machine, 100000).reason, TG_STOP_REQUEST);
            ck_assert_uint_eq(tg_machine_position(machine).insns, places[i]);
            tg_machine_unobserve(machine, &observer);
        }
        tg_machine_destroy(machine);
    }
}
END_TEST

START_TEST(a_request_before_a_run_stops_it_at_once)
{
    struct tg_machine *machine = writing_machine(ENGINE, 1, TG_PORT_DEBUG_MARK, 0);
    tg_machine_request_stop(machine);
    ck_assert_int_eq(program_run(machine, 100).reason, TG_STOP_REQUEST);
    ck_assert_uint_eq(tg_machine_position(machine).insns, 0);
    ck_assert_int_eq(program_run(machine, 100).reason, TG_STOP_LIMIT);
    tg_machine_destroy(machine);
}
END_TEST

static void *request_stop(void *machine)
{
    tg_machine_request_stop(machine);
    return NULL;
}

START_TEST(a_request_from_another_thread_comes_through)
{
    struct tg_machine *machine = writing_machine(ENGINE, 1, TG_PORT_DEBUG_MARK, 0);
    for (int i = 0; i < 20; i++) {
        pthread_t thread;
        ck_assert_int_eq(pthread_create(&thread, NULL, request_stop, machine), 0);
        /* Before, in or between turns: the machine would run for ever. */
        ck_assert_int_eq(program_run(machine, TG_NO_LIMIT).reason, TG_STOP_REQUEST);
        ck_assert_int_eq(pthread_join(thread, NULL), 0);
    }
    tg_machine_destroy(machine);
}
END_TEST

SUITE_MAIN("ends", a_machine_that_is_switched_off_stays_so, a_panic_is_reported_with_its_value,
           a_break_loses_nothing, a_break_names_its_cpu, a_double_fault_that_fails_is_fatal,
           reset_revives_a_machine_that_has_ended, a_guest_can_reset_the_machine,
           an_observer_stops_the_machine_after_its_instruction,
           a_request_before_a_run_stops_it_at_once, a_request_from_another_thread_comes_through)
