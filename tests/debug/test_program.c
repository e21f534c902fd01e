/* Tests of emu/debug/program.h: symbols, lines, functions, places, sources, comparing with memory.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "subject.h"

static struct tg_program *program;

static void open_o0(void)
{
    program = open_program(SUBJECT_O0);
}

static void open_o2(void)
{
    program = open_program(SUBJECT_O2);
}

static void close_it(void)
{
    tg_program_close(program);
}

static struct tg_program_symbol symbol_named(const char *name)
{
    struct tg_program_symbol symbol = {0};
    ck_assert_msg(tg_program_symbol(program, name, &symbol), "%s", name);
    return symbol;
}

/* --- Opening ---------------------------------------------------------------------------------- */

START_TEST(other_files_are_refused_with_what_was_expected)
{
    struct tg_program *none = NULL;
    struct tg_error error;
    size_t size;
    char *bytes = read_file(SUBJECT_O0, &size);
    ck_assert_int_eq(tg_program_open("nonsense", 8, "x", &none, &error), TG_E_FORMAT);
    ck_assert_str_eq(error.text, "x: not an ELF file");
    bytes[18] = 0x3e; /* the machine's number */
    bytes[19] = 0;
    ck_assert_int_eq(tg_program_open(bytes, size, "x", &none, &error), TG_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(error.text, "its machine is 0x3e, expected 0x5447"));
    bytes[18] = 'G';
    bytes[19] = 'T';
    bytes[16] = 1;
    ck_assert_int_eq(tg_program_open(bytes, size, "x", &none, &error), TG_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(error.text, "link it with tg-ld"));
    ck_assert_ptr_null(none);
    free(bytes);
}
END_TEST

START_TEST(facts_say_what_a_program_has)
{
    struct tg_program_facts facts;
    tg_program_facts(program, &facts);
    ck_assert(facts.has_lines && facts.has_variables && !facts.is_stripped && !facts.is_damaged);
    ck_assert_uint_gt(facts.functions, 10);
    ck_assert_uint_eq(facts.entry, symbol_named("_start").address);
}
END_TEST

/* --- Symbols ---------------------------------------------------------------------------------- */

START_TEST(symbols_are_found_by_name_and_address)
{
    struct tg_program_symbol symbol = symbol_named("counter"), at;
    uint32_t offset;
    ck_assert_int_eq(symbol.kind, TG_SYMBOL_OBJECT);
    ck_assert_uint_eq(symbol.size_bytes, 4);
    ck_assert(!symbol.is_local && !symbol.is_code);
    ck_assert(tg_program_symbol_at(program, symbol.address + 3, &at, &offset));
    ck_assert_str_eq(at.name, "counter");
    ck_assert_uint_eq(offset, 3);
    ck_assert(symbol_named("main").is_code);
    ck_assert(!tg_program_symbol(program, "no_such", &symbol));
    ck_assert(!tg_program_symbol_at(program, 0xfffffff0, &at, &offset));
}
END_TEST

START_TEST(names_are_in_order_for_completion)
{
    struct tg_program_symbol symbol, before;
    size_t count = 0;
    ck_assert(tg_program_symbol_by_name(program, 0, &before));
    for (size_t i = 1; tg_program_symbol_by_name(program, i, &symbol); i++, before = symbol)
        ck_assert_int_le(strcmp(before.name, symbol.name), 0);
    for (size_t i = tg_program_symbol_first(program, "sto");
         tg_program_symbol_by_name(program, i, &symbol) && strncmp(symbol.name, "sto", 3) == 0; i++)
        count++;
    ck_assert_uint_eq(count, 1); /* stop_here */
}
END_TEST

START_TEST(a_misspelt_name_has_a_nearest_one)
{
    ck_assert_str_eq(tg_program_nearest(program, "recursiv"), "recursive");
    ck_assert_str_eq(tg_program_nearest(program, "mutliply"), "multiply");
    ck_assert_ptr_null(tg_program_nearest(program, "something_quite_different"));
}
END_TEST

/* --- Lines ------------------------------------------------------------------------------------ */

START_TEST(each_instruction_has_its_line)
{
    struct tg_function function;
    struct tg_line_span span;
    bool has_line = false;
    unsigned wanted = line_of(SUBJECT_SOURCE, "line: add");
    ck_assert(tg_program_function(program, "add", 0, &function));
    for (uint32_t address = function.first; address < function.end; address += 4) {
        ck_assert(tg_program_line_at(program, address, &span));
        ck_assert(span.first <= address && address < span.end);
        ck_assert_str_eq(span.file, "tests/debug/subject.c");
        has_line = has_line || span.line == wanted;
    }
    ck_assert(has_line);
    ck_assert(!tg_program_line_at(program, 0xfffffff0, &span));
}
END_TEST

START_TEST(assembly_has_lines_of_its_own)
{
    struct tg_line_span span;
    uint32_t address = symbol_named("in_assembly").address;
    ck_assert(tg_program_line_at(program, address, &span));
    ck_assert_uint_eq(span.line, line_of(SUBJECT_ASSEMBLY, "line: frame"));
    ck_assert_ptr_nonnull(strstr(span.file, "subject_assembly.s"));
    ck_assert_uint_eq(span.first, address);
    ck_assert_uint_eq(span.end, address + 4);
}
END_TEST

START_TEST(a_line_is_found_by_any_end_of_its_path)
{
    static const char *const names[] = {"subject.c", "debug/subject.c", "tests/debug/subject.c",
                                        SUBJECT_SOURCE};
    unsigned line = line_of(SUBJECT_SOURCE, "line: stop"), found;
    uint32_t first, other;
    ck_assert_uint_eq(tg_program_line_addresses(program, names[0], line, &first, 1, &found), 1);
    ck_assert_uint_eq(found, line);
    for (size_t i = 1; i < 4; i++) {
        ck_assert_uint_eq(tg_program_line_addresses(program, names[i], line, &other, 1, &found), 1);
        ck_assert_uint_eq(first, other);
    }
    ck_assert_uint_eq(tg_program_line_addresses(program, "bject.c", line, &other, 1, &found), 0);
}
END_TEST

START_TEST(a_line_without_code_stands_for_the_next_one)
{
    unsigned line = line_of(SUBJECT_SOURCE, "line: squared"), found = 0;
    uint32_t address;
    ck_assert_uint_ge(
        tg_program_line_addresses(program, "subject.c", line - 3, &address, 1, &found), 1);
    ck_assert_uint_gt(found, line - 3);
    ck_assert_uint_eq(tg_program_line_addresses(program, "subject.c", 100000, &address, 1, &found),
                      0);
}
END_TEST

START_TEST(a_loop_has_one_place_and_inlined_code_one_a_copy)
{
    uint32_t addresses[8];
    unsigned loop = line_of(SUBJECT_SOURCE, "line: loop"),
             squared = line_of(SUBJECT_SOURCE, "line: squared");
    ck_assert_uint_eq(tg_program_line_addresses(program, "subject.c", loop, addresses, 8, NULL), 1);
    /* squared is inlined twice into sum_of_squares, which is inlined into inlines */
    ck_assert_uint_eq(tg_program_line_addresses(program, "subject.c", squared, addresses, 8, NULL),
                      2);
    ck_assert_uint_lt(addresses[0], addresses[1]);
}
END_TEST

/* --- Functions -------------------------------------------------------------------------------- */

START_TEST(a_function_has_its_code_and_a_place_after_its_prologue)
{
    struct tg_function function, at;
    struct tg_line_span span;
    ck_assert(tg_program_function(program, "recursive", 0, &function));
    ck_assert(function.has_variables);
    ck_assert(function.first == function.entry && function.entry < function.body &&
              function.body < function.end);
    ck_assert_uint_eq(symbol_named("recursive").address, function.entry);
    ck_assert(tg_program_function_at(program, function.end - 4, &at));
    ck_assert_str_eq(at.name, "recursive");
    ck_assert(tg_program_line_at(program, function.body, &span));
    ck_assert_str_eq(span.file, function.file);
    ck_assert_uint_eq(span.line,
                      function.line + 2); /* the if, after the line with the name and the brace */
    ck_assert(!tg_program_function(program, "recursive", 1, &function));
}
END_TEST

START_TEST(a_function_in_assembly_is_known_by_its_symbol)
{
    struct tg_function function;
    ck_assert(tg_program_function(program, "in_assembly", 0, &function));
    ck_assert(!function.has_variables);
    ck_assert_uint_eq(function.body, function.entry);
    ck_assert_ptr_nonnull(strstr(function.file, "subject_assembly.s"));
    ck_assert(tg_program_function_at(program, function.entry + 16, &function));
    ck_assert_str_eq(function.name, "in_assembly");
}
END_TEST

START_TEST(inlined_functions_are_seen_outermost_first)
{
    struct tg_inlined inlined[4];
    uint32_t addresses[2];
    unsigned squared = line_of(SUBJECT_SOURCE, "line: squared");
    ck_assert_uint_eq(tg_program_line_addresses(program, "subject.c", squared, addresses, 2, NULL),
                      2);
    ck_assert_uint_eq(tg_program_inlined(program, addresses[1], inlined, 4), 2);
    ck_assert_str_eq(inlined[0].name, "sum_of_squares");
    ck_assert_str_eq(inlined[1].name, "squared");
    ck_assert_uint_eq(inlined[0].call_line, line_of(SUBJECT_SOURCE, "line: inlines"));
    ck_assert_uint_eq(inlined[1].call_line, line_of(SUBJECT_SOURCE, "line: squares"));
    ck_assert(inlined[1].first <= addresses[1] && addresses[1] < inlined[1].end);
}
END_TEST

/* --- Places ----------------------------------------------------------------------------------- */

static uint32_t place(const char *words, uint32_t here)
{
    struct tg_location location;
    struct tg_error error = {""};
    size_t count = tg_program_locate(program, words, here, &location, 1, &error);
    ck_assert_msg(count == 1, "%s: %zu %s", words, count, error.text);
    return location.address;
}

static const char *refusal(const char *words)
{
    static struct tg_error error;
    struct tg_location location;
    error.text[0] = '\0';
    ck_assert_uint_eq(tg_program_locate(program, words, 0, &location, 1, &error), 0);
    return error.text;
}

START_TEST(places_are_functions_symbols_lines_and_addresses)
{
    struct tg_function function;
    uint32_t entry = symbol_named("add").address;
    ck_assert(tg_program_function(program, "add", 0, &function));
    ck_assert_uint_eq(place("add", 0), function.body);
    ck_assert_uint_eq(place(" add ", 0), function.body);
    ck_assert_uint_eq(place("subject.c:add", 0), function.body);
    ck_assert_uint_eq(place("add+4", 0), entry + 4);
    ck_assert_uint_eq(place("*0x1234", 0), 0x1234);
    ck_assert_uint_eq(place("0x1234", 0), 0x1234);
    ck_assert_uint_eq(place("counter", 0), symbol_named("counter").address);
    ck_assert_uint_eq(place("in_assembly", 0), symbol_named("in_assembly").address);
}
END_TEST

START_TEST(a_line_number_alone_is_of_the_file_around)
{
    char words[32];
    unsigned line = line_of(SUBJECT_SOURCE, "line: stop");
    snprintf(words, sizeof words, "%u", line);
    uint32_t alone = place(words, symbol_named("main").address);
    snprintf(words, sizeof words, "subject.c:%u", line);
    ck_assert_uint_eq(place(words, 0), alone);
    snprintf(words, sizeof words, "%u", line);
    ck_assert_ptr_nonnull(strstr(refusal(words), "of which file?"));
}
END_TEST

START_TEST(a_wrong_place_says_what_was_expected)
{
    ck_assert_ptr_nonnull(
        strstr(refusal("mian"), "there is no function or symbol \"mian\" in subject"));
    ck_assert_ptr_nonnull(strstr(refusal("mian"), "did you mean \"main\"?"));
    ck_assert_ptr_nonnull(
        strstr(refusal("other.c:5"), "there is no source file \"other.c\" with code"));
    ck_assert_ptr_nonnull(strstr(refusal("subject.c:99999"), "has no code at or after line 99999"));
    ck_assert_ptr_nonnull(strstr(refusal("add+x"), "expected a number after \"+\""));
    ck_assert_ptr_nonnull(strstr(refusal(""), "expected FUNCTION"));
}
END_TEST

START_TEST(an_inlined_function_is_where_its_copies_are)
{
    struct tg_location locations[8];
    ck_assert_uint_ge(tg_program_locate(program, "squared", 0, locations, 8, NULL), 2);
    ck_assert_str_eq(locations[0].function, "squared");
}
END_TEST

struct names {
    char text[1024];
};

static bool take_name(void *context, const char *name)
{
    struct names *names = context;
    strcat(strcat(names->text, name), " ");
    return true;
}

START_TEST(completion_knows_symbols_and_files)
{
    struct names names = {""};
    tg_program_complete(program, "recur", take_name, &names);
    ck_assert_str_eq(names.text, "recursive ");
    names.text[0] = '\0';
    tg_program_complete(program, "subj", take_name, &names);
    ck_assert_str_eq(names.text, "subject.c subject_assembly.s ");
    names.text[0] = '\0';
    tg_program_complete(program, "subject.c:lo", take_name, &names);
    ck_assert_str_eq(names.text, "subject.c:locals subject.c:loops ");
}
END_TEST

/* --- Memory and sources ----------------------------------------------------------------------- */

struct memory {
    bool has_break, is_other, is_absent;
};

static bool read_program(void *context, uint32_t vaddr, void *bytes, size_t count)
{
    const struct memory *memory = context;
    uint32_t main_at = symbol_named("main").address, brk = tg_word_i(TG_INSN_BRK, 0, 0, 0);
    if (memory->is_absent || !tg_program_read(program, vaddr, bytes, count))
        return false;
    if (memory->is_other && main_at - vaddr < count)
        ((uint8_t *)bytes)[main_at - vaddr] ^= 1;
    if (memory->has_break && main_at - vaddr < count)
        memcpy((uint8_t *)bytes + (main_at - vaddr), &brk, 4);
    return true;
}

START_TEST(a_program_is_compared_with_memory)
{
    struct memory memory = {false, false, false};
    struct tg_memory reader = {&memory, read_program};
    uint32_t address = 0;
    ck_assert_int_eq(tg_program_matches(program, &reader, &address), TG_MATCH_SAME);
    memory.has_break = true;
    ck_assert_int_eq(tg_program_matches(program, &reader, &address), TG_MATCH_SAME);
    memory.has_break = false;
    memory.is_other = true;
    ck_assert_int_eq(tg_program_matches(program, &reader, &address), TG_MATCH_DIFFERENT);
    ck_assert_uint_eq(address, symbol_named("main").address);
    memory.is_absent = true;
    ck_assert_int_eq(tg_program_matches(program, &reader, &address), TG_MATCH_UNREADABLE);
}
END_TEST

START_TEST(source_lines_are_read_where_they_are_or_were_moved_to)
{
    struct tg_sources *sources = tg_sources_create();
    size_t length;
    const char *found;
    unsigned line = line_of(SUBJECT_SOURCE, "line: stop");
    const char *text = tg_sources_line(sources, SUBJECT_SOURCE, line, &length);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_eq(length, strlen("    sink++; /* line: stop */"));
    ck_assert_int_eq(memcmp(text, "    sink++; /* line: stop */", length), 0);
    ck_assert_ptr_null(tg_sources_line(sources, SUBJECT_SOURCE, 0, &length));
    ck_assert_ptr_null(tg_sources_line(sources, SUBJECT_SOURCE, 100000, &length));
    ck_assert_ptr_null(tg_sources_line(sources, "/gone/debug/subject.c", line, &length));
    ck_assert_uint_eq(tg_sources_line_count(sources, "/gone/debug/subject.c", &found), 0);
    ck_assert_ptr_null(found);
    ck_assert_int_eq(tg_sources_substitute(sources, "/gone/debug", SUBJECT_FOLDER), TG_OK);
    ck_assert_uint_gt(tg_sources_line_count(sources, "/gone/debug/subject.c", &found), line);
    ck_assert_str_eq(found, SUBJECT_FOLDER "/subject.c");
    ck_assert_int_eq(tg_sources_add_folder(sources, SUBJECT_FOLDER), TG_OK);
    ck_assert_ptr_nonnull(tg_sources_line(sources, "/other/path/subject.c", line, &length));
    tg_sources_destroy(sources);
    tg_sources_destroy(NULL);
}
END_TEST

static TCase *cases_of(const char *name, void (*open)(void))
{
    TCase *tests = tcase_create(name);
    tcase_add_checked_fixture(tests, open, close_it);
    tcase_add_test(tests, facts_say_what_a_program_has);
    tcase_add_test(tests, symbols_are_found_by_name_and_address);
    tcase_add_test(tests, names_are_in_order_for_completion);
    tcase_add_test(tests, a_misspelt_name_has_a_nearest_one);
    tcase_add_test(tests, each_instruction_has_its_line);
    tcase_add_test(tests, assembly_has_lines_of_its_own);
    tcase_add_test(tests, a_line_is_found_by_any_end_of_its_path);
    tcase_add_test(tests, a_line_without_code_stands_for_the_next_one);
    tcase_add_test(tests, a_loop_has_one_place_and_inlined_code_one_a_copy);
    tcase_add_test(tests, a_function_has_its_code_and_a_place_after_its_prologue);
    tcase_add_test(tests, a_function_in_assembly_is_known_by_its_symbol);
    tcase_add_test(tests, inlined_functions_are_seen_outermost_first);
    tcase_add_test(tests, places_are_functions_symbols_lines_and_addresses);
    tcase_add_test(tests, a_line_number_alone_is_of_the_file_around);
    tcase_add_test(tests, a_wrong_place_says_what_was_expected);
    tcase_add_test(tests, an_inlined_function_is_where_its_copies_are);
    tcase_add_test(tests, completion_knows_symbols_and_files);
    tcase_add_test(tests, a_program_is_compared_with_memory);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("debug/program");
    TCase *files = tcase_create("files");
    tcase_add_test(files, other_files_are_refused_with_what_was_expected);
    tcase_add_test(files, source_lines_are_read_where_they_are_or_were_moved_to);
    suite_add_tcase(suite, files);
    suite_add_tcase(suite, cases_of("O0", open_o0));
    suite_add_tcase(suite, cases_of("O2", open_o2));
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
