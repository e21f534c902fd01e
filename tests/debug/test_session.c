/* Tests of sessions: what is saved comes back and goes on, and nothing that is damaged does
 * (emu/debug/session.c). */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "core/bytes.h"
#include "debugged.h"
#include "suite.h"

#define TEXT "break main\nwatch x\n"

/* A guest that has had input, with a name and a place in its past. */
static struct debugged make_session(uint64_t seed, const char *engine)
{
    struct random_source source = {.state = seed};
    struct debugged d = debugged_guest(seed, engine);
    for (unsigned i = 0; i < 12; i++) {
        struct tg_input key = {TG_INPUT_KEY, random_below(&source, 128)};
        ck_assert_int_eq(tg_debug_input(d.debug, key, NULL), TG_OK);
        debugged_do(&d, TG_DEBUG_STEPI, false, 1 + random_below(&source, 300));
        if (i == 4)
            ck_assert_int_eq(tg_debug_bookmark_add(d.debug, "four", NULL), TG_OK);
    }
    debugged_do(&d, TG_DEBUG_STEPI, true, 200);
    return d;
}

static void *save(struct debugged *d, size_t *ret_size)
{
    void *bytes = NULL;
    struct tg_error error = {""};
    uint64_t digest = tg_machine_digest(d->machine);
    int result = tg_debug_save(d->debug, TEXT, strlen(TEXT), &bytes, ret_size, &error);
    ck_assert_msg(result == TG_OK, "%s", error.text);
    ck_assert_uint_eq(tg_machine_digest(d->machine), digest);
    return bytes;
}

static void check_same(struct debugged *a, struct debugged *b)
{
    struct tg_debug_place a_place = tg_debug_place(a->debug), b_place = tg_debug_place(b->debug);
    ck_assert_int_eq(tg_debug_compare_places(&a_place, &b_place), 0);
    ck_assert_uint_eq(tg_machine_digest(a->machine), tg_machine_digest(b->machine));
}

START_TEST(a_session_comes_back_in_any_machine)
{
    for (uint64_t seed = 0; seed < 12; seed++) {
        struct debugged d = make_session(seed, ENGINE);
        struct debugged other = debugged_guest(seed + 50, tg_engine_name(0, NULL));
        size_t size = 0, text_size = 0;
        char *text = NULL;
        struct tg_error error = {""};
        void *bytes = save(&d, &size);
        int result = tg_debug_load(other.debug, bytes, size, &text, &text_size, &error);
        ck_assert_msg(result == TG_OK, "%s", error.text);
        ck_assert_str_eq(text, TEXT);
        ck_assert_uint_eq(text_size, strlen(TEXT));
        check_same(&d, &other);
        ck_assert_str_eq(tg_debug_bookmark(other.debug, 0)->name, "four");
        ck_assert_ptr_null(tg_debug_bookmark(other.debug, 1));
        debugged_goto(&d, TG_DEBUG_TO_END, 0);
        debugged_goto(&other, TG_DEBUG_TO_END, 0);
        check_same(&d, &other);
        debugged_goto(&d, TG_DEBUG_TO_START, 0);
        debugged_goto(&other, TG_DEBUG_TO_START, 0);
        check_same(&d, &other);
        debugged_goto(&d, TG_DEBUG_TO_END, 0);
        debugged_goto(&other, TG_DEBUG_TO_END, 0);
        debugged_do(&d, TG_DEBUG_STEPI, false, 500);
        debugged_do(&other, TG_DEBUG_STEPI, false, 500);
        check_same(&d, &other);
        free(text);
        free(bytes);
        debugged_finish(&other);
        debugged_finish(&d);
    }
}
END_TEST

START_TEST(a_session_begins_behind_the_latest_change_by_hand)
{
    struct debugged d = debugged_guest(3, ENGINE), other = debugged_guest(4, ENGINE);
    debugged_do(&d, TG_DEBUG_STEPI, false, 100);
    ck_assert_int_eq(tg_debug_bookmark_add(d.debug, "before", NULL), TG_OK);
    debugged_do(&d, TG_DEBUG_STEPI, false, 100);
    ck_assert_int_eq(tg_debug_set_register(d.debug, 0, S4, 0x1234, NULL), TG_OK);
    debugged_do(&d, TG_DEBUG_STEPI, false, 100);
    size_t size = 0, text_size = 0;
    char *text = NULL;
    void *bytes = save(&d, &size);
    ck_assert_int_eq(tg_debug_load(other.debug, bytes, size, &text, &text_size, NULL), TG_OK);
    check_same(&d, &other);
    ck_assert_ptr_null(tg_debug_bookmark(other.debug, 0));
    debugged_do(&other, TG_DEBUG_STEPI, true, 100);
    ck_assert_uint_eq(debugged_register(&other, 0, S4), 0x1234);
    free(text);
    free(bytes);
    debugged_finish(&other);
    debugged_finish(&d);
}
END_TEST

static void check_refused(struct debugged *d, const void *bytes, size_t size, uint64_t digest)
{
    char *text = NULL;
    size_t text_size = 0;
    struct tg_error error = {""};
    int result = tg_debug_load(d->debug, bytes, size, &text, &text_size, &error);
    ck_assert_int_ne(result, TG_OK);
    ck_assert_ptr_null(text);
    ck_assert_int_ne(error.text[0], 0);
    ck_assert_uint_eq(tg_machine_digest(d->machine), digest);
}

/* A small program, so that a session is small. */
static struct debugged make_small(void)
{
    struct program program;
    program_begin(&program, PROGRAM_START);
    for (unsigned i = 0; i < 40; i++)
        program_i(&program, TG_INSN_ADDI, A0, A0, 1);
    program_branch(&program, TG_INSN_JAL, ZERO, 0, PROGRAM_START);
    struct debugged d = debugged_program(&program, tg_engine_name(0, NULL), 1);
    debugged_do(&d, TG_DEBUG_STEPI, false, 300);
    ck_assert_int_eq(tg_debug_bookmark_add(d.debug, "here", NULL), TG_OK);
    return d;
}

START_TEST(a_damaged_session_is_refused_and_changes_nothing)
{
    if (_i > 0)
        return; /* no engine is asked */
    struct debugged d = make_small();
    size_t size = 0;
    uint8_t *bytes = save(&d, &size);
    uint64_t digest = tg_machine_digest(d.machine);
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= (uint8_t)(1u << i % 8);
        check_refused(&d, bytes, size, digest);
        bytes[i] ^= (uint8_t)(1u << i % 8);
    }
    for (size_t cut = 0; cut < size; cut++)
        check_refused(&d, bytes, cut, digest);
    ck_assert_str_eq(tg_debug_bookmark(d.debug, 0)->name, "here");
    debugged_do(&d, TG_DEBUG_STEPI, true, 100);
    ck_assert_uint_eq(debugged_steps(&d), 200);
    free(bytes);
    debugged_finish(&d);
}
END_TEST

/* Changed header words with a right checksum: sizes, places, the digest. */
START_TEST(a_forged_session_is_refused_and_changes_nothing)
{
    if (_i > 0)
        return;
    static const uint64_t values[] = {0, 1, 2, 0x7f, UINT64_MAX, UINT64_MAX / 5, 1000};
    struct debugged d = make_small();
    size_t size = 0;
    uint8_t *bytes = save(&d, &size);
    uint64_t digest = tg_machine_digest(d.machine);
    for (size_t at = 24; at < 152; at += 8) {
        for (unsigned i = 0; i < sizeof values / sizeof values[0]; i++) {
            uint64_t old = tg_get_le(bytes + at, 8);
            bool is_long_run = at >= 104 && values[i] > 1000; /* a place that is never come to */
            if (old == values[i] || is_long_run || (at >= 64 && at < 104))
                continue;
            tg_put_le(bytes + at, 8, values[i]);
            tg_put_le(bytes + 16, 8, XXH3_64bits(bytes + 24, size - 24));
            check_refused(&d, bytes, size, digest);
            tg_put_le(bytes + at, 8, old);
        }
    }
    free(bytes);
    debugged_finish(&d);
}
END_TEST

SUITE_MAIN("session", a_session_comes_back_in_any_machine,
           a_session_begins_behind_the_latest_change_by_hand,
           a_damaged_session_is_refused_and_changes_nothing,
           a_forged_session_is_refused_and_changes_nothing)
