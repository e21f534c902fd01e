/* Who runs (schedule.h). */
#include <stddef.h>

#include "kernel/call.h"
#include "kernel/fast.h"
#include "kernel/interrupt.h"
#include "kernel/schedule.h"
#include "kernel/timer.h"

struct process_queue k_ready_queues[K_PRIORITIES];

uint32_t k_ready_levels;

/* cpu->level of a CPU that is not to be called, as it has been, or only looks at queues: above all priorities. */
#define LEVEL_CALLED K_PRIORITIES

/* The highest bit of a mask of levels; K_PRIORITY_IDLE if there is none. */
static inline uint32_t highest(uint32_t levels)
{
    static const uint8_t table[1u << K_PRIORITIES] = {0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3};

    return table[levels];
}

static struct process *take_ready(uint32_t level)
{
    struct process *process = k_queue_take(&k_ready_queues[level]);

    if (!k_ready_queues[level].first)
        k_ready_levels &= ~(1u << level);
    return process;
}

/* A process of that priority is ready: the CPU that does the least urgent thing is to choose; this one, if
 * others do nothing less urgent. */
static __attribute__((noinline)) void call_cpu(uint32_t priority)
{
    struct cpu *best = k_cpu();

    for (uint32_t number = 0; number < k_cpu_count; number++)
        if (k_cpu_at(number)->level < best->level)
            best = k_cpu_at(number);
    if (best->level >= priority)
        return;
    best->must_choose = true;
    if (best != k_cpu()) {
        best->level = LEVEL_CALLED;
        k_interrupt_send(best->number);
    }
}

static void put_ready(struct process *process)
{
    k_queue_put(process->ready, process);
    k_ready_levels |= 1u << process->priority;
}

void k_ready(struct process *process)
{
    struct cpu *cpu = k_cpu();

    process->state = TP_RUN_READY;
    /* A CPU whose process has just blocked chooses anyway: it takes this one, or a more urgent one. */
    if (!cpu->next && k_current()->state != TP_RUN_RUNNING) {
        cpu->next = process;
        return;
    }
    put_ready(process);
    call_cpu(process->priority);
}

void k_yield(struct process *process)
{
    if (highest(k_ready_levels) < process->priority || process->priority == K_PRIORITY_IDLE)
        return;
    process->state = TP_RUN_READY;
    put_ready(process);
}

bool k_stop(struct process *process)
{
    bool runs_elsewhere = process->state == TP_RUN_RUNNING && process != k_current();

    if (process->state == TP_RUN_READY) {
        k_queue_remove(process);
        if (!process->ready->first)
            k_ready_levels &= ~(1u << process->priority);
    }
    if (k_cpu()->next == process)
        k_cpu()->next = NULL;
    process->state = TP_RUN_STOPPED;
    if (runs_elsewhere) {
        process->is_leaving = true;
        k_interrupt_send(process->cpu);
    }
    return !runs_elsewhere;
}

/* This CPU has work again. Now there may be something in queues too: the CPU that looks at them waits while
 * all others idle. */
static __attribute__((noinline)) void end_idling(struct cpu *cpu)
{
    cpu->is_idle = false;
    k_timer_busy();
    if (k_cpu_polling)
        k_interrupt_send(k_cpu_polling->number);
}

/* next runs here from now on. */
static inline void take_cpu(struct cpu *cpu, struct process *next)
{
    next->state = TP_RUN_RUNNING;
    next->cpu = (uint8_t)cpu->number;
    next->switches++;
    cpu->level = next->priority;
}

static inline void go_on(struct cpu *cpu, struct process *next)
{
    take_cpu(cpu, next);
    if (cpu->is_idle)
        end_idling(cpu);
    if (next->space.stale_cpus)
        k_space_refresh(next);
}

static bool all_are_idle(void)
{
    for (uint32_t number = 0; number < k_cpu_count; number++)
        if (k_cpu_at(number)->level != K_PRIORITY_IDLE && k_cpu_at(number) != k_cpu_polling)
            return false;
    return true;
}

/* Nothing is ready. */
static __attribute__((noinline)) struct process *go_idle(struct cpu *cpu)
{
    cpu->idle->state = TP_RUN_RUNNING;
    cpu->level = cpu == k_cpu_polling ? LEVEL_CALLED : K_PRIORITY_IDLE;
    cpu->is_idle = true;
    k_timer_idle(all_are_idle());
    return cpu->idle;
}

/* The process that entered runs on, unless another one is more urgent. What becomes ready on the CPU that looks at
 * queues, whose idle process always runs, is for the other CPUs. */
static struct process *stay_or_give_way(struct cpu *cpu, struct process *entered, uint32_t level)
{
    if (level <= entered->priority || cpu == k_cpu_polling) {
        cpu->level = entered->priority;
        return entered == cpu->idle ? go_idle(cpu) : entered;
    }
    entered->state = TP_RUN_READY;
    if (entered != cpu->idle) { /* its turn is not over */
        k_queue_put_first(entered->ready, entered);
        k_ready_levels |= 1u << entered->priority;
    }
    return NULL;
}

static __attribute__((noinline)) void leave(struct process *entered)
{
    entered->is_leaving = false;
    k_left_cpu(entered);
}

static __attribute__((noinline)) struct process *choose(struct process *entered)
{
    struct cpu *cpu = k_cpu();
    struct process *next = NULL;
    uint32_t level;

    cpu->must_choose = false;
    if (entered->is_leaving)
        leave(entered);
    level = highest(k_ready_levels);
    if (cpu->next) {
        next = cpu->next;
        cpu->next = NULL;
        if (next->priority >= level) {
            go_on(cpu, next);
            if (next == entered)
                k_unlock();
            return next;
        }
        put_ready(next); /* level is higher still */
        next = NULL;
    }
    if (entered->state == TP_RUN_RUNNING)
        next = stay_or_give_way(cpu, entered, level);
    else if (level == K_PRIORITY_IDLE)
        next = go_idle(cpu);
    if (!next) {
        next = take_ready(level);
        go_on(cpu, next);
    }
    if (next == entered)
        k_unlock();
    return next;
}

/* Mostly the one that entered has blocked and made another one ready, which goes on: that in few instructions. */
struct process *k_choose(struct process *entered)
{
    struct cpu *cpu = k_cpu();
    struct process *next = cpu->next;

    if (!next || next == entered || next->priority < highest(k_ready_levels) || entered->is_leaving ||
        cpu->is_idle || next->space.stale_cpus)
        __attribute__((musttail)) return choose(entered);
    cpu->must_choose = false;
    cpu->next = NULL;
    take_cpu(cpu, next);
    return next;
}

static __attribute__((noinline)) struct process *yield_slowly(struct process *caller)
{
    if (caller->state == TP_RUN_RUNNING)
        k_yield(caller);
    return k_call_end(caller);
}

/* Written for few instructions: what is rare is left to others, by their being called last. A process that
 * has been stopped while it waited for the lock has ipc.attention. */
static K_INLINE struct process *yield(struct process *caller, bool has_queue)
{
    uint32_t turn = k_lock(), priority = caller->priority;
    struct process_queue *queue = caller->ready;
    struct process *next = queue->first, *last, *second;
    struct cpu *cpu = k_cpu();

    k_process_set_result(caller, 0);
    if (!next || !is_usual(caller, has_queue) || cpu->level != priority || next->space.stale_cpus)
        return yield_slowly(caller);
    last = queue->last;
    next->run = caller->run; /* on this CPU, and of one priority */
    caller->state = TP_RUN_READY;
    caller->queue = queue;
    caller->next = NULL;
    caller->previous = last;
    last->next = caller;
    queue->last = caller;
    second = next->next; /* there is one now: the caller, at least */
    queue->first = second;
    second->previous = NULL;
    next->queue = NULL;
    next->switches++;
    return k_switch(next, turn + 1);
}
K_SHORT_WAYS(yield)

uint32_t k_switch_count(void)
{
    uint32_t count = k_process_gone_switches;

    for (uint32_t i = 0; i < TP_PROCESSES; i++)
        if (k_processes[i].state != TP_RUN_FREE)
            count += k_processes[i].switches;
    return count;
}

void k_schedule_start(struct cpu *cpu)
{
    cpu->level = K_PRIORITY_IDLE;
    cpu->is_idle = true;
}
