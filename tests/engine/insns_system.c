/*
 * Cases of the system and port instructions, as they are for ring 0. Other rings: test_rings.c; all
 * control registers: test_cregs.c; entries and returns in detail: test_entries.c, test_iret.c.
 *
 * rules: SYS-1 SYS-2 SYS-3 SYS-4 SYS-5 SYS-6 SYS-7 PIO-3 PIO-4 IRT-4 VEC-1 RING-2
 */
#include "bus/bus.h"
#include "bus/ports.h"
#include "insn_cases.h"

/* --- Traps, returns, waiting (rules: VEC-1, SYS-1, SYS-2, SYS-3, IRT-4) ----------------------- */

static void want_trap(struct lab *lab, uint32_t vector)
{
    lab_want_entry(
        lab, (struct lab_entry){.kind = TG_ENTRY_TRAP, .vector = vector, .saved_pc = LAB_CODE + 4});
}

static void want_trap_0(struct lab *lab)
{
    want_trap(lab, 0);
}

static void want_trap_77(struct lab *lab)
{
    want_trap(lab, 77);
}

static void want_trap_255(struct lab *lab)
{
    want_trap(lab, 255);
}

CASES(TRAP, {.imm = 0, .jump_to = LAB_CODE, .want = want_trap_0},
      {.imm = 77, .jump_to = LAB_CODE, .want = want_trap_77},
      {.imm = 255, .jump_to = LAB_CODE, .want = want_trap_255});

/* A frame at LAB_STACK whose vector, error word and address are rubbish: they are not looked at. */
static void push_frame(struct lab *lab)
{
    LAB_PROGRAM(lab, LAB_STACK, 0xffffffff, 0xffffffff, 0xffffffff, 0x8000, lab_status(3, 2, 1),
                0x1237);
}

static void want_return(struct lab *lab)
{
    lab->want.status = lab_status(3, 2, 1);
    lab->want.x[SP] = 0x1237;
}

static void move_sp(struct lab *lab)
{
    lab->cpu->s.x[SP] = LAB_STACK + 4;
}

CASES(
    IRET, {.prepare = push_frame, .want = want_return, .jump_to = 0x8000},
    {.prepare = move_sp, .exception = RAISES(MISALIGNED), .error = 0x41, .address = LAB_STACK + 4});

CASES(BRK, {.exception = RAISES(BREAKPOINT)});
CASES(FENCE, {.jump = 4});

static void want_waiting(struct lab *lab)
{
    lab->want.run_state = TG_CPU_WAITING;
}

static void offer_interrupt(struct lab *lab)
{
    lab_assert_line(lab, 9);
}

CASES(WFI, {.want = want_waiting}, {.prepare = offer_interrupt});

/* --- Interrupt enable (rules: SYS-4) ---------------------------------------------------------- */

static void set_ie(struct lab *lab)
{
    lab->cpu->s.status = lab_status(0, 2, 1);
}

static void clear_ie(struct lab *lab)
{
    lab->cpu->s.status = lab_status(0, 2, 0);
}

static void want_ie(struct lab *lab)
{
    lab->want.status = lab_status(0, 2, 1);
}

static void want_no_ie(struct lab *lab)
{
    lab->want.status = lab_status(0, 2, 0);
}

CASES(CLI, {.prepare = set_ie, .d = 0x210, .want = want_no_ie}, {.prepare = clear_ie, .d = 0x200});
CASES(STI, {.prepare = clear_ie, .want = want_ie}, {.prepare = set_ie});

/* --- Translation caches (rules: SYS-5). Which entries go: test_caches.c. ---------------------- */

CASES(TLBINV, {.a = 0, .b = 0}, {.a = 0x3000, .b = 0}, {.a = 0, .b = 5},
      {.a = 0xffffffff, .b = 0xffffffff});

/* --- Control registers (rules: SYS-6, SYS-7, RING-2, RING-3). Each register and ring:
 * test_cregs.c. ------------------------------------ */

static void set_cregs(struct lab *lab)
{
    lab->cpu->s.scratch[1] = 0x11223344;
    lab->cpu->s.status = lab_status(0, 1, 0);
}

static void want_scratch(struct lab *lab)
{
    lab->want.scratch[1] = 0x55667788;
}

static void want_iopl(struct lab *lab)
{
    lab->want.status = lab_status(0, 3, 0);
}

#define REFUSED(reason) .exception = RAISES(PRIVILEGE), .error = TG_PRIVILEGE_##reason
CASES(RDCR, {.prepare = set_cregs, .imm = TG_CR_SCRATCH1, .d = 0x11223344},
      {.prepare = set_cregs, .imm = TG_CR_STATUS, .d = 0x100}, {.imm = TG_CR_CPU, .d = 0});
CASES(WRCR, {.prepare = set_cregs, .imm = TG_CR_SCRATCH1, .a = 0x55667788, .want = want_scratch},
      {.prepare = set_cregs, .imm = TG_CR_STATUS, .a = 0x300, .want = want_iopl},
      {.prepare = set_cregs, .imm = TG_CR_STATUS, .a = 0x303, REFUSED(STATUS_RING)},
      {.imm = TG_CR_STATUS, .a = 0x400, REFUSED(RESERVED)},
      {.imm = TG_CR_CPU, .a = 0, REFUSED(CREG_WRITE)});
CASES(SWCR,
      {.prepare = set_cregs,
       .imm = TG_CR_SCRATCH1,
       .a = 0x55667788,
       .d = 0x11223344,
       .want = want_scratch},
      {.prepare = set_cregs, .imm = TG_CR_STATUS, .a = 0x300, .d = 0x100, .want = want_iopl},
      {.imm = TG_CR_VBASE, .a = 0x1004, REFUSED(RESERVED)},
      {.imm = TG_CR_TIME, .a = 0, REFUSED(CREG_WRITE)});

/* --- Ports (rules: PIO-3, PIO-4). Permission: test_ports.c. ----------------------------------- */

/* Registers that keep what is written: a byte, a half and a word; and one of each direction only.
 */
#define BYTE_PORT TG_PORT_SERIAL_CONTROL
#define HALF_PORT TG_PORT_TEXT_CURSOR
#define WORD_PORT TG_PORT_INTERRUPTS_START_PC
#define READ_PORT TG_PORT_SYSTEM_IDENTITY
#define NO_PORT   0x7000

static void fill_registers(struct lab *lab)
{
    ck_assert(tg_bus_port_write(lab->cpu, BYTE_PORT, 1, 3));
    ck_assert(tg_bus_port_write(lab->cpu, HALF_PORT, 2, 0xfedc));
    ck_assert(tg_bus_port_write(lab->cpu, WORD_PORT, 4, 0xfedcba98));
}

static void expect_port(struct lab *lab, uint32_t port, uint32_t bytes, uint32_t want)
{
    uint32_t value = 0;

    ck_assert(tg_bus_port_read(lab->cpu, port, bytes, &value));
    ck_assert_msg(value == want, "%s: port 0x%x holds 0x%x, not 0x%x", lab->engine, port, value,
                  want);
}

static void check_byte(struct lab *lab)
{
    expect_port(lab, BYTE_PORT, 1, 2);
}

static void check_half(struct lab *lab)
{
    expect_port(lab, HALF_PORT, 2, 0x5678);
}

static void check_word(struct lab *lab)
{
    expect_port(lab, WORD_PORT, 4, 0x12345678);
}

#define IN(width)  (4 | (width) << 4)
#define OUT(width) (5 | (width) << 4)
#define PORT_FAULT(cause, base, offset, code, port)                                                \
    {                                                                                              \
        .a = base, .imm = offset, .exception = RAISES(cause), .error = code, .address = port       \
    }

CASES(INB, {.prepare = fill_registers, .a = BYTE_PORT, .d = 3},
      {.prepare = fill_registers, .imm = BYTE_PORT, .d = 3},
      {.prepare = fill_registers, .a = 0xffff0000, .imm = BYTE_PORT, .d = 3},
      PORT_FAULT(BUS, NO_PORT, 0, IN(1), NO_PORT), PORT_FAULT(BUS, WORD_PORT, 0, IN(1), WORD_PORT),
      PORT_FAULT(BUS, 0, -1, IN(1), 0xffff));
CASES(INH, {.prepare = fill_registers, .a = HALF_PORT, .d = 0xfedc},
      {.prepare = fill_registers, .a = HALF_PORT + 1, .imm = -1, .d = 0xfedc},
      PORT_FAULT(MISALIGNED, HALF_PORT, 1, IN(2), HALF_PORT + 1),
      PORT_FAULT(MISALIGNED, NO_PORT, 1, IN(2), NO_PORT + 1),
      PORT_FAULT(BUS, BYTE_PORT - 1, 0, IN(2), BYTE_PORT - 1),
      PORT_FAULT(BUS, WORD_PORT, 0, IN(2), WORD_PORT));
CASES(INW, {.prepare = fill_registers, .a = WORD_PORT, .d = 0xfedcba98},
      {.prepare = fill_registers, .a = 0xffffffff, .imm = WORD_PORT + 1, .d = 0xfedcba98},
      PORT_FAULT(MISALIGNED, WORD_PORT, 2, IN(4), WORD_PORT + 2),
      PORT_FAULT(MISALIGNED, WORD_PORT, -1, IN(4), WORD_PORT - 1),
      PORT_FAULT(BUS, HALF_PORT, 0, IN(4), HALF_PORT),
      PORT_FAULT(BUS, TG_PORT_DEBUG_MARK, 0, IN(4), TG_PORT_DEBUG_MARK),
      {.a = READ_PORT, .d = 0x54474254});

CASES(
    OUTB, {.s = 0xfffffffe, .a = BYTE_PORT, .prepare = fill_registers, .check = check_byte},
    {.s = 2, .a = 0xffffffff, .imm = BYTE_PORT + 1, .prepare = fill_registers, .check = check_byte},
    PORT_FAULT(BUS, NO_PORT, 0, OUT(1), NO_PORT), PORT_FAULT(BUS, WORD_PORT, 0, OUT(1), WORD_PORT),
    PORT_FAULT(BUS, TG_PORT_KEYBOARD_DATA, 0, OUT(1), TG_PORT_KEYBOARD_DATA));
CASES(OUTH, {.s = 0xffff5678, .a = HALF_PORT, .prepare = fill_registers, .check = check_half},
      PORT_FAULT(MISALIGNED, HALF_PORT, 1, OUT(2), HALF_PORT + 1),
      PORT_FAULT(BUS, NO_PORT, 0, OUT(2), NO_PORT),
      PORT_FAULT(BUS, WORD_PORT, 0, OUT(2), WORD_PORT));
CASES(OUTW, {.s = 0x12345678, .a = WORD_PORT, .prepare = fill_registers, .check = check_word},
      PORT_FAULT(MISALIGNED, WORD_PORT, 2, OUT(4), WORD_PORT + 2),
      PORT_FAULT(MISALIGNED, WORD_PORT, 1, OUT(4), WORD_PORT + 1),
      PORT_FAULT(BUS, READ_PORT, 0, OUT(4), READ_PORT), PORT_FAULT(BUS, 0, -4, OUT(4), 0xfffc));
