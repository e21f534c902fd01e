/* Tests of running two machines side by side (emu/core/lockstep.c). */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/machine.h"
#include "core/ram.h"
#include "guests.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- An engine that is the reference but for one instruction ---------------------------------- */

enum wrong_kind {
    WRONG_NOTHING,
    WRONG_REGISTER,
    WRONG_RAM,
    WRONG_COUNT,
    WRONG_MANY,
    WRONG_END,
    WRONG_BY_CUTS
};

struct wrong_engine {
    void *reference;
    struct tg_machine *machine;
    uint32_t budget; /* of the run under way */
};

/* What is wrong and after how many instructions of the machine; a test runs in a process of its
 * own. */
static enum wrong_kind wrong_kind;
static uint64_t wrong_insns;

static void *wrong_create(struct tg_machine *machine)
{
    struct wrong_engine *wrong = calloc(1, sizeof *wrong);
    ck_assert_ptr_nonnull(wrong);
    wrong->machine = machine;
    wrong->reference = tg_engine_reference.create(machine);
    return wrong;
}

static void wrong_destroy(void *caches)
{
    struct wrong_engine *wrong = caches;
    tg_engine_reference.destroy(wrong->reference);
    free(wrong);
}

static void go_wrong(struct wrong_engine *wrong, struct tg_cpu *cpu)
{
    switch (wrong_kind) {
    case WRONG_NOTHING:
        break;
    case WRONG_REGISTER:
        cpu->s.x[30] ^= 0x100;
        break;
    case WRONG_RAM:
        tg_ram_store(wrong->machine, 0x3f001, 1, 1 ^ tg_ram_load(wrong->machine, 0x3f001, 1));
        break;
    case WRONG_COUNT:
        cpu->counts.port_reads++;
        break;
    case WRONG_MANY:
        for (uint32_t i = 1; i < 32; i++) {
            cpu->s.x[i] ^= UINT32_MAX;
        }
        break;
    case WRONG_END:
        wrong->machine->end.end = TG_END_PANIC;
        wrong->machine->attention = true;
        break;
    case WRONG_BY_CUTS:
        if (wrong->budget <= 10) {
            cpu->s.x[30] ^= 0x100;
        }
        break;
    }
}

static void wrong_run(void *caches, struct tg_cpu *cpu, uint32_t budget)
{
    struct wrong_engine *wrong = caches;
    uint64_t first = cpu->s.insns;
    wrong->budget = budget;
    while (cpu->s.insns - first < budget && cpu->s.run_state == TG_CPU_RUNNING &&
           !wrong->machine->attention) {
        tg_engine_reference.run(wrong->reference, cpu, 1);
        if (tg_machine_position(wrong->machine).insns == wrong_insns) {
            go_wrong(wrong, cpu);
        }
    }
}

static void wrong_code_written(void *caches, uint32_t paddr, uint32_t bytes)
{
    tg_engine_reference.code_written(((struct wrong_engine *)caches)->reference, paddr, bytes);
}

static void wrong_page_flagged(void *caches, uint32_t page)
{
    tg_engine_reference.page_flagged(((struct wrong_engine *)caches)->reference, page);
}

static void wrong_state_changed(void *caches, struct tg_cpu *cpu)
{
    tg_engine_reference.state_changed(((struct wrong_engine *)caches)->reference, cpu);
}

static const struct tg_engine engine_wrong = {
    .name = "wrong",
    .meaning = "wrong in one instruction",
    .create = wrong_create,
    .destroy = wrong_destroy,
    .run = wrong_run,
    .code_written = wrong_code_written,
    .page_flagged = wrong_page_flagged,
    .state_changed = wrong_state_changed,
};

static struct tg_machine *wrong_machine(uint64_t seed)
{
    struct random_source source = {.state = seed};
    struct tg_config config = random_guest_config(&source, "reference", 4);
    struct tg_machine *machine = NULL;
    ck_assert_int_eq(tg_machine_create_with(&config, NULL, &engine_wrong, &machine, NULL), TG_OK);
    random_guest_load(machine, &source);
    return machine;
}

/* Runs a guest under the reference and the wrong engine. */
static struct tg_difference run_wrong(uint64_t seed, enum wrong_kind kind, uint64_t insns,
                                      uint64_t interval)
{
    wrong_kind = kind;
    wrong_insns = insns;
    struct tg_machine *first = guest_machine(seed, "reference");
    struct tg_machine *second = wrong_machine(seed);
    const struct tg_run_limits limits = {.until = {5000, TG_NO_LIMIT}};
    struct tg_stop stop;
    struct tg_difference difference;
    ck_assert_int_eq(tg_lockstep_run(first, second, interval, &limits, &stop, &difference), TG_OK);
    tg_machine_destroy(first);
    tg_machine_destroy(second);
    return difference;
}

static void expect_text(const struct tg_difference *difference, const char *text)
{
    if (strstr(difference->text, text) == NULL) {
        ck_abort_msg("expected: %s\nfound:    %s", text, difference->text);
    }
}

/* --- Finding a difference --------------------------------------------------------------------- */

static const uint64_t intervals[] = {1, 2, 7, 100, 1000, 4999, 1000000};
enum { SEEDS = 4, WRONG_AT = 1234 };

START_TEST(the_first_wrong_instruction_is_found_at_any_interval)
{
    uint64_t seed = (uint64_t)_i;
    wrong_kind = WRONG_NOTHING;
    struct tg_machine *straight = guest_machine(seed, "reference");
    guest_run(straight, WRONG_AT - 1);
    struct tg_position position = tg_machine_position(straight);
    guest_run(straight, WRONG_AT);
    for (size_t i = 0; i < COUNT(intervals); i++) {
        struct tg_difference found = run_wrong(seed, WRONG_REGISTER, WRONG_AT, intervals[i]);
        ck_assert(found.is_different);
        ck_assert_uint_eq(found.position.insns, WRONG_AT - 1);
        ck_assert_uint_eq(found.position.time, position.time);
        char text[200];
        snprintf(text, sizeof text, "after %d instructions, at time %" PRIu64 ":\ncpu ",
                 WRONG_AT - 1, position.time);
        expect_text(&found, text);
        expect_text(&found, " x[30]: 0x");
    }
    tg_machine_destroy(straight);
}
END_TEST

/* Machines under the reference and the wrong engine whose CPUs count up in register 30. */
static void make_counting_machines(uint32_t cpus, struct tg_machine *ret_machine[2])
{
    struct tg_config config = {.engine = "reference", .cpus = cpus, .ram_bytes = 0x10000};
    ck_assert_int_eq(tg_machine_create(&config, NULL, &ret_machine[0], NULL), TG_OK);
    ck_assert_int_eq(tg_machine_create_with(&config, NULL, &engine_wrong, &ret_machine[1], NULL),
                     TG_OK);
    for (int i = 0; i < 2; i++) {
        uint32_t words[] = {tg_word_i(TG_INSN_ADDI, 30, 30, 3), tg_word_i(TG_INSN_JAL, 0, 0, -4)};
        for (uint32_t at = 0; at < COUNT(words); at++) {
            tg_ram_store(ret_machine[i], 0x2000 + 4 * at, 4, words[at]);
        }
        for (uint32_t cpu = 0; cpu < cpus; cpu++) {
            ret_machine[i]->cpus[cpu].s.pc = 0x2000;
            ret_machine[i]->cpus[cpu].s.run_state = TG_CPU_RUNNING;
        }
    }
}

static struct tg_difference run_counting(uint32_t cpus, enum wrong_kind kind, uint64_t insns,
                                         uint64_t interval)
{
    wrong_kind = kind;
    wrong_insns = insns;
    struct tg_machine *machine[2];
    make_counting_machines(cpus, machine);
    const struct tg_run_limits limits = {.until = {5000, TG_NO_LIMIT}};
    struct tg_stop stop;
    struct tg_difference found;
    ck_assert_int_eq(tg_lockstep_run(machine[0], machine[1], interval, &limits, &stop, &found),
                     TG_OK);
    tg_machine_destroy(machine[0]);
    tg_machine_destroy(machine[1]);
    return found;
}

START_TEST(the_report_names_cpu_pc_instruction_and_both_values)
{
    /* the fifth instruction of CPU 1's first turn */
    struct tg_difference found = run_counting(2, WRONG_REGISTER, 64 + 5, 50);
    ck_assert_str_eq(found.text, "after 68 instructions, at time 0:\n"
                                 "cpu 1, pc 0x00002000: addi t5, t5, 3\n"
                                 "cpu.1 x[30]: 0x9, 0x109\n");
}
END_TEST

START_TEST(differences_in_ram_counts_and_ends_are_told)
{
    struct tg_difference found = run_wrong(1, WRONG_RAM, 700, 64);
    ck_assert_uint_eq(found.position.insns, 699);
    expect_text(&found, "ram [0x0003f000]: 0x00000000, 0x00000100 (1 page differ)\n");
    found = run_wrong(1, WRONG_COUNT, 700, 64);
    ck_assert_uint_eq(found.position.insns, 699);
    expect_text(&found, " port_reads: 0x");
    found = run_wrong(1, WRONG_END, 700, 64);
    ck_assert_uint_eq(found.position.insns, 699);
    expect_text(&found, "end end: 0x0, 0x2\n");
}
END_TEST

START_TEST(a_report_has_twenty_lines_at_most)
{
    struct tg_difference found = run_wrong(2, WRONG_MANY, 700, 1);
    uint32_t lines = 0;
    for (const char *at = found.text; *at != '\0'; at++) {
        lines += *at == '\n';
    }
    ck_assert_uint_eq(lines, 21);
    expect_text(&found, "and 13 more\n");
    ck_assert_uint_lt(strlen(found.text), sizeof found.text);
}
END_TEST

START_TEST(a_difference_that_does_not_come_again_is_told_as_such)
{
    struct tg_difference found = run_counting(1, WRONG_BY_CUTS, 4000, 10);
    ck_assert(found.is_different);
    ck_assert_uint_eq(found.position.insns, 3990);
    expect_text(&found, "seen at instruction 4000, but not when run again from instruction 0");
    expect_text(&found, " x[30]: 0x");
}
END_TEST

START_TEST(machines_that_differ_at_the_start_are_told_at_once)
{
    struct tg_machine *first = guest_machine(1, "reference");
    struct tg_machine *second = guest_machine(1, "reference");
    second->cpus[0].s.scratch[2] = 77;
    const struct tg_run_limits limits = {.until = {100, TG_NO_LIMIT}};
    struct tg_stop stop;
    struct tg_difference found;
    ck_assert_int_eq(tg_lockstep_run(first, second, 10, &limits, &stop, &found), TG_OK);
    ck_assert(found.is_different);
    ck_assert_uint_eq(tg_machine_position(first).insns, 0);
    expect_text(&found, "cpu.0 scratch[2]: 0x0, 0x4d\n");
    tg_machine_destroy(first);
    tg_machine_destroy(second);
}
END_TEST

/* --- Equal machines --------------------------------------------------------------------------- */

/* Runs both to limits; they must be equal. Returns first's stop. */
static struct tg_stop run_equal(struct tg_machine *first, struct tg_machine *second,
                                uint64_t interval, struct tg_run_limits limits)
{
    struct tg_stop stop;
    struct tg_difference difference;
    do { /* as guest_run: through a guest's wish for a debugger */
        ck_assert_int_eq(tg_lockstep_run(first, second, interval, &limits, &stop, &difference),
                         TG_OK);
        ck_assert_msg(!difference.is_different, "%s", difference.text);
    } while (stop.reason == TG_STOP_BREAK);
    ck_assert_uint_eq(tg_machine_digest(first), tg_machine_digest(second));
    ck_assert_uint_eq(tg_machine_position(first).insns, tg_machine_position(second).insns);
    return stop;
}

START_TEST(equal_machines_run_to_the_limit_as_alone)
{
    for (uint64_t seed = 0; seed < 10; seed++) {
        struct tg_machine *first = guest_machine(seed, guest_engine(0));
        struct tg_machine *second = guest_machine(seed, guest_engine(1));
        struct tg_machine *alone = guest_machine(seed, guest_engine(0));
        for (size_t i = 0; i < COUNT(intervals); i++) {
            struct tg_run_limits limits = {.until = {500 * (i + 1), TG_NO_LIMIT}};
            struct tg_stop stop = run_equal(first, second, intervals[i], limits);
            struct tg_stop expected = guest_run(alone, 500 * (i + 1));
            ck_assert_int_eq(stop.reason, expected.reason);
            ck_assert_uint_eq(stop.status, expected.status);
            ck_assert_uint_eq(tg_machine_digest(first), tg_machine_digest(alone));
        }
        tg_machine_destroy(first);
        tg_machine_destroy(second);
        tg_machine_destroy(alone);
    }
}
END_TEST

START_TEST(both_get_the_input_that_was_queued_on_the_first)
{
    struct tg_machine *first = guest_machine(11, guest_engine(0));
    struct tg_machine *second = guest_machine(11, guest_engine(1));
    for (uint64_t until = 100; until < 2000; until += 100) {
        ck_assert_int_eq(tg_machine_type(first, "ab\n", 3), TG_OK);
        ck_assert_int_eq(tg_machine_input(first, (struct tg_input){TG_INPUT_SERIAL, 'x'}), TG_OK);
        struct tg_run_limits limits = {.until = {until, TG_NO_LIMIT}};
        run_equal(first, second, 30, limits);
    }
    char *left, *right;
    size_t left_bytes, right_bytes;
    ck_assert_int_eq(tg_machine_log_save(first, &left, &left_bytes), TG_OK);
    ck_assert_int_eq(tg_machine_log_save(second, &right, &right_bytes), TG_OK);
    ck_assert_uint_gt(left_bytes, 200);
    ck_assert_uint_eq(left_bytes, right_bytes);
    ck_assert_mem_eq(left, right, left_bytes);

    /* and a replay on the first alone feeds both */
    struct tg_machine *replayed[2] = {guest_machine(11, guest_engine(1)),
                                      guest_machine(11, guest_engine(0))};
    struct tg_error error = {""};
    ck_assert_int_eq(tg_machine_replay(replayed[0], left, left_bytes, &error), TG_OK);
    struct tg_run_limits limits = {.until = {1900, TG_NO_LIMIT}};
    run_equal(replayed[0], replayed[1], 1000, limits);
    ck_assert_uint_eq(tg_machine_digest(replayed[0]), tg_machine_digest(first));
    free(left);
    free(right);
    tg_machine_destroy(first);
    tg_machine_destroy(second);
    tg_machine_destroy(replayed[0]);
    tg_machine_destroy(replayed[1]);
}
END_TEST

START_TEST(a_difference_is_found_with_input_too)
{
    wrong_kind = WRONG_REGISTER;
    wrong_insns = 3000;
    struct tg_machine *first = guest_machine(12, "reference");
    struct tg_machine *second = wrong_machine(12);
    ck_assert_int_eq(tg_machine_type(first, "key", 3), TG_OK);
    struct tg_run_limits limits = {.until = {5000, TG_NO_LIMIT}};
    struct tg_stop stop;
    struct tg_difference found;
    ck_assert_int_eq(tg_lockstep_run(first, second, 700, &limits, &stop, &found), TG_OK);
    ck_assert(found.is_different);
    ck_assert_uint_eq(found.position.insns, 2999);
    char *log;
    size_t bytes;
    ck_assert_int_eq(tg_machine_log_save(first, &log, &bytes), TG_OK);
    ck_assert_ptr_nonnull(strstr(log, "key"));
    free(log);
    tg_machine_destroy(first);
    tg_machine_destroy(second);
}
END_TEST

static void ask_to_stop(void *context, uint32_t cpu, uint32_t pc, uint32_t word)
{
    (void)cpu;
    (void)pc;
    (void)word;
    struct tg_machine *machine = context;
    if (tg_machine_position(machine).insns >= 500) {
        tg_machine_request_stop(machine);
    }
}

START_TEST(a_request_to_stop_leaves_both_at_the_same_point)
{
    struct tg_machine *first = guest_machine(1, guest_engine(0));
    struct tg_machine *second = guest_machine(1, guest_engine(1));
    const struct tg_observer observer = {.context = first, .retire = ask_to_stop};
    ck_assert_int_eq(tg_machine_observe(first, &observer), TG_OK);
    struct tg_run_limits limits = {.until = {1000000, TG_NO_LIMIT}};
    struct tg_stop stop = run_equal(first, second, 100, limits);
    ck_assert_int_eq(stop.reason, TG_STOP_REQUEST);
    ck_assert_uint_le(tg_machine_position(first).insns, 700);
    tg_machine_unobserve(first, &observer);
    tg_machine_destroy(first);
    tg_machine_destroy(second);
}
END_TEST

START_TEST(unlike_machines_and_interval_zero_are_refused)
{
    struct tg_config config = {.ram_bytes = 0x20000, .cpus = 2};
    struct tg_machine *first, *second;
    ck_assert_int_eq(tg_machine_create(&config, NULL, &first, NULL), TG_OK);
    config.cpus = 1;
    ck_assert_int_eq(tg_machine_create(&config, NULL, &second, NULL), TG_OK);
    const struct tg_run_limits limits = {.until = {10, TG_NO_LIMIT}};
    struct tg_stop stop;
    struct tg_difference difference;
    ck_assert_int_eq(tg_lockstep_run(first, second, 1, &limits, &stop, &difference), TG_E_ARGUMENT);
    ck_assert_int_eq(tg_lockstep_run(first, first, 0, &limits, &stop, &difference), TG_E_ARGUMENT);
    tg_machine_destroy(first);
    tg_machine_destroy(second);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("core lockstep");
    TCase *cases = tcase_create("lockstep");
    suite_add_tcase(suite, cases);
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, the_first_wrong_instruction_is_found_at_any_interval, 0, SEEDS);
    tcase_add_test(cases, the_report_names_cpu_pc_instruction_and_both_values);
    tcase_add_test(cases, differences_in_ram_counts_and_ends_are_told);
    tcase_add_test(cases, a_report_has_twenty_lines_at_most);
    tcase_add_test(cases, a_difference_that_does_not_come_again_is_told_as_such);
    tcase_add_test(cases, machines_that_differ_at_the_start_are_told_at_once);
    tcase_add_test(cases, equal_machines_run_to_the_limit_as_alone);
    tcase_add_test(cases, both_get_the_input_that_was_queued_on_the_first);
    tcase_add_test(cases, a_difference_is_found_with_input_too);
    tcase_add_test(cases, a_request_to_stop_leaves_both_at_the_same_point);
    tcase_add_test(cases, unlike_machines_and_interval_zero_are_refused);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
