/* For programs written for xv6: pages, and the stack pointer. */
#ifndef XV6_RISCV_H
#define XV6_RISCV_H

#include "turnpike/abi.h"

#define PGSIZE             4096
#define PGROUNDUP(size)    (((size) + PGSIZE - 1) & ~(PGSIZE - 1))
#define PGROUNDDOWN(vaddr) ((vaddr) & ~(PGSIZE - 1))
#define MAXVA              TP_USER_END

static inline unsigned long long r_sp(void)
{
    unsigned long sp;

    __asm__ volatile("mv %0, sp" : "=r"(sp));
    return sp;
}

#endif
