/*
 * The border between a service and whatever it is placed in. A service is one struct of state and
 * the functions in its struct service; it never blocks, and reaches callers, other services, its
 * device and time only through the primitives declared here. They have three implementations: the
 * kernel's (guestos/kernel/primitives.c), a server process's (guestos/lib/server.c) and the tests'
 * on the host (tests/guestos). The object file of a service is the same in the first two.
 *
 * A driver may also use the port instructions of tg32.h, on the ports of its device.
 * Manual: docs/turnpike.md.
 */
#ifndef TURNPIKE_SERVICE_H
#define TURNPIKE_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "turnpike/abi.h"

/* A call that waits for its answer. It belongs to the placement; the service may hold it from
 * handle() until it has answered, and use next and scratch as it likes meanwhile. */
struct request {
    struct request *next;
    tp_word scratch[2];
    uint32_t handle; /* the placement's */
    uint32_t caller; /* endpoint of the process or service that asks */
    uint32_t call;   /* enum tp_call, one that this service serves */
    tp_word args[TP_ARGUMENTS];
};

/* What a service is made of. Functions that a service does not need are NULL. None is called while
 * another one of the same service runs. */
struct service {
    enum tp_service id;
    void (*start)(void); /* first of all, once; after a restart the state is as it was linked */
    void (*handle)(struct request *request); /* must lead to one tp_answer, now or later */
    void (*cancel)(struct request *request); /* the caller wants no answer any more (it is to end): a
        request that would wait for something uncertain is answered now, with -TP_EINTR; others when they are done */
    void (*answered)(uint32_t tag, int32_t result); /* to tp_ask(..., tag) */
    void (*interrupt)(uint32_t source);              /* the driver's; ends with tp_interrupt_done */
    void (*alarm)(void);                             /* the time of tp_alarm has come */
};

/* One for each service, in guestos/services. NULL if it is not linked in; that of SYSTEM never is. */
#define TP_SERVICE(ID, name, ring, mask, code, meaning)                                            \
    extern const struct service code __attribute__((weak));
#include "turnpike/services.def"

/* In the kernel each function of a service calls the primitives with its own id; a server has only
 * one. */

/* Answers a request with a result (0 or more, or -TP_E...), after which the request is no longer the
 * service's. */
void tp_answer(struct request *request, int32_t result);

/* Copies from and to the memory that the call's row in calls.def names by its argument (the range's
 * address argument), from offset on. Checked: beyond the range or, for PATH, beyond TP_PATH_BYTES it
 * is -TP_EFAULT, and nothing is copied. Result 0. */
int tp_copy_in(struct request *request, unsigned argument, uint32_t offset, void *to, uint32_t bytes);
int tp_copy_out(struct request *request, unsigned argument, uint32_t offset, const void *from,
                uint32_t bytes);

/* Copies a PATH argument with its zero byte into to (TP_PATH_BYTES); its length, or -TP_EFAULT, or
 * -TP_ENAMETOOLONG if there is no zero byte in TP_PATH_BYTES. */
int tp_copy_path(struct request *request, unsigned argument, char *to);

/* Asks another service. Memory that the arguments name must stay as it is until answered(tag,
 * result) of the asking service is called, which is never before tp_ask has returned. A call to a server
 * that is being restarted waits for its successor. */
void tp_ask(enum tp_service asker, enum tp_call call, const tp_word args[TP_ARGUMENTS], uint32_t tag);

/* A call to the kernel (service SYSTEM in calls.def), which answers at once. Addresses are the service's
 * own. */
int32_t tp_system(enum tp_service asker, enum tp_call call, tp_word a0, tp_word a1, tp_word a2,
                  tp_word a3);

/* Calls alarm() of the service once, ticks from now; takes the place of an alarm set before. 0: none. */
void tp_alarm(enum tp_service asker, uint32_t ticks);

/* Virtual time in ticks of 10 ns. */
uint64_t tp_time(void);

/* The interrupt of that source has been dealt with at the device and may come again. */
void tp_interrupt_done(uint32_t source);

/* A service that finds itself damaged, or its device beyond use, says why and ends: as a server it is
 * started anew, in the kernel that is a panic. */
_Noreturn void tp_fail(const char *why);

#endif
