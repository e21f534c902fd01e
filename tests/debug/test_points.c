/* Tests of points: a run forward stops at them, and a run backward at the same places for the same
 * reasons, last first (emu/debug/events.c, search.c). */
#include <stdlib.h>

#include "debugged.h"
#include "suite.h"

enum { SEEDS = 16, MOST_STOPS = 400, RUN_STEPS = 6000 };

static bool is_real(const struct tg_debug_stop *stop)
{
    enum tg_debug_stop_kind kind = stop->reasons[0].kind;
    return kind == TG_DEBUG_BREAK || kind == TG_DEBUG_WATCH || kind == TG_DEBUG_CATCH ||
           kind == TG_DEBUG_GUEST_BREAK || kind == TG_DEBUG_PANIC || kind == TG_DEBUG_POWER_OFF ||
           kind == TG_DEBUG_FATAL;
}

/* Breaks at places that the guest comes to, watches of its data, and catches of all kinds. */
static void add_points(struct debugged *d, struct random_source *source)
{
    for (unsigned i = 0; i < 3; i++) {
        debugged_goto(d, TG_DEBUG_TO_STEPS, random_below(source, RUN_STEPS / 2));
        uint32_t pc = debugged_pc(d, tg_machine_turn(d->machine));
        if (pc % 4 == 0)
            debugged_break(d, pc);
    }
    struct tg_debug_point watch = debugged_point(TG_DEBUG_POINT_WATCH);
    watch.is_physical = random_chance(source, 50);
    watch.first = 0x14000 + 4 * random_below(source, 0x2000);
    watch.last = watch.first + random_below(source, 600);
    watch.acts = 1 + random_below(source, 7);
    debugged_add(d, &watch);
    struct tg_debug_point port = debugged_point(TG_DEBUG_POINT_PORT);
    port.last = random_below(source, TG_PORT_COUNT);
    port.acts = TG_DEBUG_ON_READ | TG_DEBUG_ON_WRITE;
    debugged_add(d, &port);
    struct tg_debug_point creg = debugged_point(TG_DEBUG_POINT_CREG);
    creg.first = TG_CR_STATUS;
    creg.acts = TG_DEBUG_ON_CHANGE;
    debugged_add(d, &creg);
    debugged_catch(d, (enum tg_debug_catch)random_below(source, TG_DEBUG_CATCH_COUNT));
    debugged_goto(d, TG_DEBUG_TO_START, 0);
}

/* The members that tell events of a kind apart; structs have holes. */
static void check_same_event(const struct tg_debug_reason *a, const struct tg_debug_reason *b)
{
    switch (a->event_kind) {
    case TG_DEBUG_EVENT_ENTRY:
        ck_assert_uint_eq(a->event.entry.vector, b->event.entry.vector);
        ck_assert_uint_eq(a->event.entry.frame, b->event.entry.frame);
        ck_assert_uint_eq(a->event.entry.saved_pc, b->event.entry.saved_pc);
        break;
    case TG_DEBUG_EVENT_LEAVE:
        ck_assert_uint_eq(a->event.leave.pc, b->event.leave.pc);
        ck_assert_uint_eq(a->event.leave.new_pc, b->event.leave.new_pc);
        break;
    case TG_DEBUG_EVENT_WATCH:
        ck_assert_uint_eq(a->event.watch.pc, b->event.watch.pc);
        ck_assert_uint_eq(a->event.watch.paddr, b->event.watch.paddr);
        ck_assert_uint_eq(a->event.watch.old_value, b->event.watch.old_value);
        ck_assert_uint_eq(a->event.watch.value, b->event.watch.value);
        break;
    case TG_DEBUG_EVENT_PORT:
        ck_assert_uint_eq(a->event.port.pc, b->event.port.pc);
        ck_assert_uint_eq(a->event.port.value, b->event.port.value);
        break;
    case TG_DEBUG_EVENT_CREG:
        ck_assert_uint_eq(a->event.creg.pc, b->event.creg.pc);
        ck_assert_uint_eq(a->event.creg.value, b->event.creg.value);
        break;
    case TG_DEBUG_EVENT_TLB:
        ck_assert_uint_eq(a->event.tlb.vaddr, b->event.tlb.vaddr);
        ck_assert_uint_eq(a->event.tlb.index, b->event.tlb.index);
        break;
    default:
        break;
    }
}

static void check_same_stop(const struct tg_debug_stop *a, const struct tg_debug_stop *b)
{
    ck_assert_uint_eq(tg_debug_steps(&a->place), tg_debug_steps(&b->place));
    ck_assert_int_eq(tg_debug_compare_places(&a->place, &b->place), 0);
    ck_assert_uint_eq(a->count, b->count);
    ck_assert_uint_eq(a->cpu, b->cpu);
    for (uint32_t i = 0; i < a->count; i++) {
        ck_assert_int_eq(a->reasons[i].kind, b->reasons[i].kind);
        ck_assert_uint_eq(a->reasons[i].point, b->reasons[i].point);
        ck_assert_uint_eq(a->reasons[i].cpu, b->reasons[i].cpu);
        ck_assert_int_eq(a->reasons[i].event_kind, b->reasons[i].event_kind);
        check_same_event(&a->reasons[i], &b->reasons[i]);
    }
}

START_TEST(backward_stops_are_those_of_a_run_forward_last_first)
{
    static struct tg_debug_stop stops[MOST_STOPS];
    unsigned all = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct random_source source = {.state = seed + 5000};
        struct debugged d = debugged_guest(seed, ENGINE);
        const struct tg_debug_command forward = {
            .kind = TG_DEBUG_CONTINUE, .cpu = TG_DEBUG_ANY, .until_insns = RUN_STEPS};
        unsigned count = 0;
        debugged_goto(&d, TG_DEBUG_TO_INSNS, RUN_STEPS);
        add_points(&d, &source);
        while (count < MOST_STOPS) {
            struct tg_debug_stop stop = debugged_go(&d, &forward);
            if (!is_real(&stop))
                break;
            if (stop.place.is_idle && count > 0 &&
                tg_debug_compare_places(&stop.place, &stops[count - 1].place) == 0)
                break; /* it has ended */
            stops[count++] = stop;
        }
        for (unsigned i = count; i-- > 0;) {
            struct tg_debug_place here = tg_debug_place(d.debug);
            if (tg_debug_compare_places(&here, &stops[i].place) == 0)
                continue;
            struct tg_debug_stop stop = debugged_do(&d, TG_DEBUG_CONTINUE, true, 1);
            check_same_stop(&stop, &stops[i]);
        }
        struct tg_debug_stop start = debugged_do(&d, TG_DEBUG_CONTINUE, true, 1);
        ck_assert_int_eq(start.reasons[0].kind, TG_DEBUG_HISTORY_START);
        debugged_finish(&d);
        all += count;
    }
    ck_assert_uint_gt(all, 500); /* there was something to compare */
}
END_TEST

/* --- One program for what can be counted ---------------------------------------------------------
 */

/* A loop of ten that calls a function, which writes a counter at 0x2000 and a register. */
struct example {
    struct program program;
    uint32_t loop, call, after, function, function_end, end;
};

static void make_example(struct example *e)
{
    struct program *p = &e->program;
    program_begin(p, PROGRAM_START);
    program_li(p, S0, 10);
    program_li(p, S1, 0x2000);
    uint32_t over = program_forward(p, TG_INSN_JAL, ZERO, 0);
    e->function = program_here(p);
    program_i(p, TG_INSN_LW, A0, S1, 0);
    program_i(p, TG_INSN_ADDI, A0, A0, 1);
    program_i(p, TG_INSN_SW, A0, S1, 0);
    e->function_end = program_here(p);
    program_i(p, TG_INSN_JALR, ZERO, RA, 0);
    program_land(p, over);
    e->loop = program_here(p);
    program_i(p, TG_INSN_ADDI, S0, S0, -1);
    e->call = program_here(p);
    program_branch(p, TG_INSN_JAL, RA, 0, e->function);
    e->after = program_here(p);
    program_branch(p, TG_INSN_BNE, S0, ZERO, e->loop);
    e->end = program_here(p);
    program_out(p, 0, 0);
    program_branch(p, TG_INSN_JAL, ZERO, 0, program_here(p));
}

START_TEST(ignore_counts_pass_the_nearest_hits_in_both_directions)
{
    struct example e;
    make_example(&e);
    struct debugged d = debugged_program(&e.program, ENGINE, 1);
    uint32_t number = debugged_break(&d, e.function);
    ck_assert(tg_debug_point_ignore(d.debug, number, 3));
    struct tg_debug_stop stop = debugged_do(&d, TG_DEBUG_CONTINUE, false, 1);
    ck_assert_int_eq(stop.reasons[0].kind, TG_DEBUG_BREAK);
    ck_assert_uint_eq(stop.reasons[0].point, number);
    ck_assert_uint_eq(debugged_register(&d, 0, S0), 6);
    ck_assert_uint_eq(tg_debug_point(d.debug, number)->hits, 4);
    debugged_do(&d, TG_DEBUG_CONTINUE, false, 3);
    ck_assert_uint_eq(debugged_register(&d, 0, S0), 3);
    ck_assert(tg_debug_point_ignore(d.debug, number, 2));
    debugged_do(&d, TG_DEBUG_CONTINUE, true, 1);
    ck_assert_uint_eq(debugged_register(&d, 0, S0), 6);
    ck_assert_uint_eq(tg_debug_point(d.debug, number)->hits, 10);
    ck_assert_uint_eq(tg_debug_point(d.debug, number)->ignore, 0);
    debugged_do(&d, TG_DEBUG_CONTINUE, true, 2);
    ck_assert_uint_eq(debugged_register(&d, 0, S0), 8);
    debugged_finish(&d);
}
END_TEST

static bool is_s0_4(void *context, uint32_t cpu)
{
    return program_register(context, cpu, S0) == 4;
}

START_TEST(conditions_hold_in_both_directions)
{
    struct example e;
    make_example(&e);
    struct debugged d = debugged_program(&e.program, ENGINE, 1);
    struct tg_debug_point point = debugged_point(TG_DEBUG_POINT_BREAK);
    point.addresses[point.address_count++] = e.function_end;
    point.addresses[point.address_count++] = e.after;
    point.condition = (struct tg_debug_condition){.context = d.machine, .holds = is_s0_4};
    debugged_add(&d, &point);
    debugged_do(&d, TG_DEBUG_CONTINUE, false, 1);
    ck_assert_uint_eq(debugged_pc(&d, 0), e.function_end);
    ck_assert_uint_eq(debugged_register(&d, 0, S0), 4);
    debugged_do(&d, TG_DEBUG_CONTINUE, false, 1);
    ck_assert_uint_eq(debugged_pc(&d, 0), e.after);
    const struct tg_debug_command to_end = {
        .kind = TG_DEBUG_CONTINUE, .cpu = TG_DEBUG_ANY, .until_insns = 400};
    debugged_go(&d, &to_end);
    debugged_do(&d, TG_DEBUG_CONTINUE, true, 1);
    ck_assert_uint_eq(debugged_pc(&d, 0), e.after);
    ck_assert_uint_eq(debugged_register(&d, 0, S0), 4);
    debugged_finish(&d);
}
END_TEST

START_TEST(a_temporary_point_stops_once)
{
    struct example e;
    make_example(&e);
    struct debugged d = debugged_program(&e.program, ENGINE, 1);
    struct tg_debug_point point = debugged_point(TG_DEBUG_POINT_BREAK);
    point.addresses[point.address_count++] = e.function;
    point.is_temporary = true;
    uint32_t number = debugged_add(&d, &point);
    struct tg_debug_stop stop = debugged_do(&d, TG_DEBUG_CONTINUE, false, 1);
    ck_assert_uint_eq(stop.reasons[0].point, number);
    ck_assert_ptr_null(tg_debug_point(d.debug, number));
    debugged_finish(&d);
}
END_TEST

START_TEST(a_watch_says_who_wrote_what)
{
    struct example e;
    make_example(&e);
    struct debugged d = debugged_program(&e.program, ENGINE, 1);
    struct tg_debug_point watch = debugged_point(TG_DEBUG_POINT_WATCH);
    watch.first = watch.last = 0x2000;
    watch.acts = TG_DEBUG_ON_CHANGE;
    debugged_add(&d, &watch);
    struct tg_debug_stop stop = debugged_do(&d, TG_DEBUG_CONTINUE, false, 4);
    const struct tg_watch_event *event = &stop.reasons[0].event.watch;
    ck_assert_int_eq(stop.reasons[0].event_kind, TG_DEBUG_EVENT_WATCH);
    ck_assert_uint_eq(event->pc, e.function_end - 4);
    ck_assert_uint_eq(event->old_value, 3);
    ck_assert_uint_eq(event->value, 4);
    ck_assert_uint_eq(debugged_pc(&d, 0), e.function_end);
    stop = debugged_do(&d, TG_DEBUG_CONTINUE, true, 2);
    ck_assert_uint_eq(stop.reasons[0].event.watch.value, 2);
    debugged_finish(&d);
}
END_TEST

START_TEST(next_goes_over_a_call_in_both_directions)
{
    struct example e;
    make_example(&e);
    struct debugged d = debugged_program(&e.program, ENGINE, 1);
    struct tg_debug_command to_call = {.kind = TG_DEBUG_ADVANCE,
                                       .cpu = TG_DEBUG_ANY,
                                       .addresses = {e.call},
                                       .address_count = 1,
                                       .count = 3};
    debugged_go(&d, &to_call);
    ck_assert_uint_eq(debugged_register(&d, 0, S0), 7);
    uint64_t at_call = debugged_steps(&d);
    debugged_do(&d, TG_DEBUG_NEXTI, false, 1);
    ck_assert_uint_eq(debugged_pc(&d, 0), e.after);
    debugged_do(&d, TG_DEBUG_NEXTI, true, 1);
    ck_assert_uint_eq(debugged_pc(&d, 0), e.call);
    ck_assert_uint_eq(debugged_steps(&d), at_call);
    debugged_do(&d, TG_DEBUG_STEPI, false, 1);
    ck_assert_uint_eq(debugged_pc(&d, 0), e.function);
    to_call.is_reverse = true;
    to_call.count = 2;
    debugged_go(&d, &to_call);
    ck_assert_uint_eq(debugged_register(&d, 0, S0), 8);
    debugged_finish(&d);
}
END_TEST

START_TEST(the_last_write_is_found_and_nothing_moves)
{
    struct example e;
    make_example(&e);
    struct debugged d = debugged_program(&e.program, ENGINE, 1);
    struct tg_debug_command to_after = {.kind = TG_DEBUG_ADVANCE,
                                        .cpu = TG_DEBUG_ANY,
                                        .addresses = {e.after},
                                        .address_count = 1,
                                        .count = 5};
    debugged_go(&d, &to_after);
    uint64_t here = debugged_steps(&d), digest = tg_machine_digest(d.machine);
    struct tg_debug_write_query memory = {.first = 0x2000, .last = 0x2003};
    struct tg_debug_write write;
    ck_assert_int_eq(tg_debug_last_write(d.debug, &memory, &write, NULL), TG_OK);
    ck_assert(write.is_found);
    ck_assert_uint_eq(write.pc, e.function_end - 4);
    ck_assert_uint_eq(write.value, 5);
    ck_assert_uint_eq(tg_debug_steps(&write.after), here - 1);
    struct tg_debug_write_query counter = {.is_register = true, .register_number = S0};
    ck_assert_int_eq(tg_debug_last_write(d.debug, &counter, &write, NULL), TG_OK);
    ck_assert(write.is_found);
    ck_assert_uint_eq(write.pc, e.loop);
    ck_assert_uint_eq(write.old_value, 6);
    ck_assert_uint_eq(write.value, 5);
    ck_assert_uint_eq(debugged_steps(&d), here);
    ck_assert_uint_eq(tg_machine_digest(d.machine), digest);
    memory.first = memory.last = 0x3000;
    ck_assert_int_eq(tg_debug_last_write(d.debug, &memory, &write, NULL), TG_OK);
    ck_assert(!write.is_found);

    /* A change by hand is an answer too, and what was before it stays where it was. */
    ck_assert_int_eq(tg_debug_write_ram(d.debug, 0x3000, "x", 1, NULL), TG_OK);
    debugged_do(&d, TG_DEBUG_STEPI, false, 2);
    ck_assert_int_eq(tg_debug_last_write(d.debug, &memory, &write, NULL), TG_OK);
    ck_assert(write.is_found && write.is_by_hand);
    ck_assert_uint_eq(tg_debug_steps(&write.place), here);
    memory.first = memory.last = 0x2000;
    ck_assert_int_eq(tg_debug_last_write(d.debug, &memory, &write, NULL), TG_OK);
    ck_assert(write.is_found && !write.is_by_hand);
    ck_assert_uint_eq(write.value, 5);
    debugged_finish(&d);
}
END_TEST

START_TEST(a_change_in_the_past_is_a_branch_and_one_in_the_present_is_not)
{
    struct example e;
    make_example(&e);
    struct debugged d = debugged_program(&e.program, ENGINE, 1);
    debugged_do(&d, TG_DEBUG_STEPI, false, 30);
    ck_assert_int_eq(tg_debug_bookmark_add(d.debug, "late", NULL), TG_OK);
    debugged_goto(&d, TG_DEBUG_TO_STEPS, 12);
    uint64_t before = tg_machine_digest(d.machine);
    struct tg_debug_change change;
    ck_assert_int_eq(tg_debug_set_register(d.debug, 0, S0, 77, &change), TG_OK);
    ck_assert(change.is_branch);
    ck_assert_uint_eq(tg_debug_steps(&change.dropped), 30);
    ck_assert_uint_eq(change.bookmarks_dropped, 1);
    uint64_t after = tg_machine_digest(d.machine);
    debugged_do(&d, TG_DEBUG_STEPI, false, 10);
    uint64_t later = tg_machine_digest(d.machine);
    debugged_do(&d, TG_DEBUG_STEPI, true, 10);
    ck_assert_uint_eq(tg_machine_digest(d.machine), after);
    debugged_do(&d, TG_DEBUG_STEPI, true, 1);
    debugged_do(&d, TG_DEBUG_STEPI, false, 11);
    ck_assert_uint_eq(tg_machine_digest(d.machine), later);
    ck_assert_uint_ne(before, after);
    ck_assert_int_eq(tg_debug_set_register(d.debug, 0, S0, 5, &change), TG_OK);
    ck_assert(!change.is_branch);
    struct tg_debug_history history;
    tg_debug_history(d.debug, &history);
    ck_assert_uint_eq(history.cuts, 2);
    ck_assert_int_eq(tg_debug_set_register(d.debug, 0, 0, 5, &change), TG_E_ARGUMENT);
    debugged_finish(&d);
}
END_TEST

SUITE_MAIN("points", backward_stops_are_those_of_a_run_forward_last_first,
           ignore_counts_pass_the_nearest_hits_in_both_directions,
           conditions_hold_in_both_directions, a_temporary_point_stops_once,
           a_watch_says_who_wrote_what, next_goes_over_a_call_in_both_directions,
           the_last_write_is_found_and_nothing_moves,
           a_change_in_the_past_is_a_branch_and_one_in_the_present_is_not)
