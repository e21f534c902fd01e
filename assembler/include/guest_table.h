/*
 * For kernels: how to tell the debugger of processes, calls and whatever else is worth seeing. A kernel
 * defines one constant, `tollgate_guest_table`; nothing is called and nothing costs an instruction.
 * Manual: docs/guest-table.md, which has a whole example in C and one in assembly.
 *
 *     static const struct tg_guest_field fields[] = {
 *         TG_TABLE_FIELD("pid", TG_TABLE_KIND_NUMBER, struct process, pid),
 *         TG_TABLE_FIELD_OF("state", TG_TABLE_KIND_ENUM, struct process, state, &states),
 *     };
 *     static const struct tg_guest_list processes = {
 *         .name = "processes", .rows = table, .count = 8, .step = sizeof table[0],
 *         .fields = fields, .field_count = 2, .used = 2, .key = 1,
 *     };
 */
#ifndef GUEST_TABLE_H
#define GUEST_TABLE_H

#include "isa/guest_table.h"

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

struct tg_guest_names {
    uint32_t count;
    const char *const *texts; /* NULL: that number has no name */
};

struct tg_guest_field {
    const char *name;
    uint8_t kind, place, size, loads;
    uint8_t shift, width, when, reserved;
    uint32_t offsets[3];
    const void *extra; /* struct tg_guest_names, or the name of a list */
};

struct tg_guest_list {
    const char *name, *meaning;
    const volatile void *rows;
    uint32_t count;
    const volatile uint32_t *count_at;
    uint32_t shape, step;
    uint32_t inner, inner_count, inner_step;
    const struct tg_guest_field *fields;
    uint32_t field_count;
    const struct tg_guest_names *names;
    uint32_t used, key, service;
};

struct tg_guest_table {
    uint32_t magic, version;
    const char *name;
    const struct tg_guest_list *const *lists;
    uint32_t list_count;
    uint32_t bias;
    uint32_t call_vector, call_register;
};

extern const struct tg_guest_table tollgate_guest_table;

_Static_assert(sizeof(void *) != 4 || (sizeof(struct tg_guest_names) == TG_TABLE_NAMES_BYTES &&
                                       sizeof(struct tg_guest_field) == TG_TABLE_FIELD_BYTES &&
                                       sizeof(struct tg_guest_list) == TG_TABLE_LIST_BYTES &&
                                       sizeof(struct tg_guest_table) == TG_TABLE_BYTES),
               "the parts are as isa/guest_table.h says");

/* A member of the row's struct; the second one with names, or the name of the list it refers to. */
#define TG_TABLE_FIELD(text, kind_, type, member) TG_TABLE_FIELD_OF(text, kind_, type, member, 0)
#define TG_TABLE_FIELD_OF(text, kind_, type, member, extra_)                                       \
    {                                                                                              \
        .name = (text), .kind = (kind_), .size = (uint8_t)sizeof(((type *)0)->member),             \
        .offsets = {offsetof(type, member)}, .extra = (extra_)                                     \
    }

/* A member of the struct that a pointer in the row points to. */
#define TG_TABLE_FIELD_VIA(text, kind_, type, pointer, type2, member, extra_)                      \
    {                                                                                              \
        .name = (text), .kind = (kind_), .size = (uint8_t)sizeof(((type2 *)0)->member),            \
        .loads = 1, .offsets = {offsetof(type, pointer), offsetof(type2, member)},                 \
        .extra = (extra_)                                                                          \
    }

/* Something that is not in memory: TG_TABLE_PLACE_CONSTANT, _REGISTER, _SELF, _NUMBER, ... */
#define TG_TABLE_FIELD_AT(text, kind_, place_, value, extra_)                                      \
    {                                                                                              \
        .name = (text), .kind = (kind_), .place = (place_), .size = 4, .offsets = {(value)},       \
        .extra = (extra_)                                                                          \
    }

/* Names of the numbers 0, 1, ...: TG_TABLE_NAMES(states, "free", "ready"); */
#define TG_TABLE_NAMES(id, ...)                                                                    \
    static const char *const id##_texts[] = {__VA_ARGS__};                                         \
    static const struct tg_guest_names id = {sizeof id##_texts / sizeof id##_texts[0], id##_texts}

#else

// A text, kept apart: its address.
        .macro  tg_text text
        .pushsection .rodata.tg_text, "a", @progbits
tg_text_\@: .asciz "\text"
        .popsection
        .word   tg_text_\@
        .endm

// A field, aligned.
        .macro  tg_field name, kind, offset=0, size=4, extra=0, place=TG_TABLE_PLACE_ROW
        tg_text "\name"
        .byte   \kind, \place, \size, 0, 0, 0, 0, 0
        .word   \offset, 0, 0, \extra
        .endm

#endif
#endif
