/*
 * Inside of the reader of guests: the table as it was checked and copied (guest_table.c), and what its files do for
 * each other. Everyone else uses guest.h.
 */
#ifndef TG_DEBUG_GUEST_TABLE_H
#define TG_DEBUG_GUEST_TABLE_H

#include "debug/guest.h"
#include "isa/guest_table.h"

struct guest_names {
    uint32_t address; /* in the guest: a set of names is read once */
    uint32_t count;
    const char **texts; /* NULL: no name */
};

/* Of a field, beside what is shown: where its value is. */
struct guest_place {
    uint8_t kind, place, loads, shift, width, when;
    uint32_t offsets[3];
    const struct guest_names *names;
};

struct guest_list {
    struct tg_guest_list shown; /* first: a shown list is this one */
    uint32_t rows, count, count_at, shape, step;
    uint32_t inner, inner_count, inner_step;
    uint32_t used, key;              /* indices of fields; field_count: none */
    uint32_t service;                /* number of the service + 1, or 0 */
    const struct guest_names *names; /* of rows, or NULL */
    struct tg_guest_field *fields;
    struct guest_place *places;
};

/* Rows that may still be visited for the question under way, so that no table, however wrong, keeps a person waiting.
 * An honest one of thousands of rows needs a hundredth of it. */
#define GUEST_MOST_VISITS (UINT32_C(1) << 24)

struct guest_work {
    unsigned depth; /* questions lead to others: the outermost counts */
    uint32_t left;
};

struct tg_guest {
    const struct tg_machine *machine;
    struct tg_guest_programs programs;
    uint32_t bias;
    struct tg_guest_convention convention;
    const char *name;
    struct guest_list *lists; /* list_count of them */
    uint32_t list_count;

    struct guest_work *work;
    struct guest_names **name_sets;
    uint32_t name_set_count, name_count;
    void **texts; /* all texts, as they were allocated */
    size_t text_count, text_room;
};

static inline void guest_begin_work(const struct tg_guest *guest)
{
    if (guest->work->depth++ == 0)
        guest->work->left = GUEST_MOST_VISITS;
}

static inline void guest_end_work(const struct tg_guest *guest)
{
    guest->work->depth--;
}

static inline const struct guest_list *guest_list_of(const struct tg_guest_row *row)
{
    return (const struct guest_list *)row->list;
}

/* Reads at an address of the kernel (root 0), or of the space of a root. */
bool guest_read(const struct tg_guest *guest, uint32_t root, uint32_t address, void *bytes, size_t count);
bool guest_read_word(const struct tg_guest *guest, uint32_t root, uint32_t address, uint32_t *ret_word);

/* A text at an address: at most most bytes, all printable, and a zero byte. buf holds most + 1. */
bool guest_read_text(const struct tg_guest *guest, uint32_t root, uint32_t address, char *buf, size_t most);

uint32_t guest_word(const uint8_t *bytes);

/* --- guest.c ---------------------------------------------------------------------------------- */

/* The number in a field that is not a text, whether it means something or not; false: it cannot be read. */
bool guest_raw(const struct tg_guest *guest, const struct tg_guest_row *row, uint32_t field, uint32_t *ret_number);

/* The row with that number, if it is in use. */
bool guest_row_at(const struct tg_guest *guest, const struct tg_guest_list *list, uint32_t number,
                  struct tg_guest_row *ret_row);

/* The same by the names of fields. False: there is no such field or no value. guest_text is not for references: so no
 * text of a row leads to another one's. */
bool guest_number(const struct tg_guest *guest, const struct tg_guest_row *row, const char *field,
                  uint32_t *ret_number);
bool guest_flag(const struct tg_guest *guest, const struct tg_guest_row *row, const char *field);
bool guest_text(const struct tg_guest *guest, const struct tg_guest_row *row, const char *field,
                char text[TG_GUEST_TEXT_BYTES]);
bool guest_reference(const struct tg_guest *guest, const struct tg_guest_row *row, const char *field,
                     struct tg_guest_row *ret_row);

/* The name of a row by its number, from the list's names; NULL: it has none. */
const char *guest_row_name(const struct tg_guest_list *list, uint32_t number);

static inline bool guest_is_same(const struct tg_guest_row *a, const struct tg_guest_row *b)
{
    return a->list == b->list && a->number == b->number;
}

#endif
