/*
 * The rows of the tables, and the names in them. Owns every static table of the instruction set;
 * has no logic beyond look-up. Manual: docs/isa.md sections 2 to 6.
 */
#include <string.h>

#include "isa/isa.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- Fields and formats ----------------------------------------------------------------------- */

#define FIELD_WIDTH(name) (HIGH_##name - LOW_##name + 1)
#define FIELD_MASK(name)  ((UINT32_C(0xffffffff) >> (32 - FIELD_WIDTH(name))) << LOW_##name)

enum {
#define TG_FIELD(name, high, low, meaning) HIGH_##name = (high), LOW_##name = (low),
#include "formats.def"
};

static const struct tg_field_info fields[TG_FIELD_COUNT] = {
#define TG_FIELD(name, high, low, meaning) {#name, high, low, meaning},
#include "formats.def"
};

/* The set of a format's fields, and the bits they cover, come from one expression in the row:
 * what TG_F stands for decides which. */
enum {
#define TG_F(name)                                  1 << TG_FIELD_##name
#define TG_FORMAT(name, fields, immediate, meaning) FIELDS_##name = (fields),
#include "formats.def"
#undef TG_F
};

#define TG_F(name) FIELD_MASK(name)
#define NONE       .imm_field = TG_FIELD_COUNT
#define SIGNED(field, shift)                                                                       \
    .imm_field = TG_FIELD_##field, .imm_shift = (shift),                                           \
    .imm_min = -(1 << (FIELD_WIDTH(field) - 1)) * (1 << (shift)),                                  \
    .imm_max = ((1 << (FIELD_WIDTH(field) - 1)) - 1) * (1 << (shift))
#define UNSIGNED(field, shift)                                                                     \
    .imm_field = TG_FIELD_##field, .imm_shift = (shift),                                           \
    .imm_max = ((1 << FIELD_WIDTH(field)) - 1) * (1 << (shift))

static const struct tg_format_info formats[TG_FORMAT_COUNT] = {
#define TG_FORMAT(name_, fields_, immediate, meaning_)                                             \
    {.name = #name_,                                                                               \
     .fields = FIELDS_##name_,                                                                     \
     .fields_mask = (fields_),                                                                     \
     immediate,                                                                                    \
     .meaning = (meaning_)},
#include "formats.def"
};
#undef TG_F

/* --- Instructions ----------------------------------------------------------------------------- */

/* The bits of a word that its operands may set: all its fields but those that choose the
 * instruction. */
#define CHOOSES(name) (TG_FIELD_##name == (int)TG_FIELD_OP || TG_FIELD_##name == (int)TG_FIELD_FN)
enum {
#define TG_FIELD(name, ...) OPERAND_MASK_##name = CHOOSES(name) ? 0 : (int)FIELD_MASK(name),
#include "formats.def"
};
enum {
#define TG_F(name)                   OPERAND_MASK_##name
#define TG_FORMAT(name, fields, ...) OPERANDS_##name = (fields),
#include "formats.def"
#undef TG_F
};

/* What the ring column says beside a number. */
enum { IO = TG_RING_IO, PORT = TG_RING_PORT, CREG = TG_RING_CREG, NEVER = TG_CREG_NEVER };

static const struct tg_insn_info insns[TG_INSN_COUNT] = {
#define TG_INSN(id, name, format_, op_, fn_, operands_, ring_, effect_, bytes, meaning_)           \
    [TG_INSN_##id] = {                                                                             \
        .mnemonic = (name),                                                                        \
        .format = TG_FORMAT_##format_,                                                             \
        .op = (op_),                                                                               \
        .fn = (fn_),                                                                               \
        .operands = (operands_),                                                                   \
        .ring = (ring_),                                                                           \
        .effect = TG_EFFECT_##effect_,                                                             \
        .access_bytes = (bytes),                                                                   \
        .meaning = (meaning_),                                                                     \
        .match = UINT32_C(op_) << LOW_OP | UINT32_C(fn_) << LOW_FN,                                \
        .mask = ~(uint32_t)OPERANDS_##format_,                                                     \
    },
#include "insns.def"
};

/* In order, as the rows are. */
static const struct {
    uint8_t first_op;
    const char *title;
} groups[] = {
#define TG_INSN_GROUP(op, title) {op, title},
#include "insns.def"
};

/* --- Registers, control registers, causes ----------------------------------------------------- */

static const struct {
    const char *name, *role;
} registers[32] = {
#define TG_REG(number, name, role) [number] = {name, role},
#include "registers.def"
};

static const struct tg_creg_info cregs[] = {
#define TG_CREG(id, name, number, read, write, writable, meaning)                                  \
    [number] = {name, number, read, write, UINT32_C(writable), meaning},
#include "control_registers.def"
};

static const struct tg_cause_info causes[] = {
#define TG_CAUSE(id, name, vector, saved_pc, error, address, meaning)                              \
    [vector] = {name, vector, saved_pc, error, address, meaning},
#include "causes.def"
};

static const char *const accesses[] = {
#define TG_ACCESS(id, number, name) [number] = (name),
#include "causes.def"
};

static const char *const page_reasons[] = {
#define TG_PAGE_REASON(id, number, meaning) [number] = (meaning),
#include "causes.def"
};

static const char *const privilege_reasons[] = {
#define TG_PRIVILEGE_REASON(id, number, meaning) [number] = (meaning),
#include "causes.def"
};

static const char *const gate_reasons[] = {
#define TG_GATE_REASON(id, number, meaning) [number] = (meaning),
#include "causes.def"
};

/* --- Rows by id or number --------------------------------------------------------------------- */

const struct tg_field_info *tg_field_info(enum tg_field_id id)
{
    return (size_t)id < COUNT(fields) ? &fields[id] : NULL;
}

const struct tg_format_info *tg_format_info(enum tg_format id)
{
    return (size_t)id < COUNT(formats) ? &formats[id] : NULL;
}

const struct tg_insn_info *tg_insn_info(enum tg_insn_id id)
{
    return id != TG_INSN_ILLEGAL && (size_t)id < COUNT(insns) ? &insns[id] : NULL;
}

const char *tg_insn_group(enum tg_insn_id id)
{
    const struct tg_insn_info *info = tg_insn_info(id);
    size_t i = COUNT(groups) - 1;

    if (!info)
        return NULL;
    while (i > 0 && groups[i].first_op > info->op)
        i--;
    return groups[i].title;
}

const struct tg_creg_info *tg_creg_info(uint32_t number)
{
    return number < COUNT(cregs) && cregs[number].name ? &cregs[number] : NULL;
}

const struct tg_cause_info *tg_cause_info(uint32_t vector)
{
    return vector < COUNT(causes) && causes[vector].name ? &causes[vector] : NULL;
}

const char *tg_access_name(uint32_t access)
{
    return access < COUNT(accesses) ? accesses[access] : NULL;
}

const char *tg_page_reason(uint32_t reason)
{
    return reason < COUNT(page_reasons) ? page_reasons[reason] : NULL;
}

const char *tg_privilege_reason(uint32_t reason)
{
    return reason < COUNT(privilege_reasons) ? privilege_reasons[reason] : NULL;
}

const char *tg_gate_reason(uint32_t reason)
{
    return reason < COUNT(gate_reasons) ? gate_reasons[reason] : NULL;
}

const char *tg_register_name(uint32_t number)
{
    return number < COUNT(registers) ? registers[number].name : NULL;
}

const char *tg_register_role(uint32_t number)
{
    return number < COUNT(registers) ? registers[number].role : NULL;
}

/* --- Rows by name ----------------------------------------------------------------------------- */

static bool is_name(const char *candidate, const char *name, size_t len)
{
    return candidate && strlen(candidate) == len && memcmp(candidate, name, len) == 0;
}

/* The number in x0 to x31, without leading zeros; -1 for any other name. */
static int register_by_x_number(const char *name, size_t len)
{
    int number = 0;

    if (len < 2 || len > 3 || name[0] != 'x' || (len == 3 && name[1] == '0'))
        return -1;
    for (size_t i = 1; i < len; i++) {
        if (name[i] < '0' || name[i] > '9')
            return -1;
        number = number * 10 + (name[i] - '0');
    }
    return number < 32 ? number : -1;
}

int tg_register_by_name(const char *name, size_t len)
{
    if (is_name("fp", name, len))
        return 8; /* s0 by its other name */
    for (size_t i = 0; i < COUNT(registers); i++)
        if (is_name(registers[i].name, name, len))
            return (int)i;
    return register_by_x_number(name, len);
}

int tg_creg_by_name(const char *name, size_t len)
{
    for (size_t i = 0; i < COUNT(cregs); i++)
        if (is_name(cregs[i].name, name, len))
            return (int)i;
    return -1;
}

enum tg_insn_id tg_insn_by_mnemonic(const char *name, size_t len)
{
    for (int id = TG_INSN_ILLEGAL + 1; id < TG_INSN_COUNT; id++)
        if (is_name(insns[id].mnemonic, name, len))
            return (enum tg_insn_id)id;
    return TG_INSN_ILLEGAL;
}
