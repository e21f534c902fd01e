/*
 * Crossings between rings that were taken before this place: the ledger's latest lines, the last fault in words,
 * and what is still open. Nothing is
 * recorded while the machine runs: the last stretch of its history is repeated, and listened to.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "debug/explain.h"
#include "debug/why.h"
#include "debugger.h"
#include "isa/isa.h"

#define FIRST_STRETCH UINT64_C(20000)
#define MOST_LINES    10000

struct crossing {
    uint64_t insns;
    bool is_return;
    struct tg_entry_event entry; /* a return: cpu, rings, saved_pc the iret's, handler where it led */
    char process[32];            /* that the CPU worked for; "" where none is known */
    bool is_service;
};

struct listener {
    struct debugger *d;
    struct crossing *rows; /* a ring of the latest */
    size_t room;
    uint64_t count;
    bool wants_faults; /* exceptions alone */
};

static void note(struct listener *listener, const struct crossing *crossing)
{
    struct crossing *row = &listener->rows[listener->count++ % listener->room];
    struct tg_guest_process process;
    *row = *crossing;
    if (listener->d->guest == NULL || !tg_guest_current(listener->d->guest, crossing->entry.cpu, &process))
        return;
    snprintf(row->process, sizeof row->process, "%.31s", process.name);
    row->is_service = process.is_service;
}

static void on_entry(void *context, const struct tg_entry_event *event)
{
    struct listener *listener = context;
    const struct crossing row = {.insns = tg_machine_position(listener->d->machine).insns, .entry = *event};
    if (!listener->wants_faults || event->kind == TG_ENTRY_EXCEPTION)
        note(listener, &row);
}

static void on_leave(void *context, const struct tg_return_event *event)
{
    struct listener *listener = context;
    const struct crossing row = {.insns = tg_machine_position(listener->d->machine).insns,
                                 .is_return = true,
                                 .entry = {.cpu = event->cpu,
                                           .from_ring = event->from_ring,
                                           .to_ring = event->to_ring,
                                           .saved_pc = event->pc,
                                           .handler = event->new_pc}};
    if (!listener->wants_faults)
        note(listener, &row);
}

/* Points are asleep while the past is only repeated. */
struct sleepers {
    uint32_t numbers[256];
    size_t count;
};

static void put_to_sleep(struct debugger *d, struct sleepers *sleepers)
{
    const struct tg_debug_point *point;
    sleepers->count = 0;
    for (uint32_t last = 0; (point = tg_debug_point_after(d->core, last)) != NULL; last = point->number)
        if (point->is_enabled && sleepers->count < sizeof sleepers->numbers / sizeof sleepers->numbers[0])
            sleepers->numbers[sleepers->count++] = point->number;
    for (size_t i = 0; i < sleepers->count; i++)
        tg_debug_point_enable(d->core, sleepers->numbers[i], false);
}

static void wake(struct debugger *d, const struct sleepers *sleepers)
{
    for (size_t i = 0; i < sleepers->count; i++)
        tg_debug_point_enable(d->core, sleepers->numbers[i], true);
}

/* Runs through the past to a place, never by way of a state that was kept: to its number of instructions, then step by step
 * through interrupts that are entered behind it. */
static bool run_through(struct debugger *d, const struct tg_debug_place *to, struct tg_error *error)
{
    struct tg_debug_place now = tg_debug_place(d->core);
    while (tg_debug_steps(&now) < tg_debug_steps(to) && !debugger_is_interrupted) {
        bool is_near = now.insns >= to->insns;
        const struct tg_debug_command command = {.kind = is_near ? TG_DEBUG_STEPI : TG_DEBUG_CONTINUE,
                                                 .cpu = TG_DEBUG_ANY,
                                                 .until_insns = is_near ? 0 : to->insns};
        struct tg_debug_stop stop;
        if (tg_debug_go(d->core, &command, &stop, error) != TG_OK)
            return false;
        if (tg_debug_steps(&stop.place) == tg_debug_steps(&now))
            break;
        now = stop.place;
    }
    return true;
}

/* Repeats the last steps before this place, listening. False after complaining. */
static bool listen(struct debugger *d, const char *command, struct listener *listener, uint64_t steps)
{
    const struct tg_debug_place here = tg_debug_place(d->core);
    const struct tg_observer observer = {.context = listener, .entry = on_entry, .leave = on_leave};
    uint64_t now = tg_debug_steps(&here);
    const struct tg_debug_target before = {.kind = TG_DEBUG_TO_STEPS, .value = now > steps ? now - steps : 0};
    const struct tg_debug_target back = {.kind = TG_DEBUG_TO_PLACE, .place = here};
    struct tg_debug_stop stop;
    struct tg_error error = {""};
    struct sleepers sleepers;
    listener->count = 0;
    put_to_sleep(d, &sleepers);
    bool is_fine = tg_debug_goto(d->core, &before, &stop, &error) == TG_OK;
    bool is_listening = is_fine && tg_machine_observe(d->machine, &observer) == TG_OK;
    is_fine = is_listening && run_through(d, &here, &error);
    if (is_listening)
        tg_machine_unobserve(d->machine, &observer);
    is_fine = tg_debug_goto(d->core, &back, &stop, &error) == TG_OK && is_fine;
    wake(d, &sleepers);
    view_forget(d);
    if (is_fine && debugger_is_interrupted)
        return complain(d, "%s: interrupted", command);
    return is_fine || complain(d, "%s: %s", command, error.text[0] != '\0' ? error.text : "not enough memory");
}

/* Listens to ever longer stretches, until there are enough or history begins. */
static bool listen_for(struct debugger *d, const char *command, struct listener *listener, uint64_t wanted)
{
    struct tg_debug_history history;
    tg_debug_history(d->core, &history);
    uint64_t all = tg_debug_steps(&history.now) - tg_debug_steps(&history.first);
    for (uint64_t steps = FIRST_STRETCH;; steps *= 16) {
        if (!listen(d, command, listener, steps < all ? steps : all))
            return false;
        if (listener->count >= wanted || steps >= all)
            return true;
    }
}

/* An address with its name in the program that ran there. */
static void say_code(struct debugger *d, const struct crossing *row, uint32_t ring, uint32_t address)
{
    struct tg_program_symbol symbol;
    uint32_t offset;
    struct tg_program *program = ring == 0 || row->process[0] == '\0' ? d->programs.kernel
                                                                      : programs_find(d, row->process, row->is_service);
    say(d, "0x%08" PRIx32, address);
    if (program != NULL && tg_program_symbol_at(program, address, &symbol, &offset))
        say(d, offset > 0 ? " <%s+%" PRIu32 ">" : " <%s>", symbol.name, offset);
}

static void say_crossing(struct debugger *d, const struct crossing *row)
{
    static const char *const kinds[] = {"exception", "interrupt", "trap"};
    say(d, "%12" PRIu64 "  CPU %" PRIu32 "  %-8s  %" PRIu32 " -> %" PRIu32 "  ", row->insns, row->entry.cpu, row->process,
        row->entry.from_ring, row->entry.to_ring);
    if (row->is_return)
        say(d, "%-13s  ", "return");
    else
        say(d, "%-9s %3" PRIu32 "  ", kinds[row->entry.kind], row->entry.vector);
    say_code(d, row, row->entry.from_ring, row->entry.saved_pc);
    say(d, " -> ");
    say_code(d, row, row->entry.to_ring, row->entry.handler);
    say(d, "\n");
}

bool crossings_ledger(struct debugger *d, struct args *args)
{
    uint64_t wanted = 10;
    struct listener listener = {.d = d};
    if (!args_count(d, args, "crossings", &wanted) || !args_end(d, args))
        return false;
    if (wanted > MOST_LINES)
        return complain(d, "%s: at most %d; tollgate run --ledger writes all of them", args->name, MOST_LINES);
    listener.room = (size_t)wanted;
    listener.rows = calloc(listener.room, sizeof *listener.rows);
    if (listener.rows == NULL)
        return complain(d, "%s: not enough memory", args->name);
    bool is_fine = listen_for(d, args->name, &listener, wanted);
    uint64_t first = listener.count > wanted ? listener.count - wanted : 0;
    for (uint64_t i = first; is_fine && i < listener.count; i++)
        say_crossing(d, &listener.rows[i % listener.room]);
    if (is_fine && listener.count == 0)
        say(d, "no crossing was taken yet\n");
    free(listener.rows);
    return is_fine;
}

/* The machine is put behind the last exception's entry while it is explained, so that page tables are those of then. */
static void explain_there(struct debugger *d, const struct crossing *fault)
{
    char text[TG_EXPLANATION_BYTES];
    const struct tg_debug_target back = {.kind = TG_DEBUG_TO_PLACE, .place = tg_debug_place(d->core)};
    const struct tg_debug_target then = {.kind = TG_DEBUG_TO_INSNS, .value = fault->insns};
    struct tg_debug_stop stop;
    struct tg_error error;
    bool is_there = tg_debug_goto(d->core, &then, &stop, &error) == TG_OK;
    tg_explain_entry(d->machine, &fault->entry, text);
    if (is_there)
        tg_debug_goto(d->core, &back, &stop, &error);
    view_forget(d);
    say(d, "at insn %" PRIu64 ": %s", fault->insns, text);
}

bool crossings_explain(struct debugger *d, struct args *args)
{
    char text[TG_EXPLANATION_BYTES];
    struct tg_fatal fatal;
    struct crossing row;
    struct listener listener = {.d = d, .rows = &row, .room = 1, .wants_faults = true};
    if (!args_end(d, args))
        return false;
    if (tg_machine_fatal(d->machine, &fatal)) {
        tg_explain_fatal(d->machine, &fatal, text);
        say(d, "%s", text);
        return true;
    }
    if (!listen_for(d, args->name, &listener, 1))
        return false;
    if (listener.count == 0)
        say(d, "no exception was taken since history began\n");
    else
        explain_there(d, &row);
    return true;
}

/* --- Why ---------------------------------------------------------------------------------------------------------------------------- */

/* "read+4", of a process's own program. */
static bool name_code(void *context, const struct tg_guest_process *process, uint32_t ring, uint32_t pc, char *buf,
                      size_t size)
{
    struct debugger *d = context;
    struct tg_program_symbol symbol;
    uint32_t offset;
    struct tg_program *program = d->programs.kernel;
    if (ring != 0 && process != NULL && !process->is_in_kernel)
        program = programs_find(d, process->name, process->is_service);
    if (program == NULL || !tg_program_symbol_at(program, pc, &symbol, &offset))
        return false;
    snprintf(buf, size, offset > 0 ? "%s+%" PRIu32 : "%s", symbol.name, offset);
    return true;
}

bool crossings_why(struct debugger *d, struct args *args)
{
    const struct tg_why_names names = {d, name_code};
    struct tg_why *why = malloc(sizeof *why);
    char *text = malloc(TG_WHY_BYTES);
    bool is_fine = args_end(d, args);
    if (is_fine && (why == NULL || text == NULL || tg_why(d->machine, d->guest, d->view.cpu, why) != TG_OK))
        is_fine = complain(d, "%s: not enough memory", args->name);
    if (is_fine) {
        tg_why_text(d->machine, why, &names, text);
        say(d, "%s", text);
    }
    free(why);
    free(text);
    return is_fine;
}

/* --- Counts ------------------------------------------------------------------------------------------------------------------------- */

static void say_entries(struct debugger *d, const struct tg_counts *counts)
{
    for (uint32_t i = 0; i < 256; i++) {
        const struct tg_cause_info *cause = tg_cause_info(i);
        if (counts->entries[i] == 0)
            continue;
        say(d, "  vector %3" PRIu32 "  %12" PRIu64, i, counts->entries[i]);
        if (cause != NULL)
            say(d, "  %s\n", cause->name);
        else if (i >= TG_VECTOR_INTERRUPT && i < TG_VECTOR_INTERRUPT + TG_INTERRUPT_SOURCES)
            say(d, "  interrupt source %" PRIu32 "\n", i - TG_VECTOR_INTERRUPT);
        else
            say(d, "\n");
    }
}

bool crossings_stats(struct debugger *d, struct args *args)
{
    struct tg_counts counts;
    if (!args_end(d, args))
        return false;
    tg_machine_counts(d->machine, d->view.cpu, &counts);
    say(d, "CPU %" PRIu32 " so far:\n", d->view.cpu);
    for (uint32_t i = 0; i < 4; i++)
        say(d, "  ring %" PRIu32 "      %12" PRIu64 " insns\n", i, counts.insns_by_ring[i]);
    say(d, "  exceptions  %12" PRIu64 "\n  interrupts  %12" PRIu64 "\n  traps       %12" PRIu64 "\n",
        counts.entries_by_kind[TG_ENTRY_EXCEPTION], counts.entries_by_kind[TG_ENTRY_INTERRUPT],
        counts.entries_by_kind[TG_ENTRY_TRAP]);
    say_entries(d, &counts);
    say(d, "  space switches %9" PRIu64 "\n  TLB fills   %12" PRIu64 " instruction, %" PRIu64 " data\n", counts.space_switches,
        counts.instruction_fills, counts.data_fills);
    say(d, "  ports       %12" PRIu64 " reads, %" PRIu64 " writes\n", counts.port_reads, counts.port_writes);
    return true;
}
