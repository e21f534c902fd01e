# A keyboard interrupt: the main program only waits; each key that goes down enters the handler, which asks the
# keyboard's port which key it was and echoes its scan code. Escape (code 1) ends it.
        .globl  _start
        .equ    KEYBOARD_DATA, 0x060
        .equ    KEYBOARD_SOURCE, 2
        .equ    INTERRUPTS_ENABLE, 0x100
        .equ    INTERRUPTS_END, 0x118
        .equ    DEBUG_EXIT, 0x028
        .equ    GATE, 32 + KEYBOARD_SOURCE
        .text
_start:
        la      t0, vectors
        la      t1, key
        sw      t1, GATE * 8(t0)
        li      t1, 0x8100                      # present, clear IE, handler in ring 0, for no trap
        sw      t1, GATE * 8 + 4(t0)
        wrcr    vbase, t0
        li      t0, 1 << KEYBOARD_SOURCE
        outw    t0, INTERRUPTS_ENABLE(zero)
        sti
1:      wfi                                     # nothing else to do
        j       1b

key:                                            # ---- entered between two instructions of the loop above
        inb     s0, KEYBOARD_DATA(zero)         # which key? (also lowers the interrupt line when it was the last)
        srli    t0, s0, 7
        bnez    t0, 2f                          # a key that went up
        la      a0, text
        call    puts
        mv      a0, s0
        call    puthex
        la      a0, newline
        call    puts
        li      t0, 1
        beq     s0, t0, 3f
2:      li      t0, KEYBOARD_SOURCE
        outw    t0, INTERRUPTS_END(zero)        # the next one may come
        iret                                    # the loop is none the wiser
3:      outw    zero, DEBUG_EXIT(zero)

        .data
text:   .asciz  "key "
newline: .asciz "\n"
        .bss
        .balign 4096
vectors: .space 4096
