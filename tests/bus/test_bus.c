/* Tests of the bus proper (emu/bus/bus.c): rows, look-up, checks, windows, deadlines, DMA. */
#include <stdlib.h>
#include <string.h>

#include "support/rig.h"

static const struct tg_device *text_device(void)
{
    return tg_bus_device(TG_DEVICE_TEXT);
}

START_TEST(register_rows_are_sorted_aligned_and_apart)
{
    uint32_t end = 0;
    for (uint32_t i = 0; tg_bus_register(i); i++) {
        const struct tg_port_register *reg = tg_bus_register(i);
        ck_assert_msg(reg->port >= end, "%s overlaps or precedes the row before", reg->name);
        ck_assert_msg(reg->port % reg->bytes == 0, "%s is not aligned", reg->name);
        ck_assert(reg->bytes == 1 || reg->bytes == 2 || reg->bytes == 4);
        ck_assert(reg->is_readable || reg->is_writable);
        ck_assert_uint_lt(reg->device, TG_DEVICE_COUNT);
        end = reg->port + (uint32_t)reg->count * reg->bytes;
    }
    ck_assert_uint_le(end, TG_PORT_COUNT);
}
END_TEST

START_TEST(bits_rows_fit_their_registers_and_are_apart)
{
    for (uint32_t i = 0; tg_bus_bits(i); i++) {
        const struct tg_port_bits *bits = tg_bus_bits(i);
        const struct tg_port_register *reg = NULL;
        for (uint32_t bytes = 1; bytes <= 4 && !reg; bytes *= 2)
            reg = tg_bus_register_at(bits->port, bytes);
        ck_assert_ptr_nonnull(reg);
        ck_assert_msg(bits->high >= bits->low && bits->high < 8 * reg->bytes, "%s.%s", reg->name,
                      bits->name);
        for (uint32_t j = 0; j < i; j++)
            if (tg_bus_bits(j)->port == bits->port)
                ck_assert_msg(tg_bus_bits(j)->high < bits->low, "%s.%s", reg->name, bits->name);
    }
}
END_TEST

START_TEST(windows_lie_past_all_ram_and_apart)
{
    for (uint32_t i = 0; i < TG_DEVICE_COUNT; i++) {
        const struct tg_device *device = tg_bus_device(i);
        if (device->memory_bytes == 0)
            continue;
        ck_assert_uint_ge(device->memory_base, TG_MAX_RAM_BYTES);
        ck_assert_uint_le(device->memory_bytes - 1, UINT32_MAX - device->memory_base);
        for (uint32_t j = 0; j < i; j++)
            ck_assert_uint_ge(device->memory_base - tg_bus_device(j)->memory_base,
                              tg_bus_device(j)->memory_bytes);
    }
}
END_TEST

/* Whether this access should reach a register, straight from the rows. */
static bool is_legal(uint32_t port, uint32_t bytes, bool is_write)
{
    for (uint32_t i = 0; tg_bus_register(i); i++) {
        const struct tg_port_register *reg = tg_bus_register(i);
        for (uint32_t n = 0; n < reg->count; n++)
            if (reg->port + n * reg->bytes == port && reg->bytes == bytes)
                return is_write ? reg->is_writable : reg->is_readable;
    }
    return false;
}

/* rules: DEV-BUS-1 */
START_TEST(only_whole_registers_in_their_directions_answer)
{
    struct tg_cpu *cpu = &rig.machine->cpus[0];
    uint32_t answered = 0;
    for (uint32_t port = 0; port < TG_PORT_COUNT; port++) {
        for (uint32_t bytes = 1; bytes <= 4; bytes *= 2) {
            uint32_t value = 0x5a5a5a5a;
            bool is_read = tg_bus_port_read(cpu, port, bytes, &value);
            ck_assert_int_eq(is_read, is_legal(port, bytes, false));
            if (!is_read)
                ck_assert_uint_eq(value, 0x5a5a5a5a);
            ck_assert_int_eq(tg_bus_port_write(cpu, port, bytes, 0), is_legal(port, bytes, true));
            answered += is_read;
        }
    }
    ck_assert_uint_gt(answered, TG_DEVICE_COUNT);
}
END_TEST

/* rules: DEV-BUS-1, DEV-BUS-2 */
START_TEST(a_value_is_cut_to_the_registers_width)
{
    rig_out(TG_PORT_TEXT_CURSOR, 0xabcd1234);
    ck_assert_uint_eq(rig_in(TG_PORT_TEXT_CURSOR), 0x1234);
}
END_TEST

/* rules: DEV-BUS-2 */
START_TEST(bits_in_no_field_read_as_zero)
{
    for (uint32_t i = 0; tg_bus_register(i); i++) {
        const struct tg_port_register *reg = tg_bus_register(i);
        uint32_t fields = 0;
        for (uint32_t j = 0; tg_bus_bits(j); j++)
            if (tg_bus_bits(j)->port == reg->port)
                fields |= (UINT32_MAX >> (31 - tg_bus_bits(j)->high)) &
                          (UINT32_MAX << tg_bus_bits(j)->low);
        if (fields == 0 || !reg->is_readable)
            continue;
        if (reg->is_writable)
            rig_out(reg->port, UINT32_MAX);
        ck_assert_msg((rig_in(reg->port) & ~fields) == 0, "%s reads bits that it has not",
                      reg->name);
    }
}
END_TEST

/* rules: DEV-BUS-4 */
START_TEST(reset_makes_every_device_as_at_power_on)
{
    size_t total = 0;
    uint8_t *saved[TG_DEVICE_COUNT];
    for (uint32_t i = 0; i < TG_DEVICE_COUNT; i++) {
        uint32_t bytes = tg_bus_device(i)->operations->state_bytes;
        saved[i] = malloc(bytes);
        memcpy(saved[i], tg_bus_device_state(rig.machine, i), bytes);
        total += bytes;
    }
    ck_assert_uint_gt(total, 4000);
    tg_bus_input(rig.machine, (struct tg_input){TG_INPUT_KEY, 0x1e});
    tg_bus_input(rig.machine, (struct tg_input){TG_INPUT_SERIAL, 'x'});
    for (uint32_t i = 0; tg_bus_register(i); i++)
        if (tg_bus_register(i)->is_writable)
            rig_out(tg_bus_register(i)->port, UINT32_MAX);
    ck_assert(tg_bus_memory_write(&rig.machine->cpus[0], text_device()->memory_base, 4, 0));
    tg_bus_reset(rig.machine);
    for (uint32_t i = 0; i < TG_DEVICE_COUNT; i++) {
        const struct tg_device *device = tg_bus_device(i);
        const uint8_t *state = tg_bus_device_state(rig.machine, i);
        for (uint32_t j = 0; j < device->fields->count; j++) {
            const struct tg_field *field = &device->fields->fields[j];
            ck_assert_msg(memcmp(state + field->offset, saved[i] + field->offset,
                                 (size_t)field->width * field->count) == 0,
                          "%s: %s is not as at power-on", device->name, field->name);
        }
        free(saved[i]);
    }
    ck_assert_uint_eq(rig_offered(0), 32);
}
END_TEST

START_TEST(every_field_lies_in_its_state_and_within_its_limit)
{
    for (uint32_t i = 0; i < TG_DEVICE_COUNT; i++) {
        const struct tg_device *device = tg_bus_device(i);
        const uint8_t *state = tg_bus_device_state(rig.machine, i);
        ck_assert_uint_gt(device->fields->count, 0);
        for (uint32_t j = 0; j < device->fields->count; j++) {
            const struct tg_field *field = &device->fields->fields[j];
            ck_assert_uint_le(field->offset + field->width * field->count,
                              device->operations->state_bytes);
            for (uint32_t n = 0; n < field->count; n++) {
                uint64_t value = 0;
                memcpy(&value, state + field->offset + (size_t)n * field->width, field->width);
                ck_assert_msg(value <= field->limit, "%s: %s", device->name, field->name);
            }
        }
    }
    ck_assert_ptr_null(tg_bus_device(TG_DEVICE_COUNT));
}
END_TEST

/* rules: DEV-BUS-6 */
START_TEST(windows_answer_for_whole_accesses_inside)
{
    struct tg_cpu *cpu = &rig.machine->cpus[0];
    uint32_t base = text_device()->memory_base, size = text_device()->memory_bytes;
    for (uint32_t bytes = 1; bytes <= 4; bytes *= 2) {
        uint32_t last = base + size - bytes, value = 77;
        ck_assert(tg_bus_memory_write(cpu, last, bytes, 0x87654321));
        ck_assert(tg_bus_memory_read(cpu, last, bytes, &value));
        ck_assert_uint_eq(value, 0x87654321 & (UINT32_MAX >> (32 - 8 * bytes)));
        value = 77;
        ck_assert(!tg_bus_memory_read(cpu, last + bytes, bytes, &value));
        ck_assert(!tg_bus_memory_write(cpu, last + bytes, bytes, 1));
        ck_assert(!tg_bus_memory_read(cpu, base - bytes, bytes, &value));
        ck_assert(!tg_bus_memory_write(cpu, base - bytes, bytes, 1));
        ck_assert(!tg_bus_memory_read(cpu, 0u - bytes, bytes, &value));
        ck_assert_uint_eq(value, 77);
    }
}
END_TEST

/* rules: DEV-BUS-6 */
START_TEST(windows_are_little_endian)
{
    struct tg_cpu *cpu = &rig.machine->cpus[0];
    uint32_t base = text_device()->memory_base;
    ck_assert(tg_bus_memory_write(cpu, base, 4, 0x44332211));
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t value;
        ck_assert(tg_bus_memory_read(cpu, base + i, 1, &value));
        ck_assert_uint_eq(value, 0x11 * (i + 1));
    }
    uint32_t half;
    ck_assert(tg_bus_memory_write(cpu, base + 2, 2, 0xbeef));
    ck_assert(tg_bus_memory_read(cpu, base, 4, &half));
    ck_assert_uint_eq(half, 0xbeef2211);
}
END_TEST

/* rules: DEV-BUS-7 */
START_TEST(dma_moves_all_or_nothing)
{
    static const uint32_t bad[][2] = {
        {RIG_RAM_BYTES - 3, 4}, {RIG_RAM_BYTES, 1},
        {UINT32_MAX, 2},        {UINT32_MAX - 3, 4},
        {4, UINT32_MAX},        {0xf0000000, 4},
        {0, RIG_RAM_BYTES + 1}, {RIG_RAM_BYTES - 4, 0xfffffffc},
    };
    static uint8_t bytes[RIG_RAM_BYTES + 4];
    memset(bytes, 0xee, sizeof bytes);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert(!tg_bus_dma_write(rig.machine, TG_DEVICE_DISK, bad[i][0], bytes, bad[i][1]));
        ck_assert(!tg_bus_dma_read(rig.machine, TG_DEVICE_DISK, bad[i][0], bytes, bad[i][1]));
    }
    uint8_t word[4] = {1, 2, 3, 4}, back[4];
    ck_assert(tg_bus_dma_write(rig.machine, TG_DEVICE_DISK, RIG_RAM_BYTES - 4, word, 4));
    ck_assert(tg_bus_dma_read(rig.machine, TG_DEVICE_DISK, RIG_RAM_BYTES - 4, back, 4));
    ck_assert_mem_eq(word, back, 4);
    ck_assert_uint_eq(bytes[0], 0xee);
}
END_TEST

START_TEST(the_earliest_deadline_of_all_devices_counts)
{
    ck_assert_uint_eq(tg_bus_deadline(rig.machine), TG_NEVER);
    rig_out(TG_PORT_TIMER_INTERVAL, 500);
    rig_out(TG_PORT_SERIAL_DATA, 'x');
    ck_assert_uint_eq(tg_bus_deadline(rig.machine), 100);
    rig_pass(100);
    ck_assert_uint_eq(tg_bus_deadline(rig.machine), 500);
    rig_pass(400);
    ck_assert_uint_eq(tg_bus_deadline(rig.machine), TG_NEVER);
}
END_TEST

START_TEST(only_what_is_due_is_run)
{
    rig_out(TG_PORT_TIMER_INTERVAL, 10);
    rig_out(TG_PORT_SERIAL_DATA, 'x');
    rig_out(TG_PORT_DISK_COMMAND, 1);
    rig_pass(99);
    ck_assert(!TG_GET(SERIAL_STATUS_TX_READY, rig_in(TG_PORT_SERIAL_STATUS)));
    rig_pass(1);
    ck_assert(TG_GET(SERIAL_STATUS_TX_READY, rig_in(TG_PORT_SERIAL_STATUS)));
    ck_assert(TG_GET(DISK_STATUS_BUSY, rig_in(TG_PORT_DISK_STATUS)));
}
END_TEST

START_TEST(a_changed_deadline_calls_for_the_scheduler_with_one_cpu_only)
{
    static const uint32_t writes[][2] = {
        {TG_PORT_TIMER_INTERVAL, 500},
        {TG_PORT_TIMER_PERIOD, 500},
        {TG_PORT_TIMER_DEADLINE_HIGH, 0},
        {TG_PORT_SERIAL_DATA, 'x'},
        {TG_PORT_DISK_COMMAND, 1},
        {TG_PORT_SOUND_CONTROL, TG_MASK(SOUND_CONTROL_SQUARE)},
        {TG_PORT_SYSTEM_POWER, TG_MASK(SYSTEM_POWER_RESET)},
    };
    for (size_t i = 0; i < sizeof writes / sizeof writes[0]; i++) {
        for (uint32_t cpus = 1; cpus <= 2; cpus++) {
            rig_with_cpus(cpus);
            ck_assert(!rig.machine->attention);
            rig_out(writes[i][0], writes[i][1]);
            ck_assert_uint_ne(tg_bus_deadline(rig.machine), TG_NEVER);
            ck_assert_int_eq(rig.machine->attention, cpus == 1);
        }
    }
}
END_TEST

START_TEST(ports_have_names_for_people)
{
    char name[64] = "untouched";
    ck_assert(tg_port_name(TG_PORT_KEYBOARD_DATA, name, sizeof name));
    ck_assert_str_eq(name, "keyboard DATA");
    ck_assert(tg_port_name(TG_PORT_INTERRUPTS_SOURCE + 4 * 31 + 3, name, sizeof name));
    ck_assert_str_eq(name, "interrupts SOURCE");
    ck_assert(tg_port_name(TG_PORT_SERIAL_CONTROL, name, 7));
    ck_assert_str_eq(name, "serial");
    ck_assert(!tg_port_name(TG_PORT_KEYBOARD_DATA + 1, name, sizeof name));
    ck_assert(!tg_port_name(UINT32_MAX, name, sizeof name));
    ck_assert_str_eq(name, "serial");
}
END_TEST

START_TEST(front_ends_see_the_cells_of_the_text_display)
{
    uint32_t last = text_device()->memory_base + text_device()->memory_bytes - 2;
    ck_assert(tg_bus_memory_write(&rig.machine->cpus[0], last, 2, 0x1e41));
    uint8_t attributes = 0;
    uint32_t row = TG_SCREEN_ROWS - 1, column = TG_SCREEN_COLUMNS - 1;
    ck_assert_uint_eq(tg_machine_screen_cell(rig.machine, row, column, &attributes), 'A');
    ck_assert_uint_eq(attributes, 0x1e);
    ck_assert_uint_eq(tg_machine_screen_cell(rig.machine, row, column - 1, NULL), ' ');
    ck_assert_uint_eq(tg_machine_screen_cell(rig.machine, row + 1, column, NULL), 0);
    ck_assert_uint_eq(tg_machine_screen_cell(rig.machine, row, column + 1, NULL), 0);
    ck_assert_uint_eq(tg_machine_screen_cell(rig.machine, UINT32_MAX, UINT32_MAX, NULL), 0);
}
END_TEST

/* rules: DEV-BUS-8. Whatever values the guest writes wherever, nothing but the machine's end may
 * come of it. */
START_TEST(random_accesses_harm_nobody)
{
    uint64_t state = 42;
    for (uint32_t i = 0; i < 200000; i++) {
        if (i == 100000)
            rig_with_cpus(2);
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint32_t port = (uint32_t)(state >> 33) % 0x404, value = (uint32_t)(state >> 20);
        if (i % 3)
            value %= 4096;
        rig.cpu = i % rig.machine->config.cpus;
        tg_bus_port_write(&rig.machine->cpus[rig.cpu], port, 4, value);
        tg_bus_port_read(&rig.machine->cpus[rig.cpu], port, 4, &value);
        rig_pass_round(state % 300);
        rig.sample_count = rig.debug_bytes = rig.console_bytes = 0;
        for (uint32_t cpu = 0; cpu < rig.machine->config.cpus; cpu++)
            if (rig_offered(cpu) < 32 && state & 8)
                ck_assert_uint_lt(tg_bus_acknowledge(&rig.machine->cpus[cpu]), 32);
    }
}
END_TEST

RIG_MAIN("bus", register_rows_are_sorted_aligned_and_apart,
         bits_rows_fit_their_registers_and_are_apart, windows_lie_past_all_ram_and_apart,
         only_whole_registers_in_their_directions_answer, a_value_is_cut_to_the_registers_width,
         bits_in_no_field_read_as_zero, reset_makes_every_device_as_at_power_on,
         every_field_lies_in_its_state_and_within_its_limit,
         windows_answer_for_whole_accesses_inside, windows_are_little_endian,
         dma_moves_all_or_nothing, the_earliest_deadline_of_all_devices_counts,
         only_what_is_due_is_run, a_changed_deadline_calls_for_the_scheduler_with_one_cpu_only,
         ports_have_names_for_people, front_ends_see_the_cells_of_the_text_display,
         random_accesses_harm_nobody)
