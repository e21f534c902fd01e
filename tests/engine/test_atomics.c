/*
 * Reservations over several instructions: what keeps one, what loses it; and that atomic operations
 * of several CPUs add up. Single instructions are among the cases of insns_memory.c, permissions in
 * test_rings.c.
 *
 * rules: AMO-2 AMO-3 AMO-4 ORDER-1
 */
#include "lab.h"

#define LR(d, a)    tg_word_r(TG_INSN_LR_W, d, a, 0)
#define SC(d, b, a) tg_word_r(TG_INSN_SC_W, d, a, b)
#define FENCE       tg_word_i(TG_INSN_FENCE, 0, 0, 0)
#define IRET        tg_word_i(TG_INSN_IRET, 0, 0, 0)

enum { SUCCESS = 0, FAILURE = 1, NEW = 0x0c0c0c0c /* what a2 holds at first */ };

/* Runs program (up to 8 words, which end with an sc.w into a0 of the word at LAB_DATA) and says
 * what sc.w gave. */
static void check_program(int engine, const char *what, const uint32_t *program, size_t count,
                          uint32_t insns, uint32_t result)
{
    struct lab lab;

    lab_open(&lab, engine);
    lab_program(&lab, LAB_CODE, program, count);
    lab_put(&lab, LAB_DATA, 7);
    lab_put(&lab, lab_handler(90), IRET);
    lab.cpu->s.x[A1] = LAB_DATA;
    lab.cpu->s.x[A3] = LAB_DATA + 4;
    lab_ready(&lab);
    lab_run(&lab, insns);
    ck_assert_msg(lab.cpu->s.x[A0] == result, "%s, %s: sc.w gave %u", lab.engine, what,
                  (unsigned)lab.cpu->s.x[A0]);
    ck_assert_uint_eq(lab_get(&lab, LAB_DATA), result == SUCCESS ? NEW : 7);
    ck_assert_uint_eq(lab.cpu->s.is_reserved, 0);
    lab_close(&lab);
}

#define CHECK(what, insns, result, ...)                                                            \
    check_program(_i, what, (const uint32_t[]){__VA_ARGS__},                                       \
                  COUNT(((const uint32_t[]){__VA_ARGS__})), insns, result)

/* rules: AMO-2 */
START_TEST(store_after_load_succeeds_once)
{
    CHECK("pair", 2, SUCCESS, LR(A0, A1), SC(A0, A2, A1));
    CHECK("no lr.w", 1, FAILURE, SC(A0, A2, A1));
    CHECK("after a successful one", 4, FAILURE, LR(A0, A3), SC(A0, A2, A3), FENCE, SC(A0, A2, A1));
    CHECK("after a failing one", 3, FAILURE, LR(A0, A1), SC(A0, A2, A3), SC(A0, A2, A1));
    CHECK("another word", 2, FAILURE, LR(A0, A3), SC(A0, A2, A1));
    CHECK("the last lr.w counts", 3, FAILURE, LR(A0, A1), LR(A0, A3), SC(A0, A2, A1));
    CHECK("the last lr.w counts", 3, SUCCESS, LR(A0, A3), LR(A0, A1), SC(A0, A2, A1));
}
END_TEST

/* rules: AMO-3. Stores of this CPU, to the very word, and everything else but an entry and an iret.
 */
START_TEST(ordinary_instructions_keep_it)
{
    struct lab lab;

    CHECK("load", 3, SUCCESS, LR(A0, A1), tg_word_i(TG_INSN_LW, A0, A1, 0), SC(A0, A2, A1));
    CHECK("store of the same value", 4, SUCCESS, LR(S0, A1), tg_word_i(TG_INSN_SW, S0, A1, 0),
          FENCE, SC(A0, A2, A1));
    CHECK("branch", 3, SUCCESS, LR(S0, A1), tg_word_i(TG_INSN_BEQ, 0, 0, 4), SC(A0, A2, A1));
    CHECK("cli and sti", 4, SUCCESS, LR(S0, A1), tg_word_i(TG_INSN_CLI, S0, 0, 0),
          tg_word_i(TG_INSN_STI, 0, 0, 0), SC(A0, A2, A1));
    CHECK("tlbinv", 3, SUCCESS, LR(S0, A1), tg_word_r(TG_INSN_TLBINV, 0, 0, 0), SC(A0, A2, A1));

    /* A store of another value, and an atomic operation: sc.w still succeeds. */
    lab_open(&lab, _i);
    LAB_PROGRAM(&lab, LAB_CODE, LR(A0, A1), tg_word_i(TG_INSN_SW, A1, A1, 0),
                tg_word_r(TG_INSN_AMOADD_W, A3, A1, A1), SC(A0, A2, A1));
    lab.cpu->s.x[A1] = LAB_DATA;
    lab_ready(&lab);
    lab.want.x[A0] = SUCCESS;
    lab.want.x[A3] = LAB_DATA;
    lab.want.pc += 16;
    lab_want_word(&lab, LAB_DATA, NEW);
    lab_run(&lab, 4);
    lab_check(&lab, "own stores");
    lab_close(&lab);
}
END_TEST

/* rules: AMO-3. A trap and its iret; also the iret alone, in the handler's own pair. */
START_TEST(entries_and_returns_lose_it)
{
    CHECK("trap and iret", 4, FAILURE, LR(A0, A1), tg_word_i(TG_INSN_TRAP, 0, 0, 90),
          SC(A0, A2, A1));
    CHECK("a new pair afterwards", 5, SUCCESS, LR(A0, A1), tg_word_i(TG_INSN_TRAP, 0, 0, 90),
          LR(A0, A1), SC(A0, A2, A1));
}
END_TEST

/* rules: AMO-3. An interrupt between the two. */
START_TEST(interrupts_lose_it)
{
    struct lab lab;

    lab_open(&lab, _i);
    LAB_PROGRAM(&lab, LAB_CODE, LR(A0, A1), SC(A0, A2, A1));
    lab_put(&lab, lab_handler(41), IRET);
    lab.cpu->s.x[A1] = LAB_DATA;
    lab.cpu->s.status = lab_status(0, 0, 1);
    lab_ready(&lab);
    lab_run(&lab, 1);
    ck_assert_uint_eq(lab.cpu->s.is_reserved, 1);
    lab_assert_line(&lab, 9);
    lab_run(&lab, 2);
    ck_assert_uint_eq(lab.cpu->s.x[A0], FAILURE);
    lab_close(&lab);
}
END_TEST

/* rules: AMO-2 AMO-3. The physical address counts: two pages of one frame. A faulting sc.w loses it
 * by its entry. */
START_TEST(physical_address_counts)
{
    struct lab lab;

    lab_open(&lab, _i);
    lab_paging(&lab);
    lab_map(&lab, 0x14000, LAB_DATA | LAB_PTE_ALL);
    LAB_PROGRAM(&lab, LAB_CODE, LR(A0, A1), SC(A0, A2, A3));
    lab.cpu->s.x[A1] = LAB_DATA + 8;
    lab.cpu->s.x[A3] = 0x14008;
    lab_ready(&lab);
    lab.want.x[A0] = SUCCESS;
    lab.want.pc += 8;
    lab_want_word(&lab, LAB_DATA + 8, NEW);
    lab_run(&lab, 2);
    lab_check(&lab, "same frame");
    lab_close(&lab);
}
END_TEST

/* rules: AMO-4 AMO-3 */
START_TEST(faulting_store_loses_it)
{
    struct lab lab;

    lab_open(&lab, _i);
    LAB_PROGRAM(&lab, LAB_CODE, LR(A0, A1), SC(A0, A2, A3));
    lab.cpu->s.x[A1] = LAB_DATA;
    lab.cpu->s.x[A3] = LAB_DATA + 2;
    lab_ready(&lab);
    lab.want.x[A0] = 0;
    lab.want.pc += 4;
    lab_want_exception(&lab, TG_CAUSE_MISALIGNED, 0x42, LAB_DATA + 2);
    lab_run(&lab, 2);
    lab_check(&lab, "misaligned sc.w");
    lab_close(&lab);
}
END_TEST

/* --- Several CPUs (rules: AMO-3 ORDER-1) --- */

/* Each CPU adds 1 to a counter a thousand times, by lr.w and sc.w with a retry, or by amoadd.w:
 * none is lost. */
static void check_counting(int engine, uint32_t cpus, bool is_amo)
{
    const uint32_t by_pair[] = {
        tg_word_i(TG_INSN_ADDI, S0, 0, 1000), LR(A0, A1),
        tg_word_i(TG_INSN_ADDI, A0, A0, 1),   SC(A0, A0, A1),
        tg_word_i(TG_INSN_BNE, A0, 0, -12),   tg_word_i(TG_INSN_ADDI, S0, S0, -1),
        tg_word_i(TG_INSN_BNE, S0, 0, -20),   tg_word_i(TG_INSN_WFI, 0, 0, 0),
    };
    const uint32_t by_amo[] = {
        tg_word_i(TG_INSN_ADDI, S0, 0, 1000),   tg_word_i(TG_INSN_ADDI, A0, 0, 1),
        tg_word_r(TG_INSN_AMOADD_W, 0, A1, A0), tg_word_i(TG_INSN_ADDI, S0, S0, -1),
        tg_word_i(TG_INSN_BNE, S0, 0, -8),      tg_word_i(TG_INSN_WFI, 0, 0, 0),
    };
    struct lab lab;

    lab_open_cpus(&lab, engine, cpus);
    lab_program(&lab, LAB_CODE, is_amo ? by_amo : by_pair, is_amo ? COUNT(by_amo) : COUNT(by_pair));
    lab.cpu->s.x[A1] = LAB_DATA;
    for (uint32_t i = 1; i < cpus; i++)
        lab.machine->cpus[i].s = lab.cpu->s;
    lab_ready(&lab);
    lab_run(&lab, 1000000);
    ck_assert_int_eq(lab.stop.reason, TG_STOP_IDLE);
    ck_assert_uint_eq(lab_get(&lab, LAB_DATA), 1000 * cpus);
    lab_close(&lab);
}

START_TEST(no_count_is_lost)
{
    for (uint32_t cpus = 1; cpus <= TG_MAX_CPUS; cpus++) {
        check_counting(_i, cpus, false);
        check_counting(_i, cpus, true);
    }
}
END_TEST

/* rules: AMO-3. A pair that lies across the end of a turn of 64 ticks fails, even where nothing
 * else was stored. */
START_TEST(end_of_turn_loses_it)
{
    for (uint32_t distance = 1; distance < 66; distance++) {
        struct lab lab;
        struct tg_cpu *other;

        lab_open_cpus(&lab, _i, 2);
        other = &lab.machine->cpus[1];
        other->s = lab.cpu->s;
        other->s.run_state = TG_CPU_PARKED;
        /* 62 instructions, then the pair with distance - 1 between the two. */
        for (uint32_t i = 0; i < 200; i++)
            lab_put(&lab, LAB_CODE + 4 * i, FENCE);
        lab_put(&lab, LAB_CODE + 4 * 61, LR(A0, A1));
        lab_put(&lab, LAB_CODE + 4 * (61 + distance), SC(A0, A2, A1));
        lab.cpu->s.x[A1] = LAB_DATA;
        lab_ready(&lab);
        lab_run(&lab, 150);
        ck_assert_uint_eq(lab.cpu->s.x[A0], distance <= 2 ? SUCCESS : FAILURE);
        lab_close(&lab);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("atomics");
    TCase *tcase = tcase_create("atomics");

    lab_add_test(tcase, store_after_load_succeeds_once);
    lab_add_test(tcase, ordinary_instructions_keep_it);
    lab_add_test(tcase, entries_and_returns_lose_it);
    lab_add_test(tcase, interrupts_lose_it);
    lab_add_test(tcase, physical_address_counts);
    lab_add_test(tcase, faulting_store_loses_it);
    lab_add_test(tcase, no_count_is_lost);
    lab_add_test(tcase, end_of_turn_loses_it);
    suite_add_tcase(suite, tcase);
    return lab_main(suite);
}
