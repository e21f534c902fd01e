/* The host's placement of services: see host.h. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "host.h"
#include "tg32.h"

/* --- Rows of calls.def: who serves, and which memory it may touch --------------------------------
 */

enum range_kind { RANGE_NONE, RANGE_PATH, RANGE_IN, RANGE_OUT, RANGE_IN_FIXED, RANGE_OUT_FIXED };

struct range {
    enum range_kind kind;
    unsigned argument;
    unsigned bytes; /* the argument that has them, or for _FIXED how many */
};

struct row {
    const char *name;
    enum tp_service service;
    struct range ranges[2];
};

#define NONE                                                                                       \
    {                                                                                              \
        RANGE_NONE, 0, 0                                                                           \
    }
#define PATH(n)                                                                                    \
    {                                                                                              \
        RANGE_PATH, n, 0                                                                           \
    }
#define IN(n, m)                                                                                   \
    {                                                                                              \
        RANGE_IN, n, m                                                                             \
    }
#define OUT(n, m)                                                                                  \
    {                                                                                              \
        RANGE_OUT, n, m                                                                            \
    }
#define IN_FIXED(n, b)                                                                             \
    {                                                                                              \
        RANGE_IN_FIXED, n, b                                                                       \
    }
#define OUT_FIXED(n, b)                                                                            \
    {                                                                                              \
        RANGE_OUT_FIXED, n, b                                                                      \
    }

static const struct row rows[] = {
#define TP_CALL(ID, name, SERVICE, who, first, second, ...)                                        \
    {name, TP_SERVICE_##SERVICE, {first, second}},
#include "turnpike/calls.def"
};

/* --- State --------------------------------------------------------------------------------------
 */

/* A call of the test's or of a service's (tp_ask); in the list of all from the beginning to its
 * end. */
struct call {
    struct host_call host; /* first: what the test and the services see is its beginning */
    struct call *previous, *next;
    bool is_ask;      /* of a service: answered() is called, and it is freed */
    bool is_forsaken; /* the asking service was restarted: nobody wants the answer */
    enum tp_service asker;
    uint32_t tag;
};

enum event_kind { EVENT_HANDLE, EVENT_ANSWERED, EVENT_INTERRUPT };

struct event {
    struct event *next;
    enum event_kind kind;
    enum tp_service service; /* whose function is called */
    struct call *call;
    uint32_t source;
};

struct placed {
    const struct service *service;
    void *state;
    size_t bytes;
    const char *failure;
    uint64_t alarm_time; /* 0: none */
    uint32_t masked;     /* interrupt sources that are not done */
    void (*stub)(struct request *request);
};

static struct {
    struct placed placed[TP_SERVICE_COUNT];
    struct call calls; /* head of the ring of all */
    struct event *first, **end;
    uint64_t time;
    int32_t (*system)(enum tp_service, enum tp_call, const tp_word[4]);
    uint32_t (*in)(uint32_t, unsigned);
    void (*out)(uint32_t, unsigned, uint32_t);
    enum tp_service running;
    ucontext_t home; /* where tp_fail goes on */
    const char *why;
} host;

static const struct row *row_of(const struct request *request)
{
    ck_assert_msg(request->call < TP_CALL_COUNT, "a request has a call that does not exist");
    return &rows[request->call];
}

static enum tp_service server_of(const struct call *call)
{
    return row_of(&call->host.request)->service;
}

/* --- Events -------------------------------------------------------------------------------------
 */

static void post(enum event_kind kind, enum tp_service service, struct call *call, uint32_t source)
{
    struct event *event = calloc(1, sizeof *event);
    ck_assert_ptr_nonnull(event);
    *event = (struct event){.kind = kind, .service = service, .call = call, .source = source};
    *host.end = event;
    host.end = &event->next;
}

/* Unlinks and frees the event at *at. */
static void drop(struct event **at)
{
    struct event *event = *at;
    *at = event->next;
    if (host.end == &event->next)
        host.end = at;
    free(event);
}

static void drop_events_of(enum tp_service service)
{
    for (struct event **at = &host.first; *at;)
        if ((*at)->service == service && (*at)->kind != EVENT_ANSWERED)
            drop(at);
        else
            at = &(*at)->next;
}

static void free_call(struct call *call)
{
    call->previous->next = call->next;
    call->next->previous = call->previous;
    free(call);
}

static void deliver_answer(const struct placed *placed, struct call *call)
{
    uint32_t tag = call->tag;
    int32_t result = call->host.result;
    bool is_wanted = !call->is_forsaken;
    free_call(call);
    if (is_wanted && placed->service && placed->service->answered)
        placed->service->answered(tag, result);
}

static void deliver(struct event event)
{
    const struct placed *placed = &host.placed[event.service];
    switch (event.kind) {
    case EVENT_HANDLE:
        if (placed->service)
            placed->service->handle(&event.call->host.request);
        else if (placed->stub)
            placed->stub(&event.call->host.request);
        else
            tp_answer(&event.call->host.request, -TP_ENOSYS);
        break;
    case EVENT_ANSWERED:
        deliver_answer(placed, event.call);
        break;
    case EVENT_INTERRUPT:
        placed->service->interrupt(event.source);
        break;
    }
}

/* Calls into a service; tp_fail comes back here from whatever stack it was called on. */
static void enter(enum tp_service service, void (*function)(struct event), struct event event)
{
    host.running = service;
    host.why = NULL;
    getcontext(&host.home);
    if (!host.why)
        function(event);
    else
        host_kill(host.running, host.why);
    host.running = TP_SERVICE_SYSTEM;
}

static void call_alarm(struct event event)
{
    host.placed[event.service].service->alarm();
}

static void call_start(struct event event)
{
    host.placed[event.service].service->start();
}

static bool step_alarm(void)
{
    for (unsigned i = 0; i < TP_SERVICE_COUNT; i++) {
        struct placed *placed = &host.placed[i];
        if (placed->alarm_time && placed->alarm_time <= host.time) {
            placed->alarm_time = 0;
            enter(i, call_alarm, (struct event){.service = i});
            return true;
        }
    }
    return false;
}

bool host_step(void)
{
    struct event **at = &host.first;
    /* What is for a dead service waits for its successor. */
    while (*at && host.placed[(*at)->service].failure)
        at = &(*at)->next;
    if (!*at)
        return step_alarm();
    struct event event = **at;
    drop(at);
    enter(event.service, deliver, event);
    return true;
}

void host_run(void)
{
    while (host_step()) {
    }
}

/* The time of the next alarm, or 0. */
static uint64_t next_alarm(void)
{
    uint64_t time = 0;
    for (unsigned i = 0; i < TP_SERVICE_COUNT; i++) {
        uint64_t alarm = host.placed[i].alarm_time;
        if (alarm && (!time || alarm < time))
            time = alarm;
    }
    return time;
}

void host_advance(uint32_t ticks)
{
    uint64_t until = host.time + ticks;
    host_run();
    for (uint64_t alarm; (alarm = next_alarm()) && alarm <= until; host_run())
        host.time = alarm > host.time ? alarm : host.time;
    host.time = until;
}

void host_interrupt(enum tp_service service, uint32_t source)
{
    struct placed *placed = &host.placed[service];
    if (placed->masked & 1u << source || !placed->service || placed->failure)
        return;
    placed->masked |= 1u << source;
    post(EVENT_INTERRUPT, service, NULL, source);
}

/* --- Placing, death ------------------------------------------------------------------------------
 */

void host_begin(void)
{
    while (host.first)
        drop(&host.first);
    while (host.calls.next && host.calls.next != &host.calls)
        free_call(host.calls.next);
    memset(&host, 0, sizeof host);
    host.calls.next = host.calls.previous = &host.calls;
    host.end = &host.first;
}

/* Of the address sanitizer, where it is there: what lay on a task's stack that is no more is free. */
void __asan_unpoison_memory_region(void const volatile *memory, size_t size) __attribute__((weak));

static void clear(void *memory, size_t size)
{
    if (__asan_unpoison_memory_region)
        __asan_unpoison_memory_region(memory, size);
    memset(memory, 0, size);
}

static void start(enum tp_service service)
{
    struct placed *placed = &host.placed[service];
    if (placed->state)
        clear(placed->state, placed->bytes);
    if (placed->service->start)
        enter(service, call_start, (struct event){.service = service});
}

void host_place(const struct service *service, void *state, size_t bytes)
{
    host.placed[service->id] = (struct placed){.service = service, .state = state, .bytes = bytes};
    start(service->id);
}

void host_set_service(enum tp_service service, void (*handle)(struct request *request))
{
    host.placed[service].stub = handle;
}

void host_set_system(int32_t (*system)(enum tp_service, enum tp_call, const tp_word[4]))
{
    host.system = system;
}

void host_set_ports(uint32_t (*in)(uint32_t, unsigned), void (*out)(uint32_t, unsigned, uint32_t))
{
    host.in = in;
    host.out = out;
}

const char *host_failure(enum tp_service service)
{
    return host.placed[service].failure;
}

/* Puts the calls that the service holds unanswered back before it, once each. */
static void put_back_calls(enum tp_service service)
{
    drop_events_of(service);
    for (struct call *call = host.calls.next; call != &host.calls; call = call->next)
        if (!call->host.is_answered && server_of(call) == service)
            post(EVENT_HANDLE, service, call, 0);
}

void host_kill(enum tp_service service, const char *why)
{
    struct placed *placed = &host.placed[service];
    placed->failure = why;
    placed->alarm_time = 0;
    placed->masked = 0;
    put_back_calls(service);
    for (struct call *call = host.calls.next; call != &host.calls; call = call->next)
        if (call->is_ask && call->asker == service)
            call->is_forsaken = true;
}

void host_restart(enum tp_service service)
{
    host_kill(service, "it is restarted");
    host.placed[service].failure = NULL;
    start(service);
}

/* --- Calls ---------------------------------------------------------------------------------------
 */

static struct call *new_call(uint32_t caller, enum tp_call number, const tp_word args[TP_ARGUMENTS])
{
    struct call *call = calloc(1, sizeof *call);
    ck_assert_ptr_nonnull(call);
    struct request *request = &call->host.request;
    request->caller = caller;
    request->call = number;
    memcpy(request->args, args, sizeof request->args);
    call->next = &host.calls;
    call->previous = host.calls.previous;
    call->previous->next = call->next->previous = call;
    post(EVENT_HANDLE, server_of(call), call, 0);
    return call;
}

struct host_call *host_ask(uint32_t caller, enum tp_call call, const tp_word args[TP_ARGUMENTS])
{
    return &new_call(caller, call, args)->host;
}

int32_t host_wait(uint32_t caller, enum tp_call number, const tp_word args[TP_ARGUMENTS])
{
    struct host_call *call = host_ask(caller, number, args);
    while (!call->is_answered) {
        if (host_step())
            continue;
        uint64_t alarm = next_alarm();
        ck_assert_msg(alarm, "nothing will ever answer %s", rows[number].name);
        host.time = alarm;
    }
    int32_t result = call->result;
    host_forget(call);
    return result;
}

void host_cancel(struct host_call *call)
{
    enum tp_service service = server_of((struct call *)call);
    const struct placed *placed = &host.placed[service];
    /* What the service has not heard of yet, it must hear of first. */
    host_run();
    if (!call->is_answered && placed->service && placed->service->cancel && !placed->failure)
        placed->service->cancel(&call->request);
    host_run();
}

void host_forget(struct host_call *call)
{
    ck_assert_msg(call->is_answered, "%s was not answered", row_of(&call->request)->name);
    free_call((struct call *)call);
}

unsigned host_open_calls(void)
{
    unsigned count = 0;
    for (const struct call *call = host.calls.next; call != &host.calls; call = call->next)
        count += !call->host.is_answered;
    return count;
}

/* --- The primitives of turnpike/service.h --------------------------------------------------------
 */

void tp_answer(struct request *request, int32_t result)
{
    struct call *call = (struct call *)request;
    ck_assert_msg(!call->host.is_answered, "%s was answered twice", row_of(request)->name);
    call->host.is_answered = true;
    call->host.result = result;
    if (call->is_ask)
        post(EVENT_ANSWERED, call->asker, call, 0);
}

/* The memory of a request's argument that may be used in a direction, and its size. */
static char *range_of(const struct request *request, unsigned argument, bool is_out,
                      size_t *ret_bytes)
{
    for (unsigned i = 0; i < 2; i++) {
        const struct range *range = &row_of(request)->ranges[i];
        bool fits = is_out ? range->kind == RANGE_OUT || range->kind == RANGE_OUT_FIXED
                           : range->kind != RANGE_NONE;
        if (range->argument != argument || !fits)
            continue;
        char *memory = (char *)request->args[argument];
        bool is_fixed = range->kind == RANGE_IN_FIXED || range->kind == RANGE_OUT_FIXED;
        if (range->kind == RANGE_PATH)
            *ret_bytes = strnlen(memory, TP_PATH_BYTES - 1) + 1;
        else
            *ret_bytes = is_fixed ? range->bytes : request->args[range->bytes];
        return memory;
    }
    return NULL;
}

/* The part of it, or NULL if it is not all inside. */
static char *part_of(struct request *request, unsigned argument, bool is_out,
                     const uint32_t part[2])
{
    size_t size;
    char *memory = range_of(request, argument, is_out, &size);
    if (!memory || part[0] > size || part[1] > size - part[0])
        return NULL;
    return memory + part[0];
}

int tp_copy_in(struct request *request, unsigned argument, uint32_t offset, void *to,
               uint32_t bytes)
{
    const char *from = part_of(request, argument, false, (uint32_t[2]){offset, bytes});
    if (!from)
        return -TP_EFAULT;
    memcpy(to, from, bytes);
    return 0;
}

int tp_copy_out(struct request *request, unsigned argument, uint32_t offset, const void *from,
                uint32_t bytes)
{
    char *to = part_of(request, argument, true, (uint32_t[2]){offset, bytes});
    if (!to)
        return -TP_EFAULT;
    memcpy(to, from, bytes);
    return 0;
}

int tp_copy_path(struct request *request, unsigned argument, char *to)
{
    size_t size;
    const char *path = range_of(request, argument, false, &size);
    if (!path)
        return -TP_EFAULT;
    if (path[size - 1])
        return -TP_ENAMETOOLONG;
    memcpy(to, path, size);
    return (int)size - 1;
}

void tp_ask(enum tp_service asker, enum tp_call number, const tp_word args[TP_ARGUMENTS],
            uint32_t tag)
{
    struct call *call = new_call(asker, number, args);
    call->is_ask = true;
    call->asker = asker;
    call->tag = tag;
}

int32_t tp_system(enum tp_service asker, enum tp_call call, tp_word a0, tp_word a1, tp_word a2,
                  tp_word a3)
{
    return host.system ? host.system(asker, call, (const tp_word[4]){a0, a1, a2, a3}) : -TP_ENOSYS;
}

void tp_alarm(enum tp_service asker, uint32_t ticks)
{
    host.placed[asker].alarm_time = ticks ? host.time + ticks : 0;
}

uint64_t tp_time(void)
{
    return host.time;
}

void tp_interrupt_done(uint32_t source)
{
    host.placed[host.running].masked &= ~(1u << source);
}

void tp_fail(const char *why)
{
    host.why = why;
    setcontext(&host.home);
    abort();
}

/* --- Ports ---------------------------------------------------------------------------------------
 */

static uint32_t port_in(uint32_t port, unsigned width)
{
    return host.in ? host.in(port, width) : 0;
}

static void port_out(uint32_t port, unsigned width, uint32_t value)
{
    if (host.out)
        host.out(port, width, value);
}

uint8_t tg_inb(uint32_t port)
{
    return (uint8_t)port_in(port, 1);
}

uint16_t tg_inh(uint32_t port)
{
    return (uint16_t)port_in(port, 2);
}

uint32_t tg_inw(uint32_t port)
{
    return port_in(port, 4);
}

void tg_outb(uint32_t port, uint8_t value)
{
    port_out(port, 1, value);
}

void tg_outh(uint32_t port, uint16_t value)
{
    port_out(port, 2, value);
}

void tg_outw(uint32_t port, uint32_t value)
{
    port_out(port, 4, value);
}

/* --- main ----------------------------------------------------------------------------------------
 */

int host_run_tests(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *cases = tcase_create(name);
    tcase_set_timeout(cases, 0); /* meson's timeout counts: it knows of slow builds */
    tcase_add_checked_fixture(cases, host_begin, host_begin);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(cases, tests[i]);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
