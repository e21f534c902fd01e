/* See report.h. */
#include "report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debug/explain.h"

#define LAST_INSNS 20

/* Beyond this many instructions the second run would keep a person waiting. */
#define RERUN_LIMIT UINT64_C(2000000000)

void report_note_entry(void *context, const struct tg_entry_event *event)
{
    struct report_history *history = context;
    if (event->kind != TG_ENTRY_EXCEPTION)
        return;
    uint64_t slot = history->count++ % REPORT_EXCEPTIONS;
    history->events[slot] = *event;
    history->insns[slot] = tg_machine_position(history->machine).insns;
}

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

/* A second machine at the same start with the same input, or NULL. */
static struct tg_machine *machine_again(const struct setup *setup, const struct tg_machine *machine)
{
    struct tg_machine *again = NULL;
    char *log;
    size_t length;
    struct setup plain = *setup; /* the log holds replayed and serial input too */
    plain.replay_file = NULL;
    plain.serial_bytes = (struct file_bytes){NULL, 0};
    if (tg_machine_log_save(machine, &log, &length) != TG_OK)
        return NULL;
    if (setup_machine(&plain, NULL, NULL, &again) && tg_machine_replay(again, log, length, NULL) != TG_OK) {
        tg_machine_destroy(again);
        again = NULL;
    }
    free(log);
    return again;
}

static void print_tail(const struct setup *setup, const struct tg_machine *machine)
{
    struct tg_position end = tg_machine_position(machine);
    struct tg_run_limits limits = {{0, TG_NO_LIMIT}, false};
    struct tg_stop stop;
    if (end.insns > RERUN_LIMIT) {
        fprintf(stderr, "last instructions: not shown after a run of more than %" PRIu64 " million instructions\n",
                RERUN_LIMIT / 1000000);
        return;
    }
    struct tg_machine *again = machine_again(setup, machine);
    if (again == NULL)
        return;
    struct tail tail = {.machine = again};
    const struct tg_observer observer = {.context = &tail, .retire = tail_note};
    uint64_t start = tg_machine_position(again).insns;
    limits.until.insns = end.insns - start > 4 * LAST_INSNS ? end.insns - 4 * LAST_INSNS : start;
    tg_machine_run(again, &limits, &stop);
    if (tg_machine_observe(again, &observer) == TG_OK) {
        limits.until.insns = end.insns;
        tg_machine_run(again, &limits, &stop);
        tail_print(&tail);
    }
    tg_machine_destroy(again);
}

void report_print(const struct setup *setup, struct tg_machine *machine, const struct tg_stop *stop,
                  const struct report_history *history)
{
    char text[TG_EXPLANATION_BYTES];
    struct tg_fatal fatal;
    struct tg_position position = tg_machine_position(machine);
    fprintf(stderr, "tollgate: %s at insn %" PRIu64 ", time %" PRIu64 "\n",
            stop->reason == TG_STOP_FATAL ? "the machine stopped on an unrecoverable fault" : "the guest panicked",
            position.insns, position.time);
    if (stop->reason == TG_STOP_PANIC)
        fprintf(stderr, "panic code %" PRIu32 " (0x%" PRIx32 ") from CPU %" PRIu32 "\n", stop->status, stop->status,
                stop->cpu);
    if (tg_machine_fatal(machine, &fatal)) {
        tg_explain_fatal(machine, &fatal, text);
        fputs(text, stderr);
    }
    print_exceptions(machine, history);
    print_tail(setup, machine);
    print_registers(machine, stop->cpu);
}
