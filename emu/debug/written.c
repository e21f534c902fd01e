/*
 * Who wrote this last: a search backwards for one write, from cut to cut, since changes by hand are
 * no steps of the machine.
 */
#include <string.h>

#include "core/error.h"
#include "core/ram.h"
#include "core/state.h"
#include "debug/internal.h"

#define REGISTER_SP 2

/* --- What is looked for -------------------------------------------------------------------------
 */

static bool is_store(struct tg_goal *goal, const struct tg_debug *debug,
                     const struct tg_watch_event *event)
{
    (void)debug;
    return tg_watch_matches(goal->watch, event);
}

static bool writes_register(struct tg_goal *goal, const struct tg_debug *debug, uint32_t cpu,
                            uint32_t pc, uint32_t word)
{
    (void)debug;
    (void)pc;
    if (cpu != goal->cpu)
        return false;
    struct tg_insn insn = tg_decode(word);
    const struct tg_insn_info *info = tg_insn_info(insn.id);
    bool has_target = info && (tg_format_info(info->format)->fields & 1u << TG_FIELD_RD);
    return has_target && insn.rd == goal->number;
}

static bool enters_with_stack(struct tg_goal *goal, const struct tg_debug *debug,
                              const struct tg_entry_event *event)
{
    (void)debug;
    return event->cpu == goal->cpu && goal->number == REGISTER_SP;
}

static bool leaves_with_stack(struct tg_goal *goal, const struct tg_debug *debug,
                              const struct tg_return_event *event)
{
    (void)debug;
    return event->cpu == goal->cpu && goal->number == REGISTER_SP;
}

static int check_query(const struct tg_debug *debug, const struct tg_debug_write_query *query,
                       struct tg_error *error)
{
    const struct tg_config *config = tg_machine_config(debug->machine);
    if (query->is_register && query->cpu >= config->cpus)
        return tg_fail(error, TG_E_ARGUMENT, "there is no CPU %u: this machine has %u",
                       (unsigned)query->cpu, (unsigned)config->cpus);
    if (query->is_register && (query->register_number == 0 || query->register_number > 31))
        return tg_fail(error, TG_E_ARGUMENT, "registers 1 to 31 can be written");
    if (!query->is_register && (query->first > query->last || query->last >= config->ram_bytes))
        return tg_fail(error, TG_E_ARGUMENT, "0x%08x to 0x%08x is not in RAM, which ends at 0x%08x",
                       (unsigned)query->first, (unsigned)query->last,
                       (unsigned)(config->ram_bytes - 1));
    return TG_OK;
}

/* --- Changes by hand ----------------------------------------------------------------------------
 */

/* A hash of what is asked about would do; so much of it is compared bytewise. */
#define MOST_COMPARED 4096

struct value {
    uint32_t word; /* of the register, or the first bytes of the range */
    uint8_t bytes[MOST_COMPARED];
    uint32_t count;
};

static void read_value(const struct tg_debug *debug, const struct tg_debug_write_query *query,
                       struct value *ret_value)
{
    *ret_value = (struct value){.count = 4};
    if (query->is_register) {
        ret_value->word = debug->machine->cpus[query->cpu].s.x[query->register_number];
        memcpy(ret_value->bytes, &ret_value->word, 4);
        return;
    }
    uint32_t count = query->last - query->first + 1;
    ret_value->count = count < MOST_COMPARED ? count : MOST_COMPARED;
    tg_ram_read(debug->machine, query->first, ret_value->bytes, ret_value->count);
    for (uint32_t i = 0; i < 4 && i < ret_value->count; i++)
        ret_value->word |= (uint32_t)ret_value->bytes[i] << 8 * i;
}

/* The machine is moved to before the cut; whether the cut changed what is asked about. */
static int look_at_cut(struct tg_debug *debug, size_t cut, const struct tg_debug_write_query *query,
                       struct tg_debug_write *write)
{
    struct tg_history *h = &debug->history;
    struct value before, after;
    int result = tg_history_go_checkpoint(h, cut);
    read_value(debug, query, &after);
    if (result == TG_OK)
        result = tg_history_go_checkpoint(h, cut - 1);
    read_value(debug, query, &before);
    if (result != TG_OK || memcmp(before.bytes, after.bytes, after.count) == 0)
        return result;
    *write = (struct tg_debug_write){
        .is_found = true,
        .is_by_hand = true,
        .place = h->places[cut],
        .after = h->places[cut],
        .cpu = TG_DEBUG_ANY,
        .old_value = before.word,
        .value = after.word,
    };
    return TG_OK;
}

/* --- The search ---------------------------------------------------------------------------------
 */

/* Fills in what a found write was. The machine is at found->stop.place. */
static int describe(struct tg_debug *debug, const struct tg_debug_write_query *query,
                    const struct tg_goal *goal, const struct tg_found *found,
                    struct tg_debug_write *write)
{
    struct value before, after;
    *write = (struct tg_debug_write){.is_found = true,
                                     .place = found->before,
                                     .after = found->stop.place,
                                     .cpu = goal->met_cpu,
                                     .pc = goal->access.pc,
                                     .old_value = goal->access.old_value,
                                     .value = goal->access.value};
    if (!query->is_register)
        return TG_OK;
    read_value(debug, query, &after);
    int result = tg_history_go(&debug->history, &found->before);
    read_value(debug, query, &before);
    write->pc = debug->machine->cpus[query->cpu].s.pc;
    write->old_value = before.word;
    write->value = after.word;
    return result;
}

/* From here back to the beginning or the next cut. *ret_is_done: the answer is known. */
static int search_run(struct tg_debug *debug, const struct tg_debug_write_query *query,
                      struct tg_debug_write *write, bool *ret_is_done)
{
    struct tg_history *h = &debug->history;
    size_t cut = tg_history_root(h);
    const struct tg_watch watch = {
        .first = query->first, .last = query->last, .is_physical = true, .on_store = true};
    struct tg_goal goal = {.cpu = query->cpu, .number = query->register_number};
    struct tg_search search = {.goal = &goal,
                               .lowest_steps = cut ? tg_debug_steps(&h->places[cut]) : 0,
                               .is_observed = query->is_register,
                               .is_near = true};
    struct tg_found found;
    if (query->is_register) {
        goal.retired = writes_register;
        goal.entered = enters_with_stack;
        goal.left = leaves_with_stack;
    } else {
        goal.accessed = is_store;
        goal.watch = &watch;
    }
    int result = tg_search_back(debug, &search, &found);
    *ret_is_done = true;
    if (result != TG_OK)
        return result;
    if (found.is_found)
        return describe(debug, query, &goal, &found, write);
    if (cut == 0)
        return TG_OK;
    result = look_at_cut(debug, cut, query, write);
    *ret_is_done = write->is_found;
    return result;
}

int tg_debug_last_write(struct tg_debug *debug, const struct tg_debug_write_query *query,
                        struct tg_debug_write *ret_write, struct tg_error *error)
{
    struct tg_history *h = &debug->history;
    struct tg_debug_place origin = tg_history_here(h);
    struct tg_debug_write write = {.is_found = false};
    bool is_done = false;
    int result = check_query(debug, query, error);
    if (result != TG_OK)
        return result;
    atomic_store(&h->is_interrupted, false);
    while (result == TG_OK && !is_done)
        result = search_run(debug, query, &write, &is_done);
    tg_want_nothing(debug);
    atomic_store(&h->is_interrupted, false);
    int back = tg_history_go(h, &origin);
    result = result == TG_OK ? back : result;
    if (result == TG_E_DIVERGED)
        return tg_fail(error, result, "interrupted");
    if (result != TG_OK)
        return tg_fail(error, result, "the host has no memory left");
    *ret_write = write;
    return TG_OK;
}
