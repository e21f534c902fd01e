/*
 * The assembler: text in, an object out. assemble() runs it; the rest is what its parts share. One
 * struct assembly is one run, and all state is in it.
 *
 * How sizes are settled: while reading, each section collects bytes as if nothing had to grow, and
 * a list of points at which something may (alignments, branches that may not reach). A place is a
 * byte among these and the number of points before it, so its address is one addition once the
 * points have their sizes (layout.c).
 */
#ifndef AS_AS_H
#define AS_AS_H

#include <stdio.h>

#include "as/memory.h"
#include "isa/isa.h"
#include "object/object.h"

#define AS_MAX_ERRORS 20
#define AS_MAX_DEPTH  64                    /* of files and macros in each other */
#define AS_MAX_LINES  (UINT64_C(20) << 20)  /* read in all, repetitions too */
#define AS_MAX_BYTES  (UINT32_C(256) << 20) /* of contents in all */

/* --- Where something is in the source
 * -------------------------------------------------------------------------------- */

/* A text that lines come from: a file, or what a macro became. */
struct origin {
    const char *path;
    const char *original;           /* as it is in the file */
    const char *text;               /* comments replaced by spaces: same length, same lines */
    const char *end;                /* of text */
    const struct macro *macro;      /* NULL: a file */
    const struct spot *called_from; /* where the file is included or the macro called; NULL: the
                                       file on the command line */
};

/* A line and, from 1, a column in it; column 0 stands for the whole line. */
struct spot {
    const struct origin *origin;
    const char *line; /* in origin->text */
    uint32_t number, column;
};

/* --- Symbols and expressions
 * ------------------------------------------------------------------------------------------ */

/* A byte of a section, see above. */
struct place {
    struct section *section;
    uint32_t offset;
    uint32_t points; /* before it */
};

/* add - sub + number; add and sub may be NULL. */
struct value {
    struct symbol *add, *sub;
    int64_t number;
};

enum symbol_state { SYMBOL_UNDEFINED, SYMBOL_LABEL, SYMBOL_EQUAL, SYMBOL_COMMON };

struct symbol {
    struct slice name; /* empty: one without a name, for "." and numeric labels */
    enum symbol_state state;
    struct place place; /* of a label */
    struct value value; /* of one that is equal to something */
    uint32_t common_bytes, common_align;
    uint8_t binding; /* STB_... */
    uint8_t type;    /* STT_... */
    uint8_t visibility;
    bool is_binding_given; /* .local, .globl or .weak */
    bool is_used;
    bool is_predefined; /* a constant of the assembler's: may be defined anew */
    bool is_being_resolved;
    bool has_size;
    struct value size_bytes;
    struct spot defined, first_used;
    uint32_t index;      /* in the object; 0: not in it */
    struct symbol *next; /* in the order of their first mention */
};

/* What a value comes to when all sizes are known. */
struct resolved {
    struct symbol *undefined; /* not defined here; everything else is then relative to it */
    struct section *section;  /* NULL: a number */
    struct symbol *through;   /* the weak or global label it was said by, NULL: none */
    int64_t number;           /* offset in the section, or the number */
};

/* --- Sections
 * ---------------------------------------------------------------------------------------------------------
 */

enum point_kind {
    POINT_ALIGN,  /* padding up to a multiple of align */
    POINT_SPACE,  /* as many bytes as value says */
    POINT_ORIGIN, /* up to the offset that value says */
    POINT_BRANCH, /* 4 bytes in the section; longer if value is too far */
    POINT_JUMP,   /* likewise, jal */
    POINT_CALL,   /* likewise, for call and tail: jal, or auipc and jalr */
    POINT_CHECK   /* an instruction comes here: the address must be a multiple of 4 */
};

struct point {
    enum point_kind kind;
    uint32_t offset;       /* where, as if nothing had grown; branches: after their 4 bytes */
    uint32_t extra;        /* bytes that it adds */
    uint32_t before;       /* sum of extra of the points before */
    uint32_t align, limit; /* POINT_ALIGN: to that, unless more than limit bytes are needed */
    uint8_t fill;
    bool is_code;    /* POINT_ALIGN: filled with instructions that do nothing */
    uint8_t link;    /* jumps and calls: register that gets the return address */
    uint8_t scratch; /* register that a longer form may use; 0: there is none */
    struct value value;
    struct spot spot;
};

/* A value to be put into the section when it is known. */
struct fixup {
    struct place place;
    enum tg_reloc_kind kind;
    struct value value;
    struct spot spot;
    bool is_resolved; /* no relocation was needed */
    uint32_t result;  /* the value, for PCREL_LO12 that refer to it */
};

/* An instruction for the line table. */
struct code_line {
    struct place place;
    const struct origin *file;
    uint32_t line;
};

struct section {
    const char *name;
    uint32_t type, flags, align, entry_bytes;
    struct buffer bytes; /* no bytes for SHT_NOBITS */
    uint32_t size;       /* as if nothing grew */
    uint32_t end;        /* size when all is known */
    struct point *points;
    size_t point_count, point_room;
    struct fixup *fixups; /* in order of place */
    size_t fixup_count, fixup_room;
    struct code_line *lines;
    size_t line_count, line_room;
    bool has_warned;      /* of instructions in a section that is not executed */
    bool is_word_aligned; /* what comes next is at a multiple of 4 if nothing was misaligned before
                           */
    uint8_t *final;       /* contents when all is known; the assembly's */
    struct tg_obj_reloc *relocs;
    size_t reloc_count, reloc_room;
    struct symbol *start; /* its section symbol */
    uint32_t index;       /* in the object */
    struct section *next, *previous_used;
};

/* --- The run
 * -------------------------------------------------------------------------------------------------------------
 */

struct as_options {
    const char *const *include_folders;
    size_t include_count;
    const char *const *defines; /* "NAME" or "NAME=VALUE" */
    size_t define_count;
    bool debug;           /* make line information */
    bool is_quiet_unused; /* no warnings of unused symbols */
    bool is_quiet;        /* no warnings at all */
    bool is_strict;       /* warnings are errors */
    bool listing;         /* collect what a listing needs */
    uint64_t line_limit;  /* lines that are read in all; 0: AS_MAX_LINES */
    uint32_t byte_limit;  /* bytes of contents in all; 0: AS_MAX_BYTES */
    FILE *messages;       /* NULL: none are wanted */
};

/* Where the next line comes from. */
struct input {
    struct origin *origin;
    const char *start, *next, *end;
    uint32_t start_number, number; /* of the first line; of the one before next */
    struct origin *start_origin;   /* of the first line; line markers change origin */
    uint64_t repeats;              /* more times through from start to end */
    uint32_t period;               /* 0, or after how many lines the numbers begin anew */
    size_t conditions;             /* open when it began */
    struct input *outer;
};

struct condition {
    bool is_active;  /* lines are assembled */
    bool was_active; /* some part was: no further one will be */
    bool is_outer_active;
    bool has_else;
    struct spot spot;
};

/* A line that gave something, for the listing. */
struct listed {
    struct spot spot;
    struct place from, to;
};

struct assembly {
    const struct as_options *options;
    struct arena arena;
    unsigned errors, warnings;
    bool is_stopped; /* too many errors, or one that nothing can follow */

    struct input *input;
    unsigned depth;
    uint64_t lines_read;
    struct condition *conditions;
    size_t condition_count, condition_room;

    /* The statement being read: the rest of its line. */
    const char *at, *end;
    struct spot spot;      /* of its line */
    const char *statement; /* where it begins; messages point there if at is not in the line */

    struct names words; /* struct word: mnemonics, pseudo-instructions, directives, macros */
    struct names symbols;
    struct symbol *first_symbol, **last_symbol;
    struct names numeric; /* struct numeric: "1" */
    struct names files;   /* struct loaded */
    struct names section_names;
    struct section *first_section, **last_section;
    struct section *section, *previous;
    struct section_stack *section_stack;
    uint32_t macro_calls;
    uint64_t line_limit;
    uint32_t byte_limit;
    uint32_t bytes_made;   /* of contents in all sections */
    const char *path;      /* of the source; a line marker at its start says another */
    const char *file_name; /* of the source, for the symbol table */

    struct listed *listed;
    size_t listed_count, listed_room;
};

/* Reads path and makes an object. NULL after errors, which have been written to options->messages.
 * listing, if not NULL, gets the listing's text, also after errors. *ret_warnings, if not NULL:
 * whether there were errors or warnings. */
struct tg_obj *assemble(const char *path, const struct as_options *options, struct buffer *listing);

/* The same for a text in memory that is called path in messages. */
struct tg_obj *assemble_text(const char *path, const char *text, size_t length,
                             const struct as_options *options, struct buffer *listing);

#endif
