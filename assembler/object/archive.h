/*
 * Makes archives as `ar` does: members with their names, and the index of symbols by which linkers
 * find them. The same members give the same bytes: dates, owners and modes are constants. For
 * reading archives see object.h.
 */
#ifndef TG_ARCHIVE_H
#define TG_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

#include "object/object.h"

struct tg_archive_writer;

/* NULL when memory is short. */
struct tg_archive_writer *tg_archive_create(void);
/* Accepts NULL. */
void tg_archive_discard(struct tg_archive_writer *writer);

/* Appends an object under a name; both are copied. Errors as for tg_obj_write. */
int tg_archive_add(struct tg_archive_writer *writer, const char *name, const struct tg_obj *obj,
                   struct tg_error *error);

/* Makes the bytes of the file, which are the caller's to free; the writer can only be discarded
 * then. name is the file's, for messages. Errors: TG_E_NOMEM, TG_E_ARGUMENT for more than an
 * archive can hold. */
int tg_archive_finish(struct tg_archive_writer *writer, const char *name, uint8_t **ret_bytes,
                      size_t *ret_size_bytes, struct tg_error *error);

#endif
