/*
 * The text display: cells in a memory window, and the cursor. It only holds them; front ends draw.
 * Manual: docs/devices.md section 11.
 */
#include "bus/bus.h"

#define COLUMNS    80
#define LINES      25
#define CELL_BYTES (COLUMNS * LINES * 2)

_Static_assert(CELL_BYTES == TG_WINDOW_BYTES_TEXT, "the window holds the cells");

#define STYLE_MASK                                                                                 \
    (TG_MASK(TEXT_STYLE_HEIGHT) | TG_MASK(TEXT_STYLE_BLINK) | TG_MASK(TEXT_STYLE_HIDDEN))

#define TG_TEXT_STATE(V, A)                                                                        \
    A(uint8_t, cells, CELL_BYTES, UINT8_MAX)                                                       \
    V(uint16_t, cursor, UINT16_MAX)                                                                \
    V(uint8_t, style, STYLE_MASK)

TG_STATE_STRUCT(tg_text, TG_TEXT_STATE);

#define TG_FIELD_TAG tg_text
TG_STATE_FIELDS(tg_text, TG_TEXT_STATE);

static void reset(struct tg_machine *machine, void *state)
{
    (void)machine;
    struct tg_text *s = state;
    for (uint32_t i = 0; i < CELL_BYTES; i += 2) {
        s->cells[i] = ' ';
        s->cells[i + 1] = 0x07;
    }
    s->cursor = 0;
    s->style = (uint8_t)(TG_PUT(TEXT_STYLE_HEIGHT, 1) | TG_PUT(TEXT_STYLE_BLINK, 1));
}

static uint32_t read_register(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t port)
{
    (void)machine;
    (void)cpu;
    const struct tg_text *s = state;
    switch (port) {
    case TG_PORT_TEXT_CURSOR:
        return s->cursor;
    case TG_PORT_TEXT_STYLE:
        return s->style;
    default: /* SIZE */
        return TG_PUT(TEXT_SIZE_COLUMNS, COLUMNS) | TG_PUT(TEXT_SIZE_LINES, LINES);
    }
}

static void write_register(struct tg_machine *machine, void *state, uint32_t cpu, uint32_t port,
                           uint32_t value)
{
    (void)machine;
    (void)cpu;
    struct tg_text *s = state;
    if (port == TG_PORT_TEXT_CURSOR)
        s->cursor = (uint16_t)value;
    else
        s->style = (uint8_t)(value & STYLE_MASK);
}

static uint32_t memory_read(struct tg_machine *machine, void *state, uint32_t offset,
                            uint32_t bytes)
{
    (void)machine;
    const struct tg_text *s = state;
    uint32_t value = 0;
    for (uint32_t i = 0; i < bytes; i++)
        value |= (uint32_t)s->cells[offset + i] << 8 * i;
    return value;
}

static void memory_write(struct tg_machine *machine, void *state, uint32_t offset, uint32_t bytes,
                         uint32_t value)
{
    (void)machine;
    struct tg_text *s = state;
    for (uint32_t i = 0; i < bytes; i++)
        s->cells[offset + i] = (uint8_t)(value >> 8 * i);
}

const struct tg_device_operations tg_text_operations = {
    .state_bytes = sizeof(struct tg_text),
    .reset = reset,
    .read = read_register,
    .write = write_register,
    .memory_read = memory_read,
    .memory_write = memory_write,
};
