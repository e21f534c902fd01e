/*
 * What a person is told: the line on the terminal about a process that cannot go on, made from the
 * machine's own table of causes, and why the system cannot go on without init.
 */
#include "isa/isa.h"
#include "process.h"

struct line {
    char *text;
    uint32_t length; /* the zero byte not counted */
};

static void put_text(struct line *line, const char *text)
{
    while (*text && line->length < REPORT_LINE_BYTES - 1)
        line->text[line->length++] = *text++;
    line->text[line->length] = '\0';
}

static void put_number(struct line *line, uint32_t number, uint32_t base, unsigned digits)
{
    char text[12], *first = text + sizeof text - 1;

    *first = '\0';
    do {
        *--first = "0123456789abcdef"[number % base];
        number /= base;
        digits -= digits > 0;
    } while (number || digits);
    put_text(line, first);
}

static void put_address(struct line *line, uint32_t address)
{
    put_text(line, "0x");
    put_number(line, address, 16, 8);
}

static const char *access_name(uint32_t error)
{
    switch (error & 0xf) {
#define TG_ACCESS(ID, number, name)                                                                \
    case number:                                                                                   \
        return name;
#include "isa/causes.def"
    default:
        return "access";
    }
}

static const char *cause_name(uint32_t vector)
{
    switch (vector) {
#define TG_CAUSE(ID, name, vector, ...)                                                            \
    case vector:                                                                                   \
        return name;
#include "isa/causes.def"
    default:
        return "unknown";
    }
}

/* Why, in the words of the manual. */
static const char *meaning(const struct fault *fault)
{
    if (fault->vector == TG_CAUSE_PAGE)
        switch (fault->error >> 4 & 0xf) {
        case TG_PAGE_RING:
            return "that is the kernel's";
        case TG_PAGE_PERMISSION:
            return "the page does not allow that";
        default:
            return "nothing is there";
        }
    if (fault->vector == TG_CAUSE_PRIVILEGE)
        switch (fault->error) {
#define TG_PRIVILEGE_REASON(ID, number, meaning)                                                   \
    case number:                                                                                   \
        return meaning;
#include "isa/causes.def"
        }
    switch (fault->vector) {
#define TG_CAUSE(ID, name, vector, pc, error, address, meaning)                                    \
    case vector:                                                                                   \
        return meaning;
#include "isa/causes.def"
    default:
        return "no such exception";
    }
}

/* Of those causes whose frame has one: what was done to which address or port. */
static void put_access(struct line *line, const struct fault *fault)
{
    bool is_port = fault->vector == TG_CAUSE_PORT;

    if (fault->vector != TG_CAUSE_PAGE && fault->vector != TG_CAUSE_MISALIGNED &&
        fault->vector != TG_CAUSE_BUS && !is_port)
        return;
    put_text(line, ", ");
    put_text(line, access_name(fault->error));
    put_text(line, is_port ? " of " : " at ");
    put_address(line, fault->address);
}

uint32_t report_fault(const struct member *member, const char *name, char text[REPORT_LINE_BYTES])
{
    const struct fault *fault = &member->fault;
    struct line line = {.text = text};

    put_text(&line, name);
    put_text(&line, " (pid ");
    put_number(&line, (uint32_t)member->pid, 10, 1);
    put_text(&line, ") ended: ");
    put_text(&line, cause_name(fault->vector));
    put_text(&line, " exception, pc ");
    put_address(&line, fault->pc);
    put_access(&line, fault);
    put_text(&line, ": ");
    put_text(&line, fault->lack == -TP_ENOMEM ? "no memory is left" : meaning(fault));
    put_text(&line, "\n");
    return line.length;
}

uint32_t report_signal(const struct fault *fault)
{
    if (fault->lack == -TP_ENOMEM)
        return TP_SIGKILL;
    switch (fault->vector) {
    case TG_CAUSE_ILLEGAL:
    case TG_CAUSE_PRIVILEGE:
        return TP_SIGILL;
    case TG_CAUSE_BREAKPOINT:
        return TP_SIGTRAP;
    case TG_CAUSE_MISALIGNED:
    case TG_CAUSE_BUS:
        return TP_SIGBUS;
    default:
        return TP_SIGSEGV;
    }
}

static const char *error_meaning(int32_t error)
{
    switch (-error) {
#define TP_ERROR(ID, number, meaning)                                                              \
    case number:                                                                                   \
        return meaning;
#include "turnpike/errors.def"
    default:
        return "no reason known";
    }
}

/* For tp_fail, which may leave the stack before the text is read. */
static char last_words[REPORT_LINE_BYTES];

void report_no_init(int32_t error)
{
    struct line line = {.text = last_words};

    put_text(&line, "cannot start " INIT_PATH ", the first program: ");
    put_text(&line, error_meaning(error));
    put_text(&line, "; is a Turnpike disk there (--disk, tg-mkfs)?");
    tp_fail(last_words);
}

void report_init_ended(uint32_t status)
{
    struct line line = {.text = last_words};
    uint32_t signal = status & 0x7f;

    put_text(&line, "init, to whom all processes belong, ended: ");
    put_text(&line, signal ? "signal " : "it exited with ");
    put_number(&line, signal ? signal : status >> 8, 10, 1);
    tp_fail(last_words);
}
