# Words that are nothing, and what they may have been meant to be.
        adid    a0, a0, 1
        .algin  4
        callx   f
        frobnicate
        jmup:   nop nop
        5
        *
        .text   more
        mv      a0, ao
        lui     a0, %high(x)
a0:     nop
