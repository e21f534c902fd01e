/*
 * Grants: a process lets another one copy from or to a part of its memory, for what does not fit
 * into a message. A grant is a number that means something only to the one it was given to; it ends
 * when it is revoked, and with the memory of who gave it.
 */
#include "kernel/grant.h"

#include "kernel/guest.h"
#include "kernel/request.h"

#define GRANTS 256

static struct grant {
    uint32_t owner, holder; /* endpoints; owner 0: free */
    uint32_t address, bytes;
    uint32_t rights; /* TP_GRANT_... */
    uint32_t generation;
} grants[GRANTS];

uint32_t k_grant_count;

static uint32_t number_of(const struct grant *grant)
{
    return (uint32_t)(grant - grants) | (grant->generation & 0x7fffff) << 8;
}

static struct grant *find(uint32_t number)
{
    struct grant *grant = &grants[number % GRANTS];

    return grant->owner != 0 && number_of(grant) == number ? grant : NULL;
}

static void drop(struct grant *grant)
{
    grant->owner = 0;
    grant->generation++;
    k_grant_count--;
}

void k_grants_drop(const struct process *owner)
{
    for (struct grant *grant = grants; k_grant_count > 0 && grant < grants + GRANTS; grant++)
        if (grant->owner == owner->endpoint)
            drop(grant);
}

K_CALL(GRANT)
{
    if (args[3] == 0 || (args[3] & ~(TP_GRANT_READ | TP_GRANT_WRITE)) || !k_process_at(args[0]) ||
        caller->endpoint == 0)
        return -TP_EINVAL;
    for (struct grant *grant = grants; grant < grants + GRANTS; grant++)
        if (grant->owner == 0) {
            *grant = (struct grant){caller->endpoint, args[0],  args[1],
                                    args[2],          args[3], grant->generation};
            k_grant_count++;
            return (int32_t)number_of(grant);
        }
    return -TP_EAGAIN;
}

K_CALL(REVOKE)
{
    struct grant *grant = find(args[0]);

    if (!grant || grant->owner != caller->endpoint)
        return -TP_EINVAL;
    drop(grant);
    return 0;
}

/* The memory that a copy of args (endpoint, grant, offset, ..., bytes) is about. */
static int32_t look_up(const struct process *caller, const uint32_t *args, uint32_t right,
                       struct process **ret_owner, uint32_t *ret_address)
{
    const struct grant *grant = find(args[1]);

    if (!grant || grant->owner != args[0] || grant->holder != caller->endpoint ||
        !(grant->rights & right))
        return -TP_EPERM;
    if (args[2] > grant->bytes || args[4] > grant->bytes - args[2])
        return -TP_EFAULT;
    *ret_owner = k_process_at(grant->owner);
    *ret_address = grant->address + args[2];
    return *ret_owner ? 0 : -TP_ESRCH;
}

K_CALL(COPY_FROM)
{
    struct process *owner;
    uint32_t address;
    int32_t status = look_up(caller, args, TP_GRANT_READ, &owner, &address);

    return status != 0 ? status : k_move(caller, args[3], owner, address, args[4]);
}

K_CALL(COPY_TO)
{
    struct process *owner;
    uint32_t address;
    int32_t status = look_up(caller, args, TP_GRANT_WRITE, &owner, &address);

    return status != 0 ? status : k_move(owner, address, caller, args[3], args[4]);
}

/* --- For the debugger ----------------------------------------------------------------------------- */

TG_TABLE_NAMES(rights, "read", "write");

static const struct tg_guest_field fields[] = {
    TG_TABLE_FIELD_OF("owner", TG_TABLE_KIND_KEY, struct grant, owner, "processes"),
    TG_TABLE_FIELD_OF("holder", TG_TABLE_KIND_KEY, struct grant, holder, "processes"),
    TG_TABLE_FIELD("address", TG_TABLE_KIND_HEX, struct grant, address),
    TG_TABLE_FIELD("bytes", TG_TABLE_KIND_NUMBER, struct grant, bytes),
    TG_TABLE_FIELD_OF("rights", TG_TABLE_KIND_BITS, struct grant, rights, &rights),
};

const struct tg_guest_list k_grants_list = {
    .name = "grants",
    .meaning = "memory that one process lets another one copy",
    .rows = grants,
    .count = GRANTS,
    .step = sizeof grants[0],
    .fields = fields,
    .field_count = sizeof fields / sizeof *fields,
    .used = 1,
};
