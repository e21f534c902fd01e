/*
 * Tests of the process service (guestos/services/process*.c). The kernel, the memory service and
 * the file service are played here: they keep the books of what a process has, insist on the order
 * in which it is given and taken, and answer at once or, where a test wants it, late.
 */
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "isa/elf_tg32.h"
#include "isa/isa.h"
#include "services/process.h"

#define GUESTS (TP_PROCESSES - TP_FIRST_PROCESS_SLOT)
#define LATE   64

/* A process as the kernel and the other services know it. */
struct guest {
    uint32_t endpoint; /* 0: no process */
    uint32_t generation;
    int32_t pid;
    bool runs, is_stopped, must_cancel, is_gone;
    bool has_memory, has_new_memory, has_files;
    uint32_t pc, sp;
    char name[16];
    unsigned char stack[8192]; /* what is written below TP_STACK_TOP */
    struct host_call *call;    /* that it waits in */
    uint32_t status;           /* where WAIT puts it */
};

static struct {
    struct guest guests[GUESTS];
    unsigned slots;                    /* that the kernel has */
    int32_t memory_error, files_error; /* of the next MEMORY_FORK, MEMORY_MAP; FILE_FORK */
    unsigned open_files;
    uint32_t offset[8]; /* of descriptors; UINT32_MAX: closed */
    const unsigned char *program;
    uint32_t program_bytes;
    char terminal[400];
    int32_t power; /* status, or -1 */
    bool is_late;  /* other services answer when the test says so */
    struct request *late[LATE];
    unsigned late_count;
} fake;

static struct guest *guest_of(tp_word endpoint)
{
    uint32_t slot = TP_ENDPOINT_SLOT((uint32_t)endpoint);
    ck_assert_uint_ge(slot, TP_FIRST_PROCESS_SLOT);
    struct guest *guest = &fake.guests[slot - TP_FIRST_PROCESS_SLOT];
    ck_assert_uint_eq(guest->endpoint, endpoint);
    return guest;
}

/* --- A program file -----------------------------------------------------------------------------
 */

struct image {
    unsigned char ident[16];
    uint16_t type, machine;
    uint32_t version, entry, segments_offset, sections_offset, flags;
    uint16_t header_bytes, segment_bytes, segment_count, section_bytes, section_count, names;
    struct {
        uint32_t type, offset, address, physical, file_bytes, bytes, flags, align;
    } segments[2];
    unsigned char code[8000], variables[100];
};

static const struct image *good_image(void)
{
    static struct image image;
    image = (struct image){
        .ident = {0x7f, 'E', 'L', 'F', 1, 1, 1},
        .type = 2,
        .machine = EM_TG32,
        .version = 1,
        .entry = 0x10004,
        .segments_offset = offsetof(struct image, segments),
        .header_bytes = 52,
        .segment_bytes = 32,
        .segment_count = 2,
        .segments = {{1, offsetof(struct image, code), 0x10000, 0x10000, 8000, 8000, 5, 4096},
                     {1, offsetof(struct image, variables), 0x12000, 0x12000, 100, 9000, 6, 4096}},
    };
    return &image;
}

static void set_program(const void *bytes, size_t size)
{
    fake.program = bytes;
    fake.program_bytes = (uint32_t)size;
}

/* --- The kernel ---------------------------------------------------------------------------------
 */

static int32_t create(tp_word parent, tp_word pid)
{
    for (unsigned i = 0; i < fake.slots; i++) {
        struct guest *guest = &fake.guests[i];
        if (guest->endpoint)
            continue;
        *guest = (struct guest){.generation = guest->generation + 1, .pid = (int32_t)pid};
        if (parent)
            memcpy(guest->name, guest_of(parent)->name, 16);
        guest->endpoint = TP_ENDPOINT(TP_FIRST_PROCESS_SLOT + i, guest->generation);
        return (int32_t)guest->endpoint;
    }
    return -TP_EAGAIN;
}

static int32_t stop(struct guest *guest)
{
    ck_assert(!guest->is_stopped);
    guest->runs = false;
    guest->is_stopped = true;
    if (guest->call && guest->call->is_answered) { /* it would have gone on */
        host_forget(guest->call);
        guest->call = NULL;
    }
    guest->must_cancel = guest->call;
    guest->is_gone = !guest->must_cancel;
    return guest->must_cancel ? -TP_EAGAIN : 0;
}

static int32_t write_space(struct guest *guest, const tp_word *args)
{
    ck_assert(guest->has_new_memory);
    if (args[1] >= TP_STACK_TOP - sizeof guest->stack) {
        ck_assert_uint_le(args[1] + args[3], TP_STACK_TOP);
        memcpy(guest->stack + (args[1] - (TP_STACK_TOP - sizeof guest->stack)),
               (const void *)args[2], args[3]);
    }
    return 0;
}

static int32_t inspect(tp_word slot, struct tp_process_info *info)
{
    struct guest *guest;
    if (slot < TP_FIRST_PROCESS_SLOT || !fake.guests[slot - TP_FIRST_PROCESS_SLOT].endpoint)
        return -TP_ESRCH;
    guest = &fake.guests[slot - TP_FIRST_PROCESS_SLOT];
    *info = (struct tp_process_info){.endpoint = guest->endpoint, .state = TP_RUN_READY};
    memcpy(info->name, guest->name, 16);
    return 0;
}

static int32_t fake_kernel(enum tp_service asker, enum tp_call call, const tp_word args[4])
{
    struct guest *guest = NULL;
    ck_assert_int_eq(asker, TP_SERVICE_PROCESS);
    if (call != TP_CALL_CREATE && call != TP_CALL_INSPECT && call != TP_CALL_POWER)
        guest = guest_of(args[0]);
    switch (call) {
    case TP_CALL_CREATE:
        return create(args[0], args[1]);
    case TP_CALL_START:
        ck_assert(!guest->runs && !guest->is_stopped && guest->has_memory);
        guest->runs = true;
        return 0;
    case TP_CALL_STOP:
        return stop(guest);
    case TP_CALL_DESTROY: /* nothing of it may be left anywhere */
        ck_assert(!guest->runs && !guest->has_memory && !guest->has_files && !guest->call);
        guest->endpoint = 0;
        return 0;
    case TP_CALL_SET_ENTRY:
        guest->pc = (uint32_t)args[1];
        guest->sp = (uint32_t)args[2];
        memcpy(guest->name, (const void *)args[3], 16);
        return 0;
    case TP_CALL_SPACE_WRITE:
        return write_space(guest, args);
    case TP_CALL_INSPECT:
        return inspect(args[0], (struct tp_process_info *)args[1]);
    case TP_CALL_POWER:
        fake.power = (int32_t)args[0];
        return 0;
    default:
        ck_abort_msg("a call that the process service has no need of");
    }
}

/* --- The other services -------------------------------------------------------------------------
 */

static int32_t take_error(int32_t *error)
{
    int32_t result = *error;
    *error = 0;
    return result;
}

static int32_t serve_memory(const struct request *request)
{
    const tp_word *args = request->args;
    struct guest *guest = guest_of(args[0]);
    int32_t error;
    switch (request->call) {
    case TP_CALL_MEMORY_FORK:
        ck_assert(guest->has_memory);
        error = take_error(&fake.memory_error);
        guest_of(args[1])->has_memory = error == 0;
        return error;
    case TP_CALL_MEMORY_BEGIN:
        ck_assert(!guest->has_new_memory);
        guest->has_new_memory = true;
        return 0;
    case TP_CALL_MEMORY_MAP:
        ck_assert(guest->has_new_memory);
        return take_error(&fake.memory_error);
    case TP_CALL_MEMORY_COMMIT:
        ck_assert(guest->has_new_memory);
        guest->has_memory = true;
        guest->has_new_memory = false;
        return 0;
    case TP_CALL_MEMORY_ABANDON:
        ck_assert(guest->has_new_memory);
        guest->has_new_memory = false;
        return 0;
    case TP_CALL_MEMORY_FREE:
        ck_assert(!guest->runs && !guest->has_new_memory);
        guest->has_memory = false;
        return 0;
    default:
        ck_abort_msg("not for the memory service");
    }
}

static int32_t open_program(const char *path)
{
    if (strcmp(path, "/bin/init") != 0 && strcmp(path, "prog") != 0)
        return -TP_ENOENT;
    for (int32_t i = 0; i < 8; i++)
        if (fake.offset[i] == UINT32_MAX) {
            fake.offset[i] = 0;
            fake.open_files++;
            return i;
        }
    return -TP_EMFILE;
}

static int32_t read_program(const tp_word *args)
{
    uint32_t *offset = &fake.offset[args[0]], bytes = (uint32_t)args[2];
    if (*offset >= fake.program_bytes)
        return 0;
    if (bytes > fake.program_bytes - *offset)
        bytes = fake.program_bytes - *offset;
    memcpy((void *)args[1], fake.program + *offset, bytes);
    *offset += bytes;
    return (int32_t)bytes;
}

static int32_t serve_files(const struct request *request)
{
    const tp_word *args = request->args;
    switch (request->call) {
    case TP_CALL_OPEN_PROGRAM:
        return open_program((const char *)args[0]);
    case TP_CALL_READ:
        return read_program(args);
    case TP_CALL_LSEEK:
        fake.offset[args[0]] = (uint32_t)args[1];
        return (int32_t)args[1];
    case TP_CALL_CLOSE:
        fake.offset[args[0]] = UINT32_MAX;
        fake.open_files--;
        return 0;
    case TP_CALL_FILE_FORK:
        if (fake.files_error)
            return take_error(&fake.files_error);
        guest_of(args[1])->has_files = true;
        return 0;
    case TP_CALL_FILE_EXEC:
        guest_of(args[0])->has_files = true; /* that is when init gets some */
        return 0;
    case TP_CALL_FILE_EXIT:
        ck_assert(!guest_of(args[0])->runs);
        guest_of(args[0])->has_files = false;
        return 0;
    case TP_CALL_SYNC:
        return 0;
    default:
        ck_abort_msg("not for the file service");
    }
}

static int32_t serve_one(const struct request *request)
{
    if (request->call == TP_CALL_TERMINAL_WRITE) {
        ck_assert_uint_lt(request->args[1], sizeof fake.terminal);
        memcpy(fake.terminal, (const void *)request->args[0], request->args[1]);
        fake.terminal[request->args[1]] = '\0'; /* the last line */
        return (int32_t)request->args[1];
    }
    if (request->call >= TP_CALL_MEMORY_FORK && request->call <= TP_CALL_MEMORY_FREE)
        return serve_memory(request);
    return serve_files(request);
}

static void serve(struct request *request)
{
    if (fake.is_late) {
        ck_assert_uint_lt(fake.late_count, LATE);
        fake.late[fake.late_count++] = request;
    } else {
        tp_answer(request, serve_one(request));
    }
}

/* One of the calls that wait is answered. */
static void answer_late(unsigned index)
{
    struct request *request = fake.late[index];
    memmove(&fake.late[index], &fake.late[index + 1],
            (--fake.late_count - index) * sizeof fake.late[0]);
    tp_answer(request, serve_one(request));
}

/* --- Processes make calls -----------------------------------------------------------------------
 */

/* What the kernel does by itself after an event: cancels, and says when a stopped process has none
 * of its calls left. */
static bool look_after(struct guest *guest)
{
    struct host_call *call = guest->call;
    if (!guest->endpoint || !guest->is_stopped || guest->is_gone)
        return false;
    if (guest->must_cancel && call && !call->is_answered) {
        guest->must_cancel = false;
        process_service.cancel(&call->request);
        return true;
    }
    if (!call || !call->is_answered)
        return false;
    host_forget(call);
    guest->call = NULL;
    guest->is_gone = true;
    host_ask(guest->endpoint, TP_CALL_GONE, (const tp_word[TP_ARGUMENTS]){0});
    return true;
}

static bool step(void)
{
    bool did = host_step();
    for (unsigned i = 0; i < GUESTS; i++)
        did |= look_after(&fake.guests[i]);
    return did;
}

static void settle(void)
{
    while (step()) {
    }
}

static struct guest *guest_with(int32_t pid)
{
    for (unsigned i = 0; i < GUESTS; i++)
        if (fake.guests[i].endpoint && fake.guests[i].pid == pid)
            return &fake.guests[i];
    return NULL;
}

static void begin_call(struct guest *guest, enum tp_call call, const tp_word args[TP_ARGUMENTS])
{
    ck_assert(guest->runs && !guest->call);
    guest->call = host_ask(guest->endpoint, call, args);
}

/* The answer; the process goes on. */
static int32_t end_call(struct guest *guest)
{
    ck_assert_ptr_nonnull(guest->call);
    ck_assert(guest->call->is_answered);
    int32_t result = guest->call->result;
    host_forget(guest->call);
    guest->call = NULL;
    return result;
}

#define BEGIN(guest, CALL, ...)                                                                    \
    begin_call(guest, TP_CALL_##CALL, (const tp_word[TP_ARGUMENTS]){__VA_ARGS__})

static int32_t make_call(struct guest *guest, enum tp_call call, const tp_word args[TP_ARGUMENTS])
{
    begin_call(guest, call, args);
    settle();
    return end_call(guest);
}

#define CALL(guest, CALL, ...)                                                                     \
    make_call(guest, TP_CALL_##CALL, (const tp_word[TP_ARGUMENTS]){__VA_ARGS__})

#define ANY ((tp_word)-1)

static int32_t wait_for(struct guest *guest, tp_word pid, tp_word options)
{
    return CALL(guest, WAIT, pid, (tp_word)&guest->status, options);
}

static struct guest *fork_of(struct guest *parent)
{
    int32_t pid = CALL(parent, FORK, 0);
    ck_assert_int_gt(pid, 0);
    return guest_with(pid);
}

static void end(struct guest *guest, tp_word code)
{
    BEGIN(guest, EXIT, code);
    settle();
}

/* The machine as it is when init runs. */
static struct guest *boot(void)
{
    fake.slots = GUESTS;
    fake.power = -1;
    memset(fake.offset, 0xff, sizeof fake.offset);
    if (!fake.program)
        set_program(good_image(), sizeof(struct image));
    host_set_system(fake_kernel);
    host_set_service(TP_SERVICE_MEMORY, serve);
    host_set_service(TP_SERVICE_FILE, serve);
    host_set_service(TP_SERVICE_TERMINAL, serve);
    host_place(&process_service, NULL, 0);
    settle();
    return guest_with(1);
}

/* Nothing is left but init. */
static void check_only_init(void)
{
    for (unsigned i = 0; i < GUESTS; i++)
        ck_assert(!fake.guests[i].endpoint || fake.guests[i].pid == 1);
    ck_assert_uint_eq(fake.open_files, 0);
    ck_assert_uint_eq(fake.late_count, 0);
}

/* --- init ----------------------------------------------------------------------------------------
 */

static uint32_t stack_word(const struct guest *guest, uint32_t address)
{
    uint32_t word;
    memcpy(&word, guest->stack + (address - (TP_STACK_TOP - sizeof guest->stack)), 4);
    return word;
}

static const char *stack_text(const struct guest *guest, uint32_t address)
{
    return (const char *)guest->stack + (address - (TP_STACK_TOP - sizeof guest->stack));
}

START_TEST(init_is_process_1_and_runs_from_its_file)
{
    struct guest *init = boot();
    ck_assert(init->runs && init->has_memory);
    ck_assert_uint_eq(init->pc, 0x10004);
    ck_assert_uint_eq(init->sp % 16, 0);
    ck_assert_uint_eq(stack_word(init, init->sp), 1);
    ck_assert_str_eq(stack_text(init, stack_word(init, init->sp + 4)), "init");
    ck_assert_uint_eq(stack_word(init, init->sp + 8), 0);
    ck_assert_str_eq(init->name, "init");
    ck_assert_int_eq(CALL(init, GETPPID, 0), 0);
}
END_TEST

START_TEST(without_init_the_system_says_so)
{
    set_program("text", 4);
    boot();
    ck_assert_str_eq(host_failure(TP_SERVICE_PROCESS),
                     "cannot start /bin/init, the first program: not a program; is a Turnpike disk "
                     "there (--disk, tg-mkfs)?");
}
END_TEST

START_TEST(the_end_of_init_is_the_end_of_the_system)
{
    struct guest *init = boot();
    end(init, 3);
    ck_assert_str_eq(host_failure(TP_SERVICE_PROCESS),
                     "init, to whom all processes belong, ended: it exited with 3");
}
END_TEST

START_TEST(only_init_switches_the_machine_off)
{
    struct guest *init = boot(), *child = fork_of(init);
    ck_assert_int_eq(CALL(child, POWER_OFF, 7), -TP_EPERM);
    ck_assert_int_eq(fake.power, -1);
    CALL(init, POWER_OFF, 7);
    ck_assert_int_eq(fake.power, 7);
}
END_TEST

/* --- Families ------------------------------------------------------------------------------------
 */

START_TEST(a_child_ends_and_its_parent_hears_how)
{
    struct guest *init = boot(), *child = fork_of(init);
    int32_t pid = child->pid;
    ck_assert(child->runs && child->has_memory && child->has_files);
    ck_assert_int_eq(CALL(child, GETPPID, 0), 1);
    end(child, 0x142);
    ck_assert(!child->has_memory && !child->has_files && child->endpoint); /* a zombie */
    ck_assert_int_eq(wait_for(init, ANY, 0), pid);
    ck_assert_uint_eq(init->status, TP_STATUS_EXIT(0x42));
    ck_assert_int_eq(wait_for(init, ANY, 0), -TP_ECHILD);
    check_only_init();
}
END_TEST

START_TEST(a_parent_waits_until_a_child_ends)
{
    struct guest *init = boot(), *child = fork_of(init);
    int32_t pid = child->pid;
    BEGIN(init, WAIT, ANY, (tp_word)&init->status, 0);
    settle();
    ck_assert(!init->call->is_answered);
    end(child, 1);
    ck_assert_int_eq(end_call(init), pid);
    check_only_init();
}
END_TEST

START_TEST(wait_means_whom_it_says)
{
    struct guest *init = boot(), *a = fork_of(init), *b = fork_of(init);
    int32_t a_pid = a->pid, b_pid = b->pid;
    ck_assert_int_eq(CALL(init, SETPGID, (tp_word)b_pid, 0), 0);
    ck_assert_int_eq(wait_for(init, ANY, TP_WAIT_NOHANG), 0);
    end(a, 0);
    ck_assert_int_eq(wait_for(init, (tp_word)b_pid, TP_WAIT_NOHANG), 0);
    ck_assert_int_eq(wait_for(init, (tp_word)-b_pid, TP_WAIT_NOHANG), 0);
    ck_assert_int_eq(wait_for(init, 999, 0), -TP_ECHILD);
    ck_assert_int_eq(wait_for(init, ANY, 2), -TP_EINVAL);
    ck_assert_int_eq(wait_for(init, 0, 0), a_pid);
    BEGIN(init, WAIT, (tp_word)-b_pid, (tp_word)&init->status, 0);
    settle();
    end(b, 0);
    ck_assert_int_eq(end_call(init), b_pid);
}
END_TEST

START_TEST(orphans_belong_to_init)
{
    struct guest *init = boot(), *child = fork_of(init), *dead = fork_of(child),
                 *alive = fork_of(child);
    int32_t pids[] = {dead->pid, child->pid, alive->pid};
    end(dead, 9);
    end(child, 8);
    ck_assert_int_eq(CALL(alive, GETPPID, 0), 1);
    ck_assert_int_eq(wait_for(init, (tp_word)pids[0], 0), pids[0]);
    ck_assert_uint_eq(init->status, TP_STATUS_EXIT(9));
    ck_assert_int_eq(wait_for(init, (tp_word)pids[1], 0), pids[1]);
    BEGIN(init, WAIT, ANY, (tp_word)&init->status, 0);
    end(alive, 7);
    ck_assert_int_eq(end_call(init), pids[2]);
    check_only_init();
}
END_TEST

START_TEST(a_failed_fork_leaves_nothing)
{
    struct guest *init = boot();
    fake.memory_error = -TP_ENOMEM;
    ck_assert_int_eq(CALL(init, FORK, 0), -TP_ENOMEM);
    fake.files_error = -TP_ENFILE;
    ck_assert_int_eq(CALL(init, FORK, 0), -TP_ENFILE);
    fake.slots = 1;
    ck_assert_int_eq(CALL(init, FORK, 0), -TP_EAGAIN);
    ck_assert_int_eq(wait_for(init, ANY, 0), -TP_ECHILD);
    check_only_init();
}
END_TEST

START_TEST(more_forks_than_tasks_wait_for_their_turn)
{
    struct guest *init = boot(), *parents[12];
    for (int i = 0; i < 12; i++)
        parents[i] = fork_of(init);
    fake.is_late = true;
    for (int i = 0; i < 12; i++)
        BEGIN(parents[i], FORK, 0);
    settle();
    ck_assert_uint_eq(fake.late_count, 4);
    while (fake.late_count) {
        answer_late(fake.late_count / 2);
        settle();
    }
    for (int i = 0; i < 12; i++)
        ck_assert_int_gt(end_call(parents[i]), 13);
}
END_TEST

/* --- Signals and groups
 * --------------------------------------------------------------------------- */

START_TEST(kill_ends_who_is_meant_and_nobody_else)
{
    struct guest *init = boot(), *child = fork_of(init);
    int32_t pid = child->pid;
    ck_assert_int_eq(CALL(init, KILL, (tp_word)pid, 0), 0);
    ck_assert_int_eq(CALL(init, KILL, (tp_word)pid, TP_SIGCHLD), 0);
    ck_assert_int_eq(CALL(init, KILL, (tp_word)pid, 32), -TP_EINVAL);
    ck_assert_int_eq(CALL(init, KILL, 999, TP_SIGKILL), -TP_ESRCH);
    ck_assert_int_eq(CALL(child, KILL, 1, TP_SIGKILL), -TP_EPERM);
    ck_assert(child->runs);
    ck_assert_int_eq(CALL(init, KILL, (tp_word)pid, TP_SIGTERM), 0);
    ck_assert(!child->runs && !child->has_memory);
    ck_assert_int_eq(CALL(init, KILL, (tp_word)pid, TP_SIGKILL), 0); /* a zombie: no matter */
    ck_assert_int_eq(wait_for(init, ANY, 0), pid);
    ck_assert_uint_eq(init->status, TP_STATUS_SIGNAL(TP_SIGTERM));
    ck_assert_int_eq(CALL(init, KILL, (tp_word)pid, 0), -TP_ESRCH);
}
END_TEST

START_TEST(a_process_can_end_itself_by_a_signal)
{
    struct guest *init = boot(), *child = fork_of(init);
    BEGIN(child, KILL, (tp_word)child->pid, TP_SIGABRT);
    settle();
    ck_assert_int_gt(wait_for(init, ANY, 0), 1);
    ck_assert_uint_eq(init->status, TP_STATUS_SIGNAL(TP_SIGABRT));
    check_only_init();
}
END_TEST

START_TEST(kill_ends_one_that_waits_for_its_child)
{
    struct guest *init = boot(), *parent = fork_of(init), *child = fork_of(parent);
    int32_t pid = parent->pid;
    BEGIN(parent, WAIT, ANY, (tp_word)&parent->status, 0);
    settle();
    ck_assert_int_eq(CALL(init, KILL, (tp_word)pid, TP_SIGINT), 0);
    ck_assert_int_eq(wait_for(init, ANY, 0), pid);
    ck_assert_int_eq(CALL(child, GETPPID, 0), 1);
}
END_TEST

START_TEST(groups_get_signals_together)
{
    struct guest *init = boot(), *leader = fork_of(init), *member, *other = fork_of(init);
    int32_t group = leader->pid;
    ck_assert_int_eq(CALL(leader, SETPGID, 0, 0), 0);
    member = fork_of(leader);
    ck_assert_int_eq(CALL(member, GETPGID, 0), group);
    ck_assert_int_eq(CALL(other, GETPGID, (tp_word)group), group);
    ck_assert_int_eq(CALL(other, SETPGID, (tp_word)group, 0), -TP_ESRCH);
    ck_assert_int_eq(CALL(other, SETPGID, 0, 999), -TP_EPERM);
    ck_assert_int_eq(CALL(other, SETPGID, 0, (tp_word)-3), -TP_EINVAL);
    ck_assert_int_eq(CALL(other, GETPGID, 999), -TP_ESRCH);
    /* As the terminal does it at control-C. */
    ck_assert_int_eq(HOST(TP_SERVICE_TERMINAL, KILL, (tp_word)-group, TP_SIGINT), 0);
    settle();
    ck_assert(!leader->runs && !member->runs && other->runs);
    ck_assert_int_eq(CALL(other, KILL, (tp_word)-999, TP_SIGINT), -TP_ESRCH);
    BEGIN(other, KILL, 0, TP_SIGINT); /* its own group, which is init's: not init */
    settle();
    ck_assert(!other->runs && init->runs);
    ck_assert_int_eq(CALL(init, KILL, ANY, TP_SIGKILL), 0); /* zombies only */
}
END_TEST

START_TEST(everybody_else_can_be_ended)
{
    struct guest *init = boot(), *a = fork_of(init), *b = fork_of(a);
    ck_assert_int_eq(CALL(a, KILL, ANY, TP_SIGKILL), 0);
    ck_assert(init->runs && a->runs && !b->runs);
}
END_TEST

START_TEST(a_fault_ends_a_process_and_is_told)
{
    struct guest *init = boot(), *child = fork_of(init);
    host_ask(child->endpoint, TP_CALL_FAULTED,
             (const tp_word[TP_ARGUMENTS]){TG_CAUSE_PAGE,
                                           TG_ACCESS_STORE | TG_PAGE_TABLE_ABSENT << 4, 0x10040,
                                           0x10, (tp_word)-TP_EFAULT});
    settle();
    ck_assert_str_eq(fake.terminal, "init (pid 2) ended: page exception, pc 0x00010040, store at "
                                    "0x00000010: nothing is there\n");
    ck_assert_int_eq(wait_for(init, ANY, 0), 2);
    ck_assert_uint_eq(init->status, TP_STATUS_SIGNAL(TP_SIGSEGV));
}
END_TEST

START_TEST(each_fault_has_its_words_and_its_signal)
{
    static const struct {
        struct fault fault;
        uint32_t signal;
        const char *line;
    } rows[] = {
        {{TG_CAUSE_ILLEGAL, 0, 4, 0, 0},
         TP_SIGILL,
         "x (pid 7) ended: illegal exception, pc 0x00000004: no instruction has this encoding, or "
         "no "
         "such control register\n"},
        {{TG_CAUSE_PRIVILEGE, 1, 4, 0, 0},
         TP_SIGILL,
         "x (pid 7) ended: privilege exception, pc 0x00000004: the instruction is for more "
         "privileged rings\n"},
        {{TG_CAUSE_PORT, TG_ACCESS_IN, 4, 0x60, 0},
         TP_SIGSEGV,
         "x (pid 7) ended: port exception, pc 0x00000004, port read of 0x00000060: this ring may "
         "not "
         "use that port\n"},
        {{TG_CAUSE_MISALIGNED, TG_ACCESS_LOAD, 4, 1, 0},
         TP_SIGBUS,
         "x (pid 7) ended: misaligned exception, pc 0x00000004, load at 0x00000001: address is not "
         "a "
         "multiple of the access width\n"},
        {{TG_CAUSE_BREAKPOINT, 0, 4, 0, 0},
         TP_SIGTRAP,
         "x (pid 7) ended: breakpoint exception, pc 0x00000004: brk was executed\n"},
        {{TG_CAUSE_PAGE, TG_PAGE_RING << 4, 4, 0xc0001000, 0},
         TP_SIGSEGV,
         "x (pid 7) ended: page exception, pc 0x00000004, fetch at 0xc0001000: that is the "
         "kernel's\n"},
        {{TG_CAUSE_PAGE, TG_ACCESS_STORE | TG_PAGE_TABLE_ABSENT << 4, 4, 8, -TP_ENOMEM},
         TP_SIGKILL,
         "x (pid 7) ended: page exception, pc 0x00000004, store at 0x00000008: no memory is "
         "left\n"},
        {{200, 1, 4, 8, 0},
         TP_SIGSEGV,
         "x (pid 7) ended: unknown exception, pc 0x00000004: no such exception\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct member member = {.pid = 7, .fault = rows[i].fault};
        char line[REPORT_LINE_BYTES];
        ck_assert_uint_eq(report_fault(&member, "x", line), strlen(rows[i].line));
        ck_assert_str_eq(line, rows[i].line);
        ck_assert_uint_eq(report_signal(&member.fault), rows[i].signal);
    }
}
END_TEST

START_TEST(the_list_shows_zombies_too)
{
    static struct tp_process_info list[8];
    struct guest *init = boot(), *child = fork_of(init);
    end(child, 0);
    ck_assert_int_eq(CALL(init, PROCESS_LIST, (tp_word)list, sizeof list), 2);
    ck_assert_int_eq(list[1].pid, 2);
    ck_assert_int_eq(list[1].parent, 1);
    ck_assert_int_eq(list[1].group, 1);
    ck_assert_uint_eq(list[1].state, TP_RUN_DEAD);
    ck_assert_str_eq(list[1].name, "init");
    ck_assert_int_eq(CALL(init, PROCESS_LIST, (tp_word)list, sizeof list[0] + 1), 1);
    ck_assert_int_eq(CALL(init, PROCESS_LIST, (tp_word)list, 0), 0);
}
END_TEST

/* --- exec
 * ------------------------------------------------------------------------------------------ */

START_TEST(exec_gives_the_program_its_arguments)
{
    static const char arguments[] = "prog\0\0two words";
    struct guest *init = boot();
    ck_assert_int_eq(CALL(init, EXEC, (tp_word) "prog", (tp_word)arguments, sizeof arguments), 0);
    ck_assert_uint_eq(stack_word(init, init->sp), 3);
    ck_assert_str_eq(stack_text(init, stack_word(init, init->sp + 4)), "prog");
    ck_assert_str_eq(stack_text(init, stack_word(init, init->sp + 8)), "");
    ck_assert_str_eq(stack_text(init, stack_word(init, init->sp + 12)), "two words");
    ck_assert_uint_eq(stack_word(init, init->sp + 16), 0);
    ck_assert_str_eq(init->name, "prog");
    ck_assert_uint_eq(fake.open_files, 0);
    ck_assert_int_eq(CALL(init, EXEC, (tp_word) "prog", (tp_word)arguments, 0), 0);
    ck_assert_uint_eq(stack_word(init, init->sp), 0);
}
END_TEST

START_TEST(a_failed_exec_leaves_the_old_program)
{
    static char many[TP_ARGUMENT_BYTES + 1], path[2 * TP_PATH_BYTES];
    struct guest *init = boot();
    struct image bad = *good_image();
    memset(path, 'p', sizeof path - 1);
    init->pc = 0x77;
    ck_assert_int_eq(CALL(init, EXEC, (tp_word) "none", (tp_word) "", 0), -TP_ENOENT);
    ck_assert_int_eq(CALL(init, EXEC, (tp_word)path, (tp_word) "", 0), -TP_ENAMETOOLONG);
    ck_assert_int_eq(CALL(init, EXEC, (tp_word) "prog", (tp_word)many, sizeof many), -TP_E2BIG);
    ck_assert_int_eq(CALL(init, EXEC, (tp_word) "prog", (tp_word)many, TP_ARGUMENT_COUNT + 1),
                     -TP_E2BIG);
    ck_assert_int_eq(CALL(init, EXEC, (tp_word) "prog", (tp_word) "ab", 2), -TP_EINVAL);
    fake.memory_error = -TP_ENOMEM;
    ck_assert_int_eq(CALL(init, EXEC, (tp_word) "prog", (tp_word) "", 0), -TP_ENOMEM);
    set_program(&bad, sizeof bad - 1); /* its last segment is not all there */
    ck_assert_int_eq(CALL(init, EXEC, (tp_word) "prog", (tp_word) "", 0), -TP_ENOEXEC);
    bad.machine = 243;
    ck_assert_int_eq(CALL(init, EXEC, (tp_word) "prog", (tp_word) "", 0), -TP_ENOEXEC);
    ck_assert_uint_eq(init->pc, 0x77);
    ck_assert(init->runs && !init->has_new_memory);
    ck_assert_uint_eq(fake.open_files, 0);
}
END_TEST

/* --- Ends in the middle of something
 * --------------------------------------------------------------- */

/* A child of init that is in a call whose first step with another service is not answered. */
static struct guest *in_the_middle(struct guest *init, enum tp_call call)
{
    struct guest *child = fork_of(init);
    fake.is_late = true;
    begin_call(child, call, (const tp_word[TP_ARGUMENTS]){(tp_word) "prog", (tp_word) "", 0});
    settle();
    ck_assert_uint_eq(fake.late_count, 1);
    return child;
}

static void answer_all(void)
{
    while (fake.late_count) {
        answer_late(0);
        settle();
    }
    fake.is_late = false;
}

START_TEST(killed_in_its_fork_a_process_leaves_an_orphan)
{
    struct guest *init = boot(), *parent = in_the_middle(init, TP_CALL_FORK);
    struct guest *child = guest_with(parent->pid + 1);
    ck_assert_int_eq(CALL(init, KILL, (tp_word)parent->pid, TP_SIGKILL), 0);
    ck_assert(parent->has_memory); /* not before its fork is done */
    answer_all();
    ck_assert(!parent->has_memory && child->runs);
    ck_assert_int_eq(CALL(child, GETPPID, 0), 1);
}
END_TEST

START_TEST(killed_before_it_runs_a_child_never_runs)
{
    struct guest *init = boot(), *parent = in_the_middle(init, TP_CALL_FORK);
    int32_t pid = parent->pid + 1;
    struct guest *child = guest_with(pid);
    ck_assert_int_eq(CALL(init, KILL, (tp_word)pid, TP_SIGTERM), 0);
    ck_assert_int_eq(CALL(init, KILL, (tp_word)pid, TP_SIGKILL), 0); /* too late */
    answer_all();
    ck_assert(!child->runs && !child->has_memory && !child->has_files);
    ck_assert_int_eq(end_call(parent), pid);
    ck_assert_int_eq(wait_for(parent, ANY, 0), pid);
    ck_assert_uint_eq(parent->status, TP_STATUS_SIGNAL(TP_SIGTERM));
}
END_TEST

START_TEST(killed_before_it_is_made_a_child_can_still_fail)
{
    struct guest *init = boot(), *parent = in_the_middle(init, TP_CALL_FORK);
    ck_assert_int_eq(CALL(init, KILL, (tp_word)(parent->pid + 1), TP_SIGTERM), 0);
    fake.memory_error = -TP_ENOMEM;
    answer_all();
    ck_assert_int_eq(end_call(parent), -TP_ENOMEM);
    ck_assert_int_eq(wait_for(parent, ANY, 0), -TP_ECHILD);
}
END_TEST

START_TEST(killed_in_its_exec_a_process_ends_at_each_step)
{
    struct guest *init = boot();
    for (unsigned steps = 0;; steps++) {
        struct guest *child = in_the_middle(init, TP_CALL_EXEC);
        int32_t pid = child->pid;
        for (unsigned i = 0; i < steps && fake.late_count; i++) {
            answer_late(0);
            settle();
        }
        bool is_done = child->call->is_answered;
        ck_assert_int_eq(CALL(init, KILL, (tp_word)pid, TP_SIGKILL), 0);
        answer_all();
        ck_assert(!child->has_memory && !child->has_new_memory && !child->has_files);
        ck_assert_int_eq(wait_for(init, ANY, 0), pid);
        check_only_init();
        if (is_done)
            break;
        ck_assert_uint_lt(steps, 100);
    }
}
END_TEST

START_TEST(the_end_waits_for_all_its_steps)
{
    struct guest *init = boot(), *child = in_the_middle(init, TP_CALL_EXIT);
    int32_t pid = child->pid;
    ck_assert_int_eq(CALL(init, KILL, (tp_word)pid, TP_SIGKILL), 0);
    ck_assert_int_eq(wait_for(init, ANY, TP_WAIT_NOHANG), 0);
    BEGIN(init, WAIT, ANY, (tp_word)&init->status, 0);
    answer_all();
    ck_assert_int_eq(end_call(init), pid);
    ck_assert_uint_eq(init->status & 0x7f, 0); /* the exit came first, kill changed nothing */
}
END_TEST

/* --- Program files
 * --------------------------------------------------------------------------------- */

static uint32_t draw(uint32_t *random, uint32_t below)
{
    *random = *random * 1664525u + 1013904223u;
    return (*random >> 8) % below;
}

/* Changes of a good file that make it none. */
START_TEST(each_field_of_a_program_is_checked)
{
    static const struct {
        size_t offset, bytes;
        uint32_t value;
    } rows[] = {
#define FIELD(name, value) {offsetof(struct image, name), sizeof((struct image *)0)->name, value}
        FIELD(ident[0], 0x7e),
        FIELD(ident[4], 2),
        FIELD(ident[5], 2),
        FIELD(ident[6], 0),
        FIELD(ident[7], 3),
        FIELD(type, 1),
        FIELD(machine, 243),
        FIELD(version, 2),
        FIELD(flags, 1),
        FIELD(header_bytes, 64),
        FIELD(segment_bytes, 56),
        FIELD(segment_count, 0),
        FIELD(segment_count, 65),
        FIELD(segment_count, 0xffff),
        FIELD(segments_offset, 512),
        FIELD(segments_offset, 0xffffffff),
        FIELD(entry, 0),
        FIELD(entry, 0x10002),
        FIELD(entry, 0x12000), /* not code */
        FIELD(entry, 0x10000 + 8000),
        FIELD(segments[0].type, 2), /* to be linked */
        FIELD(segments[0].type, 3),
        FIELD(segments[0].type, 4), /* then no segment has the entry */
        FIELD(segments[0].offset, 0xfffffff0),
        FIELD(segments[0].offset, 0x7fffffff),
        FIELD(segments[0].address, 0xf000),
        FIELD(segments[0].address, 0x12000), /* out of order */
        FIELD(segments[0].address, 0xfffff000),
        FIELD(segments[0].address, TP_STACK_TOP - TP_PAGE),
        FIELD(segments[0].file_bytes, 8001),
        FIELD(segments[0].bytes, 7999),
        FIELD(segments[0].bytes, 0x2001), /* into the other's page */
        FIELD(segments[0].bytes, 0xfffffff0),
        FIELD(segments[0].flags, 0x15),
        FIELD(segments[0].flags, 6),
        FIELD(segments[1].address, 0x11fff), /* a page of both */
        FIELD(segments[1].bytes, 0x7fffffff),
#undef FIELD
    };
    struct elf_program program;
    ck_assert_int_eq(elf_read((const void *)good_image(), ELF_HEAD_BYTES, &program), 0);
    ck_assert_uint_eq(program.part_count, 2);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct image image = *good_image();
        memcpy((char *)&image + rows[i].offset, &rows[i].value, rows[i].bytes);
        ck_assert_msg(elf_read((const void *)&image, ELF_HEAD_BYTES, &program) == -TP_ENOEXEC,
                      "row %zu was taken for a program", i);
    }
    for (uint32_t bytes = 0; bytes < offsetof(struct image, code); bytes++)
        ck_assert_int_eq(elf_read((const void *)good_image(), bytes, &program), -TP_ENOEXEC);
}
END_TEST

/* What holds of every program, however odd its file. */
static void check_program(const struct elf_program *program)
{
    uint64_t end = TP_USER_FIRST;
    bool has_entry = false;
    ck_assert_uint_ge(program->part_count, 1);
    ck_assert_uint_le(program->part_count, ELF_PARTS);
    for (uint32_t i = 0; i < program->part_count; i++) {
        const struct elf_part *part = &program->parts[i];
        ck_assert_uint_ge(part->address / TP_PAGE, (end + TP_PAGE - 1) / TP_PAGE);
        ck_assert_uint_le(part->file_bytes, part->bytes);
        ck_assert_uint_gt(part->bytes, 0);
        end = (uint64_t)part->address + part->bytes;
        ck_assert_uint_le((uint64_t)part->offset + part->file_bytes, INT32_MAX);
        has_entry |=
            program->entry >= part->address && program->entry < part->address + part->file_bytes;
    }
    ck_assert_uint_le(end, TP_STACK_TOP - TP_STACK_BYTES);
    ck_assert(has_entry && program->entry % 4 == 0);
}

START_TEST(no_file_at_all_breaks_the_loader)
{
    static const uint32_t odd[] = {0,          1,          2,          3,
                                   0x7fffffff, 0x80000000, 0xffffffff, 0xfffff000,
                                   0x10000,    0x11000,    0xbffe0000, 0xc0000000};
    uint32_t random = 1, good = 0;
    struct guest *init = boot();
    for (int i = 0; i < 20000; i++) {
        struct image image = *good_image();
        unsigned char *bytes = (unsigned char *)&image;
        struct elf_program program;
        for (uint32_t changes = 1 + draw(&random, 3); changes; changes--) {
            uint32_t at = draw(&random, offsetof(struct image, code) / 4) * 4;
            uint32_t word = draw(&random, 2) ? odd[draw(&random, 12)] : draw(&random, 1 << 24);
            if (draw(&random, 2))
                memcpy(bytes + at, &word, 4);
            else
                bytes[at + draw(&random, 4)] = (unsigned char)word;
        }
        if (elf_read(bytes, ELF_HEAD_BYTES, &program) == 0) {
            good++;
            check_program(&program);
        }
        set_program(bytes, sizeof image);
        int32_t result = CALL(init, EXEC, (tp_word) "prog", (tp_word) "", 0);
        ck_assert(result == 0 || result == -TP_ENOEXEC);
        ck_assert(init->runs && !init->has_new_memory && !fake.open_files);
    }
    ck_assert_uint_gt(good, 1000);
}
END_TEST

/* --- Anything at all
 * ------------------------------------------------------------------------------- */

/* What a process that may act does next. */
static void act(struct guest *guest, uint32_t *random)
{
    struct guest *other = &fake.guests[draw(random, GUESTS)];
    uint32_t signal = 1 + draw(random, 15), what = draw(random, 12);
    switch (what) {
    case 0:
    case 1:
    case 2:
        BEGIN(guest, FORK, 0);
        break;
    case 3:
    case 4:
        if (guest->pid == 1)
            break;
        BEGIN(guest, EXIT, signal);
        break;
    case 5:
        if (other->pid != 1 && other->endpoint)
            BEGIN(guest, KILL, (tp_word)other->pid, signal);
        break;
    case 6:
        BEGIN(guest, EXEC, (tp_word)(signal % 2 ? "prog" : "none"), (tp_word) "a", 2);
        break;
    case 7:
        BEGIN(guest, SETPGID, 0, 0);
        break;
    case 8:
        if (guest->pid != 1 && draw(random, 3) == 0)
            host_ask(guest->endpoint, TP_CALL_FAULTED,
                     (const tp_word[TP_ARGUMENTS]){0, 0, 4, 0, 0});
        break;
    default:
        BEGIN(guest, WAIT,
              draw(random, 3)   ? ANY
              : draw(random, 3) ? 0
                                : (tp_word)other->pid,
              (tp_word)&guest->status, draw(random, 2));
    }
}

/* A call is answered: what is known of it holds. */
static void check_answer(struct guest *guest)
{
    struct request request = guest->call->request;
    int32_t result = end_call(guest);
    switch (request.call) {
    case TP_CALL_FORK:
        ck_assert(result == -TP_EAGAIN || result == -TP_ENOMEM || result > 1);
        break;
    case TP_CALL_EXEC:
        ck_assert(result == 0 || result == -TP_ENOENT || result == -TP_ENOMEM);
        break;
    case TP_CALL_WAIT: /* whoever it was has left nothing, and had a reason to end */
        ck_assert(result == -TP_ECHILD || result >= 0);
        ck_assert(result <= 0 || !guest_with(result));
        if (result > 0 && guest->status & 0x7f)
            ck_assert_uint_le(guest->status, 15);
        break;
    default:
        ck_assert_int_ge(result, -TP_ESRCH);
    }
}

static void act_at_random(uint32_t random)
{
    struct guest *init = guest_with(1);
    for (int i = 0; i < 4000; i++) {
        struct guest *guest = &fake.guests[draw(&random, 20)];
        if (draw(&random, 30) == 0)
            fake.memory_error = -TP_ENOMEM;
        if (guest->endpoint && guest->call && guest->call->is_answered && guest->runs)
            check_answer(guest);
        else if (guest->endpoint && !guest->call && guest->runs)
            act(guest, &random);
        if (draw(&random, 3) == 0 && fake.late_count)
            answer_late(draw(&random, fake.late_count));
        for (uint32_t steps = draw(&random, 6); steps; steps--)
            step();
    }
    /* In the end all are killed, and init asks for everyone. */
    do {
        settle();
        answer_all();
        fake.is_late = true;
        if (init->call && init->call->is_answered)
            check_answer(init);
        for (unsigned i = 1; i < GUESTS; i++)
            if (fake.guests[i].runs)
                HOST(TP_SERVICE_TERMINAL, KILL, (tp_word)fake.guests[i].pid, TP_SIGKILL);
        if (!init->call)
            BEGIN(init, WAIT, ANY, (tp_word)&init->status, 0);
        settle();
    } while (!init->call->is_answered || init->call->result != -TP_ECHILD);
    ck_assert_int_eq(end_call(init), -TP_ECHILD);
    check_only_init();
    ck_assert_uint_eq(host_open_calls(), 0);
}

START_TEST(whatever_happens_nothing_is_lost)
{
    boot();
    for (uint32_t seed = 1; seed <= 30; seed++) {
        fake.slots = seed % 3 ? 20 : 4;
        fake.is_late = true;
        act_at_random(seed);
    }
}
END_TEST

HOST_MAIN("process", init_is_process_1_and_runs_from_its_file, without_init_the_system_says_so,
          the_end_of_init_is_the_end_of_the_system, only_init_switches_the_machine_off,
          a_child_ends_and_its_parent_hears_how, a_parent_waits_until_a_child_ends,
          wait_means_whom_it_says, orphans_belong_to_init, a_failed_fork_leaves_nothing,
          more_forks_than_tasks_wait_for_their_turn, kill_ends_who_is_meant_and_nobody_else,
          a_process_can_end_itself_by_a_signal, kill_ends_one_that_waits_for_its_child,
          groups_get_signals_together, everybody_else_can_be_ended,
          a_fault_ends_a_process_and_is_told, each_fault_has_its_words_and_its_signal,
          the_list_shows_zombies_too, exec_gives_the_program_its_arguments,
          a_failed_exec_leaves_the_old_program, killed_in_its_fork_a_process_leaves_an_orphan,
          killed_before_it_runs_a_child_never_runs, killed_before_it_is_made_a_child_can_still_fail,
          killed_in_its_exec_a_process_ends_at_each_step, the_end_waits_for_all_its_steps,
          each_field_of_a_program_is_checked, no_file_at_all_breaks_the_loader,
          whatever_happens_nothing_is_lost)
