# Macros and repetitions.
        .data
        .macro  bytes first, second=2, rest:vararg
        .byte   \first, \second
        .ifnb   \rest
        .byte   \rest
        .endif
        .endm
        bytes   1
        bytes   1, 3
        bytes   second=7, first=8
        bytes   1, 2, 3, 4, 5
        .macro  labelled value:req
.Lhere\@: .word .Lhere\@, \value\()0
        .endm
        labelled 1
        labelled 2
        .macro  count n
        .ifb    \n
        .byte   0xff
        .else
        .if     \n
        .byte   \n
        count   "\n - 1"
        .endif
        .endif
        .endm
        count   3
        count
        .rept   2
        .rept   2
        .byte   1
        .endr
        .byte   2
        .endr
        .irp    value, 10, 20, (1, 2)
        .ascii  "\value,"
        .endr
        .irpc   letter, xyz
        .byte   '\letter'
        .endr
        .macro  say text
        .asciz  "\text"
        .endm
        say     "a, b"
        .macro  make name
        .macro  \name
        .byte   0x77
        .endm
        .endm
        make    made
        made
        .rept   0
        .byte   1
        .endr
        .macro  nothing
        .endm
        nothing
