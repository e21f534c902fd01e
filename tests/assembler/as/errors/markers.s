# 1 "main.S"
# 1 "defs.h" 1
        wrong1                  # line 1 of defs.h, which line 1 of main.S includes
# 1 "inner.h" 1
        .equ UNUSED, 1          # what a header defines may stay unused
        wrong2
# 40 "defs.h" 2
        wrong3
# 3 "main.S" 2
        wrong4
        .rept 2
# 100 "main.S"
        wrong5
        .endr
        wrong6                  # line 102
# 8 "a \"quoted\\ name.S"
        wrong7
#9 "not a marker"
# 0 "nor this"
# 10 "nor this
# 11
# eleven "nor this"
        wrong8                  # line 14
# 1 "again.S" 2
# 7 "main.S" 2
        wrong9                  # at the top: nothing includes it
