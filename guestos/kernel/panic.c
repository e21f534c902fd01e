/*
 * The end (panic.h): a report to the debug port, then the machine stops. Takes no lock and trusts
 * nothing more than it must, since something is broken.
 */
#include <stdarg.h>
#include <stddef.h>

#include "kernel/cpu.h"
#include "kernel/offsets.h"
#include "kernel/panic.h"

#define PANIC_CODE 1

/* Deepest backtrace. */
#define MOST_CALLERS 24

/* How far a service's task is followed on its stack, whose end the kernel does not know. */
#define TASK_BYTES 1024

extern const char __text_start[], __text_end[], __data_start[], _end[];

static const char *const causes[] = {
#define TG_CAUSE(id, name, vector, ...) [vector] = name,
#include "isa/causes.def"
};

const char *k_cause_name(uint32_t vector)
{
    return vector < sizeof causes / sizeof *causes ? causes[vector] : "unknown";
}

static bool is_code(uint32_t address)
{
    return address % 4 == 0 && address > (uintptr_t)__text_start && address <= (uintptr_t)__text_end;
}

/* Whether an address can be what a call left: the instruction before it is `jal ra` or `jalr ra`. */
static bool follows_call(uint32_t address)
{
    const uint32_t opcode_and_ra = 0xfff00000u, jal_ra = 0x58u << 25 | 1u << 20,
                   jalr_ra = 0x59u << 25 | 1u << 20;
    uint32_t word;

    if (!is_code(address))
        return false;
    word = *(const uint32_t *)(address - 4);
    return (word & opcode_and_ra) == jal_ra || (word & opcode_and_ra) == jalr_ra;
}

/* The end of the stack that sp is in: the CPU's, or that of a service's task, which is somewhere in the kernel's data
 * and of unknown length; 0: it is in none. */
static uint32_t stack_end(uint32_t sp)
{
    uint32_t own = (uint32_t)(uintptr_t)k_cpu(), last = (uint32_t)(uintptr_t)_end;
    uint32_t areas = (uint32_t)(uintptr_t)k_cpu_at(0) - AREA_OF_CPU; /* of all CPUs' stacks */

    if (sp % 4 != 0)
        return 0;
    if (sp <= own && own - sp <= K_STACK_BYTES)
        return own;
    if (sp < areas && sp >= (uintptr_t)__data_start)
        last = areas; /* it begins with a page that is not mapped */
    else if (sp < areas + K_CPUS * AREA_BYTES || sp >= last)
        return 0;
    return last - sp < TASK_BYTES ? last : sp + TASK_BYTES;
}

/* Code without frame pointers tells callers only by what lies on the stack: return addresses of
 * calls that are over may be among them. */
static void print_callers(uint32_t sp)
{
    uint32_t end = stack_end(sp), printed = 0;

    if (end == 0) {
        k_print("  (sp %8x is in no stack)\n", sp);
        return;
    }
    for (; sp < end && printed < MOST_CALLERS; sp += 4) {
        uint32_t word = *(const uint32_t *)sp;

        if (follows_call(word)) {
            k_print("  %p\n", (void *)(word - 4));
            printed++;
        }
    }
}

static void print_process(const struct process *process)
{
    static const char *const kinds[] = {"exception", "interrupt", "trap", "?"};

    if (process == k_cpu()->idle) {
        k_print("running: the idle process of CPU %u\n", k_cpu()->number);
        return;
    }
    k_print("running: process %d, %s (endpoint %x, ring %u)\n", process->pid, process->name,
            process->endpoint, process->ring);
    k_print("  it entered by %s %u at pc %8x, sp %8x; a7 %8x a0 %8x a1 %8x a2 %8x\n",
            kinds[process->frame.vector >> 8 & 3], K_VECTOR(process->frame), process->frame.pc,
            process->frame.sp, process->registers.a[7], process->registers.a[0],
            process->registers.a[1], process->registers.a[2]);
}

static void print_registers(const uint32_t *registers)
{
    static const char names[32][5] = {"zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2",
                                      "s0",   "s1", "a0", "a1", "a2",  "a3",  "a4", "a5",
                                      "a6",   "a7", "s2", "s3", "s4",  "s5",  "s6", "s7",
                                      "s8",   "s9", "s10", "s11", "t3", "t4", "t5", "t6"};

    for (uint32_t i = 1; i < 32; i++)
        k_print("  %s %8x%s", names[i], registers[i],
                i % 4 == 0 || i == 31 ? "\n" : "");
}

static _Noreturn void end(void)
{
    for (;;)
        tg_outw(TG_PORT_DEBUG_PANIC, PANIC_CODE);
}

/* A panic inside a report would go round in circles. */
static bool is_under_way;

static void begin(void)
{
    if (is_under_way)
        end();
    is_under_way = true;
    k_print("\n*** Turnpike stops: ");
}

void k_panic(const char *why, ...)
{
    uint32_t caller = (uint32_t)(uintptr_t)__builtin_return_address(0) - 4;
    va_list values;

    begin();
    va_start(values, why);
    k_print_list(why, values);
    va_end(values);
    k_print("\nCPU %u in %p\n", k_cpu()->number, (void *)caller);
    print_process(k_current());
    k_print("callers, as far as the stack shows:\n");
    print_callers((uint32_t)(uintptr_t)__builtin_frame_address(0));
    k_print("look at the first caller that you do not trust: tg-objdump -S shows it with its lines\n");
    end();
}

static void explain(const struct frame *frame)
{
    uint32_t vector = K_VECTOR(*frame), address = frame->address;
    const struct cpu *cpu = k_cpu();

    if (vector == TG_CAUSE_DOUBLE && (uintptr_t)cpu - address > K_STACK_BYTES - sizeof *cpu &&
        (uintptr_t)cpu - address <= K_STACK_BYTES + TP_PAGE)
        k_print("the kernel's stack of %u bytes has overflowed: look for recursion, or large locals\n",
                K_STACK_BYTES);
    else if (vector == TG_CAUSE_PAGE && address < TP_USER_FIRST)
        k_print("a null pointer was followed: look at what the instruction's base register was to be\n");
    else if (vector == TG_CAUSE_PAGE && address < TP_USER_END)
        k_print("a user's address was used as the kernel's own: such memory is reached by copy.h\n");
    else
        k_print("look at the instruction, and at the registers that it uses\n");
}

/* entry.S: the kernel itself has raised an exception; registers by number. */
_Noreturn void k_kernel_fault(const struct frame *frame, const uint32_t *registers);

void k_kernel_fault(const struct frame *frame, const uint32_t *registers)
{
    uint32_t vector = K_VECTOR(*frame);

    begin();
    k_print("exception %u (%s) in the kernel, address %8x, error %8x\n", vector,
            k_cause_name(vector), frame->address, frame->error);
    k_print("CPU %u at %p, called from %p\n", k_cpu()->number, (void *)frame->pc,
            (void *)registers[1]);
    explain(frame);
    print_registers(registers);
    print_process(k_current());
    k_print("callers, as far as the stack shows:\n");
    print_callers(frame->sp);
    end();
}
