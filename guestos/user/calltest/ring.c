/* Tests of the rings: what a program may not do ends it with the right signal, and does nothing else. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calltest.h"

/* machine.s */
struct forbidden_act {
    void (*act)(void);
    const char *text;
};

struct trap_act {
    uint32_t words[2];
};

extern const struct forbidden_act forbidden_acts[];
extern const struct trap_act trap_acts[256];
void act_breakpoint(void), act_misaligned_load(void), act_misaligned_store(void), act_misaligned_jump(void),
    act_misaligned_atomic(void), act_wrong_stack(void);
void act_iret(uint32_t status);

static void run_act(void *argument)
{
    ((void (*)(void))argument)();
}

/* The signal that ends a child which does that. */
static int ending(void (*act)(void *), void *argument, const char *text)
{
    pid_t pid = start_child(act, argument);
    int status = 0;

    EQUAL(waitpid(pid, &status, 0), pid);
    if (!WIFSIGNALED(status))
        printf("%s: the child ended with status %d, not by a signal\n", text, WEXITSTATUS(status));
    CHECK(WIFSIGNALED(status));
    return WTERMSIG(status);
}

static void privileged_instructions(void)
{
    for (const struct forbidden_act *act = forbidden_acts; act->act != NULL; act++) {
        /* a port is a place, as an address is; all others are instructions */
        bool is_port = strncmp(act->text, "in", 2) == 0 || strncmp(act->text, "out", 3) == 0;
        int signal = ending(run_act, (void *)(uintptr_t)act->act, act->text);

        if (signal != (is_port ? SIGSEGV : SIGILL))
            printf("%s: ended by signal %d\n", act->text, signal);
        EQUAL(signal, is_port ? SIGSEGV : SIGILL);
    }
}

static void all_other_traps(void)
{
    for (unsigned vector = 0; vector < 256; vector++) {
        char text[16];

        if (vector == TP_VECTOR_CALL)
            continue;
        snprintf(text, sizeof text, "trap %u", vector);
        EQUAL(ending(run_act, (void *)(uintptr_t)&trap_acts[vector], text), SIGSEGV);
    }
}

static void return_with(void *argument)
{
    act_iret(*(uint32_t *)argument);
}

/* iret to a more privileged ring, or with interrupts off, or with rights to ports. */
static void forged_returns(void)
{
    static const uint32_t forged[] = {0x00, 0x01, 0x02, 0x10, 0x11, 0x12, 0x03, 0x313, 0x113, 0x213, 0x303,
                                      0xffffffff, 0x17, 0x1b, 0x80000013};
    uint32_t harmless = 0x13;

    for (unsigned i = 0; i < sizeof forged / sizeof forged[0]; i++)
        EQUAL(ending(return_with, (void *)&forged[i], "iret"), SIGILL);
    in_child(return_with, &harmless); /* to ring 3 as it is: an ordinary jump */
}

static void load(void *argument)
{
    (void)*(volatile uint8_t *)argument;
}

static void store(void *argument)
{
    *(volatile uint8_t *)argument = 0;
}

static void kernel_memory(void)
{
    static const uint32_t addresses[] = {0xc0000000, 0xc0000100, 0xc0001000, 0xc0002000, 0xc0100000, 0xc0ffffff,
        0xd0000000, 0xe0000000, 0xf0000000, 0xffc00000, 0xfffff000, 0xffffffff, 0, 4, 0xfff, 0x1000, 0xffff};

    for (unsigned i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        void *address = (void *)(uintptr_t)addresses[i];

        EQUAL(ending(load, address, "load"), SIGSEGV);
        EQUAL(ending(store, address, "store"), SIGSEGV);
        if (addresses[i] % 4 == 0)
            EQUAL(ending(run_act, address, "jump"), SIGSEGV);
    }
}

static void misaligned(void)
{
    EQUAL(ending(run_act, (void *)(uintptr_t)act_misaligned_load, "load"), SIGBUS);
    EQUAL(ending(run_act, (void *)(uintptr_t)act_misaligned_store, "store"), SIGBUS);
    EQUAL(ending(run_act, (void *)(uintptr_t)act_misaligned_jump, "jump"), SIGBUS);
    EQUAL(ending(run_act, (void *)(uintptr_t)act_misaligned_atomic, "atomic"), SIGBUS);
}

static void breakpoint(void)
{
    EQUAL(ending(run_act, (void *)(uintptr_t)act_breakpoint, "brk"), SIGTRAP);
}

static void wrong_stack(void)
{
    in_child(run_act, (void *)(uintptr_t)act_wrong_stack);
}

static void read_status(void)
{
    EQUAL(tg_rdcr(TG_CR_STATUS), 0x13); /* ring 3, interrupts on, no ports */
}

static const struct test tests[] = {
    {"ring_privileged_instructions", privileged_instructions},
    {"ring_all_other_traps", all_other_traps},
    {"ring_forged_returns", forged_returns},
    {"ring_kernel_memory", kernel_memory},
    {"ring_misaligned", misaligned},
    {"ring_breakpoint", breakpoint},
    {"ring_wrong_stack", wrong_stack},
    {"ring_status", read_status},
};

const struct test_table ring_tests = TEST_TABLE(tests);
