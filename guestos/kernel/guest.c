/*
 * What the kernel tells the debugger of itself: where its tables are and what is in them. Constants and no code, so it
 * costs no instruction; nothing in the guest reads it. The format: docs/guest-table.md. A new member of a struct that
 * a person may want to see is one line here.
 */
#include "guest_table.h"

#include "kernel/cpu.h"
#include "kernel/guest.h"
#include "kernel/placement.h"

#define FIELDS(array) .fields = (array), .field_count = sizeof(array) / sizeof *(array)

/* --- Names ---------------------------------------------------------------------------------------- */

static const char *const call_texts[] = {
#define TP_CALL(ID, name, ...) name,
#include "turnpike/calls.def"
};
static const struct tg_guest_names call_names = {TP_CALL_COUNT, call_texts};

static const char *const service_texts[] = {
#define TP_SERVICE(ID, name, ...) name,
#include "turnpike/services.def"
};
static const struct tg_guest_names service_names = {TP_SERVICE_COUNT, service_texts};

TG_TABLE_NAMES(run_states, "free", "ready", "running", "waiting", "stopped", "dead");
TG_TABLE_NAMES(priorities, "idle", "program", "server", "driver");
TG_TABLE_NAMES(rendezvous_names, "none", "sending", "calling", "receiving", "replied", NULL, NULL, NULL,
               NULL, NULL, NULL, NULL, NULL, NULL, NULL, "nobody");
TG_TABLE_NAMES(ways, "trap", "queue");
TG_TABLE_NAMES(request_states, "free", "waiting", "heard", "answered", "parked");
TG_TABLE_NAMES(answers, "trap", "message", "queue", "service", "page", "fault", "range", "entry",
               "nobody");
TG_TABLE_NAMES(call_flags, "prompt", "alone", "quick", "repeat", "whole");
TG_TABLE_NAMES(message_names, "notify", "interrupt", "alarm");

_Static_assert(K_REPLIED == 4 && TP_RUN_DEAD == 5 && K_REQUEST_PARKED == 4 && K_TO_NOBODY == 8,
               "as many names as numbers");

/* --- Processes -------------------------------------------------------------------------------------- */

static const struct tg_guest_field process_fields[] = {
    TG_TABLE_FIELD("endpoint", TG_TABLE_KIND_HEX, struct process, endpoint),
    TG_TABLE_FIELD("pid", TG_TABLE_KIND_SIGNED, struct process, pid),
    TG_TABLE_FIELD("name", TG_TABLE_KIND_TEXT, struct process, name),
    TG_TABLE_FIELD_OF("state", TG_TABLE_KIND_ENUM, struct process, state, &run_states),
    TG_TABLE_FIELD("ring", TG_TABLE_KIND_NUMBER, struct process, ring),
    TG_TABLE_FIELD_OF("priority", TG_TABLE_KIND_ENUM, struct process, priority, &priorities),
    TG_TABLE_FIELD("cpu", TG_TABLE_KIND_NUMBER, struct process, cpu),
    TG_TABLE_FIELD_OF("waits_in", TG_TABLE_KIND_INDEX, struct process, ipc.waits_in, "calls"),
    {.name = "rendezvous", .kind = TG_TABLE_KIND_ENUM, .size = 1, .width = 4,
     .offsets = {offsetof(struct process, ipc.meeting)}, .extra = &rendezvous_names},
    {.name = "waits_for", .kind = TG_TABLE_KIND_KEY, .size = 4, .when = 9,
     .offsets = {offsetof(struct process, ipc.peer)}, .extra = "processes"},
    TG_TABLE_FIELD("has_timeout", TG_TABLE_KIND_FLAG, struct process, ipc.alarm.is_set),
    TG_TABLE_FIELD_OF("first_sender", TG_TABLE_KIND_POINTER, struct process, ipc.senders.first,
                      "processes"),
    TG_TABLE_FIELD("requests", TG_TABLE_KIND_NUMBER, struct process, ipc.requests),
    TG_TABLE_FIELD("ptroot", TG_TABLE_KIND_HEX, struct process, space.ptroot),
    TG_TABLE_FIELD("pages", TG_TABLE_KIND_NUMBER, struct process, space.pages),
    TG_TABLE_FIELD("calls", TG_TABLE_KIND_NUMBER, struct process, calls),
    TG_TABLE_FIELD("messages", TG_TABLE_KIND_NUMBER, struct process, ipc.messages),
    TG_TABLE_FIELD("switches", TG_TABLE_KIND_NUMBER, struct process, switches),
    TG_TABLE_FIELD_OF("asks_by", TG_TABLE_KIND_ENUM, struct process, ipc.calls, &ways),
    TG_TABLE_FIELD("notes", TG_TABLE_KIND_HEX, struct process, ipc.notes),
    TG_TABLE_FIELD("ending", TG_TABLE_KIND_FLAG, struct process, ipc.is_ending),
    TG_TABLE_FIELD("iomap", TG_TABLE_KIND_HEX, struct process, iomap),
    TG_TABLE_FIELD_OF("call", TG_TABLE_KIND_INDEX, struct process, registers.a[7], "calls"),
    TG_TABLE_FIELD_AT("frame", TG_TABLE_KIND_ADDRESS, TG_TABLE_PLACE_SELF, 0, NULL),
};

_Static_assert(offsetof(struct process, frame) == 0, "a process is the address of its frame");

static const struct tg_guest_list processes = {
    .name = "processes",
    .meaning = "all of them, those that stand for services first",
    .rows = k_processes,
    .count = TP_PROCESSES,
    .step = sizeof k_processes[0],
    FIELDS(process_fields),
    .used = 4,
    .key = 1,
};

/* The cycle that a process would have closed is kept for its WAITS. */
static const struct tg_guest_field refused_fields[] = {
    TG_TABLE_FIELD_AT("process", TG_TABLE_KIND_POINTER, TG_TABLE_PLACE_OUTER_SELF, 0, "processes"),
    {.name = "length", .place = TG_TABLE_PLACE_OUTER, .size = 4,
     .offsets = {offsetof(struct process, ipc.cycle_count)}},
    TG_TABLE_FIELD_AT("place", TG_TABLE_KIND_NUMBER, TG_TABLE_PLACE_NUMBER, 0, NULL),
    {.name = "member", .kind = TG_TABLE_KIND_KEY, .size = 4, .extra = "processes"},
};

static const struct tg_guest_list refused = {
    .name = "refused",
    .meaning = "cycles of waiting that were refused (EDEADLK), the last of each process",
    .rows = k_processes,
    .count = TP_PROCESSES,
    .step = sizeof k_processes[0],
    .inner = offsetof(struct process, ipc.cycle),
    .inner_count = K_CYCLE,
    .inner_step = sizeof(uint32_t),
    FIELDS(refused_fields),
    .used = 2,
};

/* --- Calls, requests, services ----------------------------------------------------------------------- */

static const struct tg_guest_field call_fields[] = {
    TG_TABLE_FIELD_OF("service", TG_TABLE_KIND_INDEX, struct k_call, service, "services"),
    TG_TABLE_FIELD_OF("flags", TG_TABLE_KIND_BITS, struct k_call, flags, &call_flags),
    TG_TABLE_FIELD("who", TG_TABLE_KIND_HEX, struct k_call, who),
    TG_TABLE_FIELD("function", TG_TABLE_KIND_ADDRESS, struct k_call, serve),
};

static const struct tg_guest_list calls = {
    .name = "calls",
    .meaning = "what can be asked, by number",
    .rows = k_calls,
    .count = TP_CALL_COUNT,
    .step = sizeof k_calls[0],
    FIELDS(call_fields),
    .names = &call_names,
};

/* Messages to services have the numbers of calls. */
static const uint32_t message_types[] = {TP_MESSAGE_NOTIFY, TP_MESSAGE_INTERRUPT, TP_MESSAGE_ALARM};

static const struct tg_guest_field message_fields[] = {
    {.name = "type", .kind = TG_TABLE_KIND_HEX, .size = 4},
};

static const struct tg_guest_list messages = {
    .name = "messages",
    .meaning = "types of messages, beside the calls",
    .rows = message_types,
    .count = sizeof message_types / sizeof *message_types,
    .step = sizeof message_types[0],
    FIELDS(message_fields),
    .names = &message_names,
    .key = 1,
};

/* Calls that carry a message from process to process, and the argument that names the other one. */
struct messaging {
    uint16_t call;
    uint8_t receives, argument;
};

static const struct messaging messaging_calls[] = {
    {TP_CALL_SEND, 0, 0},
    {TP_CALL_SEND_WORDS, 0, 0},
    {TP_CALL_CALL, 0, 0},
    {TP_CALL_CALL_WORDS, 0, 0},
    {TP_CALL_REPLY, 0, 0},
    {TP_CALL_REPLY_RECEIVE, 0, 0},
    {TP_CALL_REPLY_RECEIVE_WORDS, 0, 0},
    {TP_CALL_NOTIFY, 0, 0},
    {TP_CALL_RECEIVE, 1, 0},
    {TP_CALL_RECEIVE_WORDS, 1, 0},
};

static const struct tg_guest_field messaging_fields[] = {
    TG_TABLE_FIELD_OF("call", TG_TABLE_KIND_INDEX, struct messaging, call, "calls"),
    TG_TABLE_FIELD("receives", TG_TABLE_KIND_FLAG, struct messaging, receives),
    TG_TABLE_FIELD("argument", TG_TABLE_KIND_NUMBER, struct messaging, argument),
};

static const struct tg_guest_list messaging = {
    .name = "messaging",
    .meaning = "calls that exchange messages, and which argument names the other process",
    .rows = messaging_calls,
    .count = sizeof messaging_calls / sizeof *messaging_calls,
    .step = sizeof messaging_calls[0],
    FIELDS(messaging_fields),
};

static const struct tg_guest_field request_fields[] = {
    TG_TABLE_FIELD("handle", TG_TABLE_KIND_HEX, struct k_request, request.handle),
    TG_TABLE_FIELD_OF("state", TG_TABLE_KIND_ENUM, struct k_request, state, &request_states),
    TG_TABLE_FIELD_OF("process", TG_TABLE_KIND_POINTER, struct k_request, process, "processes"),
    TG_TABLE_FIELD_OF("caller", TG_TABLE_KIND_KEY, struct k_request, request.caller, "processes"),
    TG_TABLE_FIELD_OF("call", TG_TABLE_KIND_INDEX, struct k_request, request.call, "calls"),
    TG_TABLE_FIELD_OF("answer", TG_TABLE_KIND_ENUM, struct k_request, to, &answers),
    TG_TABLE_FIELD("cancelled", TG_TABLE_KIND_FLAG, struct k_request, is_cancelled),
    TG_TABLE_FIELD("order", TG_TABLE_KIND_NUMBER, struct k_request, order),
    TG_TABLE_FIELD("time", TG_TABLE_KIND_NUMBER, struct k_request, time),
    TG_TABLE_FIELD("tag", TG_TABLE_KIND_HEX, struct k_request, tag),
    TG_TABLE_FIELD("a0", TG_TABLE_KIND_HEX, struct k_request, request.args[0]),
    TG_TABLE_FIELD("a1", TG_TABLE_KIND_HEX, struct k_request, request.args[1]),
    TG_TABLE_FIELD("a2", TG_TABLE_KIND_HEX, struct k_request, request.args[2]),
    TG_TABLE_FIELD("a3", TG_TABLE_KIND_HEX, struct k_request, request.args[3]),
    TG_TABLE_FIELD("a4", TG_TABLE_KIND_HEX, struct k_request, request.args[4]),
    TG_TABLE_FIELD("a5", TG_TABLE_KIND_HEX, struct k_request, request.args[5]),
};

static const struct tg_guest_list requests = {
    .name = "requests",
    .meaning = "calls that wait for their answers",
    .rows = k_requests,
    .count = TP_REQUESTS,
    .step = sizeof k_requests[0],
    FIELDS(request_fields),
    .used = 2,
    .key = 1,
};

static const struct tg_guest_field service_fields[] = {
    TG_TABLE_FIELD_OF("process", TG_TABLE_KIND_POINTER, struct k_service, process, "processes"),
    TG_TABLE_FIELD("in_kernel", TG_TABLE_KIND_FLAG, struct k_service, code),
    TG_TABLE_FIELD("listening", TG_TABLE_KIND_FLAG, struct k_service, is_listening),
    TG_TABLE_FIELD("down", TG_TABLE_KIND_FLAG, struct k_service, is_down),
    TG_TABLE_FIELD("gone", TG_TABLE_KIND_FLAG, struct k_service, is_gone),
    TG_TABLE_FIELD("reloading", TG_TABLE_KIND_FLAG, struct k_service, is_reloading),
    TG_TABLE_FIELD("suspected", TG_TABLE_KIND_FLAG, struct k_service, is_suspected),
    TG_TABLE_FIELD("mute", TG_TABLE_KIND_FLAG, struct k_service, is_mute),
    TG_TABLE_FIELD("sources", TG_TABLE_KIND_HEX, struct k_service, sources),
    TG_TABLE_FIELD("interrupts", TG_TABLE_KIND_HEX, struct k_service, interrupts),
    TG_TABLE_FIELD("cancels", TG_TABLE_KIND_NUMBER, struct k_service, cancels),
    TG_TABLE_FIELD_OF("first_request", TG_TABLE_KIND_POINTER, struct k_service, requests.first,
                      "requests"),
    TG_TABLE_FIELD_OF("first_answer", TG_TABLE_KIND_POINTER, struct k_service, answers.first,
                      "requests"),
    TG_TABLE_FIELD("alarm", TG_TABLE_KIND_FLAG, struct k_service, alarm.is_set),
};

static const struct tg_guest_list services = {
    .name = "services",
    .meaning = "where each one is, and what it has not heard of yet",
    .rows = k_services,
    .count = TP_SERVICE_COUNT,
    .step = sizeof k_services[0],
    FIELDS(service_fields),
    .names = &service_names,
    .used = 1,
};

/* --- Queues ------------------------------------------------------------------------------------------ */

static const struct tg_guest_field queue_fields[] = {
    TG_TABLE_FIELD_AT("process", TG_TABLE_KIND_POINTER, TG_TABLE_PLACE_SELF, 0, "processes"),
    TG_TABLE_FIELD("page", TG_TABLE_KIND_ADDRESS, struct process, ipc.queue),
    TG_TABLE_FIELD_VIA("submitted", TG_TABLE_KIND_NUMBER, struct process, ipc.queue,
                       struct tp_queue, submitted, NULL),
    TG_TABLE_FIELD("taken", TG_TABLE_KIND_NUMBER, struct process, ipc.taken),
    TG_TABLE_FIELD("completed", TG_TABLE_KIND_NUMBER, struct process, ipc.completed),
    TG_TABLE_FIELD_VIA("collected", TG_TABLE_KIND_NUMBER, struct process, ipc.queue,
                       struct tp_queue, collected, NULL),
    TG_TABLE_FIELD("in_flight", TG_TABLE_KIND_NUMBER, struct process, ipc.in_flight),
    TG_TABLE_FIELD_VIA("refused", TG_TABLE_KIND_NUMBER, struct process, ipc.queue, struct tp_queue,
                       refused, NULL),
    TG_TABLE_FIELD_VIA("polled", TG_TABLE_KIND_FLAG, struct process, ipc.queue, struct tp_queue,
                       is_polled, NULL),
    TG_TABLE_FIELD("wanted", TG_TABLE_KIND_NUMBER, struct process, ipc.wanted),
    TG_TABLE_FIELD_AT("doorbell", TG_TABLE_KIND_INDEX, TG_TABLE_PLACE_CONSTANT, TP_CALL_QUEUE_ENTER,
                      "calls"),
    TG_TABLE_FIELD_AT("entries", TG_TABLE_KIND_NUMBER, TG_TABLE_PLACE_CONSTANT, TP_QUEUE_ENTRIES, NULL),
    TG_TABLE_FIELD_AT("completions", TG_TABLE_KIND_NUMBER, TG_TABLE_PLACE_CONSTANT,
                      TP_QUEUE_COMPLETIONS, NULL),
};

static const struct tg_guest_list queues = {
    .name = "queues",
    .meaning = "of processes that have one: put in, taken, answered, collected",
    .rows = k_processes,
    .count = TP_PROCESSES,
    .step = sizeof k_processes[0],
    FIELDS(queue_fields),
    .used = 2,
};

/* --- The table ---------------------------------------------------------------------------------------- */

#define TP_LIST(list) extern const struct tg_guest_list list __attribute__((weak));
#include "turnpike/lists.def"

static const struct tg_guest_list *const lists[] = {
    &processes,
    &services,
    &requests,
    &queues,
    &calls,
    &messages,
    &messaging,
    &refused,
    &k_grants_list,
    &k_cpus_list,
    &k_ports_list,
#define TP_LIST(list) &list,
#include "turnpike/lists.def"
};

const struct tg_guest_table tollgate_guest_table = {
    .magic = TG_TABLE_MAGIC,
    .version = TG_TABLE_VERSION,
    .name = "Turnpike",
    .lists = lists,
    .list_count = sizeof lists / sizeof *lists,
    .bias = K_DIRECT_MAP,
    .call_vector = TP_VECTOR_CALL,
    .call_register = 17, /* a7 */
};
