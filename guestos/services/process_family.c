/*
 * Families of processes: pids, parents and children, groups, signals, ends and waiting for them.
 *
 * The end of a process: the kernel stops it (it never runs again, its calls are cancelled); when
 * the last of them is answered, JOB_END frees its files and memory; then it is a zombie until its
 * parent has asked for the status. Its children go to init at once.
 */
#include "process.h"

#define PID_MAX    32767
#define SIGNAL_MAX 31

struct family family;

/* All members: m is the variable. */
#define EACH_MEMBER(m)                                                                             \
    struct member *m = family.members;                                                             \
    m < family.members + family.end;                                                               \
    m++

struct member *family_find(uint32_t endpoint)
{
    struct member *member = &family.members[TP_ENDPOINT_SLOT(endpoint) % TP_PROCESSES];

    return member->stage != STAGE_NONE && member->endpoint == endpoint ? member : NULL;
}

static struct member *find_pid(int32_t pid)
{
    for (EACH_MEMBER(m))
        if (m->stage != STAGE_NONE && m->pid == pid)
            return m;
    return NULL;
}

static bool is_group(int32_t group)
{
    for (EACH_MEMBER(m))
        if (m->stage != STAGE_NONE && m->group == group)
            return true;
    return false;
}

/* --- Beginning ------------------------------------------------------------------------------- */

/* As a pid or a group's number, which outlives its leader. */
static bool is_used(int32_t number)
{
    for (EACH_MEMBER(m))
        if ((m->pid == number || m->group == number) && m->stage != STAGE_NONE)
            return true;
    return false;
}

static int32_t new_pid(void)
{
    do {
        if (family.last_pid == PID_MAX) {
            family.last_pid = INIT_PID;
            family.has_used_all = true;
        }
        family.last_pid++;
    } while (family.has_used_all && is_used(family.last_pid));
    return family.last_pid;
}

static void link_child(struct member *parent, struct member *child)
{
    child->parent = parent;
    child->next_sibling = parent->first_child;
    child->sibling_link = &parent->first_child;
    if (child->next_sibling)
        child->next_sibling->sibling_link = &child->next_sibling;
    parent->first_child = child;
}

static void unlink_child(struct member *child)
{
    *child->sibling_link = child->next_sibling;
    if (child->next_sibling)
        child->next_sibling->sibling_link = child->sibling_link;
}

static struct member *add(uint32_t endpoint, int32_t pid)
{
    uint32_t slot = TP_ENDPOINT_SLOT(endpoint) % TP_PROCESSES;
    struct member *member = &family.members[slot];

    *member = (struct member){.endpoint = endpoint, .pid = pid, .group = pid, .stage = STAGE_MADE};
    if (slot >= family.end)
        family.end = slot + 1;
    return member;
}

struct member *family_start(void)
{
    int32_t endpoint = process_kernel(TP_CALL_CREATE, 0, INIT_PID, 0, 0);

    if (endpoint < 0)
        report_no_init(endpoint);
    family.last_pid = INIT_PID;
    family.init = add((uint32_t)endpoint, INIT_PID);
    return family.init;
}

int32_t family_add(struct member *parent, struct member **ret_child)
{
    int32_t pid = new_pid();
    int32_t endpoint = process_kernel(TP_CALL_CREATE, parent->endpoint, (tp_word)pid, 0, 0);
    struct member *child;

    if (endpoint < 0)
        return endpoint;
    child = add((uint32_t)endpoint, pid);
    child->group = parent->group;
    link_child(parent, child);
    *ret_child = child;
    return 0;
}

void family_run(struct member *member)
{
    member->stage = STAGE_LIVES;
    if (member->is_doomed)
        family_end(member, member->status);
    else
        process_kernel(TP_CALL_START, member->endpoint, 0, 0, 0);
}

void family_remove(struct member *member)
{
    unlink_child(member);
    member->stage = STAGE_NONE;
    process_kernel(TP_CALL_DESTROY, member->endpoint, 0, 0, 0);
}

/* --- Waiting --------------------------------------------------------------------------------- */

/* Whether a child is one of those that WAIT's argument means. */
static bool is_meant(const struct member *parent, const struct member *child, int32_t pid)
{
    if (pid > 0)
        return child->pid == pid;
    if (pid == -1)
        return true;
    return child->group == (pid == 0 ? parent->group : -pid);
}

/* Gives a zombie's status to the parent's WAIT. If its memory does not take it the zombie stays. */
static void reap(struct member *child, struct request *request)
{
    int32_t pid = child->pid;
    int32_t result = tp_copy_out(request, 1, 0, &child->status, sizeof child->status);

    if (result == 0)
        family_remove(child);
    tp_answer(request, result < 0 ? result : pid);
}

void family_wait(struct member *parent, struct request *request)
{
    int32_t pid = (int32_t)request->args[0];
    uint32_t options = (uint32_t)request->args[2];
    bool has_any = false;

    if (options & ~TP_WAIT_NOHANG) {
        tp_answer(request, -TP_EINVAL);
        return;
    }
    for (struct member *child = parent->first_child; child; child = child->next_sibling) {
        if (!is_meant(parent, child, pid))
            continue;
        if (child->stage == STAGE_ZOMBIE) {
            reap(child, request);
            return;
        }
        has_any = true;
    }
    if (!has_any)
        tp_answer(request, -TP_ECHILD);
    else if (options & TP_WAIT_NOHANG)
        tp_answer(request, 0);
    else
        parent->waits = request;
}

/* A child of the parent has become a zombie, or a zombie has become its child. */
static void tell(struct member *parent, struct member *zombie)
{
    struct request *request = parent->waits;

    if (!request || !is_meant(parent, zombie, (int32_t)request->args[0]))
        return;
    parent->waits = NULL;
    reap(zombie, request);
}

/* --- The end --------------------------------------------------------------------------------- */

void family_end(struct member *member, uint32_t status)
{
    if (member->stage == STAGE_MADE && !member->is_doomed) {
        member->is_doomed = true;
        member->status = status;
    }
    if (member->stage != STAGE_LIVES)
        return;
    member->stage = STAGE_ENDING;
    member->status = status;
    if (process_kernel(TP_CALL_STOP, member->endpoint, 0, 0, 0) != -TP_EAGAIN)
        process_queue_job(member, JOB_END, NULL);
}

void family_gone(struct member *member)
{
    if (member->stage == STAGE_ENDING)
        process_queue_job(member, JOB_END, NULL);
}

void family_bury(struct member *member)
{
    struct member *child;

    if (member == family.init)
        report_init_ended(member->status);
    while ((child = member->first_child)) {
        unlink_child(child);
        link_child(family.init, child);
        if (child->stage == STAGE_ZOMBIE)
            tell(family.init, child);
    }
    member->stage = STAGE_ZOMBIE;
    tell(member->parent, member);
}

/* --- Signals and groups ---------------------------------------------------------------------- */

/* All signals end a process but SIGCHLD, which is for those who want to know. */
static int32_t send_signal(struct member *member, uint32_t signal)
{
    if (signal == 0 || signal == TP_SIGCHLD)
        return 0;
    if (member == family.init)
        return -TP_EPERM;
    family_end(member, TP_STATUS_SIGNAL(signal));
    return 0;
}

/* To those of a group, or of any if it is 0, who have not ended; but never to init. */
static int32_t signal_group(int32_t group, uint32_t signal, const struct member *except)
{
    int32_t result = -TP_ESRCH;

    for (EACH_MEMBER(m)) {
        if (m->stage == STAGE_NONE || m->stage == STAGE_ZOMBIE || m == family.init || m == except ||
            (group && m->group != group))
            continue;
        result = send_signal(m, signal);
    }
    return result;
}

int32_t family_kill(struct member *caller, int32_t pid, uint32_t signal)
{
    struct member *member;

    if (signal > SIGNAL_MAX)
        return -TP_EINVAL;
    if (pid == -1)
        return signal_group(0, signal, caller);
    if (pid == 0)
        return caller ? signal_group(caller->group, signal, NULL) : -TP_ESRCH;
    if (pid < 0)
        return pid == INT32_MIN ? -TP_ESRCH : signal_group(-pid, signal, NULL);
    member = find_pid(pid);
    return member ? send_signal(member, signal) : -TP_ESRCH;
}

int32_t family_set_group(struct member *caller, int32_t pid, int32_t group)
{
    struct member *member = pid == 0 ? caller : find_pid(pid);

    if (group < 0)
        return -TP_EINVAL;
    if (!member || (member != caller && member->parent != caller))
        return -TP_ESRCH;
    if (group == 0)
        group = member->pid;
    if (group != member->pid && !is_group(group))
        return -TP_EPERM;
    member->group = group;
    return 0;
}

int32_t family_get_group(struct member *caller, int32_t pid)
{
    struct member *member = pid == 0 ? caller : find_pid(pid);

    return member ? member->group : -TP_ESRCH;
}

/* --- The list -------------------------------------------------------------------------------- */

int32_t family_list(struct request *request)
{
    uint32_t room = (uint32_t)request->args[1] / sizeof(struct tp_process_info), count = 0;

    for (uint32_t slot = 0; slot < TP_PROCESSES && count < room; slot++) {
        struct tp_process_info info;
        const struct member *member;

        if (process_kernel(TP_CALL_INSPECT, slot, (tp_word)&info, 0, 0) < 0 ||
            info.state == TP_RUN_FREE)
            continue;
        member = family_find(info.endpoint);
        if (member) {
            info.pid = member->pid;
            info.parent = member->parent ? member->parent->pid : 0;
            info.group = member->group;
            if (member->stage == STAGE_ZOMBIE)
                info.state = TP_RUN_DEAD;
        }
        if (tp_copy_out(request, 0, count * (uint32_t)sizeof info, &info, sizeof info) < 0)
            return -TP_EFAULT;
        count++;
    }
    return (int32_t)count;
}
