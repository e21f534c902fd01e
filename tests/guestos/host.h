/*
 * The third placement of Turnpike's services, beside the kernel and server processes: the host, for
 * unit tests. The primitives of turnpike/service.h work on host memory; calls, answers, interrupts
 * and alarms are events in one queue, and a service's functions are called one event at a time.
 *
 * A test places the services that it wants, sets functions for what is not there (other services,
 * the kernel, ports), and makes calls as any number of processes. Nothing else happens by itself:
 * the same test runs the same every time.
 */
#ifndef TESTS_GUESTOS_HOST_H
#define TESTS_GUESTOS_HOST_H

#include <check.h>

#include "turnpike/service.h"

/* A call under way. Valid until host_forget or host_begin. */
struct host_call {
    struct request request; /* first */
    bool is_answered;
    int32_t result;
};

/* Forgets everything: no service, nothing set, time 0. At the beginning of each test. */
void host_begin(void);

/* Places a service and calls its start(). state is the memory that a restart puts back to zeros, or
 * NULL for a service that is never restarted in this test. */
void host_place(const struct service *service, void *state, size_t bytes);

/* --- What is not there -------------------------------------------------------------------------
 */

/* A service that is not placed: called for each call to it, which it may answer at once or later
 * (tp_answer). Without one a call to it is answered with -TP_ENOSYS. */
void host_set_service(enum tp_service service, void (*handle)(struct request *request));

/* The kernel: tp_system. Without one -TP_ENOSYS. */
void host_set_system(int32_t (*system)(enum tp_service asker, enum tp_call call,
                                       const tp_word args[4]));

/* Ports; width in bytes. Without them: reads give 0, writes go nowhere. */
void host_set_ports(uint32_t (*in)(uint32_t port, unsigned width),
                    void (*out)(uint32_t port, unsigned width, uint32_t value));

/* --- Calls -------------------------------------------------------------------------------------
 */

/* A call of a process whose endpoint is caller, delivered at the next host_run. Memory that the
 * arguments name must last until the answer. */
struct host_call *host_ask(uint32_t caller, enum tp_call call, const tp_word args[TP_ARGUMENTS]);

/* The same, and runs until it is answered; alarms come when nothing else is left to do. The test
 * fails if nothing can answer it any more. */
int32_t host_wait(uint32_t caller, enum tp_call call, const tp_word args[TP_ARGUMENTS]);

/* HOST(caller, READ, descriptor, (tp_word)buffer, sizeof buffer): host_wait with the arguments in a
 * row. */
#define HOST(caller, CALL, ...)                                                                    \
    host_wait(caller, TP_CALL_##CALL, (const tp_word[TP_ARGUMENTS]){__VA_ARGS__})

/* The caller of a call that is not answered is to end: cancel() of its service. */
void host_cancel(struct host_call *call);

/* Frees one that is answered. */
void host_forget(struct host_call *call);

/* --- Events and time ---------------------------------------------------------------------------
 */

/* Delivers events until there are none; host_step one, false if there was none. Alarms only count
 * as events when their time has come. */
void host_run(void);
bool host_step(void);

/* An interrupt for the service; lost while an earlier one of it is not done (tp_interrupt_done). */
void host_interrupt(enum tp_service service, uint32_t source);

/* Time passes, and what it brings is delivered. */
void host_advance(uint32_t ticks);

/* Calls and asks that wait for an answer. */
unsigned host_open_calls(void);

/* --- Death -------------------------------------------------------------------------------------
 */

/* Why the service has called tp_fail, or NULL. It gets no events until host_restart. */
const char *host_failure(enum tp_service service);

/* Ends a service, as restart does with a silent one: the calls that it has not answered wait. */
void host_kill(enum tp_service service, const char *why);

/* Its state is zeros again, start() is called, and it gets the calls that were not answered.
 * Answers to what it had asked are lost. */
void host_restart(enum tp_service service);

/* --- main ---------------------------------------------------------------------------------------
 */

/* Runs tests, each in a process of its own and after host_begin; the exit status for main. */
int host_run_tests(const char *name, const TTest *const *tests, size_t count);

#define HOST_MAIN(name, ...)                                                                       \
    int main(void)                                                                                 \
    {                                                                                              \
        const TTest *const tests[] = {__VA_ARGS__};                                                \
        return host_run_tests(name, tests, sizeof tests / sizeof tests[0]);                        \
    }

#endif
