/*
 * Differences between labels (`.word a - b`, the steps of DWARF's tables): RISC-V's compilers leave
 * a pair of relocations for each, because linkers for RISC-V move labels. A linker for TG32 moves
 * them only where it cuts padding (ALIGN). All other differences within a section are final: they
 * are calculated here, so that readers who know no kinds of TG32 see them too, and the pairs go
 * away, and the labels that were there for them alone. Manual: docs/toolchain.md, section 6.
 */
#include <stdlib.h>
#include <string.h>

#include "retarget/rewrite.h"

/* Bytes [start, end) of a section, some of which the linker may take out. */
struct padding {
    uint32_t start, end;
};

/* By section, ascending. A linker refuses those that overlap. */
struct paddings {
    struct padding *list;
    size_t count;
};

static int compare_paddings(const void *a, const void *b)
{
    const struct padding *first = a, *second = b;

    return (first->start > second->start) - (first->start < second->start);
}

/* Returns false when memory is short. */
static bool find_paddings(struct tg_obj *obj, const struct tg_obj_section *section,
                          struct paddings *paddings)
{
    size_t count = 0;

    for (size_t i = 0; i < section->reloc_count; i++)
        count += section->relocs[i].kind == TG_R_ALIGN;
    if (count == 0)
        return true;
    paddings->list = tg_obj_alloc(obj, count * sizeof *paddings->list);
    if (!paddings->list)
        return false;
    for (size_t i = 0; i < section->reloc_count; i++) {
        const struct tg_obj_reloc *reloc = &section->relocs[i];

        if (reloc->kind == TG_R_ALIGN)
            paddings->list[paddings->count++] =
                (struct padding){reloc->offset, reloc->offset + (uint32_t)reloc->addend};
    }
    qsort(paddings->list, count, sizeof *paddings->list, compare_paddings);
    return true;
}

/* Whether cutting padding can change the distance between two places of a section. */
static bool may_change(const struct paddings *paddings, uint32_t a, uint32_t b)
{
    uint32_t from = a < b ? a : b, to = a < b ? b : a;
    size_t low = 0, high = paddings->count;

    while (low < high) { /* finds the first padding that starts at from or later */
        size_t middle = (low + high) / 2;

        if (paddings->list[middle].start < from)
            low = middle + 1;
        else
            high = middle;
    }
    return (low < paddings->count && paddings->list[low].start < to) ||
           (low > 0 && paddings->list[low - 1].end > from);
}

/* The label's section, where its place is final but for padding; NULL: it has no such place. */
static const struct tg_obj_section *section_of(const struct tg_obj *obj,
                                               const struct tg_obj_symbol *symbol)
{
    const struct tg_obj_section *section;

    if (symbol->section == TG_OBJ_UNDEFINED || symbol->section >= obj->section_count ||
        symbol->binding == STB_WEAK)
        return NULL;
    section = &obj->sections[symbol->section];
    return section->flags & SHF_MERGE ? NULL : section;
}

/* Whether relocations at and at + 1, and no other, put a difference into one place. */
static bool is_pair(const struct tg_obj_section *section, size_t at)
{
    const struct tg_obj_reloc *first = &section->relocs[at], *second = first + 1;
    const struct tg_reloc_info *plus, *minus;

    if (at + 1 >= section->reloc_count || second->offset != first->offset ||
        (at > 0 && first[-1].offset == first->offset) ||
        (at + 2 < section->reloc_count && second[1].offset == first->offset))
        return false;
    plus = tg_reloc_info(first->kind);
    minus = tg_reloc_info(second->kind);
    return (plus->value == TG_RELOC_VALUE_SUM || plus->value == TG_RELOC_VALUE_ABSOLUTE) &&
           minus->value == TG_RELOC_VALUE_LESS && plus->place == minus->place;
}

/* The kind that puts a value into a place, whatever it held. */
static enum tg_reloc_kind setting_kind(enum tg_reloc_place place)
{
    switch (place) {
    case TG_RELOC_PLACE_BITS6:
        return TG_R_SET6;
    case TG_RELOC_PLACE_BYTE:
        return TG_R_SET8;
    case TG_RELOC_PLACE_HALF:
        return TG_R_SET16;
    default:
        return TG_R_SET32;
    }
}

/* A difference that the linker has to calculate again: the place may say what is known so far, if
 * what it said before is in the addend. */
static void keep_pair(struct tg_obj_reloc *first, uint32_t before)
{
    const struct tg_reloc_info *info = tg_reloc_info(first->kind);

    if (info->value == TG_RELOC_VALUE_SUM)
        first->addend = (int32_t)((uint32_t)first->addend + before);
    first->kind = setting_kind(info->place);
}

static uint32_t get_place(const uint8_t *place, unsigned bytes)
{
    uint8_t word[4] = {0};

    memcpy(word, place, bytes);
    return tg_get_word(word);
}

/* Where the linker will look for the label before it adds the rest of the addend. */
static uint32_t anchor(const struct tg_obj_symbol *symbol, const struct tg_obj_reloc *reloc)
{
    return symbol->value + (symbol->type == STT_SECTION ? (uint32_t)reloc->addend : 0);
}

/* Puts the difference of a pair into its place, if it is known. Returns whether it is final. */
static bool resolve(const struct rewrite *w, const struct paddings *paddings,
                    struct tg_obj_section *section, struct tg_obj_reloc *pair)
{
    const struct tg_obj_symbol *symbols[2];
    uint8_t *place = section->bytes + pair->offset;
    uint32_t before = get_place(place, tg_reloc_info(pair->kind)->bytes);

    for (int i = 0; i < 2; i++)
        symbols[i] = &w->obj->symbols[pair[i].symbol];
    if (!section_of(w->obj, symbols[0]) || symbols[0]->section != symbols[1]->section ||
        !section_of(w->obj, symbols[1]))
        return false;
    for (int i = 0; i < 2; i++)
        tg_reloc_apply(tg_reloc_info(pair[i].kind), symbols[i]->value + (uint32_t)pair[i].addend,
                       place);
    if (!may_change(&paddings[symbols[0]->section], anchor(symbols[0], &pair[0]),
                    anchor(symbols[1], &pair[1])))
        return true;
    keep_pair(pair, before);
    return false;
}

static void resolve_section(const struct rewrite *w, const struct paddings *paddings,
                            struct tg_obj_section *section)
{
    size_t kept = 0, width;

    /* Kept ones move towards the start, never over one that is still to be looked at. */
    for (size_t i = 0; i < section->reloc_count; i += width) {
        struct tg_obj_reloc pair[2] = {section->relocs[i]};

        width = is_pair(section, i) ? 2 : 1;
        if (width == 2)
            pair[1] = section->relocs[i + 1];
        if (width == 2 && resolve(w, paddings, section, pair))
            continue;
        memcpy(&section->relocs[kept], pair, width * sizeof *pair);
        kept += width;
    }
    section->reloc_count = kept;
}

/* Names that assemblers give to labels that are their own affair. */
static bool is_temporary(const struct tg_obj_symbol *symbol)
{
    return symbol->binding == STB_LOCAL && symbol->type == STT_NOTYPE &&
           symbol->section != TG_OBJ_UNDEFINED &&
           (symbol->name[0] == '\0' || strncmp(symbol->name, ".L", 2) == 0);
}

/* Labels that were there for differences only. */
static bool drop_labels(struct tg_obj *obj)
{
    bool *is_kept = tg_obj_alloc(obj, obj->symbol_count * sizeof *is_kept);

    if (!is_kept)
        return false;
    for (size_t i = 1; i < obj->symbol_count; i++)
        is_kept[i] = !is_temporary(&obj->symbols[i]);
    for (size_t i = 1; i < obj->section_count; i++)
        for (size_t k = 0; k < obj->sections[i].reloc_count; k++)
            is_kept[obj->sections[i].relocs[k].symbol] = true;
    for (size_t i = 0; i < obj->group_count; i++)
        is_kept[obj->groups[i].signature] = true;
    return rewrite_keep_symbols(obj, is_kept);
}

bool rewrite_differences(struct rewrite *w)
{
    struct tg_obj *obj = w->obj;
    struct paddings *paddings = tg_obj_alloc(obj, obj->section_count * sizeof *paddings);

    if (!paddings)
        return false;
    for (uint32_t i = 1; i < obj->section_count; i++)
        if (!find_paddings(obj, &obj->sections[i], &paddings[i]))
            return false;
    for (uint32_t i = 1; i < obj->section_count; i++)
        resolve_section(w, paddings, &obj->sections[i]);
    return drop_labels(obj);
}
