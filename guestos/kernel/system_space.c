/*
 * Calls by which the memory service makes and changes the spaces of programs. What memory a program may
 * have is its business; that pages are the program's own is the kernel's (space.c).
 */
#include "kernel/copy.h"
#include "kernel/frames.h"
#include "kernel/grant.h"
#include "kernel/queue.h"
#include "kernel/request.h"
#include "kernel/system.h"

/* What was granted or asked from a space ends with it. */
static void leave_space(struct process *process)
{
    k_grants_drop(process);
    k_queue_close(process);
}

K_CALL(SPACE_COPY)
{
    struct process *from = k_program_at(args[0]), *to = k_program_at(args[1]);

    (void)caller;
    return from && to ? k_space_copy(to, from) : -TP_ESRCH;
}

K_CALL(SPACE_BEGIN)
{
    struct process *process = k_program_at(args[0]);

    (void)caller;
    return process ? k_space_begin(process) : -TP_ESRCH;
}

K_CALL(SPACE_MAP)
{
    struct process *process = k_program_at(args[0]);

    (void)caller;
    return process ? k_space_map(process, args[1], args[2], args[3]) : -TP_ESRCH;
}

K_CALL(SPACE_UNMAP)
{
    struct process *process = k_program_at(args[0]);

    (void)caller;
    return process ? k_space_unmap(process, args[1], args[2]) : -TP_ESRCH;
}

K_CALL(SPACE_WRITE)
{
    struct process *process = k_program_at(args[0]);
    uint32_t address = args[1], from = args[2], bytes = args[3];

    if (!process)
        return -TP_ESRCH;
    while (bytes > 0) {
        uint32_t room = TP_PAGE - from % TP_PAGE, part = bytes < room ? bytes : room;
        const void *source = k_is_kernel(caller) ? (const void *)(uintptr_t)from
                                                 : k_space_find(caller, from, K_USE_READ);
        int status = source ? k_space_write(process, address, source, part) : -TP_EFAULT;

        if (status != 0)
            return status;
        address += part;
        from += part;
        bytes -= part;
    }
    return 0;
}

K_CALL(SPACE_COMMIT)
{
    struct process *process = k_program_at(args[0]);

    (void)caller;
    if (!process)
        return -TP_ESRCH;
    if (!process->new_space.directory) /* a first program's is built where it stays */
        return process->space.directory ? 0 : -TP_EINVAL;
    leave_space(process);
    return k_space_commit(process);
}

K_CALL(SPACE_ABANDON)
{
    struct process *process = k_program_at(args[0]);

    (void)caller;
    if (!process)
        return -TP_ESRCH;
    k_space_abandon(process);
    return 0;
}

K_CALL(SPACE_CLEAR)
{
    struct process *process = k_program_at(args[0]);

    (void)caller;
    if (!process)
        return -TP_ESRCH;
    if (process->state != TP_RUN_STOPPED || process->is_leaving)
        return -TP_EBUSY;
    leave_space(process);
    k_space_clear(process);
    return 0;
}

K_CALL(FREE_PAGES)
{
    (void)caller;
    (void)args;
    return (int32_t)k_frames_free;
}
