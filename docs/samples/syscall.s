# A system call: ring 3 asks by `trap 64`, ring 0 prints the frame that the CPU pushed, `iret` goes back.
        .globl  _start
        .text
_start:
        la      t0, vectors
        la      t1, handler
        sw      t1, 64 * 8(t0)
        li      t1, GATE_PRESENT | GATE_CLOSE | 3 << GATE_RAISE_SHIFT
        sw      t1, 64 * 8 + 4(t0)
        wrcr    vbase, t0                       # the table that ring 3 cannot change
        la      t0, kernel_stack
        wrcr    sp0, t0                         # where entries to ring 0 put their frames
        la      sp, first_frame
        iret                                    # down to ring 3

user:                                           # ---- ring 3
        li      s0, 3
1:      trap    64
        addi    s0, s0, -1
        bnez    s0, 1b
        li      a0, 1
        trap    64                              # a0 = 1: the end

handler:                                        # ---- ring 0; the frame is at sp
        bnez    a0, 3f
        la      s1, names
        mv      s2, sp
        addi    s3, sp, FRAME_BYTES
1:      mv      a0, s1
        call    puts
        lw      a0, 0(s2)
        call    puthex
        addi    s1, s1, 10
        addi    s2, s2, 4
        bne     s2, s3, 1b
        la      a0, newline
        call    puts
        li      a0, 0
        iret                                    # the next instruction of ring 3, its stack, its status
3:      outw    zero, PORT_DEBUG_EXIT(zero)

        .data
names:  .asciz  "  vector ", "   error ", " address ", "      pc ", "  status ", "      sp "
newline: .asciz "\n"
        .balign 32
first_frame:
        .word   0, 0, 0, user, 0x3, user_stack  # vector, error, address, pc, status (ring 3), sp
        .bss
        .balign 4096
vectors: .space 4096
        .space  1024
kernel_stack:
        .space  1024
user_stack:
