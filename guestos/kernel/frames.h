/*
 * Frames: the pages of RAM. Which are free, how often the others are mapped. A frame's number is its
 * physical address / TP_PAGE. Memory that was never used since reset is still zero, so it needs no
 * clearing; neither do page tables, which are empty when they are freed. All need the lock.
 */
#ifndef KERNEL_FRAMES_H
#define KERNEL_FRAMES_H

#include <stdint.h>

/* Of each frame. The last three are for the page tables of spaces (space.c). */
struct frame_use {
    uint16_t uses;       /* mappings; 0: free */
    uint16_t slot;       /* of a page table: its place in the directory */
    uint16_t first, end; /* of a page table: entries outside [first, end) are 0 */
    uint32_t next;       /* free: the next free one; page table: the next of the space; 0 ends */
};

extern struct frame_use *k_frame_uses;

extern uint32_t k_frame_end;       /* frames of RAM */
extern uint32_t k_frame_untouched; /* this one and those after it were never used */
extern uint32_t k_frame_zero_list; /* free frames that are all zeros, by next */
extern uint32_t k_frames_total, k_frames_free;

static inline uint32_t k_frame_pop(uint32_t *first)
{
    uint32_t frame = *first;

    *first = k_frame_uses[frame].next;
    return frame;
}

static inline uint32_t k_frame_use(uint32_t frame)
{
    k_frame_uses[frame].uses = 1;
    k_frame_uses[frame].next = 0;
    k_frames_free--;
    return frame;
}

/* One that needs no clearing, or 0. */
static inline uint32_t k_frame_take_zero(void)
{
    if (k_frame_zero_list)
        return k_frame_use(k_frame_pop(&k_frame_zero_list));
    if (k_frame_untouched < k_frame_end)
        return k_frame_use(k_frame_untouched++);
    return 0;
}

/* A frame with one use, all zeros; 0: out of memory. */
uint32_t k_frame_take(void);
/* The same, for who writes all of it: with anything in it. */
uint32_t k_frame_take_any(void);

/* The first of that many frames in one piece, all zeros, each with one use; 0: there is no such piece.
 * Only memory that was never used is looked at: for what drivers need at their start. */
uint32_t k_frames_take_run(uint32_t count);

/* One use less; at 0 it is free. is_zero: all its bytes are zero. */
void k_frame_drop(uint32_t frame);
void k_frame_drop_zero(uint32_t frame);

static inline void k_frame_share(uint32_t frame)
{
    k_frame_uses[frame].uses++;
}

/* All frames of RAM from that physical address on are free. */
void k_frames_start(uint32_t first_free, uint32_t ram_bytes);

#endif
