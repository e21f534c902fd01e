/*
 * The fast engine against the reference engine: random guests (support/random_guest.h) in lockstep,
 * cut into pieces of random length, with all state and all counts compared. A guest that fails is
 * named by its seed; run the program with that seed as its argument for that guest alone, and a
 * second number for how many guests.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/random_guest.h"

#define SEEDS           200
#define INSNS_PER_GUEST 20000
#define TICKS_PER_GUEST 2000000 /* a guest may wait for ever while its timer goes on */

static uint64_t first_seed = 1;
static uint64_t seed_count = SEEDS;

static struct tg_machine *make(const char *engine, struct random_source source, uint32_t max_cpus)
{
    struct tg_config config = random_guest_config(&source, engine, max_cpus);
    struct tg_machine *machine;
    struct tg_error error;

    ck_assert_msg(tg_machine_create(&config, NULL, &machine, &error) == TG_OK, "%s", error.text);
    random_guest_load(machine, &source);
    return machine;
}

/* Runs both to insns instructions, comparing every interval. */
static void run_pair(uint64_t seed, struct tg_machine *reference, struct tg_machine *fast,
                     uint64_t insns, uint64_t interval, struct tg_stop *ret_stop)
{
    struct tg_run_limits limits = {.until = {insns, TICKS_PER_GUEST}};
    struct tg_difference difference;

    ck_assert_int_eq(tg_lockstep_run(reference, fast, interval, &limits, ret_stop, &difference),
                     TG_OK);
    ck_assert_msg(!difference.is_different,
                  "seed %" PRIu64 ", after %" PRIu64 " instructions: reference, fast\n%s", seed,
                  difference.position.insns, difference.text);
}

/* Input on both machines: where one lies between two rounds it takes effect at once, so lockstep
 * cannot pass it on. */
static void input(struct tg_machine *const machines[2], enum tg_input_kind kind, uint32_t value)
{
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(tg_machine_input(machines[i], (struct tg_input){kind, value}), TG_OK);
}

static void type_something(struct tg_machine *const machines[2], struct random_source *source)
{
    if (random_chance(source, 10))
        input(machines, TG_INPUT_KEY, random_below(source, 256));
    if (random_chance(source, 10))
        input(machines, TG_INPUT_SERIAL, random_below(source, 256));
    if (random_chance(source, 1))
        input(machines, TG_INPUT_RESET, 0);
}

static void check_guest(uint64_t seed, uint32_t max_cpus, uint32_t longest_piece)
{
    struct random_source source = {NULL, 0, seed};
    struct tg_machine *const pair[2] = {make("reference", source, max_cpus),
                                        make("fast", source, max_cpus)};
    struct tg_stop stop = {TG_STOP_LIMIT, 0, 0};

    while (stop.reason == TG_STOP_LIMIT || stop.reason == TG_STOP_BREAK) {
        struct tg_position position = tg_machine_position(pair[0]);
        uint64_t insns = position.insns;

        if (insns >= INSNS_PER_GUEST || position.time >= TICKS_PER_GUEST)
            break;
        type_something(pair, &source);
        insns += 1 + random_below(&source, longest_piece);
        run_pair(seed, pair[0], pair[1], insns, 1 + random_below(&source, longest_piece), &stop);
    }
    tg_machine_destroy(pair[0]);
    tg_machine_destroy(pair[1]);
}

START_TEST(engines_agree_on_random_guests_with_one_cpu)
{
    for (uint64_t seed = first_seed; seed < first_seed + seed_count; seed++)
        check_guest(seed, 1, 3000);
}
END_TEST

START_TEST(engines_agree_on_random_guests_with_several_cpus)
{
    for (uint64_t seed = first_seed; seed < first_seed + seed_count; seed++)
        check_guest(seed, 4, 3000);
}
END_TEST

/* Every budget is short, so most runs are cut by stop entries. */
START_TEST(engines_agree_however_the_run_is_cut)
{
    for (uint64_t seed = first_seed; seed < first_seed + seed_count / 10; seed++)
        check_guest(seed, 2, 7);
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("engine-differential");
    TCase *tcase = tcase_create("differential");
    SRunner *runner = srunner_create(suite);
    int failed;

    if (argc > 1) {
        first_seed = strtoull(argv[1], NULL, 0);
        seed_count = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
    }
    tcase_set_timeout(tcase, 0);
    tcase_add_test(tcase, engines_agree_on_random_guests_with_one_cpu);
    tcase_add_test(tcase, engines_agree_on_random_guests_with_several_cpus);
    tcase_add_test(tcase, engines_agree_however_the_run_is_cut);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
