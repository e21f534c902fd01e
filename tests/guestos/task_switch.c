/*
 * The switch of guestos/services/task_switch.s for the host: contexts of POSIX, kept on the stacks
 * that they stop on.
 */
#include <ucontext.h>

#include "services/task.h"

void task_switch(uintptr_t *ret_sp, uintptr_t sp)
{
    ucontext_t here;
    *ret_sp = (uintptr_t)&here;
    swapcontext(&here, (ucontext_t *)sp);
}

/* What begins on a new stack: makecontext passes only ints. */
struct beginning {
    ucontext_t context; /* first: task_switch's sp */
    void (*function)(void *argument);
    void *argument;
};

static void begin(unsigned high, unsigned low)
{
    struct beginning *beginning = (struct beginning *)((uintptr_t)high << 32 | low);
    beginning->function(beginning->argument);
}

uintptr_t task_prepare(void *stack, uint32_t bytes, void (*function)(void *argument),
                       void *argument)
{
    uint32_t offset = (bytes - (uint32_t)sizeof(struct beginning)) & ~63u;
    struct beginning *beginning = (struct beginning *)(void *)((char *)stack + offset);
    beginning->function = function;
    beginning->argument = argument;
    getcontext(&beginning->context);
    beginning->context.uc_stack.ss_sp = stack;
    beginning->context.uc_stack.ss_size = offset;
    beginning->context.uc_link = NULL;
    uintptr_t address = (uintptr_t)beginning;
    makecontext(&beginning->context, (void (*)(void))begin, 2, (unsigned)(address >> 32),
                (unsigned)address);
    return address;
}
