/*
 * An ELF32 object file as a structure: sections, symbols, relocations, segments. One form for all
 * tools: the assembler builds one and writes it, the linker reads many and writes one, the rewriter
 * reads one for RISC-V, changes it in place and writes it for TG32. Reading checks every number in
 * the file before it is used, so whoever works on an object need not check again. Manual:
 * docs/object-format.md.
 */
#ifndef TG_OBJECT_H
#define TG_OBJECT_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isa/elf_tg32.h"
#include "object/relocation.h"
#include "tollgate.h"

/* The sections a symbol can be in beside those of the object. Section 0 is none: the symbol is
 * undefined. */
enum { TG_OBJ_UNDEFINED = 0, TG_OBJ_ABSOLUTE = 0xfff1, TG_OBJ_COMMON = 0xfff2 };

/* Largest index of a section, and largest file that is read. */
enum { TG_OBJ_MAX_SECTIONS = 0xfe00 };
#define TG_OBJ_MAX_BYTES (UINT32_C(1) << 30)

struct tg_obj_reloc {
    uint32_t offset; /* of the place, from the section's start; in executables there are none */
    uint32_t kind;   /* enum tg_reloc_kind, or R_RISCV_... in an object for RISC-V */
    uint32_t symbol; /* index; 0: none, value 0 */
    int32_t addend;
};

struct tg_obj_section {
    const char *name;
    uint32_t type;  /* SHT_PROGBITS, SHT_NOBITS, SHT_NOTE, SHT_INIT_ARRAY, ... */
    uint32_t flags; /* SHF_ALLOC, SHF_WRITE, SHF_EXECINSTR, SHF_MERGE, ... */
    uint32_t address;
    uint32_t size_bytes;
    uint32_t align;              /* a power of two */
    uint32_t entry_bytes;        /* size of an element for SHF_MERGE and tables; 0: none */
    uint32_t link;               /* the section that this one is about (SHF_LINK_ORDER); 0: none */
    uint32_t group;              /* index of its group plus 1; 0: none */
    uint32_t segment;            /* index of its segment plus 1; 0: none */
    uint8_t *bytes;              /* size_bytes of them; NULL for SHT_NOBITS */
    struct tg_obj_reloc *relocs; /* in the file's order */
    size_t reloc_count;
};

struct tg_obj_symbol {
    const char *name; /* "" for sections */
    uint32_t
        value; /* offset in its section (address in executables); alignment for TG_OBJ_COMMON */
    uint32_t size_bytes;
    uint32_t section;   /* index, or TG_OBJ_... */
    uint8_t binding;    /* STB_LOCAL, STB_GLOBAL, STB_WEAK */
    uint8_t type;       /* STT_NOTYPE, STT_FUNC, STT_OBJECT, STT_SECTION, STT_FILE, STT_TLS */
    uint8_t visibility; /* STV_... */
};

/* Sections that are kept or dropped together: of groups with the same signature a linker keeps one.
 */
struct tg_obj_group {
    uint32_t signature; /* index of a symbol */
    bool is_comdat;
};

/* What a loader copies. Made of sections in ascending order of address, those without bytes last;
 * when read, of whatever the file says, with copies of its own. */
struct tg_obj_segment {
    uint32_t type;  /* PT_LOAD, ... */
    uint32_t flags; /* PF_R, PF_W, PF_X */
    uint32_t vaddr, paddr;
    uint32_t align; /* a power of two; the file offset is congruent to vaddr modulo it */
    uint32_t file_bytes, memory_bytes; /* when written: taken from the sections */
    const uint8_t *bytes;              /* file_bytes of them; when written: not used */
};

struct tg_obj {
    const char *name; /* of the file, for messages: "a.o", "libc.a(printf.o)" */
    uint16_t type;    /* ET_REL or ET_EXEC */
    uint16_t machine; /* EM_TG32 or EM_RISCV */
    uint32_t flags;   /* e_flags, which differ by machine; written as EF_TG32_NONE for TG32 */
    uint32_t entry;   /* ET_EXEC: start address */

    struct tg_obj_section *sections; /* [1, section_count); [0] is empty */
    size_t section_count, section_room;
    struct tg_obj_symbol
        *symbols; /* [1, symbol_count); [0] is empty. Local and other symbols in any order */
    size_t symbol_count, symbol_room;
    struct tg_obj_group *groups;
    size_t group_count;
    struct tg_obj_segment *segments;
    size_t segment_count;

    struct tg_obj_chunk *chunks; /* memory that goes with the object */
};

/* --- Making
 * -------------------------------------------------------------------------------------------------------
 */

/* An empty relocatable object for TG32, with sections and symbols 0. NULL when memory is short.
 * name is copied. */
struct tg_obj *tg_obj_create(const char *name);
/* Accepts NULL. */
void tg_obj_destroy(struct tg_obj *obj);

/* Memory filled with zeros that lives as long as the object; NULL when there is no more. */
void *tg_obj_alloc(struct tg_obj *obj, size_t bytes);
/* The same, holding a copy of text. */
const char *tg_obj_text(struct tg_obj *obj, const char *text, size_t length);

/* Appends a copy of *section or *symbol; the strings and bytes it points to must live as long as
 * the object. Returns the index, 0 when memory is short or the limit of sections is reached.
 * Pointers into the arrays become stale. */
uint32_t tg_obj_add_section(struct tg_obj *obj, const struct tg_obj_section *section);
uint32_t tg_obj_add_symbol(struct tg_obj *obj, const struct tg_obj_symbol *symbol);

/* --- Reading and writing
 * ------------------------------------------------------------------------------------------ */

/* Reads an object or executable from the bytes of a file for machine (EM_TG32 or EM_RISCV). name is
 * copied. The bytes are copied too. Errors: TG_E_FORMAT with a text that begins with name,
 * TG_E_NOMEM. What a success promises: names are terminated, and printable for symbols that are not
 * of a section (nor, in an object for RISC-V, local); section bytes, and places of relocations of TG32 kinds, lie within their
 * section; kinds of TG32 exist; indices exist; alignments are powers of two. Symbols of sections
 * have the section's name. Relocations of RISC-V kinds have an offset within the section and
 * nothing more. Symbol and string tables, relocation sections and groups are not among the
 * sections. */
int tg_obj_read(const void *bytes, size_t size_bytes, const char *name, uint16_t machine,
                struct tg_obj **ret_obj, struct tg_error *error);

/* Makes the bytes of a file, which are the caller's to free. Symbols are sorted, locals first.
 * Errors: TG_E_NOMEM, TG_E_IO, TG_E_ARGUMENT for an object that is not well-formed (a bug of the
 * caller); the text begins with obj->name. */
int tg_obj_write(const struct tg_obj *obj, uint8_t **ret_bytes, size_t *ret_size_bytes,
                 struct tg_error *error);

/* --- Archives
 * -----------------------------------------------------------------------------------------------------
 */

struct tg_archive_member {
    const char *name;
    const uint8_t *bytes;
    size_t size_bytes;
};

/* What `ar` made. */
struct tg_archive {
    struct tg_archive_member *members;
    size_t count;
    void *copy; /* all names and bytes */
};

bool tg_archive_is(const void *bytes, size_t size_bytes);
/* Reads all members but the symbol index; bytes are copied. Errors as for tg_obj_read. */
int tg_archive_read(const void *bytes, size_t size_bytes, const char *name,
                    struct tg_archive **ret_archive, struct tg_error *error);
/* Accepts NULL. */
void tg_archive_destroy(struct tg_archive *archive);

#endif
