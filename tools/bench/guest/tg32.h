/*
 * Numbers of TG32 that tg32.S needs; C code takes those of isa/isa.h. Manual: docs/isa.md sections
 * 5 and 6, docs/devices.md.
 */
#ifndef BENCH_GUEST_TG32_H
#define BENCH_GUEST_TG32_H

#include "bench/guest/guest.h"

#define CREG_VBASE             0x01
#define CREG_PTROOT            0x02
#define CREG_SP0               0x03
#define CREG_SPD               0x06
#define CREG_INSNS             0x12
#define CREG_INSNSH            0x13

#define FRAME_PC               12
#define FRAME_STATUS           16
#define FRAME_SP               20
#define FRAME_BYTES            32 /* 24, kept aligned */

#define STATUS_USER            0x13 /* ring 3, interrupts on, ports for ring 0 only */

#define SOURCE_TIMER           0
#define VECTOR_TIMER           32
#define VECTOR_END             64 /* by which a program ends */

#define PORT_DEBUG_CHARACTER   0x010
#define PORT_DEBUG_EXIT        0x028
#define PORT_TIMER_PERIOD      0x044
#define PORT_TIMER_ACKNOWLEDGE 0x058
#define PORT_INTERRUPTS_ENABLE 0x100
#define PORT_INTERRUPTS_END    0x118

#define TIMER_PERIOD           100000 /* ticks between interrupts: 1 ms at the nominal 100 MHz */

#endif
