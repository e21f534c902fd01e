/* Processes: slots and names, creation and end, queues (process.h). */
#include <stddef.h>
#include <string.h>

#include "kernel/offsets.h"
#include "kernel/schedule.h"
#include "tg32.h"

/* Endpoints are answers of calls, so the highest bit is never set. */
#define GENERATIONS 0x7fffffu

#define OFFSET(member, offset) _Static_assert(offsetof(struct process, member) == (offset), "offsets.h")

OFFSET(frame.vector, TG_FRAME_VECTOR);
OFFSET(frame.error, TG_FRAME_ERROR);
OFFSET(frame.address, TG_FRAME_ADDRESS);
OFFSET(frame.pc, TG_FRAME_PC);
OFFSET(frame.status, TG_FRAME_STATUS);
OFFSET(frame.sp, TG_FRAME_SP);
OFFSET(iomap, PROCESS_IOMAP);
OFFSET(registers.ra, PROCESS_RA);
OFFSET(registers.gp, PROCESS_GP);
OFFSET(registers.tp, PROCESS_TP);
OFFSET(registers.t, PROCESS_T);
OFFSET(registers.s, PROCESS_S);
OFFSET(registers.a, PROCESS_A);
OFFSET(entries, PROCESS_ENTRIES);
OFFSET(calls, PROCESS_CALLS);
OFFSET(space.ptroot, PROCESS_PTROOT);
_Static_assert(sizeof(struct process) % TG_FRAME_ALIGN == 0, "frames of processes are aligned");
_Static_assert((int)TP_VECTOR_CALL + 1 == K_VECTOR_POLL, "entry.S has their gates side by side");

struct process k_processes[TP_PROCESSES];
struct process *k_process_by_slot[256];
uint32_t k_process_count, k_process_gone_switches;

/* Of the next program in each slot; services have generation 0. */
static uint32_t generations[TP_PROCESSES];

/* Slots of programs are handed out in turn, so that a name is not used again at once. */
static uint32_t next_slot = TP_FIRST_PROCESS_SLOT;

void k_process_start(void)
{
    static struct process nobody = {.ipc.meeting = K_MEETING_NOBODY};

    for (uint32_t i = 0; i < 256; i++)
        k_process_by_slot[i] =
            i >= TP_FIRST_PROCESS_SLOT && i < TP_PROCESSES ? &k_processes[i] : &nobody;
}

struct process *k_process_at(uint32_t endpoint)
{
    uint32_t slot = TP_ENDPOINT_SLOT(endpoint);
    struct process *process = &k_processes[slot];

    if (slot >= TP_PROCESSES || process->endpoint != endpoint || process->state == TP_RUN_FREE)
        return NULL;
    return process;
}

static struct process *create(uint32_t slot, uint32_t ring, enum priority priority)
{
    struct process *process = &k_processes[slot];

    memset(process, 0, sizeof *process);
    process->endpoint = TP_ENDPOINT(slot, generations[slot]);
    process->state = TP_RUN_STOPPED;
    process->ipc.meeting = K_MEETING_NOBODY;
    process->ring = (uint8_t)ring;
    process->priority = (uint8_t)priority;
    process->ready = &k_ready_queues[priority];
    process->space.ptroot = k_kernel_ptroot();
    process->entries = k_entries;
    k_process_set_entry(process, 0, 0);
    k_process_count++;
    return process;
}

struct process *k_process_create_server(enum tp_service service)
{
    static const uint8_t rings[] = {
#define TP_SERVICE(ID, name, ring, ...) ring,
#include "turnpike/services.def"
    };

    return create(service, rings[service],
                  rings[service] == 1 ? K_PRIORITY_DRIVER : K_PRIORITY_SERVER);
}

struct process *k_process_create(int32_t pid)
{
    for (uint32_t i = TP_FIRST_PROCESS_SLOT; i < TP_PROCESSES; i++) {
        uint32_t slot = next_slot;

        next_slot = slot + 1 < TP_PROCESSES ? slot + 1 : TP_FIRST_PROCESS_SLOT;
        if (k_processes[slot].state == TP_RUN_FREE) {
            struct process *process;

            generations[slot] = (generations[slot] + 1) & GENERATIONS;
            process = create(slot, 3, K_PRIORITY_PROGRAM);
            process->pid = pid;
            return process;
        }
    }
    return NULL;
}

void k_process_copy_registers(struct process *to, const struct process *from)
{
    to->frame = from->frame;
    to->registers = from->registers;
}

void k_process_set_entry(struct process *process, uint32_t pc, uint32_t sp)
{
    memset(&process->registers, 0, sizeof process->registers);
    process->frame = (struct frame){.vector = TG_ENTRY_TRAP << 8 | TP_VECTOR_CALL,
                                    .pc = pc,
                                    .status = TG_STATUS_IE | process->ring,
                                    .sp = sp};
}

void k_process_destroy(struct process *process)
{
    k_space_clear(process);
    k_process_gone_switches += process->switches;
    process->state = TP_RUN_FREE;
    k_process_count--;
}

/* --- Queues ----------------------------------------------------------------------------------------- */

void k_queue_put_first(struct process_queue *queue, struct process *process)
{
    process->next = queue->first;
    process->previous = NULL;
    process->queue = queue;
    if (queue->first)
        queue->first->previous = process;
    else
        queue->last = process;
    queue->first = process;
}

void k_queue_remove(struct process *process)
{
    struct process_queue *queue = process->queue;

    if (!queue)
        return;
    if (process->previous)
        process->previous->next = process->next;
    else
        queue->first = process->next;
    if (process->next)
        process->next->previous = process->previous;
    else
        queue->last = process->previous;
    process->queue = NULL;
}
