/*
 * Processes of the guest.
 */
#ifndef DEBUGGER_GUEST_H
#define DEBUGGER_GUEST_H

#include <stdbool.h>
#include <stdint.h>

struct debugger;
struct tg_guest_process;

/* By the number of its row. */
bool guest_by_number(struct debugger *d, uint32_t number, struct tg_guest_process *ret_process);

#endif
