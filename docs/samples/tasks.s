# A timer that switches two tasks: each prints its letter for ever; every 20,000 ticks the timer's handler saves the
# registers of the one on its stack, changes to the other's stack, and returns into it. The tenth tick ends it.
        .globl  _start
        .equ    GATE, VECTOR_INTERRUPT + SOURCE_TIMER
_start: la      t0, vectors
        la      t1, tick
        sw      t1, GATE * 8(t0)                # source 0, this CPU's timer
        li      t1, GATE_PRESENT | GATE_CLOSE   # handler in ring 0, IE off
        sw      t1, GATE * 8 + 4(t0)
        wrcr    vbase, t0
        li      t0, 1
        outw    t0, PORT_INTERRUPTS_ENABLE(zero)
        li      t0, 20000
        outw    t0, PORT_TIMER_PERIOD(zero)
        la      s10, saved_b                    # s10: sp of the task that does not run
        la      sp, saved_a
        j       resume
task:   mv      a0, s0                          # s0: the task's letter
        call    putc
        li      t1, 3000
1:      addi    t1, t1, -1
        bnez    t1, 1b
        j       task
tick:   addi    sp, sp, -32                     # the frame is on the stack of the interrupted task; save the rest
        sw      s0, 0(sp)
        sw      a0, 4(sp)
        sw      ra, 8(sp)
        sw      t0, 12(sp)
        sw      t1, 16(sp)
        outw    zero, PORT_TIMER_ACKNOWLEDGE(zero)
        outw    zero, PORT_INTERRUPTS_END(zero)
        addi    s11, s11, 1                     # s11: ticks so far
        sltiu   t0, s11, 10
        beqz    t0, end
        mv      t0, sp                          # the switch
        mv      sp, s10
        mv      s10, t0
resume: lw      s0, 0(sp)
        lw      a0, 4(sp)
        lw      ra, 8(sp)
        lw      t0, 12(sp)
        lw      t1, 16(sp)
        addi    sp, sp, 32
        iret
end:    outw    zero, PORT_DEBUG_EXIT(zero)
        .data
        .balign 32                              # what tick would have saved: registers, then the frame
saved_a: .word  'A', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, task, 0x10, stack_a, 0, 0
saved_b: .word  'B', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, task, 0x10, stack_b, 0, 0
        .bss
        .balign 4096
vectors: .space 4096
        .space  1024
stack_a: .space 1024
stack_b:
