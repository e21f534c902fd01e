/* What the files of this folder share. */
#ifndef TG_REWRITE_H
#define TG_REWRITE_H

#include <stdbool.h>

#include "retarget/retarget.h"

struct rewrite {
    struct tg_obj *obj;
    const struct tg_retarget_listener *listener;
    size_t complaint_count;
    uint8_t **is_data; /* by section: for code, a flag for each byte; else NULL */
};

/* One complaint about a place. */
__attribute__((format(printf, 4, 5))) void rewrite_complain(struct rewrite *w,
                                                            const struct tg_obj_section *section,
                                                            uint32_t offset, const char *format,
                                                            ...);

/* A complaint about the whole object. */
__attribute__((format(printf, 2, 3))) void rewrite_complain_object(struct rewrite *w,
                                                                   const char *format, ...);

/* Whether the section holds instructions. */
bool rewrite_is_code(const struct tg_obj_section *section);

/* Fills in w->is_data: bytes among the instructions that are none. Relocations are still RISC-V's.
 * Returns false when memory is short. */
bool rewrite_find_data(struct rewrite *w);

/* Rewrites the instructions of a section. */
void rewrite_code(struct rewrite *w, uint32_t section_index);

/* Rewrites the relocations of a section whose instructions are TG32's already. */
void rewrite_relocs(struct rewrite *w, uint32_t section_index);

/* How messages call a RISC-V word that cannot be mapped: its mnemonic, or "instruction". */
const char *refused_mnemonic(uint32_t word);

#endif
