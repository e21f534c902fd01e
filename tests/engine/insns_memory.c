/*
 * Cases of the instructions that access memory.
 *
 * rules: RV-1 RV-2 MEM-1 MEM-2 MEM-3 ORD-2 AMO-1 AMO-2 AMO-4 PHY-1 PHY-2 REG-1
 */
#include "insn_cases.h"

#define MIN UINT32_C(0x80000000)
#define MAX UINT32_C(0x7fffffff)
#define ALL UINT32_C(0xffffffff)

/* Error words: access, width << 4. */
#define LOAD(width)  (1 | (width) << 4)
#define STORE(width) (2 | (width) << 4)
#define ATOMIC       (3 | 4 << 4)

#define MISALIGNED_AT(base, offset, code, where)                                                   \
    {                                                                                              \
        .a = base, .imm = offset, .exception = RAISES(MISALIGNED), .error = code, .address = where \
    }
#define BUS_AT(base, offset, code, where)                                                          \
    {                                                                                              \
        .a = base, .imm = offset, .exception = RAISES(BUS), .error = code, .address = where        \
    }

/* What lies behind RAM, and behind the display's window of 4000 bytes. */
#define RAM_END    UINT32_C(0x40000)
#define WINDOW     UINT32_C(0xf0000000)
#define WINDOW_END UINT32_C(0xf0000fa0)

/* --- Loads (rules: MEM-1, MEM-2, MEM-3, ORD-2, PHY-1) ----------------------------------------- */

#define WORD_AT_DATA .has_memory = true, .memory = 0x80917fa2, .stored = 0x80917fa2
#define LOADS(offset, value)                                                                       \
    {                                                                                              \
        .a = LAB_DATA, .imm = offset, WORD_AT_DATA, .d = value                                     \
    }
/* The same word through both ends of the immediate's range; a wraps around. */
#define LOADS_FAR(value)                                                                           \
    {.a = 0xfffff001, .imm = 16383, WORD_AT_DATA, .d = value},                                     \
        {.a = LAB_DATA + 16384, .imm = -16384, WORD_AT_DATA, .d = value},                          \
    {                                                                                              \
        .a = LAB_DATA + 1, .imm = -1, WORD_AT_DATA, .d = value                                     \
    }

CASES(LB, LOADS(0, 0xffffffa2), LOADS(1, 0x7f), LOADS(2, 0xffffff91), LOADS(3, 0xffffff80),
      LOADS_FAR(0xffffffa2), BUS_AT(RAM_END, 0, LOAD(1), RAM_END),
      BUS_AT(WINDOW_END, 0, LOAD(1), WINDOW_END), BUS_AT(0, -1, LOAD(1), ALL));
CASES(LH, LOADS(0, 0x7fa2), LOADS(2, 0xffff8091), LOADS_FAR(0x7fa2),
      MISALIGNED_AT(LAB_DATA, 1, LOAD(2), LAB_DATA + 1),
      MISALIGNED_AT(LAB_DATA, 3, LOAD(2), LAB_DATA + 3),
      MISALIGNED_AT(RAM_END, 1, LOAD(2), RAM_END + 1), BUS_AT(RAM_END, 0, LOAD(2), RAM_END),
      BUS_AT(0, -2, LOAD(2), 0xfffffffe));
CASES(LW, LOADS(0, 0x80917fa2), LOADS_FAR(0x80917fa2),
      MISALIGNED_AT(LAB_DATA, 1, LOAD(4), LAB_DATA + 1),
      MISALIGNED_AT(LAB_DATA, 2, LOAD(4), LAB_DATA + 2),
      MISALIGNED_AT(LAB_DATA, -1, LOAD(4), LAB_DATA - 1),
      MISALIGNED_AT(RAM_END, 2, LOAD(4), RAM_END + 2), BUS_AT(RAM_END, 0, LOAD(4), RAM_END),
      BUS_AT(0, -4, LOAD(4), 0xfffffffc), BUS_AT(MIN, 0, LOAD(4), MIN),
      {.a = RAM_END, .imm = -4, .d = 0});
CASES(LBU, LOADS(0, 0xa2), LOADS(1, 0x7f), LOADS(2, 0x91), LOADS(3, 0x80), LOADS_FAR(0xa2),
      BUS_AT(RAM_END, 0, LOAD(1), RAM_END), BUS_AT(WINDOW_END, 0, LOAD(1), WINDOW_END));
CASES(LHU, LOADS(0, 0x7fa2), LOADS(2, 0x8091), LOADS_FAR(0x7fa2),
      MISALIGNED_AT(LAB_DATA, 1, LOAD(2), LAB_DATA + 1), BUS_AT(RAM_END, 0, LOAD(2), RAM_END));

/* --- Stores (rules: MEM-1, MEM-2, MEM-3, ORD-2, PHY-1) ---------------------------------------- */

#define STORES(value, offset, result)                                                              \
    {                                                                                              \
        .s = value, .a = LAB_DATA, .imm = offset, .has_memory = true, .memory = 0x55555555,        \
        .stored = result                                                                           \
    }
#define STORES_FAR(value, result)                                                                  \
    {.s = value, .a = 0xfffff001, .imm = 16383, .has_memory = true, .stored = result},             \
    {                                                                                              \
        .s = value, .a = LAB_DATA + 16384, .imm = -16384, .has_memory = true, .stored = result     \
    }

CASES(SB, STORES(0x123456f8, 0, 0x555555f8), STORES(0x123456f8, 1, 0x5555f855),
      STORES(0x123456f8, 2, 0x55f85555), STORES(0x123456f8, 3, 0xf8555555),
      STORES(0, 0, 0x55555500), STORES_FAR(ALL, 0xff), STORES(LAB_DATA, 0, 0x55555500),
      BUS_AT(RAM_END, 0, STORE(1), RAM_END), BUS_AT(WINDOW_END, 0, STORE(1), WINDOW_END),
      BUS_AT(0, -1, STORE(1), ALL));
CASES(SH, STORES(0x1234f678, 0, 0x5555f678), STORES(0x1234f678, 2, 0xf6785555),
      STORES(0, 2, 0x5555), STORES_FAR(ALL, 0xffff),
      MISALIGNED_AT(LAB_DATA, 1, STORE(2), LAB_DATA + 1),
      MISALIGNED_AT(LAB_DATA, 3, STORE(2), LAB_DATA + 3), BUS_AT(RAM_END, 0, STORE(2), RAM_END),
      BUS_AT(0, -2, STORE(2), 0xfffffffe));
CASES(SW, STORES(0x1234f678, 0, 0x1234f678), STORES(0, 0, 0), STORES(LAB_DATA, 0, LAB_DATA),
      STORES_FAR(ALL, ALL), MISALIGNED_AT(LAB_DATA, 1, STORE(4), LAB_DATA + 1),
      MISALIGNED_AT(LAB_DATA, 2, STORE(4), LAB_DATA + 2),
      MISALIGNED_AT(LAB_DATA, 3, STORE(4), LAB_DATA + 3),
      MISALIGNED_AT(RAM_END, 2, STORE(4), RAM_END + 2), BUS_AT(RAM_END, 0, STORE(4), RAM_END),
      BUS_AT(MIN, 0, STORE(4), MIN), BUS_AT(0, -4, STORE(4), 0xfffffffc));

/* --- Atomic operations (rules: AMO-1) --------------------------------------------------------- */

#define AMO(before, value_b, after)                                                                \
    {                                                                                              \
        .a = LAB_DATA, .b = value_b, .has_memory = true, .memory = before, .stored = after,        \
        .d = before                                                                                \
    }
#define AMO_FAULTS(code)                                                                           \
    MISALIGNED_AT(LAB_DATA + 1, 0, code, LAB_DATA + 1),                                            \
        MISALIGNED_AT(LAB_DATA + 2, 0, code, LAB_DATA + 2),                                        \
        MISALIGNED_AT(RAM_END + 3, 0, code, RAM_END + 3), BUS_AT(RAM_END, 0, code, RAM_END),       \
        BUS_AT(WINDOW, 0, code, WINDOW), BUS_AT(0xfffffffc, 0, code, 0xfffffffc)

CASES(AMOSWAP_W, AMO(1, 2, 2), AMO(ALL, 0, 0), AMO(0, LAB_DATA, LAB_DATA), AMO_FAULTS(ATOMIC));
CASES(AMOADD_W, AMO(1, 2, 3), AMO(ALL, 1, 0), AMO(MAX, 1, MIN), AMO(5, ALL, 4), AMO_FAULTS(ATOMIC));
CASES(AMOXOR_W, AMO(0xff00ff00, 0x0ff00ff0, 0xf0f0f0f0), AMO(ALL, ALL, 0), AMO(7, 0, 7),
      AMO_FAULTS(ATOMIC));
CASES(AMOAND_W, AMO(0xff00ff00, 0x0ff00ff0, 0x0f000f00), AMO(ALL, 0, 0), AMO(7, ALL, 7),
      AMO_FAULTS(ATOMIC));
CASES(AMOOR_W, AMO(0xff00ff00, 0x0ff00ff0, 0xfff0fff0), AMO(0, ALL, ALL), AMO(7, 0, 7),
      AMO_FAULTS(ATOMIC));
CASES(AMOMIN_W, AMO(1, 2, 1), AMO(2, 1, 1), AMO(ALL, 0, ALL), AMO(0, ALL, ALL), AMO(MIN, MAX, MIN),
      AMO(MAX, MIN, MIN), AMO(5, 5, 5), AMO_FAULTS(ATOMIC));
CASES(AMOMAX_W, AMO(1, 2, 2), AMO(2, 1, 2), AMO(ALL, 0, 0), AMO(0, ALL, 0), AMO(MIN, MAX, MAX),
      AMO(MAX, MIN, MAX), AMO(5, 5, 5), AMO_FAULTS(ATOMIC));
CASES(AMOMINU_W, AMO(1, 2, 1), AMO(2, 1, 1), AMO(ALL, 0, 0), AMO(0, ALL, 0), AMO(MIN, MAX, MAX),
      AMO(MAX, MIN, MAX), AMO(5, 5, 5), AMO_FAULTS(ATOMIC));
CASES(AMOMAXU_W, AMO(1, 2, 2), AMO(2, 1, 2), AMO(ALL, 0, ALL), AMO(0, ALL, ALL), AMO(MIN, MAX, MIN),
      AMO(MAX, MIN, MIN), AMO(5, 5, 5), AMO_FAULTS(ATOMIC));

/* --- Reservations (rules: AMO-1, AMO-2, AMO-4). What makes one get lost: test_atomics.c. ------ */

static void want_reserved(struct lab *lab)
{
    lab->want.is_reserved = 1;
    lab->want.reserved_paddr = LAB_DATA;
}

static void reserve_data(struct lab *lab)
{
    lab->cpu->s.is_reserved = 1;
    lab->cpu->s.reserved_paddr = LAB_DATA;
}

static void reserve_next_word(struct lab *lab)
{
    lab->cpu->s.is_reserved = 1;
    lab->cpu->s.reserved_paddr = LAB_DATA + 4;
}

static void want_no_reservation(struct lab *lab)
{
    lab->want.is_reserved = 0;
}

#define LR(before)                                                                                 \
    .a = LAB_DATA, .has_memory = true, .memory = before, .stored = before, .d = before,            \
    .want = want_reserved
CASES(LR_W, {LR(0x12345678)}, {LR(ALL)}, {LR(7), .prepare = reserve_next_word},
      {LR(7), .prepare = reserve_data}, AMO_FAULTS(LOAD(4)));

#define SC(value_b, after, result)                                                                 \
    .a = LAB_DATA, .b = value_b, .has_memory = true, .memory = 0x11, .stored = after, .d = result, \
    .want = want_no_reservation
CASES(SC_W, {SC(0x22, 0x22, 0), .prepare = reserve_data}, {SC(0, 0, 0), .prepare = reserve_data},
      {SC(LAB_DATA, LAB_DATA, 0), .prepare = reserve_data}, {SC(0x22, 0x11, 1)},
      {SC(0x22, 0x11, 1), .prepare = reserve_next_word}, AMO_FAULTS(STORE(4)));
