/* Tests of going back and forth: any place of the past is the state that it was
 * (emu/debug/history.c, step.c, step_back.c). */
#include <stdlib.h>

#include "debugged.h"
#include "suite.h"

enum { SEEDS = 24, PLACES = 40 };

/* A run with its places and what the machine was there. */
struct run {
    struct debugged d;
    struct tg_debug_place places[PLACES];
    uint64_t digests[PLACES];
    unsigned count;
};

/* Keys, serial input, a reset now and then. */
static void disturb(struct run *run, struct random_source *source)
{
    struct tg_input key = {TG_INPUT_KEY, random_below(source, 256)};
    struct tg_input byte = {TG_INPUT_SERIAL, random_below(source, 256)};
    struct tg_input line = {TG_INPUT_LINE, random_below(source, 32) | random_below(source, 2) << 7};
    struct tg_input reset = {TG_INPUT_RESET, 0};
    if (random_chance(source, 30))
        ck_assert_int_eq(tg_debug_input(run->d.debug, key, NULL), TG_OK);
    if (random_chance(source, 15))
        ck_assert_int_eq(tg_debug_input(run->d.debug, byte, NULL), TG_OK);
    if (random_chance(source, 15))
        ck_assert_int_eq(tg_debug_input(run->d.debug, line, NULL), TG_OK);
    if (random_chance(source, 4))
        ck_assert_int_eq(tg_debug_input(run->d.debug, reset, NULL), TG_OK);
}

static void note_place(struct run *run)
{
    run->places[run->count] = tg_debug_place(run->d.debug);
    run->digests[run->count++] = tg_machine_digest(run->d.machine);
}

static void make_run(struct run *run, uint64_t seed, const char *engine,
                     struct random_source *source)
{
    *run = (struct run){.d = debugged_guest(seed, engine)};
    note_place(run);
    while (run->count < PLACES) {
        disturb(run, source);
        debugged_do(&run->d, TG_DEBUG_STEPI, false, 1 + random_below(source, 300));
        note_place(run);
    }
}

static void check_place(struct run *run, unsigned number)
{
    const struct tg_debug_place *place = &run->places[number];
    struct tg_debug_place here = tg_debug_place(run->d.debug);
    ck_assert_msg(tg_debug_compare_places(&here, place) == 0,
                  "place %u: at steps %llu time %llu inputs %llu idle %d, not %llu %llu %llu %d",
                  number, (unsigned long long)tg_debug_steps(&here), (unsigned long long)here.time,
                  (unsigned long long)here.inputs, here.is_idle,
                  (unsigned long long)tg_debug_steps(place), (unsigned long long)place->time,
                  (unsigned long long)place->inputs, place->is_idle);
    ck_assert_uint_eq(tg_machine_digest(run->d.machine), run->digests[number]);
}

START_TEST(any_place_can_be_gone_to_from_any_other)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct random_source source = {.state = seed + 1000};
        struct run run;
        make_run(&run, seed, ENGINE, &source);
        for (unsigned i = 0; i < 60; i++) {
            unsigned to = random_below(&source, PLACES);
            struct tg_debug_target target = {.kind = TG_DEBUG_TO_PLACE, .place = run.places[to]};
            struct tg_debug_stop stop;
            ck_assert_int_eq(tg_debug_goto(run.d.debug, &target, &stop, NULL), TG_OK);
            ck_assert_int_eq(stop.reasons[0].kind, TG_DEBUG_STEP_DONE);
            check_place(&run, to);
        }
        debugged_finish(&run.d);
    }
}
END_TEST

/* On over stops that the guest makes itself. */
static void step_exactly(struct debugged *d, bool is_reverse, uint64_t count)
{
    uint64_t begin = debugged_steps(d);
    uint64_t end = is_reverse ? begin - count : begin + count;
    for (unsigned i = 0; i < 1000 && debugged_steps(d) != end; i++) {
        uint64_t here = debugged_steps(d);
        debugged_do(d, TG_DEBUG_STEPI, is_reverse, is_reverse ? here - end : end - here);
    }
}

/* Settled places only: from where a machine idles a step leads over the end of idling. */
START_TEST(steps_back_and_forth_are_the_identity)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct random_source source = {.state = seed + 2000};
        struct run run;
        make_run(&run, seed, ENGINE, &source);
        uint64_t last = debugged_steps(&run.d);
        for (unsigned i = 0; i < 40; i++) {
            debugged_goto(&run.d, TG_DEBUG_TO_STEPS, random_below(&source, (uint32_t)last));
            struct tg_debug_place here = tg_debug_place(run.d.debug);
            uint64_t digest = tg_machine_digest(run.d.machine);
            uint64_t count = 1 + random_below(&source, i % 2 ? 3 : 2000);
            uint64_t steps = tg_debug_steps(&here);
            bool is_back_first = random_chance(&source, 50);
            if (is_back_first ? count > steps : steps + count >= last)
                continue;
            step_exactly(&run.d, is_back_first, count);
            ck_assert_uint_eq(debugged_steps(&run.d),
                              is_back_first ? steps - count : steps + count);
            step_exactly(&run.d, !is_back_first, count);
            ck_assert_uint_eq(debugged_steps(&run.d), steps);
            ck_assert_uint_eq(tg_machine_digest(run.d.machine), digest);
        }
        debugged_finish(&run.d);
    }
}
END_TEST

/* A CPU's own steps: the others go on meanwhile. */
START_TEST(steps_of_a_cpu_are_undone_one_by_one)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct random_source source = {.state = seed + 3000};
        struct run run;
        make_run(&run, seed, ENGINE, &source);
        uint32_t cpus = tg_machine_config(run.d.machine)->cpus;
        uint64_t last = debugged_steps(&run.d);
        for (unsigned i = 0; i < 12; i++) {
            uint32_t cpu = random_below(&source, cpus);
            const struct tg_debug_command back = {
                .kind = TG_DEBUG_STEPI, .is_reverse = true, .cpu = cpu};
            const struct tg_debug_command forth = {.kind = TG_DEBUG_STEPI, .cpu = cpu};
            debugged_goto(&run.d, TG_DEBUG_TO_STEPS, random_below(&source, (uint32_t)last));
            struct tg_debug_stop first = debugged_go(&run.d, &back);
            if (first.reasons[0].kind != TG_DEBUG_STEP_DONE)
                continue; /* the guest's own break, or history's start, came first */
            ck_assert_uint_eq(tg_machine_turn(run.d.machine), cpu);
            uint64_t digest = tg_machine_digest(run.d.machine);
            debugged_go(&run.d, &forth);
            ck_assert_uint_eq(debugged_steps(&run.d), tg_debug_steps(&first.place) + 1);
            debugged_go(&run.d, &back);
            ck_assert_uint_eq(tg_machine_digest(run.d.machine), digest);
        }
        debugged_finish(&run.d);
    }
}
END_TEST

START_TEST(numbers_lead_to_the_first_place_that_has_them)
{
    struct random_source source = {.state = 4000};
    struct run run;
    make_run(&run, 1, ENGINE, &source);
    struct tg_debug_place last = run.places[PLACES - 1];
    for (unsigned i = 0; i < 50; i++) {
        uint64_t insns = random_below(&source, (uint32_t)last.insns);
        debugged_goto(&run.d, TG_DEBUG_TO_INSNS, insns);
        struct tg_debug_place place = tg_debug_place(run.d.debug);
        ck_assert_uint_eq(place.insns, insns);
        ck_assert(!place.is_idle);
        uint64_t time = random_below(&source, (uint32_t)last.time);
        debugged_goto(&run.d, TG_DEBUG_TO_TIME, time);
        place = tg_debug_place(run.d.debug);
        ck_assert_uint_ge(place.time, time);
        if (tg_debug_steps(&place) > 0) {
            debugged_do(&run.d, TG_DEBUG_STEPI, true, 1);
            place = tg_debug_place(run.d.debug);
            ck_assert_uint_le(place.time, time);
        }
    }
    struct tg_debug_stop stop = debugged_goto(&run.d, TG_DEBUG_TO_END, 0);
    ck_assert(!stop.is_replay);
    check_place(&run, PLACES - 1);
    debugged_goto(&run.d, TG_DEBUG_TO_START, 0);
    check_place(&run, 0);
    ck_assert(tg_debug_is_replaying(run.d.debug));
    debugged_finish(&run.d);
}
END_TEST

SUITE_MAIN("travel", any_place_can_be_gone_to_from_any_other, steps_back_and_forth_are_the_identity,
           steps_of_a_cpu_are_undone_one_by_one, numbers_lead_to_the_first_place_that_has_them)
