/*
 * Who called whom: frames of a CPU from the innermost outwards, through C, assembly and the CPU's
 * own entry frames, so from a kernel into the program that it serves. One step at a time, each with
 * the rule that found it. A step that is not certain says so, and where nothing is known the
 * backtrace ends with the reason: nothing is invented.
 *
 * Rules, in this order. An inlined function's frame is inside its caller's. At the end of a
 * function, which compilers do not describe, what is left to be done before the return is done.
 * Call frame information (CFI: .debug_frame, .eh_frame). Code without CFI that a gate leads to is
 * an entry: following it from the gate's handler (code_walk.h) tells where it has put the
 * registers, and the entry frame lies where a register still leads to, or where the entry of this
 * ring puts it (sp0 to sp2, spd); it is one if its words are possible and the gate of its vector
 * leads to that very handler. Other code without CFI is followed from where its function begins; a
 * return address must lie behind a call. Else the end.
 */
#ifndef TG_UNWIND_H
#define TG_UNWIND_H

#include "debug/value.h"

/* A CPU to unwind, its memory, and what is known of the code in it. The functions may be NULL as in
 * tg_scope. */
struct tg_unwind_source {
    void *context;
    bool (*read_memory)(void *context, uint32_t vaddr, void *bytes, size_t count);
    bool (*read_physical)(void *context, uint32_t paddr, void *bytes, size_t count);
    bool (*read_creg)(void *context, unsigned number, uint32_t *ret_value);
    bool (*read_variable)(void *context, const char *name, size_t length,
                          struct tg_value *ret_value);
    /* whose code pc is, of a context in that ring; NULL: not known */
    struct tg_program *(*program_at)(void *context, uint32_t pc, uint32_t ring);
    uint32_t x[32]; /* registers of the innermost frame */
    uint32_t pc;
    uint32_t ring;
};

enum tg_frame_rule {
    TG_FRAME_INNERMOST, /* the CPU's registers */
    TG_FRAME_INLINED,   /* the caller of an inlined function: the same registers */
    TG_FRAME_CFI,       /* call frame information */
    TG_FRAME_RETURN,    /* no CFI: the return address was in ra */
    TG_FRAME_ENTRY      /* an entry frame: this context was interrupted, it trapped or faulted */
};

struct tg_frame {
    unsigned number; /* from 0, innermost */
    enum tg_frame_rule rule;
    bool is_guess; /* no information backs the rule: RETURN, and entry frames that were found by sp0
                      to spd */
    uint32_t pc;
    uint32_t lookup; /* the address that stands for it in tables: pc, or pc - 4 behind a call */
    uint32_t ring;
    uint32_t x[32];
    uint32_t known; /* a bit a register: those that are what they were in this frame */
    bool has_cfa;
    uint32_t cfa;
    bool is_half_made; /* in the first or last instructions of a function: its frame pointer is not
                          its own */
    unsigned inlined;  /* inlined functions at lookup that are frames inside this one */
    bool is_inlined;   /* it is itself an inlined function */
    struct tg_program *program;
    const char *function; /* NULL: not known */
    uint32_t offset;      /* of pc in it; 0 for inlined ones */
    const char *path, *file;
    unsigned line; /* 0: not known */

    /* rule ENTRY: the frame that the CPU pushed */
    uint32_t entry_frame; /* its address */
    enum tg_entry_kind entry_kind;
    uint32_t vector, error, address, status;
};

enum tg_unwind_end {
    TG_UNWIND_MORE,       /* there is another frame */
    TG_UNWIND_OUTERMOST,  /* this function has no caller (CFI says so, or it is where the program
                             begins) */
    TG_UNWIND_NO_RULE,    /* no CFI here, and ra is not known */
    TG_UNWIND_NO_ENTRY,   /* an entry stub without a possible entry frame */
    TG_UNWIND_UNREADABLE, /* a saved register lies in memory that cannot be read: address says where
                           */
    TG_UNWIND_LOOP,       /* the outer frame would be this one again, or lie inside it */
    TG_UNWIND_TOO_DEEP    /* TG_UNWIND_MAX_FRAMES were found */
};

#define TG_UNWIND_MAX_FRAMES 1024

/* In words, for a person: "no call frame information and no return address here"; NULL for MORE. */
const char *tg_unwind_end_text(enum tg_unwind_end end);

/* The innermost frame. */
void tg_unwind_first(const struct tg_unwind_source *source, struct tg_frame *ret_frame);
/* The frame outside frame; TG_UNWIND_MORE when there is one. ret_outer may be frame. */
enum tg_unwind_end tg_unwind_outer(const struct tg_unwind_source *source,
                                   const struct tg_frame *frame, struct tg_frame *ret_outer);

/* The scope of a frame, for expressions and variables. source, frame and others must live as long
 * as it is used. */
struct tg_frame_scope {
    const struct tg_unwind_source *source;
    const struct tg_frame *frame;
    struct tg_scope scope; /* what to use; its context is this struct, which must not be moved */
};
void tg_scope_of_frame(const struct tg_unwind_source *source, const struct tg_frame *frame,
                       struct tg_program *const *others, size_t other_count,
                       struct tg_frame_scope *ret_scope);

/* --- Of a machine ----------------------------------------------------------------------------- */

/* The programs in a machine, for a source: the kernel or bare program, and the one that runs in the
 * address space. */
struct tg_machine_source {
    const struct tg_machine *machine;
    uint32_t cpu;
    struct tg_cpu_view view;   /* filled in by tg_unwind_machine */
    struct tg_program *kernel; /* the image; NULL: not known */
    struct tg_program
        *user; /* of rings 1 to 3, where the kernel's does not have the address; NULL: not known */
    struct tg_unwind_source source; /* filled in: what to use; must not be moved */
    bool has_page;                  /* of tg_unwind_machine: the page that was read last */
    uint32_t page, page_paddr;
};

/* Fills in view and source of *machine_source from the other fields: registers and memory of the
 * CPU as they are now, with its page tables (as ring 0 sees them). The machine must not run while
 * it is used. */
void tg_unwind_machine(struct tg_machine_source *machine_source);

#endif
