/*
 * Translation of virtual addresses: the translation caches and the page walk, word for word as
 * docs/isa.md section 7 has them. Changes nothing but the caches, the accessed and dirty bits, and
 * the counts of fills and references.
 */
#include "core/note.h"
#include "core/points.h"
#include "core/ram.h"
#include "core/reference/reference.h"

/* One of a CPU's two caches: the arrays of struct tg_cpu_state, [set * TG_TLB_WAYS + way]. */
struct cache {
    uint32_t *page;
    uint32_t *entry;
    uint8_t *space;
    uint8_t *next;
    uint32_t sets;
    uint64_t *fills;
};

static struct cache instruction_cache(struct tg_cpu *cpu)
{
    struct tg_cpu_state *s = &cpu->s;

    return (struct cache){s->itlb_page, s->itlb_entry, s->itlb_space,
                          s->itlb_next, TG_ITLB_SETS,  &cpu->counts.instruction_fills};
}

static struct cache data_cache(struct tg_cpu *cpu)
{
    struct tg_cpu_state *s = &cpu->s;

    return (struct cache){s->dtlb_page, s->dtlb_entry, s->dtlb_space,
                          s->dtlb_next, TG_DTLB_SETS,  &cpu->counts.data_fills};
}

static uint32_t current_space(const struct tg_cpu *cpu)
{
    return cpu->s.ptroot & TG_PTROOT_ASID;
}

/* --- Permission (PAG-2, PAG-3) ---------------------------------------------------------------- */

static uint32_t needed_permission(enum tg_access access)
{
    switch (access) {
    case TG_ACCESS_FETCH:
        return TG_PTE_EXECUTE;
    case TG_ACCESS_LOAD:
        return TG_PTE_READ;
    case TG_ACCESS_STORE:
        return TG_PTE_WRITE;
    default:
        return TG_PTE_READ | TG_PTE_WRITE;
    }
}

/* The bits that an access sets in the table entry (PAG-4). */
static uint32_t marks_of(enum tg_access access)
{
    bool writes = access == TG_ACCESS_STORE || access == TG_ACCESS_ATOMIC;

    return writes ? TG_PTE_ACCESSED | TG_PTE_DIRTY : TG_PTE_ACCESSED;
}

static bool is_ring_allowed(uint32_t entry, uint32_t ring)
{
    return ring <= (entry & TG_PTE_RING) >> TG_PTE_RING_SHIFT;
}

static bool is_permitted(uint32_t entry, enum tg_access access)
{
    uint32_t needed = needed_permission(access);

    return (entry & needed) == needed;
}

/* --- The walk (PAG-1, PAG-2, PAG-4, PAG-6) ---------------------------------------------------- */

/* TLB-8: reads a word of the tables, and counts it. False: it is not in RAM. */
static bool read_entry(struct tg_cpu *cpu, uint32_t paddr, uint32_t *ret_entry)
{
    if (!tg_ram_contains(&cpu->machine->ram, paddr, 4))
        return false;
    cpu->counts.walk_references++;
    *ret_entry = tg_ram_load(cpu->machine, paddr, 4);
    return true;
}

/* Finds the table entry of vaddr and sets its accessed and dirty bits. Result: 0 or an enum
 * tg_page_reason. */
static uint32_t walk(struct tg_cpu *cpu, uint32_t vaddr, enum tg_access access, uint32_t ring,
                     uint32_t *ret_entry)
{
    uint32_t directory_paddr = (cpu->s.ptroot & TG_PTROOT_PAGE) + 4 * (vaddr >> 22);
    uint32_t directory_entry, table_paddr, entry, marked;

    if (!read_entry(cpu, directory_paddr, &directory_entry))
        return TG_PAGE_DIRECTORY_ADDRESS;
    if (!(directory_entry & TG_PTE_PRESENT))
        return TG_PAGE_DIRECTORY_ABSENT;
    if (directory_entry & TG_PDE_RESERVED)
        return TG_PAGE_DIRECTORY_RESERVED;

    table_paddr = (directory_entry & TG_PTE_PAGE) + 4 * (vaddr >> 12 & 1023);
    if (!read_entry(cpu, table_paddr, &entry))
        return TG_PAGE_TABLE_ADDRESS;
    if (!(entry & TG_PTE_PRESENT))
        return TG_PAGE_TABLE_ABSENT;
    if (!is_ring_allowed(entry, ring))
        return TG_PAGE_RING;
    if (!is_permitted(entry, access))
        return TG_PAGE_PERMISSION;

    /* PAG-4: from here on the walk has succeeded. */
    marked = entry | marks_of(access);
    if (marked != entry) {
        cpu->counts.walk_references++;
        tg_ram_store(cpu->machine, table_paddr, 4, marked);
        if (tg_points_watches(cpu->machine))
            tg_points_walk(cpu, table_paddr, entry, marked);
    }
    *ret_entry = marked;
    return 0;
}

/* --- The caches (TLB-1 to TLB-8) -------------------------------------------------------------- */

/* TLB-1, for way i of the whole cache. */
static bool is_match(const struct cache *cache, uint32_t i, uint32_t page, uint32_t space)
{
    uint32_t entry = cache->entry[i];

    return (entry & TG_PTE_PRESENT) && cache->page[i] == page &&
           (cache->space[i] == space || (entry & TG_PTE_GLOBAL));
}

/* TLB-2: what a cached entry must allow to be used without a walk. A is set in every cached entry.
 */
static bool is_usable(uint32_t entry, enum tg_access access, uint32_t ring)
{
    uint32_t marks = marks_of(access);

    return is_ring_allowed(entry, ring) && is_permitted(entry, access) && (entry & marks) == marks;
}

/* Tells observers, if any, of a change of way i; fills in the rest of the event. */
static void note_way(struct tg_cpu *cpu, const struct cache *cache, uint32_t i,
                     struct tg_tlb_event event)
{
    if (!(cpu->machine->observed & TG_OBSERVE_TLB))
        return;
    event.cpu = cpu->number;
    event.is_instruction = cache->page == cpu->s.itlb_page;
    event.index = i;
    tg_note_tlb(cpu, &event);
}

/* TLB-3 */
static void fill(struct tg_cpu *cpu, struct cache *cache, uint32_t page, uint32_t space,
                 uint32_t entry)
{
    uint32_t set = page % cache->sets;
    uint32_t first = set * TG_TLB_WAYS;
    uint32_t i = first;

    while (i < first + TG_TLB_WAYS && !is_match(cache, i, page, space))
        i++;
    if (i == first + TG_TLB_WAYS) {
        i = first + cache->next[set];
        cache->next[set] = (uint8_t)((cache->next[set] + 1) % TG_TLB_WAYS);
    }
    struct tg_tlb_event event = {.is_fill = true,
                                 .vaddr = page << TG_PAGE_SHIFT,
                                 .space = space,
                                 .entry = entry,
                                 .old_vaddr = cache->page[i] << TG_PAGE_SHIFT,
                                 .old_space = cache->space[i],
                                 .old_entry = cache->entry[i]};
    cache->page[i] = page;
    cache->entry[i] = entry;
    cache->space[i] = (uint8_t)space;
    ++*cache->fills;
    note_way(cpu, cache, i, event);
}

uint32_t tg_ref_translate(struct tg_cpu *cpu, uint32_t vaddr, enum tg_access access, uint32_t ring,
                          uint32_t *ret_paddr)
{
    struct cache cache = access == TG_ACCESS_FETCH ? instruction_cache(cpu) : data_cache(cpu);
    uint32_t page = vaddr >> TG_PAGE_SHIFT;
    uint32_t offset = vaddr & (TG_PAGE_BYTES - 1);
    uint32_t space = current_space(cpu);
    uint32_t first = page % cache.sets * TG_TLB_WAYS;
    uint32_t entry, reason;

    /* TLB-7 */
    if (!(cpu->s.ptroot & TG_PTROOT_ENABLE)) {
        *ret_paddr = vaddr;
        return 0;
    }

    /* TLB-2 */
    for (uint32_t i = first; i < first + TG_TLB_WAYS; i++) {
        entry = cache.entry[i];
        if (is_match(&cache, i, page, space) && is_usable(entry, access, ring)) {
            *ret_paddr = (entry & TG_PTE_PAGE) + offset;
            return 0;
        }
    }

    reason = walk(cpu, vaddr, access, ring, &entry);
    if (reason) /* TLB-4 */
        return reason;
    fill(cpu, &cache, page, space, entry);
    *ret_paddr = (entry & TG_PTE_PAGE) + offset;
    return 0;
}

/* SYS-5. A way that is emptied is all 0; the counters of the sets stay. */
static void invalidate(struct tg_cpu *cpu, struct cache cache, const uint32_t *vaddr,
                       const uint32_t *space)
{
    for (uint32_t i = 0; i < cache.sets * TG_TLB_WAYS; i++) {
        bool is_global = cache.entry[i] & TG_PTE_GLOBAL;

        if (vaddr && cache.page[i] != *vaddr >> TG_PAGE_SHIFT)
            continue;
        if (space && (is_global || cache.space[i] != (*space & TG_PTROOT_ASID)))
            continue;
        struct tg_tlb_event event = {.vaddr = cache.page[i] << TG_PAGE_SHIFT,
                                     .space = cache.space[i],
                                     .entry = cache.entry[i]};
        cache.page[i] = 0;
        cache.entry[i] = 0;
        cache.space[i] = 0;
        if (event.entry)
            note_way(cpu, &cache, i, event);
    }
}

void tg_ref_invalidate(struct tg_cpu *cpu, const uint32_t *vaddr, const uint32_t *space)
{
    invalidate(cpu, instruction_cache(cpu), vaddr, space);
    invalidate(cpu, data_cache(cpu), vaddr, space);
}
