/*
 * Translation caches, interrupt sources and devices. Reading a device's state changes nothing, unlike reading its ports.
 */
#include <inttypes.h>
#include <string.h>

#include "commands.h"
#include "common/options.h"
#include "debugger.h"
#include "isa/isa.h"

/* --- Translation caches ------------------------------------------------------------------------------------------------------------ */

/* Prints the filled ways, of the page at address alone if one is wanted; how many. */
static unsigned show_tlb(struct debugger *d, bool is_instruction, bool is_wanted, uint32_t address)
{
    struct tg_tlb_view way;
    unsigned count = 0;
    for (uint32_t i = 0; tg_machine_tlb(d->machine, d->view.cpu, is_instruction, i, &way); i++) {
        if (!way.is_filled || (is_wanted && way.vaddr != (address & TG_PTE_PAGE)))
            continue;
        say(d, "  %-11s set %2" PRIu32 " way %" PRIu32 "  0x%08" PRIx32 " -> 0x%08" PRIx32 "  %c%c%c  rings 0 to %" PRIu32,
            is_instruction ? "instruction" : "data", way.set, way.way, way.vaddr, way.paddr,
            way.entry & TG_PTE_READ ? 'r' : '-', way.entry & TG_PTE_WRITE ? 'w' : '-',
            way.entry & TG_PTE_EXECUTE ? 'x' : '-', (way.entry & TG_PTE_RING) >> TG_PTE_RING_SHIFT);
        if (way.entry & TG_PTE_GLOBAL)
            say(d, "  all spaces\n");
        else
            say(d, "  space %" PRIu32 "\n", way.space);
        count++;
    }
    return count;
}

bool devices_tlb(struct debugger *d, struct args *args)
{
    struct tg_value value;
    uint32_t address = 0;
    bool is_wanted = !args_is_empty(args);
    if (is_wanted && (!view_evaluate(d, args->name, args->at, &value) || !view_number(d, args->name, &value, &address)))
        return false;
    unsigned count = show_tlb(d, true, is_wanted, address);
    count += show_tlb(d, false, is_wanted, address);
    if (count == 0)
        say(d, is_wanted ? "no translation of that page is kept\n" : "both translation caches are empty\n");
    return true;
}

/* --- Interrupts --------------------------------------------------------------------------------------------------------------------- */

bool devices_irq(struct debugger *d, struct args *args)
{
    struct tg_source_view source;
    if (!args_end(d, args))
        return false;
    say(d, "CPU %" PRIu32 ": takes sources of a priority above %" PRIu32 ", interrupts %s\n", d->view.cpu,
        tg_machine_threshold(d->machine, d->view.cpu),
        d->now[d->view.cpu].creg[TG_CR_STATUS] & TG_STATUS_IE ? "on" : "off");
    for (uint32_t i = 0; tg_machine_source(d->machine, d->view.cpu, i, &source); i++) {
        if (source.device[0] == '\0' && !source.is_asserted && !source.is_enabled)
            continue;
        say(d, "  source %2" PRIu32 "  %-10s vector %2" PRIu32 "  priority %" PRIu32 "  to CPU %" PRIu32 "  %s%s%s%s\n", i,
            source.device, i + TG_VECTOR_INTERRUPT, source.priority, source.cpu,
            source.is_enabled ? "enabled" : "masked", source.is_asserted ? ", asserted" : "",
            source.is_in_service ? ", in service" : "", source.is_offered ? ", offered" : "");
    }
    return true;
}

/* --- Devices ------------------------------------------------------------------------------------------------------------------------ */

static void list_devices(struct debugger *d)
{
    struct tg_device_view device;
    for (uint32_t i = 0; tg_device(i, &device); i++) {
        say(d, "  %-10s %s", device.name, device.meaning);
        if (device.source != TG_NO_SOURCE)
            say(d, "; source %" PRIu32, device.source);
        if (device.memory_bytes > 0)
            say(d, "; memory 0x%08" PRIx32 " to 0x%08" PRIx32, device.memory_base,
                device.memory_base + device.memory_bytes - 1);
        say(d, "\n");
    }
}

static void show_registers(struct debugger *d, uint32_t device)
{
    struct tg_register_view row;
    for (uint32_t i = 0; tg_device_register(device, i, &row); i++) {
        char port[32];
        if (row.count > 1)
            snprintf(port, sizeof port, "0x%04" PRIx32 "-0x%04" PRIx32, row.port, row.port + row.count * row.bytes - 1);
        else
            snprintf(port, sizeof port, "0x%04" PRIx32, row.port);
        say(d, "  port %-13s %-12s %s%s  %s\n", port, row.name, row.is_readable ? "in" : "  ",
            row.is_writable ? " out" : "    ", row.meaning);
    }
}

#define SHOWN_ELEMENTS 16

static void show_state(struct debugger *d, uint32_t device)
{
    struct tg_state_view field;
    for (uint32_t i = 0; tg_device_state(device, i, &field); i++) {
        say(d, "  %-18s", field.name);
        for (uint32_t j = 0; j < field.count && j < SHOWN_ELEMENTS; j++)
            say(d, " %" PRIu64, tg_machine_device_value(d->machine, device, i, j));
        say(d, field.count > SHOWN_ELEMENTS ? " ... (%" PRIu32 " in all)\n" : "\n", field.count);
    }
}

bool devices_devices(struct debugger *d, struct args *args)
{
    struct tg_device_view device;
    char word[ARGS_WORD_BYTES];
    const char *names[32];
    size_t count = 0;
    if (!args_word(d, args, word)) {
        list_devices(d);
        return true;
    }
    for (uint32_t i = 0; tg_device(i, &device); i++) {
        if (strcmp(device.name, word) == 0) {
            say(d, "%s: %s\n", device.name, device.meaning);
            show_registers(d, i);
            show_state(d, i);
            return args_end(d, args);
        }
        if (count < 32)
            names[count++] = device.name;
    }
    const char *near = nearest_name(word, names, count);
    return complain(d, "%s: there is no device \"%s\"%s%s%s", args->name, word, near != NULL ? "; did you mean \"" : "",
                    near != NULL ? near : "", near != NULL ? "\"?" : "");
}

bool devices_port(struct debugger *d, struct args *args)
{
    struct tg_value value;
    struct tg_bits_view bits;
    uint32_t port;
    char name[64];
    if (!view_evaluate(d, args->name, args->at, &value) || !view_number(d, args->name, &value, &port))
        return false;
    if (port >= TG_PORT_COUNT || !tg_port_name(port, name, sizeof name))
        return complain(d, "%s: no device is at port 0x%" PRIx32, args->name, port);
    say(d, "port 0x%04" PRIx32 ": %s\n", port, name);
    for (uint32_t i = 0; tg_register_bits(port, i, &bits); i++) {
        char range[16];
        snprintf(range, sizeof range, bits.high == bits.low ? "%" PRIu32 : "%" PRIu32 ":%" PRIu32, bits.high, bits.low);
        say(d, "  bits %-6s %-10s %s\n", range, bits.name, bits.meaning);
    }
    return true;
}
