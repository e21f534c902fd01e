/*
 * What the terminal shows: the same characters on the serial line and on the text display. The
 * serial line gets each byte as it is; the display knows newline, return, tab, backspace, form feed
 * (clears it) and the characters it has pictures for, and drops all others. Manual: docs/devices.md
 * sections 8 and 11.
 */
#include "terminal.h"
#include "tg32.h"

#define BLANK 0x0720u /* a space in grey on black */
#define TAB   8u

void terminal_output_start(struct terminal_output *output, uint16_t *cells)
{
    output->cells = cells;
    output->cursor = tg_inh(TG_PORT_TEXT_CURSOR);
    if (output->cursor >= TERMINAL_CELLS)
        output->cursor = 0;
}

/* Two cells at a time, as the display is most of what a line of output costs. */
static void scroll(struct terminal_output *output)
{
    uint32_t __attribute__((may_alias)) *pairs = (void *)output->cells;
    const uint32_t line = TERMINAL_COLUMNS / 2, all = TERMINAL_CELLS / 2;

#pragma GCC unroll 8
    for (uint32_t i = 0; i < all - line; i++)
        pairs[i] = pairs[i + line];
    for (uint32_t i = all - line; i < all; i++)
        pairs[i] = BLANK << 16 | BLANK;
    output->cursor -= TERMINAL_COLUMNS;
}

static void draw(struct terminal_output *output, char character)
{
    uint32_t column = output->cursor % TERMINAL_COLUMNS;

    switch (character) {
    case '\n':
        output->cursor += TERMINAL_COLUMNS - column;
        break;
    case '\r':
        output->cursor -= column;
        break;
    case '\t':
        output->cursor += TAB - column % TAB;
        break;
    case '\b':
        if (output->cursor > 0)
            output->cursor--;
        break;
    case '\f':
        for (uint32_t i = 0; i < TERMINAL_CELLS; i++)
            output->cells[i] = BLANK;
        output->cursor = 0;
        break;
    default:
        if (character < ' ' || character > '~')
            return;
        output->cells[output->cursor++] = (uint16_t)((BLANK & 0xff00u) | (uint8_t)character);
        break;
    }
    if (output->cursor >= TERMINAL_CELLS)
        scroll(output);
}

void terminal_output_write(struct terminal_output *output, const char *text, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++) {
        /* Waiting is shorter than an interrupt for each byte would be, and the drawing is done in
         * what would otherwise be waited. */
        while (!(tg_inw(TG_PORT_SERIAL_STATUS) & TG_MASK(SERIAL_STATUS_TX_READY)))
            ;
        tg_outb(TG_PORT_SERIAL_DATA, (uint8_t)text[i]);
        draw(output, text[i]);
    }
    /* Only now: a successor that is given the same write again draws it where this one began. */
    tg_outh(TG_PORT_TEXT_CURSOR, (uint16_t)output->cursor);
}
