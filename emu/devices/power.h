/*
 * How a device ends the machine. The first end counts: nothing executes after it.
 */
#ifndef TG_POWER_H
#define TG_POWER_H

#include "core/state.h"

#define TG_MAX_EXIT_STATUS 99

static inline void tg_power_end(struct tg_machine *machine, enum tg_end end, uint32_t cpu,
                                uint32_t status)
{
    machine->end.end = (uint8_t)end;
    machine->end.cpu = cpu;
    machine->end.status = status;
    machine->attention = true;
}

static inline void tg_power_off(struct tg_machine *machine, uint32_t cpu, uint32_t code)
{
    tg_power_end(machine, TG_END_POWER_OFF, cpu,
                 code < TG_MAX_EXIT_STATUS ? code : TG_MAX_EXIT_STATUS);
}

#endif
