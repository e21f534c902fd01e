/*
 * The counts of a run as JSON, for --stats. Names and meaning: docs/formats.md.
 */
#ifndef TOOL_STATS_H
#define TOOL_STATS_H

#include <stdbool.h>

#include "tollgate.h"

/* Writes path. False after printing why. */
bool stats_write(const struct tg_machine *machine, const struct tg_stop *stop, const char *path);

#endif
