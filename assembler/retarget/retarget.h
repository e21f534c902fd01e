/*
 * Turns objects for RV32IMA into objects for TG32: each instruction and each relocation into one of
 * TG32's, sizes, offsets, symbols and debug information as they were. The rows of emu/isa/rv32.def
 * and object/relocations.def say what becomes what; here is only the walk over an object. Manual:
 * docs/toolchain.md.
 */
#ifndef TG_RETARGET_H
#define TG_RETARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "object/object.h"

struct tg_retarget_options {
    /* Told of everything that cannot be mapped, in one line without an end: "a.o: .text+0x10:
     * csrrw (0x30001073): why". There may be thousands. */
    void (*complain)(void *context, const char *line);
    void *context;
    /* Leave out what debuggers read, but for the frame tables, by which they find callers. */
    bool without_debug;
};

/* Rewrites an object that tg_obj_read has read for EM_RISCV, in place. Returns the number of
 * complaints; with 0 the object is one for TG32, otherwise it is good for tg_obj_destroy only. */
size_t tg_retarget_object(struct tg_obj *obj, const struct tg_retarget_options *options);

/* Rewrites the bytes of a file, an object or an archive of objects, into those of another, which
 * are the caller's to free. name is the file's, for messages. Returns the number of complaints, 0
 * when there is a result. Bytes that are no such file, and memory that runs out, are complaints
 * too. */
size_t tg_retarget_file(const void *bytes, size_t size_bytes, const char *name,
                        const struct tg_retarget_options *options, uint8_t **ret_bytes,
                        size_t *ret_size_bytes);

#endif
