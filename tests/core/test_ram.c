/*
 * RAM: what a write tells others. core/ram.h; the checked ways in and out from outside are in
 * test_machine.c.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/machine.h"
#include "core/ram.h"

/* An engine that executes nothing and notes what it is told. */
struct told {
    uint32_t writes, write_paddr, write_bytes;
    uint32_t flagged, flagged_page;
    uint32_t changes;
};

static void *create(struct tg_machine *machine)
{
    (void)machine;
    return calloc(1, sizeof(struct told));
}

static void run(void *caches, struct tg_cpu *cpu, uint32_t budget)
{
    (void)caches;
    cpu->s.insns += budget;
}

static void code_written(void *caches, uint32_t paddr, uint32_t bytes)
{
    struct told *told = caches;
    told->writes++;
    told->write_paddr = paddr;
    told->write_bytes = bytes;
}

static void page_flagged(void *caches, uint32_t page)
{
    struct told *told = caches;
    told->flagged++;
    told->flagged_page = page;
}

static void state_changed(void *caches, struct tg_cpu *cpu)
{
    struct told *told = caches;
    (void)cpu;
    told->changes++;
}

static const struct tg_engine engine = {"noting", "notes",      create,       free,
                                        run,      code_written, page_flagged, state_changed};

#define PAGES 32

static struct tg_machine *machine;
static struct told *told;

static void set_up(void)
{
    struct tg_config config = {.ram_bytes = PAGES * TG_PAGE_BYTES};
    ck_assert_int_eq(tg_machine_create_with(&config, NULL, &engine, &machine, NULL), TG_OK);
    told = machine->engine_caches;
    *told = (struct told){0};
}

static void tear_down(void)
{
    tg_machine_destroy(machine);
}

START_TEST(ranges_end_where_ram_ends)
{
    const struct tg_ram *ram = &machine->ram;
    ck_assert(tg_ram_contains(ram, 0, ram->size));
    ck_assert(!tg_ram_contains(ram, 0, ram->size + 1));
    ck_assert(!tg_ram_contains(ram, 1, ram->size));
    ck_assert(tg_ram_contains(ram, ram->size - 1, 1));
    ck_assert(!tg_ram_contains(ram, ram->size, 1));
    ck_assert(!tg_ram_contains(ram, UINT32_MAX, 1));
    ck_assert(!tg_ram_contains(ram, UINT32_MAX, UINT32_MAX));
    ck_assert(!tg_ram_contains(ram, 2, UINT32_MAX));
}
END_TEST

START_TEST(values_are_little_endian)
{
    const uint8_t bytes[] = {0x11, 0x22, 0x83, 0xf4};
    ck_assert(tg_ram_write(machine, 0x2000, bytes, 4));
    ck_assert_uint_eq(tg_ram_load(machine, 0x2000, 1), 0x11);
    ck_assert_uint_eq(tg_ram_load(machine, 0x2002, 2), 0xf483);
    ck_assert_uint_eq(tg_ram_load(machine, 0x2000, 4), 0xf4832211);
    tg_ram_store(machine, 0x2004, 4, 0xf4832211);
    tg_ram_store(machine, 0x2008, 2, 0xabcd8765);
    tg_ram_store(machine, 0x200a, 1, 0xabcd87fe);
    const uint8_t wanted[] = {0x11, 0x22, 0x83, 0xf4, 0x65, 0x87, 0xfe, 0};
    uint8_t read[8];
    ck_assert(tg_ram_read(machine, 0x2004, read, 8));
    ck_assert_mem_eq(read, wanted, 8);
}
END_TEST

START_TEST(a_write_to_code_is_told_page_by_page)
{
    tg_ram_flag(machine, 3, TG_PAGE_HAS_CODE);
    ck_assert_uint_eq(told->flagged, 1);
    ck_assert_uint_eq(told->flagged_page, 3);
    uint8_t bytes[3 * TG_PAGE_BYTES] = {0};
    ck_assert(tg_ram_write(machine, 2 * TG_PAGE_BYTES + 100, bytes, TG_PAGE_BYTES));
    ck_assert_uint_eq(told->writes, 1);
    ck_assert_uint_eq(told->write_paddr, 3 * TG_PAGE_BYTES);
    ck_assert_uint_eq(told->write_bytes, 100);
    tg_ram_store(machine, 3 * TG_PAGE_BYTES + 4092, 4, 1);
    ck_assert_uint_eq(told->writes, 2);
    ck_assert_uint_eq(told->write_paddr, 3 * TG_PAGE_BYTES + 4092);
    ck_assert_uint_eq(told->write_bytes, 4);
    tg_ram_store(machine, 4 * TG_PAGE_BYTES, 4, 1);
    ck_assert(tg_ram_write(machine, 4 * TG_PAGE_BYTES, bytes, 3 * TG_PAGE_BYTES));
    ck_assert_uint_eq(told->writes, 2);
}
END_TEST

START_TEST(a_refused_write_does_nothing)
{
    tg_ram_flag(machine, PAGES - 1, TG_PAGE_HAS_CODE);
    uint8_t bytes[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    ck_assert(!tg_ram_write(machine, machine->ram.size - 4, bytes, 8));
    ck_assert_uint_eq(told->writes, 0);
    ck_assert_uint_eq(tg_ram_load(machine, machine->ram.size - 4, 4), 0);
    ck_assert(!tg_ram_read(machine, machine->ram.size - 4, bytes, 8));
    ck_assert_uint_eq(bytes[0], 1);
}
END_TEST

START_TEST(all_pages_can_be_flagged)
{
    tg_ram_flag(machine, TG_ALL_PAGES, TG_PAGE_IS_KEPT);
    ck_assert_uint_eq(told->flagged_page, TG_ALL_PAGES);
    for (uint32_t page = 0; page < PAGES; page++)
        ck_assert(machine->ram.page_flags[page] & TG_PAGE_IS_KEPT);
}
END_TEST

/* Page 0 is written by the reset itself: the boot block. */
START_TEST(a_written_page_is_listed_once_for_hashing)
{
    ck_assert_uint_eq(machine->ram.unhashed_count, 1);
    tg_ram_store(machine, 0x5000, 4, 1);
    tg_ram_store(machine, 0x5004, 4, 1);
    ck_assert_uint_eq(machine->ram.unhashed_count, 2);
    ck_assert_uint_eq(machine->ram.unhashed[1], 5);
    ck_assert(!(machine->ram.page_flags[5] & TG_PAGE_IS_HASHED));
    ck_assert(machine->ram.page_flags[6] & TG_PAGE_IS_HASHED);
    uint64_t with = tg_machine_digest(machine);
    tg_ram_store(machine, 0x5004, 4, 2);
    ck_assert_uint_ne(tg_machine_digest(machine), with);
    tg_ram_store(machine, 0x5004, 4, 1);
    ck_assert_uint_eq(tg_machine_digest(machine), with);
}
END_TEST

START_TEST(a_reset_clears_hashed_and_unhashed_pages)
{
    tg_ram_store(machine, 0x5000, 4, 1);
    tg_machine_digest(machine);
    tg_ram_store(machine, 0x6000, 4, 1);
    tg_machine_reset(machine);
    ck_assert_uint_gt(told->changes, 0);
    for (uint32_t paddr = 0x1000; paddr < machine->ram.size; paddr += 4)
        ck_assert_uint_eq(tg_ram_load(machine, paddr, 4), 0);
    ck_assert_uint_eq(machine->ram.unhashed_count, 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {ranges_end_where_ram_ends,
                                  values_are_little_endian,
                                  a_write_to_code_is_told_page_by_page,
                                  a_refused_write_does_nothing,
                                  all_pages_can_be_flagged,
                                  a_written_page_is_listed_once_for_hashing,
                                  a_reset_clears_hashed_and_unhashed_pages};
    Suite *suite = suite_create("ram");
    TCase *cases = tcase_create("ram");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(cases, tests[i]);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
