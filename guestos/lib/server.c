/*
 * A service in a process of its own: the primitives of turnpike/service.h as calls to the kernel, and the loop
 * that turns the kernel's events into calls of the service's functions. Counterpart of
 * kernel/primitives.c; the service's object file is the same in both.
 */
#include "gate.h"
#include "turnpike/crash.h"
#include "turnpike/service.h"
#include "tg32.h"

/* One of them is in this program; the others are NULL. */
static const struct service *const candidates[] = {
#define TP_SERVICE(ID, name, ring, mask, code, meaning) &code,
#include "turnpike/services.def"
};

/* Asks that the kernel refused, until the service has heard of it. */
#define REFUSED 16

static struct {
    uint32_t answered;                    /* handle of the answer that goes with the next SERVE, or 0 */
    int32_t result;
    uint32_t refused_count;
    struct {
        uint32_t tag;
        int32_t result;
    } refused[REFUSED];
    bool is_mute; /* no request is to be answered any more (tp_crash) */
    struct request requests[TP_REQUESTS]; /* by the index of their handles */
} server;

/* --- Primitives ---------------------------------------------------------------------------------- */

static __attribute__((noinline)) void answer_both(struct request *request, int32_t result)
{
    tp_trap(TP_CALL_ANSWER, server.answered, (tp_word)server.result, 0, 0, 0, 0);
    server.answered = request->handle;
    server.result = result;
}

/* Most answers are a handler's last act: such a one goes with SERVE, which saves a trap. */
void tp_answer(struct request *request, int32_t result)
{
    if (server.answered) {
        answer_both(request, result);
        return;
    }
    server.answered = request->handle;
    server.result = result;
}

int tp_copy_in(struct request *request, unsigned argument, uint32_t offset, void *to, uint32_t bytes)
{
    return tp_trap(TP_CALL_COPY_IN, request->handle, argument, offset, (tp_word)to, bytes, 0);
}

int tp_copy_out(struct request *request, unsigned argument, uint32_t offset, const void *from,
                uint32_t bytes)
{
    return tp_trap(TP_CALL_COPY_OUT, request->handle, argument, offset, (tp_word)from, bytes, 0);
}

int tp_copy_path(struct request *request, unsigned argument, char *to)
{
    return tp_trap(TP_CALL_COPY_IN, request->handle, argument, 0, (tp_word)to, TP_PATH_BYTES, 0);
}

void tp_ask(enum tp_service asker, enum tp_call call, const tp_word args[TP_ARGUMENTS], uint32_t tag)
{
    int32_t result = tp_trap(TP_CALL_ASK, call, (tp_word)args, tag, 0, 0, 0);

    (void)asker;
    if (result == 0)
        return;
    if (server.refused_count == REFUSED)
        tp_fail("the kernel refuses too many calls to other services");
    server.refused[server.refused_count].tag = tag;
    server.refused[server.refused_count++].result = result;
}

int32_t tp_system(enum tp_service asker, enum tp_call call, tp_word a0, tp_word a1, tp_word a2,
                  tp_word a3)
{
    (void)asker;
    return tp_trap(call, a0, a1, a2, a3, 0, 0);
}

void tp_alarm(enum tp_service asker, uint32_t ticks)
{
    (void)asker;
    tp_trap(TP_CALL_ALARM, ticks, 0, 0, 0, 0, 0);
}

uint64_t tp_time(void)
{
    uint32_t high, low;

    do {
        high = tg_rdcr(TG_CR_TIMEH);
        low = tg_rdcr(TG_CR_TIME);
    } while (high != tg_rdcr(TG_CR_TIMEH));
    return (uint64_t)high << 32 | low;
}

void tp_interrupt_done(uint32_t source)
{
    tp_trap(TP_CALL_INTERRUPT_DONE, source, 0, 0, 0, 0, 0);
}

_Noreturn void tp_fail(const char *why)
{
    uint32_t bytes = 0;

    while (why[bytes])
        bytes++;
    for (;;)
        tp_trap(TP_CALL_FAIL, (tp_word)why, bytes, 0, 0, 0, 0);
}

/* --- Events -------------------------------------------------------------------------------------- */

/* Words of an event (turnpike/abi.h): a1 to a7, t0, t1. */
struct words {
    uint32_t word[9];
};

/* The next event: what it is, and its words. */
static inline enum tp_event serve(struct words *words)
{
    register uint32_t a0 __asm__("a0") = server.answered;
    register uint32_t a1 __asm__("a1") = (uint32_t)server.result;
    register uint32_t a2 __asm__("a2");
    register uint32_t a3 __asm__("a3");
    register uint32_t a4 __asm__("a4");
    register uint32_t a5 __asm__("a5");
    register uint32_t a6 __asm__("a6");
    register uint32_t a7 __asm__("a7") = TP_CALL_SERVE;
    register uint32_t t0 __asm__("t0");
    register uint32_t t1 __asm__("t1");

    server.answered = 0;
    __asm__ volatile(TP_TRAP
                     : "+r"(a0), "+r"(a1), "=r"(a2), "=r"(a3), "=r"(a4), "=r"(a5), "=r"(a6),
                       "+r"(a7), "=r"(t0), "=r"(t1)
                     :
                     : "memory", "t2", "t3", "t4", "t5", "t6");
    *words = (struct words){{a1, a2, a3, a4, a5, a6, a7, t0, t1}};
    return (enum tp_event)a0;
}

static inline void take_request(const struct service *service, const struct words *words)
{
    struct request *request = &server.requests[TP_HANDLE_INDEX(words->word[0])];

    request->handle = words->word[0];
    request->caller = words->word[1];
    request->call = words->word[2];
    for (uint32_t i = 0; i < TP_ARGUMENTS; i++)
        request->args[i] = words->word[3 + i];
    if (!server.is_mute)
        service->handle(request);
}

static void take_cancel(const struct service *service, uint32_t handle)
{
    struct request *request = &server.requests[TP_HANDLE_INDEX(handle)];

    if (service->cancel && request->handle == handle && server.answered != handle)
        service->cancel(request);
}

static __attribute__((noinline)) void take_other(const struct service *service, enum tp_event event,
                                                 uint32_t value, int32_t result)
{
    switch (event) {
    case TP_EVENT_CANCEL: take_cancel(service, value); break;
    case TP_EVENT_ANSWERED: service->answered(value, result); break;
    case TP_EVENT_INTERRUPT: service->interrupt(value); break;
    case TP_EVENT_ALARM: service->alarm(); break;
    case TP_EVENT_CRASH:
        server.is_mute = value == TP_CRASH_MUTE;
        tp_crash((enum tp_crash)value);
        break;
    default: tp_fail("the kernel tells of an event that is none");
    }
}

static __attribute__((noinline)) const struct service *find_service(void)
{
    for (uint32_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
        if (candidates[i])
            return candidates[i];
    tp_fail("there is no service in this program");
}

/* The kernel starts it with sp at the end of the stack. */
_Noreturn void _start(void);

_Noreturn void _start(void)
{
    const struct service *service = find_service();
    struct words words;
    enum tp_event event;

    if (service->start)
        service->start();
    for (;;) {
        while (server.refused_count > 0) {
            server.refused_count--;
            service->answered(server.refused[server.refused_count].tag,
                              server.refused[server.refused_count].result);
        }
        event = serve(&words);
        if (event == TP_EVENT_REQUEST) /* nearly always */
            take_request(service, &words);
        else
            take_other(service, event, words.word[0], (int32_t)words.word[1]);
    }
}
