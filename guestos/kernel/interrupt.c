/* Interrupts of devices, and messages between CPUs (interrupt.h). */
#include "kernel/fast.h"
#include "kernel/interrupt.h"
#include "kernel/placement.h"
#include "kernel/queue.h"
#include "kernel/schedule.h"

uint32_t k_interrupt_count;

void k_interrupt_open(uint32_t source)
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

/* The end of the short way: goes on with a driver that waits in a trap. The second one if the process that entered is
 * an idle one (entry.S). */
struct process *k_switch_to_driver(struct process *driver, uint32_t next_turn);
struct process *k_wake_driver(struct process *driver, uint32_t next_turn);

static __attribute__((noinline)) struct process *tell_service(struct process *process, uint32_t source)
{
    k_service_interrupt(source);
    k_take_queued();
    return k_leave(process);
}

static __attribute__((noinline)) struct process *take_place(struct process *process, struct process *driver,
                                                            uint32_t next_turn)
{
    process->state = TP_RUN_READY;
    k_queue_put_first(process->ready, process); /* its turn is not over */
    k_ready_levels |= 1u << process->priority;
    return k_switch_to_driver(driver, next_turn);
}

/* Is a driver that becomes ready here to run here, at once, and nothing else to be done? */
static inline bool gives_way(const struct process *process, const struct cpu *cpu)
{
    if (cpu->is_idle)
        return !k_ready_levels && !k_cpu_polling;
    return k_cpu_count == 1 && process->state == TP_RUN_RUNNING && process->priority < K_PRIORITY_DRIVER &&
           !(k_ready_levels >> K_PRIORITY_DRIVER) && !k_queue_is_due(process);
}

/* Most often the driver is a server that waits for nothing else, and this CPU idles or, being the only one, runs
 * somebody less urgent: the short way, which is that of tell_service without looking for what is known. */
struct process *k_device_interrupt(struct process *process)
{
    uint32_t source = K_VECTOR(process->frame) - TG_VECTOR_INTERRUPT, turn;
    struct k_service *service = k_service_of_source[source];
    struct cpu *cpu = k_cpu();
    struct process *driver;

    tg_outw(TG_PORT_INTERRUPTS_DISABLE, 1u << source);
    tg_outw(TG_PORT_INTERRUPTS_END, source);
    turn = k_lock();
    k_interrupt_count++;
    driver = service->process;
    if (!service->is_listening || driver->state != TP_RUN_WAITING || !is_free_to_switch(driver) ||
        !gives_way(process, cpu))
        return tell_service(process, source);
    /* Tested; from here on it happens. */
    service->is_listening = false;
    driver->registers.a[0] = TP_EVENT_INTERRUPT;
    driver->registers.a[1] = source;
    driver->registers.a[2] = 0;
    driver->state = TP_RUN_RUNNING;
    driver->cpu = (uint8_t)cpu->number;
    driver->switches++;
    cpu->level = K_PRIORITY_DRIVER;
    if (!cpu->is_idle)
        return take_place(process, driver, turn + 1);
    cpu->is_idle = false;
    k_timer_busy();
    return k_wake_driver(driver, turn + 1);
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
