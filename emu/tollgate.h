/*
 * libtollgate: a TG32 machine as a library. This is the whole public interface; front ends use it and the debug layer,
 * never the headers of core, bus or devices. Several machines may live in one process; a machine is used by one
 * thread at a time. The library never prints, exits or reads the environment.
 *
 * Position and time: 1 instruction is 1 tick of virtual time (docs/isa.md section 8). Nothing that happens inside a
 * machine depends on anything but its configuration, its image, its disk and its input log.
 */
#ifndef TOLLGATE_H
#define TOLLGATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isa/isa.h"

struct tg_machine;

/* --- Errors ---------------------------------------------------------------------------------------------------- */

enum tg_result {
    TG_OK = 0,
    TG_E_NOMEM = -1,    /* the host has no memory left */
    TG_E_IO = -2,       /* a host file could not be read or written */
    TG_E_FORMAT = -3,   /* a file is not what it should be */
    TG_E_ARGUMENT = -4, /* an argument is out of its range */
    TG_E_ADDRESS = -5,  /* a guest address is not RAM, or not mapped */
    TG_E_DIVERGED = -6  /* a replay met a state that its log does not fit */
};

/* Text for a person, filled in by functions that take one and fail: what was expected, found, where. May be NULL. */
struct tg_error {
    char text[512];
};

/* --- Making a machine ------------------------------------------------------------------------------------------ */

#define TG_MAX_CPUS          8
#define TG_MIN_RAM_BYTES     (UINT32_C(64) << 10)
#define TG_MAX_RAM_BYTES     (UINT32_C(2) << 30)
#define TG_DEFAULT_RAM_BYTES (UINT32_C(64) << 20)
#define TG_BOOT_WORDS_BYTES  2048 /* longest boot words, terminator included */

struct tg_config {
    const char *engine;     /* name of an engine; NULL: "fast" */
    uint32_t cpus;          /* 1 to TG_MAX_CPUS; 0: 1 */
    uint32_t ram_bytes;     /* multiple of 4096, TG_MIN_RAM_BYTES to TG_MAX_RAM_BYTES; 0: the default */
    uint32_t quantum;       /* ticks of a CPU's turn; 0: 64 with several CPUs, 65536 with one */
    uint64_t seed;          /* of the random number device */
    const char *boot_words; /* for the kernel, UTF-8; NULL: none; copied */
};

/* What the machine tells its surroundings. Any may be NULL. Called while the machine runs; they must not call back
 * into it except for tg_machine_request_stop. Nothing they do changes what happens inside. */
struct tg_host {
    void *context;
    void (*console)(void *context, const uint8_t *bytes, size_t count);    /* serial console output */
    void (*debug_text)(void *context, const uint8_t *bytes, size_t count); /* debug port text */
    void (*mark)(void *context, uint32_t cpu, uint32_t value);             /* debug port event mark */
    void (*trace)(void *context, bool on);                                 /* debug port trace switch */
    void (*sound)(void *context, const int16_t *samples, size_t count, uint32_t rate_hz);
};

/* Creates a machine in reset state without an image. config and host are copied; both may be NULL, for all defaults and
 * for nobody listening. The machine belongs to the caller. Errors: TG_E_ARGUMENT, TG_E_NOMEM. */
int tg_machine_create(const struct tg_config *config, const struct tg_host *host,
                      struct tg_machine **ret_machine, struct tg_error *error);
void tg_machine_destroy(struct tg_machine *machine);

/* Loads a TG32 ELF executable (docs/isa.md section 10) from size bytes at image and resets the machine to start it.
 * The bytes are copied: a reset loads them again. On failure the machine is as before. Errors: TG_E_FORMAT,
 * TG_E_NOMEM. */
int tg_machine_load_image(struct tg_machine *machine, const void *image, size_t size, struct tg_error *error);

/* Attaches a raw disk image of size bytes (multiple of 512; copied). Guest writes stay in memory; tg_machine_disk_read
 * reads what the disk now holds. Replaces an earlier disk. Errors: TG_E_FORMAT, TG_E_NOMEM. */
int tg_machine_attach_disk(struct tg_machine *machine, const void *image, size_t size, struct tg_error *error);
/* Size of the disk, 0 without one. A read fails with TG_E_ADDRESS, and reads nothing, beyond its end. */
uint64_t tg_machine_disk_bytes(const struct tg_machine *machine);
int tg_machine_disk_read(const struct tg_machine *machine, uint64_t offset, void *bytes, size_t count);

/* Names and one-line meanings of the engines, index from 0; NULL past the last. */
const char *tg_engine_name(unsigned index, const char **ret_meaning);

/* --- Running --------------------------------------------------------------------------------------------------- */

enum tg_stop_reason {
    TG_STOP_LIMIT,     /* the instruction or time limit was reached */
    TG_STOP_POWER_OFF, /* the guest switched off; status is its own, 0 to 99 */
    TG_STOP_PANIC,     /* the guest reported a panic through the debug port */
    TG_STOP_FATAL,     /* a CPU could not deliver a double fault: see tg_machine_fatal */
    TG_STOP_IDLE,      /* every CPU waits and nothing scheduled can ever wake one; only input can */
    TG_STOP_INPUT,     /* every CPU waits, not for the disk, and the keyboard queue is empty (only if asked for) */
    TG_STOP_BREAK,     /* the guest asked for the debugger through the debug port */
    TG_STOP_REQUEST,   /* tg_machine_request_stop */
    TG_STOP_POINT,     /* a function of tg_machine_set_points said so */
    TG_STOP_INTERRUPT  /* an interrupt was entered (only if asked for) */
};

struct tg_stop {
    enum tg_stop_reason reason;
    uint32_t cpu;    /* the CPU that caused it, where one did */
    uint32_t status; /* POWER_OFF: exit status; PANIC and BREAK: the value written */
};

/* Where a machine is: instructions begun by all CPUs together, virtual time in ticks, and interrupts taken by all CPUs
 * together since the machine was made (those whose entry became a double fault too). */
struct tg_position {
    uint64_t insns;
    uint64_t time; /* with several CPUs: at the start of the turn round all CPUs that is under way */
    uint64_t interrupts;
};

/* A step is an instruction begun or an interrupt taken, by whatever CPU: each adds exactly 1. So a number of steps is
 * a place in a run, and every place at which a person can stop has one. */
static inline uint64_t tg_position_steps(struct tg_position position)
{
    return position.insns + position.interrupts;
}

#define TG_NO_LIMIT UINT64_MAX

struct tg_run_limits {
    struct {
        uint64_t insns, time;
    } until;                /* stop when either is reached; TG_NO_LIMIT for none */
    bool stop_for_input;    /* stop with TG_STOP_INPUT */
    bool stop_on_interrupt; /* stop with TG_STOP_INTERRUPT after an interrupt was entered, before its handler's first
                               instruction (or that of the double fault which took its place) */
    bool is_settled;        /* see below */
    uint64_t until_steps;   /* stop with TG_STOP_LIMIT where so many steps are done; 0: no such limit */
};

/* Runs until something stops the machine. The limits in instructions and in steps are exact. The time limit is exact
 * with one CPU or an idle machine, and otherwise reached at the end of a turn round all CPUs. Stopping and going on
 * never changes what the machine does. A machine that has powered off, panicked or failed stays so until reset.
 *
 * Between two steps time may pass, devices act and input take effect, so a machine can stop in several states with the
 * same number of steps. One of them is settled: the last, where the next step is about to begin; the turn of the CPU
 * that does it has begun, and nothing but that step can come next. A stop at a break or after an interrupt is settled by
 * itself. With is_settled the limits in instructions and steps stop there too, so that the states, and their digests, are
 * equal however they were reached; where nothing will ever begin (and at the time limit) the machine stops as ever.
 * A machine stopped in another way is settled by a run with until.insns where it is and is_settled. */
void tg_machine_run(struct tg_machine *machine, const struct tg_run_limits *limits, struct tg_stop *ret_stop);

/* Asks a running machine to stop soon. Safe from a signal handler, another thread and observers. */
void tg_machine_request_stop(struct tg_machine *machine);

struct tg_position tg_machine_position(const struct tg_machine *machine);

/* The CPU whose step is next: exact where the machine is settled, else as far as can be said. */
uint32_t tg_machine_turn(const struct tg_machine *machine);

/* --- Points: breaks and watches ------------------------------------------------------------------------------------ */

/* A range of addresses [first, last], virtual in whatever address space or physical, and what accesses to any byte of it
 * count. Physical addresses may be those of a device's memory. */
struct tg_watch {
    uint32_t first, last;
    bool is_physical;
    bool on_load, on_store; /* an atomic operation is both */
};

/* A completed access to watched bytes. Fetches, and what entries and walks read (gates, tables, port bitmaps), are none. */
struct tg_watch_event {
    uint32_t cpu;
    enum tg_access access; /* LOAD, STORE, ATOMIC */
    uint32_t pc;           /* of the instruction; of the next one where an interrupt's frame is pushed */
    uint32_t vaddr, paddr, bytes;
    uint32_t old_value, value; /* in memory before and after */
    bool is_frame;  /* a word of a frame that an entry pushed or an iret popped, one event a word */
    bool is_walk;   /* a page walk set the accessed or dirty bit: a STORE without a virtual address (0) */
    bool is_device; /* direct memory access: without cpu, vaddr and pc (0); an event for each word, bytes 1 to 4 */
};

/* Whether an access is one that the watch is for. Virtual watches do not see walks and devices. */
bool tg_watch_matches(const struct tg_watch *watch, const struct tg_watch_event *event);

/* Which stops are wanted. Both functions are called while the machine runs: reading it and tg_machine_request_stop are
 * allowed, everything else is not; its position is the one before the step under way. */
struct tg_points {
    void *context;
    const uint32_t *breaks; /* virtual addresses of instructions, in any order */
    size_t break_count;
    const struct tg_watch *watches;
    size_t watch_count;
    /* The instruction at a break is the next step (interrupts that come before it have been taken, nothing of it, not even
     * its fetch, has happened). True: stop there, TG_STOP_POINT, with stop.cpu. */
    bool (*reached)(void *context, uint32_t cpu, uint32_t pc);
    /* Called after the access. True: TG_STOP_POINT when the step is complete. */
    bool (*accessed)(void *context, const struct tg_watch_event *event);
};

/* Replaces all points; NULL: none. Between runs only. Everything but context is copied. A function may be NULL when there
 * is nothing that it could be called for. Errors: TG_E_NOMEM (the points are as before). */
int tg_machine_set_points(struct tg_machine *machine, const struct tg_points *points);

/* The break that the machine stands at is not reported by the next run before the machine has passed it: call this before
 * going on from a place that has been reported. */
void tg_machine_pass_break(struct tg_machine *machine);

/* --- Input and its log ------------------------------------------------------------------------------------------- */

enum tg_input_kind {
    TG_INPUT_KEY,    /* value: scan code 0x00 to 0x7f, plus 0x80 for a released key */
    TG_INPUT_SERIAL, /* value: a byte received by the serial console */
    TG_INPUT_RESET,  /* the reset button */
    TG_INPUT_LINE    /* an interrupt line that somebody pulls: its source, plus 0x80 to lower it, plus 0x100 * CPU where each
                        CPU has such a source of its own. A device that drives the line drives it again when it next acts */
};

struct tg_input {
    enum tg_input_kind kind;
    uint32_t value;
};

/* Queues an outside event. It takes effect, and enters the log, at the next start of a turn round all CPUs (or at
 * once where the machine is between two). A machine that has ended takes input too, and goes on after a
 * TG_INPUT_RESET. A reset keeps time, instruction counts and the disk's contents. Errors: TG_E_ARGUMENT, TG_E_NOMEM,
 * TG_E_DIVERGED (a replay is under way, whose log does not have this input). */
int tg_machine_input(struct tg_machine *machine, struct tg_input input);

/* Types text on the keyboard: make and break codes of each character, with shift where needed, and control for the
 * control characters. All of it is queued at once, and the keyboard drops what exceeds its queue of 256 codes: type at most
 * 64 characters whenever the machine stops with TG_STOP_INPUT. Errors: TG_E_ARGUMENT for a character no key has (nothing
 * is typed), TG_E_NOMEM, TG_E_DIVERGED. */
int tg_machine_type(struct tg_machine *machine, const char *text, size_t length);

/* The log of all input that has taken effect, as text (docs/formats.md), allocated with malloc, the caller's to free. It
 * begins where the machine was made, or where its image, disk or whole state was last replaced from outside. */
int tg_machine_log_save(const struct tg_machine *machine, char **ret_text, size_t *ret_length);

/* Replays: the machine, in the state in which the log began or any later one of that run, takes input from the log alone;
 * what was queued is dropped, and tg_machine_input fails until the log is used up. A point of the log that the machine
 * does not pass in the same way ends this run and every later one with TG_STOP_REQUEST, and tg_machine_replay_error says
 * where (TG_E_DIVERGED). A log without events ends a replay. Errors: TG_E_FORMAT, TG_E_NOMEM. */
int tg_machine_replay(struct tg_machine *machine, const char *text, size_t length, struct tg_error *error);
int tg_machine_replay_error(const struct tg_machine *machine, struct tg_error *ret_error);

/* --- Whole-machine state ----------------------------------------------------------------------------------------- */

/* A 64-bit digest of the whole architectural state: CPUs, RAM, devices, disk, clock. Equal on any host, engine and
 * compiler. Costs time in proportion to the RAM pages written since it was last asked for. */
uint64_t tg_machine_digest(struct tg_machine *machine);

/* The whole machine as bytes (docs/formats.md), allocated with malloc, the caller's to free. Loading needs a machine
 * made with any configuration and engine; it takes cpus, RAM size, quantum and seed from the snapshot. On failure the
 * machine is as before. Errors: TG_E_NOMEM, TG_E_FORMAT. */
int tg_machine_save(struct tg_machine *machine, void **ret_bytes, size_t *ret_size);
int tg_machine_load(struct tg_machine *machine, const void *bytes, size_t size, struct tg_error *error);

/* --- Looking and changing ---------------------------------------------------------------------------------------- */

/* A CPU's state as a person sees it. */
struct tg_cpu_view {
    uint32_t x[32];
    uint32_t pc;
    uint32_t creg[256]; /* by number; those that do not exist are 0 */
    uint64_t insns;
    bool is_waiting; /* in wfi */
    bool is_parked;  /* not started yet */
};

void tg_machine_cpu(const struct tg_machine *machine, uint32_t cpu, struct tg_cpu_view *ret_view);
const struct tg_config *tg_machine_config(const struct tg_machine *machine);

/* Changes from outside, between runs only; the input log does not tell of them. Register zero, control registers that
 * no instruction can write, values with reserved bits and a pc that is no multiple of 4 are errors: TG_E_ARGUMENT. */
int tg_machine_set_register(struct tg_machine *machine, uint32_t cpu, uint32_t number, uint32_t value);
int tg_machine_set_pc(struct tg_machine *machine, uint32_t cpu, uint32_t pc);
int tg_machine_set_creg(struct tg_machine *machine, uint32_t cpu, uint32_t number, uint32_t value);

/* Physical RAM. Errors: TG_E_ADDRESS when [paddr, paddr + count) is not all RAM (nothing is read or written). */
int tg_machine_ram_read(const struct tg_machine *machine, uint32_t paddr, void *bytes, size_t count);
int tg_machine_ram_write(struct tg_machine *machine, uint32_t paddr, const void *bytes, size_t count);

/* Writes "keyboard DATA", the device and register at a port, into buf (size bytes); false where there is none. */
bool tg_port_name(uint32_t port, char *buf, size_t size);

/* A cell of the text display: its character, and its attributes in *ret_attributes unless that is NULL. */
#define TG_SCREEN_ROWS    25
#define TG_SCREEN_COLUMNS 80
uint8_t tg_machine_screen_cell(const struct tg_machine *machine, uint32_t row, uint32_t column,
                               uint8_t *ret_attributes);

/* One step of a page walk, for reports. */
struct tg_walk {
    bool is_paging;
    uint32_t directory_paddr, directory_entry; /* the entry's physical address and value */
    uint32_t table_paddr, table_entry;         /* both 0 when the walk ended before */
    uint32_t reason;                           /* enum tg_page_reason, 0: the access is allowed */
    uint32_t paddr;                            /* when allowed */
};

/* Walks the page tables of cpu for an access from ring, touching no state (no accessed or dirty bit, no TLB). */
void tg_machine_walk(const struct tg_machine *machine, uint32_t cpu, uint32_t vaddr, enum tg_access access,
                     uint32_t ring, struct tg_walk *ret_walk);
/* The same through the tables that a value of ptroot stands for. */
void tg_machine_walk_from(const struct tg_machine *machine, uint32_t ptroot, uint32_t vaddr, enum tg_access access,
                          uint32_t ring, struct tg_walk *ret_walk);

/* A way of a CPU's translation cache, index from 0; false past the last. vaddr and paddr are those of its page. */
struct tg_tlb_view {
    bool is_filled;
    bool is_next; /* the next fill of the set replaces it, unless the set has the page already */
    uint32_t set, way;
    uint32_t vaddr, paddr, space;
    uint32_t entry; /* the page table entry as it was when filled */
};

bool tg_machine_tlb(const struct tg_machine *machine, uint32_t cpu, bool is_instruction, uint32_t index,
                    struct tg_tlb_view *ret_view);

/* --- Devices ------------------------------------------------------------------------------------------------------ */

/* An interrupt source, 0 to 31, as one CPU sees it (sources 0 and 1 are each CPU's own); false past the last. */
struct tg_source_view {
    const char *device;   /* name of the device that has it; "" where none does */
    bool is_asserted, is_enabled;
    bool is_in_service;   /* at this CPU */
    bool is_offered;      /* to this CPU */
    uint32_t priority;    /* 0 to 7 */
    uint32_t cpu;         /* where it is routed to; a source of its own: the CPU asked for */
};

bool tg_machine_source(const struct tg_machine *machine, uint32_t cpu, uint32_t source, struct tg_source_view *ret_view);
/* The CPU is offered only sources of a priority above its threshold, 0 to 7. */
uint32_t tg_machine_threshold(const struct tg_machine *machine, uint32_t cpu);

#define TG_NO_SOURCE 0xff

/* A device, its registers, and the fields of a register: rows of a table, index from 0; false past the last. */
struct tg_device_view {
    const char *name, *meaning;
    uint32_t memory_base, memory_bytes; /* physical window; 0 bytes: none */
    uint32_t source;                    /* TG_NO_SOURCE: none */
};

struct tg_register_view {
    const char *name, *meaning;
    uint32_t port, count, bytes; /* count registers alike, each of so many bytes, the first at port */
    bool is_readable, is_writable;
};

struct tg_bits_view {
    const char *name, *meaning;
    uint32_t high, low;
};

bool tg_device(uint32_t device, struct tg_device_view *ret_view);
bool tg_device_register(uint32_t device, uint32_t index, struct tg_register_view *ret_view);
bool tg_register_bits(uint32_t port, uint32_t index, struct tg_bits_view *ret_view);

/* What a device's state is made of, by the names that its source has: count elements of the field at index. Reading it
 * changes nothing, unlike reading its ports. An element past the last is 0. */
struct tg_state_view {
    const char *name;
    uint32_t width; /* of an element in bytes */
    uint32_t count;
};

bool tg_device_state(uint32_t device, uint32_t index, struct tg_state_view *ret_view);
uint64_t tg_machine_device_value(const struct tg_machine *machine, uint32_t device, uint32_t index, uint32_t element);

/* The name of what lies at address in the image: the nearest function or object at or below it, and the distance from
 * it. NULL when there is none. The name lives until the image is replaced. */
const char *tg_machine_symbol(const struct tg_machine *machine, uint32_t address, uint32_t *ret_offset);

/* The address of a symbol of the image, and the physical address at which it was loaded (may be NULL); false when no
 * address of what was loaded is known by that name. */
bool tg_machine_find_symbol(const struct tg_machine *machine, const char *name, uint32_t *ret_address,
                            uint32_t *ret_paddr);

/* Why a machine stopped with TG_STOP_FATAL. */
struct tg_fatal {
    uint32_t cpu;
    uint32_t vector, error, address;         /* the entry that failed first */
    uint32_t reason;                         /* enum tg_gate_reason: why */
    uint32_t double_reason, double_address;  /* why the double fault could not be delivered, and where */
    uint32_t pc, status, sp;                 /* of the interrupted context */
};

bool tg_machine_fatal(const struct tg_machine *machine, struct tg_fatal *ret_fatal);

/* --- Counting ------------------------------------------------------------------------------------------------------ */

/* Counts of one CPU since the machine was made: a reset does not stop them. The same for every engine. */
struct tg_counts {
    uint64_t insns_by_ring[4];
    uint64_t insns_by_space[256]; /* by address-space number */
    uint64_t entries[256];        /* by vector, of every kind */
    uint64_t entries_by_kind[3];  /* enum tg_entry_kind */
    uint64_t crossings[4][4];     /* from ring, to ring: entries and returns */
    uint64_t instruction_fills, data_fills; /* translation cache fills */
    uint64_t walk_references;     /* words read or written by page walks */
    uint64_t port_reads, port_writes;
    uint64_t space_switches; /* writes of ptroot that change the address-space number or directory */
};

void tg_machine_counts(const struct tg_machine *machine, uint32_t cpu, struct tg_counts *ret_counts);

/* --- Observing ----------------------------------------------------------------------------------------------------- */

struct tg_entry_event { /* a way into a handler: exception, interrupt or trap */
    uint32_t cpu;
    enum tg_entry_kind kind;
    uint32_t vector, error, address;
    uint32_t from_ring, to_ring;
    uint32_t saved_pc, handler, frame; /* frame: the new sp */
};

struct tg_return_event { /* a completed iret */
    uint32_t cpu;
    uint32_t from_ring, to_ring;
    uint32_t pc, new_pc;
};

struct tg_memory_event { /* a completed data access to RAM or a memory-mapped device */
    uint32_t cpu;
    enum tg_access access; /* LOAD, STORE, ATOMIC (value: the one stored) */
    uint32_t pc, vaddr, paddr, bytes, value;
};

struct tg_port_event { /* a completed port access */
    uint32_t cpu;
    enum tg_access access; /* IN or OUT */
    uint32_t pc, port, bytes, value;
};

struct tg_creg_event { /* a completed rdcr (access LOAD), wrcr (STORE), swcr (ATOMIC), cli or sti (STORE) */
    uint32_t cpu;
    enum tg_access access;
    uint32_t pc, number;
    uint32_t old_value, value; /* before and after; a LOAD: the same */
};

struct tg_tlb_event { /* a way of a translation cache was filled, or emptied by tlbinv */
    uint32_t cpu;
    bool is_instruction; /* the cache of fetches */
    bool is_fill;
    uint32_t index;               /* as tg_machine_tlb counts */
    uint32_t vaddr, space, entry; /* what was filled in, or is gone */
    uint32_t old_vaddr, old_space, old_entry; /* a fill: what was there; old_entry 0: nothing */
};

struct tg_line_event { /* an interrupt source became asserted, or is no longer */
    uint32_t source;
    uint32_t cpu; /* whose own it is, or where it is routed to */
    bool is_asserted;
};

struct tg_dma_event { /* a device has moved bytes: LOAD from RAM, STORE to RAM */
    const char *device;
    enum tg_access access;
    uint32_t paddr, bytes;
};

/* Any function may be NULL and then costs nothing. Called after the act; reading the machine and
 * tg_machine_request_stop are allowed, everything else is not. retire and memory slow the machine down, the others hardly. */
struct tg_observer {
    void *context;
    void (*retire)(void *context, uint32_t cpu, uint32_t pc, uint32_t word); /* each instruction completed */
    void (*memory)(void *context, const struct tg_memory_event *event);
    void (*entry)(void *context, const struct tg_entry_event *event);
    void (*leave)(void *context, const struct tg_return_event *event);
    void (*port)(void *context, const struct tg_port_event *event);
    void (*creg)(void *context, const struct tg_creg_event *event);
    void (*tlb)(void *context, const struct tg_tlb_event *event);
    void (*line)(void *context, const struct tg_line_event *event);
    void (*dma)(void *context, const struct tg_dma_event *event);
};

/* Adds and removes an observer, between runs only; *observer must live until it is removed. At most 8. Errors:
 * TG_E_NOMEM. */
int tg_machine_observe(struct tg_machine *machine, const struct tg_observer *observer);
void tg_machine_unobserve(struct tg_machine *machine, const struct tg_observer *observer);

/* --- Lockstep -------------------------------------------------------------------------------------------------------- */

struct tg_difference {
    bool is_different;
    struct tg_position position; /* the last position at which both were equal */
    char text[1024];             /* what differs, both sides, a line each */
};

/* Runs two machines that are in equal states side by side to limits, feeding both the same input (queue input on
 * first only; a replay on first alone too), comparing all architectural state and all counts every interval
 * instructions (1: each; at most some millions). On a difference it finds the first instruction after which they
 * differ, in two machines of its own: *first and *second stay where it was noticed. ret_stop is first's. Errors:
 * TG_E_ARGUMENT (interval 0, or machines of other CPUs, RAM or quantum), TG_E_NOMEM. */
int tg_lockstep_run(struct tg_machine *first, struct tg_machine *second, uint64_t interval,
                    const struct tg_run_limits *limits, struct tg_stop *ret_stop,
                    struct tg_difference *ret_difference);

#endif
