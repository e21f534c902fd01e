/*
 * Changes to the machine by hand, and what they do to history.
 */
#ifndef DEBUGGER_CHANGING_H
#define DEBUGGER_CHANGING_H

struct debugger;
struct tg_debug_change;

/* Says that a change in the past has dropped what came later. */
void changing_report(struct debugger *d, const struct tg_debug_change *change);

#endif
