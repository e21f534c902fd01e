/*
 * Tasks: threads inside one service, each with a small stack in the service's state. They take
 * turns only where one waits, so what they share needs no lock. A service whose work has several
 * steps (a file is found, then its block is read) starts a task for a request, lets it wait in the
 * middle for the disk or for another service's prompt answer, and goes on with other requests
 * meanwhile.
 *
 * A task may wait only for what surely comes soon: never for a person, a pipe or a child. Requests
 * that wait for those are kept in a list and answered later, without a task.
 *
 * The service's own functions (handle, answered, alarm) are called on the stack of the placement,
 * "at home". They start or wake tasks and end with tasks_run; a task that waits goes back there.
 */
#ifndef TURNPIKE_TASK_H
#define TURNPIKE_TASK_H

#include "turnpike/service.h"

/* Bytes of a task's stack. On the host, where the tests are, libraries need more. */
#if UINTPTR_MAX > 0xffffffffu
#define TASK_STACK_BYTES 65536
#else
#define TASK_STACK_BYTES 4096
#endif

struct task {
    uintptr_t sp; /* of a task that does not run: task_switch */
    struct task *next;
    void (*function)(void *argument);
    void *argument;
    int32_t result; /* what it was woken with */
    _Alignas(16) unsigned char stack[TASK_STACK_BYTES];
};

/* Tasks in the order in which they came; all zero: none. */
struct task_list {
    struct task *first, *last;
};

/* The tasks of a service; part of its state. */
struct tasks {
    struct task *all;
    uint32_t count;
    uintptr_t home_sp;
    struct task *running; /* NULL: at home */
    struct task_list free, ready;
};

/* Makes all count tasks of the array free. Once, in start(). */
void tasks_init(struct tasks *tasks, struct task *all, uint32_t count);

/* Makes a free task ready to call function(argument), and ends with it; false: there is no free
 * one. */
bool task_start(struct tasks *tasks, void (*function)(void *argument), void *argument);

/* At home: runs ready tasks until all that there are wait or are free. */
void tasks_run(struct tasks *tasks);

/* In a task: waits until task_wake; the result given there. */
int32_t task_wait(struct tasks *tasks);

/* Makes a task that waits ready to go on with a result. Anywhere; it runs in tasks_run. */
void task_wake(struct tasks *tasks, struct task *task, int32_t result);

/* In a task: waits in a list of its kind, behind the others there. */
int32_t task_wait_in(struct tasks *tasks, struct task_list *list);

/* Wakes the first of a list, or all. */
void task_wake_first(struct tasks *tasks, struct task_list *list, int32_t result);
void task_wake_all(struct tasks *tasks, struct task_list *list, int32_t result);

/* In a task: asks another service and waits for its answer. The service's answered() must be, or
 * call, task_answered; its tags are the tasks' numbers, 0 to count - 1. */
int32_t task_ask(struct tasks *tasks, enum tp_service asker, enum tp_call call,
                 const tp_word args[TP_ARGUMENTS]);
void task_answered(struct tasks *tasks, uint32_t tag, int32_t result);

/* --- The switch itself: task_switch.s, on the host tests/guestos/task_switch.c -------------- */

/* Goes on with what was left at sp, and leaves this here: *ret_sp is where to go on with it. */
void task_switch(uintptr_t *ret_sp, uintptr_t sp);

/* An sp at which function(argument) begins, on the stack that ends there. function must not return.
 */
uintptr_t task_prepare(void *stack, uint32_t bytes, void (*function)(void *argument),
                       void *argument);

#endif
