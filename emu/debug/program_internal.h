/*
 * A program as the files of program.h keep it. One owner a part: program.c the file,
 * program_symbols.c, program_lines.c, program_functions.c, program_names.c and types.c each their
 * own table, all of which are built once and then only read. Addresses are the guest's; DIE offsets
 * name DWARF entries.
 *
 * DWARF is another's bytes: every walk over it has a budget, and no text of it is trusted to be
 * printable.
 */
#ifndef TG_PROGRAM_INTERNAL_H
#define TG_PROGRAM_INTERNAL_H

#include <elfutils/libdw.h>
#include <libelf.h>

#include "debug/program.h"
#include "debug/value.h"

struct tg_segment {
    uint32_t vaddr, memory_bytes, file_bytes;
    size_t offset; /* in the file; all of file_bytes is there */
    bool is_code;
};

struct tg_section {
    uint32_t first, end;
    bool is_code;
};

/* --- Symbols ---------------------------------------------------------------------------------- */

struct tg_symbol_row {
    const char *name;
    uint32_t address, size_bytes;
    uint16_t section; /* index in sections; TG_NO_SECTION: absolute */
    uint8_t kind;     /* enum tg_symbol_kind */
    uint8_t rank;     /* which of those at one address is the better name: 0 best */
    bool is_local;
};

#define TG_NO_SECTION UINT16_MAX

struct tg_symbol_table {
    struct tg_symbol_row *rows; /* by address, all of them */
    size_t count;
    uint32_t *by_name;
    uint32_t *named; /* rows that name an address: the best of each, in sections, by address */
    size_t named_count;
};

int tg_symbol_table_read(struct tg_program *program);
void tg_symbol_table_finish(struct tg_program *program);
/* The last function's symbol at or before address in the same section of code whose size does not
 * end before; and the first one after it. NULL: none. */
const struct tg_symbol_row *tg_symbol_function(const struct tg_program *program, uint32_t address,
                                               uint32_t *ret_end);

/* --- Lines ------------------------------------------------------------------------------------ */

struct tg_file {
    char *path;       /* without "./" and "folder/../" */
    const char *name; /* the same without the folder of the compilation: its end */
};

struct tg_line_row {
    uint32_t address;
    uint32_t line;  /* 0: code without a line, or the end of a run of code */
    uint32_t file;  /* index */
    uint32_t order; /* as the table had it */
    uint16_t column;
    bool is_statement, ends_prologue, is_end;
};

struct tg_line_table {
    struct tg_line_row *rows; /* by address, each address once */
    size_t count, room;
    struct tg_file *files;
    size_t file_count, file_room;
    uint32_t *files_by_name; /* each name once */
    size_t name_count;
};

int tg_line_table_read(struct tg_program *program);
void tg_line_table_finish(struct tg_program *program);
/* The row that address belongs to; NULL: none. */
const struct tg_line_row *tg_line_row(const struct tg_program *program, uint32_t address);
/* Where the first statement after the prologue of [first, end) begins. */
uint32_t tg_line_after_prologue(const struct tg_program *program, uint32_t first, uint32_t end);
/* Whether a file's path is what a person calls name: all of it, or as many of its last parts. */
bool tg_line_is_path(const char *path, const char *name, size_t length);
/* The file of the table with that path, as a compiler writes it; NULL: none. */
const struct tg_file *tg_line_file(const struct tg_program *program, const char *path);

/* --- Functions -------------------------------------------------------------------------------- */

struct tg_function_row { /* a piece of a function's code */
    uint32_t first, end, entry;
    const char *name;
    Dwarf_Off die;
};

struct tg_function_table {
    struct tg_function_row *rows; /* by first */
    size_t count, room;
};

/* What is around an address: the function, and blocks and inlined functions in it, outermost first.
 */
#define TG_CHAIN_MAX 64

struct tg_chain {
    uint32_t address;
    bool is_known; /* the rest is right for address */
    unsigned count;
    Dwarf_Die dies[TG_CHAIN_MAX];
};

int tg_function_table_read(struct tg_program *program);
void tg_function_table_finish(struct tg_program *program);
const struct tg_function_row *tg_function_row(const struct tg_program *program, uint32_t address);
/* NULL where DWARF describes nothing. Valid until it is called again. */
const struct tg_chain *tg_chain_at(struct tg_program *program, uint32_t address);

/* --- Names of DWARF --------------------------------------------------------------------------- */

enum tg_name_kind {
    TG_NAME_VARIABLE,
    TG_NAME_ENUMERATOR,
    TG_NAME_TYPE,
    TG_NAME_STRUCT,
    TG_NAME_UNION,
    TG_NAME_ENUM,
    TG_NAME_INLINE /* a function of which there are inlined copies */
};

struct tg_name_row {
    const char *name;
    Dwarf_Off die;
    Dwarf_Off parent; /* of an enumerator: its enumeration */
    uint32_t unit;    /* number of the unit of compilation */
    uint8_t kind;     /* enum tg_name_kind */
    bool is_external;
};

struct tg_name_table {
    bool is_read;
    struct tg_name_row *rows; /* by name */
    size_t count, room;
};

/* Reads the table when it is first needed. The first row of that name, and how many there are. */
const struct tg_name_row *tg_names_find(struct tg_program *program, const char *name, size_t length,
                                        size_t *ret_count);
void tg_names_finish(struct tg_program *program);
/* All copies of an inlined function: takes the address of each until take returns false. */
void tg_names_inlined_copies(struct tg_program *program, const char *name,
                             bool (*take)(void *context, uint32_t address), void *context);

/* Letters to add, leave out, change or swap until one name is the other; limit + 1 when it is more
 * than limit. How many make a name of that length another one. */
unsigned tg_name_distance(const char *a, const char *b, unsigned limit);
unsigned tg_name_likeness(size_t length);

/* --- Types ------------------------------------------------------------------------------------ */

struct tg_type_table {
    struct tg_type_info **slots; /* by DIE offset, open addressing */
    size_t count, room;
};

/* The type that a DIE is; and that its DW_AT_type says, which is void when there is none. */
struct tg_type tg_type_of_die(struct tg_program *program, Dwarf_Die *die);
struct tg_type tg_type_of_attribute(struct tg_program *program, Dwarf_Die *die);
void tg_types_finish(struct tg_program *program);

/* --- Call frame information ------------------------------------------------------------------- */

struct tg_bytes {
    const uint8_t *bytes;
    size_t size;
};

struct tg_cfi_row { /* a description of frames: FDE */
    uint32_t first, end;
    uint32_t entry, common; /* offsets of FDE and CIE in their section */
    bool is_eh;
};

struct tg_cfi_table {
    struct tg_bytes debug_frame, eh_frame;
    uint32_t eh_frame_address;
    struct tg_cfi_row *rows; /* by first */
    size_t count, room;
};

/* How the caller's registers are found from those of a frame. */
enum tg_cfi_kind {
    TG_CFI_UNSPECIFIED, /* by convention: what a callee preserves is the same, the rest lost */
    TG_CFI_UNDEFINED,
    TG_CFI_SAME,
    TG_CFI_AT_OFFSET,  /* in memory at CFA + offset */
    TG_CFI_IS_OFFSET,  /* it is CFA + offset */
    TG_CFI_REGISTER,   /* in register offset */
    TG_CFI_UNSUPPORTED /* a DWARF expression, or damaged */
};

struct tg_cfi_rule {
    enum tg_cfi_kind kind;
    int32_t offset;
};

#define TG_CFI_REGISTERS 32

struct tg_cfi_frame {
    bool has_cfa;
    unsigned cfa_register; /* CFA is it + cfa_offset */
    int32_t cfa_offset;
    unsigned return_register;
    bool is_signal; /* the caller was interrupted: its pc is no return address */
    struct tg_cfi_rule rules[TG_CFI_REGISTERS];
};

int tg_cfi_read(struct tg_program *program);
void tg_cfi_finish(struct tg_program *program);
/* The rules for the instruction at address; false: no CFI describes it. */
bool tg_cfi_find(const struct tg_program *program, uint32_t address,
                 struct tg_cfi_frame *ret_frame);

/* --- Locations -------------------------------------------------------------------------------- */

/* The value of a variable's DIE in scope, whose frame is that of function (for its frame base;
 * NULL: none). */
void tg_value_of_die(const struct tg_scope *scope, struct tg_program *program, Dwarf_Die *die,
                     Dwarf_Die *function, struct tg_value *ret_value);

/* --- The program ------------------------------------------------------------------------------ */

struct tg_unit {
    Dwarf_Off die;
};

struct tg_program {
    char *name;
    uint8_t *bytes;
    size_t size;
    Elf *elf;
    Dwarf *dwarf; /* NULL: none */
    uint32_t entry;
    bool is_damaged;
    struct tg_segment *segments;
    size_t segment_count;
    struct tg_section *sections;
    size_t section_count;
    struct tg_unit *units;
    size_t unit_count, unit_room;
    struct tg_symbol_table symbols;
    struct tg_line_table lines;
    struct tg_function_table functions;
    struct tg_name_table names;
    struct tg_type_table types;
    struct tg_cfi_table cfi;
    struct tg_chain chain; /* the one asked for last */
};

/* The section of the file by that name; size 0: none. */
struct tg_bytes tg_program_section(const struct tg_program *program, const char *name,
                                   uint32_t *ret_address);
bool tg_program_is_code(const struct tg_program *program, uint32_t address);

/* Makes room for one more element of bytes each in *list, which has count of *room. */
bool tg_grow(void *list, size_t count, size_t *room, size_t bytes);

/* --- Walks over DIEs -------------------------------------------------------------------------- */

/* Children of a DIE: for (tg_child_first(...); is there; tg_child_next(...)). The budget is of a
 * whole walk. */
#define TG_WALK_BUDGET 4000000u

struct tg_walk_budget {
    uint32_t left;
};

bool tg_die_child(Dwarf_Die *die, struct tg_walk_budget *budget, Dwarf_Die *ret_child);
bool tg_die_sibling(Dwarf_Die *die, struct tg_walk_budget *budget);
/* Attributes, through abstract origins. */
bool tg_die_number(Dwarf_Die *die, unsigned name, int64_t *ret_number);
bool tg_die_flag(Dwarf_Die *die, unsigned name);
/* A name that can be printed as one word or "(anonymous)"-free: NULL when there is none. */
const char *tg_die_name(Dwarf_Die *die);

#endif
