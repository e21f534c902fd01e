/* Turnpike's own calls: see turnpike.h. */
#include "turnpike.h"

/* --- Names ------------------------------------------------------------------------------------- */

const char *tp_call_name(unsigned call)
{
    static const char *const names[] = {
#define TP_CALL(id, name, ...) name,
#include "turnpike/calls.def"
    };

    return call < TP_CALL_COUNT ? names[call] : "?";
}

unsigned tp_call_service(unsigned call)
{
    static const uint8_t services[] = {
#define TP_CALL(id, name, service, ...) TP_SERVICE_##service,
#include "turnpike/calls.def"
    };

    return call < TP_CALL_COUNT ? services[call] : TP_SERVICE_COUNT;
}

const char *tp_service_name(unsigned service)
{
    static const char *const names[] = {
#define TP_SERVICE(id, name, ...) name,
#include "turnpike/services.def"
    };

    return service < TP_SERVICE_COUNT ? names[service] : "?";
}

/* --- The system -------------------------------------------------------------------------------- */

int tp_nothing(void)
{
    return tp_result(tp_call(TP_CALL_NOTHING, 0));
}

int tp_ping(int word)
{
    return tp_result(tp_call(TP_CALL_PING, word));
}

unsigned tp_uptime_ms(void)
{
    return (unsigned)tp_call(TP_CALL_UPTIME, 0);
}

int tp_sleep_ms(unsigned milliseconds)
{
    return tp_result(tp_call(TP_CALL_SLEEP, milliseconds));
}

int tp_yield(void)
{
    return tp_result(tp_call(TP_CALL_YIELD, 0));
}

int tp_boot_words(char *buffer, size_t bytes)
{
    return tp_result(tp_call(TP_CALL_BOOT_WORDS, buffer, bytes));
}

int tp_statistics(struct tp_statistics *statistics)
{
    return tp_result(tp_call(TP_CALL_STATISTICS, statistics));
}

int tp_processes(struct tp_process_info *infos, size_t bytes)
{
    return tp_result(tp_call(TP_CALL_PROCESS_LIST, infos, bytes));
}

int tp_placement(enum tp_service service)
{
    return tp_result(tp_call(TP_CALL_PLACEMENT, service));
}

int tp_restarts(uint32_t *counts, size_t bytes)
{
    return tp_result(tp_call(TP_CALL_RESTART_LIST, counts, bytes));
}

int tp_crash(enum tp_service service, enum tp_crash how, unsigned requests)
{
    return tp_result(tp_call(TP_CALL_CRASH, service, how, requests));
}

int tp_account(int is_on)
{
    return tp_result(tp_call(TP_CALL_ACCOUNT, is_on));
}

int tp_call_costs(struct tp_call_cost *costs, size_t bytes, int is_system)
{
    return tp_result(tp_call(TP_CALL_CALL_COSTS, costs, bytes, is_system));
}

int tp_set_calls(enum tp_calls calls)
{
    return tp_result(tp_call(TP_CALL_SET_CALLS, calls));
}

int tp_power_off(unsigned status)
{
    return tp_result(tp_call(TP_CALL_POWER_OFF, status));
}

/* --- Messages ---------------------------------------------------------------------------------- */

int tp_endpoint(void)
{
    return tp_result(tp_call(TP_CALL_ENDPOINT, 0));
}

int tp_register(const char *name)
{
    return tp_result(tp_call(TP_CALL_REGISTER, name));
}

int tp_lookup(const char *name)
{
    return tp_result(tp_call(TP_CALL_LOOKUP, name));
}

int tp_send(uint32_t to, const struct tp_message *message, unsigned timeout_ticks)
{
    return tp_result(tp_call(TP_CALL_SEND, to, message, timeout_ticks));
}

int tp_receive(uint32_t from, struct tp_message *message, unsigned timeout_ticks)
{
    return tp_result(tp_call(TP_CALL_RECEIVE, from, message, timeout_ticks));
}

int tp_call_message(uint32_t to, struct tp_message *message, unsigned timeout_ticks)
{
    return tp_result(tp_call(TP_CALL_CALL, to, message, timeout_ticks));
}

int tp_reply(uint32_t to, const struct tp_message *message)
{
    return tp_result(tp_call(TP_CALL_REPLY, to, message));
}

int tp_reply_receive(uint32_t to, struct tp_message *message)
{
    return tp_result(tp_call(TP_CALL_REPLY_RECEIVE, to, message));
}

int tp_notify(uint32_t to, uint32_t bits)
{
    return tp_result(tp_call(TP_CALL_NOTIFY, to, bits));
}

int tp_limit(uint32_t mask)
{
    return tp_result(tp_call(TP_CALL_LIMIT, mask));
}

int tp_waits(uint32_t *endpoints, size_t bytes)
{
    return tp_result(tp_call(TP_CALL_WAITS, endpoints, bytes));
}

int tp_grant(uint32_t to, void *memory, size_t bytes, unsigned rights)
{
    return tp_result(tp_call(TP_CALL_GRANT, to, memory, bytes, rights));
}

int tp_revoke(int grant)
{
    return tp_result(tp_call(TP_CALL_REVOKE, grant));
}

int tp_copy_granted(uint32_t from, int grant, size_t offset, void *to, size_t bytes)
{
    return tp_result(tp_call(TP_CALL_COPY_FROM, from, grant, offset, to, bytes));
}

int tp_copy_to_granted(uint32_t to, int grant, size_t offset, const void *from, size_t bytes)
{
    return tp_result(tp_call(TP_CALL_COPY_TO, to, grant, offset, from, bytes));
}

/* --- Terminal and sound ------------------------------------------------------------------------ */

int tp_terminal_mode(int mode)
{
    return tp_result(tp_call(TP_CALL_TERMINAL_MODE, mode));
}

int tp_foreground(int group)
{
    return tp_result(tp_call(TP_CALL_FOREGROUND, group));
}

int tp_tone(unsigned hz, unsigned volume, unsigned milliseconds)
{
    return tp_result(tp_call(TP_CALL_SOUND_TONE, hz, volume, milliseconds));
}

int tp_sound_rate(unsigned samples_a_second)
{
    return tp_result(tp_call(TP_CALL_SOUND_RATE, samples_a_second));
}

int tp_sound_write(const int16_t *samples, size_t bytes)
{
    return tp_result(tp_call(TP_CALL_SOUND_WRITE, samples, bytes));
}
