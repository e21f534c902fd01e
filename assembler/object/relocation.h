/*
 * What the relocation kinds mean: the rows of relocations.def, and how a value is calculated and
 * put into its place. Knows bytes and numbers, not objects. Manual: docs/object-format.md.
 */
#ifndef TG_RELOCATION_H
#define TG_RELOCATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tg_reloc_kind {
#define TG_RELOC(id, number, ...) TG_R_##id = (number),
#include "object/relocations.def"
    TG_R_COUNT
};

enum tg_reloc_value {
#define TG_RELOC_VALUE(id, ...) TG_RELOC_VALUE_##id,
#include "object/relocations.def"
    TG_RELOC_VALUE_COUNT
};

enum tg_reloc_place {
#define TG_RELOC_PLACE(id, ...) TG_RELOC_PLACE_##id,
#include "object/relocations.def"
    TG_RELOC_PLACE_COUNT
};

struct tg_reloc_info {
    const char *name; /* "HI20" */
    enum tg_reloc_value value;
    enum tg_reloc_place place;
    uint8_t bytes;           /* of the section that belong to the place */
    uint8_t multiple;        /* the value must be a multiple of this: 1 or 4 */
    int32_t lowest, highest; /* both 0: any value */
    const char *meaning;
};

/* What a value is calculated from; the letters of relocations.def. */
struct tg_reloc_inputs {
    uint32_t symbol; /* S */
    uint32_t addend; /* A */
    uint32_t place;  /* P */
    uint32_t thread; /* T */
    uint32_t pair;   /* for kinds whose value is PAIRED: the value calculated at S */
};

enum tg_reloc_result { TG_RELOC_OK, TG_RELOC_OUT_OF_RANGE, TG_RELOC_MISALIGNED };

/* The row of a kind; NULL for a number that no kind has. */
const struct tg_reloc_info *tg_reloc_info(uint32_t kind);

/* Formula and meaning of a way to calculate, meaning of a place; NULL beyond the last. For manuals
 * and listings. */
const char *tg_reloc_formula(enum tg_reloc_value value);
const char *tg_reloc_value_meaning(enum tg_reloc_value value);
const char *tg_reloc_place_meaning(enum tg_reloc_place place);

/* The kind that a RISC-V kind becomes; false when it becomes none. */
bool tg_reloc_from_rv32(uint32_t rv32_kind, enum tg_reloc_kind *ret_kind);

/* The row of a RISC-V kind's name by its index in the table, for manuals; NULL after the last. */
const char *tg_reloc_rv32_row(size_t index, uint32_t *ret_rv32_kind, enum tg_reloc_kind *ret_kind);

/* The value without V: for SUM and LESS, what is to be added or subtracted. */
uint32_t tg_reloc_calculate(const struct tg_reloc_info *info, const struct tg_reloc_inputs *inputs);

/* Puts a calculated value into the info->bytes bytes at place. They stay as they are unless the
 * result is TG_RELOC_OK. */
enum tg_reloc_result tg_reloc_apply(const struct tg_reloc_info *info, uint32_t value,
                                    uint8_t *place);

/* Little-endian words at any address. */
uint32_t tg_get_word(const uint8_t *bytes);
void tg_put_word(uint8_t *bytes, uint32_t word);

#endif
