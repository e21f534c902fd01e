/*
 * The smallest kernel that a debugger can look into: two processes that wait for each other for ever, and the table that tells
 * of them. docs/guest-table.md goes through it line by line. As in a kernel that has only begun, nobody runs.
 */
#include "guest_table.h"

enum state { FREE, READY, RUNNING, WAITING };

struct process {
    int32_t pid;
    uint32_t state; /* enum state */
    char name[12];
    struct process *waits_for;
    uint32_t waits_in; /* the call */
};

static struct process processes[4] = {
    {1, WAITING, "ping", &processes[1], 1},
    {2, WAITING, "pong", &processes[0], 0},
};

/* --- For the debugger --------------------------------------------------------------------------- */

TG_TABLE_NAMES(states, "free", "ready", "running", "waiting");

static const struct tg_guest_field process_fields[] = {
    TG_TABLE_FIELD("pid", TG_TABLE_KIND_SIGNED, struct process, pid),
    TG_TABLE_FIELD_OF("state", TG_TABLE_KIND_ENUM, struct process, state, &states),
    TG_TABLE_FIELD("name", TG_TABLE_KIND_TEXT, struct process, name),
    TG_TABLE_FIELD_OF("waits_for", TG_TABLE_KIND_POINTER, struct process, waits_for, "processes"),
    TG_TABLE_FIELD_OF("waits_in", TG_TABLE_KIND_INDEX, struct process, waits_in, "calls"),
};

static const struct tg_guest_list process_list = {
    .name = "processes",
    .rows = processes,
    .count = 4,
    .step = sizeof processes[0],
    .fields = process_fields,
    .field_count = 5,
    .used = 2, /* the second field: a process that is free is none */
    .key = 1,  /* the first one */
};

TG_TABLE_NAMES(call_names, "send", "receive");

static const struct tg_guest_list call_list = {.name = "calls", .count = 2, .names = &call_names};

static const struct tg_guest_list *const lists[] = {&process_list, &call_list};

const struct tg_guest_table tollgate_guest_table = {
    .magic = TG_TABLE_MAGIC,
    .version = TG_TABLE_VERSION,
    .name = "two who wait",
    .lists = lists,
    .list_count = 2,
    .bias = 0, /* virtual addresses are physical ones */
    .call_vector = 64,
    .call_register = 17, /* a7 */
};

int main(void)
{
    return 0;
}
