/* See running.h. The commands that move the machine, forwards and backwards, until something stops it. */
#include "running.h"

#include <inttypes.h>
#include <string.h>

#include "commands.h"
#include "debugger.h"
#include "points.h"
#include "stop.h"

bool running_go(struct debugger *d, const char *name, struct tg_debug_command *command)
{
    struct tg_debug_stop stop;
    struct tg_error error = {""};
    const struct tg_debug_place before = tg_debug_place(d->core);
    if (!command->is_reverse) {
        command->until_insns = d->setup.max_insns != TG_NO_LIMIT ? d->setup.max_insns : 0;
        command->until_time = d->setup.max_ticks != TG_NO_LIMIT ? d->setup.max_ticks : 0;
    }
    for (;;) {
        command->stops_for_input = !command->is_reverse && feed_has_more(&d->feed);
        int result = tg_debug_go(d->core, command, &stop, &error);
        if (result != TG_OK) {
            view_moved(d, d->view.cpu);
            return complain(d, "%s: %s", name, error.text[0] != '\0' ? error.text : "not enough memory");
        }
        if (stop.reasons[0].kind != TG_DEBUG_INPUT || stop.is_replay || debugger_is_interrupted)
            break;
        feed_give(&d->feed);
    }
    d->undo = before;
    d->has_undo = true;
    stop_show(d, &stop);
    return true;
}

/* Reads a count and goes. */
static bool go_counted(struct debugger *d, struct args *args, enum tg_debug_command_kind kind, bool is_reverse)
{
    struct tg_debug_command command = {.kind = kind, .is_reverse = is_reverse, .count = 1, .cpu = d->view.cpu};
    if (!args_no_format(d, args) || !args_count(d, args, "times", &command.count) || !args_end(d, args))
        return false;
    if (kind == TG_DEBUG_CONTINUE)
        command.cpu = TG_DEBUG_ANY;
    return running_go(d, args->name, &command);
}

#define GO(function, kind, is_reverse)                                                                                    \
    bool function(struct debugger *d, struct args *args)                                                                  \
    {                                                                                                                     \
        return go_counted(d, args, kind, is_reverse);                                                                     \
    }

GO(running_continue, TG_DEBUG_CONTINUE, false)
GO(running_step, TG_DEBUG_STEP, false)
GO(running_stepi, TG_DEBUG_STEPI, false)
GO(running_next, TG_DEBUG_NEXT, false)
GO(running_nexti, TG_DEBUG_NEXTI, false)
GO(running_finish, TG_DEBUG_FINISH, false)
GO(running_leave, TG_DEBUG_LEAVE, false)
GO(running_reverse_continue, TG_DEBUG_CONTINUE, true)
GO(running_reverse_step, TG_DEBUG_STEP, true)
GO(running_reverse_stepi, TG_DEBUG_STEPI, true)
GO(running_reverse_next, TG_DEBUG_NEXT, true)
GO(running_reverse_nexti, TG_DEBUG_NEXTI, true)
GO(running_reverse_finish, TG_DEBUG_FINISH, true)
GO(running_reverse_leave, TG_DEBUG_LEAVE, true)

static bool go_to_place(struct debugger *d, struct args *args, enum tg_debug_command_kind kind)
{
    struct tg_debug_command command = {.kind = kind, .cpu = kind == TG_DEBUG_ADVANCE ? TG_DEBUG_ANY : d->view.cpu};
    struct points_place place;
    const char *text = args->at;
    if (args_is_empty(args) && kind == TG_DEBUG_UNTIL) { /* gdb: next, but never back in a loop */
        command.kind = TG_DEBUG_NEXT;
        return running_go(d, args->name, &command);
    }
    if (!points_read_place(d, args->name, &text, &place))
        return false;
    if (*text != '\0')
        return complain(d, "%s: did not expect \"%.60s\" behind the place", args->name, text);
    command.address_count = place.count;
    memcpy(command.addresses, place.addresses, sizeof command.addresses);
    return running_go(d, args->name, &command);
}

bool running_until(struct debugger *d, struct args *args)
{
    return go_to_place(d, args, TG_DEBUG_UNTIL);
}

bool running_advance(struct debugger *d, struct args *args)
{
    return go_to_place(d, args, TG_DEBUG_ADVANCE);
}

static bool go_to_ring(struct debugger *d, struct args *args, bool is_reverse)
{
    struct tg_debug_command command = {.kind = TG_DEBUG_TO_RING, .is_reverse = is_reverse, .cpu = d->view.cpu, .ring = 3};
    char word[ARGS_WORD_BYTES];
    uint64_t ring = 3;
    if (args_word(d, args, word) && (!args_read_number(word, &ring) || ring > 3))
        return complain(d, "%s %s: expected a ring, 0 to 3", args->name, word);
    command.ring = (uint32_t)ring;
    return args_end(d, args) && running_go(d, args->name, &command);
}

bool running_user(struct debugger *d, struct args *args)
{
    return go_to_ring(d, args, false);
}

bool running_reverse_user(struct debugger *d, struct args *args)
{
    return go_to_ring(d, args, true);
}

/* run: from the beginning. */
bool running_run(struct debugger *d, struct args *args)
{
    const struct tg_debug_target target = {.kind = TG_DEBUG_TO_START};
    struct tg_debug_command command = {.kind = TG_DEBUG_CONTINUE, .cpu = TG_DEBUG_ANY};
    struct tg_debug_stop stop;
    struct tg_error error = {""};
    if (!args_end(d, args))
        return false;
    if (tg_debug_goto(d->core, &target, &stop, &error) != TG_OK)
        return complain(d, "%s: %s", args->name, error.text[0] != '\0' ? error.text : "not enough memory");
    return running_go(d, args->name, &command);
}
