/*
 * Where the machine stands and why, in the same few lines each time: reasons, CPU, ring, process, place, source line,
 * instruction, then what is displayed.
 */
#ifndef DEBUGGER_STOP_H
#define DEBUGGER_STOP_H

struct debugger;
struct tg_debug_stop;

/* Makes the stop what is looked at, shows it, and notes the commands that belong to its points. */
void stop_show(struct debugger *d, const struct tg_debug_stop *stop);

/* One line of reason, as of a point that only logs. */
void stop_show_log(struct debugger *d, const struct tg_debug_stop *stop);

/* The place alone: of the frame that is looked at. */
void stop_show_place(struct debugger *d);

#endif
