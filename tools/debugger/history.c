/*
 * Time: where the machine is, going to another moment, names for moments, who wrote something last, what crossings were
 * taken and which fault was the last.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "debug/explain.h"
#include "debugger.h"
#include "isa/isa.h"
#include "stop.h"

/* --- Where ------------------------------------------------------------------------------------------------------------------------------ */

bool history_when(struct debugger *d, struct args *args)
{
    struct tg_debug_history history;
    if (!args_end(d, args))
        return false;
    tg_debug_history(d->core, &history);
    say(d, "insn %" PRIu64 ", time %" PRIu64 ", %" PRIu64 " interrupts, %" PRIu64 " inputs", history.now.insns,
        history.now.time, history.now.interrupts, history.now.inputs);
    if (tg_debug_compare_places(&history.now, &history.last) < 0)
        say(d, "; in the past, the present is insn %" PRIu64 "\n", history.last.insns);
    else
        say(d, "; the present\n");
    return true;
}

bool history_info(struct debugger *d, struct args *args)
{
    struct tg_debug_history history;
    if (!args_end(d, args))
        return false;
    tg_debug_history(d->core, &history);
    say(d, "history: insn %" PRIu64 " to %" PRIu64 ", now %" PRIu64 "\n", history.first.insns, history.last.insns,
        history.now.insns);
    say(d, "%zu states kept, %zu KiB of %zu KiB; at most %" PRIu64 " steps between two; %zu changes by hand\n",
        history.checkpoints, history.bytes / 1024, history.limit_bytes / 1024, history.longest_gap, history.cuts);
    return true;
}

/* --- Going ------------------------------------------------------------------------------------------------------------------------------- */

static bool go_to(struct debugger *d, const char *command, const struct tg_debug_target *target)
{
    struct tg_debug_stop stop;
    struct tg_error error = {""};
    struct tg_debug_place before = tg_debug_place(d->core);
    if (tg_debug_goto(d->core, target, &stop, &error) != TG_OK)
        return complain(d, "%s: %s", command, error.text[0] != '\0' ? error.text : "not enough memory");
    d->undo = before;
    d->has_undo = true;
    stop_show(d, &stop);
    return true;
}

static bool go_to_place(struct debugger *d, const char *command, const struct tg_debug_place *place)
{
    const struct tg_debug_target target = {.kind = TG_DEBUG_TO_PLACE, .place = *place};
    return go_to(d, command, &target);
}

static const struct tg_debug_bookmark *find_bookmark(struct debugger *d, const char *name)
{
    const struct tg_debug_bookmark *one;
    for (size_t i = 0; (one = tg_debug_bookmark(d->core, i)) != NULL; i++)
        if (strcmp(one->name, name) == 0)
            return one;
    return NULL;
}

/* goto N; goto time N; goto start, end; goto +N and -N from here; goto NAME of a checkpoint. */
bool history_goto(struct debugger *d, struct args *args)
{
    char word[ARGS_WORD_BYTES];
    struct tg_debug_target target = {.kind = TG_DEBUG_TO_INSNS};
    if (!args_word(d, args, word))
        return complain(d, "%s: expected a number of instructions, start, end, or a checkpoint's name", args->name);
    if (strcmp(word, "time") == 0) {
        target.kind = TG_DEBUG_TO_TIME;
        if (!args_word(d, args, word))
            return complain(d, "%s time: expected a number of ticks", args->name);
    }
    if (!args_end(d, args))
        return false;
    const struct tg_debug_bookmark *bookmark = find_bookmark(d, word);
    if (bookmark != NULL)
        return go_to_place(d, args->name, &bookmark->place);
    const struct tg_debug_place now = tg_debug_place(d->core);
    uint64_t number, here = target.kind == TG_DEBUG_TO_TIME ? now.time : now.insns;
    bool is_forward = word[0] == '+', is_back = word[0] == '-';
    if (strcmp(word, "start") == 0)
        target.kind = TG_DEBUG_TO_START;
    else if (strcmp(word, "end") == 0)
        target.kind = TG_DEBUG_TO_END;
    else if (!args_read_number(word + (is_forward || is_back), &number))
        return complain(d, "%s %s: no number, and no checkpoint of that name; \"info checkpoints\" lists them", args->name,
                        word);
    else
        target.value = is_forward ? here + number : is_back ? (number > here ? 0 : here - number) : number;
    return go_to(d, args->name, &target);
}

/* --- Checkpoints ---------------------------------------------------------------------------------------------------------------------------- */

bool history_checkpoint(struct debugger *d, struct args *args)
{
    char word[ARGS_WORD_BYTES];
    struct tg_error error = {""};
    if (!args_word(d, args, word)) {
        do
            snprintf(word, sizeof word, "%u", ++d->checkpoint_number);
        while (find_bookmark(d, word) != NULL);
    }
    if (!args_end(d, args))
        return false;
    if (tg_debug_bookmark_add(d->core, word, &error) != TG_OK)
        return complain(d, "%s: %s", args->name, error.text[0] != '\0' ? error.text : "not enough memory");
    say(d, "checkpoint %s: insn %" PRIu64 "; \"restart %s\" comes back here\n", word, tg_debug_place(d->core).insns, word);
    return true;
}

bool history_restart(struct debugger *d, struct args *args)
{
    char word[ARGS_WORD_BYTES];
    if (!args_word(d, args, word))
        return complain(d, "%s: expected the name of a checkpoint; \"info checkpoints\" lists them", args->name);
    const struct tg_debug_bookmark *bookmark = find_bookmark(d, word);
    if (bookmark == NULL)
        return complain(d, "%s: there is no checkpoint \"%s\"; \"info checkpoints\" lists them", args->name, word);
    return args_end(d, args) && go_to_place(d, args->name, &bookmark->place);
}

bool history_delete_checkpoint(struct debugger *d, struct args *args)
{
    char word[ARGS_WORD_BYTES];
    if (!args_word(d, args, word))
        return complain(d, "%s: expected the name of a checkpoint", args->name);
    return args_end(d, args) &&
           (tg_debug_bookmark_remove(d->core, word) || complain(d, "%s: there is no checkpoint \"%s\"", args->name, word));
}

bool history_info_checkpoints(struct debugger *d, struct args *args)
{
    const struct tg_debug_bookmark *one;
    if (!args_end(d, args))
        return false;
    for (size_t i = 0; (one = tg_debug_bookmark(d->core, i)) != NULL; i++)
        say(d, "  %-16s insn %" PRIu64 ", time %" PRIu64 "\n", one->name, one->place.insns, one->place.time);
    if (tg_debug_bookmark(d->core, 0) == NULL)
        say(d, "no checkpoints: \"checkpoint NAME\" makes one\n");
    return true;
}

/* Back to where the last command that moved the machine began. */
bool history_undo(struct debugger *d, struct args *args)
{
    if (!args_end(d, args))
        return false;
    if (!d->has_undo)
        return complain(d, "%s: nothing has moved the machine yet", args->name);
    return go_to_place(d, args->name, &d->undo);
}

/* --- Who wrote it ------------------------------------------------------------------------------------------------------------------------------ */

/* What an expression stands for, as the core asks: a register, or RAM. */
static bool read_query(struct debugger *d, struct args *args, struct tg_debug_write_query *query)
{
    struct tg_value value;
    struct tg_walk walk;
    uint32_t address, size;
    if (!view_evaluate(d, args->name, args->at, &value))
        return false;
    *query = (struct tg_debug_write_query){.cpu = d->view.cpu};
    if (value.place == TG_PLACE_REGISTER) {
        query->is_register = true;
        query->register_number = value.address;
        return value.address > 0 && value.address < 32 ? true : complain(d, "%s: that register is never written", args->name);
    }
    if (value.place == TG_PLACE_CREG)
        return complain(d, "%s: for a control register: \"watch %s\", then \"reverse-continue\"", args->name, args->at);
    size = tg_type_size(value.type);
    if (value.place == TG_PLACE_MEMORY || value.place == TG_PLACE_PHYSICAL)
        address = value.address;
    else if (!view_number(d, args->name, &value, &address))
        return false;
    else
        size = 4;
    if (value.place != TG_PLACE_PHYSICAL) {
        tg_machine_walk_from(d->machine, view_ptroot(d), address, TG_ACCESS_LOAD, 0, &walk);
        if (walk.reason != 0)
            return complain(d, "%s: 0x%08" PRIx32 " is not mapped here: %s", args->name, address,
                            tg_page_reason(walk.reason));
        address = walk.paddr;
    }
    query->first = address;
    query->last = address + (size > 0 ? size - 1 : 0);
    return true;
}

bool history_lastwrite(struct debugger *d, struct args *args)
{
    struct tg_debug_write_query query;
    struct tg_debug_write write;
    struct tg_error error = {""};
    char where[VIEW_ADDRESS_BYTES];
    if (!read_query(d, args, &query))
        return false;
    int result = tg_debug_last_write(d->core, &query, &write, &error);
    view_forget(d);
    if (result != TG_OK)
        return complain(d, "%s: %s", args->name,
                        error.text[0] != '\0'      ? error.text
                        : result == TG_E_DIVERGED ? "interrupted"
                                                  : "not enough memory");
    if (!write.is_found) {
        say(d, "%s was not written since history began\n", args->at);
        return true;
    }
    if (write.is_by_hand) {
        say(d, "%s was last changed by hand, at insn %" PRIu64 "\n", args->at, write.place.insns);
        return true;
    }
    if (write.cpu == TG_DEBUG_ANY)
        say(d, "%s was last written by a device", args->at);
    else
        say(d, "%s was last written by CPU %" PRIu32 " at %s", args->at, write.cpu, view_address_text(d, write.pc, where));
    say(d, ", insn %" PRIu64, write.place.insns);
    if (query.is_register || query.last - query.first < 4)
        say(d, ": 0x%" PRIx32 " -> 0x%" PRIx32, write.old_value, write.value);
    say(d, "\n\"goto %" PRIu64 "\" goes there\n", write.place.insns);
    return true;
}
