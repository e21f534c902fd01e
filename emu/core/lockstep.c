/*
 * Two machines side by side: running, comparing, and finding the first instruction after which they
 * differ. The search happens in two machines of its own, so that the given ones stay where the
 * difference was noticed, with their input logs, and their hosts hear nothing twice.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/bus.h"
#include "core/digest.h"
#include "core/input.h"
#include "core/machine.h"
#include "core/note.h"
#include "core/payload.h"
#include "core/ram.h"
#include "core/snapshot.h"

/* Longest way from a checkpoint; a checkpoint costs about as much as some hundred thousand
 * instructions. */
#define CHECKPOINT_INSNS (UINT64_C(1) << 22)
#define MAX_LINES        20

/* --- Text ------------------------------------------------------------------------------------- */

struct report {
    char *text; /* NULL: only whether there is a difference counts */
    size_t room, used;
    uint32_t lines;
};

__attribute__((format(printf, 2, 3))) static void add_line(struct report *report,
                                                           const char *format, ...)
{
    report->lines++;
    if (report->text == NULL || report->lines > MAX_LINES) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    int length =
        vsnprintf(report->text + report->used, report->room - report->used, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= report->room - report->used) {
        report->text[report->used] = '\0'; /* no half lines */
        report->room = report->used + 1;
        return;
    }
    report->used += (size_t)length;
}

/* --- Comparing -------------------------------------------------------------------------------- */

struct pair {
    struct tg_machine *machine[2];
    struct tg_payload_row rows[2][TG_PAYLOAD_MAX_ROWS];
    uint32_t row_count;
    struct tg_stop stop[2];
};

static void pair_init(struct pair *pair, struct tg_machine *first, struct tg_machine *second)
{
    *pair = (struct pair){.machine = {first, second}};
    pair->row_count = tg_payload_rows(first, first->config.cpus, pair->rows[0]);
    tg_payload_rows(second, first->config.cpus, pair->rows[1]);
}

static void compare_field(const struct pair *pair, uint32_t row, const struct tg_field *field,
                          struct report *report)
{
    const struct tg_payload_row *a = &pair->rows[0][row], *b = &pair->rows[1][row];
    for (uint32_t i = 0; i < field->count; i++) {
        uint64_t left = tg_field_value(field, a->state, i);
        uint64_t right = tg_field_value(field, b->state, i);
        if (left == right) {
            continue;
        }
        char element[16] = "";
        if (field->count > 1) {
            snprintf(element, sizeof element, "[%u]", i);
        }
        add_line(report, "%s %s%s: 0x%llx, 0x%llx\n", a->name, field->name, element,
                 (unsigned long long)left, (unsigned long long)right);
    }
}

static void compare_states(const struct pair *pair, struct report *report)
{
    for (uint32_t row = 0; row < pair->row_count; row++) {
        const struct tg_payload_row *a = &pair->rows[0][row], *b = &pair->rows[1][row];
        if (memcmp(a->state, b->state, a->state_bytes) == 0) {
            continue; /* else it may still be only what lies between the fields */
        }
        for (uint32_t i = 0; i < a->table->count; i++) {
            compare_field(pair, row, &a->table->fields[i], report);
        }
    }
}

/* The first address at which RAM differs, in words. */
static void compare_ram(const struct pair *pair, struct report *report)
{
    const struct tg_ram *a = &pair->machine[0]->ram, *b = &pair->machine[1]->ram;
    tg_digest_refresh_ram(pair->machine[0]);
    tg_digest_refresh_ram(pair->machine[1]);
    if (a->hash_sum == b->hash_sum) {
        return;
    }
    uint32_t pages = a->size / TG_PAGE_BYTES, page = 0, count = 0;
    for (uint32_t i = pages; i > 0; i--) {
        if (a->page_hash[i - 1] != b->page_hash[i - 1]) {
            page = i - 1;
            count++;
        }
    }
    uint32_t paddr = page * TG_PAGE_BYTES;
    while (paddr < a->size - 4 && memcmp(a->bytes + paddr, b->bytes + paddr, 4) == 0) {
        paddr += 4;
    }
    add_line(report, "ram [0x%08x]: 0x%08x, 0x%08x (%u page%s differ)\n", paddr,
             tg_ram_load(pair->machine[0], paddr, 4), tg_ram_load(pair->machine[1], paddr, 4),
             count, count == 1 ? "" : "s");
}

static void compare_disk(const struct pair *pair, struct report *report)
{
    if (tg_bus_disk_hash(pair->machine[0]) != tg_bus_disk_hash(pair->machine[1])) {
        add_line(report, "disk: the contents differ\n");
    }
}

/* Whether the machines, and why they stopped, are equal; differences go to report. */
static bool is_equal(const struct pair *pair, struct report *report)
{
    for (uint32_t i = 0; i < pair->machine[0]->config.cpus; i++) {
        tg_note_settle(&pair->machine[0]->cpus[i]);
        tg_note_settle(&pair->machine[1]->cpus[i]);
    }
    uint32_t before = report->lines;
    const struct tg_stop *a = &pair->stop[0], *b = &pair->stop[1];
    if (a->reason != b->reason || a->cpu != b->cpu || a->status != b->status) {
        add_line(report, "stop reason, cpu, status: %u %u %u, %u %u %u\n", a->reason, a->cpu,
                 a->status, b->reason, b->cpu, b->status);
    }
    compare_states(pair, report);
    compare_ram(pair, report);
    compare_disk(pair, report);
    return report->lines == before;
}

/* --- Running ---------------------------------------------------------------------------------- */

/* Runs machine to limits whatever asks it to stop before; returns whether something did. */
static bool run_through(struct tg_machine *machine, const struct tg_run_limits *limits,
                        struct tg_stop *ret_stop)
{
    bool is_requested = false;
    tg_machine_run(machine, limits, ret_stop);
    while (ret_stop->reason == TG_STOP_REQUEST && tg_machine_replay_error(machine, NULL) == TG_OK) {
        is_requested = true;
        tg_machine_run(machine, limits, ret_stop);
    }
    return is_requested;
}

/* Runs both; returns whether first was asked to stop. */
static bool run_both(struct pair *pair, const struct tg_run_limits *limits)
{
    bool is_requested = run_through(pair->machine[0], limits, &pair->stop[0]);
    run_through(pair->machine[1], limits, &pair->stop[1]);
    return is_requested;
}

/* Makes the events that wait in to those that wait in from. */
static int copy_waiting_input(const struct tg_input_log *from, struct tg_input_log *to)
{
    size_t count = from->count - from->applied;
    to->count = to->applied;
    int result = tg_input_log_reserve(to, count);
    if (result == TG_OK && count != 0) {
        memcpy(to->events + to->count, from->events + from->applied, count * sizeof *to->events);
        to->count += count;
        size_t replaying = from->replay_end > from->applied ? from->replay_end - from->applied : 0;
        to->replay_end = to->applied + replaying;
    }
    return result;
}

/* Gives second the input that first has and second has not: what took effect on first at once,
 * where the machines are, and what waits. */
static int hand_over_input(const struct tg_machine *first, struct tg_machine *second)
{
    const struct tg_input_log *log = first->log;
    uint64_t missing = first->clock.inputs - second->clock.inputs;
    second->log->count = second->log->applied;
    second->log->replay_end = 0;
    for (size_t i = log->applied - missing; missing <= log->applied && i < log->applied; i++) {
        int result = tg_machine_input(second, log->events[i].input);
        if (result != TG_OK) {
            return result;
        }
    }
    return copy_waiting_input(log, second->log);
}

/* --- Going back ------------------------------------------------------------------------------- */

/* A point at which both were equal, and all that is needed to go on from it. */
struct checkpoint {
    struct tg_buffer payload;
    struct tg_input_log *waiting;
    uint64_t insns;
};

static int checkpoint_take(struct checkpoint *checkpoint, struct tg_machine *machine)
{
    checkpoint->payload.used = 0;
    checkpoint->insns = machine->clock.insns;
    int result = tg_payload_write(machine, &checkpoint->payload);
    return result == TG_OK ? copy_waiting_input(machine->log, checkpoint->waiting) : result;
}

static int checkpoint_restore(const struct checkpoint *checkpoint, struct tg_machine *machine)
{
    int result =
        tg_payload_read(machine, checkpoint->payload.bytes, checkpoint->payload.used, NULL);
    return result == TG_OK ? copy_waiting_input(checkpoint->waiting, machine->log) : result;
}

/* Puts both at insns instructions, without a stop since the checkpoint. */
static int go_to(struct pair *pair, const struct checkpoint *checkpoint, uint64_t insns)
{
    const struct tg_run_limits limits = {.until = {insns, TG_NO_LIMIT}};
    for (uint32_t i = 0; i < 2; i++) {
        int result = checkpoint_restore(checkpoint, pair->machine[i]);
        if (result != TG_OK) {
            return result;
        }
        run_through(pair->machine[i], &limits, &pair->stop[i]);
    }
    return TG_OK;
}

/* --- Finding the instruction ------------------------------------------------------------------ */

/* What is needed to tell which instruction was executed after an equal point. */
struct point {
    struct tg_position position;
    uint64_t insns[TG_MAX_CPUS];
    uint32_t pc[TG_MAX_CPUS], word[TG_MAX_CPUS];
    bool has_word[TG_MAX_CPUS];
};

static bool fetch(const struct tg_machine *machine, uint32_t cpu, uint32_t *ret_word)
{
    const struct tg_cpu_state *s = &machine->cpus[cpu].s;
    struct tg_walk walk;
    tg_machine_walk(machine, cpu, s->pc, TG_ACCESS_FETCH, s->status & TG_STATUS_RING, &walk);
    if (walk.reason != 0 || !tg_ram_contains(&machine->ram, walk.paddr, 4)) {
        return false;
    }
    *ret_word = tg_ram_load(machine, walk.paddr, 4);
    return true;
}

static void mark_point(const struct tg_machine *machine, struct point *ret_point)
{
    ret_point->position = tg_machine_position(machine);
    for (uint32_t i = 0; i < machine->config.cpus; i++) {
        ret_point->insns[i] = machine->cpus[i].s.insns;
        ret_point->pc[i] = machine->cpus[i].s.pc;
        ret_point->has_word[i] = fetch(machine, i, &ret_point->word[i]);
    }
}

/* Names the instruction that came after point in a machine that is one further. */
static void add_instruction(const struct point *point, const struct tg_machine *machine,
                            struct report *report)
{
    for (uint32_t i = 0; i < machine->config.cpus; i++) {
        if (machine->cpus[i].s.insns == point->insns[i]) {
            continue;
        }
        char text[TG_DISASSEMBLY_BYTES] = "(its address is not mapped to RAM)";
        if (point->has_word[i]) {
            tg_disassemble(point->word[i], point->pc[i], text);
        }
        uint32_t offset = 0;
        const char *symbol = tg_machine_symbol(machine, point->pc[i], &offset);
        add_line(report, "cpu %u, pc 0x%08x%s%.40s%s: %s\n", i, point->pc[i], symbol ? " <" : "",
                 symbol ? symbol : "", symbol ? ">" : "", text);
    }
}

static void add_difference(const struct pair *pair, const struct point *point,
                           struct report *report)
{
    add_line(report, "after %llu instructions, at time %llu:\n",
             (unsigned long long)point->position.insns, (unsigned long long)point->position.time);
    add_instruction(point, pair->machine[0], report);
    is_equal(pair, report);
    if (report->lines > MAX_LINES && report->room > report->used + 1) {
        report->used += (size_t)snprintf(report->text + report->used, report->room - report->used,
                                         "and %u more\n", report->lines - MAX_LINES);
    }
}

/* Halves the instructions between equal (insns at which both were equal) and different until they
 * are neighbours. */
static int bisect(struct pair *pair, const struct checkpoint *checkpoint, uint64_t equal,
                  uint64_t different, struct point *ret_point)
{
    struct report quiet = {0};
    while (different - equal > 1) {
        uint64_t middle = equal + (different - equal) / 2;
        int result = go_to(pair, checkpoint, middle);
        if (result != TG_OK) {
            return result;
        }
        if (is_equal(pair, &quiet)) {
            equal = middle;
        } else {
            different = middle;
        }
    }
    int result = go_to(pair, checkpoint, equal);
    if (result == TG_OK) {
        mark_point(pair->machine[0], ret_point);
        result = go_to(pair, checkpoint, different);
    }
    return result;
}

static int make_search_pair(const struct pair *pair, struct pair *ret_search)
{
    struct tg_machine *machine[2] = {NULL, NULL};
    int result = TG_OK;
    for (uint32_t i = 0; i < 2 && result == TG_OK; i++) {
        const struct tg_machine *like = pair->machine[i];
        result = tg_machine_create_with(&like->config, NULL, like->engine, &machine[i], NULL);
    }
    if (result != TG_OK) {
        tg_machine_destroy(machine[0]);
        return result;
    }
    pair_init(ret_search, machine[0], machine[1]);
    return TG_OK;
}

/* The difference was noticed, more than one instruction after *point: finds the first one. */
static int find_first(const struct pair *pair, const struct checkpoint *checkpoint,
                      struct point *point, struct report *report)
{
    uint64_t noticed = pair->machine[0]->clock.insns;
    struct pair *search = malloc(sizeof *search);
    int result = search == NULL ? TG_E_NOMEM : make_search_pair(pair, search);
    if (result != TG_OK) {
        free(search);
        return result;
    }
    struct point found;
    struct report quiet = {0};
    result = go_to(search, checkpoint, noticed);
    if (result == TG_OK && is_equal(search, &quiet)) {
        add_line(
            report,
            "seen at instruction %llu, but not when run again from instruction %llu: it depends "
            "on what an engine had cached\n",
            (unsigned long long)noticed, (unsigned long long)checkpoint->insns);
        add_difference(pair, point, report);
    } else if (result == TG_OK) {
        result = bisect(search, checkpoint, point->position.insns, noticed, &found);
        if (result == TG_OK) {
            *point = found;
            add_difference(search, point, report);
        }
    }
    tg_machine_destroy(search->machine[0]);
    tg_machine_destroy(search->machine[1]);
    free(search);
    return result;
}

/* --- The run ---------------------------------------------------------------------------------- */

struct lockstep {
    struct pair pair;
    struct checkpoint checkpoint;
    struct point last; /* the last point at which both were equal */
    uint64_t interval;
};

static int describe(struct lockstep *l, struct tg_difference *ret_difference)
{
    struct report report = {ret_difference->text, sizeof ret_difference->text, 0, 0};
    int result = TG_OK;
    if (l->pair.machine[0]->clock.insns - l->last.position.insns <= 1) {
        add_difference(&l->pair, &l->last, &report);
    } else {
        result = find_first(&l->pair, &l->checkpoint, &l->last, &report);
    }
    ret_difference->is_different = true;
    ret_difference->position = l->last.position;
    return result;
}

/* Limits of the next stretch. */
static struct tg_run_limits next_limits(const struct lockstep *l,
                                        const struct tg_run_limits *limits)
{
    struct tg_run_limits next = *limits;
    uint64_t insns = l->pair.machine[0]->clock.insns;
    if (limits->until.insns > insns && limits->until.insns - insns > l->interval) {
        next.until.insns = insns + l->interval;
    }
    return next;
}

static bool has_arrived(const struct lockstep *l, const struct tg_run_limits *limits)
{
    struct tg_position position = tg_machine_position(l->pair.machine[0]);
    return l->pair.stop[0].reason != TG_STOP_LIMIT || position.insns >= limits->until.insns ||
           position.time >= limits->until.time ||
           (limits->until_steps && tg_position_steps(position) >= limits->until_steps);
}

/* After an equal stretch: a new checkpoint where it is time for one and going back can be needed.
 */
static int move_on(struct lockstep *l)
{
    struct tg_machine *first = l->pair.machine[0];
    mark_point(first, &l->last);
    bool is_due = l->checkpoint.payload.used == 0 ||
                  first->clock.insns - l->checkpoint.insns >= CHECKPOINT_INSNS;
    return l->interval > 1 && is_due ? checkpoint_take(&l->checkpoint, first) : TG_OK;
}

static int run(struct lockstep *l, const struct tg_run_limits *limits,
               struct tg_difference *ret_difference)
{
    struct report quiet = {0};
    if (!is_equal(&l->pair, &quiet)) {
        mark_point(l->pair.machine[0], &l->last);
        return describe(l, ret_difference);
    }
    bool is_requested = false;
    do {
        int result = move_on(l);
        if (result != TG_OK) {
            return result;
        }
        struct tg_run_limits next = next_limits(l, limits);
        is_requested = run_both(&l->pair, &next);
        if (!is_equal(&l->pair, &quiet)) {
            return describe(l, ret_difference);
        }
    } while (!is_requested && !has_arrived(l, limits));
    if (is_requested) {
        l->pair.stop[0] = (struct tg_stop){.reason = TG_STOP_REQUEST};
    }
    return TG_OK;
}

int tg_lockstep_run(struct tg_machine *first, struct tg_machine *second, uint64_t interval,
                    const struct tg_run_limits *limits, struct tg_stop *ret_stop,
                    struct tg_difference *ret_difference)
{
    struct tg_payload_config a = tg_payload_config_of(first), b = tg_payload_config_of(second);
    if (interval == 0 || a.cpus != b.cpus || a.ram_bytes != b.ram_bytes || a.quantum != b.quantum) {
        return TG_E_ARGUMENT;
    }
    int result = hand_over_input(first, second);
    struct lockstep *l = calloc(1, sizeof *l);
    struct tg_difference difference = {0};
    if (l != NULL) {
        pair_init(&l->pair, first, second);
        /* a stretch must end soon after a request to stop, and be no longer than a way back */
        l->interval = interval < CHECKPOINT_INSNS ? interval : CHECKPOINT_INSNS;
        l->checkpoint.waiting = tg_input_log_create();
    }
    if (l == NULL || l->checkpoint.waiting == NULL) {
        result = TG_E_NOMEM;
    }
    if (result == TG_OK) {
        result = run(l, limits, &difference);
    }
    if (result == TG_OK) {
        *ret_stop = l->pair.stop[0];
        *ret_difference = difference;
    }
    if (l != NULL) {
        tg_input_log_destroy(l->checkpoint.waiting);
        free(l->checkpoint.payload.bytes);
        free(l);
    }
    return result;
}
