/*
 * Translations that are used again and again while the caches change under them: pages that lose
 * their way to another page, and pages that are in several ways. An engine may remember a
 * translation only as long as the ways would still give it. lab_ready makes engines forget what
 * they remember, so each test is one guest program that runs in one piece. The tests of the caches
 * themselves are in test_caches.c.
 *
 * rules: TLB-1 TLB-2 TLB-3 TLB-4 TLB-5
 */
#include "lab.h"

#define P   TG_PTE_PRESENT
#define R   TG_PTE_READ
#define W   TG_PTE_WRITE
#define X   TG_PTE_EXECUTE
#define A   TG_PTE_ACCESSED
#define D   TG_PTE_DIRTY
#define G   TG_PTE_GLOBAL
#define ANY (3u << 4) /* for all rings */
#define ALL (P | R | W | X | ANY | A | D)

/* Pages under test are numbered from BASE; their table is at TABLE. PAGE_0 is in set 9 of both
 * caches, which nothing else in these programs uses. */
enum { BASE = 0x400000, TABLE = 0x13000, FRAMES = 0x14000, FRAME_COUNT = 8, PAGE_0 = 9 };

/* In each frame: a function that returns the frame's number, the number, and room for stores. */
enum { NUMBER = 16, STORED = 64 };

enum access { LOAD, STORE, FETCH, ACCESS_KINDS };

/* A program that is being written, and which words of RAM it must have written in the end. */
struct script {
    struct lab lab;
    uint32_t at; /* of the next instruction */
    struct {
        uint32_t paddr, word;
    } want[32];
    uint32_t wants;
    uint32_t traps, returns;
};

static uint32_t frame_address(uint32_t frame)
{
    return FRAMES + frame * TG_PAGE_BYTES;
}

static void open_script(struct script *s, int engine)
{
    *s = (struct script){.at = LAB_CODE};
    lab_open(&s->lab, engine);
    lab_paging(&s->lab);
    lab_put(&s->lab, LAB_DIRECTORY + 4, TABLE | P);
    for (uint32_t i = 0; i < FRAME_COUNT; i++) {
        LAB_PROGRAM(&s->lab, frame_address(i), tg_word_i(TG_INSN_ADDI, A0, 0, (int32_t)i),
                    tg_word_i(TG_INSN_JALR, 0, RA, 0));
        lab_put(&s->lab, frame_address(i) + NUMBER, i);
    }
}

/* --- Writing the program ---------------------------------------------------------------------- */

static void emit(struct script *s, uint32_t word)
{
    lab_put(&s->lab, s->at, word);
    s->at += 4;
}

static void set_register(struct script *s, uint32_t number, uint32_t value)
{
    emit(s, tg_word_i(TG_INSN_LUI, number, 0, (int32_t)(value & ~UINT32_C(0xfff))));
    emit(s, tg_word_i(TG_INSN_ORI, number, number, (int32_t)(value & 0xfff)));
}

static void map(struct script *s, uint32_t page, uint32_t frame, uint32_t bits)
{
    set_register(s, T0, TABLE);
    set_register(s, T1, frame_address(frame) | bits);
    emit(s, tg_word_i(TG_INSN_SW, T1, T0, (int32_t)(4 * page)));
}

static void unmap(struct script *s, uint32_t page)
{
    set_register(s, T0, TABLE);
    emit(s, tg_word_i(TG_INSN_SW, 0, T0, (int32_t)(4 * page)));
}

static void enter_space(struct script *s, uint32_t space)
{
    set_register(s, S0, LAB_DIRECTORY | TG_PTROOT_ENABLE | space);
    emit(s, tg_word_i(TG_INSN_WRCR, 0, S0, TG_CR_PTROOT));
}

/* The address is in T0. */
static void emit_access(struct script *s, enum access access, uint32_t offset)
{
    if (access == LOAD)
        emit(s, tg_word_i(TG_INSN_LW, A0, T0, NUMBER));
    else if (access == STORE)
        emit(s, tg_word_i(TG_INSN_SW, A0, T0, (int32_t)offset));
    else
        emit(s, tg_word_i(TG_INSN_JALR, RA, T0, 0));
}

static void want(struct script *s, uint32_t paddr, uint32_t word)
{
    ck_assert_uint_lt(s->wants, COUNT(s->want));
    s->want[s->wants].paddr = paddr;
    s->want[s->wants++].word = word;
}

/* An access to page, which must lead to frame. Each has a word of its own to tell by: one in frame
 * for a store, else one in LAB_DATA for the number that it got. */
static void touch(struct script *s, enum access access, uint32_t page, uint32_t frame)
{
    uint32_t slot = 4 * s->wants;

    set_register(s, T0, BASE + page * TG_PAGE_BYTES);
    emit(s, tg_word_i(TG_INSN_ADDI, A0, 0, (int32_t)(1000 + slot)));
    emit_access(s, access, STORED + slot);
    if (access == STORE) {
        want(s, frame_address(frame) + STORED + slot, 1000 + slot);
    } else {
        emit(s, tg_word_i(TG_INSN_SW, A0, 0, (int32_t)(LAB_DATA + slot)));
        want(s, LAB_DATA + slot, frame);
    }
}

/* An access to page, which must be a page fault. */
static void touch_absent(struct script *s, enum access access, uint32_t page)
{
    set_register(s, T0, BASE + page * TG_PAGE_BYTES);
    emit_access(s, access, STORED);
    /* Only the handler goes on behind the loop. */
    emit(s, tg_word_i(TG_INSN_JAL, 0, 0, 0));
    lab_gate(&s->lab, TG_CAUSE_PAGE, s->at, lab_gate_bits(0, 3));
}

static void enter_ring_0(struct script *s)
{
    uint32_t vector = 64 + s->traps++;

    emit(s, tg_word_i(TG_INSN_TRAP, 0, 0, (int32_t)vector));
    lab_gate(&s->lab, vector, s->at, lab_gate_bits(0, 3));
}

static void return_to_ring_3(struct script *s)
{
    uint32_t frame = LAB_STACK - 0x400 + 32 * s->returns++;

    set_register(s, SP, frame);
    emit(s, tg_word_i(TG_INSN_IRET, 0, 0, 0));
    lab_put(&s->lab, frame + 12, s->at);
    lab_put(&s->lab, frame + 16, lab_status(3, 0, 0));
    lab_put(&s->lab, frame + 20, LAB_STACK);
}

/* Runs the program and looks at what it did. */
static void run_script(struct script *s, const char *what)
{
    struct lab *lab = &s->lab;

    emit(s, tg_word_i(TG_INSN_JAL, 0, 0, 0));
    lab_ready(lab);
    lab_run(lab, 1000);
    for (uint32_t i = 0; i < s->wants; i++) {
        uint32_t got = lab_get(lab, s->want[i].paddr);

        ck_assert_msg(got == s->want[i].word, "%s, %s: access %u: 0x%x holds %u, not %u",
                      lab->engine, what, i, s->want[i].paddr, got, s->want[i].word);
    }
    ck_assert_msg(lab->cpu->s.pc == s->at - 4, "%s, %s: pc is 0x%x at the end", lab->engine, what,
                  lab->cpu->s.pc);
}

static void close_script(struct script *s)
{
    lab_close(&s->lab);
}

static const char *const access_name[] = {"load", "store", "fetch"};

static uint32_t sets_of(enum access access)
{
    return access == FETCH ? TG_ITLB_SETS : TG_DTLB_SETS;
}

/* What a way of PAGE_0's set holds in the end. */
static void expect_way(const struct script *s, enum access access, uint32_t way, uint32_t page,
                       uint32_t entry)
{
    const struct tg_cpu_state *cpu = &s->lab.cpu->s;
    uint32_t i = PAGE_0 * TG_TLB_WAYS + way;

    ck_assert_uint_eq(access == FETCH ? cpu->itlb_page[i] : cpu->dtlb_page[i],
                      BASE / TG_PAGE_BYTES + page);
    ck_assert_uint_eq(access == FETCH ? cpu->itlb_entry[i] : cpu->dtlb_entry[i], entry);
}

/* --- Replacement ------------------------------------------------------------------------------ */

/* rules: TLB-3 TLB-5. The page that takes the way lies 5 sets further, not 4: an engine whose own
 * table is as large as the cache would overwrite what it remembers of the old page by chance. */
static void check_replaced_page(int engine, enum access access)
{
    static const uint32_t turns[] = {0, 1, 2, 3, 5};
    struct script s;

    open_script(&s, engine);
    for (uint32_t i = 0; i < COUNT(turns); i++) {
        uint32_t page = PAGE_0 + turns[i] * sets_of(access);

        map(&s, page, i, ALL);
        touch(&s, access, page, i);
        touch(&s, access, page, i);
        if (i + 2 == COUNT(turns)) { /* all four ways are in use */
            map(&s, PAGE_0, 7, ALL);
            touch(&s, access, PAGE_0, 0);
        }
    }
    touch(&s, access, PAGE_0, 7); /* replaced: what the table says now */
    touch(&s, access, PAGE_0, 7);
    run_script(&s, access_name[access]);
    expect_way(&s, access, 0, PAGE_0 + 5 * sets_of(access), frame_address(4) | ALL);
    expect_way(&s, access, 1, PAGE_0, frame_address(7) | ALL);
    /* For data also: the tables, and LAB_DATA if the accesses put something there. */
    ck_assert_uint_eq(s.lab.cpu->counts.instruction_fills, 1u + (access == FETCH ? 6 : 0));
    ck_assert_uint_eq(s.lab.cpu->counts.data_fills,
                      1u + (access != FETCH ? 6 : 0) + (access != STORE ? 1 : 0));
    close_script(&s);
}

START_TEST(replaced_page_is_walked_again)
{
    for (enum access access = LOAD; access < ACCESS_KINDS; access++)
        check_replaced_page(_i, access);
}
END_TEST

/* --- One page in several ways ----------------------------------------------------------------- */

/* rules: TLB-1 TLB-2 TLB-3. In space 2 the page is in way 1. Then space 1 fills way 0 with a global
 * entry for it, which is the first that matches in space 2 too. */
static void check_earlier_way(int engine, enum access access)
{
    struct script s;

    open_script(&s, engine);
    enter_space(&s, 2);
    for (uint32_t i = 0; i < TG_TLB_WAYS; i++) {
        /* Ways 0, 1, 2, 3; the counter is then at 0 again. */
        uint32_t page = PAGE_0 + (i == 1 ? 0 : i + 1) * sets_of(access);

        map(&s, page, i, ALL);
        touch(&s, access, page, i);
    }
    touch(&s, access, PAGE_0, 1);
    map(&s, PAGE_0, 5, ALL | G);
    touch(&s, access, PAGE_0, 1);
    enter_space(&s, 1);
    touch(&s, access, PAGE_0, 5);
    enter_space(&s, 2);
    touch(&s, access, PAGE_0, 5);
    touch(&s, access, PAGE_0, 5);
    run_script(&s, access_name[access]);
    expect_way(&s, access, 0, PAGE_0, frame_address(5) | ALL | G);
    expect_way(&s, access, 1, PAGE_0, frame_address(1) | ALL);
    close_script(&s);
}

START_TEST(earlier_way_filled_in_another_space_counts)
{
    for (enum access access = LOAD; access < ACCESS_KINDS; access++)
        check_earlier_way(_i, access);
}
END_TEST

/* Way 0: the page in space 1, in frame 0, with bits. Way 1: the page, global, for everything, in
 * frame 1. Space 1 again. */
static void fill_two_ways(struct script *s, enum access access, uint32_t bits)
{
    enter_space(s, 1);
    map(s, PAGE_0, 0, bits);
    touch(s, access, PAGE_0, 0);
    enter_space(s, 2);
    map(s, PAGE_0, 1, ALL | G);
    touch(s, access, PAGE_0, 1);
    unmap(s, PAGE_0); /* from now on the ways alone must do */
    enter_space(s, 1);
}

/* rules: TLB-1 TLB-2. Way 0 allows only the access `first`, which therefore leads to another frame
 * than the access `second`, in whatever order they come. */
static void check_two_ways(int engine, enum access first, enum access second, uint32_t bits)
{
    struct script s;

    open_script(&s, engine);
    fill_two_ways(&s, first, bits);
    for (uint32_t i = 0; i < 2; i++) {
        touch(&s, second, PAGE_0, 1);
        touch(&s, first, PAGE_0, 0);
        touch(&s, first, PAGE_0, 0);
        touch(&s, second, PAGE_0, 1);
        touch(&s, second, PAGE_0, 1);
        touch(&s, first, PAGE_0, 0);
    }
    run_script(&s, access_name[first]);
    expect_way(&s, first, 0, PAGE_0, frame_address(0) | bits);
    expect_way(&s, first, 1, PAGE_0, frame_address(1) | ALL | G);
    close_script(&s);
}

START_TEST(loads_and_stores_use_different_ways)
{
    check_two_ways(_i, LOAD, STORE, P | R | ANY | A | D);
    check_two_ways(_i, LOAD, STORE, P | R | W | ANY | A); /* D is missing */
    check_two_ways(_i, STORE, LOAD, P | W | ANY | A | D);
}
END_TEST

/* rules: TLB-1 TLB-2. Way 0 is for ring 0 only. */
static void check_rings(int engine, enum access access)
{
    struct script s;

    open_script(&s, engine);
    fill_two_ways(&s, access, ALL & ~ANY);
    for (uint32_t i = 0; i < 2; i++) {
        touch(&s, access, PAGE_0, 0);
        touch(&s, access, PAGE_0, 0);
        return_to_ring_3(&s);
        touch(&s, access, PAGE_0, 1);
        touch(&s, access, PAGE_0, 1);
        enter_ring_0(&s);
    }
    touch(&s, access, PAGE_0, 0);
    run_script(&s, access_name[access]);
    close_script(&s);
}

START_TEST(rings_use_different_ways)
{
    for (enum access access = LOAD; access < ACCESS_KINDS; access++)
        check_rings(_i, access);
}
END_TEST

/* --- Walks that fail -------------------------------------------------------------------------- */

/* rules: TLB-1 TLB-4 TLB-5. Space 1 has the page in a way, space 2 has not, and the table no more:
 * the fault in space 2 takes nothing from space 1. */
static void check_failing_walk(int engine, enum access access)
{
    struct script s;

    open_script(&s, engine);
    enter_space(&s, 1);
    map(&s, PAGE_0, 3, ALL);
    touch(&s, access, PAGE_0, 3);
    unmap(&s, PAGE_0);
    touch(&s, access, PAGE_0, 3);
    enter_space(&s, 2);
    touch_absent(&s, access, PAGE_0);
    enter_space(&s, 1);
    touch(&s, access, PAGE_0, 3);
    run_script(&s, access_name[access]);
    expect_way(&s, access, 0, PAGE_0, frame_address(3) | ALL);
    close_script(&s);
}

START_TEST(failing_walk_leaves_other_spaces_alone)
{
    for (enum access access = LOAD; access < ACCESS_KINDS; access++)
        check_failing_walk(_i, access);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ways");
    TCase *tcase = tcase_create("ways");

    lab_add_test(tcase, replaced_page_is_walked_again);
    lab_add_test(tcase, earlier_way_filled_in_another_space_counts);
    lab_add_test(tcase, loads_and_stores_use_different_ways);
    lab_add_test(tcase, rings_use_different_ways);
    lab_add_test(tcase, failing_walk_leaves_other_spaces_alone);
    suite_add_tcase(suite, tcase);
    return lab_main(suite);
}
