/*
 * What front ends may know of devices without their headers: names of ports, cells of the text display.
 */
#include <stdio.h>

#include "bus/bus.h"

#define CELL_BYTES 2

bool tg_port_name(uint32_t port, char *buf, size_t size)
{
    for (uint32_t i = 0; tg_bus_register(i) != NULL; i++) {
        const struct tg_port_register *row = tg_bus_register(i);
        if (port < row->port || port - row->port >= (uint32_t)row->count * row->bytes)
            continue;
        snprintf(buf, size, "%s %s", tg_bus_device(row->device)->name, row->name);
        return true;
    }
    return false;
}

uint8_t tg_machine_screen_cell(const struct tg_machine *machine, uint32_t row, uint32_t column,
                               uint8_t *ret_attributes)
{
    const struct tg_device *text = tg_bus_device(TG_DEVICE_TEXT);
    const uint8_t *cells = tg_bus_device_state(machine, TG_DEVICE_TEXT);
    uint32_t offset = (row * TG_SCREEN_COLUMNS + column) * CELL_BYTES;
    if (row >= TG_SCREEN_ROWS || column >= TG_SCREEN_COLUMNS)
        return 0;
    cells += text->fields->fields[0].offset;
    if (ret_attributes != NULL)
        *ret_attributes = cells[offset + 1];
    return cells[offset];
}
