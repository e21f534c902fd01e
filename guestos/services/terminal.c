/*
 * The terminal service: keyboard, serial line and text display as one terminal. What is typed on
 * the keyboard and what comes in on the serial line is one input; what is written, and the echo of
 * what is typed, goes to the serial line and to the display.
 *
 * A read that finds nothing is kept, and answered when something was typed; several are
 * served in the order in which they came. What only the terminal knows - what was typed and not read,
 * the mode, the foreground group - is in RAM that the kernel keeps for a successor, so that after a
 * restart all is as it was. Manual: docs/turnpike.md, "Terminal".
 */
#include "terminal.h"
#include "tg32.h"

#define TICKET 2 /* argument of TERMINAL_READ */

/* What a successor goes on with. */
struct kept {
    bool is_begun; /* else all is 0: there was no predecessor */
    struct terminal_keys keys;
    struct terminal_input input;
    int32_t foreground; /* process group, 0: none */
};

static struct terminal {
    struct kept *kept;
    struct terminal_output output;
    struct request *first_reader, *last_reader;
    char text[TERMINAL_INPUT]; /* on its way between a caller and the terminal */
} terminal;

/* --- Readers ---------------------------------------------------------------------------------- */

/* Answers a read if there is something for it. */
static bool try_read(struct request *request)
{
    tp_word wanted = request->args[1];
    uint32_t bytes = wanted < TERMINAL_INPUT ? (uint32_t)wanted : TERMINAL_INPUT, taken;
    int32_t count = terminal_peek(&terminal.kept->input, terminal.text, bytes, &taken);
    int error;

    if (count < 0)
        return false;
    error = tp_copy_out(request, 0, 0, terminal.text, (uint32_t)count);
    if (error == 0)
        terminal.kept->input.taken = taken;
    tp_answer(request, error < 0 ? error : count);
    return true;
}

static void serve_readers(void)
{
    struct request *next;

    for (struct request *reader = terminal.first_reader; reader; reader = next) {
        next = reader->next; /* an answered request is not ours any more */
        if (!try_read(reader))
            return;
        terminal.first_reader = next;
    }
}

static void add_reader(struct request *request)
{
    request->next = NULL;
    if (terminal.first_reader)
        terminal.last_reader->next = request;
    else
        terminal.first_reader = request;
    terminal.last_reader = request;
}

/* Takes a request out of those that wait and answers it with EINTR. */
static void interrupt_reader(struct request *before, struct request *request)
{
    if (before)
        before->next = request->next;
    else
        terminal.first_reader = request->next;
    if (terminal.last_reader == request)
        terminal.last_reader = before;
    tp_answer(request, -TP_EINTR);
}

static void cancel(struct request *request)
{
    struct request *before = NULL;

    for (struct request *r = terminal.first_reader; r; before = r, r = r->next) {
        if (r == request) {
            interrupt_reader(before, r);
            return;
        }
    }
}

static int32_t cancel_ticket(uint32_t caller, tp_word ticket)
{
    struct request *before = NULL;

    for (struct request *r = terminal.first_reader; r; before = r, r = r->next) {
        if (r->caller == caller && r->args[TICKET] == ticket) {
            interrupt_reader(before, r);
            return 0;
        }
    }
    return -TP_ENOENT;
}

/* --- What is typed ---------------------------------------------------------------------------- */

/* Ends the processes in the foreground. When there are none, those that read hear of it: a shell
 * begins a new line. */
static void control_c(void)
{
    const tp_word kill[TP_ARGUMENTS] = {(tp_word)-terminal.kept->foreground, TP_SIGINT};

    if (terminal.kept->foreground != 0)
        tp_ask(TP_SERVICE_TERMINAL, TP_CALL_KILL, kill, 0);
    else
        while (terminal.first_reader)
            interrupt_reader(NULL, terminal.first_reader);
}

static void type(char character)
{
    if (terminal_type(&terminal.kept->input, &terminal.output, character))
        control_c();
    else
        serve_readers();
}

static void bell(void)
{
    terminal_output_write(&terminal.output, "\a", 1);
}

static void take_keys(void)
{
    uint32_t status;

    while ((status = tg_inw(TG_PORT_KEYBOARD_STATUS)) & TG_MASK(KEYBOARD_STATUS_READY)) {
        int character = terminal_key(&terminal.kept->keys, tg_inb(TG_PORT_KEYBOARD_DATA));

        if (character >= 0)
            type((char)character);
    }
    if (status & TG_MASK(KEYBOARD_STATUS_OVERFLOW)) {
        /* A key that went up may be among the lost ones. */
        terminal.kept->keys = (struct terminal_keys){.is_caps_lock = terminal.kept->keys.is_caps_lock};
        tg_outw(TG_PORT_KEYBOARD_STATUS, TG_MASK(KEYBOARD_STATUS_OVERFLOW));
        bell();
    }
}

static void take_serial(void)
{
    uint32_t status;

    while ((status = tg_inw(TG_PORT_SERIAL_STATUS)) & TG_MASK(SERIAL_STATUS_READY))
        type((char)tg_inb(TG_PORT_SERIAL_DATA));
    if (status & TG_MASK(SERIAL_STATUS_OVERFLOW)) {
        tg_outw(TG_PORT_SERIAL_STATUS, TG_MASK(SERIAL_STATUS_OVERFLOW));
        bell();
    }
}

static void interrupt(uint32_t source)
{
    if (source == TG_SOURCE_KEYBOARD)
        take_keys();
    else
        take_serial();
    tp_interrupt_done(source);
}

/* --- Calls ------------------------------------------------------------------------------------ */

static int32_t write_text(struct request *request)
{
    tp_word bytes = request->args[1];
    uint32_t done = 0;

    while (done < bytes) {
        uint32_t part = bytes - done < sizeof terminal.text ? (uint32_t)(bytes - done)
                                                            : (uint32_t)sizeof terminal.text;
        int error = tp_copy_in(request, 0, done, terminal.text, part);

        if (error < 0)
            return error;
        terminal_output_write(&terminal.output, terminal.text, part);
        done += part;
    }
    return (int32_t)done;
}

static int32_t change_mode(tp_word wanted)
{
    int32_t before = (int32_t)terminal.kept->input.mode;

    if ((int32_t)wanted == -1)
        return before;
    if (wanted & ~(tp_word)(TP_TERMINAL_LINES | TP_TERMINAL_ECHO))
        return -TP_EINVAL;
    terminal_set_mode(&terminal.kept->input, (uint32_t)wanted);
    serve_readers();
    return before;
}

static int32_t change_foreground(int32_t group)
{
    int32_t before = terminal.kept->foreground;

    if (group < -1)
        return -TP_EINVAL;
    if (group >= 0)
        terminal.kept->foreground = group;
    return before;
}

static void handle(struct request *request)
{
    switch (request->call) {
    case TP_CALL_TERMINAL_READ:
        if (request->args[1] == 0)
            tp_answer(request, 0);
        else if (terminal.first_reader || !try_read(request))
            add_reader(request);
        break;
    case TP_CALL_TERMINAL_CANCEL:
        tp_answer(request, cancel_ticket(request->caller, request->args[0]));
        break;
    case TP_CALL_TERMINAL_WRITE:
        tp_answer(request, write_text(request));
        break;
    case TP_CALL_TERMINAL_MODE:
        tp_answer(request, change_mode(request->args[0]));
        break;
    case TP_CALL_FOREGROUND:
        tp_answer(request, change_foreground((int32_t)request->args[0]));
        break;
    default:
        tp_answer(request, -TP_ENOSYS);
        break;
    }
}

/* Answers of KILL: that there was nobody left to end is no error here. */
static void answered(uint32_t tag, int32_t result)
{
    (void)tag;
    (void)result;
}

/* Finds what a predecessor has left. If that makes no sense, as the predecessor may have ended for this very
 * reason, it begins as if there had been none. */
static void take_over(void)
{
    tp_word address;
    uint32_t paddr;

    if (tp_system(TP_SERVICE_TERMINAL, TP_CALL_DMA_MEMORY, sizeof *terminal.kept, (tp_word)&address,
                  (tp_word)&paddr, 0) < 0)
        tp_fail("no memory for what is typed; start the machine with more (--ram)");
    terminal.kept = (struct kept *)address;
    if (terminal.kept->is_begun && terminal_is_sound(&terminal.kept->input))
        return;
    *terminal.kept = (struct kept){.is_begun = true};
    terminal_set_mode(&terminal.kept->input, TP_TERMINAL_LINES | TP_TERMINAL_ECHO);
}

static void start(void)
{
    tp_word window = 0;

    if (tp_system(TP_SERVICE_TERMINAL, TP_CALL_MAP_WINDOW, (tp_word)&window, 0, 0, 0) < 0)
        tp_fail("the text display's window cannot be mapped");
    terminal_output_start(&terminal.output, (uint16_t *)window);
    take_over();
    tg_outb(TG_PORT_SERIAL_CONTROL, TG_MASK(SERIAL_CONTROL_RX));
}

const struct service terminal_service = {.id = TP_SERVICE_TERMINAL,
                                         .start = start,
                                         .handle = handle,
                                         .cancel = cancel,
                                         .answered = answered,
                                         .interrupt = interrupt};
