/*
 * `tollgate debug`: options, the machine, the loop over lines, the end. Exit statuses: docs/debugger.md.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter.h"
#include "debugger.h"
#include "edit.h"
#include "points.h"
#include "stop.h"
#include "table.h"
#include "tollgate/commands.h"

#define PROMPT     "(tg) "
#define EXTRA_ROWS 5
#define PATH_BYTES 4096

volatile sig_atomic_t debugger_is_interrupted;

/* The signal handler's only way to what runs. */
static struct tg_debug *interruptible;

static void on_interrupt(int number)
{
    (void)number;
    debugger_is_interrupted = 1;
    if (interruptible != NULL)
        tg_debug_interrupt(interruptible);
}

/* --- A line ---------------------------------------------------------------------------------------------------------------- */

/* What Enter does from now on. */
static void repeat_set(struct debugger *d, const struct command *command, const char *line)
{
    free(d->repeat.line);
    d->repeat = (struct repeat){command, line != NULL ? strdup(line) : NULL};
}

static bool repeat_run(struct debugger *d)
{
    struct args args;
    const struct command *command = d->repeat.command;
    if (command == NULL || d->repeat.line == NULL)
        return true;
    char *line = strdup(d->repeat.line); /* the command may run others */
    bool is_fine = line != NULL && table_parse(d, line, &args) != NULL;
    if (is_fine) {
        args.is_repeat = true;
        if (command->repeats == REPEATS_ONWARD)
            args.at = "";
        is_fine = command->run(d, &args);
    }
    free(line);
    return is_fine;
}

/* A line of the user's own: with the spaces at both ends taken off. */
static char *trimmed(const char *line)
{
    line += strspn(line, " \t");
    size_t length = strlen(line);
    while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\t'))
        length--;
    return strndup(line, length);
}

static bool execute(struct debugger *d, const char *whole)
{
    struct args args;
    bool is_fine, is_person = source_is_person(d->source) && d->is_terminal;
    char *line = trimmed(whole);
    if (line == NULL)
        return complain(d, "not enough memory");
    size_t length = strcspn(line, " \t");
    const struct definition *defined = script_find(d, line, length);
    if (defined != NULL) {
        is_fine = script_run(d, defined, line + length + strspn(line + length, " \t"));
        free(line);
        return is_fine;
    }
    if (line[0] == '\0' || line[0] == '#') {
        is_fine = line[0] == '#' || !is_person || debugger_is_interrupted || repeat_run(d);
        free(line);
        return is_fine;
    }
    const struct command *command = table_parse(d, line, &args);
    is_fine = command != NULL && command->run(d, &args);
    if (is_person && command != NULL && command->repeats != REPEATS_NOTHING)
        repeat_set(d, command, line);
    else if (is_person)
        repeat_set(d, NULL, NULL);
    free(line);
    return is_fine;
}

bool debugger_execute(struct debugger *d, const char *line)
{
    bool is_fine = execute(d, line);
    return points_run_commands(d) && is_fine;
}

/* --- Sources --------------------------------------------------------------------------------------------------------------- */

/* A command or file of the command line. */
struct request {
    bool is_file;
    const char *text;
};

struct options {
    struct request *requests; /* in the order of the command line */
    size_t request_count;
    uint64_t max_commands;
    bool is_batch, is_echoing, is_plain, is_read_only;
};

/* The user's own start-up file, and that of the present folder when nobody else can have written it; that one may not
 * write files, since a folder from elsewhere may have brought it. */
static void run_startup_files(struct debugger *d)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char path[PATH_BYTES] = "";
    struct stat facts;
    if (config != NULL && config[0] == '/')
        snprintf(path, sizeof path, "%s/tollgate/debugrc", config);
    else if (home != NULL && home[0] == '/')
        snprintf(path, sizeof path, "%s/.config/tollgate/debugrc", home);
    if (path[0] != '\0' && access(path, R_OK) == 0)
        source_run_file(d, path, false);
    if (stat(".tollgaterc", &facts) != 0)
        return;
    if (facts.st_uid == getuid() && (facts.st_mode & (S_IWGRP | S_IWOTH)) == 0)
        source_run_file(d, ".tollgaterc", true);
    else
        complain(d, ".tollgaterc: not run: it is not yours alone to write (chmod go-w .tollgaterc, or -x .tollgaterc)");
}

/* False when one has failed and a batch must end. */
static bool run_requests(struct debugger *d, const struct options *options)
{
    for (size_t i = 0; i < options->request_count && !d->is_over; i++) {
        const struct request *request = &options->requests[i];
        bool is_fine = request->is_file ? source_run_file(d, request->text, false)
                                        : source_run(d, "-ex", request->text, false);
        if (!is_fine && d->is_batch)
            return false;
    }
    return true;
}

/* Whether a person really wants to leave a machine that could go on. */
static bool may_leave(struct debugger *d)
{
    struct tg_debug_history history;
    if (!d->is_terminal)
        return true;
    say(d, "\n");
    tg_debug_history(d->core, &history);
    return history.last.insns == 0 ||
           edit_confirm(d, "The machine is live and its history will be lost. Leave? (y or n) ");
}

/* Reads and runs lines of standard input to the end. False when one has failed and a batch must end. */
static bool run_input(struct debugger *d)
{
    struct source input = {.name = d->is_terminal ? NULL : "standard input"};
    bool is_fine = true;
    char *line;
    source_push(d, &input);
    while (!d->is_over && (is_fine || !d->is_batch)) {
        line = source_line(d, PROMPT);
        if (line == NULL && may_leave(d))
            break;
        is_fine = line == NULL || debugger_execute(d, line);
        free(line);
    }
    source_pop(d);
    return is_fine || !d->is_batch;
}

static void run_all(struct debugger *d, const struct options *options)
{
    if (!options->is_plain && !d->is_batch)
        run_startup_files(d);
    bool is_fine = run_requests(d, options);
    if (is_fine && !d->is_over && (!d->is_batch || options->request_count == 0))
        is_fine = run_input(d);
    if (!is_fine)
        d->status = EXIT_COMMAND_FAILED;
}

/* --- The program ----------------------------------------------------------------------------------------------------------- */

/* Takes -x FILE and -ex COMMAND out of the command line, so that their order is kept. False after printing why. */
static bool take_requests(struct options *options, int *argc, char **argv)
{
    int kept = 1;
    options->requests = calloc((size_t)*argc, sizeof *options->requests);
    if (options->requests == NULL)
        return false;
    for (int i = 1; i < *argc; i++) {
        bool is_file = strcmp(argv[i], "-x") == 0 || strcmp(argv[i], "--command") == 0;
        if (!is_file && strcmp(argv[i], "-ex") != 0 && strcmp(argv[i], "--eval-command") != 0) {
            argv[kept++] = argv[i];
            continue;
        }
        if (i + 1 == *argc) {
            fprintf(stderr, "tollgate debug: %s needs a %s\n", argv[i], is_file ? "file of commands" : "command");
            return false;
        }
        options->requests[options->request_count++] = (struct request){is_file, argv[++i]};
    }
    *argc = kept;
    argv[kept] = NULL;
    return true;
}

static void add_rows(struct options *options, struct option_row *rows)
{
    const struct option_row extra[EXTRA_ROWS + 1] = {
        {"batch", OPTION_FLAG, &options->is_batch, NULL, "end after -x and -ex, or the first command that fails"},
        {"echo", OPTION_FLAG, &options->is_echoing, NULL, "print commands of a script before they are run"},
        {"nx", OPTION_FLAG, &options->is_plain, NULL, "no start-up files"},
        {"read-only", OPTION_FLAG, &options->is_read_only, NULL, "no command may write a file"},
        {"max-commands", OPTION_COUNT, &options->max_commands, "N", "end scripts after so many commands"},
        {NULL, OPTION_FLAG, NULL, NULL, NULL},
    };
    while (rows->name != NULL)
        rows++;
    memcpy(rows, extra, sizeof extra);
}

static void print_help(const struct option_row *rows)
{
    printf("usage: tollgate debug [options] [-x FILE]... [-ex COMMAND]... [IMAGE]\n\n"
           "Stops a machine anywhere, shows why it is where it is, and takes it back. Without IMAGE the guest OS. Commands\n"
           "come from files (-x), from the command line (-ex), then from standard input; \"help\" lists them.\n\n");
    options_help(rows);
    printf("\nexit status: that of \"quit\", else 0; with --batch 104 when a command fails;\n"
           "2 wrong usage or unusable file, 1 a failure of tollgate's own\n"
           "example: tollgate debug --batch -ex 'break k_panic' -ex continue -ex backtrace\n");
}

/* What the machine repeats has been heard before. */
static bool is_heard(const struct debugger *d)
{
    return d->core != NULL && tg_debug_is_replaying(d->core);
}

/* The serial console, and debug text, which is for the same person. */
static void on_console(void *context, const uint8_t *bytes, size_t count)
{
    if (!is_heard(context))
        output_guest(context, bytes, count);
}

static void on_sound(void *context, const int16_t *samples, size_t count, uint32_t rate_hz)
{
    struct debugger *d = context;
    if (!is_heard(d))
        outputs_sound(&d->outputs, samples, count, rate_hz);
}

static int type_text(void *context, const char *text, size_t length)
{
    struct debugger *d = context;
    return tg_debug_type(d->core, text, length, NULL);
}

static int give_input(void *context, struct tg_input input)
{
    struct debugger *d = context;
    return tg_debug_input(d->core, input, NULL);
}

static bool machine_make(struct debugger *d)
{
    const struct tg_host host = {
        .context = d, .console = on_console, .debug_text = on_console, .sound = on_sound};
    if (!setup_read(&d->setup) || !outputs_begin(&d->outputs, &d->setup) ||
        !setup_machine(&d->setup, NULL, &host, &d->machine))
        return false;
    feed_begin(&d->feed, &d->setup, d->machine);
    d->feed.context = d;
    d->feed.type = type_text;
    d->feed.input = give_input;
    programs_begin(d);
    return adapter_begin(d) == TG_OK;
}

static int run_debugger(struct debugger *d, const struct options *options)
{
    struct sigaction action = {.sa_handler = on_interrupt};
    d->is_batch = options->is_batch;
    d->is_echoing = options->is_echoing;
    d->is_read_only = options->is_read_only;
    d->commands_left = options->max_commands;
    d->is_terminal = !d->is_batch && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    interruptible = d->core;
    sigaction(SIGINT, &action, NULL);
    if (d->is_terminal)
        edit_begin(d);
    for (uint32_t i = 0; i < tg_machine_config(d->machine)->cpus; i++) {
        tg_machine_cpu(d->machine, i, &d->now[i]);
        d->before[i] = d->now[i];
    }
    if (d->is_terminal)
        stop_show_place(d);
    run_all(d, options);
    if (d->is_terminal)
        edit_end(d);
    interruptible = NULL;
    say(d, "%s", "");
    outputs_flush(&d->outputs);
    return outputs_finish(&d->outputs, &d->setup, d->machine) ? d->status : EXIT_OWN_FAILURE;
}

static bool usage_is_sound(const struct debugger *d, int argc, char **argv, int operands)
{
    if (argc - operands > 1)
        fprintf(stderr, "tollgate debug: expected one IMAGE, found also \"%s\"; boot words go in --boot\n",
                argv[operands + 1]);
    else if (d->setup.lockstep != NULL || d->setup.ledger_file != NULL || d->setup.stats_file != NULL)
        fprintf(stderr, "tollgate debug: --lockstep, --ledger and --stats belong to tollgate run\n");
    else
        return true;
    return false;
}

int command_debug(int argc, char **argv)
{
    struct debugger d = {0};
    struct options options = {.max_commands = UINT64_MAX};
    struct option_row rows[SETUP_ROWS + EXTRA_ROWS];
    int operands, status = EXIT_USAGE;
    setup_defaults(&d.setup);
    setup_rows(&d.setup, rows);
    add_rows(&options, rows);
    if (take_requests(&options, &argc, argv) && options_read("tollgate debug", rows, argc, argv, &operands) &&
        usage_is_sound(&d, argc, argv, operands)) {
        d.setup.image_path = operands < argc ? argv[operands] : NULL;
        if (d.setup.is_help_wanted) {
            print_help(rows);
            status = 0;
        } else if (d.setup.is_version_wanted) {
            printf("tollgate %s\n", TOLLGATE_VERSION);
            status = 0;
        } else if (machine_make(&d)) {
            status = run_debugger(&d, &options);
        }
    }
    free(options.requests);
    free(d.repeat.line);
    script_forget_all(&d);
    data_forget_displays(&d);
    adapter_end(&d); /* with the points, whose conditions it destroys */
    points_forget_all(&d);
    values_forget_all(&d);
    programs_end(&d);
    tg_machine_destroy(d.machine);
    setup_finish(&d.setup);
    return status;
}
