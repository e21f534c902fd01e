/*
 * ALIGN relocations: compilers that expect a linker to shorten code leave as many bytes before an
 * aligned place as alignment could ever need. Here those that it does not need are taken out, and
 * everything that counts bytes of the section is moved: contents, symbols, relocations. Works on
 * one object, before anything else looks at it. Manual: docs/object-format.md, "Relocations".
 */
#include <stdlib.h>
#include <string.h>

#include "ld/link.h"

/* Bytes [start, end) of the section go. */
struct cut {
    uint32_t start, end;
    uint32_t before; /* bytes that go in earlier cuts */
};

struct cuts {
    struct cut *cuts; /* ascending */
    size_t count;
};

static int compare_offsets(const void *a, const void *b)
{
    const struct tg_obj_reloc *first = a, *second = b;

    return (first->offset > second->offset) - (first->offset < second->offset);
}

/* Where a byte is after cutting. */
static uint32_t moved(const struct cuts *cuts, uint32_t offset)
{
    size_t low = 0, high = cuts->count;

    while (low < high) { /* finds the number of cuts that start before offset */
        size_t middle = (low + high) / 2;

        if (cuts->cuts[middle].start < offset)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return offset;
    const struct cut *cut = &cuts->cuts[low - 1];
    uint32_t gone = offset < cut->end ? offset - cut->start : cut->end - cut->start;

    return offset - cut->before - gone;
}

static void misplaced(struct ld_link *link, const struct tg_obj *obj,
                      const struct tg_obj_section *section, uint32_t offset, const char *what)
{
    ld_error(link, "%s: damaged object: %s (%s+0x%x)", obj->name, what, section->name, offset);
}

/* Decides what goes for one ALIGN. Returns false after a message. */
static bool plan_cut(struct ld_link *link, const struct tg_obj *obj, struct tg_obj_section *section,
                     const struct tg_obj_reloc *reloc, struct cuts *cuts)
{
    const struct cut *last = cuts->count ? &cuts->cuts[cuts->count - 1] : NULL;
    uint32_t bytes = (uint32_t)reloc->addend, align = 1, needed;
    uint32_t before = last ? last->before + (last->end - last->start) : 0;

    if (bytes > section->size_bytes - reloc->offset || (last && reloc->offset < last->end)) {
        misplaced(link, obj, section, reloc->offset, "padding beyond the section or padding");
        return false;
    }
    while (align <= bytes)
        align *= 2;
    needed = (0 - (reloc->offset - before)) & (align - 1);
    if (needed > bytes) {
        misplaced(link, obj, section, reloc->offset, "too little padding for its alignment");
        return false;
    }
    if (section->align < align)
        section->align = align; /* what is aligned within the section has to stay so */
    cuts->cuts[cuts->count++] = (struct cut){reloc->offset + needed, reloc->offset + bytes, before};
    return true;
}

static bool plan_cuts(struct ld_link *link, const struct tg_obj *obj,
                      struct tg_obj_section *section, struct cuts *cuts)
{
    struct tg_obj_reloc *aligns = NULL;
    size_t count = 0;

    for (size_t i = 0; i < section->reloc_count; i++)
        if (section->relocs[i].kind == TG_R_ALIGN)
            LD_ADD_TO(link, aligns, count, section->relocs[i]);
    if (count == 0)
        return true;
    cuts->cuts = ld_alloc(link, count * sizeof *cuts->cuts);
    qsort(aligns, count, sizeof *aligns, compare_offsets);
    for (size_t i = 0; i < count; i++)
        if (!plan_cut(link, obj, section, &aligns[i], cuts))
            return false;
    return true;
}

static void cut_bytes(struct tg_obj_section *section, const struct cuts *cuts)
{
    uint32_t to = 0, from = 0;

    for (size_t i = 0; i <= cuts->count; i++) {
        uint32_t end = i < cuts->count ? cuts->cuts[i].start : section->size_bytes;

        memmove(section->bytes + to, section->bytes + from, end - from);
        to += end - from;
        from = i < cuts->count ? cuts->cuts[i].end : end;
    }
    section->size_bytes = to;
}

static void move_symbols(struct tg_obj *obj, uint32_t index, const struct cuts *cuts)
{
    for (size_t i = 1; i < obj->symbol_count; i++) {
        struct tg_obj_symbol *symbol = &obj->symbols[i];
        uint32_t end = symbol->value + symbol->size_bytes;

        if (symbol->section != index)
            continue;
        symbol->value = moved(cuts, symbol->value);
        if (end >= symbol->size_bytes)
            symbol->size_bytes = moved(cuts, end) - symbol->value;
    }
}

static void move_relocs(struct ld_link *link, const struct tg_obj *obj,
                        struct tg_obj_section *section, const struct cuts *cuts)
{
    for (size_t i = 0; i < section->reloc_count; i++) {
        struct tg_obj_reloc *reloc = &section->relocs[i];
        uint32_t bytes;

        if (reloc->kind == TG_R_ALIGN)
            *reloc = (struct tg_obj_reloc){.offset = reloc->offset, .kind = TG_R_NONE};
        bytes = tg_reloc_info(reloc->kind)->bytes;
        reloc->offset = moved(cuts, reloc->offset);
        if (reloc->offset > section->size_bytes || bytes > section->size_bytes - reloc->offset) {
            misplaced(link, obj, section, reloc->offset, "a relocation in padding");
            *reloc = (struct tg_obj_reloc){.kind = TG_R_NONE};
        }
    }
}

/* References to the section plus an offset, in all sections. */
static void move_addends(struct tg_obj *obj, uint32_t index, const struct cuts *cuts)
{
    for (size_t i = 1; i < obj->section_count; i++)
        for (size_t k = 0; k < obj->sections[i].reloc_count; k++) {
            struct tg_obj_reloc *reloc = &obj->sections[i].relocs[k];
            const struct tg_obj_symbol *symbol = &obj->symbols[reloc->symbol];

            if (symbol->section == index && symbol->type == STT_SECTION)
                reloc->addend = (int32_t)moved(cuts, (uint32_t)reloc->addend);
        }
}

void ld_shorten(struct ld_link *link, struct tg_obj *obj)
{
    for (uint32_t i = 1; i < obj->section_count; i++) {
        struct tg_obj_section *section = &obj->sections[i];
        struct cuts cuts = {0};

        if (!section->bytes || !plan_cuts(link, obj, section, &cuts) || cuts.count == 0)
            continue;
        cut_bytes(section, &cuts);
        move_addends(obj, i, &cuts);
        move_symbols(obj, i, &cuts);
        move_relocs(link, obj, section, &cuts);
    }
}
