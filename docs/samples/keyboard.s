# A keyboard interrupt: the main program only waits; each key that goes down enters the handler, which asks the
# keyboard's port which key it was and echoes its scan code. Enter (code 0x1c) ends it.
        .globl  _start
        .equ    GATE, VECTOR_INTERRUPT + SOURCE_KEYBOARD
        .text
_start:
        la      t0, vectors
        la      t1, key
        sw      t1, GATE * 8(t0)
        li      t1, GATE_PRESENT | GATE_CLOSE   # handler in ring 0, IE off, for no trap
        sw      t1, GATE * 8 + 4(t0)
        wrcr    vbase, t0
        li      t0, 1 << SOURCE_KEYBOARD
        outw    t0, PORT_INTERRUPTS_ENABLE(zero)
        sti
1:      wfi                                     # nothing else to do
        j       1b

key:                                            # ---- entered between two instructions of the loop above
        inb     s0, PORT_KEYBOARD_DATA(zero)    # which key? (also lowers the interrupt line when it was the last)
        srli    t0, s0, 7
        bnez    t0, 2f                          # a key that went up
        la      a0, text
        call    puts
        mv      a0, s0
        call    puthex
        la      a0, newline
        call    puts
        li      t0, 0x1c
        beq     s0, t0, 3f
2:      li      t0, SOURCE_KEYBOARD
        outw    t0, PORT_INTERRUPTS_END(zero)   # the next one may come
        iret                                    # the loop is none the wiser
3:      outw    zero, PORT_DEBUG_EXIT(zero)

        .data
text:   .asciz  "key "
newline: .asciz "\n"
        .bss
        .balign 4096
vectors: .space 4096
