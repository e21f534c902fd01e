/* The steps of why.h in words, a line each. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "debug/explain.h"
#include "debug/why.h"

struct text {
    const struct tg_machine *machine;
    const struct tg_why_names *names;
    uint32_t cpu;
    char *bytes;
    size_t used;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
    size_t left = TG_WHY_BYTES - text->used;
    va_list arguments;
    int written;

    va_start(arguments, format);
    written = vsnprintf(text->bytes + text->used, left, format, arguments);
    va_end(arguments);
    if (written > 0)
        text->used += (size_t)written < left ? (size_t)written : left - 1;
}

static void add_place(struct text *text, const struct tg_why_step *step)
{
    char name[160];

    if (text->names != NULL && text->names->name(text->names->context, step->has_process ? &step->process : NULL,
                                                 step->ring, step->pc, name, sizeof name))
        add(text, "0x%08" PRIx32 " <%s>", step->pc, name);
    else if (step->ring == 0) {
        tg_explain_address(text->machine, step->pc, name, sizeof name);
        add(text, "%s", name);
    } else
        add(text, "0x%08" PRIx32, step->pc);
}

static const char *words(const struct tg_guest_process *process, char buf[TG_GUEST_TEXT_BYTES * 2])
{
    tg_guest_process_words(process, buf);
    return buf;
}

static void add_call_name(struct text *text, const struct tg_why_step *step)
{
    if (step->call_name != NULL)
        add(text, "%s", step->call_name);
    else
        add(text, "call %" PRId32, step->call);
}

static void add_call(struct text *text, const struct tg_why_step *step)
{
    add_call_name(text, step);
    if (!step->has_arguments)
        return;
    add(text, "(");
    for (uint32_t i = 0; i < step->argument_count; i++)
        add(text, "%s0x%" PRIx32, i == 0 ? "" : ", ", step->arguments[i]);
    add(text, ")");
}

static void add_here(struct text *text, const struct tg_why_step *step)
{
    char buf[TG_GUEST_TEXT_BYTES * 2];

    if (step->is_parked) {
        add(text, "CPU %" PRIu32 " is parked: nobody has started it\n", text->cpu);
        return;
    }
    add(text, "CPU %" PRIu32 " is in ring %" PRIu32 " at ", text->cpu, step->ring);
    add_place(text, step);
    if (step->has_process)
        add(text, ", for %s", words(&step->process, buf));
    add(text, "%s\n", step->is_waiting ? ", waiting for an interrupt (wfi)" : "");
}

static void add_source(struct text *text, uint32_t source)
{
    struct tg_source_view view;

    add(text, " (source %" PRIu32, source);
    if (tg_machine_source(text->machine, text->cpu, source, &view) && view.device[0] != '\0')
        add(text, ", %s", view.device);
    add(text, ")");
}

/* What was entered, from where: "cat (pid 3) executed trap 64 in ring 3 at ...", "interrupt 46 (...) came while ...".
 */
static void add_entry(struct text *text, const struct tg_why_step *step)
{
    const struct tg_cause_info *cause = step->entry_kind == TG_ENTRY_EXCEPTION ? tg_cause_info(step->vector) : NULL;
    char buf[TG_GUEST_TEXT_BYTES * 2];
    const char *who = step->has_process ? words(&step->process, buf) : step->ring == 0 ? "the kernel" : "the program";

    if (step->entry_kind == TG_ENTRY_INTERRUPT) {
        add(text, "  interrupt %" PRIu32, step->vector);
        add_source(text, step->vector - TG_VECTOR_INTERRUPT);
        add(text, " came while %s ran in ring %" PRIu32 ", before ", who, step->ring);
    } else if (step->entry_kind == TG_ENTRY_TRAP) {
        add(text, "  %s executed trap %" PRIu32 " in ring %" PRIu32 " before ", who, step->vector, step->ring);
    } else {
        add(text, "  %s caused exception %" PRIu32 " (%s) in ring %" PRIu32 " at ", who, step->vector,
            cause == NULL ? "unknown" : cause->name, step->ring);
    }
    add_place(text, step);
    if (step->entry_kind == TG_ENTRY_EXCEPTION)
        add(text, ": error word 0x%" PRIx32 ", address 0x%08" PRIx32, step->error, step->address);
    if (step->call >= 0) {
        add(text, ": ");
        add_call(text, step);
    }
    add(text, "\n");
}

static void add_made(struct text *text, const struct tg_why_step *step)
{
    char buf[TG_GUEST_TEXT_BYTES * 2];

    add(text, "  %s is to begin in ring %" PRIu32 " at ", step->has_process ? words(&step->process, buf) : "a context",
        step->ring);
    add_place(text, step);
    add(text, ": the frame was made by the kernel, not by an entry\n");
}

static void add_drives(struct text *text, const struct tg_why_step *step)
{
    char buf[TG_GUEST_TEXT_BYTES * 2];

    add(text, "  %s drives a device", words(&step->process, buf));
    add_source(text, step->source);
    add(text, "%s\n", step->is_masked ? "; its interrupt is masked until it has been dealt with" : "");
}

static void add_works(struct text *text, const struct tg_why_step *step)
{
    char buf[TG_GUEST_TEXT_BYTES * 2], other[TG_GUEST_TEXT_BYTES * 2];

    add(text, "  %s has heard of ", words(&step->process, buf));
    add_call(text, step);
    add(text, " from %s, which waits for the answer\n", words(&step->other, other));
}

static void add_waits(struct text *text, const struct tg_why_step *step)
{
    char buf[TG_GUEST_TEXT_BYTES * 2], other[TG_GUEST_TEXT_BYTES * 2];

    add(text, "  %s waits for %s", words(&step->process, buf), words(&step->other, other));
    switch (step->wait) {
    case TG_GUEST_WAIT_PIPE:
        add(text, ", which has the other end of the pipe");
        break;
    case TG_GUEST_WAIT_CHILD:
        add(text, ", its child, to end");
        break;
    default:
        if (step->call >= 0) {
            add(text, ": ");
            add_call_name(text, step);
        }
        if (step->state[0] != '\0')
            add(text, " (%s)", step->state);
    }
    add(text, "\n");
}

static void add_stuck(struct text *text, const struct tg_why_step *step, bool is_first)
{
    char buf[TG_GUEST_TEXT_BYTES * 2], other[TG_GUEST_TEXT_BYTES * 2];

    add(text, "%s%s waits for %s", is_first ? "  deadlock: " : "    and ", words(&step->process, buf),
        words(&step->other, other));
    if (step->call >= 0) {
        add(text, " in ");
        add_call_name(text, step);
    }
    add(text, "\n");
}

void tg_why_text(const struct tg_machine *machine, const struct tg_why *why, const struct tg_why_names *names,
                 char *buf)
{
    struct text text = {.machine = machine, .names = names, .cpu = why->cpu, .bytes = buf};
    enum tg_why_kind before = TG_WHY_HERE;
    bool has_entry = false;

    buf[0] = '\0';
    for (size_t i = 0; i < why->count; i++) {
        const struct tg_why_step *step = &why->steps[i];

        has_entry = has_entry || step->kind == TG_WHY_ENTRY || step->kind == TG_WHY_MADE;
        switch (step->kind) {
        case TG_WHY_HERE:
            add_here(&text, step);
            break;
        case TG_WHY_ENTRY:
            add_entry(&text, step);
            break;
        case TG_WHY_MADE:
            add_made(&text, step);
            break;
        case TG_WHY_DRIVES:
            add_drives(&text, step);
            break;
        case TG_WHY_WORKS:
            add_works(&text, step);
            break;
        case TG_WHY_WAITS:
            add_waits(&text, step);
            break;
        default:
            add_stuck(&text, step, before != TG_WHY_STUCK);
        }
        before = step->kind;
    }
    if (why->is_cut)
        add(&text, "  ...\n");
    if (!has_entry && why->count > 0 && !why->steps[0].is_parked && why->steps[0].ring < 3 &&
        (!why->steps[0].has_process || !why->steps[0].process.is_service))
        add(&text, "  no entry is open: %s\n",
            why->steps[0].is_waiting ? "nothing is to be done here"
                                     : "the CPU has been in this ring since it began here");
}
