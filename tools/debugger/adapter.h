/*
 * What the debugger's core asks about programs and the guest, answered from what this front end has opened.
 */
#ifndef DEBUGGER_ADAPTER_H
#define DEBUGGER_ADAPTER_H

struct debugger;

/* Makes the core over the machine, opens the guest's table if it has one, and connects both. Returns 0 or an error. */
int adapter_begin(struct debugger *d);
void adapter_end(struct debugger *d);

#endif
