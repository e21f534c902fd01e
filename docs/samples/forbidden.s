# A forbidden act: a program in ring 3 reads the keyboard's port. It is stopped, and the report says why.
        .globl  _start
        .text
_start:
        la      t0, vectors
        la      t1, port_exception
        sw      t1, 3 * 8(t0)                   # gate 3: port
        li      t1, GATE_PRESENT | GATE_CLOSE   # handler in ring 0, IE off, for no trap
        sw      t1, 3 * 8 + 4(t0)
        wrcr    vbase, t0
        la      t0, kernel_stack
        wrcr    sp0, t0
        la      sp, first_frame
        iret                                    # down to ring 3

spy:                                            # ---- ring 3: status.IOPL is 0 and there is no port bitmap
        inb     a0, PORT_KEYBOARD_DATA(zero)    # never completes
        j       spy

port_exception:                                 # ---- ring 0
        lw      a0, 0(sp)                       # a kernel would end the program; this one gives up
        outw    a0, PORT_DEBUG_PANIC(zero)

        .data
        .balign 32
first_frame:
        .word   0, 0, 0, spy, 0x3, user_stack   # vector, error, address, pc, status (ring 3), sp
        .bss
        .balign 4096
vectors: .space 4096
        .space  1024
kernel_stack:
        .space  1024
user_stack:
