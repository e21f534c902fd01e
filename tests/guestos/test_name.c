/* Tests of the name service (guestos/services/name.c). */
#include <string.h>

#include "host.h"

#define FIRST  TP_ENDPOINT(20, 1)
#define SECOND TP_ENDPOINT(21, 1)

/* The kernel's processes, by slot: endpoint and state. */
static struct {
    uint32_t endpoint;
    enum tp_run_state state;
} processes[TP_PROCESSES];

static int32_t inspect(enum tp_service asker, enum tp_call call, const tp_word args[4])
{
    struct tp_process_info *info = (struct tp_process_info *)args[1];

    ck_assert_int_eq(asker, TP_SERVICE_NAME);
    ck_assert_int_eq(call, TP_CALL_INSPECT);
    memset(info, 0, sizeof *info);
    info->endpoint = processes[args[0]].endpoint;
    info->state = processes[args[0]].state;
    return 0;
}

static void run(uint32_t endpoint, enum tp_run_state state)
{
    processes[TP_ENDPOINT_SLOT(endpoint)].endpoint = endpoint;
    processes[TP_ENDPOINT_SLOT(endpoint)].state = state;
}

static void place(void)
{
    host_set_system(inspect);
    host_place(&name_service, NULL, 0);
    run(FIRST, TP_RUN_WAITING);
    run(SECOND, TP_RUN_RUNNING);
}

static int32_t take(uint32_t caller, const char *text)
{
    return HOST(caller, REGISTER, (tp_word)text);
}

static int32_t look_up(const char *text)
{
    return HOST(SECOND, LOOKUP, (tp_word)text);
}

START_TEST(ping_answers_its_argument)
{
    place();
    ck_assert_int_eq(HOST(FIRST, PING, 4711), 4711);
}
END_TEST

START_TEST(a_name_is_found_until_its_process_takes_another)
{
    place();
    ck_assert_int_eq(look_up("printer"), -TP_ENOENT);
    ck_assert_int_eq(take(FIRST, "printer"), 0);
    ck_assert_int_eq(look_up("printer"), (int32_t)FIRST);
    ck_assert_int_eq(look_up("print"), -TP_ENOENT);
    ck_assert_int_eq(look_up("printers"), -TP_ENOENT);
    ck_assert_int_eq(take(FIRST, "plotter"), 0);
    ck_assert_int_eq(look_up("printer"), -TP_ENOENT);
    ck_assert_int_eq(look_up("plotter"), (int32_t)FIRST);
}
END_TEST

START_TEST(a_name_has_one_owner)
{
    place();
    ck_assert_int_eq(take(FIRST, "printer"), 0);
    ck_assert_int_eq(take(FIRST, "printer"), 0);
    ck_assert_int_eq(take(SECOND, "printer"), -TP_EEXIST);
    ck_assert_int_eq(look_up("printer"), (int32_t)FIRST);
}
END_TEST

START_TEST(names_of_ended_processes_vanish)
{
    static const enum tp_run_state ended[] = {TP_RUN_FREE, TP_RUN_STOPPED, TP_RUN_DEAD};

    place();
    for (size_t i = 0; i < sizeof ended / sizeof ended[0]; i++) {
        run(FIRST, TP_RUN_READY);
        ck_assert_int_eq(take(FIRST, "printer"), 0);
        run(FIRST, ended[i]);
        ck_assert_int_eq(look_up("printer"), -TP_ENOENT);
        /* for good, even if such an endpoint should run again */
        run(FIRST, TP_RUN_READY);
        ck_assert_int_eq(look_up("printer"), -TP_ENOENT);
    }
}
END_TEST

START_TEST(a_successor_in_the_slot_does_not_inherit_the_name)
{
    place();
    ck_assert_int_eq(take(FIRST, "printer"), 0);
    run(TP_ENDPOINT(20, 2), TP_RUN_RUNNING);
    ck_assert_int_eq(look_up("printer"), -TP_ENOENT);
    ck_assert_int_eq(take(SECOND, "printer"), 0);
}
END_TEST

START_TEST(services_have_their_names_for_ever)
{
    place();
    ck_assert_int_eq(look_up("fs"), TP_SERVICE_FILE);
    ck_assert_int_eq(look_up("system"), TP_SERVICE_SYSTEM);
    ck_assert_int_eq(take(FIRST, "fs"), -TP_EEXIST);
    ck_assert_int_eq(take(TP_SERVICE_DISK, "floppy"), -TP_EPERM);
}
END_TEST

START_TEST(names_have_1_to_31_characters)
{
    place();
    ck_assert_int_eq(take(FIRST, ""), -TP_EINVAL);
    ck_assert_int_eq(take(FIRST, "0123456789012345678901234567890"), 0);
    ck_assert_int_eq(take(FIRST, "01234567890123456789012345678901"), -TP_ENAMETOOLONG);
    ck_assert_int_eq(look_up("0123456789012345678901234567890"), (int32_t)FIRST);
}
END_TEST

HOST_MAIN("name", ping_answers_its_argument, a_name_is_found_until_its_process_takes_another,
          a_name_has_one_owner, names_of_ended_processes_vanish,
          a_successor_in_the_slot_does_not_inherit_the_name, services_have_their_names_for_ever,
          names_have_1_to_31_characters)
