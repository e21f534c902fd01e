/* The pseudo-instructions of pseudo.def that take some thought, and their table. See statements.h.
 */
#include <inttypes.h>

#include "as/report.h"
#include "as/sections.h"
#include "as/statements.h"
#include "as/symbols.h"

enum { RA = 1, SP = 2, T1 = 6 };

/* --- Values and addresses -----------------------------------------------------------------------
 */

static bool fits_immediate(int64_t number)
{
    const struct tg_format_info *format = tg_format_info(TG_FORMAT_I);

    return number >= format->imm_min && number <= format->imm_max;
}

/* Operands d, i. */
static bool pseudo_li(struct assembly *as, const struct pseudo *pseudo, struct operand *operands)
{
    struct value value = operand_value(as, &operands[1]);
    uint8_t rd = operands[0].reg;
    int64_t number;
    uint32_t low;

    (void)pseudo;
    if (operands[1].part != TG_R_NONE)
        return error_here(as, operands[1].text.at,
                          "li takes a whole value; parts go with lui and "
                          "addi");
    if (!is_known(&value, &number))
        return write_part(as, TG_INSN_LUI, rd, 0, TG_R_HI20, value) &&
               write_part(as, TG_INSN_ADDI, rd, rd, TG_R_LO12, value);
    if (number < INT32_MIN || number > UINT32_MAX)
        return error_here(as, operands[1].text.at, "%" PRId64 " does not fit in 32 bits", number);
    number = (int32_t)(uint32_t)number;
    if (fits_immediate(number))
        return write_insn(as, TG_INSN_ADDI, rd, 0, (int32_t)number);
    low = (((uint32_t)number & 0xfff) ^ 0x800) - 0x800;
    return write_insn(as, TG_INSN_LUI, rd, 0, (int32_t)((uint32_t)number - low)) &&
           (low == 0 || write_insn(as, TG_INSN_ADDI, rd, rd, (int32_t)low));
}

/* The instruction that holds the upper part of a distance, and its place for the one with the lower
 * part. */
static bool write_upper(struct assembly *as, uint8_t rd, struct value address,
                        struct value *ret_pair)
{
    *ret_pair = (struct value){.add = here_symbol(as)};
    return write_part(as, TG_INSN_AUIPC, rd, 0, TG_R_PCREL_HI20, address);
}

static bool check_address(struct assembly *as, const struct operand *operand)
{
    return operand->part == TG_R_NONE ||
           error_here(as, operand->text.at, "expected an address, found a part of a value");
}

/* Operands d, t. */
static bool pseudo_la(struct assembly *as, const struct pseudo *pseudo, struct operand *operands)
{
    uint8_t rd = operands[0].reg;
    struct value pair;

    (void)pseudo;
    return check_address(as, &operands[1]) &&
           write_upper(as, rd, operand_value(as, &operands[1]), &pair) &&
           write_part(as, TG_INSN_ADDI, rd, rd, TG_R_PCREL_LO12, pair);
}

static enum tg_insn_id insn_of(const struct pseudo *pseudo)
{
    return tg_insn_by_mnemonic(pseudo->mnemonic, slice_of(pseudo->mnemonic).length);
}

/* A load or store at a fixed address: by one instruction if that is a small number. */
static bool access_address(struct assembly *as, const struct pseudo *pseudo, uint8_t data,
                           uint8_t scratch, const struct operand *address)
{
    struct value value = operand_value(as, address), pair;
    int64_t number;

    if (!check_address(as, address))
        return false;
    if (is_known(&value, &number) && fits_immediate(number))
        return write_insn(as, insn_of(pseudo), data, 0, (int32_t)number);
    if (scratch == 0)
        return error_here(as, as->statement, "the address needs a register other than zero");
    return write_upper(as, scratch, value, &pair) &&
           write_part(as, insn_of(pseudo), data, scratch, TG_R_PCREL_LO12, pair);
}

/* Operands d, t. */
static bool pseudo_load(struct assembly *as, const struct pseudo *pseudo, struct operand *operands)
{
    return access_address(as, pseudo, operands[0].reg, operands[0].reg, &operands[1]);
}

/* Operands s, t, b. */
static bool pseudo_store(struct assembly *as, const struct pseudo *pseudo, struct operand *operands)
{
    if (operands[0].reg == operands[2].reg)
        return error_here(as, operands[2].text.at,
                          "the address needs another register than the one to be stored");
    return access_address(as, pseudo, operands[0].reg, operands[2].reg, &operands[1]);
}

/* --- Calls --------------------------------------------------------------------------------------
 */

/* Operand t. */
static bool pseudo_call(struct assembly *as, const struct pseudo *pseudo, struct operand *operands)
{
    (void)pseudo;
    return check_address(as, &operands[0]) &&
           write_jump(as, POINT_CALL, RA, RA, operand_value(as, &operands[0]));
}

static bool pseudo_tail(struct assembly *as, const struct pseudo *pseudo, struct operand *operands)
{
    (void)pseudo;
    return check_address(as, &operands[0]) &&
           write_jump(as, POINT_CALL, 0, T1, operand_value(as, &operands[0]));
}

/* --- Stack --------------------------------------------------------------------------------------
 */

static int32_t list_bytes(uint32_t registers)
{
    int32_t bytes = 0;

    for (; registers; registers &= registers - 1)
        bytes += 4;
    return bytes;
}

/* A load or store of each register of the list, upwards from sp. */
static bool access_list(struct assembly *as, enum tg_insn_id id, uint32_t registers)
{
    int32_t offset = 0;

    for (uint8_t number = 0; number < 32; number++) {
        if (!(registers >> number & 1))
            continue;
        if (!write_insn(as, id, number, SP, offset))
            return false;
        offset += 4;
    }
    return true;
}

static bool check_list(struct assembly *as, const struct operand *operand)
{
    if (operand->registers & (UINT32_C(1) << SP | 1))
        return error_here(as, operand->text.at, "sp and zero cannot be in this list");
    return true;
}

/* Operand L. */
static bool pseudo_push(struct assembly *as, const struct pseudo *pseudo, struct operand *operands)
{
    uint32_t registers = operands[0].registers;

    (void)pseudo;
    return check_list(as, &operands[0]) &&
           write_insn(as, TG_INSN_ADDI, SP, SP, -list_bytes(registers)) &&
           access_list(as, TG_INSN_SW, registers);
}

static bool pseudo_pop(struct assembly *as, const struct pseudo *pseudo, struct operand *operands)
{
    uint32_t registers = operands[0].registers;

    (void)pseudo;
    return check_list(as, &operands[0]) && access_list(as, TG_INSN_LW, registers) &&
           write_insn(as, TG_INSN_ADDI, SP, SP, list_bytes(registers));
}

/* --- Table --------------------------------------------------------------------------------------
 */

static const struct pseudo rows[] = {
#define AS_PSEUDO(mnemonic, operands, becomes, meaning)                                            \
    {mnemonic, operands, becomes, meaning, NULL},
#define AS_PSEUDO_CODE(mnemonic, operands, function, becomes, meaning)                             \
    {mnemonic, operands, becomes, meaning, function},
#include "as/pseudo.def"
    {0},
};

const struct pseudo *pseudo_row(size_t index)
{
    return index + 1 < sizeof rows / sizeof rows[0] ? &rows[index] : NULL;
}
