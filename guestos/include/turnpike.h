/*
 * Turnpike's own calls for programs: what POSIX has no name for. They answer 0 or more, or -1 with the
 * error in errno. Numbers, structures and limits: turnpike/abi.h; what each call does: the table
 * turnpike/calls.def. Manual: docs/turnpike.md.
 */
#ifndef TURNPIKE_H
#define TURNPIKE_H

#include <stddef.h>
#include <stdint.h>

#include "turnpike/abi.h"

/* Any call by its number, in the way that the process asks (by trap, or through its queue); the answer as the
 * service gave it: 0 or more, or the negative of an error. Arguments that are left out are 0. */
#define tp_call(...) TP_CALL_PICK_(__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define TP_CALL_PICK_(number, a0, a1, a2, a3, a4, a5, ...)                                         \
    tp_call_words((number), (tp_word)(a0), (tp_word)(a1), (tp_word)(a2), (tp_word)(a3),            \
                  (tp_word)(a4), (tp_word)(a5))
int32_t tp_call_words(uint32_t number, tp_word a0, tp_word a1, tp_word a2, tp_word a3, tp_word a4,
                      tp_word a5);

/* The same with errno: -1 for every error. */
int tp_result(int32_t answer);

/* The names of calls, services and errors, as the tables have them; "?" for numbers that are none. */
const char *tp_call_name(unsigned call);
const char *tp_service_name(unsigned service);
unsigned tp_call_service(unsigned call);

/* --- The system -------------------------------------------------------------------------------- */

int tp_nothing(void);
int tp_ping(int word);
unsigned tp_uptime_ms(void);
int tp_sleep_ms(unsigned milliseconds);
int tp_yield(void);
int tp_boot_words(char *buffer, size_t bytes);
int tp_statistics(struct tp_statistics *statistics);
int tp_processes(struct tp_process_info *infos, size_t bytes);
int tp_placement(enum tp_service service);
int tp_restarts(uint32_t *counts, size_t bytes);
int tp_crash(enum tp_service service, enum tp_crash how, unsigned requests);
int tp_account(int is_on);
int tp_call_costs(struct tp_call_cost *costs, size_t bytes, int is_system);
int tp_set_calls(enum tp_calls calls);
int tp_power_off(unsigned status);

/* --- Messages ---------------------------------------------------------------------------------- */

int tp_endpoint(void);
int tp_register(const char *name);
int tp_lookup(const char *name);
int tp_send(uint32_t to, const struct tp_message *message, unsigned timeout_ticks);
int tp_receive(uint32_t from, struct tp_message *message, unsigned timeout_ticks);
int tp_call_message(uint32_t to, struct tp_message *message, unsigned timeout_ticks);
int tp_reply(uint32_t to, const struct tp_message *message);
int tp_reply_receive(uint32_t to, struct tp_message *message);
int tp_notify(uint32_t to, uint32_t bits);
int tp_limit(uint32_t mask);
int tp_waits(uint32_t *endpoints, size_t bytes);

/* Messages in registers, their type and seven words: as the kernel answers, no errno. */
int32_t tp_send_words(uint32_t to, struct tp_words *words);
int32_t tp_receive_words(uint32_t from, struct tp_words *words);
int32_t tp_call_message_words(uint32_t to, struct tp_words *words);
int32_t tp_reply_receive_words(uint32_t to, struct tp_words *words);

int tp_grant(uint32_t to, void *memory, size_t bytes, unsigned rights);
int tp_revoke(int grant);
int tp_copy_granted(uint32_t from, int grant, size_t offset, void *to, size_t bytes);
int tp_copy_to_granted(uint32_t to, int grant, size_t offset, const void *from, size_t bytes);

/* --- Terminal and sound ------------------------------------------------------------------------ */

int tp_terminal_mode(int mode);
int tp_foreground(int group);
int tp_tone(unsigned hz, unsigned volume, unsigned milliseconds);
int tp_sound_rate(unsigned samples_a_second);
int tp_sound_write(const int16_t *samples, size_t bytes);

#endif
