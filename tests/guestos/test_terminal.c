/*
 * Tests of the terminal service (guestos/services/terminal*.c): what a person types on the keyboard
 * or sends on the serial line, against what programs read and what is to be seen on both.
 */
#include <stdio.h>
#include <string.h>

#include "bus/ports.h"
#include "host.h"
#include "services/terminal.h"

#define QUEUE 256u

/* --- The devices ------------------------------------------------------------------------------ */

struct queue {
    uint8_t bytes[QUEUE];
    uint32_t first, count;
    bool has_overflow;
};

static struct {
    struct queue keyboard, serial;
    unsigned busy_reads; /* of STATUS until the transmitter is ready again */
    char sent[65536];
    size_t sent_bytes;
    uint16_t cells[TERMINAL_CELLS];
    uint16_t cursor;
    uint8_t serial_control;
} device;

static void put(struct queue *queue, uint8_t byte)
{
    if (queue->count == QUEUE)
        queue->has_overflow = true;
    else
        queue->bytes[(queue->first + queue->count++) % QUEUE] = byte;
}

static uint8_t take(struct queue *queue)
{
    if (queue->count == 0)
        return 0;
    queue->count--;
    return queue->bytes[queue->first++ % QUEUE];
}

static uint32_t status_of(const struct queue *queue)
{
    return (queue->count > 0 ? TG_MASK(KEYBOARD_STATUS_READY) : 0) |
           (queue->has_overflow ? TG_MASK(KEYBOARD_STATUS_OVERFLOW) : 0);
}

static uint32_t port_in(uint32_t port, unsigned width)
{
    switch (port) {
    case TG_PORT_KEYBOARD_DATA:
        return take(&device.keyboard);
    case TG_PORT_KEYBOARD_STATUS:
        return status_of(&device.keyboard);
    case TG_PORT_SERIAL_DATA:
        return take(&device.serial);
    case TG_PORT_SERIAL_STATUS:
        if (device.busy_reads == 0)
            return status_of(&device.serial) | TG_MASK(SERIAL_STATUS_TX_READY);
        device.busy_reads--;
        return status_of(&device.serial);
    case TG_PORT_TEXT_CURSOR:
        return device.cursor;
    default:
        ck_abort_msg("port 0x%x of width %u is read", port, width);
    }
}

static void port_out(uint32_t port, unsigned width, uint32_t value)
{
    switch (port) {
    case TG_PORT_SERIAL_DATA:
        ck_assert_msg(device.busy_reads == 0, "a byte is sent while the transmitter is busy");
        ck_assert_uint_lt(device.sent_bytes, sizeof device.sent - 1);
        device.sent[device.sent_bytes++] = (char)value;
        device.busy_reads = 3;
        break;
    case TG_PORT_SERIAL_CONTROL:
        device.serial_control = (uint8_t)value;
        break;
    case TG_PORT_SERIAL_STATUS:
        device.serial.has_overflow &= !(value & TG_MASK(SERIAL_STATUS_OVERFLOW));
        break;
    case TG_PORT_KEYBOARD_STATUS:
        device.keyboard.has_overflow &= !(value & TG_MASK(KEYBOARD_STATUS_OVERFLOW));
        break;
    case TG_PORT_TEXT_CURSOR:
        device.cursor = (uint16_t)value;
        break;
    default:
        ck_abort_msg("port 0x%x of width %u is written", port, width);
    }
}

static _Alignas(16) char kept[4096]; /* the kernel's, for a successor */

static int32_t kernel_call(enum tp_service asker, enum tp_call call, const tp_word args[4])
{
    ck_assert_int_eq(asker, TP_SERVICE_TERMINAL);
    if (call == TP_CALL_DMA_MEMORY) {
        ck_assert_uint_le(args[0], sizeof kept);
        *(tp_word *)args[1] = (tp_word)kept;
        return 0;
    }
    ck_assert_int_eq(call, TP_CALL_MAP_WINDOW);
    *(tp_word *)args[0] = (tp_word)device.cells;
    return 0;
}

static void place(void)
{
    for (size_t i = 0; i < TERMINAL_CELLS; i++)
        device.cells[i] = 0x0720;
    host_set_ports(port_in, port_out);
    host_set_system(kernel_call);
    host_place(&terminal_service, NULL, 0);
}

/* --- What a person does ----------------------------------------------------------------------- */

static const struct {
    const char *name;
    uint8_t code;
    char plain, shifted;
} keys[] = {
#define TG_KEY(code, plain, shifted, name) {(name), (code), (plain), (shifted)},
#include "bus/keys.def"
};

static uint8_t code_of(const char *name)
{
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(keys[i].name, name) == 0)
            return keys[i].code;
    ck_abort_msg("there is no key %s", name);
}

static void down(const char *name)
{
    put(&device.keyboard, code_of(name));
    host_interrupt(TP_SERVICE_TERMINAL, TG_SOURCE_KEYBOARD);
    host_run();
}

static void up(const char *name)
{
    put(&device.keyboard, code_of(name) | 0x80);
    host_interrupt(TP_SERVICE_TERMINAL, TG_SOURCE_KEYBOARD);
    host_run();
}

static void strike(const char *name)
{
    down(name);
    up(name);
}

/* Sends text on the serial line, in one go. */
static void send(const char *text)
{
    while (*text)
        put(&device.serial, (uint8_t)*text++);
    host_interrupt(TP_SERVICE_TERMINAL, TG_SOURCE_SERIAL);
    host_run();
}

/* --- What programs do ------------------------------------------------------------------------- */

static char text[4096];

/* A read that must be answered at once, as text. */
static const char *read_text(tp_word bytes)
{
    struct host_call *call = host_ask(TP_SERVICE_FILE, TP_CALL_TERMINAL_READ,
                                      (const tp_word[TP_ARGUMENTS]){(tp_word)text, bytes});

    host_run();
    ck_assert_msg(call->is_answered, "there is nothing to read");
    ck_assert_int_ge(call->result, 0);
    text[call->result] = '\0';
    host_forget(call);
    return text;
}

struct reader {
    struct host_call *call;
    char text[64];
};

static void begin_read(struct reader *reader, tp_word ticket)
{
    const tp_word args[TP_ARGUMENTS] = {(tp_word)reader->text, sizeof reader->text - 1, ticket};

    memset(reader->text, 0, sizeof reader->text);
    reader->call = host_ask(TP_SERVICE_FILE, TP_CALL_TERMINAL_READ, args);
    host_run();
}

static int32_t write_text(const char *what)
{
    return HOST(TP_SERVICE_FILE, TERMINAL_WRITE, (tp_word)what, strlen(what));
}

static void assert_sent(const char *expected)
{
    device.sent[device.sent_bytes] = '\0';
    ck_assert_str_eq(device.sent, expected);
    device.sent_bytes = 0;
}

/* A line of the display without the spaces at its end. */
static const char *line(unsigned number)
{
    static char characters[TERMINAL_COLUMNS + 1];
    size_t length = 0;

    for (size_t i = 0; i < TERMINAL_COLUMNS; i++) {
        characters[i] = (char)device.cells[number * TERMINAL_COLUMNS + i];
        if (characters[i] != ' ')
            length = i + 1;
    }
    characters[length] = '\0';
    return characters;
}

/* --- Keys ------------------------------------------------------------------------------------- */

START_TEST(every_key_types_what_the_table_says)
{
    struct terminal_keys state = {0};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        int plain = keys[i].plain, shifted = keys[i].shifted ? keys[i].shifted : keys[i].plain;
        bool is_lock = strcmp(keys[i].name, "caps-lock") == 0;

        ck_assert_int_eq(terminal_key(&state, keys[i].code), plain ? plain : -1);
        ck_assert_int_eq(terminal_key(&state, keys[i].code | 0x80), -1);
        if (is_lock) /* twice, so that it is off again */
            terminal_key(&state, keys[i].code);
        terminal_key(&state, code_of("right-shift"));
        if (!is_lock && strcmp(keys[i].name, "right-shift") != 0)
            ck_assert_int_eq(terminal_key(&state, keys[i].code), shifted ? shifted : -1);
        terminal_key(&state, keys[i].code | 0x80);
        terminal_key(&state, code_of("right-shift") | 0x80);
    }
}
END_TEST

START_TEST(shift_caps_lock_and_control)
{
    place();
    down("shift");
    strike("a");
    up("shift");
    strike("caps-lock");
    strike("b");
    strike("1"); /* caps lock is for letters only */
    down("shift");
    strike("c");
    strike("1");
    up("shift");
    strike("caps-lock");
    strike("d");
    strike("enter");
    ck_assert_str_eq(read_text(100), "AB1c!d\n");
    down("control");
    strike("g");
    strike("left-bracket");
    up("control");
    strike("enter");
    ck_assert_str_eq(read_text(100), "\a\033\n");
    assert_sent("AB1c!d\n^G^[\n");
}
END_TEST

START_TEST(both_shift_keys_count)
{
    place();
    down("shift");
    down("right-shift");
    up("shift");
    strike("a");
    up("right-shift");
    strike("a");
    strike("enter");
    ck_assert_str_eq(read_text(100), "Aa\n");
}
END_TEST

START_TEST(lost_scan_codes_leave_no_key_down)
{
    place();
    put(&device.keyboard, code_of("shift"));
    for (unsigned i = 0; i < QUEUE; i++)
        put(&device.keyboard, code_of("up"));
    host_interrupt(TP_SERVICE_TERMINAL, TG_SOURCE_KEYBOARD);
    host_run();
    ck_assert(!device.keyboard.has_overflow);
    strike("a");
    assert_sent("\aa");
}
END_TEST

/* --- Lines ------------------------------------------------------------------------------------ */

START_TEST(a_line_is_read_when_it_is_complete)
{
    struct reader reader;

    place();
    begin_read(&reader, 1);
    send("hel");
    ck_assert(!reader.call->is_answered);
    send("lo\nworld");
    ck_assert(reader.call->is_answered);
    ck_assert_int_eq(reader.call->result, 6);
    ck_assert_str_eq(reader.text, "hello\n");
    begin_read(&reader, 1);
    ck_assert(!reader.call->is_answered);
    send("\r");
    ck_assert_str_eq(reader.text, "world\n");
    assert_sent("hello\nworld\n");
}
END_TEST

START_TEST(a_long_line_is_read_in_parts)
{
    place();
    send("abcdef\nx\n");
    ck_assert_str_eq(read_text(4), "abcd");
    ck_assert_str_eq(read_text(4), "ef\n");
    ck_assert_str_eq(read_text(0), "");
    ck_assert_str_eq(read_text(4), "x\n");
}
END_TEST

START_TEST(backspace_word_and_line_are_erased)
{
    place();
    send("ax\bb\n");
    ck_assert_str_eq(read_text(100), "ab\n");
    assert_sent("ax\b \bb\n");
    send("one two  \027three\n");
    ck_assert_str_eq(read_text(100), "one three\n");
    assert_sent("one two  \b \b\b \b\b \b\b \b\b \bthree\n");
    send("wrong\025right\n");
    ck_assert_str_eq(read_text(100), "right\n");
    assert_sent("wrong\b \b\b \b\b \b\b \b\b \bright\n");
    send("\b\177\025\027z\n");
    ck_assert_str_eq(read_text(100), "z\n");
    assert_sent("z\n");
}
END_TEST

START_TEST(erasing_goes_back_as_far_as_the_character_went)
{
    place();
    write_text("$ ");
    send("\t\177");
    assert_sent("$ \t\b \b\b \b\b \b\b \b\b \b\b \b");
    ck_assert_uint_eq(device.cursor, 2);
    send("\a\177x\n");
    assert_sent("^G\b \b\b \bx\n");
    ck_assert_str_eq(line(0), "$ x");
    ck_assert_str_eq(read_text(100), "x\n");
}
END_TEST

START_TEST(only_the_line_that_is_typed_can_be_erased)
{
    place();
    send("first\n\025\027\b\n");
    ck_assert_str_eq(read_text(100), "first\n");
    ck_assert_str_eq(read_text(100), "\n");
}
END_TEST

START_TEST(control_d_ends_the_input)
{
    struct reader reader;

    place();
    send("\004");
    ck_assert_str_eq(read_text(100), "");
    send("text\004"); /* gives the text, and is used up by it */
    ck_assert_str_eq(read_text(100), "text");
    begin_read(&reader, 1);
    ck_assert(!reader.call->is_answered);
    send("\004");
    ck_assert_int_eq(reader.call->result, 0);
    send("abcd\004next\n"); /* a read that takes just the text */
    ck_assert_str_eq(read_text(4), "abcd");
    ck_assert_str_eq(read_text(100), "next\n");
}
END_TEST

START_TEST(readers_are_served_in_order)
{
    struct reader readers[3];

    place();
    for (tp_word i = 0; i < 3; i++)
        begin_read(&readers[i], i);
    send("a\nb\n");
    ck_assert_str_eq(readers[0].text, "a\n");
    ck_assert_str_eq(readers[1].text, "b\n");
    ck_assert(!readers[2].call->is_answered);
    send("c\n");
    ck_assert_str_eq(readers[2].text, "c\n");
}
END_TEST

START_TEST(a_cancelled_read_takes_nothing)
{
    struct reader readers[4];

    place();
    for (tp_word i = 0; i < 4; i++)
        begin_read(&readers[i], i);
    ck_assert_int_eq(HOST(TP_SERVICE_FILE, TERMINAL_CANCEL, 3), 0);
    ck_assert_int_eq(readers[3].call->result, -TP_EINTR);
    ck_assert_int_eq(HOST(TP_SERVICE_FILE, TERMINAL_CANCEL, 1), 0);
    ck_assert_int_eq(readers[1].call->result, -TP_EINTR);
    ck_assert_int_eq(HOST(TP_SERVICE_FILE, TERMINAL_CANCEL, 1), -TP_ENOENT);
    host_cancel(readers[0].call);
    ck_assert_int_eq(readers[0].call->result, -TP_EINTR);
    send("a\n");
    ck_assert_str_eq(readers[2].text, "a\n");
    begin_read(&readers[0], 0);
    send("b\n");
    ck_assert_str_eq(readers[0].text, "b\n");
}
END_TEST

START_TEST(what_does_not_fit_is_dropped_and_the_line_can_still_be_ended)
{
    char expected[TERMINAL_INPUT + 1];

    place();
    for (unsigned i = 0; i < TERMINAL_INPUT + 5; i++)
        send("x");
    ck_assert_uint_eq(device.sent_bytes, TERMINAL_INPUT + 5);
    ck_assert_int_eq(device.sent[TERMINAL_INPUT - 2], 'x');
    ck_assert_int_eq(device.sent[TERMINAL_INPUT - 1], '\a');
    send("\n\n"); /* the second has no place */
    memset(expected, 'x', TERMINAL_INPUT - 1);
    strcpy(expected + TERMINAL_INPUT - 1, "\n");
    ck_assert_str_eq(read_text(4000), expected);
    send("y\n");
    ck_assert_str_eq(read_text(100), "y\n");
}
END_TEST

START_TEST(a_ring_that_went_round_many_times_loses_nothing)
{
    char expected[64];

    place();
    for (unsigned i = 0; i < 3000; i++) {
        snprintf(expected, sizeof expected, "line %u\n", i);
        send(expected);
        device.sent_bytes = 0;
        ck_assert_str_eq(read_text(100), expected);
    }
}
END_TEST

START_TEST(overflow_of_the_serial_queue_rings_the_bell)
{
    place();
    for (unsigned i = 0; i < QUEUE + 1; i++)
        put(&device.serial, 'x');
    send("");
    ck_assert(!device.serial.has_overflow);
    ck_assert_int_eq(device.sent[device.sent_bytes - 1], '\a');
}
END_TEST

/* --- Modes, control-C ------------------------------------------------------------------------- */

START_TEST(without_lines_each_character_is_read_at_once)
{
    struct reader reader;

    place();
    ck_assert_int_eq(HOST(99, TERMINAL_MODE, (tp_word)-1), 3);
    begin_read(&reader, 1);
    send("ty");
    ck_assert(!reader.call->is_answered);
    ck_assert_int_eq(HOST(99, TERMINAL_MODE, 0), 3);
    ck_assert_str_eq(reader.text, "ty"); /* typed ahead: it is there at once */
    assert_sent("ty");
    send("q\b\004");
    ck_assert_str_eq(read_text(100), "q\b\004");
    assert_sent("");
    ck_assert_int_eq(HOST(99, TERMINAL_MODE, 2), 0);
    send("e");
    assert_sent("e");
    ck_assert_int_eq(HOST(99, TERMINAL_MODE, 3), 2);
    ck_assert_str_eq(read_text(100), "e");
    ck_assert_int_eq(HOST(99, TERMINAL_MODE, 4), -TP_EINVAL);
    ck_assert_int_eq(HOST(99, TERMINAL_MODE, (tp_word)-1), 3);
}
END_TEST

START_TEST(without_echo_a_line_is_edited_unseen)
{
    place();
    HOST(99, TERMINAL_MODE, TP_TERMINAL_LINES);
    send("secrex\bt\n");
    ck_assert_str_eq(read_text(100), "secret\n");
    assert_sent("");
}
END_TEST

static int32_t killed_group, kill_signal;

static void kill_processes(struct request *request)
{
    ck_assert_uint_eq(request->call, TP_CALL_KILL);
    killed_group = -(int32_t)request->args[0];
    kill_signal = (int32_t)request->args[1];
    tp_answer(request, -TP_ESRCH);
}

START_TEST(control_c_ends_the_foreground_group_and_forgets_what_was_typed)
{
    struct reader reader;

    place();
    host_set_service(TP_SERVICE_PROCESS, kill_processes);
    ck_assert_int_eq(HOST(99, FOREGROUND, 12), 0);
    ck_assert_int_eq(HOST(99, FOREGROUND, (tp_word)-1), 12);
    ck_assert_int_eq(HOST(99, FOREGROUND, (tp_word)-2), -TP_EINVAL);
    HOST(99, TERMINAL_MODE, 0);
    HOST(99, TERMINAL_MODE, 3);
    send("done\nunread");
    down("control");
    strike("c");
    up("control");
    ck_assert_int_eq(killed_group, 12);
    ck_assert_int_eq(kill_signal, TP_SIGINT);
    assert_sent("done\nunread^C\n");
    begin_read(&reader, 1);
    ck_assert(!reader.call->is_answered);
}
END_TEST

START_TEST(control_c_puts_lines_and_echo_back)
{
    place();
    host_set_service(TP_SERVICE_PROCESS, kill_processes);
    HOST(99, FOREGROUND, 12);
    HOST(99, TERMINAL_MODE, 0);
    send("\003");
    ck_assert_int_eq(killed_group, 12);
    ck_assert_int_eq(HOST(99, TERMINAL_MODE, (tp_word)-1), 3);
}
END_TEST

START_TEST(control_c_without_a_foreground_interrupts_those_that_read)
{
    struct reader readers[2];

    place();
    host_set_service(TP_SERVICE_PROCESS, kill_processes);
    begin_read(&readers[0], 0);
    begin_read(&readers[1], 1);
    send("half a li\003");
    ck_assert_int_eq(readers[0].call->result, -TP_EINTR);
    ck_assert_int_eq(readers[1].call->result, -TP_EINTR);
    ck_assert_int_eq(killed_group, 0);
    assert_sent("half a li^C\n");
}
END_TEST

/* --- Output ----------------------------------------------------------------------------------- */

START_TEST(what_is_written_goes_to_both)
{
    place();
    ck_assert_int_eq(write_text("one\ntw\tx\rT\nabc\b-\a\n"), 18);
    assert_sent("one\ntw\tx\rT\nabc\b-\a\n");
    ck_assert_str_eq(line(0), "one");
    ck_assert_str_eq(line(1), "Tw      x");
    ck_assert_str_eq(line(2), "ab-");
    ck_assert_uint_eq(device.cursor, 3 * TERMINAL_COLUMNS);
    ck_assert_int_eq(write_text(""), 0);
}
END_TEST

START_TEST(more_than_the_service_holds_at_once_is_written_whole)
{
    static char much[5000], expected[5001];

    place();
    memset(much, 'm', sizeof much);
    memset(expected, 'm', sizeof much);
    ck_assert_int_eq(HOST(TP_SERVICE_FILE, TERMINAL_WRITE, (tp_word)much, sizeof much), 5000);
    assert_sent(expected);
}
END_TEST

START_TEST(the_display_scrolls)
{
    char row[16], lines[25][16];

    place();
    for (unsigned i = 0; i < 30; i++) {
        snprintf(row, sizeof row, "line %u\n", i);
        write_text(row);
    }
    for (unsigned i = 0; i < 25; i++) { /* lines 6 to 29, and the one with the cursor */
        snprintf(lines[i], sizeof lines[i], i < 24 ? "line %u" : "%.0u", i < 24 ? i + 6 : 0);
        ck_assert_str_eq(line(i), lines[i]);
    }
    ck_assert_uint_eq(device.cursor, 24 * TERMINAL_COLUMNS);
}
END_TEST

START_TEST(a_full_line_goes_on_in_the_next)
{
    place();
    for (unsigned i = 0; i < 25 * TERMINAL_COLUMNS; i++)
        write_text(i % TERMINAL_COLUMNS == 0 ? "<" : "-");
    ck_assert_uint_eq(device.cursor, 24 * TERMINAL_COLUMNS); /* it has scrolled by one line */
    ck_assert_int_eq(line(23)[0], '<');
    ck_assert_str_eq(line(24), "");
    write_text("\b!");
    ck_assert_int_eq(line(23)[79], '!');
}
END_TEST

START_TEST(form_feed_clears_the_display)
{
    place();
    write_text("old\nold\fnew");
    ck_assert_str_eq(line(0), "new");
    ck_assert_str_eq(line(1), "");
    write_text("\f\b\b");
    ck_assert_uint_eq(device.cursor, 0);
}
END_TEST

START_TEST(a_successor_goes_on_where_the_cursor_is)
{
    place();
    write_text("before ");
    host_place(&terminal_service, NULL, 0);
    write_text("after");
    ck_assert_str_eq(line(0), "before after");
    ck_assert_uint_eq(device.serial_control, TG_MASK(SERIAL_CONTROL_RX));
}
END_TEST

START_TEST(a_successor_knows_what_was_typed_the_mode_and_the_foreground)
{
    place();
    HOST(99, FOREGROUND, 12);
    HOST(99, TERMINAL_MODE, TP_TERMINAL_LINES);
    down("control");
    send("one\ntwo\nhalx");
    host_place(&terminal_service, NULL, 0);
    ck_assert_int_eq(HOST(99, FOREGROUND, (tp_word)-1), 12);
    ck_assert_int_eq(HOST(99, TERMINAL_MODE, (tp_word)-1), TP_TERMINAL_LINES);
    ck_assert_str_eq(read_text(100), "one\n");
    strike("h"); /* a backspace: control is still down */
    send("f\n");
    ck_assert_str_eq(read_text(100), "two\n");
    ck_assert_str_eq(read_text(100), "half\n");
}
END_TEST

START_TEST(a_successor_of_one_that_left_nonsense_begins_anew)
{
    place();
    HOST(99, FOREGROUND, 12);
    send("one\n");
    memset(kept, 1, sizeof kept);
    host_place(&terminal_service, NULL, 0);
    ck_assert_int_eq(HOST(99, FOREGROUND, (tp_word)-1), 0);
    ck_assert_int_eq(HOST(99, TERMINAL_MODE, (tp_word)-1), TP_TERMINAL_LINES | TP_TERMINAL_ECHO);
    send("two\n");
    ck_assert_str_eq(read_text(100), "two\n");
}
END_TEST

HOST_MAIN("terminal", every_key_types_what_the_table_says, shift_caps_lock_and_control,
          both_shift_keys_count, lost_scan_codes_leave_no_key_down,
          a_line_is_read_when_it_is_complete, a_long_line_is_read_in_parts,
          backspace_word_and_line_are_erased, erasing_goes_back_as_far_as_the_character_went,
          only_the_line_that_is_typed_can_be_erased, control_d_ends_the_input,
          readers_are_served_in_order, a_cancelled_read_takes_nothing,
          what_does_not_fit_is_dropped_and_the_line_can_still_be_ended,
          a_ring_that_went_round_many_times_loses_nothing,
          overflow_of_the_serial_queue_rings_the_bell, without_lines_each_character_is_read_at_once,
          without_echo_a_line_is_edited_unseen,
          control_c_ends_the_foreground_group_and_forgets_what_was_typed,
          control_c_puts_lines_and_echo_back,
          control_c_without_a_foreground_interrupts_those_that_read, what_is_written_goes_to_both,
          more_than_the_service_holds_at_once_is_written_whole, the_display_scrolls,
          a_full_line_goes_on_in_the_next, form_feed_clears_the_display,
          a_successor_goes_on_where_the_cursor_is,
          a_successor_knows_what_was_typed_the_mode_and_the_foreground,
          a_successor_of_one_that_left_nonsense_begins_anew)
