# Targets that cannot be reached, and parts of addresses that belong to nothing.
        .data
        .byte   after - start
        .text
        j       far
        beq     a0, a1, 1f + 2
1:
        addi    a0, a0, %pcrel_lo(far)
        addi    a0, a0, far - elsewhere
        .space  3000000
start:  .space  70000
after:
far:    nop
        .data
odd:    .byte   2
        .section .odd, "a"
        nop
