/*
 * TG32's own instructions for C that tg-cc compiles: each function or macro is one instruction of
 * docs/isa.md section 4. They are RISC-V's custom words (docs/isa.md section 11), because that is
 * what the compiler can be made to write. The numbers of control registers, causes and ports, and
 * the layouts of gates, frames and table entries, come with it from the machine's own tables:
 * TG_CR_VBASE, TG_CAUSE_PAGE, TG_PORT_SERIAL_DATA, TG_PTE_PRESENT, ... Manual: docs/toolchain.md,
 * "C".
 */
#ifndef TG32_H
#define TG32_H

#include <stdint.h>

#include "bus/ports.h"
#include "isa/isa.h"

/* --- Control registers
 * ---------------------------------------------------------------------------- */

/* The value of the control register number (a constant, TG_CR_...). */
#define tg_rdcr(number)                                                                            \
    __extension__({                                                                                \
        uint32_t tg_value_;                                                                        \
        __asm__ volatile(".insn i 0x2b, 1, %0, x0, %1"                                             \
                         : "=r"(tg_value_)                                                         \
                         : "i"(number)                                                             \
                         : "memory");                                                              \
        tg_value_;                                                                                 \
    })

/* Writes the control register. */
#define tg_wrcr(number, value)                                                                     \
    __asm__ volatile(".insn i 0x2b, 2, x0, %0, %1"                                                 \
                     :                                                                             \
                     : "r"((uint32_t)(value)), "i"(number)                                         \
                     : "memory")

/* Writes the control register, and is its value before. */
#define tg_swcr(number, value)                                                                     \
    __extension__({                                                                                \
        uint32_t tg_value_;                                                                        \
        __asm__ volatile(".insn i 0x2b, 3, %0, %1, %2"                                             \
                         : "=r"(tg_value_)                                                         \
                         : "r"((uint32_t)(value)), "i"(number)                                     \
                         : "memory");                                                              \
        tg_value_;                                                                                 \
    })

/* --- Ports
 * ---------------------------------------------------------------------------------------- */

static inline uint8_t tg_inb(uint32_t port)
{
    uint32_t value;

    __asm__ volatile(".insn i 0x5b, 0, %0, %1, 0" : "=r"(value) : "r"(port) : "memory");
    return (uint8_t)value;
}

static inline uint16_t tg_inh(uint32_t port)
{
    uint32_t value;

    __asm__ volatile(".insn i 0x5b, 1, %0, %1, 0" : "=r"(value) : "r"(port) : "memory");
    return (uint16_t)value;
}

static inline uint32_t tg_inw(uint32_t port)
{
    uint32_t value;

    __asm__ volatile(".insn i 0x5b, 2, %0, %1, 0" : "=r"(value) : "r"(port) : "memory");
    return value;
}

static inline void tg_outb(uint32_t port, uint8_t value)
{
    __asm__ volatile(".insn i 0x5b, 4, %0, %1, 0" : : "r"(value), "r"(port) : "memory");
}

static inline void tg_outh(uint32_t port, uint16_t value)
{
    __asm__ volatile(".insn i 0x5b, 5, %0, %1, 0" : : "r"(value), "r"(port) : "memory");
}

static inline void tg_outw(uint32_t port, uint32_t value)
{
    __asm__ volatile(".insn i 0x5b, 6, %0, %1, 0" : : "r"(value), "r"(port) : "memory");
}

/* --- Traps and interrupts
 * ------------------------------------------------------------------------- */

/* Enters through a gate (a constant). The handler is taken to give all registers back; a system
 * call that takes arguments and answers in registers needs an __asm__ of its own that says so. */
#define tg_trap(vector) __asm__ volatile(".insn i 0x0b, 1, x0, x0, %0" : : "i"(vector) : "memory")

/* Returns from the frame at sp: only for functions that are written in assembly throughout (naked).
 */
#define tg_iret() __asm__ volatile(".insn i 0x0b, 2, x0, x0, 0" : : : "memory")

static inline void tg_brk(void)
{
    __asm__ volatile(".insn i 0x0b, 3, x0, x0, 0" : : : "memory");
}

/* Waits until an interrupt is offered to this CPU, whether or not interrupts are on. */
static inline void tg_wfi(void)
{
    __asm__ volatile(".insn i 0x0b, 4, x0, x0, 0" : : : "memory");
}

/* Interrupts off; the value is the status before, for tg_restore. */
static inline uint32_t tg_cli(void)
{
    uint32_t status;

    __asm__ volatile(".insn i 0x0b, 5, %0, x0, 0" : "=r"(status) : : "memory");
    return status;
}

static inline void tg_sti(void)
{
    __asm__ volatile(".insn i 0x0b, 6, x0, x0, 0" : : : "memory");
}

/* Interrupts on again if they were when tg_cli gave that status. */
static inline void tg_restore(uint32_t status)
{
    if (status & TG_STATUS_IE)
        tg_sti();
}

/* --- Memory
 * --------------------------------------------------------------------------------------- */

/* Drops this CPU's translations of a virtual address (0: all) in an address space (0: all). */
static inline void tg_tlbinv(uint32_t vaddr, uint32_t space)
{
    __asm__ volatile(".insn r 0x0b, 7, 0, x0, %0, %1" : : "r"(vaddr), "r"(space) : "memory");
}

static inline void tg_fence(void)
{
    __asm__ volatile(".insn i 0x2b, 0, x0, x0, 0" : : : "memory");
}

#endif
