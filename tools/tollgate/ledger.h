/*
 * The ledger: a line for each crossing between contexts, entries and returns. Text, or JSON Lines where the file's name
 * ends in .jsonl. The format is in docs/formats.md.
 */
#ifndef TOOL_LEDGER_H
#define TOOL_LEDGER_H

#include <stdbool.h>
#include <stdio.h>

#include "tollgate.h"

struct ledger {
    FILE *stream;
    bool is_json;
    const struct tg_machine *machine;
};

/* Opens path and writes the heading. False after printing why. */
bool ledger_open(struct ledger *ledger, const char *path);
void ledger_note_entry(void *ledger, const struct tg_entry_event *event);
void ledger_note_return(void *ledger, const struct tg_return_event *event);

/* Closes; false after printing why, if anything could not be written. */
bool ledger_close(struct ledger *ledger, const char *path);

#endif
