/*
 * Address spaces (space.h). A page directory has the user's tables below KERNEL_SLOT and the
 * kernel's, the same in all, from there on. The tables of a space hang together by their frames'
 * next; each knows between which entries it is not empty, so copying and freeing look no further.
 */
#include <stddef.h>
#include <string.h>

#include "kernel/cpu.h"
#include "kernel/frames.h"
#include "kernel/interrupt.h"
#include "kernel/map.h"
#include "kernel/panic.h"
#include "kernel/process.h"
#include "kernel/space.h"

#define ENTRIES     (TP_PAGE / sizeof(uint32_t)) /* of a directory or table */
#define KERNEL_SLOT (K_DIRECT_MAP >> 22)
#define WINDOW      K_DISPLAY
#define WINDOW_SLOT (WINDOW >> 22)

/* Bits of a table entry that are the kernel's. COPIED: shared with another space, to be copied when
 * it is written, which its process may do. KEPT: the kernel uses the page too. */
#define PTE_COPIED 0x200u
#define PTE_KEPT   0x400u


_Static_assert(TP_MAP_WRITE == TG_PTE_WRITE >> 1 && TP_MAP_EXECUTE == TG_PTE_EXECUTE >> 1,
               "permissions are those of a table entry, less the bit for present");

/* The kernel's half is all there is. */
static _Alignas(TP_PAGE) uint32_t kernel_directory[ENTRIES];

/* Tables for the window of the text display: the kernel's, and that of a driver's process. */
static _Alignas(TP_PAGE) uint32_t window_tables[2][ENTRIES];

/* Slots of the kernel's half below this one, and the window's, are used. */
static uint32_t ram_end_slot;

uint32_t k_kernel_ptroot(void)
{
    return k_physical(kernel_directory) | TG_PTROOT_ENABLE;
}

static uint32_t frame_of(const void *page)
{
    return k_physical(page) / TP_PAGE;
}

static uint32_t *table_of(uint32_t frame)
{
    return k_direct(frame * TP_PAGE);
}

static uint32_t page_frame(uint32_t entry)
{
    return entry / TP_PAGE;
}

/* The space that the functions for the memory service work on. */
static struct space *being_changed(struct process *process)
{
    return process->new_space.directory ? &process->new_space : &process->space;
}

static bool is_user_range(uint32_t address, uint32_t pages)
{
    return address >= TP_USER_FIRST && address < TP_USER_END && address % TP_PAGE == 0 &&
           pages <= (TP_USER_END - address) / TP_PAGE;
}

/* --- Translations that CPUs keep ------------------------------------------------------------------------ */

static void drop_translations(const struct process *process)
{
    /* Register zero in the first place means all pages; tg_tlbinv cannot say so. */
    __asm__ volatile(".insn r 0x0b, 7, 0, x0, x0, %0"
                     :
                     : "r"(process->space.ptroot & TG_PTROOT_ASID)
                     : "memory");
}

void k_space_refresh(struct process *process)
{
    uint32_t here = 1u << k_cpu()->number;

    if (process->space.stale_cpus & here) {
        process->space.stale_cpus &= ~here;
        drop_translations(process);
    }
}

static uint32_t all_cpus(void)
{
    return (1u << k_cpu_count) - 1;
}

/* Something was taken from the space of a process. CPUs that run it later see to it then. One that
 * runs it now is interrupted, and executes nothing more of the process before that (docs/isa.md
 * TIM-7), so there is nothing to wait for. */
static void mark_stale(struct process *process)
{
    process->space.stale_cpus = all_cpus();
    process->ipc.message_address = 0;
    if (process == k_current())
        k_space_refresh(process);
    else if (process->state == TP_RUN_RUNNING)
        k_interrupt_send(process->cpu);
}

/* --- Directories and tables ------------------------------------------------------------------------------- */

/* Gives a directory the kernel's half, or (from: NULL) takes it away. Only the slots of
 * RAM and of the window are used there. */
static void fill_kernel_half(uint32_t *directory, const uint32_t *from)
{
    for (uint32_t slot = KERNEL_SLOT; slot < ram_end_slot; slot++)
        directory[slot] = from ? from[slot] : 0;
    directory[WINDOW_SLOT] = from ? from[WINDOW_SLOT] : 0;
}

static bool add_table(struct space *space, uint32_t slot)
{
    uint32_t frame = k_frame_take();
    struct frame_use *use = &k_frame_uses[frame];

    if (!frame)
        return false;
    *use = (struct frame_use){
        .uses = 1, .slot = (uint16_t)slot, .first = ENTRIES, .end = 0, .next = space->tables};
    space->tables = frame;
    space->directory[slot] = frame * TP_PAGE | TG_PTE_PRESENT;
    return true;
}

/* The entry of an address, or NULL if there is no table for it. */
static uint32_t *find_entry(const struct space *space, uint32_t address)
{
    uint32_t table;

    if (!space->directory)
        return NULL;
    table = space->directory[address >> 22];
    if (!(table & TG_PTE_PRESENT))
        return NULL;
    return table_of(page_frame(table)) + (address >> 12) % ENTRIES;
}

/* The same, with a table made if need be; it is going to be filled. NULL: no memory. */
static uint32_t *make_entry(struct space *space, uint32_t address)
{
    uint32_t slot = address >> 22, place = (address >> 12) % ENTRIES;
    struct frame_use *use;

    if (!(space->directory[slot] & TG_PTE_PRESENT) && !add_table(space, slot))
        return NULL;
    use = &k_frame_uses[page_frame(space->directory[slot])];
    if (place < use->first)
        use->first = (uint16_t)place;
    if (place >= use->end)
        use->end = (uint16_t)(place + 1);
    return table_of(page_frame(space->directory[slot])) + place;
}

static void empty_table(struct space *space, uint32_t frame)
{
    struct frame_use *use = &k_frame_uses[frame];
    uint32_t *table = table_of(frame);

    for (uint32_t i = use->first; i < use->end; i++)
        if (table[i]) {
            k_frame_drop(page_frame(table[i]));
            table[i] = 0;
        }
    space->directory[use->slot] = 0;
}

static void clear_space(struct space *space)
{
    for (uint32_t frame = space->tables, next; frame; frame = next) {
        next = k_frame_uses[frame].next;
        empty_table(space, frame);
        k_frame_drop_zero(frame);
    }
    if (space->directory) {
        fill_kernel_half(space->directory, NULL);
        k_frame_drop_zero(frame_of(space->directory));
    }
    *space = (struct space){.ptroot = k_kernel_ptroot()};
}

/* --- Whole spaces -------------------------------------------------------------------------------------------- */

static void use_ptroot(const struct process *process)
{
    if (process == k_current())
        tg_wrcr(TG_CR_PTROOT, process->space.ptroot);
}

static int begin(const struct process *process, struct space *space)
{
    uint32_t frame = k_frame_take(), *directory = table_of(frame);

    if (!frame)
        return -TP_ENOMEM;
    fill_kernel_half(directory, kernel_directory);
    *space = (struct space){
        .directory = directory,
        .ptroot = k_physical(directory) | TG_PTROOT_ENABLE | (k_process_slot(process) + 1),
        .stale_cpus = all_cpus()};
    return 0;
}

int k_space_begin(struct process *process)
{
    int result;

    if (process->new_space.directory)
        return -TP_EBUSY;
    if (process->space.directory)
        return begin(process, &process->new_space);
    result = begin(process, &process->space);
    use_ptroot(process);
    return result;
}

int k_space_commit(struct process *process)
{
    struct space old = process->space;

    if (!process->new_space.directory)
        return -TP_EINVAL;
    process->space = process->new_space;
    process->new_space = (struct space){.directory = NULL};
    use_ptroot(process);
    clear_space(&old);
    mark_stale(process);
    return 0;
}

void k_space_abandon(struct process *process)
{
    if (process->new_space.directory)
        clear_space(&process->new_space);
}

void k_space_clear(struct process *process)
{
    struct space old = process->space;

    k_space_abandon(process);
    process->space = (struct space){.ptroot = k_kernel_ptroot()};
    use_ptroot(process);
    clear_space(&old);
}

/* Gives to the pages of another space's table, in a table of its own. */
static bool copy_table(struct space *to, uint32_t frame)
{
    const struct frame_use *use = &k_frame_uses[frame];
    uint32_t *entries = table_of(frame), *copies;

    if (!add_table(to, use->slot))
        return false;
    k_frame_uses[to->tables].first = use->first;
    k_frame_uses[to->tables].end = use->end;
    copies = table_of(to->tables);
    for (uint32_t i = use->first; i < use->end; i++) {
        uint32_t entry = entries[i];

        if (entry == 0 || entry & PTE_KEPT)
            continue;
        if (entry & TG_PTE_WRITE) {
            entry = (entry & ~TG_PTE_WRITE) | PTE_COPIED;
            entries[i] = entry;
        }
        k_frame_share(page_frame(entry));
        copies[i] = entry;
        to->pages++;
    }
    return true;
}

int k_space_copy(struct process *to, struct process *from)
{
    int result;

    if (to->space.directory || !from->space.directory)
        return -TP_EINVAL;
    result = begin(to, &to->space);
    for (uint32_t frame = from->space.tables; frame && result == 0;
         frame = k_frame_uses[frame].next)
        if (!copy_table(&to->space, frame))
            result = -TP_ENOMEM;
    mark_stale(from);
    if (result)
        k_space_clear(to);
    return result;
}

/* --- Pages ---------------------------------------------------------------------------------------------------- */

/* How many pages of a range are not there. */
static uint32_t count_absent(const struct space *space, uint32_t address, uint32_t pages)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < pages; i++) {
        const uint32_t *entry = find_entry(space, address + i * TP_PAGE);

        count += !entry || !*entry;
    }
    return count;
}

/* Whether there is memory for that many pages, and the tables that a range may need. */
static bool has_memory(uint32_t count, uint32_t pages)
{
    return count + pages / ENTRIES + 2 <= k_frames_free;
}

int k_space_map(struct process *process, uint32_t address, uint32_t pages, uint32_t permissions)
{
    struct space *space = being_changed(process);
    uint32_t bits = K_USER_PAGE(permissions), count;

    if (!is_user_range(address, pages) || !space->directory)
        return -TP_EFAULT;
    if (pages == 1 && k_space_map_page(space, address, bits))
        return 1;
    count = count_absent(space, address, pages);
    if (!has_memory(count, pages))
        return -TP_ENOMEM;
    /* --- from here on nothing fails --- */
    for (uint32_t i = 0; i < pages; i++) {
        uint32_t *entry = make_entry(space, address + i * TP_PAGE);

        if (*entry == 0)
            *entry = k_frame_take() * TP_PAGE | bits;
    }
    space->pages += count;
    return (int)count;
}

int k_space_unmap(struct process *process, uint32_t address, uint32_t pages)
{
    struct space *space = being_changed(process);
    int count = 0;

    if (!is_user_range(address, pages) || !space->directory)
        return -TP_EFAULT;
    for (uint32_t i = 0; i < pages; i++) {
        uint32_t *entry = find_entry(space, address + i * TP_PAGE);

        if (entry && *entry) {
            k_frame_drop(page_frame(*entry));
            *entry = 0;
            count++;
        }
    }
    space->pages -= (uint32_t)count;
    mark_stale(process);
    return count;
}

int k_space_share(struct process *process, uint32_t address, uint32_t frame, uint32_t pages)
{
    struct space *space = &process->space;

    if (!is_user_range(address, pages) || !space->directory ||
        count_absent(space, address, pages) < pages)
        return -TP_EFAULT;
    if (!has_memory(0, pages))
        return -TP_ENOMEM;
    for (uint32_t i = 0; i < pages; i++) {
        k_frame_share(frame + i);
        *make_entry(space, address + i * TP_PAGE) =
            (frame + i) * TP_PAGE | K_USER_PAGE(TP_MAP_WRITE) | PTE_KEPT;
    }
    space->pages += pages;
    return 0;
}

int k_space_give_display(struct process *process)
{
    if (!process->space.directory)
        return -TP_EINVAL;
    process->space.directory[WINDOW_SLOT] = k_physical(window_tables[1]) | TG_PTE_PRESENT;
    mark_stale(process);
    return 0;
}

/* --- Use of pages ---------------------------------------------------------------------------------------------- */

/* A page that is shared gets written: it becomes the process's own. */
static int copy_page(struct process *process, uint32_t *entry)
{
    uint32_t frame = page_frame(*entry), bits = *entry & ~(TG_PTE_PAGE | PTE_COPIED);

    if (k_frame_uses[frame].uses > 1) {
        uint32_t copy = k_frame_take_any();

        if (!copy)
            return -TP_ENOMEM;
        memcpy(table_of(copy), table_of(frame), TP_PAGE);
        k_frame_drop(frame);
        frame = copy;
        *entry = frame * TP_PAGE | bits | TG_PTE_WRITE;
        mark_stale(process);
    } else {
        *entry = frame * TP_PAGE | bits | TG_PTE_WRITE; /* more permission needs no mark */
    }
    return 0;
}

int k_space_prepare(struct process *process, uint32_t address, enum space_use use)
{
    uint32_t *entry = find_entry(&process->space, address);

    if (!entry || !*entry)
        return K_ABSENT;
    if (use == K_USE_READ || *entry & TG_PTE_WRITE)
        return 0;
    return *entry & PTE_COPIED ? copy_page(process, entry) : -TP_EFAULT;
}

void *k_space_find(const struct process *process, uint32_t address, enum space_use use)
{
    const uint32_t *entry = find_entry(&process->space, address);

    if (!entry || !*entry || (use == K_USE_WRITE && !(*entry & TG_PTE_WRITE)))
        return NULL;
    return (char *)table_of(page_frame(*entry)) + address % TP_PAGE;
}

/* For SPACE_WRITE: a page that may be shared or read only is written all the same, unless another
 * space would see it. */
static char *find_to_write(struct process *process, struct space *space, uint32_t address)
{
    uint32_t *entry = find_entry(space, address);

    if (!entry || !*entry || *entry & PTE_KEPT)
        return NULL;
    if (k_frame_uses[page_frame(*entry)].uses > 1) {
        uint32_t was = *entry;

        if (copy_page(process, entry) < 0)
            return NULL;
        *entry = (*entry & ~TG_PTE_WRITE) | (was & TG_PTE_WRITE) |
                 (was & PTE_COPIED ? TG_PTE_WRITE : 0);
    }
    return (char *)table_of(page_frame(*entry)) + address % TP_PAGE;
}

int k_space_write(struct process *process, uint32_t address, const void *from, uint32_t bytes)
{
    struct space *space = being_changed(process);
    const char *next = from;

    if (bytes > TP_USER_END || address > TP_USER_END - bytes || address < TP_USER_FIRST)
        return -TP_EFAULT;
    while (bytes > 0) {
        uint32_t part = TP_PAGE - address % TP_PAGE;
        char *to = find_to_write(process, space, address);

        if (!to)
            return -TP_EFAULT;
        if (part > bytes)
            part = bytes;
        memcpy(to, next, part);
        next += part;
        address += part;
        bytes -= part;
    }
    return 0;
}

/* --- The kernel's own space --------------------------------------------------------------------------------------- */

extern const char __text_start[], __text_end[], __data_start[];

/* Permissions of a kernel page: nothing can be written and executed, constants cannot be written. */
static uint32_t kernel_page_bits(uint32_t address)
{
    uint32_t bits = TG_PTE_PRESENT | TG_PTE_READ | TG_PTE_GLOBAL;

    if (address >= (uintptr_t)__text_start && address < (uintptr_t)__text_end)
        return bits | TG_PTE_EXECUTE;
    if (address >= (uintptr_t)__text_start && address < (uintptr_t)__data_start)
        return bits;
    return bits | TG_PTE_WRITE;
}

static void hide_page(const void *page)
{
    uint32_t address = (uint32_t)(uintptr_t)page;
    uint32_t *table = k_direct(kernel_directory[address >> 22] & TG_PTE_PAGE);

    table[(address >> 12) % ENTRIES] = 0;
}

static void map_window(void)
{
    uint32_t pages = (TG_WINDOW_BYTES_TEXT + TP_PAGE - 1) / TP_PAGE;
    uint32_t bits = TG_PTE_PRESENT | TG_PTE_READ | TG_PTE_WRITE;

    for (uint32_t i = 0; i < pages; i++) {
        window_tables[0][i] = (WINDOW + i * TP_PAGE) | bits;
        window_tables[1][i] = (WINDOW + i * TP_PAGE) | bits | 1u << TG_PTE_RING_SHIFT;
    }
    kernel_directory[WINDOW_SLOT] = k_physical(window_tables[0]) | TG_PTE_PRESENT;
}

void k_space_start(uint32_t ram_bytes)
{
    uint32_t tables = (ram_bytes + (TP_PAGE * ENTRIES - 1)) / (TP_PAGE * ENTRIES);
    uint32_t frame = k_frames_take_run(tables);
    uint32_t *entries = table_of(frame);

    if (!frame)
        k_panic("no memory for the kernel's page tables; start the machine with more (--ram)");
    for (uint32_t page = 0; page < ram_bytes / TP_PAGE; page++)
        entries[page] = page * TP_PAGE | kernel_page_bits(page * TP_PAGE + K_DIRECT_MAP);
    ram_end_slot = KERNEL_SLOT + tables;
    for (uint32_t i = 0; i < tables; i++)
        kernel_directory[KERNEL_SLOT + i] = (frame + i) * TP_PAGE | TG_PTE_PRESENT;
    map_window();
    k_cpu_each_guard(hide_page);
}
