/* Backtraces of a machine's CPU: see unwind.h. The one place of symbols and values that knows a
 * machine. */
#include "debug/unwind.h"

#include <string.h>

/* Memory as ring 0 may read it; a page that is only for fetches or stores is memory too. The page
 * that was translated last is kept: questions come in runs, and the machine stands still. */
static bool translate(struct tg_machine_source *from, uint32_t vaddr, uint32_t *ret_paddr)
{
    static const enum tg_access accesses[] = {TG_ACCESS_LOAD, TG_ACCESS_FETCH, TG_ACCESS_STORE};
    uint32_t offset = vaddr % TG_PAGE_BYTES;
    for (unsigned i = 0; i < 3 && !(from->has_page && from->page == vaddr - offset); i++) {
        struct tg_walk walk;
        tg_machine_walk(from->machine, from->cpu, vaddr, accesses[i], 0, &walk);
        if (walk.reason != 0)
            continue;
        from->has_page = true;
        from->page = vaddr - offset;
        from->page_paddr = walk.is_paging ? walk.paddr - offset : vaddr - offset;
    }
    *ret_paddr = from->page_paddr + offset;
    return from->has_page && from->page == vaddr - offset;
}

static bool read_memory(void *context, uint32_t vaddr, void *bytes, size_t count)
{
    struct tg_machine_source *from = context;
    uint8_t *to = bytes;
    while (count != 0) {
        uint32_t paddr, left = TG_PAGE_BYTES - vaddr % TG_PAGE_BYTES;
        size_t piece = count < left ? count : left;
        if (!translate(from, vaddr, &paddr) ||
            tg_machine_ram_read(from->machine, paddr, to, piece) != TG_OK)
            return false;
        to += piece;
        count -= piece;
        vaddr += (uint32_t)piece;
    }
    return true;
}

static bool read_physical(void *context, uint32_t paddr, void *bytes, size_t count)
{
    const struct tg_machine_source *from = context;
    return tg_machine_ram_read(from->machine, paddr, bytes, count) == TG_OK;
}

static bool read_creg(void *context, unsigned number, uint32_t *ret_value)
{
    const struct tg_machine_source *from = context;
    if (number >= 256 || tg_creg_info(number) == NULL)
        return false;
    *ret_value = from->view.creg[number];
    return true;
}

static bool has_address(const struct tg_program *program, uint32_t pc)
{
    uint8_t word[4];
    return program != NULL && tg_program_read(program, pc, word, sizeof word);
}

static struct tg_program *program_at(void *context, uint32_t pc, uint32_t ring)
{
    const struct tg_machine_source *from = context;
    if (ring != 0 && has_address(from->user, pc))
        return from->user;
    if (has_address(from->kernel, pc))
        return from->kernel;
    return NULL;
}

void tg_unwind_machine(struct tg_machine_source *machine_source)
{
    tg_machine_cpu(machine_source->machine, machine_source->cpu, &machine_source->view);
    machine_source->has_page = false;
    struct tg_unwind_source *source = &machine_source->source;
    *source = (struct tg_unwind_source){
        .context = machine_source,
        .read_memory = read_memory,
        .read_physical = read_physical,
        .read_creg = read_creg,
        .program_at = program_at,
        .pc = machine_source->view.pc,
        .ring = machine_source->view.creg[TG_CR_STATUS] & TG_STATUS_RING,
    };
    memcpy(source->x, machine_source->view.x, sizeof source->x);
}
