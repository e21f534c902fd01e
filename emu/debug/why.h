/*
 * Why a CPU is where it is: the chain of crossings between rings that are still open, each an entry that has not been
 * returned from, and of the requests that they are about. docs/isa.md section 6, docs/guest-table.md.
 *
 * All is read from the machine as it is: the frames that the CPU pushed, which lie where sp0 to sp2 and sp say, and, if
 * the guest has a table, its processes and requests. Nothing is recorded while the machine runs, so the answer is the
 * same whether a moment was reached forwards, backwards or by loading it. Where there is no table what the hardware
 * shows is told.
 */
#ifndef TG_WHY_H
#define TG_WHY_H

#include "debug/guest.h"

enum tg_why_kind {
    TG_WHY_HERE,   /* the CPU: ring and pc are its own; process: whom it works for */
    TG_WHY_ENTRY,  /* it, or process, came into a handler from ring at pc */
    TG_WHY_MADE,   /* the frame was never pushed by a CPU: the kernel made it, and process is to begin at pc */
    TG_WHY_DRIVES, /* process is the driver of the source that interrupted */
    TG_WHY_WORKS,  /* process, a service, has a request of other's to work on */
    TG_WHY_WAITS,  /* process waits for other */
    TG_WHY_STUCK   /* process waits for other, and so on round a cycle: nobody in it goes on */
};

struct tg_why_step {
    enum tg_why_kind kind;
    bool has_process;
    struct tg_guest_process process, other; /* other: of WORKS, WAITS and STUCK */
    uint32_t ring, pc;
    bool is_parked, is_waiting; /* HERE: not started; in wfi */

    /* ENTRY */
    enum tg_entry_kind entry_kind;
    uint32_t vector, error, address;
    uint32_t to_ring;
    uint32_t frame; /* its address, in the ring it was pushed for */
    uint32_t sp;    /* before */

    /* ENTRY that is a call, WORKS, WAITS: -1: not said */
    int32_t call;
    const char *call_name; /* NULL: it has no name */
    bool has_arguments;
    uint32_t arguments[6], argument_count;
    uint32_t source;                 /* DRIVES */
    bool is_masked;                  /* DRIVES: and it has not been dealt with */
    char state[TG_GUEST_TEXT_BYTES]; /* WORKS and WAITS: of the request, or the rendezvous */
    enum tg_guest_wait_kind wait;    /* WAITS */
};

#define TG_WHY_MOST_STEPS 32

struct tg_why {
    uint32_t cpu;
    size_t count; /* steps, innermost first */
    bool is_cut;  /* there were more */
    struct tg_why_step steps[TG_WHY_MOST_STEPS];
};

/* Finds out about a CPU. guest may be NULL. Errors: TG_E_ARGUMENT (no such CPU), TG_E_NOMEM. */
int tg_why(const struct tg_machine *machine, const struct tg_guest *guest, uint32_t cpu, struct tg_why *ret_why);

/* How code is called: "read+4". Of a process in rings 1 to 3; of the kernel (in ring 0, process then may be NULL).
 * False: it is not known. */
struct tg_why_names {
    void *context;
    bool (*name)(void *context, const struct tg_guest_process *process, uint32_t ring, uint32_t pc, char *buf,
                 size_t size);
};

/* The same in words: a line for each step, each ended by a newline. names may be NULL: then only the kernel's symbols
 * are known. buf holds TG_WHY_BYTES. */
#define TG_WHY_BYTES 8192
void tg_why_text(const struct tg_machine *machine, const struct tg_why *why, const struct tg_why_names *names,
                 char *buf);

#endif
