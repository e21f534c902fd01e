/* Tests of emu/debug/unwind.h: backtraces through C, assembly and entries, at every instruction. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "subject.h"

static struct subject subject;

static void open_o0(void)
{
    subject_open(&subject, SUBJECT_O0);
}

static void open_o2(void)
{
    subject_open(&subject, SUBJECT_O2);
}

static void close_it(void)
{
    subject_close(&subject);
}

/* The functions of all frames from the innermost on, "[...]" around inlined ones. */
static const char *names_of_frames(enum tg_unwind_end *ret_end)
{
    static char text[8192];
    struct tg_frame frame;
    size_t used = 0;
    text[0] = '\0';
    tg_unwind_machine(&subject.source);
    tg_unwind_first(&subject.source.source, &frame);
    do
        used +=
            (size_t)snprintf(text + used, sizeof text - used, frame.is_inlined ? "%s[%s]" : "%s%s",
                             used != 0 ? " " : "", frame.function != NULL ? frame.function : "?");
    while ((*ret_end = tg_unwind_outer(&subject.source.source, &frame, &frame)) == TG_UNWIND_MORE &&
           used + 300 < sizeof text);
    return text;
}

static void check_frames(const char *expected)
{
    enum tg_unwind_end end;
    ck_assert_str_eq(names_of_frames(&end), expected);
    ck_assert_int_eq(end, TG_UNWIND_OUTERMOST);
}

START_TEST(calls_are_seen_from_the_innermost_to_the_first)
{
    subject_run_to(&subject, "stop_here");
    check_frames("stop_here statics main tg_start_c _start");
    subject_run_to(&subject, "stop_here");
    check_frames("stop_here locals main tg_start_c _start");
    subject_run_to(&subject, "stop_here");
    check_frames(
        "stop_here recursive recursive recursive recursive recursive main tg_start_c _start");
}
END_TEST

START_TEST(each_frame_has_its_line_and_registers)
{
    unsigned depth = 0;
    for (unsigned i = 0; i < 3; i++)
        subject_run_to(&subject, "stop_here");
    subject_select(&subject, "recursive");
    ck_assert_uint_eq(subject.frame.line, line_of(SUBJECT_SOURCE, "line: bottom"));
    for (; strcmp(subject.frame.function, "recursive") == 0; depth++) {
        char expected[16];
        snprintf(expected, sizeof expected, "%u", depth);
        const char *text = text_of(&subject, "depth");
        ck_assert_msg(strcmp(text, expected) == 0 ||
                          (depth == 0 && strcmp(text, "<optimised out>") == 0),
                      "depth is %s in frame %u", text, subject.frame.number);
        if (depth != 0)
            ck_assert_uint_eq(subject.frame.line, line_of(SUBJECT_SOURCE, "line: recursive"));
        ck_assert(subject_up(&subject));
    }
    ck_assert_uint_eq(depth, 5);
    ck_assert_str_eq(subject.frame.function, "main");
    ck_assert_int_eq(subject.frame.rule, TG_FRAME_CFI);
    ck_assert(!subject.frame.is_guess);
}
END_TEST

START_TEST(inlined_functions_are_frames_of_their_own)
{
    subject_run_to(&subject, "squared");
    check_frames("[squared] [sum_of_squares] inlines main tg_start_c _start");
    subject_select(&subject, "sum_of_squares");
    ck_assert_uint_eq(subject.frame.line, line_of(SUBJECT_SOURCE, "line: squares"));
    ck_assert_int_eq(subject.frame.rule, TG_FRAME_INLINED);
    subject_select(&subject, "inlines");
    ck_assert_uint_eq(subject.frame.line, line_of(SUBJECT_SOURCE, "line: inlines"));
    ck_assert(!subject.frame.is_inlined);
}
END_TEST

START_TEST(assembly_with_a_frame_is_followed)
{
    for (unsigned i = 0; i < 5; i++)
        subject_run_to(&subject, "stop_here");
    check_frames("stop_here statics in_assembly main tg_start_c _start");
    subject_select(&subject, "in_assembly");
    ck_assert_uint_eq(subject.frame.line, line_of(SUBJECT_ASSEMBLY, "line: call"));
    ck_assert(subject_up(&subject));
    ck_assert_int_eq(subject.frame.rule, TG_FRAME_RETURN);
    ck_assert(subject.frame.is_guess);
    ck_assert_uint_eq(subject.frame.line, line_of(SUBJECT_SOURCE, "line: assembly"));
    ck_assert_str_ne(text_of(&subject, "$s1"), "<optimised out>");
}
END_TEST

/* Prologues, epilogues and the middle of everything. */
START_TEST(main_is_found_from_every_instruction_below_it)
{
    static const char tail[] = "main tg_start_c _start";
    unsigned steps = 0;
    subject_run_to(&subject, "main");
    ck_assert_int_eq(tg_machine_set_points(subject.machine, NULL), TG_OK);
    for (;; steps++) {
        struct tg_run_limits limits = {
            .until = {tg_machine_position(subject.machine).insns + 1, TG_NO_LIMIT}};
        struct tg_stop stop;
        enum tg_unwind_end end;
        tg_machine_run(subject.machine, &limits, &stop);
        ck_assert_int_eq(stop.reason, TG_STOP_LIMIT);
        const char *text = names_of_frames(&end);
        size_t length = strlen(text);
        if (strncmp(text, "tg_start_c", 10) == 0)
            break; /* main has returned */
        ck_assert_msg(length >= sizeof tail - 1 &&
                          strcmp(text + length - (sizeof tail - 1), tail) == 0 &&
                          end == TG_UNWIND_OUTERMOST,
                      "after %u instructions at 0x%x: %s (%s)", steps, subject.source.source.pc,
                      text, tg_unwind_end_text(end));
    }
    ck_assert_uint_gt(steps, 150);
}
END_TEST

START_TEST(a_damaged_stack_ends_the_backtrace_with_a_reason)
{
    enum tg_unwind_end end;
    for (unsigned i = 0; i < 3; i++)
        subject_run_to(&subject, "stop_here"); /* the third one is called by recursive */
    uint32_t sp = subject.source.source.x[2];
    uint8_t garbage[64];
    memset(garbage, 0x54, sizeof garbage);
    ck_assert_int_eq(tg_machine_ram_write(subject.machine, sp, garbage, sizeof garbage), TG_OK);
    names_of_frames(&end);
    ck_assert_int_ne(end, TG_UNWIND_MORE);
    ck_assert_int_ne(end, TG_UNWIND_OUTERMOST);
    ck_assert_ptr_nonnull(tg_unwind_end_text(end));
    subject.source.source.x[2] = 0xfffffff0; /* sp outside memory */
    struct tg_frame frame;
    tg_unwind_first(&subject.source.source, &frame);
    for (end = TG_UNWIND_MORE; end == TG_UNWIND_MORE;)
        end = tg_unwind_outer(&subject.source.source, &frame, &frame);
    ck_assert_ptr_nonnull(tg_unwind_end_text(end));
}
END_TEST

START_TEST(frames_without_a_program_have_no_names)
{
    subject_run_to(&subject, "stop_here");
    subject.source.kernel = NULL;
    tg_unwind_machine(&subject.source);
    struct tg_frame frame;
    tg_unwind_first(&subject.source.source, &frame);
    ck_assert_ptr_null(frame.function);
    ck_assert_ptr_null(frame.program);
    /* at a function's begin the return address is in ra: that much is certain */
    enum tg_unwind_end end = tg_unwind_outer(&subject.source.source, &frame, &frame);
    ck_assert(end == TG_UNWIND_MORE || end == TG_UNWIND_NO_RULE);
}
END_TEST

static TCase *cases_of(const char *name, void (*open)(void))
{
    TCase *tests = tcase_create(name);
    tcase_add_checked_fixture(tests, open, close_it);
    tcase_add_test(tests, calls_are_seen_from_the_innermost_to_the_first);
    tcase_add_test(tests, each_frame_has_its_line_and_registers);
    tcase_add_test(tests, inlined_functions_are_frames_of_their_own);
    tcase_add_test(tests, assembly_with_a_frame_is_followed);
    tcase_add_test(tests, main_is_found_from_every_instruction_below_it);
    tcase_add_test(tests, a_damaged_stack_ends_the_backtrace_with_a_reason);
    tcase_add_test(tests, frames_without_a_program_have_no_names);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("debug/unwind");
    suite_add_tcase(suite, cases_of("O0", open_o0));
    suite_add_tcase(suite, cases_of("O2", open_o2));
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
