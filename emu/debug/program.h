/*
 * What an ELF file tells of a program: symbols, source lines, functions, and, through value.h and
 * expression.h, types and variables. Reads the symbol table and DWARF 2 to 5 (libelf, libdw) from a
 * private copy; knows of no machine. Any bytes are a program or an error: a file without debug
 * information is a program that knows less. Nothing is printed; texts that are returned live as
 * long as the program. A program is used by one thread at a time.
 */
#ifndef TG_DEBUG_PROGRAM_H
#define TG_DEBUG_PROGRAM_H

#include "tollgate.h"

struct tg_program;

/* --- Opening ---------------------------------------------------------------------------------- */

/* Opens the ELF file of size bytes at elf (copied): an executable of TG32. name is what messages
 * call it (copied). Errors: TG_E_FORMAT (no ELF file of this machine), TG_E_NOMEM. Damaged debug
 * information is no error: what cannot be read is missing, and tg_program_facts says so. */
int tg_program_open(const void *elf, size_t size, const char *name, struct tg_program **ret_program,
                    struct tg_error *error);
/* Accepts NULL. Types and values of the program are gone with it. */
void tg_program_close(struct tg_program *program);

const char *tg_program_name(const struct tg_program *program);

struct tg_program_facts {
    uint32_t entry;     /* address of its first instruction */
    size_t symbols;     /* named addresses */
    size_t units;       /* of compilation, with DWARF */
    size_t lines;       /* rows of line tables */
    size_t functions;   /* that DWARF describes */
    bool is_stripped;   /* there is no symbol table */
    bool has_lines;     /* some code has source lines */
    bool has_variables; /* some code has variables and types */
    bool is_damaged;    /* some debug information could not be read */
};

void tg_program_facts(const struct tg_program *program, struct tg_program_facts *ret_facts);

/* Whether guest memory holds this program. */
enum tg_match {
    TG_MATCH_SAME,      /* every byte of code that could be read is the file's */
    TG_MATCH_DIFFERENT, /* a byte differs: the file is of another build, or not loaded */
    TG_MATCH_UNREADABLE /* none of its code is in memory: not loaded, or not in this address space
                         */
};

/* A way to guest memory: virtual addresses of some address space. false: not all of [vaddr, vaddr +
 * count) is there. */
struct tg_memory {
    void *context;
    bool (*read)(void *context, uint32_t vaddr, void *bytes, size_t count);
};

/* Compares the program's code (segments that may be executed) with memory. *ret_address (may be
 * NULL): where the first difference is. Pages that cannot be read are passed over, and words where
 * memory holds `brk` too. */
enum tg_match tg_program_matches(const struct tg_program *program, const struct tg_memory *memory,
                                 uint32_t *ret_address);

/* Reads from the file what is loaded at [vaddr, vaddr + count); false when not all of it is in the
 * file. */
bool tg_program_read(const struct tg_program *program, uint32_t vaddr, void *bytes, size_t count);

/* --- Symbols ---------------------------------------------------------------------------------- */

enum tg_symbol_kind { TG_SYMBOL_FUNCTION, TG_SYMBOL_OBJECT, TG_SYMBOL_LABEL, TG_SYMBOL_ABSOLUTE };

struct tg_program_symbol {
    const char *name;
    uint32_t address;    /* or the value of an absolute symbol */
    uint32_t size_bytes; /* 0: not said */
    enum tg_symbol_kind kind;
    bool is_local; /* other files of the program may have the same name */
    bool is_code;  /* lies in a section that may be executed */
};

/* By exact name; a global one before local ones. */
bool tg_program_symbol(const struct tg_program *program, const char *name,
                       struct tg_program_symbol *ret_symbol);

/* What lies at address: the symbol whose size covers it, or the nearest at or below it without a
 * size, in the same section. *ret_offset (may be NULL): the distance from it. */
bool tg_program_symbol_at(const struct tg_program *program, uint32_t address,
                          struct tg_program_symbol *ret_symbol, uint32_t *ret_offset);

/* All of them in the order of their names: index 0 to count - 1; false beyond. The first one whose
 * name is not before prefix, so that those which begin with it follow: for completion. */
bool tg_program_symbol_by_name(const struct tg_program *program, size_t index,
                               struct tg_program_symbol *ret_symbol);
size_t tg_program_symbol_first(const struct tg_program *program, const char *prefix);

/* The known symbol or variable whose name is most like name, for "did you mean"; NULL when none is
 * near. */
const char *tg_program_nearest(struct tg_program *program, const char *name);

/* --- Lines ------------------------------------------------------------------------------------ */

/* A run of code that belongs to one line of source. */
struct tg_line_span {
    const char *path; /* of the source when it was compiled, absolute where the compiler said it */
    const char *file; /* the same as a person wrote it: without the folder of the compilation */
    unsigned line;    /* from 1 */
    unsigned column;  /* from 1; 0: not said */
    uint32_t first, end; /* the code around the address of this line without a gap: [first, end) */
    bool is_statement;   /* a statement begins at first */
};

/* The line of the instruction at address. Takes a binary search: meant to be asked for each
 * instruction. */
bool tg_program_line_at(const struct tg_program *program, uint32_t address,
                        struct tg_line_span *ret_span);

/* The files that have lines, each once, in the order of their names: index from 0, NULL beyond. */
const char *tg_program_file(const struct tg_program *program, size_t index);

/* Where a breakpoint on a line of a file belongs: the lowest address of the line in each function
 * that has code of it, and in each inlined copy; after the prologue where the line begins a
 * function. file: the name as given to the compiler, or any number of its last parts ("main.c",
 * "kernel/main.c"). A line without code stands for the next one that has some, which *ret_line (may
 * be NULL) names. Writes at most room addresses, ascending, and returns how many there are in all;
 * 0: no code at or after that line. */
size_t tg_program_line_addresses(struct tg_program *program, const char *file, unsigned line,
                                 uint32_t *addresses, size_t room, unsigned *ret_line);

/* --- Functions -------------------------------------------------------------------------------- */

struct tg_function {
    const char *name;
    uint32_t first, end; /* its code; of one in several pieces the piece around the address */
    uint32_t entry;      /* where it is called */
    uint32_t body; /* after the prologue: arguments are in their places, a breakpoint's place */
    const char *path, *file; /* of its declaration; NULL: not known */
    unsigned line;           /* 0: not known */
    bool has_variables;      /* DWARF describes it; else all is from the symbol table */
};

/* The function (not the inlined one) whose code address is. */
bool tg_program_function_at(const struct tg_program *program, uint32_t address,
                            struct tg_function *ret_function);
/* By name: 0 or more, since static ones may share it; index from 0. */
bool tg_program_function(const struct tg_program *program, const char *name, size_t index,
                         struct tg_function *ret_function);

/* Inlined functions that are open at address, outermost first: what a person sees as frames of
 * their own. */
struct tg_inlined {
    const char *name;
    uint32_t entry, first,
        end; /* of this copy: where it begins, and the piece around the address */
    const char *call_path, *call_file; /* where it is called */
    unsigned call_line;
};

/* Writes at most room of them, returns how many there are. */
size_t tg_program_inlined(struct tg_program *program, uint32_t address, struct tg_inlined *inlined,
                          size_t room);

/* --- Places as a person writes them ----------------------------------------------------------- */

struct tg_location {
    uint32_t address;
    const char *function; /* NULL: not known */
    const char *file;     /* NULL: no line */
    unsigned line;
};

/* Where the words of a place lead: FUNCTION (after its prologue; inlined copies too), SYMBOL,
 * SYMBOL+NUMBER, FILE:LINE, LINE (of the file around here), FILE:FUNCTION, *NUMBER or a plain
 * number with 0x. here: an address in the file that LINE means. Writes at most room locations,
 * ascending, and returns how many there are; 0: none, and error says what was expected, with the
 * nearest known name. Expressions after * are for the caller (expression.h). */
size_t tg_program_locate(struct tg_program *program, const char *place, uint32_t here,
                         struct tg_location *locations, size_t room, struct tg_error *error);

/* Names that may follow prefix in a place: functions, objects, files (and "FILE:" functions). Calls
 * take for each, in the order of names, until it returns false. */
void tg_program_complete(struct tg_program *program, const char *prefix,
                         bool (*take)(void *context, const char *name), void *context);

/* --- Source texts ----------------------------------------------------------------------------- */

/* Files of source, read when first asked for and then kept. They belong to a person's session, not
 * to a program: the same file is read once for several. */
struct tg_sources;

struct tg_sources *tg_sources_create(void); /* NULL: no memory */
void tg_sources_destroy(struct tg_sources *sources);

/* A further folder to look in for files that are not at their path: folder/path, folder/the last
 * parts of path. Last given is looked in first. */
int tg_sources_add_folder(struct tg_sources *sources, const char *folder);
/* Paths that begin with from begin with to instead: for programs that were built elsewhere. */
int tg_sources_substitute(struct tg_sources *sources, const char *from, const char *to);
/* Forgets texts that were read, so that changed files are read again. */
void tg_sources_forget(struct tg_sources *sources);

/* A line of the file that was at path when it was compiled: its text without the end of line,
 * *ret_length bytes, no terminator; NULL when the file is not found or has no such line. The text
 * lives until tg_sources_forget. */
const char *tg_sources_line(struct tg_sources *sources, const char *path, unsigned line,
                            size_t *ret_length);
/* How many lines it has: 0 when it is not found. *ret_found (may be NULL): where it was found, or
 * NULL. */
unsigned tg_sources_line_count(struct tg_sources *sources, const char *path,
                               const char **ret_found);

#endif
