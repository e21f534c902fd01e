# Comments of all kinds, and columns that stay.
/* over
   lines */ nop         # one
        nop             ; two "
        nop             // three '
a: b:   nop /* inside */
        .ascii  "# no /* comment */ ; // here"
        .byte   '#', ';', '"', '/', '\''
        .balign 4
1:      j       1b
        j       a
        j       b
