# Two CPUs passing a message: CPU 0 starts CPU 1, puts a message into memory and interrupts it; CPU 1's handler prints
# the message and interrupts CPU 0 in answer. Run with --cpus 2.
        .globl  _start
        .text
_start:
        la      t0, second
        outw    t0, PORT_INTERRUPTS_START_PC(zero)
        li      t0, 1
        outw    t0, PORT_INTERRUPTS_START(zero) # CPU 1 begins at `second`
        la      t0, hello
        la      t1, mailbox
        sw      t0, 0(t1)
        li      t0, 1 << 1
        outw    t0, PORT_INTERRUPTS_SEND(zero)  # kept until CPU 1 accepts it
        j       wait
second:
        la      sp, second_stack
wait:                                           # ---- both CPUs: accept source 1, then do nothing
        la      t0, vectors
        la      t1, message
        sw      t1, (VECTOR_INTERRUPT + 1) * 8(t0)     # gate 33: source 1, from another CPU
        li      t1, GATE_PRESENT | GATE_CLOSE
        sw      t1, (VECTOR_INTERRUPT + 1) * 8 + 4(t0)
        wrcr    vbase, t0
        li      t0, 1 << 1
        outw    t0, PORT_INTERRUPTS_ENABLE(zero)       # sources 0 and 1 are each CPU's own
        sti
1:      wfi
        j       1b

message:                                        # ---- entered on the CPU that was sent to
        rdcr    t0, cpu
        beqz    t0, 2f
        la      t0, mailbox
        lw      a0, 0(t0)
        call    puts
        li      t0, 1 << 0
        outw    t0, PORT_INTERRUPTS_SEND(zero)  # the answer
        li      t0, 1
        outw    t0, PORT_INTERRUPTS_END(zero)
        iret
2:      la      a0, answered
        call    puts
        outw    zero, PORT_DEBUG_EXIT(zero)
        .data
hello:  .asciz  "CPU 1 got: hello from CPU 0\n"
answered: .asciz "CPU 0 got the answer\n"
        .bss
        .balign 4096
vectors: .space 4096
        .space  1024
second_stack:
mailbox: .space 4
