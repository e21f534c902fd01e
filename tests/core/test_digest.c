/* Tests of the digest (emu/core/digest.c). */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bus/bus.h"
#include "core/payload.h"
#include "core/state.h"
#include "guests.h"

START_TEST(equal_runs_have_equal_digests_and_others_not)
{
    uint64_t last = 0;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct tg_machine *a = guest_machine(seed, guest_engine(0));
        struct tg_machine *b = guest_machine(seed, guest_engine(1));
        for (uint64_t insns = 0; insns <= 2000; insns += 400) {
            uint64_t before = tg_machine_position(a).insns;
            guest_run(a, insns);
            guest_run(b, insns);
            ck_assert_uint_eq(tg_machine_digest(a), tg_machine_digest(b));
            bool has_moved = insns == 0 || tg_machine_position(a).insns != before;
            ck_assert_int_eq(tg_machine_digest(a) != last, has_moved);
            last = tg_machine_digest(a);
        }
        tg_machine_destroy(a);
        tg_machine_destroy(b);
    }
}
END_TEST

START_TEST(a_digest_asked_for_often_is_that_asked_for_once)
{
    struct tg_machine *often = guest_machine(3, guest_engine(1));
    struct tg_machine *once = guest_machine(3, guest_engine(1));
    for (uint64_t insns = 1; insns <= 1000; insns++) {
        guest_run(often, insns);
        tg_machine_digest(often);
    }
    guest_run(once, 1000);
    ck_assert_uint_eq(tg_machine_digest(often), tg_machine_digest(once));
    tg_machine_destroy(often);
    tg_machine_destroy(once);
}
END_TEST

/* Changes the lowest and the highest bit of a field's elements, one at a time. */
static void flip(const struct tg_payload_row *row, const struct tg_field *field, uint32_t element,
                 uint32_t bit)
{
    uint8_t *bytes = (uint8_t *)row->state + field->offset + (size_t)element * field->width;
    bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

START_TEST(every_element_of_every_state_counts)
{
    struct tg_machine *machine = guest_machine(1, guest_engine(0));
    struct tg_payload_row rows[TG_PAYLOAD_MAX_ROWS];
    uint32_t count = tg_payload_rows(machine, machine->config.cpus, rows);
    uint64_t before = tg_machine_digest(machine);
    uint32_t looked_at = 0;
    for (uint32_t i = 0; i < count; i++) {
        bool is_counter = strncmp(rows[i].name, "counts.", 7) == 0;
        for (uint32_t f = 0; f < rows[i].table->count; f++) {
            const struct tg_field *field = &rows[i].table->fields[f];
            for (uint32_t element = 0; element < field->count; element++) {
                for (uint32_t bit = 0; bit < 8 * field->width; bit += 8 * field->width - 1) {
                    flip(&rows[i], field, element, bit);
                    ck_assert_msg((tg_machine_digest(machine) == before) == is_counter,
                                  "%s %s[%u] bit %u", rows[i].name, field->name, element, bit);
                    flip(&rows[i], field, element, bit);
                    looked_at++;
                }
            }
        }
    }
    ck_assert_uint_gt(looked_at, 1000);
    ck_assert_uint_eq(tg_machine_digest(machine), before);
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(every_byte_of_ram_counts_and_its_history_does_not)
{
    struct tg_machine *machine = guest_machine(2, guest_engine(0));
    uint64_t before = tg_machine_digest(machine);
    for (uint32_t paddr = 0; paddr < RANDOM_GUEST_RAM_BYTES; paddr += 977) {
        uint8_t old, changed;
        ck_assert_int_eq(tg_machine_ram_read(machine, paddr, &old, 1), TG_OK);
        changed = old ^ 0x10;
        ck_assert_int_eq(tg_machine_ram_write(machine, paddr, &changed, 1), TG_OK);
        ck_assert_uint_ne(tg_machine_digest(machine), before);
        ck_assert_int_eq(tg_machine_ram_write(machine, paddr, &old, 1), TG_OK);
        ck_assert_uint_eq(tg_machine_digest(machine), before);
    }
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(equal_bytes_in_another_page_are_another_digest)
{
    struct tg_machine *machine;
    ck_assert_int_eq(tg_machine_create(NULL, NULL, &machine, NULL), TG_OK);
    uint32_t word = 0x12345678, zero = 0;
    tg_machine_ram_write(machine, 0x5000, &word, 4);
    uint64_t at_5 = tg_machine_digest(machine);
    tg_machine_ram_write(machine, 0x5000, &zero, 4);
    tg_machine_ram_write(machine, 0x6000, &word, 4);
    ck_assert_uint_ne(tg_machine_digest(machine), at_5);
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(ram_that_nobody_wrote_is_never_read)
{
    struct tg_machine *machine;
    struct tg_config config = {.engine = guest_engine(0), .ram_bytes = UINT32_C(512) << 20};
    ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, NULL), TG_OK);
    uint64_t before = tg_machine_digest(machine);
    uint8_t byte = 1;
    tg_machine_ram_write(machine, 0x2000, &byte, 1);
    /* a read of these host pages would end this test's process */
    uintptr_t first = ((uintptr_t)machine->ram.bytes + 0x3000 + 0xffff) & ~(uintptr_t)0xffff;
    size_t bytes = config.ram_bytes - 0x40000;
    ck_assert_int_eq(mprotect((void *)first, bytes, PROT_NONE), 0);
    ck_assert_uint_ne(tg_machine_digest(machine), before);
    mprotect((void *)first, bytes, PROT_READ | PROT_WRITE);
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(what_the_disk_holds_counts_and_its_history_does_not)
{
    struct tg_machine *machine = guest_machine(4, guest_engine(0));
    uint64_t before = tg_machine_digest(machine);
    uint64_t last = tg_machine_disk_bytes(machine) - 1;
    uint8_t old, changed;
    ck_assert(tg_bus_disk_read(machine, last, &old, 1));
    changed = old ^ 1;
    ck_assert(tg_bus_disk_write(machine, last, &changed, 1));
    ck_assert_uint_ne(tg_machine_digest(machine), before);
    ck_assert(tg_bus_disk_write(machine, last, &old, 1));
    ck_assert_uint_eq(tg_machine_digest(machine), before);
    tg_machine_destroy(machine);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("core digest");
    TCase *cases = tcase_create("digest");
    suite_add_tcase(suite, cases);
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, equal_runs_have_equal_digests_and_others_not);
    tcase_add_test(cases, a_digest_asked_for_often_is_that_asked_for_once);
    tcase_add_test(cases, every_element_of_every_state_counts);
    tcase_add_test(cases, every_byte_of_ram_counts_and_its_history_does_not);
    tcase_add_test(cases, equal_bytes_in_another_page_are_another_digest);
    tcase_add_test(cases, ram_that_nobody_wrote_is_never_read);
    tcase_add_test(cases, what_the_disk_holds_counts_and_its_history_does_not);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
