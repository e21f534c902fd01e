/*
 * What --keys and --serial-input hold for the guest, given a piece at a time whenever it waits for input.
 */
#ifndef TOOL_FEED_H
#define TOOL_FEED_H

#include <stdbool.h>
#include <stddef.h>

#include "setup.h"

struct feed {
    const struct setup *setup;
    void *context;
    int (*type)(void *context, const char *text, size_t length); /* as tg_machine_type and tg_machine_input */
    int (*input)(void *context, struct tg_input input);
    size_t keys_used, serial_used;
};

/* Gives to the machine itself, which has been made by setup_machine with the first bytes for the serial console. */
void feed_begin(struct feed *feed, const struct setup *setup, struct tg_machine *machine);

bool feed_has_more(const struct feed *feed);

/* Gives the next piece: for the serial console as long as there is any, then the next line of keys. */
void feed_give(struct feed *feed);

#endif
