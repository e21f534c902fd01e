/* What is put into sections: bytes, points that may grow, values that become known later. */
#ifndef AS_SECTIONS_H
#define AS_SECTIONS_H

#include "as/as.h"

/* Makes a section the one that things are put into; makes it if it is new, with the flags that its
 * name suggests. */
struct section *use_section(struct assembly *as, struct slice name);
void enter_section(struct assembly *as, struct section *section);

/* Appends count bytes and returns where to put them; NULL after an error: the section has no
 * contents, or too much. */
uint8_t *add_bytes(struct assembly *as, size_t count);
/* Appends count bytes of value fill; in a section without contents just room. */
bool add_room(struct assembly *as, uint64_t count, uint8_t fill);
/* Appends an instruction, and tells the line table. */
bool add_word(struct assembly *as, uint32_t word);

struct point *add_point(struct assembly *as, enum point_kind kind);
/* A value that is to be put where the next bytes go. */
struct fixup *add_fixup(struct assembly *as, enum tg_reloc_kind kind, struct value value,
                        const char *at);

/* Gives all points their sizes (layout.c). */
void lay_out(struct assembly *as);

#endif
