/*
 * The process service: families of processes, programs, signals (process_family.c, process_exec.c).
 * Here: which call does what, and the tasks that do what takes several steps, in the order in which
 * it was asked. A task waits only for the memory, file and terminal services.
 * Manual: docs/turnpike.md, "Processes".
 */
#include "process.h"

#define TASKS 4

static struct {
    struct tasks tasks;
    struct task all_tasks[TASKS];
    struct exec_room rooms[TASKS];
    struct member *first_job, *last_job;
} process;

int32_t process_ask(enum tp_call call, tp_word a0, tp_word a1, tp_word a2, tp_word a3)
{
    const tp_word args[TP_ARGUMENTS] = {a0, a1, a2, a3};

    return task_ask(&process.tasks, TP_SERVICE_PROCESS, call, args);
}

int32_t process_kernel(enum tp_call call, tp_word a0, tp_word a1, tp_word a2, tp_word a3)
{
    return tp_system(TP_SERVICE_PROCESS, call, a0, a1, a2, a3);
}

/* --- Jobs ------------------------------------------------------------------------------------ */

static int32_t fork_process(struct member *parent)
{
    struct member *child;
    int32_t result = family_add(parent, &child), pid;

    if (result < 0)
        return result;
    result = process_ask(TP_CALL_MEMORY_FORK, parent->endpoint, child->endpoint, 0, 0);
    if (result == 0) {
        result = process_ask(TP_CALL_FILE_FORK, parent->endpoint, child->endpoint, 0, 0);
        if (result < 0)
            process_ask(TP_CALL_MEMORY_FREE, child->endpoint, 0, 0, 0);
    }
    if (result < 0) {
        family_remove(child);
        return result;
    }
    pid = child->pid; /* before it runs, as it may end */
    family_run(child);
    return pid;
}

static int32_t exec_requested(struct member *member, struct exec_room *room)
{
    int32_t result = exec_copy_arguments(member->request, room);

    return result < 0 ? result : exec_program(member, room);
}

/* init has no EXEC of its own. */
static void exec_init(struct member *init, struct exec_room *room)
{
    static const char path[] = INIT_PATH, name[] = "init";
    int32_t result;

    for (uint32_t i = 0; i < sizeof path; i++)
        room->path[i] = path[i];
    for (uint32_t i = 0; i < sizeof name; i++)
        room->arguments[i] = name[i];
    room->argument_bytes = sizeof name;
    room->argument_count = 1;
    result = exec_program(init, room);
    if (result < 0)
        report_no_init(result);
    family_run(init);
}

static void end_process(struct member *member)
{
    if (member->has_faulted) {
        struct tp_process_info info;
        char line[REPORT_LINE_BYTES];
        uint32_t bytes;

        process_kernel(TP_CALL_INSPECT, TP_ENDPOINT_SLOT(member->endpoint), (tp_word)&info, 0, 0);
        bytes = report_fault(member, info.name, line);
        process_ask(TP_CALL_TERMINAL_WRITE, (tp_word)line, bytes, 0, 0);
    }
    process_ask(TP_CALL_FILE_EXIT, member->endpoint, 0, 0, 0);
    process_ask(TP_CALL_MEMORY_FREE, member->endpoint, 0, 0, 0);
    family_bury(member);
}

static void power_off(struct member *member)
{
    process_ask(TP_CALL_SYNC, 0, 0, 0, 0);
    process_kernel(TP_CALL_POWER, member->request->args[0], 0, 0, 0);
}

static void do_job(struct member *member)
{
    struct exec_room *room = &process.rooms[process.tasks.running - process.tasks.all];
    struct request *request = member->request;
    enum job job = member->job;
    int32_t result = 0;

    switch (job) {
    case JOB_FORK:
        result = fork_process(member);
        break;
    case JOB_EXEC:
        if (request)
            result = exec_requested(member, room);
        else
            exec_init(member, room);
        break;
    case JOB_END:
        end_process(member);
        return; /* the member may be another's already */
    case JOB_POWER_OFF:
        power_off(member);
        break;
    case JOB_NONE:
        break;
    }
    member->job = JOB_NONE;
    if (request)
        tp_answer(request, result);
}

/* A task's work, until nothing is left to do. */
static void work(void *unused)
{
    struct member *member;

    (void)unused;
    while ((member = process.first_job)) {
        process.first_job = member->next_job;
        do_job(member);
    }
}

void process_queue_job(struct member *member, enum job job, struct request *request)
{
    member->job = job;
    member->request = request;
    member->next_job = NULL;
    if (process.first_job)
        process.last_job->next_job = member;
    else
        process.first_job = member;
    process.last_job = member;
    task_start(&process.tasks, work, NULL); /* if none is free, one that works comes to it */
}

/* --- The service ----------------------------------------------------------------------------- */

static void start(void)
{
    tasks_init(&process.tasks, process.all_tasks, TASKS);
    process_queue_job(family_start(), JOB_EXEC, NULL);
    tasks_run(&process.tasks);
}

/* The process can run no further: its end is certain, so it does not hear the answer. */
static int32_t end_faulted(struct member *member, const tp_word *args)
{
    if (member->stage == STAGE_LIVES) {
        member->has_faulted = true;
        member->fault = (struct fault){
            .vector = (uint32_t)args[0],
            .error = (uint32_t)args[1],
            .pc = (uint32_t)args[2],
            .address = (uint32_t)args[3],
            .lack = (int32_t)args[4],
        };
    }
    family_end(member, TP_STATUS_SIGNAL(report_signal(&member->fault)));
    return 0;
}

/* Calls that any process or service may make, and that are answered at once. */
static int32_t answer_now(struct member *caller, struct request *request)
{
    const tp_word *args = request->args;

    switch (request->call) {
    case TP_CALL_KILL:
        return family_kill(caller, (int32_t)args[0], (uint32_t)args[1]);
    case TP_CALL_PROCESS_LIST:
        return family_list(request);
    default:
        break;
    }
    if (!caller)
        return -TP_EPERM;
    switch (request->call) {
    case TP_CALL_EXIT:
        family_end(caller, TP_STATUS_EXIT(args[0]));
        return 0;
    case TP_CALL_GETPPID:
        return caller->parent ? caller->parent->pid : 0;
    case TP_CALL_SETPGID:
        return family_set_group(caller, (int32_t)args[0], (int32_t)args[1]);
    case TP_CALL_GETPGID:
        return family_get_group(caller, (int32_t)args[0]);
    case TP_CALL_FAULTED:
        return end_faulted(caller, args);
    case TP_CALL_GONE:
        family_gone(caller);
        return 0;
    default:
        return -TP_ENOSYS;
    }
}

/* The job that a call needs. */
static enum job job_of(uint32_t call)
{
    switch (call) {
    case TP_CALL_FORK:
        return JOB_FORK;
    case TP_CALL_EXEC:
        return JOB_EXEC;
    case TP_CALL_POWER_OFF:
        return JOB_POWER_OFF;
    default:
        return JOB_NONE;
    }
}

static void handle(struct request *request)
{
    struct member *caller = family_find(request->caller);
    enum job job = caller ? job_of(request->call) : JOB_NONE;
    bool is_wait = caller && request->call == TP_CALL_WAIT;

    if ((job || is_wait) && caller->stage != STAGE_LIVES)
        tp_answer(request, -TP_EINTR); /* stopped since it asked */
    else if (job)
        process_queue_job(caller, job, request);
    else if (is_wait)
        family_wait(caller, request);
    else
        tp_answer(request, answer_now(caller, request));
    tasks_run(&process.tasks);
}

/* Only a WAIT waits for something uncertain; jobs come to their end. */
static void cancel(struct request *request)
{
    struct member *caller = family_find(request->caller);

    if (caller && caller->waits == request) {
        caller->waits = NULL;
        tp_answer(request, -TP_EINTR);
    }
}

static void answered(uint32_t tag, int32_t result)
{
    task_answered(&process.tasks, tag, result);
}

const struct service process_service = {
    .id = TP_SERVICE_PROCESS,
    .start = start,
    .handle = handle,
    .cancel = cancel,
    .answered = answered,
};
