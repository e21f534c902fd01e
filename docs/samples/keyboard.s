# A keyboard interrupt: the main program only waits; each key that goes down enters the handler, which asks the
# keyboard's port which key it was and echoes its character. Enter ends it.
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
        sltiu   t0, s0, KEYS
        beqz    t0, 2f                          # a key that went up, or one without a character
        la      t0, characters
        add     t0, t0, s0
        lbu     a0, 0(t0)
        beqz    a0, 2f
        call    putc
        li      t0, '\n'
        beq     a0, t0, 3f
2:      li      t0, SOURCE_KEYBOARD
        outw    t0, PORT_INTERRUPTS_END(zero)   # the next one may come
        iret                                    # the loop is none the wiser
3:      outw    zero, PORT_DEBUG_EXIT(zero)

        .data
characters:                                     # by scan code (docs/devices.md section 7)
        .ascii  "\0\0331234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`\0\\zxcvbnm,./\0\0\0 "
        .equ    KEYS, . - characters
        .bss
        .balign 4096
vectors: .space 4096
