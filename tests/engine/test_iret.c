/*
 * iret: from each ring to each ring with each IOPL and IE, what it restores, what it refuses and in
 * which order.
 *
 * rules: IRT-1 IRT-2 IRT-3 IRT-4 RING-1 AMO-3 GEN-1
 */
#include "lab.h"

enum { FRAME = 0x4fc0, TARGET_PC = 0x8120, TARGET_SP = 0x12345679 };

/* A machine about to execute iret with a frame at FRAME. The first three words are not looked at.
 */
static void open_frame(struct lab *lab, int engine, uint32_t status, uint32_t saved_status)
{
    lab_open(lab, engine);
    lab->cpu->s.status = status;
    lab->cpu->s.x[SP] = FRAME;
    lab_put(lab, LAB_CODE, tg_word_i(TG_INSN_IRET, 0, 0, 0));
    LAB_PROGRAM(lab, FRAME, 0xdeadbeef, 0xdeadbeef, 0xdeadbeef, TARGET_PC, saved_status, TARGET_SP);
    lab_ready(lab);
}

static void want_return(struct lab *lab, uint32_t saved_status)
{
    lab->want.status = saved_status;
    lab->want.x[SP] = TARGET_SP;
    lab->want.pc = TARGET_PC;
}

/* By IRT-2, in its order. */
static uint32_t reason_for(uint32_t status, uint32_t saved)
{
    uint32_t ring = status & 3, iopl = status >> 8 & 3;

    if (saved & 0xfffffcec)
        return TG_PRIVILEGE_RESERVED;
    if ((saved & 3) < ring)
        return TG_PRIVILEGE_IRET_RING;
    if ((saved >> 8 & 3) != iopl && ring != 0)
        return TG_PRIVILEGE_IRET_IOPL;
    if ((saved & 0x10) != (status & 0x10) && ring > iopl)
        return TG_PRIVILEGE_IE;
    return 0;
}

static void check_iret(int engine, uint32_t status, uint32_t saved)
{
    uint32_t reason = reason_for(status, saved);
    struct lab lab;

    open_frame(&lab, engine, status, saved);
    if (reason)
        lab_want_exception(&lab, TG_CAUSE_PRIVILEGE, reason, 0);
    else
        want_return(&lab, saved);
    lab_step_and_check(&lab, "from status 0x%x to 0x%x", (unsigned)status, (unsigned)saved);
    lab_close(&lab);
}

/* The 32 values that status can have. */
static uint32_t status_number(uint32_t i)
{
    return lab_status(i & 3, i >> 2 & 3, i >> 4);
}

/* rules: IRT-2 IRT-4 RING-1 */
START_TEST(from_each_status_to_each_status)
{
    for (uint32_t from = 0; from < 32; from++)
        for (uint32_t to = 0; to < 32; to++)
            check_iret(_i, status_number(from), status_number(to));
}
END_TEST

/* rules: IRT-2. Each reserved bit, alone and together with all other reasons for refusal. */
START_TEST(each_reserved_bit_of_the_saved_status)
{
    for (uint32_t bit = 0; bit < 32; bit++) {
        if (UINT32_C(0x313) >> bit & 1)
            continue;
        for (uint32_t ring = 0; ring < 4; ring++) {
            check_iret(_i, lab_status(ring, 0, 0), UINT32_C(1) << bit | ring);
            check_iret(_i, lab_status(ring, 0, 0), UINT32_C(1) << bit | lab_status(0, 3, 1));
        }
    }
}
END_TEST

/* rules: IRT-1 */
START_TEST(stack_pointer_must_be_aligned)
{
    for (uint32_t offset = 1; offset < 32; offset++) {
        struct lab lab;

        open_frame(&lab, _i, 0, 0);
        lab.cpu->s.x[SP] = FRAME + offset;
        lab_ready(&lab);
        lab_want_exception(&lab, TG_CAUSE_MISALIGNED, 0x41, FRAME + offset);
        lab_step_and_check(&lab, "sp + %u", (unsigned)offset);
        lab_close(&lab);
    }
}
END_TEST

/* rules: IRT-3 */
START_TEST(saved_pc_must_be_aligned)
{
    for (uint32_t offset = 1; offset < 4; offset++) {
        struct lab lab;

        open_frame(&lab, _i, 0, 3);
        lab_put(&lab, FRAME + 12, TARGET_PC + offset);
        lab_ready(&lab);
        lab_want_exception(&lab, TG_CAUSE_MISALIGNED, 0x40, TARGET_PC + offset);
        lab_step_and_check(&lab, "pc + %u", (unsigned)offset);
        lab_close(&lab);
    }
}
END_TEST

/* rules: IRT-2 IRT-3. The status is looked at before the pc. */
START_TEST(status_is_checked_before_the_pc)
{
    struct lab lab;

    open_frame(&lab, _i, lab_status(2, 0, 0), lab_status(1, 0, 0));
    lab_put(&lab, FRAME + 12, TARGET_PC + 2);
    lab_ready(&lab);
    lab_want_exception(&lab, TG_CAUSE_PRIVILEGE, TG_PRIVILEGE_IRET_RING, 0);
    lab_step_and_check(&lab, "order");
    lab_close(&lab);
}
END_TEST

/* rules: IRT-1 PHY-2. Outside RAM, and in a device's window. */
START_TEST(frame_must_be_in_ram)
{
    const uint32_t places[] = {LAB_RAM_BYTES, 0xffffffe0, (uint32_t)LAB_WINDOW};

    for (size_t i = 0; i < COUNT(places); i++) {
        struct lab lab;

        open_frame(&lab, _i, lab_status(1, 0, 0), 3);
        lab.cpu->s.x[SP] = places[i];
        lab_ready(&lab);
        lab_want_exception(&lab, TG_CAUSE_BUS, 0x41, places[i]);
        lab_step_and_check(&lab, "frame at 0x%x", (unsigned)places[i]);
        lab_close(&lab);
    }
}
END_TEST

/* rules: IRT-1 ORD-2. misaligned before page before bus; the page must be readable for the current
 * ring. */
START_TEST(frame_is_translated_for_a_load)
{
    const struct {
        uint32_t entry, reason;
    } cases[] = {
        {0, TG_PAGE_TABLE_ABSENT},
        {0x4000 | TG_PTE_PRESENT | TG_PTE_READ | TG_PTE_WRITE, TG_PAGE_RING},
        {0x4000 | (LAB_PTE_ALL & ~TG_PTE_READ), TG_PAGE_PERMISSION},
        {0x4000 | TG_PTE_PRESENT | TG_PTE_READ | TG_PTE_RING | TG_PTE_ACCESSED, 0},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lab lab;

        open_frame(&lab, _i, lab_status(1, 0, 0), lab_status(3, 0, 0));
        lab_paging(&lab);
        lab_map(&lab, FRAME, cases[i].entry);
        lab_ready(&lab);
        if (cases[i].reason)
            lab_want_exception(&lab, TG_CAUSE_PAGE, TG_ACCESS_LOAD | cases[i].reason << 4 | 1 << 8,
                               FRAME);
        else
            want_return(&lab, lab_status(3, 0, 0));
        lab_step_and_check(&lab, "entry 0x%x", (unsigned)cases[i].entry);
        lab_close(&lab);
    }
}
END_TEST

/* rules: IRT-1. The frame's physical page is the one that the tables give; misaligned comes before
 * page. */
START_TEST(frame_is_read_where_the_tables_say)
{
    struct lab lab;

    open_frame(&lab, _i, 0, 0);
    lab_paging(&lab);
    lab_map(&lab, FRAME, 0x14000 | LAB_PTE_ALL);
    LAB_PROGRAM(&lab, 0x14fc0 + 12, 0x2020, lab_status(2, 1, 0), 0x77);
    lab_ready(&lab);
    lab.want.pc = 0x2020;
    lab.want.status = lab_status(2, 1, 0);
    lab.want.x[SP] = 0x77;
    lab_step_and_check(&lab, "mapped elsewhere");
    lab_close(&lab);

    open_frame(&lab, _i, 0, 0);
    lab_paging(&lab);
    lab_map(&lab, FRAME, 0);
    lab.cpu->s.x[SP] = FRAME + 4;
    lab.cpu->s.status = lab_status(1, 0, 0);
    lab_ready(&lab);
    lab_want_exception(&lab, TG_CAUSE_MISALIGNED, 0x41, FRAME + 4);
    lab_step_and_check(&lab, "misaligned before page");
    lab_close(&lab);
}
END_TEST

/* rules: IRT-4 AMO-3. Nothing else changes: not the stacks of the rings, not the other registers.
 */
START_TEST(reservation_is_lost)
{
    struct lab lab;

    open_frame(&lab, _i, 0, lab_status(3, 2, 1));
    lab.cpu->s.is_reserved = 1;
    lab.cpu->s.reserved_paddr = LAB_DATA;
    lab_ready(&lab);
    want_return(&lab, lab_status(3, 2, 1));
    lab.want.is_reserved = 0;
    lab_step_and_check(&lab, "reservation");
    lab_close(&lab);
}
END_TEST

/* rules: IRT-4. A trap and its iret leave the machine as it was, bit for bit, from each status to
 * each ring. */
START_TEST(trap_and_iret_are_nothing)
{
    for (uint32_t i = 0; i < 32; i++)
        for (uint32_t target = 0; target <= (i & 3); target++) {
            struct lab lab;
            uint32_t stack;

            lab_open(&lab, _i);
            lab.cpu->s.status = status_number(i);
            lab.cpu->s.x[SP] = 0x4f47;
            lab_put(&lab, LAB_CODE, tg_word_i(TG_INSN_TRAP, 0, 0, 200));
            lab_gate(&lab, 200, lab_handler(200), lab_gate_bits(target, 3));
            lab_put(&lab, lab_handler(200), tg_word_i(TG_INSN_IRET, 0, 0, 0));
            lab_ready(&lab);
            lab_want_next(&lab);
            stack = target == (i & 3) ? 0x4f20 : lab.cpu->s.sp_of_ring[target] - 32;
            for (uint32_t offset = 0; offset < 24; offset += 4)
                lab_want_word(&lab, stack + offset, 0);
            lab_want_word(&lab, stack, 0x2c8);
            lab_want_word(&lab, stack + 12, LAB_CODE + 4);
            lab_want_word(&lab, stack + 16, status_number(i));
            lab_want_word(&lab, stack + 20, 0x4f47);
            lab_run(&lab, 2);
            lab_check(&lab, "from status 0x%x to ring %u", (unsigned)status_number(i),
                      (unsigned)target);
            lab_close(&lab);
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("iret");
    TCase *tcase = tcase_create("iret");

    tcase_set_timeout(tcase, 60);
    lab_add_test(tcase, from_each_status_to_each_status);
    lab_add_test(tcase, each_reserved_bit_of_the_saved_status);
    lab_add_test(tcase, stack_pointer_must_be_aligned);
    lab_add_test(tcase, saved_pc_must_be_aligned);
    lab_add_test(tcase, status_is_checked_before_the_pc);
    lab_add_test(tcase, frame_must_be_in_ram);
    lab_add_test(tcase, frame_is_translated_for_a_load);
    lab_add_test(tcase, frame_is_read_where_the_tables_say);
    lab_add_test(tcase, reservation_is_lost);
    lab_add_test(tcase, trap_and_iret_are_nothing);
    suite_add_tcase(suite, tcase);
    return lab_main(suite);
}
