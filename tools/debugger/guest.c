/*
 * What the guest says of itself: processes, files, messages, queues, services; and looking at a process.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "common/options.h"
#include "debugger.h"
#include "guest.h"
#include "stop.h"

#define MOST_ROWS 512

static bool has_guest(struct debugger *d, const struct args *args)
{
    return d->guest != NULL ||
           complain(d, "%s: this image exports no table of what it does (docs/guest-table.md says how)", args->name);
}

/* Memory for rows; NULL after complaining. */
static void *rows_make(struct debugger *d, const struct args *args, size_t size)
{
    void *rows = has_guest(d, args) ? calloc(MOST_ROWS, size) : NULL;
    if (rows == NULL && d->guest != NULL)
        complain(d, "%s: not enough memory", args->name);
    return rows;
}

bool guest_by_number(struct debugger *d, uint32_t number, struct tg_guest_process *ret_process)
{
    struct tg_guest_process *rows = d->guest != NULL ? calloc(MOST_ROWS, sizeof *rows) : NULL;
    size_t count = rows != NULL ? tg_guest_processes(d->guest, rows, MOST_ROWS) : 0;
    bool is_found = false;
    for (size_t i = 0; i < count && !is_found; i++) {
        is_found = rows[i].row.number == number;
        if (is_found)
            *ret_process = rows[i];
    }
    free(rows);
    return is_found;
}

/* --- Processes ------------------------------------------------------------------------------------------------------------------------ */

static void say_number(struct debugger *d, const char *format, int32_t number)
{
    char text[16];
    snprintf(text, sizeof text, number < 0 ? "-" : "%" PRId32, number);
    say(d, format, text);
}

static void say_process(struct debugger *d, const struct tg_guest_process *process)
{
    struct tg_guest_process current;
    bool is_current = false;
    for (uint32_t cpu = 0; cpu < tg_machine_config(d->machine)->cpus; cpu++)
        is_current = is_current || (tg_guest_current(d->guest, cpu, &current) && current.key == process->key);
    say(d, "%c", is_current ? '*' : ' ');
    say_number(d, "%5s", process->pid > 0 ? process->pid : -1);
    say(d, "  %-12s %-10s", process->name, process->is_in_kernel ? "in kernel" : process->state_name);
    say_number(d, " %4s", process->is_in_kernel ? -1 : process->ring);
    say_number(d, " %4s", process->is_in_kernel ? -1 : process->cpu);
    say(d, " %10" PRIu32, process->calls);
    if (process->waits_in >= 0)
        say(d, "  waits in %s", process->waits_in_name != NULL ? process->waits_in_name : "a call");
    say(d, "\n");
}

bool guest_ps(struct debugger *d, struct args *args)
{
    struct tg_guest_process *rows = args_end(d, args) ? rows_make(d, args, sizeof *rows) : NULL;
    if (rows == NULL)
        return false;
    size_t count = tg_guest_processes(d->guest, rows, MOST_ROWS);
    say(d, "   pid  name         state      ring  cpu      calls\n");
    for (size_t i = 0; i < count; i++)
        say_process(d, &rows[i]);
    if (count == 0)
        say(d, "no process exists yet\n");
    free(rows);
    return true;
}

/* A process by pid or name. False after complaining. */
static bool read_process(struct debugger *d, struct args *args, struct tg_guest_process *ret_process)
{
    char word[ARGS_WORD_BYTES];
    uint64_t pid;
    if (!has_guest(d, args))
        return false;
    if (!args_word(d, args, word))
        return complain(d, "%s: expected a process: its pid or name", args->name);
    bool is_found = args_read_number(word, &pid) && pid <= INT32_MAX
                        ? tg_guest_process_by_pid(d->guest, (int32_t)pid, ret_process)
                        : tg_guest_process_by_name(d->guest, word, ret_process);
    return is_found || complain(d, "%s: there is no process \"%s\" now; ps lists them", args->name, word);
}

/* The CPU that works for a process; false: none does. */
static bool cpu_of(struct debugger *d, const struct tg_guest_process *process, uint32_t *ret_cpu)
{
    struct tg_guest_process current;
    for (uint32_t cpu = 0; cpu < tg_machine_config(d->machine)->cpus; cpu++)
        if (tg_guest_current(d->guest, cpu, &current) && current.key == process->key) {
            *ret_cpu = cpu;
            return true;
        }
    return false;
}

/* process [X]: looks at the memory, the names and the stack of a process. */
bool guest_process(struct debugger *d, struct args *args)
{
    struct tg_guest_process process;
    uint32_t cpu;
    if (args_is_empty(args)) {
        stop_show_place(d);
        return true;
    }
    if (!read_process(d, args, &process) || !args_end(d, args))
        return false;
    if (cpu_of(d, &process, &cpu)) {
        view_moved(d, cpu);
        for (unsigned number = 0; view_frame(d)->ring == 0 && view_select_frame(d, number); number++)
            ;
    } else if (process.is_in_kernel || process.ptroot == 0) {
        return complain(d, "%s: %s is part of the kernel and has no memory of its own", args->name, process.name);
    } else {
        view_forget(d);
        d->view.has_process = true;
        d->view.process = process;
    }
    stop_show_place(d);
    return true;
}

/* --- Files ----------------------------------------------------------------------------------------------------------------------------- */

bool guest_fds(struct debugger *d, struct args *args)
{
    struct tg_guest_process process;
    bool has_process = !args_is_empty(args);
    if (has_process && (!read_process(d, args, &process) || !args_end(d, args)))
        return false;
    struct tg_guest_file *rows = rows_make(d, args, sizeof *rows);
    if (rows == NULL)
        return false;
    size_t count = tg_guest_files(d->guest, has_process ? &process : NULL, rows, MOST_ROWS);
    for (size_t i = 0; i < count; i++)
        say(d, "  %-12s %3" PRIu32 "  %c%c  %-12s %s\n", rows[i].process.name, rows[i].descriptor,
            rows[i].can_read ? 'r' : '-', rows[i].can_write ? 'w' : '-', rows[i].kind, rows[i].what);
    if (count == 0)
        say(d, "no open files\n");
    free(rows);
    return true;
}

/* --- Messages and queues ----------------------------------------------------------------------------------------------------------------- */

static void say_words(struct debugger *d, const struct tg_guest_process *process)
{
    char words[TG_GUEST_TEXT_BYTES * 2];
    tg_guest_process_words(process, words);
    say(d, "%s", words);
}

static void say_row(struct debugger *d, const struct tg_guest_row *row)
{
    struct tg_guest_process process;
    if (tg_guest_process_at(d->guest, row, &process))
        say_words(d, &process);
    else
        say(d, "?");
}

static void say_wait(struct debugger *d, const struct tg_guest_wait *wait)
{
    static const char *const kinds[] = {[TG_GUEST_WAIT_REQUEST] = "asks",
                                        [TG_GUEST_WAIT_MESSAGE] = "waits for a message of or to",
                                        [TG_GUEST_WAIT_PIPE] = "waits at a pipe for",
                                        [TG_GUEST_WAIT_CHILD] = "waits for the end of",
                                        [TG_GUEST_WAIT_OTHER] = "waits for"};
    const char *call = wait->call >= 0 ? tg_guest_call_name(d->guest, (uint32_t)wait->call) : NULL;
    say(d, "  ");
    say_row(d, &wait->from);
    say(d, " %s ", kinds[wait->kind]);
    say_row(d, &wait->to);
    if (call != NULL)
        say(d, ": %s", call);
    if (wait->state[0] != '\0')
        say(d, " (%s)", wait->state);
    say(d, "%s\n", wait->is_blocked ? "" : ", and goes on meanwhile");
}

static void say_deadlock(struct debugger *d)
{
    struct tg_guest_process cycle[TG_GUEST_MOST_CYCLE];
    size_t count = tg_guest_deadlock(d->guest, cycle);
    if (count == 0)
        return;
    say(d, "deadlock: ");
    for (size_t i = 0; i < count; i++) {
        say_words(d, &cycle[i]);
        say(d, " waits for ");
    }
    say_words(d, &cycle[0]);
    say(d, "\n");
}

bool guest_msgs(struct debugger *d, struct args *args)
{
    struct tg_guest_wait *rows = args_end(d, args) ? rows_make(d, args, sizeof *rows) : NULL;
    if (rows == NULL)
        return false;
    size_t count = tg_guest_waits(d->guest, rows, MOST_ROWS);
    for (size_t i = 0; i < count; i++)
        say_wait(d, &rows[i]);
    if (count == 0)
        say(d, "nobody waits for anybody\n");
    say_deadlock(d);
    free(rows);
    return true;
}

bool guest_requests(struct debugger *d, struct args *args)
{
    struct tg_guest_request *rows = args_end(d, args) ? rows_make(d, args, sizeof *rows) : NULL;
    if (rows == NULL)
        return false;
    size_t count = tg_guest_requests(d->guest, rows, MOST_ROWS);
    for (size_t i = 0; i < count; i++) {
        say(d, "  ");
        if (rows[i].has_process)
            say_words(d, &rows[i].process);
        else
            say(d, "key %" PRIu32, rows[i].caller);
        say(d, ": %s(", rows[i].call_name != NULL ? rows[i].call_name : "?");
        for (uint32_t j = 0; j < rows[i].argument_count; j++)
            say(d, "%s0x%" PRIx32, j > 0 ? ", " : "", rows[i].arguments[j]);
        say(d, ")%s%s, %s", rows[i].service != NULL ? " by " : "", rows[i].service != NULL ? rows[i].service : "",
            rows[i].state);
        say(d, rows[i].answer[0] != '\0' ? ", answered through %s\n" : "%s\n", rows[i].answer);
    }
    if (count == 0)
        say(d, "no call waits for its answer\n");
    free(rows);
    return true;
}

bool guest_queues(struct debugger *d, struct args *args)
{
    struct tg_guest_queue *rows = args_end(d, args) ? rows_make(d, args, sizeof *rows) : NULL;
    if (rows == NULL)
        return false;
    size_t count = tg_guest_queues(d->guest, rows, MOST_ROWS);
    for (size_t i = 0; i < count; i++) {
        say(d, "  ");
        say_words(d, &rows[i].process);
        say(d, ": %" PRIu32 " of %" PRIu32 " submitted, %" PRIu32 " in flight, %" PRIu32 " of %" PRIu32
               " answers not collected; %" PRIu32 " taken, %" PRIu32 " answered so far\n",
            rows[i].submissions, rows[i].submission_capacity, rows[i].in_flight, rows[i].completions,
            rows[i].completion_capacity, rows[i].drained, rows[i].answered);
    }
    if (count == 0)
        say(d, "no process has a queue\n");
    free(rows);
    return true;
}

bool guest_services(struct debugger *d, struct args *args)
{
    struct tg_guest_service *rows = args_end(d, args) ? rows_make(d, args, sizeof *rows) : NULL;
    if (rows == NULL)
        return false;
    size_t count = tg_guest_services(d->guest, rows, MOST_ROWS);
    for (size_t i = 0; i < count; i++) {
        const struct tg_guest_service *row = &rows[i];
        say(d, "  %-10s %-10s", row->name, row->is_server ? "a server" : "in kernel");
        if (row->is_server && row->has_process)
            say(d, "  ring %" PRId32 ", %s", row->process.ring, row->process.state_name);
        for (uint32_t source = 0; source < 32; source++)
            if (row->sources >> source & 1)
                say(d, "  source %" PRIu32, source);
        say(d, "%s%s\n", row->state[0] != '\0' ? "  " : "", row->state);
    }
    free(rows);
    return true;
}

/* --- Any list of the table ----------------------------------------------------------------------------------------------------------------- */

static void say_lists(struct debugger *d)
{
    for (size_t i = 0; i < tg_guest_list_count(d->guest); i++) {
        const struct tg_guest_list *list = tg_guest_list(d->guest, i);
        say(d, "  %-14s %s\n", list->name, list->meaning);
    }
}

static void say_list(struct debugger *d, const struct tg_guest_list *list)
{
    struct tg_guest_row row = {.list = list};
    struct tg_guest_value value;
    while (tg_guest_next_row(d->guest, &row)) {
        say(d, "  %" PRIu32 ":", row.number);
        for (uint32_t i = 0; i < list->field_count; i++)
            if (tg_guest_value(d->guest, &row, (int)i, &value))
                say(d, " %s=%s", list->fields[i].name, value.text);
        say(d, "\n");
    }
}

bool guest_table(struct debugger *d, struct args *args)
{
    char word[ARGS_WORD_BYTES];
    const char *names[64];
    size_t count = 0;
    if (!has_guest(d, args))
        return false;
    if (!args_word(d, args, word)) {
        say(d, "%s\n", tg_guest_name(d->guest));
        say_lists(d);
        return true;
    }
    const struct tg_guest_list *list = tg_guest_find_list(d->guest, word);
    if (list != NULL) {
        say_list(d, list);
        return args_end(d, args);
    }
    while (count < 64 && count < tg_guest_list_count(d->guest)) {
        names[count] = tg_guest_list(d->guest, count)->name;
        count++;
    }
    const char *near = nearest_name(word, names, count);
    return complain(d, "%s: there is no list \"%s\"%s%s%s", args->name, word, near != NULL ? "; did you mean \"" : "",
                    near != NULL ? near : "", near != NULL ? "\"?" : "");
}
