/*
 * The input log as text: what is written, and that nothing damaged is taken. docs/formats.md (input
 * log).
 */
#include <stdio.h>
#include <string.h>

#include "suite.h"
#include "support/program.h"
#include "support/random_guest.h"

/* A machine that waits: at time 1, instruction 1. */
static struct tg_machine *waiting_machine(const char *engine)
{
    static struct program program;
    program_begin(&program, PROGRAM_START);
    program_i(&program, TG_INSN_WFI, 0, 0, 0);
    struct tg_machine *machine = program_machine(&program, engine, 1);
    program_run(machine, TG_NO_LIMIT);
    return machine;
}

START_TEST(log_is_this_text)
{
    struct tg_machine *machine = waiting_machine(ENGINE);
    const struct tg_input inputs[] = {
        {TG_INPUT_KEY, 0x9e}, {TG_INPUT_SERIAL, 10}, {TG_INPUT_RESET, 0}};
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(tg_machine_input(machine, inputs[i]), TG_OK);
    char *text;
    size_t length;
    ck_assert_int_eq(tg_machine_log_save(machine, &text, &length), TG_OK);
    ck_assert_str_eq(text, "tollgate-input-log 1\n"
                           "begin 0 0 0\n"
                           "1 1 key 0x9e\n"
                           "1 1 serial 0x0a\n"
                           "1 1 reset 0x00\n"
                           "end 1 1\n");
    ck_assert_uint_eq(length, strlen(text));
    free(text);
    tg_machine_destroy(machine);
}
END_TEST

#define HEAD "tollgate-input-log 1\nbegin 0 0 0\n"
#define END  "end 9 9\n"

static const struct {
    const char *text;
    const char *message; /* part of it; NULL: the log is taken */
} cases[] = {
    {HEAD END, NULL},
    {HEAD "end 9 9", NULL},
    {HEAD "5 5 key 0x1e\n5 5 key 158\n7 9 serial 0\n8 9 reset 0\n" END, NULL},
    {HEAD "18446744073709551615 9 key 1\nend 18446744073709551615 0xffffffffffffffff\n", NULL},

    {"", "line 1: expected 'tollgate-input-log 1', found ''"},
    {"tollgate-input-log 2\nbegin 0 0 0\n" END,
     "line 1: expected 'tollgate-input-log 1', found 'tollgate"},
    {"tollgate-input-log 1 \nbegin 0 0 0\n" END, "line 1"},
    {"\x7f"
     "ELF\x01\x01",
     "line 1: expected 'tollgate-input-log 1', found '?ELF?"},
    {"tollgate-input-log 1", "line 2: expected 'begin"},
    {"tollgate-input-log 1\nstart 0 0 0\n" END,
     "line 2: expected 'begin TIME INSNS INPUTS', found 'start"},
    {"tollgate-input-log 1\nbegin x 0 0\n" END, "line 2: expected a time"},
    {"tollgate-input-log 1\nbegin 0 0\n" END, "line 2: expected a number of inputs, found ''"},
    {"tollgate-input-log 1\nbegin 0 0 0 0\n" END,
     "line 2: expected the end of the line, found '0'"},
    {HEAD, "line 3: expected an event or 'end TIME INSNS' (the log is cut off), found ''"},
    {HEAD "5 5 key 0x1e\n", "line 4: expected an event or 'end"},
    {HEAD "5 5 key 0x1e\n5 5 ke", "line 4: expected 'key', 'serial', 'reset' or 'line', found 'ke'"},
    {HEAD "5 5 key 0x1e\nend 9", "line 4: expected an instruction number, found ''"},
    {HEAD "5 5 keys 0x1e\n" END, "line 3: expected 'key', 'serial', 'reset' or 'line', found 'keys 0x1e'"},
    {HEAD "5 5 key\n" END, "line 3: expected a value from 0 to 0xff, found ''"},
    {HEAD "5 5 key 256\n" END, "line 3: expected a value from 0 to 0xff, found '256'"},
    {HEAD "5 5 key 0x100\n" END, "line 3: expected a value"},
    {HEAD "5 5 key -1\n" END, "line 3: expected a value"},
    {HEAD "5 5 key 0x\n" END, "line 3: expected a value"},
    {HEAD "5 5 key 1e\n" END, "line 3: expected a value"},
    {HEAD "5 5 reset 1\n" END, "line 3: expected the value 0, found '1'"},
    {HEAD "5 5 line 0x20\n" END, "line 3: expected a source from 0 to 0x1f, 0x80 and 0x100 a CPU more, found '0x20'"},
    {HEAD "5 5 line 0x800\n" END, "line 3: expected a source"},
    {HEAD "5 5 key 1 \n" END, "line 3: expected the end of the line"},
    {HEAD "5 5 key 1  \n" END, "line 3: expected the end of the line"},
    {HEAD "5 5 key 1\r\n" END, "line 3: expected a value from 0 to 0xff, found '1?'"},
    {HEAD " 5 5 key 1\n" END, "line 3: expected a time"},
    {HEAD "\n" END, "line 3: expected a time in ticks, found ''"},
    {HEAD "18446744073709551616 5 key 1\n" END, "line 3: expected a time"},
    {HEAD "99999999999999999999999999 5 key 1\n" END, "line 3: expected a time"},
    {HEAD "5 0x10000000000000000 key 1\n" END, "line 3: expected an instruction number"},
    {HEAD "5 5 key 1\n4 5 key 1\n" END, "line 4: the position lies before that of the line above"},
    {HEAD "5 5 key 1\n5 4 key 1\n" END, "line 4: the position lies before"},
    {HEAD "10 5 key 1\n" END, "line 4: the position lies before"},
    {HEAD END "\n", "line 4: expected nothing after the line 'end'"},
    {HEAD END "5 5 key 1\n", "line 4: expected nothing after the line 'end', found '5 5 key 1'"},
    {"tollgate-input-log 1\nbegin 0 0 1\n" END, "not a point of that run"},
    {"tollgate-input-log 1\nbegin 2 0 0\n" END, "not a point of that run"},
    {"tollgate-input-log 1\nbegin 0 2 0\n" END, "not a point of that run"},
};

START_TEST(damaged_logs_are_refused_with_their_line)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tg_machine *machine = waiting_machine(ENGINE);
        struct tg_error error = {""};
        int result = tg_machine_replay(machine, cases[i].text, strlen(cases[i].text), &error);
        if (!cases[i].message) {
            ck_assert_msg(result == TG_OK, "case %zu: %s", i, error.text);
        } else {
            ck_assert_msg(result == TG_E_FORMAT, "case %zu was taken", i);
            ck_assert_msg(strstr(error.text, cases[i].message), "case %zu: %s", i, error.text);
            /* The machine is as before. */
            ck_assert_int_eq(tg_machine_input(machine, (struct tg_input){TG_INPUT_KEY, 1}), TG_OK);
        }
        tg_machine_destroy(machine);
    }
}
END_TEST

/* Whatever the bytes, the machine goes on to be one: no crash, no endless loop. */
START_TEST(random_damage_is_survived)
{
    const char *good = HEAD "5 5 key 0x1e\n5 5 key 158\n7 9 serial 0\n8 9 reset 0\n" END;
    size_t length = strlen(good);
    struct random_source source = {.state = 1};
    for (int i = 0; i < 3000; i++) {
        char text[256];
        memcpy(text, good, length);
        size_t used = random_chance(&source, 30) ? random_below(&source, (uint32_t)length) : length;
        for (uint32_t n = random_below(&source, 4); n > 0; n--)
            text[random_below(&source, (uint32_t)length)] = (char)random_next(&source);
        struct tg_machine *machine = waiting_machine(ENGINE);
        struct tg_error error = {""};
        int result = tg_machine_replay(machine, text, used, &error);
        ck_assert(result == TG_OK || (result == TG_E_FORMAT && error.text[0] != 0));
        program_run(machine, 1000);
        tg_machine_destroy(machine);
    }
}
END_TEST

SUITE_MAIN("input-log", log_is_this_text, damaged_logs_are_refused_with_their_line,
           random_damage_is_survived)
