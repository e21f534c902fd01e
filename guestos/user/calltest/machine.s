# What tests need to do to the CPU itself, and C cannot say: hold values in all registers at once, and
# execute each instruction that a program may not. register.c, ring.c.

# Registers of the caller that it wants back.
        .macro  SAVE_CALLER
        la      t0, saved
        .irp    number, 1, 2, 3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27
        sw      x\number, \number * 4(t0)
        .endr
        .endm

        .macro  RESTORE_CALLER
        la      t0, saved
        .irp    number, 1, 2, 3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27
        lw      x\number, \number * 4(t0)
        .endr
        .endm

# void hold_registers(const uint32_t patterns[32], uint32_t loops): puts patterns[n] into each register n but
# t6, counts t6 down from loops, then stores the registers to found_registers[n].
        .globl  hold_registers
hold_registers:
        SAVE_CALLER
        mv      t6, a1
        la      t0, patterns_copy       # so that no register need hold the address
        sw      t6, 31 * 4(t0)
        li      t1, 31
        addi    t2, t0, 4
        addi    a0, a0, 4
        li      t3, 1
1:      beq     t3, t1, 2f
        lw      t4, 0(a0)
        sw      t4, 0(t2)
        addi    a0, a0, 4
        addi    t2, t2, 4
        addi    t3, t3, 1
        j       1b
2:      la      t6, patterns_copy
        .irp    number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
        lw      x\number, \number * 4(t6)
        .endr
        lw      t6, 31 * 4(t6)
3:      addi    t6, t6, -1              # interrupts come here
        bnez    t6, 3b
        la      t6, found_registers
        .irp    number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
        sw      x\number, \number * 4(t6)
        .endr
        RESTORE_CALLER
        ret

# void hold_over_call(const uint32_t patterns[32], uint32_t call): the same, but what happens in between is
# `trap 64` with a7 = call, which has no arguments.
        .globl  hold_over_call
hold_over_call:
        SAVE_CALLER
        mv      t6, a0
        la      t0, call_number
        sw      a1, 0(t0)
        .irp    number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
        lw      x\number, \number * 4(t6)
        .endr
        la      a7, call_number
        lw      a7, 0(a7)
        trap    64
        la      t6, found_registers     # a call may change t6
        .irp    number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
        sw      x\number, \number * 4(t6)
        .endr
        RESTORE_CALLER
        ret

# uint32_t count_by_reservation(uint32_t loops): lr.w and sc.w around interrupts: how many of loops increments of one
# word by lr.w and sc.w, retried until they succeed, are in it at the end.
        .globl  count_by_reservation
count_by_reservation:
        la      t0, counter
        sw      zero, 0(t0)
1:      lr.w    t1, (t0)
        addi    t1, t1, 1
        sc.w    t2, t1, (t0)
        bnez    t2, 1b
        addi    a0, a0, -1
        bnez    a0, 1b
        lw      a0, 0(t0)
        ret

# --- Forbidden instructions -------------------------------------------------------------------------

# forbidden_acts: pairs (address, text), ended by two zeros.
        .macro  ACT text:vararg
        .section .rodata.acts, "a"
        .word   act\@, text\@
        .section .rodata.texts, "a"
text\@: .asciz  "\text"
        .text
act\@:  \text
        ret
        .endm

        .section .rodata.acts, "a"
        .balign 4
        .globl  forbidden_acts
forbidden_acts:
        .text

        ACT     wfi
        ACT     cli zero
        ACT     cli a0
        ACT     sti
        ACT     tlbinv zero, zero
        ACT     tlbinv a0, a0
        .irp    name, status, vbase, ptroot, sp0, sp1, sp2, spd, iomap, cpu, scratch0, scratch1, scratch2, scratch3, time, timeh, insns, insnsh
        ACT     wrcr \name, zero
        ACT     wrcr \name, a0
        ACT     swcr a0, \name, a0
        .endr
        .irp    name, vbase, ptroot, sp0, sp1, sp2, spd, iomap, scratch0, scratch1, scratch2, scratch3
        ACT     rdcr a0, \name
        .endr
        .irp    port, 0, 0x10, 0x60, 0x100, 0x200, 0x300, 0x400, 0x500, 0x600, 0x700, 0x800, 0x1000, 0x2000, 0x3ffc
        ACT     inb a1, \port(zero)
        ACT     inh a1, \port(zero)
        ACT     inw a1, \port(zero)
        ACT     outb a1, \port(zero)
        ACT     outh a1, \port(zero)
        ACT     outw a1, \port(zero)
        .endr
        ACT     .word 0
        ACT     .word 0xffffffff
        ACT     .word 0x04000001
        ACT     .word 0x7e000000
        ACT     .word 0x160000ff

        .section .rodata.acts, "a"
        .word   0, 0
        .text

# trap_acts + 8 * n: `trap n`, then return.
        .globl  trap_acts
        .balign 8
trap_acts:
        vector = 0
        .rept   256
        trap    vector
        ret
        vector = vector + 1
        .endr

        .globl  act_breakpoint
act_breakpoint:
        brk
        ret

# void act_iret(uint32_t status): returns with a frame that has that status, to somewhere harmless.
        .globl  act_iret
act_iret:
        addi    t0, sp, -256
        andi    sp, t0, -32
        sw      zero, 0(sp)
        sw      zero, 4(sp)
        sw      zero, 8(sp)
        la      t1, 1f
        sw      t1, 12(sp)
        sw      a0, 16(sp)
        sw      t0, 20(sp)
        iret
1:      addi    sp, sp, 256
        ret

        .globl  act_misaligned_load, act_misaligned_store, act_misaligned_jump, act_misaligned_atomic
act_misaligned_load:
        lw      a0, 1(sp)
        ret
act_misaligned_store:
        sh      a0, 1(sp)
        ret
act_misaligned_jump:
        la      t0, act_misaligned_jump + 2
        jr      t0
act_misaligned_atomic:
        addi    t0, sp, 2
        amoadd.w a0, a0, (t0)
        ret

        .globl  act_wrong_stack
act_wrong_stack:                        # a stack that is not there does not keep the kernel from working
        SAVE_CALLER
        li      sp, 0x40000001
        li      a7, 0                   # TP_CALL_NOTHING
        trap    64
        li      sp, 0xc0001000
        li      a7, 0
        trap    64
        li      t1, 300000
1:      addi    t1, t1, -1
        bnez    t1, 1b
        RESTORE_CALLER
        ret

        .bss
        .balign 4
        .globl  found_registers
found_registers:
        .space  128
patterns_copy:
        .space  128
saved:  .space  128
counter:
        .space  4
call_number:
        .space  4
