/* Tests of the restart service's policy (guestos/services/restart.c). */
#include <string.h>

#include "host.h"

#define MS 100000u

static struct {
    unsigned reloads[TP_SERVICE_COUNT], given_up[TP_SERVICE_COUNT];
    uint64_t reloaded_at;
    tp_word injected[3];
    int32_t reload_result;
} kernel;

static char terminal[4096];
static struct request *waiting; /* a line that the terminal has not taken yet */
static bool is_terminal_down;

static int32_t kernel_call(enum tp_service asker, enum tp_call call, const tp_word args[4])
{
    ck_assert_int_eq(asker, TP_SERVICE_RESTART);
    switch (call) {
    case TP_CALL_RELOAD:
        kernel.reloads[args[0]]++;
        kernel.reloaded_at = tp_time();
        return kernel.reload_result;
    case TP_CALL_GIVE_UP:
        kernel.given_up[args[0]]++;
        return 0;
    case TP_CALL_INJECT:
        memcpy(kernel.injected, args, sizeof kernel.injected);
        return 0;
    default:
        ck_abort_msg("call %d", call);
    }
}

static void terminal_write(struct request *request)
{
    ck_assert_uint_eq(request->call, TP_CALL_TERMINAL_WRITE);
    if (is_terminal_down) {
        waiting = request;
        return;
    }
    strncat(terminal, (const char *)request->args[0], request->args[1]);
    tp_answer(request, (int32_t)request->args[1]);
}

static void place(void)
{
    host_set_system(kernel_call);
    host_set_service(TP_SERVICE_TERMINAL, terminal_write);
    host_place(&restart_service, NULL, 0);
    host_advance(1000 * MS);
}

static void die(tp_word service)
{
    ck_assert_int_eq(HOST(TP_SERVICE_SYSTEM, SERVER_DEAD, service), 0);
    host_run();
}

START_TEST(the_first_time_it_is_started_at_once)
{
    place();
    die(TP_SERVICE_DISK);
    ck_assert_uint_eq(kernel.reloads[TP_SERVICE_DISK], 1);
    ck_assert_uint_eq(kernel.reloaded_at, tp_time());
    ck_assert_str_eq(terminal, "\nrestart: disk started anew\n");
}
END_TEST

START_TEST(pauses_double_to_a_bound_and_then_it_is_given_up)
{
    static const uint32_t pauses_ms[] = {100, 200, 400, 800, 1600, 3200, 3200};

    place();
    die(TP_SERVICE_DISK);
    for (unsigned i = 0; i < sizeof pauses_ms / sizeof pauses_ms[0]; i++) {
        die(TP_SERVICE_DISK);
        ck_assert_uint_eq(kernel.reloads[TP_SERVICE_DISK], i + 1);
        host_advance(pauses_ms[i] * MS - 1);
        ck_assert_uint_eq(kernel.reloads[TP_SERVICE_DISK], i + 1);
        host_advance(1);
        ck_assert_uint_eq(kernel.reloads[TP_SERVICE_DISK], i + 2);
    }
    terminal[0] = '\0';
    die(TP_SERVICE_DISK);
    host_advance(100000 * MS);
    ck_assert_uint_eq(kernel.reloads[TP_SERVICE_DISK], 8);
    ck_assert_uint_eq(kernel.given_up[TP_SERVICE_DISK], 1);
    ck_assert_str_eq(terminal,
                     "\nrestart: disk ends each time it is started: given up, calls to it fail\n");
    die(TP_SERVICE_DISK);
    ck_assert_uint_eq(kernel.given_up[TP_SERVICE_DISK], 1);
}
END_TEST

START_TEST(one_that_lived_long_starts_with_a_clean_slate)
{
    place();
    for (unsigned i = 1; i <= 20; i++) {
        die(TP_SERVICE_SOUND);
        ck_assert_uint_eq(kernel.reloads[TP_SERVICE_SOUND], i);
        host_advance(10000 * MS);
    }
    ck_assert_uint_eq(kernel.given_up[TP_SERVICE_SOUND], 0);
}
END_TEST

START_TEST(a_silent_one_is_ended_and_started_without_a_pause)
{
    place();
    for (unsigned i = 1; i <= 8; i++) {
        ck_assert_int_eq(HOST(TP_SERVICE_SYSTEM, SILENT, TP_SERVICE_TERMINAL), 0);
        host_run();
        ck_assert_uint_eq(kernel.reloads[TP_SERVICE_TERMINAL], i);
    }
    HOST(TP_SERVICE_SYSTEM, SILENT, TP_SERVICE_TERMINAL);
    ck_assert_uint_eq(kernel.given_up[TP_SERVICE_TERMINAL], 1);
}
END_TEST

START_TEST(services_have_pauses_of_their_own)
{
    place();
    die(TP_SERVICE_DISK);
    die(TP_SERVICE_DISK);
    host_advance(50 * MS);
    die(TP_SERVICE_SOUND);
    ck_assert_uint_eq(kernel.reloads[TP_SERVICE_SOUND], 1);
    die(TP_SERVICE_SOUND);
    host_advance(50 * MS);
    ck_assert_uint_eq(kernel.reloads[TP_SERVICE_DISK], 2);
    ck_assert_uint_eq(kernel.reloads[TP_SERVICE_SOUND], 1);
    host_advance(50 * MS);
    ck_assert_uint_eq(kernel.reloads[TP_SERVICE_SOUND], 2);
}
END_TEST

START_TEST(lines_that_do_not_get_through_are_lost_not_mixed)
{
    place();
    is_terminal_down = true;
    die(TP_SERVICE_TERMINAL);
    die(TP_SERVICE_TERMINAL);
    host_advance(100 * MS);
    ck_assert_uint_eq(kernel.reloads[TP_SERVICE_TERMINAL], 2);
    is_terminal_down = false;
    terminal_write(waiting);
    host_run();
    ck_assert_str_eq(terminal, "\nrestart: tty started anew\n");
    die(TP_SERVICE_SOUND);
    ck_assert_str_eq(terminal, "\nrestart: tty started anew\n\nrestart: sound started anew\n");
}
END_TEST

START_TEST(what_cannot_be_started_is_given_up)
{
    place();
    kernel.reload_result = -TP_ENOMEM;
    die(TP_SERVICE_DISK);
    ck_assert_uint_eq(kernel.given_up[TP_SERVICE_DISK], 1);
}
END_TEST

START_TEST(what_only_one_knows_nobody_can_take_over)
{
    place();
    die(TP_SERVICE_FILE);
    ck_assert_uint_eq(kernel.reloads[TP_SERVICE_FILE], 0);
    ck_assert_uint_eq(kernel.given_up[TP_SERVICE_FILE], 1);
}
END_TEST

START_TEST(restarts_are_counted)
{
    uint32_t counts[TP_SERVICE_COUNT + 1] = {0}, one = 77;

    place();
    die(TP_SERVICE_DISK);
    die(TP_SERVICE_DISK);
    host_advance(100 * MS);
    die(TP_SERVICE_NAME);
    ck_assert_int_eq(HOST(99, RESTART_LIST, (tp_word)counts, sizeof counts), 0);
    ck_assert_uint_eq(counts[TP_SERVICE_DISK], 2);
    ck_assert_uint_eq(counts[TP_SERVICE_NAME], 1);
    ck_assert_uint_eq(counts[TP_SERVICE_SOUND], 0);
    ck_assert_int_eq(HOST(99, RESTART_LIST, (tp_word)&one, sizeof one), 0);
    ck_assert_uint_eq(one, 0);
}
END_TEST

START_TEST(crash_is_checked_and_passed_on)
{
    place();
    ck_assert_int_eq(HOST(99, CRASH, TP_SERVICE_DISK, TP_CRASH_LOOP, 3), 0);
    ck_assert_uint_eq(kernel.injected[0], TP_SERVICE_DISK);
    ck_assert_uint_eq(kernel.injected[1], TP_CRASH_LOOP);
    ck_assert_uint_eq(kernel.injected[2], 3);
    ck_assert_int_eq(HOST(99, CRASH, TP_SERVICE_SYSTEM, TP_CRASH_LOOP, 3), -TP_EINVAL);
    ck_assert_int_eq(HOST(99, CRASH, TP_SERVICE_COUNT, TP_CRASH_LOOP, 3), -TP_EINVAL);
    ck_assert_int_eq(HOST(99, CRASH, TP_SERVICE_DISK, 0, 3), -TP_EINVAL);
    ck_assert_int_eq(HOST(99, CRASH, TP_SERVICE_DISK, 5, 3), -TP_EINVAL);
    ck_assert_int_eq(HOST(99, CRASH, TP_SERVICE_DISK, TP_CRASH_LOOP, 0), -TP_EINVAL);
}
END_TEST

HOST_MAIN("restart", the_first_time_it_is_started_at_once,
          pauses_double_to_a_bound_and_then_it_is_given_up,
          one_that_lived_long_starts_with_a_clean_slate,
          a_silent_one_is_ended_and_started_without_a_pause, services_have_pauses_of_their_own,
          lines_that_do_not_get_through_are_lost_not_mixed, what_cannot_be_started_is_given_up,
          what_only_one_knows_nobody_can_take_over, restarts_are_counted,
          crash_is_checked_and_passed_on)
