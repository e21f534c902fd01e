/* See report.h. */
#include "report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "debug/explain.h"
#include "terminal.h"

#define LAST_INSNS 20

/* Of the second run: instructions between two looks at the clock, and when a person wants to see that it goes on. */
#define STRETCH_INSNS         UINT64_C(20000000)
#define PATIENCE_MICROSECONDS 1000000

void report_note_entry(void *context, const struct tg_entry_event *event)
{
    struct report_history *history = context;
    if (event->kind != TG_ENTRY_EXCEPTION)
        return;
    uint64_t slot = history->count++ % REPORT_EXCEPTIONS;
    history->events[slot] = *event;
    history->insns[slot] = tg_machine_position(history->machine).insns;
}

volatile sig_atomic_t report_is_interrupted;

static void print_registers(const struct tg_machine *machine, uint32_t number)
{
    struct tg_cpu_view cpu;
    char where[160];
    tg_machine_cpu(machine, number, &cpu);
    tg_explain_address(machine, cpu.pc, where, sizeof where);
    uint32_t status = cpu.creg[TG_CR_STATUS];
    fprintf(stderr, "CPU %" PRIu32 " now: pc %s, ring %" PRIu32 ", interrupts %s, paging %s\n", number, where,
            status & TG_STATUS_RING, status & TG_STATUS_IE ? "on" : "off",
            cpu.creg[TG_CR_PTROOT] & TG_PTROOT_ENABLE ? "on" : "off");
    for (uint32_t i = 0; i < 32; i++)
        fprintf(stderr, "  %-4s %08" PRIx32 "%s", tg_register_name(i), cpu.x[i], i % 6 == 5 || i == 31 ? "\n" : "");
}

static void print_exceptions(const struct tg_machine *machine, const struct report_history *history)
{
    char text[TG_EXPLANATION_BYTES];
    uint64_t first = history->count > REPORT_EXCEPTIONS ? history->count - REPORT_EXCEPTIONS : 0;
    if (history->count == 0)
        return;
    fprintf(stderr, "last exceptions (of %" PRIu64 "):\n", history->count);
    for (uint64_t i = first; i < history->count; i++) {
        tg_explain_entry(machine, &history->events[i % REPORT_EXCEPTIONS], text);
        fprintf(stderr, "at insn %" PRIu64 ": %s", history->insns[i % REPORT_EXCEPTIONS], text);
    }
}

/* --- The last instructions, by a second run --------------------------------------------------------------------- */

struct tail {
    const struct tg_machine *machine;
    struct {
        uint32_t cpu, pc, word, ring;
        uint64_t insn;
    } rows[LAST_INSNS];
    uint64_t count;
};

static void tail_note(void *context, uint32_t cpu, uint32_t pc, uint32_t word)
{
    struct tail *tail = context;
    struct tg_cpu_view view;
    tg_machine_cpu(tail->machine, cpu, &view);
    uint64_t slot = tail->count++ % LAST_INSNS;
    tail->rows[slot].cpu = cpu;
    tail->rows[slot].pc = pc;
    tail->rows[slot].word = word;
    tail->rows[slot].ring = view.creg[TG_CR_STATUS] & TG_STATUS_RING;
    tail->rows[slot].insn = tg_machine_position(tail->machine).insns;
}

static void tail_print(const struct tail *tail)
{
    uint64_t first = tail->count > LAST_INSNS ? tail->count - LAST_INSNS : 0;
    fprintf(stderr, "last instructions completed:\n");
    for (uint64_t i = first; i < tail->count; i++) {
        char text[TG_DISASSEMBLY_BYTES], where[160];
        uint64_t slot = i % LAST_INSNS;
        tg_disassemble(tail->rows[slot].word, tail->rows[slot].pc, text);
        tg_explain_address(tail->machine, tail->rows[slot].pc, where, sizeof where);
        fprintf(stderr, "  cpu %" PRIu32 " ring %" PRIu32 "  %-32s %s\n", tail->rows[slot].cpu, tail->rows[slot].ring,
                where, text);
    }
}

/* Replaces *machine by one at the same start with the same input; NULL if that cannot be. */
static void machine_restart(const struct setup *setup, struct tg_machine **machine)
{
    char *log;
    size_t length;
    struct setup plain = *setup; /* the log holds replayed and serial input too */
    plain.replay_file = NULL;
    plain.serial_bytes = (struct file_bytes){NULL, 0};
    int result = tg_machine_log_save(*machine, &log, &length);
    tg_machine_destroy(*machine);
    *machine = NULL;
    if (result != TG_OK)
        return;
    if (setup_machine(&plain, NULL, NULL, machine) && tg_machine_replay(*machine, log, length, NULL) != TG_OK) {
        tg_machine_destroy(*machine);
        *machine = NULL;
    }
    free(log);
}

/* Runs to limits, showing progress on a terminal. False if a person stopped it. */
static bool run_to_limit(struct tg_machine *machine, const struct tg_run_limits *limits)
{
    uint64_t start = terminal_microseconds();
    struct tg_stop stop;
    struct tg_run_limits stretch = *limits;
    do {
        uint64_t at = tg_machine_position(machine).insns;
        stretch.until.insns = limits->until.insns - at > STRETCH_INSNS ? at + STRETCH_INSNS : limits->until.insns;
        tg_machine_run(machine, &stretch, &stop);
        if (terminal_microseconds() - start > PATIENCE_MICROSECONDS && isatty(STDERR_FILENO))
            terminal_progress(tg_machine_position(machine).insns, terminal_microseconds() - start);
        if (report_is_interrupted)
            break;
    } while (tg_machine_position(machine).insns < limits->until.insns && stop.reason != TG_STOP_IDLE);
    terminal_progress_clear();
    if (report_is_interrupted)
        fprintf(stderr, "last instructions: left out, the second run was interrupted\n");
    return !report_is_interrupted;
}

static void print_tail(const struct setup *setup, struct tg_machine **machine)
{
    struct tg_position end = tg_machine_position(*machine);
    struct tg_run_limits limits = {.until = {0, TG_NO_LIMIT}};
    struct tg_stop stop;
    machine_restart(setup, machine);
    if (*machine == NULL)
        return;
    struct tail tail = {.machine = *machine};
    const struct tg_observer observer = {.context = &tail, .retire = tail_note};
    uint64_t start = tg_machine_position(*machine).insns;
    limits.until.insns = end.insns - start > 4 * LAST_INSNS ? end.insns - 4 * LAST_INSNS : start;
    if (run_to_limit(*machine, &limits) && tg_machine_observe(*machine, &observer) == TG_OK) {
        limits.until.insns = end.insns;
        tg_machine_run(*machine, &limits, &stop);
        tail_print(&tail);
        tg_machine_unobserve(*machine, &observer);
    }
}

void report_print(const struct setup *setup, struct tg_machine **machine_place, const struct tg_stop *stop,
                  const struct report_history *history, bool is_told)
{
    struct tg_machine *machine = *machine_place;
    char text[TG_EXPLANATION_BYTES];
    struct tg_fatal fatal;
    struct tg_position position = tg_machine_position(machine);
    fprintf(stderr, "tollgate: %s at insn %" PRIu64 ", time %" PRIu64 "\n",
            stop->reason == TG_STOP_FATAL ? "the machine stopped on an unrecoverable fault" : "the guest panicked",
            position.insns, position.time);
    if (stop->reason == TG_STOP_PANIC)
        fprintf(stderr, "panic code %" PRIu32 " (0x%" PRIx32 ") from CPU %" PRIu32 "\n", stop->status, stop->status,
                stop->cpu);
    if (stop->reason == TG_STOP_PANIC && is_told) {
        fputs("its own report is above\n", stderr);
        return;
    }
    if (tg_machine_fatal(machine, &fatal)) {
        tg_explain_fatal(machine, &fatal, text);
        fputs(text, stderr);
    }
    print_registers(machine, stop->cpu);
    print_exceptions(machine, history);
    print_tail(setup, machine_place);
}
