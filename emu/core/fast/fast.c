/*
 * The fast engine's row: making and unmaking its caches, choosing the loop, and hearing of what
 * changed behind its back.
 */
#include <stdlib.h>

#include "core/fast/fast.h"

static bool create_cpu(struct fast *fast, uint32_t number)
{
    struct fast_cpu *f = &fast->cpus[number];

    f->cpu = &fast->machine->cpus[number];
    f->fast = fast;
    f->banks = malloc(FAST_BANKS * sizeof *f->banks);
    tg_fast_clear_banks(f);
    return f->banks;
}

static void destroy(void *caches)
{
    struct fast *fast = caches;

    if (!fast)
        return;
    for (uint32_t i = 0; i < fast->cpu_count; i++)
        free(fast->cpus[i].banks);
    tg_fast_finish_decoder(fast);
    free(fast->may_have_write_line);
    free(fast);
}

static void *create(struct tg_machine *machine)
{
    struct fast *fast = calloc(1, sizeof *fast);
    bool is_made;

    if (!fast)
        return NULL;
    fast->machine = machine;
    fast->cpu_count = machine->config.cpus;
    fast->page_count = machine->ram.size / TG_PAGE_BYTES;
    fast->may_have_write_line = calloc(fast->page_count, 1);
    tg_fast_run_plain(NULL, 0, &fast->code);
    is_made = tg_fast_init_decoder(fast) && fast->may_have_write_line;
    for (uint32_t i = 0; i < fast->cpu_count; i++)
        is_made = create_cpu(fast, i) && is_made;
    if (is_made)
        return fast;
    destroy(fast);
    return NULL;
}

static void run(void *caches, struct tg_cpu *cpu, uint32_t budget)
{
    struct fast *fast = caches;
    struct fast_cpu *f = &fast->cpus[cpu->number];

    if (!f->bank)
        tg_fast_select_bank(f);
    if (fast->machine->observed & (TG_OBSERVE_RETIRE | TG_OBSERVE_MEMORY))
        tg_fast_run_observed(f, budget, NULL);
    else
        tg_fast_run_plain(f, budget, NULL);
}

static void code_written(void *caches, uint32_t paddr, uint32_t bytes)
{
    tg_fast_forget_words(caches, paddr, bytes);
}

static void page_flagged(void *caches, uint32_t page)
{
    tg_fast_drop_write_lines(caches, page);
}

static void state_changed(void *caches, struct tg_cpu *cpu)
{
    struct fast *fast = caches;

    if (cpu) {
        tg_fast_clear_banks(&fast->cpus[cpu->number]);
        return;
    }
    tg_fast_forget_pages(fast);
    memset(fast->watched, 0, sizeof fast->watched);
    for (uint32_t i = 0; i < fast->cpu_count; i++)
        tg_fast_clear_banks(&fast->cpus[i]);
}

const struct tg_engine tg_engine_fast = {
    .name = "fast",
    .meaning = "decoded pages, threaded code, host translations",
    .create = create,
    .destroy = destroy,
    .run = run,
    .code_written = code_written,
    .page_flagged = page_flagged,
    .state_changed = state_changed,
};
