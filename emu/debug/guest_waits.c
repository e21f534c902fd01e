/*
 * Who waits for whom in a guest, and whether anybody can ever go on (guest.h).
 *
 * Waits come from these places: requests (a call that a service has not answered); the other ends of a pipe and the
 * children that such a request waits for in turn; messages between processes; and a plain field waits_for. A process
 * goes on when one of those it waits for can act: so a deadlock is a set of processes of which none waits for anybody
 * outside it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debug/guest_table.h"

#define MOST_WAITS 4096

/* Waits as they are found; those that do not fit are only counted. */
struct found {
    const struct tg_guest *guest;
    struct tg_guest_wait *rows;
    size_t most, count;
};

static void add(struct found *found, const struct tg_guest_wait *wait)
{
    if (found->count < found->most)
        found->rows[found->count] = *wait;
    found->count++;
}

/* --- Requests and pipes ----------------------------------------------------------------------- */

/* The file behind a descriptor of a process: what can be asked of it. */
static bool find_file(const struct tg_guest *guest, const struct tg_guest_process *process, uint32_t descriptor,
                      struct tg_guest_file *ret_file)
{
    struct tg_guest_file files[64];
    size_t count = tg_guest_files(guest, process, files, 64);

    for (size_t i = 0; i < count && i < 64; i++)
        if (files[i].descriptor == descriptor) {
            *ret_file = files[i];
            return true;
        }
    return false;
}

/* Has a service nothing under way, so that its lists are whole? A server then listens; one in the kernel does nothing
 * while no CPU is in the kernel but to wait. */
static bool is_at_rest(const struct tg_guest *guest, const char *service)
{
    const struct tg_guest_list *list = tg_guest_find_list(guest, "services");
    struct tg_guest_row row = {.list = list};
    struct tg_cpu_view cpu;

    while (list != NULL && service != NULL && tg_guest_next_row(guest, &row)) {
        const char *name = guest_row_name(list, row.number);

        if (name != NULL && strcmp(name, service) == 0 && !guest_flag(guest, &row, "in_kernel"))
            return guest_flag(guest, &row, "listening");
    }
    for (uint32_t i = 0; i < tg_machine_config(guest->machine)->cpus; i++) {
        tg_machine_cpu(guest->machine, i, &cpu);
        if ((cpu.creg[TG_CR_STATUS] & TG_STATUS_RING) == 0 && !cpu.is_waiting && !cpu.is_parked)
            return false;
    }
    return true;
}

static bool is_pipe_service(const struct tg_guest *guest, const char *service)
{
    const struct tg_guest_list *pipes = tg_guest_find_list(guest, "pipes");
    const struct tg_guest_list *services = tg_guest_find_list(guest, "services");
    const char *name;

    if (pipes == NULL || services == NULL || service == NULL || ((const struct guest_list *)pipes)->service == 0)
        return false;
    name = guest_row_name(services, ((const struct guest_list *)pipes)->service - 1);
    return name != NULL && strcmp(name, service) == 0;
}

/* Whether requests wait at that end of a pipe, and not only for the service to get to them; as far as the table says.
 */
static bool is_parked(const struct tg_guest *guest, const struct tg_guest_file *end)
{
    const struct tg_guest_list *pipes = tg_guest_find_list(guest, "pipes");
    const char *first = end->can_read ? "first_reader" : "first_writer";
    struct tg_guest_row row;
    uint32_t number;

    return tg_guest_find_field(pipes, first) < 0 ||
           (guest_row_at(guest, pipes, end->pipe, &row) && guest_number(guest, &row, first, &number) && number != 0);
}

/* The other ends of the pipe that a request waits at: whoever has one can end the wait. */
static void add_pipe(struct found *found, const struct tg_guest_request *request, const struct tg_guest_wait *wait)
{
    struct tg_guest_file end, *files;
    struct tg_guest_wait other = *wait;
    size_t count;

    if (!wait->is_blocked || strcmp(request->state, "heard") != 0 || request->argument_count == 0 ||
        !is_at_rest(found->guest, request->service) || !is_pipe_service(found->guest, request->service) ||
        !find_file(found->guest, &request->process, request->arguments[0], &end) || !end.is_pipe ||
        !is_parked(found->guest, &end))
        return;
    other.kind = TG_GUEST_WAIT_PIPE;
    files = malloc(MOST_WAITS * sizeof *files);
    count = files == NULL ? 0 : tg_guest_files(found->guest, NULL, files, MOST_WAITS);
    for (size_t i = 0; i < count && i < MOST_WAITS; i++) {
        if (!files[i].is_pipe || files[i].pipe != end.pipe || (end.can_read ? !files[i].can_write : !files[i].can_read))
            continue;
        other.to = files[i].process.row;
        add(found, &other);
    }
    free(files);
}

/* The children of a process that waits for one of them to end. */
static void add_children(struct found *found, const struct tg_guest_request *request, const struct tg_guest_wait *wait)
{
    const struct tg_guest_list *list = tg_guest_find_list(found->guest, "members");
    struct tg_guest_row parent = {.list = list}, child = {.list = list}, row;
    struct tg_guest_wait other = *wait;

    if (list == NULL || !wait->is_blocked || strcmp(request->state, "heard") != 0 ||
        !is_at_rest(found->guest, request->service))
        return;
    do {
        if (!tg_guest_next_row(found->guest, &parent))
            return;
    } while (!guest_reference(found->guest, &parent, "process", &row) || !guest_is_same(&row, &wait->from));
    if (!guest_flag(found->guest, &parent, "waits"))
        return;
    other.kind = TG_GUEST_WAIT_CHILD;
    while (tg_guest_next_row(found->guest, &child))
        if (guest_reference(found->guest, &child, "parent", &row) && guest_is_same(&row, &parent) &&
            guest_reference(found->guest, &child, "process", &other.to))
            add(found, &other);
}

/* The process that stands for the service of a request. */
static bool find_server(const struct tg_guest *guest, const struct tg_guest_row *request, struct tg_guest_row *ret_row)
{
    struct tg_guest_row call, service;

    return guest_reference(guest, request, "call", &call) && guest_reference(guest, &call, "service", &service) &&
           guest_reference(guest, &service, "process", ret_row);
}

/* Does a process wait for entries of its queue to be answered? */
static bool waits_for_queue(const struct tg_guest *guest, const struct tg_guest_process *process)
{
    struct tg_guest_row queue = {.list = tg_guest_find_list(guest, "queues")}, row;
    uint32_t doorbell;

    while (queue.list != NULL && tg_guest_next_row(guest, &queue))
        if (guest_reference(guest, &queue, "process", &row) && guest_is_same(&row, &process->row))
            return guest_number(guest, &queue, "doorbell", &doorbell) && process->waits_in == (int32_t)doorbell;
    return false;
}

static bool is_blocked(const struct tg_guest *guest, const struct tg_guest_request *request)
{
    if (request->process.is_service || request->process.state != TG_GUEST_WAITING ||
        strcmp(request->answer, "nobody") == 0)
        return false;
    return strcmp(request->answer, "queue") != 0 || waits_for_queue(guest, &request->process);
}

static void add_requests(struct found *found)
{
    struct tg_guest_request *requests = malloc(MOST_WAITS * sizeof *requests);
    size_t count = requests == NULL ? 0 : tg_guest_requests(found->guest, requests, MOST_WAITS);

    for (size_t i = 0; i < count && i < MOST_WAITS; i++) {
        const struct tg_guest_request *request = &requests[i];
        struct tg_guest_wait wait = {.kind = TG_GUEST_WAIT_REQUEST, .call = request->call, .order = request->order};

        if (!request->has_process || !find_server(found->guest, &request->row, &wait.to))
            continue;
        wait.from = request->process.row;
        memcpy(wait.state, request->state, sizeof wait.state);
        wait.is_blocked = is_blocked(found->guest, request);
        add(found, &wait);
        add_pipe(found, request, &wait);
        add_children(found, request, &wait);
    }
    free(requests);
}

/* --- Messages --------------------------------------------------------------------------------- */

static bool has_request(const struct found *found, const struct tg_guest_row *from)
{
    for (size_t i = 0; i < found->count && i < found->most; i++)
        if (found->rows[i].kind == TG_GUEST_WAIT_REQUEST && guest_is_same(&found->rows[i].from, from))
            return true;
    return false;
}

static void add_messages(struct found *found)
{
    const struct tg_guest_list *list = tg_guest_find_list(found->guest, "processes");
    struct tg_guest_row row = {.list = list};
    struct tg_guest_process process, peer;

    if (list == NULL || tg_guest_find_field(list, "waits_for") < 0)
        return;
    while (tg_guest_next_row(found->guest, &row)) {
        struct tg_guest_wait wait = {.kind = TG_GUEST_WAIT_OTHER, .from = row};

        if (!guest_reference(found->guest, &row, "waits_for", &wait.to) ||
            !tg_guest_process_at(found->guest, &row, &process) || process.state != TG_GUEST_WAITING ||
            !tg_guest_process_at(found->guest, &wait.to, &peer) || (peer.is_service && has_request(found, &row)))
            continue; /* a message to a service is a request */
        if (guest_text(found->guest, &row, "rendezvous", wait.state))
            wait.kind = TG_GUEST_WAIT_MESSAGE;
        wait.call = process.waits_in;
        wait.is_blocked = !guest_flag(found->guest, &row, "has_timeout");
        add(found, &wait);
    }
}

size_t tg_guest_waits(const struct tg_guest *guest, struct tg_guest_wait *rows, size_t most)
{
    struct found found = {guest, rows, most, 0};

    guest_begin_work(guest);
    add_requests(&found);
    add_messages(&found);
    guest_end_work(guest);
    return found.count;
}

/* --- Deadlocks -------------------------------------------------------------------------------- */

/* Whether this wait is one of those that decide about its process: where its request waits for somebody else in turn
 * that does, not the service. */
static bool counts(const struct tg_guest_wait *waits, size_t count, const struct tg_guest_wait *wait)
{
    if (!wait->is_blocked)
        return false;
    if (wait->kind != TG_GUEST_WAIT_REQUEST)
        return true;
    for (size_t i = 0; i < count; i++)
        if ((waits[i].kind == TG_GUEST_WAIT_PIPE || waits[i].kind == TG_GUEST_WAIT_CHILD) &&
            guest_is_same(&waits[i].from, &wait->from) && waits[i].order == wait->order)
            return false;
    return true;
}

/* Takes away all waits of a process; how many are left. */
static size_t remove_waits(struct tg_guest_wait *waits, size_t count, struct tg_guest_row from)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++)
        if (!guest_is_same(&waits[i].from, &from))
            waits[kept++] = waits[i];
    return kept;
}

static const struct tg_guest_wait *find_wait(const struct tg_guest_wait *waits, size_t count,
                                             const struct tg_guest_row *from)
{
    for (size_t i = 0; i < count; i++)
        if (guest_is_same(&waits[i].from, from))
            return &waits[i];
    return NULL;
}

/* Takes away the waits of all that wait for somebody who waits for nobody, again and again; what is left goes on never.
 */
static size_t keep_stuck(struct tg_guest_wait *waits, size_t count)
{
    size_t i = 0;

    while (i < count) {
        if (find_wait(waits, count, &waits[i].to) != NULL) {
            i++;
        } else {
            count = remove_waits(waits, count, waits[i].from);
            i = 0;
        }
    }
    return count;
}

/* Follows waits, each to one that waits too, until one comes again. */
static size_t follow(const struct tg_guest *guest, const struct tg_guest_wait *waits, size_t count,
                     struct tg_guest_process cycle[TG_GUEST_MOST_CYCLE])
{
    const struct tg_guest_wait *way[TG_GUEST_MOST_CYCLE], *wait = count == 0 ? NULL : &waits[0];
    size_t length = 0, first = 0;

    while (wait != NULL && length < TG_GUEST_MOST_CYCLE) {
        way[length] = wait;
        for (first = 0; way[first] != wait; first++)
            continue;
        if (first < length)
            break;
        length++;
        wait = find_wait(waits, count, &wait->to);
    }
    first = first < length ? first : 0; /* too long a cycle: its beginning */
    for (size_t i = first; i < length; i++)
        tg_guest_process_at(guest, &way[i]->from, &cycle[i - first]);
    return length - first;
}

static size_t find_deadlock(const struct tg_guest *guest, struct tg_guest_process cycle[TG_GUEST_MOST_CYCLE])
{
    struct tg_guest_wait *waits = malloc(2 * MOST_WAITS * sizeof *waits), *deciding;
    size_t count, kept = 0;

    if (waits == NULL)
        return 0;
    deciding = waits + MOST_WAITS;
    count = tg_guest_waits(guest, waits, MOST_WAITS);
    count = count < MOST_WAITS ? count : MOST_WAITS;
    for (size_t i = 0; i < count; i++)
        if (counts(waits, count, &waits[i]))
            deciding[kept++] = waits[i];
    kept = follow(guest, deciding, keep_stuck(deciding, kept), cycle);
    free(waits);
    return kept;
}

size_t tg_guest_deadlock(const struct tg_guest *guest, struct tg_guest_process cycle[TG_GUEST_MOST_CYCLE])
{
    size_t result;

    guest_begin_work(guest);
    result = find_deadlock(guest, cycle);
    guest_end_work(guest);
    return result;
}

static size_t find_refused(const struct tg_guest *guest, const struct tg_guest_process *process,
                           struct tg_guest_process cycle[TG_GUEST_MOST_CYCLE])
{
    const struct tg_guest_list *list = tg_guest_find_list(guest, "refused");
    struct tg_guest_row row = {.list = list}, owner, member;
    uint32_t length, place;
    size_t count = 0;

    if (list == NULL)
        return 0;
    while (count < TG_GUEST_MOST_CYCLE && tg_guest_next_row(guest, &row))
        if (guest_reference(guest, &row, "process", &owner) && guest_is_same(&owner, &process->row) &&
            guest_number(guest, &row, "place", &place) && guest_number(guest, &row, "length", &length) &&
            place < length && guest_reference(guest, &row, "member", &member))
            count += tg_guest_process_at(guest, &member, &cycle[count]);
    return count;
}

size_t tg_guest_refused(const struct tg_guest *guest, const struct tg_guest_process *process,
                        struct tg_guest_process cycle[TG_GUEST_MOST_CYCLE])
{
    size_t result;

    guest_begin_work(guest);
    result = find_refused(guest, process, cycle);
    guest_end_work(guest);
    return result;
}
