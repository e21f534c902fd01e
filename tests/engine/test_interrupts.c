/*
 * Interrupts: when they are entered, when not, and that whatever they interrupt goes on as if
 * nothing had happened: a loop is interrupted before each of its instructions, by a line and by the
 * timer, in the kernel's ring and in a program's with paging, and gives the same result.
 *
 * rules: INT-1 INT-2 INT-3 ORD-1 SYS-3 SYS-4 ENT-5 VEC-1 IRT-4
 */
#include <string.h>

#include "bus/bus.h"
#include "bus/ports.h"
#include "lab.h"

#define FENCE tg_word_i(TG_INSN_FENCE, 0, 0, 0)
#define IRET  tg_word_i(TG_INSN_IRET, 0, 0, 0)
#define STI   tg_word_i(TG_INSN_STI, 0, 0, 0)
#define WFI   tg_word_i(TG_INSN_WFI, 0, 0, 0)

enum { LINE = 9, LINE_GATE = 41, OTHER_LINE = 10, OTHER_GATE = 42 };

static void open_with(struct lab *lab, int engine, uint32_t status, uint32_t word)
{
    lab_open(lab, engine);
    lab->cpu->s.status = status;
    lab_put(lab, LAB_CODE, word);
    lab_put(lab, LAB_CODE + 4, FENCE);
    lab_put(lab, lab_handler(LINE_GATE), FENCE);
    lab_put(lab, lab_handler(OTHER_GATE), FENCE);
}

static void want_interrupt(struct lab *lab, uint32_t vector)
{
    lab_want_entry(lab, (struct lab_entry){.kind = 1, .vector = vector, .saved_pc = lab->want.pc});
}

/* --- When --- */

/* rules: INT-1 INT-2. From each ring, with IE 1 and 0; IOPL does not matter. */
START_TEST(entered_before_the_next_instruction_if_ie)
{
    for (uint32_t i = 0; i < 32; i++) {
        uint32_t ie = i >> 4;
        struct lab lab;

        open_with(&lab, _i, lab_status(i & 3, i >> 2 & 3, ie), FENCE);
        lab_assert_line(&lab, LINE);
        lab_ready(&lab);
        if (ie)
            want_interrupt(&lab, LINE_GATE);
        lab_want_next(&lab);
        lab_step_and_check(&lab, "status 0x%x", (unsigned)lab.cpu->s.status);
        ck_assert(lab.cpu->is_interrupt_offered == !ie); /* INT-2: it is offered still */
        lab_close(&lab);
    }
}
END_TEST

/* rules: SYS-4 INT-2. Nothing is lost while IE is 0; sti lets it in before the instruction that
 * follows. */
START_TEST(entered_after_sti)
{
    struct lab lab;

    open_with(&lab, _i, lab_status(0, 0, 0), STI);
    lab_assert_line(&lab, LINE);
    lab_ready(&lab);
    lab_run(&lab, 2);
    lab.want.status |= 0x10;
    lab_want_next(&lab);
    want_interrupt(&lab, LINE_GATE);
    lab_want_next(&lab);
    lab_check(&lab, "sti");
    lab_close(&lab);
}
END_TEST

/* rules: INT-1 RING-2. The same when IE comes from wrcr, and from the frame of an iret. */
START_TEST(entered_after_anything_that_sets_ie)
{
    struct lab lab;

    open_with(&lab, _i, 0, tg_word_i(TG_INSN_WRCR, 0, A1, TG_CR_STATUS));
    lab.cpu->s.x[A1] = 0x10;
    lab_assert_line(&lab, LINE);
    lab_ready(&lab);
    lab_run(&lab, 2);
    lab.want.status = 0x10;
    lab_want_next(&lab);
    want_interrupt(&lab, LINE_GATE);
    lab_want_next(&lab);
    lab_check(&lab, "wrcr");
    lab_close(&lab);

    open_with(&lab, _i, 0, IRET);
    LAB_PROGRAM(&lab, LAB_STACK - 32, 0, 0, 0, 0x8004, 0x10, 0x8120);
    lab.cpu->s.x[SP] = LAB_STACK - 32;
    lab_assert_line(&lab, LINE);
    lab_ready(&lab);
    lab_run(&lab, 2);
    lab.want.pc = 0x8004;
    lab.want.status = 0x10;
    lab.want.x[SP] = 0x8120;
    want_interrupt(&lab, LINE_GATE);
    lab_want_next(&lab);
    lab_check(&lab, "iret");
    lab_close(&lab);
}
END_TEST

/* rules: INT-2. cli: not before the next instruction, nor ever. */
START_TEST(not_entered_after_cli)
{
    struct lab lab;

    open_with(&lab, _i, 0x10, tg_word_i(TG_INSN_CLI, A0, 0, 0));
    lab_ready(&lab);
    lab_run(&lab, 1);
    lab_assert_line(&lab, LINE);
    lab_run(&lab, 1);
    lab.want.x[A0] = 0x10;
    lab.want.status = 0;
    lab.want.pc += 8;
    lab_check(&lab, "cli");
    lab_close(&lab);
}
END_TEST

/* rules: ORD-1. Before the fetch: the instruction cannot even be fetched, and that is found out
 * only after the return. */
START_TEST(interrupt_comes_before_the_fetch)
{
    struct lab lab;

    open_with(&lab, _i, 0x10, 0);
    lab.cpu->s.pc = 0x80000000;
    lab_put(&lab, lab_handler(LINE_GATE), IRET);
    lab_assert_line(&lab, LINE);
    lab_ready(&lab);
    want_interrupt(&lab, LINE_GATE);
    lab.want.x[SP] = LAB_STACK; /* and iret */
    lab.want.pc = 0x80000000;
    lab_step_and_check(&lab, "interrupt");
    lab_want_exception(&lab, TG_CAUSE_BUS, 0x40, 0x80000000);
    lab_step_and_check(&lab, "fetch");
    lab_close(&lab);
}
END_TEST

/* rules: ORD-1. Two are offered one after the other, and the gates leave IE set: the first
 * instruction of the first handler comes before the second. The one of the higher priority is
 * entered first. */
START_TEST(one_interrupt_before_each_instruction)
{
    struct lab lab;

    open_with(&lab, _i, 0x10, FENCE);
    ck_assert(tg_bus_port_write(lab.cpu, TG_PORT_INTERRUPTS_SOURCE + 4 * LINE, 4, 3));
    ck_assert(tg_bus_port_write(lab.cpu, TG_PORT_INTERRUPTS_SOURCE + 4 * OTHER_LINE, 4, 5));
    lab_assert_line(&lab, LINE);
    lab_ready(&lab);
    want_interrupt(&lab, LINE_GATE);
    lab_want_next(&lab);
    lab_step_and_check(&lab, "first");
    lab_assert_line(&lab, OTHER_LINE);
    want_interrupt(&lab, OTHER_GATE);
    lab_want_next(&lab);
    lab_step_and_check(&lab, "second");
    lab_close(&lab);
}
END_TEST

/* rules: INT-1. What was entered is in service: not offered again until the handler says that it is
 * done. */
START_TEST(in_service_is_not_offered_again)
{
    uint32_t value;
    struct lab lab;

    open_with(&lab, _i, 0x10, FENCE);
    lab_put(&lab, lab_handler(LINE_GATE) + 4, FENCE);
    lab_assert_line(&lab, LINE);
    lab_ready(&lab);
    want_interrupt(&lab, LINE_GATE);
    lab.want.pc += 8;
    lab_run(&lab, 2);
    lab_check(&lab, "in service");
    ck_assert(tg_bus_port_read(lab.cpu, TG_PORT_INTERRUPTS_SERVICE, 4, &value));
    ck_assert_uint_eq(value, 1 << LINE);
    ck_assert(tg_bus_port_write(lab.cpu, TG_PORT_INTERRUPTS_END, 4, LINE));
    want_interrupt(&lab, LINE_GATE); /* the line is asserted still */
    lab_want_next(&lab);
    lab_step_and_check(&lab, "again");
    lab_close(&lab);
}
END_TEST

/* --- Waiting (rules: SYS-3) --- */

/* wfi completes; the CPU waits; an interrupt wakes it, and is entered if IE is 1, with the next
 * instruction saved. */
START_TEST(wfi_waits_until_one_is_offered)
{
    for (uint32_t ie = 0; ie < 2; ie++) {
        struct lab lab;

        open_with(&lab, _i, lab_status(0, 0, ie), WFI);
        lab_ready(&lab);
        lab_run(&lab, 5);
        lab.want.run_state = TG_CPU_WAITING;
        lab_want_next(&lab);
        ck_assert_int_eq(lab.stop.reason, TG_STOP_IDLE);
        ck_assert_uint_eq(lab.cpu->s.insns, 1);
        lab_check(&lab, "waits");
        lab_assert_line(&lab, LINE);
        lab.want.run_state = TG_CPU_RUNNING;
        if (ie)
            want_interrupt(&lab, LINE_GATE);
        lab_want_next(&lab);
        lab_step_and_check(&lab, "woken, IE %u", (unsigned)ie);
        lab_close(&lab);
    }
}
END_TEST

/* rules: SYS-3. Offered already, but not entered because IE is 0: wfi does not wait. */
START_TEST(wfi_does_not_wait_when_one_is_offered)
{
    struct lab lab;

    open_with(&lab, _i, 0, WFI);
    lab_assert_line(&lab, LINE);
    lab_ready(&lab);
    lab.want.pc += 8;
    lab_run(&lab, 2);
    lab_check(&lab, "goes on");
    lab_close(&lab);
}
END_TEST

/* rules: SYS-3. A line that is asserted, but not offered (not enabled), does not wake it. */
START_TEST(wfi_is_not_woken_by_what_is_not_offered)
{
    struct lab lab;

    open_with(&lab, _i, 0x10, WFI);
    tg_bus_set_line(lab.machine, LINE, true);
    lab_ready(&lab);
    lab_run(&lab, 3);
    ck_assert_int_eq(lab.stop.reason, TG_STOP_IDLE);
    ck_assert_uint_eq(lab.cpu->s.run_state, TG_CPU_WAITING);
    lab_close(&lab);
}
END_TEST

/* --- At every instruction of a loop (rules: INT-3 ENT-5 IRT-4 VEC-1) --- */

/* The loop uses every kind of instruction, calls a function, stores and loads, and retries a pair
 * of lr.w and sc.w. Its result is all registers and the page of data. */
enum { LOOP_ROUNDS = 3, FUNCTION = 64, END = 76 };

static void put_loop(struct lab *lab)
{
    LAB_PROGRAM(lab, LAB_CODE, tg_word_i(TG_INSN_ADDI, S0, 0, LOOP_ROUNDS),
                tg_word_i(TG_INSN_ADDI, A1, 0, LAB_DATA),
                /* 8: */ tg_word_r(TG_INSN_MUL, A0, A0, S0), tg_word_r(TG_INSN_DIV, A2, A0, A1),
                tg_word_r(TG_INSN_REMU, A3, A0, A1), tg_word_i(TG_INSN_SW, A0, A1, 0),
                tg_word_i(TG_INSN_SB, A2, A1, 7), tg_word_i(TG_INSN_LHU, T0, A1, 6),
                tg_word_r(TG_INSN_AMOXOR_W, T1, A1, A3),
                /* 36: */ tg_word_r(TG_INSN_LR_W, T2, A1, 0), tg_word_r(TG_INSN_ADD, T2, T2, T0),
                tg_word_r(TG_INSN_SC_W, T1, A1, T2), tg_word_i(TG_INSN_BNE, T1, 0, -12),
                tg_word_i(TG_INSN_JAL, RA, 0, FUNCTION - 52), tg_word_i(TG_INSN_BNE, S0, 0, 8 - 56),
                tg_word_i(TG_INSN_JAL, 0, 0, END - 60));
    LAB_PROGRAM(lab, LAB_CODE + FUNCTION, tg_word_i(TG_INSN_ADDI, S0, S0, -1),
                tg_word_i(TG_INSN_AUIPC, S1, 0, 4096), tg_word_i(TG_INSN_JALR, 0, RA, 0),
                tg_word_i(TG_INSN_JAL, 0, 0, 0));
}

/* The handler saves what it uses, ends the interrupt (the line by a port of the test's: the timer's
 * acknowledgement), counts it, and returns. */
static void put_handler(struct lab *lab, uint32_t vector, uint32_t source)
{
    const uint32_t handler = 0x15000;

    lab_gate(lab, vector, handler, lab_gate_bits(0, 0) | TG_GATE_CLOSE);
    LAB_PROGRAM(lab, handler, tg_word_i(TG_INSN_SW, T0, SP, -4),
                tg_word_i(TG_INSN_ADDI, T0, 0, (int32_t)source),
                tg_word_i(TG_INSN_OUTW, 0, 0, TG_PORT_TIMER_ACKNOWLEDGE),
                tg_word_i(TG_INSN_OUTW, T0, 0, TG_PORT_INTERRUPTS_END),
                tg_word_i(TG_INSN_LW, T0, 0, 0x800), tg_word_i(TG_INSN_ADDI, T0, T0, 1),
                tg_word_i(TG_INSN_SW, T0, 0, 0x800), tg_word_i(TG_INSN_LW, T0, SP, -4), IRET);
}

/* Rings and paging of the interrupted loop. */
struct setting {
    uint32_t ring;
    bool is_paging;
};

static const struct setting settings[] = {{0, false}, {3, false}, {0, true}, {3, true}, {1, true}};

static void open_loop(struct lab *lab, int engine, const struct setting *setting)
{
    lab_open(lab, engine);
    if (setting->is_paging)
        lab_paging(lab);
    lab->cpu->s.status = lab_status(setting->ring, 0, 1);
    put_loop(lab);
    put_handler(lab, LINE_GATE, LINE);
    put_handler(lab, TG_VECTOR_INTERRUPT, 0);
}

/* Runs to the loop's end, one instruction at a time; says after how many. */
static uint32_t run_to_end(struct lab *lab)
{
    for (uint32_t insns = 0; insns < 1000; insns++) {
        if (lab->cpu->s.pc == LAB_CODE + END)
            return insns;
        lab_run(lab, 1);
    }
    ck_abort_msg("%s: the loop does not end", lab->engine);
}

/* What the loop is to leave behind: registers, pc, status and the page of data. */
static uint32_t uninterrupted(int engine, const struct setting *setting,
                              struct tg_cpu_state *ret_state, uint8_t ret_data[TG_PAGE_BYTES])
{
    struct lab lab;
    uint32_t insns;

    open_loop(&lab, engine, setting);
    lab_ready(&lab);
    insns = run_to_end(&lab);
    *ret_state = lab.cpu->s;
    ck_assert_int_eq(tg_machine_ram_read(lab.machine, LAB_DATA, ret_data, TG_PAGE_BYTES), TG_OK);
    lab_close(&lab);
    return insns;
}

static void expect_same(struct lab *lab, const struct tg_cpu_state *state, const uint8_t *data,
                        uint32_t k)
{
    uint8_t now[TG_PAGE_BYTES];

    ck_assert_int_eq(tg_machine_ram_read(lab->machine, LAB_DATA, now, sizeof now), TG_OK);
    ck_assert_msg(memcmp(now, data, sizeof now) == 0, "%s: memory after an interrupt at %u",
                  lab->engine, (unsigned)k);
    for (int i = 0; i < 32; i++)
        ck_assert_msg(lab->cpu->s.x[i] == state->x[i],
                      "%s: x[%d] after an interrupt at %u is 0x%x, not 0x%x", lab->engine, i,
                      (unsigned)k, (unsigned)lab->cpu->s.x[i], (unsigned)state->x[i]);
    ck_assert_uint_eq(lab->cpu->s.pc, state->pc);
    ck_assert_uint_eq(lab->cpu->s.status, state->status);
    ck_assert_msg(lab_get(lab, 0x800) == 1, "%s: %u interrupts at %u", lab->engine,
                  (unsigned)lab_get(lab, 0x800), (unsigned)k);
}

/* A line that rises before instruction k. */
START_TEST(line_at_every_instruction)
{
    for (size_t s = 0; s < COUNT(settings); s++) {
        struct tg_cpu_state state;
        uint8_t data[TG_PAGE_BYTES];
        uint32_t insns = uninterrupted(_i, &settings[s], &state, data);

        ck_assert_uint_gt(insns, 40);
        for (uint32_t k = 0; k < insns; k++) {
            struct lab lab;

            open_loop(&lab, _i, &settings[s]);
            lab_ready(&lab);
            if (k)
                lab_run(&lab, k);
            lab_assert_line(&lab, LINE);
            lab_run(&lab, 1); /* the handler's first instruction */
            tg_bus_set_line(lab.machine, LINE, false);
            run_to_end(&lab);
            expect_same(&lab, &state, data, k);
            lab_close(&lab);
        }
    }
}
END_TEST

/* The timer expires at tick k, in one run without stops: the engine itself must notice. */
START_TEST(timer_at_every_instruction)
{
    for (size_t s = 0; s < COUNT(settings); s++) {
        struct tg_cpu_state state;
        uint8_t data[TG_PAGE_BYTES];
        uint32_t insns = uninterrupted(_i, &settings[s], &state, data);

        for (uint32_t k = 1; k < insns; k++) {
            struct lab lab;

            open_loop(&lab, _i, &settings[s]);
            ck_assert(tg_bus_port_write(lab.cpu, TG_PORT_INTERRUPTS_ENABLE, 4, 1));
            ck_assert(tg_bus_port_write(lab.cpu, TG_PORT_TIMER_INTERVAL, 4, k));
            lab_ready(&lab);
            lab_run(&lab, k + 9); /* k of the loop, 9 of the handler */
            ck_assert_uint_eq(lab_get(&lab, 0x800), 1);
            lab_run(&lab, 200);
            expect_same(&lab, &state, data, k);
            lab_close(&lab);
        }
    }
}
END_TEST

/* The handler is entered exactly at tick k: before it there are k instructions of the loop. */
START_TEST(timer_is_exact_to_the_tick)
{
    for (uint32_t k = 1; k < 40; k++) {
        struct lab lab;
        uint32_t saved_pc;

        open_loop(&lab, _i, &settings[3]);
        lab_ready(&lab);
        lab_run(&lab, k);
        saved_pc = lab.cpu->s.pc;
        lab_close(&lab);

        open_loop(&lab, _i, &settings[3]);
        ck_assert(tg_bus_port_write(lab.cpu, TG_PORT_INTERRUPTS_ENABLE, 4, 1));
        ck_assert(tg_bus_port_write(lab.cpu, TG_PORT_TIMER_INTERVAL, 4, k));
        lab_ready(&lab);
        lab_run(&lab, k + 1);
        ck_assert_uint_eq(lab.cpu->s.pc, 0x15004);
        ck_assert_uint_eq(lab_get(&lab, LAB_STACK_0 - 32 + 12), saved_pc);
        lab_close(&lab);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("interrupts");
    TCase *tcase = tcase_create("interrupts");

    tcase_set_timeout(tcase, 60);
    lab_add_test(tcase, entered_before_the_next_instruction_if_ie);
    lab_add_test(tcase, entered_after_sti);
    lab_add_test(tcase, entered_after_anything_that_sets_ie);
    lab_add_test(tcase, not_entered_after_cli);
    lab_add_test(tcase, interrupt_comes_before_the_fetch);
    lab_add_test(tcase, one_interrupt_before_each_instruction);
    lab_add_test(tcase, in_service_is_not_offered_again);
    lab_add_test(tcase, wfi_waits_until_one_is_offered);
    lab_add_test(tcase, wfi_does_not_wait_when_one_is_offered);
    lab_add_test(tcase, wfi_is_not_woken_by_what_is_not_offered);
    lab_add_test(tcase, line_at_every_instruction);
    lab_add_test(tcase, timer_at_every_instruction);
    lab_add_test(tcase, timer_is_exact_to_the_tick);
    suite_add_tcase(suite, tcase);
    return lab_main(suite);
}
