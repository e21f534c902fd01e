/*
 * Contexts: how a program that was left by a call or an entry is known again, whatever ran between
 * and on whatever CPU it goes on. And what the words of calls and returns look like.
 */
#include "core/ram.h"
#include "core/state.h"
#include "debug/internal.h"

#define REGISTER_RA 1
#define REGISTER_SP 2

struct tg_context tg_context_of(const struct tg_debug *debug, uint32_t cpu)
{
    const struct tg_cpu_state *s = &debug->machine->cpus[cpu].s;
    return (struct tg_context){
        .cpu = cpu,
        .pc = s->pc,
        .ring = s->status & TG_STATUS_RING,
        .space = s->ptroot & TG_PTROOT_ENABLE ? s->ptroot & TG_PTROOT_PAGE : 0,
        .sp = s->x[REGISTER_SP],
    };
}

/* In ring 0 a stack says enough, and a kernel may change the address space on the way: what is told
 * apart then is where the stack lies in RAM. */
static bool is_same_memory(const struct tg_debug *debug, const struct tg_context *a,
                           const struct tg_context *b)
{
    if (a->space == b->space)
        return true;
    uint32_t a_paddr, b_paddr;
    return a->ring == 0 && tg_debug_translate(debug, a, a->sp - 4, &a_paddr) &&
           tg_debug_translate(debug, b, b->sp - 4, &b_paddr) && a_paddr == b_paddr;
}

bool tg_context_is(const struct tg_debug *debug, const struct tg_context *context, uint32_t cpu)
{
    struct tg_context now = tg_context_of(debug, cpu);
    return now.ring == context->ring && now.sp == context->sp &&
           is_same_memory(debug, context, &now);
}

bool tg_context_is_outer(const struct tg_debug *debug, const struct tg_context *context,
                         uint32_t cpu)
{
    struct tg_context now = tg_context_of(debug, cpu);
    return now.ring == context->ring && now.sp >= context->sp && now.space == context->space;
}

/* --- Memory ----------------------------------------------------------------------------------- */

/* A table's entry at paddr. False: not RAM, or not present. */
static bool read_entry(const struct tg_debug *debug, uint32_t paddr, uint32_t *ret_entry)
{
    if (!tg_ram_contains(&debug->machine->ram, paddr, 4))
        return false;
    *ret_entry = tg_ram_load(debug->machine, paddr, 4);
    return *ret_entry & TG_PTE_PRESENT;
}

bool tg_debug_translate(const struct tg_debug *debug, const struct tg_context *context,
                        uint32_t vaddr, uint32_t *ret_paddr)
{
    uint32_t directory, table;
    *ret_paddr = vaddr;
    if (context->space == 0)
        return true;
    if (!read_entry(debug, context->space + (vaddr >> 22) * 4, &directory) ||
        !read_entry(debug, (directory & TG_PTE_PAGE) + (vaddr >> TG_PAGE_SHIFT) % 1024 * 4, &table))
        return false;
    *ret_paddr = (table & TG_PTE_PAGE) | vaddr % TG_PAGE_BYTES;
    return true;
}

bool tg_debug_word(const struct tg_debug *debug, const struct tg_context *context, uint32_t vaddr,
                   uint32_t *ret_word)
{
    uint32_t paddr;
    if (vaddr % 4 != 0 || !tg_debug_translate(debug, context, vaddr, &paddr) ||
        !tg_ram_contains(&debug->machine->ram, paddr, 4))
        return false;
    *ret_word = tg_ram_load(debug->machine, paddr, 4);
    return true;
}

/* --- Words ------------------------------------------------------------------------------------ */

bool tg_word_is_call(uint32_t word)
{
    struct tg_insn insn = tg_decode(word);
    return (insn.id == TG_INSN_JAL || insn.id == TG_INSN_JALR) && insn.rd == REGISTER_RA;
}

bool tg_word_is_return(uint32_t word)
{
    struct tg_insn insn = tg_decode(word);
    return insn.id == TG_INSN_JALR && insn.rd == 0 && insn.ra == REGISTER_RA;
}

/* --- Handlers --------------------------------------------------------------------------------- */

/* Without anybody who knows frames: the stack of a handler that was entered from an outer ring
 * began at the ring's own stack pointer. */
static bool guess_frame(const struct tg_debug *debug, const struct tg_context *context,
                        uint32_t *ret_frame)
{
    const struct tg_cpu_state *s = &debug->machine->cpus[context->cpu].s;
    uint32_t vector, status;
    if (context->ring > 2)
        return false;
    uint32_t frame = (s->sp_of_ring[context->ring] - TG_FRAME_BYTES) & ~(TG_FRAME_ALIGN - 1u);
    if (!tg_debug_word(debug, context, frame + TG_FRAME_VECTOR, &vector) ||
        !tg_debug_word(debug, context, frame + TG_FRAME_STATUS, &status))
        return false;
    *ret_frame = frame;
    return vector >> 8 <= TG_ENTRY_TRAP && (status & ~TG_STATUS_VALID) == 0 &&
           (status & TG_STATUS_RING) > context->ring;
}

bool tg_handler_frame(const struct tg_debug *debug, uint32_t cpu, uint32_t *ret_frame,
                      uint32_t *ret_paddr)
{
    const struct tg_debug_source *source = &debug->source;
    struct tg_context context = tg_context_of(debug, cpu);
    bool is_known = source->handler_frame ? source->handler_frame(source->context, cpu, ret_frame)
                                          : guess_frame(debug, &context, ret_frame);
    return is_known && tg_debug_translate(debug, &context, *ret_frame, ret_paddr) &&
           tg_ram_contains(&debug->machine->ram, *ret_paddr, TG_FRAME_BYTES);
}

/* --- Goals that both directions have -------------------------------------------*/

bool tg_goal_is_step_of_cpu(struct tg_goal *goal, const struct tg_debug *debug, uint32_t cpu,
                            uint32_t pc, uint32_t word)
{
    (void)debug;
    (void)pc;
    (void)word;
    return cpu == goal->cpu;
}

bool tg_goal_is_entry_of_cpu(struct tg_goal *goal, const struct tg_debug *debug,
                             const struct tg_entry_event *event)
{
    (void)debug;
    return event->cpu == goal->cpu;
}

bool tg_goal_is_there(struct tg_goal *goal, const struct tg_debug *debug, uint32_t cpu,
                      uint32_t pc)
{
    (void)pc;
    return tg_context_is(debug, &goal->context, cpu);
}

bool tg_goal_is_in_callers(struct tg_goal *goal, const struct tg_debug *debug, uint32_t cpu,
                           uint32_t pc)
{
    (void)pc;
    return tg_context_is_outer(debug, &goal->context, cpu);
}

bool tg_goal_is_anywhere(struct tg_goal *goal, const struct tg_debug *debug, uint32_t cpu,
                         uint32_t pc)
{
    (void)goal;
    (void)debug;
    (void)cpu;
    (void)pc;
    return true;
}
