/*
 * Accesses to memory by an instruction: the order of checks, and where the bytes are. docs/isa.md
 * section 4 (loads and stores, atomic operations), ORD-2 and PHY-1.
 */
#include "bus/bus.h"
#include "core/note.h"
#include "core/points.h"
#include "core/ram.h"
#include "core/reference/reference.h"

bool tg_ref_address(struct ref_step *step, uint32_t vaddr, enum tg_access access,
                    uint32_t *ret_paddr)
{
    struct tg_cpu *cpu = step->cpu;
    uint32_t ring = tg_cpu_ring(cpu); /* PAG-5 */
    uint32_t reason = tg_ref_translate(cpu, vaddr, access, ring, ret_paddr);

    if (reason)
        return tg_ref_raise(step, TG_CAUSE_PAGE, (uint32_t)access | reason << 4 | ring << 8, vaddr);
    return true;
}

/* MEM-2, then MEM-3's translation: the part that all accesses to data have in common. */
static bool data_address(struct ref_step *step, uint32_t vaddr, uint32_t bytes,
                         enum tg_access access, uint32_t *ret_paddr)
{
    if (vaddr % bytes != 0)
        return tg_ref_raise(step, TG_CAUSE_MISALIGNED, ref_width_error(access, bytes), vaddr);
    return tg_ref_address(step, vaddr, access, ret_paddr);
}

/* MEM-3 */
bool tg_ref_load(struct ref_step *step, uint32_t vaddr, uint32_t bytes, uint32_t *ret_value)
{
    struct tg_cpu *cpu = step->cpu;
    struct tg_machine *machine = cpu->machine;
    uint32_t paddr, value;

    if (!data_address(step, vaddr, bytes, TG_ACCESS_LOAD, &paddr))
        return false;
    if (tg_ram_contains(&machine->ram, paddr, bytes))
        value = tg_ram_load(machine, paddr, bytes);
    else if (!tg_bus_memory_read(cpu, paddr, bytes, &value))
        return tg_ref_raise(step, TG_CAUSE_BUS, ref_width_error(TG_ACCESS_LOAD, bytes), paddr);

    tg_ref_note_memory(step,
                       &(struct tg_memory_event){.access = TG_ACCESS_LOAD,
                                                 .vaddr = vaddr,
                                                 .paddr = paddr,
                                                 .bytes = bytes,
                                                 .value = value},
                       value);
    *ret_value = value;
    return true;
}

/* MEM-3 */
bool tg_ref_store(struct ref_step *step, uint32_t vaddr, uint32_t bytes, uint32_t value)
{
    struct tg_cpu *cpu = step->cpu;
    struct tg_machine *machine = cpu->machine;
    uint32_t low_bits = bytes == 4 ? value : value & ((UINT32_C(1) << 8 * bytes) - 1);
    uint32_t paddr, old;

    if (!data_address(step, vaddr, bytes, TG_ACCESS_STORE, &paddr))
        return false;
    old = tg_ref_old_value(step, paddr, bytes);
    if (tg_ram_contains(&machine->ram, paddr, bytes))
        tg_ram_store(machine, paddr, bytes, low_bits);
    else if (!tg_bus_memory_write(cpu, paddr, bytes, low_bits))
        return tg_ref_raise(step, TG_CAUSE_BUS, ref_width_error(TG_ACCESS_STORE, bytes), paddr);

    tg_ref_note_memory(step,
                       &(struct tg_memory_event){.access = TG_ACCESS_STORE,
                                                 .vaddr = vaddr,
                                                 .paddr = paddr,
                                                 .bytes = bytes,
                                                 .value = low_bits},
                       old);
    return true;
}

/* AMO-1 */
bool tg_ref_atomic_address(struct ref_step *step, uint32_t vaddr, enum tg_access access,
                           uint32_t *ret_paddr)
{
    if (!data_address(step, vaddr, 4, access, ret_paddr))
        return false;
    if (!tg_ram_contains(&step->cpu->machine->ram, *ret_paddr, 4))
        return tg_ref_raise(step, TG_CAUSE_BUS, ref_width_error(access, 4), *ret_paddr);
    return true;
}

uint32_t tg_ref_old_value(const struct ref_step *step, uint32_t paddr, uint32_t bytes)
{
    return tg_points_watches(step->cpu->machine) ? tg_points_peek(step->cpu, paddr, bytes) : 0;
}

void tg_ref_note_memory(const struct ref_step *step, struct tg_memory_event *event, uint32_t old)
{
    event->cpu = step->cpu->number;
    event->pc = step->cpu->s.pc;
    if (step->cpu->machine->observed & TG_OBSERVE_MEMORY)
        tg_note_memory(step->cpu, event);
    if (tg_points_watches(step->cpu->machine))
        tg_points_access(step->cpu->machine, &(struct tg_watch_event){.cpu = event->cpu,
                                                                      .access = event->access,
                                                                      .pc = event->pc,
                                                                      .vaddr = event->vaddr,
                                                                      .paddr = event->paddr,
                                                                      .bytes = event->bytes,
                                                                      .old_value = old,
                                                                      .value = event->value});
}
