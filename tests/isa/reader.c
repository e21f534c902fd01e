/*
 * A reader for canonical text only: one space, no comments, no expressions. The assembler has its
 * own.
 */
#include <stdlib.h>
#include <string.h>

#include "isa/isa.h"
#include "reader.h"

static bool read_number(const char **text, int base, int64_t *ret_value)
{
    char *end;

    if (base == 16 && strncmp(*text, "0x", 2) != 0)
        return false;
    *ret_value = strtoll(*text, &end, base);
    if (end == *text)
        return false;
    *text = end;
    return true;
}

static bool read_name(const char **text, int (*look_up)(const char *, size_t), int *ret_number)
{
    size_t len = strcspn(*text, ", ()");

    *ret_number = look_up(*text, len);
    *text += len;
    return *ret_number >= 0;
}

static bool read_register(const char **text, uint8_t *ret_number)
{
    int number;

    if (!read_name(text, tg_register_by_name, &number))
        return false;
    *ret_number = (uint8_t)number;
    return true;
}

static bool read_operand(const char **text, char letter, uint32_t pc, struct tg_insn *insn)
{
    int64_t value = 0;
    bool is_read;

    switch (letter) {
    case 'd':
    case 's':
        return read_register(text, &insn->rd);
    case 'a':
        return read_register(text, &insn->ra);
    case 'b':
        return read_register(text, &insn->rb);
    case 'c':
        return read_name(text, tg_creg_by_name, &insn->imm);
    case 'i':
    case 'h':
    case 'v':
        is_read = read_number(text, 10, &value);
        insn->imm = (int32_t)value;
        return is_read;
    case 't':
        is_read = read_number(text, 16, &value);
        insn->imm = (int32_t)((uint32_t)value - pc);
        return is_read;
    case 'u':
        is_read = read_number(text, 16, &value) && value <= 0xfffff;
        insn->imm = (int32_t)((uint32_t)value << 12);
        return is_read;
    default:
        return *(*text)++ == letter;
    }
}

bool read_instruction(const char *text, uint32_t pc, uint32_t *ret_word)
{
    size_t len = strcspn(text, " ");
    struct tg_insn insn = {.id = tg_insn_by_mnemonic(text, len)};
    const char *operands;

    if (insn.id == TG_INSN_ILLEGAL)
        return false;
    operands = tg_insn_info(insn.id)->operands;
    text += len;
    if (*operands && *text++ != ' ')
        return false;
    for (; *operands; operands++)
        if (!read_operand(&text, *operands, pc, &insn))
            return false;
    return !*text && tg_encode(&insn, ret_word);
}
