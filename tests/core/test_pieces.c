/*
 * Determinism, on random guests: a run in pieces equals the run as a whole, and the replay of a log
 * equals the run that it is of. docs/isa.md section 8.
 */
#include <stdio.h>
#include <string.h>

#include "suite.h"
#include "support/random_guest.h"

#define GUESTS 100
#define INSNS  4000
#define TIME   200000 /* so that guests that wait come to an end too */

static struct tg_machine *guest(uint64_t seed, const char *engine)
{
    struct random_source source = {.state = seed};
    struct tg_config config = random_guest_config(&source, engine, TG_MAX_CPUS);
    struct tg_machine *machine;
    ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, NULL), TG_OK);
    random_guest_load(machine, &source);
    return machine;
}

static struct tg_stop run_to(struct tg_machine *machine, uint64_t insns, uint64_t time)
{
    struct tg_run_limits limits = {.until = {insns, time}};
    struct tg_stop stop;
    tg_machine_run(machine, &limits, &stop);
    return stop;
}

/* What came of a run: equal for equal runs. */
struct outcome {
    struct tg_stop stop;
    struct tg_position position;
    uint64_t digest;
    struct tg_counts counts[TG_MAX_CPUS];
};

static void note_outcome(struct tg_machine *machine, struct tg_stop stop, struct outcome *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->stop = stop;
    ret->position = tg_machine_position(machine);
    ret->digest = tg_machine_digest(machine);
    for (uint32_t i = 0; i < TG_MAX_CPUS; i++)
        tg_machine_counts(machine, i, &ret->counts[i]);
}

static void check_equal(uint64_t seed, const struct outcome *a, const struct outcome *b)
{
    ck_assert_msg(a->stop.reason == b->stop.reason && a->stop.cpu == b->stop.cpu &&
                      a->stop.status == b->stop.status,
                  "guest %u: stopped for %d, and for %d", (unsigned)seed, (int)a->stop.reason,
                  (int)b->stop.reason);
    ck_assert_msg(a->position.insns == b->position.insns && a->position.time == b->position.time,
                  "guest %u: stopped at other places", (unsigned)seed);
    ck_assert_msg(a->digest == b->digest, "guest %u: other digests at insn %llu", (unsigned)seed,
                  (unsigned long long)a->position.insns);
    ck_assert_msg(memcmp(a->counts, b->counts, sizeof a->counts) == 0, "guest %u: other counts",
                  (unsigned)seed);
}

/* --- Pieces --- */

static bool is_for_good(struct tg_stop stop)
{
    return stop.reason != TG_STOP_LIMIT && stop.reason != TG_STOP_BREAK &&
           stop.reason != TG_STOP_REQUEST;
}

/* Runs to the limits over every stop that is not for good. */
static struct tg_stop run_whole(struct tg_machine *machine)
{
    struct tg_stop stop;
    do
        stop = run_to(machine, INSNS, TIME);
    while (stop.reason == TG_STOP_BREAK);
    return stop;
}

static struct tg_stop run_in_pieces(struct tg_machine *machine, struct random_source *source)
{
    for (;;) {
        struct tg_position here = tg_machine_position(machine);
        uint64_t insns = TG_NO_LIMIT, time = TG_NO_LIMIT;
        switch (random_below(source, 4)) {
        case 0:
            insns = here.insns + random_below(source, 4);
            break;
        case 1:
            insns = here.insns + random_below(source, 300);
            break;
        case 2:
            time = here.time + random_below(source, 100);
            break;
        default:
            time = here.time + random_below(source, 30000);
        }
        if (random_chance(source, 10))
            tg_machine_request_stop(machine);
        insns = insns < INSNS ? insns : INSNS;
        time = time < TIME ? time : TIME;
        struct tg_stop stop = run_to(machine, insns, time);
        here = tg_machine_position(machine);
        if (is_for_good(stop) || here.insns >= INSNS || here.time >= TIME)
            return run_whole(machine); /* for what is left to do at this very place */
    }
}

START_TEST(a_run_in_pieces_equals_the_whole) /* rules: TIM-2, TIM-3, TIM-5, TIM-6 */
{
    static struct outcome whole, pieces;
    for (uint64_t seed = 0; seed < GUESTS; seed++) {
        struct tg_machine *machine = guest(seed, ENGINE);
        note_outcome(machine, run_whole(machine), &whole);
        tg_machine_destroy(machine);

        struct random_source source = {.state = seed + 1000};
        machine = guest(seed, ENGINE);
        note_outcome(machine, run_in_pieces(machine, &source), &pieces);
        tg_machine_destroy(machine);
        check_equal(seed, &whole, &pieces);
    }
}
END_TEST

/* --- Replays --- */

/* Some input now and then, at whatever place the machine has stopped. */
static void give_input(struct tg_machine *machine, struct random_source *source)
{
    struct tg_input input = {TG_INPUT_KEY, random_below(source, 256)};
    if (random_chance(source, 30))
        input.kind = TG_INPUT_SERIAL;
    if (random_chance(source, 3))
        input = (struct tg_input){TG_INPUT_RESET, 0};
    ck_assert_int_eq(tg_machine_input(machine, input), TG_OK);
}

static struct tg_stop run_with_input(struct tg_machine *machine, struct random_source *source)
{
    struct tg_position here = tg_machine_position(machine);
    while (here.insns < INSNS && here.time < TIME) {
        uint64_t insns = here.insns + random_below(source, 400);
        uint64_t time = here.time + random_below(source, 6000);
        struct tg_stop stop =
            run_to(machine, insns < INSNS ? insns : INSNS, time < TIME ? time : TIME);
        here = tg_machine_position(machine);
        if (random_chance(source, 60))
            give_input(machine, source);
        if (is_for_good(stop)) /* only a reset helps, or a key where all wait */
            ck_assert_int_eq(tg_machine_input(machine, (struct tg_input){TG_INPUT_RESET, 0}),
                             TG_OK);
    }
    return run_whole(machine);
}

/* Resets empty RAM; their guests then start with zeros, which are illegal, at CPU 0 and never get
 * far: that is a place to find differences too. */
START_TEST(a_replay_equals_its_run) /* rules: TIM-2 */
{
    static struct outcome run, replay;
    for (uint64_t seed = 0; seed < GUESTS; seed++) {
        struct random_source source = {.state = seed + 2000};
        struct tg_machine *machine = guest(seed, ENGINE);
        note_outcome(machine, run_with_input(machine, &source), &run);
        char *log;
        size_t length;
        ck_assert_int_eq(tg_machine_log_save(machine, &log, &length), TG_OK);
        tg_machine_destroy(machine);

        machine = guest(seed, ENGINE);
        struct tg_error error = {""};
        ck_assert_msg(tg_machine_replay(machine, log, length, &error) == TG_OK, "%s", error.text);
        struct tg_stop stop = seed % 2 ? run_whole(machine) : run_in_pieces(machine, &source);
        int result = tg_machine_replay_error(machine, &error);
        ck_assert_msg(result == TG_OK, "guest %u: %s\n%s", (unsigned)seed, error.text, log);
        note_outcome(machine, stop, &replay);

        /* The replay's own log is the same again. */
        char *log_again;
        size_t length_again;
        ck_assert_int_eq(tg_machine_log_save(machine, &log_again, &length_again), TG_OK);
        ck_assert_uint_eq(length, length_again);
        ck_assert_mem_eq(log, log_again, length);
        tg_machine_destroy(machine);
        check_equal(seed, &run, &replay);
        free(log);
        free(log_again);
    }
}
END_TEST

SUITE_MAIN("pieces", a_run_in_pieces_equals_the_whole, a_replay_equals_its_run)
