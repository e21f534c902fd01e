/* The half of the kernel that serves calls is not there yet: the kernel starts, and says so. */
#include "kernel/cpu.h"
#include "kernel/panic.h"

struct process *k_trap(struct process *caller)
{
    return caller;
}

struct process *k_trap_saved(struct process *caller)
{
    return caller;
}

struct process *k_poll(struct process *idle)
{
    return idle;
}

void k_absent_page(struct process *process, uint32_t address, uint32_t access)
{
    k_panic("%s: page fault at %8x, access %u", process->name, address, access);
}

void k_fatal_fault(struct process *process, uint32_t signal, uint32_t address)
{
    k_panic("%s: signal %u at %8x", process->name, signal, address);
}

void k_service_interrupt(uint32_t source)
{
    k_panic("interrupt of source %u", source);
}

void k_take_queued(void)
{
}

void k_left_cpu(struct process *process)
{
    (void)process;
}

void k_services_start(void)
{
    k_panic("the core of the kernel has started, but nothing serves calls yet");
}
