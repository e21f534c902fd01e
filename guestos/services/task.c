/*
 * Tasks: see task.h. The order in which they run is that in which they became ready.
 */
#include "task.h"

/* In the lowest words of each stack. A task that has written over it has written beyond its stack.
 */
#define STACK_MARK 0x7a5cadd5u

static void append(struct task_list *list, struct task *task)
{
    task->next = NULL;
    if (list->first)
        list->last->next = task;
    else
        list->first = task;
    list->last = task;
}

static struct task *take_first(struct task_list *list)
{
    struct task *task = list->first;
    if (task)
        list->first = task->next;
    return task;
}

/* Every task's life: what it is started for, then free until it is started again. */
static void live(void *argument)
{
    struct tasks *tasks = argument;
    for (;;) {
        struct task *self = tasks->running;
        self->function(self->argument);
        append(&tasks->free, self);
        task_switch(&self->sp, tasks->home_sp);
    }
}

void tasks_init(struct tasks *tasks, struct task *all, uint32_t count)
{
    *tasks = (struct tasks){.all = all, .count = count};
    for (struct task *task = all; task < all + count; task++) {
        *(uint32_t *)(void *)task->stack = STACK_MARK;
        task->sp = task_prepare(task->stack, sizeof task->stack, live, tasks);
        append(&tasks->free, task);
    }
}

bool task_start(struct tasks *tasks, void (*function)(void *argument), void *argument)
{
    struct task *task = take_first(&tasks->free);
    if (!task)
        return false;
    task->function = function;
    task->argument = argument;
    append(&tasks->ready, task);
    return true;
}

void tasks_run(struct tasks *tasks)
{
    struct task *task;
    while ((task = take_first(&tasks->ready))) {
        tasks->running = task;
        task_switch(&tasks->home_sp, task->sp);
        tasks->running = NULL;
        if (*(uint32_t *)(void *)task->stack != STACK_MARK)
            tp_fail("a task's stack was too small");
    }
}

int32_t task_wait(struct tasks *tasks)
{
    struct task *self = tasks->running;
    task_switch(&self->sp, tasks->home_sp);
    return self->result;
}

void task_wake(struct tasks *tasks, struct task *task, int32_t result)
{
    task->result = result;
    append(&tasks->ready, task);
}

int32_t task_wait_in(struct tasks *tasks, struct task_list *list)
{
    append(list, tasks->running);
    return task_wait(tasks);
}

void task_wake_first(struct tasks *tasks, struct task_list *list, int32_t result)
{
    struct task *task = take_first(list);
    if (task)
        task_wake(tasks, task, result);
}

void task_wake_all(struct tasks *tasks, struct task_list *list, int32_t result)
{
    while (list->first)
        task_wake_first(tasks, list, result);
}

int32_t task_ask(struct tasks *tasks, enum tp_service asker, enum tp_call call,
                 const tp_word args[TP_ARGUMENTS])
{
    tp_ask(asker, call, args, (uint32_t)(tasks->running - tasks->all));
    return task_wait(tasks);
}

void task_answered(struct tasks *tasks, uint32_t tag, int32_t result)
{
    task_wake(tasks, &tasks->all[tag], result);
    tasks_run(tasks);
}
