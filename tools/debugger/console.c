/*
 * The console: the keyboard belongs to the guest until ^] is pressed. While all CPUs wait, virtual time passes as on the wall;
 * otherwise the machine runs as fast as it can.
 */
#include <inttypes.h>
#include <stdio.h>

#include "commands.h"
#include "debugger.h"
#include "stop.h"
#include "tollgate/terminal.h"

#define CHUNK_TICKS           UINT64_C(500000)
#define TICKS_PER_MICROSECOND 100

/* Gives what was typed to the keyboard; false when the person has left. */
static bool give_keys(struct debugger *d, int milliseconds)
{
    char bytes[64];
    struct tg_debug_change change = {0};
    int count = terminal_read(bytes, sizeof bytes, milliseconds);
    for (int i = 0; i < count; i++) {
        if (bytes[i] == TERMINAL_LEAVE)
            return false;
        tg_debug_type(d->core, bytes[i] == '\r' ? "\n" : &bytes[i], 1, &change); /* keys that do not exist: nothing */
    }
    return count >= 0;
}

/* Runs a stretch; true when the machine has stopped for another reason than its end. */
static bool run_stretch(struct debugger *d, struct tg_debug_stop *ret_stop, bool *ret_has_left)
{
    const struct tg_debug_place before = tg_debug_place(d->core);
    struct tg_debug_command command = {.kind = TG_DEBUG_CONTINUE, .cpu = TG_DEBUG_ANY};
    struct tg_error error;
    command.until_time = before.time + CHUNK_TICKS;
    if (tg_debug_go(d->core, &command, ret_stop, &error) != TG_OK) {
        *ret_has_left = true;
        return false;
    }
    fflush(stdout);
    enum tg_debug_stop_kind kind = ret_stop->reasons[0].kind;
    if (kind != TG_DEBUG_LIMIT && kind != TG_DEBUG_IDLE)
        return true;
    const struct tg_debug_place after = tg_debug_place(d->core);
    uint64_t waited = after.time - before.time, busy = after.insns - before.insns;
    int milliseconds = waited > busy ? (int)((waited - busy) / (TICKS_PER_MICROSECOND * 1000)) : 0;
    *ret_has_left = !give_keys(d, kind == TG_DEBUG_IDLE ? 1000 : milliseconds);
    return false;
}

bool console_console(struct debugger *d, struct args *args)
{
    struct tg_debug_stop stop;
    bool has_left = false, has_stopped = false;
    if (!args_end(d, args))
        return false;
    if (!d->is_terminal)
        return complain(d, "%s: there is no terminal; key \"text\" types for a script", args->name);
    say(d, "the keyboard is the guest's now; control-] gives it back\n");
    fflush(stdout);
    d->undo = tg_debug_place(d->core);
    d->has_undo = true;
    terminal_raw();
    while (!has_left && !has_stopped)
        has_stopped = run_stretch(d, &stop, &has_left);
    terminal_restore();
    if (has_left && stop.reasons[0].kind == TG_DEBUG_LIMIT)
        stop.reasons[0].kind = TG_DEBUG_STEP_DONE; /* the end of a stretch, that is all: no limit of the person's */
    stop_show(d, &stop);
    return true;
}
