/*
 * What is particular to the fast engine, against the reference engine: more pages of code and more
 * address spaces than it has room for, code and data in one page, and its second loop, the one for
 * observers.
 */
#include <check.h>
#include <stdlib.h>

#include "core/ram.h"
#include "core/state.h"
#include "support/random_guest.h"

static struct tg_machine *make(const char *engine, uint32_t ram_bytes)
{
    struct tg_config config = {.engine = engine, .ram_bytes = ram_bytes};
    struct tg_machine *machine;

    ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, NULL), TG_OK);
    return machine;
}

static void put(struct tg_machine *machine, uint32_t *at, uint32_t word)
{
    tg_ram_store(machine, *at, 4, word);
    *at += 4;
}

static void changed(struct tg_machine *machine)
{
    machine->engine->state_changed(machine->engine_caches, NULL);
}

/* Both run to the end of insns in pieces; equal after each. */
static void run_both(struct tg_machine *const machines[2], uint64_t insns, uint64_t piece)
{
    for (uint64_t until = piece; until <= insns; until += piece) {
        struct tg_run_limits limits = {.until = {until, TG_NO_LIMIT}};
        struct tg_counts counts[2];
        struct tg_stop stop;

        for (int i = 0; i < 2; i++) {
            tg_machine_run(machines[i], &limits, &stop);
            ck_assert_int_eq(stop.reason, TG_STOP_LIMIT);
            tg_machine_counts(machines[i], 0, &counts[i]);
        }
        ck_assert_uint_eq(tg_machine_digest(machines[0]), tg_machine_digest(machines[1]));
        ck_assert_mem_eq(&counts[0], &counts[1], sizeof counts[0]);
    }
    tg_machine_destroy(machines[0]);
    tg_machine_destroy(machines[1]);
}

/* A page after the other, round and round. */
static struct tg_machine *make_long_way(const char *engine)
{
    const uint32_t first = 0x1000, pages = 2500;
    struct tg_machine *machine = make(engine, first + pages * TG_PAGE_BYTES);

    for (uint32_t i = 0; i < pages; i++) {
        uint32_t at = first + i * TG_PAGE_BYTES;
        uint32_t next = i + 1 < pages ? at + TG_PAGE_BYTES : first;

        put(machine, &at, tg_word_i(TG_INSN_ADDI, 5, 5, (int32_t)(i % 100)));
        put(machine, &at, tg_word_i(TG_INSN_LUI, 6, 0, (int32_t)next));
        put(machine, &at, tg_word_i(TG_INSN_JALR, 7, 6, 0));
    }
    machine->cpus[0].s.pc = first;
    changed(machine);
    return machine;
}

START_TEST(more_pages_of_code_than_are_kept)
{
    struct tg_machine *const machines[2] = {make_long_way("reference"), make_long_way("fast")};

    run_both(machines, 20000, 1000);
}
END_TEST

enum { SPACES = 40, CODE = 0x2000, ROOTS = 0x3000, TABLES = 0x10000, WINDOW = 0x400000 };

/* A loop over all address spaces, in each of which the page at WINDOW is another one. */
static struct tg_machine *make_many_spaces(const char *engine)
{
    struct tg_machine *machine = make(engine, 1 << 20);
    uint32_t at = CODE;

    for (uint32_t i = 0; i < SPACES; i++) {
        uint32_t directory = TABLES + i * 3 * TG_PAGE_BYTES;
        uint32_t low = directory + TG_PAGE_BYTES, high = low + TG_PAGE_BYTES;

        tg_ram_store(machine, directory, 4, low | TG_PTE_PRESENT);
        tg_ram_store(machine, directory + 4, 4, high | TG_PTE_PRESENT);
        tg_ram_store(machine, low + 4 * (CODE >> 12), 4, CODE | 0xf);
        tg_ram_store(machine, low + 4 * (ROOTS >> 12), 4, ROOTS | 0xf | TG_PTE_GLOBAL);
        tg_ram_store(machine, high, 4, (0xa0000 + i * TG_PAGE_BYTES) | 0xf);
        tg_ram_store(machine, ROOTS + 4 * i, 4, directory | TG_PTROOT_ENABLE | (i + 1));
    }
    put(machine, &at, tg_word_i(TG_INSN_LUI, 5, 0, ROOTS));
    put(machine, &at, tg_word_i(TG_INSN_ADDI, 6, 5, 4 * SPACES));
    put(machine, &at, tg_word_i(TG_INSN_LW, 7, 5, 0));
    put(machine, &at, tg_word_i(TG_INSN_WRCR, 0, 7, TG_CR_PTROOT));
    put(machine, &at, tg_word_i(TG_INSN_LW, 8, 10, 0));
    put(machine, &at, tg_word_i(TG_INSN_ADDI, 8, 8, 1));
    put(machine, &at, tg_word_i(TG_INSN_SW, 8, 10, 0));
    put(machine, &at, tg_word_i(TG_INSN_ADDI, 5, 5, 4));
    put(machine, &at, tg_word_i(TG_INSN_BNE, 5, 6, -4 * 6));
    put(machine, &at, tg_word_i(TG_INSN_JAL, 0, 0, -4 * 9));
    machine->cpus[0].s.pc = CODE;
    machine->cpus[0].s.x[10] = WINDOW;
    machine->cpus[0].s.ptroot = TABLES | TG_PTROOT_ENABLE | 1;
    changed(machine);
    return machine;
}

START_TEST(more_address_spaces_than_are_kept)
{
    struct tg_machine *const machines[2] = {make_many_spaces("reference"),
                                            make_many_spaces("fast")};

    run_both(machines, 20000, 777);
}
END_TEST

/* A loop that counts in a word of its own page, and every 16 rounds in an instruction of its own.
 */
static struct tg_machine *make_mixed_page(const char *engine)
{
    struct tg_machine *machine = make(engine, 1 << 16);
    uint32_t at = CODE;

    put(machine, &at, tg_word_i(TG_INSN_LW, 5, 10, 0x800));
    put(machine, &at, tg_word_i(TG_INSN_ADDI, 5, 5, 1));
    put(machine, &at, tg_word_i(TG_INSN_SW, 5, 10, 0x800));
    put(machine, &at, tg_word_i(TG_INSN_ANDI, 6, 5, 15));
    put(machine, &at, tg_word_i(TG_INSN_BNE, 6, 0, 4 * 4));
    put(machine, &at, tg_word_i(TG_INSN_LW, 7, 10, 4 * 8));
    put(machine, &at, tg_word_i(TG_INSN_ADDI, 7, 7, 1));
    put(machine, &at, tg_word_i(TG_INSN_SW, 7, 10, 4 * 8));
    put(machine, &at, tg_word_i(TG_INSN_ADDI, 8, 8, 0));
    put(machine, &at, tg_word_i(TG_INSN_JAL, 0, 0, -4 * 9));
    machine->cpus[0].s.pc = CODE;
    machine->cpus[0].s.x[10] = CODE;
    changed(machine);
    return machine;
}

START_TEST(data_and_changing_code_in_one_page)
{
    struct tg_machine *const machines[2] = {make_mixed_page("reference"), make_mixed_page("fast")};

    run_both(machines, 20000, 333);
}
END_TEST

/* --- Observers ----------------------------------------------------------------------------- */

/* All that an observer heard, in order. */
struct ear {
    const struct tg_machine *machine;
    uint64_t sum, events;
};

static void hear(struct ear *ear, uint64_t value)
{
    ear->sum = (ear->sum ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    ear->sum ^= ear->sum >> 29;
}

static void hear_retire(void *context, uint32_t cpu, uint32_t pc, uint32_t word)
{
    struct ear *ear = context;
    struct tg_cpu_view view;

    tg_machine_cpu(ear->machine, cpu, &view);
    ear->events++;
    hear(ear, 1 + cpu);
    hear(ear, (uint64_t)pc << 32 | word);
    hear(ear, view.insns);
    hear(ear, view.pc);
    for (uint32_t i = 0; i < 32; i++)
        hear(ear, view.x[i]);
}

static void hear_memory(void *context, const struct tg_memory_event *event)
{
    hear(context, (uint64_t)event->access << 32 | event->pc);
    hear(context, (uint64_t)event->vaddr << 32 | event->paddr);
    hear(context, (uint64_t)event->bytes << 32 | event->value);
}

static void hear_entry(void *context, const struct tg_entry_event *event)
{
    hear(context, (uint64_t)event->kind << 32 | event->vector);
    hear(context, (uint64_t)event->error << 32 | event->address);
    hear(context, (uint64_t)event->saved_pc << 32 | event->frame);
}

static void hear_port(void *context, const struct tg_port_event *event)
{
    hear(context, (uint64_t)event->port << 32 | event->value);
    hear(context, event->pc);
}

/* Runs a random guest; observed: with observers of everything, whose sum is returned. */
static uint64_t run_guest(const char *engine, uint64_t seed, bool observed, uint64_t *ret_digest)
{
    struct random_source source = {NULL, 0, seed};
    struct tg_config config = random_guest_config(&source, engine, 3);
    struct tg_run_limits limits = {.until = {3000, 1000000}};
    struct ear ear = {0};
    struct tg_observer observer = {.context = &ear,
                                   .retire = hear_retire,
                                   .memory = hear_memory,
                                   .entry = hear_entry,
                                   .leave = NULL,
                                   .port = hear_port};
    struct tg_machine *machine;
    struct tg_stop stop;

    ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, NULL), TG_OK);
    random_guest_load(machine, &source);
    ear.machine = machine;
    if (observed)
        ck_assert_int_eq(tg_machine_observe(machine, &observer), TG_OK);
    tg_machine_run(machine, &limits, &stop);
    if (observed)
        ck_assert_uint_gt(ear.events, 0);
    *ret_digest = tg_machine_digest(machine);
    tg_machine_destroy(machine);
    return ear.sum;
}

START_TEST(observers_hear_the_same_from_both_engines)
{
    for (uint64_t seed = 1; seed <= 100; seed++) {
        uint64_t reference_digest, fast_digest;
        uint64_t reference = run_guest("reference", seed, true, &reference_digest);
        uint64_t fast = run_guest("fast", seed, true, &fast_digest);

        ck_assert_msg(reference == fast, "seed %d", (int)seed);
        ck_assert_uint_eq(reference_digest, fast_digest);
    }
}
END_TEST

START_TEST(observers_change_nothing)
{
    for (uint64_t seed = 1; seed <= 100; seed++) {
        uint64_t observed, alone;

        run_guest("fast", seed, true, &observed);
        run_guest("fast", seed, false, &alone);
        ck_assert_msg(observed == alone, "seed %d", (int)seed);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine-fast");
    TCase *tcase = tcase_create("fast");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, more_pages_of_code_than_are_kept);
    tcase_add_test(tcase, more_address_spaces_than_are_kept);
    tcase_add_test(tcase, data_and_changing_code_in_one_page);
    tcase_add_test(tcase, observers_hear_the_same_from_both_engines);
    tcase_add_test(tcase, observers_change_nothing);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
