/* See rig.h. */
#include "support/rig.h"

#include <stdlib.h>
#include <string.h>

struct rig rig;

/* --- The host -------------------------------------------------------------------------------- */

static void host_console(void *context, const uint8_t *bytes, size_t count)
{
    struct rig *r = context;
    ck_assert_uint_le(r->console_bytes + count, sizeof r->console);
    memcpy(r->console + r->console_bytes, bytes, count);
    r->console_bytes += count;
}

static void host_debug_text(void *context, const uint8_t *bytes, size_t count)
{
    struct rig *r = context;
    ck_assert_uint_le(r->debug_bytes + count, sizeof r->debug_text);
    memcpy(r->debug_text + r->debug_bytes, bytes, count);
    r->debug_bytes += count;
}

static void host_mark(void *context, uint32_t cpu, uint32_t value)
{
    struct rig *r = context;
    r->mark_cpu = cpu;
    r->mark_value = value;
    r->marks++;
}

static void host_trace(void *context, bool on)
{
    ((struct rig *)context)->is_tracing = on;
}

static void host_sound(void *context, const int16_t *samples, size_t count, uint32_t rate_hz)
{
    struct rig *r = context;
    ck_assert_uint_le(r->sample_count + count, sizeof r->samples / sizeof r->samples[0]);
    memcpy(r->samples + r->sample_count, samples, count * sizeof *samples);
    r->sample_count += count;
    r->sample_rate = rate_hz;
    r->sound_calls++;
}

/* --- Life ------------------------------------------------------------------------------------ */

static void destroy(void)
{
    tg_machine_destroy(rig.machine);
    rig.machine = NULL;
}

void rig_with_cpus(uint32_t cpus)
{
    destroy();
    rig = (struct rig){0};
    struct tg_config config = {
        .engine = "reference", .cpus = cpus, .ram_bytes = RIG_RAM_BYTES, .seed = 1234};
    struct tg_host host = {&rig, host_console, host_debug_text, host_mark, host_trace, host_sound};
    struct tg_error error;
    if (tg_machine_create(&config, &host, &rig.machine, &error) != TG_OK)
        ck_abort_msg("no machine: %s", error.text);
}

static void create(void)
{
    rig_with_cpus(1);
}

/* --- Accesses and time ----------------------------------------------------------------------- */

static uint32_t width_at(uint32_t port)
{
    for (uint32_t bytes = 1; bytes <= 4; bytes *= 2)
        if (tg_bus_register_at(port, bytes))
            return bytes;
    ck_abort_msg("no register at port 0x%x", port);
    return 0;
}

uint32_t rig_in(uint32_t port)
{
    uint32_t value = 0;
    if (!tg_bus_port_read(&rig.machine->cpus[rig.cpu], port, width_at(port), &value))
        ck_abort_msg("port 0x%x cannot be read", port);
    return value;
}

void rig_out(uint32_t port, uint32_t value)
{
    if (!tg_bus_port_write(&rig.machine->cpus[rig.cpu], port, width_at(port), value))
        ck_abort_msg("port 0x%x cannot be written", port);
}

void rig_pass(uint64_t ticks)
{
    uint64_t end = rig.machine->clock.time + ticks;
    for (;;) {
        uint64_t deadline = tg_bus_deadline(rig.machine);
        if (deadline > end)
            break;
        if (deadline > rig.machine->clock.time)
            rig.machine->clock.time = deadline;
        tg_bus_run_deadlines(rig.machine, rig.machine->clock.time);
    }
    rig.machine->clock.time = end;
}

void rig_pass_round(uint64_t ticks)
{
    rig.machine->clock.time += ticks;
    tg_bus_run_deadlines(rig.machine, rig.machine->clock.time);
}

bool rig_is_asserted(uint32_t source)
{
    return rig_in(TG_PORT_INTERRUPTS_ASSERTED) >> source & 1;
}

uint32_t rig_offered(uint32_t cpu)
{
    uint32_t before = rig.cpu;
    rig.cpu = cpu;
    uint32_t source = rig_in(TG_PORT_INTERRUPTS_OFFERED);
    rig.cpu = before;
    ck_assert_int_eq(rig.machine->cpus[cpu].is_interrupt_offered, source < TG_INTERRUPT_SOURCES);
    return source;
}

void rig_set_field(enum tg_device_index device, const char *field, uint32_t index, uint64_t value)
{
    const struct tg_field_table *table = tg_bus_device(device)->fields;
    uint8_t *state = tg_bus_device_state(rig.machine, device);
    for (uint32_t i = 0; i < table->count; i++) {
        const struct tg_field *row = &table->fields[i];
        if (strcmp(row->name, field) != 0)
            continue;
        ck_assert_uint_lt(index, row->count);
        ck_assert_uint_le(value, row->limit);
        uint8_t *at = state + row->offset + (size_t)index * row->width;
        if (row->width == 1)
            *at = (uint8_t)value;
        else if (row->width == 2)
            memcpy(at, &(uint16_t){(uint16_t)value}, 2);
        else if (row->width == 4)
            memcpy(at, &(uint32_t){(uint32_t)value}, 4);
        else
            memcpy(at, &value, 8);
        return;
    }
    ck_abort_msg("no field %s", field);
}

int run_rig_tests(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_add_checked_fixture(tcase, create, destroy);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
