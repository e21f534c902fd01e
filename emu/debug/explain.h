/*
 * Exceptions in words: what was attempted, why it was refused, what would have been needed. Text for people, made from
 * the machine's public state; nothing is printed and no state is touched. docs/isa.md sections 6 and 7.
 */
#ifndef TG_EXPLAIN_H
#define TG_EXPLAIN_H

#include <stddef.h>
#include <stdint.h>

#include "tollgate.h"

/* Longest text any of these write, with its terminator. */
#define TG_EXPLANATION_BYTES 2048

/* "0x1234 <name+8>", or without the name where the image has no symbol there. size: bytes of buf. */
void tg_explain_address(const struct tg_machine *machine, uint32_t address, char *buf, size_t size);

/* Explains an entry, several lines, each ended by a newline. For page faults the tables are walked as they are now.
 * buf holds TG_EXPLANATION_BYTES. */
void tg_explain_entry(const struct tg_machine *machine, const struct tg_entry_event *event, char *buf);

/* Explains why a machine stopped for good. buf holds TG_EXPLANATION_BYTES. */
void tg_explain_fatal(const struct tg_machine *machine, const struct tg_fatal *fatal, char *buf);

#endif
