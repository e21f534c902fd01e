/*
 * The instructions that access memory: loads, stores and atomic operations. docs/isa.md section 4.
 * Order of checks and translation: access.c.
 */
#include "core/ram.h"
#include "core/reference/reference.h"

/* MEM-1: sums of addresses wrap around. */
static uint32_t effective_address(const struct ref_step *step)
{
    return ref_a(step) + ref_imm(step);
}

/* --- Loads (MEM-1 to MEM-3) ------------------------------------------------------------------- */

/* sign: the value's sign bit where the load extends it, 0 for zeros. */
static bool load(struct ref_step *step, uint32_t bytes, uint32_t sign)
{
    uint32_t value;

    if (!tg_ref_load(step, effective_address(step), bytes, &value))
        return false;
    return ref_complete(step, (value ^ sign) - sign);
}

bool tg_ref_LB(struct ref_step *step)
{
    return load(step, 1, 0x80);
}

bool tg_ref_LH(struct ref_step *step)
{
    return load(step, 2, 0x8000);
}

bool tg_ref_LW(struct ref_step *step)
{
    return load(step, 4, 0);
}

bool tg_ref_LBU(struct ref_step *step)
{
    return load(step, 1, 0);
}

bool tg_ref_LHU(struct ref_step *step)
{
    return load(step, 2, 0);
}

/* --- Stores (MEM-1 to MEM-3) ------------------------------------------------------------------ */

bool tg_ref_SB(struct ref_step *step)
{
    return tg_ref_store(step, effective_address(step), 1, ref_s(step));
}

bool tg_ref_SH(struct ref_step *step)
{
    return tg_ref_store(step, effective_address(step), 2, ref_s(step));
}

bool tg_ref_SW(struct ref_step *step)
{
    return tg_ref_store(step, effective_address(step), 4, ref_s(step));
}

/* --- Reservations (AMO-1 to AMO-4). AMO-3's losses at entries and iret are in entry.c. -------- */

static void note_word(const struct ref_step *step, enum tg_access access, uint32_t paddr,
                      uint32_t value, uint32_t old)
{
    tg_ref_note_memory(
        step,
        &(struct tg_memory_event){
            .access = access, .vaddr = ref_a(step), .paddr = paddr, .bytes = 4, .value = value},
        old);
}

bool tg_ref_LR_W(struct ref_step *step)
{
    struct tg_cpu *cpu = step->cpu;
    uint32_t paddr, value;

    if (!tg_ref_atomic_address(step, ref_a(step), TG_ACCESS_LOAD, &paddr))
        return false;
    value = tg_ram_load(cpu->machine, paddr, 4);
    cpu->s.is_reserved = 1;
    cpu->s.reserved_paddr = paddr;
    note_word(step, TG_ACCESS_LOAD, paddr, value, value);
    return ref_complete(step, value);
}

bool tg_ref_SC_W(struct ref_step *step)
{
    struct tg_cpu *cpu = step->cpu;
    uint32_t paddr;
    bool succeeds;

    /* AMO-4: the checks are made first, whether it will succeed or not. */
    if (!tg_ref_atomic_address(step, ref_a(step), TG_ACCESS_STORE, &paddr))
        return false;
    succeeds = cpu->s.is_reserved && cpu->s.reserved_paddr == paddr;
    cpu->s.is_reserved = 0;
    if (succeeds) {
        uint32_t old = tg_ram_load(cpu->machine, paddr, 4);

        tg_ram_store(cpu->machine, paddr, 4, ref_b(step));
        note_word(step, TG_ACCESS_STORE, paddr, ref_b(step), old);
    }
    return ref_complete(step, succeeds ? 0 : 1);
}

/* --- Read, modify, write (AMO-1) -------------------------------------------------------------- */

static bool modify(struct ref_step *step, uint32_t (*combine)(uint32_t old, uint32_t b))
{
    struct tg_machine *machine = step->cpu->machine;
    uint32_t paddr, old, new;

    if (!tg_ref_atomic_address(step, ref_a(step), TG_ACCESS_ATOMIC, &paddr))
        return false;
    old = tg_ram_load(machine, paddr, 4);
    new = combine(old, ref_b(step));
    tg_ram_store(machine, paddr, 4, new);
    note_word(step, TG_ACCESS_ATOMIC, paddr, new, old);
    return ref_complete(step, old);
}

static uint32_t swap(uint32_t old, uint32_t b)
{
    (void)old;
    return b;
}

static uint32_t add(uint32_t old, uint32_t b)
{
    return old + b;
}

static uint32_t exclusive_or(uint32_t old, uint32_t b)
{
    return old ^ b;
}

static uint32_t bitwise_and(uint32_t old, uint32_t b)
{
    return old & b;
}

static uint32_t bitwise_or(uint32_t old, uint32_t b)
{
    return old | b;
}

static uint32_t signed_minimum(uint32_t old, uint32_t b)
{
    return (int32_t)old < (int32_t)b ? old : b;
}

static uint32_t signed_maximum(uint32_t old, uint32_t b)
{
    return (int32_t)old > (int32_t)b ? old : b;
}

static uint32_t unsigned_minimum(uint32_t old, uint32_t b)
{
    return old < b ? old : b;
}

static uint32_t unsigned_maximum(uint32_t old, uint32_t b)
{
    return old > b ? old : b;
}

bool tg_ref_AMOSWAP_W(struct ref_step *step)
{
    return modify(step, swap);
}

bool tg_ref_AMOADD_W(struct ref_step *step)
{
    return modify(step, add);
}

bool tg_ref_AMOXOR_W(struct ref_step *step)
{
    return modify(step, exclusive_or);
}

bool tg_ref_AMOAND_W(struct ref_step *step)
{
    return modify(step, bitwise_and);
}

bool tg_ref_AMOOR_W(struct ref_step *step)
{
    return modify(step, bitwise_or);
}

bool tg_ref_AMOMIN_W(struct ref_step *step)
{
    return modify(step, signed_minimum);
}

bool tg_ref_AMOMAX_W(struct ref_step *step)
{
    return modify(step, signed_maximum);
}

bool tg_ref_AMOMINU_W(struct ref_step *step)
{
    return modify(step, unsigned_minimum);
}

bool tg_ref_AMOMAXU_W(struct ref_step *step)
{
    return modify(step, unsigned_maximum);
}
