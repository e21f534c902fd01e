/*
 * The name service: which endpoint has a name. A process has at most one name, until it ends or
 * takes another, so there is always room; the services have theirs from services.def and cannot
 * lose them. That a process has ended the service learns by asking the kernel when the name is
 * looked up: the endpoint's generation tells it from a successor in the same slot.
 *
 * It also serves PING, the call that does nothing, by which the price of a crossing is measured.
 * Manual: docs/turnpike.md, "Names".
 */
#include "turnpike/service.h"

#define NAME_BYTES 32 /* longest name with its zero byte */

struct name_entry {
    uint32_t endpoint; /* 0: none, as SYSTEM never registers */
    char text[NAME_BYTES];
};

/* By slot. Lost at a restart, as the rows are the processes' own: they register again. */
static struct {
    struct name_entry entries[TP_PROCESSES];
} name;

static const char *const service_names[TP_SERVICE_COUNT] = {
#define TP_SERVICE(ID, text, ...) [TP_SERVICE_##ID] = (text),
#include "turnpike/services.def"
};

static bool is_same_text(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static bool is_running(uint32_t endpoint)
{
    struct tp_process_info info;

    if (tp_system(TP_SERVICE_NAME, TP_CALL_INSPECT, TP_ENDPOINT_SLOT(endpoint), (tp_word)&info, 0,
                  0) < 0)
        return false;
    return info.endpoint == endpoint &&
           (info.state == TP_RUN_READY || info.state == TP_RUN_RUNNING ||
            info.state == TP_RUN_WAITING);
}

/* The endpoint that has the name, or -TP_ENOENT. */
static int32_t find(const char *text)
{
    for (uint32_t i = 0; i < TP_SERVICE_COUNT; i++)
        if (is_same_text(service_names[i], text))
            return (int32_t)i;
    for (uint32_t i = 0; i < TP_PROCESSES; i++) {
        struct name_entry *entry = &name.entries[i];

        if (entry->endpoint == 0 || !is_same_text(entry->text, text))
            continue;
        if (is_running(entry->endpoint))
            return (int32_t)entry->endpoint;
        entry->endpoint = 0;
    }
    return -TP_ENOENT;
}

static int32_t register_name(uint32_t caller, const char *text, uint32_t length)
{
    uint32_t slot = TP_ENDPOINT_SLOT(caller);
    int32_t owner;

    if (caller < TP_SERVICE_COUNT || slot >= TP_PROCESSES)
        return -TP_EPERM;
    if (length == 0)
        return -TP_EINVAL;
    if (length >= NAME_BYTES)
        return -TP_ENAMETOOLONG;
    owner = find(text);
    if (owner >= 0 && (uint32_t)owner != caller)
        return -TP_EEXIST;

    for (uint32_t i = 0; i <= length; i++)
        name.entries[slot].text[i] = text[i];
    name.entries[slot].endpoint = caller;
    return 0;
}

static void handle(struct request *request)
{
    char text[TP_PATH_BYTES];
    int length;

    if (request->call == TP_CALL_PING) {
        tp_answer(request, (int32_t)request->args[0]);
        return;
    }
    length = tp_copy_path(request, 0, text);
    if (length < 0)
        tp_answer(request, length);
    else if (request->call == TP_CALL_REGISTER)
        tp_answer(request, register_name(request->caller, text, (uint32_t)length));
    else
        tp_answer(request, find(text));
}

const struct service name_service = {.id = TP_SERVICE_NAME, .handle = handle};
