/* Frames (frames.h). */
#include "kernel/frames.h"
#include "kernel/panic.h"
#include "kernel/space.h"

struct frame_use *k_frame_uses;
uint32_t k_frames_total, k_frames_free;

static uint32_t end;      /* frames of RAM */
static uint32_t untouched; /* this one and those after it were never used */
static uint32_t zero_list; /* free frames that are all zeros, by next */
static uint32_t list;      /* other free frames */

static uint32_t pop(uint32_t *first)
{
    uint32_t frame = *first;

    *first = k_frame_uses[frame].next;
    return frame;
}

static void clear(uint32_t frame)
{
    uint32_t *words = k_direct(frame * TP_PAGE);

    for (uint32_t *end_of_words = words + TP_PAGE / sizeof *words; words < end_of_words; words += 8) {
        words[0] = 0;
        words[1] = 0;
        words[2] = 0;
        words[3] = 0;
        words[4] = 0;
        words[5] = 0;
        words[6] = 0;
        words[7] = 0;
    }
}

static uint32_t use(uint32_t frame)
{
    k_frame_uses[frame].uses = 1;
    k_frame_uses[frame].next = 0;
    k_frames_free--;
    return frame;
}

uint32_t k_frame_take(void)
{
    if (zero_list)
        return use(pop(&zero_list));
    if (untouched < end)
        return use(untouched++);
    if (!list)
        return 0;
    clear(list);
    return use(pop(&list));
}

uint32_t k_frame_take_any(void)
{
    return list ? use(pop(&list)) : k_frame_take();
}

static void put(uint32_t frame, uint32_t *first)
{
    struct frame_use *it = &k_frame_uses[frame];

    if (it->uses == 0)
        k_panic("frame %x is freed twice", frame);
    if (--it->uses > 0)
        return;
    it->next = *first;
    *first = frame;
    k_frames_free++;
}

void k_frame_drop(uint32_t frame)
{
    put(frame, &list);
}

void k_frame_drop_zero(uint32_t frame)
{
    put(frame, &zero_list);
}

uint32_t k_frames_take_run(uint32_t count)
{
    uint32_t first = untouched;

    if (count == 0 || end - untouched < count)
        return 0;
    while (untouched < first + count)
        use(untouched++);
    return first;
}

void k_frames_start(uint32_t first_free, uint32_t ram_bytes)
{
    uint32_t table_bytes;

    end = ram_bytes / TP_PAGE;
    table_bytes = end * (uint32_t)sizeof *k_frame_uses;
    k_frame_uses = k_direct(first_free);
    untouched = (first_free + table_bytes + TP_PAGE - 1) / TP_PAGE;
    if (untouched >= end)
        k_panic("the machine has too little RAM: %u KiB; start it with more (--ram)",
                ram_bytes / 1024);
    k_frames_total = k_frames_free = end - untouched;
}
