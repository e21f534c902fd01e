/* What the process service tells the debugger: members. No code. docs/guest-table.md. */
#include "guest_table.h"
#include "process.h"

TG_TABLE_NAMES(stages, "none", "made", "lives", "ending", "zombie");
TG_TABLE_NAMES(jobs, "none", "fork", "exec", "end", "power off");

static const struct tg_guest_field fields[] = {
    TG_TABLE_FIELD_OF("process", TG_TABLE_KIND_KEY, struct member, endpoint, "processes"),
    TG_TABLE_FIELD("pid", TG_TABLE_KIND_NUMBER, struct member, pid),
    TG_TABLE_FIELD("group", TG_TABLE_KIND_NUMBER, struct member, group),
    TG_TABLE_FIELD_OF("stage", TG_TABLE_KIND_ENUM, struct member, stage, &stages),
    TG_TABLE_FIELD_OF("parent", TG_TABLE_KIND_POINTER, struct member, parent, "members"),
    TG_TABLE_FIELD_OF("job", TG_TABLE_KIND_ENUM, struct member, job, &jobs),
    TG_TABLE_FIELD("status", TG_TABLE_KIND_HEX, struct member, status),
    TG_TABLE_FIELD("waits", TG_TABLE_KIND_FLAG, struct member, waits),
};

const struct tg_guest_list family_members_list = {
    .name = "members",
    .meaning = "processes as people see them: pids, parents, children",
    .rows = family.members,
    .count = TP_PROCESSES,
    .step = sizeof family.members[0],
    .fields = fields,
    .field_count = sizeof fields / sizeof *fields,
    .used = 4,
    .key = 2,
    .service = TP_SERVICE_PROCESS + 1,
};
