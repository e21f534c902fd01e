/*
 * The debugger's core: stops, points, stepping forward and backward, history, sessions, over an
 * existing machine. It prints nothing and returns structs; front ends (the REPL, a view, a protocol
 * server) put words to them. One thread at a time, but for tg_debug_interrupt.
 *
 * Places: a machine that the debugger has stopped is *settled*: the next instruction (or interrupt
 * entry) is about to begin; or it is idle (nothing begins before time or input comes), or it has
 * ended. A step is an instruction begun or an interrupt entered, by any CPU. A settled place is
 * told by its number of steps alone, so "the same place" reached forwards and backwards is the same
 * state, digest for digest.
 *
 * Going back is going to an earlier checkpoint and running to the place again with the input log,
 * without points and unheard (tg_debug_is_replaying). A search backwards runs gap by gap over the
 * past and remembers the last stop that a run forwards would have made, so both directions stop at
 * the same places for the same reasons.
 */
#ifndef TG_DEBUG_H
#define TG_DEBUG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tollgate.h"

struct tg_debug;

#define TG_DEBUG_ANY UINT32_MAX /* in filters and commands: every one will do */

/* --- Making ----------------------------------------------------------------------------------- */

struct tg_debug_stop;

struct tg_debug_options {
    size_t history_bytes; /* most host memory for checkpoints; 0: 512 MiB */
    /* A log-only point was passed; the machine is in the middle of a run, so look only. It has one
     * reason. May be NULL. */
    void *context;
    void (*logged)(void *context, const struct tg_debug_stop *stop);
};

/* Makes a debugger over machine, which must be given no other image, disk or snapshot, and must be
 * run by nobody else, until the debugger is destroyed. The machine is settled first. History begins
 * here. options may be NULL. The caller's to destroy, before the machine. Errors: TG_E_NOMEM. */
int tg_debug_create(struct tg_machine *machine, const struct tg_debug_options *options,
                    struct tg_debug **ret_debug, struct tg_error *error);
void tg_debug_destroy(struct tg_debug *debug);

struct tg_machine *tg_debug_machine(const struct tg_debug *debug);

/* --- What the debugger asks others ------------------------------------------------------------ */

/* Programs with source: the debugger needs little of them. Given by the adapter to programs
 * (debug/program.h, debug/unwind.h). Functions may be NULL and may read the machine only. */

struct tg_debug_line {
    uint32_t file, line, function; /* equal numbers: the same line of the same function */
    bool is_statement;             /* pc is where a statement of the line begins */
};

/* How the function that a CPU executes will be left. */
struct tg_debug_caller {
    bool is_trap; /* by the iret that finds its frame at address `frame`; else by a jump to pc */
    uint32_t frame;
    uint32_t pc, sp; /* when it has returned */
};

struct tg_debug_source {
    void *context;
    /* The line of pc as cpu sees memory. False: no source is known. */
    bool (*line)(void *context, uint32_t cpu, uint32_t pc, struct tg_debug_line *ret_line);
    /* The caller of cpu's innermost frame. False: unknown. */
    bool (*caller)(void *context, uint32_t cpu, struct tg_debug_caller *ret_caller);
    /* The address of the frame that the iret out of cpu's innermost handler will find. NULL, unlike
     * false: only handlers entered from an outer ring are known, by the ring's stack pointer. */
    bool (*handler_frame)(void *context, uint32_t cpu, uint32_t *ret_frame);
    /* Where the body of the function that begins at pc begins, behind its prologue; pc itself when
     * that is unknown. */
    uint32_t (*body)(void *context, uint32_t cpu, uint32_t pc);
};

/* A guest that says what it does (debug/guest.h). */

struct tg_debug_call { /* a system call at the trap that makes it */
    uint32_t number;
    bool is_message;   /* it is one of those that send or receive, or is carried by a message */
    uint32_t from, to; /* processes, for messages; TG_DEBUG_ANY: unknown, or any */
};

struct tg_debug_guest {
    void *context;
    /* The process that cpu works for, by its number in the guest's table; TG_DEBUG_ANY: none. */
    uint32_t (*process)(void *context, uint32_t cpu);
    /* Whether this entry is a system call, and which. */
    bool (*call)(void *context, const struct tg_entry_event *event, struct tg_debug_call *ret_call);
};

/* Both are copied; NULL: none (then every trap is a system call, with its number in a7, and there
 * are no processes and no messages). */
void tg_debug_set_source(struct tg_debug *debug, const struct tg_debug_source *source);
void tg_debug_set_guest(struct tg_debug *debug, const struct tg_debug_guest *guest);

/* --- Places ----------------------------------------------------------------------------------- */

struct tg_debug_place {
    uint64_t insns;      /* begun by all CPUs together */
    uint64_t interrupts; /* entered by all CPUs together */
    uint64_t time;       /* ticks; with several CPUs at the start of the round under way */
    uint64_t inputs;     /* outside events that have taken effect */
    bool is_idle;        /* nothing is about to begin: idle, or ended */
};

static inline uint64_t tg_debug_steps(const struct tg_debug_place *place)
{
    return place->insns + place->interrupts;
}

/* Less than 0, 0 or greater: the order in which a run comes to them. */
int tg_debug_compare_places(const struct tg_debug_place *a, const struct tg_debug_place *b);

/* --- Stops ------------------------------------------------------------------------------------ */

enum tg_debug_catch {
#define TG_CATCH(id, ...) TG_DEBUG_CATCH_##id,
#include "debug/catch.def"
    TG_DEBUG_CATCH_COUNT
};

struct tg_debug_catch_info {
    const char *name;
    const char *number, *from_to; /* what these filters are compared with; "": nothing */
    const char *meaning;
};
const struct tg_debug_catch_info *tg_debug_catch_info(enum tg_debug_catch id);

enum tg_debug_stop_kind {
    TG_DEBUG_STEP_DONE,     /* what the command asked for is done */
    TG_DEBUG_BREAK,         /* a breakpoint: the instruction at it is about to begin */
    TG_DEBUG_WATCH,         /* a watchpoint of memory, a port or a control register: event */
    TG_DEBUG_CATCH,         /* a catchpoint: `caught`, event */
    TG_DEBUG_LIMIT,         /* the command's limit of instructions or time was reached */
    TG_DEBUG_POWER_OFF,     /* the guest switched off: status */
    TG_DEBUG_PANIC,         /* the guest reported a panic: status */
    TG_DEBUG_FATAL,         /* a double fault could not be delivered: tg_machine_fatal */
    TG_DEBUG_IDLE,          /* every CPU waits, and only input can wake one */
    TG_DEBUG_INPUT,         /* every CPU waits and the keyboard's queue is empty (if asked for) */
    TG_DEBUG_GUEST_BREAK,   /* the guest asked for the debugger: status is the value it wrote */
    TG_DEBUG_REQUEST,       /* tg_debug_interrupt. A search backwards is back where it began */
    TG_DEBUG_HISTORY_START, /* going back: history begins here */
    TG_DEBUG_HISTORY_END,   /* going forward in the past: the present (if asked for) */
    TG_DEBUG_NO_MEMORY,     /* the host has none left for this */
    TG_DEBUG_STOP_KINDS
};

/* Which member of a reason's event is filled in. */
enum tg_debug_event_kind {
    TG_DEBUG_EVENT_NONE,
    TG_DEBUG_EVENT_ENTRY,
    TG_DEBUG_EVENT_LEAVE,
    TG_DEBUG_EVENT_WATCH,
    TG_DEBUG_EVENT_PORT,
    TG_DEBUG_EVENT_CREG,
    TG_DEBUG_EVENT_TLB,
    TG_DEBUG_EVENT_LINE,
    TG_DEBUG_EVENT_DMA
};

struct tg_debug_reason {
    enum tg_debug_stop_kind kind;
    uint32_t point;             /* number; 0: none */
    uint32_t cpu;               /* that did it; TG_DEBUG_ANY: none (a device, the whole machine) */
    uint32_t status;            /* POWER_OFF, PANIC, GUEST_BREAK */
    enum tg_debug_catch caught; /* CATCH */
    bool has_call;              /* CATCH syscall and message: call is filled in */
    struct tg_debug_call call;
    enum tg_debug_event_kind event_kind;
    union {
        struct tg_entry_event entry;
        struct tg_return_event leave;
        struct tg_watch_event watch;
        struct tg_port_event port;
        struct tg_creg_event creg;
        struct tg_tlb_event tlb;
        struct tg_line_event line;
        struct tg_dma_event dma;
    } event;
};

#define TG_DEBUG_MOST_REASONS 8

struct tg_debug_stop {
    struct tg_debug_place place;
    uint32_t cpu;   /* the one to look at: of the first reason, or the one whose step is next */
    uint32_t count; /* of reasons; at least 1. The first is the most telling one */
    struct tg_debug_reason reasons[TG_DEBUG_MOST_REASONS];
    bool is_replay; /* the place is before the present */
};

/* --- Points
 * --------------------------------------------------------------------------------------- */

enum tg_debug_point_kind {
    TG_DEBUG_POINT_BREAK,
    TG_DEBUG_POINT_WATCH, /* memory */
    TG_DEBUG_POINT_PORT,  /* a watchpoint of ports */
    TG_DEBUG_POINT_CREG,  /* a watchpoint of a control register */
    TG_DEBUG_POINT_CATCH
};

/* A condition, from the expression's owner. It is evaluated when the point is reached: at a break
 * before the instruction, elsewhere right after the act, whose instruction may not be complete (the
 * register that a load fills has its old value, pc is the instruction's). It may read the machine
 * only. */
struct tg_debug_condition {
    void *context;
    bool (*holds)(void *context, uint32_t cpu);
    void (*destroy)(void *context); /* called when the point goes or gets another; may be NULL */
};

#define TG_DEBUG_MOST_ADDRESSES 32

/* Which acts a watchpoint stops at. */
enum {
    TG_DEBUG_ON_READ = 1,
    TG_DEBUG_ON_WRITE = 2,
    TG_DEBUG_ON_CHANGE = 4 /* writes that change */
};

struct tg_debug_filter { /* TG_DEBUG_ANY: whatever it is */
    uint32_t cpu;
    uint32_t ring;    /* BREAK, WATCH, PORT, CREG: the current one */
    uint32_t space;   /* the address space: ptroot without ASID (TG_PTROOT_PAGE bits), or 0: none */
    uint32_t process; /* by tg_debug_guest */
    /* CATCH, by the table in catch.def */
    uint32_t first_number, last_number; /* both TG_DEBUG_ANY: all */
    uint32_t from, to;
};

/* All TG_DEBUG_ANY. */
void tg_debug_filter_init(struct tg_debug_filter *filter);

struct tg_debug_point {
    uint32_t number; /* from 1, over all kinds; set by the debugger */
    enum tg_debug_point_kind kind;
    /* BREAK: virtual addresses, all that a name stands for */
    uint32_t addresses[TG_DEBUG_MOST_ADDRESSES];
    uint32_t address_count;
    /* WATCH: addresses first to last, both included; PORT: ports; CREG: first is the register */
    uint32_t first, last;
    bool is_physical;
    uint32_t acts;              /* TG_DEBUG_ON_... */
    enum tg_debug_catch caught; /* CATCH */
    struct tg_debug_filter filter;
    struct tg_debug_condition condition;
    bool is_enabled;
    bool is_temporary; /* goes when it has stopped the machine */
    bool is_log_only;  /* never stops: options.logged is called */
    /* Hits: how often it was reached with filter and condition fulfilled by runs and searches that
     * came to a stop, in either direction (what a search merely looks at does not count). The next
     * `ignore` hits do not stop; going backwards these are the nearest before the place. */
    uint64_t hits, ignore;
};

/* Adds a copy of *point (but number and hits), and gives its number. The condition is the
 * debugger's from then on, also on failure. Errors: TG_E_NOMEM; TG_E_ARGUMENT (text says why). */
int tg_debug_point_add(struct tg_debug *debug, const struct tg_debug_point *point,
                       uint32_t *ret_number, struct tg_error *error);
/* False: there is no such point. */
bool tg_debug_point_remove(struct tg_debug *debug, uint32_t number);
bool tg_debug_point_enable(struct tg_debug *debug, uint32_t number, bool is_enabled);
bool tg_debug_point_ignore(struct tg_debug *debug, uint32_t number, uint64_t ignore);
bool tg_debug_point_set_condition(struct tg_debug *debug, uint32_t number,
                                  const struct tg_debug_condition *condition);
/* By number; NULL: none. Lives until points are added or removed. */
const struct tg_debug_point *tg_debug_point(const struct tg_debug *debug, uint32_t number);
/* The one with the next greater number; NULL: no more. Begin with 0. */
const struct tg_debug_point *tg_debug_point_after(const struct tg_debug *debug, uint32_t number);

/* --- Running ---------------------------------------------------------------------------------- */

enum tg_debug_command_kind {
    TG_DEBUG_CONTINUE,
    TG_DEBUG_STEPI, /* a step of `cpu`: an interrupt's entry is one; a trap's ends in the handler */
    TG_DEBUG_NEXTI, /* an instruction of this context: calls, traps, exceptions and interrupts are
                       run through until it goes on, on whatever CPU */
    TG_DEBUG_STEP,  /* to another source line, into functions with source, over interrupts.
                       Without source: as STEPI */
    TG_DEBUG_NEXT,  /* to another source line of this function or its caller. Without: as NEXTI */
    TG_DEBUG_FINISH, /* out of the function, or of the trap handler by its iret; backwards: to the
                        call, or the instruction that was interrupted */
    TG_DEBUG_LEAVE, /* out of the innermost handler, by its iret (backwards: to before its entry) */
    TG_DEBUG_UNTIL, /* to one of `addresses` in this context or its callers (as gdb's until) */
    TG_DEBUG_ADVANCE, /* to one of `addresses` anywhere */
    TG_DEBUG_TO_RING  /* until `cpu` is in `ring` */
};

struct tg_debug_command {
    enum tg_debug_command_kind kind;
    bool is_reverse;
    uint64_t count; /* repetitions; 0: 1. CONTINUE: stops at a point, the last one is shown */
    uint32_t cpu;   /* whose context; TG_DEBUG_ANY: STEPI: a step of the machine, elsewhere: the CPU
                       whose step is next */
    uint32_t addresses[TG_DEBUG_MOST_ADDRESSES]; /* UNTIL, ADVANCE */
    uint32_t address_count;
    uint32_t ring;         /* TO_RING */
    bool stops_for_input;  /* stop with INPUT */
    bool stops_at_present; /* running in the past: stop with HISTORY_END where history ends */
    uint64_t until_insns, until_time; /* stop with LIMIT at so many instructions or ticks; 0: none.
                                         Forward only */
};

/* Carries a command out. Everything that can stop a machine can end it early. Errors: TG_E_ARGUMENT
 * (nothing has moved; text says why: no such CPU, no caller known, ...), TG_E_NOMEM. Otherwise
 * *ret_stop says where and why. */
int tg_debug_go(struct tg_debug *debug, const struct tg_debug_command *command,
                struct tg_debug_stop *ret_stop, struct tg_error *error);

/* Makes the run, search or replay under way end soon with REQUEST. From a signal handler, another
 * thread, or a callback. */
void tg_debug_interrupt(struct tg_debug *debug);

/* Whether the machine is repeating what it did before: its console, marks and sound have been heard
 * already. For the callbacks of struct tg_host. */
bool tg_debug_is_replaying(const struct tg_debug *debug);

/* --- History ---------------------------------------------------------------------------------- */

struct tg_debug_history {
    struct tg_debug_place first, now, last; /* last: the present, the furthest that was reached */
    size_t checkpoints, bytes, limit_bytes;
    uint64_t longest_gap; /* most steps between two checkpoints: what a step back there replays */
    size_t cuts;          /* changes by hand */
};
void tg_debug_history(const struct tg_debug *debug, struct tg_debug_history *ret_history);

struct tg_debug_place tg_debug_place(const struct tg_debug *debug);

enum tg_debug_target_kind {
    TG_DEBUG_TO_INSNS, /* the first settled place after so many instructions */
    TG_DEBUG_TO_STEPS,
    TG_DEBUG_TO_TIME, /* the first place at which so many ticks have passed */
    TG_DEBUG_TO_PLACE,
    TG_DEBUG_TO_START, /* of history */
    TG_DEBUG_TO_END    /* the present */
};

struct tg_debug_target {
    enum tg_debug_target_kind kind;
    uint64_t value;
    struct tg_debug_place place;
};

/* Goes there, past all points. What lies behind the present is run to. The stop's first reason is
 * STEP_DONE, or what prevented it (HISTORY_START: the target lies before it; the machine ended...).
 * Errors: TG_E_NOMEM, and then nothing has moved. */
int tg_debug_goto(struct tg_debug *debug, const struct tg_debug_target *target,
                  struct tg_debug_stop *ret_stop, struct tg_error *error);

/* Named places: they cost nothing, and go when a branch drops them. */
struct tg_debug_bookmark {
    char name[64];
    struct tg_debug_place place;
};
/* Names the present place; an older bookmark of that name moves. Errors: TG_E_ARGUMENT (empty, too
 * long, not printable), TG_E_NOMEM. */
int tg_debug_bookmark_add(struct tg_debug *debug, const char *name, struct tg_error *error);
bool tg_debug_bookmark_remove(struct tg_debug *debug, const char *name);
/* By index from 0, in order of time; NULL past the last. */
const struct tg_debug_bookmark *tg_debug_bookmark(const struct tg_debug *debug, size_t index);

/* Who wrote this last: RAM in [first, last] (physical), or a register of a CPU. */
struct tg_debug_write_query {
    bool is_register;
    uint32_t first, last;          /* RAM */
    uint32_t cpu, register_number; /* 1 to 31 */
};

struct tg_debug_write {
    bool is_found;   /* false: not since history began */
    bool is_by_hand; /* a change by hand hides what was before it: place is of the change */
    struct tg_debug_place place; /* before the instruction (or entry) that wrote */
    struct tg_debug_place after; /* after it */
    uint32_t cpu, pc;            /* of the writer; cpu TG_DEBUG_ANY: a device wrote by itself */
    uint32_t old_value, value;   /* registers; memory of up to 4 bytes */
};

/* Finds it, and is back where it was. Errors: TG_E_ARGUMENT, TG_E_NOMEM; TG_E_DIVERGED:
 * interrupted. */
int tg_debug_last_write(struct tg_debug *debug, const struct tg_debug_write_query *query,
                        struct tg_debug_write *ret_write, struct tg_error *error);

/* --- Changing by hand
 * ----------------------------------------------------------------------------- */

/* What a change did to history. */
struct tg_debug_change {
    bool is_branch;                /* the machine was in the past: what came later is gone */
    struct tg_debug_place dropped; /* how far that had gone */
    size_t bookmarks_dropped;
};

/* Each is a cut in history: going back over it shows the state before. ret_change may be NULL.
 * Errors: TG_E_ARGUMENT (no such CPU or register, value not possible), TG_E_ADDRESS, TG_E_NOMEM. */
int tg_debug_set_register(struct tg_debug *debug, uint32_t cpu, uint32_t number, uint32_t value,
                          struct tg_debug_change *ret_change);
int tg_debug_set_pc(struct tg_debug *debug, uint32_t cpu, uint32_t pc,
                    struct tg_debug_change *ret_change);
int tg_debug_set_creg(struct tg_debug *debug, uint32_t cpu, uint32_t number, uint32_t value,
                      struct tg_debug_change *ret_change);
int tg_debug_write_ram(struct tg_debug *debug, uint32_t paddr, const void *bytes, size_t count,
                       struct tg_debug_change *ret_change);

/* Input, in the log and no cut; in the past a branch. As tg_machine_input and tg_machine_type. */
int tg_debug_input(struct tg_debug *debug, struct tg_input input,
                   struct tg_debug_change *ret_change);
int tg_debug_type(struct tg_debug *debug, const char *text, size_t length,
                  struct tg_debug_change *ret_change);

/* --- Sessions (docs/formats.md)
 * ------------------------------------------------------------------- */

/* The whole session as bytes (malloc, the caller's to free): the state in which history begins (or
 * behind the latest change by hand: what was before cannot be repeated), the input since, this
 * place, the bookmarks, and text of the front end's own (points as commands, say). Errors:
 * TG_E_NOMEM; TG_E_DIVERGED: interrupted. */
int tg_debug_save(struct tg_debug *debug, const void *text, size_t text_size, void **ret_bytes,
                  size_t *ret_size, struct tg_error *error);

/* Puts a session in place of this one: it is replayed once and must come to the digest that it was
 * saved with. Points stay as they are. *ret_text is malloc'ed and the caller's, with a zero behind
 * it. On failure everything is as before. Errors: TG_E_FORMAT, TG_E_DIVERGED, TG_E_NOMEM. */
int tg_debug_load(struct tg_debug *debug, const void *bytes, size_t size, char **ret_text,
                  size_t *ret_text_size, struct tg_error *error);

#endif
