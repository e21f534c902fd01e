/*
 * Program images: TG32 ELF executables, checked once and kept, so that a reset can load them again
 * and reports can name addresses. Manual: docs/isa.md section 10.
 */
#ifndef TG_LOADER_H
#define TG_LOADER_H

#include <stddef.h>
#include <stdint.h>

#include "tollgate.h"

struct tg_image;

/* Checks the executable in size bytes for a machine with ram_bytes of RAM and keeps a copy. The
 * image belongs to the caller. Errors: TG_E_FORMAT (error says which header, what was expected and
 * found), TG_E_NOMEM. */
int tg_image_parse(const void *bytes, size_t size, uint32_t ram_bytes, struct tg_image **ret_image,
                   struct tg_error *error);
void tg_image_destroy(struct tg_image *image);

/* Physical address of the first instruction. */
uint32_t tg_image_entry(const struct tg_image *image);

/* Copies the segments into the machine's RAM, which is at least as large as tg_image_parse was told
 * and zero where they go (the zero part of a segment is not written). */
void tg_image_copy_to_ram(const struct tg_image *image, struct tg_machine *machine);

/* The nearest symbol at or below address and the distance from it; NULL when there is none, or when
 * address lies behind the symbol's stated size. The name lives as long as the image. */
const char *tg_image_symbol(const struct tg_image *image, uint32_t address, uint32_t *ret_offset);

/* The file as it was given. */
const void *tg_image_file(const struct tg_image *image, size_t *ret_size);

#endif
