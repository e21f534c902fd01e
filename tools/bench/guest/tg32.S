# Starts a benchmark program on TG32: ring 0 builds gates and page tables and starts the timer, the program runs in
# ring 3 through 4 KiB pages with timer interrupts, its end is a `trap`. Manual: docs/isa.md, docs/devices.md.
# This file is assembled for riscv32; custom words stand for TG32's own instructions (docs/isa.md section 11).
#include "bench/guest/tg32.h"

        .macro  wrcr creg, ra
        .insn i 0x2b, 2, x0, \ra, \creg
        .endm
        .macro  trap vector
        .insn i 0x0b, 1, x0, x0, \vector
        .endm
        .macro  iret
        .insn i 0x0b, 2, x0, x0, 0
        .endm
        .macro  outw value, port
        .insn i 0x5b, 6, \value, x0, \port
        .endm

        .section .text.start, "ax"
        .globl  start, on_timer, on_end, on_fault
start:                                          # ring 0, paging off
        la      sp, kernel_stack_end
        wrcr    CREG_SP0, sp
        la      t0, double_fault_stack_end
        wrcr    CREG_SPD, t0
        call    build_gates                     # a0: their address
        wrcr    CREG_VBASE, a0
        call    build_page_tables               # a0: value for ptroot
        wrcr    CREG_PTROOT, a0                 # paging on; addresses stay the same
        addi    sp, sp, -FRAME_BYTES            # a frame to return from, into ring 3
        la      t0, user_start
        sw      t0, FRAME_PC(sp)
        li      t0, STATUS_USER
        sw      t0, FRAME_STATUS(sp)
        la      t0, user_stack_end
        sw      t0, FRAME_SP(sp)
        li      t0, 1 << SOURCE_TIMER
        outw    t0, PORT_INTERRUPTS_ENABLE
        li      t0, TIMER_PERIOD
        outw    t0, PORT_TIMER_PERIOD
        call    begin_counting
        iret

user_start:                                     # ring 3
        la      t0, bench_header
        lw      a0, BENCH_SIZE_OFFSET(t0)
        call    bench_main
        trap    VECTOR_END                      # a0: the sum

on_timer:                                       # ring 0; every register belongs to the program
        addi    sp, sp, -8
        sw      t0, 0(sp)
        sw      t1, 4(sp)
        la      t0, ticks
        lw      t1, 0(t0)
        addi    t1, t1, 1
        sw      t1, 0(t0)
        outw    zero, PORT_TIMER_ACKNOWLEDGE
        outw    zero, PORT_INTERRUPTS_END       # of source 0, the timer
        lw      t0, 0(sp)
        lw      t1, 4(sp)
        addi    sp, sp, 8
        iret

on_end:                                         # ring 0; a0: the sum
        call    finish                          # does not return

on_fault:                                       # ring 0: an exception, which no program should raise
        mv      a0, sp
        call    explain                         # (frame), does not return

        .section .bss
        .balign 32
        .space  4096
kernel_stack_end:
        .space  4096
double_fault_stack_end:
        .space  65536
user_stack_end:
