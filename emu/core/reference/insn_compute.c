/*
 * The instructions that only compute: arithmetic, multiplication and division, branches and jumps.
 * docs/isa.md section
 * 4. As in RISC-V's manual for the instruction of the same meaning (RV-1). Signed numbers are in
 * two's complement, and
 * >> of a negative number brings in the sign, as with every compiler that the project supports.
 */
#include "core/reference/reference.h"

static int32_t as_signed(uint32_t value)
{
    return (int32_t)value;
}

/* --- Registers with registers (ALU-1 to ALU-3) ------------------------------------------------ */

bool tg_ref_ADD(struct ref_step *step)
{
    return ref_complete(step, ref_a(step) + ref_b(step));
}

bool tg_ref_SUB(struct ref_step *step)
{
    return ref_complete(step, ref_a(step) - ref_b(step));
}

bool tg_ref_SLL(struct ref_step *step)
{
    return ref_complete(step, ref_a(step) << (ref_b(step) & 31));
}

bool tg_ref_SLT(struct ref_step *step)
{
    return ref_complete(step, as_signed(ref_a(step)) < as_signed(ref_b(step)));
}

bool tg_ref_SLTU(struct ref_step *step)
{
    return ref_complete(step, ref_a(step) < ref_b(step));
}

bool tg_ref_XOR(struct ref_step *step)
{
    return ref_complete(step, ref_a(step) ^ ref_b(step));
}

bool tg_ref_SRL(struct ref_step *step)
{
    return ref_complete(step, ref_a(step) >> (ref_b(step) & 31));
}

bool tg_ref_SRA(struct ref_step *step)
{
    return ref_complete(step, (uint32_t)(as_signed(ref_a(step)) >> (ref_b(step) & 31)));
}

bool tg_ref_OR(struct ref_step *step)
{
    return ref_complete(step, ref_a(step) | ref_b(step));
}

bool tg_ref_AND(struct ref_step *step)
{
    return ref_complete(step, ref_a(step) & ref_b(step));
}

/* --- Registers with immediates (ENC-3) -------------------------------------------------------- */

bool tg_ref_ADDI(struct ref_step *step)
{
    return ref_complete(step, ref_a(step) + ref_imm(step));
}

bool tg_ref_SLTI(struct ref_step *step)
{
    return ref_complete(step, as_signed(ref_a(step)) < step->insn.imm);
}

bool tg_ref_SLTIU(struct ref_step *step)
{
    return ref_complete(step, ref_a(step) < ref_imm(step));
}

bool tg_ref_XORI(struct ref_step *step)
{
    return ref_complete(step, ref_a(step) ^ ref_imm(step));
}

bool tg_ref_ORI(struct ref_step *step)
{
    return ref_complete(step, ref_a(step) | ref_imm(step));
}

bool tg_ref_ANDI(struct ref_step *step)
{
    return ref_complete(step, ref_a(step) & ref_imm(step));
}

bool tg_ref_SLLI(struct ref_step *step)
{
    return ref_complete(step, ref_a(step) << ref_imm(step));
}

bool tg_ref_SRLI(struct ref_step *step)
{
    return ref_complete(step, ref_a(step) >> ref_imm(step));
}

bool tg_ref_SRAI(struct ref_step *step)
{
    return ref_complete(step, (uint32_t)(as_signed(ref_a(step)) >> ref_imm(step)));
}

bool tg_ref_LUI(struct ref_step *step)
{
    return ref_complete(step, ref_imm(step));
}

bool tg_ref_AUIPC(struct ref_step *step)
{
    return ref_complete(step, step->cpu->s.pc + ref_imm(step));
}

/* --- Multiplication (ALU-1) ------------------------------------------------------------------- */

static uint32_t high_word(uint64_t product)
{
    return (uint32_t)(product >> 32);
}

bool tg_ref_MUL(struct ref_step *step)
{
    return ref_complete(step, ref_a(step) * ref_b(step));
}

bool tg_ref_MULH(struct ref_step *step)
{
    int64_t product = (int64_t)as_signed(ref_a(step)) * as_signed(ref_b(step));

    return ref_complete(step, high_word((uint64_t)product));
}

bool tg_ref_MULHSU(struct ref_step *step)
{
    int64_t product = (int64_t)as_signed(ref_a(step)) * (int64_t)ref_b(step);

    return ref_complete(step, high_word((uint64_t)product));
}

bool tg_ref_MULHU(struct ref_step *step)
{
    uint64_t product = (uint64_t)ref_a(step) * ref_b(step);

    return ref_complete(step, high_word(product));
}

/* --- Division (DIV-1, DIV-2). C's truncates towards zero too. --------------------------------- */

static bool is_division_overflow(uint32_t a, uint32_t b)
{
    return a == UINT32_C(0x80000000) && b == UINT32_MAX;
}

bool tg_ref_DIV(struct ref_step *step)
{
    uint32_t a = ref_a(step), b = ref_b(step);

    if (b == 0)
        return ref_complete(step, UINT32_MAX);
    if (is_division_overflow(a, b))
        return ref_complete(step, a);
    return ref_complete(step, (uint32_t)(as_signed(a) / as_signed(b)));
}

bool tg_ref_DIVU(struct ref_step *step)
{
    uint32_t a = ref_a(step), b = ref_b(step);

    return ref_complete(step, b == 0 ? UINT32_MAX : a / b);
}

bool tg_ref_REM(struct ref_step *step)
{
    uint32_t a = ref_a(step), b = ref_b(step);

    if (b == 0)
        return ref_complete(step, a);
    if (is_division_overflow(a, b))
        return ref_complete(step, 0);
    return ref_complete(step, (uint32_t)(as_signed(a) % as_signed(b)));
}

bool tg_ref_REMU(struct ref_step *step)
{
    uint32_t a = ref_a(step), b = ref_b(step);

    return ref_complete(step, b == 0 ? a : a % b);
}

/* --- Branches and jumps (ENC-3, JMP-1 to JMP-3) ----------------------------------------------- */

static bool branch_if(struct ref_step *step, bool is_taken)
{
    if (is_taken)
        step->next_pc = step->cpu->s.pc + ref_imm(step);
    return true;
}

bool tg_ref_BEQ(struct ref_step *step)
{
    return branch_if(step, ref_s(step) == ref_a(step));
}

bool tg_ref_BNE(struct ref_step *step)
{
    return branch_if(step, ref_s(step) != ref_a(step));
}

bool tg_ref_BLT(struct ref_step *step)
{
    return branch_if(step, as_signed(ref_s(step)) < as_signed(ref_a(step)));
}

bool tg_ref_BGE(struct ref_step *step)
{
    return branch_if(step, as_signed(ref_s(step)) >= as_signed(ref_a(step)));
}

bool tg_ref_BLTU(struct ref_step *step)
{
    return branch_if(step, ref_s(step) < ref_a(step));
}

bool tg_ref_BGEU(struct ref_step *step)
{
    return branch_if(step, ref_s(step) >= ref_a(step));
}

/* JMP-2: next_pc is the address of the next instruction until it is changed. */
bool tg_ref_JAL(struct ref_step *step)
{
    uint32_t link = step->next_pc;

    step->next_pc = step->cpu->s.pc + ref_imm(step);
    return ref_complete(step, link);
}

/* JMP-1, JMP-2 */
bool tg_ref_JALR(struct ref_step *step)
{
    uint32_t target = (ref_a(step) + ref_imm(step)) & ~UINT32_C(1);
    uint32_t link = step->next_pc;

    if (target % 4 != 0)
        return tg_ref_raise(step, TG_CAUSE_MISALIGNED, ref_width_error(TG_ACCESS_FETCH, 4), target);
    step->next_pc = target;
    return ref_complete(step, link);
}
