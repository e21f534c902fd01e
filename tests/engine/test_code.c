/*
 * Code that changes: a fetch sees every earlier write to its word, whoever wrote it and by whatever
 * address, at once and without a fence; and nothing of an instruction lasts beyond its word.
 *
 * rules: MEM-4 GATE-1 PAG-4 SYS-1 ORDER-1
 */
#include "bus/bus.h"
#include "lab.h"

#define FENCE     tg_word_i(TG_INSN_FENCE, 0, 0, 0)
#define SET(d, n) tg_word_i(TG_INSN_ADDI, d, 0, n)

enum { OLD_VALUE = 1, NEW_VALUE = 2, CHANGED = LAB_CODE + 8 };

/* The word at CHANGED sets s0; a2 holds the word that takes its place, a1 its address. The program
 * runs once before, so that an engine has seen the old word. */
static void open_program(struct lab *lab, int engine, uint32_t writer, bool is_paging)
{
    lab_open(lab, engine);
    if (is_paging)
        lab_paging(lab);
    LAB_PROGRAM(lab, LAB_CODE, FENCE, FENCE, SET(S0, OLD_VALUE), FENCE);
    lab->cpu->s.x[A1] = CHANGED;
    lab->cpu->s.x[A2] = SET(S0, NEW_VALUE);
    lab_ready(lab);
    lab_run(lab, 4);
    ck_assert_uint_eq(lab->cpu->s.x[S0], OLD_VALUE);
    lab->cpu->s.pc = LAB_CODE;
    lab_put(lab, LAB_CODE, writer);
    lab_ready(lab);
}

static void expect_new(struct lab *lab, const char *what)
{
    ck_assert_msg(lab->cpu->s.x[S0] == NEW_VALUE, "%s: %s: the old word was executed", lab->engine,
                  what);
}

/* rules: MEM-4. The writer is two instructions before the changed word, and, below, directly before
 * it. */
START_TEST(stores_to_code)
{
    const struct {
        const char *what;
        uint32_t writer;
    } writers[] = {
        {"sw", tg_word_i(TG_INSN_SW, A2, A1, 0)},
        {"sh", tg_word_i(TG_INSN_SH, A2, A1, 0)}, /* the words differ in their low half only */
        {"sb", tg_word_i(TG_INSN_SB, A2, A1, 0)},
        {"amoswap.w", tg_word_r(TG_INSN_AMOSWAP_W, A0, A1, A2)},
        {"amoxor.w", tg_word_r(TG_INSN_AMOXOR_W, A0, A1, A3)},
    };

    for (size_t i = 0; i < COUNT(writers); i++)
        for (int is_paging = 0; is_paging < 2; is_paging++) {
            struct lab lab;

            open_program(&lab, _i, writers[i].writer, is_paging);
            lab.cpu->s.x[A3] = OLD_VALUE ^ NEW_VALUE;
            lab_ready(&lab);
            lab_run(&lab, 4);
            expect_new(&lab, writers[i].what);
            lab_close(&lab);

            open_program(&lab, _i, FENCE, is_paging);
            lab.cpu->s.x[A3] = OLD_VALUE ^ NEW_VALUE;
            lab_put(&lab, CHANGED - 4, writers[i].writer);
            lab_ready(&lab);
            lab_run(&lab, 4);
            expect_new(&lab, writers[i].what);
            lab_close(&lab);
        }
}
END_TEST

/* rules: MEM-4 */
START_TEST(conditional_stores_to_code)
{
    struct lab lab;

    open_program(&lab, _i, tg_word_r(TG_INSN_LR_W, A0, A1, 0), false);
    lab_put(&lab, LAB_CODE + 4, tg_word_r(TG_INSN_SC_W, A0, A1, A2));
    lab_ready(&lab);
    lab_run(&lab, 4);
    expect_new(&lab, "sc.w");
    lab_close(&lab);
}
END_TEST

/* rules: MEM-4. The page is written at another virtual address than it is executed at. */
START_TEST(stores_by_another_address)
{
    struct lab lab;

    open_program(&lab, _i, tg_word_i(TG_INSN_SW, A2, A1, 0), true);
    lab_map(&lab, 0x14000, LAB_CODE | LAB_PTE_ALL);
    lab.cpu->s.x[A1] = 0x14008;
    lab_ready(&lab);
    lab_run(&lab, 4);
    expect_new(&lab, "alias");
    lab_close(&lab);
}
END_TEST

/* rules: MEM-4. The first instruction makes itself another; on the second time round that one is
 * executed. */
START_TEST(instruction_that_changes_itself)
{
    struct lab lab;

    lab_open(&lab, _i);
    LAB_PROGRAM(&lab, LAB_CODE, tg_word_i(TG_INSN_SW, A2, A1, 0), tg_word_i(TG_INSN_JAL, 0, 0, -4));
    lab.cpu->s.x[A1] = LAB_CODE;
    lab.cpu->s.x[A2] = SET(S0, 77);
    lab_ready(&lab);
    lab_want_word(&lab, LAB_CODE, SET(S0, 77));
    lab.want.x[S0] = 77;
    lab.want.pc += 4;
    lab_run(&lab, 3);
    lab_check(&lab, "changes itself");
    lab_close(&lab);
}
END_TEST

/* rules: MEM-4. A page becomes code, data, and code again: each byte of an instruction, many times
 * over. */
START_TEST(code_changes_many_times)
{
    struct lab lab;

    lab_open(&lab, _i);
    /* t0 counts up; the word at 0x14000 becomes "addi s0, s0, t0" by its immediate; it is called;
     * s1 counts down. */
    LAB_PROGRAM(&lab, LAB_CODE, tg_word_i(TG_INSN_SH, T0, A1, 0),
                tg_word_i(TG_INSN_JALR, RA, A1, 0), tg_word_i(TG_INSN_ADDI, T0, T0, 1),
                tg_word_i(TG_INSN_ADDI, S1, S1, -1), tg_word_i(TG_INSN_BNE, S1, 0, -16),
                tg_word_i(TG_INSN_WFI, 0, 0, 0));
    LAB_PROGRAM(&lab, 0x14000, tg_word_i(TG_INSN_ADDI, S0, S0, 0),
                tg_word_i(TG_INSN_JALR, 0, RA, 0));
    lab.cpu->s.x[A1] = 0x14000;
    lab.cpu->s.x[T0] = tg_word_i(TG_INSN_ADDI, S0, S0, 0) & 0xffff;
    lab.cpu->s.x[S0] = 0;
    lab.cpu->s.x[S1] = 1000;
    lab_ready(&lab);
    lab_run(&lab, 100000);
    ck_assert_int_eq(lab.stop.reason, TG_STOP_IDLE);
    ck_assert_uint_eq(lab.cpu->s.x[S0], 999 * 1000 / 2);
    lab_close(&lab);
}
END_TEST

/* rules: MEM-4 ENT-4. A trap pushes its frame onto the instruction before it: the saved status, 0,
 * which is illegal. */
START_TEST(frames_pushed_onto_code)
{
    struct lab lab;
    const uint32_t frame = LAB_CODE + 0x100;

    lab_open(&lab, _i);
    LAB_PROGRAM(&lab, frame + 16, FENCE, tg_word_i(TG_INSN_TRAP, 0, 0, 77));
    lab.cpu->s.pc = frame + 16;
    lab.cpu->s.x[SP] = frame + 32;
    lab.cpu->s.x[A1] = LAB_STACK;
    lab_put(&lab, lab_handler(77), tg_word_r(TG_INSN_ADD, SP, A1, 0));
    lab_put(&lab, lab_handler(77) + 4,
            tg_word_i(TG_INSN_JAL, 0, 0, (int32_t)(frame + 16 - lab_handler(77) - 4)));
    lab_ready(&lab);
    lab_run(&lab, 5);
    /* The saved status, 0, is where the fence was. */
    ck_assert_uint_eq(lab_get(&lab, frame + 16), 0);
    ck_assert_uint_eq(lab.cpu->s.pc, lab_handler(TG_CAUSE_ILLEGAL));
    ck_assert_uint_eq(lab_get(&lab, LAB_STACK - 32 + 12), frame + 16);
    lab_close(&lab);
}
END_TEST

/* rules: MEM-4 PAG-4. A table entry is executed, as the illegal word that it is, before and after a
 * walk marks it. */
START_TEST(marks_written_onto_code)
{
    const uint32_t entry = LAB_DATA | TG_PTE_PRESENT | TG_PTE_READ;
    struct lab lab;

    lab_open(&lab, _i);
    lab_paging(&lab);
    lab_put(&lab, LAB_DIRECTORY + 8, 0x14000 | TG_PTE_PRESENT);
    lab_put(&lab, 0x14000, entry);
    lab_put(&lab, LAB_CODE, tg_word_i(TG_INSN_JALR, 0, A2, 0));
    lab.cpu->s.x[A1] = 0x800000;
    lab.cpu->s.x[A2] = 0x14000;
    lab_ready(&lab);
    lab_run(&lab, 2); /* executes the entry: illegal, with the word as it is */
    ck_assert_uint_eq(lab_get(&lab, LAB_STACK - 32 + 4), entry);
    lab_put(&lab, LAB_CODE, tg_word_i(TG_INSN_LW, A0, A1, 0));
    lab_put(&lab, LAB_CODE + 4, tg_word_i(TG_INSN_JALR, 0, A2, 0));
    lab.cpu->s.pc = LAB_CODE;
    lab.cpu->s.x[SP] = LAB_STACK;
    lab_ready(&lab);
    lab_run(&lab, 3);
    ck_assert_uint_eq(lab_get(&lab, LAB_STACK - 32 + 4), entry | TG_PTE_ACCESSED);
    lab_close(&lab);
}
END_TEST

/* rules: MEM-4 PHY-3. Direct memory access by a device, between two runs and without a word to the
 * engine. */
START_TEST(devices_write_code)
{
    const uint8_t word[] = {NEW_VALUE};
    struct lab lab;

    open_program(&lab, _i, FENCE, false);
    ck_assert(tg_bus_dma_write(lab.machine, TG_DEVICE_DISK, CHANGED, word, 1));
    lab.cpu->s.pc = LAB_CODE;
    lab_run(&lab, 4);
    expect_new(&lab, "DMA");
    lab_close(&lab);
}
END_TEST

/* rules: MEM-4 ORDER-1. Another CPU writes: seen in this one's next turn. */
START_TEST(other_cpus_write_code)
{
    struct lab lab;
    struct tg_cpu *other;

    lab_open_cpus(&lab, _i, 2);
    other = &lab.machine->cpus[1];
    other->s = lab.cpu->s;
    /* CPU 0 goes round and sets s0 each time; CPU 1 writes the word in its first turn. */
    LAB_PROGRAM(&lab, LAB_CODE, SET(S0, OLD_VALUE), tg_word_i(TG_INSN_JAL, 0, 0, -4));
    LAB_PROGRAM(&lab, 0x8000, tg_word_i(TG_INSN_SW, A2, A1, 0), tg_word_i(TG_INSN_JAL, 0, 0, 0));
    other->s.pc = 0x8000;
    other->s.x[A1] = LAB_CODE;
    other->s.x[A2] = SET(S0, NEW_VALUE);
    lab_ready(&lab);
    lab_run(&lab, 64);
    ck_assert_uint_eq(lab.cpu->s.x[S0], OLD_VALUE);
    lab_run(&lab, 128);
    expect_new(&lab, "another CPU");
    lab_close(&lab);
}
END_TEST

/* rules: MEM-4 TLB-5. The same virtual page becomes another physical one after tlbinv, and the code
 * with it. */
START_TEST(another_page_of_code_by_the_tables)
{
    struct lab lab;

    lab_open(&lab, _i);
    lab_paging(&lab);
    lab_map(&lab, 0x14000, 0x15000 | LAB_PTE_ALL);
    LAB_PROGRAM(&lab, 0x15000, SET(S0, OLD_VALUE), tg_word_i(TG_INSN_JALR, 0, RA, 0));
    LAB_PROGRAM(&lab, 0x16000, SET(S0, NEW_VALUE), tg_word_i(TG_INSN_JALR, 0, RA, 0));
    LAB_PROGRAM(&lab, LAB_CODE, tg_word_i(TG_INSN_JALR, RA, A1, 0),
                tg_word_i(TG_INSN_SW, A2, A3, 0), tg_word_i(TG_INSN_JALR, RA, A1, 0),
                tg_word_r(TG_INSN_TLBINV, 0, A1, 0), tg_word_i(TG_INSN_JALR, RA, A1, 0));
    lab.cpu->s.x[A1] = 0x14000;
    lab.cpu->s.x[A2] = 0x16000 | LAB_PTE_ALL;
    lab.cpu->s.x[A3] = lab_entry_address(0x14000);
    lab_ready(&lab);
    lab_run(&lab, 7); /* with the old translation */
    ck_assert_uint_eq(lab.cpu->s.x[S0], OLD_VALUE);
    lab_run(&lab, 4);
    expect_new(&lab, "tables");
    lab_close(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("code");
    TCase *tcase = tcase_create("code");

    lab_add_test(tcase, stores_to_code);
    lab_add_test(tcase, conditional_stores_to_code);
    lab_add_test(tcase, stores_by_another_address);
    lab_add_test(tcase, instruction_that_changes_itself);
    lab_add_test(tcase, code_changes_many_times);
    lab_add_test(tcase, frames_pushed_onto_code);
    lab_add_test(tcase, marks_written_onto_code);
    lab_add_test(tcase, devices_write_code);
    lab_add_test(tcase, other_cpus_write_code);
    lab_add_test(tcase, another_page_of_code_by_the_tables);
    suite_add_tcase(suite, tcase);
    return lab_main(suite);
}
