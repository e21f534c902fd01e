/* CPUs: their stacks and registers (cpu.h). */
#include <stddef.h>

#include "kernel/cpu.h"
#include "kernel/guest.h"
#include "kernel/interrupt.h"
#include "kernel/offsets.h"
#include "kernel/schedule.h"

/* A stack that grows into a page that is not mapped, and what is at its end. */
struct cpu_area {
    _Alignas(TP_PAGE) uint8_t guard[TP_PAGE];
    uint8_t stack[K_STACK_BYTES - sizeof(struct cpu)];
    struct cpu cpu;
};

_Static_assert(sizeof(struct cpu_area) == AREA_BYTES, "offsets.h");
_Static_assert(offsetof(struct cpu_area, cpu) == AREA_OF_CPU, "offsets.h");
_Static_assert(offsetof(struct lock, serving) == LOCK_SERVING, "offsets.h");

struct cpu_area k_cpu_areas[K_CPUS];

/* Stacks for double faults. */
static _Alignas(TG_FRAME_ALIGN) uint8_t spare_stacks[K_CPUS][K_SPARE_BYTES];

static struct process idle_processes[K_CPUS];

struct lock k_kernel_lock;
uint32_t k_cpu_count;
struct cpu *k_cpu_polling;

extern const uint8_t k_vectors[];
void k_idle(void);
void k_idle_polling(void);

struct cpu *k_cpu_at(uint32_t number)
{
    return &k_cpu_areas[number].cpu;
}

/* An ordinary process in all but ring and memory. Its stack is the end of its own frame, so that the
 * frame of an interrupt goes where those of other processes go. */
static void init_idle(struct process *idle, uint32_t number)
{
    idle->frame.vector = TG_ENTRY_TRAP << 8;
    idle->frame.pc = (uint32_t)(uintptr_t)(k_cpu_at(number) == k_cpu_polling ? k_idle_polling : k_idle);
    idle->frame.status = TG_STATUS_IE;
    idle->frame.sp = (uint32_t)(uintptr_t)(&idle->frame + 1);
    idle->space.ptroot = k_kernel_ptroot();
    idle->state = TP_RUN_RUNNING;
    idle->priority = K_PRIORITY_IDLE;
    idle->cpu = (uint8_t)number;
    idle->pid = -1;
}

void k_cpu_init(uint32_t number)
{
    struct cpu *cpu = k_cpu_at(number);

    cpu->number = number;
    cpu->idle = &idle_processes[number];
    init_idle(cpu->idle, number);
    tg_wrcr(TG_CR_SCRATCH0, (uintptr_t)cpu);
    tg_wrcr(TG_CR_SCRATCH1, (uintptr_t)cpu->idle);
    tg_wrcr(TG_CR_SP0, (uintptr_t)(&cpu->idle->frame + 1));
    tg_wrcr(TG_CR_SPD, (uintptr_t)spare_stacks[number] + K_SPARE_BYTES);
    tg_wrcr(TG_CR_PTROOT, cpu->idle->space.ptroot);
    tg_wrcr(TG_CR_VBASE, k_physical(k_vectors));
    k_interrupt_start();
}

/* Calls hide(address) for the pages below the stacks. */
void k_cpu_each_guard(void (*hide)(const void *page))
{
    for (uint32_t i = 0; i < K_CPUS; i++)
        hide(k_cpu_areas[i].guard);
}

/* --- For the debugger ------------------------------------------------------------------------------- */

TG_TABLE_NAMES(levels, "idle", "program", "server", "driver", "called or polling");

static const struct tg_guest_field fields[] = {
    TG_TABLE_FIELD("number", TG_TABLE_KIND_NUMBER, struct cpu, number),
    TG_TABLE_FIELD_AT("current", TG_TABLE_KIND_POINTER, TG_TABLE_PLACE_REGISTER, TG_CR_SCRATCH1, "processes"),
    TG_TABLE_FIELD("idle", TG_TABLE_KIND_FLAG, struct cpu, is_idle),
    TG_TABLE_FIELD_OF("level", TG_TABLE_KIND_ENUM, struct cpu, level, &levels),
    TG_TABLE_FIELD("must_choose", TG_TABLE_KIND_FLAG, struct cpu, must_choose),
    TG_TABLE_FIELD_OF("next", TG_TABLE_KIND_POINTER, struct cpu, next, "processes"),
};

const struct tg_guest_list k_cpus_list = {
    .name = "cpus",
    .meaning = "what each one runs",
    .rows = &k_cpu_areas[0].cpu,
    .count = K_CPUS,
    .count_at = &k_cpu_count,
    .step = sizeof k_cpu_areas[0],
    .fields = fields,
    .field_count = sizeof fields / sizeof *fields,
};
