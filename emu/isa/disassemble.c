/*
 * Words to text, by the operand templates of insns.def. Canonical: no pseudo-instructions, and the
 * assembler reads the text back to the same word. Manual: docs/isa.md section 4.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "isa/isa.h"

/* Where the text goes; length stays below TG_DISASSEMBLY_BYTES. */
struct text {
    char *buf;
    size_t length;
};

__attribute__((format(printf, 2, 3))) static void append(struct text *text, const char *form, ...)
{
    size_t left = TG_DISASSEMBLY_BYTES - text->length;
    va_list args;
    int written;

    va_start(args, form);
    written = vsnprintf(text->buf + text->length, left, form, args);
    va_end(args);
    if (written > 0)
        text->length += (size_t)written < left ? (size_t)written : left - 1;
}

/* One letter of a template; a letter that names no operand stands for itself. */
static void append_operand(struct text *text, char letter, const struct tg_insn *insn, uint32_t pc)
{
    switch (letter) {
    case 'd':
    case 's':
        append(text, "%s", tg_register_name(insn->rd));
        break;
    case 'a':
        append(text, "%s", tg_register_name(insn->ra));
        break;
    case 'b':
        append(text, "%s", tg_register_name(insn->rb));
        break;
    case 'i':
    case 'h':
    case 'v':
        append(text, "%" PRId32, insn->imm);
        break;
    case 't':
        append(text, "0x%" PRIx32, pc + (uint32_t)insn->imm);
        break;
    case 'u':
        append(text, "0x%" PRIx32, (uint32_t)insn->imm >> 12);
        break;
    case 'c':
        append(text, "%s", tg_creg_info((uint32_t)insn->imm)->name);
        break;
    default:
        append(text, "%c", letter);
        break;
    }
}

void tg_disassemble(uint32_t word, uint32_t pc, char *buf)
{
    struct tg_insn insn = tg_decode(word);
    const struct tg_insn_info *info = tg_insn_info(insn.id);
    struct text text = {buf, 0};

    if (!info) {
        append(&text, ".word 0x%08" PRIx32, word);
        return;
    }
    append(&text, "%s", info->mnemonic);
    if (info->operands[0])
        append(&text, " ");
    for (const char *letter = info->operands; *letter; letter++)
        append_operand(&text, *letter, &insn, pc);
}
