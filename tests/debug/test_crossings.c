/*
 * Backtraces of Turnpike, kernel, services and programs, sampled through a whole run: from wherever
 * the CPU is out to the first function of the program that is served. The build says by its
 * environment where the files are.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "subject.h"

#define STEP         1999 /* instructions from one sample to the next */
#define MAX_PROGRAMS 16

static struct tg_machine *machine;
static struct tg_program *kernel, *programs[MAX_PROGRAMS];
static size_t program_count;

static const char *path_of(const char *folder, const char *name)
{
    static char path[1024];
    const char *value = getenv(folder);
    ck_assert_msg(value != NULL, "the environment does not say %s", folder);
    snprintf(path, sizeof path, "%s%s%s", value, name[0] != '\0' ? "/" : "", name);
    return path;
}

static void open_all(void)
{
    static const char *const users[] = {"init.elf", "sh.elf", "cat.elf"};
    static const char *const servers[] = {"disk",    "fs",      "memory", "name",
                                          "process", "restart", "sound",  "tty"};
    kernel = open_program(path_of("TG_KERNEL", ""));
    program_count = 0;
    for (size_t i = 0; i < sizeof users / sizeof *users; i++)
        programs[program_count++] = open_program(path_of("TG_PROGRAMS", users[i]));
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s.server.elf", servers[i]);
        programs[program_count++] = open_program(path_of("TG_SERVERS", name));
    }
}

static void close_all(void)
{
    for (size_t i = 0; i < program_count; i++)
        tg_program_close(programs[i]);
    tg_program_close(kernel);
    tg_machine_destroy(machine);
}

static void boot(const char *words)
{
    struct tg_config config = {.boot_words = words};
    struct tg_error error;
    size_t size;
    void *bytes = read_file(path_of("TG_KERNEL", ""), &size);
    ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, &error), TG_OK);
    ck_assert_int_eq(tg_machine_load_image(machine, bytes, size, &error), TG_OK);
    free(bytes);
    bytes = read_file(path_of("TG_DISK", ""), &size);
    ck_assert_int_eq(tg_machine_attach_disk(machine, bytes, size, &error), TG_OK);
    free(bytes);
}

/* --- Samples
 * ----------------------------------------------------------------------------------------- */

struct tally {
    unsigned samples, outside, whole,
        damaged;           /* outside: begun outside ring 0, in a known program */
    unsigned crossings[4]; /* by ring: from ring 0 through an entry frame out to a first function
                              there */
    unsigned named_main;   /* of those to ring 3 that passed main */
};

/* The program whose code is in the address space. */
static struct tg_program *program_here(const struct tg_machine_source *source)
{
    struct tg_memory memory = {source->source.context, source->source.read_memory};
    for (size_t i = 0; i < program_count; i++)
        if (tg_program_matches(programs[i], &memory, NULL) == TG_MATCH_SAME)
            return programs[i];
    return NULL;
}

static void take_sample(struct tally *tally)
{
    struct tg_machine_source source = {.machine = machine, .kernel = kernel};
    struct tg_frame frame;
    enum tg_unwind_end end;
    bool has_entry = false, has_main = false;
    char path[2048] = "";
    tg_unwind_machine(&source);
    source.user = program_here(&source);
    tg_unwind_first(&source.source, &frame);
    uint32_t ring = frame.ring;
    bool is_known = ring != 0 && frame.program != NULL;
    do {
        const char *name = frame.function != NULL ? frame.function : "?";
        size_t used = strlen(path);
        snprintf(path + used, sizeof path - used, " %s", name);
        has_entry = has_entry || (frame.rule == TG_FRAME_ENTRY && frame.ring != 0);
        has_main = has_main || strcmp(name, "main") == 0;
    } while ((end = tg_unwind_outer(&source.source, &frame, &frame)) == TG_UNWIND_MORE);
    /* a switch between tasks is the one place of a program that has no way back */
    bool is_switch = strncmp(path, " task_switch", 12) == 0;
    ck_assert_msg(!is_known || end == TG_UNWIND_OUTERMOST || is_switch, "ring %u:%s: %s", ring,
                  path, tg_unwind_end_text(end));
    tally->samples++;
    tally->outside += is_known;
    tally->whole += end == TG_UNWIND_OUTERMOST;
    tally->damaged += end != TG_UNWIND_OUTERMOST && end != TG_UNWIND_NO_RULE;
    if (ring == 0 && has_entry && end == TG_UNWIND_OUTERMOST) {
        tally->crossings[frame.ring & 3]++;
        tally->named_main += has_main;
    }
}

static struct tally sample_run(void)
{
    struct tally tally = {0};
    struct tg_stop stop;
    for (uint64_t at = STEP;; at += STEP) {
        struct tg_run_limits limits = {.until = {at, TG_NO_LIMIT}};
        tg_machine_run(machine, &limits, &stop);
        if (stop.reason != TG_STOP_LIMIT)
            break;
        take_sample(&tally);
    }
    ck_assert_int_eq(stop.reason, TG_STOP_POWER_OFF);
    return tally;
}

/* While processes are switched the stack is nobody's for some instructions. */
static void check_damaged(const struct tally *tally)
{
    ck_assert_msg(tally->damaged * 100 <= tally->samples, "%u of %u samples end in the middle",
                  tally->damaged, tally->samples);
}

START_TEST(backtraces_lead_from_services_in_the_kernel_to_the_program)
{
    boot("services=kernel run=\"cat motd\"");
    struct tally tally = sample_run();
    ck_assert_uint_ge(tally.outside, 1);
    ck_assert_uint_ge(tally.crossings[3], 5);
    ck_assert_uint_ge(tally.named_main, 3);
    check_damaged(&tally);
}
END_TEST

START_TEST(backtraces_lead_from_the_kernel_to_servers_and_drivers)
{
    boot("services=server run=\"cat motd\"");
    struct tally tally = sample_run();
    ck_assert_uint_ge(tally.outside, 30);
    ck_assert_uint_ge(tally.crossings[1], 5);
    ck_assert_uint_ge(tally.crossings[2], 5);
    ck_assert_uint_ge(tally.crossings[3], 1);
    check_damaged(&tally);
}
END_TEST

/* --- One crossing in detail
 * -------------------------------------------------------------------------------- */

static bool stop_at(void *context, uint32_t cpu, uint32_t pc)
{
    (void)context;
    (void)cpu;
    (void)pc;
    return true;
}

static void run_to(const char *place)
{
    struct tg_location location;
    struct tg_error error = {""};
    struct tg_run_limits limits = {.until = {TG_NO_LIMIT, TG_NO_LIMIT}};
    struct tg_stop stop;
    ck_assert_msg(tg_program_locate(kernel, place, 0, &location, 1, &error) == 1, "%s", error.text);
    struct tg_points points = {.breaks = &location.address, .break_count = 1, .reached = stop_at};
    ck_assert_int_eq(tg_machine_set_points(machine, &points), TG_OK);
    tg_machine_run(machine, &limits, &stop);
    ck_assert_int_eq(stop.reason, TG_STOP_POINT);
}

START_TEST(an_entry_frame_says_why_the_kernel_was_entered)
{
    struct tg_frame frame;
    struct tg_machine_source source = {.kernel = kernel};
    boot("services=kernel run=\"cat motd\"");
    source.machine = machine;
    run_to("terminal_output_write");
    tg_unwind_machine(&source);
    source.user = program_here(&source);
    ck_assert_ptr_nonnull(source.user);
    tg_unwind_first(&source.source, &frame);
    ck_assert_str_eq(frame.function, "terminal_output_write");
    while (frame.rule != TG_FRAME_ENTRY)
        ck_assert_int_eq(tg_unwind_outer(&source.source, &frame, &frame), TG_UNWIND_MORE);
    ck_assert_int_eq(frame.entry_kind, TG_ENTRY_TRAP);
    ck_assert_uint_eq(frame.vector, 64);
    ck_assert_uint_eq(frame.ring, 3);
    ck_assert(frame.program == source.user);
    /* registers of the program that the stub saved: a7 has the number of the call */
    ck_assert((frame.known >> 17 & 1) != 0 && (frame.known >> 1 & 1) != 0);
    struct tg_frame_scope scope;
    struct tg_expression *expression;
    bool is_small = false;
    tg_scope_of_frame(&source.source, &frame, &kernel, 1, &scope);
    ck_assert_int_eq(tg_expression_compile("$a7 < 100 && k_processes[0].frame.sp != 1", 41,
                                           &scope.scope, &expression, NULL),
                     TG_OK);
    ck_assert_int_eq(tg_expression_test(expression, &scope.scope, &is_small, NULL), TG_OK);
    ck_assert(is_small);
    tg_expression_destroy(expression);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("debug/crossings");
    TCase *tests = tcase_create("turnpike");
    tcase_add_checked_fixture(tests, open_all, close_all);
    tcase_add_test(tests, backtraces_lead_from_services_in_the_kernel_to_the_program);
    tcase_add_test(tests, backtraces_lead_from_the_kernel_to_servers_and_drivers);
    tcase_add_test(tests, an_entry_frame_says_why_the_kernel_was_entered);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
