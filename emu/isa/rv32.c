/*
 * The translation of RISC-V words by the rows of rv32.def. Where an operand lies in a RISC-V word
 * follows from the format of the TG32 instruction that it becomes. Manual: docs/isa.md section 11.
 */
#include "isa/rv32.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct tg_rv32_info rows[] = {
#define TG_RV32(mnemonic, match, mask, id) {mnemonic, match, mask, TG_INSN_##id},
#include "rv32.def"
};

static const struct {
    uint32_t opcode, first_op;
} custom[] = {
#define TG_RV32_CUSTOM(opcode, op) {opcode, op},
#include "rv32.def"
};

static const struct {
    enum tg_rv32_result reason;
    uint32_t match, mask;
} refused[] = {
#define TG_RV32_REFUSED(reason, match, mask) {TG_RV32_##reason, match, mask},
#include "rv32.def"
};

static const char *const reasons[TG_RV32_RESULT_COUNT] = {
#define TG_RV32_REASON(id, text) [TG_RV32_##id] = (text),
#include "rv32.def"
};

const struct tg_rv32_info *tg_rv32_info(size_t index)
{
    return index < COUNT(rows) ? &rows[index] : NULL;
}

const char *tg_rv32_reason(enum tg_rv32_result result)
{
    return (size_t)result < COUNT(reasons) ? reasons[result] : NULL;
}

/* Bits [low, high] of word. */
static uint32_t bits(uint32_t word, unsigned high, unsigned low)
{
    return word >> low & (UINT32_C(0xffffffff) >> (31 - (high - low)));
}

/* A value of width bits, sign-extended. */
static int32_t extend(uint32_t value, unsigned width)
{
    uint32_t sign = UINT32_C(1) << (width - 1);

    return (int32_t)((value ^ sign) - sign);
}

/* RISC-V's immediates, with the names of its formats. */
static int32_t immediate_i(uint32_t word)
{
    return extend(bits(word, 31, 20), 12);
}

static int32_t immediate_s(uint32_t word)
{
    return extend(bits(word, 31, 25) << 5 | bits(word, 11, 7), 12);
}

static int32_t immediate_b(uint32_t word)
{
    return extend(bits(word, 31, 31) << 12 | bits(word, 7, 7) << 11 | bits(word, 30, 25) << 5 |
                      bits(word, 11, 8) << 1,
                  13);
}

static int32_t immediate_u(uint32_t word)
{
    return (int32_t)(word & UINT32_C(0xfffff000));
}

static int32_t immediate_j(uint32_t word)
{
    return extend(bits(word, 31, 31) << 20 | bits(word, 19, 12) << 12 | bits(word, 20, 20) << 11 |
                      bits(word, 30, 21) << 1,
                  21);
}

/* The operands of a word that becomes instruction id. */
static struct tg_insn get_operands(uint32_t word, enum tg_insn_id id)
{
    uint8_t rd = (uint8_t)bits(word, 11, 7);
    uint8_t rs1 = (uint8_t)bits(word, 19, 15);
    uint8_t rs2 = (uint8_t)bits(word, 24, 20);

    switch (tg_insn_info(id)->format) {
    case TG_FORMAT_R:
        return (struct tg_insn){id, rd, rs1, rs2, 0};
    case TG_FORMAT_L:
        return (struct tg_insn){id, rd, rs1, 0, 0};
    case TG_FORMAT_I:
        return (struct tg_insn){id, rd, rs1, 0, immediate_i(word)};
    case TG_FORMAT_H:
        return (struct tg_insn){id, rd, rs1, 0, rs2}; /* the shift amount lies where rs2 does */
    case TG_FORMAT_S:
        return (struct tg_insn){id, rs2, rs1, 0, immediate_s(word)};
    case TG_FORMAT_B:
        return (struct tg_insn){id, rs1, rs2, 0, immediate_b(word)};
    case TG_FORMAT_U:
        return (struct tg_insn){id, rd, 0, 0, immediate_u(word)};
    case TG_FORMAT_J:
        return (struct tg_insn){id, rd, 0, 0, immediate_j(word)};
    default:
        return (struct tg_insn){id, 0, 0, 0, 0}; /* brk and fence */
    }
}

bool tg_rv32_custom(enum tg_insn_id id, uint32_t *ret_opcode, uint32_t *ret_funct3)
{
    const struct tg_insn_info *info = tg_insn_info(id);

    if (!info)
        return false;
    for (size_t i = 0; i < COUNT(custom); i++) {
        if (info->op < custom[i].first_op || info->op >= custom[i].first_op + 8)
            continue;
        *ret_opcode = custom[i].opcode;
        *ret_funct3 = info->op - custom[i].first_op;
        return true;
    }
    return false;
}

/* The instruction that opcode and funct3 of a custom word choose. */
static enum tg_insn_id custom_insn(uint32_t word)
{
    uint32_t opcode, funct3;

    for (int id = TG_INSN_ILLEGAL + 1; id < TG_INSN_COUNT; id++)
        if (tg_rv32_custom((enum tg_insn_id)id, &opcode, &funct3) && opcode == bits(word, 6, 0) &&
            funct3 == bits(word, 14, 12))
            return (enum tg_insn_id)id;
    return TG_INSN_ILLEGAL;
}

/* Fills *insn from a custom word; false when the word is none, or stands for nothing. */
static bool translate_custom(uint32_t word, struct tg_insn *insn)
{
    const struct tg_insn_info *info = tg_insn_info(custom_insn(word));
    uint32_t encoded;

    if (!info)
        return false;
    *insn = (struct tg_insn){custom_insn(word), (uint8_t)bits(word, 11, 7),
                             (uint8_t)bits(word, 19, 15), 0, immediate_i(word)};
    if (tg_format_info(info->format)->fields >> TG_FIELD_RB & 1) {
        if (bits(word, 31, 25) != 0)
            return false;
        insn->rb = (uint8_t)bits(word, 24, 20);
        insn->imm = 0;
    }
    return tg_encode(insn, &encoded);
}

static enum tg_rv32_result refusal(uint32_t word)
{
    for (size_t i = 0; i < COUNT(refused); i++)
        if ((word & refused[i].mask) == refused[i].match)
            return refused[i].reason;
    return TG_RV32_UNKNOWN;
}

enum tg_rv32_result tg_rv32_translate(uint32_t rv_word, struct tg_insn *ret_insn)
{
    struct tg_insn insn;
    uint32_t encoded;

    for (size_t i = 0; i < COUNT(rows); i++) {
        if ((rv_word & rows[i].mask) != rows[i].match)
            continue;
        insn = get_operands(rv_word, rows[i].id);
        /* All other immediates fit TG32's wider fields. */
        if (!tg_encode(&insn, &encoded))
            return TG_RV32_MISALIGNED_TARGET;
        *ret_insn = insn;
        return TG_RV32_OK;
    }
    if (translate_custom(rv_word, &insn)) {
        *ret_insn = insn;
        return TG_RV32_OK;
    }
    return refusal(rv_word);
}

enum tg_rv32_result tg_rv32_translate_word(uint32_t rv_word, uint32_t *ret_word)
{
    struct tg_insn insn;
    enum tg_rv32_result result = tg_rv32_translate(rv_word, &insn);

    if (result == TG_RV32_OK)
        tg_encode(&insn, ret_word);
    return result;
}
