/* Tests of words to instructions and back (emu/isa/decode.c). */
#include <check.h>
#include <stdlib.h>

#include "isa/isa.h"
#include "random.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Words written by hand from the manual's bit diagrams. */
static const struct {
    uint32_t word;
    struct tg_insn insn;
} by_hand[] = {
    {0x020000ff, {TG_INSN_TRAP, 0, 0, 0, 255}},
    {0x04000000, {TG_INSN_IRET, 0, 0, 0, 0}},
    {0x0aa00000, {TG_INSN_CLI, 10, 0, 0, 0}},
    {0x0e010c00, {TG_INSN_TLBINV, 0, 2, 3, 0}},
    {0x12500013, {TG_INSN_RDCR, 5, 0, 0, TG_CR_INSNSH}},
    {0x14008002, {TG_INSN_WRCR, 0, 1, 0, TG_CR_PTROOT}},
    {0x1632000c, {TG_INSN_SWCR, 3, 4, 0, TG_CR_SCRATCH0}},
    {0x20a5b000, {TG_INSN_ADD, 10, 11, 12, 0}},
    {0x20a5b001, {TG_INSN_SUB, 10, 11, 12, 0}},
    {0x23fffc07, {TG_INSN_REMU, 31, 31, 31, 0}},
    {0x24a58000, {TG_INSN_LR_W, 10, 11, 0, 0}},
    {0x24a5b001, {TG_INSN_SC_W, 10, 11, 12, 0}},
    {0x40a5ffff, {TG_INSN_ADDI, 10, 11, 0, -1}},
    {0x40a5bfff, {TG_INSN_ADDI, 10, 11, 0, 16383}},
    {0x40a5c000, {TG_INSN_ADDI, 10, 11, 0, -16384}},
    {0x5011001f, {TG_INSN_SRAI, 1, 2, 0, 31}},
    {0x54afffff, {TG_INSN_LUI, 10, 0, 0, -4096}},
    {0x55f12345, {TG_INSN_LUI, 31, 0, 0, 0x12345000}},
    {0x64217ffc, {TG_INSN_LW, 2, 2, 0, -4}},
    {0x84a10008, {TG_INSN_SW, 10, 2, 0, 8}},
    {0xa0a5c000, {TG_INSN_BEQ, 10, 11, 0, -65536}},
    {0xa2a58001, {TG_INSN_BNE, 10, 11, 0, 4}},
    {0xb0180000, {TG_INSN_JAL, 1, 0, 0, -2097152}},
    {0xb007ffff, {TG_INSN_JAL, 0, 0, 0, 2097148}},
    {0xb2008000, {TG_INSN_JALR, 0, 1, 0, 0}},
    {0xc0a00060, {TG_INSN_INB, 10, 0, 0, 96}},
    {0xccaf8001, {TG_INSN_OUTW, 10, 31, 0, 1}},
};

static bool is_same(struct tg_insn a, struct tg_insn b)
{
    return a.id == b.id && a.rd == b.rd && a.ra == b.ra && a.rb == b.rb && a.imm == b.imm;
}

/* rules: ENC-1, ENC-4. Legal as the manual says it, without the decoder: one row fits all bits. */
static enum tg_insn_id find_row(uint32_t word)
{
    for (int i = TG_INSN_ILLEGAL + 1; i < TG_INSN_COUNT; i++) {
        const struct tg_insn_info *info = tg_insn_info((enum tg_insn_id)i);
        bool has_creg = tg_format_info(info->format)->fields >> TG_FIELD_CREG & 1;

        if ((word & info->mask) == info->match && (!has_creg || tg_creg_info(word & 255)))
            return (enum tg_insn_id)i;
    }
    return TG_INSN_ILLEGAL;
}

/* Decoded as the tables say, and the same word again when encoded; or illegal and empty. Called for
 * millions of words, so the assertions of Check, which are slow, are kept for what fails. */
static void check_word(uint32_t word)
{
    struct tg_insn insn = tg_decode(word);
    uint32_t again = ~word;

    if (insn.id != find_row(word))
        ck_abort_msg("0x%08x decodes as %d", word, insn.id);
    if (insn.id == TG_INSN_ILLEGAL) {
        if (!is_same(insn, (struct tg_insn){0}) || tg_encode(&insn, &again))
            ck_abort_msg("illegal 0x%08x has operands, or encodes", word);
    } else if (!tg_encode(&insn, &again) || again != word) {
        ck_abort_msg("0x%08x encodes as 0x%08x", word, again);
    }
}

/* rules: ENC-3 */
START_TEST(words_from_the_manual_decode_and_encode)
{
    for (size_t i = 0; i < COUNT(by_hand); i++) {
        uint32_t word = 0;

        ck_assert_msg(is_same(tg_decode(by_hand[i].word), by_hand[i].insn), "decode 0x%08x",
                      by_hand[i].word);
        ck_assert_msg(tg_encode(&by_hand[i].insn, &word), "encode 0x%08x", by_hand[i].word);
        ck_assert_uint_eq(word, by_hand[i].word);
    }
}
END_TEST

/* Every row with every field at its edges, and at random values between. */
START_TEST(every_legal_form_round_trips)
{
    static const uint32_t edges[] = {0,          UINT32_MAX, 0x55555555, 0xaaaaaaaa, 1,
                                     0x00084210, 0x01f00000, 0x000f8000, 0x00007c00, 0x00007fff,
                                     0x00004000, 0x00003fff, 0x00080000, 0x0007ffff, 0x000000ff,
                                     0x0000001f, 0x00000010};
    uint32_t state = 2463534242;

    for (int i = TG_INSN_ILLEGAL + 1; i < TG_INSN_COUNT; i++) {
        const struct tg_insn_info *info = tg_insn_info((enum tg_insn_id)i);

        for (size_t a = 0; a < COUNT(edges); a++)
            for (size_t b = 0; b < COUNT(edges); b++)
                check_word(info->match | ((edges[a] ^ edges[b]) & ~info->mask));
        for (int k = 0; k < 20000; k++)
            check_word(info->match | (random_word(&state) & ~info->mask));
    }
}
END_TEST

START_TEST(random_words_are_legal_or_empty)
{
    uint32_t state = 88172645;
    int legal = 0;

    for (int k = 0; k < 3000000; k++) {
        uint32_t word = random_word(&state);

        check_word(word);
        legal += tg_decode(word).id != TG_INSN_ILLEGAL;
    }
    ck_assert_int_gt(legal, 100000);
}
END_TEST

/* rules: ENC-1 */
START_TEST(each_bit_outside_the_fields_is_illegal)
{
    for (int i = TG_INSN_ILLEGAL + 1; i < TG_INSN_COUNT; i++) {
        const struct tg_insn_info *info = tg_insn_info((enum tg_insn_id)i);
        uint32_t outside = ~tg_format_info(info->format)->fields_mask;

        ck_assert_msg(tg_decode(info->match).id == (enum tg_insn_id)i, "%s", info->mnemonic);
        for (int bit = 0; bit < 32; bit++)
            if (outside >> bit & 1)
                ck_assert_msg(tg_decode(info->match | UINT32_C(1) << bit).id == TG_INSN_ILLEGAL,
                              "%s with bit %d set", info->mnemonic, bit);
    }
}
END_TEST

/* rules: ENC-2 */
START_TEST(first_and_last_operation_are_illegal)
{
    uint32_t state = 7;

    ck_assert_int_eq(tg_decode(0).id, TG_INSN_ILLEGAL);
    ck_assert_int_eq(tg_decode(UINT32_MAX).id, TG_INSN_ILLEGAL);
    for (int k = 0; k < 100000; k++) {
        uint32_t rest = random_word(&state) & 0x01ffffff;

        ck_assert_int_eq(tg_decode(rest).id, TG_INSN_ILLEGAL);
        ck_assert_int_eq(tg_decode(0xfe000000 | rest).id, TG_INSN_ILLEGAL);
    }
}
END_TEST

/* rules: ENC-4 */
START_TEST(unknown_control_registers_are_illegal)
{
    static const enum tg_insn_id ids[] = {TG_INSN_RDCR, TG_INSN_WRCR, TG_INSN_SWCR};

    for (size_t i = 0; i < COUNT(ids); i++)
        for (int32_t number = 0; number < 256; number++) {
            uint32_t word = tg_insn_info(ids[i])->match | (uint32_t)number;
            bool exists = tg_creg_info((uint32_t)number) != NULL;

            ck_assert_int_eq(tg_decode(word).id == ids[i], exists);
            ck_assert_uint_eq(tg_word_i(ids[i], 0, 0, number), exists ? word : 0);
        }
}
END_TEST

START_TEST(encode_refuses_what_does_not_fit)
{
    static const struct tg_insn wrong[] = {
        {TG_INSN_ILLEGAL, 0, 0, 0, 0},      {TG_INSN_COUNT, 0, 0, 0, 0},
        {TG_INSN_ADD, 32, 0, 0, 0},         {TG_INSN_ADD, 0, 255, 0, 0},
        {TG_INSN_ADD, 0, 0, 32, 0},         {TG_INSN_ADD, 0, 0, 0, 1},
        {TG_INSN_LR_W, 0, 0, 1, 0},         {TG_INSN_ADDI, 0, 0, 1, 0},
        {TG_INSN_ADDI, 0, 0, 0, 16384},     {TG_INSN_ADDI, 0, 0, 0, -16385},
        {TG_INSN_SW, 0, 0, 0, INT32_MIN},   {TG_INSN_SLLI, 0, 0, 0, 32},
        {TG_INSN_SLLI, 0, 0, 0, -1},        {TG_INSN_BEQ, 0, 0, 0, 2},
        {TG_INSN_BEQ, 0, 0, 0, 1},          {TG_INSN_BEQ, 0, 0, 0, -65540},
        {TG_INSN_BEQ, 0, 0, 0, 65536},      {TG_INSN_JAL, 0, 1, 0, 0},
        {TG_INSN_JAL, 0, 0, 0, 2097152},    {TG_INSN_JAL, 0, 0, 0, -2097156},
        {TG_INSN_JAL, 0, 0, 0, 6},          {TG_INSN_LUI, 0, 0, 0, 1},
        {TG_INSN_LUI, 0, 0, 0, 0x7fffffff}, {TG_INSN_LUI, 0, 1, 0, 0},
        {TG_INSN_RDCR, 0, 1, 0, TG_CR_CPU}, {TG_INSN_RDCR, 0, 0, 0, 256},
        {TG_INSN_RDCR, 0, 0, 0, -1},        {TG_INSN_WRCR, 1, 0, 0, TG_CR_CPU},
        {TG_INSN_TRAP, 0, 0, 0, 256},       {TG_INSN_TRAP, 0, 0, 0, -1},
        {TG_INSN_TRAP, 1, 0, 0, 0},         {TG_INSN_CLI, 1, 1, 0, 0},
        {TG_INSN_TLBINV, 1, 0, 0, 0},       {TG_INSN_IRET, 0, 0, 0, 1},
        {TG_INSN_FENCE, 0, 0, 1, 0},
    };

    for (size_t i = 0; i < COUNT(wrong); i++) {
        uint32_t word = 0xdeadbeef;

        ck_assert_msg(!tg_encode(&wrong[i], &word), "row %zu encodes as 0x%08x", i, word);
        ck_assert_uint_eq(word, 0xdeadbeef);
    }
}
END_TEST

START_TEST(shorthands_build_words_or_give_zero)
{
    ck_assert_uint_eq(tg_word_r(TG_INSN_SUB, 10, 11, 12), 0x20a5b001);
    ck_assert_uint_eq(tg_word_r(TG_INSN_TLBINV, 0, 2, 3), 0x0e010c00);
    ck_assert_uint_eq(tg_word_i(TG_INSN_SW, 10, 2, 8), 0x84a10008);
    ck_assert_uint_eq(tg_word_i(TG_INSN_IRET, 0, 0, 0), 0x04000000);
    ck_assert_uint_eq(tg_word_r(TG_INSN_SUB, 256, 0, 0), 0);
    ck_assert_uint_eq(tg_word_r(TG_INSN_SUB, 0, 256 + 31, 0), 0);
    ck_assert_uint_eq(tg_word_r(TG_INSN_SUB, 0, 0, UINT32_MAX), 0);
    ck_assert_uint_eq(tg_word_r(TG_INSN_ADDI, 0, 0, 1), 0);
    ck_assert_uint_eq(tg_word_i(TG_INSN_ADDI, 256, 0, 0), 0);
    ck_assert_uint_eq(tg_word_i(TG_INSN_ADD, 1, 2, 3), 0);
    ck_assert_uint_eq(tg_word_i(TG_INSN_ILLEGAL, 0, 0, 0), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("isa decode");
    TCase *cases = tcase_create("decode");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, cases);
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, words_from_the_manual_decode_and_encode);
    tcase_add_test(cases, every_legal_form_round_trips);
    tcase_add_test(cases, random_words_are_legal_or_empty);
    tcase_add_test(cases, each_bit_outside_the_fields_is_illegal);
    tcase_add_test(cases, first_and_last_operation_are_illegal);
    tcase_add_test(cases, unknown_control_registers_are_illegal);
    tcase_add_test(cases, encode_refuses_what_does_not_fit);
    tcase_add_test(cases, shorthands_build_words_or_give_zero);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
