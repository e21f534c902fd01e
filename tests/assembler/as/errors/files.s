# Files that are not there, and messages of the source's own.
        .include "no_such_file.inc"
        .incbin "no_such_file.bin"
        .include "/dev/zero"
        .include "part.inc"
        .error  "the source says so"
        .warning "be careful"
        .section .odd, "q"
        .section .odd, "a", @strange
        .section .text, "aw"
        .bss
        .word   1
