# Symbols that are defined twice, not at all, or by themselves.
twice:  nop
twice:  nop
        j       twice
        .equ    twice, 3
        j       .Lnowhere
        .local  here
        j       here
        j       1f
        j       2b
        .globl  here
        .equ    x, y
        .equ    y, x
        .word   x
unused: nop
        .equ    also_unused, 3
