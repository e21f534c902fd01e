/* Tests of saving and loading machines (emu/core/snapshot.c, restore.c, payload.c,
 * snapshot_file.c). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/bus.h"
#include "core/bytes.h"
#include "core/payload.h"
#include "core/snapshot.h"
#include "elf_file.h"
#include "guests.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct snapshot {
    void *bytes;
    size_t size;
};

static struct snapshot save(struct tg_machine *machine)
{
    struct snapshot snapshot;
    ck_assert_int_eq(tg_machine_save(machine, &snapshot.bytes, &snapshot.size), TG_OK);
    return snapshot;
}

static void load(struct tg_machine *machine, const struct snapshot *snapshot)
{
    struct tg_error error = {""};
    int result = tg_machine_load(machine, snapshot->bytes, snapshot->size, &error);
    ck_assert_msg(result == TG_OK, "%s", error.text);
}

/* A machine as unlike the random guests' as can be. */
static struct tg_machine *other_machine(unsigned engine)
{
    struct tg_config config = {.engine = guest_engine(engine),
                               .cpus = 8,
                               .ram_bytes = TG_MIN_RAM_BYTES,
                               .boot_words = "x=1"};
    struct tg_machine *machine;
    ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, NULL), TG_OK);
    return machine;
}

static void expect_equal(struct tg_machine *a, struct tg_machine *b)
{
    struct snapshot left = save(a), right = save(b);
    ck_assert_uint_eq(tg_machine_digest(a), tg_machine_digest(b));
    ck_assert_uint_eq(left.size, right.size);
    ck_assert_mem_eq(left.bytes, right.bytes, left.size);
    free(left.bytes);
    free(right.bytes);
}

/* --- Going on --------------------------------------------------------------------------------- */

/* Saves at every instruction of a guest, loads into another engine's machine, runs on to the end.
 */
START_TEST(a_machine_saved_at_any_instruction_goes_on_as_before)
{
    enum { END = 300 };
    uint64_t seed = (uint64_t)_i;
    struct tg_machine *straight = guest_machine(seed, guest_engine(0));
    guest_run(straight, END);
    struct tg_machine *saved = guest_machine(seed, guest_engine(0));
    struct tg_machine *loaded = other_machine(1);
    for (uint64_t k = 0; k < END; k++) {
        guest_run(saved, k);
        struct snapshot snapshot = save(saved);
        load(loaded, &snapshot);
        ck_assert_uint_eq(tg_machine_digest(loaded), tg_machine_digest(saved));
        ck_assert_uint_eq(tg_machine_position(loaded).insns, tg_machine_position(saved).insns);
        guest_run(loaded, END);
        expect_equal(loaded, straight);
        free(snapshot.bytes);
    }
    guest_run(saved, END);
    expect_equal(saved, straight);
    tg_machine_destroy(straight);
    tg_machine_destroy(saved);
    tg_machine_destroy(loaded);
}
END_TEST

START_TEST(configuration_counts_and_disk_come_along)
{
    struct tg_machine *machine = guest_machine(5, guest_engine(0));
    ck_assert(tg_bus_disk_write(machine, 4000, "turnpike", 8));
    guest_run(machine, 1000);
    struct snapshot snapshot = save(machine);
    struct tg_machine *loaded = other_machine(1);
    load(loaded, &snapshot);
    const struct tg_config *a = tg_machine_config(machine), *b = tg_machine_config(loaded);
    ck_assert_uint_eq(a->cpus, b->cpus);
    ck_assert_uint_eq(a->ram_bytes, b->ram_bytes);
    ck_assert_uint_eq(a->quantum, b->quantum);
    ck_assert_uint_eq(a->seed, b->seed);
    ck_assert_str_eq(b->boot_words, "");
    for (uint32_t i = 0; i < a->cpus; i++) {
        struct tg_counts left, right;
        tg_machine_counts(machine, i, &left);
        tg_machine_counts(loaded, i, &right);
        ck_assert_mem_eq(&left, &right, sizeof left);
    }
    char text[8];
    ck_assert_int_eq(tg_machine_disk_read(loaded, 4000, text, 8), TG_OK);
    ck_assert_mem_eq(text, "turnpike", 8);
    tg_bus_disk_discard_changes(machine);
    tg_bus_disk_discard_changes(loaded);
    ck_assert_uint_eq(tg_machine_digest(machine), tg_machine_digest(loaded));
    free(snapshot.bytes);
    tg_machine_destroy(machine);
    tg_machine_destroy(loaded);
}
END_TEST

START_TEST(a_reset_after_loading_starts_the_image_with_the_boot_words)
{
    struct elf_file file;
    elf_file_init(&file);
    struct tg_config config = {.ram_bytes = 0x20000, .seed = 7, .boot_words = "services=kernel"};
    struct tg_machine *machine;
    ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, NULL), TG_OK);
    ck_assert_int_eq(tg_machine_load_image(machine, file.bytes, file.size, NULL), TG_OK);
    guest_run(machine, 1001);
    struct snapshot snapshot = save(machine);
    struct tg_machine *loaded = other_machine(1);
    load(loaded, &snapshot);
    uint32_t offset;
    ck_assert_str_eq(tg_machine_symbol(loaded, ELF_TEXT_PADDR, &offset), "start");
    struct tg_input reset = {.kind = TG_INPUT_RESET};
    ck_assert_int_eq(tg_machine_input(machine, reset), TG_OK);
    ck_assert_int_eq(tg_machine_input(loaded, reset), TG_OK);
    guest_run(machine, 200000);
    guest_run(loaded, 200000);
    expect_equal(machine, loaded);
    char words[16];
    ck_assert_int_eq(tg_machine_ram_read(loaded, 0x114, words, sizeof words), TG_OK);
    ck_assert_str_eq(words, "services=kernel");
    free(snapshot.bytes);
    tg_machine_destroy(machine);
    tg_machine_destroy(loaded);
}
END_TEST

START_TEST(an_ended_machine_stays_ended)
{
    struct tg_machine *machine = guest_machine(6, guest_engine(0));
    machine->end = (struct tg_end_state){.end = TG_END_PANIC, .status = 42};
    struct snapshot snapshot = save(machine);
    struct tg_machine *loaded = other_machine(1);
    load(loaded, &snapshot);
    struct tg_stop stop = guest_run(loaded, TG_NO_LIMIT);
    ck_assert_int_eq(stop.reason, TG_STOP_PANIC);
    ck_assert_uint_eq(stop.status, 42);
    free(snapshot.bytes);
    tg_machine_destroy(machine);
    tg_machine_destroy(loaded);
}
END_TEST

/* --- Refusing --------------------------------------------------------------------------------- */

static void expect_file_refused(struct tg_machine *machine, const struct snapshot *snapshot,
                                uint64_t digest)
{
    struct tg_error error = {""};
    ck_assert_int_eq(tg_machine_load(machine, snapshot->bytes, snapshot->size, &error),
                     TG_E_FORMAT);
    ck_assert_uint_gt(strlen(error.text), 10);
    ck_assert_uint_eq(tg_machine_digest(machine), digest);
}

START_TEST(a_snapshot_with_any_wrong_byte_or_length_is_refused)
{
    struct tg_machine *source = guest_machine(7, guest_engine(0));
    guest_run(source, 100);
    struct snapshot snapshot = save(source);
    struct tg_machine *machine = guest_machine(8, guest_engine(1));
    struct snapshot before = save(machine);
    uint64_t digest = tg_machine_digest(machine);
    uint8_t *bytes = snapshot.bytes;
    for (size_t at = 0; at < snapshot.size; at++) {
        bytes[at] ^= (uint8_t)(1u << at % 8);
        expect_file_refused(machine, &snapshot, digest);
        bytes[at] ^= (uint8_t)(1u << at % 8);
    }
    for (size_t size = 0; size < snapshot.size; size += size < 100 ? 1 : 5) {
        uint8_t *copy = malloc(size + 1); /* of its own, so that a sanitizer sees a byte too many */
        memcpy(copy, bytes, size);
        expect_file_refused(machine, &(struct snapshot){copy, size}, digest);
        free(copy);
    }
    struct snapshot after = save(machine);
    ck_assert_uint_eq(after.size, before.size);
    ck_assert_mem_eq(after.bytes, before.bytes, before.size);
    free(snapshot.bytes);
    free(before.bytes);
    free(after.bytes);
    tg_machine_destroy(source);
    tg_machine_destroy(machine);
}
END_TEST

/* Where a section's header begins; the section after the last is the end. */
static size_t find_section(const struct tg_buffer *payload, const char *name)
{
    size_t at = 0;
    while (at < payload->used && strcmp((const char *)payload->bytes + at, name) != 0) {
        at += TG_SECTION_HEADER_BYTES +
              (size_t)tg_get_le(payload->bytes + at + TG_SECTION_NAME_BYTES, 8);
    }
    ck_assert_msg(at < payload->used, "no section %s", name);
    return at;
}

static size_t section_bytes(const struct tg_buffer *payload, size_t at)
{
    return TG_SECTION_HEADER_BYTES +
           (size_t)tg_get_le(payload->bytes + at + TG_SECTION_NAME_BYTES, 8);
}

/* Offset of a field in a section's content. */
static size_t find_field(const struct tg_field_table *table, const char *name)
{
    size_t at = 0;
    for (uint32_t i = 0; i < table->count; i++) {
        if (strcmp(table->fields[i].name, name) == 0) {
            return at;
        }
        at += (size_t)table->fields[i].width * table->fields[i].count;
    }
    ck_abort_msg("no field %s", name);
    return 0;
}

/* Values that no machine has, each alone in an otherwise right payload. The machine saved has one
 * CPU. */
static const struct {
    const char *section, *field;
    const struct tg_field_table *table;
    uint32_t element; /* of four bytes each */
    uint32_t value;
    const char *message;
} impossible[] = {
    {"config", "cpus", &tg_payload_config_fields, 0, 9,
     "section config: cpus may be at most 8, found more"},
    {"config", "cpus", &tg_payload_config_fields, 0, 0, "no machine can have 0 CPUs"},
    {"config", "cpus", &tg_payload_config_fields, 0, 2, "section cpu.1 expected, found another"},
    {"config", "ram_bytes", &tg_payload_config_fields, 0, 0,
     "no machine can have 1 CPUs, 0 bytes of RAM"},
    {"config", "ram_bytes", &tg_payload_config_fields, 0, 0x10001, "65537 bytes of RAM"},
    {"config", "ram_bytes", &tg_payload_config_fields, 0, 0x10000,
     "section ram: a page from 4 to 15 expected, found 31"},
    {"config", "quantum", &tg_payload_config_fields, 0, 0, "and quantum 0"},
    {"clock", "turn", &tg_clock_state_fields, 0, 8, "section clock: turn may be at most 7"},
    {"clock", "turn", &tg_clock_state_fields, 0, 1,
     "section clock: no machine can be at this point of a round"},
    {"clock", "turn_ticks", &tg_clock_state_fields, 0, 0xffffffff,
     "no machine can be at this point of a round"},
    {"end", "cpu", &tg_end_state_fields, 0, 7,
     "section end: it names a CPU which the machine does not have"},
    {"end", "cpu", &tg_end_state_fields, 0, 8, "section end: cpu may be at most 7, found more"},
    {"cpu.0", "x", &tg_cpu_state_fields, 0, 1, "section cpu.0: register zero is not 0"},
    {"cpu.0", "pc", &tg_cpu_state_fields, 0, 2, "section cpu.0: pc is not a multiple of 4"},
    {"cpu.0", "pc", &tg_cpu_state_fields, 0, 0xffffffff,
     "section cpu.0: pc may be at most 4294967292"},
    {"cpu.0", "status", &tg_cpu_state_fields, 0, 0x20,
     "a control register has a bit set that must be 0"},
    {"cpu.0", "vbase", &tg_cpu_state_fields, 0, 4,
     "a control register has a bit set that must be 0"},
    {"cpu.0", "ptroot", &tg_cpu_state_fields, 0, 0x400,
     "a control register has a bit set that must be 0"},
    {"cpu.0", "iomap", &tg_cpu_state_fields, 0, 2,
     "a control register has a bit set that must be 0"},
    {"cpu.0", "itlb_page", &tg_cpu_state_fields, 0, 0x100000, "itlb_page may be at most 1048575"},
    {"cpu.0", "itlb_entry", &tg_cpu_state_fields, 5, 2,
     "a translation cache holds what no fill can have put there"},
    {"cpu.0", "dtlb_entry", &tg_cpu_state_fields, 9, 1,
     "a translation cache holds what no fill can have put there"},
};

static void expect_payload_refused(struct tg_machine *machine, const struct tg_buffer *payload,
                                   const char *message)
{
    uint64_t digest = tg_machine_digest(machine);
    struct tg_error error = {""};
    ck_assert_int_eq(tg_payload_read(machine, payload->bytes, payload->used, &error), TG_E_FORMAT);
    if (strstr(error.text, message) == NULL) {
        ck_abort_msg("expected: %s\nfound:    %s", message, error.text);
    }
    ck_assert_uint_eq(tg_machine_digest(machine), digest);
}

/* A machine with one CPU, an image and a disk, and its payload. */
static struct tg_machine *small_machine(struct tg_buffer *ret_payload)
{
    struct elf_file file;
    elf_file_init(&file);
    struct tg_config config = {.ram_bytes = 0x20000, .boot_words = "fs=server"};
    struct tg_machine *machine;
    ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, NULL), TG_OK);
    ck_assert_int_eq(tg_machine_load_image(machine, file.bytes, file.size, NULL), TG_OK);
    uint8_t disk[512 * 9] = {1, 2, 3};
    disk[4100] = 9;
    ck_assert_int_eq(tg_machine_attach_disk(machine, disk, sizeof disk, NULL), TG_OK);
    ck_assert(tg_bus_disk_write(machine, 600, "changed", 7));
    tg_machine_ram_write(machine, 0x1f000, "last page", 9);
    guest_run(machine, 10);
    ck_assert_int_eq(tg_payload_write(machine, ret_payload), TG_OK);
    return machine;
}

START_TEST(values_that_no_machine_has_are_refused)
{
    struct tg_buffer payload = {0};
    struct tg_machine *machine = small_machine(&payload);
    size_t at = find_section(&payload, impossible[_i].section) + TG_SECTION_HEADER_BYTES +
                find_field(impossible[_i].table, impossible[_i].field) + 4 * impossible[_i].element;
    tg_put_le(payload.bytes + at, 4, impossible[_i].value);
    expect_payload_refused(machine, &payload, impossible[_i].message);
    free(payload.bytes);
    tg_machine_destroy(machine);
}
END_TEST

static void remove_bytes(struct tg_buffer *payload, size_t at, size_t count)
{
    memmove(payload->bytes + at, payload->bytes + at + count, payload->used - at - count);
    payload->used -= count;
}

static void insert_copy(struct tg_buffer *payload, size_t at, size_t count)
{
    uint8_t *copy = malloc(count);
    memcpy(copy, payload->bytes + at, count);
    ck_assert_ptr_nonnull(tg_buffer_add(payload, count));
    memmove(payload->bytes + at + count, payload->bytes + at, payload->used - count - at);
    memcpy(payload->bytes + at, copy, count);
    free(copy);
}

static const char *const sections[] = {"config",          "boot",         "image",
                                       "disk.base",       "clock",        "end",
                                       "cpu.0",           "counts.0",     "device.timer",
                                       "device.keyboard", "device.disk",  "device.interrupts",
                                       "device.text",     "disk.changes", "ram"};

START_TEST(missing_double_unknown_and_cut_sections_are_refused)
{
    struct tg_buffer payload = {0};
    struct tg_machine *machine = small_machine(&payload);
    struct tg_buffer whole = {.bytes = malloc(payload.used), .used = payload.used};
    memcpy(whole.bytes, payload.bytes, payload.used);
    size_t at = find_section(&payload, sections[_i]);
    size_t bytes = section_bytes(&payload, at);
    char message[100];

    remove_bytes(&payload, at, bytes);
    snprintf(message, sizeof message, "snapshot: section %s expected, found %s", sections[_i],
             at == payload.used ? "the end" : "another");
    expect_payload_refused(machine, &payload, message);

    payload.used = 0;
    memcpy(tg_buffer_add(&payload, whole.used), whole.bytes, whole.used);
    insert_copy(&payload, at, bytes);
    expect_payload_refused(machine, &payload,
                           strcmp(sections[_i], "ram") == 0 ? "follow the last section"
                                                            : "found another");

    payload.used = 0;
    memcpy(tg_buffer_add(&payload, whole.used), whole.bytes, whole.used);
    payload.bytes[at] ^= 1;
    expect_payload_refused(machine, &payload, "expected, found another");

    memcpy(payload.bytes, whole.bytes, whole.used);
    payload.used = at + bytes - (bytes > TG_SECTION_HEADER_BYTES ? 1 : 0);
    if (payload.used < whole.used) {
        expect_payload_refused(machine, &payload, "snapshot: section ");
    }
    free(payload.bytes);
    free(whole.bytes);
    tg_machine_destroy(machine);
}
END_TEST

/* Rules for pages: ascending, in range, whole. */
START_TEST(pages_out_of_order_or_range_are_refused)
{
    static const char *const names[] = {"disk.base", "disk.changes", "ram"};
    for (size_t i = 0; i < COUNT(names); i++) {
        struct tg_buffer payload = {0};
        struct tg_machine *machine = small_machine(&payload);
        size_t header = find_section(&payload, names[i]);
        size_t page = header + TG_SECTION_HEADER_BYTES + (i == 0 ? 8 : 0);
        uint64_t number = tg_get_le(payload.bytes + page, 8);
        tg_put_le(payload.bytes + page, 8, UINT64_C(1) << 52); /* times 4096 it wraps to 0 */
        expect_payload_refused(machine, &payload, "expected, found 4503599627370496");
        tg_put_le(payload.bytes + page, 8, i == 2 ? 0x20 : 2);
        expect_payload_refused(machine, &payload,
                               i == 2 ? "a page from 0 to 31 expected, found 32"
                                      : "a page from 0 to 1 expected, found 2");
        tg_put_le(payload.bytes + page, 8, number);
        insert_copy(&payload, page, TG_SECTION_PAGE_BYTES);
        tg_put_le(payload.bytes + header + TG_SECTION_NAME_BYTES, 8,
                  tg_get_le(payload.bytes + header + TG_SECTION_NAME_BYTES, 8) +
                      TG_SECTION_PAGE_BYTES);
        char expected[80];
        snprintf(expected, sizeof expected, "section %s: a page from %u to", names[i],
                 (unsigned)number + 1);
        expect_payload_refused(machine, &payload, expected);
        remove_bytes(&payload, page, 1);
        tg_put_le(payload.bytes + header + TG_SECTION_NAME_BYTES, 8,
                  tg_get_le(payload.bytes + header + TG_SECTION_NAME_BYTES, 8) - 1);
        expect_payload_refused(machine, &payload, "ends within a page");
        free(payload.bytes);
        tg_machine_destroy(machine);
    }
}
END_TEST

START_TEST(a_hostile_image_or_disk_size_within_is_refused)
{
    struct tg_buffer payload = {0};
    struct tg_machine *machine = small_machine(&payload);
    size_t image = find_section(&payload, "image") + TG_SECTION_HEADER_BYTES;
    payload.bytes[image + 24] ^= 1; /* the entry point */
    expect_payload_refused(machine, &payload, "ELF header: entry point must be a multiple of 4");
    payload.bytes[image + 24] ^= 1;
    size_t disk = find_section(&payload, "disk.base") + TG_SECTION_HEADER_BYTES;
    tg_put_le(payload.bytes + disk, 8, UINT64_MAX - 511);
    expect_payload_refused(machine, &payload, "no disk can have 18446744073709551104 bytes");
    tg_put_le(payload.bytes + disk, 8, 513);
    expect_payload_refused(machine, &payload, "no disk can have 513 bytes");
    tg_put_le(payload.bytes + disk, 8, 512 * 9);
    size_t boot = find_section(&payload, "boot") + TG_SECTION_HEADER_BYTES;
    payload.bytes[boot + 3] = 0;
    expect_payload_refused(machine, &payload, "section boot: no text");
    payload.bytes[boot + 3] = 's';
    struct tg_error error = {""};
    ck_assert_int_eq(tg_payload_read(machine, payload.bytes, payload.used, &error), TG_OK);
    free(payload.bytes);
    tg_machine_destroy(machine);
}
END_TEST

/* Any single wrong bit of a payload, past the checksum: refused with the machine as before, or a
 * machine that runs. */
START_TEST(a_payload_with_wrong_bits_is_harmless)
{
    struct tg_buffer payload = {0};
    struct tg_machine *machine = small_machine(&payload);
    size_t pages = find_section(&payload, "ram");
    struct tg_machine *loaded = guest_machine(9, guest_engine(1));
    for (size_t at = 0; at < pages; at += at < 1000 ? 1 : 7) {
        uint64_t digest = tg_machine_digest(loaded);
        payload.bytes[at] ^= (uint8_t)(1u << at * 5 % 8);
        if (tg_payload_read(loaded, payload.bytes, payload.used, NULL) == TG_OK) {
            const struct tg_run_limits limits = {
                .until = {tg_machine_position(loaded).insns + 50, TG_NO_LIMIT}};
            struct tg_stop stop;
            tg_machine_run(loaded, &limits, &stop);
        } else {
            ck_assert_uint_eq(tg_machine_digest(loaded), digest);
        }
        payload.bytes[at] ^= (uint8_t)(1u << at * 5 % 8);
    }
    free(payload.bytes);
    tg_machine_destroy(machine);
    tg_machine_destroy(loaded);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("core snapshot");
    TCase *cases = tcase_create("snapshot");
    suite_add_tcase(suite, cases);
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, a_machine_saved_at_any_instruction_goes_on_as_before, 0, 6);
    tcase_add_test(cases, configuration_counts_and_disk_come_along);
    tcase_add_test(cases, a_reset_after_loading_starts_the_image_with_the_boot_words);
    tcase_add_test(cases, an_ended_machine_stays_ended);
    tcase_add_test(cases, a_snapshot_with_any_wrong_byte_or_length_is_refused);
    tcase_add_loop_test(cases, values_that_no_machine_has_are_refused, 0, COUNT(impossible));
    tcase_add_loop_test(cases, missing_double_unknown_and_cut_sections_are_refused, 0,
                        COUNT(sections));
    tcase_add_test(cases, pages_out_of_order_or_range_are_refused);
    tcase_add_test(cases, a_hostile_image_or_disk_size_within_is_refused);
    tcase_add_test(cases, a_payload_with_wrong_bits_is_harmless);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
