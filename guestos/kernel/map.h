/*
 * The usual case of k_space_map, in line, as every page that is touched first comes by here.
 */
#ifndef KERNEL_MAP_H
#define KERNEL_MAP_H

#include "kernel/frames.h"
#include "kernel/space.h"

/* One page, in a table that is there, and a frame that is all zeros. False: it is not so, and nothing was done.
 * bits: K_USER_PAGE. The address has to be a user's. */
static __attribute__((always_inline)) inline bool k_space_map_page(struct space *space, uint32_t address, uint32_t bits)
{
    uint32_t table = space->directory[address >> 22], place = (address >> 12) % (TP_PAGE / 4), frame;
    uint32_t *entry = (uint32_t *)k_direct(table & TG_PTE_PAGE) + place;
    struct frame_use *use = &k_frame_uses[table / TP_PAGE];

    if (!(table & TG_PTE_PRESENT) || *entry != 0 || place < use->first)
        return false;
    frame = k_frame_take_zero();
    if (!frame)
        return false;
    if (place >= use->end)
        use->end = (uint16_t)(place + 1);
    *entry = frame * TP_PAGE | bits;
    space->pages++;
    return true;
}

#endif
