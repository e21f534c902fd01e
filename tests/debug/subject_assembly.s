# A function without call frame information, which has a frame and calls C.

        .text
        .globl  in_assembly
        .type   in_assembly, @function
# In: a0 a function without arguments. Out: a0 its answer plus 1.
in_assembly:
        addi    sp, sp, -32                     # line: frame
        sw      ra, 28(sp)
        sw      s1, 24(sp)
        li      s1, 1
        jalr    a0                              # line: call
        add     a0, a0, s1
        lw      s1, 24(sp)
        lw      ra, 28(sp)
        addi    sp, sp, 32
        ret

        .data
        .globl  word_of_assembly
        .type   word_of_assembly, @object
        .size   word_of_assembly, 4
word_of_assembly:
        .word   0x12345678
        .globl  table_of_assembly
        .type   table_of_assembly, @object
        .size   table_of_assembly, 12
table_of_assembly:
        .word   1, 2, 3
