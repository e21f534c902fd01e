# Values that do not fit, or are not known where they must be.
        .byte   256, 1
        .half   -32769
        .quad   later
        .word   1 +
        .word   (1
        .word   1 / 0
        .word   1 << 64
        .word   09
        .word   0xg
        .word   'ab'
        .word   later * 2
        .word   a0
        .word   99999999999999999999
        .if     later
        .endif
        .space  -1
        .balign 3
        .align  17
        li      a0, 0x100000000
        .ascii  "open
        .ascii  "\q"
