/*
 * Words to instructions and back. Everything about an encoding comes from insns.def and
 * formats.def; nothing here names an instruction or a format. Manual: docs/isa.md section 3.
 */
#include "isa/isa.h"

/* Operations 0x10 to 0x1f are register groups: fn tells their members apart. */
#define IS_GROUP(op) ((op) >> 4 == 1)
#define KEY(op, fn)  ((uint32_t)(op) << 10 | (IS_GROUP(op) ? (uint32_t)(fn) : 0))

static uint32_t field_max(const struct tg_field_info *field)
{
    return UINT32_C(0xffffffff) >> (31 - (field->high - field->low));
}

static uint32_t get_field(uint32_t word, enum tg_field_id id)
{
    const struct tg_field_info *field = tg_field_info(id);

    return word >> field->low & field_max(field);
}

static bool has_field(const struct tg_format_info *format, enum tg_field_id id)
{
    return format->fields >> id & 1;
}

/* The instruction that op and fn choose. Two rows with one encoding would be two equal case labels,
 * which does not compile. */
static enum tg_insn_id insn_by_key(uint32_t key)
{
    switch (key) {
#define TG_INSN(id, mnemonic, format, op, fn, ...)                                                 \
    case KEY(op, fn):                                                                              \
        return TG_INSN_##id;
#include "insns.def"
    default:
        return TG_INSN_ILLEGAL;
    }
}

/* A format's immediate from its field, sign-extended where the format says so by a negative
 * minimum. */
static int32_t get_immediate(uint32_t word, const struct tg_format_info *format)
{
    uint32_t value, sign;

    if (format->imm_field == TG_FIELD_COUNT)
        return 0;
    value = get_field(word, format->imm_field);
    sign = format->imm_min < 0 ? (field_max(tg_field_info(format->imm_field)) >> 1) + 1 : 0;
    return (int32_t)(((value ^ sign) - sign) << format->imm_shift);
}

/* Whether the number in a control register field, if the format has one, is that of a control
 * register. */
static bool is_creg_valid(const struct tg_format_info *format, uint32_t number)
{
    return !has_field(format, TG_FIELD_CREG) || tg_creg_info(number);
}

struct tg_insn tg_decode(uint32_t word)
{
    enum tg_insn_id id =
        insn_by_key(KEY(get_field(word, TG_FIELD_OP), get_field(word, TG_FIELD_FN)));
    const struct tg_insn_info *info = tg_insn_info(id);
    const struct tg_format_info *format;
    struct tg_insn insn = {.id = TG_INSN_ILLEGAL};

    if (!info || (word & info->mask) != info->match)
        return insn;
    format = tg_format_info(info->format);
    if (!is_creg_valid(format, get_field(word, TG_FIELD_CREG)))
        return insn;

    insn.id = id;
    if (has_field(format, TG_FIELD_RD))
        insn.rd = (uint8_t)get_field(word, TG_FIELD_RD);
    if (has_field(format, TG_FIELD_RA))
        insn.ra = (uint8_t)get_field(word, TG_FIELD_RA);
    if (has_field(format, TG_FIELD_RB))
        insn.rb = (uint8_t)get_field(word, TG_FIELD_RB);
    insn.imm = get_immediate(word, format);
    return insn;
}

static bool is_register_valid(const struct tg_format_info *format, enum tg_field_id id,
                              unsigned number)
{
    return has_field(format, id) ? number <= field_max(tg_field_info(id)) : number == 0;
}

static bool is_immediate_valid(const struct tg_format_info *format, int32_t imm)
{
    uint32_t below = (UINT32_C(1) << format->imm_shift) - 1;

    return imm >= format->imm_min && imm <= format->imm_max && ((uint32_t)imm & below) == 0 &&
           is_creg_valid(format, (uint32_t)imm);
}

static uint32_t put_field(uint32_t value, enum tg_field_id id)
{
    const struct tg_field_info *field = tg_field_info(id);

    return (value & field_max(field)) << field->low;
}

bool tg_encode(const struct tg_insn *insn, uint32_t *ret_word)
{
    const struct tg_insn_info *info = tg_insn_info(insn->id);
    const struct tg_format_info *format;
    uint32_t word;

    if (!info)
        return false;
    format = tg_format_info(info->format);
    if (!is_register_valid(format, TG_FIELD_RD, insn->rd) ||
        !is_register_valid(format, TG_FIELD_RA, insn->ra) ||
        !is_register_valid(format, TG_FIELD_RB, insn->rb) || !is_immediate_valid(format, insn->imm))
        return false;

    /* Registers that the format lacks are 0 by now, so they add nothing. */
    word = info->match | put_field(insn->rd, TG_FIELD_RD) | put_field(insn->ra, TG_FIELD_RA) |
           put_field(insn->rb, TG_FIELD_RB);
    if (format->imm_field != TG_FIELD_COUNT)
        word |= put_field((uint32_t)insn->imm >> format->imm_shift, format->imm_field);
    *ret_word = word;
    return true;
}

/* Numbers too large for a byte must not be cut down to a valid one. */
static uint8_t register_byte(unsigned number)
{
    return number < UINT8_MAX ? (uint8_t)number : UINT8_MAX;
}

static uint32_t word_or_illegal(struct tg_insn insn)
{
    uint32_t word;

    return tg_encode(&insn, &word) ? word : 0;
}

uint32_t tg_word_r(enum tg_insn_id id, unsigned rd, unsigned ra, unsigned rb)
{
    return word_or_illegal(
        (struct tg_insn){id, register_byte(rd), register_byte(ra), register_byte(rb), 0});
}

uint32_t tg_word_i(enum tg_insn_id id, unsigned rd, unsigned ra, int32_t imm)
{
    return word_or_illegal((struct tg_insn){id, register_byte(rd), register_byte(ra), 0, imm});
}
