/*
 * Translation caches: what they hold is part of the machine, so each rule of TLB-1 to TLB-8 and of
 * tlbinv can be seen.
 *
 * rules: TLB-1 TLB-2 TLB-3 TLB-4 TLB-5 TLB-6 TLB-7 TLB-8 SYS-5 RING-4 ORDER-2
 */
#include "lab.h"

#define P      TG_PTE_PRESENT
#define R      TG_PTE_READ
#define W      TG_PTE_WRITE
#define X      TG_PTE_EXECUTE
#define A      TG_PTE_ACCESSED
#define D      TG_PTE_DIRTY
#define G      TG_PTE_GLOBAL
#define ANY    (3u << 4) /* for all rings */

#define FENCE  tg_word_i(TG_INSN_FENCE, 0, 0, 0)
#define LW(n)  tg_word_i(TG_INSN_LW, A0, A1, n)
#define SW(n)  tg_word_i(TG_INSN_SW, A2, A1, n)
#define PTROOT tg_word_i(TG_INSN_WRCR, 0, S0, TG_CR_PTROOT)

/* Pages under test: 4 MiB and up, at 0x14000 and up unless a test says otherwise. Their table is at
 * LAB_OTHER. */
enum { BASE = 0x400000, OTHER = 0x13000, FRAMES = 0x14000, PAGE = 0x1000 };

static uint32_t entry_of(uint32_t n)
{
    return OTHER + 4 * n;
}

static void open_pages(struct lab *lab, int engine)
{
    lab_open(lab, engine);
    lab_paging(lab);
    lab_put(lab, LAB_DIRECTORY + 4, OTHER | P);
    for (uint32_t n = 0; n < 8; n++) {
        lab_put(lab, FRAMES + n * PAGE, 100 + n);
        lab_put(lab, FRAMES + n * PAGE + 16, 200 + n);
    }
    for (uint32_t n = 0; n < 8; n++)
        lab_put(lab, entry_of(n), (FRAMES + n * PAGE) | P | R | W | X | ANY | A | D);
    lab->cpu->s.x[A1] = BASE;
}

/* Runs the instruction at LAB_CODE as the next one. */
static void execute(struct lab *lab, uint32_t word)
{
    lab_put(lab, LAB_CODE, word);
    lab->cpu->s.pc = LAB_CODE;
    lab_ready(lab);
    lab_run(lab, 1);
}

/* What a load from offset gives, or the reason of its page fault plus 1000. */
static uint32_t load(struct lab *lab, int32_t offset)
{
    execute(lab, LW(offset));
    if (lab->cpu->s.pc == LAB_CODE + 4)
        return lab->cpu->s.x[A0];
    lab->cpu->s.x[SP] = LAB_STACK;
    return 1000 + (lab_get(lab, LAB_STACK - 32 + 4) >> 4 & 15);
}

/* The caches' way number i of the set of page, of loads and stores. */
static uint32_t way_of(uint32_t page, uint32_t i)
{
    return page % TG_DTLB_SETS * TG_TLB_WAYS + i;
}

static void expect_way(struct lab *lab, uint32_t page, uint32_t i, uint32_t entry, uint32_t space)
{
    const struct tg_cpu_state *s = &lab->cpu->s;

    ck_assert_uint_eq(s->dtlb_entry[way_of(page, i)], entry);
    ck_assert_uint_eq(s->dtlb_page[way_of(page, i)], page);
    ck_assert_uint_eq(s->dtlb_space[way_of(page, i)], space);
}

static void expect_empty_way(struct lab *lab, uint32_t page, uint32_t i)
{
    const struct tg_cpu_state *s = &lab->cpu->s;

    ck_assert_uint_eq(s->dtlb_entry[way_of(page, i)], 0);
    ck_assert_uint_eq(s->dtlb_page[way_of(page, i)], 0);
    ck_assert_uint_eq(s->dtlb_space[way_of(page, i)], 0);
}

/* --- Filling (rules: TLB-1 TLB-3 TLB-8) ------------------------------------------------------- */

START_TEST(fill_says_what_it_holds)
{
    struct lab lab;

    open_pages(&lab, _i);
    lab.cpu->s.ptroot |= 0x5a;
    lab_put(&lab, entry_of(1), FRAMES | P | R | W | ANY | TG_PTE_SOFTWARE);
    ck_assert_uint_eq(load(&lab, PAGE), 100);
    expect_way(&lab, BASE / PAGE + 1, 0, FRAMES | P | R | W | ANY | TG_PTE_SOFTWARE | A, 0x5a);
    ck_assert_uint_eq(lab.cpu->s.dtlb_next[1], 1);
    ck_assert_uint_eq(lab.cpu->counts.data_fills, 1);
    ck_assert_uint_eq(lab.cpu->counts.instruction_fills, 1);
    /* The program's own page is in the other cache: set 2 of 16. */
    ck_assert_uint_eq(lab.cpu->s.itlb_page[2 * 4], 2);
    ck_assert_uint_eq(lab.cpu->s.itlb_entry[2 * 4], LAB_CODE | LAB_PTE_ALL);
    ck_assert_uint_eq(lab.cpu->s.itlb_space[2 * 4], 0x5a);
    ck_assert_uint_eq(lab.cpu->s.itlb_next[2], 1);
    lab_close(&lab);
}
END_TEST

/* rules: TLB-3. Five pages of one set, 64 pages apart: the fifth takes the place of the first, and
 * so on in a circle. */
START_TEST(replacement_goes_round)
{
    struct lab lab;

    open_pages(&lab, _i);
    for (uint32_t n = 0; n < 6; n++)
        lab_put(&lab, entry_of(3 + 64 * n), (FRAMES + n * PAGE) | P | R | ANY | A);
    for (uint32_t n = 0; n < 6; n++) {
        lab.cpu->s.x[A1] = BASE + (3 + 64 * n) * PAGE;
        ck_assert_uint_eq(load(&lab, 0), 100 + n);
        expect_way(&lab, (BASE >> 12) + 3 + 64 * n, n % 4, (FRAMES + n * PAGE) | P | R | ANY | A,
                   0);
        ck_assert_uint_eq(lab.cpu->s.dtlb_next[3], (n + 1) % 4);
    }
    ck_assert_uint_eq(lab.cpu->counts.data_fills, 6);
    /* Pages 2 to 5 are in; 0 and 1 are not. */
    for (uint32_t n = 0; n < 6; n++)
        lab_put(&lab, entry_of(3 + 64 * n), 0);
    for (uint32_t n = 0; n < 6; n++) {
        lab.cpu->s.x[A1] = BASE + (3 + 64 * n) * PAGE;
        ck_assert_uint_eq(load(&lab, 0), n < 2 ? 1000 + TG_PAGE_TABLE_ABSENT : 100 + n);
    }
    lab_close(&lab);
}
END_TEST

/* rules: TLB-3. The cache of fetches has 16 sets: pages 16 apart are in one set, others are not. */
START_TEST(fetches_have_a_cache_of_their_own)
{
    struct lab lab;

    open_pages(&lab, _i);
    for (uint32_t n = 0; n < 5; n++) {
        lab_put(&lab, FRAMES + n * PAGE, FENCE);
        lab_put(&lab, entry_of(5 + 16 * n), (FRAMES + n * PAGE) | P | X | ANY | A);
        lab.cpu->s.pc = BASE + (5 + 16 * n) * PAGE;
        lab_ready(&lab);
        lab_run(&lab, 1);
        ck_assert_uint_eq(lab.cpu->s.itlb_page[5 * 4 + n % 4], (BASE >> 12) + 5 + 16 * n);
    }
    ck_assert_uint_eq(lab.cpu->s.itlb_next[5], 1);
    ck_assert_uint_eq(lab.cpu->counts.instruction_fills, 5);
    ck_assert_uint_eq(lab.cpu->counts.data_fills, 0);
    lab_close(&lab);
}
END_TEST

/* rules: TLB-3. A fill for a page that is in already, but did not allow the access: its own way,
 * and the counter stays. */
START_TEST(refill_stays_in_its_way)
{
    struct lab lab;
    const uint32_t page = BASE >> 12;

    open_pages(&lab, _i);
    lab_put(&lab, entry_of(0), FRAMES | P | R | W | ANY);
    lab_put(&lab, entry_of(64), (FRAMES + PAGE) | P | R | ANY | A);
    load(&lab, 0);
    lab.cpu->s.x[A1] = BASE + 64 * PAGE;
    load(&lab, 0);
    lab.cpu->s.x[A1] = BASE;
    expect_way(&lab, page, 0, FRAMES | P | R | W | ANY | A, 0);
    execute(&lab, SW(4)); /* D is not set: a walk */
    expect_way(&lab, page, 0, FRAMES | P | R | W | ANY | A | D, 0);
    ck_assert_uint_eq(lab_get(&lab, entry_of(0)), FRAMES | P | R | W | ANY | A | D);
    ck_assert_uint_eq(lab.cpu->s.dtlb_next[0], 2);
    ck_assert_uint_eq(lab.cpu->counts.data_fills, 3);
    lab_close(&lab);
}
END_TEST

/* rules: TLB-8. What a hit, a fill and a fill with marks cost. */
START_TEST(fills_and_references_are_counted)
{
    struct lab lab;
    const struct tg_count_state *counts;

    open_pages(&lab, _i);
    counts = &lab.cpu->counts;
    execute(&lab, FENCE);
    ck_assert_uint_eq(counts->walk_references, 2);
    load(&lab, 0);
    ck_assert_uint_eq(counts->walk_references, 4);
    load(&lab, 16);
    execute(&lab, SW(8));
    ck_assert_uint_eq(counts->walk_references, 4);
    lab_put(&lab, entry_of(1), FRAMES | P | R | W | ANY);
    execute(&lab, SW(PAGE));
    ck_assert_uint_eq(counts->walk_references, 7);
    ck_assert_uint_eq(counts->data_fills, 2);
    ck_assert_uint_eq(counts->instruction_fills, 1);
    lab_close(&lab);
}
END_TEST

/* --- Staleness (rules: TLB-2 TLB-5) ----------------------------------------------------------- */

START_TEST(less_permission_takes_effect_after_tlbinv)
{
    struct lab lab;

    open_pages(&lab, _i);
    ck_assert_uint_eq(load(&lab, 0), 100);
    lab_put(&lab, entry_of(0), 0);
    ck_assert_uint_eq(load(&lab, 16), 200);
    execute(&lab, tg_word_r(TG_INSN_TLBINV, 0, A1, 0));
    ck_assert_uint_eq(load(&lab, 16), 1000 + TG_PAGE_TABLE_ABSENT);
    lab_close(&lab);
}
END_TEST

START_TEST(another_page_takes_effect_after_tlbinv)
{
    struct lab lab;

    open_pages(&lab, _i);
    ck_assert_uint_eq(load(&lab, 0), 100);
    lab_put(&lab, entry_of(0), (FRAMES + 5 * PAGE) | P | R | ANY | A);
    ck_assert_uint_eq(load(&lab, 0), 100);
    execute(&lab,
            SW(0)); /* what is cached allows it, and says where: not what is now in the table */
    ck_assert_uint_eq(lab_get(&lab, FRAMES), lab.cpu->s.x[A2]);
    execute(&lab, tg_word_r(TG_INSN_TLBINV, 0, A1, 0));
    ck_assert_uint_eq(load(&lab, 0), 105);
    lab_close(&lab);
}
END_TEST

/* rules: TLB-2 TLB-5. W, R, X, ring and presence are given where they were missing. */
START_TEST(more_permission_takes_effect_at_once)
{
    struct lab lab;

    open_pages(&lab, _i);
    lab_put(&lab, entry_of(0), FRAMES | P | R | A | D); /* read only, for ring 0 */
    ck_assert_uint_eq(load(&lab, 0), 100);
    lab_put(&lab, entry_of(0), FRAMES | P | R | W | A | D);
    execute(&lab, SW(0));
    ck_assert_uint_eq(lab.cpu->s.pc, LAB_CODE + 4);
    lab_put(&lab, entry_of(0), FRAMES | P | R | W | ANY | A | D);
    lab.cpu->s.status = 3;
    execute(&lab, LW(16));
    ck_assert_uint_eq(lab.cpu->s.x[A0], 200);
    expect_way(&lab, BASE >> 12, 0, FRAMES | P | R | W | ANY | A | D, 0);
    lab_close(&lab);
}
END_TEST

/* rules: TLB-2. A cached entry that does not allow the access does not fault by itself: the walk
 * decides, with what is now in memory, another page too. */
START_TEST(walk_decides_when_the_cache_does_not_allow)
{
    struct lab lab;

    open_pages(&lab, _i);
    lab_put(&lab, entry_of(0), FRAMES | P | R | ANY | A);
    ck_assert_uint_eq(load(&lab, 0), 100);
    lab_put(&lab, entry_of(0), (FRAMES + PAGE) | P | R | W | ANY | A | D);
    ck_assert_uint_eq(load(&lab, 0), 100); /* still allowed by what is cached */
    execute(&lab, SW(16));                 /* is not: a walk, and the new page */
    ck_assert_uint_eq(lab_get(&lab, FRAMES + PAGE + 16), lab.cpu->s.x[A2]);
    ck_assert_uint_eq(load(&lab, 0), 101);
    ck_assert_uint_eq(lab.cpu->counts.data_fills, 2);
    lab_close(&lab);
}
END_TEST

/* rules: TLB-4. A walk that fails leaves the less permissive entry in, and the counter. */
START_TEST(failing_walk_changes_no_cache)
{
    struct lab lab;
    struct tg_cpu_state before;

    open_pages(&lab, _i);
    lab_put(&lab, entry_of(0), FRAMES | P | R | ANY | A);
    lab.cpu->s.status =
        3; /* so that the frame is on another page, whose translation is in already */
    lab_put(&lab, LAB_CODE, tg_word_i(TG_INSN_BRK, 0, 0, 0));
    execute(&lab, tg_word_i(TG_INSN_BRK, 0, 0, 0));
    lab.cpu->s.status = 3;
    load(&lab, 0);
    lab_put(&lab, entry_of(0), 0);
    before = lab.cpu->s;
    execute(&lab, SW(0));
    ck_assert_uint_eq(lab.cpu->s.pc, lab_handler(TG_CAUSE_PAGE));
    ck_assert_mem_eq(before.dtlb_entry, lab.cpu->s.dtlb_entry, sizeof before.dtlb_entry);
    ck_assert_mem_eq(before.dtlb_page, lab.cpu->s.dtlb_page, sizeof before.dtlb_page);
    ck_assert_mem_eq(before.dtlb_next, lab.cpu->s.dtlb_next, sizeof before.dtlb_next);
    lab.cpu->s.status = 3;
    execute(&lab, LW(16));
    ck_assert_uint_eq(lab.cpu->s.x[A0], 200);
    lab_close(&lab);
}
END_TEST

/* rules: TLB-2. Fetches and data do not see each other's entries. */
START_TEST(stale_in_one_cache_only)
{
    struct lab lab;

    open_pages(&lab, _i);
    lab_put(&lab, FRAMES, FENCE);
    lab_put(&lab, FRAMES + 4, FENCE);
    lab.cpu->s.pc = BASE;
    lab_ready(&lab);
    lab_run(&lab, 1);
    lab_put(&lab, entry_of(0), 0);
    lab_ready(&lab);
    lab_run(&lab, 1);
    ck_assert_uint_eq(lab.cpu->s.pc, BASE + 8);
    ck_assert_uint_eq(load(&lab, 0), 1000 + TG_PAGE_TABLE_ABSENT);
    lab_close(&lab);
}
END_TEST

/* --- Address spaces and global pages (rules: TLB-1 TLB-6) ------------------------------------- */

/* The program's pages are global, so that they are the same in each address space. */
static void open_spaces(struct lab *lab, int engine, uint32_t flags)
{
    open_pages(lab, engine);
    lab_put(lab, entry_of(0), FRAMES | P | R | W | ANY | A | D | flags);
    lab->cpu->s.ptroot |= 1;
    ck_assert_uint_eq(load(lab, 0), 100);
    lab_put(lab, entry_of(0), (FRAMES + PAGE) | P | R | W | ANY | A | D | flags);
}

static void switch_space(struct lab *lab, uint32_t space)
{
    lab->cpu->s.x[S0] = (lab->cpu->s.ptroot & ~UINT32_C(0xff)) | space;
    execute(lab, PTROOT);
}

/* rules: TLB-1 TLB-3 TLB-6. Each space has an entry of its own; the old one is there still on the
 * way back. */
START_TEST(address_spaces_do_not_match)
{
    struct lab lab;

    open_spaces(&lab, _i, 0);
    switch_space(&lab, 2);
    ck_assert_uint_eq(load(&lab, 0), 101);
    expect_way(&lab, BASE >> 12, 0, FRAMES | P | R | W | ANY | A | D, 1);
    expect_way(&lab, BASE >> 12, 1, (FRAMES + PAGE) | P | R | W | ANY | A | D, 2);
    switch_space(&lab, 1);
    ck_assert_uint_eq(load(&lab, 0), 100);
    switch_space(&lab, 2);
    ck_assert_uint_eq(load(&lab, 0), 101);
    lab_close(&lab);
}
END_TEST

/* rules: TLB-1 */
START_TEST(global_entries_match_in_each_space)
{
    struct lab lab;

    open_spaces(&lab, _i, G);
    switch_space(&lab, 2);
    ck_assert_uint_eq(load(&lab, 0), 100);
    switch_space(&lab, 255);
    ck_assert_uint_eq(load(&lab, 0), 100);
    ck_assert_uint_eq(lab.cpu->counts.data_fills, 1);
    lab_close(&lab);
}
END_TEST

/* rules: TLB-1 TLB-2 TLB-3. Two ways match, an own one and a global one: the first is used, and
 * refilled. */
START_TEST(first_of_two_matches_counts)
{
    struct lab lab;

    open_pages(&lab, _i);
    lab_put(&lab, entry_of(0), FRAMES | P | R | ANY | A);
    lab.cpu->s.ptroot |= 1;
    load(&lab, 0); /* way 0: space 1 */
    lab_put(&lab, entry_of(0), (FRAMES + PAGE) | P | R | W | ANY | A | D | G);
    switch_space(&lab, 2);
    load(&lab, 0); /* way 1: global */
    switch_space(&lab, 1);
    ck_assert_uint_eq(load(&lab, 0), 100); /* way 0 is first */
    execute(&lab, SW(16));                 /* way 0 does not allow it, way 1 does */
    ck_assert_uint_eq(lab_get(&lab, FRAMES + PAGE + 16), lab.cpu->s.x[A2]);
    ck_assert_uint_eq(lab.cpu->counts.data_fills, 2);
    /* Neither allows ring 3 to store: the walk's result goes into way 0, the first that matches. */
    lab.cpu->s.dtlb_entry[way_of(BASE >> 12, 1)] &= ~ANY;
    lab_put(&lab, entry_of(0), (FRAMES + 2 * PAGE) | P | R | W | ANY | A | D);
    lab.cpu->s.status = 3;
    execute(&lab, SW(16));
    ck_assert_uint_eq(lab_get(&lab, FRAMES + 2 * PAGE + 16), lab.cpu->s.x[A2]);
    expect_way(&lab, BASE >> 12, 0, (FRAMES + 2 * PAGE) | P | R | W | ANY | A | D, 1);
    ck_assert_uint_eq(lab.cpu->s.dtlb_next[0], 2);
    lab_close(&lab);
}
END_TEST

/* rules: TLB-6 RING-4. Another directory, the same space: what is cached stays in use. */
START_TEST(writing_ptroot_empties_nothing)
{
    struct lab lab;

    open_pages(&lab, _i);
    load(&lab, 0);
    execute(&lab, FENCE);
    lab.cpu->s.x[S0] = 0x15000 | TG_PTROOT_ENABLE; /* a directory of zeros */
    execute(&lab, PTROOT);
    ck_assert_uint_eq(load(&lab, 16), 200);
    lab.cpu->s.x[A1] = BASE + PAGE;
    lab.cpu->s.status = 0;
    execute(&lab, LW(0)); /* not cached: a fault, whose frame cannot be pushed either, and its
                             double fault's */
    ck_assert_int_eq(lab.stop.reason, TG_STOP_FATAL);
    lab_close(&lab);
}
END_TEST

/* rules: TLB-7. With paging off: neither used nor changed. */
START_TEST(caches_rest_while_paging_is_off)
{
    struct lab lab;
    struct tg_cpu_state before;

    open_pages(&lab, _i);
    lab_put(&lab, entry_of(0), FRAMES | P | R | ANY | A);
    lab_map(&lab, LAB_DATA, (FRAMES + PAGE) | LAB_PTE_ALL);
    lab.cpu->s.x[A1] = LAB_DATA;
    ck_assert_uint_eq(load(&lab, 0), 101);
    before = lab.cpu->s;
    lab.cpu->s.x[S0] = 0;
    execute(&lab, PTROOT);
    lab_put(&lab, LAB_DATA, 31);
    ck_assert_uint_eq(load(&lab, 0), 31);
    lab.want = lab.cpu->s;
    ck_assert_mem_eq(before.dtlb_page, lab.cpu->s.dtlb_page, sizeof before.dtlb_page);
    ck_assert_mem_eq(before.dtlb_entry, lab.cpu->s.dtlb_entry, sizeof before.dtlb_entry);
    ck_assert_mem_eq(before.itlb_entry, lab.cpu->s.itlb_entry, sizeof before.itlb_entry);
    ck_assert_uint_eq(lab.cpu->counts.data_fills, 1);
    lab_close(&lab);
}
END_TEST

/* rules: TLB-7 SYS-5. tlbinv works while paging is off. */
START_TEST(tlbinv_works_while_paging_is_off)
{
    struct lab lab;

    open_pages(&lab, _i);
    load(&lab, 0);
    lab.cpu->s.ptroot &= ~TG_PTROOT_ENABLE;
    execute(&lab, tg_word_r(TG_INSN_TLBINV, 0, 0, 0));
    expect_empty_way(&lab, BASE >> 12, 0);
    ck_assert_uint_eq(lab.cpu->s.dtlb_next[0], 1);
    lab_close(&lab);
}
END_TEST

/* --- tlbinv, each form against each kind of entry (rules: SYS-5) ------------------------------ */

/* Ways 0 to 3 of set 0 of both caches: the page in space 1, the page in space 2, another page in
 * space 1, and the page again, global, filled in space 1. */
static void put_ways(struct tg_cpu_state *s)
{
    const uint32_t pages[] = {0x40, 0x40, 0x80, 0x40};
    const uint8_t spaces[] = {1, 2, 1, 1};

    for (uint32_t i = 0; i < 4; i++) {
        s->itlb_page[i] = s->dtlb_page[i] = pages[i];
        s->itlb_space[i] = s->dtlb_space[i] = spaces[i];
        s->itlb_entry[i] = s->dtlb_entry[i] = FRAMES | P | R | W | X | A | D | (i == 3 ? G : 0);
    }
    s->itlb_next[0] = 2;
    s->dtlb_next[0] = 3;
}

static void drop_ways(struct tg_cpu_state *s, uint32_t kept)
{
    for (uint32_t i = 0; i < 4; i++) {
        if (kept >> i & 1)
            continue;
        s->itlb_page[i] = s->dtlb_page[i] = 0;
        s->itlb_space[i] = s->dtlb_space[i] = 0;
        s->itlb_entry[i] = s->dtlb_entry[i] = 0;
    }
}

static const struct {
    uint32_t ra, rb;       /* registers: 0 or A1, A2 */
    uint32_t vaddr, space; /* in A1 and A2 */
    uint32_t kept;         /* ways that stay, bit i: way i */
} forms[] = {
    {0, 0, 0, 0, 0},
    {0, 0, 0x40000, 1, 0},
    {A1, 0, 0x40000, 0, 1 << 2},
    {A1, 0, 0x40fff, 0, 1 << 2},
    {A1, 0, 0x80004, 0, 1 << 0 | 1 << 1 | 1 << 3},
    {A1, 0, 0x41000, 0, 15},
    {0, A2, 0, 1, 1 << 1 | 1 << 3},
    {0, A2, 0, 2, 1 << 0 | 1 << 2 | 1 << 3},
    {0, A2, 0, 3, 15},
    {0, A2, 0, 0xffffff01, 1 << 1 | 1 << 3}, /* only the low 8 bits count */
    {A1, A2, 0x40000, 1, 1 << 1 | 1 << 2 | 1 << 3},
    {A1, A2, 0x40123, 2, 1 << 0 | 1 << 2 | 1 << 3},
    {A1, A2, 0x80000, 1, 1 << 0 | 1 << 1 | 1 << 3},
    {A1, A2, 0x80000, 2, 15},
    {A1, 0, 0, 0, 15}, /* a register that holds 0 is not register zero */
    {0, A2, 0, 0, 15},
    {A1, A2, 0x40000, 0, 15},
    {A1, A2, 0, 0, 15},
};

START_TEST(each_form_of_tlbinv)
{
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct lab lab;

        lab_open(&lab, _i);
        put_ways(&lab.cpu->s);
        lab.cpu->s.x[A1] = forms[i].vaddr;
        lab.cpu->s.x[A2] = forms[i].space;
        lab_put(&lab, LAB_CODE, tg_word_r(TG_INSN_TLBINV, 0, forms[i].ra, forms[i].rb));
        lab.checks_caches = true;
        lab_ready(&lab);
        drop_ways(&lab.want, forms[i].kept);
        lab_want_next(&lab);
        lab_step_and_check(&lab, "form %zu", i);
        lab_close(&lab);
    }
}
END_TEST

/* rules: SYS-5. Every way of both caches. */
START_TEST(tlbinv_empties_all_ways)
{
    struct lab lab;

    lab_open(&lab, _i);
    for (uint32_t i = 0; i < TG_ITLB_ENTRIES; i++) {
        lab.cpu->s.itlb_page[i] = 1;
        lab.cpu->s.itlb_entry[i] = P | G;
        lab.cpu->s.itlb_space[i] = (uint8_t)i;
    }
    for (uint32_t i = 0; i < TG_DTLB_ENTRIES; i++) {
        lab.cpu->s.dtlb_page[i] = 1;
        lab.cpu->s.dtlb_entry[i] = P;
        lab.cpu->s.dtlb_space[i] = (uint8_t)i;
    }
    lab_put(&lab, LAB_CODE, tg_word_r(TG_INSN_TLBINV, 0, 0, 0));
    lab_ready(&lab);
    lab_run(&lab, 1);
    for (uint32_t i = 0; i < TG_ITLB_ENTRIES; i++)
        ck_assert(!lab.cpu->s.itlb_page[i] && !lab.cpu->s.itlb_entry[i] &&
                  !lab.cpu->s.itlb_space[i]);
    for (uint32_t i = 0; i < TG_DTLB_ENTRIES; i++)
        ck_assert(!lab.cpu->s.dtlb_page[i] && !lab.cpu->s.dtlb_entry[i] &&
                  !lab.cpu->s.dtlb_space[i]);
    lab_close(&lab);
}
END_TEST

/* rules: SYS-5. An instruction page that was cached is gone for the next fetch. */
START_TEST(tlbinv_is_for_fetches_too)
{
    struct lab lab;

    open_pages(&lab, _i);
    LAB_PROGRAM(&lab, FRAMES, FENCE, tg_word_r(TG_INSN_TLBINV, 0, A1, 0), FENCE);
    lab.cpu->s.pc = BASE;
    lab_ready(&lab);
    lab_run(&lab, 1);
    lab_put(&lab, entry_of(0), 0);
    lab_ready(&lab);
    lab_run(&lab, 1);
    lab_want_next(&lab);
    lab_want_exception(&lab, TG_CAUSE_PAGE, TG_ACCESS_FETCH | TG_PAGE_TABLE_ABSENT << 4, BASE + 8);
    lab_step_and_check(&lab, "next fetch");
    lab_close(&lab);
}
END_TEST

/* rules: ORDER-2. The caches are each CPU's own: tlbinv on one does nothing to the other's. */
START_TEST(caches_are_each_cpus_own)
{
    struct lab lab;
    struct tg_cpu *other;

    lab_open_cpus(&lab, _i, 2);
    other = &lab.machine->cpus[1];
    other->s = lab.cpu->s;
    put_ways(&lab.cpu->s);
    put_ways(&other->s);
    LAB_PROGRAM(&lab, LAB_CODE, tg_word_r(TG_INSN_TLBINV, 0, 0, 0),
                tg_word_i(TG_INSN_JAL, 0, 0, 0));
    LAB_PROGRAM(&lab, 0x8000, tg_word_i(TG_INSN_JAL, 0, 0, 0));
    other->s.pc = 0x8000;
    lab_ready(&lab);
    lab_run(&lab, 128);
    ck_assert_uint_eq(lab.cpu->s.dtlb_entry[0], 0);
    ck_assert_uint_eq(other->s.dtlb_entry[0], FRAMES | P | R | W | X | A | D);
    lab_close(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("caches");
    TCase *tcase = tcase_create("caches");

    lab_add_test(tcase, fill_says_what_it_holds);
    lab_add_test(tcase, replacement_goes_round);
    lab_add_test(tcase, fetches_have_a_cache_of_their_own);
    lab_add_test(tcase, refill_stays_in_its_way);
    lab_add_test(tcase, fills_and_references_are_counted);
    lab_add_test(tcase, less_permission_takes_effect_after_tlbinv);
    lab_add_test(tcase, another_page_takes_effect_after_tlbinv);
    lab_add_test(tcase, more_permission_takes_effect_at_once);
    lab_add_test(tcase, walk_decides_when_the_cache_does_not_allow);
    lab_add_test(tcase, failing_walk_changes_no_cache);
    lab_add_test(tcase, stale_in_one_cache_only);
    lab_add_test(tcase, address_spaces_do_not_match);
    lab_add_test(tcase, global_entries_match_in_each_space);
    lab_add_test(tcase, first_of_two_matches_counts);
    lab_add_test(tcase, writing_ptroot_empties_nothing);
    lab_add_test(tcase, caches_rest_while_paging_is_off);
    lab_add_test(tcase, tlbinv_works_while_paging_is_off);
    lab_add_test(tcase, each_form_of_tlbinv);
    lab_add_test(tcase, tlbinv_empties_all_ways);
    lab_add_test(tcase, tlbinv_is_for_fetches_too);
    lab_add_test(tcase, caches_are_each_cpus_own);
    suite_add_tcase(suite, tcase);
    return lab_main(suite);
}
