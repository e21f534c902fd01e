/*
 * Tests of RISC-V words to TG32 (emu/isa/rv32.c). The words in `assembled` and `refused` come from
 * clang's assembler, so they do not depend on rv32.def.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "isa/rv32.h"
#include "random.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Where the translated words lie, so that jumps have a target. */
#define PC UINT32_C(0x200000)

static const struct {
    uint32_t word;
    const char *riscv, *tg32;
} assembled[] = {
    {0xfffff537, "lui a0, 0xfffff", "lui a0, 0xfffff"},
    {0x12345f97, "auipc t6, 0x12345", "auipc t6, 0x12345"},
    {0x001000ef, "jal ra, 0x800", "jal ra, 0x200800"},
    {0xffdff06f, "jal zero, -4", "jal zero, 0x1ffffc"},
    {0x800002ef, "jal t0, -0x100000", "jal t0, 0x100000"},
    {0x7fdff0ef, "jal ra, 0xffffc", "jal ra, 0x2ffffc"},
    {0x800780e7, "jalr ra, -2048(a5)", "jalr ra, -2048(a5)"},
    {0x7ff08067, "jalr zero, 2047(ra)", "jalr zero, 2047(ra)"},
    {0x00b50463, "beq a0, a1, 8", "beq a0, a1, 0x200008"},
    {0x80041063, "bne s0, zero, -4096", "bne s0, zero, 0x1ff000"},
    {0x7e62cee3, "blt t0, t1, 4092", "blt t0, t1, 0x200ffc"},
    {0x811dd0e3, "bge s11, a7, -2048", "bge s11, a7, 0x1ff800"},
    {0x002060e3, "bltu zero, sp, 2048", "bltu zero, sp, 0x200800"},
    {0xfe41fee3, "bgeu gp, tp, -4", "bgeu gp, tp, 0x1ffffc"},
    {0xfff40503, "lb a0, -1(s0)", "lb a0, -1(s0)"},
    {0x00249583, "lh a1, 2(s1)", "lh a1, 2(s1)"},
    {0x80012603, "lw a2, -2048(sp)", "lw a2, -2048(sp)"},
    {0x7ff1c683, "lbu a3, 2047(gp)", "lbu a3, 2047(gp)"},
    {0x0002d703, "lhu a4, 0(t0)", "lhu a4, 0(t0)"},
    {0xfea40fa3, "sb a0, -1(s0)", "sb a0, -1(s0)"},
    {0x02b49123, "sh a1, 34(s1)", "sh a1, 34(s1)"},
    {0x80c12023, "sw a2, -2048(sp)", "sw a2, -2048(sp)"},
    {0x7ff1afa3, "sw t6, 2047(gp)", "sw t6, 2047(gp)"},
    {0x80058513, "addi a0, a1, -2048", "addi a0, a1, -2048"},
    {0x00000013, "addi zero, zero, 0", "addi zero, zero, 0"},
    {0x7ff6a613, "slti a2, a3, 2047", "slti a2, a3, 2047"},
    {0xfff7b713, "sltiu a4, a5, -1", "sltiu a4, a5, -1"},
    {0xfff8c813, "xori a6, a7, -1", "xori a6, a7, -1"},
    {0x5559e913, "ori s2, s3, 1365", "ori s2, s3, 1365"},
    {0x0ffafa13, "andi s4, s5, 255", "andi s4, s5, 255"},
    {0x01fb9b13, "slli s6, s7, 31", "slli s6, s7, 31"},
    {0x001cdc13, "srli s8, s9, 1", "srli s8, s9, 1"},
    {0x410ddd13, "srai s10, s11, 16", "srai s10, s11, 16"},
    {0x00c58533, "add a0, a1, a2", "add a0, a1, a2"},
    {0x41ee8e33, "sub t3, t4, t5", "sub t3, t4, t5"},
    {0x00c59533, "sll a0, a1, a2", "sll a0, a1, a2"},
    {0x0124a433, "slt s0, s1, s2", "slt s0, s1, s2"},
    {0x003130b3, "sltu ra, sp, gp", "sltu ra, sp, gp"},
    {0x0062c233, "xor tp, t0, t1", "xor tp, t0, t1"},
    {0x00e6d3b3, "srl t2, a3, a4", "srl t2, a3, a4"},
    {0x411857b3, "sra a5, a6, a7", "sra a5, a6, a7"},
    {0x015a69b3, "or s3, s4, s5", "or s3, s4, s5"},
    {0x018bfb33, "and s6, s7, s8", "and s6, s7, s8"},
    {0x0ff0000f, "fence", "fence"},
    {0x0310000f, "fence rw, w", "fence"},
    {0x8330000f, "fence.tso", "fence"},
    {0x0000100f, "fence.i", "fence"},
    {0x00100073, "ebreak", "brk"},
    {0xc0001073, "unimp", "brk"},
    {0x02c58533, "mul a0, a1, a2", "mul a0, a1, a2"},
    {0x02c59533, "mulh a0, a1, a2", "mulh a0, a1, a2"},
    {0x02c5a533, "mulhsu a0, a1, a2", "mulhsu a0, a1, a2"},
    {0x02c5b533, "mulhu a0, a1, a2", "mulhu a0, a1, a2"},
    {0x03df4fb3, "div t6, t5, t4", "div t6, t5, t4"},
    {0x03df5fb3, "divu t6, t5, t4", "divu t6, t5, t4"},
    {0x03df6fb3, "rem t6, t5, t4", "rem t6, t5, t4"},
    {0x03df7fb3, "remu t6, t5, t4", "remu t6, t5, t4"},
    {0x1005a52f, "lr.w a0, (a1)", "lr.w a0, (a1)"},
    {0x1605a52f, "lr.w.aqrl a0, (a1)", "lr.w a0, (a1)"},
    {0x18c5a52f, "sc.w a0, a2, (a1)", "sc.w a0, a2, (a1)"},
    {0x1a63a2af, "sc.w.rl t0, t1, (t2)", "sc.w t0, t1, (t2)"},
    {0x08c5a52f, "amoswap.w a0, a2, (a1)", "amoswap.w a0, a2, (a1)"},
    {0x00c5a52f, "amoadd.w a0, a2, (a1)", "amoadd.w a0, a2, (a1)"},
    {0x0499242f, "amoadd.w.aq s0, s1, (s2)", "amoadd.w s0, s1, (s2)"},
    {0x20c5a52f, "amoxor.w a0, a2, (a1)", "amoxor.w a0, a2, (a1)"},
    {0x60c5a52f, "amoand.w a0, a2, (a1)", "amoand.w a0, a2, (a1)"},
    {0x40c5a52f, "amoor.w a0, a2, (a1)", "amoor.w a0, a2, (a1)"},
    {0x80c5a52f, "amomin.w a0, a2, (a1)", "amomin.w a0, a2, (a1)"},
    {0xa0c5a52f, "amomax.w a0, a2, (a1)", "amomax.w a0, a2, (a1)"},
    {0xc0c5a52f, "amominu.w a0, a2, (a1)", "amominu.w a0, a2, (a1)"},
    {0xe7f1202f, "amomaxu.w.aqrl zero, t6, (sp)", "amomaxu.w zero, t6, (sp)"},
};

static const struct {
    uint32_t word;
    const char *riscv;
    enum tg_rv32_result reason;
} refused[] = {
    {0x00052507, "flw fa0, 0(a0)", TG_RV32_FLOATING},
    {0x00a53427, "fsd fa0, 8(a0)", TG_RV32_FLOATING},
    {0x00c5f553, "fadd.s fa0, fa1, fa2", TG_RV32_FLOATING},
    {0x6ac5f543, "fmadd.d fa0, fa1, fa2, fa3", TG_RV32_FLOATING},
    {0x68c5f54b, "fnmsub.s fa0, fa1, fa2, fa3", TG_RV32_FLOATING},
    {0xc0057553, "fcvt.w.s a0, fa0", TG_RV32_FLOATING},
    {0x30059573, "csrrw a0, mstatus, a1", TG_RV32_CSR},
    {0xc0002573, "csrrs a0, cycle, zero", TG_RV32_CSR},
    {0x3045b073, "csrrc zero, mie, a1", TG_RV32_CSR},
    {0x3001d573, "csrrwi a0, mstatus, 3", TG_RV32_CSR},
    {0x3001e573, "csrrsi a0, mstatus, 3", TG_RV32_CSR},
    {0x3001f573, "csrrci a0, mstatus, 3", TG_RV32_CSR},
    {0x00000073, "ecall", TG_RV32_ECALL},
    {0x30200073, "mret", TG_RV32_SYSTEM},
    {0x10200073, "sret", TG_RV32_SYSTEM},
    {0x10500073, "wfi", TG_RV32_SYSTEM},
    {0x12b50073, "sfence.vma a0, a1", TG_RV32_SYSTEM},
    {0xc5840505, "c.addi a0, 1", TG_RV32_COMPRESSED},
    {0x000041c8, "c.lw a0, 4(a1)", TG_RV32_COMPRESSED},
    {0x00008082, "c.jr ra", TG_RV32_COMPRESSED},
    {0x00000000, "unimp", TG_RV32_COMPRESSED},
    {0x02051513, "slli a0, a0, 32", TG_RV32_UNKNOWN},
    {0x00a5051b, "addiw a0, a0, 10", TG_RV32_UNKNOWN},
    {0x00053503, "ld a0, 0(a0)", TG_RV32_UNKNOWN},
    {0x0805c53b, "zext.h a0, a1 of RV64", TG_RV32_UNKNOWN},
    {0x20a52533, "sh1add a0, a0, a0", TG_RV32_UNKNOWN},
    {0x1015a52f, "lr.w with rs2 not zero", TG_RV32_UNKNOWN},
    {0x1005b52f, "lr.d a0, (a1)", TG_RV32_UNKNOWN},
    {0xffffffff, "all ones", TG_RV32_UNKNOWN},
    {0x00b50163, "beq a0, a1, 2", TG_RV32_MISALIGNED_TARGET},
    {0xfeb51fe3, "bne a0, a1, -2", TG_RV32_MISALIGNED_TARGET},
    {0x0060006f, "jal zero, 6", TG_RV32_MISALIGNED_TARGET},
    {0x0ff0152b, "custom: rdcr a0, number 255", TG_RV32_CUSTOM},
    {0x0000000b, "custom: operation 0x00", TG_RV32_CUSTOM},
    {0x0000405b, "custom: outb", TG_RV32_OK},
    {0x0000305b, "custom: operation 0x63", TG_RV32_CUSTOM},
    {0x0000007b, "custom: unused opcode", TG_RV32_CUSTOM},
    {0x0005200b, "custom: iret with a register", TG_RV32_CUSTOM},
    {0x0010200b, "custom: iret with an immediate", TG_RV32_CUSTOM},
    {0x02b5700b, "custom: tlbinv with funct7", TG_RV32_CUSTOM},
    {0x1000100b, "custom: trap 256", TG_RV32_CUSTOM},
    {0xfff0100b, "custom: trap -1", TG_RV32_CUSTOM},
};

/* From clang for `.insn i` and `.insn r` lines as rv32.h describes them. */
static const struct {
    uint32_t word;
    const char *tg32;
} custom[] = {
    {0x0c80100b, "trap 200"},
    {0x0000200b, "iret"},
    {0x0000300b, "brk"},
    {0x0000400b, "wfi"},
    {0x0000550b, "cli a0"},
    {0x0000600b, "sti"},
    {0x00b5700b, "tlbinv a0, a1"},
    {0x0000002b, "fence"},
    {0x0080152b, "rdcr a0, cpu"},
    {0x0035202b, "wrcr sp0, a0"},
    {0x00c5b52b, "swcr a0, scratch0, a1"},
    {0x0005855b, "inb a0, 0(a1)"},
    {0x0015955b, "inh a0, 1(a1)"},
    {0x7ff5a55b, "inw a0, 2047(a1)"},
    {0x800545db, "outb a1, -2048(a0)"},
    {0x0005d55b, "outh a0, 0(a1)"},
    {0x0600655b, "outw a0, 96(zero)"},
};

static void check_text(uint32_t rv_word, const char *riscv, const char *tg32)
{
    char text[TG_DISASSEMBLY_BYTES];
    enum tg_rv32_result result;
    uint32_t word = 0;

    result = tg_rv32_translate_word(rv_word, &word);
    ck_assert_msg(result == TG_RV32_OK, "%s: %s", riscv, tg_rv32_reason(result));
    tg_disassemble(word, PC, text);
    ck_assert_msg(strcmp(text, tg32) == 0, "%s: expected %s, found %s", riscv, tg32, text);
}

/* rules: RV-1, RV-2 */
START_TEST(assembled_words_translate_one_to_one)
{
    for (size_t i = 0; i < COUNT(assembled); i++)
        check_text(assembled[i].word, assembled[i].riscv, assembled[i].tg32);
}
END_TEST

START_TEST(every_row_is_among_the_assembled_words)
{
    const struct tg_rv32_info *info;
    size_t rows = 0;

    while ((info = tg_rv32_info(rows))) {
        bool is_tested = false;

        for (size_t i = 0; i < COUNT(assembled); i++)
            is_tested |= (assembled[i].word & info->mask) == info->match;
        ck_assert_msg(is_tested, "no test of %s", info->mnemonic);
        rows++;
    }
    ck_assert_uint_eq(rows, 60);
}
END_TEST

START_TEST(no_two_rows_match_one_word)
{
    const struct tg_rv32_info *a, *b;

    for (size_t i = 0; (a = tg_rv32_info(i)); i++) {
        ck_assert_msg((a->match & ~a->mask) == 0 && (a->match & 3) == 3, "%s", a->mnemonic);
        for (size_t j = i + 1; (b = tg_rv32_info(j)); j++)
            ck_assert_msg((a->match ^ b->match) & a->mask & b->mask, "a word can be both %s and %s",
                          a->mnemonic, b->mnemonic);
    }
}
END_TEST

/* RISC-V's operands, and the bits in which each format of its manual holds them. */
struct operands {
    uint32_t rd, rs1, rs2;
    int32_t imm; /* 21 random bits, even */
};

static uint32_t bits(int32_t value, int high, int low)
{
    return (uint32_t)value >> low & ((UINT32_C(1) << (high - low + 1)) - 1);
}

static uint32_t place(uint32_t opcode, uint32_t funct3, struct operands o)
{
    switch (opcode) {
    case 0x33:
    case 0x2f:
        return o.rd << 7 | o.rs1 << 15 | o.rs2 << 20;
    case 0x13:
        if ((funct3 & 3) == 1)
            return o.rd << 7 | o.rs1 << 15 | bits(o.imm, 4, 0) << 20;
        /* fallthrough */
    case 0x03:
    case 0x67:
        return o.rd << 7 | o.rs1 << 15 | bits(o.imm, 11, 0) << 20;
    case 0x23:
        return o.rs1 << 15 | o.rs2 << 20 | bits(o.imm, 11, 5) << 25 | bits(o.imm, 4, 0) << 7;
    case 0x63:
        return o.rs1 << 15 | o.rs2 << 20 | bits(o.imm, 12, 12) << 31 | bits(o.imm, 10, 5) << 25 |
               bits(o.imm, 4, 1) << 8 | bits(o.imm, 11, 11) << 7;
    case 0x6f:
        return o.rd << 7 | bits(o.imm, 20, 20) << 31 | bits(o.imm, 10, 1) << 21 |
               bits(o.imm, 11, 11) << 20 | bits(o.imm, 19, 12) << 12;
    default:
        return o.rd << 7 | bits(o.imm, 31, 12) << 12;
    }
}

/* The TG32 instruction with the same operands. */
static struct tg_insn expected(enum tg_insn_id id, uint32_t opcode, uint32_t funct3,
                               struct operands o)
{
    uint8_t rd = (uint8_t)o.rd, rs1 = (uint8_t)o.rs1, rs2 = (uint8_t)o.rs2;

    switch (opcode) {
    case 0x33:
    case 0x2f:
        return (struct tg_insn){id, rd, rs1, rs2, 0};
    case 0x13:
        if ((funct3 & 3) == 1)
            return (struct tg_insn){id, rd, rs1, 0, o.imm & 31};
        /* fallthrough */
    case 0x03:
    case 0x67:
        return (struct tg_insn){id, rd, rs1, 0, o.imm % 2048};
    case 0x23:
        return (struct tg_insn){id, rs2, rs1, 0, o.imm % 2048};
    case 0x63:
        return (struct tg_insn){id, rs1, rs2, 0, o.imm % 4096};
    case 0x6f:
        return (struct tg_insn){id, rd, 0, 0, o.imm % 1048576};
    default:
        return (struct tg_insn){id, rd, 0, 0, o.imm & ~4095};
    }
}

/* C's remainder has the sign of the dividend, so that o.imm % 2048 fits 12 bits; the word must hold
 * that value and not the low bits of the larger one. */
static struct operands reduce(uint32_t opcode, struct operands o)
{
    if (opcode == 0x6f)
        o.imm %= 1048576;
    else if (opcode == 0x63)
        o.imm %= 4096;
    else if (opcode != 0x37 && opcode != 0x17)
        o.imm %= 2048;
    return o;
}

START_TEST(random_operands_are_kept)
{
    const struct tg_rv32_info *info;
    uint32_t state = 123456789;

    for (size_t i = 0; (info = tg_rv32_info(i)); i++) {
        uint32_t opcode = info->match & 0x7f, funct3 = info->match >> 12 & 7;

        if (opcode == 0x0f || opcode == 0x73)
            continue; /* fence and ebreak have no operands here */
        for (int k = 0; k < 5000; k++) {
            struct operands o = {random_word(&state) & 31, random_word(&state) & 31,
                                 info->id == TG_INSN_LR_W ? 0 : random_word(&state) & 31,
                                 (int32_t)random_word(&state)};
            struct tg_insn insn = {0}, wanted;
            enum tg_rv32_result result;

            if (opcode == 0x63 || opcode == 0x6f)
                o.imm = (int32_t)((uint32_t)o.imm & ~UINT32_C(1));
            o = reduce(opcode, o);
            result = tg_rv32_translate(info->match | place(opcode, funct3, o), &insn);
            if ((opcode == 0x63 || opcode == 0x6f) && o.imm & 2) {
                ck_assert_int_eq(result, TG_RV32_MISALIGNED_TARGET);
                continue;
            }
            wanted = expected(info->id, opcode, funct3, o);
            ck_assert_msg(result == TG_RV32_OK && insn.id == wanted.id && insn.rd == wanted.rd &&
                              insn.ra == wanted.ra && insn.rb == wanted.rb &&
                              insn.imm == wanted.imm,
                          "%s x%u x%u x%u %d: result %d, imm %d", info->mnemonic, o.rd, o.rs1,
                          o.rs2, o.imm, result, insn.imm);
        }
    }
}
END_TEST

/* rules: RV-4 */
START_TEST(what_cannot_be_translated_has_a_reason)
{
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct tg_insn insn = {.id = TG_INSN_COUNT};
        enum tg_rv32_result result = tg_rv32_translate(refused[i].word, &insn);

        ck_assert_msg(result == refused[i].reason, "%s: %d", refused[i].riscv, result);
        if (result == TG_RV32_OK)
            continue;
        ck_assert_int_eq(insn.id, TG_INSN_COUNT);
        ck_assert_ptr_nonnull(tg_rv32_reason(result));
    }
    ck_assert_ptr_null(tg_rv32_reason(TG_RV32_OK));
    ck_assert_ptr_null(tg_rv32_reason(TG_RV32_RESULT_COUNT));
}
END_TEST

/* rules: RV-3 */
START_TEST(custom_words_reach_the_own_instructions)
{
    for (size_t i = 0; i < COUNT(custom); i++)
        check_text(custom[i].word, "custom", custom[i].tg32);
}
END_TEST

START_TEST(each_own_instruction_has_a_custom_word)
{
    uint32_t opcode, funct3;

    for (int i = TG_INSN_ILLEGAL + 1; i < TG_INSN_COUNT; i++) {
        const struct tg_insn_info *info = tg_insn_info((enum tg_insn_id)i);
        bool is_own = info->effect == TG_EFFECT_SYSTEM || info->effect == TG_EFFECT_PORT_IN ||
                      info->effect == TG_EFFECT_PORT_OUT;
        struct tg_insn insn;

        ck_assert_msg(
            tg_rv32_custom(info ? (enum tg_insn_id)i : TG_INSN_ILLEGAL, &opcode, &funct3) == is_own,
            "%s", info->mnemonic);
        if (!is_own)
            continue;
        ck_assert_int_eq(tg_rv32_translate(opcode | funct3 << 12, &insn), TG_RV32_OK);
        ck_assert_msg(insn.id == (enum tg_insn_id)i, "%s", info->mnemonic);
    }
    ck_assert(!tg_rv32_custom(TG_INSN_ILLEGAL, &opcode, &funct3));
    ck_assert(!tg_rv32_custom(TG_INSN_COUNT, &opcode, &funct3));
}
END_TEST

START_TEST(random_words_encode_or_have_a_reason)
{
    uint32_t state = 675248;
    int translated = 0;

    for (int k = 0; k < 500000; k++) {
        uint32_t rv_word = random_word(&state), word = 0;
        enum tg_rv32_result result = tg_rv32_translate_word(rv_word, &word);

        if (result == TG_RV32_OK) {
            ck_assert_int_ne(tg_decode(word).id, TG_INSN_ILLEGAL);
            translated++;
        } else {
            ck_assert_uint_eq(word, 0);
            ck_assert_ptr_nonnull(tg_rv32_reason(result));
        }
    }
    ck_assert_int_gt(translated, 10000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("isa rv32");
    TCase *cases = tcase_create("rv32");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, cases);
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, assembled_words_translate_one_to_one);
    tcase_add_test(cases, every_row_is_among_the_assembled_words);
    tcase_add_test(cases, no_two_rows_match_one_word);
    tcase_add_test(cases, random_operands_are_kept);
    tcase_add_test(cases, what_cannot_be_translated_has_a_reason);
    tcase_add_test(cases, custom_words_reach_the_own_instructions);
    tcase_add_test(cases, each_own_instruction_has_a_custom_word);
    tcase_add_test(cases, random_words_encode_or_have_a_reason);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
