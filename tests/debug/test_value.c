/* Tests of emu/debug/value.h: types, locals and globals as the compiler left them, and their text.
 */
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

static void open_dwarf4(void)
{
    subject_open(&subject, SUBJECT_O2_DWARF4);
}

static void close_it(void)
{
    subject_close(&subject);
}

static void check_text(const char *expression, const char *expected)
{
    ck_assert_str_eq(text_of(&subject, expression), expected);
}

static void check_letter(const char *expression, char letter, const char *expected)
{
    struct tg_format_options options = {.letter = letter};
    ck_assert_str_eq(text_as(&subject, expression, &options), expected);
}

static void check_begins(const char *expression, const char *expected)
{
    const char *text = text_of(&subject, expression);
    ck_assert_msg(strncmp(text, expected, strlen(expected)) == 0, "%s is %s, expected %s...",
                  expression, text, expected);
}

static void check_ends(const char *expression, const char *expected)
{
    const char *text = text_of(&subject, expression);
    size_t length = strlen(text), wanted = strlen(expected);
    ck_assert_msg(length >= wanted && strcmp(text + length - wanted, expected) == 0,
                  "%s is %s, expected ...%s", expression, text, expected);
}

/* --- Globals ---------------------------------------------------------------------------------- */

START_TEST(globals_of_every_type_have_their_text)
{
    subject_run_to(&subject, "stop_here");
    check_text("counter", "41");
    check_text("file_static", "5");
    check_text("constant", "4277009102");
    check_text("wide", "-5000000000");
    check_text("real", "2.5");
    check_text("single", "-0.125");
    check_text("truth", "true");
    check_text("letter", "113 'q'");
    check_text("negative", "-3 '\\375'");
    check_text("octet", "200 '\\310'");
    check_text("numbers", "{1, 2, 3, 0 <repeats 37 times>}");
    check_text("text", "\"hello\\tworld\"");
    check_text("rights", "(READ | EXECUTE)");
    check_text("bits",
               "{first = 5, second = -7, third = 70000, is_set = true, wide = 78187493520}");
    check_text("mixed", "{word = 1069547520, bytes = \"\\000\\000\\300?\", real = 1.5}");
    check_text("word_of_assembly", "305419896");
    check_text("table_of_assembly", "{1, 2, 3}");
}
END_TEST

START_TEST(structs_show_members_strings_and_functions)
{
    subject_run_to(&subject, "stop_here");
    check_begins("first", "{next = 0x");
    check_ends("first", ", letters = \"twelveletter\", table = {{0, 0, 0}, {0, 0, 0}}}");
    check_begins("*first.next", "{next = 0x0, name = 0x");
    ck_assert_ptr_nonnull(strstr(text_of(&subject, "first"), " <last>, name = 0x"));
    ck_assert_ptr_nonnull(strstr(text_of(&subject, "first"),
                                 "\"first\", {hidden = 10, at = {x = 0, y = 0}}, "
                                 "colour = GREEN, operate = 0x"));
    ck_assert_ptr_nonnull(strstr(text_of(&subject, "first"), " <add>, letters"));
    check_text("last.table", "{{1, 2, 3}, {4, 5, 6}}");
    check_text("last.colour", "BLUE");
    check_text("(enum colour)3", "3");
    check_begins("first.operate", "(int (*)(int, int)) 0x");
    check_ends("first.operate", " <add>");
    check_begins("&first", "(struct node *) 0x");
    check_begins("add", "{int (int, int)} 0x");
    check_ends("pointer_to_text", " \"pointed to\"");
}
END_TEST

START_TEST(limits_and_letters_are_kept_to)
{
    struct tg_format_options options = {.depth = 1}, few = {.elements = 2},
                             pretty = {.is_pretty = true};
    char tiny[16];
    subject_run_to(&subject, "stop_here");
    ck_assert_ptr_nonnull(strstr(text_as(&subject, "first", &options), "{...}, colour"));
    ck_assert_str_eq(text_as(&subject, "numbers", &few), "{1, 2...}");
    ck_assert_str_eq(text_as(&subject, "text", &few), "\"he\"...");
    ck_assert_str_eq(text_as(&subject, "first.at", &pretty), "{\n  x = 0,\n  y = 0\n}");
    check_letter("counter", 'x', "0x29");
    check_letter("counter", 't', "101001");
    check_letter("counter", 'o', "051");
    check_letter("counter", 'c', "41 ')'");
    check_letter("negative", 'u', "253");
    check_letter("negative", 'x', "0xfd");
    check_letter("octet", 'd', "-56");
    check_letter("wide", 'x', "0xfffffffed5fa0e00");
    check_letter("last.table", 'x', "{{0x1, 0x2, 0x3}, {0x4, 0x5, 0x6}}");
    check_letter("(int)1069547520", 'f', "1.5");
    check_letter("letter", 's', "113 'q'");
    ck_assert_ptr_nonnull(strstr(
        text_as(&subject, "&counter", &(struct tg_format_options){.letter = 'a'}), "<counter>"));
    struct tg_value value = tg_value_of(tg_type_of(TG_PLAIN_LONG_LONG), INT64_MAX);
    tg_value_format(&subject.scope.scope, &value, NULL, tiny, sizeof tiny);
    ck_assert_str_eq(tiny, "922337203685...");
}
END_TEST

START_TEST(units_and_strings_are_shown_for_dumps)
{
    char text[64];
    const uint8_t bytes[] = {0xfe, 0xff, 0x41, 0};
    uint32_t next = 0;
    const struct tg_scope *scope = &subject.scope.scope;
    struct tg_program_symbol symbol;
    subject_run_to(&subject, "stop_here");
    tg_format_unit(scope, bytes, 2, 'x', text, sizeof text);
    ck_assert_str_eq(text, "0xfffe");
    tg_format_unit(scope, bytes, 2, 'd', text, sizeof text);
    ck_assert_str_eq(text, "-2");
    tg_format_unit(scope, bytes + 2, 1, 't', text, sizeof text);
    ck_assert_str_eq(text, "01000001");
    tg_format_unit(scope, bytes + 2, 1, 'c', text, sizeof text);
    ck_assert_str_eq(text, "65 'A'");
    ck_assert(tg_program_symbol(subject.program, "text", &symbol));
    tg_format_string(scope, symbol.address, 100, text, sizeof text, &next);
    ck_assert_str_eq(text, "\"hello\\tworld\"");
    ck_assert_uint_eq(next, symbol.address + 12);
    tg_format_address(scope, symbol.address + 4, text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, " <text+4>"));
    tg_format_string(scope, 0xfffffff0, 100, text, sizeof text, &next);
    ck_assert_str_eq(text, "<cannot read 0xfffffff0>");
}
END_TEST

/* --- Types ------------------------------------------------------------------------------------ */

static struct tg_type type_named(const char *name)
{
    struct tg_type type;
    ck_assert_msg(tg_type_by_name(subject.program, name, strlen(name), &type), "%s", name);
    return type;
}

START_TEST(types_are_known_by_their_names_in_c)
{
    struct tg_type type;
    ck_assert_uint_eq(tg_type_size(type_named("struct node")), 52);
    ck_assert_int_eq(tg_type_kind(type_named("point_t")), TG_TYPE_TYPEDEF);
    ck_assert_int_eq(tg_type_kind(tg_type_plain(type_named("point_t"))), TG_TYPE_STRUCT);
    ck_assert_uint_eq(tg_type_size(type_named("long long unsigned int")), 8);
    ck_assert_uint_eq(tg_type_size(type_named("u16")), 2);
    ck_assert(!tg_type_by_name(subject.program, "struct nothing", 14, &type));
    ck_assert(!tg_type_by_name(NULL, "point_t", 7, &type));
    ck_assert(tg_type_by_name(NULL, "uint32_t", 8, &type));
}
END_TEST

START_TEST(a_type_is_described_with_its_members)
{
    char text[1024];
    tg_type_describe(type_named("struct node"), text, sizeof text);
    ck_assert_str_eq(text, "struct node {\n"
                           "    struct node *next; /* 0 */\n"
                           "    const char *name; /* 4 */\n"
                           "    struct {...}; /* 8 */\n"
                           "    enum colour colour; /* 20 */\n"
                           "    int (*operate)(int, int); /* 24 */\n"
                           "    char letters[12]; /* 28 */\n"
                           "    short table[2][3]; /* 40 */\n"
                           "} /* 52 bytes */\n");
    tg_type_describe(type_named("enum colour"), text, sizeof text);
    ck_assert_str_eq(text,
                     "enum colour {\n    RED = 0,\n    GREEN = 1,\n    BLUE = 7,\n    DARK = -1,\n"
                     "} /* 4 bytes */\n");
    tg_type_describe(type_named("struct bits"), text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "    int second : 5; /* 0 */\n"));
}
END_TEST

START_TEST(members_of_members_without_names_are_found)
{
    struct tg_member member;
    ck_assert(tg_type_member_named(type_named("struct node"), "at", 2, &member));
    ck_assert_uint_eq(member.offset, 12);
    ck_assert(!tg_type_member_named(type_named("struct node"), "y", 1, &member));
}
END_TEST

/* --- Locals ----------------------------------------------------------------------------------- */

struct list {
    char text[1024];
};

static bool take_variable(void *context, const struct tg_variable *variable)
{
    struct list *list = context;
    char text[128];
    tg_value_format(&subject.scope.scope, &variable->value, NULL, text, sizeof text);
    char *to = list->text + strlen(list->text);
    snprintf(to, sizeof list->text - strlen(list->text), "%s%s%s%s=%s;",
             variable->is_argument ? "arg " : "", variable->block != 0 ? "inner " : "",
             variable->is_shadowed ? "shadowed " : "", variable->name, text);
    return true;
}

START_TEST(locals_and_arguments_at_o0)
{
    subject_run_to(&subject, "stop_here");
    subject_run_to(&subject, "stop_here");
    subject_select(&subject, "locals");
    check_text("argument", "21");
    check_text("local", "42");
    check_text("point", "{x = 3, y = -4}");
    check_text("copy.y", "-4");
    check_ends("word", " \"word\"");
    check_text("shadow", "-2");
    struct list list = {""};
    tg_scope_variables(&subject.scope.scope, take_variable, &list);
    ck_assert_ptr_nonnull(strstr(list.text, "arg argument=21;arg word=0x"));
    ck_assert_ptr_nonnull(
        strstr(list.text, "local=42;copy={x = 3, y = -4};shadowed shadow=1;inner shadow=-2;"));
    subject_select(&subject, "main");
    check_text("result", "101");
    check_text("point", "{x = 3, y = -4}");
}
END_TEST

START_TEST(locals_at_o2_are_found_or_said_to_be_gone)
{
    subject_run_to(&subject, "stop_here");
    subject_run_to(&subject, "stop_here");
    subject_select(&subject, "locals");
    check_text("local", "42");
    check_text("shadow", "-2");
    check_text("copy.y", "-4");
    struct list list = {""};
    tg_scope_variables(&subject.scope.scope, take_variable, &list);
    ck_assert_ptr_nonnull(strstr(list.text, "arg argument="));
    ck_assert_ptr_nonnull(strstr(list.text, "shadowed shadow=1;"));
    /* nothing that is shown is wrong: what is not known says so */
    ck_assert(strstr(list.text, "arg argument=21;") != NULL ||
              strstr(list.text, "arg argument=<optimised out>;") != NULL);
}
END_TEST

START_TEST(constants_of_64_bits_are_whole)
{
    subject_run_to(&subject, "constants");
    subject_run_to(&subject, "stop_here");
    subject_run_to(&subject, "stop_here");
    subject_select(&subject, "constants");
    check_text("large", "1099511627776");
    check_text("minus", "-7");
}
END_TEST

START_TEST(arguments_at_a_functions_begin_are_right)
{
    subject_run_to(&subject, "add");
    check_text("a", "0");
    check_text("b", "0");
    subject_run_to(&subject, "add");
    check_text("a", "1");
    check_text("b", "0");
    subject_run_to(&subject, "add");
    check_text("a", "2");
    check_text("b", "1");
}
END_TEST

START_TEST(statics_of_functions_are_found_inside_and_by_name)
{
    subject_run_to(&subject, "stop_here");
    check_text("statics::calls", "101");
    check_text("subject.c::file_static", "5");
    check_text("'subject.c'::file_static", "5");
    subject_select(&subject, "statics");
    check_text("calls", "101");
    subject_select(&subject, "main");
    check_begins("calls", "column 1: there is no variable, symbol or register \"calls\"");
}
END_TEST

START_TEST(inlined_functions_have_variables_of_their_own)
{
    subject_run_to(&subject, "squared");
    ck_assert(subject.frame.is_inlined);
    ck_assert_str_eq(subject.frame.function, "squared");
    check_text("number", "6");
    subject_select(&subject, "sum_of_squares");
    check_text("left", "6");
    subject_select(&subject, "inlines");
    check_text("number", "6");
    check_begins("left", "column 1: there is no variable");
    check_begins("squared", "column 1: \"squared\" has no address here: every use of it is inlined");
}
END_TEST

static TCase *cases_of(const char *name, void (*open)(void))
{
    TCase *tests = tcase_create(name);
    tcase_add_checked_fixture(tests, open, close_it);
    tcase_add_test(tests, globals_of_every_type_have_their_text);
    tcase_add_test(tests, structs_show_members_strings_and_functions);
    tcase_add_test(tests, limits_and_letters_are_kept_to);
    tcase_add_test(tests, units_and_strings_are_shown_for_dumps);
    tcase_add_test(tests, types_are_known_by_their_names_in_c);
    tcase_add_test(tests, a_type_is_described_with_its_members);
    tcase_add_test(tests, members_of_members_without_names_are_found);
    tcase_add_test(tests, constants_of_64_bits_are_whole);
    tcase_add_test(tests, arguments_at_a_functions_begin_are_right);
    tcase_add_test(tests, statics_of_functions_are_found_inside_and_by_name);
    tcase_add_test(tests, inlined_functions_have_variables_of_their_own);
    if (open == open_o0)
        tcase_add_test(tests, locals_and_arguments_at_o0);
    else
        tcase_add_test(tests, locals_at_o2_are_found_or_said_to_be_gone);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("debug/value");
    suite_add_tcase(suite, cases_of("O0", open_o0));
    suite_add_tcase(suite, cases_of("O2", open_o2));
    suite_add_tcase(suite, cases_of("O2 with DWARF 4", open_dwarf4));
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
