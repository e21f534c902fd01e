/* Tests of the tables and of the look-ups in them (emu/isa/names.c). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa/isa.h"

static enum tg_insn_id by_mnemonic(const char *name)
{
    return tg_insn_by_mnemonic(name, strlen(name));
}

static int by_register_name(const char *name)
{
    return tg_register_by_name(name, strlen(name));
}

static int by_creg_name(const char *name)
{
    return tg_creg_by_name(name, strlen(name));
}

START_TEST(fields_do_not_overlap_within_a_format)
{
    for (int f = 0; f < TG_FORMAT_COUNT; f++) {
        const struct tg_format_info *format = tg_format_info((enum tg_format)f);
        uint32_t seen = 0;

        ck_assert_msg(format->fields >> TG_FIELD_OP & 1, "format %s has no op", format->name);
        for (int i = 0; i < TG_FIELD_COUNT; i++) {
            const struct tg_field_info *field = tg_field_info((enum tg_field_id)i);

            ck_assert_uint_le(field->low, field->high);
            ck_assert_uint_le(field->high, 31);
            if (!(format->fields >> i & 1))
                continue;
            for (int bit = field->low; bit <= field->high; bit++) {
                ck_assert_msg(!(seen >> bit & 1), "format %s uses bit %d twice", format->name, bit);
                seen |= UINT32_C(1) << bit;
            }
        }
        ck_assert_uint_eq(seen, format->fields_mask);
    }
}
END_TEST

START_TEST(immediate_ranges_are_those_of_the_fields)
{
    static const struct {
        enum tg_format format;
        int32_t min, max;
        unsigned step;
    } expected[] = {
        {TG_FORMAT_R, 0, 0, 1},
        {TG_FORMAT_I, -16384, 16383, 1},
        {TG_FORMAT_H, 0, 31, 1},
        {TG_FORMAT_S, -16384, 16383, 1},
        {TG_FORMAT_B, -65536, 65532, 4},
        {TG_FORMAT_U, INT32_MIN, 0x7ffff000, 4096},
        {TG_FORMAT_J, -2097152, 2097148, 4},
        {TG_FORMAT_C, 0, 255, 1},
        {TG_FORMAT_T, 0, 255, 1},
    };

    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        const struct tg_format_info *format = tg_format_info(expected[i].format);

        ck_assert_int_eq(format->imm_min, expected[i].min);
        ck_assert_int_eq(format->imm_max, expected[i].max);
        ck_assert_uint_eq(1u << format->imm_shift, expected[i].step);
    }
}
END_TEST

START_TEST(no_two_rows_match_one_word)
{
    for (int i = TG_INSN_ILLEGAL + 1; i < TG_INSN_COUNT; i++)
        for (int j = i + 1; j < TG_INSN_COUNT; j++) {
            const struct tg_insn_info *a = tg_insn_info((enum tg_insn_id)i);
            const struct tg_insn_info *b = tg_insn_info((enum tg_insn_id)j);

            ck_assert_msg((a->match ^ b->match) & a->mask & b->mask, "a word can be both %s and %s",
                          a->mnemonic, b->mnemonic);
        }
}
END_TEST

START_TEST(rows_are_in_order_and_fit_their_fields)
{
    uint32_t last = 0;

    for (int i = TG_INSN_ILLEGAL + 1; i < TG_INSN_COUNT; i++) {
        const struct tg_insn_info *info = tg_insn_info((enum tg_insn_id)i);
        bool has_fn = tg_format_info(info->format)->fields >> TG_FIELD_FN & 1;
        uint32_t key = (uint32_t)info->op << 10 | info->fn;

        ck_assert_msg(key > last, "%s is out of order", info->mnemonic);
        ck_assert_msg(has_fn == (info->op >= 0x10 && info->op <= 0x1f),
                      "%s: op 0x10 to 0x1f and fn go together", info->mnemonic);
        ck_assert_uint_lt(info->fn, has_fn ? 1024 : 1);
        ck_assert_uint_lt(info->op, 0x7f);
        ck_assert_msg((info->match & ~info->mask) == 0, "%s: match outside mask", info->mnemonic);
        last = key;
    }
}
END_TEST

/* Each field that is not part of the choice is written by exactly one letter of the template. */
START_TEST(templates_name_each_operand_once)
{
    static const struct {
        char letter;
        enum tg_field_id field;
    } letters[] = {
        {'d', TG_FIELD_RD},    {'s', TG_FIELD_RD},    {'a', TG_FIELD_RA},
        {'b', TG_FIELD_RB},    {'i', TG_FIELD_IMM15}, {'h', TG_FIELD_SHAMT},
        {'u', TG_FIELD_IMM20}, {'c', TG_FIELD_CREG},  {'v', TG_FIELD_VEC},
    };

    for (int i = TG_INSN_ILLEGAL + 1; i < TG_INSN_COUNT; i++) {
        const struct tg_insn_info *info = tg_insn_info((enum tg_insn_id)i);
        const struct tg_format_info *format = tg_format_info(info->format);
        uint32_t named = 1 << TG_FIELD_OP | (format->fields & 1 << TG_FIELD_FN);

        for (const char *c = info->operands; *c; c++) {
            uint32_t field = *c == 't' ? UINT32_C(1) << format->imm_field : 0;

            for (size_t k = 0; k < sizeof(letters) / sizeof(letters[0]); k++)
                if (letters[k].letter == *c)
                    field = UINT32_C(1) << letters[k].field;
            ck_assert_msg(!(named & field), "%s: %c names a field again", info->mnemonic, *c);
            named |= field;
        }
        ck_assert_msg(named == format->fields, "%s: template and format differ", info->mnemonic);
    }
}
END_TEST

START_TEST(access_widths_belong_to_effects)
{
    for (int i = TG_INSN_ILLEGAL + 1; i < TG_INSN_COUNT; i++) {
        const struct tg_insn_info *info = tg_insn_info((enum tg_insn_id)i);
        bool has_access = info->effect == TG_EFFECT_LOAD || info->effect == TG_EFFECT_STORE ||
                          info->effect == TG_EFFECT_ATOMIC || info->effect == TG_EFFECT_PORT_IN ||
                          info->effect == TG_EFFECT_PORT_OUT;

        ck_assert_msg(has_access == (info->access_bytes != 0), "%s", info->mnemonic);
        ck_assert_msg(!has_access || info->access_bytes == 1 || info->access_bytes == 2 ||
                          info->access_bytes == 4,
                      "%s", info->mnemonic);
    }
}
END_TEST

START_TEST(mnemonics_are_found_and_unique)
{
    for (int i = TG_INSN_ILLEGAL + 1; i < TG_INSN_COUNT; i++)
        ck_assert_int_eq(by_mnemonic(tg_insn_info((enum tg_insn_id)i)->mnemonic), i);
    ck_assert_int_eq(by_mnemonic("amoadd.w"), TG_INSN_AMOADD_W);
    ck_assert_int_eq(tg_insn_by_mnemonic("addition", 3), TG_INSN_ADD);
    ck_assert_int_eq(by_mnemonic(""), TG_INSN_ILLEGAL);
    ck_assert_int_eq(by_mnemonic("ADD"), TG_INSN_ILLEGAL);
    ck_assert_int_eq(by_mnemonic("addition"), TG_INSN_ILLEGAL);
    ck_assert_int_eq(by_mnemonic("amoadd"), TG_INSN_ILLEGAL);
}
END_TEST

START_TEST(instructions_belong_to_groups)
{
    ck_assert_str_eq(tg_insn_group(TG_INSN_TRAP), "System");
    ck_assert_str_eq(tg_insn_group(TG_INSN_SWCR), "System");
    ck_assert_str_eq(tg_insn_group(TG_INSN_ADD), "Register arithmetic");
    ck_assert_str_eq(tg_insn_group(TG_INSN_JALR), "Branches and jumps");
    ck_assert_str_eq(tg_insn_group(TG_INSN_OUTW), "Ports");
}
END_TEST

START_TEST(registers_have_their_names)
{
    char name[16];

    for (uint32_t i = 0; i < 32; i++) {
        snprintf(name, sizeof(name), "x%u", i);
        ck_assert_int_eq(by_register_name(name), (int)i);
        ck_assert_int_eq(by_register_name(tg_register_name(i)), (int)i);
        ck_assert_ptr_nonnull(tg_register_role(i));
    }
    ck_assert_int_eq(by_register_name("fp"), 8);
    ck_assert_int_eq(by_register_name("sp"), 2);
    ck_assert_int_eq(by_register_name("a7"), 17);
    ck_assert_int_eq(by_register_name("t6"), 31);
    ck_assert_ptr_null(tg_register_name(32));
    ck_assert_ptr_null(tg_register_role(32));
}
END_TEST

START_TEST(other_words_are_no_register)
{
    static const char *const names[] = {"",   "x",    "x32", "x01",   "x00", "x1a", "x100",
                                        "X1", "zer0", "s12", "zero ", "a",   "x-1", "x4294967296"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        ck_assert_msg(by_register_name(names[i]) == -1, "'%s' is taken for a register", names[i]);
}
END_TEST

START_TEST(control_registers_are_found_by_number_and_name)
{
    int count = 0;

    for (uint32_t number = 0; number < 256; number++) {
        const struct tg_creg_info *info = tg_creg_info(number);

        if (!info)
            continue;
        count++;
        ck_assert_uint_eq(info->number, number);
        ck_assert_int_eq(by_creg_name(info->name), (int)number);
        ck_assert_int_eq(by_register_name(info->name), -1);
        ck_assert_msg(info->write_ring <= info->read_ring, "%s", info->name);
        ck_assert_msg((info->write_ring == TG_CREG_NEVER) == (info->writable == 0), "%s",
                      info->name);
    }
    ck_assert_int_eq(count, 17);
    ck_assert_str_eq(tg_creg_info(TG_CR_PTROOT)->name, "ptroot");
    ck_assert_int_eq(tg_creg_info(TG_CR_TIME)->write_ring, TG_CREG_NEVER);
    ck_assert_uint_eq(tg_creg_info(TG_CR_STATUS)->writable, TG_STATUS_VALID);
    ck_assert_ptr_null(tg_creg_info(0x09));
    ck_assert_ptr_null(tg_creg_info(0x14));
    ck_assert_ptr_null(tg_creg_info(UINT32_MAX));
    ck_assert_int_eq(by_creg_name("cr0"), -1);
}
END_TEST

START_TEST(causes_and_reasons_have_texts)
{
    ck_assert_str_eq(tg_cause_info(TG_CAUSE_PAGE)->name, "page");
    ck_assert_uint_eq(tg_cause_info(TG_CAUSE_DOUBLE)->vector, 8);
    ck_assert_ptr_null(tg_cause_info(9));
    ck_assert_str_eq(tg_access_name(TG_ACCESS_FETCH), "fetch");
    ck_assert_str_eq(tg_access_name(TG_ACCESS_OUT), "port write");
    ck_assert_ptr_null(tg_access_name(TG_ACCESS_OUT + 1));
    ck_assert_str_eq(tg_page_reason(TG_PAGE_RING), "the page is for more privileged rings");
    ck_assert_ptr_nonnull(tg_privilege_reason(TG_PRIVILEGE_STATUS_RING));
    ck_assert_ptr_null(tg_privilege_reason(TG_PRIVILEGE_STATUS_RING + 1));
    ck_assert_ptr_nonnull(tg_gate_reason(TG_GATE_RAISE_RING));
    ck_assert_ptr_null(tg_gate_reason(0));
    ck_assert_ptr_null(tg_page_reason(0));
    ck_assert_ptr_null(tg_privilege_reason(UINT32_MAX));
}
END_TEST

START_TEST(unknown_rows_are_null)
{
    ck_assert_ptr_null(tg_insn_info(TG_INSN_ILLEGAL));
    ck_assert_ptr_null(tg_insn_info(TG_INSN_COUNT));
    ck_assert_ptr_null(tg_insn_group(TG_INSN_ILLEGAL));
    ck_assert_ptr_null(tg_format_info(TG_FORMAT_COUNT));
    ck_assert_ptr_null(tg_field_info(TG_FIELD_COUNT));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("isa names");
    TCase *cases = tcase_create("names");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, cases);
    tcase_add_test(cases, fields_do_not_overlap_within_a_format);
    tcase_add_test(cases, immediate_ranges_are_those_of_the_fields);
    tcase_add_test(cases, no_two_rows_match_one_word);
    tcase_add_test(cases, rows_are_in_order_and_fit_their_fields);
    tcase_add_test(cases, templates_name_each_operand_once);
    tcase_add_test(cases, access_widths_belong_to_effects);
    tcase_add_test(cases, mnemonics_are_found_and_unique);
    tcase_add_test(cases, instructions_belong_to_groups);
    tcase_add_test(cases, registers_have_their_names);
    tcase_add_test(cases, other_words_are_no_register);
    tcase_add_test(cases, control_registers_are_found_by_number_and_name);
    tcase_add_test(cases, causes_and_reasons_have_texts);
    tcase_add_test(cases, unknown_rows_are_null);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
