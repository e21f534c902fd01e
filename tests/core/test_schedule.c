/*
 * Rounds, turns, limits and waiting: docs/isa.md section 8.
 */
#include "bus/ports.h"
#include "core/state.h"
#include "suite.h"
#include "support/program.h"

#define DATA UINT32_C(0x8000)

static struct program program;

static struct tg_stop run_until(struct tg_machine *machine, uint64_t insns, uint64_t time)
{
    struct tg_run_limits limits = {.until = {.insns = insns, .time = time}};
    struct tg_stop stop;
    tg_machine_run(machine, &limits, &stop);
    return stop;
}

/* t0 counts for ever, two instructions a time. */
static void begin_counting(void)
{
    program_begin(&program, PROGRAM_START);
    uint32_t loop = program_here(&program);
    program_i(&program, TG_INSN_ADDI, T0, T0, 1);
    program_branch(&program, TG_INSN_JAL, ZERO, 0, loop);
}

/* CPU 0 starts the others at the instruction that follows; all go on there. */
static void put_start_of_others(uint32_t cpus)
{
    uint32_t skip = program_forward(&program, TG_INSN_BNE, A0, ZERO);
    uint32_t all_at = program_here(&program) + 4 * (3 + 3 * (cpus - 1));
    program_out(&program, TG_PORT_INTERRUPTS_START_PC, all_at);
    for (uint32_t i = 1; i < cpus; i++)
        program_out(&program, TG_PORT_INTERRUPTS_START, i);
    ck_assert_uint_eq(program_here(&program), all_at);
    program_land(&program, skip);
}

/* --- Limits --- */

START_TEST(instruction_limit_is_exact) /* rules: TIM-1 */
{
    for (uint32_t cpus = 1; cpus <= TG_MAX_CPUS; cpus++) {
        program_begin(&program, PROGRAM_START);
        put_start_of_others(cpus);
        uint32_t loop = program_here(&program);
        program_i(&program, TG_INSN_ADDI, T0, T0, 1);
        program_branch(&program, TG_INSN_JAL, ZERO, 0, loop);
        struct tg_machine *machine = program_machine(&program, ENGINE, cpus);
        for (uint64_t insns = 1; insns < 40000; insns += insns / 3 + 1) {
            ck_assert_int_eq(program_run(machine, insns).reason, TG_STOP_LIMIT);
            ck_assert_uint_eq(tg_machine_position(machine).insns, insns);
            uint64_t sum = 0;
            for (uint32_t i = 0; i < cpus; i++) {
                struct tg_cpu_view view;
                tg_machine_cpu(machine, i, &view);
                sum += view.insns;
            }
            ck_assert_uint_eq(sum, insns);
        }
        tg_machine_destroy(machine);
    }
}
END_TEST

START_TEST(one_cpu_begins_one_instruction_a_tick) /* rules: TIM-1 */
{
    begin_counting();
    struct tg_machine *machine = program_machine(&program, ENGINE, 1);
    for (uint64_t time = 1; time < 200000; time = time * 3 + 1) {
        ck_assert_int_eq(run_until(machine, TG_NO_LIMIT, time).reason, TG_STOP_LIMIT);
        struct tg_position position = tg_machine_position(machine);
        ck_assert_uint_eq(position.time, time);
        ck_assert_uint_eq(position.insns, time);
        ck_assert_uint_eq(program_register(machine, 0, T0), (time + 1) / 2);
    }
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(an_instruction_that_raises_takes_a_tick) /* rules: TIM-1, ENT-5 */
{
    program_begin(&program, PROGRAM_START);
    program_gate(&program, DATA, TG_CAUSE_ILLEGAL, PROGRAM_START + 0x800);
    program_li(&program, T0, DATA);
    program_i(&program, TG_INSN_WRCR, 0, T0, TG_CR_VBASE);
    uint64_t before = program.count;
    program_word(&program, 0);
    struct tg_machine *machine = program_machine(&program, ENGINE, 1);
    ck_assert_int_eq(program_run(machine, before + 1).reason, TG_STOP_LIMIT);
    struct tg_cpu_view view;
    tg_machine_cpu(machine, 0, &view);
    ck_assert_uint_eq(view.pc, PROGRAM_START + 0x800);
    ck_assert_uint_eq(tg_machine_position(machine).time, before + 1);
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(time_limit_of_several_cpus_is_a_round_end) /* rules: TIM-3 */
{
    program_begin(&program, PROGRAM_START);
    put_start_of_others(3);
    program_branch(&program, TG_INSN_JAL, ZERO, 0, program_here(&program));
    struct tg_machine *machine = program_machine(&program, ENGINE, 3);
    const uint64_t limits[] = {1, 64, 65, 1000};
    const uint64_t ends[] = {64, 64, 128, 1024};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        ck_assert_int_eq(run_until(machine, TG_NO_LIMIT, limits[i]).reason, TG_STOP_LIMIT);
        ck_assert_uint_eq(tg_machine_position(machine).time, ends[i]);
        ck_assert_uint_eq(machine->clock.round_ticks, 0);
    }
    ck_assert_uint_eq(tg_machine_position(machine).insns, 3 * 1024);
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(a_limit_that_is_past_stops_at_once)
{
    begin_counting();
    struct tg_machine *machine = program_machine(&program, ENGINE, 1);
    program_run(machine, 100);
    ck_assert_int_eq(program_run(machine, 50).reason, TG_STOP_LIMIT);
    ck_assert_int_eq(run_until(machine, TG_NO_LIMIT, 99).reason, TG_STOP_LIMIT);
    ck_assert_uint_eq(tg_machine_position(machine).insns, 100);
    tg_machine_destroy(machine);
}
END_TEST

/* --- Rounds and turns --- */

START_TEST(quantum_is_as_the_manual_says) /* rules: TIM-2 */
{
    const uint32_t cases[][3] = {/* CPUs, configured, expected */
                                 {1, 0, 65536},
                                 {2, 0, 64},
                                 {8, 0, 64},
                                 {1, 7, 7},
                                 {4, 1000, 1000}};
    begin_counting();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tg_config config = {.engine = ENGINE, .cpus = cases[i][0], .quantum = cases[i][1]};
        struct tg_machine *machine;
        ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, NULL), TG_OK);
        program_load(&program, machine);
        program_run(machine, 1);
        ck_assert_uint_eq(machine->clock.round_ticks, cases[i][2]);
        ck_assert_uint_eq(tg_machine_config(machine)->quantum, cases[i][2]);
        tg_machine_destroy(machine);
    }
}
END_TEST

struct order {
    uint64_t count;
    uint32_t cpus;
    bool is_broken;
};

static void note_order(void *context, uint32_t cpu, uint32_t pc, uint32_t word)
{
    struct order *order = context;
    (void)pc;
    (void)word;
    if (cpu != order->count++ / 64 % order->cpus)
        order->is_broken = true;
}

START_TEST(cpus_take_turns_in_the_order_of_their_numbers) /* rules: TIM-3, ORDER-1 */
{
    for (uint32_t cpus = 2; cpus <= TG_MAX_CPUS; cpus++) {
        program_begin(&program, PROGRAM_START);
        put_start_of_others(cpus);
        program_branch(&program, TG_INSN_JAL, ZERO, 0, program_here(&program));
        struct tg_machine *machine = program_machine(&program, ENGINE, cpus);
        struct order order = {.cpus = cpus};
        struct tg_observer observer = {.context = &order, .retire = note_order};
        ck_assert_int_eq(tg_machine_observe(machine, &observer), TG_OK);
        program_run(machine, 10000);
        ck_assert_uint_eq(order.count, 10000);
        ck_assert(!order.is_broken);
        tg_machine_destroy(machine);
    }
}
END_TEST

START_TEST(each_cpu_sees_its_own_ticks_pass) /* rules: TIM-3, RING-5 */
{
    for (uint32_t cpus = 1; cpus <= TG_MAX_CPUS; cpus++) {
        program_begin(&program, PROGRAM_START);
        put_start_of_others(cpus);
        /* All were started in the first round, so each has begun as many instructions as ticks have
         * passed. */
        uint32_t loop = program_here(&program);
        program_i(&program, TG_INSN_RDCR, T0, 0, TG_CR_TIME);
        program_i(&program, TG_INSN_RDCR, T1, 0, TG_CR_INSNS);
        program_i(&program, TG_INSN_ADDI, T0, T0, 1);
        uint32_t wrong = program_forward(&program, TG_INSN_BNE, T0, T1);
        program_i(&program, TG_INSN_ADDI, S0, S0, 1);
        program_branch(&program, TG_INSN_JAL, ZERO, 0, loop);
        program_land(&program, wrong);
        program_branch(&program, TG_INSN_JAL, ZERO, 0, program_here(&program));
        struct tg_machine *machine = program_machine(&program, ENGINE, cpus);
        run_until(machine, TG_NO_LIMIT, 6400);
        for (uint32_t i = 0; i < cpus; i++)
            ck_assert_uint_gt(program_register(machine, i, S0), 6300 / 6);
        tg_machine_destroy(machine);
    }
}
END_TEST

START_TEST(a_turn_has_as_many_instructions_as_the_round_has_ticks) /* rules: TIM-3 */
{
    program_begin(&program, PROGRAM_START);
    put_start_of_others(4);
    program_branch(&program, TG_INSN_JAL, ZERO, 0, program_here(&program));
    struct tg_machine *machine = program_machine(&program, ENGINE, 4);
    /* Of the first round CPU 0 has spent some on starting the others, but each has its whole turn
     * in it. */
    for (uint32_t cpu = 0; cpu < 4; cpu++) {
        program_run(machine, 64 * cpu + 64);
        struct tg_cpu_view view;
        tg_machine_cpu(machine, cpu, &view);
        ck_assert_uint_eq(view.insns, 64);
        ck_assert_uint_eq(tg_machine_position(machine).time, cpu == 3 ? 64 : 0);
    }
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(a_reservation_ends_with_the_turn) /* rules: AMO-3 */
{
    const uint32_t quanta[] = {1, 2, 3, 4};
    for (size_t i = 0; i < sizeof quanta / sizeof quanta[0]; i++) {
        program_begin(&program, PROGRAM_START);
        program_li(&program, S0, DATA); /* ticks 0 and 1 */
        program_i(&program, TG_INSN_LR_W, T0, S0, 0);
        program_r(&program, TG_INSN_SC_W, T1, S0, ZERO);
        struct tg_config config = {.engine = ENGINE, .quantum = quanta[i]};
        struct tg_machine *machine;
        ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, NULL), TG_OK);
        program_load(&program, machine);
        program_run(machine, 4);
        bool is_split = quanta[i] == 1 || quanta[i] == 3;
        ck_assert_uint_eq(program_register(machine, 0, T1), is_split);
        tg_machine_destroy(machine);
    }
}
END_TEST

/* --- Waiting and deadlines --- */

/* Asks the timer for an interrupt in ticks; T1: when that was. Interrupts stay off, so wfi just
 * goes on. */
static void put_timer(uint32_t ticks)
{
    program_i(&program, TG_INSN_ADDI, T0, ZERO, 1);
    program_i(&program, TG_INSN_OUTW, T0, ZERO, TG_PORT_INTERRUPTS_ENABLE);
    program_li(&program, T0, ticks);
    program_i(&program, TG_INSN_RDCR, T1, 0, TG_CR_TIME);
    program_i(&program, TG_INSN_OUTW, T0, ZERO, TG_PORT_TIMER_INTERVAL);
}

static void put_end(void)
{
    program_branch(&program, TG_INSN_JAL, ZERO, 0, program_here(&program));
}

START_TEST(one_cpu_wakes_at_the_tick) /* rules: TIM-4, TIM-5, TIM-6, SYS-3 */
{
    const uint32_t ticks[] = {2, 3, 63, 64, 65, 1000, 65535, 65536, 1000000007};
    for (size_t i = 0; i < sizeof ticks / sizeof ticks[0]; i++) {
        program_begin(&program, PROGRAM_START);
        put_timer(ticks[i]);
        program_i(&program, TG_INSN_WFI, 0, 0, 0);
        program_i(&program, TG_INSN_RDCR, T2, 0, TG_CR_TIME);
        put_end();
        struct tg_machine *machine = program_machine(&program, ENGINE, 1);
        ck_assert_int_eq(program_run(machine, program.count).reason, TG_STOP_LIMIT);
        /* The timer was set an instruction after T1 was read. */
        ck_assert_uint_eq(program_register(machine, 0, T2),
                          program_register(machine, 0, T1) + 1 + ticks[i]);
        tg_machine_destroy(machine);
    }
}
END_TEST

START_TEST(one_cpu_is_interrupted_at_the_tick) /* rules: TIM-6, INT-1 */
{
    const uint32_t ticks[] = {3, 4, 100, 65530, 70000, 200001};
    for (size_t i = 0; i < sizeof ticks / sizeof ticks[0]; i++) {
        program_begin(&program, PROGRAM_START);
        uint32_t to_main = program_forward(&program, TG_INSN_JAL, ZERO, 0);
        uint32_t handler = program_here(&program);
        program_i(&program, TG_INSN_RDCR, T2, 0, TG_CR_TIME);
        put_end();
        program_land(&program, to_main);
        program_gate(&program, DATA, TG_VECTOR_INTERRUPT, handler);
        program_li(&program, T0, DATA);
        program_i(&program, TG_INSN_WRCR, 0, T0, TG_CR_VBASE);
        put_timer(ticks[i]);
        program_i(&program, TG_INSN_STI, 0, 0, 0);
        put_end();
        struct tg_machine *machine = program_machine(&program, ENGINE, 1);
        program_run(machine, 300000);
        ck_assert_uint_eq(program_register(machine, 0, T2),
                          program_register(machine, 0, T1) + 1 + ticks[i]);
        tg_machine_destroy(machine);
    }
}
END_TEST

START_TEST(with_several_cpus_a_deadline_waits_for_the_round_to_end) /* rules: TIM-4, TIM-6 */
{
    const uint32_t ticks[] = {2, 40, 64, 100, 1000};
    for (size_t i = 0; i < sizeof ticks / sizeof ticks[0]; i++) {
        program_begin(&program, PROGRAM_START);
        put_timer(ticks[i]);
        program_i(&program, TG_INSN_WFI, 0, 0, 0);
        program_i(&program, TG_INSN_RDCR, T2, 0, TG_CR_TIME);
        put_end();
        struct tg_machine *machine = program_machine(&program, ENGINE, 2);
        program_run(machine, program.count);
        uint64_t deadline = program_register(machine, 0, T1) + 1 + ticks[i];
        /* Inside the round under way: its end. Beyond: no CPU runs, and time jumps to it. */
        uint64_t expected = deadline < 64 ? 64 : deadline;
        ck_assert_uint_eq(program_register(machine, 0, T2), expected);
        tg_machine_destroy(machine);
    }
}
END_TEST

START_TEST(a_round_ends_where_a_known_deadline_lies) /* rules: TIM-2 */
{
    program_begin(&program, PROGRAM_START);
    put_start_of_others(2);
    put_timer(100);
    put_end();
    struct tg_machine *machine = program_machine(&program, ENGINE, 2);
    program_run(machine, 128);
    uint64_t deadline = 64;
    for (uint32_t i = 0; i < 2; i++) {
        uint64_t at = program_register(machine, i, T1) + 1 + 100;
        deadline = i == 0 || at < deadline ? at : deadline;
    }
    program_run(machine, 129);
    ck_assert_uint_eq(machine->clock.time, 64);
    ck_assert_uint_eq(machine->clock.round_ticks, deadline - 64);
    program_run(machine, 128 + 2 * (deadline - 64));
    ck_assert_uint_eq(machine->clock.time, deadline);
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(an_interrupt_already_offered_ends_no_round) /* rules: SYS-3 */
{
    program_begin(&program, PROGRAM_START);
    put_timer(1); /* due before the next instruction */
    program_i(&program, TG_INSN_WFI, 0, 0, 0);
    program_i(&program, TG_INSN_RDCR, T2, 0, TG_CR_TIME);
    put_end();
    struct tg_machine *machine = program_machine(&program, ENGINE, 1);
    program_run(machine, 20);
    ck_assert_uint_eq(program_register(machine, 0, T2), program_register(machine, 0, T1) + 3);
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(a_message_wakes_the_other_cpu_at_its_turn) /* rules: TIM-4, TIM-7 */
{
    program_begin(&program, PROGRAM_START);
    put_start_of_others(2);
    program_i(&program, TG_INSN_ADDI, T0, ZERO, 2);
    program_i(&program, TG_INSN_OUTW, T0, ZERO, TG_PORT_INTERRUPTS_ENABLE);
    uint32_t to_one = program_forward(&program, TG_INSN_BNE, A0, ZERO);
    /* CPU 0 lets two rounds pass, sends, and waits for an answer. */
    program_li(&program, T0, 130);
    uint32_t loop = program_here(&program);
    program_i(&program, TG_INSN_RDCR, T1, 0, TG_CR_TIME);
    program_branch(&program, TG_INSN_BLTU, T1, T0, loop);
    program_out(&program, TG_PORT_INTERRUPTS_SEND, 2);
    program_i(&program, TG_INSN_WFI, 0, 0, 0);
    program_i(&program, TG_INSN_RDCR, T2, 0, TG_CR_TIME);
    put_end();
    program_land(&program, to_one);
    program_i(&program, TG_INSN_WFI, 0, 0, 0);
    program_i(&program, TG_INSN_RDCR, T2, 0, TG_CR_TIME);
    program_out(&program, TG_PORT_INTERRUPTS_SEND, 1);
    put_end();
    struct tg_machine *machine = program_machine(&program, ENGINE, 2);
    program_run(machine, 600);
    /* In the round in which it was sent, CPU 1's turn comes after; CPU 0's next one is in the next
     * round. */
    ck_assert_uint_eq(program_register(machine, 1, T2), 128);
    ck_assert_uint_eq(program_register(machine, 0, T2), 192);
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(a_machine_that_nothing_can_wake_is_idle) /* rules: TIM-5 */
{
    for (uint32_t cpus = 1; cpus <= 3; cpus++) {
        program_begin(&program, PROGRAM_START);
        program_i(&program, TG_INSN_ADDI, T0, ZERO, 4);
        program_i(&program, TG_INSN_OUTW, T0, ZERO, TG_PORT_INTERRUPTS_ENABLE);
        program_i(&program, TG_INSN_WFI, 0, 0, 0);
        put_end();
        struct tg_machine *machine = program_machine(&program, ENGINE, cpus);
        uint64_t waits_at = cpus == 1 ? 3 : 64;
        ck_assert_int_eq(program_run(machine, TG_NO_LIMIT).reason, TG_STOP_IDLE);
        ck_assert_uint_eq(tg_machine_position(machine).insns, 3);
        ck_assert_uint_eq(tg_machine_position(machine).time, waits_at);
        /* A time limit is reached all the same, to the tick. */
        ck_assert_int_eq(run_until(machine, TG_NO_LIMIT, 12345).reason, TG_STOP_LIMIT);
        ck_assert_uint_eq(tg_machine_position(machine).time, 12345);

        struct tg_run_limits limits = {.until = {TG_NO_LIMIT, TG_NO_LIMIT}, .stop_for_input = true};
        struct tg_stop stop;
        tg_machine_run(machine, &limits, &stop);
        ck_assert_int_eq(stop.reason, TG_STOP_INPUT);
        ck_assert_int_eq(tg_machine_input(machine, (struct tg_input){TG_INPUT_KEY, 0x1e}), TG_OK);
        /* The key wakes CPU 0, which loops for ever. */
        ck_assert_int_eq(program_run(machine, 1000).reason, TG_STOP_LIMIT);
        ck_assert_uint_eq(tg_machine_position(machine).insns, 1000);
        tg_machine_destroy(machine);
    }
}
END_TEST

START_TEST(a_machine_that_waits_for_its_disk_does_not_wait_for_input)
{
    program_begin(&program, PROGRAM_START);
    program_out(&program, TG_PORT_DISK_COUNT, 1);
    program_out(&program, TG_PORT_DISK_COMMAND, 1);
    program_out(&program, TG_PORT_INTERRUPTS_ENABLE, 1u << TG_SOURCE_DISK);
    program_i(&program, TG_INSN_WFI, 0, 0, 0);
    program_i(&program, TG_INSN_RDCR, T2, 0, TG_CR_TIME);
    program_out(&program, TG_PORT_DISK_STATUS, TG_MASK(DISK_STATUS_DONE));
    program_i(&program, TG_INSN_WFI, 0, 0, 0);
    put_end();
    struct tg_machine *machine = program_machine(&program, ENGINE, 1);
    struct tg_run_limits limits = {.until = {TG_NO_LIMIT, TG_NO_LIMIT}, .stop_for_input = true};
    struct tg_stop stop;
    tg_machine_run(machine, &limits, &stop);
    ck_assert_int_eq(stop.reason, TG_STOP_INPUT);
    ck_assert_uint_gt(program_register(machine, 0, T2), 10000); /* the first wait is over */
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(a_timer_that_nobody_hears_does_not_keep_a_run_going) /* rules: TIM-5 */
{
    /* 0: the source is disabled; 1: enabled, of priority 0; 2: heard */
    for (int hears = 0; hears <= 2; hears++) {
        program_begin(&program, PROGRAM_START);
        program_out(&program, TG_PORT_TIMER_PERIOD, 100);
        program_out(&program, TG_PORT_INTERRUPTS_SOURCE, hears == 2 ? 1 : 0);
        program_out(&program, TG_PORT_INTERRUPTS_ENABLE, hears >= 1 ? 1 : 0);
        program_i(&program, TG_INSN_WFI, 0, 0, 0);
        put_end();
        struct tg_machine *machine = program_machine(&program, ENGINE, 1);
        enum tg_stop_reason reason = program_run(machine, 100).reason;
        ck_assert_int_eq(reason, hears == 2 ? TG_STOP_LIMIT : TG_STOP_IDLE);
        /* with a time limit it goes on expiring */
        ck_assert_int_eq(run_until(machine, TG_NO_LIMIT, 10000).reason, TG_STOP_LIMIT);
        ck_assert_uint_eq(tg_machine_position(machine).time, 10000);
        tg_machine_destroy(machine);
    }
}
END_TEST

SUITE_MAIN("schedule", instruction_limit_is_exact, one_cpu_begins_one_instruction_a_tick,
           an_instruction_that_raises_takes_a_tick, time_limit_of_several_cpus_is_a_round_end,
           a_limit_that_is_past_stops_at_once, quantum_is_as_the_manual_says,
           cpus_take_turns_in_the_order_of_their_numbers, each_cpu_sees_its_own_ticks_pass,
           a_turn_has_as_many_instructions_as_the_round_has_ticks, a_reservation_ends_with_the_turn,
           one_cpu_wakes_at_the_tick, one_cpu_is_interrupted_at_the_tick,
           with_several_cpus_a_deadline_waits_for_the_round_to_end,
           a_round_ends_where_a_known_deadline_lies, an_interrupt_already_offered_ends_no_round,
           a_message_wakes_the_other_cpu_at_its_turn, a_machine_that_nothing_can_wake_is_idle,
           a_machine_that_waits_for_its_disk_does_not_wait_for_input,
           a_timer_that_nobody_hears_does_not_keep_a_run_going)
