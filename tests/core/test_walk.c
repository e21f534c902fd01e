/* Tests of the page walk for reports (emu/core/walk.c): each end of a walk, and that nothing
 * changes. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/state.h"
#include "core/ram.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { RAM_BYTES = 0x20000, DIRECTORY = 0x4000, TABLE = 0x5000, PAGE = 0x9000 };

#define V        UINT32_C(0x00403abc) /* directory entry 1, table entry 3 */
#define PDE_AT   (DIRECTORY + 4)
#define PTE_AT   (TABLE + 12)
#define ALL      (TG_PTE_PRESENT | TG_PTE_READ | TG_PTE_WRITE | TG_PTE_EXECUTE | TG_PTE_RING)
#define GOOD_PDE (TABLE | TG_PTE_PRESENT)

/* rules: PAG-1, PAG-2, PAG-3, PAG-6 */
static const struct {
    uint32_t ptroot, pde, pte;
    enum tg_access access;
    uint32_t ring;
    struct tg_walk expected;
} cases[] = {
    /* paging off */
    {0, 0, 0, TG_ACCESS_STORE, 3, {.paddr = V}},
    /* allowed */
    {DIRECTORY | 0x801,
     GOOD_PDE,
     PAGE | ALL,
     TG_ACCESS_FETCH,
     3,
     {true, PDE_AT, GOOD_PDE, PTE_AT, PAGE | ALL, 0, PAGE + 0xabc}},
    {DIRECTORY | 0x800,
     GOOD_PDE | 0xe00,
     PAGE | ALL | 0xfc0,
     TG_ACCESS_ATOMIC,
     0,
     {true, PDE_AT, GOOD_PDE | 0xe00, PTE_AT, PAGE | ALL | 0xfc0, 0, PAGE + 0xabc}},
    /* a page that is not RAM is the access's business */
    {DIRECTORY | 0x800,
     GOOD_PDE,
     0xf0000000 | ALL,
     TG_ACCESS_LOAD,
     1,
     {true, PDE_AT, GOOD_PDE, PTE_AT, 0xf0000000 | ALL, 0, 0xf0000abc}},
    /* W without R, X alone */
    {DIRECTORY | 0x800,
     GOOD_PDE,
     PAGE | 0x35,
     TG_ACCESS_STORE,
     3,
     {true, PDE_AT, GOOD_PDE, PTE_AT, PAGE | 0x35, 0, PAGE + 0xabc}},
    {DIRECTORY | 0x800,
     GOOD_PDE,
     PAGE | 0x35,
     TG_ACCESS_LOAD,
     3,
     {true, PDE_AT, GOOD_PDE, PTE_AT, PAGE | 0x35, TG_PAGE_PERMISSION, 0}},
    {DIRECTORY | 0x800,
     GOOD_PDE,
     PAGE | 0x35,
     TG_ACCESS_ATOMIC,
     3,
     {true, PDE_AT, GOOD_PDE, PTE_AT, PAGE | 0x35, TG_PAGE_PERMISSION, 0}},
    {DIRECTORY | 0x800,
     GOOD_PDE,
     PAGE | 0x39,
     TG_ACCESS_FETCH,
     3,
     {true, PDE_AT, GOOD_PDE, PTE_AT, PAGE | 0x39, 0, PAGE + 0xabc}},
    {DIRECTORY | 0x800,
     GOOD_PDE,
     PAGE | 0x39,
     TG_ACCESS_STORE,
     3,
     {true, PDE_AT, GOOD_PDE, PTE_AT, PAGE | 0x39, TG_PAGE_PERMISSION, 0}},
    {DIRECTORY | 0x800,
     GOOD_PDE,
     PAGE | 0x37,
     TG_ACCESS_FETCH,
     3,
     {true, PDE_AT, GOOD_PDE, PTE_AT, PAGE | 0x37, TG_PAGE_PERMISSION, 0}},
    /* rings, before permissions */
    {DIRECTORY | 0x800,
     GOOD_PDE,
     PAGE | 0x1f,
     TG_ACCESS_LOAD,
     1,
     {true, PDE_AT, GOOD_PDE, PTE_AT, PAGE | 0x1f, 0, PAGE + 0xabc}},
    {DIRECTORY | 0x800,
     GOOD_PDE,
     PAGE | 0x1f,
     TG_ACCESS_LOAD,
     2,
     {true, PDE_AT, GOOD_PDE, PTE_AT, PAGE | 0x1f, TG_PAGE_RING, 0}},
    {DIRECTORY | 0x800,
     GOOD_PDE,
     PAGE | 0x01,
     TG_ACCESS_LOAD,
     1,
     {true, PDE_AT, GOOD_PDE, PTE_AT, PAGE | 0x01, TG_PAGE_RING, 0}},
    /* each earlier end */
    {DIRECTORY | 0x800,
     GOOD_PDE,
     (PAGE | ALL) & ~1u,
     TG_ACCESS_LOAD,
     0,
     {true, PDE_AT, GOOD_PDE, PTE_AT, (PAGE | ALL) & ~1u, TG_PAGE_TABLE_ABSENT, 0}},
    {DIRECTORY | 0x800,
     RAM_BYTES | 1,
     0,
     TG_ACCESS_LOAD,
     0,
     {true, PDE_AT, RAM_BYTES | 1, RAM_BYTES + 12, 0, TG_PAGE_TABLE_ADDRESS, 0}},
    {DIRECTORY | 0x800,
     0xfffff001,
     0,
     TG_ACCESS_LOAD,
     0,
     {true, PDE_AT, 0xfffff001, 0xfffff00c, 0, TG_PAGE_TABLE_ADDRESS, 0}},
    {DIRECTORY | 0x800,
     GOOD_PDE | 2,
     PAGE | ALL,
     TG_ACCESS_LOAD,
     0,
     {true, PDE_AT, GOOD_PDE | 2, 0, 0, TG_PAGE_DIRECTORY_RESERVED, 0}},
    {DIRECTORY | 0x800,
     GOOD_PDE | 0x100,
     PAGE | ALL,
     TG_ACCESS_LOAD,
     0,
     {true, PDE_AT, GOOD_PDE | 0x100, 0, 0, TG_PAGE_DIRECTORY_RESERVED, 0}},
    {DIRECTORY | 0x800,
     GOOD_PDE & ~1u,
     PAGE | ALL,
     TG_ACCESS_LOAD,
     0,
     {true, PDE_AT, GOOD_PDE & ~1u, 0, 0, TG_PAGE_DIRECTORY_ABSENT, 0}},
    {RAM_BYTES | 0x800,
     GOOD_PDE,
     PAGE | ALL,
     TG_ACCESS_LOAD,
     0,
     {true, RAM_BYTES + 4, 0, 0, 0, TG_PAGE_DIRECTORY_ADDRESS, 0}},
    {0xfffff800,
     GOOD_PDE,
     PAGE | ALL,
     TG_ACCESS_LOAD,
     0,
     {true, 0xfffff004, 0, 0, 0, TG_PAGE_DIRECTORY_ADDRESS, 0}},
};

START_TEST(each_walk_ends_where_and_why_the_manual_says)
{
    struct tg_config config = {.ram_bytes = RAM_BYTES, .cpus = 2};
    struct tg_machine *machine;
    ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, NULL), TG_OK);
    tg_ram_store(machine, PDE_AT, 4, cases[_i].pde);
    tg_ram_store(machine, PTE_AT, 4, cases[_i].pte);
    machine->cpus[1].s.ptroot = cases[_i].ptroot;
    uint64_t before = tg_machine_digest(machine);
    struct tg_walk walk;
    memset(&walk, 0xee, sizeof walk);
    tg_machine_walk(machine, 1, V, cases[_i].access, cases[_i].ring, &walk);
    const struct tg_walk *expected = &cases[_i].expected;
    ck_assert_int_eq(walk.is_paging, expected->is_paging);
    ck_assert_uint_eq(walk.directory_paddr, expected->directory_paddr);
    ck_assert_uint_eq(walk.directory_entry, expected->directory_entry);
    ck_assert_uint_eq(walk.table_paddr, expected->table_paddr);
    ck_assert_uint_eq(walk.table_entry, expected->table_entry);
    ck_assert_uint_eq(walk.reason, expected->reason);
    ck_assert_uint_eq(walk.paddr, expected->paddr);
    ck_assert_uint_eq(tg_machine_digest(machine), before);
    tg_machine_destroy(machine);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("core walk");
    TCase *tests = tcase_create("walk");
    suite_add_tcase(suite, tests);
    tcase_add_loop_test(tests, each_walk_ends_where_and_why_the_manual_says, 0, COUNT(cases));
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
