/*
 * The restart service: what becomes of a server that ended or fell silent. The first time it is
 * started anew at once; if it ends again soon, after a pause that doubles each time; after
 * QUICK_DEATHS of them in a row it is given up, and calls to it fail. What is done is said on the
 * terminal.
 *
 * Drivers and the names can be started anew, as what they know is in their devices or can be told
 * again. The others know things that nobody else does: they are given up at once, which the kernel
 * takes for the end of the system.
 *
 * It also passes crash() on: that a service fails on purpose is the business of its placement.
 * Manual: docs/turnpike.md, "Restart".
 */
#include "turnpike/service.h"

#define TICKS_PER_MS 100000u
#define STABLE_TICKS                                                                               \
    (10000u * TICKS_PER_MS) /* one that lived so long starts with a clean slate                    \
                             */
#define FIRST_PAUSE   (100u * TICKS_PER_MS)
#define LONGEST_PAUSE (3200u * TICKS_PER_MS)
#define QUICK_DEATHS  8u
#define LINE_BYTES    80u

struct watched {
    uint64_t started;  /* when it was last started anew, 0: never */
    uint64_t start_at; /* when it is to be, 0: it runs */
    uint32_t restarts;
    uint32_t quick_deaths; /* in a row */
    bool is_given_up;
    bool is_told; /* line is on its way to the terminal; it must stay as it is */
    char line[LINE_BYTES];
};

static struct {
    struct watched services[TP_SERVICE_COUNT];
} restart;

static const char *const names[TP_SERVICE_COUNT] = {
#define TP_SERVICE(ID, text, ...) [TP_SERVICE_##ID] = (text),
#include "turnpike/services.def"
};

static const bool can_restart[TP_SERVICE_COUNT] = {
    [TP_SERVICE_NAME] = true,
    [TP_SERVICE_DISK] = true,
    [TP_SERVICE_TERMINAL] = true,
    [TP_SERVICE_SOUND] = true,
};

/* --- What is said ----------------------------------------------------------------------------- */

static uint32_t append(char *line, uint32_t length, const char *text)
{
    while (*text && length < LINE_BYTES - 1)
        line[length++] = *text++;
    return length;
}

/* Says a line about a service, on a line of its own. One that is said while the one before has not
 * got through, as the terminal itself may be what is started anew, is lost. */
static void tell(uint32_t service, const char *what)
{
    struct watched *watched = &restart.services[service];
    tp_word args[TP_ARGUMENTS] = {(tp_word)watched->line};
    uint32_t length = 0;

    if (watched->is_told || restart.services[TP_SERVICE_TERMINAL].is_given_up)
        return;
    length = append(watched->line, length, "\nrestart: ");
    length = append(watched->line, length, names[service]);
    length = append(watched->line, length, what);
    args[1] = length;
    watched->is_told = true;
    tp_ask(TP_SERVICE_RESTART, TP_CALL_TERMINAL_WRITE, args, service);
}

static void answered(uint32_t tag, int32_t result)
{
    (void)result; /* the terminal is given up: nobody can be told */
    restart.services[tag].is_told = false;
}

/* --- Starting anew ---------------------------------------------------------------------------- */

/* Asks to be called when the next service is to be started. */
static void set_alarm(void)
{
    uint64_t now = tp_time(), next = UINT64_MAX;

    for (uint32_t i = 0; i < TP_SERVICE_COUNT; i++)
        if (restart.services[i].start_at != 0 && restart.services[i].start_at < next)
            next = restart.services[i].start_at;
    if (next == UINT64_MAX)
        tp_alarm(TP_SERVICE_RESTART, 0);
    else
        tp_alarm(TP_SERVICE_RESTART, next > now ? (uint32_t)(next - now) : 1);
}

static void give_up(uint32_t service)
{
    restart.services[service].is_given_up = true;
    tp_system(TP_SERVICE_RESTART, TP_CALL_GIVE_UP, service, 0, 0, 0);
    tell(service, can_restart[service] ? " ends each time it is started: given up, calls to it fail\n"
                                       : " cannot do without its memory: given up, calls to it fail\n");
}

static void start_anew(uint32_t service)
{
    struct watched *watched = &restart.services[service];

    watched->start_at = 0;
    watched->started = tp_time();
    watched->restarts++;
    if (tp_system(TP_SERVICE_RESTART, TP_CALL_RELOAD, service, 0, 0, 0) < 0)
        give_up(service);
    else
        tell(service, " started anew\n");
}

/* The pause before a start, after so many quick deaths. */
static uint32_t pause_after(uint32_t deaths)
{
    uint32_t pause = FIRST_PAUSE;

    if (deaths == 0)
        return 0;
    while (--deaths > 0 && pause < LONGEST_PAUSE)
        pause *= 2;
    return pause;
}

static void has_died(uint32_t service, bool is_silent)
{
    struct watched *watched = &restart.services[service];
    uint32_t pause;

    if (watched->is_given_up || watched->start_at != 0)
        return;
    if (!can_restart[service]) {
        give_up(service);
        return;
    }
    if (watched->started == 0 || tp_time() - watched->started >= STABLE_TICKS)
        watched->quick_deaths = 0;
    else
        watched->quick_deaths++;
    if (watched->quick_deaths == QUICK_DEATHS) {
        give_up(service);
        return;
    }
    /* A silent one still runs, and being found out has already taken it its time. */
    pause = is_silent ? 0 : pause_after(watched->quick_deaths);
    if (pause == 0) {
        start_anew(service);
        return;
    }
    watched->start_at = tp_time() + pause;
    set_alarm();
}

static void alarm(void)
{
    uint64_t now = tp_time();

    for (uint32_t i = 0; i < TP_SERVICE_COUNT; i++)
        if (restart.services[i].start_at != 0 && restart.services[i].start_at <= now)
            start_anew(i);
    set_alarm();
}

/* --- Calls ------------------------------------------------------------------------------------ */

static int32_t crash(tp_word service, tp_word how, tp_word n)
{
    if (service == TP_SERVICE_SYSTEM || service >= TP_SERVICE_COUNT || how < TP_CRASH_FAULT ||
        how > TP_CRASH_MUTE || n == 0)
        return -TP_EINVAL;
    return tp_system(TP_SERVICE_RESTART, TP_CALL_INJECT, service, how, n, 0);
}

static int32_t list(struct request *request)
{
    uint32_t counts[TP_SERVICE_COUNT];
    uint32_t bytes =
        request->args[1] < sizeof counts ? (uint32_t)request->args[1] : (uint32_t)sizeof counts;

    for (uint32_t i = 0; i < TP_SERVICE_COUNT; i++)
        counts[i] = restart.services[i].restarts;
    return tp_copy_out(request, 0, 0, counts, bytes);
}

static void handle(struct request *request)
{
    const tp_word *args = request->args;
    uint32_t call = request->call, service = (uint32_t)args[0];

    switch (call) {
    case TP_CALL_CRASH:
        tp_answer(request, crash(args[0], args[1], args[2]));
        break;
    case TP_CALL_RESTART_LIST:
        tp_answer(request, list(request));
        break;
    case TP_CALL_SERVER_DEAD:
    case TP_CALL_SILENT:
        tp_answer(request, service < TP_SERVICE_COUNT ? 0 : -TP_EINVAL);
        if (service < TP_SERVICE_COUNT)
            has_died(service, call == TP_CALL_SILENT);
        break;
    default:
        tp_answer(request, -TP_ENOSYS);
        break;
    }
}

const struct service restart_service = {
    .id = TP_SERVICE_RESTART, .handle = handle, .answered = answered, .alarm = alarm};
