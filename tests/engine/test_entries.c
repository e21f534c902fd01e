/*
 * Entries: the frame word by word, the stack it is on, what changes and what does not, why an entry
 * fails, the double fault and the end. The numbers are written out here, not computed by the lab.
 *
 * rules: VEC-1 ORD-1 GATE-1 GATE-2 GATE-3 ENT-1 ENT-2 ENT-3 ENT-4 ENT-5 FRM-1 FRM-2 DBL-1 DBL-2
 * DBL-3 DBL-4 DBL-5 AMO-3 PHY-2 RING-3 CAUSE-DOUBLE
 */
#include <string.h>

#include "bus/bus.h"
#include "bus/ports.h"
#include "lab.h"

#define BRK      tg_word_i(TG_INSN_BRK, 0, 0, 0)
#define FENCE    tg_word_i(TG_INSN_FENCE, 0, 0, 0)
#define TRAP(n)  tg_word_i(TG_INSN_TRAP, 0, 0, n)
#define CLOSE    0x100
#define PRESENT  0x8000
#define SOURCE   9 /* an interrupt source */
#define ITS_GATE 41

static void expect_frame(struct lab *lab, uint32_t frame, const uint32_t words[6])
{
    static const char *const names[] = {"vector", "error", "address", "pc", "status", "sp"};

    for (uint32_t i = 0; i < 6; i++)
        ck_assert_msg(lab_get(lab, frame + 4 * i) == words[i],
                      "%s: %s in the frame is 0x%x, not 0x%x", lab->engine, names[i],
                      (unsigned)lab_get(lab, frame + 4 * i), (unsigned)words[i]);
}

static void open_with(struct lab *lab, int engine, uint32_t status, uint32_t word)
{
    lab_open(lab, engine);
    lab->cpu->s.status = status;
    lab_put(lab, LAB_CODE, word);
}

/* --- The frame -------------------------------------------------------------------------------- */

/* rules: FRM-1 FRM-2 ENT-1 ENT-4. An exception in ring 0: on the same stack. */
START_TEST(frame_of_an_exception)
{
    struct lab lab;

    open_with(&lab, _i, lab_status(0, 2, 1), tg_word_i(TG_INSN_LW, A0, A1, 1));
    lab.cpu->s.x[A1] = 0x3004;
    lab_ready(&lab);
    lab_run(&lab, 1);
    expect_frame(&lab, 0x4fe0, (uint32_t[]){4, 0x41, 0x3005, 0x2000, 0x210, 0x5000});
    ck_assert_uint_eq(lab.cpu->s.x[SP], 0x4fe0);
    ck_assert_uint_eq(lab.cpu->s.status, 0x210); /* the gate does not close */
    ck_assert_uint_eq(lab.cpu->s.pc, 0x20040);
    lab_close(&lab);
}
END_TEST

/* rules: FRM-1 FRM-2 ENT-1 ENT-4 VEC-1. A trap from ring 3 to ring 1: kind 2, no error, the next
 * instruction. */
START_TEST(frame_of_a_trap)
{
    struct lab lab;

    open_with(&lab, _i, lab_status(3, 1, 1), TRAP(128));
    lab_gate(&lab, 128, 0x3c, PRESENT | CLOSE | 3 << 4 | 1);
    lab_ready(&lab);
    lab_run(&lab, 1);
    expect_frame(&lab, 0x6fe0, (uint32_t[]){0x280, 0, 0, 0x2004, 0x113, 0x5000});
    ck_assert_uint_eq(lab.cpu->s.x[SP], 0x6fe0);
    ck_assert_uint_eq(lab.cpu->s.status, 0x101);
    ck_assert_uint_eq(lab.cpu->s.pc, 0x3c);
    lab_close(&lab);
}
END_TEST

/* rules: FRM-1 FRM-2 INT-1 ENT-5. An interrupt in ring 3: kind 1, no error, the instruction that
 * has not begun. */
START_TEST(frame_of_an_interrupt)
{
    struct lab lab;

    open_with(&lab, _i, lab_status(3, 0, 1), FENCE);
    lab_gate(&lab, ITS_GATE, lab_handler(ITS_GATE), PRESENT | CLOSE | 2);
    lab_put(&lab, lab_handler(ITS_GATE), FENCE);
    lab_assert_line(&lab, SOURCE);
    lab_ready(&lab);
    lab_run(&lab, 1);
    expect_frame(&lab, 0x7fe0, (uint32_t[]){0x129, 0, 0, 0x2000, 0x13, 0x5000});
    ck_assert_uint_eq(lab.cpu->s.x[SP], 0x7fe0);
    ck_assert_uint_eq(lab.cpu->s.status, 0x2);
    ck_assert_uint_eq(lab.cpu->s.pc, lab_handler(ITS_GATE) + 4);
    ck_assert_uint_eq(lab.cpu->s.insns, 1); /* ENT-5: only the handler's instruction */
    lab_close(&lab);
}
END_TEST

/* rules: VEC-1. One vector, three kinds: only the frame tells. */
START_TEST(kinds_are_told_apart_by_the_frame)
{
    struct lab lab;

    open_with(&lab, _i, 0, TRAP(1));
    lab_put(&lab, lab_handler(1), BRK);
    lab_ready(&lab);
    lab_run(&lab, 2);
    expect_frame(&lab, 0x4fe0, (uint32_t[]){0x201, 0, 0, 0x2004, 0, 0x5000});
    expect_frame(&lab, 0x4fc0, (uint32_t[]){0x001, 0, 0, lab_handler(1), 0, 0x4fe0});
    lab_close(&lab);
}
END_TEST

/* rules: VEC-1. All 256 vectors can be raised by an instruction. */
START_TEST(each_vector_by_trap)
{
    for (uint32_t vector = 0; vector < 256; vector++) {
        struct lab lab;

        open_with(&lab, _i, 3, TRAP((int32_t)vector));
        lab_ready(&lab);
        lab_want_entry(&lab,
                       (struct lab_entry){.kind = 2, .vector = vector, .saved_pc = LAB_CODE + 4});
        lab_step_and_check(&lab, "trap %u", (unsigned)vector);
        lab_close(&lab);
    }
}
END_TEST

/* rules: CAUSE-*. Each exception by an instruction in ring 1, with all that the manual's table says
 * of it: vector, error word, address; the saved pc is the instruction's. a1 is 0x3001, a2
 * 0x80000000, and gate 60 is absent. */
struct cause_case {
    uint32_t word, error, address;
    bool is_paging, lacks_gate; /* gate 1 is absent */
};

static struct cause_case cause_case(uint32_t vector)
{
    const struct cause_case cases[] = {
        [0] = {0x00000123, 0x123, 0, false, false},
        [1] = {BRK, 0, 0, false, false},
        [2] = {tg_word_i(TG_INSN_WFI, 0, 0, 0), TG_PRIVILEGE_INSTRUCTION, 0, false, false},
        [3] = {tg_word_i(TG_INSN_INH, A0, A1, 0), 0x124, 0x3001, false, false},
        [4] = {tg_word_i(TG_INSN_LH, A0, A1, 0), 0x21, 0x3001, false, false},
        [5] = {tg_word_i(TG_INSN_SB, A0, A2, 5), 0x122, 0x80000005, true, false},
        [6] = {tg_word_i(TG_INSN_SB, A0, A2, 5), 0x12, 0x80000005, false, false},
        [7] = {TRAP(60), 60 | TG_GATE_ABSENT << 8, LAB_VECTORS + 8 * 60, false, false},
        [8] = {BRK, 1 | TG_GATE_ABSENT << 8, LAB_VECTORS + 8, false, true},
    };

    ck_assert_msg(vector < COUNT(cases), "no case of vector %u", (unsigned)vector);
    return cases[vector];
}

static void check_cause(int engine, uint32_t vector)
{
    const struct cause_case c = cause_case(vector);
    uint32_t frame = vector == TG_CAUSE_DOUBLE ? 0x8fe0 : 0x5fe0;
    struct lab lab;

    open_with(&lab, engine, 1, c.word);
    if (c.is_paging)
        lab_paging(&lab);
    lab_gate(&lab, 60, 0x2000, 0);
    if (c.lacks_gate)
        lab_gate(&lab, 1, 0x2000, 0);
    lab.cpu->s.x[A1] = 0x3001;
    lab.cpu->s.x[A2] = 0x80000000;
    lab_ready(&lab);
    lab_run(&lab, 1);
    expect_frame(&lab, frame, (uint32_t[]){vector, c.error, c.address, 0x2000, 1, 0x5000});
    ck_assert_uint_eq(lab.cpu->s.pc, lab_handler(vector));
    lab_close(&lab);
}

START_TEST(each_cause)
{
#define TG_CAUSE(id, name, vector, ...) check_cause(_i, vector);
#include "isa/causes.def"
}
END_TEST

/* --- Stacks ----------------------------------------------------------------------------------- */

/* rules: ENT-1 RING-3. From each ring to each: sp when the ring stays, the register of the target
 * ring when it changes. */
START_TEST(stack_from_each_ring_to_each_ring)
{
    static const uint32_t frames[] = {0x5fe0, 0x6fe0,
                                      0x7fe0}; /* at the top of the stack of that ring */

    for (uint32_t ring = 0; ring < 4; ring++)
        for (uint32_t target = 0; target <= ring; target++) {
            uint32_t frame = target == ring ? 0x4fe0 : frames[target];
            struct lab lab;

            open_with(&lab, _i, ring, TRAP(99));
            lab_gate(&lab, 99, lab_handler(99), PRESENT | 3 << 4 | target);
            lab_ready(&lab);
            lab_run(&lab, 1);
            expect_frame(&lab, frame, (uint32_t[]){0x263, 0, 0, 0x2004, ring, 0x5000});
            ck_assert_uint_eq(lab.cpu->s.x[SP], frame);
            ck_assert_uint_eq(lab.cpu->s.status, target);
            ck_assert_mem_eq(lab.cpu->s.sp_of_ring, lab.want.sp_of_ring,
                             sizeof lab.want.sp_of_ring);
            lab_close(&lab);
        }
}
END_TEST

/* rules: ENT-2. The frame is 24 bytes, aligned to 32, below the stack: worked out by hand. */
START_TEST(frame_is_aligned_below_the_stack)
{
    static const struct {
        uint32_t stack, frame;
    } cases[] = {
        {0x6000, 0x5fe0}, {0x6018, 0x6000},
        {0x6017, 0x5fe0}, {0x6038, 0x6020},
        {0x6037, 0x6000}, {0x5fff, 0x5fe0},
        {0x5ff8, 0x5fe0}, {0x5ff7, 0x5fc0},
        {0x18, 0},        {LAB_RAM_BYTES, LAB_RAM_BYTES - 32},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        for (uint32_t ring = 0; ring < 2; ring++) { /* sp itself, and sp0 */
            struct lab lab;

            open_with(&lab, _i, ring, BRK);
            *(ring ? &lab.cpu->s.sp_of_ring[0] : &lab.cpu->s.x[SP]) = cases[i].stack;
            lab_ready(&lab);
            lab_run(&lab, 1);
            ck_assert_uint_eq(lab.cpu->s.x[SP], cases[i].frame);
            expect_frame(&lab, cases[i].frame,
                         (uint32_t[]){1, 0, 0, 0x2000, ring, ring ? 0x5000 : cases[i].stack});
            lab_close(&lab);
        }
}
END_TEST

/* --- What an entry changes (rules: ENT-4 AMO-3) ----------------------------------------------- */

/* CL clears IE and nothing else does; IOPL stays; the reservation goes; other registers stay
 * (lab_check compares all). */
START_TEST(entry_changes_only_what_it_says)
{
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t status = lab_status(i & 3, i >> 2 & 3, i >> 4 & 1), close = i >> 5;
        struct lab lab;

        open_with(&lab, _i, status, TRAP(7 + 60));
        lab_gate(&lab, 67, lab_handler(67), PRESENT | 3 << 4 | (close ? CLOSE : 0));
        lab.cpu->s.is_reserved = 1;
        lab.cpu->s.reserved_paddr = LAB_DATA;
        lab_ready(&lab);
        lab_want_entry(&lab, (struct lab_entry){.kind = 2, .vector = 67, .saved_pc = LAB_CODE + 4});
        lab.want.status = (status & 0x300) | (close ? 0 : status & 0x10);
        lab_step_and_check(&lab, "status 0x%x, CL %u", (unsigned)status, (unsigned)close);
        lab_close(&lab);
    }
}
END_TEST

/* rules: GATE-1. The table is found by physical address: its page is not mapped, nor is that of the
 * frame's physical place. */
START_TEST(gates_are_physical)
{
    struct lab lab;

    open_with(&lab, _i, 3, TRAP(50));
    lab_paging(&lab);
    lab_map(&lab, LAB_VECTORS, 0);
    lab_ready(&lab);
    lab_want_entry(&lab, (struct lab_entry){.kind = 2, .vector = 50, .saved_pc = LAB_CODE + 4});
    lab_step_and_check(&lab, "gate");
    lab_close(&lab);
}
END_TEST

/* rules: GATE-1. A gate is read at each entry: the handler changes its own gate. */
START_TEST(gates_are_read_at_each_entry)
{
    struct lab lab;

    open_with(&lab, _i, 0, TRAP(50));
    LAB_PROGRAM(&lab, lab_handler(50), tg_word_i(TG_INSN_SW, A1, A0, 0), TRAP(50));
    lab.cpu->s.x[A0] = lab_gate_address(50);
    lab.cpu->s.x[A1] = 0x8888;
    lab_ready(&lab);
    lab_run(&lab, 3);
    ck_assert_uint_eq(lab.cpu->s.pc, 0x8888);
    lab_close(&lab);
}
END_TEST

/* --- Gates that are unusable ------------------------------------------------------------------ */

struct bad_gate {
    uint32_t vbase, handler, bits;
    uint32_t reason;
};

/* Ring 1 asks. RAISE and TARGET for traps: test_rings.c. */
static const struct bad_gate bad_gates[] = {
    {LAB_RAM_BYTES, 0x2000, 0x8030, TG_GATE_ADDRESS},
    {0xf0000000, 0x2000, 0x8030, TG_GATE_ADDRESS},
    {0xfffff000, 0x2000, 0x8030, TG_GATE_ADDRESS},
    {LAB_VECTORS, 0x2000, 0x0030, TG_GATE_ABSENT},
    {LAB_VECTORS, 0, 0, TG_GATE_ABSENT},
    {LAB_VECTORS, 0x2001, 0xffff7fff, TG_GATE_ABSENT}, /* before RESERVED */
    {LAB_VECTORS, 0x2001, 0x8030, TG_GATE_RESERVED},
    {LAB_VECTORS, 0x2002, 0x8030, TG_GATE_RESERVED},
    {LAB_VECTORS, 0x2003, 0x8032, TG_GATE_RESERVED}, /* before TARGET */
    {LAB_VECTORS, 0x2000, 0x8004,
     TG_GATE_RESERVED}, /* before RAISE: bits 3:2, then each of the others */
    {LAB_VECTORS, 0x2000, 0x8038, TG_GATE_RESERVED},
    {LAB_VECTORS, 0x2000, 0x8070, TG_GATE_RESERVED},
    {LAB_VECTORS, 0x2000, 0x80b0, TG_GATE_RESERVED},
    {LAB_VECTORS, 0x2000, 0x8230, TG_GATE_RESERVED},
    {LAB_VECTORS, 0x2000, 0x8430, TG_GATE_RESERVED},
    {LAB_VECTORS, 0x2000, 0x8830, TG_GATE_RESERVED},
    {LAB_VECTORS, 0x2000, 0x9030, TG_GATE_RESERVED},
    {LAB_VECTORS, 0x2000, 0xa030, TG_GATE_RESERVED},
    {LAB_VECTORS, 0x2000, 0xc030, TG_GATE_RESERVED},
    {LAB_VECTORS, 0x2000, 0x18030, TG_GATE_RESERVED},
    {LAB_VECTORS, 0x2000, 0x80008030, TG_GATE_RESERVED},
    {LAB_VECTORS, 0x2000, 0x8032, TG_GATE_TARGET},
    {LAB_VECTORS, 0x2000, 0x8033, TG_GATE_TARGET},
};

/* Gate v of the table at vbase; outside RAM there is nothing to write. */
static void put_bad_gate(struct lab *lab, uint32_t vector, const struct bad_gate *bad)
{
    lab->cpu->s.vbase = bad->vbase;
    if (bad->vbase == LAB_VECTORS)
        lab_gate(lab, vector, bad->handler, bad->bits);
}

/* rules: GATE-2 GATE-3 GEN-1 */
START_TEST(trap_through_a_bad_gate_raises_gate)
{
    for (size_t i = 0; i < COUNT(bad_gates); i++) {
        struct lab lab;

        if (bad_gates[i].vbase != LAB_VECTORS)
            continue; /* there the gate exception's own gate is missing too: see below */
        open_with(&lab, _i, 1, TRAP(200));
        put_bad_gate(&lab, 200, &bad_gates[i]);
        lab_ready(&lab);
        lab_run(&lab, 1);
        expect_frame(
            &lab, 0x5fe0,
            (uint32_t[]){7, 200 | bad_gates[i].reason << 8, LAB_VECTORS + 1600, 0x2000, 1, 0x5000});
        ck_assert_uint_eq(lab.cpu->s.pc, lab_handler(7));
        lab_close(&lab);
    }
}
END_TEST

/* rules: DBL-1 DBL-2 GATE-2. The frame is on spd; error: vector and reason; address: of the gate.
 */
START_TEST(exception_through_a_bad_gate_is_a_double_fault)
{
    for (size_t i = 0; i < COUNT(bad_gates); i++) {
        struct lab lab;

        if (bad_gates[i].vbase != LAB_VECTORS)
            continue; /* fatal: see below */
        open_with(&lab, _i, 1, BRK);
        put_bad_gate(&lab, 1, &bad_gates[i]);
        lab_ready(&lab);
        lab_run(&lab, 1);
        expect_frame(
            &lab, 0x8fe0,
            (uint32_t[]){8, 1 | bad_gates[i].reason << 8, LAB_VECTORS + 8, 0x2000, 1, 0x5000});
        ck_assert_uint_eq(lab.cpu->s.pc, lab_handler(8));
        ck_assert_uint_eq(lab.cpu->s.status, 0);
        ck_assert_uint_eq(lab.cpu->s.insns, 1);
        lab_close(&lab);
    }
}
END_TEST

static bool is_in_service(struct lab *lab)
{
    uint32_t value;

    ck_assert(tg_bus_port_read(lab->cpu, TG_PORT_INTERRUPTS_SERVICE, 4, &value));
    return value >> SOURCE & 1;
}

/* rules: DBL-1 DBL-5. The same by an interrupt: it has been acknowledged, and saved is the
 * instruction not yet begun. */
START_TEST(interrupt_through_a_bad_gate_is_a_double_fault)
{
    for (size_t i = 0; i < COUNT(bad_gates); i++) {
        struct lab lab;

        if (bad_gates[i].vbase != LAB_VECTORS)
            continue;
        open_with(&lab, _i, lab_status(1, 0, 1), FENCE);
        put_bad_gate(&lab, ITS_GATE, &bad_gates[i]);
        lab_put(&lab, lab_handler(8), FENCE);
        lab_assert_line(&lab, SOURCE);
        lab_ready(&lab);
        lab_run(&lab, 1);
        expect_frame(&lab, 0x8fe0,
                     (uint32_t[]){8, ITS_GATE | bad_gates[i].reason << 8,
                                  LAB_VECTORS + 8 * ITS_GATE, 0x2000, 0x11, 0x5000});
        ck_assert_uint_eq(lab.cpu->s.pc, lab_handler(8) + 4);
        ck_assert(is_in_service(&lab));
        lab_close(&lab);
    }
}
END_TEST

/* rules: GATE-3 DBL-1. The gate exception's gate is bad as well: a double fault, with the trap's
 * own address. */
START_TEST(gate_exception_through_a_bad_gate_is_a_double_fault)
{
    struct lab lab;

    open_with(&lab, _i, 3, TRAP(200));
    lab_gate(&lab, 200, 0x2000, 0x0030);
    lab_gate(&lab, 7, 0x2002, 0x8030);
    lab_ready(&lab);
    lab_run(&lab, 1);
    expect_frame(&lab, 0x8fe0,
                 (uint32_t[]){8, 7 | TG_GATE_RESERVED << 8, LAB_VECTORS + 56, 0x2000, 3, 0x5000});
    lab_close(&lab);
}
END_TEST

/* --- Frames that cannot be pushed ------------------------------------------------------------- */

/* rules: ENT-3 DBL-1 PHY-2. Outside RAM: also in a device's window. Saved is the trap's own
 * address. */
START_TEST(stack_outside_ram_is_a_double_fault)
{
    const uint32_t stacks[] = {0, 0x17, LAB_RAM_BYTES + 24, 0xf0000100, 0x80000000};
    const uint32_t frames[] = {0xffffffe0, 0xffffffe0, LAB_RAM_BYTES, 0xf00000e0, 0x7fffffe0};
    const uint32_t words[] = {BRK, TRAP(1), FENCE};
    const uint32_t vectors[] = {1, 1, ITS_GATE};

    for (size_t i = 0; i < COUNT(stacks); i++)
        for (size_t kind = 0; kind < 3; kind++) {
            struct lab lab;

            open_with(&lab, _i, lab_status(2, 0, 1), words[kind]);
            lab_put(&lab, lab_handler(8), FENCE);
            lab.cpu->s.sp_of_ring[0] = stacks[i];
            if (kind == 2)
                lab_assert_line(&lab, SOURCE);
            lab_ready(&lab);
            lab_run(&lab, 1);
            expect_frame(&lab, 0x8fe0,
                         (uint32_t[]){8, vectors[kind] | TG_GATE_STACK_BUS << 8, frames[i], 0x2000,
                                      0x12, 0x5000});
            ck_assert_uint_eq(lab.cpu->s.sp_of_ring[0], stacks[i]);
            lab_close(&lab);
        }
}
END_TEST

/* The page of ring 1's stack and what pushing there gives: it is a store from ring 1. */
static const struct {
    uint32_t entry;
    bool is_pushed;
} stack_pages[] = {
    {0, false},
    {0x6000 | TG_PTE_PRESENT | TG_PTE_WRITE | 1 << 4, true}, /* W is enough; marks are set */
    {0x6000 | TG_PTE_PRESENT | TG_PTE_READ | TG_PTE_EXECUTE | 3 << 4, false},
    {0x6000 | TG_PTE_PRESENT | TG_PTE_READ | TG_PTE_WRITE | 0 << 4, false}, /* for ring 0 only */
    {0x6000 | TG_PTE_PRESENT | TG_PTE_READ | TG_PTE_WRITE | 2 << 4, true},
    {0x80006000 | LAB_PTE_ALL, false}, /* the page is not RAM: STACK_BUS */
};

/* rules: ENT-3 PAG-4 PAG-5. The target ring counts, not the current one. */
START_TEST(frame_is_translated_for_a_store_in_the_target_ring)
{
    for (size_t i = 0; i < COUNT(stack_pages); i++) {
        uint32_t reason = stack_pages[i].entry >> 31 ? TG_GATE_STACK_BUS : TG_GATE_STACK;
        struct lab lab;

        open_with(&lab, _i, 3, TRAP(60));
        lab_gate(&lab, 60, lab_handler(60), PRESENT | 3 << 4 | 1);
        lab_paging(&lab);
        lab_map(&lab, 0x6000, stack_pages[i].entry);
        lab_ready(&lab);
        lab_run(&lab, 1);
        if (stack_pages[i].is_pushed) {
            expect_frame(&lab, 0x6fe0, (uint32_t[]){0x23c, 0, 0, 0x2004, 3, 0x5000});
            ck_assert_uint_eq(lab_get(&lab, lab_entry_address(0x6000)),
                              stack_pages[i].entry | TG_PTE_ACCESSED | TG_PTE_DIRTY);
        } else {
            expect_frame(&lab, 0x8fe0,
                         (uint32_t[]){8, 60 | reason << 8, 0x6fe0, 0x2000, 3, 0x5000});
            ck_assert_uint_eq(lab_get(&lab, lab_entry_address(0x6000)), stack_pages[i].entry);
        }
        lab_close(&lab);
    }
}
END_TEST

/* --- Double fault ----------------------------------------------------------------------------- */

/* rules: DBL-2. spd also when the ring does not change, and the frame of the double fault is
 * translated in ring 0. */
START_TEST(double_fault_has_a_stack_of_its_own)
{
    struct lab lab;

    open_with(&lab, _i, lab_status(0, 3, 1), BRK);
    lab_paging(&lab);
    lab.cpu->s.x[SP] = 0x7777;
    lab_map(&lab, 0x7000, 0);
    lab_map(&lab, 0x8000, 0x8000 | TG_PTE_PRESENT | TG_PTE_WRITE); /* ring 0's, not read from */
    lab_gate(&lab, 8, lab_handler(8), PRESENT | CLOSE);
    lab_ready(&lab);
    lab_run(&lab, 1);
    expect_frame(&lab, 0x8fe0,
                 (uint32_t[]){8, 1 | TG_GATE_STACK << 8, 0x7740, 0x2000, 0x310, 0x7777});
    ck_assert_uint_eq(lab.cpu->s.status, 0x300);
    lab_close(&lab);
}
END_TEST

/* rules: DBL-4. In the handler of a double fault: ordinary faults, on the stack it is on; then
 * another double fault. */
START_TEST(handler_of_a_double_fault_is_ordinary)
{
    struct lab lab;

    open_with(&lab, _i, 3, BRK);
    lab_gate(&lab, 1, 0, 0);
    LAB_PROGRAM(&lab, lab_handler(8), TRAP(90));
    LAB_PROGRAM(&lab, lab_handler(90), tg_word_i(TG_INSN_ADDI, SP, 0, 0), TRAP(91));
    lab_ready(&lab);
    lab_run(&lab, 2);
    expect_frame(&lab, 0x8fc0, (uint32_t[]){0x25a, 0, 0, lab_handler(8) + 4, 0, 0x8fe0});
    ck_assert_uint_eq(lab.cpu->s.x[SP], 0x8fc0);
    lab_run(&lab, 2);
    expect_frame(
        &lab, 0x8fe0,
        (uint32_t[]){8, 91 | TG_GATE_STACK_BUS << 8, 0xffffffe0, lab_handler(90) + 4, 0, 0});
    lab_close(&lab);
}
END_TEST

/* rules: VEC-1. trap 8 is an ordinary trap: no spd. */
START_TEST(trap_8_is_a_trap)
{
    struct lab lab;

    open_with(&lab, _i, 0, TRAP(8));
    lab_ready(&lab);
    lab_want_entry(&lab, (struct lab_entry){.kind = 2, .vector = 8, .saved_pc = LAB_CODE + 4});
    lab_step_and_check(&lab, "trap 8");
    lab_close(&lab);
}
END_TEST

/* --- The end ---------------------------------------------------------------------------------- */

static void expect_fatal(struct lab *lab, const struct tg_fatal *want)
{
    struct tg_fatal got;

    lab->wants_end = true;
    lab_check(lab, "fatal: nothing changes");
    ck_assert_int_eq(lab->stop.reason, TG_STOP_FATAL);
    ck_assert(tg_machine_fatal(lab->machine, &got));
    ck_assert_uint_eq(got.cpu, want->cpu);
    ck_assert_uint_eq(got.vector, want->vector);
    ck_assert_uint_eq(got.error, want->error);
    ck_assert_uint_eq(got.address, want->address);
    ck_assert_uint_eq(got.reason, want->reason);
    ck_assert_uint_eq(got.double_reason, want->double_reason);
    ck_assert_uint_eq(got.double_address, want->double_address);
    ck_assert_uint_eq(got.pc, want->pc);
    ck_assert_uint_eq(got.status, want->status);
    ck_assert_uint_eq(got.sp, want->sp);
}

/* Why the double fault's own entry fails. */
static const struct {
    uint32_t handler, bits, spd;
    uint32_t reason, address;
} bad_doubles[] = {
    {0x2000, 0x0000, 0x9000, TG_GATE_ABSENT, LAB_VECTORS + 64},
    {0x2002, 0x8000, 0x9000, TG_GATE_RESERVED, LAB_VECTORS + 64},
    {0x2000, 0x8008, 0x9000, TG_GATE_RESERVED, LAB_VECTORS + 64},
    {0x2000, 0x8001, 0x9000, TG_GATE_TARGET, LAB_VECTORS + 64},
    {0x2000, 0x8003, 0x9000, TG_GATE_TARGET, LAB_VECTORS + 64},
    {0x2000, 0x8000, 0x0010, TG_GATE_STACK_BUS, 0xffffffe0},
    {0x2000, 0x8000, 0xf0000100, TG_GATE_STACK_BUS, 0xf00000e0},
};

/* rules: DBL-2 DBL-3. In ring 3, so that TARGET is wrong although the ring would not rise. */
START_TEST(failing_double_fault_ends_the_machine)
{
    for (size_t i = 0; i < COUNT(bad_doubles); i++) {
        struct lab lab;

        open_with(&lab, _i, lab_status(3, 1, 1), tg_word_i(TG_INSN_LW, A0, A1, 2));
        lab.cpu->s.x[A1] = 0x3000;
        lab.cpu->s.spd = bad_doubles[i].spd;
        lab_gate(&lab, 4, 0x2000, 0);
        lab_gate(&lab, 8, bad_doubles[i].handler, bad_doubles[i].bits);
        lab_ready(&lab);
        lab_run(&lab, 5);
        expect_fatal(&lab, &(struct tg_fatal){.vector = 4,
                                              .error = 0x41,
                                              .address = 0x3002,
                                              .reason = TG_GATE_ABSENT,
                                              .double_reason = bad_doubles[i].reason,
                                              .double_address = bad_doubles[i].address,
                                              .pc = 0x2000,
                                              .status = 0x113,
                                              .sp = 0x5000});
        ck_assert_uint_eq(lab.cpu->s.insns, 1); /* it was begun */
        lab_close(&lab);
    }
}
END_TEST

/* rules: DBL-3 GATE-2. No vector table at all: all three ways. */
START_TEST(no_vector_table)
{
    for (size_t i = 0; i < COUNT(bad_gates); i++) {
        struct lab lab;

        if (bad_gates[i].reason != TG_GATE_ADDRESS)
            continue;
        open_with(&lab, _i, 1, TRAP(3));
        lab.cpu->s.vbase = bad_gates[i].vbase;
        lab_ready(&lab);
        lab_run(&lab, 1);
        /* The trap became a gate exception, which failed. */
        expect_fatal(&lab, &(struct tg_fatal){.vector = 7,
                                              .error = 3 | TG_GATE_ADDRESS << 8,
                                              .address = bad_gates[i].vbase + 24,
                                              .reason = TG_GATE_ADDRESS,
                                              .double_reason = TG_GATE_ADDRESS,
                                              .double_address = bad_gates[i].vbase + 64,
                                              .pc = 0x2000,
                                              .status = 1,
                                              .sp = 0x5000});
        lab_close(&lab);
    }
}
END_TEST

/* rules: DBL-3 ENT-3. Paging: neither stack is mapped. */
START_TEST(no_stack_is_mapped)
{
    struct lab lab;

    open_with(&lab, _i, 2, TRAP(3));
    lab_paging(&lab);
    lab_map(&lab, 0x5000, 0);
    lab_map(&lab, 0x8000, 0);
    lab_ready(&lab);
    lab_run(&lab, 1);
    expect_fatal(&lab, &(struct tg_fatal){.vector = 3,
                                          .reason = TG_GATE_STACK,
                                          .double_reason = TG_GATE_STACK,
                                          .double_address = 0x8fe0,
                                          .pc = 0x2000,
                                          .status = 2,
                                          .sp = 0x5000});
    lab_close(&lab);
}
END_TEST

/* rules: DBL-3 DBL-5. By an interrupt: no instruction is begun, and the source is in service. */
START_TEST(failing_interrupt_ends_the_machine)
{
    struct lab lab;

    open_with(&lab, _i, lab_status(0, 0, 1), tg_word_i(TG_INSN_ADDI, A0, 0, 1));
    lab_gate(&lab, ITS_GATE, 0, 0);
    lab_gate(&lab, 8, 0, 0);
    lab_assert_line(&lab, SOURCE);
    lab_ready(&lab);
    lab_run(&lab, 3);
    expect_fatal(&lab, &(struct tg_fatal){.vector = ITS_GATE,
                                          .reason = TG_GATE_ABSENT,
                                          .double_reason = TG_GATE_ABSENT,
                                          .double_address = LAB_VECTORS + 64,
                                          .pc = 0x2000,
                                          .status = 0x10,
                                          .sp = 0x5000});
    ck_assert_uint_eq(lab.cpu->s.insns, 0);
    ck_assert(is_in_service(&lab));
    lab_run(&lab, 3); /* it stays so */
    ck_assert_int_eq(lab.stop.reason, TG_STOP_FATAL);
    lab_close(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("entries");
    TCase *tcase = tcase_create("entries");

    tcase_set_timeout(tcase, 60);
    lab_add_test(tcase, frame_of_an_exception);
    lab_add_test(tcase, frame_of_a_trap);
    lab_add_test(tcase, frame_of_an_interrupt);
    lab_add_test(tcase, kinds_are_told_apart_by_the_frame);
    lab_add_test(tcase, each_vector_by_trap);
    lab_add_test(tcase, each_cause);
    lab_add_test(tcase, stack_from_each_ring_to_each_ring);
    lab_add_test(tcase, frame_is_aligned_below_the_stack);
    lab_add_test(tcase, entry_changes_only_what_it_says);
    lab_add_test(tcase, gates_are_physical);
    lab_add_test(tcase, gates_are_read_at_each_entry);
    lab_add_test(tcase, trap_through_a_bad_gate_raises_gate);
    lab_add_test(tcase, exception_through_a_bad_gate_is_a_double_fault);
    lab_add_test(tcase, interrupt_through_a_bad_gate_is_a_double_fault);
    lab_add_test(tcase, gate_exception_through_a_bad_gate_is_a_double_fault);
    lab_add_test(tcase, stack_outside_ram_is_a_double_fault);
    lab_add_test(tcase, frame_is_translated_for_a_store_in_the_target_ring);
    lab_add_test(tcase, double_fault_has_a_stack_of_its_own);
    lab_add_test(tcase, handler_of_a_double_fault_is_ordinary);
    lab_add_test(tcase, trap_8_is_a_trap);
    lab_add_test(tcase, failing_double_fault_ends_the_machine);
    lab_add_test(tcase, no_vector_table);
    lab_add_test(tcase, no_stack_is_mapped);
    lab_add_test(tcase, failing_interrupt_ends_the_machine);
    suite_add_tcase(suite, tcase);
    return lab_main(suite);
}
