/*
 * Why a CPU is where it is: open entries and what they are about, on Turnpike in every arrangement and without a table; and what
 * may look like a frame and is none.
 */
#include "debug/why.h"

#include <stdlib.h>
#include <string.h>

#include "turnpike.h"

#define MOST 40000000

static struct tg_why why;
static char text[TG_WHY_BYTES];

static void ask(uint32_t cpu)
{
    ck_assert_int_eq(tg_why(turnpike.machine, turnpike.guest, cpu, &why), TG_OK);
    tg_why_text(turnpike.machine, &why, NULL, text);
    ck_assert_uint_ge(why.count, 1);
    ck_assert_int_eq(why.steps[0].kind, TG_WHY_HERE);
}

/* The first step of that kind about processes of these names (NULL: any); fails if there is none. */
static const struct tg_why_step *find(enum tg_why_kind kind, const char *process, const char *other)
{
    for (size_t i = 0; i < why.count; i++) {
        const struct tg_why_step *step = &why.steps[i];

        if (step->kind == kind && (process == NULL || strcmp(step->process.name, process) == 0) &&
            (other == NULL || strcmp(step->other.name, other) == 0))
            return step;
    }
    return NULL;
}

/* --- Turnpike --------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *words;
    bool is_server;
} arrangements[] = {{"", false}, {"services=server", true}, {"fs=server disk=server", true}};
#define ARRANGEMENTS ((int)(sizeof arrangements / sizeof arrangements[0]))

static uint32_t wanted_vector;
static const char *wanted_call, *wanted_process;
static struct tg_entry_event event_seen;

static void take_entry(void *context, const struct tg_entry_event *event)
{
    struct tg_guest_process process;
    struct tg_guest_call call;

    (void)context;
    if (event->vector != wanted_vector)
        return;
    if (wanted_call != NULL && (!tg_guest_call_at(turnpike.guest, event, &call) || call.name == NULL ||
                                strcmp(call.name, wanted_call) != 0))
        return;
    if (wanted_process != NULL && (!tg_guest_current(turnpike.guest, event->cpu, &process) ||
                                   strcmp(process.name, wanted_process) != 0))
        return;
    event_seen = *event;
    tg_machine_request_stop(turnpike.machine);
}

/* Runs to an entry: the machine may go on for some instructions behind it. */
static void run_to(uint32_t vector, const char *call, const char *process)
{
    const struct tg_observer observer = {.entry = take_entry};

    wanted_vector = vector;
    wanted_call = call;
    wanted_process = process;
    event_seen = (struct tg_entry_event){0};
    ck_assert_int_eq(tg_machine_observe(turnpike.machine, &observer), TG_OK);
    for (unsigned i = 0; event_seen.frame == 0 && i < 100000; i++)
        turnpike_run(101); /* short: to be near */
    tg_machine_unobserve(turnpike.machine, &observer);
    ck_assert_msg(event_seen.frame != 0, "no such entry: %s", turnpike.console);
}

START_TEST(a_call_is_why_a_cpu_is_in_ring_0)
{
    const struct tg_why_step *step;

    turnpike_boot(arrangements[_i].words, 1);
    ck_assert_int_eq(tg_machine_type(turnpike.machine, "cat etc/motd\n", 13), TG_OK);
    run_to(64, "open", "cat");
    ask(0);
    step = find(TG_WHY_ENTRY, "cat", NULL);
    ck_assert_msg(step != NULL, "%s", text);
    ck_assert_int_eq(step->entry_kind, TG_ENTRY_TRAP);
    ck_assert_uint_eq(step->vector, 64);
    ck_assert_uint_eq(step->ring, 3);
    ck_assert_uint_eq(step->pc, event_seen.saved_pc);
    ck_assert_uint_eq(step->frame, event_seen.frame);
    ck_assert_str_eq(step->call_name, "open");
    ck_assert_ptr_nonnull(strstr(text, "cat (pid 3) executed trap 64 in ring 3 before "));
    turnpike_end();
}
END_TEST

/* What the hardware shows of the same moment. */
START_TEST(without_a_table_the_frames_are_told)
{
    turnpike_boot("", 1);
    ck_assert_int_eq(tg_machine_type(turnpike.machine, "cat etc/motd\n", 13), TG_OK);
    run_to(64, "open", "cat");
    ck_assert_int_eq(tg_why(turnpike.machine, NULL, 0, &why), TG_OK);
    tg_why_text(turnpike.machine, &why, NULL, text);
    ck_assert_uint_eq(why.count, 2);
    ck_assert_int_eq(why.steps[1].kind, TG_WHY_ENTRY);
    ck_assert_uint_eq(why.steps[1].pc, event_seen.saved_pc);
    ck_assert_int_eq(why.steps[1].call, -1);
    ck_assert(!why.steps[1].has_process);
    ck_assert_ptr_nonnull(strstr(text, "the program executed trap 64 in ring 3 before "));
    turnpike_end();
}
END_TEST

START_TEST(the_interrupt_of_a_disk_leads_back_to_who_reads)
{
    const struct tg_why_step *step;

    turnpike_boot(arrangements[_i].words, 1);
    ck_assert_int_eq(tg_machine_type(turnpike.machine, "cat doc/isa.md\n", 15), TG_OK);
    run_to(64, "read", "cat");
    run_to(32 + 14, NULL, NULL);
    ask(0);
    step = find(TG_WHY_ENTRY, NULL, NULL);
    ck_assert_msg(step != NULL && step->entry_kind == TG_ENTRY_INTERRUPT && step->vector == 46, "%s", text);
    step = find(TG_WHY_DRIVES, "disk", NULL);
    ck_assert_msg(step != NULL && step->source == 14, "%s", text);
    step = find(TG_WHY_WORKS, "disk", "fs");
    ck_assert_msg(step != NULL && strcmp(step->call_name, "disk_read") == 0, "%s", text);
    step = find(TG_WHY_WORKS, "fs", "cat");
    ck_assert_msg(step != NULL && strcmp(step->call_name, "read") == 0, "%s", text);
    step = find(TG_WHY_ENTRY, "cat", NULL);
    ck_assert_msg(step != NULL && step->ring == 3 && strcmp(step->call_name, "read") == 0, "%s", text);
    ck_assert(step->has_arguments && step->arguments[0] == 3);
    turnpike_end();
}
END_TEST

static bool is_disk_running(void)
{
    struct tg_guest_process process;
    struct tg_cpu_view cpu;

    tg_machine_cpu(turnpike.machine, 0, &cpu);
    return (cpu.creg[TG_CR_STATUS] & TG_STATUS_RING) == 1 && tg_guest_current(turnpike.guest, 0, &process) &&
           strcmp(process.name, "disk") == 0;
}

START_TEST(a_server_runs_for_those_whose_requests_it_has)
{
    turnpike_boot("services=server", 1);
    ck_assert_int_eq(tg_machine_type(turnpike.machine, "cat doc/isa.md\n", 15), TG_OK);
    run_to(64, "read", "cat");
    turnpike_until(is_disk_running, 11, MOST);
    ask(0);
    ck_assert_uint_eq(why.steps[0].ring, 1);
    ck_assert_msg(find(TG_WHY_WORKS, "disk", "fs") != NULL && find(TG_WHY_WORKS, "fs", "cat") != NULL &&
                      find(TG_WHY_ENTRY, "cat", NULL) != NULL,
                  "%s", text);
    ck_assert_ptr_nonnull(strstr(text, "disk (a server, ring 1) has heard of disk_read("));
    turnpike_end();
}
END_TEST

START_TEST(a_key_is_why_a_program_was_interrupted)
{
    const struct tg_why_step *step;
    struct tg_guest_process process;

    turnpike_boot(arrangements[_i].words, 1);
    ck_assert_int_eq(tg_machine_type(turnpike.machine, "cat doc/isa.md | wc\n", 20), TG_OK);
    turnpike_run(300000);
    ck_assert_int_eq(tg_machine_type(turnpike.machine, "x", 1), TG_OK);
    run_to(32 + 2, NULL, NULL);
    ask(0);
    step = find(TG_WHY_ENTRY, NULL, NULL);
    ck_assert_msg(step != NULL && step->entry_kind == TG_ENTRY_INTERRUPT && step->vector == 34, "%s", text);
    ck_assert_uint_eq(step->pc, event_seen.saved_pc);
    ck_assert_int_eq(step->has_process, event_seen.from_ring != 0);
    ck_assert(step->has_process == tg_guest_current(turnpike.guest, 0, &process));
    ck_assert_msg(find(TG_WHY_DRIVES, "tty", NULL) != NULL, "%s", text);
    ck_assert_ptr_nonnull(strstr(text, "interrupt 34 (source 2, keyboard) came while "));
    turnpike_end();
}
END_TEST

START_TEST(an_idle_cpu_has_no_open_entry)
{
    turnpike_boot("", 2);
    for (uint32_t cpu = 0; cpu < 2; cpu++) {
        ask(cpu);
        ck_assert_uint_eq(why.count, 1);
        ck_assert(why.steps[0].is_waiting && !why.steps[0].has_process);
        ck_assert_ptr_nonnull(strstr(text, "no entry is open: nothing is to be done here"));
    }
    ck_assert_int_eq(tg_why(turnpike.machine, turnpike.guest, 2, &why), TG_E_ARGUMENT);
    turnpike_end();
}
END_TEST

/* At any moment of a busy system: as many entries as the rings say, and never a deadlock where there is none. */
START_TEST(every_moment_has_its_reasons)
{
    turnpike_boot(arrangements[_i].words, 1);
    ck_assert_int_eq(tg_machine_type(turnpike.machine, "cat doc/isa.md | cat | wc\n", 26), TG_OK);
    for (unsigned i = 0; i < 600; i++) {
        turnpike_run(1009);
        ask(0);
        ck_assert_msg(find(TG_WHY_STUCK, NULL, NULL) == NULL, "%s", text);
        if (why.steps[0].ring == 3)
            ck_assert_msg(why.count == 1, "%s", text);
        if (why.steps[0].ring == 0 && !why.steps[0].is_waiting)
            ck_assert_msg(find(TG_WHY_ENTRY, NULL, NULL) != NULL || find(TG_WHY_MADE, NULL, NULL) != NULL, "%s", text);
    }
    turnpike_end();
}
END_TEST

/* --- Frames by hand ---------------------------------------------------------------------------------------------------- */

#define STACK 0x8000u
#define CODE  0x2000u

static struct tg_machine *machine;

static void put(uint32_t paddr, uint32_t word)
{
    const uint8_t bytes[] = {(uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16), (uint8_t)(word >> 24)};

    ck_assert_int_eq(tg_machine_ram_write(machine, paddr, bytes, sizeof bytes), TG_OK);
}

static void put_frame(uint32_t at, uint32_t vector, uint32_t pc, uint32_t status, uint32_t sp)
{
    const uint32_t words[] = {vector, 0, 0, pc, status, sp};

    for (uint32_t i = 0; i < 6; i++)
        put(at + 4 * i, words[i]);
}

/* A machine in ring 0 at CODE, with a stack that ends at STACK. */
static void by_hand(uint32_t sp)
{
    const struct tg_config config = {.ram_bytes = 1 << 16};

    ck_assert_int_eq(tg_machine_create(&config, NULL, &machine, NULL), TG_OK);
    ck_assert_int_eq(tg_machine_set_register(machine, 0, 2, sp), TG_OK);
    ck_assert_int_eq(tg_machine_set_pc(machine, 0, CODE), TG_OK);
    ck_assert_int_eq(tg_machine_set_creg(machine, 0, TG_CR_SP0, STACK), TG_OK);
    put(CODE - 4, tg_word_i(TG_INSN_TRAP, 0, 0, 7));
}

START_TEST(nested_entries_are_found_innermost_first)
{
    by_hand(STACK - 256);
    put_frame(STACK - 32, 2 << 8 | 7, CODE, 3, 0x5000);             /* trap 7 from ring 3 */
    put_frame(STACK - 128, 1 << 8 | 34, CODE + 8, 0x10, STACK - 96); /* then an interrupt in ring 0 */
    ck_assert_int_eq(tg_why(machine, NULL, 0, &why), TG_OK);
    ck_assert_uint_eq(why.count, 3);
    ck_assert_uint_eq(why.steps[1].vector, 34);
    ck_assert_uint_eq(why.steps[1].pc, CODE + 8);
    ck_assert_uint_eq(why.steps[2].vector, 7);
    ck_assert_uint_eq(why.steps[2].ring, 3);
    tg_why_text(machine, &why, NULL, text);
    ck_assert_ptr_nonnull(strstr(text, "interrupt 34 (source 2, keyboard) came while the kernel ran in ring 0"));
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(what_no_cpu_pushed_is_no_entry)
{
    by_hand(STACK - 256);
    put_frame(STACK - 128, 1 << 8 | 34, CODE, 0, STACK - 32); /* its sp does not lead back to it */
    put_frame(STACK - 160, 3 << 8 | 34, CODE, 0, STACK - 128); /* no such kind */
    put_frame(STACK - 192, 31, CODE, 0, STACK - 160);          /* no such exception */
    put_frame(STACK - 224, 1 << 8 | 34, CODE, 4, STACK - 192); /* no such status */
    put_frame(STACK - 32, 2 << 8 | 8, CODE, 3, 0);             /* no `trap 8` stands there */
    ck_assert_int_eq(tg_why(machine, NULL, 0, &why), TG_OK);
    ck_assert_uint_eq(why.count, 2);
    ck_assert_int_eq(why.steps[1].kind, TG_WHY_MADE);
    put_frame(STACK - 32, 2 << 8 | 7, CODE + 2, 3, 0);
    ck_assert_int_eq(tg_why(machine, NULL, 0, &why), TG_OK);
    ck_assert_uint_eq(why.count, 1);
    tg_machine_destroy(machine);
}
END_TEST

START_TEST(an_empty_stack_has_no_entry)
{
    by_hand(STACK);
    put_frame(STACK - 32, 2 << 8 | 7, CODE, 3, 0x5000); /* of an entry that was returned from */
    ck_assert_int_eq(tg_why(machine, NULL, 0, &why), TG_OK);
    ck_assert_uint_eq(why.count, 1);
    tg_machine_destroy(machine);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("why");
    TCase *tests = tcase_create("why");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, a_call_is_why_a_cpu_is_in_ring_0, 0, ARRANGEMENTS);
    tcase_add_test(tests, without_a_table_the_frames_are_told);
    tcase_add_loop_test(tests, the_interrupt_of_a_disk_leads_back_to_who_reads, 0, ARRANGEMENTS);
    tcase_add_test(tests, a_server_runs_for_those_whose_requests_it_has);
    tcase_add_loop_test(tests, a_key_is_why_a_program_was_interrupted, 0, ARRANGEMENTS);
    tcase_add_test(tests, an_idle_cpu_has_no_open_entry);
    tcase_add_loop_test(tests, every_moment_has_its_reasons, 0, ARRANGEMENTS);
    tcase_add_test(tests, nested_entries_are_found_innermost_first);
    tcase_add_test(tests, what_no_cpu_pushed_is_no_entry);
    tcase_add_test(tests, an_empty_stack_has_no_entry);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
