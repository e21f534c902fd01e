/* What the files of this folder share. */
#ifndef TG_REWRITE_H
#define TG_REWRITE_H

#include <stdbool.h>

#include "retarget/retarget.h"

struct rewrite {
    struct tg_obj *obj;
    const struct tg_retarget_options *options;
    size_t complaint_count;
    uint8_t **is_data; /* by section: for code, a flag for each byte; else NULL */
    uint32_t *bases;   /* by section: where it begins if all lie one after another; debug: 0 */
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

/* Fills in w->bases: no two sections share addresses in what debug information says until it is
 * linked. Returns false when memory is short. */
bool rewrite_choose_bases(struct rewrite *w);

/* Rewrites the instructions of a section. */
void rewrite_code(struct rewrite *w, uint32_t section_index);

/* Rewrites the relocations of a section whose instructions are TG32's already. */
void rewrite_relocs(struct rewrite *w, uint32_t section_index);

/* Calculates differences between labels of one section that no linker changes, when all relocations
 * are TG32's and in order. Returns false when memory is short. */
bool rewrite_differences(struct rewrite *w);

/* Drops the symbols that have no flag, and renumbers what refers to the others. Returns false when
 * memory is short. */
bool rewrite_keep_symbols(struct tg_obj *obj, const bool *is_kept);

/* How messages call a RISC-V word that cannot be mapped: its mnemonic, or "instruction". */
const char *refused_mnemonic(uint32_t word);

#endif
