/*
 * Services as processes: their start from the programs inside the kernel's image, their rights, their
 * end and their successors. Who decides when a server is started anew is the restart service.
 */
#include "kernel/boot.h"
#include "kernel/cost.h"
#include "kernel/frames.h"
#include "kernel/guest.h"
#include "kernel/interrupt.h"
#include "kernel/panic.h"
#include "kernel/placement.h"
#include "kernel/queue.h"
#include "kernel/schedule.h"

#include <string.h>

#define STACK_PAGES 8

/* Ports that a driver may use when it is a server. */
static const struct {
    uint8_t service;
    uint16_t first, last;
} ports[] = {
    {TP_SERVICE_DISK, 0x1f0, 0x207},     /* disk */
    {TP_SERVICE_TERMINAL, 0x060, 0x067}, /* keyboard */
    {TP_SERVICE_TERMINAL, 0x3d0, 0x3db}, /* text display */
    {TP_SERVICE_TERMINAL, 0x3f8, 0x3ff}, /* serial console */
    {TP_SERVICE_SOUND, 0x220, 0x23f},    /* sound */
};

/* The bitmap is 8 KiB for the processor, but there are no devices above port 0x3ff. */
#define PORT_MAPS 3
static _Alignas(TP_PAGE) uint8_t port_maps[PORT_MAPS][8192];
static const uint8_t port_map_owners[PORT_MAPS] = {TP_SERVICE_DISK, TP_SERVICE_TERMINAL,
                                                   TP_SERVICE_SOUND};

static const struct {
    const char *name;
    uint32_t sources;
} rows[TP_SERVICE_COUNT] = {
#define TP_SERVICE(ID, text, ring, mask, ...) [TP_SERVICE_##ID] = {(text), (mask)},
#include "turnpike/services.def"
};

static const struct service *const codes[TP_SERVICE_COUNT] = {
#define TP_SERVICE(ID, text, ring, mask, code, meaning) &code,
#include "turnpike/services.def"
};

/* --- Start ---------------------------------------------------------------------------------------- */

static bool is_server[TP_SERVICE_COUNT];
uint8_t k_default_calls;

/* Whether a boot word has the second of the two values that it can have. */
static bool is_second(const char *name, const char *value, const char *first, const char *second)
{
    if (strcmp(value, first) != 0 && strcmp(value, second) != 0)
        k_panic("boot word %s=%s: it is %s=%s or %s=%s", name, value, name, first, name, second);
    return strcmp(value, second) == 0;
}

/* The words that are for all: `services`, `calls`, `poll`; init knows the others. */
static void take_word(const char *name, const char *value)
{
    if (strcmp(name, "services") == 0)
        memset(is_server, is_second(name, value, "kernel", "server"), sizeof is_server);
    else if (strcmp(name, "calls") == 0)
        k_default_calls = is_second(name, value, "trap", "queue") ? TP_CALLS_QUEUE : TP_CALLS_TRAP;
    else if (strcmp(name, "poll") == 0)
        k_queue_start(is_second(name, value, "0", "1"));
}

/* The services' own words, which are stronger wherever they stand. What is no word at all is a mistake, and
 * would else be found out late. */
static void take_name(const char *name, const char *value)
{
    static const char *const others[] = {"services", "calls", "poll", "run", "account"};
    static const char names[] =
#define TP_SERVICE(ID, text, ...) " " text "="
#include "turnpike/services.def"
        ;

    for (uint32_t id = TP_SERVICE_SYSTEM + 1; id < TP_SERVICE_COUNT; id++)
        if (strcmp(name, rows[id].name) == 0) {
            is_server[id] = is_second(name, value, "kernel", "server");
            return;
        }
    for (uint32_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(name, others[i]) == 0)
            return;
    k_panic("boot word %s is unknown: there are services= calls= poll= run= account=, and for one service%s",
            name, names + sizeof " system=" - 1); /* which is the first, and never anywhere else */
}

static uint32_t make_port_map(uint32_t id)
{
    for (uint32_t map = 0; map < PORT_MAPS; map++) {
        if (port_map_owners[map] != id)
            continue;
        for (uint32_t i = 0; i < sizeof ports / sizeof *ports; i++)
            for (uint32_t port = ports[i].first; ports[i].service == id && port <= ports[i].last;
                 port++)
                port_maps[map][port / 8] |= (uint8_t)(1u << port % 8);
        return k_physical(port_maps[map]) | 1;
    }
    return 0;
}

static int load(struct k_service *service)
{
    uint32_t id = (uint32_t)(service - k_services), heap;
    struct process *process = service->process;
    int status = k_modules[id] ? k_space_begin(process) : -TP_ENOEXEC;

    if (status == 0)
        status = k_load_program(process, k_modules[id]->image, k_modules[id]->bytes, STACK_PAGES,
                                &heap);
    if (status != 0)
        return status;
    process->iomap = make_port_map(id);
    process->ipc.who = K_WHO_SERVICE(id);
    process->ipc.limit = ~0u;
    process->ipc.attention = K_ATTENTION_RIGHTS;
    k_entries_choose(process);
    return 0;
}

static void open_interrupts(struct k_service *service)
{
    for (uint32_t source = 0; source < 32; source++)
        if (service->sources & 1u << source) {
            k_service_of_source[source] = service;
            k_interrupt_open(source);
        }
}

static void start_service(uint32_t id)
{
    struct k_service *service = &k_services[id];

    service->name = rows[id].name;
    service->sources = rows[id].sources;
    service->process = k_process_create_server((enum tp_service)id);
    memcpy(service->process->name, service->name, strlen(service->name) + 1);
    if (is_server[id]) {
        int status = load(service);

        if (status == -TP_ENOMEM)
            k_panic("the machine has too little RAM for the server %s: %u KiB are left of %u; start it with more (--ram)",
                    service->name, k_frames_free * (TP_PAGE / 1024), k_frames_total * (TP_PAGE / 1024));
        if (status != 0)
            k_panic("the server %s cannot be started: the kernel's image has no program of it, or none that is whole",
                    service->name);
        k_ready(service->process);
    } else {
        service->code = codes[id];
        service->process->ring = 0;
        service->process->ipc.who = K_WHO_SERVICE(id);
        service->process->ipc.limit = ~0u;
        if (service->code->start)
            service->code->start();
    }
    open_interrupts(service);
}

void k_services_start(void)
{
    k_boot_each(take_word);
    k_boot_each(take_name);
    for (uint32_t id = TP_SERVICE_SYSTEM + 1; id < TP_SERVICE_COUNT; id++)
        start_service(id);
    k_services_run();
}

/* --- End and successor ------------------------------------------------------------------------------ */

/* Why each server has ended, for the report if it cannot be replaced. */
static char last_words[TP_SERVICE_COUNT][192];

void k_server_dead(struct k_service *service, const char *why)
{
    uint32_t id = (uint32_t)(service - k_services);

    k_print("server %s: %s\n", service->name, why);
    strncpy(last_words[id], why, sizeof last_words[id] - 1);
    k_stop(service->process);
    service->is_down = true;
    service->is_listening = false;
    if (id == TP_SERVICE_RESTART) {
        if (k_server_reload(service) != 0)
            k_panic("the restart server has ended and cannot be started again");
    } else {
        k_ask(id, TP_CALL_SERVER_DEAD, (const uint32_t[TP_ARGUMENTS]){id});
    }
}

/* What the server has heard of and not answered goes to its successor, in the old order, or fails. */
static void give_back(struct k_service *service)
{
    struct k_request_list again = {NULL, NULL}, later = service->requests;
    struct k_request *request;

    for (;;) { /* the oldest of those that were heard */
        request = NULL;
        for (uint32_t i = 0; i < TP_REQUESTS; i++)
            if (k_requests[i].state == K_REQUEST_HEARD &&
                &k_services[k_calls[k_requests[i].request.call].service] == service &&
                (!request || (int32_t)(k_requests[i].order - request->order) < 0))
                request = &k_requests[i];
        if (!request)
            break;
        if (!(k_calls[request->request.call].flags & REPEAT) || request->is_cancelled) {
            k_request_answer(request, -TP_EIO);
            continue;
        }
        request->state = K_REQUEST_WAITING;
        k_list_put(&again, request);
    }
    while ((request = k_list_take(&later)))
        k_list_put(&again, request);
    for (request = again.first; request; request = request->next)
        request->time = (uint32_t)k_time();
    service->requests = again;
}

void k_server_faulted(struct k_service *service)
{
    const struct frame *frame = &service->process->frame;

    k_print("server %s: %s exception at pc %8x, address %8x, error word %x\n", service->name,
            k_cause_name(K_VECTOR(*frame)), frame->pc, frame->address, frame->error);
    k_server_dead(service, "cannot go on after this fault");
}

/* Without them no process can do anything any more. */
static const uint32_t indispensable =
    1u << TP_SERVICE_MEMORY | 1u << TP_SERVICE_FILE | 1u << TP_SERVICE_PROCESS;

int k_server_give_up(struct k_service *service)
{
    struct k_request *request;

    if (service->code)
        return -TP_EINVAL;
    if (indispensable & 1u << (service - k_services))
        k_panic("the server %s has ended, and what only it knew is lost: %s", service->name,
                last_words[service - k_services]);
    k_stop(service->process);
    k_requests_orphan(service->process, K_TO_SERVICE);
    k_alarm_cancel(&service->alarm);
    service->is_down = service->is_gone = true;
    service->is_listening = false;
    give_back(service);
    while ((request = k_list_take(&service->requests)))
        k_request_answer(request, -TP_EIO);
    return 0;
}

void k_server_left(struct k_service *service)
{
    if (!service->is_reloading)
        return;
    service->is_reloading = false;
    if (k_server_reload(service) != 0)
        k_server_dead(service, "cannot be started again: no memory");
}

int k_server_reload(struct k_service *service)
{
    struct process *process = service->process;
    int status;

    if (service->code || service->is_gone)
        return -TP_EINVAL;
    if (!k_stop(process) || process->is_leaving) { /* goes on in k_server_left */
        service->is_reloading = true;
        return 0;
    }
    k_requests_orphan(process, K_TO_SERVICE);
    service->is_down = true;
    service->is_listening = false;
    service->is_suspected = false;
    service->is_rung = false;
    service->crash = 0;
    service->interrupts = 0;
    service->cancels = 0;
    k_alarm_cancel(&service->alarm);
    k_space_clear(process);
    give_back(service);
    status = load(service);
    if (status != 0)
        return status;
    service->is_down = false;
    k_ready(process);
    open_interrupts(service);
    return 0;
}

/* --- For the debugger -------------------------------------------------------------------------------- */

static const struct tg_guest_field fields[] = {
    {.name = "service", .kind = TG_TABLE_KIND_INDEX, .size = 1, .extra = "services"},
    {.name = "first", .kind = TG_TABLE_KIND_HEX, .size = 2, .offsets = {2}},
    {.name = "last", .kind = TG_TABLE_KIND_HEX, .size = 2, .offsets = {4}},
};

const struct tg_guest_list k_ports_list = {
    .name = "ports",
    .meaning = "which driver's device is at which ports",
    .rows = ports,
    .count = sizeof ports / sizeof *ports,
    .step = sizeof ports[0],
    .fields = fields,
    .field_count = sizeof fields / sizeof *fields,
};

_Static_assert(sizeof ports[0] == 6, "fields");
