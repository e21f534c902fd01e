/*
 * Addresses: the architectural translation caches and page walk (docs/isa.md section 7), the host
 * lines derived from them, and the loads and stores for which there is no line. A line never
 * outlives the architectural entry that it was made from: whoever replaces or empties that entry
 * purges its lines first.
 */
#include "bus/bus.h"
#include "core/fast/fast.h"
#include "core/note.h"
#include "core/points.h"
#include "core/ram.h"

/* --- Lines --------------------------------------------------------------------------------- */

static const struct fast_line no_line = {FAST_NO_TAG, FAST_NO_TAG, 0};

static void clear_bank(struct fast_bank *bank)
{
    for (uint32_t ring = 0; ring < 4; ring++) {
        for (uint32_t i = 0; i < FAST_LINES; i++)
            bank->lines[ring][i] = no_line;
        for (uint32_t i = 0; i < FAST_FETCHES; i++)
            bank->fetches[ring][i].tag = FAST_NO_TAG;
    }
}

void tg_fast_clear_banks(struct fast_cpu *f)
{
    for (uint32_t i = 0; i < FAST_BANKS; i++)
        f->bank_key[i] = FAST_NO_KEY;
    f->bank = NULL;
    memset(f->made_from_dtlb, 0, sizeof f->made_from_dtlb);
    memset(f->made_from_itlb, 0, sizeof f->made_from_itlb);
}

void tg_fast_clear_fetches(struct fast_cpu *f)
{
    for (uint32_t i = 0; i < FAST_BANKS; i++)
        for (uint32_t ring = 0; f->bank_key[i] != FAST_NO_KEY && ring < 4; ring++)
            for (uint32_t k = 0; k < FAST_FETCHES; k++)
                f->banks[i].fetches[ring][k].tag = FAST_NO_TAG;
    memset(f->made_from_itlb, 0, sizeof f->made_from_itlb);
}

static uint32_t bank_key_of(uint32_t ptroot)
{
    return ptroot & TG_PTROOT_ENABLE ? ptroot & TG_PTROOT_ASID : FAST_NO_SPACE;
}

/* A bank for a space that has none: the one that has been in use longest, emptied. */
static uint32_t recycle_bank(struct fast_cpu *f)
{
    uint32_t number = f->next_bank;
    uint64_t others = ~(UINT64_C(15) << (number * 4));

    f->next_bank = (number + 1) % FAST_BANKS;
    clear_bank(&f->banks[number]);
    for (uint32_t i = 0; i < TG_DTLB_ENTRIES; i++)
        f->made_from_dtlb[i] &= others;
    for (uint32_t i = 0; i < TG_ITLB_ENTRIES; i++)
        f->made_from_itlb[i] &= others;
    return number;
}

void tg_fast_select_bank(struct fast_cpu *f)
{
    uint32_t key = bank_key_of(f->cpu->s.ptroot);
    uint32_t number;

    for (number = 0; number < FAST_BANKS; number++)
        if (f->bank_key[number] == key)
            break;
    if (number == FAST_BANKS) {
        number = recycle_bank(f);
        f->bank_key[number] = key;
    }
    f->bank = &f->banks[number];
    f->bank_bit = number * 4;
}

void tg_fast_drop_write_lines(struct fast *fast, uint32_t page)
{
    uint64_t host = (uintptr_t)fast->machine->ram.bytes + (uint64_t)page * TG_PAGE_BYTES;

    if (page != TG_ALL_PAGES) {
        if (!fast->may_have_write_line[page])
            return;
        fast->may_have_write_line[page] = 0;
    } else {
        memset(fast->may_have_write_line, 0, fast->page_count);
    }
    for (uint32_t c = 0; c < fast->cpu_count; c++) {
        struct fast_cpu *f = &fast->cpus[c];

        for (uint32_t i = 0; i < FAST_BANKS * 4; i++) {
            struct fast_line *lines = f->banks[i / 4].lines[i % 4];

            if (f->bank_key[i / 4] == FAST_NO_KEY)
                continue;
            for (uint32_t k = 0; k < FAST_LINES; k++)
                if (page == TG_ALL_PAGES || lines[k].addend + lines[k].write_tag == host)
                    lines[k].write_tag = FAST_NO_TAG;
        }
    }
}

void tg_fast_before_write(struct fast *fast, uint32_t paddr, uint32_t bytes)
{
    if (fast->machine->ram.page_flags[paddr >> TG_PAGE_SHIFT])
        tg_ram_before_write(fast->machine, paddr, bytes);
}

/* What of a page is watched. Each access to one that is comes by here, so it is remembered. */
static const struct fast_watched *find_watched(struct fast *fast, uint32_t vaddr, uint32_t paddr)
{
    struct fast_watched *w = &fast->watched[(vaddr >> TG_PAGE_SHIFT) % FAST_WATCHED];

    if (!w->is_known || w->vaddr != vaddr || w->paddr != paddr) {
        const struct tg_machine *machine = fast->machine;

        w->is_known = true;
        w->vaddr = vaddr;
        w->paddr = paddr;
        w->has_loads = tg_points_watch_range(machine, vaddr, paddr, TG_PAGE_BYTES, false);
        w->has_stores = tg_points_watch_range(machine, vaddr, paddr, TG_PAGE_BYTES, true);
    }
    return w;
}

/* Makes the line of vaddr's page for ring lead to RAM page paddr, for reads, writes or both. */
static void make_line(struct fast_cpu *f, uint32_t vaddr, uint32_t paddr, uint32_t ring, bool reads,
                      bool writes)
{
    struct fast *fast = f->fast;
    struct fast_line *line = fast_line_of(f->bank, ring, vaddr);
    uint32_t tag = vaddr & ~(TG_PAGE_BYTES - 1);
    uint32_t page = paddr >> TG_PAGE_SHIFT;
    uint64_t addend = (uintptr_t)fast->machine->ram.bytes + (uint64_t)page * TG_PAGE_BYTES - tag;

    if (tg_points_watches(fast->machine)) {
        const struct fast_watched *watched = find_watched(fast, tag, page * TG_PAGE_BYTES);

        reads = reads && !watched->has_loads;
        writes = writes && !watched->has_stores;
        if (!reads && !writes)
            return;
    }
    if (line->addend != addend || (line->read_tag != tag && line->write_tag != tag)) {
        *line = no_line;
        line->addend = addend;
    }
    if (reads)
        line->read_tag = tag;
    if (writes && fast->machine->ram.page_flags[page] == 0) {
        line->write_tag = tag;
        fast->may_have_write_line[page] = 1;
    }
}

static void purge_lines(struct fast_cpu *f, uint32_t index)
{
    uint64_t made = f->made_from_dtlb[index];
    uint32_t vaddr = f->cpu->s.dtlb_page[index] << TG_PAGE_SHIFT;

    f->made_from_dtlb[index] = 0;
    for (uint32_t i = 0; made; i++, made >>= 1)
        if (made & 1)
            *fast_line_of(&f->banks[i / 4], i % 4, vaddr) = no_line;
}

static void purge_fetches(struct fast_cpu *f, uint32_t index)
{
    uint64_t made = f->made_from_itlb[index];
    uint32_t vaddr = f->cpu->s.itlb_page[index] << TG_PAGE_SHIFT;

    f->made_from_itlb[index] = 0;
    for (uint32_t i = 0; made; i++, made >>= 1)
        if (made & 1)
            fast_fetch_of(&f->banks[i / 4], i % 4, vaddr)->tag = FAST_NO_TAG;
}

/* --- The page walk ------------------------------------------------------------------------- */

/* Permission bits that an access needs in an entry. */
static uint32_t needed_bits(enum tg_access access)
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

static bool sets_dirty(enum tg_access access)
{
    return access == TG_ACCESS_STORE || access == TG_ACCESS_ATOMIC;
}

static bool ring_may(uint32_t entry, uint32_t ring)
{
    return (entry & TG_PTE_RING) >> TG_PTE_RING_SHIFT >= ring;
}

/* PAG-2, PAG-4. 0 and the entry as it then is in memory, or the reason. */
static uint32_t walk(struct fast_cpu *f, uint32_t vaddr, enum tg_access access, uint32_t ring,
                     uint32_t *ret_entry)
{
    struct tg_ram *ram = &f->fast->machine->ram;
    struct tg_count_state *counts = &f->cpu->counts;
    uint32_t needed = needed_bits(access);
    uint32_t paddr = (f->cpu->s.ptroot & TG_PTROOT_PAGE) + (vaddr >> 22) * 4;
    uint32_t entry, wanted;

    if (!tg_ram_contains(ram, paddr, 4))
        return TG_PAGE_DIRECTORY_ADDRESS;
    counts->walk_references++;
    entry = fast_ram_word(f->fast, paddr);
    if (!(entry & TG_PTE_PRESENT))
        return TG_PAGE_DIRECTORY_ABSENT;
    if (entry & TG_PDE_RESERVED)
        return TG_PAGE_DIRECTORY_RESERVED;
    paddr = (entry & TG_PTE_PAGE) + (vaddr >> 12 & 1023) * 4;
    if (!tg_ram_contains(ram, paddr, 4))
        return TG_PAGE_TABLE_ADDRESS;
    counts->walk_references++;
    entry = fast_ram_word(f->fast, paddr);
    if (!(entry & TG_PTE_PRESENT))
        return TG_PAGE_TABLE_ABSENT;
    if (!ring_may(entry, ring))
        return TG_PAGE_RING;
    if ((entry & needed) != needed)
        return TG_PAGE_PERMISSION;
    wanted = entry | TG_PTE_ACCESSED | (sets_dirty(access) ? TG_PTE_DIRTY : 0);
    if (wanted != entry) {
        counts->walk_references++;
        tg_fast_before_write(f->fast, paddr, 4);
        fast_put32(ram->bytes + paddr, wanted);
        if (tg_points_watches(f->fast->machine))
            tg_points_walk(f->cpu, paddr, entry, wanted);
    }
    *ret_entry = wanted;
    return 0;
}

/* --- The architectural caches -------------------------------------------------------------- */

/* One of a CPU's two caches, seen the same way. */
struct cache {
    uint32_t *page, *entry;
    uint8_t *space, *next;
    uint32_t sets;
    uint64_t *fills;
    void (*purge)(struct fast_cpu *f, uint32_t index);
};

static inline struct cache data_cache(struct fast_cpu *f)
{
    struct tg_cpu_state *s = &f->cpu->s;

    return (struct cache){s->dtlb_page, s->dtlb_entry, s->dtlb_space,
                          s->dtlb_next, TG_DTLB_SETS,  &f->cpu->counts.data_fills,
                          purge_lines};
}

static inline struct cache fetch_cache(struct fast_cpu *f)
{
    struct tg_cpu_state *s = &f->cpu->s;

    return (struct cache){s->itlb_page, s->itlb_entry, s->itlb_space,
                          s->itlb_next, TG_ITLB_SETS,  &f->cpu->counts.instruction_fills,
                          purge_fetches};
}

/* Tells observers, if any, of a change of way index; fills in the rest of the event. */
static void note_way(struct fast_cpu *f, const struct cache *c, uint32_t index,
                     struct tg_tlb_event event)
{
    event.cpu = f->cpu->number;
    event.is_instruction = c->purge == purge_fetches;
    event.index = index;
    tg_note_tlb(f->cpu, &event);
}

static inline bool way_matches(const struct cache *c, uint32_t index, uint32_t page, uint32_t space)
{
    return c->page[index] == page && (c->entry[index] & TG_PTE_PRESENT) &&
           ((c->entry[index] & TG_PTE_GLOBAL) || c->space[index] == space);
}

/* TLB-3. The index that was filled. */
static inline uint32_t fill(struct fast_cpu *f, const struct cache *c, uint32_t page,
                            uint32_t space, uint32_t entry)
{
    uint32_t set = page % c->sets;
    uint32_t first = set * TG_TLB_WAYS;
    uint32_t index = first + TG_TLB_WAYS;

    for (uint32_t i = first + TG_TLB_WAYS; i-- > first;) {
        if (way_matches(c, i, page, space))
            index = i;
        /* Other ways that hold the page, in whatever space, may be overshadowed from now on. */
        if (c->page[i] == page)
            c->purge(f, i);
    }
    if (index == first + TG_TLB_WAYS) {
        index = first + c->next[set];
        c->next[set] = (uint8_t)((c->next[set] + 1) % TG_TLB_WAYS);
    }
    c->purge(f, index);
    struct tg_tlb_event event = {.is_fill = true,
                                 .vaddr = page << TG_PAGE_SHIFT,
                                 .space = space,
                                 .entry = entry,
                                 .old_vaddr = c->page[index] << TG_PAGE_SHIFT,
                                 .old_space = c->space[index],
                                 .old_entry = c->entry[index]};
    c->page[index] = page;
    c->entry[index] = entry;
    c->space[index] = (uint8_t)space;
    ++*c->fills;
    if (f->fast->machine->observed & TG_OBSERVE_TLB)
        note_way(f, c, index, event);
    return index;
}

/* TLB-2, TLB-3: the entry for the access, from the cache or a walk. 0 or the reason. *ret_is_first:
 * no other way with the page comes before it, so it also answers every other access that it allows.
 */
static inline uint32_t look_up(struct fast_cpu *f, const struct cache *c, uint32_t vaddr,
                               enum tg_access access, uint32_t ring, uint32_t *ret_index,
                               bool *ret_is_first)
{
    uint32_t page = vaddr >> TG_PAGE_SHIFT;
    uint32_t space = f->cpu->s.ptroot & TG_PTROOT_ASID;
    uint32_t first = page % c->sets * TG_TLB_WAYS;
    uint32_t needed = needed_bits(access) | (sets_dirty(access) ? TG_PTE_DIRTY : 0);
    uint32_t entry, reason;

    *ret_is_first = true;
    for (uint32_t i = first; i < first + TG_TLB_WAYS; i++) {
        if (!way_matches(c, i, page, space))
            continue;
        if ((c->entry[i] & needed) == needed && ring_may(c->entry[i], ring)) {
            *ret_index = i;
            return 0;
        }
        *ret_is_first = false;
    }
    reason = walk(f, vaddr, access, ring, &entry);
    if (reason)
        return reason;
    *ret_index = fill(f, c, page, space, entry);
    *ret_is_first = true;
    return 0;
}

/* SYS-5. */
static void invalidate(struct fast_cpu *f, const struct cache *c, const uint32_t *vaddr,
                       const uint32_t *space)
{
    for (uint32_t i = 0; i < c->sets * TG_TLB_WAYS; i++) {
        if (vaddr && c->page[i] != *vaddr >> TG_PAGE_SHIFT)
            continue;
        if (space && ((c->entry[i] & TG_PTE_GLOBAL) || c->space[i] != *space))
            continue;
        c->purge(f, i);
        struct tg_tlb_event event = {
            .vaddr = c->page[i] << TG_PAGE_SHIFT, .space = c->space[i], .entry = c->entry[i]};
        c->page[i] = 0;
        c->entry[i] = 0;
        c->space[i] = 0;
        if (event.entry && (f->fast->machine->observed & TG_OBSERVE_TLB))
            note_way(f, c, i, event);
    }
}

void tg_fast_invalidate(struct fast_cpu *f, const uint32_t *vaddr, const uint32_t *space)
{
    struct cache data = data_cache(f);
    struct cache fetch = fetch_cache(f);

    invalidate(f, &data, vaddr, space);
    invalidate(f, &fetch, vaddr, space);
}

/* --- Data accesses ------------------------------------------------------------------------- */

/* An address whose page is RAM gets a line. */
static void make_line_from_entry(struct fast_cpu *f, uint32_t vaddr, enum tg_access access,
                                 uint32_t ring, uint32_t index, bool is_first)
{
    uint32_t entry = f->cpu->s.dtlb_entry[index];
    uint32_t paddr = entry & TG_PTE_PAGE;
    uint32_t for_write = TG_PTE_WRITE | TG_PTE_DIRTY;
    bool reads = access == TG_ACCESS_LOAD;
    bool writes = access == TG_ACCESS_STORE;

    if (!tg_ram_contains(&f->fast->machine->ram, paddr, TG_PAGE_BYTES))
        return;
    if (is_first) {
        reads = entry & TG_PTE_READ;
        writes = (entry & for_write) == for_write;
    }
    make_line(f, vaddr, paddr, ring, reads, writes);
    f->made_from_dtlb[index] |= UINT64_C(1) << (f->bank_bit + ring);
}

uint32_t tg_fast_translate(struct fast_cpu *f, uint32_t vaddr, enum tg_access access, uint32_t ring,
                           uint32_t *ret_paddr)
{
    struct cache c = data_cache(f);
    uint32_t index, reason;
    bool is_first;

    if (!(f->cpu->s.ptroot & TG_PTROOT_ENABLE)) {
        if (tg_ram_contains(&f->fast->machine->ram, vaddr & TG_PTE_PAGE, TG_PAGE_BYTES))
            make_line(f, vaddr, vaddr, ring, true, true);
        *ret_paddr = vaddr;
        return 0;
    }
    reason = look_up(f, &c, vaddr, access, ring, &index, &is_first);
    if (reason)
        return reason;
    make_line_from_entry(f, vaddr, access, ring, index, is_first);
    *ret_paddr = (f->cpu->s.dtlb_entry[index] & TG_PTE_PAGE) | (vaddr & (TG_PAGE_BYTES - 1));
    return 0;
}

static enum fast_result raise_page(struct fast_cpu *f, enum tg_access access, uint32_t reason,
                                   uint32_t vaddr)
{
    return tg_fast_raise(f, TG_CAUSE_PAGE, access | reason << 4 | tg_cpu_ring(f->cpu) << 8, vaddr);
}

/* ORD-2 up to the translation. 0, or 1 after raising (the result is then FAST_RESUME). */
static bool find_address(struct fast_cpu *f, uint32_t vaddr, enum tg_access access, uint32_t bytes,
                         uint32_t *ret_paddr)
{
    uint32_t reason;

    if (vaddr & (bytes - 1)) {
        tg_fast_raise(f, TG_CAUSE_MISALIGNED, access | bytes << 4, vaddr);
        return false;
    }
    reason = tg_fast_translate(f, vaddr, access, tg_cpu_ring(f->cpu), ret_paddr);
    if (reason)
        raise_page(f, access, reason, vaddr);
    return reason == 0;
}

/* Tells observers and watches, if any, of a completed access. old: what was there before. */
static void note_memory(struct fast_cpu *f, const struct tg_memory_event *access, uint32_t old)
{
    struct tg_machine *machine = f->fast->machine;
    struct tg_memory_event event = *access;

    event.cpu = f->cpu->number;
    event.pc = f->cpu->s.pc;
    if (machine->observed & TG_OBSERVE_MEMORY)
        tg_note_memory(f->cpu, &event);
    if (tg_points_watches(machine))
        tg_points_access(machine, &(struct tg_watch_event){.cpu = event.cpu,
                                                           .access = event.access,
                                                           .pc = event.pc,
                                                           .vaddr = event.vaddr,
                                                           .paddr = event.paddr,
                                                           .bytes = event.bytes,
                                                           .old_value = old,
                                                           .value = event.value});
}

/* Whether somebody wants note_memory. */
static inline bool is_noted(const struct fast *fast)
{
    return (fast->machine->observed & TG_OBSERVE_MEMORY) || tg_points_watches(fast->machine);
}

static uint32_t width_of(enum fast_op op)
{
    switch (op) {
    case FAST_LB:
    case FAST_LBU:
    case FAST_SB:
        return 1;
    case FAST_LH:
    case FAST_LHU:
    case FAST_SH:
        return 2;
    default:
        return 4;
    }
}

static uint32_t get_ram(const struct tg_ram *ram, uint32_t paddr, uint32_t bytes)
{
    const uint8_t *host = ram->bytes + paddr;

    return bytes == 1 ? fast_get8(host) : bytes == 2 ? fast_get16(host) : fast_get32(host);
}

static void put_ram(struct fast *fast, uint32_t paddr, uint32_t bytes, uint32_t value)
{
    uint8_t *host = fast->machine->ram.bytes + paddr;

    tg_fast_before_write(fast, paddr, bytes);
    if (bytes == 1)
        fast_put8(host, value);
    else if (bytes == 2)
        fast_put16(host, value);
    else
        fast_put32(host, value);
}

enum fast_result tg_fast_load(struct fast_cpu *f, const struct fast_entry *e, enum fast_op op)
{
    struct tg_cpu *cpu = f->cpu;
    struct fast_entry insn = *e; /* the walk may write to the page that is being executed */
    uint32_t vaddr = cpu->s.x[insn.ra] + (uint32_t)insn.imm;
    uint32_t bytes = width_of(op);
    uint32_t paddr, value;

    if (!find_address(f, vaddr, TG_ACCESS_LOAD, bytes, &paddr))
        return FAST_RESUME;
    if (tg_ram_contains(&cpu->machine->ram, paddr, bytes))
        value = get_ram(&cpu->machine->ram, paddr, bytes);
    else if (!tg_bus_memory_read(cpu, paddr, bytes, &value))
        return tg_fast_raise(f, TG_CAUSE_BUS, TG_ACCESS_LOAD | bytes << 4, paddr);
    if (is_noted(f->fast))
        note_memory(f,
                    &(struct tg_memory_event){.access = TG_ACCESS_LOAD,
                                              .vaddr = vaddr,
                                              .paddr = paddr,
                                              .bytes = bytes,
                                              .value = value},
                    value);
    if (op == FAST_LB)
        value = (uint32_t)(int32_t)(int8_t)value;
    else if (op == FAST_LH)
        value = (uint32_t)(int32_t)(int16_t)value;
    fast_set_register(f, insn.rd, value);
    return FAST_NEXT;
}

enum fast_result tg_fast_store(struct fast_cpu *f, const struct fast_entry *e, enum fast_op op)
{
    struct tg_cpu *cpu = f->cpu;
    uint32_t vaddr = cpu->s.x[e->ra] + (uint32_t)e->imm;
    uint32_t bytes = width_of(op);
    uint32_t value = cpu->s.x[e->rd] & UINT32_MAX >> (32 - 8 * bytes);
    uint32_t paddr, old = 0;

    if (!find_address(f, vaddr, TG_ACCESS_STORE, bytes, &paddr))
        return FAST_RESUME;
    if (tg_points_watches(f->fast->machine))
        old = tg_points_peek(cpu, paddr, bytes);
    if (tg_ram_contains(&cpu->machine->ram, paddr, bytes))
        put_ram(f->fast, paddr, bytes, value);
    else if (!tg_bus_memory_write(cpu, paddr, bytes, value))
        return tg_fast_raise(f, TG_CAUSE_BUS, TG_ACCESS_STORE | bytes << 4, paddr);
    if (is_noted(f->fast))
        note_memory(f,
                    &(struct tg_memory_event){.access = TG_ACCESS_STORE,
                                              .vaddr = vaddr,
                                              .paddr = paddr,
                                              .bytes = bytes,
                                              .value = value},
                    old);
    return FAST_NEXT;
}

/* --- Atomic operations --------------------------------------------------------------------- */

static uint32_t atomic_value(enum fast_op op, uint32_t old, uint32_t b)
{
    switch (op) {
    case FAST_AMOADD_W:
        return old + b;
    case FAST_AMOXOR_W:
        return old ^ b;
    case FAST_AMOAND_W:
        return old & b;
    case FAST_AMOOR_W:
        return old | b;
    case FAST_AMOMIN_W:
        return (int32_t)old < (int32_t)b ? old : b;
    case FAST_AMOMAX_W:
        return (int32_t)old > (int32_t)b ? old : b;
    case FAST_AMOMINU_W:
        return old < b ? old : b;
    case FAST_AMOMAXU_W:
        return old > b ? old : b;
    default: /* amoswap.w, sc.w */
        return b;
    }
}

enum fast_result tg_fast_atomic(struct fast_cpu *f, const struct fast_entry *e, enum fast_op op)
{
    struct tg_cpu *cpu = f->cpu;
    struct fast_entry insn = *e;
    enum tg_access access = op == FAST_LR_W   ? TG_ACCESS_LOAD
                            : op == FAST_SC_W ? TG_ACCESS_STORE
                                              : TG_ACCESS_ATOMIC;
    uint32_t vaddr = cpu->s.x[insn.ra];
    uint32_t b = op == FAST_LR_W ? 0 : cpu->s.x[insn.rb];
    uint32_t paddr, before, old, new;
    bool stores = op != FAST_LR_W;

    if (!find_address(f, vaddr, access, 4, &paddr))
        return FAST_RESUME;
    if (!tg_ram_contains(&cpu->machine->ram, paddr, 4))
        return tg_fast_raise(f, TG_CAUSE_BUS, access | 4 << 4, paddr);
    before = old = fast_ram_word(f->fast, paddr);
    new = atomic_value(op, old, b);
    if (op == FAST_LR_W) {
        cpu->s.is_reserved = 1;
        cpu->s.reserved_paddr = paddr;
    } else if (op == FAST_SC_W) {
        stores = cpu->s.is_reserved && cpu->s.reserved_paddr == paddr;
        cpu->s.is_reserved = 0;
        old = !stores;
    }
    if (stores)
        put_ram(f->fast, paddr, 4, new);
    if ((stores || op == FAST_LR_W) && is_noted(f->fast))
        note_memory(f,
                    &(struct tg_memory_event){.access = access,
                                              .vaddr = vaddr,
                                              .paddr = paddr,
                                              .bytes = 4,
                                              .value = stores ? new : old},
                    before);
    fast_set_register(f, insn.rd, old);
    return FAST_NEXT;
}

/* --- Fetches ------------------------------------------------------------------------------- */

struct fast_page *tg_fast_fetch(struct fast_cpu *f)
{
    struct tg_cpu *cpu = f->cpu;
    struct cache c = fetch_cache(f);
    uint32_t ring = tg_cpu_ring(cpu);
    uint32_t pc = cpu->s.pc;
    uint32_t paddr = pc & TG_PTE_PAGE;
    uint32_t index = 0, reason;
    struct fast_fetch *fetch;
    bool is_paging = cpu->s.ptroot & TG_PTROOT_ENABLE;
    bool is_first;

    if (is_paging) {
        reason = look_up(f, &c, pc, TG_ACCESS_FETCH, ring, &index, &is_first);
        if (reason) {
            raise_page(f, TG_ACCESS_FETCH, reason, pc);
            return NULL;
        }
        paddr = cpu->s.itlb_entry[index] & TG_PTE_PAGE;
    }
    if (!tg_ram_contains(&cpu->machine->ram, paddr, TG_PAGE_BYTES)) {
        tg_fast_raise(f, TG_CAUSE_BUS, TG_ACCESS_FETCH | 4 << 4,
                      paddr | (pc & (TG_PAGE_BYTES - 1)));
        return NULL;
    }
    fetch = fast_fetch_of(f->bank, ring, pc);
    fetch->page = tg_fast_page(f->fast, paddr >> TG_PAGE_SHIFT);
    fetch->tag = pc & TG_PTE_PAGE;
    tg_fast_reach_page(f->fast, fetch->page, fetch->tag);
    fetch->pc_bias = fetch->tag - (uint32_t)((uintptr_t)fetch->page->entries >> 2);
    if (is_paging)
        f->made_from_itlb[index] |= UINT64_C(1) << (f->bank_bit + ring);
    return fetch->page;
}
