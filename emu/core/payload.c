/*
 * The one list of all state that a snapshot holds and lockstep compares, made from the field
 * tables, and what must hold between the values of one state beside each value's own limit.
 */
#include "core/payload.h"

#define XXH_STATIC_LINKING_ONLY /* the state's size, to have it on the stack */
#include <xxhash.h>

#include <stdio.h>
#include <string.h>

#include "bus/bus.h"
#include "core/machine.h"
#include "core/snapshot.h"

#define TG_FIELD_TAG tg_payload_config
TG_STATE_FIELDS(tg_payload_config, TG_PAYLOAD_CONFIG);
#undef TG_FIELD_TAG

struct tg_payload_config tg_payload_config_of(const struct tg_machine *machine)
{
    return (struct tg_payload_config){
        .cpus = machine->config.cpus,
        .ram_bytes = machine->config.ram_bytes,
        .quantum = machine->config.quantum,
        .seed = machine->config.seed,
    };
}

/* --- What must hold within a state ------------------------------------------------------------ */

static bool is_creg_value(uint32_t creg, uint32_t value)
{
    return (value & ~tg_creg_info(creg)->writable) == 0;
}

/* Whether a translation cache's rows can have come about by fills: present or empty, and in the set
 * of their page. */
static bool is_tlb(const uint32_t *page, const uint32_t *entry, uint32_t count)
{
    uint32_t sets = count / TG_TLB_WAYS;
    for (uint32_t i = 0; i < count; i++) {
        bool is_filled = (entry[i] & TG_PTE_PRESENT) != 0;
        if (is_filled ? page[i] % sets != i / TG_TLB_WAYS : entry[i] != 0) {
            return false;
        }
    }
    return true;
}

static const char *cpu_problem(const void *state, uint32_t cpus)
{
    (void)cpus;
    const struct tg_cpu_state *s = state;
    if (s->x[0] != 0) {
        return "register zero is not 0";
    }
    if (s->pc % 4 != 0) {
        return "pc is not a multiple of 4";
    }
    if ((s->status & ~TG_STATUS_VALID) != 0 || !is_creg_value(TG_CR_VBASE, s->vbase) ||
        !is_creg_value(TG_CR_PTROOT, s->ptroot) || !is_creg_value(TG_CR_IOMAP, s->iomap)) {
        return "a control register has a bit set that must be 0";
    }
    if (!is_tlb(s->itlb_page, s->itlb_entry, TG_ITLB_ENTRIES) ||
        !is_tlb(s->dtlb_page, s->dtlb_entry, TG_DTLB_ENTRIES)) {
        return "a translation cache holds what no fill can have put there";
    }
    return NULL;
}

static const char *clock_problem(const void *state, uint32_t cpus)
{
    return tg_schedule_accepts(state, cpus) ? NULL : "no machine can be at this point of a round";
}

static const char *end_problem(const void *state, uint32_t cpus)
{
    const struct tg_end_state *s = state;
    return s->cpu >= cpus ? "it names a CPU which the machine does not have" : NULL;
}

/* --- The list --------------------------------------------------------------------------------- */

static struct tg_payload_row make_row(const char *name, const struct tg_field_table *table,
                                      void *state,
                                      const char *(*problem)(const void *state, uint32_t cpus))
{
    struct tg_payload_row row = {"", table, state, tg_fields_struct_bytes(table), problem};
    snprintf(row.name, sizeof row.name, "%s", name);
    return row;
}

uint32_t tg_payload_rows(struct tg_machine *machine, uint32_t cpus,
                         struct tg_payload_row rows[TG_PAYLOAD_MAX_ROWS])
{
    uint32_t n = 0;
    char name[TG_SECTION_NAME_BYTES];
    rows[n++] = make_row("clock", &tg_clock_state_fields, &machine->clock, clock_problem);
    rows[n++] = make_row("end", &tg_end_state_fields, &machine->end, end_problem);
    for (uint32_t i = 0; i < cpus; i++) {
        struct tg_cpu *cpu = &machine->cpus[i];
        snprintf(name, sizeof name, "cpu.%u", i);
        rows[n++] = make_row(name, &tg_cpu_state_fields, &cpu->s, cpu_problem);
        snprintf(name, sizeof name, "counts.%u", i);
        rows[n++] = make_row(name, &tg_count_state_fields, &cpu->counts, NULL);
    }
    const struct tg_device *device;
    for (uint32_t i = 0; (device = tg_bus_device(i)) != NULL && n < TG_PAYLOAD_MAX_ROWS; i++) {
        if (device->fields != NULL) {
            snprintf(name, sizeof name, "device.%s", device->name);
            rows[n++] = make_row(name, device->fields, tg_bus_device_state(machine, i), NULL);
        }
    }
    return n;
}

/* --- The layout ------------------------------------------------------------------------------- */

static void add_table(XXH3_state_t *layout, const struct tg_field_table *table)
{
    for (uint32_t i = 0; i < table->count; i++) {
        const struct tg_field *field = &table->fields[i];
        char text[80];
        int length =
            snprintf(text, sizeof text, "%s %u %u\n", field->name, field->width, field->count);
        XXH3_64bits_update(layout, text,
                           (size_t)length < sizeof text ? (size_t)length : sizeof text);
    }
}

uint64_t tg_payload_layout(void)
{
    XXH3_state_t layout;
    XXH3_64bits_reset(&layout);
    add_table(&layout, &tg_payload_config_fields);
    add_table(&layout, &tg_clock_state_fields);
    add_table(&layout, &tg_end_state_fields);
    add_table(&layout, &tg_cpu_state_fields);
    add_table(&layout, &tg_count_state_fields);
    const struct tg_device *device;
    for (uint32_t i = 0; (device = tg_bus_device(i)) != NULL; i++) {
        XXH3_64bits_update(&layout, device->name, strlen(device->name));
        if (device->fields != NULL) {
            add_table(&layout, device->fields);
        }
    }
    return XXH3_64bits_digest(&layout);
}
