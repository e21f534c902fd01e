/*
 * Interrupts: enabling sources, handing them to services, messages between CPUs.
 */
#ifndef KERNEL_INTERRUPT_H
#define KERNEL_INTERRUPT_H

#include <stdint.h>

/* The interrupt of that source may come, once: from now on, or again since it has been dealt with at the device. */
void k_interrupt_open(uint32_t source);

/* Interrupts another CPU, which then chooses anew what it runs. A process that runs there executes no
 * further instruction before it (docs/isa.md TIM-7). */
void k_interrupt_send(uint32_t cpu);

/* This CPU's part of the interrupt controller. */
void k_interrupt_start(void);

/* Interrupts of devices and timers so far. */
extern uint32_t k_interrupt_count;

#endif
