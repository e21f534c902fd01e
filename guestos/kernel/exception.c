/*
 * Exceptions of processes. Pages that are shared until written are the kernel's own business;
 * absent pages are the memory service's; everything else is the end of the process.
 */
#include "kernel/cpu.h"
#include "kernel/fast.h"
#include "kernel/schedule.h"

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
    if (process->state == TP_RUN_RUNNING && !(K_VECTOR(process->frame) == TG_CAUSE_PAGE && resolve(process)))
        k_fatal_fault(process);
    return k_leave(process);
}
