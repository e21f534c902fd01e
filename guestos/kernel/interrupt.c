/* Interrupts of devices, and messages between CPUs (interrupt.h). */
#include "kernel/cpu.h"
#include "kernel/interrupt.h"
#include "kernel/schedule.h"

/* Bits of the first word of a frame. */
#define VECTOR_NUMBER 0xffu

uint32_t k_interrupt_count;

void k_interrupt_open(uint32_t source)
{
    tg_outw(TG_PORT_INTERRUPTS_ENABLE, 1u << source);
}

void k_interrupt_close(uint32_t source)
{
    tg_outw(TG_PORT_INTERRUPTS_DISABLE, 1u << source);
}

void k_interrupt_done(uint32_t source)
{
    tg_outw(TG_PORT_INTERRUPTS_ENABLE, 1u << source);
}

void k_interrupt_send(uint32_t cpu)
{
    tg_outw(TG_PORT_INTERRUPTS_SEND, 1u << cpu);
}

void k_interrupt_start(void)
{
    tg_outw(TG_PORT_INTERRUPTS_ENABLE,
            1u << TG_SOURCE_TIMER | 1u << TG_SOURCE_INTERRUPTS);
}

/* entry.S: the interrupt of a device. The source is masked rather than left in service: in service it
 * would hold back all other devices until a driver, maybe a process, is done with this one. */
struct process *k_device_interrupt(struct process *process);

struct process *k_device_interrupt(struct process *process)
{
    uint32_t source = (process->frame.vector & VECTOR_NUMBER) - TG_VECTOR_INTERRUPT;

    tg_outw(TG_PORT_INTERRUPTS_DISABLE, 1u << source);
    tg_outw(TG_PORT_INTERRUPTS_END, source);
    k_lock();
    k_interrupt_count++;
    k_service_interrupt(source);
    k_take_queued();
    return k_leave(process);
}

/* entry.S: another CPU wants this one to look at what there is to run, or at its translations. */
struct process *k_message_interrupt(struct process *process);

struct process *k_message_interrupt(struct process *process)
{
    tg_outw(TG_PORT_INTERRUPTS_END, TG_SOURCE_INTERRUPTS);
    k_lock();
    k_space_refresh(process);
    k_cpu()->must_choose = true;
    return k_leave(process);
}
