// The ways into the kernel and out of it, and the first and the last instructions of everything.
//
// The CPU has pushed its frame into the process's own struct (sp0 points to the frame's end there),
// so sp is the address of the struct. What a C function may change is saved behind the frame, then C
// runs on this CPU's stack and answers with the process to go on with. If that is another one, the
// registers that C preserves are still the old one's: only now are they saved, and the lock, which is
// held until then, keeps other CPUs from taking the old one up too early.
//
// scratch0: this CPU's struct cpu, the end of its stack. scratch1: the process that runs.
// scratch2: used for one register while an exception is looked at.

#include "kernel/offsets.h"

        KERNEL_BASE = 0xc0000000        // virtual address of physical 0
        BOOT_TABLES = 2                 // page tables of the start: 4 MiB each
        CALL_COUNT = 0                  // rows of the table of calls
#define TP_CALL(...) CALL_COUNT = CALL_COUNT + 1
#include "turnpike/calls.def"

// --- Start -----------------------------------------------------------------------------------------

        .section .text.start, "ax", @progbits
        .globl  _start
        .type   _start, @function
// CPU 0 begins: paging off, physical addresses. Maps the first MiBs where they are and at
// KERNEL_BASE; later k_space_start maps all properly.
_start: la      t0, k_boot_tables               // the next entry
        li      t1, PTE_PRESENT | PTE_READ | PTE_WRITE | PTE_EXECUTE    // for physical page 0
        li      t2, BOOT_TABLES * 1024          // entries to write
1:      sw      t1, 0(t0)                       // one page
        addi    t0, t0, 4                       // the next entry
        li      t3, PAGE_BYTES
        add     t1, t1, t3                      // and the next page
        addi    t2, t2, -1
        bnez    t2, 1b                          // until all are written
        la      t0, k_boot_tables
        la      t1, k_boot_directory
        ori     t2, t0, PTE_PRESENT             // the first table,
        sw      t2, 0(t1)                       // at 0
        sw      t2, (KERNEL_BASE >> 20)(t1)     // and at KERNEL_BASE
        li      t3, PAGE_BYTES
        add     t2, t2, t3                      // the second one
        sw      t2, 4(t1)                       // likewise
        sw      t2, (KERNEL_BASE >> 20) + 4(t1)
        li      a0, 0                           // CPU 0
                                                // on as all others

        .globl  k_start_cpu
        .type   k_start_cpu, @function
// Any CPU begins: a0 its number, physical addresses.
k_start_cpu:
        la      t0, k_boot_directory
        li      t1, PTROOT_ENABLE
        or      t0, t0, t1
        wrcr    ptroot, t0                      // paging on; here everything stays where it is
        la      t0, 1f
        li      t1, KERNEL_BASE
        add     t0, t0, t1
        jr      t0                              // to the same place at KERNEL_BASE
1:      la      sp, k_cpu_areas                 // the areas of all CPUs
        li      t0, AREA_BYTES
        mul     t0, t0, a0
        add     sp, sp, t0                      // this CPU's
        li      t0, AREA_OF_CPU
        add     sp, sp, t0                      // the end of its stack, where struct cpu begins
        call    k_boot                          // a0: number; the process to go on with

// Goes on with process a0, all of whose registers are in its struct. If it is the one that runs the lock
// is free, else it is held.
go_saved:
        rdcr    t0, scratch1                    // the process that ran
        bne     a0, t0, load                    // another one, or
        j       load_registers                  // the same

// --- Registers -----------------------------------------------------------------------------------------

// What C may change, but t2 to t6: into and out of the struct of a process.
        .macro  save_changed process
        sw      ra, PROCESS_RA(\process)
        sw      t0, PROCESS_T+0(\process)
        sw      t1, PROCESS_T+4(\process)
        sw      a0, PROCESS_A+0(\process)
        sw      a1, PROCESS_A+4(\process)
        sw      a2, PROCESS_A+8(\process)
        sw      a3, PROCESS_A+12(\process)
        sw      a4, PROCESS_A+16(\process)
        sw      a5, PROCESS_A+20(\process)
        sw      a6, PROCESS_A+24(\process)
        sw      a7, PROCESS_A+28(\process)
        .endm

        .macro  load_changed process
        lw      ra, PROCESS_RA(\process)
        lw      t0, PROCESS_T+0(\process)
        lw      t1, PROCESS_T+4(\process)
        lw      a1, PROCESS_A+4(\process)
        lw      a2, PROCESS_A+8(\process)
        lw      a3, PROCESS_A+12(\process)
        lw      a4, PROCESS_A+16(\process)
        lw      a5, PROCESS_A+20(\process)
        lw      a6, PROCESS_A+24(\process)
        lw      a7, PROCESS_A+28(\process)
        lw      a0, PROCESS_A+0(\process)
        .endm

// t2 to t6, which a trap may change and nothing else; after a trap nothing of the kernel's is to be seen in them.
        .macro  save_lost process
        sw      t2, PROCESS_T+8(\process)
        sw      t3, PROCESS_T+12(\process)
        sw      t4, PROCESS_T+16(\process)
        sw      t5, PROCESS_T+20(\process)
        sw      t6, PROCESS_T+24(\process)
        .endm

        .macro  load_lost process
        lw      t2, PROCESS_T+8(\process)
        lw      t3, PROCESS_T+12(\process)
        lw      t4, PROCESS_T+16(\process)
        lw      t5, PROCESS_T+20(\process)
        lw      t6, PROCESS_T+24(\process)
        .endm

        .macro  clear_lost
        li      t2, 0
        li      t3, 0
        li      t4, 0
        li      t5, 0
        li      t6, 0
        .endm

// Registers that C preserves, of a process that another one takes the place of.
        .macro  save_preserved process
        sw      gp, PROCESS_GP(\process)
        sw      tp, PROCESS_TP(\process)
        sw      s0, PROCESS_S+0(\process)
        sw      s1, PROCESS_S+4(\process)
        sw      s2, PROCESS_S+8(\process)
        sw      s3, PROCESS_S+12(\process)
        sw      s4, PROCESS_S+16(\process)
        sw      s5, PROCESS_S+20(\process)
        sw      s6, PROCESS_S+24(\process)
        sw      s7, PROCESS_S+28(\process)
        sw      s8, PROCESS_S+32(\process)
        sw      s9, PROCESS_S+36(\process)
        sw      s10, PROCESS_S+40(\process)
        sw      s11, PROCESS_S+44(\process)
        .endm

        .macro  load_preserved process
        lw      gp, PROCESS_GP(\process)
        lw      tp, PROCESS_TP(\process)
        lw      s0, PROCESS_S+0(\process)
        lw      s1, PROCESS_S+4(\process)
        lw      s2, PROCESS_S+8(\process)
        lw      s3, PROCESS_S+12(\process)
        lw      s4, PROCESS_S+16(\process)
        lw      s5, PROCESS_S+20(\process)
        lw      s6, PROCESS_S+24(\process)
        lw      s7, PROCESS_S+28(\process)
        lw      s8, PROCESS_S+32(\process)
        lw      s9, PROCESS_S+36(\process)
        lw      s10, PROCESS_S+40(\process)
        lw      s11, PROCESS_S+44(\process)
        .endm

// The process runs now: its next frame goes into its struct, its memory is seen. Changes t0.
        .macro  run     process
        wrcr    scratch1, \process
        addi    t0, \process, FRAME_BYTES
        wrcr    sp0, t0
        lw      t0, PROCESS_PTROOT(\process)
        wrcr    ptroot, t0
        .endm

// Its ports. Changes t0.
        .macro  give_ports process
        lw      t0, PROCESS_IOMAP(\process)
        wrcr    iomap, t0
        .endm

// The lock is the next one's, for who knows the number of its turn. Changes t0.
        .macro  unlock  next_turn
        lui     t0, %hi(k_kernel_lock + LOCK_SERVING)
        sw      \next_turn, %lo(k_kernel_lock + LOCK_SERVING)(t0)
        .endm

// --- Traps -------------------------------------------------------------------------------------------

        .text
        .globl  k_enter_call
        .type   k_enter_call, @function
// `trap TP_VECTOR_CALL`. The caller expects t2 to t6 to be lost.
k_enter_call:
        save_changed sp                         // arguments, and what the caller wants back
        lw      t2, PROCESS_CALLS(sp)           // one call more
        addi    t2, t2, 1
        sw      t2, PROCESS_CALLS(sp)
        li      t2, CALL_COUNT
        bgeu    a7, t2, unknown_call            // there is no such number
        lw      t2, PROCESS_ENTRIES(sp)         // the caller's table
        slli    t3, a7, 2
        add     t2, t2, t3
        lw      t2, 0(t2)                       // the call's function
        mv      a0, sp                          // struct process
        rdcr    sp, scratch0                    // this CPU's stack
        jalr    t2                              // the process to go on with
called: rdcr    t0, scratch1                    // the caller
        bne     a0, t0, switch                  // it is another one, or none

// Goes on with process a0, which is in a trap: registers that C may change are the answer or 0.
resume_call:
        mv      sp, a0                          // its frame
        clear_lost
        load_changed sp                         // a0: the result
        iret

unknown_call:
        mv      a0, sp
        rdcr    sp, scratch0
        jal     k_unknown_call                  // an error is the answer
        j       called

// --- Interrupts and exceptions -------------------------------------------------------------------------

// Saves what C may change behind the frame at sp, calls a C function with the process, and goes on
// with the one that it answers with.
        .macro  call_kernel function
        save_changed sp                         // all that C does not preserve
        save_lost sp
        mv      a0, sp                          // struct process
        rdcr    sp, scratch0                    // this CPU's stack
        jal     \function                       // the process to go on with
        j       resume                          // ... in the way that it entered
        .endm

        .type   enter_timer, @function
enter_timer:
        call_kernel k_timer_interrupt
        .type   enter_message, @function
enter_message:
        call_kernel k_message_interrupt
        .type   enter_device, @function
enter_device:
        call_kernel k_device_interrupt
        .type   enter_poll, @function
enter_poll:
        call_kernel k_poll

        .type   enter_exception, @function
// An exception of a process; one of the kernel's own is its end.
enter_exception:
        wrcr    scratch2, t0                    // a register to look with
        lw      t0, FRAME_STATUS(sp)
        andi    t0, t0, STATUS_RING             // the ring it happened in
        beqz    t0, enter_kernel_fault          // ours: then sp is not a process
        rdcr    t0, scratch2
        call_kernel k_exception

        .type   enter_page, @function
// A page fault: likewise.
enter_page:
        wrcr    scratch2, t0
        lw      t0, FRAME_STATUS(sp)
        andi    t0, t0, STATUS_RING
        beqz    t0, enter_kernel_fault
        rdcr    t0, scratch2
        call_kernel k_fast_page

// Goes on with process a0 after an entry that saved all registers.
resume: rdcr    t0, scratch1                    // the one that entered
        bne     a0, t0, switch                  // another one
resume_whole:
        mv      sp, a0                          // its frame
        load_lost sp
        load_changed sp
        iret

// --- From one process to another -----------------------------------------------------------------------

// C has answered with a0 in place of t0, and holds the lock (not if a0 is 0).
switch: save_preserved t0                       // what C preserved is still that of t0
        beqz    a0, saved                       // C wanted no more than that
load:   run     a0
        give_ports a0
        la      t1, k_kernel_lock
        lw      t0, LOCK_SERVING(t1)
        addi    t0, t0, 1
        sw      t0, LOCK_SERVING(t1)            // the lock is the next one's
load_registers:
        load_preserved a0
        lw      t0, FRAME_VECTOR(a0)            // how it entered
        andi    t0, t0, ENTRY_TRAP << 8
        bnez    t0, resume_call                 // by a trap
        j       resume_whole                    // by anything else

        .globl  k_switch
        .type   k_switch, @function
// The same for who knows more (fast.h): both are without ports. a0: the process to go on with;
// a1: the lock's next turn.
k_switch:
        rdcr    t0, scratch1                    // the one that entered
        save_preserved t0
        run     a0
        unlock  a1
        j       load_registers

        .globl  k_switch_to_driver
        .type   k_switch_to_driver, @function
// Likewise, with a driver that waits in a trap (interrupt.c).
k_switch_to_driver:
        rdcr    t0, scratch1
        save_preserved t0
        .globl  k_wake_driver
        .type   k_wake_driver, @function
// Likewise, and the one that entered is an idle process, which has no registers.
k_wake_driver:
        run     a0
        give_ports a0
        unlock  a1
        mv      sp, a0                          // its frame
        load_preserved sp
        clear_lost
        load_changed sp
        iret

        .globl  k_pass_request
        .type   k_pass_request, @function
// Goes on with a server, a0, that waits in SERVE, and has no ports either; its event is request a1. a2: the
// lock's next turn.
k_pass_request:
        rdcr    t0, scratch1                    // the one that entered
        save_preserved t0
        run     a0
        unlock  a2
        mv      sp, a0                          // the server's frame
        lw      ra, PROCESS_RA(sp)
        load_preserved sp
        clear_lost
        lw      t0, REQUEST_ARGS+16(a1)
        lw      t1, REQUEST_ARGS+20(a1)
        lw      a7, REQUEST_ARGS+12(a1)
        lw      a6, REQUEST_ARGS+8(a1)
        lw      a5, REQUEST_ARGS+4(a1)
        lw      a4, REQUEST_ARGS+0(a1)
        lw      a3, REQUEST_CALL(a1)
        lw      a2, REQUEST_CALLER(a1)
        lw      a1, REQUEST_HANDLE(a1)
        li      a0, 1                           // TP_EVENT_REQUEST
        iret

        .globl  k_pass
        .type   k_pass, @function
// The end of a short way through the kernel (fast.h): both processes are programs in a trap, so what is to
// be done is known without a look. a0: the process to go on with; a1: whose words it gets; a2: the lock's
// next turn.
k_pass: rdcr    t0, scratch1                    // the one that entered
        save_preserved t0                       // what C preserved is still its own
        run     a0
        unlock  a2
        lw      t0, PROCESS_T+0(a1)             // the words
        lw      t1, PROCESS_T+4(a1)
        lw      a6, PROCESS_A+24(a1)
        lw      a5, PROCESS_A+20(a1)
        lw      a4, PROCESS_A+16(a1)
        lw      a3, PROCESS_A+12(a1)
        lw      a2, PROCESS_A+8(a1)
        lw      a1, PROCESS_A+4(a1)
        mv      sp, a0                          // its frame
        lw      ra, PROCESS_RA(sp)
        load_preserved sp
        clear_lost
        lw      a7, PROCESS_A+28(sp)
        lw      a0, PROCESS_A+0(sp)             // the result
        iret

// A call that needs all registers of its caller, t0.
saved:  mv      a0, t0
        call    k_trap_saved                    // does it
        j       go_saved

// --- The idle process -----------------------------------------------------------------------------------

        .globl  k_idle
        .type   k_idle, @function
// Ring 0, interrupts on, sp the end of its own frame, so that interrupts find a process as always.
k_idle: wfi                                     // interrupts are entered here
        j       k_idle

        .globl  k_idle_polling
        .type   k_idle_polling, @function
// In place of k_idle on the CPU that looks at queues.
k_idle_polling:
        trap    K_VECTOR_POLL                   // k_poll
        j       k_idle_polling

// --- The kernel's own faults ------------------------------------------------------------------------------

        .type   enter_double_fault, @function
// On a stack of its own.
enter_double_fault:
        wrcr    scratch2, t0
        .type   enter_kernel_fault, @function
// sp: the frame; t0 is in scratch2. All registers go below the frame, by number.
enter_kernel_fault:
        mv      t0, sp                          // the frame
        addi    sp, sp, -128                    // room for 32 registers
        sw      zero, 0(sp)
        sw      ra, 4(sp)
        sw      gp, 12(sp)
        sw      tp, 16(sp)
        sw      t1, 24(sp)
        sw      t2, 28(sp)
        sw      s0, 32(sp)
        sw      s1, 36(sp)
        sw      a0, 40(sp)
        sw      a1, 44(sp)
        sw      a2, 48(sp)
        sw      a3, 52(sp)
        sw      a4, 56(sp)
        sw      a5, 60(sp)
        sw      a6, 64(sp)
        sw      a7, 68(sp)
        sw      s2, 72(sp)
        sw      s3, 76(sp)
        sw      s4, 80(sp)
        sw      s5, 84(sp)
        sw      s6, 88(sp)
        sw      s7, 92(sp)
        sw      s8, 96(sp)
        sw      s9, 100(sp)
        sw      s10, 104(sp)
        sw      s11, 108(sp)
        sw      t3, 112(sp)
        sw      t4, 116(sp)
        sw      t5, 120(sp)
        sw      t6, 124(sp)
        rdcr    t1, scratch2
        sw      t1, 20(sp)                      // t0
        lw      t1, FRAME_SP(t0)
        sw      t1, 8(sp)                       // sp at the fault
        mv      a0, t0                          // the frame
        mv      a1, sp                          // the registers
        call    k_kernel_fault                  // does not come back

// --- The vector table ---------------------------------------------------------------------------------------

// A gate into ring 0 with interrupts off, that rings up to RAISE may enter by `trap`.
        .macro  gate handler, raise=0
        .word   \handler
        .word   GATE_PRESENT | GATE_CLOSE | (\raise) << GATE_RAISE_SHIFT
        .endm

        .macro  no_gates count
        .space  (\count) * GATE_BYTES
        .endm

        .rodata
        .p2align PAGE_SHIFT                     // vbase has whole pages
        .globl  k_vectors
        .type   k_vectors, @object
k_vectors:
        .rept   CAUSE_PAGE
        gate    enter_exception
        .endr
        gate    enter_page
        .rept   CAUSE_DOUBLE - CAUSE_PAGE - 1
        gate    enter_exception
        .endr
        gate    enter_double_fault
        no_gates VECTOR_INTERRUPT - CAUSE_DOUBLE - 1
        gate    enter_timer                     // source 0
        gate    enter_message                   // source 1
        .rept   30
        gate    enter_device                    // sources 2 to 31
        .endr
        gate    k_enter_call, 3                 // TP_VECTOR_CALL, for everybody
        gate    enter_poll                      // K_VECTOR_POLL
        no_gates GATE_COUNT - K_VECTOR_POLL - 1
        .size   k_vectors, . - k_vectors

// --- Memory of the start --------------------------------------------------------------------------------------

        .bss
        .p2align PAGE_SHIFT
        .globl  k_boot_directory
k_boot_directory:
        .space  PAGE_BYTES
k_boot_tables:
        .space  BOOT_TABLES * PAGE_BYTES
