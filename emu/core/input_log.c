/*
 * The input log as text, and replaying one. A log comes from anywhere: every line is checked before
 * the machine is touched. docs/formats.md (input log).
 *
 *   tollgate-input-log 1
 *   begin TIME INSNS INPUTS
 *   TIME INSNS KIND VALUE          one line an event, in the order in which they took effect
 *   end TIME INSNS
 */
#include "core/input.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"

#define FIRST_LINE      "tollgate-input-log 1"
#define MOST_LINE_BYTES 96 /* three numbers of 20 digits, a word, a value */

/* --- Saving ----------------------------------------------------------------------------------- */

int tg_machine_log_save(const struct tg_machine *machine, char **ret_text, size_t *ret_length)
{
    const struct tg_input_log *log = machine->log;
    if (log->applied > SIZE_MAX / MOST_LINE_BYTES - 3)
        return TG_E_NOMEM;
    size_t room = (log->applied + 3) * MOST_LINE_BYTES;
    char *text = malloc(room);
    if (!text)
        return TG_E_NOMEM;
    size_t length =
        (size_t)snprintf(text, room, FIRST_LINE "\nbegin %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
                         log->begin.time, log->begin.insns, machine->clock.inputs - log->applied);
    for (size_t i = 0; i < log->applied; i++) {
        const struct tg_logged_input *event = &log->events[i];
        const struct tg_input_kind_info *kind = tg_input_kind_info((uint32_t)event->input.kind);
        length += (size_t)snprintf(
            text + length, room - length, "%" PRIu64 " %" PRIu64 " %s 0x%02" PRIx32 "\n",
            event->position.time, event->position.insns, kind->name, event->input.value);
    }
    struct tg_position here = tg_machine_position(machine);
    length += (size_t)snprintf(text + length, room - length, "end %" PRIu64 " %" PRIu64 "\n",
                               here.time, here.insns);
    *ret_text = text;
    *ret_length = length;
    return TG_OK;
}

/* --- Reading ---------------------------------------------------------------------------------- */

/* What has been read of a log. */
struct reader {
    const char *next, *end; /* of the text */
    size_t line;            /* number of the line in word, from 1 */
    struct tg_error *error;
    const char *word; /* the rest of the line */
    size_t word_room; /* bytes in it */

    struct tg_position begin;
    uint64_t begin_inputs;
    struct tg_position last; /* of the latest line: positions never go back */
    struct tg_logged_input *events;
    size_t count;
};

static int damaged(const struct reader *reader, const char *expected)
{
    char found[41];
    size_t length = reader->word_room < sizeof found - 1 ? reader->word_room : sizeof found - 1;
    for (size_t i = 0; i < length; i++)
        found[i] = reader->word[i] >= ' ' && reader->word[i] <= '~' ? reader->word[i] : '?';
    found[length] = 0;
    return tg_fail(reader->error, TG_E_FORMAT, "input log, line %zu: expected %s, found '%s'",
                   reader->line, expected, found);
}

/* False at the end of the text. */
static bool next_line(struct reader *reader)
{
    reader->line++;
    reader->word = reader->next;
    reader->word_room = 0;
    if (reader->next == reader->end)
        return false;
    size_t rest = (size_t)(reader->end - reader->next);
    const char *newline = memchr(reader->next, '\n', rest);
    reader->word_room = newline ? (size_t)(newline - reader->next) : rest;
    reader->next += newline ? reader->word_room + 1 : rest;
    return true;
}

/* Steps over length bytes, and over the space after them if something follows it. */
static void step_over(struct reader *reader, size_t length)
{
    if (reader->word_room > length + 1)
        length++;
    reader->word += length;
    reader->word_room -= length;
}

/* The line goes on with word, and then a space or its end: steps over it. */
static bool take_word(struct reader *reader, const char *word)
{
    size_t length = strlen(word);
    if (reader->word_room < length || memcmp(reader->word, word, length) != 0)
        return false;
    if (reader->word_room > length && reader->word[length] != ' ')
        return false;
    step_over(reader, length);
    return true;
}

static int digit_value(char character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    if (character >= 'a' && character <= 'f')
        return character - 'a' + 10;
    return -1;
}

/* Steps over a decimal number, or a hexadecimal one with 0x, that is at most limit. */
static bool take_number(struct reader *reader, uint64_t limit, uint64_t *ret_value)
{
    const char *at = reader->word;
    const char *end = at + reader->word_room;
    unsigned base = 10;
    if (end - at > 2 && at[0] == '0' && at[1] == 'x') {
        base = 16;
        at += 2;
    }
    uint64_t value = 0;
    const char *first = at;
    for (; at < end && *at != ' '; at++) {
        int digit = digit_value(*at);
        if (digit < 0 || digit >= (int)base || value > (limit - (unsigned)digit) / base)
            return false;
        value = value * base + (unsigned)digit;
    }
    if (at == first || value > limit)
        return false;
    step_over(reader, (size_t)(at - reader->word));
    *ret_value = value;
    return true;
}

static int read_position(struct reader *reader, struct tg_position *ret_position)
{
    struct tg_position position;
    if (!take_number(reader, UINT64_MAX, &position.time))
        return damaged(reader, "a time in ticks");
    if (!take_number(reader, UINT64_MAX, &position.insns))
        return damaged(reader, "an instruction number");
    if (position.time < reader->last.time || position.insns < reader->last.insns)
        return tg_fail(reader->error, TG_E_FORMAT,
                       "input log, line %zu: the position lies before that of the line above",
                       reader->line);
    reader->last = position;
    *ret_position = position;
    return TG_OK;
}

static int end_line(const struct reader *reader)
{
    return reader->word_room == 0 ? TG_OK : damaged(reader, "the end of the line");
}

static int read_header(struct reader *reader)
{
    if (!next_line(reader) || !take_word(reader, FIRST_LINE) || reader->word_room != 0)
        return damaged(reader, "'" FIRST_LINE "'");
    if (!next_line(reader) || !take_word(reader, "begin"))
        return damaged(reader, "'begin TIME INSNS INPUTS'");
    int result = read_position(reader, &reader->begin);
    if (result != TG_OK)
        return result;
    if (!take_number(reader, UINT64_MAX, &reader->begin_inputs))
        return damaged(reader, "a number of inputs");
    return end_line(reader);
}

static int read_event(struct reader *reader)
{
    struct tg_logged_input *event = &reader->events[reader->count];
    int result = read_position(reader, &event->position);
    if (result != TG_OK)
        return result;
    uint32_t number = 0;
    const struct tg_input_kind_info *kind = tg_input_kind_info(0);
    while (kind && !take_word(reader, kind->name))
        kind = tg_input_kind_info(++number);
    if (!kind)
        return damaged(reader, "'key', 'serial', 'reset' or 'line'");
    uint64_t value;
    struct reader before = *reader;
    if (!take_number(reader, kind->mask, &value))
        return damaged(reader, kind->values);
    if (value & ~(uint64_t)kind->mask)
        return damaged(&before, kind->values);
    event->input = (struct tg_input){(enum tg_input_kind)number, (uint32_t)value};
    reader->count++;
    return end_line(reader);
}

/* A log without its last line has been cut off. */
static int read_end(struct reader *reader)
{
    struct tg_position position;
    int result = read_position(reader, &position);
    if (result == TG_OK)
        result = end_line(reader);
    if (result == TG_OK && next_line(reader))
        return damaged(reader, "nothing after the line 'end'");
    return result;
}

/* Room for events: no line of one is shorter than "0 0 key 0" with its newline. */
#define LEAST_EVENT_BYTES 10

static int read_log(struct reader *reader)
{
    size_t room = (size_t)(reader->end - reader->next) / LEAST_EVENT_BYTES + 1;
    int result = read_header(reader);
    if (result != TG_OK)
        return result;
    reader->events = calloc(room, sizeof *reader->events);
    if (!reader->events)
        return tg_fail(reader->error, TG_E_NOMEM, "no memory for an input log of up to %zu events",
                       room);
    while (next_line(reader)) {
        if (take_word(reader, "end"))
            return read_end(reader);
        result = read_event(reader);
        if (result != TG_OK)
            return result;
    }
    return damaged(reader, "an event or 'end TIME INSNS' (the log is cut off)");
}

/* --- Replaying -------------------------------------------------------------------------------- */

/* How many of the log's events this machine has behind it, so that a replay can begin at any point
 * of the run that the log is of. */
static int count_passed(const struct tg_machine *machine, const struct reader *log,
                        size_t *ret_passed)
{
    struct tg_position here = tg_machine_position(machine);
    uint64_t inputs = machine->clock.inputs;
    uint64_t passed = inputs - log->begin_inputs;
    if (inputs < log->begin_inputs || passed > log->count || here.time < log->begin.time ||
        here.insns < log->begin.insns)
        return tg_fail(
            log->error, TG_E_FORMAT,
            "the input log begins at time %" PRIu64 " after %" PRIu64 " inputs and has %zu more; "
            "this machine is at time %" PRIu64 " after %" PRIu64 ": not a point of that run",
            log->begin.time, log->begin_inputs, log->count, here.time, inputs);
    *ret_passed = (size_t)passed;
    return TG_OK;
}

int tg_machine_replay(struct tg_machine *machine, const char *text, size_t length,
                      struct tg_error *error)
{
    struct reader reader = {.next = text, .end = text + length, .error = error};
    struct tg_input_log *log = machine->log;
    size_t passed = 0;
    int result = read_log(&reader);
    if (result == TG_OK)
        result = count_passed(machine, &reader, &passed);
    if (result == TG_OK)
        result = tg_input_log_reserve(log, reader.count - passed);
    if (result != TG_OK) {
        free(reader.events);
        return result == TG_E_NOMEM ? tg_fail(error, result, "no memory for the input log")
                                    : result;
    }

    /* Nothing has changed so far, and nothing can fail from here on. */
    log->count = log->applied;
    for (size_t i = passed; i < reader.count; i++)
        log->events[log->count++] = reader.events[i];
    log->replay_end = log->count;
    log->has_diverged = false;
    free(reader.events);
    return TG_OK;
}

int tg_machine_replay_error(const struct tg_machine *machine, struct tg_error *ret_error)
{
    if (!machine->log->has_diverged)
        return TG_OK;
    if (ret_error)
        *ret_error = machine->log->divergence;
    return TG_E_DIVERGED;
}
