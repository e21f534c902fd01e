/*
 * Exceptions of processes. Pages that are shared until written are the kernel's own business;
 * absent pages are the memory service's; everything else is the end of the process.
 */
#include "kernel/cpu.h"
#include "kernel/fast.h"
#include "kernel/schedule.h"

#define VECTOR_NUMBER 0xffu

static uint32_t signal_of(uint32_t vector)
{
    static const uint8_t signals[] = {
        [TG_CAUSE_ILLEGAL] = TP_SIGILL,      [TG_CAUSE_BREAKPOINT] = TP_SIGTRAP,
        [TG_CAUSE_PRIVILEGE] = TP_SIGILL,    [TG_CAUSE_PORT] = TP_SIGSEGV,
        [TG_CAUSE_MISALIGNED] = TP_SIGBUS,   [TG_CAUSE_PAGE] = TP_SIGSEGV,
        [TG_CAUSE_BUS] = TP_SIGBUS,          [TG_CAUSE_GATE] = TP_SIGSEGV,
    };

    return signals[vector];
}

/* True if the process can go on, or waits for its page. */
static bool resolve(struct process *process)
{
    uint32_t address = process->frame.address;
    uint32_t access = K_PAGE_ACCESS(process->frame.error);
    uint32_t reason = K_PAGE_REASON(process->frame.error);
    bool writes = access == TG_ACCESS_STORE || access == TG_ACCESS_ATOMIC;

    if (address < TP_USER_FIRST || address >= TP_USER_END)
        return false;
    if (reason == TG_PAGE_DIRECTORY_ABSENT || reason == TG_PAGE_TABLE_ABSENT) {
        k_absent_page(process, address, access);
        return true;
    }
    return reason == TG_PAGE_PERMISSION && writes &&
           k_space_prepare(process, address, K_USE_WRITE) == 0;
}

/* entry.S: a process has raised an exception. */
struct process *k_exception(struct process *process);

struct process *k_exception(struct process *process)
{
    k_lock();
    return k_exception_locked(process);
}

struct process *k_exception_locked(struct process *process)
{
    uint32_t vector = process->frame.vector & VECTOR_NUMBER;

    if (process->state == TP_RUN_RUNNING && !(vector == TG_CAUSE_PAGE && resolve(process)))
        k_fatal_fault(process, signal_of(vector), process->frame.address);
    return k_leave(process);
}
