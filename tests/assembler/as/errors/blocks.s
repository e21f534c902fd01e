# Blocks that do not end, or do not begin.
        .else
        .endif
        .endm
        .endr
        .popsection
        .macro  m a, b:req
        add     \a, \b, 5
        .endm
        m       a0
        m       a0, a1, a2
        m       a0, a1
        .macro  outer x
        m       \x, a1
        .endm
        outer   a3
        .macro  m
        .endm
        .macro  forever
        forever
        .endm
        .if     1
        .rept   2
