# Printing on the serial console, shared by the samples. All change only t registers and their arguments.
        .globl  putc, puts, puthex

# putc: sends the byte a0
putc:
        inw     t0, PORT_SERIAL_STATUS(zero)
        andi    t0, t0, 4                       # TX_READY
        beqz    t0, putc                        # a byte takes its time
        outb    a0, PORT_SERIAL_DATA(zero)
        ret

# puts: sends the text at a0 up to its zero byte
puts:
        mv      t1, a0
        mv      t2, ra
1:      lbu     a0, 0(t1)
        beqz    a0, 2f
        call    putc
        addi    t1, t1, 1
        j       1b
2:      jr      t2

# puthex: sends a0 as eight hexadecimal digits
puthex:
        mv      t1, a0
        mv      t2, ra
        li      t3, 28                          # shift of the next digit
1:      srl     a0, t1, t3
        andi    a0, a0, 15
        sltiu   t4, a0, 10
        addi    a0, a0, '0'
        bnez    t4, 2f
        addi    a0, a0, 'a' - '0' - 10
2:      call    putc
        addi    t3, t3, -4
        bgez    t3, 1b
        jr      t2
