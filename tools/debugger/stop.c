/* See stop.h. */
#include "stop.h"

#include <inttypes.h>
#include <string.h>

#include "conditions.h"
#include "data.h"
#include "debug/explain.h"
#include "debugger.h"
#include "guest.h"
#include "isa/isa.h"
#include "points.h"
#include "sourcecode.h"

/* --- Reasons -------------------------------------------------------------------------------------------------------------------- */

/* Where it came from, with the names of its program; of an exception also what refused it. */
static void say_entry(struct debugger *d, const struct tg_entry_event *event)
{
    static const char *const kinds[] = {"exception", "interrupt", "trap"};
    char text[TG_EXPLANATION_BYTES], where[VIEW_ADDRESS_BYTES];
    const struct tg_cause_info *cause = event->kind == TG_ENTRY_EXCEPTION ? tg_cause_info(event->vector) : NULL;
    say(d, "  %s %" PRIu32 "%s%s%s, ring %" PRIu32 " to ring %" PRIu32 ", at %s\n", kinds[event->kind], event->vector,
        cause != NULL ? " (" : "", cause != NULL ? cause->name : "", cause != NULL ? ")" : "", event->from_ring,
        event->to_ring, view_address_text(d, event->saved_pc, where));
    if (event->kind != TG_ENTRY_EXCEPTION)
        return;
    tg_explain_entry(d->machine, event, text);
    for (char *line = text + strcspn(text, "\n"); *line != '\0'; line += strcspn(line, "\n"))
        if (*++line != '\0')
            say(d, "  %.*s\n", (int)strcspn(line, "\n"), line);
}

static void say_call(struct debugger *d, const struct tg_debug_call *call)
{
    const char *name = d->guest != NULL ? tg_guest_call_name(d->guest, call->number) : NULL;
    say(d, "  call %" PRIu32 "%s%s%s", call->number, name != NULL ? " (" : "", name != NULL ? name : "",
        name != NULL ? ")" : "");
    struct tg_guest_process process;
    char words[TG_GUEST_TEXT_BYTES * 2];
    const uint32_t ends[2] = {call->from, call->to};
    for (int i = 0; i < 2 && call->is_message; i++)
        if (ends[i] != TG_DEBUG_ANY && guest_by_number(d, ends[i], &process)) {
            tg_guest_process_words(&process, words);
            say(d, " %s %s", i == 0 ? "from" : "to", words);
        }
    say(d, "\n");
}

/* Old and new value, and the instruction that did it. */
static void say_access(struct debugger *d, const struct tg_watch_event *event)
{
    char where[VIEW_ADDRESS_BYTES];
    say(d, "  %" PRIu32 " byte%s at 0x%08" PRIx32, event->bytes, event->bytes == 1 ? "" : "s",
        event->is_device || event->is_walk ? event->paddr : event->vaddr);
    if (event->access == TG_ACCESS_LOAD)
        say(d, ": 0x%" PRIx32 ", read", event->value);
    else
        say(d, ": 0x%" PRIx32 " -> 0x%" PRIx32, event->old_value, event->value);
    if (event->is_device)
        say(d, " by a device\n");
    else if (event->is_walk)
        say(d, " by a page walk, accessed or dirty bit\n");
    else
        say(d, " by %s%s\n", event->is_frame ? "the frame of an entry or iret at " : "",
            view_address_text(d, event->pc, where));
}

static void say_event(struct debugger *d, const struct tg_debug_reason *reason)
{
    char where[VIEW_ADDRESS_BYTES], name[64];
    if (reason->has_call)
        say_call(d, &reason->call);
    switch (reason->event_kind) {
    case TG_DEBUG_EVENT_NONE:
        break;
    case TG_DEBUG_EVENT_ENTRY:
        say_entry(d, &reason->event.entry);
        break;
    case TG_DEBUG_EVENT_LEAVE:
        say(d, "  iret from ring %" PRIu32 " to ring %" PRIu32 " at %s\n", reason->event.leave.from_ring,
            reason->event.leave.to_ring, view_address_text(d, reason->event.leave.pc, where));
        break;
    case TG_DEBUG_EVENT_WATCH:
        say_access(d, &reason->event.watch);
        break;
    case TG_DEBUG_EVENT_CREG:
        say(d, "  %s: 0x%" PRIx32, tg_creg_info(reason->event.creg.number)->name, reason->event.creg.old_value);
        if (reason->event.creg.access != TG_ACCESS_LOAD)
            say(d, " -> 0x%" PRIx32, reason->event.creg.value);
        say(d, ", by %s\n", view_address_text(d, reason->event.creg.pc, where));
        break;
    case TG_DEBUG_EVENT_TLB:
        say(d, "  %s translation of 0x%08" PRIx32 " (space %" PRIu32 ") %s\n",
            reason->event.tlb.is_instruction ? "instruction" : "data", reason->event.tlb.vaddr, reason->event.tlb.space,
            reason->event.tlb.is_fill ? "filled" : "thrown away");
        break;
    case TG_DEBUG_EVENT_LINE:
        say(d, "  interrupt source %" PRIu32 " to CPU %" PRIu32 " is %s\n", reason->event.line.source,
            reason->event.line.cpu, reason->event.line.is_asserted ? "asserted" : "no longer asserted");
        break;
    case TG_DEBUG_EVENT_DMA:
        say(d, "  %s has %s %" PRIu32 " bytes at physical 0x%08" PRIx32 "\n", reason->event.dma.device,
            reason->event.dma.access == TG_ACCESS_STORE ? "written" : "read", reason->event.dma.bytes,
            reason->event.dma.paddr);
        break;
    case TG_DEBUG_EVENT_PORT:
        if (!tg_port_name(reason->event.port.port, name, sizeof name))
            name[0] = '\0';
        say(d, "  port 0x%04" PRIx32 " (%s) %s 0x%" PRIx32 " at %s\n", reason->event.port.port, name,
            reason->event.port.access == TG_ACCESS_IN ? "gave" : "was given", reason->event.port.value,
            view_address_text(d, reason->event.port.pc, where));
        break;
    }
}

static void say_point(struct debugger *d, const char *what, uint32_t number)
{
    const struct tg_debug_point *point = tg_debug_point(d->core, number);
    say(d, "%s %" PRIu32, what, number);
    if (point != NULL && point->hits > 1)
        say(d, ", hit %" PRIu64 " times", point->hits);
}

/* A point stops, too, when it cannot be asked. */
static void say_failure(struct debugger *d, uint32_t number)
{
    const struct tg_debug_point *point = tg_debug_point(d->core, number);
    const char *failure = point != NULL ? conditions_failure(point) : NULL;
    if (failure != NULL)
        say(d, "  its condition cannot be evaluated here: %s\n", failure);
}

static void say_reason(struct debugger *d, const struct tg_debug_reason *reason)
{
    switch (reason->kind) {
    case TG_DEBUG_STEP_DONE:
        return;
    case TG_DEBUG_BREAK:
        say_point(d, "breakpoint", reason->point);
        break;
    case TG_DEBUG_WATCH:
        say_point(d, "watchpoint", reason->point);
        say(d, ": %s", points_text(d, reason->point));
        break;
    case TG_DEBUG_CATCH:
        say_point(d, "catchpoint", reason->point);
        say(d, " (%s)", tg_debug_catch_info(reason->caught)->name);
        break;
    case TG_DEBUG_LIMIT:
        say(d, "the limit of --max-insns or --max-ticks is reached");
        break;
    case TG_DEBUG_POWER_OFF:
        say(d, "the guest has switched the machine off, status %" PRIu32, reason->status);
        break;
    case TG_DEBUG_PANIC:
        say(d, "the guest has panicked, code %" PRIu32 " (0x%" PRIx32 ")", reason->status, reason->status);
        break;
    case TG_DEBUG_FATAL:
        say(d, "a CPU could not deliver a double fault: the machine stands; \"explain\" says why");
        break;
    case TG_DEBUG_IDLE:
        say(d, "every CPU waits, and only input can wake one: key \"text\", console or reset");
        break;
    case TG_DEBUG_INPUT:
        say(d, "every CPU waits for input");
        break;
    case TG_DEBUG_GUEST_BREAK:
        say(d, "the guest asks for the debugger, value %" PRIu32, reason->status);
        break;
    case TG_DEBUG_REQUEST:
        say(d, "interrupted");
        break;
    case TG_DEBUG_HISTORY_START:
        say(d, "history begins here");
        break;
    case TG_DEBUG_HISTORY_END:
        say(d, "this is the present");
        break;
    case TG_DEBUG_NO_MEMORY:
        say(d, "the host has no memory left for this");
        break;
    case TG_DEBUG_STOP_KINDS:
        return;
    }
    say(d, "\n");
    say_failure(d, reason->point);
    say_event(d, reason);
}

/* --- The place ------------------------------------------------------------------------------------------------------------------ */

static void say_instruction(struct debugger *d, uint32_t pc)
{
    uint8_t bytes[4];
    char text[TG_DISASSEMBLY_BYTES];
    if (!view_read(d, pc, bytes, sizeof bytes)) {
        say(d, "=> 0x%08" PRIx32 " cannot be read; \"walk\" says why\n", pc);
        return;
    }
    tg_disassemble((uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24, pc,
                   text);
    say(d, "=> %s\n", text);
}

void stop_show_place(struct debugger *d)
{
    const struct tg_frame *frame = view_frame(d);
    char where[VIEW_ADDRESS_BYTES], process[TG_GUEST_TEXT_BYTES * 2];
    const struct tg_debug_place place = tg_debug_place(d->core);
    if (d->view.has_process)
        tg_guest_process_words(&d->view.process, process);
    else
        view_process_text(d, d->view.cpu, process, sizeof process);
    if (d->view.has_process)
        say(d, "no CPU, ");
    else
        say(d, "CPU %" PRIu32 ", ", d->view.cpu);
    say(d, "ring %" PRIu32 "%s%s, insn %" PRIu64 ", %s\n", frame->ring, process[0] != '\0' ? ", " : "", process, place.insns,
        view_address_text(d, frame->pc, where));
    if (frame->line > 0)
        sourcecode_show_line(d, frame->path, frame->file, frame->line);
    say_instruction(d, frame->pc);
}

static void note_registers(struct debugger *d)
{
    for (uint32_t i = 0; i < tg_machine_config(d->machine)->cpus; i++) {
        d->before[i] = d->now[i];
        tg_machine_cpu(d->machine, i, &d->now[i]);
    }
}

/* The guest's status as scripts see it: $_exitcode, as gdb calls it. */
static void note_status(struct debugger *d, const struct tg_debug_stop *stop)
{
    for (uint32_t i = 0; i < stop->count; i++)
        if (stop->reasons[i].kind == TG_DEBUG_POWER_OFF || stop->reasons[i].kind == TG_DEBUG_PANIC) {
            const struct tg_value status = tg_value_of(tg_type_of(TG_PLAIN_UNSIGNED), stop->reasons[i].status);
            values_name(d, "_exitcode", &status);
        }
}

void stop_show(struct debugger *d, const struct tg_debug_stop *stop)
{
    view_moved(d, stop->cpu);
    note_registers(d);
    note_status(d, stop);
    for (uint32_t i = 0; i < stop->count; i++)
        say_reason(d, &stop->reasons[i]);
    programs_check(d, view_scope(d)->program);
    stop_show_place(d);
    d->list.line = 0;
    data_show_displays(d);
    for (uint32_t i = 0; i < stop->count; i++)
        if (stop->reasons[i].point != 0)
            points_note_commands(d, stop->reasons[i].point);
}

void stop_show_log(struct debugger *d, const struct tg_debug_stop *stop)
{
    struct tg_cpu_view cpu;
    char where[VIEW_ADDRESS_BYTES];
    view_moved(d, stop->cpu);
    tg_machine_cpu(d->machine, stop->cpu, &cpu);
    say(d, "insn %" PRIu64 ", CPU %" PRIu32 ", %s: ", stop->place.insns, stop->cpu, view_address_text(d, cpu.pc, where));
    say_reason(d, &stop->reasons[0]);
}
