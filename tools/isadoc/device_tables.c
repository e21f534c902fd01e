/*
 * The tables of the devices' manual: all devices, the registers of each, the keys.
 */
#include "isadoc/device_tables.h"

#include <stdint.h>
#include <string.h>

#include "bus/ports.h"
#include "isadoc/table.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    const char *name;
    unsigned source;
    uint32_t memory_base, memory_bytes;
    const char *meaning;
} devices[] = {
#define TG_DEVICE(ID, id, source, memory_base, memory_bytes, meaning)                              \
    {#id, source, memory_base, memory_bytes, meaning},
#include "bus/devices.def"
};

static const struct register_row {
    enum tg_device_index device;
    const char *name;
    unsigned port, count, bytes;
    const char *access, *meaning;
} registers[] = {
#define TG_REGISTER(DEVICE, NAME, port, count, bytes, access, meaning)                             \
    {TG_DEVICE_##DEVICE, #NAME, port, count, bytes, #access, meaning},
#include "bus/devices.def"
};

static const struct {
    unsigned port;
    const char *name;
    unsigned high, low;
    const char *meaning;
} bits[] = {
#define TG_BITS(DEVICE, REGISTER, NAME, high, low, meaning)                                        \
    {TG_PORT_##DEVICE##_##REGISTER, #NAME, high, low, meaning},
#include "bus/devices.def"
};

static const struct {
    unsigned code;
    char plain, shifted;
    const char *name;
} keys[] = {
#define TG_KEY(code, plain, shifted, name) {code, plain, shifted, name},
#include "bus/keys.def"
};

static void ports_cell(struct table *table, size_t device)
{
    unsigned first = UINT32_MAX, last = 0;
    for (size_t i = 0; i < COUNT(registers); i++) {
        if (registers[i].device != device)
            continue;
        if (first == UINT32_MAX)
            first = registers[i].port;
        last = registers[i].port + registers[i].count * registers[i].bytes - 1;
    }
    table_cell(table, "0x%03x to 0x%03x", first, last);
}

static bool write_devices(FILE *out)
{
    struct table table = {0};
    TABLE_HEAD(&table, "device", "ports", "source", "window", "what");
    for (size_t i = 0; i < COUNT(devices); i++) {
        table_row(&table);
        table_cell(&table, "%s", devices[i].name);
        ports_cell(&table, i);
        if (devices[i].source == TG_NO_SOURCE)
            table_cell(&table, "none");
        else
            table_cell(&table, "%u", devices[i].source);
        if (devices[i].memory_bytes == 0)
            table_cell(&table, "none");
        else
            table_cell(&table, "0x%08x, %u bytes", (unsigned)devices[i].memory_base,
                       (unsigned)devices[i].memory_bytes);
        table_cell(&table, "%s", devices[i].meaning);
    }
    return table_finish(&table, out);
}

static void field_rows(struct table *table, const struct register_row *reg)
{
    for (size_t i = 0; i < COUNT(bits); i++) {
        if (bits[i].port != reg->port)
            continue;
        table_row(table);
        table_cell(table, "%s", "");
        table_cell(table, "%s.%s", reg->name, bits[i].name);
        if (bits[i].high == bits[i].low)
            table_cell(table, "bit %u", bits[i].low);
        else
            table_cell(table, "bits %u:%u", bits[i].high, bits[i].low);
        table_cell(table, "%s", "");
        table_cell(table, "%s", bits[i].meaning);
    }
}

static bool write_registers(size_t device, FILE *out)
{
    struct table table = {0};
    TABLE_HEAD(&table, "port", "register", "width", "access", "meaning");
    for (size_t i = 0; i < COUNT(registers); i++) {
        const struct register_row *reg = &registers[i];
        if (reg->device != device)
            continue;
        table_row(&table);
        if (reg->count > 1)
            table_cell(&table, "0x%03x + %un", reg->port, reg->bytes);
        else
            table_cell(&table, "0x%03x", reg->port);
        if (reg->count > 1)
            table_cell(&table, "%s n, n from 0 to %u", reg->name, reg->count - 1);
        else
            table_cell(&table, "%s", reg->name);
        table_cell(&table, "%u", reg->bytes);
        table_cell(&table, "%s", reg->access);
        table_cell(&table, "%s", reg->meaning);
        field_rows(&table, reg);
    }
    return table_finish(&table, out);
}

static void character_cell(struct table *table, char character)
{
    switch (character) {
    case 0:
        table_cell(table, "%s", "");
        break;
    case ' ':
        table_cell(table, "space");
        break;
    case '`':
        table_cell(table, "`` ` ``");
        break;
    default:
        if (character > ' ')
            table_cell(table, "`%c`", character);
        else
            table_cell(table, "0x%02x", (unsigned)character);
        break;
    }
}

static bool write_keys(FILE *out)
{
    struct table table = {0};
    TABLE_HEAD(&table, "code", "key", "alone", "with shift");
    for (size_t i = 0; i < COUNT(keys); i++) {
        table_row(&table);
        table_cell(&table, "0x%02x", keys[i].code);
        table_cell(&table, "%s", keys[i].name);
        character_cell(&table, keys[i].plain);
        character_cell(&table, keys[i].shifted);
    }
    return table_finish(&table, out);
}

size_t device_tables_names(const char **names, size_t room)
{
    size_t count = 0;
    for (size_t i = 0; i < COUNT(devices) + 2; i++, count++)
        if (i < room)
            names[i] = i == 0 ? "devices" : i == 1 ? "keys" : devices[i - 2].name;
    return count;
}

bool device_tables_write(const char *name, FILE *out)
{
    if (strcmp(name, "devices") == 0)
        return write_devices(out);
    if (strcmp(name, "keys") == 0)
        return write_keys(out);
    for (size_t i = 0; i < COUNT(devices); i++)
        if (strcmp(devices[i].name, name) == 0)
            return write_registers(i, out);
    return false;
}
