/*
 * Time: alarms in the order of their times, and each CPU's timer. A busy CPU's timer ticks (K_TICK)
 * and looks at the alarms; the last one to become idle sets its timer to the first alarm. With no
 * alarm, an idle machine has nothing to wake it.
 */
#ifndef KERNEL_TIMER_H
#define KERNEL_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "tg32.h"

/* Belongs to who sets it; zeros: not set. ring() is called once, with the lock held. */
struct alarm {
    struct alarm *next, *previous;
    uint64_t time;
    void (*ring)(struct alarm *alarm);
    bool is_set;
};

/* Virtual time in ticks. */
uint64_t k_time(void);

/* Ticks from now, up to 2^62; takes the place of what was set before. */
void k_alarm_set(struct alarm *alarm, uint64_t ticks, void (*ring)(struct alarm *alarm));
void k_alarm_cancel(struct alarm *alarm);

/* --- For the scheduler ------------------------------------------------------------------------------ */

/* Ticks between two interrupts of the timer while a CPU is busy. */
#define K_TICK 100000u

/* This CPU has work: tick. */
static inline void k_timer_busy(void)
{
    tg_outw(TG_PORT_TIMER_PERIOD, K_TICK);
}

/* It has none; no other one has any either. */
void k_timer_idle(bool is_last_idle);

#endif
