/*
 * Tables that others than Turnpike export: the samples of docs/guest-table.md, in C and in assembly; and tables that are wrong,
 * which are refused with a text that says where, or read as far as they go.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "debug/guest.h"
#include "isa/guest_table.h"
#include "support/guest_use.h"

static struct tg_machine *machine;
static struct tg_guest *guest;
static struct tg_error error;

/* --- Samples --------------------------------------------------------------------------------------------------------- */

static const char *const samples[] = {"TG_TABLE_C", "TG_TABLE_ASSEMBLY"};

static void load(const char *variable)
{
    static uint8_t bytes[1 << 18];
    FILE *file = fopen(getenv(variable), "rb");
    size_t size;

    ck_assert_msg(file != NULL, "%s names no file", variable);
    size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    ck_assert_int_eq(tg_machine_create(NULL, NULL, &machine, NULL), TG_OK);
    ck_assert_int_eq(tg_machine_load_image(machine, bytes, size, &error), TG_OK);
}

static void open_guest(void)
{
    ck_assert_msg(tg_guest_open(machine, NULL, &guest, &error) == TG_OK, "%s", error.text);
}

static void end(void)
{
    tg_guest_close(guest);
    tg_machine_destroy(machine);
    guest = NULL;
}

START_TEST(the_samples_tell_of_their_processes)
{
    struct tg_guest_process rows[4];

    load(samples[_i]);
    open_guest();
    ck_assert_str_eq(tg_guest_name(guest), "two who wait");
    ck_assert_uint_eq(tg_guest_processes(guest, rows, 4), 2);
    ck_assert_str_eq(rows[0].name, "ping");
    ck_assert_str_eq(rows[1].name, "pong");
    ck_assert_int_eq(rows[1].pid, 2);
    ck_assert_uint_eq(rows[1].key, 2);
    ck_assert_int_eq(rows[0].state, TG_GUEST_WAITING);
    ck_assert_str_eq(rows[0].waits_in_name, "receive");
    ck_assert_str_eq(rows[1].waits_in_name, "send");
    ck_assert_int_eq(tg_guest_call_number(guest, "receive", 7), 1);
    end();
}
END_TEST

START_TEST(a_deadlock_is_named)
{
    struct tg_guest_process cycle[TG_GUEST_MOST_CYCLE];
    struct tg_guest_wait waits[4];

    load(samples[_i]);
    open_guest();
    ck_assert_uint_eq(tg_guest_waits(guest, waits, 4), 2);
    ck_assert_int_eq(waits[0].kind, TG_GUEST_WAIT_OTHER);
    ck_assert(waits[0].is_blocked);
    ck_assert_uint_eq(tg_guest_deadlock(guest, cycle), 2);
    ck_assert_str_eq(cycle[0].name, "ping");
    ck_assert_str_eq(cycle[1].name, "pong");
    end();
}
END_TEST

/* The address of a process in the sample, and a byte of it changed. */
static void poke(uint32_t process, uint32_t offset, uint8_t byte)
{
    uint32_t address, paddr;

    ck_assert(tg_machine_find_symbol(machine, "processes", &address, &paddr));
    ck_assert_int_eq(tg_machine_ram_write(machine, paddr + process * 28 + offset, &byte, 1), TG_OK);
}

START_TEST(one_who_can_go_on_is_no_deadlock)
{
    struct tg_guest_process cycle[TG_GUEST_MOST_CYCLE];

    load(samples[_i]);
    open_guest();
    poke(1, 4, 1); /* pong is ready */
    ck_assert_uint_eq(tg_guest_deadlock(guest, cycle), 0);
    poke(1, 4, 0); /* pong is no process */
    ck_assert_uint_eq(tg_guest_deadlock(guest, cycle), 0);
    ck_assert_uint_eq(tg_guest_processes(guest, cycle, 4), 1);
    end();
}
END_TEST

START_TEST(what_cannot_be_printed_is_shown_as_a_question_mark)
{
    struct tg_guest_process process;

    load(samples[_i]);
    open_guest();
    poke(0, 8, '\033');
    ck_assert(tg_guest_process_by_pid(guest, 1, &process));
    ck_assert_str_eq(process.name, "?ing");
    end();
}
END_TEST

/* --- Wrong tables ------------------------------------------------------------------------------------------------------ */

static uint32_t table_paddr;

static void put(uint32_t paddr, uint32_t word)
{
    const uint8_t bytes[] = {(uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16), (uint8_t)(word >> 24)};

    ck_assert_int_eq(tg_machine_ram_write(machine, paddr, bytes, sizeof bytes), TG_OK);
}

static uint32_t get(uint32_t paddr)
{
    uint8_t bytes[4];

    ck_assert_int_eq(tg_machine_ram_read(machine, paddr, bytes, sizeof bytes), TG_OK);
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* Where a part of the first list (of processes) is. */
static uint32_t list_at(uint32_t offset)
{
    return get(get(table_paddr + TG_TABLE_LISTS)) == 0 ? 0 : get(get(table_paddr + TG_TABLE_LISTS)) + offset;
}

static uint32_t field_at(uint32_t field, uint32_t offset)
{
    return get(list_at(TG_TABLE_LIST_FIELDS)) + field * TG_TABLE_FIELD_BYTES + offset;
}

static void refused(int result, const char *words)
{
    error.text[0] = '\0';
    ck_assert_msg(tg_guest_open(machine, NULL, &guest, &error) == result, "\"%s\" was expected, not \"%s\"", words,
                  error.text);
    ck_assert_msg(strstr(error.text, words) != NULL, "\"%s\" does not say \"%s\"", error.text, words);
}

START_TEST(an_image_without_a_table_is_told_so)
{
    ck_assert_int_eq(tg_machine_create(NULL, NULL, &machine, NULL), TG_OK);
    refused(TG_E_ADDRESS, "docs/guest-table.md");
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(wrong_numbers_are_refused_with_their_place)
{
    static const struct {
        bool is_field;
        uint32_t offset, word;
        const char *words;
    } rows[] = {
        {false, TG_TABLE_LIST_NAME, 0, "list 0: its name at 0x00000000"},
        {false, TG_TABLE_LIST_COUNT, TG_TABLE_MOST_ROWS + 1, "list processes: 16385 rows"},
        {false, TG_TABLE_LIST_SHAPE, 3, "list processes: shape 3"},
        {false, TG_TABLE_LIST_STEP, 0, "list processes: rows that are 0 bytes apart"},
        {false, TG_TABLE_LIST_INNER_COUNT, 0x80000000, "list processes: 8589934592 rows"},
        {false, TG_TABLE_LIST_FIELDS, 0xfffffff0, "list processes, field 0: it cannot be read"},
        {false, TG_TABLE_LIST_FIELD_COUNT, 65, "list processes: 65 fields"},
        {false, TG_TABLE_LIST_NAMES, 0xfffffffc, "list processes: its names at 0xfffffffc cannot be read"},
        {false, TG_TABLE_LIST_USED, 3, "USED names field 3 of 5"},
        {false, TG_TABLE_LIST_KEY, 6, "KEY names field 6 of 5"},
        {true, TG_TABLE_FIELD_KIND, 11, "field pid: kind 11"},
        {true, TG_TABLE_FIELD_KIND, 0x00030001, "a size of 3 bytes"},
        {true, TG_TABLE_FIELD_KIND, 0x00040801, "place 8"},
        {true, TG_TABLE_FIELD_KIND, 0x03040001, "3 pointers on the way"},
        {true, TG_TABLE_FIELD_KIND, 0x00040005, "needs names"},
        {true, TG_TABLE_FIELD_KIND, 0x00400007, "a text of 64 bytes"},
        {true, TG_TABLE_FIELD_KIND, 0x00040207, "a text that is not in memory"},
        {true, TG_TABLE_FIELD_SHIFT, 0x00000020, "bits 32 to 31"},
        {true, TG_TABLE_FIELD_SHIFT, 0x00002001, "bits 1 to 32"},
        {true, TG_TABLE_FIELD_SHIFT, 0x00060000, "WHEN names field 6 of 5"},
        {true, TG_TABLE_FIELD_SHIFT, 0x00030000, "WHEN of field pid names a text"},
    };

    load("TG_TABLE_C");
    ck_assert(tg_machine_find_symbol(machine, TG_TABLE_SYMBOL, &table_paddr, NULL));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t place = rows[i].is_field ? field_at(0, rows[i].offset) : list_at(rows[i].offset), before = get(place);

        put(place, rows[i].word);
        refused(TG_E_FORMAT, rows[i].words);
        put(place, before);
    }
    open_guest();
    end();
}
END_TEST

START_TEST(a_wrong_head_is_refused)
{
    static const struct {
        uint32_t offset, word;
        const char *words;
    } rows[] = {
        {0, 0, "it begins with 0x00000000"},
        {4, 2, "its version is 2"},
        {TG_TABLE_NAME, 0xffffffff, "its name at 0xffffffff"},
        {TG_TABLE_LISTS, 0xfffffffc, "its address at 0xfffffffc cannot be read"},
        {TG_TABLE_LISTS_COUNT, 65, "65 lists"},
        {TG_TABLE_BIAS, 0x1000, "its bias is 0x00001000"},
        {TG_TABLE_CALL_VECTOR, 257, "calls by vector 257"},
        {TG_TABLE_CALL_REGISTER, 32, "numbers in x32"},
    };

    load("TG_TABLE_C");
    ck_assert(tg_machine_find_symbol(machine, TG_TABLE_SYMBOL, &table_paddr, NULL));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t before = get(table_paddr + rows[i].offset);

        put(table_paddr + rows[i].offset, rows[i].word);
        refused(TG_E_FORMAT, rows[i].words);
        put(table_paddr + rows[i].offset, before);
    }
    put(get(table_paddr + TG_TABLE_LISTS) + 4, list_at(0)); /* the same list twice */
    refused(TG_E_FORMAT, "there are two of that name");
    tg_machine_destroy(machine);
}
END_TEST

/* A row whose own name is a row whose own name ...: nothing of it may lead on for ever. */
START_TEST(rows_that_refer_to_themselves_have_an_end)
{
    const char *wrong;
    uint32_t place;

    load("TG_TABLE_C");
    ck_assert(tg_machine_find_symbol(machine, TG_TABLE_SYMBOL, &table_paddr, NULL));
    place = field_at(2, 0); /* "name" becomes a reference to its own list */
    put(place + TG_TABLE_FIELD_KIND, 0x00040000 | TG_TABLE_KIND_POINTER | TG_TABLE_PLACE_SELF << 8);
    put(place + TG_TABLE_FIELD_EXTRA, get(field_at(3, TG_TABLE_FIELD_EXTRA)));
    open_guest();
    wrong = guest_use(machine, guest);
    ck_assert_msg(wrong == NULL, "%s", wrong);
    tg_guest_close(guest);
    put(list_at(TG_TABLE_LIST_SERVICE), 1); /* and its rows are in the memory of one of its own */
    open_guest();
    wrong = guest_use(machine, guest);
    ck_assert_msg(wrong == NULL, "%s", wrong);
    end();
}
END_TEST

/* Each word of the table's parts takes values that numbers go wrong with. */
START_TEST(any_word_may_be_wrong)
{
    static const uint32_t values[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffc};
    uint32_t first, last;

    load("TG_TABLE_C");
    ck_assert(tg_machine_find_symbol(machine, TG_TABLE_SYMBOL, &table_paddr, NULL));
    first = table_paddr > 1024 ? table_paddr - 1024 : 0;
    last = table_paddr + 1024;
    for (uint32_t paddr = first; paddr < last; paddr += 4) {
        uint32_t before = get(paddr);

        for (size_t i = 0; i < sizeof values / sizeof values[0] + 1; i++) {
            put(paddr, i < sizeof values / sizeof values[0] ? values[i] : before ^ 0x01010101);
            error.text[0] = '\0';
            if (tg_guest_open(machine, NULL, &guest, &error) == TG_OK) {
                const char *wrong = guest_use(machine, guest);

                ck_assert_msg(wrong == NULL, "0x%x: %s", paddr, wrong);
                tg_guest_close(guest);
            } else {
                ck_assert_str_ne(error.text, "");
            }
        }
        put(paddr, before);
    }
    open_guest();
    end();
}
END_TEST

/* --- Memory ---------------------------------------------------------------------------------------------------------------- */

START_TEST(memory_is_read_through_page_tables)
{
    const struct tg_config config = {.ram_bytes = 1 << 16};
    uint32_t root = 0x1000 | TG_PTROOT_ENABLE | 5;
    uint8_t bytes[8];

    ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, NULL), TG_OK);
    put(0x1000 + 4 * (0x40000000 >> 22), 0x2000 | TG_PTE_PRESENT);
    put(0x2000, 0x3000 | TG_PTE_PRESENT); /* page 0x40000000, without any permission */
    put(0x2004, 0x5000 | TG_PTE_PRESENT);
    put(0x2008, 0x10000 | TG_PTE_PRESENT); /* beyond RAM */
    put(0x3ffc, 0x44332211);
    put(0x5000, 0x88776655);
    ck_assert(tg_guest_read(machine, root, 0x40000ffc, bytes, 8));
    ck_assert_uint_eq(bytes[0], 0x11);
    ck_assert_uint_eq(bytes[7], 0x88);
    ck_assert(!tg_guest_read(machine, root, 0x40001ffc, bytes, 8));
    ck_assert(!tg_guest_read(machine, root, 0x40003000, bytes, 1)); /* no such page */
    ck_assert(!tg_guest_read(machine, root, 0x3ffc, bytes, 1));     /* no such table */
    ck_assert(tg_guest_read(machine, 0, 0x3ffc, bytes, 4));         /* paging off */
    ck_assert(!tg_guest_read(machine, 0, 0xfffffffc, bytes, 8));
    ck_assert(tg_guest_read(machine, root, 0, bytes, 0));
    tg_machine_destroy(machine);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("guest_table");
    TCase *tests = tcase_create("guest_table");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, the_samples_tell_of_their_processes, 0, 2);
    tcase_add_loop_test(tests, a_deadlock_is_named, 0, 2);
    tcase_add_loop_test(tests, one_who_can_go_on_is_no_deadlock, 0, 2);
    tcase_add_loop_test(tests, what_cannot_be_printed_is_shown_as_a_question_mark, 0, 2);
    tcase_add_test(tests, an_image_without_a_table_is_told_so);
    tcase_add_test(tests, wrong_numbers_are_refused_with_their_place);
    tcase_add_test(tests, a_wrong_head_is_refused);
    tcase_add_test(tests, rows_that_refer_to_themselves_have_an_end);
    tcase_add_test(tests, any_word_may_be_wrong);
    tcase_add_test(tests, memory_is_read_through_page_tables);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
