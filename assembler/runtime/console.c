/* Console and end of a bare program: the serial port, the keyboard, the debug port
 * (docs/devices.md). Polls: a program that takes interrupts itself should have its own. */
#include <stdbool.h>

#include "runtime.h"

struct key {
    char plain, shifted;
};

static const struct key keys[128] = {
#define TG_KEY(code, plain, shifted, name) [code] = {plain, shifted},
#include "bus/keys.def"
};

enum { KEY_RELEASED = 0x80, KEY_CONTROL = 0x1d, KEY_SHIFT = 0x2a, KEY_RIGHT_SHIFT = 0x36 };

void _exit(int status)
{
    tg_outw(TG_PORT_SYSTEM_POWER, (uint32_t)status & 0xff);
    for (;;)
        tg_brk(); /* the write above does not come back */
}

void tg_console_put(char byte)
{
    while (!(tg_inw(TG_PORT_SERIAL_STATUS) & TG_MASK(SERIAL_STATUS_TX_READY)))
        continue;
    tg_outb(TG_PORT_SERIAL_DATA, (uint8_t)byte);
}

/* The character that a scan code completes, or -1. */
static int decode_key(uint8_t code)
{
    static bool is_shift, is_control;
    uint8_t key = code & 0x7f;
    bool is_down = !(code & KEY_RELEASED);
    int character;

    if (key == KEY_SHIFT || key == KEY_RIGHT_SHIFT)
        is_shift = is_down;
    if (key == KEY_CONTROL)
        is_control = is_down;
    character = is_shift ? keys[key].shifted : keys[key].plain;
    if (!is_down || character == 0)
        return -1;
    return is_control ? character & 0x1f : character;
}

int tg_console_get(void)
{
    /* Interrupts that are enabled and offered end a wfi even while the CPU does not take any. */
    tg_outw(TG_PORT_INTERRUPTS_SOURCE + 4 * TG_SOURCE_SERIAL, 1);
    tg_outw(TG_PORT_INTERRUPTS_SOURCE + 4 * TG_SOURCE_KEYBOARD, 1);
    tg_outw(TG_PORT_INTERRUPTS_ENABLE, 1u << TG_SOURCE_SERIAL | 1u << TG_SOURCE_KEYBOARD);
    tg_outb(TG_PORT_SERIAL_CONTROL, TG_MASK(SERIAL_CONTROL_RX));
    for (;;) {
        if (tg_inw(TG_PORT_SERIAL_STATUS) & TG_MASK(SERIAL_STATUS_READY))
            return tg_inb(TG_PORT_SERIAL_DATA);
        while (tg_inw(TG_PORT_KEYBOARD_STATUS) & TG_MASK(KEYBOARD_STATUS_READY)) {
            int character = decode_key(tg_inb(TG_PORT_KEYBOARD_DATA));

            if (character >= 0)
                return character;
        }
        tg_wfi();
    }
}
