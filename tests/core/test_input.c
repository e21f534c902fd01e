/*
 * Outside events: when they take effect, typing, replays. docs/isa.md section 8; the log's text is
 * in test_input_log.c.
 */
#include <string.h>

#include "bus/ports.h"
#include "suite.h"
#include "support/program.h"
#include "support/random_guest.h"

#define LIST UINT32_C(0x8000) /* end of the list, then pairs: key, time */

static struct program program;

/* Waits for keys, and for a timer when period is not 0, and lists each key with the time at which
 * it was read. Others count meanwhile (they do not exist unless started, so here they stay parked).
 */
static void begin_listing(uint32_t period)
{
    program_begin(&program, PROGRAM_START);
    program_out(&program, TG_PORT_INTERRUPTS_ENABLE,
                1u << TG_SOURCE_KEYBOARD | 1u << TG_SOURCE_TIMER);
    program_out(&program, TG_PORT_TIMER_PERIOD, period);
    program_li(&program, S0, LIST);
    program_i(&program, TG_INSN_ADDI, S1, S0, 4);
    uint32_t loop = program_here(&program);
    program_i(&program, TG_INSN_OUTW, ZERO, ZERO, TG_PORT_TIMER_ACKNOWLEDGE);
    program_i(&program, TG_INSN_WFI, 0, 0, 0);
    program_i(&program, TG_INSN_INB, T0, ZERO, TG_PORT_KEYBOARD_DATA);
    program_branch(&program, TG_INSN_BEQ, T0, ZERO, loop);
    program_i(&program, TG_INSN_RDCR, T1, 0, TG_CR_TIME);
    program_i(&program, TG_INSN_SW, T0, S1, 0);
    program_i(&program, TG_INSN_SW, T1, S1, 4);
    program_i(&program, TG_INSN_ADDI, S1, S1, 8);
    program_i(&program, TG_INSN_SW, S1, S0, 0);
    program_branch(&program, TG_INSN_JAL, ZERO, 0, loop);
}

static struct tg_machine *listing_machine(const char *engine, uint32_t cpus, uint32_t period)
{
    begin_listing(period);
    return program_machine(&program, engine, cpus);
}

static uint32_t listed_key(const struct tg_machine *machine, uint32_t index)
{
    return program_ram(machine, LIST + 4 + 8 * index);
}

static uint32_t listed_time(const struct tg_machine *machine, uint32_t index)
{
    return program_ram(machine, LIST + 8 + 8 * index);
}

static uint32_t listed_count(const struct tg_machine *machine)
{
    uint32_t end = program_ram(machine, LIST);
    return end ? (end - LIST - 4) / 8 : 0;
}

static struct tg_stop run_until(struct tg_machine *machine, uint64_t insns, uint64_t time)
{
    struct tg_run_limits limits = {.until = {insns, time}};
    struct tg_stop stop;
    tg_machine_run(machine, &limits, &stop);
    return stop;
}

static int give_key(struct tg_machine *machine, uint32_t code)
{
    return tg_machine_input(machine, (struct tg_input){TG_INPUT_KEY, code});
}

/* --- Taking effect --- */

START_TEST(a_key_to_an_idle_machine_is_read_at_once) /* rules: TIM-2, TIM-4 */
{
    struct tg_machine *machine = listing_machine(ENGINE, 1, 0);
    ck_assert_int_eq(program_run(machine, TG_NO_LIMIT).reason, TG_STOP_IDLE);
    uint64_t time = 1000000;
    ck_assert_int_eq(run_until(machine, TG_NO_LIMIT, time).reason, TG_STOP_LIMIT);
    ck_assert_int_eq(give_key(machine, 0x1e), TG_OK);
    ck_assert_int_eq(program_run(machine, TG_NO_LIMIT).reason, TG_STOP_IDLE);
    ck_assert_uint_eq(listed_count(machine), 1);
    ck_assert_uint_eq(listed_key(machine, 0), 0x1e);
    ck_assert_uint_eq(listed_time(machine, 0), time + 2);
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(a_key_within_a_round_waits_for_its_end) /* rules: TIM-2 */
{
    program_begin(&program, PROGRAM_START);
    uint32_t loop = program_here(&program);
    program_i(&program, TG_INSN_RDCR, T0, 0, TG_CR_TIME);
    program_i(&program, TG_INSN_INB, T1, ZERO, TG_PORT_KEYBOARD_DATA);
    program_branch(&program, TG_INSN_BEQ, T1, ZERO, loop);
    program_branch(&program, TG_INSN_JAL, ZERO, 0, program_here(&program));
    for (uint32_t cpus = 1; cpus <= 2; cpus++) {
        struct tg_machine *machine = program_machine(&program, ENGINE, cpus);
        uint64_t round = cpus == 1 ? 65536 : 64;
        run_until(machine, 10, TG_NO_LIMIT);
        ck_assert_int_eq(give_key(machine, 0x1e), TG_OK);
        run_until(machine, 2 * round, TG_NO_LIMIT);
        ck_assert_uint_eq(program_register(machine, 0, T1), 0x1e);
        uint32_t time = program_register(machine, 0, T0);
        ck_assert_msg(time >= round - 1 && time <= round + 2, "read at %u", (unsigned)time);
        tg_machine_destroy(machine);
    }
}
END_TEST

START_TEST(keys_keep_their_order)
{
    struct tg_machine *machine = listing_machine(ENGINE, 2, 0);
    run_until(machine, 5, TG_NO_LIMIT); /* within a round: they queue up */
    for (uint32_t i = 1; i <= 100; i++)
        ck_assert_int_eq(give_key(machine, i), TG_OK);
    ck_assert_int_eq(program_run(machine, TG_NO_LIMIT).reason, TG_STOP_IDLE);
    ck_assert_uint_eq(listed_count(machine), 100);
    for (uint32_t i = 0; i < 100; i++)
        ck_assert_uint_eq(listed_key(machine, i), i + 1);
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(input_out_of_range_is_refused)
{
    struct tg_machine *machine = listing_machine(ENGINE, 1, 0);
    const struct tg_input bad[] = {{TG_INPUT_KEY, 256},
                                   {TG_INPUT_SERIAL, 256},
                                   {TG_INPUT_RESET, 1},
                                   {TG_INPUT_LINE, 0x20},
                                   {TG_INPUT_LINE, 0x800},
                                   {(enum tg_input_kind)4, 0},
                                   {(enum tg_input_kind) - 1, 0}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_int_eq(tg_machine_input(machine, bad[i]), TG_E_ARGUMENT);
    ck_assert_int_eq(program_run(machine, TG_NO_LIMIT).reason, TG_STOP_IDLE);
    ck_assert_uint_eq(listed_count(machine), 0);
    tg_machine_destroy(machine);
}
END_TEST

/* --- Typing --- */

static void check_typed(const char *engine, const char *text, const uint8_t *codes, uint32_t count)
{
    struct tg_machine *machine = listing_machine(engine, 1, 0);
    ck_assert_int_eq(tg_machine_type(machine, text, strlen(text)), TG_OK);
    program_run(machine, TG_NO_LIMIT);
    ck_assert_uint_eq(listed_count(machine), count);
    for (uint32_t i = 0; i < count; i++)
        ck_assert_uint_eq(listed_key(machine, i), codes[i]);
    tg_machine_destroy(machine);
}

START_TEST(text_is_typed_with_shift_and_control)
{
    const uint8_t codes[] = {0x1e, 0x9e,                         /* a */
                             0x2a, 0x30, 0xb0, 0xaa,             /* shift B */
                             0x2a, 0x02, 0x82, 0xaa,             /* shift 1 */
                             0x39, 0xb9, 0x1c, 0x9c, 0x0f, 0x8f, /* space, enter, tab */
                             0x1d, 0x20, 0xa0, 0x9d};            /* control d */
    check_typed(ENGINE, "aB! \n\t\x04", codes, sizeof codes);
}
END_TEST

START_TEST(every_printable_character_can_be_typed)
{
    struct tg_machine *machine = listing_machine(ENGINE, 1, 0);
    for (char character = ' '; character <= '~'; character++)
        ck_assert_int_eq(tg_machine_type(machine, &character, 1), TG_OK);
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(text_with_a_character_that_no_key_has_types_nothing)
{
    const char *const texts[] = {"abc\xc3\xa4", "\x7f-", "ab\x1c"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct tg_machine *machine = listing_machine(ENGINE, 1, 0);
        ck_assert_int_eq(tg_machine_type(machine, texts[i], strlen(texts[i])), TG_E_ARGUMENT);
        ck_assert_int_eq(tg_machine_type(machine, "a\0b", 3), TG_E_ARGUMENT);
        program_run(machine, TG_NO_LIMIT);
        ck_assert_uint_eq(listed_count(machine), 0);
        tg_machine_destroy(machine);
    }
}
END_TEST

/* --- Replays --- */

struct log {
    char *text;
    size_t length;
};

static struct log saved_log(const struct tg_machine *machine)
{
    struct log log;
    ck_assert_int_eq(tg_machine_log_save(machine, &log.text, &log.length), TG_OK);
    return log;
}

static void replay(struct tg_machine *machine, const struct log *log)
{
    struct tg_error error = {""};
    int result = tg_machine_replay(machine, log->text, log->length, &error);
    ck_assert_msg(result == TG_OK, "%s", error.text);
}

#define END_TIME 3000000

/* Runs a listing guest with keys at places that depend on source. */
static struct log run_with_keys(struct tg_machine *machine, struct random_source *source)
{
    uint32_t code = 1;
    for (;;) {
        uint64_t time = tg_machine_position(machine).time + random_below(source, 200000);
        if (time >= END_TIME)
            break;
        uint64_t insns =
            random_chance(source, 20) ? tg_machine_position(machine).insns + 3 : TG_NO_LIMIT;
        run_until(machine, insns, time);
        for (uint32_t n = random_below(source, 3); n > 0; n--)
            ck_assert_int_eq(give_key(machine, code++ % 255 + 1), TG_OK);
    }
    run_until(machine, TG_NO_LIMIT, END_TIME);
    return saved_log(machine);
}

START_TEST(a_replay_brings_keys_at_their_times)
{
    const uint32_t periods[] = {0, 777, 100000};
    for (uint64_t seed = 0; seed < 18; seed++) {
        struct random_source source = {.state = seed};
        uint32_t cpus = 1 + (uint32_t)seed % 2, period = periods[seed % 3];
        struct tg_machine *machine = listing_machine(ENGINE, cpus, period);
        struct log log = run_with_keys(machine, &source);
        struct tg_machine *second = listing_machine(ENGINE, cpus, period);
        replay(second, &log);
        /* Without any stop on the way, and with stops for input, which a replay has no need of. */
        struct tg_run_limits limits = {.until = {TG_NO_LIMIT, END_TIME},
                                       .stop_for_input = seed % 2};
        struct tg_stop stop;
        tg_machine_run(second, &limits, &stop);
        if (stop.reason == TG_STOP_INPUT) {
            ck_assert_uint_eq(listed_count(second), listed_count(machine));
            run_until(second, TG_NO_LIMIT, END_TIME);
        }
        struct tg_error error = {""};
        ck_assert_msg(tg_machine_replay_error(second, &error) == TG_OK, "%s", error.text);
        ck_assert_uint_gt(listed_count(machine), 5);
        ck_assert_uint_eq(tg_machine_digest(machine), tg_machine_digest(second));
        free(log.text);
        tg_machine_destroy(machine);
        tg_machine_destroy(second);
    }
}
END_TEST

START_TEST(a_replay_takes_no_other_input)
{
    struct tg_machine *machine = listing_machine(ENGINE, 1, 0);
    program_run(machine, TG_NO_LIMIT);
    run_until(machine, TG_NO_LIMIT, 1000);
    give_key(machine, 1);
    program_run(machine, TG_NO_LIMIT);
    struct log log = saved_log(machine);
    tg_machine_destroy(machine);

    machine = listing_machine(ENGINE, 1, 0);
    replay(machine, &log);
    ck_assert_int_eq(give_key(machine, 2), TG_E_DIVERGED);
    ck_assert_int_eq(tg_machine_type(machine, "a", 1), TG_E_DIVERGED);
    ck_assert_int_eq(program_run(machine, TG_NO_LIMIT).reason, TG_STOP_IDLE);
    ck_assert_uint_eq(listed_count(machine), 1);
    ck_assert_int_eq(give_key(machine, 2), TG_OK); /* the log is used up */
    program_run(machine, TG_NO_LIMIT);
    ck_assert_uint_eq(listed_key(machine, 1), 2);
    free(log.text);
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(a_replay_on_another_guest_diverges)
{
    struct tg_machine *machine = listing_machine(ENGINE, 1, 0);
    run_until(machine, TG_NO_LIMIT, 5000);
    give_key(machine, 1);
    run_until(machine, TG_NO_LIMIT, 9000);
    give_key(machine, 2);
    struct log log = saved_log(machine);
    tg_machine_destroy(machine);

    machine = listing_machine(ENGINE, 1, 100);
    replay(machine, &log);
    ck_assert_int_eq(run_until(machine, TG_NO_LIMIT, 20000).reason, TG_STOP_REQUEST);
    struct tg_error error = {""};
    ck_assert_int_eq(tg_machine_replay_error(machine, &error), TG_E_DIVERGED);
    ck_assert_ptr_nonnull(strstr(error.text, "event 1 "));
    ck_assert_ptr_nonnull(strstr(error.text, "5000"));
    /* It stays so: nothing after the difference can be trusted. */
    ck_assert_int_eq(program_run(machine, TG_NO_LIMIT).reason, TG_STOP_REQUEST);
    ck_assert_int_eq(give_key(machine, 1), TG_E_DIVERGED);
    /* A log without events ends the replay. */
    const char *none = "tollgate-input-log 1\nbegin 0 0 0\nend 0 0\n";
    ck_assert_int_eq(tg_machine_replay(machine, none, strlen(none), &error), TG_OK);
    ck_assert_int_eq(tg_machine_replay_error(machine, &error), TG_OK);
    ck_assert_int_eq(give_key(machine, 1), TG_OK);
    free(log.text);
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(a_replay_can_begin_within_its_run)
{
    struct tg_machine *machine = listing_machine(ENGINE, 1, 0);
    for (uint32_t i = 1; i <= 3; i++) {
        run_until(machine, TG_NO_LIMIT, 1000 * i);
        give_key(machine, i);
    }
    run_until(machine, TG_NO_LIMIT, 4000);
    struct log log = saved_log(machine);

    /* The same run as far as the second key: the replay brings the third. */
    struct tg_machine *second = listing_machine(ENGINE, 1, 0);
    for (uint32_t i = 1; i <= 2; i++) {
        run_until(second, TG_NO_LIMIT, 1000 * i);
        give_key(second, i);
    }
    replay(second, &log);
    run_until(second, TG_NO_LIMIT, 4000);
    ck_assert_uint_eq(tg_machine_digest(machine), tg_machine_digest(second));

    /* A machine that has taken more input than the log has is at no point of it. */
    give_key(second, 4);
    struct tg_error error = {""};
    ck_assert_int_eq(tg_machine_replay(second, log.text, log.length, &error), TG_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(error.text, "not a point of that run"));
    free(log.text);
    tg_machine_destroy(machine);
    tg_machine_destroy(second);
}
END_TEST

START_TEST(a_reset_is_input_too) /* rules: RST-1 */
{
    struct tg_machine *machine = listing_machine(ENGINE, 1, 0);
    program_run(machine, TG_NO_LIMIT);
    struct tg_position before = tg_machine_position(machine);
    ck_assert_int_eq(tg_machine_input(machine, (struct tg_input){TG_INPUT_RESET, 0}), TG_OK);
    struct tg_position after = tg_machine_position(machine);
    ck_assert_uint_eq(before.time, after.time);
    ck_assert_uint_eq(before.insns, after.insns);
    struct log log = saved_log(machine);
    ck_assert_ptr_nonnull(strstr(log.text, " reset 0x00\n"));
    free(log.text);
    tg_machine_destroy(machine);
}
END_TEST

/* The machine stops as idle at the very time at which a disk write was carried out, and is reset:
 * in the replay, where nothing stops, the write must come before the reset too. */
START_TEST(what_is_due_comes_before_input) /* rules: TIM-2 */
{
    static const uint8_t disk[512];
    struct tg_machine *machines[2];
    struct log log = {NULL, 0};
    program_begin(&program, PROGRAM_START);
    program_out(&program, TG_PORT_DISK_COUNT, 1);
    program_out(&program, TG_PORT_DISK_ADDRESS, PROGRAM_START);
    program_out(&program, TG_PORT_DISK_COMMAND, 2);
    program_i(&program, TG_INSN_WFI, 0, 0, 0);
    for (int i = 0; i < 2; i++) {
        machines[i] = program_machine(&program, ENGINE, 1);
        ck_assert_int_eq(tg_machine_attach_disk(machines[i], disk, sizeof disk, NULL), TG_OK);
        if (i == 1)
            replay(machines[i], &log);
        run_until(machines[i], i == 0 ? TG_NO_LIMIT : program.count, TG_NO_LIMIT);
        if (i == 0) {
            ck_assert_uint_gt(tg_machine_position(machines[i]).time, program.count);
            tg_machine_input(machines[i], (struct tg_input){TG_INPUT_RESET, 0});
            log = saved_log(machines[i]);
        }
        run_until(machines[i], 100, 100000000); /* zeros are illegal, and the end is fatal */
        uint8_t written[4];
        ck_assert_int_eq(tg_machine_disk_read(machines[i], 0, written, 4), TG_OK);
        ck_assert_uint_eq(written[3], program.words[0] >> 24);
    }
    ck_assert_uint_eq(tg_machine_digest(machines[0]), tg_machine_digest(machines[1]));
    free(log.text);
    tg_machine_destroy(machines[0]);
    tg_machine_destroy(machines[1]);
}
END_TEST

SUITE_MAIN("input", a_key_to_an_idle_machine_is_read_at_once,
           a_key_within_a_round_waits_for_its_end, keys_keep_their_order,
           input_out_of_range_is_refused, text_is_typed_with_shift_and_control,
           every_printable_character_can_be_typed,
           text_with_a_character_that_no_key_has_types_nothing, a_replay_brings_keys_at_their_times,
           a_replay_takes_no_other_input, a_replay_on_another_guest_diverges,
           a_replay_can_begin_within_its_run, a_reset_is_input_too, what_is_due_comes_before_input)
