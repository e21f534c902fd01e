/* Tests of values: numbers, operators, symbols, and the relocations of what only a linker knows
 * (docs/toolchain.md section 2, docs/object-format.md). */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"

/* --- Numbers ------------------------------------------------------------------------------------
 */

static const struct {
    const char *text;
    int64_t value;
} numbers[] = {
    {"0", 0},
    {"10", 10},
    {"0x1F", 31},
    {"017", 15},
    {"0b101", 5},
    {"'a'", 97},
    {"'\\n'", 10},
    {"'\\''", 39},
    {"'#'", 35},
    {"';'", 59},
    {"0xffffffffffffffff", -1},
    {"-5", -5},
    {"~0", -1},
    {"!3", 0},
    {"!!3", 1},
    {"+ - 2", -2},
    {"2 + 3 * 4", 14},
    {"(2 + 3) * 4", 20},
    {"10 - 3 - 2", 5},
    {"7 / 2", 3},
    {"-7 / 2", -3},
    {"-7 % 3", -1},
    {"(1 << 63) / -1", INT64_MIN},
    {"(1 << 63) % -1", 0},
    {"1 << 4 + 1", 32},
    {"-16 >> 2", -4},
    {"1 | 6 ^ 3 & 2", 5},
    {"1 < 2", 1},
    {"2 <= 1", 0},
    {"3 > 2 == 1", 1},
    {"3 >= 4", 0},
    {"1 == 1 && 2 != 2 || 1", 1},
    {"0 || 0", 0},
    {"2 && 3", 1},
    {"GATE_PRESENT", 0x8000},
    {"CAUSE_PAGE", 5},
    {"PORT_DEBUG_CHARACTER", 0x10},
    {"KEYBOARD_STATUS_QUEUED", 0x1ff0000},
    {"KEYBOARD_STATUS_QUEUED_SHIFT", 16},
};

START_TEST(operators_are_those_of_c)
{
    char source[200];
    struct tg_obj *obj;
    const uint8_t *bytes;

    snprintf(source, sizeof source, ".quad %s\n", numbers[_i].text);
    obj = assembled(source);
    bytes = section_named(obj, ".text")->bytes;
    ck_assert_msg((int64_t)(tg_get_word(bytes) | (uint64_t)tg_get_word(bytes + 4) << 32) ==
                      numbers[_i].value,
                  "%s gave %08" PRIx32 "%08" PRIx32, numbers[_i].text, tg_get_word(bytes + 4),
                  tg_get_word(bytes));
    tg_obj_destroy(obj);
}
END_TEST

/* The first word of .data. */
static uint32_t word_of(const char *source)
{
    struct tg_obj *obj = assembled(source);
    uint32_t word = tg_get_word(section_named(obj, ".data")->bytes);

    ck_assert_uint_eq(section_named(obj, ".data")->reloc_count, 0);
    tg_obj_destroy(obj);
    return word;
}

START_TEST(distances_are_known_when_all_has_settled)
{
    ck_assert_uint_eq(word_of(".data\n.word b - a\na: .space 5\nb:\n"), 5);
    ck_assert_uint_eq(word_of(".data\n.word b - a, 0\na: .balign 32\nb:\n"), 24);
    ck_assert_uint_eq(word_of(".data\n.word b - a\n.text\na: call x\nb:\n"), 8);
}
END_TEST

START_TEST(constants_may_be_defined_later)
{
    ck_assert_uint_eq(word_of(".data\n.word a\n.equ a, b + 1\n.equ b, 6\n"), 7);
    ck_assert_uint_eq(word_of(".data\na = 1\n.word a\na = 2\n.word a\n"), 1);
    ck_assert_uint_eq(word_of(".data\n.byte x, x, x, x\nx = 3\n"), 0x03030303);
}
END_TEST

START_TEST(numeric_labels_are_the_nearest)
{
    struct tg_obj *obj = assembled("1: j 1f\nj 1b\n1: j 1b\nj 1f\n1: nop\n");

    ck_assert_int_eq(insn_at(obj, 0).imm, 8);
    ck_assert_int_eq(insn_at(obj, 4).imm, -4);
    ck_assert_int_eq(insn_at(obj, 8).imm, 0);
    ck_assert_int_eq(insn_at(obj, 12).imm, 4);
    tg_obj_destroy(obj);
}
END_TEST

/* --- Relocations --------------------------------------------------------------------------------
 */

static const struct {
    const char *source; /* its first relocations are looked at, in the section named */
    const char *section;
    struct {
        uint32_t offset;
        enum tg_reloc_kind kind;
        const char *symbol; /* a section's name for its symbol */
        int32_t addend;
    } relocs[3];
} rows[] = {
    {".data\n.word x\n", ".data", {{0, TG_R_32, "x", 0}}},
    {".data\n.half x + 3\n", ".data", {{0, TG_R_16, "x", 3}}},
    {".data\n.byte x - 1\n", ".data", {{0, TG_R_8, "x", -1}}},
    {".data\nnop: .word 0, nop + 4\n", ".data", {{4, TG_R_32, ".data", 4}}},
    {".data\n.globl g\ng: .word g + 4\n", ".data", {{0, TG_R_32, "g", 4}}},
    {".data\n.word 0, x - .\n", ".data", {{4, TG_R_32_PCREL, "x", 0}}},
    {".data\na: .word 0, x - a\n", ".data", {{4, TG_R_32_PCREL, "x", 4}}},
    {".data\n.word x - y\n", ".data", {{0, TG_R_ADD32, "x", 0}, {0, TG_R_SUB32, "y", 0}}},
    {".data\n.half x - y + 2\n", ".data", {{0, TG_R_ADD16, "x", 2}, {0, TG_R_SUB16, "y", 0}}},
    {".data\n.byte x - y\n", ".data", {{0, TG_R_ADD8, "x", 0}, {0, TG_R_SUB8, "y", 0}}},
    {"lui a0, %hi(x + 8)\naddi a0, a0, %lo(x + 8)\nsw a1, %lo(x)(a0)\n",
     ".text",
     {{0, TG_R_HI20, "x", 8}, {4, TG_R_LO12, "x", 8}, {8, TG_R_LO12, "x", 0}}},
    {"lui a0, %tprel_hi(x)\nlw a0, %tprel_lo(x)(a0)\n",
     ".text",
     {{0, TG_R_TPREL_HI20, "x", 0}, {4, TG_R_TPREL_LO12, "x", 0}}},
    {"nop\nla a0, x + 4\n",
     ".text",
     {{4, TG_R_PCREL_HI20, "x", 4}, {8, TG_R_PCREL_LO12, ".text", 4}}},
    {"1: auipc a0, %pcrel_hi(x)\nnop\nlw a0, %pcrel_lo(1b)(a0)\n",
     ".text",
     {{0, TG_R_PCREL_HI20, "x", 0}, {8, TG_R_PCREL_LO12, ".text", 0}}},
    {"lw a0, x\nsw a0, y, t0\n",
     ".text",
     {{0, TG_R_PCREL_HI20, "x", 0},
      {4, TG_R_PCREL_LO12, ".text", 0},
      {8, TG_R_PCREL_HI20, "y", 0}}},
    {"lw a0, x(zero)\nli a1, x\n",
     ".text",
     {{0, TG_R_IMM15, "x", 0}, {4, TG_R_HI20, "x", 0}, {8, TG_R_LO12, "x", 0}}},
    {"beq a0, a1, 0x1000\nj 0x1000\n",
     ".text",
     {{0, TG_R_BRANCH, "", 0x1000}, {4, TG_R_JAL, "", 0x1000}}},
    {"beq a0, a1, x\njal t0, x\ncall x\n",
     ".text",
     {{4, TG_R_JAL, "x", 0}, {8, TG_R_JAL, "x", 0}, {12, TG_R_CALL, "x", 0}}},
};

START_TEST(what_is_not_known_is_relocated)
{
    struct tg_obj *obj = assembled(rows[_i].source);
    const struct tg_obj_section *section = section_named(obj, rows[_i].section);
    size_t count = 0;

    for (; count < 3 && rows[_i].relocs[count].symbol; count++) {
        const struct tg_obj_reloc *reloc = &section->relocs[count];
        const struct tg_obj_symbol *symbol;

        ck_assert_msg(count < section->reloc_count, "too few relocations in\n%s", rows[_i].source);
        symbol = &obj->symbols[reloc->symbol];
        ck_assert_str_eq(tg_reloc_info(reloc->kind)->name,
                         tg_reloc_info(rows[_i].relocs[count].kind)->name);
        ck_assert_uint_eq(reloc->offset, rows[_i].relocs[count].offset);
        ck_assert_int_eq(reloc->addend, rows[_i].relocs[count].addend);
        ck_assert_str_eq(symbol->type == STT_SECTION ? obj->sections[symbol->section].name
                                                     : symbol->name,
                         rows[_i].relocs[count].symbol);
    }
    if (count < 3)
        ck_assert_uint_eq(section->reloc_count, count);
    tg_obj_destroy(obj);
}
END_TEST

START_TEST(addresses_in_one_section_need_no_linker)
{
    struct tg_obj *obj = assembled("la a0, t\nlw a1, t\n1: auipc a2, %pcrel_hi(t)\n"
                                   "addi a2, a2, %pcrel_lo(1b)\nnop\nt: .word 1\n");

    ck_assert_uint_eq(section_named(obj, ".text")->reloc_count, 0);
    for (uint32_t at = 0; at < 24; at += 8)
        ck_assert_uint_eq(at + (uint32_t)insn_at(obj, at).imm + (uint32_t)insn_at(obj, at + 4).imm,
                          28);
    tg_obj_destroy(obj);
}
END_TEST

/* --- Symbols ------------------------------------------------------------------------------------
 */

START_TEST(symbols_are_as_declared)
{
    struct tg_obj *obj =
        assembled(".globl f, five\n.weak w\n.type f, @function\nf: ret\n.size f, . - f\n.hidden f\n"
                  ".Lprivate: nop\nlocal: j local\nj .Lprivate\n.equ five, 5\ncall u\ncall w\n"
                  ".comm c, 12, 4\n.lcomm l, 8, 8\nla a0, l\n");
    const struct tg_obj_symbol *f = symbol_named(obj, "f");

    ck_assert_uint_eq(f->binding, STB_GLOBAL);
    ck_assert_uint_eq(f->type, STT_FUNC);
    ck_assert_uint_eq(f->size_bytes, 4);
    ck_assert_uint_eq(f->visibility, STV_HIDDEN);
    ck_assert_ptr_null(symbol_named(obj, ".Lprivate"));
    ck_assert_uint_eq(symbol_named(obj, "local")->binding, STB_LOCAL);
    ck_assert_uint_eq(symbol_named(obj, "five")->section, TG_OBJ_ABSOLUTE);
    ck_assert_uint_eq(symbol_named(obj, "five")->value, 5);
    ck_assert_uint_eq(symbol_named(obj, "u")->section, TG_OBJ_UNDEFINED);
    ck_assert_uint_eq(symbol_named(obj, "u")->binding, STB_GLOBAL);
    ck_assert_uint_eq(symbol_named(obj, "w")->binding, STB_WEAK);
    ck_assert_uint_eq(symbol_named(obj, "c")->section, TG_OBJ_COMMON);
    ck_assert_uint_eq(symbol_named(obj, "c")->size_bytes, 12);
    ck_assert_uint_eq(section_named(obj, ".bss")->size_bytes, 8);
    ck_assert_uint_eq(section_named(obj, ".bss")->align, 8);
    ck_assert_uint_eq(symbol_named(obj, "test.s")->type, STT_FILE);
    ck_assert_ptr_null(symbol_named(obj, "STATUS_IE"));
    tg_obj_destroy(obj);
}
END_TEST

START_TEST(sections_are_as_declared)
{
    struct tg_obj *obj = assembled(
        ".section .rodata.s, \"aMS\", @progbits, 1\n.asciz \"x\"\n.section .text.f\nret\n"
        ".section .mine, \"aw\", @nobits\n.space 7\n.previous\nret\n.pushsection .data\n.byte 1\n"
        ".popsection\nret\n");

    ck_assert_uint_eq(section_named(obj, ".rodata.s")->flags, SHF_ALLOC | SHF_MERGE | SHF_STRINGS);
    ck_assert_uint_eq(section_named(obj, ".rodata.s")->entry_bytes, 1);
    ck_assert_uint_eq(section_named(obj, ".text.f")->flags, SHF_ALLOC | SHF_EXECINSTR);
    ck_assert_uint_eq(section_named(obj, ".text.f")->size_bytes, 12);
    ck_assert_uint_eq(section_named(obj, ".mine")->type, SHT_NOBITS);
    ck_assert_uint_eq(section_named(obj, ".data")->size_bytes, 1);
    tg_obj_destroy(obj);
}
END_TEST

START_TEST(names_of_control_registers_are_free_for_symbols)
{
    struct tg_obj *obj = assembled("time: rdcr a0, time\nj time\nla a1, cpu\n");

    ck_assert_int_eq(insn_at(obj, 0).imm, TG_CR_TIME);
    ck_assert_int_eq(insn_at(obj, 4).imm, -4);
    ck_assert_ptr_nonnull(symbol_named(obj, "cpu"));
    tg_obj_destroy(obj);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("assembler expressions");
    TCase *cases = tcase_create("expressions");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, cases);
    tcase_add_loop_test(cases, operators_are_those_of_c, 0, sizeof numbers / sizeof numbers[0]);
    tcase_add_test(cases, distances_are_known_when_all_has_settled);
    tcase_add_test(cases, constants_may_be_defined_later);
    tcase_add_test(cases, numeric_labels_are_the_nearest);
    tcase_add_loop_test(cases, what_is_not_known_is_relocated, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(cases, addresses_in_one_section_need_no_linker);
    tcase_add_test(cases, symbols_are_as_declared);
    tcase_add_test(cases, sections_are_as_declared);
    tcase_add_test(cases, names_of_control_registers_are_free_for_symbols);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
