/*
 * The page walk: addresses, each reason and their order, accessed and dirty bits, what the walk
 * reads. Rings and permissions exhaustively: test_rings.c. The translation caches: test_caches.c.
 *
 * rules: PAG-1 PAG-2 PAG-3 PAG-4 PAG-5 PAG-6 TLB-8 ORD-1 ORD-2 MEM-2 MEM-3 PHY-1 PHY-2 JMP-3 GEN-1
 * CAUSE-PAGE
 */
#include "lab.h"

#define P  TG_PTE_PRESENT
#define RW (TG_PTE_READ | TG_PTE_WRITE)
#define X  TG_PTE_EXECUTE
#define A  TG_PTE_ACCESSED
#define D  TG_PTE_DIRTY

/* A virtual address whose directory entry, table entry and offset all differ from 0. */
enum { VADDR = 0x00c05678, DIRECTORY_ENTRY = LAB_DIRECTORY + 12, TABLE_ENTRY = 0x13014 };

static void open_load(struct lab *lab, int engine, uint32_t directory_entry, uint32_t table_entry,
                      uint32_t word)
{
    lab_open(lab, engine);
    lab_paging(lab);
    lab_put(lab, DIRECTORY_ENTRY, directory_entry);
    lab_put(lab, TABLE_ENTRY, table_entry);
    lab_put(lab, LAB_CODE, word);
    lab->cpu->s.x[A1] = VADDR;
}

#define LOAD  tg_word_i(TG_INSN_LW, A0, A1, 0)
#define STORE tg_word_i(TG_INSN_SW, A0, A1, 0)
#define SWAP  tg_word_r(TG_INSN_AMOSWAP_W, A0, A1, A2)

/* --- Where things are (rules: PAG-1) ---------------------------------------------------------- */

START_TEST(address_is_built_from_two_tables)
{
    struct lab lab;

    open_load(&lab, _i, 0x13000 | P, 0x14000 | P | RW | A, LOAD);
    lab_put(&lab, 0x14678, 0xcafe);
    lab_ready(&lab);
    lab_want_register(&lab, A0, 0xcafe);
    lab_step_and_check(&lab, "load");
    lab_close(&lab);
}
END_TEST

/* rules: PAG-1. The last entry of each table, and the last word of the address space. */
START_TEST(last_page_of_all)
{
    struct lab lab;

    open_load(&lab, _i, 0, 0, LOAD);
    lab_put(&lab, LAB_DIRECTORY + 0xffc, 0x13000 | P);
    lab_put(&lab, 0x13ffc, 0x14000 | P | RW | A);
    lab_put(&lab, 0x14ffc, 77);
    lab.cpu->s.x[A1] = 0xfffffffc;
    lab_ready(&lab);
    lab_want_register(&lab, A0, 77);
    lab_step_and_check(&lab, "load");
    lab_close(&lab);
}
END_TEST

/* rules: JMP-3 PAG-1. Execution goes on from the last word to the first. */
START_TEST(execution_wraps_around)
{
    struct lab lab;

    open_load(&lab, _i, 0, 0, 0);
    lab_put(&lab, LAB_DIRECTORY + 0xffc, 0x13000 | P);
    lab_put(&lab, 0x13ffc, 0x14000 | P | X | A);
    LAB_PROGRAM(&lab, 0x14ff8, tg_word_i(TG_INSN_ADDI, A0, 0, 1), tg_word_i(TG_INSN_JAL, A1, 0, 8));
    lab_put(&lab, 4, tg_word_i(TG_INSN_ADDI, A2, 0, 3));
    lab.cpu->s.pc = 0xfffffff8;
    lab_ready(&lab);
    lab_run(&lab, 3);
    lab.want.x[A0] = 1;
    lab.want.x[A1] = 0; /* the address after the last word */
    lab.want.x[A2] = 3;
    lab.want.pc = 8;
    lab_check(&lab, "wrap");
    lab_close(&lab);
}
END_TEST

/* rules: PAG-1 PAG-2. The software's bits and the entry's global bit have no effect on a walk. */
START_TEST(software_bits_are_free)
{
    struct lab lab;

    open_load(&lab, _i, 0x13000 | P | TG_PTE_SOFTWARE,
              0x14000 | P | RW | A | TG_PTE_SOFTWARE | TG_PTE_GLOBAL, LOAD);
    lab_put(&lab, 0x14678, 5);
    lab_ready(&lab);
    lab_want_register(&lab, A0, 5);
    lab_step_and_check(&lab, "load");
    lab_close(&lab);
}
END_TEST

/* --- Reasons, and how many words a failing walk reads (rules: PAG-2 TLB-8) -------------------- */

struct bad_walk {
    uint32_t ptroot_page, directory_entry, table_entry;
    uint32_t ring, reason, references;
};

/* Each row has more wrong with it that would be found after its reason. */
static const struct bad_walk bad_walks[] = {
    {LAB_RAM_BYTES, 0, 0, 0, TG_PAGE_DIRECTORY_ADDRESS, 0},
    {0xfffff000, 0, 0, 0, TG_PAGE_DIRECTORY_ADDRESS, 0},
    {0xf0000000, 0, 0, 0, TG_PAGE_DIRECTORY_ADDRESS, 0},
    {LAB_DIRECTORY, 0, 0, 0, TG_PAGE_DIRECTORY_ABSENT, 1},
    {LAB_DIRECTORY, 0xfffffffe, 0, 0, TG_PAGE_DIRECTORY_ABSENT, 1},
    {LAB_DIRECTORY, 0xf0000000 | P | 0x002, 0, 0, TG_PAGE_DIRECTORY_RESERVED, 1},
    {LAB_DIRECTORY, 0x13000 | P | 0x004, 0, 0, TG_PAGE_DIRECTORY_RESERVED, 1},
    {LAB_DIRECTORY, 0x13000 | P | 0x008, 0, 0, TG_PAGE_DIRECTORY_RESERVED, 1},
    {LAB_DIRECTORY, 0x13000 | P | 0x010, 0, 0, TG_PAGE_DIRECTORY_RESERVED, 1},
    {LAB_DIRECTORY, 0x13000 | P | 0x020, 0, 0, TG_PAGE_DIRECTORY_RESERVED, 1},
    {LAB_DIRECTORY, 0x13000 | P | 0x040, 0, 0, TG_PAGE_DIRECTORY_RESERVED, 1},
    {LAB_DIRECTORY, 0x13000 | P | 0x080, 0, 0, TG_PAGE_DIRECTORY_RESERVED, 1},
    {LAB_DIRECTORY, 0x13000 | P | 0x100, 0, 0, TG_PAGE_DIRECTORY_RESERVED, 1},
    {LAB_DIRECTORY, LAB_RAM_BYTES | P, 0, 0, TG_PAGE_TABLE_ADDRESS, 1},
    {LAB_DIRECTORY, 0xf0000000 | P, 0, 0, TG_PAGE_TABLE_ADDRESS, 1},
    {LAB_DIRECTORY, 0x13000 | P, 0, 0, TG_PAGE_TABLE_ABSENT, 2},
    {LAB_DIRECTORY, 0x13000 | P, 0xffffffc0, 0, TG_PAGE_TABLE_ABSENT, 2},
    {LAB_DIRECTORY, 0x13000 | P, 0x80000000 | P, 1, TG_PAGE_RING, 2},
    {LAB_DIRECTORY, 0x13000 | P, 0x80000000 | P | 1 << 4, 1, TG_PAGE_PERMISSION, 2},
    {LAB_DIRECTORY, 0x13000 | P, 0x80000000 | P | X | 1 << 4, 1, TG_PAGE_PERMISSION, 2},
};

/* The pages of the program and of the frame must be found when there is no directory: their
 * translations are put into the caches first, by a store to the stack. */
static void open_bad_walk(struct lab *lab, int engine, const struct bad_walk *bad, uint32_t word)
{
    open_load(lab, engine, bad->directory_entry, bad->table_entry, tg_word_i(TG_INSN_SW, 0, A2, 0));
    lab_put(lab, LAB_CODE + 4, word);
    lab->cpu->s.status = lab_status(bad->ring, 0, 0);
    lab->cpu->s.x[A2] = bad->ring ? LAB_STACK_0 - 4 : LAB_STACK - 4;
    lab_ready(lab);
    lab_run(lab, 1);
    lab->cpu->s.ptroot = bad->ptroot_page | TG_PTROOT_ENABLE;
    lab_ready(lab);
}

static void check_bad_walk(int engine, const struct bad_walk *bad, enum tg_access access,
                           uint32_t word)
{
    uint64_t references;
    struct tg_count_state *counts;
    struct lab lab;

    open_bad_walk(&lab, engine, bad, word);
    counts = &lab.cpu->counts;
    references = counts->walk_references;
    lab.checks_caches = true; /* TLB-4 */
    lab_want_exception(&lab, TG_CAUSE_PAGE, (uint32_t)access | bad->reason << 4 | bad->ring << 8,
                       VADDR);
    lab_step_and_check(&lab, "reason %u, access %u", (unsigned)bad->reason, (unsigned)access);
    ck_assert_uint_eq(counts->walk_references - references, bad->references);
    lab_close(&lab);
}

/* rules: PAG-2 PAG-4 TLB-4 TLB-8 */
START_TEST(each_reason_of_a_failing_walk)
{
    for (size_t i = 0; i < COUNT(bad_walks); i++) {
        check_bad_walk(_i, &bad_walks[i], TG_ACCESS_LOAD, LOAD);
        check_bad_walk(_i, &bad_walks[i], TG_ACCESS_STORE, STORE);
        check_bad_walk(_i, &bad_walks[i], TG_ACCESS_ATOMIC, SWAP);
    }
}
END_TEST

/* rules: PAG-2 ORD-1. The same for a fetch: the exception is at the address that cannot be fetched.
 */
START_TEST(each_reason_of_a_failing_fetch)
{
    for (size_t i = 0; i < COUNT(bad_walks); i++) {
        const struct bad_walk *bad = &bad_walks[i];
        uint32_t table_entry = bad->table_entry & ~X;
        struct lab lab;

        open_bad_walk(&lab, _i, bad, tg_word_i(TG_INSN_JALR, 0, A1, 0));
        lab_put(&lab, TABLE_ENTRY, table_entry);
        lab_ready(&lab);
        lab_run(&lab, 1);
        lab.want.pc = VADDR;
        lab_want_exception(&lab, TG_CAUSE_PAGE, TG_ACCESS_FETCH | bad->reason << 4 | bad->ring << 8,
                           VADDR);
        lab_step_and_check(&lab, "reason %u", (unsigned)bad->reason);
        lab_close(&lab);
    }
}
END_TEST

/* --- Accessed and dirty (rules: PAG-3 PAG-4 TLB-8) -------------------------------------------- */

static void check_marks(int engine, uint32_t word, uint32_t before, uint32_t after,
                        const char *what)
{
    uint32_t base = 0x14000 | P | RW | TG_PTE_SOFTWARE;
    struct lab lab;

    open_load(&lab, engine, 0x13000 | P, base | before, word);
    lab_ready(&lab);
    lab_run(&lab, 1);
    ck_assert_msg(lab_get(&lab, TABLE_ENTRY) == (base | after), "%s, %s: entry 0x%x", lab.engine,
                  what, (unsigned)lab_get(&lab, TABLE_ENTRY));
    /* Two walks, that of the fetch with its marks set: two words each, and one more if the entry
     * was written. */
    ck_assert_uint_eq(lab.cpu->counts.walk_references, before == after ? 4 : 5);
    ck_assert_uint_eq(lab_get(&lab, DIRECTORY_ENTRY), 0x13000 | P);
    lab_close(&lab);
}

/* rules: PAG-4. lr.w is a load, sc.w a store even where it fails. */
START_TEST(walks_set_accessed_and_dirty)
{
    const struct {
        const char *what;
        uint32_t word;
        bool is_writing;
    } cases[] = {
        {"lw", LOAD, false},
        {"lr.w", tg_word_r(TG_INSN_LR_W, A0, A1, 0), false},
        {"sw", STORE, true},
        {"amoswap.w", SWAP, true},
        {"sc.w", tg_word_r(TG_INSN_SC_W, A0, A1, A2), true},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        for (uint32_t before = 0; before < 4; before++) {
            uint32_t marks = (before & 1 ? A : 0) | (before & 2 ? D : 0);

            check_marks(_i, cases[i].word, marks, marks | A | (cases[i].is_writing ? D : 0),
                        cases[i].what);
        }
}
END_TEST

/* rules: PAG-4 */
START_TEST(fetch_sets_accessed)
{
    struct lab lab;

    lab_open(&lab, _i);
    lab_paging(&lab);
    lab_map(&lab, LAB_CODE, LAB_CODE | P | X);
    lab_put(&lab, LAB_CODE, tg_word_i(TG_INSN_FENCE, 0, 0, 0));
    lab_ready(&lab);
    lab_want_word(&lab, lab_entry_address(LAB_CODE), LAB_CODE | P | X | A);
    lab_want_next(&lab);
    lab_step_and_check(&lab, "fetch");
    ck_assert_uint_eq(lab.cpu->counts.walk_references, 3);
    lab_close(&lab);
}
END_TEST

/* rules: PAG-4 GEN-1. Before the access: marks stay set when the access then raises bus. PAG-6:
 * that is not the walk's. */
START_TEST(page_outside_ram_is_bus_and_leaves_marks)
{
    const struct {
        uint32_t word, marks, error;
    } cases[] = {{LOAD, A, 0x41}, {STORE, A | D, 0x42}, {SWAP, A | D, 0x43}};

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lab lab;

        open_load(&lab, _i, 0x13000 | P, 0x80000000 | P | RW, cases[i].word);
        lab_ready(&lab);
        lab_want_word(&lab, TABLE_ENTRY, 0x80000000 | P | RW | cases[i].marks);
        lab_want_exception(&lab, TG_CAUSE_BUS, cases[i].error, 0x80000678);
        lab_step_and_check(&lab, "case %zu", i);
        lab_close(&lab);
    }
}
END_TEST

/* rules: PAG-6 PHY-1 ORD-1. A fetch from outside RAM, and from a device's window: bus, with the
 * physical address. */
START_TEST(fetch_outside_ram_is_bus)
{
    const uint32_t pages[] = {LAB_RAM_BYTES, 0x80000000, 0xf0000000};

    for (size_t i = 0; i < COUNT(pages); i++) {
        struct lab lab;

        open_load(&lab, _i, 0x13000 | P, pages[i] | P | X | A, 0);
        lab.cpu->s.pc = VADDR;
        lab_ready(&lab);
        lab_want_exception(&lab, TG_CAUSE_BUS, 0x40, pages[i] + 0x678);
        lab_step_and_check(&lab, "virtual, page 0x%x", (unsigned)pages[i]);
        lab_close(&lab);

        lab_open(&lab, _i);
        lab.cpu->s.pc = pages[i] + 8;
        lab_ready(&lab);
        lab_want_exception(&lab, TG_CAUSE_BUS, 0x40, pages[i] + 8);
        lab_step_and_check(&lab, "physical, page 0x%x", (unsigned)pages[i]);
        lab_close(&lab);
    }
}
END_TEST

/* rules: MEM-3 PAG-6. A device's window through paging: what is written is read back, with each
 * width. */
START_TEST(window_of_a_device_through_paging)
{
    struct lab lab;

    lab_open(&lab, _i);
    lab_paging(&lab);
    LAB_PROGRAM(&lab, LAB_CODE, tg_word_i(TG_INSN_SW, A0, A1, 8), tg_word_i(TG_INSN_SH, A2, A1, 8),
                tg_word_i(TG_INSN_LW, S0, A1, 8), tg_word_i(TG_INSN_LH, S1, A1, 10),
                tg_word_i(TG_INSN_LBU, T0, A1, 9));
    lab.cpu->s.x[A0] = 0x87654321;
    lab.cpu->s.x[A1] = LAB_VIRTUAL_WINDOW;
    lab.cpu->s.x[A2] = 0xffffabcd;
    lab_ready(&lab);
    lab_run(&lab, 5);
    lab.want.x[S0] = 0x8765abcd;
    lab.want.x[S1] = 0xffff8765;
    lab.want.x[T0] = 0xab;
    lab.want.pc += 20;
    lab_check(&lab, "window");
    lab_close(&lab);
}
END_TEST

/* --- Order (rules: ORD-2 MEM-2) --------------------------------------------------------------- */

START_TEST(misaligned_then_page_then_bus)
{
    struct lab lab;

    /* Misaligned on a page that is absent: misaligned, and the tables are not even read. */
    open_load(&lab, _i, 0, 0, LOAD);
    lab.cpu->s.x[A1] = VADDR + 2;
    lab_ready(&lab);
    lab_want_exception(&lab, TG_CAUSE_MISALIGNED, 0x41, VADDR + 2);
    lab_step_and_check(&lab, "misaligned");
    ck_assert_uint_eq(lab.cpu->counts.walk_references, 4); /* of the fetch and of the frame */
    lab_close(&lab);

    /* On a page outside RAM that may not be written: page. */
    open_load(&lab, _i, 0x13000 | P, 0x80000000 | P | TG_PTE_READ, STORE);
    lab_ready(&lab);
    lab_want_exception(&lab, TG_CAUSE_PAGE, TG_ACCESS_STORE | TG_PAGE_PERMISSION << 4, VADDR);
    lab_step_and_check(&lab, "page");
    lab_close(&lab);
}
END_TEST

/* rules: ORD-1. page of a fetch before bus before illegal. */
START_TEST(order_of_a_fetch)
{
    struct lab lab;

    open_load(&lab, _i, 0x13000 | P, 0x80000000 | P | RW, 0);
    lab.cpu->s.pc = VADDR;
    lab_ready(&lab);
    lab_want_exception(&lab, TG_CAUSE_PAGE, TG_ACCESS_FETCH | TG_PAGE_PERMISSION << 4, VADDR);
    lab_step_and_check(&lab, "page");
    lab_close(&lab);
}
END_TEST

/* rules: PHY-1 */
START_TEST(all_of_ram_is_there)
{
    struct lab lab;

    lab_open(&lab, _i);
    LAB_PROGRAM(&lab, LAB_CODE, tg_word_i(TG_INSN_SW, A0, 0, 0), tg_word_i(TG_INSN_SW, A0, A1, -4));
    lab.cpu->s.x[A1] = LAB_RAM_BYTES;
    lab_ready(&lab);
    lab_want_word(&lab, 0, lab.want.x[A0]);
    lab_want_word(&lab, LAB_RAM_BYTES - 4, lab.want.x[A0]);
    lab.want.pc += 8;
    lab_run(&lab, 2);
    lab_check(&lab, "first and last word");
    lab_close(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("paging");
    TCase *tcase = tcase_create("paging");

    lab_add_test(tcase, address_is_built_from_two_tables);
    lab_add_test(tcase, last_page_of_all);
    lab_add_test(tcase, execution_wraps_around);
    lab_add_test(tcase, software_bits_are_free);
    lab_add_test(tcase, each_reason_of_a_failing_walk);
    lab_add_test(tcase, each_reason_of_a_failing_fetch);
    lab_add_test(tcase, walks_set_accessed_and_dirty);
    lab_add_test(tcase, fetch_sets_accessed);
    lab_add_test(tcase, page_outside_ram_is_bus_and_leaves_marks);
    lab_add_test(tcase, fetch_outside_ram_is_bus);
    lab_add_test(tcase, window_of_a_device_through_paging);
    lab_add_test(tcase, misaligned_then_page_then_bus);
    lab_add_test(tcase, order_of_a_fetch);
    lab_add_test(tcase, all_of_ram_is_there);
    suite_add_tcase(suite, tcase);
    return lab_main(suite);
}
