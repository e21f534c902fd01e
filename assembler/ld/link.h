/*
 * One run of the linker: what takes part, what comes out, and the steps from one to the other, each
 * in a file of its own. The order is that of ld_link in link.c: read the script and the inputs,
 * resolve symbols (pulling members of archives), drop what nothing needs, give every section a
 * place, write. Memory lives until the end of the run. Manual: docs/toolchain.md, "Linking".
 */
#ifndef LD_LINK_H
#define LD_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lines/lines.h"
#include "object/object.h"

/* --- What takes part --------------------------------------------------------------- */

/* A section of an input, or a common symbol that has become one. */
struct ld_section {
    struct ld_input *input;
    struct tg_obj_section *from;
    uint32_t index;           /* in the input; 0: of a common symbol */
    const char *dropped;      /* why it does not take part; NULL: it does */
    bool is_live;             /* reached, when unused sections are dropped */
    bool is_kept;             /* KEEP in the script: reached in any case */
    struct ld_output *output; /* where it goes; NULL: nowhere */
    uint32_t offset;          /* there */
};

/* An object that takes part. */
struct ld_input {
    struct tg_obj *obj;
    const char *name;            /* "main.o", "libc.a(puts.o)" */
    const char *archive;         /* the archive's name; NULL: given by itself */
    struct ld_section *sections; /* by the object's index */
    struct ld_symbol **symbols;  /* by the object's index; NULL for local ones */
    bool has_companions;         /* groups, or sections about sections */
    bool takes_part;             /* false: member of an archive that nothing needs so far */
    struct ld_symbol *pulled_by; /* the symbol that needed a member of an archive */
    struct tg_lines *lines;      /* opened for the first message about a place in it */
    bool has_tried_lines;
};

/* A place that refers to an undefined symbol. */
struct ld_use {
    struct ld_section *section;
    uint32_t offset;
    struct ld_use *next;
};

/* A global symbol. */
struct ld_symbol {
    const char *name;
    bool is_defined;
    bool is_weak;   /* defined: the definition is weak; undefined: every reference is */
    bool is_common; /* defined: only as common */
    bool is_used;   /* some object or the script refers to it */
    bool is_live;   /* reached from what is kept, when unused sections are dropped */
    uint8_t type, visibility;
    uint32_t value; /* in its section; absolute without one; alignment while common */
    uint32_t size_bytes;
    struct ld_input *input;     /* where it is defined; NULL: in the script */
    struct ld_input *first_use; /* NULL: the script or the command line */
    struct ld_section *section; /* NULL: absolute, or of the script */
    struct ld_output *output; /* defined by the script: what its value moves with; NULL: nothing */
    const struct ld_statement *statement; /* defined by the script: where */
    struct ld_input *offer;               /* a member of an archive that defines it; NULL: none */
    struct ld_input *group;         /* whose group of sections with this signature takes part */
    struct ld_use *uses, *last_use; /* while it is reported as undefined */
    struct ld_symbol *chain;        /* in the hash table */
};

/* --- The script -------------------------------------------------------------------- */

enum ld_operator {
    LD_NUMBER, /* number */
    LD_SYMBOL, /* name */
    LD_DOT,
    LD_ADD,
    LD_SUBTRACT,
    LD_MULTIPLY,
    LD_DIVIDE,
    LD_REMAINDER,
    LD_SHIFT_LEFT,
    LD_SHIFT_RIGHT,
    LD_AND,
    LD_OR,
    LD_XOR,
    LD_LESS,
    LD_LESS_EQUAL,
    LD_GREATER,
    LD_GREATER_EQUAL,
    LD_EQUAL,
    LD_NOT_EQUAL,
    LD_BOTH,
    LD_EITHER,
    LD_NEGATE,
    LD_COMPLEMENT,
    LD_NOT,
    LD_CHOOSE, /* a ? b : c */
    LD_ALIGN,  /* a rounded up to a multiple of b */
    LD_MINIMUM,
    LD_MAXIMUM,
    LD_ABSOLUTE,
    LD_DEFINED, /* name */
    LD_ADDRESS, /* of the output section name */
    LD_LOAD_ADDRESS,
    LD_SIZE,
    LD_ALIGNMENT
};

struct ld_place {
    const char *file;
    unsigned line;
};

struct ld_expression {
    enum ld_operator op;
    uint32_t number;
    const char *name;
    struct ld_expression *a, *b, *c;
    struct ld_place place;
};

enum ld_sort { LD_SORT_NONE, LD_SORT_NAME, LD_SORT_PRIORITY };

/* A pattern of section names within `file(...)`. */
struct ld_pattern {
    const char *glob;
    const char **excluded; /* globs of files that it is not for */
    size_t excluded_count;
};

enum ld_statement_kind { LD_ASSIGN, LD_OUTPUT, LD_INPUT, LD_DATA, LD_ASSERT };

struct ld_statement {
    enum ld_statement_kind kind;
    struct ld_place place;
    struct ld_statement *next;
    struct ld_expression *expression; /* ASSIGN, DATA, ASSERT */

    const char *name;         /* ASSIGN: the symbol, "." for the location; ASSERT: the message */
    bool is_provided;         /* ASSIGN: only if something refers to it and nothing defines it */
    bool is_hidden;           /* ASSIGN */
    struct ld_symbol *symbol; /* ASSIGN: NULL for the location and for what is not needed */
    uint32_t value;           /* ASSIGN: in the latest pass */

    struct ld_output *output; /* OUTPUT */

    const char *file; /* INPUT: glob of files */
    struct ld_pattern *patterns;
    size_t pattern_count;
    enum ld_sort sort;
    bool is_kept;
    struct ld_section **sections; /* that match, in order */
    size_t section_count;

    uint32_t bytes;  /* DATA: 1, 2 or 4 */
    uint32_t offset; /* DATA: in the output section */
};

/* A section of the output. */
struct ld_output {
    const char *name;
    struct ld_place place; /* file NULL: made for sections that the script does not mention */
    struct ld_expression *address_expression, *load_expression, *align_expression, *fill;
    struct ld_statement *body;
    bool is_discard; /* the sections in it are dropped */
    bool is_noload;
    bool is_used; /* has sections, data, or space */

    uint32_t address, load_address, size_bytes, align;
    uint32_t type, flags;
    bool has_bytes;   /* in the file */
    uint32_t index;   /* in the output object; 0: not in it */
    uint32_t segment; /* index of its segment plus 1; 0: none */
    uint8_t *bytes;
    struct ld_output *next;  /* in order of the script */
    struct ld_output *chain; /* assign.c: of those with names that hash alike */
};

/* --- All --------------------------------------------------------------------------- */

struct ld_options {
    const char *entry;    /* NULL: as the script says */
    const char **defsyms; /* "NAME=EXPRESSION" */
    size_t defsym_count;
    const char **wanted; /* symbols that are needed in any case */
    size_t wanted_count;
    const char **folders; /* of libraries */
    size_t folder_count;
    uint32_t most_bytes; /* that the output's sections may have */
    bool has_gc, is_stripped, is_stripped_of_debug;
    bool has_whole_archive; /* for the archives that are added while it is set */
};

struct ld_link {
    struct ld_options options;
    FILE *messages;
    unsigned errors;
    struct tg_obj *memory; /* everything of this run */

    struct ld_input **inputs; /* in the order in which they came in */
    size_t input_count;

    struct ld_symbol **symbols; /* in the order in which they came up */
    size_t symbol_count;
    struct ld_symbol **buckets;
    size_t bucket_count;
    struct ld_section **commons; /* made of common symbols */
    size_t common_count;
    struct ld_section **pending; /* reached, with relocations still to be followed */
    size_t pending_count;

    struct ld_statement *script, **script_end;
    struct ld_output *outputs, **outputs_end;
    struct ld_unmentioned *unmentioned; /* assign.c */
    const char *entry;                  /* symbol; NULL: none */
    struct ld_place entry_place;        /* where that is said */
    bool has_thread_base;
    uint32_t thread_base; /* where the variables of a thread begin */

    struct tg_obj *result;
};

/* --- link.c ------------------------------------------------------------------------ */

/* messages: where errors go. Accepts nothing half-built: memory that is missing ends the program.
 */
void ld_init(struct ld_link *link, FILE *messages);
void ld_finish(struct ld_link *link);

/* Reads link->options.defsyms and the script (its name and text). Comes before the inputs, whose
 * definitions the script's are compared with. Returns false after a message. */
bool ld_begin(struct ld_link *link, const char *script, const char *text);

/* All steps after the inputs are given. Returns false after messages. On success *ret_bytes is the
 * file, the caller's to free. */
bool ld_link(struct ld_link *link, uint8_t **ret_bytes, size_t *ret_size);

/* --- memory.c: never NULL; without memory the program ends ------------------------- */

void *ld_alloc(struct ld_link *link, size_t bytes);
const char *ld_text(struct ld_link *link, const char *text, size_t length);
__attribute__((format(printf, 2, 3))) const char *ld_format(struct ld_link *link,
                                                            const char *format, ...);
/* An array that doubles as it grows, moved within the run's memory. Room for one more. */
void *ld_grow(struct ld_link *link, void *array, size_t count, size_t element_bytes);
#define LD_ADD_TO(link, array, count, ...)                                                         \
    ((array) = ld_grow(link, array, count, sizeof *(array)),                                       \
     (void)((array)[(count)++] = __VA_ARGS__))

/* --- report.c ---------------------------------------------------------------------- */

/* An error: a line "tg-ld: TEXT". ld_note adds an indented line to it. */
__attribute__((format(printf, 2, 3))) void ld_error(struct ld_link *link, const char *format, ...);
__attribute__((format(printf, 2, 3))) void ld_note(struct ld_link *link, const char *format, ...);
__attribute__((format(printf, 3, 4))) void ld_error_at(struct ld_link *link, struct ld_place place,
                                                       const char *format, ...);
/* "main.s:12 (main.o, .text+0x14)", or "main.o, .text+0x14, in main" without line numbers. */
const char *ld_where(struct ld_link *link, struct ld_input *input, uint32_t section,
                     uint32_t offset);
/* Where a symbol is defined. */
const char *ld_where_defined(struct ld_link *link, const struct ld_symbol *symbol);
/* ", did you mean NAME?" or nothing. */
const char *ld_suggestion(struct ld_link *link, const char *name);

/* --- inputs.c ---------------------------------------------------------------------- */

/* Adds the object or archive at path, called as said or, if that is NULL, by its path; or the
 * library libNAME.a of the folders. Errors are reported. */
void ld_add_file(struct ld_link *link, const char *path, const char *called);
void ld_add_library(struct ld_link *link, const char *name);
/* Adds a file that is in memory already. */
void ld_add_bytes(struct ld_link *link, const char *name, const uint8_t *bytes, size_t size);
/* Takes members out of archives as long as one defines what something refers to. */
void ld_pull_members(struct ld_link *link);

/* --- shorten.c --------------------------------------------------------------------- */

/* Takes out the bytes that ALIGN relocations say are not needed. */
void ld_shorten(struct ld_link *link, struct tg_obj *obj);

/* --- symbols.c --------------------------------------------------------------------- */

/* The symbol of this name, made undefined if there is none. ld_find_symbol: NULL if there is none.
 */
struct ld_symbol *ld_symbol(struct ld_link *link, const char *name);
struct ld_symbol *ld_find_symbol(const struct ld_link *link, const char *name);
/* For tables of names. */
size_t ld_hash(const char *name);
/* Makes the symbols of an object take part. */
void ld_resolve_input(struct ld_link *link, struct ld_input *input);
/* Makes a symbol defined by a statement of the script. */
void ld_define_by_script(struct ld_link *link, struct ld_statement *statement);
/* Gives common symbols sections. */
void ld_place_commons(struct ld_link *link);
/* Reports what is undefined, each with all places that refer to it. */
void ld_report_undefined(struct ld_link *link);

/* Notes that the script or the command line needs a symbol. */
struct ld_symbol *ld_need(struct ld_link *link, const char *name);
/* Defines what the script provides and something refers to; and __start_NAME and __stop_NAME of
 * sections whose names are words of C. */
void ld_provide(struct ld_link *link);

/* What a relocation refers to. */
struct ld_target {
    const char *name;           /* of the symbol; a section's for section symbols */
    struct ld_symbol *symbol;   /* NULL: local */
    struct ld_section *section; /* NULL: absolute or undefined */
    uint32_t value;             /* address, once there is one */
    bool is_thread_local;
};
struct ld_target ld_target(const struct ld_input *input, uint32_t symbol);

/* --- script.c, expression.c, layouts.c --------------------------------------------- */

/* Reads a script into link->script and link->outputs. Returns false after a message. */
bool ld_read_script(struct ld_link *link, const char *file, const char *text);
/* Reads "NAME=EXPRESSION" of --defsym. */
bool ld_read_defsym(struct ld_link *link, const char *text);

/* The script of a layout that is built in; NULL: there is none of the name. */
const char *ld_layout_script(const char *layout);
/* Name and description by index; NULL after the last. */
const char *ld_layout_name(size_t index, const char **ret_meaning);

/* A number, and what it moves with. */
struct ld_value {
    uint32_t number;
    struct ld_output *output; /* NULL: nothing, it is only a number */
};

/* Where the calculation of addresses has got to. */
struct ld_pass {
    struct ld_link *link;
    uint64_t dot;
    struct ld_output *output; /* whose body is being laid out; NULL: between sections */
    struct ld_output *last;   /* the one before */
    uint32_t load_distance;   /* load address - address of the last section */
    bool is_final;            /* errors count: all values are known */
    bool has_changed;         /* something has another value than in the pass before */
};

struct ld_value ld_evaluate(struct ld_pass *pass, const struct ld_expression *expression);
/* Calls visit for each symbol that the script refers to. */
void ld_visit_script_symbols(struct ld_link *link,
                             void (*visit)(struct ld_link *link, const char *name));

/* --- assign.c, collect.c, layout.c ------------------------------------------------- */

/* Finds the statement of the script for every section; makes output sections for the others. */
void ld_assign_sections(struct ld_link *link);
/* Drops sections that nothing reaches from the entry and what is to be kept. */
void ld_collect_unused(struct ld_link *link);
/* Gives outputs, sections and symbols their addresses. Returns false after messages. */
bool ld_lay_out(struct ld_link *link);

/* --- relocate.c, output.c, map.c --------------------------------------------------- */

/* Makes the bytes of output sections and applies relocations. */
void ld_fill_outputs(struct ld_link *link);
/* Makes link->result. Returns false after messages. */
bool ld_make_result(struct ld_link *link);
/* The output sections that are in the file: those in memory by address, then the others. */
struct ld_output **ld_sorted_outputs(struct ld_link *link, size_t *ret_count);
/* Writes the map. */
void ld_write_map(struct ld_link *link, FILE *to);

/* Calls visit for each section that takes part, in the order of the inputs. */
void ld_visit_sections(struct ld_link *link,
                       void (*visit)(struct ld_link *link, struct ld_section *section));

#endif
