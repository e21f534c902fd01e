/*
 * See why.h. Three parts: entry frames, from the stacks; what the guest says of the context that they interrupted; the
 * requests that lead on from there, to whoever is waited for, and back from a service to whom it works for.
 */
#include "debug/why.h"

#include <stdlib.h>
#include <string.h>

#include "debug/guest_table.h"

/* How far up a stack frames are looked for, and how many are told of. */
#define MOST_STACK    16384u
#define MOST_FRAMES   8

#define MOST_REQUESTS 512
#define MOST_WAITS    1024

struct search {
    const struct tg_machine *machine;
    const struct tg_guest *guest; /* NULL: none */
    struct tg_cpu_view cpu;
    uint32_t ring;
    struct tg_why *why;
    struct tg_guest_request *requests;
    size_t request_count;
    struct tg_guest_wait *waits;
    size_t wait_count;
};

/* The next step, all zeros; the last one again when there is no room. */
static struct tg_why_step *add(struct search *s, enum tg_why_kind kind)
{
    struct tg_why_step *step;

    if (s->why->count == TG_WHY_MOST_STEPS) {
        s->why->is_cut = true;
        s->why->count--;
    }
    step = &s->why->steps[s->why->count++];
    *step = (struct tg_why_step){.kind = kind, .call = -1};
    return step;
}

/* --- Frames ----------------------------------------------------------------------------------- */

struct frame {
    uint32_t at, vector, error, address, pc, status, sp;
    enum tg_entry_kind kind;
};

static uint32_t frame_below(uint32_t sp)
{
    return (sp - TG_FRAME_BYTES) & ~(uint32_t)(TG_FRAME_ALIGN - 1);
}

/* Whether a vector can be entered in that way. */
static bool fits(uint32_t kind, uint32_t vector)
{
    switch (kind) {
    case TG_ENTRY_EXCEPTION:
        return tg_cause_info(vector) != NULL;
    case TG_ENTRY_INTERRUPT:
        return vector >= TG_VECTOR_INTERRUPT && vector < TG_VECTOR_INTERRUPT + 32;
    default:
        return kind == TG_ENTRY_TRAP;
    }
}

/* Reads what may be a frame at an address of the CPU's; false: no CPU pushed that. */
static bool read_frame(const struct search *s, uint32_t at, struct frame *ret_frame)
{
    uint8_t bytes[TG_FRAME_BYTES];
    struct frame frame = {.at = at};
    uint32_t first;

    if (!tg_guest_read(s->machine, s->cpu.creg[TG_CR_PTROOT], at, bytes, sizeof bytes))
        return false;
    first = guest_word(bytes + TG_FRAME_VECTOR);
    frame.kind = (enum tg_entry_kind)(first >> 8);
    frame.vector = first & 0xff;
    frame.error = guest_word(bytes + TG_FRAME_ERROR);
    frame.address = guest_word(bytes + TG_FRAME_ADDRESS);
    frame.pc = guest_word(bytes + TG_FRAME_PC);
    frame.status = guest_word(bytes + TG_FRAME_STATUS);
    frame.sp = guest_word(bytes + TG_FRAME_SP);
    if (first >> 8 > TG_ENTRY_TRAP || !fits(first >> 8, frame.vector) || frame.pc % 4 != 0 ||
        (frame.status & ~TG_STATUS_VALID) != 0)
        return false;
    *ret_frame = frame;
    return true;
}

/* A trap's frame that no `trap` stands before was made by the kernel, for somebody who is to begin there. What cannot
 * be read counts as a trap. */
static bool is_made(const struct search *s, const struct frame *frame)
{
    uint8_t bytes[4];
    struct tg_insn insn;

    if (frame->kind != TG_ENTRY_TRAP ||
        !tg_guest_read(s->machine, s->cpu.creg[TG_CR_PTROOT], frame->pc - 4, bytes, sizeof bytes))
        return false;
    insn = tg_decode(guest_word(bytes));
    return insn.id != TG_INSN_TRAP || (uint32_t)insn.imm != frame->vector;
}

/* The nearest frame above sp that was pushed without a change of ring: its own sp leads back to it. On the stack that
 * the ring is entered with there is none beyond the frame from outside; a kernel may have gone on to another one, whose
 * end is not known. */
static bool find_same_ring(const struct search *s, uint32_t ring, uint32_t sp, struct frame *ret_frame)
{
    uint32_t first = (sp + TG_FRAME_ALIGN - 1) & ~(uint32_t)(TG_FRAME_ALIGN - 1);
    uint32_t end = s->cpu.creg[TG_CR_SP0 + ring], most = MOST_STACK;

    if (end != 0 && end - sp <= MOST_STACK)
        most = frame_below(end) - first < MOST_STACK ? frame_below(end) - first : 0;
    for (uint32_t at = first; at - first < most && at >= first; at += TG_FRAME_ALIGN) {
        uint8_t byte;

        if (!tg_guest_read(s->machine, s->cpu.creg[TG_CR_PTROOT], at, &byte, 1))
            return false;
        if (read_frame(s, at, ret_frame) && (ret_frame->status & TG_STATUS_RING) == ring &&
            frame_below(ret_frame->sp) == at && !is_made(s, ret_frame) &&
            (ret_frame->vector != TG_CAUSE_DOUBLE || ret_frame->kind != TG_ENTRY_EXCEPTION))
            return true;
    }
    return false;
}

/* The frame of the double fault that is being handled, if sp is on its stack. */
static bool find_double(const struct search *s, uint32_t sp, struct frame *ret_frame)
{
    uint32_t at = frame_below(s->cpu.creg[TG_CR_SPD]);

    return s->ring == 0 && s->cpu.creg[TG_CR_SPD] != 0 && at - sp < TG_PAGE_BYTES && read_frame(s, at, ret_frame) &&
           ret_frame->kind == TG_ENTRY_EXCEPTION && ret_frame->vector == TG_CAUSE_DOUBLE;
}

/* The frame by which a ring was entered from a less privileged one: at the end of its own stack. Nothing was pushed
 * while sp is that end. */
static bool find_from_outside(const struct search *s, uint32_t ring, uint32_t sp, struct frame *ret_frame)
{
    uint32_t end = s->cpu.creg[TG_CR_SP0 + ring];

    return end != 0 && sp != end && read_frame(s, frame_below(end), ret_frame) &&
           (ret_frame->status & TG_STATUS_RING) > ring;
}

/* The idle process of a kernel is interrupted in ring 0, on the stack that entries from outside use too. */
static bool find_at_end(const struct search *s, uint32_t ring, uint32_t sp, struct frame *ret_frame)
{
    uint32_t end = s->cpu.creg[TG_CR_SP0 + ring];

    return end != 0 && sp != end && read_frame(s, frame_below(end), ret_frame) &&
           (ret_frame->status & TG_STATUS_RING) == ring && frame_below(ret_frame->sp) == ret_frame->at &&
           !is_made(s, ret_frame);
}

/* The innermost frame that is open for a context in ring with sp. */
static bool find_frame(const struct search *s, uint32_t ring, uint32_t sp, bool is_innermost, struct frame *ret_frame)
{
    if (is_innermost && find_double(s, sp, ret_frame))
        return true;
    if (find_same_ring(s, ring, sp, ret_frame))
        return true;
    return find_from_outside(s, ring, sp, ret_frame) || (is_innermost && find_at_end(s, ring, sp, ret_frame));
}

static void add_process(const struct search *s, struct tg_why_step *step, const struct tg_guest_process *process)
{
    (void)s;
    step->has_process = process != NULL;
    if (process != NULL)
        step->process = *process;
}

/* The request that a process's own call has become, or NULL. */
static const struct tg_guest_request *find_request(const struct search *s, const struct tg_guest_process *process)
{
    for (size_t i = 0; i < s->request_count; i++)
        if (s->requests[i].has_process && guest_is_same(&s->requests[i].process.row, &process->row) &&
            strcmp(s->requests[i].answer, "trap") == 0)
            return &s->requests[i];
    return NULL;
}

static void copy_arguments(struct tg_why_step *step, const uint32_t *arguments, uint32_t count)
{
    step->has_arguments = true;
    step->argument_count = count < 6 ? count : 6;
    memcpy(step->arguments, arguments, step->argument_count * sizeof *arguments);
}

/* Which call an entry was. While the handler has just begun the CPU's registers are the caller's; then the kernel has
 * saved the number, and the arguments are in the request, if there is one. */
static void add_call(const struct search *s, struct tg_why_step *step, bool is_fresh)
{
    struct tg_guest_convention convention;
    const struct tg_guest_request *request;
    uint32_t number;

    if (s->guest == NULL || step->entry_kind != TG_ENTRY_TRAP || !tg_guest_convention(s->guest, &convention) ||
        convention.vector != step->vector)
        return;
    if (is_fresh) {
        step->call = (int32_t)s->cpu.x[convention.number_register];
        copy_arguments(step, &s->cpu.x[10], 6);
    } else if (step->has_process) {
        request = find_request(s, &step->process);
        if (guest_number(s->guest, &step->process.row, "call", &number))
            step->call = (int32_t)number;
        if (request != NULL && request->call == step->call)
            copy_arguments(step, request->arguments, request->argument_count);
    }
    if (step->call >= 0)
        step->call_name = tg_guest_call_name(s->guest, (uint32_t)step->call);
}

static void add_entry(struct search *s, const struct frame *frame, uint32_t to_ring, bool is_fresh,
                      const struct tg_guest_process *process)
{
    bool is_begin = is_made(s, frame);
    struct tg_why_step *step = add(s, is_begin ? TG_WHY_MADE : TG_WHY_ENTRY);

    add_process(s, step, process);
    step->ring = frame->status & TG_STATUS_RING;
    step->pc = frame->pc;
    step->entry_kind = frame->kind;
    step->vector = frame->vector;
    step->error = frame->error;
    step->address = frame->address;
    step->to_ring = to_ring;
    step->frame = frame->at;
    step->sp = frame->sp;
    if (!is_begin)
        add_call(s, step, is_fresh);
}

/* All frames of the CPU, innermost first; the outermost is in the last step. */
static void add_frames(struct search *s, const struct tg_guest_process *process)
{
    uint32_t ring = s->ring, sp = s->cpu.x[2];
    struct frame frame;

    for (unsigned i = 0; i < MOST_FRAMES && ring < 3 && find_frame(s, ring, sp, i == 0, &frame); i++) {
        bool is_fresh = i == 0 && frame.at == s->cpu.x[2] && (ring != 0 || s->cpu.x[10] != frame.at);
        uint32_t from = frame.status & TG_STATUS_RING;

        add_entry(s, &frame, ring, is_fresh, from > 0 ? process : NULL);
        if (from == ring && frame_below(s->cpu.creg[TG_CR_SP0 + ring]) == frame.at)
            return;
        ring = from;
        sp = frame.sp;
    }
}

/* --- Requests --------------------------------------------------------------------------------- */

static void add_request(struct search *s, enum tg_why_kind kind, const struct tg_guest_process *process,
                        const struct tg_guest_process *other, const struct tg_guest_request *request)
{
    struct tg_why_step *step = add(s, kind);

    add_process(s, step, process);
    step->other = *other;
    step->call = request->call;
    step->call_name = request->call_name;
    memcpy(step->state, request->state, sizeof step->state);
    copy_arguments(step, request->arguments, request->argument_count);
}

/* Whether a step like this was made already: chains may meet. */
static bool is_told(const struct search *s, enum tg_why_kind kind, const struct tg_guest_row *process,
                    const struct tg_guest_row *other, int32_t call)
{
    for (size_t i = 0; i < s->why->count; i++) {
        const struct tg_why_step *step = &s->why->steps[i];

        if (step->kind == kind && guest_is_same(&step->process.row, process) &&
            guest_is_same(&step->other.row, other) && step->call == call)
            return true;
    }
    return false;
}

/* What process waits for, and what those wait for in turn. */
static void add_waits(struct search *s, const struct tg_guest_process *process, unsigned depth)
{
    for (size_t i = 0; i < s->wait_count && depth < 8 && !s->why->is_cut; i++) {
        const struct tg_guest_wait *wait = &s->waits[i];
        struct tg_why_step *step;
        struct tg_guest_process other;

        if (!guest_is_same(&wait->from, &process->row) || strcmp(wait->state, "answered") == 0 ||
            !tg_guest_process_at(s->guest, &wait->to, &other) ||
            is_told(s, TG_WHY_WAITS, &process->row, &other.row, wait->call))
            continue;
        step = add(s, TG_WHY_WAITS);
        add_process(s, step, process);
        step->other = other;
        step->call = wait->call;
        step->call_name = wait->call < 0 ? NULL : tg_guest_call_name(s->guest, (uint32_t)wait->call);
        step->wait = wait->kind;
        memcpy(step->state, wait->state, sizeof step->state);
        if (wait->kind == TG_GUEST_WAIT_REQUEST || wait->kind == TG_GUEST_WAIT_MESSAGE)
            add_waits(s, &other, depth + 1);
    }
}

/* For a process that does not run: the entry that it has not returned from, by the frame that its kernel keeps. */
static void add_own_entry(struct search *s, const struct tg_guest_process *process)
{
    struct frame frame;
    struct tg_why_step *step;

    for (size_t i = 0; i < s->why->count; i++)
        if (s->why->steps[i].kind == TG_WHY_ENTRY && s->why->steps[i].has_process &&
            guest_is_same(&s->why->steps[i].process.row, &process->row))
            return;
    if (process->frame == 0 || process->is_service || process->state == TG_GUEST_RUNNING ||
        !read_frame(s, process->frame, &frame))
        return;
    step = add(s, TG_WHY_ENTRY);
    add_process(s, step, process);
    step->ring = frame.status & TG_STATUS_RING;
    step->pc = frame.pc;
    step->entry_kind = frame.kind;
    step->vector = frame.vector;
    step->error = frame.error;
    step->address = frame.address;
    step->frame = frame.at;
    step->sp = frame.sp;
    add_call(s, step, false);
}

/* Whom a service works for: the requests it has heard of and not answered, the newest first, and why there are these.
 */
static void add_clients(struct search *s, const struct tg_guest_process *service, unsigned depth)
{
    uint32_t before = UINT32_MAX;

    for (size_t told = 0; told < s->request_count && depth < 8 && !s->why->is_cut; told++) {
        const struct tg_guest_request *newest = NULL;

        for (size_t i = 0; i < s->request_count; i++) {
            const struct tg_guest_request *request = &s->requests[i];

            if (request->service != NULL && strcmp(request->service, service->name) == 0 &&
                strcmp(request->state, "heard") == 0 && request->order < before &&
                (newest == NULL || request->order > newest->order))
                newest = request;
        }
        if (newest == NULL)
            return;
        before = newest->order;
        if (!newest->has_process || is_told(s, TG_WHY_WORKS, &service->row, &newest->process.row, newest->call))
            continue;
        add_request(s, TG_WHY_WORKS, service, &newest->process, newest);
        if (newest->process.is_service)
            add_clients(s, &newest->process, depth + 1);
        else
            add_own_entry(s, &newest->process);
    }
}

/* The services whose device's interrupt is the outermost reason, or is masked because its server has not dealt with it.
 */
static void add_drivers(struct search *s, uint32_t source)
{
    struct tg_guest_service services[32];
    size_t count = tg_guest_services(s->guest, services, 32);

    for (size_t i = 0; i < count && i < 32; i++) {
        struct tg_source_view view;
        struct tg_why_step *step;

        if (source >= 32 || (services[i].sources >> source & 1) == 0 || !services[i].has_process)
            continue;
        step = add(s, TG_WHY_DRIVES);
        add_process(s, step, &services[i].process);
        step->source = source;
        step->is_masked = tg_machine_source(s->machine, s->why->cpu, source, &view) && !view.is_enabled;
        add_clients(s, &services[i].process, 0);
    }
}

/* A server that runs may have been told of an interrupt: its source is then masked. */
static void add_masked(struct search *s, const struct tg_guest_process *process)
{
    struct tg_guest_service services[32];
    size_t count = tg_guest_services(s->guest, services, 32);

    for (size_t i = 0; i < count && i < 32; i++) {
        if (!services[i].has_process || !guest_is_same(&services[i].process.row, &process->row))
            continue;
        for (uint32_t source = 0; source < 32; source++) {
            struct tg_source_view view;

            if ((services[i].sources >> source & 1) != 0 && tg_machine_source(s->machine, s->why->cpu, source, &view) &&
                !view.is_enabled)
                add_drivers(s, source);
        }
    }
}

static void add_deadlock(struct search *s)
{
    struct tg_guest_process *cycle = malloc(TG_GUEST_MOST_CYCLE * sizeof *cycle);
    size_t count = cycle == NULL ? 0 : tg_guest_deadlock(s->guest, cycle);

    for (size_t i = 0; i < count; i++) {
        struct tg_why_step *step = add(s, TG_WHY_STUCK);

        add_process(s, step, &cycle[i]);
        step->other = cycle[(i + 1) % count];
        step->call = cycle[i].waits_in;
        step->call_name = cycle[i].waits_in_name;
    }
    free(cycle);
}

/* --- All of it -------------------------------------------------------------------------------- */

static const struct tg_why_step *outermost_entry(const struct search *s)
{
    for (size_t i = s->why->count; i > 0; i--)
        if (s->why->steps[i - 1].kind == TG_WHY_ENTRY)
            return &s->why->steps[i - 1];
    return NULL;
}

static void add_requests(struct search *s, const struct tg_guest_process *process)
{
    const struct tg_why_step *entry = outermost_entry(s);

    if (entry != NULL && entry->entry_kind == TG_ENTRY_INTERRUPT)
        add_drivers(s, entry->vector - TG_VECTOR_INTERRUPT);
    if (process != NULL && process->is_service) {
        add_masked(s, process);
        add_clients(s, process, 0);
    }
    if (process != NULL)
        add_waits(s, process, 0);
    add_deadlock(s);
}

static int begin(struct search *s)
{
    s->requests = calloc(MOST_REQUESTS, sizeof *s->requests);
    s->waits = calloc(MOST_WAITS, sizeof *s->waits);
    if (s->requests == NULL || s->waits == NULL)
        return TG_E_NOMEM;
    if (s->guest == NULL)
        return TG_OK;
    s->request_count = tg_guest_requests(s->guest, s->requests, MOST_REQUESTS);
    s->request_count = s->request_count < MOST_REQUESTS ? s->request_count : MOST_REQUESTS;
    s->wait_count = tg_guest_waits(s->guest, s->waits, MOST_WAITS);
    s->wait_count = s->wait_count < MOST_WAITS ? s->wait_count : MOST_WAITS;
    return TG_OK;
}

int tg_why(const struct tg_machine *machine, const struct tg_guest *guest, uint32_t cpu, struct tg_why *ret_why)
{
    struct search s = {.machine = machine, .guest = guest, .why = ret_why};
    struct tg_guest_process process;
    struct tg_why_step *here;
    bool has_process;
    int result;

    if (cpu >= tg_machine_config(machine)->cpus)
        return TG_E_ARGUMENT;
    *ret_why = (struct tg_why){.cpu = cpu};
    tg_machine_cpu(machine, cpu, &s.cpu);
    s.ring = s.cpu.creg[TG_CR_STATUS] & TG_STATUS_RING;
    if (guest != NULL)
        guest_begin_work(guest);
    result = begin(&s);
    if (result == TG_OK) {
        has_process = guest != NULL && tg_guest_current(guest, cpu, &process);
        here = add(&s, TG_WHY_HERE);
        add_process(&s, here, has_process ? &process : NULL);
        here->ring = s.ring;
        here->pc = s.cpu.pc;
        here->is_parked = s.cpu.is_parked;
        here->is_waiting = s.cpu.is_waiting;
        if (!here->is_parked)
            add_frames(&s, has_process ? &process : NULL);
        if (guest != NULL && !here->is_parked)
            add_requests(&s, has_process ? &process : NULL);
    }
    if (guest != NULL)
        guest_end_work(guest);
    free(s.requests);
    free(s.waits);
    return result;
}
