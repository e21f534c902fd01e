# What is found out only when all sizes have settled.
        .byte   1
        nop
        .balign 4
        .byte   1
        .balign 2
        beq     a0, a1, .
        .data
        .org    8
        .org    4
        .space  undefined
