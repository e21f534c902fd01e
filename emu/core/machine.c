/*
 * A machine's life: making it, resetting it, looking into it, observing it. What makes it run is
 * schedule.c. docs/isa.md sections 9 and 10.
 */
#include "core/machine.h"

#include <stdlib.h>
#include <string.h>

#include "bus/bus.h"
#include "core/error.h"
#include "core/input.h"
#include "core/loader.h"
#include "core/note.h"
#include "core/points.h"
#include "core/ram.h"

/* --- Engines ---------------------------------------------------------------------------------- */

/* The first row is the one that a machine has unless told otherwise. */
static const struct tg_engine *const engines[] = {
    &tg_engine_fast,
    &tg_engine_reference,
};
#define ENGINE_COUNT (sizeof engines / sizeof engines[0])

const char *tg_engine_name(unsigned index, const char **ret_meaning)
{
    if (index >= ENGINE_COUNT)
        return NULL;
    if (ret_meaning)
        *ret_meaning = engines[index]->meaning;
    return engines[index]->name;
}

const struct tg_engine *tg_engine_find(const char *name)
{
    if (!name)
        return engines[0];
    for (size_t i = 0; i < ENGINE_COUNT; i++) {
        if (strcmp(engines[i]->name, name) == 0)
            return engines[i];
    }
    return NULL;
}

/* --- Making a machine
 * --------------------------------------------------------------------------------------------- */

#define QUANTUM_ALONE    65536 /* docs/isa.md TIM-2 */
#define QUANTUM_TOGETHER 64

static struct tg_config with_defaults(const struct tg_config *config)
{
    struct tg_config full = config ? *config : (struct tg_config){0};
    if (full.cpus == 0)
        full.cpus = 1;
    if (full.ram_bytes == 0)
        full.ram_bytes = TG_DEFAULT_RAM_BYTES;
    if (full.quantum == 0)
        full.quantum = full.cpus == 1 ? QUANTUM_ALONE : QUANTUM_TOGETHER;
    if (!full.boot_words)
        full.boot_words = "";
    return full;
}

static int check_config(const struct tg_config *config, struct tg_error *error)
{
    if (config->cpus > TG_MAX_CPUS)
        return tg_fail(error, TG_E_ARGUMENT, "a machine has 1 to %d CPUs, not %u", TG_MAX_CPUS,
                       (unsigned)config->cpus);
    if (config->ram_bytes % TG_PAGE_BYTES != 0 || config->ram_bytes < TG_MIN_RAM_BYTES ||
        config->ram_bytes > TG_MAX_RAM_BYTES)
        return tg_fail(error, TG_E_ARGUMENT,
                       "RAM is 64 KiB to 2 GiB in steps of 4096 bytes, not %u bytes",
                       (unsigned)config->ram_bytes);
    if (strlen(config->boot_words) >= TG_BOOT_WORDS_BYTES)
        return tg_fail(error, TG_E_ARGUMENT, "the boot words have %zu bytes, at most %d fit",
                       strlen(config->boot_words), TG_BOOT_WORDS_BYTES - 1);
    return TG_OK;
}

/* Everything that takes memory, in an order in which each part may look at the earlier ones. */
static int make_parts(struct tg_machine *machine)
{
    int result = tg_ram_init(&machine->ram, machine->config.ram_bytes);
    if (result == TG_OK)
        result = tg_bus_create(machine);
    if (result != TG_OK)
        return result;
    machine->log = tg_input_log_create();
    machine->engine_caches = machine->engine->create(machine);
    return machine->log && machine->engine_caches ? TG_OK : TG_E_NOMEM;
}

int tg_machine_create_with(const struct tg_config *config, const struct tg_host *host,
                           const struct tg_engine *engine, struct tg_machine **ret_machine,
                           struct tg_error *error)
{
    struct tg_config full = with_defaults(config);
    int result = check_config(&full, error);
    if (result != TG_OK)
        return result;
    struct tg_machine *machine = calloc(1, sizeof *machine);
    if (!machine)
        return tg_fail(error, TG_E_NOMEM, "no memory for a machine");
    machine->config = full;
    memcpy(machine->boot_words, full.boot_words, strlen(full.boot_words) + 1);
    machine->config.boot_words = machine->boot_words;
    machine->config.engine = engine->name;
    machine->engine = engine;
    if (host)
        machine->host = *host;
    for (uint32_t i = 0; i < TG_MAX_CPUS; i++) {
        machine->cpus[i].machine = machine;
        machine->cpus[i].number = i;
    }
    result = make_parts(machine);
    if (result == TG_OK)
        result = tg_machine_set_points(machine, NULL);
    if (result != TG_OK) {
        tg_machine_destroy(machine);
        return tg_fail(error, result, "no memory for a machine with %u KiB of RAM",
                       (unsigned)(full.ram_bytes >> 10));
    }
    tg_machine_reset(machine);
    *ret_machine = machine;
    return TG_OK;
}

int tg_machine_create(const struct tg_config *config, const struct tg_host *host,
                      struct tg_machine **ret_machine, struct tg_error *error)
{
    const char *name = config ? config->engine : NULL;
    const struct tg_engine *engine = tg_engine_find(name);
    if (engine)
        return tg_machine_create_with(config, host, engine, ret_machine, error);
    char known[128] = "";
    for (size_t i = 0; i < ENGINE_COUNT; i++) {
        if (i > 0)
            strncat(known, ", ", sizeof known - strlen(known) - 1);
        strncat(known, engines[i]->name, sizeof known - strlen(known) - 1);
    }
    return tg_fail(error, TG_E_ARGUMENT, "there is no engine '%.40s'; there are: %s", name, known);
}

void tg_machine_destroy(struct tg_machine *machine)
{
    if (!machine)
        return;
    if (machine->engine_caches)
        machine->engine->destroy(machine->engine_caches);
    tg_points_finish(machine);
    tg_input_log_destroy(machine->log);
    tg_image_destroy(machine->image);
    tg_bus_destroy(machine);
    tg_ram_finish(&machine->ram);
    free(machine);
}

int tg_machine_load_image(struct tg_machine *machine, const void *image, size_t size,
                          struct tg_error *error)
{
    struct tg_image *parsed;
    int result = tg_image_parse(image, size, machine->ram.size, &parsed, error);
    if (result != TG_OK)
        return result;
    tg_image_destroy(machine->image);
    machine->image = parsed;
    tg_schedule_abandon_round(machine);
    tg_machine_reset(machine);
    tg_input_log_restart(machine);
    return TG_OK;
}

int tg_machine_attach_disk(struct tg_machine *machine, const void *image, size_t size,
                           struct tg_error *error)
{
    if (size % 512 != 0)
        return tg_fail(error, TG_E_FORMAT, "a disk image is a multiple of 512 bytes, not %zu bytes",
                       size);
    int result = tg_bus_disk_attach(machine, image, size);
    if (result != TG_OK)
        return tg_fail(error, result, "no memory for a disk of %zu bytes", size);
    tg_input_log_restart(machine);
    return TG_OK;
}

uint64_t tg_machine_disk_bytes(const struct tg_machine *machine)
{
    uint64_t size = 0;
    return tg_bus_disk_base(machine, &size) ? size : 0;
}

int tg_machine_disk_read(const struct tg_machine *machine, uint64_t offset, void *bytes,
                         size_t count)
{
    return tg_bus_disk_read(machine, offset, bytes, count) ? TG_OK : TG_E_ADDRESS;
}

/* --- Reset ------------------------------------------------------------------------------------ */

#define BOOT_BLOCK_PADDR    0x100 /* docs/isa.md RST-4 */
#define BOOT_BLOCK_MAGIC    UINT32_C(0x54474254)
#define BOOT_WORDS_PADDR    0x114
#define START_WITHOUT_IMAGE 0x1000

static void write_boot_block(struct tg_machine *machine)
{
    uint32_t length = (uint32_t)strlen(machine->boot_words);
    const uint32_t words[] = {BOOT_BLOCK_MAGIC, 1, machine->ram.size, machine->config.cpus, length};
    for (uint32_t i = 0; i < sizeof words / sizeof words[0]; i++)
        tg_ram_store(machine, BOOT_BLOCK_PADDR + 4 * i, 4, words[i]);
    tg_ram_write(machine, BOOT_WORDS_PADDR, machine->boot_words, length + 1);
}

/* RST-2: all state is 0 but the count of instructions, which goes on. */
static void reset_cpu(struct tg_cpu *cpu)
{
    tg_note_settle(cpu);
    cpu->s = (struct tg_cpu_state){.insns = cpu->s.insns, .run_state = TG_CPU_PARKED};
    cpu->is_interrupt_offered = false;
}

void tg_machine_reset(struct tg_machine *machine)
{
    for (uint32_t i = 0; i < TG_MAX_CPUS; i++)
        reset_cpu(&machine->cpus[i]);
    machine->end = (struct tg_end_state){.end = TG_END_NONE};
    machine->is_break_requested = false;
    tg_ram_clear(&machine->ram);
    tg_bus_reset(machine);
    if (machine->image)
        tg_image_copy_to_ram(machine->image, machine);
    write_boot_block(machine);

    struct tg_cpu_state *first = &machine->cpus[0].s;
    first->run_state = TG_CPU_RUNNING;
    first->pc = machine->image ? tg_image_entry(machine->image) : START_WITHOUT_IMAGE;
    first->x[2] = machine->ram.size / TG_FRAME_ALIGN * TG_FRAME_ALIGN;
    first->x[11] = BOOT_BLOCK_PADDR;
    machine->engine->state_changed(machine->engine_caches, NULL);
}

static void refresh_derived(struct tg_machine *machine)
{
    machine->turn_insns = machine->cpus[machine->clock.turn].s.insns;
    machine->is_break_requested = false;
    machine->interrupts = 0;
    for (uint32_t i = 0; i < TG_MAX_CPUS; i++)
        machine->interrupts += machine->cpus[i].counts.interrupts;
    tg_points_forget(machine);
    tg_bus_refresh(machine);
    machine->engine->state_changed(machine->engine_caches, NULL);
}

void tg_machine_restored(struct tg_machine *machine)
{
    refresh_derived(machine);
    tg_input_log_restart(machine);
}

void tg_machine_rewound(struct tg_machine *machine, size_t inputs_applied)
{
    refresh_derived(machine);
    tg_input_log_rewind(machine->log, inputs_applied);
}

/* --- Looking and changing
 * ----------------------------------------------------------------------------------------- */

static void view_cregs(const struct tg_cpu *cpu, uint32_t *ret_creg)
{
    uint64_t time = tg_machine_now(cpu->machine);
    ret_creg[TG_CR_STATUS] = cpu->s.status;
    ret_creg[TG_CR_VBASE] = cpu->s.vbase;
    ret_creg[TG_CR_PTROOT] = cpu->s.ptroot;
    for (uint32_t i = 0; i < 3; i++)
        ret_creg[TG_CR_SP0 + i] = cpu->s.sp_of_ring[i];
    ret_creg[TG_CR_SPD] = cpu->s.spd;
    ret_creg[TG_CR_IOMAP] = cpu->s.iomap;
    ret_creg[TG_CR_CPU] = cpu->number;
    for (uint32_t i = 0; i < 4; i++)
        ret_creg[TG_CR_SCRATCH0 + i] = cpu->s.scratch[i];
    ret_creg[TG_CR_TIME] = (uint32_t)time;
    ret_creg[TG_CR_TIMEH] = (uint32_t)(time >> 32);
    ret_creg[TG_CR_INSNS] = (uint32_t)cpu->s.insns;
    ret_creg[TG_CR_INSNSH] = (uint32_t)(cpu->s.insns >> 32);
}

void tg_machine_cpu(const struct tg_machine *machine, uint32_t cpu, struct tg_cpu_view *ret_view)
{
    *ret_view = (struct tg_cpu_view){.is_parked = true};
    if (cpu >= machine->config.cpus)
        return;
    const struct tg_cpu *from = &machine->cpus[cpu];
    memcpy(ret_view->x, from->s.x, sizeof ret_view->x);
    ret_view->pc = from->s.pc;
    ret_view->insns = from->s.insns;
    ret_view->is_waiting = from->s.run_state == TG_CPU_WAITING;
    ret_view->is_parked = from->s.run_state == TG_CPU_PARKED;
    view_cregs(from, ret_view->creg);
}

const struct tg_config *tg_machine_config(const struct tg_machine *machine)
{
    return &machine->config;
}

bool tg_machine_tlb(const struct tg_machine *machine, uint32_t cpu, bool is_instruction,
                    uint32_t index, struct tg_tlb_view *ret_view)
{
    uint32_t ways = is_instruction ? TG_ITLB_ENTRIES : TG_DTLB_ENTRIES;
    if (cpu >= machine->config.cpus || index >= ways)
        return false;
    const struct tg_cpu_state *s = &machine->cpus[cpu].s;
    uint32_t set = index / TG_TLB_WAYS, way = index % TG_TLB_WAYS;
    uint32_t page = is_instruction ? s->itlb_page[index] : s->dtlb_page[index];
    uint32_t entry = is_instruction ? s->itlb_entry[index] : s->dtlb_entry[index];
    *ret_view = (struct tg_tlb_view){
        .is_filled = (entry & TG_PTE_PRESENT) != 0,
        .is_next = (is_instruction ? s->itlb_next[set] : s->dtlb_next[set]) == way,
        .set = set,
        .way = way,
        .vaddr = page << TG_PAGE_SHIFT,
        .paddr = entry & TG_PTE_PAGE,
        .space = is_instruction ? s->itlb_space[index] : s->dtlb_space[index],
        .entry = entry,
    };
    return true;
}

/* A CPU's state was changed: what counts, and what the engine keeps. */
static void changed(struct tg_machine *machine, struct tg_cpu *cpu)
{
    tg_points_forget(machine);
    machine->engine->state_changed(machine->engine_caches, cpu);
}

int tg_machine_set_register(struct tg_machine *machine, uint32_t cpu, uint32_t number,
                            uint32_t value)
{
    if (cpu >= machine->config.cpus || number == 0 || number >= 32)
        return TG_E_ARGUMENT;
    machine->cpus[cpu].s.x[number] = value;
    changed(machine, &machine->cpus[cpu]);
    return TG_OK;
}

int tg_machine_set_pc(struct tg_machine *machine, uint32_t cpu, uint32_t pc)
{
    if (cpu >= machine->config.cpus || pc % 4 != 0)
        return TG_E_ARGUMENT;
    machine->cpus[cpu].s.pc = pc;
    changed(machine, &machine->cpus[cpu]);
    return TG_OK;
}

/* Where a control register is that can be written; NULL: there is none of that number. */
static uint32_t *creg_word(struct tg_cpu_state *s, uint32_t number)
{
    switch (number) {
    case TG_CR_STATUS:
        return &s->status;
    case TG_CR_VBASE:
        return &s->vbase;
    case TG_CR_PTROOT:
        return &s->ptroot;
    case TG_CR_SP0:
    case TG_CR_SP1:
    case TG_CR_SP2:
        return &s->sp_of_ring[number - TG_CR_SP0];
    case TG_CR_SPD:
        return &s->spd;
    case TG_CR_IOMAP:
        return &s->iomap;
    case TG_CR_SCRATCH0:
    case TG_CR_SCRATCH1:
    case TG_CR_SCRATCH2:
    case TG_CR_SCRATCH3:
        return &s->scratch[number - TG_CR_SCRATCH0];
    default:
        return NULL;
    }
}

int tg_machine_set_creg(struct tg_machine *machine, uint32_t cpu, uint32_t number, uint32_t value)
{
    const struct tg_creg_info *info = tg_creg_info(number);
    if (cpu >= machine->config.cpus || !info)
        return TG_E_ARGUMENT;
    struct tg_cpu *changed_cpu = &machine->cpus[cpu];
    uint32_t *word = creg_word(&changed_cpu->s, number);
    uint32_t valid = number == TG_CR_STATUS ? TG_STATUS_VALID : info->writable;
    if (!word || (value & ~valid))
        return TG_E_ARGUMENT;

    tg_note_settle(changed_cpu); /* what was executed counts for the old ring and space */
    *word = value;
    changed(machine, changed_cpu);
    return TG_OK;
}

int tg_machine_ram_read(const struct tg_machine *machine, uint32_t paddr, void *bytes, size_t count)
{
    bool is_done = count <= UINT32_MAX && tg_ram_read(machine, paddr, bytes, (uint32_t)count);
    return is_done ? TG_OK : TG_E_ADDRESS;
}

int tg_machine_ram_write(struct tg_machine *machine, uint32_t paddr, const void *bytes,
                         size_t count)
{
    bool is_done = count <= UINT32_MAX && tg_ram_write(machine, paddr, bytes, (uint32_t)count);
    return is_done ? TG_OK : TG_E_ADDRESS;
}

bool tg_machine_fatal(const struct tg_machine *machine, struct tg_fatal *ret_fatal)
{
    const struct tg_end_state *end = &machine->end;
    if (end->end != TG_END_FATAL)
        return false;
    *ret_fatal = (struct tg_fatal){
        .cpu = end->cpu,
        .vector = end->vector,
        .error = end->error,
        .address = end->address,
        .reason = end->reason,
        .double_reason = end->double_reason,
        .double_address = end->double_address,
        .pc = end->pc,
        .status = end->cpu_status,
        .sp = end->sp,
    };
    return true;
}

/* --- Counting and observing
 * --------------------------------------------------------------------------------------- */

void tg_machine_counts(const struct tg_machine *machine, uint32_t cpu, struct tg_counts *ret_counts)
{
    *ret_counts = (struct tg_counts){0};
    if (cpu >= machine->config.cpus)
        return;
    struct tg_cpu settled = machine->cpus[cpu]; /* a copy: looking changes nothing */
    tg_note_settle(&settled);
    const struct tg_count_state *from = &settled.counts;
    memcpy(ret_counts->insns_by_ring, from->insns_by_ring, sizeof from->insns_by_ring);
    memcpy(ret_counts->insns_by_space, from->insns_by_space, sizeof from->insns_by_space);
    memcpy(ret_counts->entries, from->entries, sizeof from->entries);
    memcpy(ret_counts->entries_by_kind, from->entries_by_kind, sizeof from->entries_by_kind);
    memcpy(ret_counts->crossings, from->crossings, sizeof from->crossings);
    ret_counts->instruction_fills = from->instruction_fills;
    ret_counts->data_fills = from->data_fills;
    ret_counts->walk_references = from->walk_references;
    ret_counts->port_reads = from->port_reads;
    ret_counts->port_writes = from->port_writes;
    ret_counts->space_switches = from->space_switches;
}

static void refresh_observed(struct tg_machine *machine)
{
    machine->observed = 0;
    for (uint32_t i = 0; i < machine->observer_count; i++) {
        const struct tg_observer *observer = machine->observers[i];
        machine->observed |=
            (observer->retire ? TG_OBSERVE_RETIRE : 0u) |
            (observer->memory ? TG_OBSERVE_MEMORY : 0u) |
            (observer->entry ? TG_OBSERVE_ENTRY : 0u) | (observer->leave ? TG_OBSERVE_LEAVE : 0u) |
            (observer->port ? TG_OBSERVE_PORT : 0u) | (observer->creg ? TG_OBSERVE_CREG : 0u) |
            (observer->tlb ? TG_OBSERVE_TLB : 0u) | (observer->line ? TG_OBSERVE_LINE : 0u) |
            (observer->dma ? TG_OBSERVE_DMA : 0u);
    }
}

int tg_machine_observe(struct tg_machine *machine, const struct tg_observer *observer)
{
    if (machine->observer_count == TG_MAX_OBSERVERS)
        return TG_E_NOMEM;
    machine->observers[machine->observer_count++] = observer;
    refresh_observed(machine);
    return TG_OK;
}

void tg_machine_unobserve(struct tg_machine *machine, const struct tg_observer *observer)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < machine->observer_count; i++) {
        if (machine->observers[i] != observer)
            machine->observers[kept++] = machine->observers[i];
    }
    machine->observer_count = kept;
    refresh_observed(machine);
}
