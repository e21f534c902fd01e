/*
 * Short ways for the commonest page fault: a program touches a page of its heap or stack that is not there yet,
 * the memory service has nothing else to do, and answers that the page is to be there. As in fast.c each
 * first tests and then commits; k_absent_page and k_request_answer are the long ways.
 */
#include <stddef.h>

#include "kernel/call.h"
#include "kernel/fast.h"
#include "kernel/map.h"
#include "kernel/offsets.h"
#include "kernel/placement.h"
#include "kernel/schedule.h"

/* entry.S: a process has raised a page fault; a server without ports that waits in SERVE goes on with a request. */
struct process *k_fast_page(struct process *process);
struct process *k_pass_request(struct process *server, const struct request *request,
                               uint32_t next_turn);

#define OFFSET(member, offset) _Static_assert(offsetof(struct request, member) == (offset), "offsets.h")
OFFSET(handle, REQUEST_HANDLE);
OFFSET(caller, REQUEST_CALLER);
OFFSET(call, REQUEST_CALL);
OFFSET(args, REQUEST_ARGS);
_Static_assert(TP_EVENT_REQUEST == 1, "entry.S");

/* No other way than that of a plain program, on a page whose table is there. (One that is stopped
 * has ipc.attention.) */
static inline bool is_plain(const struct process *process)
{
    return K_PAGE_REASON(process->frame.error) == TG_PAGE_TABLE_ABSENT &&
           !process->ipc.attention &&
           process->frame.address - TP_USER_FIRST < TP_USER_END - TP_USER_FIRST;
}

static inline struct k_request *make_request(struct process *process)
{
    struct k_request *request = k_request_own(process);
    const uint32_t args[TP_ARGUMENTS] = {process->frame.address, K_PAGE_ACCESS(process->frame.error),
                                         process->frame.pc};

    k_request_fill(request, process, TP_CALL_PAGE_FAULT, args);
    return request;
}

/* The process waits for the answer. */
static inline void wait(struct k_request *request)
{
    k_request_begin(request, K_PHASE(K_REQUEST_HEARD, K_TO_PAGE));
    request->process->ipc.waits_in = TP_CALL_PAGE_FAULT;
    k_block(request->process, TP_RUN_WAITING);
}

/* The service has not given a page: all others' way from here on. */
static __attribute__((noinline)) struct process *finish_slowly(struct k_request *request)
{
    struct process *process = request->process;
    bool is_answered = request->state == K_REQUEST_ANSWERED;

    wait(request);
    if (is_answered)
        k_request_answer(request, request->result);
    else
        k_watch();
    k_services_run();
    return k_leave(process);
}

/* The service is in the kernel: called at once, while the process counts as running. */
static __attribute__((noinline)) struct process *ask_here(struct process *process, struct k_service *memory)
{
    struct k_request *request;

    if (k_services_due || memory->is_mute)
        return k_exception_locked(process);
    request = make_request(process);
    request->phase = K_PHASE(K_REQUEST_HEARD, K_TO_FAULT);
    memory->code->handle(&request->request);
    if (request->phase != K_PHASE(K_REQUEST_ANSWERED, K_TO_FAULT) || request->result <= 0 ||
        !k_space_map_page(&process->space, process->frame.address,
                          K_USER_PAGE((uint32_t)request->result)))
        return finish_slowly(request);
    request->phase = K_PHASE(K_REQUEST_FREE, 0);
    k_services_run();
    return k_leave(process);
}

struct process *k_fast_page(struct process *process)
{
    uint32_t turn = k_lock();
    struct k_service *memory = &k_services[TP_SERVICE_MEMORY];
    struct process *server = memory->process;
    struct cpu *cpu = k_cpu();
    struct k_request *request;

    if (!is_plain(process) || memory->crash)
        return k_exception_locked(process);
    if (memory->code)
        return ask_here(process, memory);
    if (!memory->is_listening || server->state != TP_RUN_WAITING || !is_free_to_switch(server) ||
        !k_watch_alarm.is_set)
        return k_exception_locked(process);
    /* Tested; from here on it happens. */
    request = make_request(process);
    wait(request);
    memory->is_listening = false;
    server->state = TP_RUN_RUNNING;
    server->cpu = (uint8_t)cpu->number;
    server->switches++;
    cpu->level = K_PRIORITY_SERVER;
    return k_pass_request(server, &request->request, turn + 1);
}

struct process *k_fast_serve(struct process *server)
{
    uint32_t turn = k_lock(), handle = server->registers.a[0];
    struct k_service *memory = &k_services[TP_SERVICE_MEMORY];
    struct k_request *request = &k_requests[TP_HANDLE_INDEX(handle)];
    struct process *process = request->process;
    int32_t result = (int32_t)server->registers.a[1];
    struct cpu *cpu = k_cpu();

    if (server != memory->process || request->request.handle != handle ||
        request->phase != K_PHASE(K_REQUEST_HEARD, K_TO_PAGE) || result <= 0 ||
        server->state != TP_RUN_RUNNING || process->state != TP_RUN_WAITING ||
        !k_is_quiet(memory) || !is_free_to_switch(process) ||
        k_ready_levels >> K_PRIORITY_SERVER || process->new_space.directory ||
        !k_space_map_page(&process->space, process->frame.address, K_USER_PAGE((uint32_t)result)))
        return k_enter_locked(server);
    /* Tested; from here on it happens. */
    request->phase = K_PHASE(K_REQUEST_FREE, 0);
    request->request.handle += TP_REQUESTS;
    k_request_count--;
    process->ipc.requests--;
    memory->is_listening = true;
    server->state = TP_RUN_WAITING;
    process->state = TP_RUN_RUNNING;
    process->cpu = (uint8_t)cpu->number;
    process->switches++;
    cpu->level = K_PRIORITY_PROGRAM;
    return k_switch(process, turn + 1);
}
