/* Alarms and timers (timer.h). */
#include <stddef.h>

#include "kernel/cpu.h"
#include "kernel/interrupt.h"
#include "kernel/schedule.h"
#include "kernel/timer.h"

/* All that are set, the earliest first. */
static struct alarm *first_alarm;

uint64_t k_time(void)
{
    uint32_t high, low;

    do {
        high = tg_rdcr(TG_CR_TIMEH);
        low = tg_rdcr(TG_CR_TIME);
    } while (high != tg_rdcr(TG_CR_TIMEH));
    return (uint64_t)high << 32 | low;
}

void k_alarm_cancel(struct alarm *alarm)
{
    if (!alarm->is_set)
        return;
    alarm->is_set = false;
    if (alarm->previous)
        alarm->previous->next = alarm->next;
    else
        first_alarm = alarm->next;
    if (alarm->next)
        alarm->next->previous = alarm->previous;
}

void k_alarm_set(struct alarm *alarm, uint64_t ticks, void (*ring)(struct alarm *alarm))
{
    struct alarm *before = NULL, *after;

    k_alarm_cancel(alarm);
    after = first_alarm; /* only now: it may have been this one */
    alarm->time = k_time() + ticks;
    alarm->ring = ring;
    alarm->is_set = true;
    for (; after && after->time <= alarm->time; after = after->next)
        before = after;
    alarm->previous = before;
    alarm->next = after;
    if (before)
        before->next = alarm;
    else
        first_alarm = alarm;
    if (after)
        after->previous = alarm;
    /* A busy CPU looks at the alarms with its next tick; an idle one sets its timer anew when it
     * chooses to stay idle. */
    if (k_cpu()->is_idle)
        k_cpu()->must_choose = true;
}

static void ring_alarms(void)
{
    uint64_t now = k_time();

    while (first_alarm && first_alarm->time <= now) {
        struct alarm *alarm = first_alarm;

        k_alarm_cancel(alarm);
        alarm->ring(alarm);
    }
}

void k_timer_idle(bool is_last_idle)
{
    if (is_last_idle && first_alarm) {
        tg_outw(TG_PORT_TIMER_DEADLINE, (uint32_t)first_alarm->time);
        tg_outw(TG_PORT_TIMER_DEADLINE_HIGH, (uint32_t)(first_alarm->time >> 32));
    } else {
        tg_outw(TG_PORT_TIMER_INTERVAL, 0);
    }
}

/* entry.S: the timer of this CPU has expired. */
struct process *k_timer_interrupt(struct process *process);

struct process *k_timer_interrupt(struct process *process)
{
    tg_outw(TG_PORT_TIMER_ACKNOWLEDGE, 0);
    tg_outw(TG_PORT_INTERRUPTS_END, TG_SOURCE_TIMER);
    k_lock();
    k_interrupt_count++;
    ring_alarms();
    k_take_queued();
    if (process->state == TP_RUN_RUNNING) {
        k_yield(process);
        if (k_cpu()->is_idle)
            k_cpu()->must_choose = true;
    }
    return k_leave(process);
}
