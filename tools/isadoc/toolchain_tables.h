/* Tables of the toolchain's manuals: one function each, for tables.c. They return false when memory
 * ran out. */
#ifndef ISADOC_TOOLCHAIN_TABLES_H
#define ISADOC_TOOLCHAIN_TABLES_H

#include <stdbool.h>
#include <stdio.h>

bool write_relocations(FILE *out);
bool write_relocation_values(FILE *out);
bool write_relocation_places(FILE *out);
bool write_rv32_relocations(FILE *out);
bool write_pseudo_instructions(FILE *out);
bool write_directives(FILE *out);
bool write_constants(FILE *out);

#endif
