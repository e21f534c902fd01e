# Operands that are wrong, and what is said of them.
        add     a0, a1
        add     a0, a1, 5
        add     a0, a1, a2, a3
        addi    a0, a1, a2
        addi    a0, a1, 16384
        addi    a0, a1, -16385
        slli    a0, a1, 32
        trap    256
        lw      a0, 4(b0)
        lw      a0, 4(sp
        sw      a0, a1
        sw      a0, value, a0
        lr.w    a0, 4(a1)
        rdcr    a0, tiem
        rdcr    a0, 5000
        lui     a0, 0x100000
        lui     a0, value
        push    {s0-a3}
        push    {s0, s0}
