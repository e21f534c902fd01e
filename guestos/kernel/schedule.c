/* Who runs (schedule.h). */
#include <stddef.h>

#include "kernel/interrupt.h"
#include "kernel/schedule.h"
#include "kernel/timer.h"

uint32_t k_switch_count;

static struct process_queue ready[K_PRIORITIES];

/* Bit p: ready[p] is not empty. */
static uint32_t ready_levels;

/* By priority: the CPUs that run a process of it, without those that are called already. */
static uint32_t cpus_at[K_PRIORITIES];

/* The highest bit of a mask of levels; K_PRIORITY_IDLE if there is none. */
static inline uint32_t highest(uint32_t levels)
{
    static const uint8_t table[1u << K_PRIORITIES] = {0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3};

    return table[levels];
}

static struct process *take_ready(uint32_t level)
{
    struct process *process = k_queue_take(&ready[level]);

    if (!ready[level].first)
        ready_levels &= ~(1u << level);
    return process;
}

/* A process of that priority is ready: the CPU that does the least urgent thing is to choose. */
static void call_cpu(uint32_t priority)
{
    struct cpu *here = k_cpu();

    for (uint32_t level = 0; level < priority; level++) {
        uint32_t cpus = cpus_at[level], number = 0;

        if (cpus == 0)
            continue;
        if (cpus & 1u << here->number) {
            here->must_choose = true;
            return;
        }
        while (!(cpus & 1u << number))
            number++;
        cpus_at[level] &= ~(1u << number);
        k_cpu_at(number)->is_called = true;
        k_interrupt_send(number);
        return;
    }
}

void k_ready(struct process *process)
{
    uint32_t before = ready_levels;

    process->state = TP_RUN_READY;
    k_queue_put(&ready[process->priority], process);
    ready_levels |= 1u << process->priority;
    /* A CPU whose process has just blocked chooses anyway: it takes this one, or a more urgent one. */
    if (before != 0 || k_current()->state == TP_RUN_RUNNING)
        call_cpu(process->priority);
}

void k_yield(struct process *process)
{
    if (highest(ready_levels) < process->priority || process->priority == K_PRIORITY_IDLE)
        return;
    process->state = TP_RUN_READY;
    k_queue_put(&ready[process->priority], process);
    ready_levels |= 1u << process->priority;
}

bool k_stop(struct process *process)
{
    bool runs_elsewhere = process->state == TP_RUN_RUNNING && process != k_current();

    if (process->state == TP_RUN_READY) {
        k_queue_remove(process);
        if (!ready[process->priority].first)
            ready_levels &= ~(1u << process->priority);
    }
    process->state = TP_RUN_STOPPED;
    if (runs_elsewhere) {
        process->is_leaving = true;
        k_interrupt_send(process->cpu);
    }
    return !runs_elsewhere;
}

/* This CPU's work is of another priority from now on. */
static void set_level(struct cpu *cpu, uint32_t level)
{
    uint32_t here = 1u << cpu->number;

    cpus_at[cpu->level] &= ~here;
    cpus_at[level] |= here;
    if (cpu->level == K_PRIORITY_IDLE && level != K_PRIORITY_IDLE)
        k_timer_busy();
    cpu->level = level;
    cpu->is_called = false;
    if (level == K_PRIORITY_IDLE)
        k_timer_idle(cpus_at[K_PRIORITY_IDLE] == (1u << k_cpu_count) - 1);
}

/* next runs here from now on. */
static inline struct process *go_on(struct cpu *cpu, struct process *next)
{
    next->state = TP_RUN_RUNNING;
    next->cpu = (uint8_t)cpu->number;
    next->switches++;
    k_switch_count++;
    if (next->priority != cpu->level || cpu->is_called || next->priority == K_PRIORITY_IDLE)
        set_level(cpu, next->priority);
    if (next->space.stale_cpus)
        k_space_refresh(next);
    return next;
}

struct process *k_choose(struct process *entered)
{
    struct cpu *cpu = k_cpu();
    uint32_t level = highest(ready_levels);
    struct process *next = cpu->idle;

    cpu->must_choose = false;
    if (entered->state == TP_RUN_RUNNING) {
        if (level <= entered->priority) {
            if (cpu->is_called || entered == next)
                set_level(cpu, entered->priority);
            k_unlock();
            return entered;
        }
        if (entered != next) { /* its turn is not over */
            entered->state = TP_RUN_READY;
            k_queue_put_first(&ready[entered->priority], entered);
            ready_levels |= 1u << entered->priority;
        } else {
            entered->state = TP_RUN_READY;
        }
    } else if (entered->is_leaving) {
        entered->is_leaving = false;
        k_left_cpu(entered);
        level = highest(ready_levels);
    }
    if (level != K_PRIORITY_IDLE)
        next = take_ready(level);
    go_on(cpu, next);
    if (next == entered)
        k_unlock();
    return next;
}

struct process *k_go_to(struct process *next)
{
    struct cpu *cpu = k_cpu();
    struct process *entered = k_current();

    cpu->must_choose = highest(ready_levels) > next->priority;
    if (cpu->must_choose) { /* rare: somebody more urgent came with an interrupt */
        k_ready(next);
        return k_choose(entered);
    }
    go_on(cpu, next);
    if (next == entered)
        k_unlock();
    return next;
}

void k_schedule_start(struct cpu *cpu)
{
    cpu->level = K_PRIORITY_IDLE;
    cpus_at[K_PRIORITY_IDLE] |= 1u << cpu->number;
}
