/*
 * Cases of the instructions that only compute.
 *
 * rules: RV-1 ALU-1 ALU-2 ALU-3 DIV-1 DIV-2 REG-1 ENC-3
 */
#include "insn_cases.h"

#define MIN UINT32_C(0x80000000) /* -2^31 */
#define MAX UINT32_C(0x7fffffff)
#define ALL UINT32_C(0xffffffff) /* -1 */

/* --- Registers with registers (rules: ALU-1, ALU-2, ALU-3) ------------------------------------ */

CASES(ADD, AB(0, 0, 0), AB(1, 1, 2), AB(ALL, 1, 0), AB(ALL, ALL, 0xfffffffe), AB(MAX, 1, MIN),
      AB(MIN, MIN, 0), AB(MIN, ALL, MAX), AB(0x12345678, 0x87654321, 0x99999999));
CASES(SUB, AB(0, 0, 0), AB(0, 1, ALL), AB(1, ALL, 2), AB(MIN, 1, MAX), AB(MAX, ALL, MIN),
      AB(MIN, MIN, 0), AB(0, MIN, MIN), AB(0x99999999, 0x87654321, 0x12345678));
CASES(SLL, AB(1, 0, 1), AB(1, 1, 2), AB(1, 31, MIN), AB(1, 32, 1), AB(1, 63, MIN), AB(ALL, 31, MIN),
      AB(0x12345678, 4, 0x23456780), AB(0x12345678, ALL, 0), AB(0x12345679, 0xffffffe4, 0x23456790),
      AB(MIN, 1, 0), AB(0, 31, 0));
CASES(SLT, AB(0, 0, 0), AB(0, 1, 1), AB(1, 0, 0), AB(ALL, 0, 1), AB(0, ALL, 0), AB(MIN, MAX, 1),
      AB(MAX, MIN, 0), AB(MIN, ALL, 1), AB(ALL, MIN, 0), AB(MIN, MIN, 0), AB(ALL, 1, 1));
CASES(SLTU, AB(0, 0, 0), AB(0, 1, 1), AB(1, 0, 0), AB(ALL, 0, 0), AB(0, ALL, 1), AB(MIN, MAX, 0),
      AB(MAX, MIN, 1), AB(MIN, ALL, 1), AB(ALL, ALL, 0), AB(1, ALL, 1));
CASES(XOR, AB(0, 0, 0), AB(ALL, 0, ALL), AB(ALL, ALL, 0), AB(0xff00ff00, 0x0ff00ff0, 0xf0f0f0f0),
      AB(MIN, MAX, ALL), AB(0x12345678, ALL, 0xedcba987));
CASES(SRL, AB(1, 0, 1), AB(MIN, 1, 0x40000000), AB(MIN, 31, 1), AB(MIN, 32, MIN), AB(MIN, 63, 1),
      AB(ALL, 31, 1), AB(ALL, 4, 0x0fffffff), AB(0x87654321, 0xffffffe8, 0x00876543),
      AB(MAX, 31, 0));
CASES(SRA, AB(1, 0, 1), AB(MIN, 1, 0xc0000000), AB(MIN, 31, ALL), AB(MIN, 32, MIN),
      AB(MIN, 63, ALL), AB(ALL, 31, ALL), AB(MAX, 31, 0), AB(MAX, 30, 1),
      AB(0x87654321, 0xffffffe8, 0xff876543), AB(0x12345678, 4, 0x01234567));
CASES(OR, AB(0, 0, 0), AB(ALL, 0, ALL), AB(0xff00ff00, 0x0ff00ff0, 0xfff0fff0), AB(MIN, MAX, ALL),
      AB(0x10, 0x10, 0x10));
CASES(AND, AB(0, 0, 0), AB(ALL, 0, 0), AB(ALL, ALL, ALL), AB(0xff00ff00, 0x0ff00ff0, 0x0f000f00),
      AB(MIN, MAX, 0), AB(MIN, ALL, MIN));

/* --- Multiplication (rules: ALU-1) ------------------------------------------------------------ */

CASES(MUL, AB(0, 0, 0), AB(7, 6, 42), AB(ALL, ALL, 1), AB(ALL, 1, ALL), AB(MIN, ALL, MIN),
      AB(MIN, MIN, 0), AB(MIN, 2, 0), AB(0x10000, 0x10000, 0), AB(0x12345678, 0x10, 0x23456780),
      AB(0x10001, 0x10001, 0x20001));
CASES(MULH, AB(0, 0, 0), AB(ALL, ALL, 0), AB(ALL, 1, ALL), AB(1, ALL, ALL),
      AB(MIN, MIN, 0x40000000), AB(MAX, MAX, 0x3fffffff), AB(MIN, MAX, 0xc0000000), AB(MIN, ALL, 0),
      AB(MIN, 1, ALL), AB(0x10000, 0x10000, 1));
CASES(MULHSU, AB(0, 0, 0), AB(ALL, ALL, ALL), AB(ALL, 1, ALL), AB(1, ALL, 0),
      AB(MIN, MIN, 0xc0000000), AB(MIN, ALL, MIN), AB(MAX, ALL, 0x7ffffffe), AB(ALL, MIN, ALL),
      AB(0x10000, 0x10000, 1));
CASES(MULHU, AB(0, 0, 0), AB(ALL, ALL, 0xfffffffe), AB(ALL, 1, 0), AB(MIN, MIN, 0x40000000),
      AB(MIN, 2, 1), AB(MIN, ALL, MAX), AB(0x10000, 0x10000, 1),
      AB(0xffff0000, 0xffff0000, 0xfffe0001));

/* --- Division (rules: DIV-1, DIV-2) ----------------------------------------------------------- */

CASES(DIV, AB(20, 6, 3), AB(-20u, 6, -3u), AB(20, -6u, -3u), AB(-20u, -6u, 3), AB(0, 5, 0),
      AB(1, 0, ALL), AB(0, 0, ALL), AB(ALL, 0, ALL), AB(MIN, 0, ALL), AB(MIN, ALL, MIN),
      AB(MIN, 1, MIN), AB(MAX, ALL, 0x80000001), AB(MIN, MIN, 1), AB(MAX, MIN, 0), AB(ALL, 2, 0));
CASES(DIVU, AB(20, 6, 3), AB(-20u, 6, 715827879), AB(20, -6u, 0), AB(0, 5, 0), AB(1, 0, ALL),
      AB(0, 0, ALL), AB(ALL, 0, ALL), AB(MIN, ALL, 0), AB(ALL, MIN, 1), AB(ALL, 1, ALL),
      AB(ALL, ALL, 1));
CASES(REM, AB(20, 6, 2), AB(-20u, 6, -2u), AB(20, -6u, 2), AB(-20u, -6u, -2u), AB(0, 5, 0),
      AB(7, 0, 7), AB(0, 0, 0), AB(ALL, 0, ALL), AB(MIN, 0, MIN), AB(MIN, ALL, 0), AB(MIN, 1, 0),
      AB(MAX, MIN, MAX), AB(MIN, MAX, ALL));
CASES(REMU, AB(20, 6, 2), AB(-20u, 6, 2), AB(20, -6u, 20), AB(7, 0, 7), AB(0, 0, 0),
      AB(ALL, 0, ALL), AB(MIN, ALL, MIN), AB(ALL, MIN, MAX), AB(ALL, ALL, 0));

/* --- Immediates (rules: ENC-3) ---------------------------------------------------------------- */

CASES(ADDI, AI(0, 0, 0), AI(1, -1, 0), AI(0, -1, ALL), AI(MAX, 1, MIN), AI(MIN, -1, MAX),
      AI(0, 16383, 0x3fff), AI(0, -16384, 0xffffc000), AI(ALL, 16383, 0x3ffe),
      AI(0x1000, -2048, 0x800));
CASES(SLTI, AI(0, 0, 0), AI(0, 1, 1), AI(0, -1, 0), AI(ALL, 0, 1), AI(ALL, -1, 0),
      AI(MIN, -16384, 1), AI(MAX, 16383, 0), AI(16382, 16383, 1), AI(0xffffbfff, -16384, 1),
      AI(0xffffc000, -16384, 0));
CASES(SLTIU, AI(0, 0, 0), AI(0, 1, 1), AI(0, -1, 1), AI(ALL, -1, 0), AI(ALL, 0, 0),
      AI(MIN, -16384, 1), AI(0xffffc000, -16384, 0), AI(16382, 16383, 1), AI(16383, 16383, 0),
      AI(1, 1, 0));
CASES(XORI, AI(0, 0, 0), AI(0x12345678, -1, 0xedcba987), AI(ALL, 16383, 0xffffc000),
      AI(0xff, -16384, 0xffffc0ff));
CASES(ORI, AI(0, 0, 0), AI(0x12345678, -1, ALL), AI(0x10000, 16383, 0x13fff),
      AI(0xff, -16384, 0xffffc0ff));
CASES(ANDI, AI(0, 0, 0), AI(0x12345678, -1, 0x12345678), AI(ALL, 16383, 0x3fff),
      AI(0x12345678, -16384, 0x12344000));
CASES(SLLI, AI(1, 0, 1), AI(1, 31, MIN), AI(ALL, 31, MIN), AI(0x12345678, 4, 0x23456780),
      AI(MIN, 1, 0));
CASES(SRLI, AI(MIN, 0, MIN), AI(MIN, 31, 1), AI(ALL, 4, 0x0fffffff), AI(MAX, 31, 0));
CASES(SRAI, AI(MIN, 0, MIN), AI(MIN, 31, ALL), AI(0x87654321, 8, 0xff876543), AI(MAX, 31, 0),
      AI(MAX, 30, 1));

/* An upper immediate is 20 bits: -524288 to 524287 times 4096. */
CASES(LUI, {.imm = 0, .d = 0}, {.imm = 0x1000, .d = 0x1000}, {.imm = 0x12345000, .d = 0x12345000},
      {.imm = -4096, .d = 0xfffff000}, {.imm = INT32_MIN, .d = MIN},
      {.imm = 0x7ffff000, .d = 0x7ffff000});
CASES(AUIPC, {.imm = 0, .d = 0x2000}, {.imm = 0x1000, .d = 0x3000}, {.imm = -4096, .d = 0x1000},
      {.imm = -0x3000, .d = 0xfffff000}, {.imm = INT32_MIN, .d = 0x80002000},
      {.imm = 0x7ffff000, .d = 0x80001000});

/* --- Branches (rules: ENC-3, GEN-2) ----------------------------------------------------------- */

#define BRANCH(value_s, value_a, distance)                                                         \
    {                                                                                              \
        .s = value_s, .a = value_a, .imm = 64, .jump = distance                                    \
    }
#define TAKEN(value_s, value_a) BRANCH(value_s, value_a, 64)
#define NOT(value_s, value_a)   BRANCH(value_s, value_a, 4)
/* Distances at the ends of the range and on either side of 0, with operands for which the branch is
 * taken. */
#define DISTANCES(value_s, value_a)                                                                \
    {.s = value_s, .a = value_a, .imm = 0, .jump_to = LAB_CODE},                                   \
        {.s = value_s, .a = value_a, .imm = 4, .jump = 4},                                         \
        {.s = value_s, .a = value_a, .imm = -4, .jump = -4},                                       \
        {.s = value_s, .a = value_a, .imm = 65532, .jump = 65532},                                 \
    {                                                                                              \
        .s = value_s, .a = value_a, .imm = -65536, .jump_to = 0xffff2000                           \
    }

CASES(BEQ, TAKEN(0, 0), TAKEN(ALL, ALL), TAKEN(MIN, MIN), NOT(0, 1), NOT(MIN, MAX), NOT(ALL, 0),
      DISTANCES(7, 7));
CASES(BNE, NOT(0, 0), NOT(ALL, ALL), TAKEN(0, 1), TAKEN(MIN, MAX), TAKEN(ALL, 0), NOT(MIN, MIN),
      DISTANCES(7, 8));
CASES(BLT, NOT(0, 0), TAKEN(0, 1), NOT(1, 0), TAKEN(ALL, 0), NOT(0, ALL), TAKEN(MIN, MAX),
      NOT(MAX, MIN), NOT(MIN, MIN), DISTANCES(7, 8));
CASES(BGE, TAKEN(0, 0), NOT(0, 1), TAKEN(1, 0), NOT(ALL, 0), TAKEN(0, ALL), NOT(MIN, MAX),
      TAKEN(MAX, MIN), TAKEN(MIN, MIN), DISTANCES(8, 7));
CASES(BLTU, NOT(0, 0), TAKEN(0, 1), NOT(1, 0), NOT(ALL, 0), TAKEN(0, ALL), NOT(MIN, MAX),
      TAKEN(MAX, MIN), NOT(ALL, ALL), DISTANCES(7, 8));
CASES(BGEU, TAKEN(0, 0), NOT(0, 1), TAKEN(1, 0), TAKEN(ALL, 0), NOT(0, ALL), TAKEN(MIN, MAX),
      NOT(MAX, MIN), TAKEN(ALL, ALL), DISTANCES(8, 7));

/* --- Jumps (rules: JMP-1, JMP-2) -------------------------------------------------------------- */

CASES(JAL, {.imm = 0, .jump_to = LAB_CODE, .d = LAB_CODE + 4},
      {.imm = 4, .jump = 4, .d = LAB_CODE + 4}, {.imm = -4, .jump = -4, .d = LAB_CODE + 4},
      {.imm = 2097148, .jump = 2097148, .d = LAB_CODE + 4},
      {.imm = -2097152, .jump_to = 0xffe02000, .d = LAB_CODE + 4});

#define JUMPS(value_a, value_i, target)                                                            \
    {                                                                                              \
        .a = value_a, .imm = value_i, .jump_to = target, .d = LAB_CODE + 4                         \
    }
#define FETCH_4 0x40 /* access fetch, width 4 */
CASES(
    JALR, JUMPS(0x3000, 0, 0x3000), JUMPS(0x3001, 0, 0x3000), JUMPS(0x3000, 1, 0x3000),
    JUMPS(0x3000, -4, 0x2ffc), JUMPS(0x4000, 16381, 0x7ffc), JUMPS(0, -4, 0xfffffffc),
    JUMPS(ALL, 5, 4), JUMPS(0x3003, -3, 0x3000), JUMPS(0x6000, -16384, 0x2000),
    JUMPS(0, 0x2000, 0x2000),
    {.a = 0x3002, .exception = RAISES(MISALIGNED), .error = FETCH_4, .address = 0x3002},
    {.a = 0x3003, .exception = RAISES(MISALIGNED), .error = FETCH_4, .address = 0x3002},
    {.a = 0x3000, .imm = -1, .exception = RAISES(MISALIGNED), .error = FETCH_4, .address = 0x2ffe},
    {.a = 1, .imm = -2, .exception = RAISES(MISALIGNED), .error = FETCH_4, .address = 0xfffffffe});
