# More errors than are told.
        .rept   30
        wrong
        .endr
