# Every form of every pseudo-instruction.
        .globl  start
start:  nop
        mv      a0, a1
        li      a0, 5
        li      a0, 0x12345678
        la      a0, start
        lla     a0, start
        not     a0, a1
        neg     a0, a1
        subi    a0, a1, 4
        sext.b  a0, a1
        sext.h  a0, a1
        zext.b  a0, a1
        zext.h  a0, a1
        seqz    a0, a1
        snez    a0, a1
        sltz    a0, a1
        sgtz    a0, a1
        sgt     a0, a1, a2
        sgtu    a0, a1, a2
        beqz    a0, start
        bnez    a0, start
        blez    a0, start
        bgez    a0, start
        bltz    a0, start
        bgtz    a0, start
        bgt     a0, a1, start
        ble     a0, a1, start
        bgtu    a0, a1, start
        bleu    a0, a1, start
        j       start
        jal     start
        jr      a0
        jalr    a0
        ret
        call    start
        tail    start
        push    {ra, s0-s2, a0}
        pop     {a0, ra, s0-s2}
        lb      a0, start
        lh      a0, start
        lw      a0, start
        lbu     a0, start
        lhu     a0, start
        sb      a0, start, t0
        sh      a0, start, t0
        sw      a0, start, t0
        lw      a0, 0x100
        sw      a0, 0x100, t0
        inb     a0, PORT_SERIAL_DATA
        inh     a0, 2
        inw     a0, PORT_CLOCK_TIME
        outb    a0, PORT_SERIAL_DATA
        outh    a0, 2
        outw    a0, PORT_DEBUG_EXIT
        cli
