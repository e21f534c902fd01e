/*
 * Changes from outside. What is typed is in the log, and a replay meets it again. What is changed
 * by hand is a cut in history: the state before it and the state after it are both kept. In the
 * past either begins a new branch, and what came later is gone.
 */
#include "core/input.h"
#include "debug/internal.h"

static void branch(struct tg_debug *debug, struct tg_debug_change *ret_change)
{
    struct tg_debug_change change = {.is_branch = false};
    struct tg_debug_place here = tg_history_here(&debug->history);
    change.is_branch = tg_history_branch(&debug->history, &change.dropped);
    if (change.is_branch)
        change.bookmarks_dropped = tg_bookmark_drop_after(debug, &here);
    if (ret_change)
        *ret_change = change;
}

/* Only a change that has succeeded is a branch. One that cannot be kept is undone. */
static int keep(struct tg_debug *debug, int result, struct tg_debug_change *ret_change)
{
    if (result != TG_OK)
        return result;
    branch(debug, ret_change);
    result = tg_history_cut(&debug->history);
    if (result != TG_OK)
        tg_history_go_checkpoint(&debug->history, tg_history_count(&debug->history) - 1);
    return result;
}

/* The state before a change is kept, so that going back finds it. TG_OK or TG_E_NOMEM. */
static int prepare(struct tg_debug *debug)
{
    tg_want_nothing(debug);
    return tg_history_keep_here(&debug->history);
}

int tg_debug_set_register(struct tg_debug *debug, uint32_t cpu, uint32_t number, uint32_t value,
                          struct tg_debug_change *ret_change)
{
    int result = prepare(debug);
    if (result == TG_OK)
        result = tg_machine_set_register(debug->machine, cpu, number, value);
    return keep(debug, result, ret_change);
}

int tg_debug_set_pc(struct tg_debug *debug, uint32_t cpu, uint32_t pc,
                    struct tg_debug_change *ret_change)
{
    int result = prepare(debug);
    if (result == TG_OK)
        result = tg_machine_set_pc(debug->machine, cpu, pc);
    return keep(debug, result, ret_change);
}

int tg_debug_set_creg(struct tg_debug *debug, uint32_t cpu, uint32_t number, uint32_t value,
                      struct tg_debug_change *ret_change)
{
    int result = prepare(debug);
    if (result == TG_OK)
        result = tg_machine_set_creg(debug->machine, cpu, number, value);
    return keep(debug, result, ret_change);
}

int tg_debug_write_ram(struct tg_debug *debug, uint32_t paddr, const void *bytes, size_t count,
                       struct tg_debug_change *ret_change)
{
    int result = prepare(debug);
    if (result == TG_OK)
        result = tg_machine_ram_write(debug->machine, paddr, bytes, count);
    return keep(debug, result, ret_change);
}

/* --- Input ------------------------------------------------------------------------------------ */

int tg_debug_input(struct tg_debug *debug, struct tg_input input,
                   struct tg_debug_change *ret_change)
{
    const struct tg_input_kind_info *kind = tg_input_kind_info((uint32_t)input.kind);
    if (!kind || (input.value & ~kind->mask))
        return TG_E_ARGUMENT;
    branch(debug, ret_change);
    int result = tg_machine_input(debug->machine, input);
    tg_history_settle(&debug->history);
    return result;
}

int tg_debug_type(struct tg_debug *debug, const char *text, size_t length,
                  struct tg_debug_change *ret_change)
{
    if (!tg_input_can_type(text, length))
        return TG_E_ARGUMENT;
    branch(debug, ret_change);
    int result = tg_machine_type(debug->machine, text, length);
    tg_history_settle(&debug->history);
    return result;
}
