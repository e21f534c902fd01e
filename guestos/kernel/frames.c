/* Frames (frames.h). */
#include "kernel/frames.h"
#include "kernel/panic.h"
#include "kernel/space.h"

struct frame_use *k_frame_uses;
uint32_t k_frames_total, k_frames_free;

uint32_t k_frame_end, k_frame_untouched, k_frame_zero_list;

static uint32_t list; /* free frames with anything in them */

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

uint32_t k_frame_take(void)
{
    uint32_t frame = k_frame_take_zero();

    if (frame || !list)
        return frame;
    clear(list);
    return k_frame_use(k_frame_pop(&list));
}

uint32_t k_frame_take_any(void)
{
    return list ? k_frame_use(k_frame_pop(&list)) : k_frame_take();
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
    put(frame, &k_frame_zero_list);
}

uint32_t k_frames_take_run(uint32_t count)
{
    uint32_t first = k_frame_untouched;

    if (count == 0 || k_frame_end - k_frame_untouched < count)
        return 0;
    while (k_frame_untouched < first + count)
        k_frame_use(k_frame_untouched++);
    return first;
}

void k_frames_start(uint32_t first_free, uint32_t ram_bytes)
{
    uint32_t table_bytes;

    k_frame_end = ram_bytes / TP_PAGE;
    table_bytes = k_frame_end * (uint32_t)sizeof *k_frame_uses;
    k_frame_uses = k_direct(first_free);
    k_frame_untouched = (first_free + table_bytes + TP_PAGE - 1) / TP_PAGE;
    if (k_frame_untouched >= k_frame_end)
        k_panic("the machine has too little RAM: %u KiB; start it with more (--ram)",
                ram_bytes / 1024);
    k_frames_total = k_frames_free = k_frame_end - k_frame_untouched;
}
