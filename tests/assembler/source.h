/* Assembling texts in tests. */
#ifndef TEST_ASSEMBLER_SOURCE_H
#define TEST_ASSEMBLER_SOURCE_H

#include "as/as.h"

/* The object that a text gives; the test fails, with the messages, if it gives none. */
struct tg_obj *assembled(const char *text);

/* The messages that a text gives, the caller's to free; the test fails if it gives an object too
 * and is_refused is set. */
char *messages_of(const char *text, bool is_refused);

/* A section by its name; the test fails if there is none. */
const struct tg_obj_section *section_named(const struct tg_obj *obj, const char *name);
/* A symbol by its name; NULL if there is none. */
const struct tg_obj_symbol *symbol_named(const struct tg_obj *obj, const char *name);

/* The decoded instruction at an offset of .text. */
struct tg_insn insn_at(const struct tg_obj *obj, uint32_t offset);

#endif
