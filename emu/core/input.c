/*
 * Outside events: queueing them, typing, and the moment at which they take effect. The log as text
 * is input_log.c. docs/isa.md section 8.
 */
#include "core/input.h"

#include <stdio.h>
#include <stdlib.h>

#include "bus/bus.h"

#define MIN_CAPACITY 64

const struct tg_input_kind_info *tg_input_kind_info(uint32_t kind)
{
    static const struct tg_input_kind_info kinds[] = {
        [TG_INPUT_KEY] = {"key", UINT8_MAX, "a value from 0 to 0xff"},
        [TG_INPUT_SERIAL] = {"serial", UINT8_MAX, "a value from 0 to 0xff"},
        [TG_INPUT_RESET] = {"reset", 0, "the value 0"},
        [TG_INPUT_LINE] = {"line", 0x79f, "a source from 0 to 0x1f, 0x80 and 0x100 a CPU more"},
    };
    return kind < sizeof kinds / sizeof kinds[0] ? &kinds[kind] : NULL;
}

/* --- The list --------------------------------------------------------------------------------- */

struct tg_input_log *tg_input_log_create(void)
{
    return calloc(1, sizeof(struct tg_input_log));
}

void tg_input_log_destroy(struct tg_input_log *log)
{
    if (log)
        free(log->events);
    free(log);
}

void tg_input_log_restart(struct tg_machine *machine)
{
    struct tg_input_log *log = machine->log;
    log->begin = tg_machine_position(machine);
    log->count = log->applied = log->replay_end = 0;
    log->has_diverged = false;
}

void tg_input_log_rewind(struct tg_input_log *log, size_t applied)
{
    size_t known = log->applied > log->replay_end ? log->applied : log->replay_end;
    log->count = log->replay_end = known;
    log->applied = applied;
    log->has_diverged = false;
}

void tg_input_log_cut(struct tg_machine *machine)
{
    struct tg_input_log *log = machine->log;
    log->count = log->replay_end = log->applied;
    log->has_diverged = false;
}

int tg_input_log_reserve(struct tg_input_log *log, size_t count)
{
    if (count <= log->capacity - log->count)
        return TG_OK;
    if (count > SIZE_MAX / sizeof *log->events / 2 - log->count)
        return TG_E_NOMEM;
    size_t capacity = log->capacity < MIN_CAPACITY ? MIN_CAPACITY : 2 * log->capacity;
    if (capacity < log->count + count)
        capacity = log->count + count;
    struct tg_logged_input *events = realloc(log->events, capacity * sizeof *events);
    if (!events)
        return TG_E_NOMEM;
    log->events = events;
    log->capacity = capacity;
    return TG_OK;
}

/* --- Taking effect ---------------------------------------------------------------------------- */

static void take_effect(struct tg_machine *machine)
{
    struct tg_input_log *log = machine->log;
    struct tg_logged_input *event = &log->events[log->applied++];
    event->position = tg_machine_position(machine);
    machine->clock.inputs++;
    if (event->input.kind == TG_INPUT_RESET)
        tg_machine_reset(machine);
    else
        tg_bus_input(machine, event->input);
}

static void note_divergence(struct tg_input_log *log, struct tg_position here, bool has_ended)
{
    const struct tg_position *there = &log->events[log->applied].position;
    log->has_diverged = true;
    snprintf(log->divergence.text, sizeof log->divergence.text,
             "the replay differs from its log: event %zu took effect at time %llu, instruction "
             "%llu, but this "
             "machine %s at time %llu, instruction %llu; was the log made with this image, "
             "configuration and disk?",
             log->applied + 1, (unsigned long long)there->time, (unsigned long long)there->insns,
             has_ended ? "has ended" : "is", (unsigned long long)here.time,
             (unsigned long long)here.insns);
}

/* Whether the next event is not due yet, and may still become due. */
static bool is_to_come(const struct tg_logged_input *event, struct tg_position here, bool has_ended)
{
    return !has_ended && event->position.time > here.time && event->position.insns >= here.insns;
}

bool tg_input_take(struct tg_machine *machine)
{
    struct tg_input_log *log = machine->log;
    if (log->has_diverged)
        return false;
    while (log->applied < log->count) {
        const struct tg_logged_input *event = &log->events[log->applied];
        if (log->applied < log->replay_end) {
            struct tg_position here = tg_machine_position(machine);
            bool has_ended = machine->end.end != TG_END_NONE;
            if (is_to_come(event, here, has_ended))
                return true;
            if (event->position.time != here.time || event->position.insns != here.insns) {
                note_divergence(log, here, has_ended);
                return false;
            }
        }
        take_effect(machine);
    }
    return true;
}

uint64_t tg_input_next_time(const struct tg_machine *machine)
{
    const struct tg_input_log *log = machine->log;
    return log->applied < log->replay_end ? log->events[log->applied].position.time : TG_NEVER;
}

/* --- Queueing --------------------------------------------------------------------------------- */

/* There is room. */
static void put(struct tg_machine *machine, enum tg_input_kind kind, uint32_t value)
{
    struct tg_input_log *log = machine->log;
    log->events[log->count++] = (struct tg_logged_input){.input = {kind, value}};
    if (machine->clock.round_ticks == 0)
        tg_input_take(machine);
}

int tg_machine_input(struct tg_machine *machine, struct tg_input input)
{
    const struct tg_input_kind_info *kind = tg_input_kind_info((uint32_t)input.kind);
    if (!kind || (input.value & ~kind->mask))
        return TG_E_ARGUMENT;
    if (tg_input_is_replaying(machine->log))
        return TG_E_DIVERGED;
    int result = tg_input_log_reserve(machine->log, 1);
    if (result == TG_OK)
        put(machine, input.kind, input.value);
    return result;
}

/* --- Typing ----------------------------------------------------------------------------------- */

#define KEY_RELEASED            0x80
#define KEY_CONTROL             0x1d /* keys.def */
#define KEY_SHIFT               0x2a
#define MOST_EVENTS_A_CHARACTER 4

/* How a character is typed: a key, and another held down meanwhile (0: none). */
struct stroke {
    uint8_t key, held;
};

/* key is 0 when no key has the character. Control characters without a key of their own are typed
 * as control and a letter. */
static struct stroke find_stroke(char character)
{
    static const struct {
        uint8_t code;
        char plain, shifted;
    } keys[] = {
#define TG_KEY(code, plain, shifted, name) {code, plain, shifted},
#include "bus/keys.def"
    };
    if (character == 0)
        return (struct stroke){0, 0};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (keys[i].plain == character)
            return (struct stroke){keys[i].code, 0};
        if (keys[i].shifted == character)
            return (struct stroke){keys[i].code, KEY_SHIFT};
    }
    if (character >= 1 && character <= 26)
        return (struct stroke){find_stroke((char)('a' + character - 1)).key, KEY_CONTROL};
    return (struct stroke){0, 0};
}

static void type_character(struct tg_machine *machine, struct stroke stroke)
{
    if (stroke.held)
        put(machine, TG_INPUT_KEY, stroke.held);
    put(machine, TG_INPUT_KEY, stroke.key);
    put(machine, TG_INPUT_KEY, stroke.key | KEY_RELEASED);
    if (stroke.held)
        put(machine, TG_INPUT_KEY, stroke.held | KEY_RELEASED);
}

bool tg_input_can_type(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (find_stroke(text[i]).key == 0)
            return false;
    }
    return true;
}

int tg_machine_type(struct tg_machine *machine, const char *text, size_t length)
{
    if (!tg_input_can_type(text, length))
        return TG_E_ARGUMENT;
    if (tg_input_is_replaying(machine->log))
        return TG_E_DIVERGED;
    if (length > SIZE_MAX / MOST_EVENTS_A_CHARACTER ||
        tg_input_log_reserve(machine->log, length * MOST_EVENTS_A_CHARACTER) != TG_OK)
        return TG_E_NOMEM;

    for (size_t i = 0; i < length; i++)
        type_character(machine, find_stroke(text[i]));
    return TG_OK;
}
