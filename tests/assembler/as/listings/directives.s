# Every directive that gives something.
        .file   "directives.c"
        .include "common.inc"
        .text
        .globl  first
        .global first
        .type   first, @function
first:  ret
        .size   first, . - first
        .local  mine
mine:   .weak   weak
        .hidden mine
        j       weak
        .section .rodata.more, "a", @progbits
        .byte   1, 'a', -1, 255
        .half   0x1234, -1
        .short  1
        .2byte  2
        .word   0x12345678, mine
        .long   3
        .4byte  4
        .quad   0x1122334455667788
        .dword  -2
        .ascii  "ab", "c"
        .asciz  "d\n\t\"\\\x41\101\e"
        .string "e"
        .previous
        ret
        .rodata
        .fill   3, 2, 0xabcd
        .space  3
        .skip   2, 7
        .zero   1
        .pushsection .data
        .align  2
        .word   5
        .p2align 3
        .balign 16, 0xff
        .org    0x20, 1
        .incbin "common.inc", 2, 6
        .popsection
        .byte   9
        .comm   shared, 4, 4
        .lcomm  own, 12, 4
        .text
        la      a0, own
        .bss
room:   .space  16
        .data
        .word   room, shared
        .equ    A, 5
        .set    B, A * 2
        C = B + 1
        .byte   A, B, C
        .if     A == 5
        .byte   1
        .else
        .byte   2
        .endif
        .if     A == 6
        .byte   1
        .elseif B == 10
        .byte   2
        .elseif 1
        .byte   3
        .else
        .byte   4
        .endif
        .ifdef  NOWHERE
        .byte   1
        .if     undefined garbage )(
        .endif
        .else
        .byte   2
        .endif
        .ifndef NOWHERE
        .byte   3
        .endif
        .end
        this is not read
