/* Tests that each instruction of the tables is assembled to the word that it was disassembled from,
 * and of what branches and pseudo-instructions become (docs/toolchain.md section 2). */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa/random.h"
#include "source.h"

/* --- Every instruction --------------------------------------------------------------------------
 */

enum { WORDS_EACH = 40 };

static uint32_t random_operands(enum tg_insn_id id, uint32_t *random)
{
    const struct tg_insn_info *info = tg_insn_info(id);
    uint32_t word;

    do
        word = info->match | (random_word(random) & ~info->mask);
    while (tg_decode(word).id != id); /* a control register that does not exist */
    return word;
}

/* Does what a linker at address 0 does with targets that are numbers. */
static void link_numbers(struct tg_obj_section *text)
{
    for (size_t i = 0; i < text->reloc_count; i++) {
        const struct tg_obj_reloc *reloc = &text->relocs[i];
        const struct tg_reloc_info *info = tg_reloc_info(reloc->kind);
        struct tg_reloc_inputs inputs = {.addend = (uint32_t)reloc->addend, .place = reloc->offset};

        ck_assert_uint_eq(reloc->symbol, 0);
        ck_assert_int_eq(
            tg_reloc_apply(info, tg_reloc_calculate(info, &inputs), text->bytes + reloc->offset),
            TG_RELOC_OK);
    }
}

START_TEST(every_instruction_is_read_back)
{
    uint32_t random = (uint32_t)_i, words[WORDS_EACH];
    char source[WORDS_EACH * (TG_DISASSEMBLY_BYTES + 1)] = "", *end = source;
    struct tg_obj_section *text;
    struct tg_obj *obj;

    for (uint32_t i = 0; i < WORDS_EACH; i++) {
        words[i] = random_operands((enum tg_insn_id)_i, &random);
        tg_disassemble(words[i], 4 * i, end);
        end += strlen(end);
        *end++ = '\n';
        *end = '\0';
    }
    obj = assembled(source);
    text = (struct tg_obj_section *)(uintptr_t)section_named(obj, ".text");
    ck_assert_uint_eq(text->size_bytes, 4 * WORDS_EACH);
    link_numbers(text);
    for (uint32_t i = 0; i < WORDS_EACH; i++)
        ck_assert_msg(tg_get_word(text->bytes + 4 * i) == words[i],
                      "word %08" PRIx32 " became %08" PRIx32 " in\n%s", words[i],
                      tg_get_word(text->bytes + 4 * i), source);
    tg_obj_destroy(obj);
}
END_TEST

/* --- Branches -----------------------------------------------------------------------------------
 */

/* A conditional branch over count bytes of room, and what the first words became. */
static struct tg_obj *branch_over(const char *insn, uint32_t count)
{
    char source[200];

    snprintf(source, sizeof source, "%s far\n.space %" PRIu32 "\nfar: nop\n", insn, count);
    return assembled(source);
}

START_TEST(a_branch_that_reaches_stays)
{
    struct tg_obj *obj = branch_over("beq a0, a1,", 65528);

    ck_assert_int_eq(insn_at(obj, 0).id, TG_INSN_BEQ);
    ck_assert_int_eq(insn_at(obj, 0).imm, 65532);
    ck_assert_uint_eq(section_named(obj, ".text")->reloc_count, 0);
    tg_obj_destroy(obj);
}
END_TEST

START_TEST(a_branch_that_does_not_reach_is_turned_round)
{
    static const struct {
        const char *text;
        enum tg_insn_id opposite;
    } rows[] = {{"beq a0, a1,", TG_INSN_BNE},   {"bne a0, a1,", TG_INSN_BEQ},
                {"blt a0, a1,", TG_INSN_BGE},   {"bge a0, a1,", TG_INSN_BLT},
                {"bltu a0, a1,", TG_INSN_BGEU}, {"bgeu a0, a1,", TG_INSN_BLTU}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tg_obj *obj = branch_over(rows[i].text, 65532);
        struct tg_insn first = insn_at(obj, 0), second = insn_at(obj, 4);

        ck_assert_int_eq(first.id, rows[i].opposite);
        ck_assert_int_eq(first.rd, 10);
        ck_assert_int_eq(first.ra, 11);
        ck_assert_int_eq(first.imm, 8);
        ck_assert_int_eq(second.id, TG_INSN_JAL);
        ck_assert_int_eq(second.rd, 0);
        ck_assert_int_eq(second.imm, 65532 + 4);
        tg_obj_destroy(obj);
    }
}
END_TEST

START_TEST(growing_of_one_branch_can_make_another_grow)
{
    /* The outer one reaches exactly, until the inner one is longer. */
    struct tg_obj *obj =
        assembled("beq a0, a1, out\nbne a0, a1, outside\n.space 65524\nout: nop\n");

    ck_assert_int_eq(insn_at(obj, 0).id, TG_INSN_BNE);
    ck_assert_int_eq(insn_at(obj, 4).imm, 65524 + 4 + 8);
    tg_obj_destroy(obj);
}
END_TEST

START_TEST(backward_branches_reach_as_far)
{
    struct tg_obj *obj = assembled("x: .space 65536\nbeq a0, a1, x\n");

    ck_assert_int_eq(insn_at(obj, 65536).id, TG_INSN_BEQ);
    ck_assert_int_eq(insn_at(obj, 65536).imm, -65536);
    tg_obj_destroy(obj);
    obj = assembled("x: .space 65540\nbeq a0, a1, x\n");
    ck_assert_int_eq(insn_at(obj, 65540).id, TG_INSN_BNE);
    ck_assert_int_eq(insn_at(obj, 65544).imm, -65544);
    tg_obj_destroy(obj);
}
END_TEST

START_TEST(calls_are_short_where_they_reach)
{
    struct tg_obj *obj = assembled("call near\ntail near\nnear: call outside\ntail outside\n");
    const struct tg_obj_section *text = section_named(obj, ".text");

    ck_assert_int_eq(insn_at(obj, 0).id, TG_INSN_JAL);
    ck_assert_int_eq(insn_at(obj, 0).rd, 1);
    ck_assert_int_eq(insn_at(obj, 0).imm, 8);
    ck_assert_int_eq(insn_at(obj, 4).rd, 0);
    ck_assert_int_eq(insn_at(obj, 8).id, TG_INSN_AUIPC);
    ck_assert_int_eq(insn_at(obj, 8).rd, 1);
    ck_assert_int_eq(insn_at(obj, 12).id, TG_INSN_JALR);
    ck_assert_int_eq(insn_at(obj, 16).rd, 6);
    ck_assert_int_eq(insn_at(obj, 20).rd, 0);
    ck_assert_int_eq(insn_at(obj, 20).ra, 6);
    ck_assert_uint_eq(text->reloc_count, 2);
    ck_assert_uint_eq(text->relocs[0].kind, TG_R_CALL);
    ck_assert_uint_eq(text->relocs[1].offset, 16);
    tg_obj_destroy(obj);
}
END_TEST

START_TEST(far_calls_in_a_section_are_pairs)
{
    struct tg_obj *obj = assembled("call far\njal far\njal t0, far\n.space 3000000\nfar: nop\n");
    uint32_t far = 24 + 3000000;

    for (uint32_t at = 0; at < 24; at += 8) {
        struct tg_insn first = insn_at(obj, at), second = insn_at(obj, at + 4);

        ck_assert_int_eq(first.id, TG_INSN_AUIPC);
        ck_assert_int_eq(second.id, TG_INSN_JALR);
        ck_assert_int_eq(first.rd, at == 16 ? 5 : 1);
        ck_assert_int_eq(second.ra, first.rd);
        ck_assert_int_eq(second.rd, first.rd);
        ck_assert_uint_eq(at + (uint32_t)first.imm + (uint32_t)second.imm, far);
    }
    ck_assert_uint_eq(section_named(obj, ".text")->reloc_count, 0);
    tg_obj_destroy(obj);
}
END_TEST

START_TEST(a_weak_label_may_be_replaced)
{
    struct tg_obj *obj = assembled(".weak w\ncall w\nla a0, w\nw: ret\n");
    const struct tg_obj_section *text = section_named(obj, ".text");

    ck_assert_uint_eq(text->reloc_count, 3);
    ck_assert_uint_eq(text->relocs[0].kind, TG_R_CALL);
    ck_assert_str_eq(obj->symbols[text->relocs[0].symbol].name, "w");
    ck_assert_uint_eq(text->relocs[1].kind, TG_R_PCREL_HI20);
    ck_assert_uint_eq(text->relocs[2].kind, TG_R_PCREL_LO12);
    tg_obj_destroy(obj);
}
END_TEST

START_TEST(labels_count_what_has_grown)
{
    struct tg_obj *obj = assembled("beq a0, a1, outside\na: .balign 16\nb: nop\n.globl a, b\n"
                                   "c: .space c - b\nd: .globl c, d\n");

    ck_assert_uint_eq(symbol_named(obj, "a")->value, 8);
    ck_assert_uint_eq(symbol_named(obj, "b")->value, 16);
    ck_assert_uint_eq(symbol_named(obj, "c")->value, 20);
    ck_assert_uint_eq(symbol_named(obj, "d")->value, 24);
    tg_obj_destroy(obj);
}
END_TEST

START_TEST(padding_in_code_does_nothing)
{
    struct tg_obj *obj = assembled(".byte 1\n.balign 16\nret\n");

    ck_assert_uint_eq(tg_get_word(section_named(obj, ".text")->bytes), 1);
    for (uint32_t at = 4; at < 16; at += 4) {
        ck_assert_int_eq(insn_at(obj, at).id, TG_INSN_ADDI);
        ck_assert_int_eq(insn_at(obj, at).rd, 0);
    }
    ck_assert_int_eq(insn_at(obj, 16).id, TG_INSN_JALR);
    tg_obj_destroy(obj);
}
END_TEST

/* --- li -----------------------------------------------------------------------------------------
 */

/* What register a0 holds after the instructions that li became. */
static uint32_t run_li(const struct tg_obj *obj, uint32_t *ret_count)
{
    uint32_t value = 0;

    *ret_count = section_named(obj, ".text")->size_bytes / 4;
    for (uint32_t i = 0; i < *ret_count; i++) {
        struct tg_insn insn = insn_at(obj, 4 * i);

        ck_assert_int_eq(insn.rd, 10);
        ck_assert(insn.id == TG_INSN_LUI || insn.id == TG_INSN_ADDI);
        if (insn.id == TG_INSN_ADDI)
            ck_assert_int_eq(insn.ra, i == 0 ? 0 : 10);
        value = (uint32_t)insn.imm + (insn.id == TG_INSN_ADDI ? value : 0);
    }
    return value;
}

START_TEST(li_gives_any_value)
{
    static const struct {
        int64_t value;
        uint32_t count;
    } rows[] = {{0, 1},          {1, 1},          {-1, 1},         {16383, 1},
                {-16384, 1},     {16384, 1},      {-16385, 2},     {0x12345678, 2},
                {0x12345000, 1}, {0x7fffffff, 2}, {0x80000000, 1}, {0xffffffff, 1},
                {0xfffff800, 1}, {0x7ffff800, 2}, {INT32_MIN, 1},  {0x4800, 2}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char source[64];
        struct tg_obj *obj;
        uint32_t count;

        snprintf(source, sizeof source, "li a0, %" PRId64 "\n", rows[i].value);
        obj = assembled(source);
        ck_assert_uint_eq(run_li(obj, &count), (uint32_t)rows[i].value);
        ck_assert_uint_eq(count, rows[i].count);
        tg_obj_destroy(obj);
    }
}
END_TEST

START_TEST(li_of_a_later_constant_is_a_pair)
{
    struct tg_obj *obj = assembled("li a0, later\n.equ later, 0x1fff\n");
    uint32_t count;

    ck_assert_uint_eq(run_li(obj, &count), 0x1fff);
    ck_assert_uint_eq(count, 2);
    ck_assert_uint_eq(section_named(obj, ".text")->reloc_count, 0);
    tg_obj_destroy(obj);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("assembler instructions");
    TCase *cases = tcase_create("instructions");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, cases);
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, every_instruction_is_read_back, TG_INSN_ILLEGAL + 1, TG_INSN_COUNT);
    tcase_add_test(cases, a_branch_that_reaches_stays);
    tcase_add_test(cases, a_branch_that_does_not_reach_is_turned_round);
    tcase_add_test(cases, growing_of_one_branch_can_make_another_grow);
    tcase_add_test(cases, backward_branches_reach_as_far);
    tcase_add_test(cases, calls_are_short_where_they_reach);
    tcase_add_test(cases, far_calls_in_a_section_are_pairs);
    tcase_add_test(cases, a_weak_label_may_be_replaced);
    tcase_add_test(cases, labels_count_what_has_grown);
    tcase_add_test(cases, padding_in_code_does_nothing);
    tcase_add_test(cases, li_gives_any_value);
    tcase_add_test(cases, li_of_a_later_constant_is_a_pair);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
