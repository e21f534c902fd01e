/* Tests of why a machine stops: each kind of stop, and interrupting (emu/debug/run.c, debug.c). */
#include <stdlib.h>

#include "bus/ports.h"
#include "debugged.h"
#include "suite.h"

/* Some instructions, then a value to a port, then a loop. */
static struct debugged make(uint32_t port, uint32_t value, const char *engine)
{
    struct program program;
    program_begin(&program, PROGRAM_START);
    for (unsigned i = 0; i < 10; i++)
        program_i(&program, TG_INSN_ADDI, S0, S0, 1);
    program_out(&program, port, value);
    program_i(&program, TG_INSN_ADDI, S0, S0, 1);
    program_branch(&program, TG_INSN_JAL, ZERO, 0, program_here(&program) - 4);
    return debugged_program(&program, engine, 1);
}

static struct debugged make_words(const uint32_t *words, unsigned count, const char *engine)
{
    struct program program;
    program_begin(&program, PROGRAM_START);
    for (unsigned i = 0; i < count; i++)
        program_word(&program, words[i]);
    return debugged_program(&program, engine, 1);
}

static struct tg_debug_stop run(struct debugged *d)
{
    return debugged_do(d, TG_DEBUG_CONTINUE, false, 1);
}

START_TEST(what_the_guest_does_to_itself_has_a_status)
{
    static const struct {
        uint32_t port, value;
        enum tg_debug_stop_kind kind;
    } rows[] = {
        {TG_PORT_SYSTEM_POWER, 7, TG_DEBUG_POWER_OFF},
        {TG_PORT_DEBUG_EXIT, 8, TG_DEBUG_POWER_OFF},
        {TG_PORT_DEBUG_PANIC, 9, TG_DEBUG_PANIC},
        {TG_PORT_DEBUG_BREAK, 10, TG_DEBUG_GUEST_BREAK},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct debugged d = make(rows[i].port, rows[i].value, ENGINE);
        struct tg_debug_stop stop = run(&d);
        ck_assert_int_eq(stop.reasons[0].kind, rows[i].kind);
        ck_assert_uint_eq(stop.reasons[0].status, rows[i].value);
        ck_assert_uint_eq(stop.reasons[0].cpu, 0);
        ck_assert_uint_eq(debugged_steps(&d), 13);
        debugged_do(&d, TG_DEBUG_STEPI, true, 3);
        ck_assert_uint_eq(debugged_steps(&d), 10);
        stop = run(&d);
        ck_assert_int_eq(stop.reasons[0].kind, rows[i].kind);
        debugged_finish(&d);
    }
}
END_TEST

/* An end that a reset followed is an end again for whoever comes by. */
START_TEST(an_end_stops_again_in_the_past)
{
    struct debugged d = make(TG_PORT_DEBUG_PANIC, 9, ENGINE);
    const struct tg_input reset = {TG_INPUT_RESET, 0};
    run(&d);
    ck_assert_int_eq(tg_debug_input(d.debug, reset, NULL), TG_OK);
    struct tg_debug_stop stop = run(&d); /* a reset without an image leaves nothing to execute */
    ck_assert_int_eq(stop.reasons[0].kind, TG_DEBUG_FATAL);
    uint64_t end = debugged_steps(&d);
    stop = debugged_do(&d, TG_DEBUG_CONTINUE, true, 1);
    ck_assert_int_eq(stop.reasons[0].kind, TG_DEBUG_PANIC);
    ck_assert_uint_eq(stop.reasons[0].status, 9);
    ck_assert(stop.is_replay);
    debugged_goto(&d, TG_DEBUG_TO_START, 0);
    stop = run(&d);
    ck_assert_int_eq(stop.reasons[0].kind, TG_DEBUG_PANIC);
    stop = run(&d);
    ck_assert_int_eq(stop.reasons[0].kind, TG_DEBUG_FATAL);
    ck_assert_uint_eq(debugged_steps(&d), end);
    ck_assert(!stop.is_replay);
    debugged_finish(&d);
}
END_TEST

START_TEST(a_double_fault_that_cannot_be_delivered_is_fatal)
{
    const uint32_t words[] = {tg_word_i(TG_INSN_TRAP, 0, 0, 9)};
    struct debugged d = make_words(words, 1, ENGINE);
    ck_assert_int_eq(run(&d).reasons[0].kind, TG_DEBUG_FATAL);
    struct tg_fatal fatal;
    ck_assert(tg_machine_fatal(d.machine, &fatal));
    debugged_finish(&d);
}
END_TEST

START_TEST(waiting_for_ever_and_waiting_for_input_are_told_apart)
{
    const uint32_t words[] = {tg_word_i(TG_INSN_WFI, 0, 0, 0), tg_word_i(TG_INSN_ADDI, S0, S0, 1)};
    struct debugged d = make_words(words, 2, ENGINE);
    ck_assert_int_eq(run(&d).reasons[0].kind, TG_DEBUG_IDLE);
    ck_assert(tg_debug_place(d.debug).is_idle);
    const struct tg_debug_command command = {
        .kind = TG_DEBUG_CONTINUE, .cpu = TG_DEBUG_ANY, .stops_for_input = true};
    ck_assert_int_eq(debugged_go(&d, &command).reasons[0].kind, TG_DEBUG_INPUT);
    debugged_finish(&d);
}
END_TEST

START_TEST(limits_the_beginning_and_the_present_stop)
{
    struct debugged d = make(TG_PORT_DEBUG_MARK, 1, ENGINE);
    struct tg_debug_command command = {
        .kind = TG_DEBUG_CONTINUE, .cpu = TG_DEBUG_ANY, .until_insns = 100};
    ck_assert_int_eq(debugged_go(&d, &command).reasons[0].kind, TG_DEBUG_LIMIT);
    ck_assert_uint_eq(debugged_steps(&d), 100);
    command = (struct tg_debug_command){
        .kind = TG_DEBUG_CONTINUE, .cpu = TG_DEBUG_ANY, .until_time = 300};
    ck_assert_int_eq(debugged_go(&d, &command).reasons[0].kind, TG_DEBUG_LIMIT);
    ck_assert_uint_eq(tg_debug_place(d.debug).time, 300);
    ck_assert_int_eq(debugged_do(&d, TG_DEBUG_CONTINUE, true, 1).reasons[0].kind,
                     TG_DEBUG_HISTORY_START);
    ck_assert_int_eq(debugged_do(&d, TG_DEBUG_STEPI, true, 1).reasons[0].kind,
                     TG_DEBUG_HISTORY_START);
    command = (struct tg_debug_command){
        .kind = TG_DEBUG_CONTINUE, .cpu = TG_DEBUG_ANY, .stops_at_present = true};
    ck_assert_int_eq(debugged_go(&d, &command).reasons[0].kind, TG_DEBUG_HISTORY_END);
    ck_assert_uint_eq(debugged_steps(&d), 300);
    ck_assert_int_eq(debugged_do(&d, TG_DEBUG_STEPI, false, 1).reasons[0].kind, TG_DEBUG_STEP_DONE);
    debugged_finish(&d);
}
END_TEST

static unsigned calls;

static void interrupt_at_third(void *context, const struct tg_debug_stop *stop)
{
    struct debugged *d = context;
    ck_assert_uint_eq(stop->count, 1);
    if (++calls == 3)
        tg_debug_interrupt(d->debug);
}

static bool interrupt_always(void *context, uint32_t cpu)
{
    struct debugged *d = context;
    (void)cpu;
    tg_debug_interrupt(d->debug);
    return false;
}

START_TEST(interrupting_stops_a_run_and_undoes_a_search)
{
    struct debugged d = make(TG_PORT_DEBUG_MARK, 1, ENGINE);
    const struct tg_debug_options options = {.context = &d, .logged = interrupt_at_third};
    tg_debug_destroy(d.debug);
    ck_assert_int_eq(tg_debug_create(d.machine, &options, &d.debug, NULL), TG_OK);
    struct tg_debug_point point = debugged_point(TG_DEBUG_POINT_BREAK);
    point.addresses[point.address_count++] = PROGRAM_START + 13 * 4;
    point.is_log_only = true;
    calls = 0;
    debugged_add(&d, &point);
    struct tg_debug_stop stop = run(&d);
    ck_assert_int_eq(stop.reasons[0].kind, TG_DEBUG_REQUEST);
    ck_assert_uint_ge(calls, 3); /* it stops soon, not at once */
    uint64_t steps = debugged_steps(&d);

    point.is_log_only = false;
    point.condition = (struct tg_debug_condition){.context = &d, .holds = interrupt_always};
    debugged_add(&d, &point);
    stop = debugged_do(&d, TG_DEBUG_CONTINUE, true, 1);
    ck_assert_int_eq(stop.reasons[0].kind, TG_DEBUG_REQUEST);
    ck_assert_uint_eq(debugged_steps(&d), steps);
    debugged_finish(&d);
}
END_TEST

/* Every page of RAM written again and again, with room for a few checkpoints only. */
START_TEST(thinned_history_still_leads_everywhere)
{
    enum { PLACES = 12, GAP = 9000000 };
    if (_i > 0)
        return; /* a slow engine shows nothing new */
    struct program program;
    uint64_t digests[PLACES];
    program_begin(&program, PROGRAM_START);
    program_li(&program, S0, 0x8000);
    program_li(&program, S1, 0x40000);
    uint32_t loop = program_here(&program);
    program_i(&program, TG_INSN_ADDI, A0, A0, 1);
    program_i(&program, TG_INSN_SW, A0, S0, 0);
    program_i(&program, TG_INSN_ADDI, S0, S0, 1024);
    program_branch(&program, TG_INSN_BLT, S0, S1, loop);
    program_branch(&program, TG_INSN_JAL, ZERO, 0, PROGRAM_START);
    struct debugged d = debugged_program(&program, ENGINE, 1);
    const struct tg_debug_options options = {.history_bytes = 1 << 20};
    tg_debug_destroy(d.debug);
    ck_assert_int_eq(tg_debug_create(d.machine, &options, &d.debug, NULL), TG_OK);
    for (unsigned i = 0; i < PLACES; i++) {
        const struct tg_debug_command command = {
            .kind = TG_DEBUG_CONTINUE, .cpu = TG_DEBUG_ANY, .until_insns = (uint64_t)GAP * (i + 1)};
        debugged_go(&d, &command);
        digests[i] = tg_machine_digest(d.machine);
    }
    struct tg_debug_history history;
    tg_debug_history(d.debug, &history);
    ck_assert_uint_le(history.bytes, history.limit_bytes);
    ck_assert_uint_gt(history.checkpoints, 2);
    ck_assert_uint_gt(history.longest_gap, 2 * GAP); /* some were forgotten */
    for (unsigned i = PLACES; i-- > 0;) {
        debugged_goto(&d, TG_DEBUG_TO_INSNS, (uint64_t)GAP * (i + 1));
        ck_assert_uint_eq(tg_machine_digest(d.machine), digests[i]);
        tg_debug_history(d.debug, &history);
        ck_assert_uint_le(history.bytes, history.limit_bytes);
    }
    debugged_finish(&d);
}
END_TEST

START_TEST(input_that_waits_is_not_lost_by_looking_back)
{
    struct debugged d = make(TG_PORT_DEBUG_MARK, 1, ENGINE);
    debugged_do(&d, TG_DEBUG_STEPI, false, 20);
    ck_assert_int_eq(tg_debug_type(d.debug, "a", 1, NULL), TG_OK);
    debugged_do(&d, TG_DEBUG_STEPI, true, 10);
    debugged_goto(&d, TG_DEBUG_TO_END, 0);
    const struct tg_debug_command command = {
        .kind = TG_DEBUG_CONTINUE, .cpu = TG_DEBUG_ANY, .until_insns = 100000};
    debugged_go(&d, &command);
    ck_assert_uint_eq(tg_debug_place(d.debug).inputs, 2); /* down and up */
    debugged_finish(&d);
}
END_TEST

SUITE_MAIN("stops", what_the_guest_does_to_itself_has_a_status, an_end_stops_again_in_the_past,
           a_double_fault_that_cannot_be_delivered_is_fatal,
           waiting_for_ever_and_waiting_for_input_are_told_apart,
           limits_the_beginning_and_the_present_stop, interrupting_stops_a_run_and_undoes_a_search,
           thinned_history_still_leads_everywhere, input_that_waits_is_not_lost_by_looking_back)
