# What the golden files show: names, targets, relocations, data among code.
        .globl  _start, table
_start: la      a0, message
        call    print
        lw      a1, counter
        bnez    a1, _start
        j       finish
print:  lbu     a1, 0(a0)
        beqz    a1, 1f
        outb    a1, 0x20(zero)
        addi    a0, a0, 1
        j       print
1:      ret
finish: outw    zero, 0x28(zero)
        tail    elsewhere
        .word   0xffffffff
        .section .text.zeros, "ax"
        .space  64
        .section .rodata
message: .asciz "text\n"
        .data
table:  .word   message, elsewhere, finish - print
counter: .half  7
        .bss
room:   .space  100
