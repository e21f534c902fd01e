/*
 * Breaks and watches: the set, asking about it, and the stops that come of it. See points.h.
 */
#include "core/points.h"

#include <stdlib.h>
#include <string.h>

#include "bus/bus.h"

/* --- The set -----------------------------------------------------------------------------------
 */

static int compare_addresses(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* A copy that is not NULL even of nothing; NULL: no memory. */
static void *copy_rows(const void *rows, size_t count, size_t row_bytes)
{
    void *copy = calloc(count + 1, row_bytes);
    if (copy && count > 0)
        memcpy(copy, rows, count * row_bytes);
    return copy;
}

static void set_break_words(struct tg_point_state *points)
{
    memset(points->break_words, 0, sizeof points->break_words);
    for (size_t i = 0; i < points->break_count; i++) {
        uint32_t word = points->breaks[i] % TG_PAGE_BYTES / 4;
        points->break_words[word / 32] |= UINT32_C(1) << (word % 32);
    }
}

/* Whether what an engine derives from the points, where breaks are and what is watched, differs. */
static bool needs_new_caches(const struct tg_point_state *old, const struct tg_point_state *new)
{
    if (old->break_count != new->break_count || old->watch_count != new->watch_count)
        return true;
    if (new->break_count > 0 &&
        memcmp(old->breaks, new->breaks, new->break_count * sizeof *new->breaks) != 0)
        return true;
    for (size_t i = 0; i < old->watch_count; i++) {
        const struct tg_watch *a = &old->watches[i], *b = &new->watches[i];
        if (a->first != b->first || a->last != b->last || a->is_physical != b->is_physical ||
            a->on_load != b->on_load || a->on_store != b->on_store)
            return true;
    }
    return false;
}

int tg_machine_set_points(struct tg_machine *machine, const struct tg_points *points)
{
    static const struct tg_points none;
    const struct tg_points *from = points ? points : &none;
    struct tg_point_state fresh = {
        .context = from->context,
        .break_count = from->reached ? from->break_count : 0,
        .watch_count = from->accessed ? from->watch_count : 0,
        .reached = from->reached,
        .accessed = from->accessed,
    };
    fresh.breaks = copy_rows(from->breaks, fresh.break_count, sizeof *fresh.breaks);
    fresh.watches = copy_rows(from->watches, fresh.watch_count, sizeof *fresh.watches);
    if (!fresh.breaks || !fresh.watches) {
        free(fresh.breaks);
        free(fresh.watches);
        return TG_E_NOMEM;
    }
    qsort(fresh.breaks, fresh.break_count, sizeof *fresh.breaks, compare_addresses);
    set_break_words(&fresh);
    bool is_new = needs_new_caches(&machine->points, &fresh);

    tg_points_finish(machine);
    machine->points = fresh;
    if (is_new)
        machine->engine->state_changed(machine->engine_caches, NULL);
    return TG_OK;
}

void tg_points_finish(struct tg_machine *machine)
{
    free(machine->points.breaks);
    free(machine->points.watches);
    machine->points = (struct tg_point_state){0};
}

/* --- Breaks ------------------------------------------------------------------------------------
 */

bool tg_points_is_break(const struct tg_machine *machine, uint32_t pc)
{
    const uint32_t *breaks = machine->points.breaks;
    size_t first = 0, end = machine->points.break_count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (breaks[middle] == pc)
            return true;
        if (breaks[middle] < pc)
            first = middle + 1;
        else
            end = middle;
    }
    return false;
}

/* The step that cpu is about to begin, which tells it from all others of a run. */
static struct tg_point_step step_of(const struct tg_cpu *cpu)
{
    return (struct tg_point_step){true, cpu->number, cpu->s.pc, cpu->s.insns,
                                  cpu->machine->interrupts};
}

static bool is_same_step(const struct tg_point_step *a, const struct tg_point_step *b)
{
    return a->is_set && b->is_set && a->cpu == b->cpu && a->pc == b->pc && a->insns == b->insns &&
           a->interrupts == b->interrupts;
}

bool tg_points_stop_at(struct tg_cpu *cpu)
{
    struct tg_point_state *points = &cpu->machine->points;
    struct tg_point_step step = step_of(cpu);
    if (is_same_step(&points->passed, &step))
        return false;
    points->passed = step;
    if (!points->reached(points->context, cpu->number, cpu->s.pc))
        return false;
    points->has_point_stop = true;
    points->stop_cpu = cpu->number;
    return true;
}

void tg_machine_pass_break(struct tg_machine *machine)
{
    machine->points.passed = step_of(&machine->cpus[tg_machine_turn(machine)]);
}

/* --- Watches -----------------------------------------------------------------------------------
 */

static bool overlaps(const struct tg_watch *watch, uint32_t first, uint32_t bytes)
{
    return first <= watch->last && watch->first <= first + (bytes - 1);
}

bool tg_watch_matches(const struct tg_watch *watch, const struct tg_watch_event *event)
{
    bool is_wanted = (watch->on_load && event->access != TG_ACCESS_STORE) ||
                     (watch->on_store && event->access != TG_ACCESS_LOAD);
    if (!is_wanted)
        return false;
    if (watch->is_physical)
        return overlaps(watch, event->paddr, event->bytes);
    return !event->is_walk && !event->is_device && overlaps(watch, event->vaddr, event->bytes);
}

static bool concerns(const struct tg_watch *watch, bool is_store)
{
    return is_store ? watch->on_store : watch->on_load;
}

bool tg_points_watch_range(const struct tg_machine *machine, uint32_t vaddr, uint32_t paddr,
                           uint32_t bytes, bool is_store)
{
    const struct tg_point_state *points = &machine->points;
    for (size_t i = 0; i < points->watch_count; i++) {
        const struct tg_watch *watch = &points->watches[i];
        if (concerns(watch, is_store) && overlaps(watch, watch->is_physical ? paddr : vaddr, bytes))
            return true;
    }
    return false;
}

bool tg_points_watch_physical(const struct tg_machine *machine, uint32_t paddr, uint32_t bytes,
                              bool is_store)
{
    const struct tg_point_state *points = &machine->points;
    for (size_t i = 0; i < points->watch_count; i++) {
        const struct tg_watch *watch = &points->watches[i];
        if (watch->is_physical && concerns(watch, is_store) && overlaps(watch, paddr, bytes))
            return true;
    }
    return false;
}

uint32_t tg_points_peek(struct tg_cpu *cpu, uint32_t paddr, uint32_t bytes)
{
    uint32_t value = 0;
    if (tg_ram_contains(&cpu->machine->ram, paddr, bytes))
        return tg_ram_load(cpu->machine, paddr, bytes);
    tg_bus_memory_read(cpu, paddr, bytes, &value);
    return value;
}

void tg_points_access(struct tg_machine *machine, const struct tg_watch_event *event)
{
    struct tg_point_state *points = &machine->points;
    for (size_t i = 0; i < points->watch_count; i++) {
        if (!tg_watch_matches(&points->watches[i], event))
            continue;
        if (points->accessed(points->context, event)) {
            points->has_point_stop = true;
            points->stop_cpu = event->cpu;
            machine->attention = true;
        }
        return;
    }
}

/* --- Frames and walks --------------------------------------------------------------------------
 */

void tg_points_save_frame(const struct tg_machine *machine, uint32_t paddr,
                          struct tg_points_frame *ret_old)
{
    for (uint32_t i = 0; i < TG_FRAME_BYTES / 4; i++)
        ret_old->words[i] = tg_ram_load(machine, paddr + 4 * i, 4);
}

/* An iret reads the frame's last three words: docs/isa.md IRT-2 to IRT-4. */
void tg_points_frame(struct tg_cpu *cpu, const struct tg_watch_event *access,
                     const struct tg_points_frame *old)
{
    bool is_push = access->access == TG_ACCESS_STORE;
    for (uint32_t at = is_push ? 0 : TG_FRAME_PC; at < TG_FRAME_BYTES; at += 4) {
        struct tg_watch_event event = *access;
        event.cpu = cpu->number;
        event.is_frame = true;
        event.vaddr += at;
        event.paddr += at;
        event.bytes = 4;
        event.value = tg_ram_load(cpu->machine, event.paddr, 4);
        event.old_value = is_push ? old->words[at / 4] : event.value;
        tg_points_access(cpu->machine, &event);
    }
}

void tg_points_walk(struct tg_cpu *cpu, uint32_t paddr, uint32_t old, uint32_t value)
{
    tg_points_access(cpu->machine, &(struct tg_watch_event){.cpu = cpu->number,
                                                            .access = TG_ACCESS_STORE,
                                                            .pc = cpu->s.pc,
                                                            .paddr = paddr,
                                                            .bytes = 4,
                                                            .old_value = old,
                                                            .value = value,
                                                            .is_walk = true});
}

/* --- Direct memory access ----------------------------------------------------------------------
 */

/* Little-endian; count is 1 to 4. */
static uint32_t bytes_at(const struct tg_machine *machine, uint32_t paddr, uint32_t count)
{
    uint32_t value = 0;
    for (uint32_t i = 0; i < count; i++)
        value |= (uint32_t)machine->ram.bytes[paddr + i] << (8 * i);
    return value;
}

/* Bytes of the word at paddr from there on, at most count. */
static uint32_t piece_of(uint32_t paddr, uint32_t count)
{
    uint32_t in_word = 4 - paddr % 4;
    return count < in_word ? count : in_word;
}

static void note_device(struct tg_machine *machine, enum tg_access access, uint32_t paddr,
                        uint32_t bytes, uint32_t old)
{
    tg_points_access(machine, &(struct tg_watch_event){.access = access,
                                                       .paddr = paddr,
                                                       .bytes = bytes,
                                                       .old_value = old,
                                                       .value = bytes_at(machine, paddr, bytes),
                                                       .is_device = true});
}

void tg_points_dma_read(struct tg_machine *machine, uint32_t paddr, void *bytes, uint32_t count)
{
    tg_ram_read(machine, paddr, bytes, count);
    for (uint32_t done = 0, piece; done < count; done += piece) {
        piece = piece_of(paddr + done, count - done);
        note_device(machine, TG_ACCESS_LOAD, paddr + done, piece,
                    bytes_at(machine, paddr + done, piece));
    }
}

void tg_points_dma_write(struct tg_machine *machine, uint32_t paddr, const void *bytes,
                         uint32_t count)
{
    const uint8_t *from = bytes;
    for (uint32_t done = 0, piece; done < count; done += piece) {
        piece = piece_of(paddr + done, count - done);
        uint32_t old = bytes_at(machine, paddr + done, piece);
        tg_ram_write(machine, paddr + done, from + done, piece);
        note_device(machine, TG_ACCESS_STORE, paddr + done, piece, old);
    }
}

/* --- Stops -------------------------------------------------------------------------------------
 */

void tg_points_begin_run(struct tg_machine *machine, const struct tg_run_limits *limits)
{
    machine->points.stops_on_interrupt = limits->stop_on_interrupt;
    machine->points.returns_on_interrupt = limits->stop_on_interrupt || limits->until_steps;
}

void tg_points_end_run(struct tg_machine *machine)
{
    machine->points.passed.is_set = false;
    machine->points.stops_on_interrupt = machine->points.returns_on_interrupt = false;
    machine->points.has_point_stop = machine->points.has_interrupt_stop = false;
}

bool tg_points_take_stop(struct tg_machine *machine, struct tg_stop *ret_stop)
{
    struct tg_point_state *points = &machine->points;
    if (!points->has_point_stop && !points->has_interrupt_stop)
        return false;
    ret_stop->reason = points->has_point_stop ? TG_STOP_POINT : TG_STOP_INTERRUPT;
    ret_stop->cpu = points->stop_cpu;
    return true;
}

void tg_points_forget(struct tg_machine *machine)
{
    machine->points.passed.is_set = false;
}
