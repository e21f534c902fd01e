/*
 * What tg-objdump prints of an object, executable or archive. Each part is a function that writes
 * text; nothing here changes anything. Manual: docs/toolchain.md, "tg-objdump".
 */
#ifndef OBJDUMP_DUMP_H
#define OBJDUMP_DUMP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "lines/lines.h"
#include "object/object.h"

struct dump_options {
    bool code, source, lines, relocs, symbols, headers, contents;
    const char *section; /* only this one; NULL: all */
};

/* A symbol that has an address, for names of places. */
struct dump_label {
    uint32_t section; /* TG_OBJ_ABSOLUTE in none */
    uint32_t value;
    uint8_t rank; /* which of several at one place is the best name: the lowest */
    const char *name;
};

struct dump {
    const struct dump_options *options;
    const struct tg_obj *obj;
    FILE *to;
    struct dump_label *labels; /* by section and value */
    size_t label_count;
    struct tg_lines *lines;       /* NULL: none */
    struct dump_sources *sources; /* files of source text read so far */
};

/* Prints the parts of obj that the options ask for. Returns false when memory is short. */
bool dump_object(const struct tg_obj *obj, const struct dump_options *options, FILE *to);

/* Prints a file's bytes: an object, an executable, or each object of an archive. Errors are lines
 * on errors that begin with "tg-objdump: ". Returns false after one. */
bool dump_file(const char *name, const uint8_t *bytes, size_t size,
               const struct dump_options *options, FILE *to, FILE *errors);

/* The parts. */
void dump_headers(const struct dump *dump);
void dump_symbols(const struct dump *dump);
void dump_relocs(const struct dump *dump);
void dump_contents(const struct dump *dump);
void dump_code(const struct dump *dump);

/* Whether the options ask for this section. */
bool dump_wants(const struct dump *dump, const struct tg_obj_section *section);
/* A text that comes from a file, with ? for what cannot be printed. */
void dump_text(FILE *to, const char *text);
/* The address of a section's first byte, as far as there is one. */
uint32_t dump_base(const struct dump *dump, uint32_t section);
/* The last label at or before a place; NULL: there is none in the section. */
const struct dump_label *dump_label_before(const struct dump *dump, uint32_t section,
                                           uint32_t offset);
/* Prints " <label+0x4>" for an address, or nothing. */
void dump_place(const struct dump *dump, uint32_t section, uint32_t address);
/* Prints a relocation's kind, symbol and addend. */
void dump_reloc(const struct dump *dump, const struct tg_obj_reloc *reloc);

/* Source lines. */
struct dump_sources *dump_sources_create(void);
void dump_sources_destroy(struct dump_sources *sources);
/* The text of a line, without its end; NULL: the file cannot be read or has fewer lines. */
const char *dump_source_line(struct dump_sources *sources, const struct tg_line *line,
                             int *ret_length);

#endif
