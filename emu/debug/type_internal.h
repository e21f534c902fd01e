/* A type as types.c keeps it and type_text.c writes it. */
#ifndef TG_TYPE_INTERNAL_H
#define TG_TYPE_INTERNAL_H

#include "debug/program_internal.h"

/* No chain of types is followed further: typedefs of typedefs, pointers to arrays of pointers. */
#define TG_TYPE_STEPS 64u

struct tg_enumerator {
    const char *name;
    int64_t value;
};

struct tg_type_info {
    enum tg_type_kind kind;
    const char *name; /* NULL: none */
    uint32_t size;
    bool is_signed, is_character;
    uint8_t qualifier; /* of QUALIFIED: index in qualifiers */
    uint32_t count;    /* of an array */

    struct tg_program *program; /* NULL: C's own */
    Dwarf_Off die;
    Dwarf_Off key;      /* its place in the table */
    unsigned dimension; /* of an array DIE with several */
    bool has_target, has_members;
    struct tg_type target;
    struct tg_member *members;
    size_t member_count;
    struct tg_enumerator *enumerators;
    size_t enumerator_count;
};

/* The same type with members and enumerators read. */
const struct tg_type_info *tg_type_with_members(const struct tg_type_info *info);

#endif
