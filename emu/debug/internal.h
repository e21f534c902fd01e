/*
 * The debugger's state, shared by the files of its core: points.c (what stops are wanted), events.c
 * (what happens in a running machine), run.c (forward), search.c (backward), step.c, step_back.c
 * and context.c (commands), written.c (who wrote this), change.c, bookmark.c, session.c; history.h
 * is below them. Private to emu/debug.
 */
#ifndef TG_DEBUG_INTERNAL_H
#define TG_DEBUG_INTERNAL_H

#include "debug/debug.h"
#include "debug/history.h"

/* --- What a command waits for, beside the points -----------------------------------------------
 */

/* Where a program goes on after a call or an entry: the same stack in the same address space. A
 * process that was switched away comes back to it on any CPU. */
struct tg_context {
    uint32_t cpu; /* on which it was seen */
    uint32_t pc;
    uint32_t ring;
    uint32_t space; /* ptroot without the address-space number; 0: no paging */
    uint32_t sp;
};

/* --- context.c */
struct tg_context tg_context_of(const struct tg_debug *debug, uint32_t cpu);
/* Whether cpu is where a context left off, but for pc; whether in it or one of its callers. */
bool tg_context_is(const struct tg_debug *debug, const struct tg_context *context, uint32_t cpu);
bool tg_context_is_outer(const struct tg_debug *debug, const struct tg_context *context,
                         uint32_t cpu);
/* Where a virtual address of the context lies, and the word there: whatever its ring may do. */
bool tg_debug_translate(const struct tg_debug *debug, const struct tg_context *context,
                        uint32_t vaddr, uint32_t *ret_paddr);
bool tg_debug_word(const struct tg_debug *debug, const struct tg_context *context, uint32_t vaddr,
                   uint32_t *ret_word);
bool tg_word_is_call(uint32_t word);
bool tg_word_is_return(uint32_t word);
/* The frame that the iret out of cpu's innermost handler will find. False: there is none, or it is
 * not known. */
bool tg_handler_frame(const struct tg_debug *debug, uint32_t cpu, uint32_t *ret_frame,
                      uint32_t *ret_paddr);

struct tg_goal;

/* The functions say whether what happened is what is waited for; NULL: never. They are called in
 * the middle of a run, as an observer's. */
struct tg_goal {
    bool (*reached)(struct tg_goal *goal, const struct tg_debug *debug, uint32_t cpu, uint32_t pc);
    bool (*entered)(struct tg_goal *goal, const struct tg_debug *debug,
                    const struct tg_entry_event *event);
    bool (*left)(struct tg_goal *goal, const struct tg_debug *debug,
                 const struct tg_return_event *event);
    bool (*retired)(struct tg_goal *goal, const struct tg_debug *debug, uint32_t cpu, uint32_t pc,
                    uint32_t word);
    bool (*accessed)(struct tg_goal *goal, const struct tg_debug *debug,
                     const struct tg_watch_event *event);
    const struct tg_watch *watch; /* of `accessed` */
    /* places of `reached` */
    const uint32_t *breaks;
    size_t break_count;
    /* for the functions */
    struct tg_context context;
    uint32_t cpu, ring, frame, frame_paddr, number, value;
    /* what they found */
    bool is_met;
    uint32_t met_cpu;
    bool was_entry, was_return;   /* how: an entry; an iret */
    struct tg_entry_event entry;  /* of was_entry */
    struct tg_watch_event access; /* of accessed */
    uint32_t met_pc, met_word;    /* of an instruction that was retired */
};

/* Functions of goals that commands in both directions have: a step of goal->cpu, and its way into a
 * handler; goal->context, one of its callers, and any place at all. */
bool tg_goal_is_step_of_cpu(struct tg_goal *goal, const struct tg_debug *debug, uint32_t cpu,
                            uint32_t pc, uint32_t word);
bool tg_goal_is_entry_of_cpu(struct tg_goal *goal, const struct tg_debug *debug,
                             const struct tg_entry_event *event);
bool tg_goal_is_there(struct tg_goal *goal, const struct tg_debug *debug, uint32_t cpu,
                      uint32_t pc);
bool tg_goal_is_in_callers(struct tg_goal *goal, const struct tg_debug *debug, uint32_t cpu,
                           uint32_t pc);
bool tg_goal_is_anywhere(struct tg_goal *goal, const struct tg_debug *debug, uint32_t cpu,
                         uint32_t pc);

/* --- The debugger -------------------------------------------------------------------------------
 */

enum tg_debug_mode {
    TG_DEBUG_RUNNING,  /* hits stop the machine */
    TG_DEBUG_SEARCHING /* hits are remembered */
};

#define TG_DEBUG_MOST_HITS 512

struct tg_point_slot {
    struct tg_debug_point point;
    bool is_spent; /* temporary, and has stopped the machine */
};

struct tg_debug {
    struct tg_machine *machine;
    struct tg_debug_options options;
    struct tg_debug_source source;
    struct tg_debug_guest guest;
    struct tg_history history;

    struct tg_point_slot *points; /* by number, ascending */
    size_t point_count, point_capacity;
    uint32_t last_number;

    /* of a session that is being tried out; NULL: none is */
    struct tg_history *_Atomic trial;

    struct tg_debug_bookmark *bookmarks; /* by place, ascending */
    size_t bookmark_count, bookmark_capacity;

    /* what is asked of the machine now */
    enum tg_debug_mode mode;
    bool has_points;      /* points are wanted */
    bool ignores_points;  /* a search for something else is under way: runs do not want them */
    bool is_counting;     /* hits count, ignore counts are used up, log-only points speak */
    struct tg_goal *goal; /* NULL: none */
    struct tg_observer observer;
    bool is_observing;
    uint32_t *breaks; /* as the machine has them, and room for others */
    struct tg_watch *watches;
    size_t break_count, watch_count, break_capacity, watch_capacity;

    /* what has happened in a run: the reasons so far */
    struct tg_debug_stop *stop;
    bool has_looked; /* breaks at the place of so many steps have been asked about */
    uint64_t looked_steps;

    /* what a search has seen: the steps done at hits (the step of the hit itself may or may not be
     * one of them), the latest TG_DEBUG_MOST_HITS different ones in a ring */
    uint64_t hits[TG_DEBUG_MOST_HITS];
    size_t hit_count;
};

/* --- points.c -----------------------------------------------------------------------------------
 */

/* Tells the machine what is wanted: the points, if they are, and goal, which may be NULL. TG_OK or
 * TG_E_NOMEM (then tg_want_nothing). */
int tg_want(struct tg_debug *debug, enum tg_debug_mode mode, bool has_points, struct tg_goal *goal);
/* For going to a place. */
void tg_want_nothing(struct tg_debug *debug);

/* Whether any point can stop the machine. */
bool tg_point_exists(const struct tg_debug *debug);
struct tg_point_slot *tg_point_slot(struct tg_debug *debug, uint32_t number);

/* Removes temporary points that have stopped the machine; all points and what belongs to them. */
void tg_points_sweep(struct tg_debug *debug);
void tg_points_free(struct tg_debug *debug);

/* --- events.c -----------------------------------------------------------------------------------
 */

bool tg_event_reached(void *context, uint32_t cpu, uint32_t pc);
bool tg_event_accessed(void *context, const struct tg_watch_event *event);
/* For a search: something happens at the step under way. */
void tg_event_remember(struct tg_debug *debug);
/* An observer with the functions that the points and the goal need. */
struct tg_observer tg_event_observer(struct tg_debug *debug);

/* At a settled place: breaks that the next instruction is at, as if the run had come to them. */
void tg_event_look_here(struct tg_debug *debug);

void tg_stop_init(struct tg_debug *debug, struct tg_debug_stop *stop);
void tg_stop_add(struct tg_debug_stop *stop, const struct tg_debug_reason *reason);
/* The place, and the CPU to look at if there is no better one. */
void tg_stop_finish(struct tg_debug *debug, struct tg_debug_stop *stop);

/* --- run.c --------------------------------------------------------------------------------------
 */

/* Runs on until limits, a stop or the goal (which then is_met). What the machine stands at is
 * passed. *stop gets the reasons: none for limits and goal alone. */
int tg_run(struct tg_debug *debug, const struct tg_run_limits *limits, struct tg_goal *goal,
           bool stops_at_present, struct tg_debug_stop *stop);
/* One step of the machine, points included. */
int tg_run_step(struct tg_debug *debug, struct tg_goal *goal, struct tg_debug_stop *stop);

/* --- search.c -----------------------------------------------------------------------------------
 */

struct tg_search {
    struct tg_goal *goal;  /* may be NULL */
    uint64_t lowest_steps; /* look no further back than this place; 0: the beginning */
    bool is_observed;      /* goal needs every instruction: look at short stretches first */
    bool has_points;       /* points, and what else stops runs, end it too */
    bool is_near;          /* a goal that was met by the step that led here counts */
};

struct tg_found {
    bool is_found;
    bool is_goal;                 /* the goal is met, whose members tell how */
    struct tg_debug_place before; /* where the step that led to the stop begins */
    struct tg_debug_stop stop;    /* its reasons; the machine is at stop.place */
};

/* Looks for the last stop before this place, and goes there; if there is none, the machine is where
 * it was. Errors: TG_E_NOMEM; TG_E_DIVERGED: interrupted, and the machine is where it was. */
int tg_search_back(struct tg_debug *debug, const struct tg_search *search,
                   struct tg_found *ret_found);

/* --- bookmark.c ---------------------------------------------------------------------------------
 */

int tg_bookmark_put(struct tg_debug *debug, const char *name, const struct tg_debug_place *place,
                    struct tg_error *error);
/* Drops those behind place; how many. */
size_t tg_bookmark_drop_after(struct tg_debug *debug, const struct tg_debug_place *place);

/* --- step.c, step_back.c ------------------------------------------------------------------------
 */

/* Carry out a command: *stop has no reasons if it did what it should. *cpu: the one whose context
 * it is about, which may have gone on on another. */
int tg_step_forward(struct tg_debug *debug, const struct tg_debug_command *command, uint64_t count,
                    uint32_t *cpu, struct tg_debug_stop *stop, struct tg_error *error);
int tg_step_backward(struct tg_debug *debug, const struct tg_debug_command *command, uint64_t count,
                     uint32_t *cpu, struct tg_debug_stop *stop, struct tg_error *error);

#endif
