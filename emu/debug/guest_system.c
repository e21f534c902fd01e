/*
 * What the lists and fields that docs/guest-table.md reserves mean: processes, calls, services, requests, queues, files
 * (guest.h). A list or field that a guest does not have leaves its part of the answer empty.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "debug/guest_table.h"

/* The value of a field, or another where there is none. */
static uint32_t number_or(const struct tg_guest *guest, const struct tg_guest_row *row, const char *field,
                          uint32_t other)
{
    uint32_t number;

    return guest_number(guest, row, field, &number) ? number : other;
}

static void text_or_none(const struct tg_guest *guest, const struct tg_guest_row *row, const char *field,
                         char text[TG_GUEST_TEXT_BYTES])
{
    if (!guest_text(guest, row, field, text))
        text[0] = '\0';
}

/* A row of the list of that name, from which tg_guest_next_row goes on; false: there is no such list. */
static bool first_row(const struct tg_guest *guest, const char *list, struct tg_guest_row *ret_row)
{
    *ret_row = (struct tg_guest_row){.list = tg_guest_find_list(guest, list)};
    return ret_row->list != NULL;
}

/* --- Calls ------------------------------------------------------------------------------------ */

bool tg_guest_convention(const struct tg_guest *guest, struct tg_guest_convention *ret_convention)
{
    if (guest->convention.vector == TG_TABLE_NO_CALLS)
        return false;
    *ret_convention = guest->convention;
    return true;
}

uint32_t tg_guest_call_count(const struct tg_guest *guest)
{
    const struct tg_guest_list *calls = tg_guest_find_list(guest, "calls");
    const struct guest_names *names = calls == NULL ? NULL : ((const struct guest_list *)calls)->names;

    return names == NULL ? 0 : names->count;
}

const char *tg_guest_call_name(const struct tg_guest *guest, uint32_t number)
{
    const struct tg_guest_list *calls = tg_guest_find_list(guest, "calls");

    return calls == NULL ? NULL : guest_row_name(calls, number);
}

int32_t tg_guest_call_number(const struct tg_guest *guest, const char *name, size_t length)
{
    for (uint32_t i = 0; i < tg_guest_call_count(guest); i++) {
        const char *text = tg_guest_call_name(guest, i);

        if (text != NULL && strlen(text) == length && memcmp(text, name, length) == 0)
            return (int32_t)i;
    }
    return -1;
}

const char *tg_guest_message_name(const struct tg_guest *guest, uint32_t type)
{
    struct tg_guest_row row;
    uint32_t number;

    if (first_row(guest, "messages", &row)) {
        uint32_t key = ((const struct guest_list *)row.list)->key;

        while (key < row.list->field_count && tg_guest_next_row(guest, &row))
            if (guest_raw(guest, &row, key, &number) && number == type)
                return guest_row_name(row.list, row.number);
    }
    return tg_guest_call_name(guest, type);
}

/* --- Processes -------------------------------------------------------------------------------- */

static enum tg_guest_state state_of(const char *name)
{
    static const char *const names[] = {
        [TG_GUEST_READY] = "ready",     [TG_GUEST_RUNNING] = "running", [TG_GUEST_WAITING] = "waiting",
        [TG_GUEST_STOPPED] = "stopped", [TG_GUEST_DEAD] = "dead",
    };

    for (size_t i = TG_GUEST_READY; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return (enum tg_guest_state)i;
    return TG_GUEST_STATE_OTHER;
}

/* The service whose process that is. */
static bool find_service(const struct tg_guest *guest, const struct tg_guest_row *process,
                         struct tg_guest_row *ret_service)
{
    struct tg_guest_row service, row;

    if (!first_row(guest, "services", &service))
        return false;
    while (tg_guest_next_row(guest, &service))
        if (guest_reference(guest, &service, "process", &row) && guest_is_same(&row, process)) {
            *ret_service = service;
            return true;
        }
    return false;
}

static void read_place(const struct tg_guest *guest, struct tg_guest_process *process)
{
    const struct tg_guest_row *row = &process->row;
    struct tg_guest_row service;
    uint32_t call;

    process->is_service = find_service(guest, row, &service);
    if (process->is_service && guest_flag(guest, &service, "listening") && guest_number(guest, row, "call", &call)) {
        process->waits_in = (int32_t)(call & INT32_MAX); /* for whatever comes: no request of its own */
        process->waits_in_name = tg_guest_call_name(guest, call);
    }
    process->is_in_kernel = process->is_service && guest_flag(guest, &service, "in_kernel");
    process->ring = (int32_t)number_or(guest, row, "ring", UINT32_MAX);
    process->priority = (int32_t)number_or(guest, row, "priority", UINT32_MAX);
    process->cpu = (int32_t)number_or(guest, row, "cpu", UINT32_MAX);
    process->ptroot = process->is_in_kernel ? 0 : number_or(guest, row, "ptroot", 0);
    process->asid = process->ptroot & TG_PTROOT_ASID;
    process->frame = process->is_in_kernel ? 0 : number_or(guest, row, "frame", 0);
}

bool tg_guest_process_at(const struct tg_guest *guest, const struct tg_guest_row *row,
                         struct tg_guest_process *ret_process)
{
    struct tg_guest_process process = {.row = *row, .waits_in = -1, .parent = TG_GUEST_NOBODY};
    uint32_t key = guest_list_of(row)->key, call;
    const char *name = guest_row_name(row->list, row->number);

    if (strcmp(row->list->name, "processes") != 0)
        return false;
    if (key >= row->list->field_count || !guest_raw(guest, row, key, &process.key))
        process.key = row->number;
    process.pid = (int32_t)number_or(guest, row, "pid", UINT32_MAX);
    if (name != NULL)
        snprintf(process.name, sizeof process.name, "%s", name);
    else if (!guest_text(guest, row, "name", process.name) || process.name[0] == '\0')
        strcpy(process.name, "?");
    text_or_none(guest, row, "state", process.state_name);
    process.state = state_of(process.state_name);
    process.calls = number_or(guest, row, "calls", 0);
    process.switches = number_or(guest, row, "switches", 0);
    if (process.state == TG_GUEST_WAITING && guest_number(guest, row, "waits_in", &call) && call <= INT32_MAX) {
        process.waits_in = (int32_t)call;
        process.waits_in_name = tg_guest_call_name(guest, call);
    }
    read_place(guest, &process);
    *ret_process = process;
    return true;
}

/* Parents, which another list may know. */
static void find_parents(const struct tg_guest *guest, struct tg_guest_process *rows, size_t count)
{
    struct tg_guest_row member, child, parent, parent_member;

    for (size_t i = 0; i < count; i++)
        if (guest_reference(guest, &rows[i].row, "parent", &parent))
            rows[i].parent = parent.number;
    if (!first_row(guest, "members", &member))
        return;
    while (tg_guest_next_row(guest, &member)) {
        if (!guest_reference(guest, &member, "process", &child) ||
            !guest_reference(guest, &member, "parent", &parent_member) ||
            !guest_reference(guest, &parent_member, "process", &parent))
            continue;
        for (size_t i = 0; i < count; i++)
            if (guest_is_same(&rows[i].row, &child))
                rows[i].parent = parent.number;
    }
}

static size_t find_processes(const struct tg_guest *guest, struct tg_guest_process *rows, size_t most)
{
    struct tg_guest_row row;
    size_t count = 0;

    if (!first_row(guest, "processes", &row))
        return 0;
    while (tg_guest_next_row(guest, &row)) {
        if (count < most)
            tg_guest_process_at(guest, &row, &rows[count]);
        count++;
    }
    find_parents(guest, rows, count < most ? count : most);
    return count;
}

size_t tg_guest_processes(const struct tg_guest *guest, struct tg_guest_process *rows, size_t most)
{
    size_t result;

    guest_begin_work(guest);
    result = find_processes(guest, rows, most);
    guest_end_work(guest);
    return result;
}

static bool find_process_by_key(const struct tg_guest *guest, uint32_t key, struct tg_guest_process *ret_process)
{
    struct tg_guest_row row;

    if (!first_row(guest, "processes", &row))
        return false;
    while (tg_guest_next_row(guest, &row)) {
        uint32_t number = row.number, index = guest_list_of(&row)->key;

        if (index < row.list->field_count && !guest_raw(guest, &row, index, &number))
            number = row.number;
        if (number == key)
            return tg_guest_process_at(guest, &row, ret_process);
    }
    return false;
}

bool tg_guest_process_by_key(const struct tg_guest *guest, uint32_t key, struct tg_guest_process *ret_process)
{
    bool result;

    guest_begin_work(guest);
    result = find_process_by_key(guest, key, ret_process);
    guest_end_work(guest);
    return result;
}

static bool find_process_by_pid(const struct tg_guest *guest, int32_t pid, struct tg_guest_process *ret_process)
{
    struct tg_guest_row row;
    uint32_t number;

    if (!first_row(guest, "processes", &row))
        return false;
    while (tg_guest_next_row(guest, &row))
        if (guest_number(guest, &row, "pid", &number) && (int32_t)number == pid)
            return tg_guest_process_at(guest, &row, ret_process);
    return false;
}

bool tg_guest_process_by_pid(const struct tg_guest *guest, int32_t pid, struct tg_guest_process *ret_process)
{
    bool result;

    guest_begin_work(guest);
    result = find_process_by_pid(guest, pid, ret_process);
    guest_end_work(guest);
    return result;
}

static bool find_process_by_name(const struct tg_guest *guest, const char *name, struct tg_guest_process *ret_process)
{
    struct tg_guest_process process;
    struct tg_guest_row row;

    if (!first_row(guest, "processes", &row))
        return false;
    while (tg_guest_next_row(guest, &row))
        if (tg_guest_process_at(guest, &row, &process) && strcmp(process.name, name) == 0) {
            *ret_process = process;
            return true;
        }
    return false;
}

bool tg_guest_process_by_name(const struct tg_guest *guest, const char *name, struct tg_guest_process *ret_process)
{
    bool result;

    guest_begin_work(guest);
    result = find_process_by_name(guest, name, ret_process);
    guest_end_work(guest);
    return result;
}

void tg_guest_process_words(const struct tg_guest_process *process, char buf[TG_GUEST_TEXT_BYTES * 2])
{
    if (process->is_in_kernel)
        snprintf(buf, TG_GUEST_TEXT_BYTES * 2, "%s (in the kernel)", process->name);
    else if (process->is_service && process->ring >= 0)
        snprintf(buf, TG_GUEST_TEXT_BYTES * 2, "%s (a server, ring %" PRId32 ")", process->name, process->ring);
    else if (process->pid >= 0)
        snprintf(buf, TG_GUEST_TEXT_BYTES * 2, "%s (pid %" PRId32 ")", process->name, process->pid);
    else
        snprintf(buf, TG_GUEST_TEXT_BYTES * 2, "%s", process->name);
}

/* --- CPUs ------------------------------------------------------------------------------------- */

/* By its page tables: right in rings 1 to 3 of any kernel that gives each process its own. */
static bool find_by_root(const struct tg_guest *guest, uint32_t cpu, struct tg_guest_row *ret_row)
{
    struct tg_cpu_view view;
    struct tg_guest_row row;
    uint32_t root;

    tg_machine_cpu(guest->machine, cpu, &view);
    if ((view.creg[TG_CR_PTROOT] & TG_PTROOT_ENABLE) == 0 || !first_row(guest, "processes", &row))
        return false;
    while (tg_guest_next_row(guest, &row))
        if (guest_number(guest, &row, "ptroot", &root) && root == view.creg[TG_CR_PTROOT]) {
            *ret_row = row;
            return true;
        }
    return false;
}

static bool find_current_row(const struct tg_guest *guest, uint32_t cpu, struct tg_guest_row *ret_row)
{
    const struct tg_guest_list *cpus = tg_guest_find_list(guest, "cpus");
    struct tg_guest_row row;

    if (cpu >= tg_machine_config(guest->machine)->cpus)
        return false;
    if (cpus == NULL || tg_guest_find_field(cpus, "current") < 0)
        return find_by_root(guest, cpu, ret_row);
    return guest_row_at(guest, cpus, cpu, &row) && guest_reference(guest, &row, "current", ret_row) &&
           strcmp(ret_row->list->name, "processes") == 0;
}

uint32_t tg_guest_current_number(const struct tg_guest *guest, uint32_t cpu)
{
    struct tg_guest_row row;

    return find_current_row(guest, cpu, &row) ? row.number : TG_GUEST_NOBODY;
}

static bool find_current(const struct tg_guest *guest, uint32_t cpu, struct tg_guest_process *ret_process)
{
    struct tg_guest_row row;

    return find_current_row(guest, cpu, &row) && tg_guest_process_at(guest, &row, ret_process);
}

bool tg_guest_current(const struct tg_guest *guest, uint32_t cpu, struct tg_guest_process *ret_process)
{
    bool result;

    guest_begin_work(guest);
    result = find_current(guest, cpu, ret_process);
    guest_end_work(guest);
    return result;
}

/* The server that a call goes to, if its service is a process. */
static void find_server(const struct tg_guest *guest, struct tg_guest_call *call)
{
    const struct tg_guest_list *calls = tg_guest_find_list(guest, "calls");
    struct tg_guest_row row, service, process;

    if (calls == NULL || !guest_row_at(guest, calls, call->number, &row) ||
        !guest_reference(guest, &row, "service", &service) || guest_flag(guest, &service, "in_kernel") ||
        !guest_reference(guest, &service, "process", &process))
        return;
    call->is_message = true;
    call->to = process.number;
}

static void find_message(const struct tg_guest *guest, struct tg_guest_call *call)
{
    struct tg_guest_process peer;
    struct tg_guest_row row;
    uint32_t number, argument;

    if (!first_row(guest, "messaging", &row))
        return;
    while (tg_guest_next_row(guest, &row)) {
        if (!guest_number(guest, &row, "call", &number) || number != call->number)
            continue;
        call->is_message = true;
        call->receives = guest_flag(guest, &row, "receives");
        if (guest_number(guest, &row, "argument", &argument) && argument < 6 &&
            tg_guest_process_by_key(guest, call->arguments[argument], &peer))
            call->to = peer.row.number;
        return;
    }
}

static bool find_call_at(const struct tg_guest *guest, const struct tg_entry_event *event,
                         struct tg_guest_call *ret_call)
{
    struct tg_guest_call call = {.to = TG_GUEST_NOBODY};
    struct tg_cpu_view cpu;

    if (event->kind != TG_ENTRY_TRAP || event->vector != guest->convention.vector)
        return false;
    tg_machine_cpu(guest->machine, event->cpu, &cpu);
    call.number = cpu.x[guest->convention.number_register];
    call.name = tg_guest_call_name(guest, call.number);
    for (uint32_t i = 0; i < 6; i++)
        call.arguments[i] = cpu.x[10 + i];
    call.process = tg_guest_current_number(guest, event->cpu);
    find_server(guest, &call);
    find_message(guest, &call);
    *ret_call = call;
    return true;
}

bool tg_guest_call_at(const struct tg_guest *guest, const struct tg_entry_event *event, struct tg_guest_call *ret_call)
{
    bool result;

    guest_begin_work(guest);
    result = find_call_at(guest, event, ret_call);
    guest_end_work(guest);
    return result;
}

/* --- Services and requests -------------------------------------------------------------------- */

static void read_service(const struct tg_guest *guest, const struct tg_guest_row *row, struct tg_guest_service *service)
{
    static const char *const states[] = {"gone", "down", "reloading", "suspected", "mute"};
    struct tg_guest_row process;

    *service = (struct tg_guest_service){.row = *row, .name = guest_row_name(row->list, row->number)};
    if (service->name == NULL)
        service->name = "?";
    service->is_server = !guest_flag(guest, row, "in_kernel");
    service->sources = number_or(guest, row, "sources", 0);
    service->is_listening = guest_flag(guest, row, "listening");
    service->has_process =
        guest_reference(guest, row, "process", &process) && tg_guest_process_at(guest, &process, &service->process);
    for (size_t i = 0; i < sizeof states / sizeof states[0] && service->state[0] == '\0'; i++)
        if (guest_flag(guest, row, states[i]))
            strcpy(service->state, states[i]);
}

static size_t find_services(const struct tg_guest *guest, struct tg_guest_service *rows, size_t most)
{
    struct tg_guest_row row;
    size_t count = 0;

    if (!first_row(guest, "services", &row))
        return 0;
    while (tg_guest_next_row(guest, &row)) {
        if (count < most)
            read_service(guest, &row, &rows[count]);
        count++;
    }
    return count;
}

size_t tg_guest_services(const struct tg_guest *guest, struct tg_guest_service *rows, size_t most)
{
    size_t result;

    guest_begin_work(guest);
    result = find_services(guest, rows, most);
    guest_end_work(guest);
    return result;
}

/* The service of a call: its number in the list, or -1. */
static int64_t service_of_call(const struct tg_guest *guest, uint32_t call)
{
    const struct tg_guest_list *calls = tg_guest_find_list(guest, "calls");
    struct tg_guest_row row;
    uint32_t service;

    return calls != NULL && guest_row_at(guest, calls, call, &row) && guest_number(guest, &row, "service", &service)
               ? (int64_t)service
               : -1;
}

static void read_request(const struct tg_guest *guest, const struct tg_guest_row *row, struct tg_guest_request *request)
{
    const struct tg_guest_list *services = tg_guest_find_list(guest, "services");
    struct tg_guest_row process;
    uint32_t call;

    *request = (struct tg_guest_request){.row = *row, .call = -1};
    request->caller = number_or(guest, row, "caller", 0);
    request->has_process =
        guest_reference(guest, row, "process", &process) && tg_guest_process_at(guest, &process, &request->process);
    if (guest_number(guest, row, "call", &call) && call <= INT32_MAX) {
        int64_t service = service_of_call(guest, call);

        request->call = (int32_t)call;
        request->call_name = tg_guest_call_name(guest, call);
        if (services != NULL && service >= 0)
            request->service = guest_row_name(services, (uint32_t)service);
    }
    while (request->argument_count < 6) {
        const char name[] = {'a', (char)('0' + request->argument_count), '\0'};

        if (!guest_number(guest, row, name, &request->arguments[request->argument_count]))
            break;
        request->argument_count++;
    }
    text_or_none(guest, row, "state", request->state);
    text_or_none(guest, row, "answer", request->answer);
    request->order = number_or(guest, row, "order", 0);
}

static size_t find_requests(const struct tg_guest *guest, struct tg_guest_request *rows, size_t most)
{
    struct tg_guest_row row;
    size_t count = 0;

    if (!first_row(guest, "requests", &row))
        return 0;
    while (tg_guest_next_row(guest, &row)) {
        if (count < most)
            read_request(guest, &row, &rows[count]);
        count++;
    }
    return count;
}

size_t tg_guest_requests(const struct tg_guest *guest, struct tg_guest_request *rows, size_t most)
{
    size_t result;

    guest_begin_work(guest);
    result = find_requests(guest, rows, most);
    guest_end_work(guest);
    return result;
}

/* --- Queues and files ------------------------------------------------------------------------- */

static void read_queue(const struct tg_guest *guest, const struct tg_guest_row *row, struct tg_guest_queue *queue)
{
    struct tg_guest_row process;

    *queue = (struct tg_guest_queue){.row = *row};
    if (guest_reference(guest, row, "process", &process))
        tg_guest_process_at(guest, &process, &queue->process);
    queue->drained = number_or(guest, row, "taken", 0);
    queue->answered = number_or(guest, row, "completed", 0);
    queue->submissions = number_or(guest, row, "submitted", 0) - queue->drained;
    queue->completions = queue->answered - number_or(guest, row, "collected", 0);
    queue->in_flight = number_or(guest, row, "in_flight", 0);
    queue->submission_capacity = number_or(guest, row, "entries", 0);
    queue->completion_capacity = number_or(guest, row, "completions", 0);
}

static size_t find_queues(const struct tg_guest *guest, struct tg_guest_queue *rows, size_t most)
{
    struct tg_guest_row row;
    size_t count = 0;

    if (!first_row(guest, "queues", &row))
        return 0;
    while (tg_guest_next_row(guest, &row)) {
        if (count < most)
            read_queue(guest, &row, &rows[count]);
        count++;
    }
    return count;
}

size_t tg_guest_queues(const struct tg_guest *guest, struct tg_guest_queue *rows, size_t most)
{
    size_t result;

    guest_begin_work(guest);
    result = find_queues(guest, rows, most);
    guest_end_work(guest);
    return result;
}

/* What a descriptor is open on, in words. file: where its parts are, a row of its own or the descriptor's. */
static void read_what(const struct tg_guest *guest, const struct tg_guest_row *row, struct tg_guest_file *file)
{
    uint32_t inode, offset = number_or(guest, row, "offset", 0), device = number_or(guest, row, "device", 0);
    struct tg_guest_row pipe;

    text_or_none(guest, row, "kind", file->kind);
    file->can_read = guest_flag(guest, row, "can_read");
    file->can_write = guest_flag(guest, row, "can_write");
    file->is_pipe = guest_reference(guest, row, "pipe", &pipe);
    if (file->is_pipe) {
        file->pipe = pipe.number;
        snprintf(file->what, sizeof file->what, "pipe %" PRIu32, pipe.number);
    } else if (device != 0) {
        snprintf(file->what, sizeof file->what, "device 0x%" PRIx32, device);
    } else if (guest_number(guest, row, "inode", &inode)) {
        snprintf(file->what, sizeof file->what, "inode %" PRIu32 ", offset %" PRIu32, inode, offset);
    }
}

static size_t find_files(const struct tg_guest *guest, const struct tg_guest_process *of, struct tg_guest_file *rows,
                         size_t most)
{
    struct tg_guest_row row, process, open_file;
    size_t count = 0;

    if (!first_row(guest, "descriptors", &row))
        return 0;
    while (tg_guest_next_row(guest, &row)) {
        if (!guest_reference(guest, &row, "process", &process) || (of != NULL && !guest_is_same(&process, &of->row)))
            continue;
        if (count < most) {
            struct tg_guest_file *file = &rows[count];

            *file = (struct tg_guest_file){.row = row, .descriptor = number_or(guest, &row, "descriptor", row.number)};
            tg_guest_process_at(guest, &process, &file->process);
            read_what(guest, guest_reference(guest, &row, "file", &open_file) ? &open_file : &row, file);
        }
        count++;
    }
    return count;
}

size_t tg_guest_files(const struct tg_guest *guest, const struct tg_guest_process *of, struct tg_guest_file *rows,
                      size_t most)
{
    size_t result;

    guest_begin_work(guest);
    result = find_files(guest, of, rows, most);
    guest_end_work(guest);
    return result;
}
