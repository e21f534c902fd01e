/* The world of the process service in tests: see family_world.h. */
#include <stdlib.h>
#include <string.h>

#include "family_world.h"
#include "isa/elf_tg32.h"

struct family_world fake;

struct guest *guest_of(tp_word endpoint)
{
    uint32_t slot = TP_ENDPOINT_SLOT((uint32_t)endpoint);
    ck_assert_uint_ge(slot, TP_FIRST_PROCESS_SLOT);
    struct guest *guest = &fake.guests[slot - TP_FIRST_PROCESS_SLOT];
    ck_assert_uint_eq(guest->endpoint, endpoint);
    return guest;
}

/* --- A program file -------------------------------------------------------------------------- */

const struct image *good_image(void)
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

void set_program(const void *bytes, size_t size)
{
    fake.program = bytes;
    fake.program_bytes = (uint32_t)size;
}

/* --- The kernel ------------------------------------------------------------------------------ */

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
    *info = (struct tp_process_info){.state = TP_RUN_FREE};
    if (slot >= TP_FIRST_PROCESS_SLOT && fake.guests[slot - TP_FIRST_PROCESS_SLOT].endpoint) {
        const struct guest *guest = &fake.guests[slot - TP_FIRST_PROCESS_SLOT];
        *info = (struct tp_process_info){.endpoint = guest->endpoint, .state = TP_RUN_READY};
        memcpy(info->name, guest->name, 16);
    }
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

/* --- The other services ---------------------------------------------------------------------- */

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
void answer_late(unsigned index)
{
    struct request *request = fake.late[index];
    memmove(&fake.late[index], &fake.late[index + 1],
            (--fake.late_count - index) * sizeof fake.late[0]);
    tp_answer(request, serve_one(request));
}

/* --- Processes make calls -------------------------------------------------------------------- */

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

bool step(void)
{
    bool did = host_step();
    for (unsigned i = 0; i < GUESTS; i++)
        did |= look_after(&fake.guests[i]);
    return did;
}

void settle(void)
{
    while (step()) {
    }
}

struct guest *guest_with(int32_t pid)
{
    for (unsigned i = 0; i < GUESTS; i++)
        if (fake.guests[i].endpoint && fake.guests[i].pid == pid)
            return &fake.guests[i];
    return NULL;
}

void begin_call(struct guest *guest, enum tp_call call, const tp_word args[TP_ARGUMENTS])
{
    ck_assert(guest->runs && !guest->call);
    guest->call = host_ask(guest->endpoint, call, args);
}

/* The answer; the process goes on. */
int32_t end_call(struct guest *guest)
{
    ck_assert_ptr_nonnull(guest->call);
    ck_assert(guest->call->is_answered);
    int32_t result = guest->call->result;
    host_forget(guest->call);
    guest->call = NULL;
    return result;
}

int32_t make_call(struct guest *guest, enum tp_call call, const tp_word args[TP_ARGUMENTS])
{
    begin_call(guest, call, args);
    settle();
    return end_call(guest);
}

int32_t wait_for(struct guest *guest, tp_word pid, tp_word options)
{
    return CALL(guest, WAIT, pid, (tp_word)&guest->status, options);
}

struct guest *fork_of(struct guest *parent)
{
    int32_t pid = CALL(parent, FORK, 0);
    ck_assert_int_gt(pid, 0);
    return guest_with(pid);
}

void end(struct guest *guest, tp_word code)
{
    BEGIN(guest, EXIT, code);
    settle();
}

/* The machine as it is when init runs. */
struct guest *boot(void)
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
void check_only_init(void)
{
    for (unsigned i = 0; i < GUESTS; i++)
        ck_assert(!fake.guests[i].endpoint || fake.guests[i].pid == 1);
    ck_assert_uint_eq(fake.open_files, 0);
    ck_assert_uint_eq(fake.late_count, 0);
}

uint32_t stack_word(const struct guest *guest, uint32_t address)
{
    uint32_t word;
    memcpy(&word, guest->stack + (address - (TP_STACK_TOP - sizeof guest->stack)), 4);
    return word;
}

const char *stack_text(const struct guest *guest, uint32_t address)
{
    return (const char *)guest->stack + (address - (TP_STACK_TOP - sizeof guest->stack));
}

void answer_all(void)
{
    while (fake.late_count) {
        answer_late(0);
        settle();
    }
    fake.is_late = false;
}

uint32_t draw(uint32_t *random, uint32_t below)
{
    *random = *random * 1664525u + 1013904223u;
    return (*random >> 8) % below;
}
