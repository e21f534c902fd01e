# The switch between the tasks of a service, and how a task begins: task.h. What the C convention lets a
# function change is not kept. gp and tp are not touched: the kernel's are the CPU's, and a task may go on
# on another CPU than it stopped on.

        .equ    FRAME, 16 * 4                   # ra and s0 to s11; sp stays a multiple of 16

        .text
        .global task_switch
        .global task_prepare

# In:  a0 where to put the sp of what stops here, a1 the sp of what goes on
# Out: returns to the caller of the task_switch that left a1, with its ra, sp and s0 to s11
task_switch:
        addi    sp, sp, -FRAME
        sw      ra, 0(sp)                       # where this one goes on
        sw      s0, 4(sp)
        sw      s1, 8(sp)
        sw      s2, 12(sp)
        sw      s3, 16(sp)
        sw      s4, 20(sp)
        sw      s5, 24(sp)
        sw      s6, 28(sp)
        sw      s7, 32(sp)
        sw      s8, 36(sp)
        sw      s9, 40(sp)
        sw      s10, 44(sp)
        sw      s11, 48(sp)
        sw      sp, 0(a0)                       # it is stopped
        mv      sp, a1                          # the other one's stack from here on
        lw      ra, 0(sp)
        lw      s0, 4(sp)
        lw      s1, 8(sp)
        lw      s2, 12(sp)
        lw      s3, 16(sp)
        lw      s4, 20(sp)
        lw      s5, 24(sp)
        lw      s6, 28(sp)
        lw      s7, 32(sp)
        lw      s8, 36(sp)
        lw      s9, 40(sp)
        lw      s10, 44(sp)
        lw      s11, 48(sp)
        addi    sp, sp, FRAME
        ret

# In:  a0 the stack's lowest address, a1 its bytes, a2 function, a3 its argument
# Out: a0 an sp for task_switch, which goes on in begin
task_prepare:
        add     a0, a0, a1
        andi    a0, a0, -16
        addi    a0, a0, -FRAME
        la      t0, begin
        sw      t0, 0(a0)                       # ra
        sw      zero, 4(a0)                     # s0: the end of the chain of frames
        sw      a2, 8(a0)                       # s1: function
        sw      a3, 12(a0)                      # s2: argument
        ret

# In:  s1 function, s2 its argument
begin:
        mv      a0, s2
        jalr    ra, 0(s1)
        brk                                     # it must not return
