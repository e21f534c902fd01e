/*
 * Asks everything that can be asked of a guest's table and of why its CPUs are where they are, as a front end might: for tables
 * that may be wrong in any way. What is found is looked at only as far as every answer has to be sound.
 */
#ifndef TEST_GUEST_USE_H
#define TEST_GUEST_USE_H

#include "debug/guest.h"

/* NULL, or what was wrong with an answer. */
const char *guest_use(const struct tg_machine *machine, const struct tg_guest *guest);

/* In a machine whose RAM holds a table at an address that is both virtual and physical: for struct tg_guest_programs. */
#define GUEST_USE_TABLE 0x1000u
bool guest_use_find(void *context, const char *service, const char *symbol, uint32_t *ret_address);

#endif
