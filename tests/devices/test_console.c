/* Tests of keyboard and serial console (emu/devices/keyboard.c, serial.c), and of the table of
 * keys. */
#include <string.h>

#include "support/rig.h"

#define QUEUE 256

static void press(uint32_t code)
{
    tg_bus_input(rig.machine, (struct tg_input){TG_INPUT_KEY, code});
}

static void receive(uint32_t byte)
{
    tg_bus_input(rig.machine, (struct tg_input){TG_INPUT_SERIAL, byte});
}

/* --- Keyboard -------------------------------------------------------------------------------- */

static uint32_t keyboard_status(void)
{
    uint32_t status = rig_in(TG_PORT_KEYBOARD_STATUS);
    uint32_t queued = TG_GET(KEYBOARD_STATUS_QUEUED, status);
    ck_assert_int_eq(TG_GET(KEYBOARD_STATUS_READY, status), queued > 0);
    ck_assert_int_eq(rig_is_asserted(TG_SOURCE_KEYBOARD), queued > 0);
    ck_assert_int_eq(tg_bus_keyboard_is_empty(rig.machine), queued == 0);
    return status;
}

/* rules: DEV-KBD-1, DEV-KBD-2, DEV-KBD-4 */
START_TEST(codes_come_out_in_the_order_in_which_they_came)
{
    ck_assert_uint_eq(keyboard_status(), 0);
    press(0x1e);
    press(0x9e);
    ck_assert_uint_eq(TG_GET(KEYBOARD_STATUS_QUEUED, keyboard_status()), 2);
    ck_assert_uint_eq(rig_in(TG_PORT_KEYBOARD_DATA), 0x1e);
    ck_assert_uint_eq(TG_GET(KEYBOARD_STATUS_QUEUED, keyboard_status()), 1);
    ck_assert_uint_eq(rig_in(TG_PORT_KEYBOARD_DATA), 0x9e);
    ck_assert_uint_eq(keyboard_status(), 0);
    ck_assert_uint_eq(rig_in(TG_PORT_KEYBOARD_DATA), 0);
    ck_assert_uint_eq(keyboard_status(), 0);
}
END_TEST

/* rules: DEV-KBD-3 */
START_TEST(a_full_keyboard_queue_drops_and_says_so)
{
    for (uint32_t i = 0; i < 100; i++) { /* so that the queue wraps */
        press(i);
        rig_in(TG_PORT_KEYBOARD_DATA);
    }
    for (uint32_t i = 0; i < QUEUE; i++)
        press(i);
    ck_assert_uint_eq(TG_GET(KEYBOARD_STATUS_OVERFLOW, keyboard_status()), 0);
    press(0x55);
    ck_assert_uint_eq(TG_GET(KEYBOARD_STATUS_OVERFLOW, keyboard_status()), 1);
    ck_assert_uint_eq(TG_GET(KEYBOARD_STATUS_QUEUED, keyboard_status()), QUEUE);
    rig_out(TG_PORT_KEYBOARD_STATUS, 0);
    for (uint32_t i = 0; i < QUEUE; i++)
        ck_assert_uint_eq(rig_in(TG_PORT_KEYBOARD_DATA), i);
    ck_assert_uint_eq(keyboard_status(), TG_MASK(KEYBOARD_STATUS_OVERFLOW));
    rig_out(TG_PORT_KEYBOARD_STATUS, UINT32_MAX);
    ck_assert_uint_eq(keyboard_status(), 0);
}
END_TEST

/* rules: DEV-KBD-4 */
START_TEST(the_keyboard_interrupts)
{
    rig_out(TG_PORT_INTERRUPTS_ENABLE, 1u << TG_SOURCE_KEYBOARD);
    press(1);
    ck_assert_uint_eq(rig_offered(0), TG_SOURCE_KEYBOARD);
    rig_in(TG_PORT_KEYBOARD_DATA);
    ck_assert_uint_eq(rig_offered(0), 32);
}
END_TEST

START_TEST(every_printable_character_has_exactly_one_key)
{
    static const struct {
        uint32_t code;
        char plain, shifted;
        const char *name;
    } keys[] = {
#define TG_KEY(code, plain, shifted, name) {code, plain, shifted, name},
#include "bus/keys.def"
    };
    int typed[128] = {0};
    size_t count = sizeof keys / sizeof keys[0];
    for (size_t i = 0; i < count; i++) {
        ck_assert_uint_gt(keys[i].code, i ? keys[i - 1].code : 0);
        ck_assert_uint_lt(keys[i].code, 0x80);
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(keys[i].name, keys[j].name);
        typed[(unsigned char)keys[i].plain]++;
        typed[(unsigned char)keys[i].shifted]++;
    }
    for (int c = ' '; c < 127; c++)
        ck_assert_msg(typed[c] == 1, "'%c' has %d keys", c, typed[c]);
    ck_assert_int_eq(typed['\n'] + typed['\t'] + typed['\b'], 3);
}
END_TEST

/* --- Serial console -------------------------------------------------------------------------- */

static bool is_tx_ready(void)
{
    return TG_GET(SERIAL_STATUS_TX_READY, rig_in(TG_PORT_SERIAL_STATUS));
}

static bool is_asserted(void)
{
    return rig_is_asserted(TG_SOURCE_SERIAL);
}

/* rules: DEV-SER-1, DEV-SER-6 */
START_TEST(a_byte_is_out_at_once_and_takes_100_ticks)
{
    ck_assert(is_tx_ready());
    rig_out(TG_PORT_SERIAL_DATA, 'a');
    ck_assert_uint_eq(rig.console_bytes, 1);
    rig_pass(99);
    ck_assert(!is_tx_ready());
    rig_pass(1);
    ck_assert(is_tx_ready());
    rig_out(TG_PORT_SERIAL_DATA, 0xff);
    ck_assert_mem_eq(rig.console, "a\xff", 2);
}
END_TEST

/* rules: DEV-SER-2, DEV-BUS-3 */
START_TEST(a_byte_written_too_early_is_refused)
{
    rig_out(TG_PORT_SERIAL_DATA, 'a');
    rig_pass(50);
    rig_out(TG_PORT_SERIAL_DATA, 'b');
    rig_out(TG_PORT_SERIAL_STATUS, 0);
    ck_assert(TG_GET(SERIAL_STATUS_REFUSED, rig_in(TG_PORT_SERIAL_STATUS)));
    rig_pass(50);
    ck_assert(is_tx_ready()); /* the refused byte took no time */
    ck_assert_uint_eq(rig.console_bytes, 1);
    rig_out(TG_PORT_SERIAL_STATUS, TG_MASK(SERIAL_STATUS_REFUSED));
    ck_assert_uint_eq(rig_in(TG_PORT_SERIAL_STATUS), TG_MASK(SERIAL_STATUS_TX_READY));
}
END_TEST

/* rules: DEV-SER-3 */
START_TEST(received_bytes_come_out_in_order)
{
    for (uint32_t i = 0; i < 10; i++)
        receive(i + 1);
    uint32_t status = rig_in(TG_PORT_SERIAL_STATUS);
    ck_assert_uint_eq(TG_GET(SERIAL_STATUS_QUEUED, status), 10);
    ck_assert_uint_eq(TG_GET(SERIAL_STATUS_READY, status), 1);
    for (uint32_t i = 0; i < 10; i++)
        ck_assert_uint_eq(rig_in(TG_PORT_SERIAL_DATA), i + 1);
    ck_assert_uint_eq(rig_in(TG_PORT_SERIAL_STATUS), TG_MASK(SERIAL_STATUS_TX_READY));
    ck_assert_uint_eq(rig_in(TG_PORT_SERIAL_DATA), 0);
}
END_TEST

/* rules: DEV-SER-4 */
START_TEST(a_full_serial_queue_drops_and_says_so)
{
    for (uint32_t i = 0; i < QUEUE; i++)
        receive(255 - i);
    ck_assert(!TG_GET(SERIAL_STATUS_OVERFLOW, rig_in(TG_PORT_SERIAL_STATUS)));
    receive(7);
    ck_assert_uint_eq(TG_GET(SERIAL_STATUS_QUEUED, rig_in(TG_PORT_SERIAL_STATUS)), QUEUE);
    for (uint32_t i = 0; i < QUEUE; i++)
        ck_assert_uint_eq(rig_in(TG_PORT_SERIAL_DATA), 255 - i);
    ck_assert(TG_GET(SERIAL_STATUS_OVERFLOW, rig_in(TG_PORT_SERIAL_STATUS)));
    rig_out(TG_PORT_SERIAL_STATUS, TG_MASK(SERIAL_STATUS_OVERFLOW));
    ck_assert_uint_eq(rig_in(TG_PORT_SERIAL_STATUS), TG_MASK(SERIAL_STATUS_TX_READY));
}
END_TEST

/* rules: DEV-SER-5 */
START_TEST(control_says_when_the_serial_console_interrupts)
{
    receive('x');
    ck_assert(!is_asserted());
    rig_out(TG_PORT_SERIAL_CONTROL, TG_MASK(SERIAL_CONTROL_RX));
    ck_assert_uint_eq(rig_in(TG_PORT_SERIAL_CONTROL), TG_MASK(SERIAL_CONTROL_RX));
    ck_assert(is_asserted());
    rig_in(TG_PORT_SERIAL_DATA);
    ck_assert(!is_asserted());
    rig_out(TG_PORT_SERIAL_CONTROL, TG_MASK(SERIAL_CONTROL_TX));
    ck_assert(is_asserted());
    rig_out(TG_PORT_SERIAL_DATA, 'a');
    ck_assert(!is_asserted());
    receive('y');
    ck_assert(!is_asserted());
    rig_out(TG_PORT_SERIAL_CONTROL, 0xff);
    ck_assert_uint_eq(rig_in(TG_PORT_SERIAL_CONTROL), 3);
    ck_assert(is_asserted());
    rig_in(TG_PORT_SERIAL_DATA);
    ck_assert(!is_asserted());
    rig_pass(100);
    ck_assert(is_asserted());
    rig_out(TG_PORT_SERIAL_CONTROL, 0);
    ck_assert(!is_asserted());
}
END_TEST

RIG_MAIN("console", codes_come_out_in_the_order_in_which_they_came,
         a_full_keyboard_queue_drops_and_says_so, the_keyboard_interrupts,
         every_printable_character_has_exactly_one_key, a_byte_is_out_at_once_and_takes_100_ticks,
         a_byte_written_too_early_is_refused, received_bytes_come_out_in_order,
         a_full_serial_queue_drops_and_says_so, control_says_when_the_serial_console_interrupts)
