/*
 * When a point counts: CPU, ring, process and an expression, as they stand behind its place.
 */
#ifndef DEBUGGER_CONDITIONS_H
#define DEBUGGER_CONDITIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "debug/debug.h"

struct debugger;

struct points_limits {
    uint32_t cpu, ring;    /* TG_DEBUG_ANY: every one */
    char process[64];      /* name or pid; "": every one */
    const char *condition; /* text of an expression; NULL: none */
};

void conditions_init(struct points_limits *limits);

/* Reads "[cpu N] [ring N] [process X] [if EXPRESSION]" to the end of text, which must live as long as limits. False after
 * complaining. */
bool conditions_read(struct debugger *d, const char *command, const char *text, struct points_limits *ret_limits);

/* Makes of process and condition what the core asks; all zero where there is neither. False after complaining. */
bool conditions_make(struct debugger *d, const char *command, const struct points_limits *limits,
                     struct tg_debug_condition *ret_condition);

/* Why the point's condition could not be evaluated when it was last reached (then it stops); NULL: it could. */
const char *conditions_failure(const struct tg_debug_point *point);

/* For those who make points: begins one, adds it with the words that it was made of. False after complaining. */
void points_new(struct tg_debug_point *point, enum tg_debug_point_kind kind);
bool points_add(struct debugger *d, const char *command, struct tg_debug_point *point, const struct points_limits *limits,
                const char *text);

#endif
