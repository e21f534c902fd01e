/* Tests of checkpoints: a machine put back is where it was, and goes on as it did
 * (emu/core/checkpoint.c). */
#include <check.h>
#include <stdlib.h>

#include "bus/bus.h"
#include "core/checkpoint.h"
#include "core/input.h"
#include "core/ram.h"
#include "guests.h"
#include "suite.h"

enum {
    STEPS = 40,
    STEP_INSNS = 150,
    SEEDS = 12,
    LONG_SEED = 1 /* of a guest that does not end soon */
};

/* A guest's run with a checkpoint at each step, and what the machine was at each. */
struct run {
    struct tg_machine *machine;
    struct tg_timeline *timeline;
    uint64_t digests[STEPS + 1];
    uint64_t insns[STEPS + 1];
};

/* Something from outside, by turns: keys, a disk that changes, a reset now and then. */
static void disturb(struct tg_machine *machine, unsigned step)
{
    struct tg_input key = {TG_INPUT_KEY, step & 0x7f};
    struct tg_input reset = {TG_INPUT_RESET, 0};
    if (step % 3 == 0)
        ck_assert_int_eq(tg_machine_input(machine, key), TG_OK);
    if (step % 17 == 16)
        ck_assert_int_eq(tg_machine_input(machine, reset), TG_OK);
}

static void note_step(struct run *run, unsigned step)
{
    run->digests[step] = tg_machine_digest(run->machine);
    run->insns[step] = tg_machine_position(run->machine).insns;
}

static void make_run(struct run *run, uint64_t seed, const char *engine)
{
    run->machine = guest_machine(seed, engine);
    run->timeline = tg_timeline_create(run->machine);
    ck_assert_ptr_nonnull(run->timeline);
    note_step(run, 0);
    for (unsigned step = 1; step <= STEPS; step++) {
        guest_run(run->machine, run->insns[step - 1] + STEP_INSNS);
        disturb(run->machine,
                step); /* between two rounds it takes effect at once, as in a replay */
        note_step(run, step);
        ck_assert_int_eq(tg_timeline_add(run->timeline, false), TG_OK);
    }
}

static void finish_run(struct run *run)
{
    tg_timeline_destroy(run->timeline);
    tg_machine_destroy(run->machine);
}

START_TEST(any_checkpoint_can_be_gone_to_from_any_place)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct run run;
        struct random_source source = {.state = seed};
        make_run(&run, seed, ENGINE);
        for (unsigned i = 0; i < 60; i++) {
            size_t to = random_below(&source, STEPS + 1);
            ck_assert_int_eq(tg_timeline_go(run.timeline, to), TG_OK);
            ck_assert_uint_eq(tg_machine_digest(run.machine), run.digests[to]);
            ck_assert_uint_eq(tg_timeline_present(run.timeline), to);
            guest_run(run.machine, run.insns[to] + random_below(&source, 2 * STEP_INSNS));
        }
        finish_run(&run);
    }
}
END_TEST

START_TEST(a_machine_put_back_goes_on_as_it_did_with_the_same_input)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct run run;
        make_run(&run, seed, ENGINE);
        for (unsigned from = 0; from < STEPS; from += 5) {
            ck_assert_int_eq(tg_timeline_go(run.timeline, from), TG_OK);
            for (unsigned step = from + 1; step <= STEPS; step++) {
                if (run.insns[step] < run.insns[step - 1] + STEP_INSNS)
                    break; /* it ended or idled there, which a number of instructions does not tell
                            */
                guest_run(run.machine, run.insns[step]);
                ck_assert_uint_eq(tg_machine_digest(run.machine), run.digests[step]);
            }
        }
        finish_run(&run);
    }
}
END_TEST

START_TEST(forgetting_some_leaves_the_others_as_they_are)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct run run;
        struct random_source source = {.state = seed + 100};
        unsigned step_of[STEPS + 1]; /* by number */
        make_run(&run, seed, ENGINE);
        for (unsigned step = 0; step <= STEPS; step++)
            step_of[step] = step;
        for (unsigned i = 0; i < 30; i++) {
            size_t count = tg_timeline_count(run.timeline);
            size_t number = random_below(&source, (uint32_t)count);
            bool may_go = number != 0 && number != tg_timeline_present(run.timeline);
            ck_assert(tg_timeline_forget(run.timeline, number) == may_go);
            for (size_t k = number; may_go && k + 1 < count; k++)
                step_of[k] = step_of[k + 1];
            size_t to = random_below(&source, (uint32_t)tg_timeline_count(run.timeline));
            ck_assert_int_eq(tg_timeline_go(run.timeline, to), TG_OK);
            ck_assert_uint_eq(tg_machine_digest(run.machine), run.digests[step_of[to]]);
        }
        finish_run(&run);
    }
}
END_TEST

START_TEST(one_made_between_others_does_not_change_them)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct run run;
        make_run(&run, seed, ENGINE);
        for (unsigned step = STEPS - 2; step > 7; step -= 7) {
            ck_assert_int_eq(tg_timeline_go(run.timeline, step), TG_OK);
            guest_run(run.machine, run.insns[step] + STEP_INSNS / 2);
            uint64_t between = tg_machine_digest(run.machine);
            ck_assert_int_eq(tg_timeline_add(run.timeline, false), TG_OK);
            ck_assert_uint_eq(tg_timeline_present(run.timeline), step + 1);
            ck_assert_int_eq(tg_timeline_go(run.timeline, step + 2), TG_OK);
            ck_assert_uint_eq(tg_machine_digest(run.machine), run.digests[step + 1]);
            ck_assert_int_eq(tg_timeline_go(run.timeline, step + 1), TG_OK);
            ck_assert_uint_eq(tg_machine_digest(run.machine), between);
            ck_assert_int_eq(tg_timeline_go(run.timeline, 0), TG_OK);
            ck_assert_uint_eq(tg_machine_digest(run.machine), run.digests[0]);
        }
        finish_run(&run);
    }
}
END_TEST

START_TEST(a_branch_forgets_the_future_and_takes_new_input)
{
    struct run run;
    make_run(&run, LONG_SEED, ENGINE);
    ck_assert_int_eq(tg_timeline_go(run.timeline, 5), TG_OK);
    struct tg_input key = {TG_INPUT_KEY, 0x1e};
    ck_assert_int_eq(tg_machine_input(run.machine, key), TG_E_DIVERGED);
    tg_timeline_branch(run.timeline);
    ck_assert_uint_eq(tg_timeline_count(run.timeline), 6);
    ck_assert_int_eq(tg_machine_input(run.machine, key), TG_OK);
    ck_assert_int_eq(tg_timeline_go(run.timeline, 2), TG_OK);
    ck_assert_uint_eq(tg_machine_digest(run.machine), run.digests[2]);
    finish_run(&run);
}
END_TEST

START_TEST(what_was_changed_by_hand_is_kept_where_it_was)
{
    struct run run;
    make_run(&run, 4, ENGINE);
    ck_assert_int_eq(tg_timeline_go(run.timeline, 7), TG_OK);
    tg_timeline_branch(run.timeline);
    uint32_t paddr = RANDOM_GUEST_RAM_BYTES - 8;
    ck_assert_int_eq(tg_machine_ram_write(run.machine, paddr, "changed", 8), TG_OK);
    uint64_t changed = tg_machine_digest(run.machine);
    ck_assert_int_eq(tg_timeline_add(run.timeline, true), TG_OK);
    ck_assert(tg_timeline_is_cut(run.timeline, 8));
    ck_assert_int_eq(tg_timeline_go(run.timeline, 7), TG_OK);
    ck_assert_uint_eq(tg_machine_digest(run.machine), run.digests[7]);
    ck_assert(!tg_timeline_forget(run.timeline, 8));
    ck_assert_int_eq(tg_timeline_go(run.timeline, 8), TG_OK);
    ck_assert_uint_eq(tg_machine_digest(run.machine), changed);
    ck_assert(!tg_timeline_forget(run.timeline, 7));
    finish_run(&run);
}
END_TEST

/* 8 MiB of RAM with something in each page: the first checkpoint has it all, a second one that
 * follows a single write has a page. */
START_TEST(a_checkpoint_costs_what_was_written_since_the_last)
{
    struct tg_config config = {.engine = ENGINE, .ram_bytes = 8u << 20};
    struct tg_machine *machine;
    ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, NULL), TG_OK);
    for (uint32_t page = 0; page < 2048; page++)
        ck_assert_int_eq(tg_machine_ram_write(machine, page * 4096, &page, 4), TG_OK);
    struct tg_timeline *timeline = tg_timeline_create(machine);
    size_t first = tg_timeline_bytes(timeline);
    ck_assert_uint_ge(first, 2047u * 4096);
    ck_assert_int_eq(tg_machine_ram_write(machine, 0x5000, "x", 1), TG_OK);
    ck_assert_int_eq(tg_timeline_add(timeline, false), TG_OK);
    ck_assert_uint_le(tg_timeline_bytes(timeline) - first, 64u << 10);
    tg_timeline_destroy(timeline);
    tg_machine_destroy(machine);
}
END_TEST

SUITE_MAIN("checkpoint", any_checkpoint_can_be_gone_to_from_any_place,
           a_machine_put_back_goes_on_as_it_did_with_the_same_input,
           forgetting_some_leaves_the_others_as_they_are,
           one_made_between_others_does_not_change_them,
           a_branch_forgets_the_future_and_takes_new_input,
           what_was_changed_by_hand_is_kept_where_it_was,
           a_checkpoint_costs_what_was_written_since_the_last)
