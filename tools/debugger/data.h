/*
 * What is displayed at every stop.
 */
#ifndef DEBUGGER_DATA_H
#define DEBUGGER_DATA_H

#include <stdbool.h>

#include "args.h"

struct data_display {
    struct data_display *next;
    unsigned number;
    char *text, format[ARGS_FORMAT_BYTES];
    bool is_memory; /* as x shows it, not print */
    bool is_enabled;
};

void data_show_displays(struct debugger *d);
void data_forget_displays(struct debugger *d);

#endif
