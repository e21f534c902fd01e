/*
 * All state of a machine, architectural state apart from wiring. Field lists (fields.h) are what a snapshot saves and
 * a digest covers; every other member is derived, host-side or a counter's mark.
 * Private to emu/; front ends use tollgate.h.
 */
#ifndef TG_STATE_H
#define TG_STATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/engine.h"
#include "core/fields.h"
#include "tollgate.h"

/* --- A CPU (docs/isa.md sections 4 to 7) ------------------------------------------------------------------------- */

enum tg_cpu_run_state {
    TG_CPU_RUNNING,
    TG_CPU_WAITING, /* in wfi, until an interrupt is offered */
    TG_CPU_PARKED   /* until another CPU starts it through the interrupt controller */
};

/* A translation cache: parallel arrays [set * TG_TLB_WAYS + way]; next: the way that the set's next fill replaces.
 * entry is the page table entry as it was filled, 0 (not present) for an empty way; space its address-space number. */
#define TG_ITLB_ENTRIES (TG_ITLB_SETS * TG_TLB_WAYS)
#define TG_DTLB_ENTRIES (TG_DTLB_SETS * TG_TLB_WAYS)

#define TG_CPU_STATE(V, A)                                                                         \
    A(uint32_t, x, 32, UINT32_MAX)                                                                 \
    V(uint32_t, pc, 0xfffffffcu)                                                                   \
    V(uint32_t, status, TG_STATUS_VALID)                                                           \
    V(uint32_t, vbase, UINT32_MAX)                                                                 \
    V(uint32_t, ptroot, UINT32_MAX)                                                                \
    A(uint32_t, sp_of_ring, 3, UINT32_MAX)                                                         \
    V(uint32_t, spd, UINT32_MAX)                                                                   \
    V(uint32_t, iomap, UINT32_MAX)                                                                 \
    A(uint32_t, scratch, 4, UINT32_MAX)                                                            \
    V(uint64_t, insns, UINT64_MAX)                                                                 \
    V(uint8_t, run_state, TG_CPU_PARKED)                                                           \
    V(uint8_t, is_reserved, 1)                                                                     \
    V(uint32_t, reserved_paddr, UINT32_MAX)                                                        \
    A(uint32_t, itlb_page, TG_ITLB_ENTRIES, 0xfffff)                                               \
    A(uint32_t, itlb_entry, TG_ITLB_ENTRIES, UINT32_MAX)                                           \
    A(uint8_t, itlb_space, TG_ITLB_ENTRIES, UINT8_MAX)                                             \
    A(uint8_t, itlb_next, TG_ITLB_SETS, TG_TLB_WAYS - 1)                                           \
    A(uint32_t, dtlb_page, TG_DTLB_ENTRIES, 0xfffff)                                               \
    A(uint32_t, dtlb_entry, TG_DTLB_ENTRIES, UINT32_MAX)                                           \
    A(uint8_t, dtlb_space, TG_DTLB_ENTRIES, UINT8_MAX)                                             \
    A(uint8_t, dtlb_next, TG_DTLB_SETS, TG_TLB_WAYS - 1)

TG_STATE_STRUCT(tg_cpu_state, TG_CPU_STATE);

/* Counters: the same for every engine and saved in snapshots, but no part of the digest. */
#define TG_COUNT_STATE(V, A)                                                                       \
    A(uint64_t, insns_by_ring, 4, UINT64_MAX)                                                      \
    A(uint64_t, insns_by_space, 256, UINT64_MAX)                                                   \
    A(uint64_t, entries, 256, UINT64_MAX)                                                          \
    A(uint64_t, entries_by_kind, 3, UINT64_MAX)                                                    \
    A(uint64_t, crossings, 16, UINT64_MAX)                                                         \
    V(uint64_t, instruction_fills, UINT64_MAX)                                                     \
    V(uint64_t, data_fills, UINT64_MAX)                                                            \
    V(uint64_t, walk_references, UINT64_MAX)                                                       \
    V(uint64_t, port_reads, UINT64_MAX)                                                            \
    V(uint64_t, port_writes, UINT64_MAX)                                                           \
    V(uint64_t, space_switches, UINT64_MAX)                                                        \
    V(uint64_t, interrupts, UINT64_MAX)    /* taken, whatever became of the entry */               \
    V(uint64_t, settled_insns, UINT64_MAX) /* insns already in insns_by_ring and _by_space */

TG_STATE_STRUCT(tg_count_state, TG_COUNT_STATE);

struct tg_cpu {
    struct tg_cpu_state s;
    struct tg_count_state counts;
    /* wiring */
    struct tg_machine *machine;
    uint32_t number;
    bool is_interrupt_offered; /* the interrupt controller has a source for this CPU; kept by the bus */
};

/* --- The clock (docs/isa.md section 8) ------------------------------------------------------------------------------ */

#define TG_CLOCK_STATE(V, A)                                                                       \
    V(uint64_t, time, UINT64_MAX)            /* at the start of the round, ticks */                \
    V(uint64_t, insns, UINT64_MAX)           /* begun by all CPUs */                               \
    V(uint64_t, inputs, UINT64_MAX)          /* outside events that have taken effect */           \
    V(uint32_t, round_ticks, UINT32_MAX)     /* length of the round under way; 0: between rounds */ \
    V(uint32_t, turn, TG_MAX_CPUS - 1)       /* CPU whose turn it is */                            \
    V(uint32_t, turn_ticks, UINT32_MAX)      /* ticks of that turn already used */

TG_STATE_STRUCT(tg_clock_state, TG_CLOCK_STATE);

/* How the machine has ended, if it has. */
enum tg_end { TG_END_NONE, TG_END_POWER_OFF, TG_END_PANIC, TG_END_FATAL };

#define TG_END_STATE(V, A)                                                                         \
    V(uint8_t, end, TG_END_FATAL)                                                                  \
    V(uint32_t, cpu, TG_MAX_CPUS - 1)                                                              \
    V(uint32_t, status, UINT32_MAX)                                                                \
    V(uint32_t, vector, UINT32_MAX)                                                                \
    V(uint32_t, error, UINT32_MAX)                                                                 \
    V(uint32_t, address, UINT32_MAX)                                                               \
    V(uint32_t, reason, UINT32_MAX)                                                                \
    V(uint32_t, double_reason, UINT32_MAX)                                                         \
    V(uint32_t, double_address, UINT32_MAX)                                                        \
    V(uint32_t, pc, UINT32_MAX)                                                                    \
    V(uint32_t, cpu_status, UINT32_MAX)                                                            \
    V(uint32_t, sp, UINT32_MAX)

TG_STATE_STRUCT(tg_end_state, TG_END_STATE);

/* --- RAM -------------------------------------------------------------------------------------------------------------- */

/* Why a store to a page may not go straight to its bytes. */
enum {
    TG_PAGE_HAS_CODE = 1,   /* an engine keeps decoded instructions of it */
    TG_PAGE_IS_HASHED = 2,  /* its hash in the digest's cache is right */
    TG_PAGE_IS_KEPT = 4     /* the present checkpoint has it as it is */
};

/* The digest's cache (core/digest.h) must never read RAM that nobody wrote: at reset every page is flagged
 * TG_PAGE_IS_HASHED with hash 0, which is the hash of zeros. tg_ram_before_write, when it drops that flag, appends the
 * page to unhashed. */
struct tg_ram {
    uint8_t *bytes;          /* size bytes, zero at reset */
    uint32_t size;           /* multiple of TG_PAGE_BYTES */
    uint8_t *page_flags;     /* a byte a page: TG_PAGE_... */
    uint64_t *page_hash;     /* a word a page: right where TG_PAGE_IS_HASHED, else what it last was */
    uint64_t hash_sum;       /* of all words of page_hash, modulo 2^64 */
    uint32_t *unhashed;      /* the pages without TG_PAGE_IS_HASHED, each once; room for all */
    uint32_t unhashed_count;
    uint32_t *unkept;        /* the pages without TG_PAGE_IS_KEPT; NULL: there are no checkpoints */
    uint32_t unkept_count;
};

/* --- The machine ------------------------------------------------------------------------------------------------------- */

#define TG_MAX_OBSERVERS 8

/* Which functions some observer has, so that an engine asks once a run. */
enum {
    TG_OBSERVE_RETIRE = 1,
    TG_OBSERVE_MEMORY = 2,
    TG_OBSERVE_ENTRY = 4,
    TG_OBSERVE_LEAVE = 8,
    TG_OBSERVE_PORT = 16,
    TG_OBSERVE_CREG = 32,
    TG_OBSERVE_TLB = 64,
    TG_OBSERVE_LINE = 128,
    TG_OBSERVE_DMA = 256
};

/* --- Points (core/points.h) ------------------------------------------------------------------------------------------ */

/* A step that a CPU is about to begin with the instruction at pc. */
struct tg_point_step {
    bool is_set;
    uint32_t cpu, pc;
    uint64_t insns;      /* the CPU's own */
    uint64_t interrupts; /* the machine's */
};

struct tg_point_state {
    void *context;
    uint32_t *breaks; /* in order */
    size_t break_count;
    uint32_t break_words[TG_PAGE_BYTES / 4 / 32]; /* a bit a word of a page: some break has that offset */
    struct tg_watch *watches;
    size_t watch_count;
    bool (*reached)(void *context, uint32_t cpu, uint32_t pc);
    bool (*accessed)(void *context, const struct tg_watch_event *event);
    /* of the run under way */
    struct tg_point_step passed; /* the break there has been reported */
    bool returns_on_interrupt;   /* the engine returns after taking an interrupt */
    bool stops_on_interrupt;     /* and the run stops */
    bool has_point_stop, has_interrupt_stop;
    uint32_t stop_cpu;
};

struct tg_machine {
    /* architectural state */
    struct tg_clock_state clock;
    struct tg_end_state end;
    struct tg_cpu cpus[TG_MAX_CPUS];
    struct tg_ram ram;
    struct tg_bus *bus; /* devices and their state (bus/bus.h) */

    /* configuration and what a reset loads again */
    struct tg_config config;
    char boot_words[TG_BOOT_WORDS_BYTES];
    struct tg_image *image; /* core/loader.h; NULL: none */

    /* wiring */
    struct tg_host host;
    const struct tg_engine *engine;
    void *engine_caches;
    atomic_bool attention;      /* the engine must return after this instruction: something the scheduler must see */
    atomic_bool stop_requested; /* by the host; it sets attention too */
    bool has_deadline_changed;  /* by an access; it sets attention too */
    uint64_t interrupts;        /* of all CPUs' counts */
    uint64_t turn_insns; /* insns of the CPU in turn when its engine was last called */
    bool is_break_requested; /* debug port: stop in the debugger */
    uint32_t break_value;
    uint32_t break_cpu; /* filled in by the scheduler */
    struct tg_input_log *log; /* core/input.h */
    const struct tg_observer *observers[TG_MAX_OBSERVERS];
    uint32_t observer_count;
    uint32_t observed; /* TG_OBSERVE_... of all observers */
    struct tg_point_state points;
};

/* Virtual time at the instruction under way (or now, between runs). */
static inline uint64_t tg_machine_now(const struct tg_machine *m)
{
    uint64_t in_call = m->cpus[m->clock.turn].s.insns - m->turn_insns;
    return m->clock.time + m->clock.turn_ticks + in_call;
}

/* The reset button (docs/isa.md section 10): core's part and tg_bus_reset. Only between two rounds. */
void tg_machine_reset(struct tg_machine *machine);

static inline uint32_t tg_cpu_ring(const struct tg_cpu *cpu)
{
    return cpu->s.status & TG_STATUS_RING;
}

#endif
