/* Tests of emu/debug/expression.h: what C's operators give, what is refused and how, assignments.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "subject.h"

/* --- Without a program ------------------------------------------------------------------------ */

static const uint8_t memory[16] = {0x78, 0x56, 0x34, 0x12, 0xff, 0xff, 0, 0, 'c', 'a', 't', 0};

static bool read_memory(void *context, uint32_t vaddr, void *bytes, size_t count)
{
    (void)context;
    if (vaddr < 0x1000 || vaddr - 0x1000 > sizeof memory ||
        count > sizeof memory - (vaddr - 0x1000))
        return false;
    memcpy(bytes, memory + (vaddr - 0x1000), count);
    return true;
}

static bool read_physical(void *context, uint32_t paddr, void *bytes, size_t count)
{
    return read_memory(context, paddr + 0x1000, bytes, count);
}

static bool read_register(void *context, unsigned number, uint32_t *ret_value)
{
    (void)context;
    *ret_value = number == 11 ? 0x1008 : (uint32_t)-1 - number; /* a1: "cat" */
    return number != 5;                                         /* t0 is not known */
}

static bool read_creg(void *context, unsigned number, uint32_t *ret_value)
{
    (void)context;
    *ret_value = 0x100 + number;
    return true;
}

static bool read_variable(void *context, const char *name, size_t length,
                          struct tg_value *ret_value)
{
    (void)context;
    if (length != 1 || name[0] != '1')
        return false;
    *ret_value = tg_value_of(tg_type_of(TG_PLAIN_INT), 11);
    return true;
}

static const struct tg_scope plain_scope = {.read_memory = read_memory,
                                            .read_physical = read_physical,
                                            .read_register = read_register,
                                            .read_creg = read_creg,
                                            .read_variable = read_variable,
                                            .pc = 0x2000};

static int evaluate(const char *text, struct tg_value *ret_value,
                    struct tg_expression_error *ret_error)
{
    struct tg_expression *expression = NULL;
    int result = tg_expression_compile(text, strlen(text), &plain_scope, &expression, ret_error);
    if (result == TG_OK)
        result = tg_expression_evaluate(expression, &plain_scope, ret_value, ret_error);
    tg_expression_destroy(expression);
    return result;
}

static const char *text_in_plain(const char *text)
{
    static char result[512];
    struct tg_value value;
    struct tg_expression_error error;
    if (evaluate(text, &value, &error) == TG_OK)
        tg_value_format(&plain_scope, &value, NULL, result, sizeof result);
    else
        snprintf(result, sizeof result, "column %u: %s", error.column, error.text);
    return result;
}

struct row {
    const char *text, *expected;
};

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(strcmp(text_in_plain(rows[i].text), rows[i].expected) == 0,
                      "%s is %s, expected %s", rows[i].text, text_in_plain(rows[i].text),
                      rows[i].expected);
}

#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof *(rows))

START_TEST(numbers_are_those_of_c)
{
    static const struct row rows[] = {
        {"12", "12"},
        {"0x1F", "31"},
        {"0b101", "5"},
        {"017", "15"},
        {"0xffffffff", "4294967295"},
        {"4294967295", "4294967295"},
        {"2147483648", "2147483648"},
        {"2147483648 - 2147483649", "-1"},
        {"18446744073709551615", "18446744073709551615"},
        {"1u", "1"},
        {"1LL << 40", "1099511627776"},
        {"'a'", "97 'a'"},
        {"'\\n' + 0", "10"},
        {"'\\x41' + 0", "65"},
        {"1.5", "1.5"},
        {"2e3 / 4", "500"},
    };
    CHECK(rows);
}
END_TEST

START_TEST(operators_have_the_precedence_of_c)
{
    static const struct row rows[] = {
        {"1 + 2 * 3", "7"},         {"(1 + 2) * 3", "9"},
        {"10 - 4 - 3", "3"},        {"1 << 2 + 1", "8"},
        {"6 & 3 == 3", "0"},        {"1 | 6 ^ 2 & 3", "5"},
        {"1 ? 2 : 0 ? 3 : 4", "2"}, {"0 ? 2 : 0 ? 3 : 4", "4"},
        {"0 || 2 && 3", "1"},       {"-2 * -3", "6"},
        {"!0 + ~0", "0"},           {"1, 2, 3", "3"},
        {"7 % 4 * 2", "6"},         {"- - 5", "5"},
    };
    CHECK(rows);
}
END_TEST

START_TEST(arithmetic_wraps_and_converts_as_in_c)
{
    static const struct row rows[] = {
        {"2147483647 + 1", "-2147483648"},
        {"0u - 1", "4294967295"},
        {"-1 < 0u", "0"},
        {"-1 < 0", "1"},
        {"-7 / 2", "-3"},
        {"-7 % 2", "-1"},
        {"-2147483647 - 1", "-2147483648"},
        {"(-2147483647 - 1) / -1", "-2147483648"},
        {"(-9223372036854775807 - 1) / -1", "-9223372036854775808"},
        {"-8 >> 1", "-4"},
        {"0x80000000 >> 31", "1"},
        {"(unsigned char)300", "44 ','"},
        {"(signed char)200 + 0", "-56"},
        {"(short)0x18000", "-32768"},
        {"(long long)-1", "-1"},
        {"(unsigned)-1", "4294967295"},
        {"(bool)256", "true"},
        {"(int)-2.9", "-2"},
        {"(int)1e300", "0"},
        {"(float)0.1 == 0.1", "0"},
        {"sizeof(int)", "4"},
        {"sizeof(unsigned long long *)", "4"},
        {"sizeof 1ull", "8"},
        {"sizeof(char[7])", "7"},
    };
    CHECK(rows);
}
END_TEST

START_TEST(memory_is_read_through_pointers_of_any_type)
{
    static const struct row rows[] = {
        {"*(u32 *)0x1000", "305419896"},
        {"*(unsigned short *)0x1002", "4660"},
        {"((u8 *)0x1000)[1]", "86"},
        {"*(int *)0x1004", "65535"},
        {"*(short *)0x1004", "-1"},
        {"*0x1000", "305419896"},
        {"*(u8 *)0x1000 @ 3", "{120, 86, 52}"},
        {"(u32 *)0x1000 + 1 == (u32 *)0x1004", "1"},
        {"(u32 *)0x1008 - (u32 *)0x1000", "2"},
        {"&*(u32 *)0x1004", "(u32 *) 0x1004"},
        {"*(char **)&*(u32 *)0x1000", "0x12345678 <cannot read 0x12345678>"},
        {"(char *)0x1008", "0x1008 \"cat\""},
        {"*(char (*", "column 8: expected \")\" or \"*\", found \"(\""},
        {"phys:0", "305419896"},
        {"phys:(u8 *)0", "120"},
        {"phys:4 + 1", "65536"},
        {"phys:8 == 0x746163", "1"},
        {"(u32 *)0x1007 & ~3", "4100"},
    };
    CHECK(rows);
}
END_TEST

START_TEST(registers_are_found_with_and_without_dollar)
{
    static const struct row rows[] = {
        {"$a0", "-11"},
        {"a0 + 1", "-10"},
        {"x10 == a0 && $fp == s0", "1"},
        {"$zero", "-1"},
        {"$pc", "(code *) 0x2000"},
        {"pc + 0 == 0x2000", "1"},
        {"$ptroot", "258"},
        {"status", "256"},
        {"$1 + 1", "12"},
        {"$t0", "<optimised out>"},
        {"t0 + 1", "column 1: t0 is optimised out here"},
        {"$2", "column 1: there is no register or value \"$2\""},
    };
    CHECK(rows);
}
END_TEST

START_TEST(strings_are_compared_with_texts)
{
    static const struct row rows[] = {
        {"(char *)$a1 == \"cat\"", "1"},
        {"(char *)$a1 == \"ca\"", "0"},
        {"(char *)$a1 == \"cats\"", "0"},
        {"\"dog\" != (char *)a1", "1"},
        {"*(char *)0x1008 @ 3 == \"cat\"", "1"},
        {"\"cat\"", "column 1: a text can only be compared, with == or !="},
        {"1 == \"cat\"", "column 1: expected a string, but this is of type int"},
    };
    CHECK(rows);
}
END_TEST

START_TEST(what_is_wrong_is_named_with_its_column)
{
    static const struct row rows[] = {
        {"", "column 1: expected a number, a name, a register or \"(\", found the end"},
        {"1 +", "column 4: expected a number, a name, a register or \"(\", found the end"},
        {"1 2", "column 3: expected an operator or the end, found \"2\""},
        {"(1", "column 3: expected \")\" or an operator, found the end"},
        {"1 ? 2", "column 6: expected \":\" or an operator, found the end"},
        {"a0[1", "column 5: expected \"]\" or an operator, found the end"},
        {"1 / 0", "column 3: division by 0"},
        {"5 % (1 - 1)", "column 3: division by 0"},
        {"1 << 32", "column 3: a shift by 32 is more than the number has bits"},
        {"1 + nothing_here",
         "column 5: there is no variable, symbol or register \"nothing_here\" here"},
        {"0x", "column 1: not a number: \"0x\""},
        {"09", "column 1: not a number: \"09\""},
        {"1 ` 2", "column 3: this has no meaning here: \"`\""},
        {"'ab'", "column 1: a character has one letter between quotes: \"'ab'\""},
        {"\"open", "column 1: a quote that does not end: \"\"open\""},
        {"99999999999999999999",
         "column 1: a number has at most 64 bits: \"99999999999999999999\""},
        {"a0++", "column 3: there is no \"++\" here; write = with + 1 or - 1"},
        {"a0(1)", "column 3: functions of the guest are not called from here"},
        {"(struct nothing *)0", "column 2: there is no type \"struct nothing\""},
        {"*(void *)4", "column 2: a void * does not say what it points to; write *(TYPE *)"},
        {"*(int *)4 + 1", "column 1: this lies at 0x4, which cannot be read"},
        {"&a0", "column 2: a0 is in register a0, which has no address"},
        {"&1", "column 2: this has no address"},
        {"1 . x",
         "column 1: expected a struct, a union or a pointer to one, but this is of type int"},
        {"1 .. x", "column 4: expected the name of a member, found \".\""},
        {"~1.5", "column 1: this operator is not for floating-point numbers"},
        {"1 = 2", "column 1: this cannot be assigned to"},
        {"a0 = 1 = 2", "column 8: only one assignment is possible at a time"},
        {"(a0 = 1)", "column 5: expected \")\" or an operator, found \"=\""},
    };
    CHECK(rows);
}
END_TEST

START_TEST(nothing_that_is_typed_is_too_deep)
{
    static const char *const pieces[] = {"(",       "-",     "1+", "1?",   "a0[",   "*",
                                         "sizeof ", "(int)", "1,", "1?1:", "phys:", "!"};
    static char text[TG_EXPRESSION_MAX_BYTES + 8];
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct tg_value value;
        struct tg_expression_error error = {0, 0, ""};
        size_t used = 0, length = strlen(pieces[i]);
        for (; used + length < TG_EXPRESSION_MAX_BYTES; used += length)
            memcpy(text + used, pieces[i], length);
        text[used] = '\0';
        ck_assert_int_eq(evaluate(text, &value, &error), TG_E_FORMAT);
        ck_assert_str_ne(error.text, "");
    }
    memset(text, '1', sizeof text - 1);
    struct tg_value value;
    struct tg_expression_error error = {0, 0, ""};
    ck_assert_int_eq(evaluate(text, &value, &error), TG_E_FORMAT);
    ck_assert_str_eq(error.text, "an expression has at most 4096 bytes");
}
END_TEST

START_TEST(a_part_ends_where_it_cannot_go_on)
{
    static const char text[] = "a0 + 1 if a1";
    struct tg_expression *expression;
    size_t used;
    ck_assert_int_eq(tg_expression_compile_part(text, strlen(text), NULL, &expression, &used, NULL),
                     TG_OK);
    ck_assert_uint_eq(used, strlen("a0 + 1"));
    ck_assert_str_eq(tg_expression_text(expression), "a0 + 1");
    tg_expression_destroy(expression);
    ck_assert_int_eq(tg_expression_compile_part("1, 2", 4, NULL, &expression, &used, NULL), TG_OK);
    ck_assert_uint_eq(used, 1);
    tg_expression_destroy(expression);
    tg_expression_destroy(NULL);
}
END_TEST

START_TEST(a_condition_is_true_when_it_is_not_0)
{
    static const struct {
        const char *text;
        bool is_true;
    } rows[] = {
        {"1", true}, {"0", false}, {"a0 == -11", true}, {"0.5", true}, {"(char *)0", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tg_expression *expression;
        bool is_true = !rows[i].is_true;
        ck_assert_int_eq(tg_expression_compile(rows[i].text, strlen(rows[i].text), &plain_scope,
                                               &expression, NULL),
                         TG_OK);
        ck_assert_int_eq(tg_expression_test(expression, &plain_scope, &is_true, NULL), TG_OK);
        ck_assert(is_true == rows[i].is_true);
        tg_expression_destroy(expression);
    }
}
END_TEST

/* --- Assignments ------------------------------------------------------------------------------ */

/* Evaluates an assignment; the bytes that it would write. */
static size_t assign(const char *text, struct tg_value *ret_value, uint8_t *bytes)
{
    struct tg_expression_error error = {0, 0, ""};
    size_t size = 0;
    ck_assert_msg(evaluate(text, ret_value, &error) == TG_OK, "%s: %s", text, error.text);
    ck_assert(ret_value->place == TG_PLACE_VARIABLE ||
              tg_value_store(&plain_scope, ret_value, ret_value, bytes, &size));
    return size;
}

START_TEST(an_assignment_says_what_is_written_where)
{
    struct tg_value value;
    uint8_t bytes[TG_VALUE_BYTES];
    ck_assert_uint_eq(assign("*(unsigned short *)0x1002 = 0x1abcd", &value, bytes), 2);
    ck_assert(value.place == TG_PLACE_MEMORY && value.address == 0x1002);
    ck_assert(bytes[0] == 0xcd && bytes[1] == 0xab);
    ck_assert_uint_eq(assign("$a0 = 'x'", &value, bytes), 4);
    ck_assert(value.place == TG_PLACE_REGISTER && value.address == 10);
    ck_assert(bytes[0] == 'x' && bytes[1] == 0 && bytes[3] == 0);
    assign("pc = pc + 8", &value, bytes);
    ck_assert(value.place == TG_PLACE_REGISTER && value.address == TG_PLACE_PC && bytes[0] == 8);
    assign("a0 += 12", &value, bytes);
    ck_assert(bytes[0] == 1 && bytes[1] == 0);
    assign("$ptroot = 0", &value, bytes);
    ck_assert(value.place == TG_PLACE_CREG && value.address == TG_CR_PTROOT);
    assign("phys:4 = -1", &value, bytes);
    ck_assert(value.place == TG_PLACE_PHYSICAL && value.address == 4 && bytes[3] == 0xff);
    assign("$mine = 1.5", &value, bytes);
    ck_assert_int_eq(value.place, TG_PLACE_VARIABLE);
    ck_assert_str_eq(value.name, "mine");
    assign("*(short *)0x1000 <<= 4", &value, bytes);
    ck_assert(bytes[0] == 0x80 && bytes[1] == 0x67);
    ck_assert_str_eq(text_in_plain("$1 = 2"), "column 1: $1 cannot be assigned to");
}
END_TEST

/* --- With a program --------------------------------------------------------------------------- */

static struct subject subject;

static void open_it(void)
{
    subject_open(&subject, SUBJECT_O2);
    subject_run_to(&subject, "stop_here");
}

static void close_it(void)
{
    subject_close(&subject);
}

START_TEST(variables_have_members_elements_and_addresses)
{
    static const struct row rows[] = {
        {"first.next->table[1][2]", "6"},
        {"first.next.colour == BLUE", "1"},
        {"first.hidden + last.hidden", "9"},
        {"(*first.next).name == \"last\"", "1"},
        {"first.letters == \"twelveletter\"", "1"},
        {"sizeof first", "52"},
        {"sizeof(struct node)", "52"},
        {"sizeof(point_t)", "8"},
        {"&first.at.y - &first.at.x", "1"},
        {"((struct node *)&last)->table[0]", "{1, 2, 3}"},
        {"*numbers @ 3", "{1, 2, 3}"},
        {"numbers[2] * counter", "123"},
        {"bits.second * 2 + bits.first", "-9"},
        {"mixed.real * 2", "3"},
        {"operations[1] == multiply", "1"},
        {"*first.operate == add", "1"},
        {"BLUE", "BLUE"},
        {"BLUE + 1", "8"},
        {"real + single", "2.375"},
        {"word_of_assembly + table_of_assembly[1]", "305419898"},
        {"(char)word_of_assembly", "120 'x'"},
        {"first.nxt", "column 7: struct node has no member \"nxt\""},
        {"first + 1", "column 1: expected a number or pointer, but first is of type struct node"},
        {"&bits.first", "column 7: first is a bit-field, which has no address"},
        {"conter", "column 1: there is no variable, symbol or register \"conter\" here; did you "
                   "mean \"counter\"?"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_msg(strcmp(text_of(&subject, rows[i].text), rows[i].expected) == 0,
                      "%s is %s, expected %s", rows[i].text, text_of(&subject, rows[i].text),
                      rows[i].expected);
}
END_TEST

START_TEST(a_bit_field_is_assigned_without_its_neighbours)
{
    struct tg_expression *expression;
    struct tg_value value;
    uint8_t bytes[TG_VALUE_BYTES], before[2];
    size_t size;
    const struct tg_scope *scope = &subject.scope.scope;
    ck_assert_int_eq(tg_expression_compile("bits.second = 3", 15, scope, &expression, NULL), TG_OK);
    ck_assert(tg_expression_is_assignment(expression));
    ck_assert_int_eq(tg_expression_evaluate(expression, scope, &value, NULL), TG_OK);
    ck_assert(tg_value_store(scope, &value, &value, bytes, &size));
    ck_assert(scope->read_memory(scope->context, value.address, before, 1));
    ck_assert_uint_eq(size, 1);
    ck_assert_uint_eq(bytes[0], (before[0] & 7) | 3 << 3);
    tg_expression_destroy(expression);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("debug/expression");
    TCase *plain = tcase_create("plain"), *program = tcase_create("program");
    tcase_add_test(plain, numbers_are_those_of_c);
    tcase_add_test(plain, operators_have_the_precedence_of_c);
    tcase_add_test(plain, arithmetic_wraps_and_converts_as_in_c);
    tcase_add_test(plain, memory_is_read_through_pointers_of_any_type);
    tcase_add_test(plain, registers_are_found_with_and_without_dollar);
    tcase_add_test(plain, strings_are_compared_with_texts);
    tcase_add_test(plain, what_is_wrong_is_named_with_its_column);
    tcase_add_test(plain, nothing_that_is_typed_is_too_deep);
    tcase_add_test(plain, a_part_ends_where_it_cannot_go_on);
    tcase_add_test(plain, a_condition_is_true_when_it_is_not_0);
    tcase_add_test(plain, an_assignment_says_what_is_written_where);
    suite_add_tcase(suite, plain);
    tcase_add_checked_fixture(program, open_it, close_it);
    tcase_add_test(program, variables_have_members_elements_and_addresses);
    tcase_add_test(program, a_bit_field_is_assigned_without_its_neighbours);
    suite_add_tcase(suite, program);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
