/*
 * Control registers: each one, from each ring, read, written and swapped; each bit that may and may
 * not be written; time. The table is written by hand from the manual.
 *
 * rules: CR-* SYS-6 SYS-7 RING-2 RING-3 RING-4 RING-5 GEN-1 ENC-4
 */
#include "lab.h"

enum { NEVER = -1 };

struct creg {
    uint32_t number;
    int read_ring, write_ring;
    uint32_t writable;
    size_t offset; /* of its word in struct tg_cpu_state; 0 where it has none (pc is not at 0) */
};

#define WORD(name) offsetof(struct tg_cpu_state, name)
static const struct creg cregs[] = {
    {0x00, 3, 0, 0x00000313, WORD(status)},
    {0x01, 0, 0, 0xfffff000, WORD(vbase)},
    {0x02, 0, 0, 0xfffff8ff, WORD(ptroot)},
    {0x03, 0, 0, 0xffffffff, WORD(sp_of_ring[0])},
    {0x04, 0, 0, 0xffffffff, WORD(sp_of_ring[1])},
    {0x05, 0, 0, 0xffffffff, WORD(sp_of_ring[2])},
    {0x06, 0, 0, 0xffffffff, WORD(spd)},
    {0x07, 0, 0, 0xfffff001, WORD(iomap)},
    {0x08, 3, NEVER, 0, 0},
    {0x0c, 0, 0, 0xffffffff, WORD(scratch[0])},
    {0x0d, 0, 0, 0xffffffff, WORD(scratch[1])},
    {0x0e, 0, 0, 0xffffffff, WORD(scratch[2])},
    {0x0f, 0, 0, 0xffffffff, WORD(scratch[3])},
    {0x10, 3, NEVER, 0, 0},
    {0x11, 3, NEVER, 0, 0},
    {0x12, 3, NEVER, 0, 0},
    {0x13, 3, NEVER, 0, 0},
};

static uint32_t *word_of(struct tg_cpu_state *s, const struct creg *creg)
{
    return (uint32_t *)(void *)((char *)s + creg->offset);
}

/* A value that differs from what the register holds at first, and may be written from ring 0. */
static uint32_t good_value(const struct creg *creg)
{
    return creg->offset == WORD(status) ? 0x210 : 0x5a5a5a5a & creg->writable;
}

/* What the register holds in the beginning. */
static uint32_t first_value(struct lab *lab, const struct creg *creg)
{
    return creg->offset ? *word_of(&lab->cpu->s, creg) : 0;
}

static void open_in_ring(struct lab *lab, int engine, uint32_t ring)
{
    lab_open(lab, engine);
    lab->cpu->s.status = lab_status(ring, 3, 0);
    for (uint32_t i = 0; i < 4; i++)
        lab->cpu->s.scratch[i] = 0x11111111 * (i + 1);
}

/* --- Each register, ring and instruction ------------------------------------------------------ */

static void check_access(int engine, const struct creg *creg, uint32_t ring, enum tg_insn_id id)
{
    bool reads = id != TG_INSN_WRCR, writes = id != TG_INSN_RDCR;
    struct lab lab;

    open_in_ring(&lab, engine, ring);
    lab.cpu->s.x[A1] = good_value(creg);
    LAB_PROGRAM(&lab, LAB_CODE,
                tg_word_i(id, reads ? A0 : 0, writes ? A1 : 0, (int32_t)creg->number));
    lab_ready(&lab);
    if (reads && (int)ring > creg->read_ring)
        lab_want_exception(&lab, TG_CAUSE_PRIVILEGE, TG_PRIVILEGE_CREG_READ, 0);
    else if (writes && (int)ring > creg->write_ring)
        lab_want_exception(&lab, TG_CAUSE_PRIVILEGE, TG_PRIVILEGE_CREG_WRITE, 0);
    else {
        lab_want_next(&lab);
        if (reads)
            lab.want.x[A0] = first_value(&lab, creg);
        if (writes)
            *word_of(&lab.want, creg) = good_value(creg);
    }
    lab_step_and_check(&lab, "%s, register 0x%x, ring %u", tg_insn_info(id)->mnemonic,
                       (unsigned)creg->number, (unsigned)ring);
    lab_close(&lab);
}

/* rules: SYS-6 RING-3 GEN-1 */
START_TEST(each_register_in_each_ring)
{
    for (size_t i = 0; i < COUNT(cregs); i++)
        for (uint32_t ring = 0; ring < 4; ring++) {
            check_access(_i, &cregs[i], ring, TG_INSN_RDCR);
            check_access(_i, &cregs[i], ring, TG_INSN_WRCR);
            check_access(_i, &cregs[i], ring, TG_INSN_SWCR);
        }
}
END_TEST

/* --- Each bit --------------------------------------------------------------------------------- */

static uint32_t reason_for(const struct creg *creg, uint32_t value)
{
    if (value & ~creg->writable)
        return TG_PRIVILEGE_RESERVED;
    return creg->offset == WORD(status) && (value & 3) ? TG_PRIVILEGE_STATUS_RING : 0;
}

static void check_value(int engine, const struct creg *creg, uint32_t value, enum tg_insn_id id)
{
    uint32_t reason = reason_for(creg, value);
    struct lab lab;

    open_in_ring(&lab, engine, 0);
    lab.cpu->s.x[A1] = value;
    LAB_PROGRAM(&lab, LAB_CODE,
                tg_word_i(id, id == TG_INSN_SWCR ? A1 : 0, A1, (int32_t)creg->number));
    lab_ready(&lab);
    if (reason)
        lab_want_exception(&lab, TG_CAUSE_PRIVILEGE, reason, 0);
    else {
        lab_want_next(&lab);
        if (id == TG_INSN_SWCR) /* both registers are read before either is written */
            lab.want.x[A1] = first_value(&lab, creg);
        *word_of(&lab.want, creg) = value;
    }
    lab_step_and_check(&lab, "%s 0x%x to register 0x%x", tg_insn_info(id)->mnemonic,
                       (unsigned)value, (unsigned)creg->number);
    lab_close(&lab);
}

/* rules: SYS-6 SYS-7 RING-2 */
START_TEST(each_bit_is_writable_or_refused)
{
    for (size_t i = 0; i < COUNT(cregs); i++) {
        if (cregs[i].write_ring == NEVER)
            continue;
        for (int bit = 0; bit < 32; bit++) {
            check_value(_i, &cregs[i], UINT32_C(1) << bit, TG_INSN_WRCR);
            check_value(_i, &cregs[i], UINT32_C(1) << bit, TG_INSN_SWCR);
        }
        check_value(_i, &cregs[i], 0, TG_INSN_WRCR);
        check_value(_i, &cregs[i], 0xffffffff, TG_INSN_SWCR);
    }
}
END_TEST

/* rules: RING-2. A value that is wrong in two ways: the reserved bit is told. */
START_TEST(reserved_bits_come_before_the_ring)
{
    check_value(_i, &cregs[0], 0x401, TG_INSN_WRCR);
    check_value(_i, &cregs[0], 0x23, TG_INSN_SWCR);
}
END_TEST

/* rules: RING-2. In ring 0 only: elsewhere status cannot be written at all. */
START_TEST(status_keeps_its_ring)
{
    for (uint32_t value = 0; value < 0x400; value++)
        if (!(value & ~UINT32_C(0x313)))
            check_value(_i, &cregs[0], value, TG_INSN_WRCR);
}
END_TEST

/* rules: ENC-4. The rows above are all there are. */
START_TEST(no_other_register_exists)
{
    struct lab lab;

    lab_open(&lab, _i);
    for (uint32_t number = 0, next = 0; number < 256; number++) {
        uint32_t word = tg_word_i(TG_INSN_RDCR, A0, 0, TG_CR_CPU) - TG_CR_CPU + number;

        if (next < COUNT(cregs) && cregs[next].number == number) {
            next++;
            continue;
        }
        lab.cpu->s.pc = LAB_CODE;
        lab_put(&lab, LAB_CODE, word);
        lab_ready(&lab);
        lab_want_exception(&lab, TG_CAUSE_ILLEGAL, word, 0);
        lab_step_and_check(&lab, "register 0x%x", (unsigned)number);
    }
    lab_close(&lab);
}
END_TEST

/* rules: SYS-6 REG-1 */
START_TEST(swap_into_register_zero_still_writes)
{
    struct lab lab;

    open_in_ring(&lab, _i, 0);
    lab.cpu->s.x[A1] = 99;
    LAB_PROGRAM(&lab, LAB_CODE, tg_word_i(TG_INSN_SWCR, 0, A1, TG_CR_SCRATCH0));
    lab_ready(&lab);
    lab.want.scratch[0] = 99;
    lab_want_next(&lab);
    lab_step_and_check(&lab, "swcr zero");
    lab_close(&lab);
}
END_TEST

/* --- ptroot takes effect with the next fetch -------------------------------------------------- */

/* rules: RING-4 TLB-6. The page of the program is elsewhere in the new address space: the next
 * instruction comes from there. */
START_TEST(ptroot_takes_effect_with_the_next_fetch)
{
    struct lab lab;

    lab_open(&lab, _i);
    lab_paging(&lab);
    lab_map(&lab, LAB_CODE, 0x14000 | LAB_PTE_ALL);
    lab.cpu->s.x[A1] = lab.cpu->s.ptroot;
    lab.cpu->s.ptroot = 0;
    LAB_PROGRAM(&lab, LAB_CODE, tg_word_i(TG_INSN_WRCR, 0, A1, TG_CR_PTROOT),
                tg_word_i(TG_INSN_ADDI, A0, 0, 1));
    /* At 0x14004: the instruction after wrcr. It turns paging off again. */
    LAB_PROGRAM(&lab, 0x14004, tg_word_i(TG_INSN_WRCR, 0, 0, TG_CR_PTROOT),
                tg_word_i(TG_INSN_BRK, 0, 0, 0));
    LAB_PROGRAM(&lab, LAB_CODE + 8, tg_word_i(TG_INSN_ADDI, A2, 0, 4));
    lab_ready(&lab);
    lab_run(&lab, 3);
    lab.want.x[A2] = 4; /* and A0 is what it was */
    lab.want.pc = LAB_CODE + 12;
    lab_check(&lab, "ptroot");
    lab_close(&lab);
}
END_TEST

/* --- Time ------------------------------------------------------------------------------------- */

static void put_time_program(struct lab *lab)
{
    LAB_PROGRAM(
        lab, LAB_CODE, tg_word_i(TG_INSN_FENCE, 0, 0, 0), tg_word_i(TG_INSN_FENCE, 0, 0, 0),
        tg_word_i(TG_INSN_RDCR, A0, 0, TG_CR_TIME), tg_word_i(TG_INSN_RDCR, A1, 0, TG_CR_TIMEH),
        tg_word_i(TG_INSN_RDCR, A2, 0, TG_CR_INSNS), tg_word_i(TG_INSN_RDCR, A3, 0, TG_CR_INSNSH));
}

static void want_times(struct lab *lab, uint32_t time, uint32_t timeh, uint32_t insns,
                       uint32_t insnsh)
{
    lab->want.x[A0] = time;
    lab->want.x[A1] = timeh;
    lab->want.x[A2] = insns;
    lab->want.x[A3] = insnsh;
    lab->want.pc = LAB_CODE + 24;
}

/* rules: RING-5 TIM-1 */
START_TEST(time_and_instructions_are_those_before_this_one)
{
    for (uint32_t ring = 0; ring < 4; ring++) {
        struct lab lab;

        open_in_ring(&lab, _i, ring);
        put_time_program(&lab);
        lab_ready(&lab);
        want_times(&lab, 2, 0, 4, 0);
        lab_run(&lab, 6);
        lab_check(&lab, "ring %u", (unsigned)ring);
        lab_close(&lab);
    }
}
END_TEST

/* rules: RING-5. The clock is far on, and time and the count of instructions are different things.
 */
START_TEST(high_words_of_time_and_instructions)
{
    struct lab lab;

    lab_open(&lab, _i);
    put_time_program(&lab);
    lab.machine->clock.time = UINT64_C(0x7fffffffe);
    lab.cpu->s.insns = UINT64_C(0x12fffffffc);
    lab.machine->turn_insns = lab.cpu->s.insns;
    lab_ready(&lab);
    /* The low words pass their ends before they are read; the high words are read after that. */
    want_times(&lab, 0, 8, 0, 0x13);
    lab_run(&lab, 6);
    lab_check(&lab, "high words");
    lab_close(&lab);
}
END_TEST

/* rules: RING-5. Each call of the engine begins in the middle of a turn. */
START_TEST(time_is_the_same_when_stepped)
{
    struct lab lab;

    lab_open(&lab, _i);
    put_time_program(&lab);
    lab_ready(&lab);
    want_times(&lab, 2, 0, 4, 0);
    for (int i = 0; i < 6; i++)
        lab_run(&lab, 1);
    lab_check(&lab, "stepped");
    lab_close(&lab);
}
END_TEST

/* rules: RING-5. With several CPUs: each counts its own instructions, the turn's ticks are added to
 * the common time. */
START_TEST(second_cpu_has_its_own_count)
{
    struct lab lab;
    struct tg_cpu *other;

    lab_open_cpus(&lab, _i, 2);
    other = &lab.machine->cpus[1];
    put_time_program(&lab);
    LAB_PROGRAM(&lab, LAB_CODE + 24, tg_word_i(TG_INSN_RDCR, S0, 0, TG_CR_CPU),
                tg_word_i(TG_INSN_JAL, 0, 0, 0));
    other->s = lab.cpu->s;
    other->s.pc = LAB_CODE + 8;
    lab_ready(&lab);
    lab_run(&lab, 128); /* two turns of 64 */
    ck_assert_uint_eq(lab.cpu->s.x[A0], 2);
    ck_assert_uint_eq(lab.cpu->s.x[A2], 4);
    ck_assert_uint_eq(lab.cpu->s.x[S0], 0);
    ck_assert_uint_eq(other->s.x[A0], 0);
    ck_assert_uint_eq(other->s.x[A2], 2);
    ck_assert_uint_eq(other->s.x[S0], 1);
    lab_close(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("control registers");
    TCase *tcase = tcase_create("control registers");

    lab_add_test(tcase, each_register_in_each_ring);
    lab_add_test(tcase, each_bit_is_writable_or_refused);
    lab_add_test(tcase, reserved_bits_come_before_the_ring);
    lab_add_test(tcase, status_keeps_its_ring);
    lab_add_test(tcase, no_other_register_exists);
    lab_add_test(tcase, swap_into_register_zero_still_writes);
    lab_add_test(tcase, ptroot_takes_effect_with_the_next_fetch);
    lab_add_test(tcase, time_and_instructions_are_those_before_this_one);
    lab_add_test(tcase, high_words_of_time_and_instructions);
    lab_add_test(tcase, time_is_the_same_when_stepped);
    lab_add_test(tcase, second_cpu_has_its_own_count);
    suite_add_tcase(suite, tcase);
    return lab_main(suite);
}
