# Starts a benchmark program on QEMU's riscv32 `virt` machine: machine mode builds page tables and starts the timer,
# the program runs in user mode through 4 KiB pages (Sv32) with timer interrupts, its end is an `ecall`.
# Sources: RISC-V privileged architecture 1.12; QEMU hw/riscv/virt (addresses of CLINT and test device).

#include "bench/guest/guest.h"

        .equ    CLINT_MTIMECMP, 0x02004000
        .equ    CLINT_MTIME, 0x0200bff8
        .equ    TICK, 10000                     # 1 ms of the 10 MHz clock between interrupts
        .equ    CAUSE_TIMER, 0x80000007

        .section .text.start, "ax"
        .globl  start
start:
        la      sp, machine_stack_end
        la      t0, on_trap
        csrw    mtvec, t0
        la      t0, machine_stack_end           # the trap handler's stack
        csrw    mscratch, t0
        li      t0, -1                          # physical memory protection: one region,
        csrw    pmpaddr0, t0                    # all of memory,
        li      t0, 0x1f                        # read, write and execute
        csrw    pmpcfg0, t0
        call    build_page_tables
        csrw    satp, a0                        # paging on for user mode
        sfence.vma
        call    arm_timer
        li      t0, 0x80                        # machine timer interrupts on
        csrw    mie, t0
        li      t0, 0x1800                      # mret goes to user mode (MPP = 0)
        csrc    mstatus, t0
        la      t0, user_start
        csrw    mepc, t0
        csrr    t0, minstret
        la      t1, insns_at_start
        sw      t0, 0(t1)
        csrr    t0, minstreth
        sw      t0, 4(t1)
        mret

user_start:                                     # user mode, paged
        la      sp, user_stack_end
        la      t0, bench_header
        lw      a0, BENCH_SIZE_OFFSET(t0)
        call    bench_main
        ecall                                   # a0: the sum

        .balign 4
on_trap:                                        # machine mode; every register belongs to the program
        csrrw   sp, mscratch, sp
        addi    sp, sp, -32
        sw      ra, 0(sp)
        sw      t0, 4(sp)
        sw      t1, 8(sp)
        sw      t2, 12(sp)
        csrr    t0, mcause
        li      t1, CAUSE_TIMER
        bne     t0, t1, 1f
        la      t0, ticks
        lw      t1, 0(t0)
        addi    t1, t1, 1
        sw      t1, 0(t0)
        call    arm_timer
        lw      ra, 0(sp)
        lw      t0, 4(sp)
        lw      t1, 8(sp)
        lw      t2, 12(sp)
        addi    sp, sp, 32
        csrrw   sp, mscratch, sp
        mret
1:      mv      a1, t0                          # an ecall ends the program, anything else is a mistake
        csrr    a2, minstret
        csrr    a3, minstreth
        csrr    a4, mepc
        call    finish                          # (sum, cause, instructions, pc), does not return

arm_timer:                                      # one TICK from now; changes t0-t2; counts below 2^32: 7 minutes
        li      t0, CLINT_MTIME
        lw      t1, 0(t0)
        li      t2, TICK
        add     t1, t1, t2
        li      t0, CLINT_MTIMECMP
        sw      t1, 0(t0)
        sw      zero, 4(t0)
        ret

        .section .bss
        .balign 16
        .space  4096
machine_stack_end:
        .space  65536
user_stack_end:
