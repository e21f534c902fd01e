/*
 * Values of the guest's programs: types as their C source has them, where a value lies, and its
 * text. Types come from DWARF, or are the plain ones of C for programs without. The scope says
 * where memory and registers are read: nothing here knows of a machine, and nothing changes one.
 */
#ifndef TG_VALUE_H
#define TG_VALUE_H

#include "debug/program.h"

/* --- Types ------------------------------------------------------------------------------------ */

enum tg_type_kind {
    TG_TYPE_VOID,
    TG_TYPE_INTEGER, /* characters too */
    TG_TYPE_BOOLEAN,
    TG_TYPE_FLOAT,
    TG_TYPE_ENUM,
    TG_TYPE_POINTER,
    TG_TYPE_ARRAY,
    TG_TYPE_STRUCT,
    TG_TYPE_UNION,
    TG_TYPE_FUNCTION,
    TG_TYPE_TYPEDEF,
    TG_TYPE_QUALIFIED, /* const, volatile, restrict, _Atomic */
    TG_TYPE_UNKNOWN    /* could not be read */
};

struct tg_type_info; /* one type of a program; lives as long as it */

/* A type: what is known of a program, with pointers and an array put on top. */
struct tg_type {
    const struct tg_type_info *info;
    uint32_t count;   /* not 0: an array of count elements of what the rest says */
    uint8_t pointers; /* so many pointers to info */
};

/* Its kind, as written, and with typedefs and qualifiers taken off. */
enum tg_type_kind tg_type_kind(struct tg_type type);
struct tg_type tg_type_plain(struct tg_type type);
/* In bytes; 0: void, a function, or a type that is only declared. */
uint32_t tg_type_size(struct tg_type type);
bool tg_type_is_signed(struct tg_type type);
bool tg_type_is_character(struct tg_type type); /* an integer of one byte called char */
/* What a pointer points to, an array has elements of, a function returns, a typedef or qualified
 * type stands for. */
struct tg_type tg_type_target(struct tg_type type);
struct tg_type tg_type_pointer_to(struct tg_type type);
/* Elements of an array; 0: not said. */
uint32_t tg_type_count(struct tg_type type);
/* "struct process *", as C has it: at most size bytes with the terminator. Returns buf. */
const char *tg_type_name(struct tg_type type, char *buf, size_t size);
/* A type with its members or enumerators, as C has it, several lines. */
void tg_type_describe(struct tg_type type, char *buf, size_t size);

/* A member of a struct or union, index from 0; those of members without a name are found by name
 * too. */
struct tg_member {
    const char *name; /* NULL: none */
    struct tg_type type;
    uint32_t offset; /* in bytes */
    uint8_t bit_offset,
        bit_size; /* of a bit-field, from the lowest bit of the byte at offset; bit_size 0: none */
};

bool tg_type_member(struct tg_type type, size_t index, struct tg_member *ret_member);
bool tg_type_member_named(struct tg_type type, const char *name, size_t length,
                          struct tg_member *ret_member);
/* The enumerator with that value, or NULL. */
const char *tg_type_enumerator(struct tg_type type, int64_t value);

/* A type by its name in C ("unsigned char", "struct process", "uint32_t", "u32"), without * and [].
 * program may be NULL: then only C's own and u8 to u64, s8 to s64. */
bool tg_type_by_name(struct tg_program *program, const char *name, size_t length,
                     struct tg_type *ret_type);

/* C's own. */
enum tg_plain_type {
    TG_PLAIN_VOID,
    TG_PLAIN_CHAR,
    TG_PLAIN_INT,
    TG_PLAIN_UNSIGNED,
    TG_PLAIN_LONG_LONG,
    TG_PLAIN_UNSIGNED_LONG_LONG,
    TG_PLAIN_U8,
    TG_PLAIN_U16,
    TG_PLAIN_DOUBLE,
    TG_PLAIN_BOOL,
    TG_PLAIN_CODE
};
struct tg_type tg_type_of(enum tg_plain_type plain);

/* --- Where things are looked at --------------------------------------------------------------- */

struct tg_value;

/* A place and a moment of a guest: everything an expression needs. Any function may be NULL: then
 * there is nothing of that kind. The functions return false for what is not there; none changes
 * anything. tg_scope_of_frame (unwind.h) makes one of a frame. */
struct tg_scope {
    void *context;
    bool (*read_memory)(void *context, uint32_t vaddr, void *bytes, size_t count);
    bool (*read_physical)(void *context, uint32_t paddr, void *bytes, size_t count);
    /* register 0 to 31 of this frame; false: not known any more */
    bool (*read_register)(void *context, unsigned number, uint32_t *ret_value);
    bool (*read_creg)(void *context, unsigned number, uint32_t *ret_value);
    /* $name ($_, $1, a person's own), without the $; length bytes */
    bool (*read_variable)(void *context, const char *name, size_t length,
                          struct tg_value *ret_value);

    struct tg_program *program;       /* whose code this is; NULL: none is known */
    struct tg_program *const *others; /* further ones whose names are found after it */
    size_t other_count;
    uint32_t pc;      /* of the frame: what $pc says */
    uint32_t lookup;  /* the address that scopes are looked up with: pc, or inside the call of an
                         outer frame */
    unsigned inlined; /* inlined functions at lookup that are frames inside this one, so not part of
                         it */
    bool has_cfa;
    uint32_t cfa;      /* of the frame: sp before its call */
    bool is_half_made; /* its frame pointer is not its own yet, or any more: what is found by it is
                          lost */
};

/* --- Values ----------------------------------------------------------------------------------- */

enum tg_place_kind {
    TG_PLACE_NONE,     /* computed: cannot be assigned to */
    TG_PLACE_MEMORY,   /* at a virtual address */
    TG_PLACE_PHYSICAL, /* at a physical address */
    TG_PLACE_REGISTER, /* in register number of the frame (innermost frame: of the CPU); 32: pc */
    TG_PLACE_CREG,     /* in control register number */
    TG_PLACE_VARIABLE  /* a person's own: name */
};

#define TG_PLACE_PC    32
#define TG_VALUE_BYTES 64 /* longest value that is kept whole */
#define TG_VALUE_NAME  32

struct tg_value {
    struct tg_type type;
    enum tg_place_kind place;
    uint32_t address;              /* or number of the register */
    uint8_t bit_offset, bit_size;  /* of a bit-field: from the lowest bit of the byte at address */
    bool is_lost;                  /* the compiler kept it nowhere here: "optimised out" */
    bool is_unreadable;            /* it lies in memory that cannot be read */
    uint64_t known;                /* a bit a byte of bytes; a struct may be kept in part */
    uint8_t bytes[TG_VALUE_BYTES]; /* little-endian; a bit-field is shifted down. Longer ones stay
                                      in their place */
    char name[TG_VALUE_NAME];      /* of a person's own variable */
};

/* A number of any plain type as one, sign-extended when its type is signed; false: no number, lost,
 * or unreadable. */
bool tg_value_number(const struct tg_value *value, int64_t *ret_number);
struct tg_value tg_value_of(struct tg_type type, uint64_t number);

/* The value of a type at an address. */
struct tg_value tg_value_at(const struct tg_scope *scope, struct tg_type type, uint32_t vaddr);

/* The bytes that a value to be assigned to place consists of: *ret_size bytes for
 * [place->address...), or the register's new 4. A bit-field's neighbours are read and kept. False
 * when the place cannot be assigned to or read. */
bool tg_value_store(const struct tg_scope *scope, const struct tg_value *place,
                    const struct tg_value *value, uint8_t *bytes, size_t *ret_size);

/* --- Text ------------------------------------------------------------------------------------- */

struct tg_format_options {
    char letter;       /* x d u t o a c s f, or 0: as the type has it. As gdb's print/x */
    bool is_pretty;    /* members of structs on lines of their own */
    uint8_t depth;     /* structs in structs; deeper ones are {...}. 0: 20 */
    uint16_t elements; /* of arrays and characters of strings that are shown. 0: 200 */
    bool no_strings;   /* char * as a plain pointer */
    bool no_symbols;   /* pointers without <symbol+offset> */
};

/* Writes value's text, at most size bytes with the terminator, cut off with "..." when it is
 * longer. Memory that it leads to (elements, strings) is read through scope. Lost values say
 * <optimised out>, unreadable ones <cannot read 0xADDRESS>. Returns the length. options NULL: all
 * 0. */
size_t tg_value_format(const struct tg_scope *scope, const struct tg_value *value,
                       const struct tg_format_options *options, char *buf, size_t size);

/* A unit of x/NFU: count bytes (1, 2, 4, 8) at bytes as letter says ('i' and 's' are the caller's:
 * they have their own length). Returns the length. */
size_t tg_format_unit(const struct tg_scope *scope, const uint8_t *bytes, size_t count, char letter,
                      char *buf, size_t size);

/* A C string at vaddr as x/s shows it: quoted, escaped. *ret_next (may be NULL): the address after
 * its end. */
size_t tg_format_string(const struct tg_scope *scope, uint32_t vaddr, size_t most, char *buf,
                        size_t size, uint32_t *ret_next);

/* "0xc0001000 <k_boot+16>" with the names of all programs of scope; without a name where none is
 * known. */
size_t tg_format_address(const struct tg_scope *scope, uint32_t address, char *buf, size_t size);

/* --- Variables of a frame --------------------------------------------------------------------- */

struct tg_variable {
    const char *name;
    bool is_argument;
    bool is_shadowed; /* an inner block has another one of that name */
    unsigned block;   /* 0: the function's own; blocks inside count up */
    unsigned line;    /* of its declaration; 0: not known */
    struct tg_value value;
};

/* Calls take for each argument and local variable of the scope's (inlined) function that exists at
 * its place, arguments first, then outer blocks before inner ones, until it returns false. */
void tg_scope_variables(const struct tg_scope *scope,
                        bool (*take)(void *context, const struct tg_variable *variable),
                        void *context);

/* The variable that a name means in scope: locals, then the unit's and the program's, then those of
 * other programs. Not plain symbols. name may be "FUNCTION::NAME" or "FILE::NAME" for a static one.
 */
bool tg_scope_variable(const struct tg_scope *scope, const char *name, size_t length,
                       struct tg_value *ret_value);

#endif
