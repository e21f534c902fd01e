/* Tests of the relocation kinds (assembler/object/relocation.c, docs/object-format.md). */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "isa/isa.h"
#include "object/relocation.h"

/* Calculates and applies a kind at address place; the result of applying. */
static enum tg_reloc_result relocate(enum tg_reloc_kind kind, uint32_t symbol, uint32_t place,
                                     uint8_t *bytes)
{
    struct tg_reloc_inputs inputs = {.symbol = symbol, .place = place, .thread = 0x5000};
    const struct tg_reloc_info *info = tg_reloc_info(kind);

    return tg_reloc_apply(info, tg_reloc_calculate(info, &inputs), bytes);
}

static struct tg_insn relocated(enum tg_reloc_kind kind, uint32_t symbol, uint32_t place,
                                uint32_t word)
{
    uint8_t bytes[4];

    tg_put_word(bytes, word);
    ck_assert_int_eq(relocate(kind, symbol, place, bytes), TG_RELOC_OK);
    return tg_decode(tg_get_word(bytes));
}

START_TEST(every_number_up_to_the_last_has_a_row)
{
    for (uint32_t kind = 0; kind < TG_R_COUNT; kind++)
        ck_assert_msg(tg_reloc_info(kind), "no row has number %u", kind);
    ck_assert_ptr_null(tg_reloc_info(TG_R_COUNT));
    ck_assert_ptr_null(tg_reloc_info(UINT32_MAX));
}
END_TEST

START_TEST(high_and_low_parts_give_the_address)
{
    static const uint32_t addresses[] = {0,          1,          0x7ff,      0x800,      0x801,
                                         0xfff,      0x1000,     0x12345678, 0x7fffffff, 0x80000000,
                                         0xfffff7ff, 0xfffff800, 0xffffffff};

    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        uint32_t a = addresses[i];
        struct tg_insn high = relocated(TG_R_HI20, a, 0, tg_word_i(TG_INSN_LUI, 10, 0, 0));
        struct tg_insn low = relocated(TG_R_LO12, a, 0, tg_word_i(TG_INSN_ADDI, 10, 10, 0));
        struct tg_insn store = relocated(TG_R_LO12, a, 0, tg_word_i(TG_INSN_SW, 10, 10, 0));

        ck_assert_uint_eq((uint32_t)high.imm + (uint32_t)low.imm, a);
        ck_assert_int_eq(low.imm, store.imm);
        ck_assert_int_ge(low.imm, -2048);
        ck_assert_int_le(low.imm, 2047);
        ck_assert_int_eq(high.rd, 10);
        ck_assert_int_eq(low.ra, 10);
    }
}
END_TEST

START_TEST(a_call_reaches_any_distance)
{
    static const uint32_t targets[] = {0, 0x1000, 0x1ffc, 0x80000000, 0xfffffffc, 0x12345678};

    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        uint8_t bytes[8];
        uint32_t place = 0x2000;

        tg_put_word(bytes, tg_word_i(TG_INSN_AUIPC, 1, 0, 0));
        tg_put_word(bytes + 4, tg_word_i(TG_INSN_JALR, 1, 1, 0));
        ck_assert_int_eq(relocate(TG_R_CALL, targets[i], place, bytes), TG_RELOC_OK);
        ck_assert_uint_eq(place + (uint32_t)tg_decode(tg_get_word(bytes)).imm +
                              (uint32_t)tg_decode(tg_get_word(bytes + 4)).imm,
                          targets[i]);
    }
}
END_TEST

START_TEST(branches_and_jumps_are_checked)
{
    uint32_t branch = tg_word_i(TG_INSN_BEQ, 1, 2, 0), jump = tg_word_i(TG_INSN_JAL, 1, 0, 0);
    uint8_t bytes[4];

    ck_assert_int_eq(relocated(TG_R_BRANCH, 0x20000 + 65532, 0x20000, branch).imm, 65532);
    ck_assert_int_eq(relocated(TG_R_BRANCH, 0x20000 - 65536, 0x20000, branch).imm, -65536);
    ck_assert_int_eq(relocated(TG_R_JAL, 2097148, 0, jump).imm, 2097148);
    ck_assert_int_eq(relocated(TG_R_JAL, 0, 2097152, jump).imm, -2097152);
    tg_put_word(bytes, branch);
    ck_assert_int_eq(relocate(TG_R_BRANCH, 65536, 0, bytes), TG_RELOC_OUT_OF_RANGE);
    ck_assert_int_eq(relocate(TG_R_BRANCH, 0, 65540, bytes), TG_RELOC_OUT_OF_RANGE);
    ck_assert_int_eq(relocate(TG_R_BRANCH, 6, 0, bytes), TG_RELOC_MISALIGNED);
    ck_assert_uint_eq(tg_get_word(bytes), branch);
    tg_put_word(bytes, jump);
    ck_assert_int_eq(relocate(TG_R_JAL, 2097152, 0, bytes), TG_RELOC_OUT_OF_RANGE);
    ck_assert_int_eq(relocate(TG_R_JAL, 0, 2097156, bytes), TG_RELOC_OUT_OF_RANGE);
    ck_assert_int_eq(relocate(TG_R_JAL, 1, 0, bytes), TG_RELOC_MISALIGNED);
    ck_assert_uint_eq(tg_get_word(bytes), jump);
}
END_TEST

START_TEST(small_numbers_are_checked)
{
    uint8_t bytes[4] = {0, 0, 0x55, 0x55};

    ck_assert_int_eq(relocate(TG_R_8, 255, 0, bytes), TG_RELOC_OK);
    ck_assert_int_eq(relocate(TG_R_8, (uint32_t)-128, 0, bytes), TG_RELOC_OK);
    ck_assert_uint_eq(bytes[0], 0x80);
    ck_assert_int_eq(relocate(TG_R_8, 256, 0, bytes), TG_RELOC_OUT_OF_RANGE);
    ck_assert_int_eq(relocate(TG_R_16, 65535, 0, bytes), TG_RELOC_OK);
    ck_assert_uint_eq(tg_get_word(bytes), 0x5555ffff);
    ck_assert_int_eq(relocate(TG_R_16, (uint32_t)-32769, 0, bytes), TG_RELOC_OUT_OF_RANGE);
    ck_assert_int_eq(relocated(TG_R_IMM15, 16383, 0, tg_word_i(TG_INSN_LW, 1, 0, 0)).imm, 16383);
    ck_assert_int_eq(relocate(TG_R_IMM15, 16384, 0, bytes), TG_RELOC_OUT_OF_RANGE);
}
END_TEST

START_TEST(differences_add_up)
{
    static const struct {
        enum tg_reloc_kind add, sub;
        uint32_t mask;
    } rows[] = {{TG_R_ADD8, TG_R_SUB8, 0xff},     {TG_R_ADD16, TG_R_SUB16, 0xffff},
                {TG_R_ADD32, TG_R_SUB32, ~0u},    {TG_R_SET8, TG_R_SUB8, 0xff},
                {TG_R_SET16, TG_R_SUB16, 0xffff}, {TG_R_SET32, TG_R_SUB32, ~0u},
                {TG_R_SET6, TG_R_SUB6, 0x3f}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool is_set = rows[i].add >= TG_R_SET6;
        uint8_t bytes[4];

        tg_put_word(bytes, is_set ? 0xcccccccc : 0xcccccccc & ~rows[i].mask);
        ck_assert_int_eq(relocate(rows[i].add, 0x12345, 0, bytes), TG_RELOC_OK);
        ck_assert_int_eq(relocate(rows[i].sub, 0x12333, 0, bytes), TG_RELOC_OK);
        ck_assert_uint_eq(tg_get_word(bytes), (0xcccccccc & ~rows[i].mask) | 0x12);
    }
}
END_TEST

START_TEST(values_follow_their_formulas)
{
    uint8_t bytes[4] = {0};

    ck_assert_int_eq(relocate(TG_R_32_PCREL, 0x1000, 0x1010, bytes), TG_RELOC_OK);
    ck_assert_uint_eq(tg_get_word(bytes), 0xfffffff0);
    ck_assert_int_eq(relocated(TG_R_TPREL_LO12, 0x5004, 0, tg_word_i(TG_INSN_LW, 1, 4, 0)).imm, 4);
    ck_assert_int_eq(relocated(TG_R_TPREL_HI20, 0x8000, 0, tg_word_i(TG_INSN_LUI, 1, 0, 0)).imm,
                     0x3000);
    ck_assert_uint_eq(tg_reloc_calculate(tg_reloc_info(TG_R_PCREL_LO12),
                                         &(struct tg_reloc_inputs){.symbol = 1, .pair = 77}),
                      77);
}
END_TEST

START_TEST(riscv_kinds_have_one_meaning)
{
    enum tg_reloc_kind kind = TG_R_NONE, other = TG_R_NONE;
    uint32_t number, last = 0;

    ck_assert(tg_reloc_from_rv32(18, &kind) && kind == TG_R_CALL);
    ck_assert(tg_reloc_from_rv32(28, &kind) && kind == TG_R_LO12);
    ck_assert(!tg_reloc_from_rv32(44, &kind)); /* RVC_BRANCH */
    for (size_t i = 0; tg_reloc_rv32_row(i, &number, &kind); i++) {
        ck_assert(i == 0 || number > last);
        ck_assert(tg_reloc_from_rv32(number, &other) && other == kind);
        last = number;
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("assembler relocation");
    TCase *cases = tcase_create("relocation");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, cases);
    tcase_add_test(cases, every_number_up_to_the_last_has_a_row);
    tcase_add_test(cases, high_and_low_parts_give_the_address);
    tcase_add_test(cases, a_call_reaches_any_distance);
    tcase_add_test(cases, branches_and_jumps_are_checked);
    tcase_add_test(cases, small_numbers_are_checked);
    tcase_add_test(cases, differences_add_up);
    tcase_add_test(cases, values_follow_their_formulas);
    tcase_add_test(cases, riscv_kinds_have_one_meaning);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
