/*
 * Types, see value.h. Those of a program are made from DWARF when they are first met and kept by
 * the place of their DIE; a pointer is a count on top of another type. Nothing here follows types
 * into each other without a limit.
 */
#include "debug/type_internal.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TYPES    (UINT32_C(1) << 20)
#define MAX_MEMBERS  65536u
#define MAX_POINTERS 200u
#define MAX_NESTING  8u /* members without a name, in each other */

/* --- C's own ---------------------------------------------------------------------------------- */

#define INTEGER(text, bytes, sign)                                                                 \
    {                                                                                              \
        .kind = TG_TYPE_INTEGER, .name = text, .size = bytes, .is_signed = sign                    \
    }
#define CHARACTER(text, sign)                                                                      \
    {                                                                                              \
        .kind = TG_TYPE_INTEGER, .name = text, .size = 1, .is_signed = sign, .is_character = true  \
    }

/* A name that is written in several ways has a row for each; the first one is what is shown. */
static const struct tg_type_info plain_types[] = {
    {.kind = TG_TYPE_VOID, .name = "void"},
    CHARACTER("char", false),
    INTEGER("int", 4, true),
    INTEGER("unsigned int", 4, false),
    INTEGER("long long", 8, true),
    INTEGER("unsigned long long", 8, false),
    INTEGER("u8", 1, false),
    INTEGER("u16", 2, false),
    {.kind = TG_TYPE_FLOAT, .name = "double", .size = 8, .is_signed = true},
    {.kind = TG_TYPE_BOOLEAN, .name = "bool", .size = 1},
    {.kind = TG_TYPE_FUNCTION, .name = "code"},
    /* the rest of enum tg_plain_type is above, in its order */
    INTEGER("u32", 4, false),
    INTEGER("u64", 8, false),
    INTEGER("s8", 1, true),
    INTEGER("s16", 2, true),
    INTEGER("s32", 4, true),
    INTEGER("s64", 8, true),
    INTEGER("uint8_t", 1, false),
    INTEGER("uint16_t", 2, false),
    INTEGER("uint32_t", 4, false),
    INTEGER("uint64_t", 8, false),
    INTEGER("int8_t", 1, true),
    INTEGER("int16_t", 2, true),
    INTEGER("int32_t", 4, true),
    INTEGER("int64_t", 8, true),
    INTEGER("uintptr_t", 4, false),
    INTEGER("intptr_t", 4, true),
    INTEGER("size_t", 4, false),
    CHARACTER("signed char", true),
    CHARACTER("unsigned char", false),
    INTEGER("short", 2, true),
    INTEGER("unsigned short", 2, false),
    INTEGER("long", 4, true),
    INTEGER("unsigned long", 4, false),
    {.kind = TG_TYPE_FLOAT, .name = "float", .size = 4, .is_signed = true},
    {.kind = TG_TYPE_BOOLEAN, .name = "_Bool", .size = 1},
};

static const struct tg_type_info unknown_type = {.kind = TG_TYPE_UNKNOWN, .name = "<unknown type>"};

struct tg_type tg_type_of(enum tg_plain_type plain)
{
    return (struct tg_type){.info = &plain_types[plain]};
}

/* --- The table -------------------------------------------------------------------------------- */

static size_t slot_of(const struct tg_type_table *table, Dwarf_Off key)
{
    size_t slot = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (table->room - 1);
    while (table->slots[slot] != NULL && table->slots[slot]->key != key)
        slot = (slot + 1) & (table->room - 1);
    return slot;
}

static bool make_room(struct tg_type_table *table)
{
    struct tg_type_table larger = {.count = table->count,
                                   .room = table->room != 0 ? table->room * 2 : 256};
    if (table->room != 0 && table->count * 2 < table->room)
        return true;
    larger.slots = calloc(larger.room, sizeof(struct tg_type_info *));
    if (larger.slots == NULL)
        return false;
    for (size_t i = 0; i < table->room; i++)
        if (table->slots[i] != NULL)
            larger.slots[slot_of(&larger, table->slots[i]->key)] = table->slots[i];
    free(table->slots);
    *table = larger;
    return true;
}

/* The type with that key: a new one (*ret_is_new) or the one that is there; NULL: no memory, or too
 * many. */
static struct tg_type_info *intern(struct tg_program *program, Dwarf_Off key, bool *ret_is_new)
{
    struct tg_type_table *table = &program->types;
    if (!make_room(table))
        return NULL;
    size_t slot = slot_of(table, key);
    *ret_is_new = table->slots[slot] == NULL;
    if (*ret_is_new && table->count < MAX_TYPES) {
        table->slots[slot] = calloc(1, sizeof(struct tg_type_info));
        table->count += table->slots[slot] != NULL;
    }
    struct tg_type_info *info = table->slots[slot];
    if (info != NULL && *ret_is_new) {
        info->program = program;
        info->key = key;
    }
    return info;
}

void tg_types_finish(struct tg_program *program)
{
    struct tg_type_table *table = &program->types;
    for (size_t i = 0; i < table->room; i++) {
        if (table->slots[i] == NULL)
            continue;
        free(table->slots[i]->members);
        free(table->slots[i]->enumerators);
        free(table->slots[i]);
    }
    free(table->slots);
}

/* --- From DIEs -------------------------------------------------------------------------------- */

static uint32_t number_or_0(Dwarf_Die *die, unsigned name)
{
    int64_t number;
    return tg_die_number(die, name, &number) && number >= 0 && number <= UINT32_MAX
               ? (uint32_t)number
               : 0;
}

static void set_base(struct tg_type_info *info, Dwarf_Die *die)
{
    uint32_t encoding = number_or_0(die, DW_AT_encoding);
    info->size = number_or_0(die, DW_AT_byte_size);
    info->kind = encoding == DW_ATE_boolean ? TG_TYPE_BOOLEAN
                 : encoding == DW_ATE_float ? TG_TYPE_FLOAT
                                            : TG_TYPE_INTEGER;
    info->is_signed =
        encoding == DW_ATE_signed || encoding == DW_ATE_signed_char || encoding == DW_ATE_float;
    info->is_character =
        info->size == 1 && (encoding == DW_ATE_signed_char || encoding == DW_ATE_unsigned_char);
    bool is_possible = info->kind == TG_TYPE_FLOAT ? info->size == 4 || info->size == 8
                                                   : info->size == 1 || info->size == 2 ||
                                                         info->size == 4 || info->size == 8;
    if (!is_possible)
        info->kind = TG_TYPE_UNKNOWN;
}

static void set_enum(struct tg_type_info *info, Dwarf_Die *die)
{
    struct tg_type base = tg_type_plain(tg_type_of_attribute(info->program, die));
    info->kind = TG_TYPE_ENUM;
    info->size = number_or_0(die, DW_AT_byte_size);
    info->is_signed = base.info->kind != TG_TYPE_INTEGER || base.info->is_signed;
    if (info->size != 1 && info->size != 2 && info->size != 8)
        info->size = 4;
}

/* The index-th dimension of an array. */
static bool find_dimension(Dwarf_Die *die, unsigned index, Dwarf_Die *ret_range)
{
    struct tg_walk_budget budget = {4096};
    Dwarf_Die child;
    if (!tg_die_child(die, &budget, &child))
        return false;
    do {
        int tag = dwarf_tag(&child);
        if ((tag == DW_TAG_subrange_type || tag == DW_TAG_enumeration_type) && index-- == 0) {
            *ret_range = child;
            return true;
        }
    } while (tg_die_sibling(&child, &budget));
    return false;
}

static void set_array(struct tg_type_info *info, Dwarf_Die *die)
{
    Dwarf_Die range;
    int64_t upper;
    info->kind = TG_TYPE_ARRAY;
    if (!find_dimension(die, info->dimension, &range))
        return;
    info->count = number_or_0(&range, DW_AT_count);
    /* an upper bound of -1 is how [0] is said */
    if (info->count == 0 && tg_die_number(&range, DW_AT_upper_bound, &upper) && upper >= 0 &&
        upper < UINT32_MAX)
        info->count = (uint32_t)upper + 1;
}

static void set_info(struct tg_type_info *info, Dwarf_Die *die)
{
    static const int tags[] = {DW_TAG_const_type, DW_TAG_volatile_type, DW_TAG_restrict_type,
                               DW_TAG_atomic_type};
    int tag = dwarf_tag(die);
    info->name = tg_die_name(die);
    info->die = dwarf_dieoffset(die);
    info->kind = TG_TYPE_UNKNOWN;
    for (uint8_t i = 0; i < 4; i++)
        if (tag == tags[i]) {
            info->kind = TG_TYPE_QUALIFIED;
            info->qualifier = i;
        }
    switch (tag) {
    case DW_TAG_base_type:
        set_base(info, die);
        break;
    case DW_TAG_typedef:
        info->kind = TG_TYPE_TYPEDEF;
        break;
    case DW_TAG_structure_type:
    case DW_TAG_class_type:
        info->kind = TG_TYPE_STRUCT;
        info->size = number_or_0(die, DW_AT_byte_size);
        break;
    case DW_TAG_union_type:
        info->kind = TG_TYPE_UNION;
        info->size = number_or_0(die, DW_AT_byte_size);
        break;
    case DW_TAG_enumeration_type:
        set_enum(info, die);
        break;
    case DW_TAG_array_type:
        set_array(info, die);
        break;
    case DW_TAG_subroutine_type:
    case DW_TAG_subprogram:
        info->kind = TG_TYPE_FUNCTION;
        break;
    default:
        break;
    }
}

/* The DIE that DW_AT_type names; 0: it did, 1: there is none, which means void, -1: it cannot be
 * read. */
static int follow_type(Dwarf_Die *die, Dwarf_Die *ret_die)
{
    Dwarf_Attribute attribute;
    if (dwarf_attr_integrate(die, DW_AT_type, &attribute) == NULL)
        return 1;
    return dwarf_formref_die(&attribute, ret_die) != NULL ? 0 : -1;
}

/* A struct that is only declared here may be defined in another unit. */
static void find_definition(struct tg_program *program, Dwarf_Die *die)
{
    int tag = dwarf_tag(die);
    const char *name = dwarf_hasattr(die, DW_AT_declaration) ? tg_die_name(die) : NULL;
    size_t count = 0;
    if (name == NULL)
        return;
    const struct tg_name_row *rows = tg_names_find(program, name, strlen(name), &count);
    enum tg_name_kind wanted = tag == DW_TAG_union_type         ? TG_NAME_UNION
                               : tag == DW_TAG_enumeration_type ? TG_NAME_ENUM
                                                                : TG_NAME_STRUCT;
    for (size_t i = 0; i < count; i++)
        if (rows[i].kind == wanted && dwarf_offdie(program->dwarf, rows[i].die, die) != NULL)
            return;
}

struct tg_type tg_type_of_die(struct tg_program *program, Dwarf_Die *start)
{
    struct tg_type type = {.info = &unknown_type};
    Dwarf_Die die = *start;
    bool is_new;
    while (dwarf_tag(&die) == DW_TAG_pointer_type && type.pointers < MAX_POINTERS) {
        Dwarf_Die next;
        int result = follow_type(&die, &next);
        type.pointers++;
        if (result != 0) {
            type.info = result > 0 ? &plain_types[TG_PLAIN_VOID] : &unknown_type;
            return type;
        }
        die = next;
    }
    find_definition(program, &die);
    struct tg_type_info *info = intern(program, dwarf_dieoffset(&die), &is_new);
    if (info == NULL)
        return type;
    type.info = info;
    if (is_new)
        set_info(info, &die);
    return type;
}

struct tg_type tg_type_of_attribute(struct tg_program *program, Dwarf_Die *die)
{
    Dwarf_Die target;
    int result = follow_type(die, &target);
    if (result != 0)
        return (struct tg_type){.info = result > 0 ? &plain_types[TG_PLAIN_VOID] : &unknown_type};
    return tg_type_of_die(program, &target);
}

/* The elements of an array with more dimensions are arrays: they have the place of their subrange.
 */
static bool inner_array(struct tg_type_info *info, Dwarf_Die *die, struct tg_type *ret_type)
{
    Dwarf_Die range;
    bool is_new;
    if (info->kind != TG_TYPE_ARRAY || !find_dimension(die, info->dimension + 1, &range))
        return false;
    struct tg_type_info *inner = intern(info->program, dwarf_dieoffset(&range), &is_new);
    if (inner == NULL)
        return false;
    if (is_new) {
        inner->dimension = info->dimension + 1;
        set_info(inner, die);
    }
    *ret_type = (struct tg_type){.info = inner};
    return inner->kind == TG_TYPE_ARRAY && inner->dimension > info->dimension;
}

/* Types of a program are changed only to fill them in: their owner made them with calloc. */
static struct tg_type target_of(const struct tg_type_info *constant)
{
    struct tg_type_info *info = (struct tg_type_info *)constant;
    Dwarf_Die die;
    if (info->program == NULL)
        return (struct tg_type){.info = constant->kind == TG_TYPE_FUNCTION
                                            ? &plain_types[TG_PLAIN_VOID]
                                            : &unknown_type};
    if (info->has_target)
        return info->target;
    struct tg_type target = {.info = &unknown_type};
    if (dwarf_offdie(info->program->dwarf, info->die, &die) != NULL &&
        !inner_array(info, &die, &target))
        target = tg_type_of_attribute(info->program, &die);
    info->target = target;
    info->has_target = true;
    return target;
}

/* --- Members and enumerators ------------------------------------------------------------------ */

static void set_bits(Dwarf_Die *die, struct tg_member *member)
{
    int64_t bit_size, first;
    if (!tg_die_number(die, DW_AT_bit_size, &bit_size) || bit_size <= 0 || bit_size > 64)
        return;
    if (!tg_die_number(die, DW_AT_data_bit_offset, &first)) {
        /* before DWARF 4: counted from the highest bit of a unit of byte_size bytes at the offset
         */
        int64_t unit = number_or_0(die, DW_AT_byte_size);
        if (!tg_die_number(die, DW_AT_bit_offset, &first))
            return;
        if (unit == 0)
            unit = tg_type_size(member->type);
        first = (int64_t)member->offset * 8 + unit * 8 - first - bit_size;
    }
    if (first < 0 || first / 8 > UINT32_MAX)
        return;
    member->offset = (uint32_t)(first / 8);
    member->bit_offset = (uint8_t)(first % 8);
    member->bit_size = (uint8_t)bit_size;
}

static void read_members(struct tg_type_info *info, Dwarf_Die *die)
{
    struct tg_walk_budget budget = {MAX_MEMBERS * 2};
    Dwarf_Die child;
    size_t room = 0;
    if (!tg_die_child(die, &budget, &child))
        return;
    do {
        if (dwarf_tag(&child) != DW_TAG_member || info->member_count == MAX_MEMBERS)
            continue;
        if (!tg_grow(&info->members, info->member_count, &room, sizeof *info->members))
            return;
        struct tg_member *member = &info->members[info->member_count++];
        *member = (struct tg_member){.name = tg_die_name(&child),
                                     .type = tg_type_of_attribute(info->program, &child),
                                     .offset = number_or_0(&child, DW_AT_data_member_location)};
        set_bits(&child, member);
    } while (tg_die_sibling(&child, &budget));
}

static void read_enumerators(struct tg_type_info *info, Dwarf_Die *die)
{
    struct tg_walk_budget budget = {MAX_MEMBERS * 2};
    Dwarf_Die child;
    size_t room = 0;
    if (!tg_die_child(die, &budget, &child))
        return;
    do {
        int64_t value;
        const char *name = tg_die_name(&child);
        if (dwarf_tag(&child) != DW_TAG_enumerator || name == NULL ||
            !tg_die_number(&child, DW_AT_const_value, &value) ||
            info->enumerator_count == MAX_MEMBERS)
            continue;
        if (!tg_grow(&info->enumerators, info->enumerator_count, &room, sizeof *info->enumerators))
            return;
        info->enumerators[info->enumerator_count++] = (struct tg_enumerator){name, value};
    } while (tg_die_sibling(&child, &budget));
}

const struct tg_type_info *tg_type_with_members(const struct tg_type_info *constant)
{
    struct tg_type_info *info = (struct tg_type_info *)constant;
    Dwarf_Die die;
    if (info->program == NULL || info->has_members)
        return info;
    info->has_members = true;
    if (dwarf_offdie(info->program->dwarf, info->die, &die) == NULL)
        return info;
    if (info->kind == TG_TYPE_ENUM)
        read_enumerators(info, &die);
    else
        read_members(info, &die);
    return info;
}

/* --- What types are --------------------------------------------------------------------------- */

enum tg_type_kind tg_type_kind(struct tg_type type)
{
    if (type.count != 0)
        return TG_TYPE_ARRAY;
    if (type.pointers != 0)
        return TG_TYPE_POINTER;
    return type.info != NULL ? type.info->kind : TG_TYPE_UNKNOWN;
}

struct tg_type tg_type_plain(struct tg_type type)
{
    for (unsigned i = 0; i < TG_TYPE_STEPS; i++) {
        enum tg_type_kind kind = tg_type_kind(type);
        if (kind != TG_TYPE_TYPEDEF && kind != TG_TYPE_QUALIFIED)
            return type.info != NULL ? type : (struct tg_type){.info = &unknown_type};
        type = target_of(type.info);
    }
    return (struct tg_type){.info = &unknown_type};
}

uint32_t tg_type_size(struct tg_type type)
{
    uint64_t factor = 1;
    for (unsigned i = 0; i < TG_TYPE_STEPS; i++) {
        type = tg_type_plain(type);
        switch (tg_type_kind(type)) {
        case TG_TYPE_ARRAY:
            factor *= tg_type_count(type);
            if (factor > UINT32_MAX)
                return 0;
            type = tg_type_target(type);
            continue;
        case TG_TYPE_POINTER:
            factor *= 4;
            break;
        default:
            factor *= type.info->size;
        }
        return factor <= UINT32_MAX ? (uint32_t)factor : 0;
    }
    return 0;
}

bool tg_type_is_signed(struct tg_type type)
{
    type = tg_type_plain(type);
    return type.count == 0 && type.pointers == 0 && type.info->is_signed;
}

bool tg_type_is_character(struct tg_type type)
{
    type = tg_type_plain(type);
    return type.count == 0 && type.pointers == 0 && type.info->is_character;
}

struct tg_type tg_type_target(struct tg_type type)
{
    if (type.count != 0)
        type.count = 0;
    else if (type.pointers != 0)
        type.pointers--;
    else
        return type.info != NULL ? target_of(type.info) : (struct tg_type){.info = &unknown_type};
    return type;
}

struct tg_type tg_type_pointer_to(struct tg_type type)
{
    type.count = 0; /* a pointer to an array of the debugger's own is one to its elements */
    if (type.pointers < MAX_POINTERS)
        type.pointers++;
    return type;
}

uint32_t tg_type_count(struct tg_type type)
{
    if (type.count != 0 || type.pointers != 0 || type.info == NULL)
        return type.count;
    return type.info->count;
}

bool tg_type_member(struct tg_type type, size_t index, struct tg_member *ret_member)
{
    type = tg_type_plain(type);
    enum tg_type_kind kind = tg_type_kind(type);
    if (kind != TG_TYPE_STRUCT && kind != TG_TYPE_UNION)
        return false;
    const struct tg_type_info *info = tg_type_with_members(type.info);
    if (index >= info->member_count)
        return false;
    *ret_member = info->members[index];
    return true;
}

static bool is_name(const char *name, const char *wanted, size_t length)
{
    return name != NULL && strncmp(name, wanted, length) == 0 && name[length] == '\0';
}

/* budget: members that may still be looked at, as members without names may contain each other. */
static bool find_member(struct tg_type type, const char *name, size_t length, unsigned nesting,
                        uint32_t *budget, struct tg_member *ret_member)
{
    struct tg_member member, inner;
    for (size_t i = 0; tg_type_member(type, i, &member) && *budget != 0; i++) {
        --*budget;
        if (is_name(member.name, name, length)) {
            *ret_member = member;
            return true;
        }
        if (member.name != NULL || nesting == MAX_NESTING ||
            !find_member(member.type, name, length, nesting + 1, budget, &inner))
            continue;
        inner.offset += member.offset;
        *ret_member = inner;
        return true;
    }
    return false;
}

bool tg_type_member_named(struct tg_type type, const char *name, size_t length,
                          struct tg_member *ret_member)
{
    uint32_t budget = MAX_MEMBERS;
    return find_member(type, name, length, 0, &budget, ret_member);
}

const char *tg_type_enumerator(struct tg_type type, int64_t value)
{
    type = tg_type_plain(type);
    if (tg_type_kind(type) != TG_TYPE_ENUM)
        return NULL;
    const struct tg_type_info *info = tg_type_with_members(type.info);
    for (size_t i = 0; i < info->enumerator_count; i++)
        if (info->enumerators[i].value == value)
            return info->enumerators[i].name;
    return NULL;
}

/* --- By name ---------------------------------------------------------------------------------- */

static bool take_word(const char **text, size_t *length, const char *word)
{
    size_t count = strlen(word);
    if (*length <= count || strncmp(*text, word, count) != 0 || (*text)[count] != ' ')
        return false;
    *text += count + 1;
    *length -= count + 1;
    return true;
}

/* C's words for integers in any order: "long unsigned int". */
static bool plain_integer(const char *name, size_t length, struct tg_type *ret_type)
{
    unsigned longs = 0, shorts = 0, ints = 0, chars = 0, is_signed = 0, is_unsigned = 0, others = 0;
    for (size_t at = 0; at < length;) {
        size_t count = 0;
        while (at + count < length && name[at + count] != ' ')
            count++;
        const char *word = name + at;
#define IS(text) (count == sizeof text - 1 && memcmp(word, text, count) == 0)
        if (IS("long"))
            longs++;
        else if (IS("short"))
            shorts++;
        else if (IS("int"))
            ints++;
        else if (IS("char"))
            chars++;
        else if (IS("signed"))
            is_signed++;
        else if (IS("unsigned"))
            is_unsigned++;
        else if (count != 0)
            others++;
#undef IS
        at += count + 1;
    }
    if (others != 0 || longs + shorts + ints + chars + is_signed + is_unsigned == 0 || longs > 2 ||
        shorts > 1 || ints > 1 || chars > 1 || is_signed + is_unsigned > 1 ||
        (chars != 0 && longs + shorts + ints != 0) || (longs != 0 && shorts != 0))
        return false;
    const char *text = chars != 0    ? (is_unsigned ? "unsigned char"
                                        : is_signed ? "signed char"
                                                    : "char")
                       : shorts != 0 ? (is_unsigned ? "unsigned short" : "short")
                       : longs == 2  ? (is_unsigned ? "unsigned long long" : "long long")
                       : longs == 1  ? (is_unsigned ? "unsigned long" : "long")
                                     : (is_unsigned ? "unsigned int" : "int");
    for (size_t i = 0; i < sizeof plain_types / sizeof *plain_types; i++)
        if (strcmp(plain_types[i].name, text) == 0)
            *ret_type = (struct tg_type){.info = &plain_types[i]};
    return true;
}

static bool program_type(struct tg_program *program, const char *name, size_t length,
                         enum tg_name_kind kind, struct tg_type *ret_type)
{
    size_t count = 0;
    const struct tg_name_row *rows =
        program != NULL ? tg_names_find(program, name, length, &count) : NULL;
    for (size_t i = 0; i < count; i++) {
        Dwarf_Die die;
        if (rows[i].kind != kind || dwarf_offdie(program->dwarf, rows[i].die, &die) == NULL)
            continue;
        *ret_type = tg_type_of_die(program, &die);
        return true;
    }
    return false;
}

bool tg_type_by_name(struct tg_program *program, const char *name, size_t length,
                     struct tg_type *ret_type)
{
    while (take_word(&name, &length, "const") || take_word(&name, &length, "volatile"))
        ;
    if (take_word(&name, &length, "struct"))
        return program_type(program, name, length, TG_NAME_STRUCT, ret_type);
    if (take_word(&name, &length, "union"))
        return program_type(program, name, length, TG_NAME_UNION, ret_type);
    if (take_word(&name, &length, "enum"))
        return program_type(program, name, length, TG_NAME_ENUM, ret_type);
    if (program_type(program, name, length, TG_NAME_TYPE, ret_type) ||
        plain_integer(name, length, ret_type))
        return true;
    for (size_t i = 0; i < sizeof plain_types / sizeof *plain_types; i++)
        if (is_name(plain_types[i].name, name, length) && plain_types[i].kind != TG_TYPE_FUNCTION) {
            *ret_type = (struct tg_type){.info = &plain_types[i]};
            return true;
        }
    return false;
}
