/*
 * RISC-V words to TG32 instructions: RV32IMA one to one, and the custom words by which C code that
 * was compiled for riscv32 reaches TG32's own instructions. Knows words, not objects or
 * relocations. Manual: docs/isa.md section 11. The rows are in rv32.def.
 *
 * Custom words. Assemblers for RISC-V take `.insn i OPCODE, FUNCT3, rd, rs1, IMMEDIATE` with
 * numbers for the opcode and function, so an inline function in C can emit any of them:
 *
 *   OPCODE, FUNCT3   op = the opcode's first operation in rv32.def + FUNCT3; that operation's TG32
 *                    instruction is the one that is meant
 *   rd, rs1          the fields rd and ra
 *   IMMEDIATE        the immediate: offset of a port (-2048 to 2047), number of a control register
 *                    or vector; for an instruction with the field rb that register's number, which
 *                    `.insn r OPCODE, FUNCT3, 0, rd, rs1, rs2` puts there
 *
 * Fields that the TG32 instruction lacks must be x0 or 0. For example, with 8 the number of cpu:
 *
 *   unsigned value;
 *   __asm__ volatile(".insn i 0x2b, 1, %0, x0, 8" : "=r"(value));           rdcr value, cpu
 *   __asm__ volatile(".insn i 0x5b, 4, %0, %1, 0" : : "r"(byte), "r"(port)); outb byte, 0(port)
 */
#ifndef TG_ISA_RV32_H
#define TG_ISA_RV32_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isa/isa.h"

enum tg_rv32_result {
    TG_RV32_OK,
#define TG_RV32_REASON(id, ...) TG_RV32_##id,
#include "rv32.def"
    TG_RV32_RESULT_COUNT
};

struct tg_rv32_info {
    const char *mnemonic; /* as RISC-V's assemblers call it */
    uint32_t match, mask; /* a word w is this instruction if (w & mask) == match */
    enum tg_insn_id id;   /* what it becomes */
};

/* The rows in the table's order; NULL after the last. */
const struct tg_rv32_info *tg_rv32_info(size_t index);

/* Translates a RISC-V word. Unless the result is TG_RV32_OK, *ret_insn is left alone and the result
 * says why the word cannot be translated. A success always encodes. */
enum tg_rv32_result tg_rv32_translate(uint32_t rv_word, struct tg_insn *ret_insn);

/* The same, and encodes. */
enum tg_rv32_result tg_rv32_translate_word(uint32_t rv_word, uint32_t *ret_word);

/* A result other than TG_RV32_OK in words, to complete "cannot translate this instruction: "; NULL
 * for TG_RV32_OK and numbers that are no result. */
const char *tg_rv32_reason(enum tg_rv32_result result);

/* The RISC-V opcode and funct3 of the custom words for an instruction; false when it has none. */
bool tg_rv32_custom(enum tg_insn_id id, uint32_t *ret_opcode, uint32_t *ret_funct3);

#endif
