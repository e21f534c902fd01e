/*
 * The page walk as reports show it: what the tables in memory say now, without a change to
 * anything. Translation caches are left out on purpose: a report that shows both can tell a
 * forgotten tlbinv. Manual: docs/isa.md section 7.
 */
#include "core/ram.h"
#include "core/state.h"

/* Reads a table's word; false when it is not in RAM. */
static bool read_word(const struct tg_machine *machine, uint32_t paddr, uint32_t *ret_word)
{
    if (!tg_ram_contains(&machine->ram, paddr, 4)) {
        return false;
    }
    *ret_word = tg_ram_load(machine, paddr, 4);
    return true;
}

static uint32_t permission_needed(enum tg_access access)
{
    switch (access) {
    case TG_ACCESS_FETCH:
        return TG_PTE_EXECUTE;
    case TG_ACCESS_STORE:
        return TG_PTE_WRITE;
    case TG_ACCESS_ATOMIC:
        return TG_PTE_READ | TG_PTE_WRITE;
    default:
        return TG_PTE_READ;
    }
}

/* Fills in the directory's part of *walk; returns the reason why the walk ends there, or 0. */
static uint32_t walk_directory(const struct tg_machine *machine, uint32_t ptroot, uint32_t vaddr,
                               struct tg_walk *walk)
{
    walk->directory_paddr = (ptroot & TG_PTROOT_PAGE) + 4 * (vaddr >> 22);
    if (!read_word(machine, walk->directory_paddr, &walk->directory_entry)) {
        return TG_PAGE_DIRECTORY_ADDRESS;
    }
    if ((walk->directory_entry & TG_PTE_PRESENT) == 0) {
        return TG_PAGE_DIRECTORY_ABSENT;
    }
    return (walk->directory_entry & TG_PDE_RESERVED) != 0 ? TG_PAGE_DIRECTORY_RESERVED : 0;
}

static uint32_t walk_table(const struct tg_machine *machine, uint32_t vaddr, struct tg_walk *walk)
{
    walk->table_paddr = (walk->directory_entry & TG_PTE_PAGE) + 4 * (vaddr >> 12 & 1023);
    if (!read_word(machine, walk->table_paddr, &walk->table_entry)) {
        return TG_PAGE_TABLE_ADDRESS;
    }
    return (walk->table_entry & TG_PTE_PRESENT) == 0 ? TG_PAGE_TABLE_ABSENT : 0;
}

static uint32_t check_permission(uint32_t entry, enum tg_access access, uint32_t ring)
{
    if (ring > (entry & TG_PTE_RING) >> TG_PTE_RING_SHIFT) {
        return TG_PAGE_RING;
    }
    uint32_t needed = permission_needed(access);
    return (entry & needed) != needed ? TG_PAGE_PERMISSION : 0;
}

void tg_machine_walk(const struct tg_machine *machine, uint32_t cpu, uint32_t vaddr,
                     enum tg_access access, uint32_t ring, struct tg_walk *ret_walk)
{
    tg_machine_walk_from(machine, machine->cpus[cpu % TG_MAX_CPUS].s.ptroot, vaddr, access, ring,
                         ret_walk);
}

void tg_machine_walk_from(const struct tg_machine *machine, uint32_t ptroot, uint32_t vaddr,
                          enum tg_access access, uint32_t ring, struct tg_walk *ret_walk)
{
    struct tg_walk walk = {.is_paging = (ptroot & TG_PTROOT_ENABLE) != 0};
    if (walk.is_paging) {
        walk.reason = walk_directory(machine, ptroot, vaddr, &walk);
        if (walk.reason == 0) {
            walk.reason = walk_table(machine, vaddr, &walk);
        }
        if (walk.reason == 0) {
            walk.reason = check_permission(walk.table_entry, access, ring);
        }
    }
    if (walk.reason == 0) {
        walk.paddr =
            walk.is_paging ? (walk.table_entry & TG_PTE_PAGE) + vaddr % TG_PAGE_BYTES : vaddr;
    }
    *ret_walk = walk;
}
