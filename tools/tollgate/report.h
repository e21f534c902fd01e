/*
 * What a person needs to know when a guest fails: the failure in words, registers, the last exceptions, the last
 * instructions.
 */
#ifndef TOOL_REPORT_H
#define TOOL_REPORT_H

#include <signal.h>
#include <stdbool.h>

#include "setup.h"
#include "tollgate.h"

#define REPORT_EXCEPTIONS 4

/* The last exceptions (not interrupts, not traps), kept by an observer while the machine runs. */
struct report_history {
    struct tg_entry_event events[REPORT_EXCEPTIONS];
    uint64_t insns[REPORT_EXCEPTIONS];
    uint64_t count;
    const struct tg_machine *machine;
};

/* Set by a signal handler: the second run ends soon, and the report without the last instructions. */
extern volatile sig_atomic_t report_is_interrupted;

void report_note_entry(void *history, const struct tg_entry_event *event);

/* Prints the report to standard error. The last instructions come from running the machine again from setup and its input
 * log up to the same point, so they cost nothing until they are needed. There is never room for two machines: *machine
 * is destroyed on the way, and *machine is then the second one (NULL if it could not be made).
 *
 * Of a panic only the head is printed if the guest has written its own report (is_told): what the machine does at that
 * point is the writing of it. */
void report_print(const struct setup *setup, struct tg_machine **machine, const struct tg_stop *stop,
                  const struct report_history *history, bool is_told);

#endif
