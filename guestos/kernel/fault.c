/*
 * What a process or a CPU runs into, as calls of the kernel's own: an absent page is a PAGE_FAULT for the
 * memory service, the end of what cannot go on is a FAULTED or GONE for the process service.
 */
#include "kernel/message.h"
#include "kernel/placement.h"
#include "kernel/queue.h"
#include "kernel/schedule.h"

void k_absent_page(struct process *process, uint32_t address, uint32_t access)
{
    uint32_t args[TP_ARGUMENTS] = {address, access, process->frame.pc};

    k_block(process, TP_RUN_WAITING);
    if (k_service_of(process))
        k_fault_report(process, 0); /* a server's memory is all there, so this is a wild address */
    else
        k_ask_for(process, K_TO_PAGE, TP_CALL_PAGE_FAULT, args);
    k_services_run();
}

void k_fatal_fault(struct process *process)
{
    k_block(process, TP_RUN_WAITING);
    k_fault_report(process, 0);
    k_services_run();
}

void k_fault_report(struct process *process, int32_t page)
{
    const struct frame *frame = &process->frame;
    uint32_t args[TP_ARGUMENTS] = {K_VECTOR(*frame), frame->error, frame->pc,
                                   frame->address, (uint32_t)page};

    if (k_service_of(process))
        k_server_faulted(k_service_of(process));
    else
        k_ask_for(process, K_TO_NOBODY, TP_CALL_FAULTED, args);
}

void k_left_cpu(struct process *process)
{
    if (k_service_of(process))
        k_server_left(k_service_of(process));
    else
        k_request_check_gone(process);
    k_services_run();
}

void k_take_queued(void)
{
    struct process *process = k_current();

    if (process->ipc.queue)
        k_queue_drain(process);
    k_services_run();
}
