# Branches that reach, and those that have to grow.
        .globl  near, far
near:   beq     a0, a1, near
        beq     a0, a1, far
        bne     a0, a1, elsewhere
        j       far
        jal     elsewhere
        call    near
        call    very_far
        jal     t0, very_far
        .balign 32
        .space  70000
far:    beq     a0, a1, near
        .space  2100000
very_far: j     .
