/*
 * The primitives of turnpike/service.h for services in the kernel: direct calls. Their counterparts
 * for servers are traps (lib/server.c, and the calls below), which end in the same functions.
 */
#include <string.h>

#include "kernel/copy.h"
#include "kernel/frames.h"
#include "kernel/interrupt.h"
#include "kernel/panic.h"
#include "kernel/placement.h"

/* --- In the kernel ------------------------------------------------------------------------------- */

void tp_answer(struct request *request, int32_t result)
{
    k_request_answer((struct k_request *)request, result);
}

static int copy(struct request *request, unsigned argument, uint32_t offset, const void *here,
                uint32_t bytes, enum k_direction direction)
{
    struct process *service = k_services[k_calls[request->call].service].process;

    return k_request_copy((struct k_request *)request, argument, offset, service,
                          (uint32_t)(uintptr_t)here, bytes, direction);
}

int tp_copy_in(struct request *request, unsigned argument, uint32_t offset, void *to, uint32_t bytes)
{
    return copy(request, argument, offset, to, bytes, K_COPY_IN);
}

int tp_copy_out(struct request *request, unsigned argument, uint32_t offset, const void *from,
                uint32_t bytes)
{
    return copy(request, argument, offset, from, bytes, K_COPY_OUT);
}

int tp_copy_path(struct request *request, unsigned argument, char *to)
{
    struct k_request *own = (struct k_request *)request;
    struct process *service = k_services[k_calls[request->call].service].process;

    return k_request_copy_path(own, argument, service, (uint32_t)(uintptr_t)to);
}

void tp_ask(enum tp_service asker, enum tp_call call, const tp_word args[TP_ARGUMENTS], uint32_t tag)
{
    struct k_request *request = k_request_take();

    if (!request || !(k_calls[call].who & K_WHO_SERVICE(asker)))
        k_panic("%s asks for call %d: %s", k_services[asker].name, call,
                request ? "it may not" : "there is no request left");
    request->tag = tag;
    k_request_put(request, k_services[asker].process, call, (const uint32_t *)args, K_TO_SERVICE);
}

int32_t tp_system(enum tp_service asker, enum tp_call call, tp_word a0, tp_word a1, tp_word a2,
                  tp_word a3)
{
    const uint32_t args[TP_ARGUMENTS] = {a0, a1, a2, a3};

    if (!(k_calls[call].who & K_WHO_SERVICE(asker)))
        return -TP_EPERM;
    return k_calls[call].serve(k_services[asker].process, args);
}

static void ring(struct alarm *alarm)
{
    for (uint32_t id = 0; id < TP_SERVICE_COUNT; id++)
        if (alarm == &k_services[id].alarm) {
            k_services[id].is_rung = true;
            k_service_wake(&k_services[id]);
        }
}

void tp_alarm(enum tp_service asker, uint32_t ticks)
{
    struct k_service *service = &k_services[asker];

    service->is_rung = false;
    k_alarm_cancel(&service->alarm);
    if (ticks != 0)
        k_alarm_set(&service->alarm, ticks, ring);
}

uint64_t tp_time(void)
{
    return k_time();
}

void tp_interrupt_done(uint32_t source)
{
    k_interrupt_open(source);
}

_Noreturn void tp_fail(const char *why)
{
    k_panic("a service in the kernel cannot go on: %s", why);
}

/* --- For servers --------------------------------------------------------------------------------- */

static enum tp_service id_of(const struct process *server)
{
    return (enum tp_service)k_process_slot(server);
}

K_CALL(SERVE)
{
    struct k_request *request = k_request_at(args[0], id_of(caller));
    int32_t result = (int32_t)args[1];

    if (k_services[id_of(caller)].code)
        return -TP_EINVAL;
    k_service_listen(&k_services[id_of(caller)]); /* first, so that the CPU is free for the one who asked */
    if (request)
        k_request_answer(request, result);
    return K_LATER;
}

K_CALL(ANSWER)
{
    struct k_request *request = k_request_at(args[0], id_of(caller));

    if (!request)
        return -TP_EINVAL;
    k_request_answer(request, (int32_t)args[1]);
    return 0;
}

K_CALL(COPY_IN)
{
    struct k_request *request = k_request_at(args[0], id_of(caller));
    const struct k_range *range;

    if (!request)
        return -TP_EINVAL;
    range = k_range_at(&k_calls[request->request.call], args[1]);
    if (range && range->kind == K_RANGE_PATH && args[4] == TP_PATH_BYTES)
        return k_request_copy_path(request, args[1], caller, args[3]);
    return k_request_copy(request, args[1], args[2], caller, args[3], args[4], K_COPY_IN);
}

K_CALL(COPY_OUT)
{
    struct k_request *request = k_request_at(args[0], id_of(caller));

    if (!request)
        return -TP_EINVAL;
    return k_request_copy(request, args[1], args[2], caller, args[3], args[4], K_COPY_OUT);
}

K_CALL(ASK)
{
    uint32_t words[TP_ARGUMENTS], number = args[0], address;
    struct k_request *request;
    int status;

    if (number >= TP_CALL_COUNT || k_calls[number].serve)
        return -TP_ENOSYS;
    if (!(k_calls[number].who & caller->ipc.who))
        return -TP_EPERM;
    if (k_get(caller, args[1], words, sizeof words) != 0)
        return -TP_EFAULT;
    status = k_ranges_check(caller, &k_calls[number], words, &address);
    if (status != 0)
        return status == K_ABSENT ? -TP_EFAULT : status;
    request = k_request_take();
    if (!request)
        return -TP_EAGAIN;
    request->tag = args[2];
    k_request_put(request, caller, number, words, K_TO_SERVICE);
    return 0;
}

K_CALL(ALARM)
{
    tp_alarm(id_of(caller), args[0]);
    return 0;
}

K_CALL(INTERRUPT_DONE)
{
    if (args[0] >= 32 || !(k_services[id_of(caller)].sources & 1u << args[0]))
        return -TP_EINVAL;
    k_interrupt_open(args[0]);
    return 0;
}

K_CALL(FAIL)
{
    char why[192];
    uint32_t bytes = args[1] < sizeof why ? args[1] : sizeof why - 1;

    if (k_get(caller, args[0], why, bytes) != 0)
        bytes = 0;
    why[bytes] = '\0';
    k_server_dead(&k_services[id_of(caller)], why);
    return K_LATER;
}

/* --- Memory of drivers ----------------------------------------------------------------------------- */

/* Where a server finds it. */
#define DMA_ADDRESS 0x80000000u

/* Kept by the kernel for the service's successors: a device may still write to it, or there is in it what a
 * successor is to know. */
static struct {
    uint32_t frame, pages;
} dma[TP_SERVICE_COUNT];

K_CALL(DMA_MEMORY)
{
    uint32_t id = id_of(caller), pages = (args[0] + TP_PAGE - 1) / TP_PAGE;
    tp_word address = DMA_ADDRESS;
    uint32_t physical;
    int status = 0;

    if (args[0] == 0 || args[0] > (1u << 20) || (dma[id].pages != 0 && dma[id].pages != pages))
        return -TP_EINVAL;
    if (dma[id].pages == 0) {
        dma[id].frame = k_frames_take_run(pages);
        if (dma[id].frame == 0)
            return -TP_ENOMEM;
        dma[id].pages = pages;
        memset(k_direct(dma[id].frame * TP_PAGE), 0, pages * TP_PAGE);
    }
    physical = dma[id].frame * TP_PAGE;
    if (k_is_kernel(caller))
        address = (tp_word)(uintptr_t)k_direct(physical);
    else
        status = k_space_share(caller, DMA_ADDRESS, dma[id].frame, pages);
    if (status == 0)
        status = k_put(caller, args[1], &address, sizeof address);
    if (status == 0)
        status = k_put(caller, args[2], &physical, sizeof physical);
    return status;
}

K_CALL(MAP_WINDOW)
{
    tp_word address = K_DISPLAY;

    if (!k_is_kernel(caller))
        k_space_give_display(caller);
    return k_put(caller, args[0], &address, sizeof address);
}
