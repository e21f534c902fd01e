/*
 * The fast engine's own structures. Everything here is derived from the machine's state and can be
 * thrown away at any moment; nothing here is saved. Private to this folder, which shares no
 * semantics with other engines.
 *
 *   fast.c           the engine's row: making, unmaking, news from the machine
 *   fast_decode.c    RAM pages decoded into entries: runs, links, groups
 *   fast_loop.inc    the loop, compiled twice: fast_loop.c plain, fast_observed.c with observers
 *   fast_memory.c    the translation caches, and loads and stores that the loop's direct way cannot
 * do fast_system.c    the instructions that are too rare or too large for the loop fast_entry.c
 * entries and iret
 *
 * How an instruction executes. Each word of a RAM page that was reached has an entry: the address
 * of the code in the loop that does it, and its operands. That code ends by jumping to the next
 * entry's code. Frequent neighbours are done by one piece of code, a group: the first one's entry
 * leads to it, the others keep entries of their own for jumps into the middle and for everything
 * out of the ordinary. fast_fuse.def lists the groups.
 *
 * How instructions are counted. A run is a stretch of entries up to the next instruction after
 * which execution cannot just go on: an unconditional jump, a system instruction, the page's end.
 * entry->run is the number of instructions from the entry to its run's end. The loop's budget is
 * charged with a whole run when the run is entered, so
 *
 *     instructions that may still be executed before entry e = budget + e->run
 *
 * holds at every instruction, and nothing is counted in between. A conditional branch that is taken
 * leaves its run early: the difference between what is given back and what the new run costs is
 * known when the branch is decoded (entry->branch.charge). When budget falls below 0, the run
 * cannot be finished: a stop entry is put in the place where the budget ends.
 *
 * How points are kept out of the way. The entry of a break begins with the code of POINT, which
 * asks about the break before it goes on with the entry's own operation; no group reaches over it.
 * A page that is executed at several virtual addresses has such an entry at the offset of every
 * break. A page that has watched bytes gets no line for the accesses that are watched, so that they
 * come to tg_fast_load and its like, which ask. Everything else executes as without points.
 */
#ifndef TG_FAST_H
#define TG_FAST_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/state.h"

/* --- Operations: what an entry does -------------------------------------------------------- */

/* Instructions by their own names, then what only this engine distinguishes, then the groups. */
enum fast_op {
    FAST_ILLEGAL = TG_INSN_ILLEGAL,
#define TG_INSN(id, ...) FAST_##id,
#include "isa/insns.def"
    FAST_INSNS_END, /* below are the numbers of enum tg_insn_id */
#define FAST_EXTRA(id) FAST_##id,
#include "core/fast/fast_extra.def"
    FAST_SINGLES,
    FAST_GROUPS_BEGIN = FAST_SINGLES - 1,
#define FAST_GROUP2(a, l, b)             FAST_##a##_##l##b,
#define FAST_GROUP3(a, l, b, m, c)       FAST_##a##_##l##b##_##m##c,
#define FAST_GROUP4(a, l, b, m, c, n, d) FAST_##a##_##l##b##_##m##c##_##n##d,
#include "core/fast/fast_fuse.def"
    FAST_OP_COUNT
};

/* Longest group. */
#define FAST_GROUP_MAX 4

/* Writes to register zero go here: the word behind the registers, which is pc. pc is not kept up to
 * date while the loop runs, and is set whenever somebody could look at it. */
#define FAST_NOWHERE 32
_Static_assert(offsetof(struct tg_cpu_state, x) == 0, "registers come first");
_Static_assert(offsetof(struct tg_cpu_state, pc) == FAST_NOWHERE * 4, "pc follows the registers");

struct fast_entry {
    const void *code; /* in the loop */
    uint8_t rd, ra;   /* register numbers; rd of an instruction that writes zero: FAST_NOWHERE */
    uint16_t
        run; /* instructions from here to the end of the run; 0: not decoded, or no instruction */
    union {
        int32_t imm; /* as in struct tg_insn */
        uint32_t rb; /* formats with rb have no immediate */
        struct {
            int16_t jump;   /* to a target in the page: bytes from this entry */
            int16_t charge; /* what being taken adds to the budget */
        } branch;
    };
};

/* --- Decoded pages ------------------------------------------------------------------------- */

#define FAST_PAGE_WORDS (TG_PAGE_BYTES / 4)

struct fast_page {
    struct fast_entry entries[FAST_PAGE_WORDS + 1]; /* the last leads to the next page */
    uint16_t op[FAST_PAGE_WORDS + 1]; /* enum fast_op of the entry alone, not as a group's first */
    uint32_t is_decoded[FAST_PAGE_WORDS / 32]; /* a bit a word */
    uint32_t number;                           /* physical page */
    uint32_t vaddr;  /* the virtual page that it was reached by first; FAST_NO_TAG: not yet */
    bool is_aliased; /* and others since */
};

/* --- Translations -------------------------------------------------------------------------- */

/* A host translation of a data page. Compared with the virtual address without its bits 11:2 (and
 * without the low bits in which an aligned address may differ), so a misaligned address never
 * matches. */
struct fast_line {
    uint32_t read_tag,
        write_tag;   /* virtual page's address; FAST_NO_TAG: not allowed, or not known */
    uint64_t addend; /* host address = addend + virtual address, modulo 2^64 */
};

/* A host translation of a page of code. */
struct fast_fetch {
    uint32_t tag;
    uint32_t pc_bias; /* pc of an entry = pc_bias + the entry's address / 4, modulo 2^32 */
    struct fast_page *page;
};

/* Bit 2 takes part in no comparison, so this equals nothing. */
#define FAST_NO_TAG     4u

#define FAST_LINE_BYTES 16u
#define FAST_LINES      256u /* as many as the architectural cache's entries, and a power of two */
#define FAST_FETCHES    64
#define FAST_BANKS      16     /* address spaces whose lines are kept */
#define FAST_NO_SPACE   0x100u /* bank key: paging off */
#define FAST_NO_KEY     0x101u /* bank key: bank not in use */

/* Lines of one address space. A line of ring r is valid only while the architectural cache has the
 * entry that it was made from, and for that ring. */
struct fast_bank {
    struct fast_line lines[4][FAST_LINES];
    struct fast_fetch fetches[4][FAST_FETCHES];
};

/* --- A CPU --------------------------------------------------------------------------------- */

struct fast_cpu {
    struct tg_cpu *cpu;
    struct fast *fast;
    uint64_t end_insns; /* cpu->s.insns when the call's budget is used up */

    /* Where the loop is, and the lines of its ring. */
    struct fast_page *page;
    uint32_t page_tag; /* its virtual address */
    uint32_t pc_bias;
    struct fast_line *lines;
    struct fast_fetch *fetches;

    /* A stop entry, where the budget ends within a run (NULL: none), and the code that it and those
     * before it had. */
    struct fast_entry *stop;
    const void *stopped_code[FAST_GROUP_MAX];
    uint32_t stopped_count;

    /* Lines. made_from_…[i]: a bit for each bank * 4 + ring that may have a line made from
     * architectural entry i. */
    struct fast_bank *banks; /* FAST_BANKS */
    struct fast_bank *bank;  /* of the current address space */
    uint32_t bank_bit;       /* its number * 4 */
    uint32_t bank_key[FAST_BANKS];
    uint32_t next_bank; /* to be recycled next */
    uint64_t made_from_dtlb[TG_DTLB_ENTRIES];
    uint64_t made_from_itlb[TG_ITLB_ENTRIES];

    bool has_raised; /* the instruction under way did not complete */
};

/* What was found out about a virtual page that leads to a physical one: no lines for some accesses,
 * because of watches. */
struct fast_watched {
    uint32_t vaddr, paddr;
    bool is_known, has_loads, has_stores;
};
#define FAST_WATCHED 64

struct fast {
    struct tg_machine *machine;
    struct fast_cpu cpus[TG_MAX_CPUS];
    uint32_t cpu_count;
    struct fast_page **pages; /* by physical page; NULL: never executed */
    uint32_t page_count;      /* RAM pages */
    struct fast_page **made;  /* the decoded pages that exist: in use, then free */
    uint32_t made_count, made_limit, used_count;
    uint8_t *may_have_write_line; /* by physical page */
    const void *const *code;      /* of the plain loop, by enum fast_op */
    struct fast_watched watched[FAST_WATCHED];
    /* Groups by first operation: groups[group_first[op]] to before groups[group_first[op + 1]],
     * longest first. */
    uint16_t group_first[FAST_SINGLES + 1];
    uint16_t groups[FAST_OP_COUNT - FAST_SINGLES];
};

/* What executing an instruction outside the loop came to. */
enum fast_result {
    FAST_NEXT,  /* completed; go on with the next entry */
    FAST_RESUME /* go on at cpu->s.pc: a jump, an entry, another ring or address space */
};

/* --- fast_decode.c ------------------------------------------------------------------------- */

/* The decoded page of a RAM page, made if there is none. May forget all other pages. */
struct fast_page *tg_fast_page(struct fast *fast, uint32_t number);
/* Decodes entry index and all that can be reached from it within the page. */
void tg_fast_decode(struct fast *fast, struct fast_page *page, uint32_t index);
/* The page is about to be executed at virtual page vaddr. */
void tg_fast_reach_page(struct fast *fast, struct fast_page *page, uint32_t vaddr);
/* RAM [paddr, paddr + bytes) of one page is about to change. */
void tg_fast_forget_words(struct fast *fast, uint32_t paddr, uint32_t bytes);
void tg_fast_forget_pages(struct fast *fast);
/* Makes the first few pages and the index of groups. False: no memory. */
bool tg_fast_init_decoder(struct fast *fast);
void tg_fast_finish_decoder(struct fast *fast);
/* Puts a stop entry in the place of the one at e; removes the one there is. */
void tg_fast_set_stop(struct fast_cpu *f, struct fast_entry *e);
void tg_fast_clear_stop(struct fast_cpu *f);

/* --- fast_memory.c ------------------------------------------------------------------------- */

/* Section 7. 0 and the physical address, or the reason. Fills lines. */
uint32_t tg_fast_translate(struct fast_cpu *f, uint32_t vaddr, enum tg_access access, uint32_t ring,
                           uint32_t *ret_paddr);
enum fast_result tg_fast_load(struct fast_cpu *f, const struct fast_entry *e, enum fast_op op);
enum fast_result tg_fast_store(struct fast_cpu *f, const struct fast_entry *e, enum fast_op op);
enum fast_result tg_fast_atomic(struct fast_cpu *f, const struct fast_entry *e, enum fast_op op);
/* The decoded page at cpu->s.pc, and a line for it. NULL: an exception was raised. */
struct fast_page *tg_fast_fetch(struct fast_cpu *f);
void tg_fast_invalidate(struct fast_cpu *f, const uint32_t *vaddr, const uint32_t *space);
void tg_fast_select_bank(struct fast_cpu *f);
void tg_fast_clear_banks(struct fast_cpu *f);
void tg_fast_clear_fetches(struct fast_cpu *f);
void tg_fast_drop_write_lines(struct fast *fast, uint32_t page);
/* To be called before RAM of one page is written. */
void tg_fast_before_write(struct fast *fast, uint32_t paddr, uint32_t bytes);

/* --- fast_system.c, fast_entry.c ----------------------------------------------------------- */

/* Executes the instruction at e, whose address cpu->s.pc is. */
enum fast_result tg_fast_call_out(struct fast_cpu *f, const struct fast_entry *e);

struct fast_cause {
    enum tg_entry_kind kind;
    uint32_t vector, error, address;
    uint32_t saved_pc;
    bool is_double; /* a double fault: a stack of its own, and always to ring 0 */
};

/* Enter a handler, or whatever takes its place. cpu->s.pc is that of the instruction; always
 * FAST_RESUME. */
enum fast_result tg_fast_raise(struct fast_cpu *f, enum tg_cause vector, uint32_t error,
                               uint32_t address);
enum fast_result tg_fast_trap(struct fast_cpu *f, uint32_t vector);
enum fast_result tg_fast_iret(struct fast_cpu *f);
void tg_fast_interrupt(struct fast_cpu *f);

/* --- fast_loop.c, fast_observed.c ---------------------------------------------------------- */

/* Executes at most budget instructions; f NULL: only tells the addresses of its code. */
void tg_fast_run_plain(struct fast_cpu *f, uint32_t budget, const void *const **ret_code);
void tg_fast_run_observed(struct fast_cpu *f, uint32_t budget, const void *const **ret_code);

/* --- Small things -------------------------------------------------------------------------- */

static inline struct fast_line *fast_line_of(struct fast_bank *bank, uint32_t ring, uint32_t vaddr)
{
    return &bank->lines[ring][(vaddr >> TG_PAGE_SHIFT) & (FAST_LINES - 1)];
}

static inline struct fast_fetch *fast_fetch_of(struct fast_bank *bank, uint32_t ring,
                                               uint32_t vaddr)
{
    return &bank->fetches[ring][(vaddr >> TG_PAGE_SHIFT) & (FAST_FETCHES - 1)];
}

/* Little-endian RAM at a host address, whatever the host's order. */
static inline uint16_t fast_swap16(uint16_t v)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return (uint16_t)(v >> 8 | v << 8);
#else
    return v;
#endif
}

static inline uint32_t fast_swap32(uint32_t v)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return v >> 24 | (v >> 8 & 0xff00) | (v << 8 & 0xff0000) | v << 24;
#else
    return v;
#endif
}

static inline uint32_t fast_get8(const void *host)
{
    return *(const uint8_t *)host;
}

static inline uint32_t fast_get16(const void *host)
{
    uint16_t v;
    memcpy(&v, host, sizeof v);
    return fast_swap16(v);
}

static inline uint32_t fast_get32(const void *host)
{
    uint32_t v;
    memcpy(&v, host, sizeof v);
    return fast_swap32(v);
}

static inline void fast_put8(void *host, uint32_t value)
{
    *(uint8_t *)host = (uint8_t)value;
}

static inline void fast_put16(void *host, uint32_t value)
{
    uint16_t v = fast_swap16((uint16_t)value);
    memcpy(host, &v, sizeof v);
}

static inline void fast_put32(void *host, uint32_t value)
{
    uint32_t v = fast_swap32(value);
    memcpy(host, &v, sizeof v);
}

/* rd as entries have it: FAST_NOWHERE instead of zero. */
static inline void fast_set_register(struct fast_cpu *f, uint32_t rd, uint32_t value)
{
    if (rd != FAST_NOWHERE)
        f->cpu->s.x[rd] = value;
}

/* Word of RAM at a physical address known to be RAM and aligned. */
static inline uint32_t fast_ram_word(const struct fast *fast, uint32_t paddr)
{
    return fast_get32(fast->machine->ram.bytes + paddr);
}

#endif
