/* Tests of commands across functions, source lines, traps and interrupts, in both directions
 * (emu/debug/step.c, step_back.c, context.c). */
#include <stdlib.h>

#include "bus/ports.h"
#include "debugged.h"
#include "suite.h"

#define VECTORS      0x4000
#define KERNEL_STACK 0x9000
#define USER_STACK   0xa000
#define CALL         64
#define FRAME        0x7fe0

/* A kernel that starts a program in ring 3, which calls it again and again while a timer
 * interrupts both. */
struct system {
    struct program program;
    uint32_t user, trap, load, call_handler, call_end, timer_handler;
};

static void put_word(struct program *p, uint32_t address, uint32_t value)
{
    program_li(p, T0, address);
    program_li(p, T1, value);
    program_i(p, TG_INSN_SW, T1, T0, 0);
}

static void make_handlers(struct system *s)
{
    struct program *p = &s->program;
    s->call_handler = program_here(p);
    program_i(p, TG_INSN_ADDI, S2, S2, 1);
    s->call_end = program_here(p);
    program_i(p, TG_INSN_IRET, 0, 0, 0);
    s->timer_handler = program_here(p);
    program_i(p, TG_INSN_ADDI, S3, S3, 1);
    program_out(p, TG_PORT_TIMER_ACKNOWLEDGE, 0);
    program_out(p, TG_PORT_INTERRUPTS_END, 0);
    program_i(p, TG_INSN_IRET, 0, 0, 0);
}

static void make_user(struct system *s)
{
    struct program *p = &s->program;
    s->user = program_here(p);
    program_i(p, TG_INSN_ADDI, S0, S0, 1);
    program_i(p, TG_INSN_ANDI, A7, S0, 7);
    s->trap = program_here(p);
    program_i(p, TG_INSN_TRAP, 0, 0, CALL);
    s->load = program_here(p);
    program_i(p, TG_INSN_LW, A0, S1, 0);
    program_branch(p, TG_INSN_JAL, ZERO, 0, s->user);
}

static struct debugged make_system(struct system *s, uint32_t period, const char *engine)
{
    struct program *p = &s->program;
    program_begin(p, PROGRAM_START);
    uint32_t over = program_forward(p, TG_INSN_JAL, ZERO, 0);
    make_handlers(s);
    make_user(s);
    program_land(p, over);
    program_li(p, T0, VECTORS);
    program_i(p, TG_INSN_WRCR, 0, T0, TG_CR_VBASE);
    program_li(p, T0, KERNEL_STACK);
    program_i(p, TG_INSN_WRCR, 0, T0, TG_CR_SP0);
    program_li(p, S1, 0x2000);
    program_gate(p, VECTORS, CALL, s->call_handler);
    program_gate(p, VECTORS, TG_VECTOR_INTERRUPT, s->timer_handler);
    put_word(p, FRAME + TG_FRAME_PC, s->user);
    put_word(p, FRAME + TG_FRAME_STATUS, 3 | TG_STATUS_IE);
    put_word(p, FRAME + TG_FRAME_SP, USER_STACK);
    program_li(p, SP, FRAME);
    program_out(p, TG_PORT_INTERRUPTS_SOURCE, 1);
    program_out(p, TG_PORT_INTERRUPTS_ENABLE, 1);
    if (period)
        program_out(p, TG_PORT_TIMER_PERIOD, period);
    program_i(p, TG_INSN_IRET, 0, 0, 0);
    return debugged_program(p, engine, 1);
}

static void to_address(struct debugged *d, uint32_t address, bool is_reverse)
{
    const struct tg_debug_command command = {.kind = TG_DEBUG_ADVANCE,
                                             .is_reverse = is_reverse,
                                             .cpu = TG_DEBUG_ANY,
                                             .addresses = {address},
                                             .address_count = 1};
    struct tg_debug_stop stop = debugged_go(d, &command);
    ck_assert_int_eq(stop.reasons[0].kind, TG_DEBUG_STEP_DONE);
    ck_assert_uint_eq(debugged_pc(d, 0), address);
}

static uint32_t ring_of(const struct debugged *d)
{
    struct tg_cpu_view view;
    tg_machine_cpu(d->machine, 0, &view);
    return view.creg[TG_CR_STATUS] & TG_STATUS_RING;
}

START_TEST(stepi_goes_into_a_trap_and_nexti_over_it)
{
    struct system s;
    struct debugged d = make_system(&s, 0, ENGINE);
    to_address(&d, s.trap, false);
    uint64_t at_trap = debugged_steps(&d);
    debugged_do(&d, TG_DEBUG_STEPI, false, 1);
    ck_assert_uint_eq(debugged_pc(&d, 0), s.call_handler);
    ck_assert_uint_eq(ring_of(&d), 0);
    debugged_do(&d, TG_DEBUG_STEPI, true, 1);
    ck_assert_uint_eq(debugged_pc(&d, 0), s.trap);
    debugged_do(&d, TG_DEBUG_NEXTI, false, 1);
    ck_assert_uint_eq(debugged_pc(&d, 0), s.load);
    ck_assert_uint_eq(debugged_steps(&d), at_trap + 3);
    debugged_do(&d, TG_DEBUG_NEXTI, true, 1);
    ck_assert_uint_eq(debugged_steps(&d), at_trap);
    debugged_finish(&d);
}
END_TEST

/* Whatever the timer's period, the program sees no interrupt and no system call's inside. */
START_TEST(nexti_stays_in_the_program_in_both_directions)
{
    enum { COUNT = 60 };
    for (uint32_t period = 23; period < 60; period += 4) {
        struct system s;
        uint32_t pcs[COUNT], s0[COUNT];
        struct debugged d = make_system(&s, period, ENGINE);
        to_address(&d, s.user, false);
        for (unsigned i = 0; i < COUNT; i++) {
            pcs[i] = debugged_pc(&d, 0);
            s0[i] = debugged_register(&d, 0, S0);
            ck_assert_uint_eq(pcs[i], s.user + 4 * (i % 5));
            ck_assert_uint_eq(ring_of(&d), 3);
            debugged_do(&d, TG_DEBUG_NEXTI, false, 1);
        }
        ck_assert_uint_gt(debugged_register(&d, 0, S3), 0); /* interrupts were there */
        for (unsigned i = COUNT; i-- > 0;) {
            debugged_do(&d, TG_DEBUG_NEXTI, true, 1);
            ck_assert_uint_eq(debugged_pc(&d, 0), pcs[i]);
            ck_assert_uint_eq(debugged_register(&d, 0, S0), s0[i]);
            ck_assert_uint_eq(ring_of(&d), 3);
        }
        debugged_finish(&d);
    }
}
END_TEST

START_TEST(leave_ends_at_the_iret_of_the_handler_and_backwards_before_its_entry)
{
    struct system s;
    struct debugged d = make_system(&s, 41, ENGINE);
    for (unsigned i = 0; i < 20; i++) {
        to_address(&d, s.call_end, false);
        uint64_t inside = debugged_steps(&d);
        debugged_do(&d, TG_DEBUG_LEAVE, false, 1);
        ck_assert_uint_eq(debugged_pc(&d, 0), s.load);
        ck_assert_uint_eq(ring_of(&d), 3);
        debugged_goto(&d, TG_DEBUG_TO_STEPS, inside);
        debugged_do(&d, TG_DEBUG_LEAVE, true, 1);
        ck_assert_uint_eq(debugged_pc(&d, 0), s.trap);
        ck_assert_uint_eq(debugged_steps(&d), inside - 2);
        debugged_goto(&d, TG_DEBUG_TO_STEPS, inside);
    }
    const struct tg_debug_command leave = {.kind = TG_DEBUG_LEAVE, .cpu = TG_DEBUG_ANY};
    struct tg_debug_stop stop;
    struct tg_error error;
    to_address(&d, s.load, false);
    ck_assert_int_eq(tg_debug_go(d.debug, &leave, &stop, &error), TG_E_ARGUMENT);
    debugged_finish(&d);
}
END_TEST

START_TEST(runs_until_a_ring_in_both_directions)
{
    struct system s;
    struct debugged d = make_system(&s, 0, ENGINE);
    struct tg_debug_command command = {.kind = TG_DEBUG_TO_RING, .ring = 3};
    debugged_go(&d, &command);
    ck_assert_uint_eq(debugged_pc(&d, 0), s.user);
    command.ring = 0;
    debugged_go(&d, &command);
    ck_assert_uint_eq(debugged_pc(&d, 0), s.call_handler);
    command.is_reverse = true;
    command.ring = 3;
    debugged_go(&d, &command);
    ck_assert_uint_eq(debugged_pc(&d, 0), s.trap);
    command.ring = 0;
    debugged_go(&d, &command); /* the kernel's last instruction: its iret */
    ck_assert_uint_eq(ring_of(&d), 0);
    debugged_do(&d, TG_DEBUG_STEPI, false, 1);
    ck_assert_uint_eq(debugged_pc(&d, 0), s.user);
    debugged_finish(&d);
}
END_TEST

START_TEST(catches_have_filters)
{
    struct system s;
    struct debugged d = make_system(&s, 97, ENGINE);
    struct tg_debug_point point = debugged_point(TG_DEBUG_POINT_CATCH);
    point.caught = TG_DEBUG_CATCH_SYSCALL;
    point.filter.first_number = point.filter.last_number = 5;
    uint32_t syscall = debugged_add(&d, &point);
    struct tg_debug_stop stop = debugged_do(&d, TG_DEBUG_CONTINUE, false, 1);
    ck_assert_uint_eq(stop.reasons[0].point, syscall);
    ck_assert(stop.reasons[0].has_call);
    ck_assert_uint_eq(stop.reasons[0].call.number, 5);
    ck_assert_uint_eq(debugged_register(&d, 0, S0) % 8, 5);
    ck_assert_uint_eq(debugged_pc(&d, 0), s.call_handler);
    ck_assert(tg_debug_point_enable(d.debug, syscall, false));

    point.caught = TG_DEBUG_CATCH_IRQ;
    point.filter.first_number = point.filter.last_number = 0;
    uint32_t irq = debugged_add(&d, &point);
    stop = debugged_do(&d, TG_DEBUG_CONTINUE, false, 1);
    ck_assert_uint_eq(stop.reasons[0].point, irq);
    ck_assert_uint_eq(debugged_pc(&d, 0), s.timer_handler);
    ck_assert_uint_eq(stop.reasons[0].event.entry.vector, TG_VECTOR_INTERRUPT);
    ck_assert(tg_debug_point_remove(d.debug, irq));

    point.caught = TG_DEBUG_CATCH_RING;
    point.filter.first_number = point.filter.last_number = TG_DEBUG_ANY;
    point.filter.from = 0;
    point.filter.to = 3;
    uint32_t ring = debugged_add(&d, &point);
    stop = debugged_do(&d, TG_DEBUG_CONTINUE, false, 1);
    ck_assert_uint_eq(stop.reasons[0].point, ring);
    ck_assert_int_eq(stop.reasons[0].event_kind, TG_DEBUG_EVENT_LEAVE);
    ck_assert_uint_eq(ring_of(&d), 3);
    debugged_finish(&d);
}
END_TEST

/* --- Source lines --------------------------------------------------------------------------------
 */

/* Three functions as a compiler's table would tell them: main calls twice, a leaf with source and
 * one without. */
struct listing {
    struct program program;
    uint32_t main, first_call, second_call, after, leaf, leaf_end, dark, end;
};

static void make_listing(struct listing *l)
{
    struct program *p = &l->program;
    program_begin(p, PROGRAM_START);
    uint32_t over = program_forward(p, TG_INSN_JAL, ZERO, 0);
    l->leaf = program_here(p);
    program_i(p, TG_INSN_ADDI, A0, A0, 1);
    program_i(p, TG_INSN_ADDI, A0, A0, 1);
    l->leaf_end = program_here(p);
    program_i(p, TG_INSN_ADDI, A0, A0, 1);
    program_i(p, TG_INSN_JALR, ZERO, RA, 0);
    l->dark = program_here(p);
    program_i(p, TG_INSN_ADDI, A1, A1, 1);
    program_i(p, TG_INSN_JALR, ZERO, RA, 0);
    program_land(p, over);
    l->main = program_here(p);
    program_i(p, TG_INSN_ADDI, A2, A2, 1);
    l->first_call = program_here(p);
    program_branch(p, TG_INSN_JAL, RA, 0, l->leaf);
    program_i(p, TG_INSN_ADDI, A3, A3, 1);
    l->second_call = program_here(p);
    program_branch(p, TG_INSN_JAL, RA, 0, l->dark);
    l->after = program_here(p);
    program_i(p, TG_INSN_ADDI, A4, A4, 1);
    l->end = program_here(p);
    program_branch(p, TG_INSN_JAL, ZERO, 0, program_here(p));
}

static bool find_line(void *context, uint32_t cpu, uint32_t pc, struct tg_debug_line *ret_line)
{
    const struct listing *l = context;
    const struct {
        uint32_t first, end, function, line;
    } rows[] = {
        {l->leaf, l->leaf_end, 1, 10},     {l->leaf_end, l->dark, 1, 11},
        {l->main, l->first_call, 2, 20},   {l->first_call, l->second_call, 2, 21},
        {l->second_call, l->after, 2, 22}, {l->after, l->end, 2, 23},
        {l->end, l->end + 4, 2, 24},
    };
    (void)cpu;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (pc < rows[i].first || pc >= rows[i].end)
            continue;
        *ret_line = (struct tg_debug_line){1, rows[i].line, rows[i].function, pc == rows[i].first};
        return true;
    }
    return false;
}

static struct tg_machine *caller_machine;

static bool find_caller(void *context, uint32_t cpu, struct tg_debug_caller *ret_caller)
{
    (void)context;
    *ret_caller = (struct tg_debug_caller){.pc = program_register(caller_machine, cpu, RA),
                                           .sp = program_register(caller_machine, cpu, SP)};
    return true;
}

START_TEST(lines_are_stepped_over_and_into_in_both_directions)
{
    struct listing l;
    make_listing(&l);
    struct debugged d = debugged_program(&l.program, ENGINE, 1);
    const struct tg_debug_source source = {.context = &l, .line = find_line, .caller = find_caller};
    caller_machine = d.machine;
    tg_debug_set_source(d.debug, &source);
    to_address(&d, l.main, false);

    static const enum tg_debug_command_kind kinds[] = {TG_DEBUG_NEXT, TG_DEBUG_STEP};
    const uint32_t over[] = {l.main, l.first_call, l.second_call, l.after, l.end};
    const uint32_t into[] = {l.main,           l.first_call,  l.leaf,  l.leaf_end,
                             l.first_call + 4, l.second_call, l.after, l.end};
    for (unsigned k = 0; k < 2; k++) {
        const uint32_t *places = k == 0 ? over : into;
        unsigned count = k == 0 ? 5 : 8;
        for (unsigned i = 1; i < count; i++) {
            debugged_do(&d, kinds[k], false, 1);
            ck_assert_uint_eq(debugged_pc(&d, 0), places[i]);
        }
        for (unsigned i = count - 1; i-- > 0;) {
            debugged_do(&d, kinds[k], true, 1);
            uint32_t expected = places[i] == l.first_call + 4 ? l.first_call + 4 : places[i];
            ck_assert_msg(debugged_pc(&d, 0) == expected, "%u: 0x%x, not 0x%x", i,
                          debugged_pc(&d, 0), expected);
        }
    }
    to_address(&d, l.leaf_end, false);
    debugged_do(&d, TG_DEBUG_FINISH, false, 1);
    ck_assert_uint_eq(debugged_pc(&d, 0), l.first_call + 4);
    to_address(&d, l.leaf_end, true);
    debugged_do(&d, TG_DEBUG_FINISH, true, 1);
    ck_assert_uint_eq(debugged_pc(&d, 0), l.first_call);

    /* until a place that lies behind the function's end: it stops where the function returns */
    to_address(&d, l.leaf_end, false);
    struct tg_debug_command until = {
        .kind = TG_DEBUG_UNTIL, .cpu = TG_DEBUG_ANY, .addresses = {l.after}, .address_count = 1};
    debugged_go(&d, &until);
    ck_assert_uint_eq(debugged_pc(&d, 0), l.first_call + 4);
    debugged_go(&d, &until);
    ck_assert_uint_eq(debugged_pc(&d, 0), l.after);
    debugged_finish(&d);
}
END_TEST

SUITE_MAIN("stepping", stepi_goes_into_a_trap_and_nexti_over_it,
           nexti_stays_in_the_program_in_both_directions,
           leave_ends_at_the_iret_of_the_handler_and_backwards_before_its_entry,
           runs_until_a_ring_in_both_directions, catches_have_filters,
           lines_are_stepped_over_and_into_in_both_directions)
