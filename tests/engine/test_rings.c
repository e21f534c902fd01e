/*
 * Rings: each ring against each act that is for some rings only. What is forbidden raises the
 * exception that the manual says, with its error word and address; what is allowed is done. Control
 * registers have a file of their own (test_cregs.c), so have ports (test_ports.c) and iret
 * (test_iret.c).
 *
 * rules: RING-1 SYS-3 SYS-4 SYS-5 PAG-2 PAG-3 PAG-5 GATE-2 GATE-3 IRT-5 ORD-3
 */
#include <string.h>

#include "lab.h"

/* --- Instructions of the kernel's ------------------------------------------------------------- */

static void open_with(struct lab *lab, int engine, uint32_t status, uint32_t word)
{
    lab_open(lab, engine);
    lab->cpu->s.status = status;
    lab_put(lab, LAB_CODE, word);
    lab_ready(lab);
}

/* rules: SYS-3 SYS-5. IOPL does not matter to them. */
START_TEST(wfi_and_tlbinv_are_for_ring_0)
{
    const uint32_t words[] = {tg_word_i(TG_INSN_WFI, 0, 0, 0), tg_word_r(TG_INSN_TLBINV, 0, 0, 0),
                              tg_word_r(TG_INSN_TLBINV, 0, A0, A1)};

    for (size_t i = 0; i < COUNT(words); i++)
        for (uint32_t ring = 0; ring < 4; ring++)
            for (uint32_t iopl = 0; iopl < 4; iopl++) {
                struct lab lab;

                open_with(&lab, _i, lab_status(ring, iopl, 0), words[i]);
                if (ring != 0)
                    lab_want_exception(&lab, TG_CAUSE_PRIVILEGE, TG_PRIVILEGE_INSTRUCTION, 0);
                else
                    lab_want_next(&lab);
                if (ring == 0 && i == 0)
                    lab.want.run_state = TG_CPU_WAITING;
                lab_step_and_check(&lab, "instruction %zu, ring %u, IOPL %u", i, (unsigned)ring,
                                   (unsigned)iopl);
                lab_close(&lab);
            }
}
END_TEST

/* rules: SYS-4 */
START_TEST(cli_and_sti_are_for_rings_up_to_iopl)
{
    for (uint32_t is_sti = 0; is_sti < 2; is_sti++)
        for (uint32_t status = 0; status < 0x400; status++) {
            uint32_t ring = status & 3, iopl = status >> 8;
            struct lab lab;

            if (status & ~UINT32_C(0x313))
                continue;
            open_with(&lab, _i, status,
                      is_sti ? tg_word_i(TG_INSN_STI, 0, 0, 0) : tg_word_i(TG_INSN_CLI, A0, 0, 0));
            if (ring > iopl)
                lab_want_exception(&lab, TG_CAUSE_PRIVILEGE, TG_PRIVILEGE_INSTRUCTION, 0);
            else if (is_sti) {
                lab_want_next(&lab);
                lab.want.status |= 0x10;
            } else {
                lab_want_register(&lab, A0, status);
                lab.want.status &= ~UINT32_C(0x10);
            }
            lab_step_and_check(&lab, "%s, status 0x%x", is_sti ? "sti" : "cli", (unsigned)status);
            lab_close(&lab);
        }
}
END_TEST

/* rules: ORD-3 CAUSE-ILLEGAL. Also a control register that does not exist is illegal first. */
START_TEST(illegal_comes_before_privilege)
{
    const uint32_t words[] = {
        tg_word_i(TG_INSN_WFI, 0, 0, 0) | 1,
        tg_word_i(TG_INSN_STI, 0, 0, 0) | 0x100000,
        tg_word_i(TG_INSN_CLI, A0, 0, 0) | 0x8000,
        tg_word_r(TG_INSN_TLBINV, 0, A0, A1) | 0x100000,
        tg_word_i(TG_INSN_WRCR, 0, A1, TG_CR_VBASE) | 0x100,
        tg_word_i(TG_INSN_RDCR, A0, 0, TG_CR_VBASE) + 0x80,
        tg_word_i(TG_INSN_SWCR, A0, A1, TG_CR_VBASE) + 0xa0,
    };

    for (size_t i = 0; i < COUNT(words); i++)
        for (uint32_t ring = 0; ring < 4; ring++) {
            struct lab lab;

            open_with(&lab, _i, lab_status(ring, 0, 0), words[i]);
            lab_want_exception(&lab, TG_CAUSE_ILLEGAL, words[i], 0);
            lab_step_and_check(&lab, "word 0x%x, ring %u", (unsigned)words[i], (unsigned)ring);
            lab_close(&lab);
        }
}
END_TEST

/* --- Pages: each ring, page's ring, permissions and access ------------------------------------ */

struct page_case {
    uint32_t ring, page_ring, permissions; /* permissions: R W X in bits 0 to 2 */
    enum tg_access access;
};

enum { PAGE = 0x14000 }; /* where the page under test is; its first word is an instruction */

static uint32_t word_for(enum tg_access access)
{
    switch (access) {
    case TG_ACCESS_FETCH:
        return tg_word_i(TG_INSN_ADDI, A2, 0, 5);
    case TG_ACCESS_LOAD:
        return tg_word_i(TG_INSN_LW, A2, A0, 0);
    case TG_ACCESS_STORE:
        return tg_word_i(TG_INSN_SW, A1, A0, 0);
    default:
        return tg_word_r(TG_INSN_AMOSWAP_W, A2, A0, A1);
    }
}

static void want_access(struct lab *lab, enum tg_access access)
{
    lab_want_next(lab);
    if (access == TG_ACCESS_FETCH)
        lab->want.x[A2] = 5;
    if (access == TG_ACCESS_LOAD || access == TG_ACCESS_ATOMIC)
        lab->want.x[A2] = word_for(TG_ACCESS_FETCH);
    if (access == TG_ACCESS_STORE || access == TG_ACCESS_ATOMIC)
        lab_want_word(lab, PAGE, lab->want.x[A1]);
}

/* Reason of the page fault, by the order of PAG-2. */
static uint32_t page_reason(const struct page_case *c)
{
    static const uint32_t needed[] = {4, 1, 2, 3}; /* fetch X, load R, store W, atomic R and W */

    if (c->ring > c->page_ring)
        return TG_PAGE_RING;
    return (c->permissions & needed[c->access]) == needed[c->access] ? 0 : TG_PAGE_PERMISSION;
}

static void check_page(int engine, const struct page_case *c)
{
    uint32_t reason = page_reason(c);
    struct lab lab;

    lab_open(&lab, engine);
    lab_paging(&lab);
    lab_map(&lab, PAGE,
            PAGE | (LAB_PTE_ALL & ~UINT32_C(0x3e)) | c->permissions << 1 | c->page_ring << 4);
    lab_put(&lab, PAGE, word_for(TG_ACCESS_FETCH));
    lab_put(&lab, LAB_CODE, word_for(c->access));
    lab.cpu->s.x[A0] = PAGE;
    lab.cpu->s.status = lab_status(c->ring, 0, 0);
    if (c->access == TG_ACCESS_FETCH)
        lab.cpu->s.pc = PAGE;
    lab_ready(&lab);
    if (reason)
        lab_want_exception(&lab, TG_CAUSE_PAGE, (uint32_t)c->access | reason << 4 | c->ring << 8,
                           PAGE);
    else
        want_access(&lab, c->access);
    lab_step_and_check(&lab, "ring %u, page's ring %u, permissions %u, access %u",
                       (unsigned)c->ring, (unsigned)c->page_ring, (unsigned)c->permissions,
                       (unsigned)c->access);
    lab_close(&lab);
}

/* rules: PAG-2 PAG-3 PAG-5 AMO-1 MEM-3 GEN-1 */
START_TEST(each_ring_each_page)
{
    for (uint32_t i = 0; i < 4 * 4 * 8 * 4; i++)
        check_page(_i,
                   &(struct page_case){i & 3, i >> 2 & 3, i >> 4 & 7, (enum tg_access)(i >> 7)});
}
END_TEST

/* rules: AMO-1 AMO-4. lr.w needs reading only, sc.w writing only, even when it would fail. */
START_TEST(reservations_need_reading_and_writing_apart)
{
    for (uint32_t permissions = 0; permissions < 8; permissions++)
        for (uint32_t is_store = 0; is_store < 2; is_store++) {
            enum tg_access access = is_store ? TG_ACCESS_STORE : TG_ACCESS_LOAD;
            struct lab lab;

            lab_open(&lab, _i);
            lab_paging(&lab);
            lab_map(&lab, PAGE, PAGE | (LAB_PTE_ALL & ~UINT32_C(0xe)) | permissions << 1);
            lab_put(&lab, LAB_CODE,
                    tg_word_r(is_store ? TG_INSN_SC_W : TG_INSN_LR_W, A2, A0, is_store ? A1 : 0));
            lab.cpu->s.x[A0] = PAGE;
            lab_ready(&lab);
            if (!(permissions >> is_store & 1))
                lab_want_exception(&lab, TG_CAUSE_PAGE, (uint32_t)access | TG_PAGE_PERMISSION << 4,
                                   PAGE);
            else {
                lab_want_register(&lab, A2, is_store); /* fails: 1; loads: 0 */
                lab.want.is_reserved = !is_store;
                lab.want.reserved_paddr = PAGE;
            }
            lab_step_and_check(&lab, "permissions %u, sc.w %u", (unsigned)permissions,
                               (unsigned)is_store);
            lab_close(&lab);
        }
}
END_TEST

/* rules: GATE-1. The kernel's pages hold the vector table, so no user ring can write it; by its
 * ring alone and not by W. */
START_TEST(user_rings_cannot_write_the_vector_table)
{
    for (uint32_t page_ring = 0; page_ring < 4; page_ring++)
        for (uint32_t ring = 0; ring < 4; ring++) {
            const uint32_t gate = LAB_VECTORS + 8 * 3;
            struct lab lab;

            lab_open(&lab, _i);
            lab_paging(&lab);
            lab_map(&lab, LAB_VECTORS,
                    LAB_VECTORS | (LAB_PTE_ALL & ~UINT32_C(0x30)) | page_ring << 4);
            lab_put(&lab, LAB_CODE, tg_word_i(TG_INSN_SW, A1, A0, 0));
            lab.cpu->s.x[A0] = gate;
            lab.cpu->s.status = lab_status(ring, 3, 0);
            lab_ready(&lab);
            if (ring > page_ring)
                lab_want_exception(&lab, TG_CAUSE_PAGE,
                                   TG_ACCESS_STORE | TG_PAGE_RING << 4 | ring << 8, gate);
            else {
                lab_want_word(&lab, gate, lab.want.x[A1]);
                lab_want_next(&lab);
            }
            lab_step_and_check(&lab, "ring %u, page's ring %u", (unsigned)ring,
                               (unsigned)page_ring);
            lab_close(&lab);
        }
}
END_TEST

/* --- Gates: each ring, RAISE and RING --------------------------------------------------------- */

/* rules: GATE-2 GATE-3 RING-1 ENT-1 CAUSE-GATE. RAISE is checked before the target. */
START_TEST(trap_from_each_ring_through_each_gate)
{
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t ring = i & 3, raise = i >> 2 & 3, target = i >> 4;
        uint32_t reason = ring > raise ? TG_GATE_RAISE_RING : target > ring ? TG_GATE_TARGET : 0;
        struct lab lab;

        open_with(&lab, _i, lab_status(ring, 0, 0), tg_word_i(TG_INSN_TRAP, 0, 0, 100));
        lab_gate(&lab, 100, lab_handler(100), lab_gate_bits(target, raise));
        lab_ready(&lab);
        if (reason)
            lab_want_exception(&lab, TG_CAUSE_GATE, 100 | reason << 8, LAB_VECTORS + 800);
        else
            lab_want_entry(&lab,
                           (struct lab_entry){
                               .kind = 2, .vector = 100, .saved_pc = LAB_CODE + 4, .ring = target});
        lab_step_and_check(&lab, "ring %u, RAISE %u, RING %u", (unsigned)ring, (unsigned)raise,
                           (unsigned)target);
        lab_close(&lab);
    }
}
END_TEST

/* rules: GATE-2 DBL-1 DBL-2. For exceptions RAISE does not count. */
START_TEST(exception_from_each_ring_through_each_gate)
{
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t ring = i & 3, raise = i >> 2 & 3, target = i >> 4;
        struct lab lab;

        open_with(&lab, _i, lab_status(ring, 0, 0), tg_word_i(TG_INSN_BRK, 0, 0, 0));
        lab_gate(&lab, TG_CAUSE_BREAKPOINT, lab_handler(TG_CAUSE_BREAKPOINT),
                 lab_gate_bits(target, raise));
        lab.cpu->s.sp_of_ring[0] =
            LAB_STACK_D; /* so that a double fault looks like an entry from another ring */
        if (ring == 0)
            lab.cpu->s.spd = LAB_STACK;
        lab_ready(&lab);
        if (target > ring)
            lab_want_exception(&lab, TG_CAUSE_DOUBLE, TG_CAUSE_BREAKPOINT | TG_GATE_TARGET << 8,
                               LAB_VECTORS + 8);
        else
            lab_want_entry(&lab,
                           (struct lab_entry){.vector = 1, .saved_pc = LAB_CODE, .ring = target});
        lab_step_and_check(&lab, "ring %u, RAISE %u, RING %u", (unsigned)ring, (unsigned)raise,
                           (unsigned)target);
        lab_close(&lab);
    }
}
END_TEST

/* rules: GATE-2 INT-1. The same for interrupts, which come before an instruction: here one that
 * does nothing. */
START_TEST(interrupt_in_each_ring_through_each_gate)
{
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t ring = i & 3, raise = i >> 2 & 3, target = i >> 4;
        struct lab lab;

        open_with(&lab, _i, lab_status(ring, 0, 1), tg_word_i(TG_INSN_FENCE, 0, 0, 0));
        lab_gate(&lab, 41, lab_handler(41), lab_gate_bits(target, raise));
        lab_put(&lab, lab_handler(41), tg_word_i(TG_INSN_FENCE, 0, 0, 0));
        lab_put(&lab, lab_handler(8), tg_word_i(TG_INSN_FENCE, 0, 0, 0));
        lab_assert_line(&lab, 9);
        lab.cpu->s.sp_of_ring[0] = LAB_STACK_D;
        if (ring == 0)
            lab.cpu->s.spd = LAB_STACK;
        lab_ready(&lab);
        if (target > ring)
            lab_want_exception(&lab, TG_CAUSE_DOUBLE, 41 | TG_GATE_TARGET << 8,
                               LAB_VECTORS + 8 * 41);
        else
            lab_want_entry(
                &lab,
                (struct lab_entry){.kind = 1, .vector = 41, .saved_pc = LAB_CODE, .ring = target});
        lab_want_next(&lab); /* the handler's first instruction */
        lab_step_and_check(&lab, "ring %u, RAISE %u, RING %u", (unsigned)ring, (unsigned)raise,
                           (unsigned)target);
        lab_close(&lab);
    }
}
END_TEST

/* --- No way up but through a gate ------------------------------------------------------------- */

/* What the observer has seen since the last instruction. */
struct seen {
    uint32_t entries, to_ring;
};

static void see_entry(void *context, const struct tg_entry_event *event)
{
    struct seen *seen = context;

    seen->entries++;
    seen->to_ring = event->to_ring;
}

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* A random legal word, system instructions more often than others. */
static uint32_t random_word(uint32_t *state)
{
    for (;;) {
        uint32_t word = next_random(state);
        enum tg_insn_id id = (enum tg_insn_id)(1 + next_random(state) % (TG_INSN_COUNT - 1));
        const struct tg_insn_info *info;

        if (next_random(state) % 2)
            id = (enum tg_insn_id)(1 + next_random(state) % TG_INSN_SWCR);
        info = tg_insn_info(id);
        word = (word & tg_format_info(info->format)->fields_mask & ~info->mask) | info->match;
        if (tg_decode(word).id != TG_INSN_ILLEGAL)
            return word;
    }
}

static void check_one_random(struct lab *lab, struct seen *seen, uint32_t *state)
{
    uint32_t ring = 1 + next_random(state) % 3;
    uint32_t after;

    for (int i = 1; i < 32; i++)
        lab->cpu->s.x[i] =
            next_random(state) % 4 ? next_random(state) % 0x8000 : next_random(state);
    lab->cpu->s.x[SP] = LAB_STACK;
    lab->cpu->s.status = lab_status(ring, next_random(state) % 4, 0);
    lab->cpu->s.pc = LAB_CODE;
    lab->cpu->s.run_state = TG_CPU_RUNNING;
    for (uint32_t i = 0; i < 8; i++) /* a frame of anything, often one that says ring 0 */
        lab_put(lab, LAB_STACK + 4 * i,
                next_random(state) % 2 ? next_random(state) & 0x313 : next_random(state));
    lab_put(lab, LAB_CODE, random_word(state));
    lab_ready(lab);
    *seen = (struct seen){0};
    lab_run(lab, 1);
    after = lab->cpu->s.status & 3;
    if (after < ring)
        ck_assert_msg(seen->entries == 1 && seen->to_ring == after,
                      "%s: word 0x%x got from ring %u to %u", lab->engine,
                      (unsigned)lab_get(lab, LAB_CODE), (unsigned)ring, (unsigned)after);
}

/* rules: IRT-5 RING-1. Each register, stack and word is random; gates go to ring 0. */
START_TEST(user_rings_have_no_other_way_up)
{
    struct lab lab;
    struct seen seen;
    const struct tg_observer observer = {.context = &seen, .entry = see_entry};
    uint32_t state = 20240229;

    lab_open(&lab, _i);
    ck_assert_int_eq(tg_machine_observe(lab.machine, &observer), TG_OK);
    for (int i = 0; i < 20000; i++) {
        for (uint32_t v = 0; v < 4; v++) /* what a stray store may have spoilt */
            lab_gate(&lab, v, lab_handler(v), lab_gate_bits(0, 3));
        lab.machine->end = (struct tg_end_state){0};
        check_one_random(&lab, &seen, &state);
    }
    tg_machine_unobserve(lab.machine, &observer);
    lab_close(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rings");
    TCase *tcase = tcase_create("rings");

    tcase_set_timeout(tcase, 60);
    lab_add_test(tcase, wfi_and_tlbinv_are_for_ring_0);
    lab_add_test(tcase, cli_and_sti_are_for_rings_up_to_iopl);
    lab_add_test(tcase, illegal_comes_before_privilege);
    lab_add_test(tcase, each_ring_each_page);
    lab_add_test(tcase, reservations_need_reading_and_writing_apart);
    lab_add_test(tcase, user_rings_cannot_write_the_vector_table);
    lab_add_test(tcase, trap_from_each_ring_through_each_gate);
    lab_add_test(tcase, exception_from_each_ring_through_each_gate);
    lab_add_test(tcase, interrupt_in_each_ring_through_each_gate);
    lab_add_test(tcase, user_rings_have_no_other_way_up);
    suite_add_tcase(suite, tcase);
    return lab_main(suite);
}
