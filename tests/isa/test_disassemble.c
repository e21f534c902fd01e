/* Tests of words to text (emu/isa/disassemble.c): the exact text, and that it reads back. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "isa/isa.h"
#include "random.h"
#include "reader.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* One row or more for each letter of the templates. */
static const struct {
    uint32_t word, pc;
    const char *text;
} texts[] = {
    {0x020000ff, 0, "trap 255"},
    {0x04000000, 0, "iret"},
    {0x0aa00000, 0, "cli a0"},
    {0x0e010c00, 0, "tlbinv sp, gp"},
    {0x12500013, 0, "rdcr t0, insnsh"},
    {0x14008002, 0, "wrcr ptroot, ra"},
    {0x1632000c, 0, "swcr gp, scratch0, tp"},
    {0x20a5b000, 0, "add a0, a1, a2"},
    {0x24a58000, 0, "lr.w a0, (a1)"},
    {0x2520f80a, 0, "amomaxu.w s2, t5, (ra)"},
    {0x40a5c000, 0, "addi a0, a1, -16384"},
    {0x5011001f, 0, "srai ra, sp, 31"},
    {0x54afffff, 0, "lui a0, 0xfffff"},
    {0x56a00000, 0, "auipc a0, 0x0"},
    {0x64217ffc, 0, "lw sp, -4(sp)"},
    {0x84840008, 0, "sw s0, 8(s0)"},
    {0xa0a5fffe, 0x1000, "beq a0, a1, 0xff8"},
    {0xa0a5fffe, 0, "beq a0, a1, 0xfffffff8"},
    {0xb0180000, 0x80000000, "jal ra, 0x7fe00000"},
    {0xb0000001, 0xfffffffc, "jal zero, 0x0"},
    {0xb2008000, 0, "jalr zero, 0(ra)"},
    {0xc0a00060, 0, "inb a0, 96(zero)"},
    {0xccaf8001, 0, "outw a0, 1(t6)"},
    {0x00000000, 0, ".word 0x00000000"},
    {0xfedcba98, 4, ".word 0xfedcba98"},
    {0x12500014, 0, ".word 0x12500014"},
};

/* The text fits the buffer, and reads back to the word when that is legal. */
static void check_reads_back(uint32_t word, uint32_t pc)
{
    char text[TG_DISASSEMBLY_BYTES + 1];
    uint32_t again = ~word;

    memset(text, '#', sizeof(text));
    tg_disassemble(word, pc, text);
    ck_assert_int_eq(text[TG_DISASSEMBLY_BYTES], '#');
    ck_assert_ptr_nonnull(memchr(text, 0, TG_DISASSEMBLY_BYTES));
    if (tg_decode(word).id == TG_INSN_ILLEGAL)
        ck_assert_msg(strncmp(text, ".word 0x", 8) == 0, "0x%08x: %s", word, text);
    else
        ck_assert_msg(read_instruction(text, pc, &again) && again == word,
                      "0x%08x: \"%s\" reads back as 0x%08x", word, text, again);
}

START_TEST(texts_are_canonical)
{
    char text[TG_DISASSEMBLY_BYTES];

    for (size_t i = 0; i < COUNT(texts); i++) {
        tg_disassemble(texts[i].word, texts[i].pc, text);
        ck_assert_str_eq(text, texts[i].text);
    }
}
END_TEST

START_TEST(texts_of_every_instruction_read_back)
{
    uint32_t state = 362436069;

    for (int i = TG_INSN_ILLEGAL + 1; i < TG_INSN_COUNT; i++) {
        const struct tg_insn_info *info = tg_insn_info((enum tg_insn_id)i);

        check_reads_back(info->match, 0);
        check_reads_back(info->match | ~info->mask, UINT32_MAX & ~UINT32_C(3));
        for (int k = 0; k < 2000; k++)
            check_reads_back(info->match | (random_word(&state) & ~info->mask),
                             random_word(&state) & ~UINT32_C(3));
    }
}
END_TEST

START_TEST(texts_of_random_words_read_back)
{
    uint32_t state = 521288629;

    for (int k = 0; k < 200000; k++) {
        uint32_t word = random_word(&state);

        check_reads_back(word, random_word(&state) & ~UINT32_C(3));
    }
}
END_TEST

/* The reader would otherwise prove nothing. */
START_TEST(reader_refuses_other_texts)
{
    static const char *const wrong[] = {
        "",
        "add",
        "add a0, a1",
        "add a0, a1, a2,",
        "add a0,a1,a2",
        "add a0, a1, 5",
        "addi a0, a1, 16384",
        "lw a0, 4(a1",
        "iret a0",
        "lui a0, 0x100000",
        "rdcr a0, cr9",
        "mul a0, a1, a2 ",
        ".word 0x00000000",
        "beq a0, a1, 0x2",
    };

    for (size_t i = 0; i < COUNT(wrong); i++) {
        uint32_t word;

        ck_assert_msg(!read_instruction(wrong[i], 0, &word), "\"%s\" is read", wrong[i]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("isa disassemble");
    TCase *cases = tcase_create("disassemble");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, cases);
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, texts_are_canonical);
    tcase_add_test(cases, texts_of_every_instruction_read_back);
    tcase_add_test(cases, texts_of_random_words_read_back);
    tcase_add_test(cases, reader_refuses_other_texts);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
