/* Tests of tasks inside a service (guestos/services/task.h), and of the host that runs services. */
#include <string.h>

#include "host.h"
#include "services/task.h"

/* A service that notes what its tasks do. */
static struct {
    struct tasks tasks;
    struct task all[3];
    struct task_list list;
    char notes[64];
} state;

static void note(char what)
{
    state.notes[strlen(state.notes)] = what;
}

static void start(void)
{
    tasks_init(&state.tasks, state.all, 3);
}

/* Asks the memory service, then answers with what it said. */
static void ask_then_answer(void *argument)
{
    struct request *request = argument;
    note('a');
    tp_word args[TP_ARGUMENTS] = {request->args[0]};
    int32_t result = task_ask(&state.tasks, TP_SERVICE_NAME, TP_CALL_SBRK, args);
    note('b');
    tp_answer(request, result + 1);
}

static void wait_in_the_list(void *argument)
{
    struct request *request = argument;
    tp_answer(request, task_wait_in(&state.tasks, &state.list));
}

static void use_too_much_stack(void *argument)
{
    (void)argument;
    memset(state.tasks.running->stack, 0, 16);
}

static void handle(struct request *request)
{
    static void (*const functions[])(void *) = {ask_then_answer, wait_in_the_list,
                                                use_too_much_stack};
    if (request->args[1] == 9)
        tp_fail("it was asked to");
    if (!task_start(&state.tasks, functions[request->args[1]], request))
        tp_answer(request, -TP_EAGAIN);
    tasks_run(&state.tasks);
}

static void answered(uint32_t tag, int32_t result)
{
    task_answered(&state.tasks, tag, result);
}

static const struct service service = {
    .id = TP_SERVICE_NAME, .start = start, .handle = handle, .answered = answered};

static void place(void)
{
    host_place(&service, &state, sizeof state);
}

static void double_it(struct request *request)
{
    note('m');
    tp_answer(request, 2 * (int32_t)request->args[0]);
}

START_TEST(a_task_waits_for_another_service)
{
    place();
    host_set_service(TP_SERVICE_MEMORY, double_it);
    ck_assert_int_eq(HOST(99, PING, 20), 41);
    ck_assert_str_eq(state.notes, "amb");
}
END_TEST

START_TEST(tasks_wait_side_by_side)
{
    place();
    host_set_service(TP_SERVICE_MEMORY, double_it);
    struct host_call *calls[3];
    for (tp_word i = 0; i < 3; i++)
        calls[i] = host_ask(99, TP_CALL_PING, (const tp_word[TP_ARGUMENTS]){i});
    host_run();
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(calls[i]->result, 2 * i + 1);
    ck_assert_str_eq(state.notes, "aaammmbbb");
}
END_TEST

START_TEST(a_list_wakes_in_order_and_there_are_no_more_tasks_than_there_are)
{
    place();
    struct host_call *calls[4];
    for (int i = 0; i < 4; i++)
        calls[i] = host_ask(99, TP_CALL_PING, (const tp_word[TP_ARGUMENTS]){0, 1});
    host_run();
    ck_assert(calls[3]->is_answered);
    ck_assert_int_eq(calls[3]->result, -TP_EAGAIN);
    ck_assert_uint_eq(host_open_calls(), 3);
    task_wake_first(&state.tasks, &state.list, 7);
    tasks_run(&state.tasks);
    ck_assert(calls[0]->is_answered && !calls[1]->is_answered);
    ck_assert_int_eq(calls[0]->result, 7);
    task_wake_all(&state.tasks, &state.list, 8);
    tasks_run(&state.tasks);
    ck_assert_int_eq(calls[1]->result, 8);
    ck_assert_int_eq(calls[2]->result, 8);
    task_wake_first(&state.tasks, &state.list, 9); /* nobody: nothing */
}
END_TEST

START_TEST(a_stack_that_was_too_small_ends_the_service)
{
    place();
    host_ask(99, TP_CALL_PING, (const tp_word[TP_ARGUMENTS]){0, 2});
    host_run();
    ck_assert_str_eq(host_failure(TP_SERVICE_NAME), "a task's stack was too small");
}
END_TEST

START_TEST(a_restarted_service_gets_the_calls_that_were_not_answered)
{
    place();
    struct host_call *first = host_ask(99, TP_CALL_PING, (const tp_word[TP_ARGUMENTS]){0, 1});
    host_run();
    struct host_call *second = host_ask(99, TP_CALL_PING, (const tp_word[TP_ARGUMENTS]){0, 9});
    host_run();
    ck_assert_str_eq(host_failure(TP_SERVICE_NAME), "it was asked to");
    ck_assert_uint_eq(host_open_calls(), 2);
    second->request.args[1] = first->request.args[1] = 0;
    host_set_service(TP_SERVICE_MEMORY, double_it);
    host_restart(TP_SERVICE_NAME);
    host_run();
    ck_assert(first->is_answered && second->is_answered);
    ck_assert_str_eq(state.notes, "aammbb");
}
END_TEST

HOST_MAIN("task", a_task_waits_for_another_service, tasks_wait_side_by_side,
          a_list_wakes_in_order_and_there_are_no_more_tasks_than_there_are,
          a_stack_that_was_too_small_ends_the_service,
          a_restarted_service_gets_the_calls_that_were_not_answered)
