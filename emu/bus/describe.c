/*
 * What front ends may know of devices without their headers: names of ports, cells of the text display.
 */
#include <stdio.h>

#include "bus/bus.h"

#define CELL_BYTES 2

/* --- Rows of the table -------------------------------------------------------------------------------------------- */

bool tg_device(uint32_t device, struct tg_device_view *ret_view)
{
    const struct tg_device *row = tg_bus_device(device);
    if (row == NULL)
        return false;
    *ret_view = (struct tg_device_view){.name = row->name,
                                        .meaning = row->meaning,
                                        .memory_base = row->memory_base,
                                        .memory_bytes = row->memory_bytes,
                                        .source = row->source};
    return true;
}

bool tg_device_register(uint32_t device, uint32_t index, struct tg_register_view *ret_view)
{
    const struct tg_port_register *row;
    for (uint32_t i = 0; (row = tg_bus_register(i)) != NULL; i++) {
        if ((uint32_t)row->device != device || index-- > 0)
            continue;
        *ret_view = (struct tg_register_view){.name = row->name,
                                              .meaning = row->meaning,
                                              .port = row->port,
                                              .count = row->count,
                                              .bytes = row->bytes,
                                              .is_readable = row->is_readable,
                                              .is_writable = row->is_writable};
        return true;
    }
    return false;
}

bool tg_register_bits(uint32_t port, uint32_t index, struct tg_bits_view *ret_view)
{
    const struct tg_port_bits *row;
    for (uint32_t i = 0; (row = tg_bus_bits(i)) != NULL; i++) {
        if (row->port != port || index-- > 0)
            continue;
        *ret_view = (struct tg_bits_view){
            .name = row->name, .meaning = row->meaning, .high = row->high, .low = row->low};
        return true;
    }
    return false;
}

/* --- State -------------------------------------------------------------------------------------------------------- */

static const struct tg_field *field_of(uint32_t device, uint32_t index)
{
    const struct tg_device *row = tg_bus_device(device);
    bool has_it = row != NULL && row->fields != NULL && index < row->fields->count;
    return has_it ? &row->fields->fields[index] : NULL;
}

bool tg_device_state(uint32_t device, uint32_t index, struct tg_state_view *ret_view)
{
    const struct tg_field *field = field_of(device, index);
    if (field == NULL)
        return false;
    *ret_view = (struct tg_state_view){field->name, field->width, field->count};
    return true;
}

uint64_t tg_machine_device_value(const struct tg_machine *machine, uint32_t device, uint32_t index, uint32_t element)
{
    const struct tg_field *field = field_of(device, index);
    if (field == NULL || element >= field->count)
        return 0;
    return tg_field_value(field, tg_bus_device_state(machine, device), element);
}

/* --- The interrupt controller --------------------------------------------------------------------------------------- */

bool tg_machine_source(const struct tg_machine *machine, uint32_t cpu, uint32_t source, struct tg_source_view *ret_view)
{
    if (cpu >= machine->config.cpus || source >= TG_INTERRUPT_SOURCES)
        return false;
    *ret_view = (struct tg_source_view){.device = ""};
    const struct tg_device *row;
    for (uint32_t i = 0; (row = tg_bus_device(i)) != NULL; i++)
        if (row->source == source)
            ret_view->device = row->name;
    tg_bus_view_source(machine, cpu, source, ret_view);
    return true;
}

uint32_t tg_machine_threshold(const struct tg_machine *machine, uint32_t cpu)
{
    return cpu < machine->config.cpus ? tg_bus_threshold(machine, cpu) : 0;
}

/* --- Ports and the display ------------------------------------------------------------------------------------------ */

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
