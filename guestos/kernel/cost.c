/* What calls cost (cost.h). */
#include "kernel/cost.h"

#include "kernel/call.h"
#include "kernel/frames.h"
#include "kernel/request.h"
#include "tg32.h"

/* In a frame of its own. */
struct k_costs {
    uint32_t users;
    struct tp_call_cost calls[TP_CALL_COUNT];
};

_Static_assert(sizeof(struct k_costs) <= TP_PAGE, "the costs of a family fit into a frame");

static struct tp_call_cost of_all[TP_CALL_COUNT];

/* What takes the place of k_entries in a process whose calls are counted. */
static k_entry *counting_entries[TP_CALL_COUNT];

/* Several CPUs may count at the same time, without the lock. */
static void add(struct tp_call_cost *cost, uint32_t insns)
{
    __atomic_fetch_add(&cost->count, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&cost->insns, insns, __ATOMIC_RELAXED);
}

struct process *k_trap_counted(struct process *caller, k_entry *enter)
{
    uint32_t begin = tg_rdcr(TG_CR_INSNS), number = caller->registers.a[7];
    struct k_costs *costs = caller->ipc.costs;
    struct process *next = enter(caller);
    uint32_t insns = tg_rdcr(TG_CR_INSNS) - begin;

    if (!next)
        return NULL; /* comes again, by k_trap_saved */
    add(&of_all[number], insns);
    if (caller->ipc.costs == costs) /* not ended meanwhile */
        add(&costs->calls[number], insns);
    return next;
}

static struct process *enter_counted(struct process *caller)
{
    return k_trap_counted(caller, k_careful_entries[caller->registers.a[7]]);
}

void k_costs_start(void)
{
    for (uint32_t i = 0; i < TP_CALL_COUNT; i++)
        counting_entries[i] = enter_counted;
}

void k_entries_choose(struct process *process)
{
    process->entries = process->ipc.costs       ? counting_entries
                       : process->ipc.attention ? k_careful_entries
                       : process->ipc.queue     ? k_queued_entries
                                                : k_entries;
}

void k_costs_inherit(struct process *child, const struct process *parent)
{
    child->ipc.costs = parent->ipc.costs;
    if (child->ipc.costs) {
        child->ipc.costs->users++;
        k_entries_choose(child);
    }
}

void k_costs_leave(struct process *process)
{
    struct k_costs *costs = process->ipc.costs;

    process->ipc.costs = NULL;
    k_entries_choose(process);
    if (costs && --costs->users == 0)
        k_frame_drop(k_physical(costs) / TP_PAGE);
}

K_CALL(ACCOUNT)
{
    uint32_t frame;

    k_costs_leave(caller);
    if (args[0] == 0)
        return 0;
    frame = k_frame_take();
    if (frame == 0)
        return -TP_ENOMEM;
    caller->ipc.costs = k_direct(frame * TP_PAGE);
    caller->ipc.costs->users = 1;
    k_entries_choose(caller);
    return 0;
}

K_CALL(CALL_COSTS)
{
    const struct tp_call_cost *costs = of_all;
    uint32_t bytes = args[1] < sizeof of_all ? args[1] : (uint32_t)sizeof of_all;

    if (args[2] == 0) {
        if (!caller->ipc.costs)
            return -TP_EINVAL;
        costs = caller->ipc.costs->calls;
    }
    if (k_put(caller, args[0], costs, bytes) != 0)
        return -TP_EFAULT;
    return (int32_t)(bytes / sizeof *costs);
}
