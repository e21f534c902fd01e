/*
 * Lists of the debugger's (guest.c) whose rows nobody else knows: each is beside them.
 */
#ifndef KERNEL_GUEST_H
#define KERNEL_GUEST_H

#include "guest_table.h"

extern const struct tg_guest_list k_grants_list; /* grant.c */
extern const struct tg_guest_list k_cpus_list;   /* cpu.c */
extern const struct tg_guest_list k_ports_list;  /* server.c */

#endif
