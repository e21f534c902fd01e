/*
 * A server's table for the debugger: the lists of the one service that is in this program, at its addresses. What the lists
 * look like the kernel's table says too (kernel/guest.c). Manual: docs/guest-table.md.
 */
#include "guest_table.h"

/* Weak: NULL if the list's service is not in this program. */
#define TP_LIST(list) extern const struct tg_guest_list list __attribute__((weak));
#include "turnpike/lists.def"

static const struct tg_guest_list *const lists[] = {
#define TP_LIST(list) &list,
#include "turnpike/lists.def"
};

const struct tg_guest_table tollgate_guest_table = {
    .magic = TG_TABLE_MAGIC,
    .version = TG_TABLE_VERSION,
    .name = "a server of Turnpike",
    .lists = lists,
    .list_count = sizeof lists / sizeof *lists,
    .bias = TG_TABLE_PAGED,
    .call_vector = TG_TABLE_NO_CALLS,
};
