/*
 * Where a program begins: sp at argc, then the pointers to the arguments and NULL. Learns how calls go,
 * runs constructors and main. Compiled by tg-cc -mturnpike, for both C libraries.
 */
#include "gate.h"
#include "turnpike.h"

int main(int argc, char **argv, char **environment);
_Noreturn void exit(int status);

/* Of the linker's layout: what runs before main. */
extern void (*const __preinit_array_start[])(void), (*const __preinit_array_end[])(void);
extern void (*const __init_array_start[])(void), (*const __init_array_end[])(void);

void _start(void);
_Noreturn void tp_start_c(char **words);

/* The variables of the one thread are where the linker put them, and tp points there. */
__attribute__((naked, section(".text.start"))) void _start(void)
{
    __asm__ volatile("lui tp, %hi(__tls_base)\n"
                     "addi tp, tp, %lo(__tls_base)\n"
                     "mv a0, sp\n"
                     "andi sp, sp, -16\n"
                     "call tp_start_c\n");
}

static void run_all(void (*const *first)(void), void (*const *end)(void))
{
    for (; first < end; first++)
        (*first)();
}

__attribute__((used)) _Noreturn void tp_start_c(char **words)
{
    static char *environment[1];
    int count = (int)(intptr_t)words[0];

    tp_choose_calls();
    run_all(__preinit_array_start, __preinit_array_end);
    run_all(__init_array_start, __init_array_end);
    exit(main(count, words + 1, environment));
}
