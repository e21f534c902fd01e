/*
 * `tollgate run`: runs a machine with its console on standard output until it ends, then writes what was asked for.
 * Host time decides only how often the terminal is looked at, never what happens inside the machine.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "debug/explain.h"
#include "feed.h"
#include "ledger.h"
#include "outputs.h"
#include "report.h"
#include "setup.h"
#include "stats.h"
#include "terminal.h"

/* Instructions between two looks at the host's clock without, and ticks with, a person at the keyboard. */
#define CHUNK_INSNS UINT64_C(20000000)
#define CHUNK_TICKS UINT64_C(500000)

/* While the machine waits for a person, this many ticks of virtual time pass in a microsecond (docs/devices.md: clock). */
#define TICKS_PER_MICROSECOND 100

#define PROGRESS_MICROSECONDS 500000

struct run {
    struct setup setup;
    struct tg_machine *machine, *shadow; /* shadow: the second machine of --lockstep */
    struct report_history history;
    struct ledger ledger;
    struct outputs outputs;
    struct feed feed;
    bool is_interactive, is_progress_wanted, has_left, is_replay_unfit;
    uint64_t start_microseconds, progress_microseconds;
};

/* The signal handler's only way to the machine. */
static struct tg_machine *interruptible;

static void on_signal(int number)
{
    (void)number;
    report_is_interrupted = 1;
    if (interruptible != NULL)
        tg_machine_request_stop(interruptible);
}

static void note_entry(void *context, const struct tg_entry_event *event)
{
    struct run *run = context;
    report_note_entry(&run->history, event);
    if (run->ledger.stream != NULL)
        ledger_note_entry(&run->ledger, event);
}

static void note_return(void *context, const struct tg_return_event *event)
{
    struct run *run = context;
    ledger_note_return(&run->ledger, event);
}

/* --- Keys --------------------------------------------------------------------------------------------------------- */

/* Gives what a person typed in the last moments to the keyboard; waits at most milliseconds for it. */
static void terminal_type(struct run *run, int milliseconds)
{
    char bytes[64];
    int count = terminal_read(bytes, sizeof bytes, milliseconds);
    if (count < 0)
        run->has_left = true;
    for (int i = 0; i < count; i++) {
        if (bytes[i] == TERMINAL_LEAVE)
            run->has_left = true;
        else
            tg_machine_type(run->machine, bytes[i] == '\r' ? "\n" : &bytes[i], 1); /* keys that do not exist: nothing */
    }
}

/* After an interactive chunk: sleeps off the virtual time in which all CPUs waited, listening to the keyboard. */
static void terminal_pace(struct run *run, struct tg_position before, bool is_idle)
{
    struct tg_position after = tg_machine_position(run->machine);
    uint64_t waited = after.time - before.time;
    uint64_t busy = after.insns - before.insns;
    int milliseconds = waited > busy ? (int)((waited - busy) / (TICKS_PER_MICROSECOND * 1000)) : 0;
    outputs_flush(&run->outputs);
    terminal_type(run, is_idle ? 1000 : milliseconds);
}

/* --- The run -------------------------------------------------------------------------------------------------------- */

static void progress(struct run *run)
{
    uint64_t now = terminal_microseconds();
    if (!run->is_progress_wanted || now - run->progress_microseconds < PROGRESS_MICROSECONDS)
        return;
    run->progress_microseconds = now;
    terminal_progress(tg_machine_position(run->machine).insns, now - run->start_microseconds);
}

/* Runs one stretch; true when the run is over, with *ret_stop saying how, or a difference printed. */
static bool run_stretch(struct run *run, struct tg_stop *ret_stop, bool *ret_differs)
{
    struct tg_position at = tg_machine_position(run->machine);
    struct tg_run_limits limits = {.until = {run->setup.max_insns, run->setup.max_ticks},
                                   .stop_for_input = feed_has_more(&run->feed)};
    if (run->is_interactive && at.time < run->setup.max_ticks &&
        run->setup.max_ticks - at.time > CHUNK_TICKS)
        limits.until.time = at.time + CHUNK_TICKS;
    else if (run->is_progress_wanted && at.insns < run->setup.max_insns &&
             run->setup.max_insns - at.insns > CHUNK_INSNS)
        limits.until.insns = at.insns + CHUNK_INSNS;
    if (run->shadow != NULL) {
        struct tg_difference difference;
        tg_lockstep_run(run->machine, run->shadow, run->setup.lockstep_interval, &limits, ret_stop, &difference);
        if (difference.is_different) {
            outputs_flush(&run->outputs);
            fprintf(stderr, "tollgate: the engines differ after insn %" PRIu64 "\n%s", difference.position.insns,
                    difference.text);
            *ret_differs = true;
            return true;
        }
    } else {
        tg_machine_run(run->machine, &limits, ret_stop);
    }
    progress(run);
    switch (ret_stop->reason) {
    case TG_STOP_LIMIT:
        if (run->is_interactive)
            terminal_pace(run, at, false);
        at = tg_machine_position(run->machine);
        return run->has_left || at.insns >= run->setup.max_insns || at.time >= run->setup.max_ticks;
    case TG_STOP_INPUT:
        feed_give(&run->feed);
        return false;
    case TG_STOP_IDLE:
        if (run->is_interactive)
            terminal_pace(run, at, true);
        return !run->is_interactive || run->has_left;
    case TG_STOP_BREAK:
        fprintf(stderr, "tollgate: the guest asked for the debugger (value %" PRIu32 "); going on\n",
                ret_stop->status);
        return false;
    default:
        return true;
    }
}

static bool machines_make(struct run *run)
{
    struct tg_host host = {.context = &run->outputs,
                           .console = outputs_console,
                           .debug_text = outputs_debug_text,
                           .sound = outputs_sound};
    if (!setup_machine(&run->setup, NULL, &host, &run->machine))
        return false;
    if (run->setup.lockstep != NULL && !setup_machine(&run->setup, run->setup.lockstep, NULL, &run->shadow))
        return false;
    run->history.machine = run->ledger.machine = run->machine;
    return run->setup.ledger_file == NULL || ledger_open(&run->ledger, run->setup.ledger_file);
}

static int exit_status(const struct run *run, const struct tg_stop *stop, bool differs)
{
    if (differs)
        return EXIT_ENGINES_DIFFER;
    if (run->is_replay_unfit)
        return EXIT_USAGE;
    switch (stop->reason) {
    case TG_STOP_POWER_OFF:
        return (int)stop->status;
    case TG_STOP_PANIC:
    case TG_STOP_FATAL:
        return EXIT_GUEST_FAILED;
    case TG_STOP_IDLE:
        return EXIT_NO_PROGRESS;
    default:
        return EXIT_LIMIT;
    }
}

/* One line, where there is no report, that says why the run is over. */
static void print_ending(struct run *run, const struct tg_stop *stop)
{
    struct tg_error error;
    struct tg_cpu_view cpu;
    char where[160];
    if (tg_machine_replay_error(run->machine, &error) != TG_OK) {
        run->is_replay_unfit = true;
        fprintf(stderr, "tollgate: input log %s: %s\n", run->setup.replay_file, error.text);
    } else if (run->setup.is_quiet || run->has_left) {
        return;
    } else if (stop->reason == TG_STOP_IDLE) {
        fprintf(stderr, "tollgate: no progress: every CPU waits, and no device will ever wake one\n");
    } else if (stop->reason == TG_STOP_LIMIT || stop->reason == TG_STOP_REQUEST) {
        tg_machine_cpu(run->machine, stop->cpu, &cpu);
        tg_explain_address(run->machine, cpu.pc, where, sizeof where);
        fprintf(stderr, "tollgate: stopped %s, CPU %" PRIu32 " at pc %s\n",
                stop->reason == TG_STOP_LIMIT ? "at the limit" : "by a signal", stop->cpu, where);
    }
}

/* Everything that is said and written once the machine has stopped. False when something could not be written. */
static bool run_conclude(struct run *run, const struct tg_stop *stop, bool differs)
{
    const struct setup *setup = &run->setup;
    outputs_flush(&run->outputs);
    terminal_progress_clear();
    bool is_written = outputs_finish(&run->outputs, setup, run->machine);
    if (setup->stats_file != NULL)
        is_written = stats_write(run->machine, stop, setup->stats_file) && is_written;
    if (run->ledger.stream != NULL)
        is_written = ledger_close(&run->ledger, setup->ledger_file) && is_written;
    uint64_t digest = setup->is_digest_wanted ? tg_machine_digest(run->machine) : 0;
    uint64_t insns = tg_machine_position(run->machine).insns;
    tg_machine_destroy(run->shadow);
    run->shadow = NULL;
    if (!differs && (stop->reason == TG_STOP_FATAL || stop->reason == TG_STOP_PANIC)) {
        if (!setup->is_quiet)
            report_print(setup, &run->machine, stop, &run->history, run->outputs.has_debug_text);
    } else if (!differs) {
        print_ending(run, stop);
    }
    if (setup->is_digest_wanted)
        fprintf(stderr, "digest: %016" PRIx64 " at insn %" PRIu64 "\n", digest, insns);
    return is_written;
}

static int run_machine(struct run *run)
{
    struct tg_stop stop = {TG_STOP_LIMIT, 0, 0};
    bool differs = false;
    const struct tg_observer observer = {
        .context = run, .entry = note_entry, .leave = run->ledger.stream != NULL ? note_return : NULL};
    if (tg_machine_observe(run->machine, &observer) != TG_OK)
        return EXIT_OWN_FAILURE;
    interruptible = run->machine;
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    feed_begin(&run->feed, &run->setup, run->machine);
    if (run->is_interactive)
        terminal_raw();
    run->start_microseconds = run->progress_microseconds = terminal_microseconds();
    while (!run_stretch(run, &stop, &differs))
        ;
    terminal_restore();
    interruptible = NULL;
    tg_machine_unobserve(run->machine, &observer);
    bool is_written = run_conclude(run, &stop, differs);
    return is_written ? exit_status(run, &stop, differs) : EXIT_OWN_FAILURE;
}

static void print_help(const struct option_row *rows)
{
    printf("usage: tollgate run [options] [IMAGE]\n\n"
           "Runs a TG32 program or kernel; without IMAGE the guest OS, with its own disk unless --disk names another. The\n"
           "serial console is standard output; on a terminal what you type goes to the keyboard (control-] leaves).\n\n");
    options_help(rows);
    printf("\nexit status: 0-99 the guest's own, 100 limit reached, 101 guest failed, 102 no progress, 103 engines\n"
           "differ, 2 wrong usage or unusable file, 1 a failure of tollgate's own\n"
           "example: tollgate run --keys 'hello' --max-insns 50M --digest echo.tg\n");
}

int command_run(int argc, char **argv)
{
    struct run run = {0};
    struct option_row rows[SETUP_ROWS];
    int operands;
    setup_defaults(&run.setup);
    setup_rows(&run.setup, rows);
    if (!options_read("tollgate run", rows, argc, argv, &operands))
        return EXIT_USAGE;
    if (run.setup.is_help_wanted) {
        print_help(rows);
        return 0;
    }
    if (run.setup.is_version_wanted) {
        printf("tollgate %s\n", TOLLGATE_VERSION);
        return 0;
    }
    if (argc - operands > 1) {
        fprintf(stderr, "tollgate run: expected one IMAGE, found also \"%s\"; boot words go in --boot\n",
                argv[operands + 1]);
        return EXIT_USAGE;
    }
    run.setup.image_path = operands < argc ? argv[operands] : NULL;
    int status = EXIT_USAGE;
    if (setup_read(&run.setup) && outputs_begin(&run.outputs, &run.setup) && machines_make(&run)) {
        bool is_fed = run.setup.keys != NULL || run.setup.replay_file != NULL;
        run.is_interactive = !is_fed && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
        run.is_progress_wanted = !run.is_interactive && isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);
        status = run_machine(&run);
    }
    tg_machine_destroy(run.machine);
    tg_machine_destroy(run.shadow);
    setup_finish(&run.setup);
    return status;
}
