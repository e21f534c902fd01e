/* From sections with settled sizes to an object. */
#ifndef AS_EMIT_H
#define AS_EMIT_H

#include "as/as.h"

/* Puts together the final contents of all sections, and their relocations (contents of branches and
 * fixups: relocate.c). */
void finish_sections(struct assembly *as);

/* A place that is known by its final offset. False after an error. */
bool settle(struct assembly *as, struct section *section, uint32_t offset, struct fixup *fixup);
void add_reloc(struct section *section, uint32_t offset, enum tg_reloc_kind kind,
               struct symbol *symbol, int64_t addend);

/* The symbol that stands for the start of a section. */
struct symbol *section_symbol(struct assembly *as, struct section *section);

/* Sections with line information for what has been assembled (dwarf.c). */
void add_line_information(struct assembly *as, const char *path);

/* The object; NULL when memory is short. */
struct tg_obj *make_object(struct assembly *as, const char *path);

/* The listing (listing.c). */
void write_listing(struct assembly *as, const char *path, struct buffer *out);

#endif
