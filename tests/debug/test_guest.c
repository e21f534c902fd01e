/*
 * What Turnpike tells of itself, in every arrangement: the same processes and waits, wherever services live and however
 * they are asked.
 */
#include <stdlib.h>
#include <string.h>

#include "turnpike.h"

#define MOST 40000000

static const struct {
    const char *words;
    uint32_t cpus;
    bool is_fs_server, is_disk_server, is_queue;
} arrangements[] = {
    {"", 1, false, false, false},           {"services=server", 1, true, true, false},
    {"calls=queue", 2, false, false, true}, {"services=server calls=queue", 2, true, true, true},
    {"fs=server", 1, true, false, false},   {"services=server fs=kernel", 4, false, true, false},
};
#define ARRANGEMENTS ((int)(sizeof arrangements / sizeof arrangements[0]))

static struct tg_guest_process process_named(const char *name)
{
    struct tg_guest_process process;

    ck_assert_msg(tg_guest_process_by_name(turnpike.guest, name, &process), "there is no process %s", name);
    return process;
}

/* The wait of one process for another one, by their names; NULL: there is none. Lives until the next call. */
static const struct tg_guest_wait *wait_of(const char *from, const char *to, enum tg_guest_wait_kind kind)
{
    static struct tg_guest_wait waits[256];
    struct tg_guest_process process, other;
    size_t count = tg_guest_waits(turnpike.guest, waits, 256);

    ck_assert_uint_le(count, 256);
    for (size_t i = 0; i < count; i++) {
        ck_assert(tg_guest_process_at(turnpike.guest, &waits[i].from, &process));
        ck_assert(tg_guest_process_at(turnpike.guest, &waits[i].to, &other));
        if (waits[i].kind == kind && strcmp(process.name, from) == 0 && strcmp(other.name, to) == 0)
            return &waits[i];
    }
    return NULL;
}

static bool is_call(const struct tg_guest_wait *wait, const char *name)
{
    return wait != NULL && strcmp(tg_guest_call_name(turnpike.guest, (uint32_t)wait->call), name) == 0;
}

START_TEST(processes_are_named_with_what_they_wait_in)
{
    struct tg_guest_process rows[96], sh, init;
    size_t count;

    turnpike_boot(arrangements[_i].words, arrangements[_i].cpus);
    count = tg_guest_processes(turnpike.guest, rows, 96);
    ck_assert_uint_eq(count, 8 + 2); /* services, init, the shell */
    sh = process_named("sh");
    init = process_named("init");
    ck_assert_int_eq(sh.pid, 2);
    ck_assert_int_eq(sh.ring, 3);
    ck_assert_int_eq(sh.state, TG_GUEST_WAITING);
    ck_assert_str_eq(sh.waits_in_name, arrangements[_i].is_queue ? "queue_enter" : "read");
    ck_assert_uint_ne(sh.asid, init.asid);
    ck_assert(!sh.is_service && !sh.is_in_kernel);
    for (size_t i = 0; i < count; i++)
        if (rows[i].pid == 2)
            ck_assert_uint_eq(rows[i].parent, init.row.number);
    for (uint32_t cpu = 0; cpu < arrangements[_i].cpus; cpu++)
        ck_assert_uint_eq(tg_guest_current_number(turnpike.guest, cpu), TG_GUEST_NOBODY); /* idle */
    turnpike_end();
}
END_TEST

START_TEST(services_are_where_the_boot_words_put_them)
{
    struct tg_guest_service rows[16];
    size_t count;

    turnpike_boot(arrangements[_i].words, arrangements[_i].cpus);
    count = tg_guest_services(turnpike.guest, rows, 16);
    ck_assert_uint_eq(count, 8);
    for (size_t i = 0; i < count; i++) {
        ck_assert(rows[i].has_process && rows[i].process.is_service);
        ck_assert_str_eq(rows[i].name, rows[i].process.name);
        ck_assert_int_eq(rows[i].is_server, !rows[i].process.is_in_kernel);
        ck_assert_str_eq(rows[i].state, "");
        if (strcmp(rows[i].name, "fs") == 0)
            ck_assert_int_eq(rows[i].is_server, arrangements[_i].is_fs_server);
        if (strcmp(rows[i].name, "disk") == 0) {
            ck_assert_int_eq(rows[i].is_server, arrangements[_i].is_disk_server);
            ck_assert_uint_eq(rows[i].sources, 1u << 14);
            ck_assert_int_eq(rows[i].process.ring, arrangements[_i].is_disk_server ? 1 : 0);
        }
    }
    turnpike_end();
}
END_TEST

START_TEST(a_reader_waits_for_who_can_write_into_its_pipe)
{
    struct tg_guest_process cycle[TG_GUEST_MOST_CYCLE], wc;
    const struct tg_guest_wait *wait;
    struct tg_guest_file files[8];
    struct tg_guest_queue queues[8];
    size_t count;

    turnpike_boot(arrangements[_i].words, arrangements[_i].cpus);
    ck_assert_int_eq(turnpike_type("cat | wc\n", MOST), TG_STOP_INPUT);
    wait = wait_of("wc", "cat", TG_GUEST_WAIT_PIPE);
    ck_assert(wait != NULL && wait->is_blocked && is_call(wait, "read"));
    ck_assert(is_call(wait_of("wc", "fs", TG_GUEST_WAIT_REQUEST), "read"));
    ck_assert(is_call(wait_of("cat", "fs", TG_GUEST_WAIT_REQUEST), "read"));
    wait = wait_of("fs", "tty", TG_GUEST_WAIT_REQUEST);
    ck_assert(is_call(wait, "terminal_read") && !wait->is_blocked);
    ck_assert(is_call(wait_of("sh", "cat", TG_GUEST_WAIT_CHILD), "wait"));
    ck_assert_ptr_null(wait_of("cat", "wc", TG_GUEST_WAIT_PIPE));
    ck_assert_uint_eq(tg_guest_deadlock(turnpike.guest, cycle), 0);

    wc = process_named("wc");
    count = tg_guest_files(turnpike.guest, &wc, files, 8);
    ck_assert_uint_eq(count, 3);
    ck_assert(files[0].descriptor == 0 && files[0].is_pipe && files[0].can_read && !files[0].can_write);
    ck_assert_str_eq(files[0].kind, "pipe reader");
    ck_assert_str_eq(files[1].kind, "device");

    count = tg_guest_queues(turnpike.guest, queues, 8);
    ck_assert_uint_eq(count, arrangements[_i].is_queue ? 4 : 0);
    for (size_t i = 0; i < count; i++) {
        ck_assert_uint_eq(queues[i].submission_capacity, 64);
        ck_assert_uint_eq(queues[i].submissions, 0);
        ck_assert_uint_eq(queues[i].completions, 0);
        ck_assert_uint_eq(queues[i].in_flight, queues[i].process.pid >= 3 ? 1 : 0);
    }
    turnpike_end();
}
END_TEST

static bool is_chain_to_disk(void)
{
    return is_call(wait_of("cat", "fs", TG_GUEST_WAIT_REQUEST), "read") &&
           is_call(wait_of("fs", "disk", TG_GUEST_WAIT_REQUEST), "disk_read");
}

START_TEST(a_read_is_followed_to_the_disk)
{
    struct tg_guest_request rows[16];
    size_t count, found = 0;

    turnpike_boot(arrangements[_i].words, arrangements[_i].cpus);
    ck_assert_int_eq(tg_machine_type(turnpike.machine, "cat doc/isa.md\n", 15), TG_OK);
    turnpike_until(is_chain_to_disk, 500, MOST);
    count = tg_guest_requests(turnpike.guest, rows, 16);
    for (size_t i = 0; i < count && i < 16; i++) {
        if (rows[i].has_process && strcmp(rows[i].process.name, "cat") == 0) {
            found++;
            ck_assert_str_eq(rows[i].service, "fs");
            ck_assert_str_eq(rows[i].call_name, "read");
            ck_assert_str_eq(rows[i].state, "heard");
            ck_assert_str_eq(rows[i].answer, arrangements[_i].is_queue ? "queue" : "trap");
            ck_assert_uint_eq(rows[i].argument_count, 6);
        }
    }
    ck_assert_uint_eq(found, 1);
    turnpike_end();
}
END_TEST

static bool is_refused(void)
{
    struct tg_guest_process rows[96], cycle[TG_GUEST_MOST_CYCLE];
    size_t count = tg_guest_processes(turnpike.guest, rows, 96);

    for (size_t i = 0; i < count; i++) {
        if (tg_guest_refused(turnpike.guest, &rows[i], cycle) != 3)
            continue;
        for (size_t k = 0; k < 3; k++)
            ck_assert_str_eq(cycle[k].name, "calltest");
        ck_assert(cycle[0].row.number != cycle[1].row.number && cycle[1].row.number != cycle[2].row.number);
        ck_assert_uint_eq(cycle[2].row.number, rows[i].row.number); /* who asked is the last */
        return true;
    }
    return false;
}

static bool is_message_waited_for(void)
{
    const struct tg_guest_wait *wait = wait_of("calltest", "calltest", TG_GUEST_WAIT_MESSAGE);

    return is_call(wait, "call") && strcmp(wait->state, "calling") == 0 && wait->is_blocked;
}

START_TEST(waits_for_messages_and_a_refused_cycle_are_seen)
{
    struct tg_guest_process cycle[TG_GUEST_MOST_CYCLE];

    turnpike_boot(arrangements[_i].words, arrangements[_i].cpus);
    ck_assert_int_eq(tg_machine_type(turnpike.machine, "calltest deadlock_of_3\n", 23), TG_OK);
    turnpike_until(is_message_waited_for, 2000, MOST);
    ck_assert_uint_eq(tg_guest_deadlock(turnpike.guest, cycle), 0);
    turnpike_until(is_refused, 2000, MOST);
    turnpike_end();
}
END_TEST

START_TEST(the_current_process_is_the_one_whose_memory_a_cpu_has)
{
    struct tg_guest_process process;
    struct tg_cpu_view view;
    unsigned seen = 0;

    turnpike_boot(arrangements[_i].words, arrangements[_i].cpus);
    ck_assert_int_eq(tg_machine_type(turnpike.machine, "cat doc/isa.md\n", 15), TG_OK);
    for (unsigned i = 0; i < 8000; i++) {
        turnpike_run(151);
        for (uint32_t cpu = 0; cpu < arrangements[_i].cpus; cpu++) {
            tg_machine_cpu(turnpike.machine, cpu, &view);
            if ((view.creg[TG_CR_STATUS] & TG_STATUS_RING) == 0)
                continue;
            ck_assert(tg_guest_current(turnpike.guest, cpu, &process));
            ck_assert_uint_eq(process.ptroot, view.creg[TG_CR_PTROOT]);
            ck_assert_int_eq(process.ring, (int)(view.creg[TG_CR_STATUS] & TG_STATUS_RING));
            ck_assert_int_eq(process.state, TG_GUEST_RUNNING);
            seen++;
        }
    }
    ck_assert_uint_ge(seen, 20);
    turnpike_end();
}
END_TEST

static struct tg_guest_call last_call;
static unsigned calls_seen;

static void take_entry(void *context, const struct tg_entry_event *event)
{
    struct tg_guest_call call;

    (void)context;
    if (tg_guest_call_at(turnpike.guest, event, &call) && call.name != NULL && strcmp(call.name, "read") == 0) {
        last_call = call;
        calls_seen++;
    }
}

START_TEST(calls_are_known_at_their_trap)
{
    const struct tg_observer observer = {.entry = take_entry};
    struct tg_guest_process process;

    turnpike_boot(arrangements[_i].words, arrangements[_i].cpus);
    calls_seen = 0;
    ck_assert_int_eq(tg_machine_observe(turnpike.machine, &observer), TG_OK);
    ck_assert_int_eq(turnpike_type("cat etc/motd\n", MOST), TG_STOP_INPUT);
    tg_machine_unobserve(turnpike.machine, &observer);
    if (arrangements[_i].is_queue) {
        turnpike_end();
        return; /* they go by the queue */
    }
    ck_assert_uint_ge(calls_seen, 3);
    process = process_named("sh"); /* the last read is the shell's, of the next command */
    ck_assert_uint_eq(last_call.process, process.row.number);
    ck_assert_uint_eq(last_call.arguments[0], 0);
    ck_assert_int_eq(last_call.is_message, arrangements[_i].is_fs_server);
    if (last_call.is_message)
        ck_assert_uint_eq(last_call.to, process_named("fs").row.number);
    turnpike_end();
}
END_TEST

START_TEST(calls_have_names)
{
    struct tg_guest_convention convention;
    int32_t number;

    turnpike_boot("", 1);
    ck_assert_str_eq(tg_guest_name(turnpike.guest), "Turnpike");
    ck_assert(tg_guest_convention(turnpike.guest, &convention));
    ck_assert_uint_eq(convention.vector, 64);
    ck_assert_uint_eq(convention.number_register, 17);
    number = tg_guest_call_number(turnpike.guest, "read", 4);
    ck_assert_int_ge(number, 0);
    ck_assert_str_eq(tg_guest_call_name(turnpike.guest, (uint32_t)number), "read");
    ck_assert_int_eq(tg_guest_call_number(turnpike.guest, "rea", 3), -1);
    ck_assert_ptr_null(tg_guest_call_name(turnpike.guest, tg_guest_call_count(turnpike.guest)));
    ck_assert_str_eq(tg_guest_message_name(turnpike.guest, 0xffff0001), "interrupt");
    ck_assert_str_eq(tg_guest_message_name(turnpike.guest, (uint32_t)number), "read");
    turnpike_end();
}
END_TEST

START_TEST(the_table_can_be_read_before_the_guest_has_run)
{
    struct tg_input reset = {.kind = TG_INPUT_RESET};
    struct tg_guest_process rows[4];

    turnpike_boot("services=server", 1);
    ck_assert_uint_gt(tg_guest_processes(turnpike.guest, rows, 4), 4); /* more than there is room for */
    ck_assert_int_eq(tg_machine_input(turnpike.machine, reset), TG_OK);
    turnpike_run(1);
    ck_assert_uint_eq(tg_guest_processes(turnpike.guest, rows, 4), 0);
    turnpike_end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("guest");
    TCase *tests = tcase_create("guest");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, processes_are_named_with_what_they_wait_in, 0, ARRANGEMENTS);
    tcase_add_loop_test(tests, services_are_where_the_boot_words_put_them, 0, ARRANGEMENTS);
    tcase_add_loop_test(tests, a_reader_waits_for_who_can_write_into_its_pipe, 0, ARRANGEMENTS);
    tcase_add_loop_test(tests, a_read_is_followed_to_the_disk, 0, ARRANGEMENTS);
    tcase_add_loop_test(tests, waits_for_messages_and_a_refused_cycle_are_seen, 0, ARRANGEMENTS);
    tcase_add_loop_test(tests, the_current_process_is_the_one_whose_memory_a_cpu_has, 0, ARRANGEMENTS);
    tcase_add_loop_test(tests, calls_are_known_at_their_trap, 0, ARRANGEMENTS);
    tcase_add_test(tests, calls_have_names);
    tcase_add_test(tests, the_table_can_be_read_before_the_guest_has_run);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
