/*
 * Final contents: runs of bytes with what grew between them, values put where they belong, and
 * relocations for those that only a linker knows. See emit.h.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "as/emit.h"
#include "as/report.h"
#include "as/symbols.h"

/* --- Relocations --------------------------------------------------------------------------------
 */

struct symbol *section_symbol(struct assembly *as, struct section *section)
{
    if (!section->start) {
        section->start = arena_alloc(&as->arena, sizeof *section->start);
        *section->start =
            (struct symbol){.state = SYMBOL_LABEL, .type = STT_SECTION, .place = {section, 0, 0}};
    }
    return section->start;
}

void add_reloc(struct section *section, uint32_t offset, enum tg_reloc_kind kind,
               struct symbol *symbol, int64_t addend)
{
    GROW(section->relocs, section->reloc_count, section->reloc_room);
    section->relocs[section->reloc_count++] =
        (struct tg_obj_reloc){offset, kind, symbol ? symbol->index : 0, (int32_t)addend};
}

/* The symbol and addend that say a place to a linker: named symbols that may be seen elsewhere,
 * else the section. */
static struct symbol *symbol_for(struct assembly *as, const struct resolved *value,
                                 int64_t *ret_addend)
{
    *ret_addend = value->number;
    if (value->undefined)
        return value->undefined;
    if (!value->section)
        return NULL;
    if (value->through) {
        *ret_addend -= address_of(&value->through->place);
        return value->through;
    }
    return section_symbol(as, value->section);
}

static void relocate(struct assembly *as, struct section *section, uint32_t offset,
                     enum tg_reloc_kind kind, const struct resolved *value)
{
    int64_t addend;
    struct symbol *symbol = symbol_for(as, value, &addend);

    add_reloc(section, offset, kind, symbol, addend);
    /* Readers of debug sections that do not know our kinds see offsets in sections at least. */
    if (kind == TG_R_32 && !(section->flags & SHF_ALLOC))
        tg_put_word(section->final + offset, (uint32_t)addend);
}

/* --- Values -------------------------------------------------------------------------------------
 */

static bool is_weak(const struct resolved *value)
{
    return value->through && value->through->binding == STB_WEAK;
}

static bool apply(struct assembly *as, struct section *section, uint32_t offset,
                  struct fixup *fixup, int64_t number)
{
    const struct tg_reloc_info *info = tg_reloc_info(fixup->kind);
    bool has_limits = info->lowest != 0 || info->highest != 0;

    fixup->is_resolved = true;
    fixup->result = (uint32_t)number;
    if (has_limits && (number < info->lowest || number > info->highest))
        return error_at(as, &fixup->spot,
                        info->value == TG_RELOC_VALUE_RELATIVE
                            ? "the target is %" PRId64 " bytes away; %d to %d are possible%s"
                            : "%" PRId64 " does not fit; %d to %d are possible%s",
                        number, info->lowest, info->highest,
                        fixup->kind == TG_R_JAL ? "; call and tail reach any distance" : "");
    if (tg_reloc_apply(info, (uint32_t)number, section->final + offset) != TG_RELOC_OK)
        return error_at(as, &fixup->spot,
                        "the target is %" PRId64 " bytes away, which is not a multiple of 4",
                        number);
    return true;
}

/* A difference that is left: from the place itself, or of two symbols. */
static bool settle_difference(struct assembly *as, struct section *section, uint32_t offset,
                              const struct fixup *fixup, struct resolved *add,
                              const struct resolved *sub)
{
    static const struct {
        enum tg_reloc_kind plain, add, sub;
    } kinds[] = {{TG_R_32, TG_R_ADD32, TG_R_SUB32},
                 {TG_R_16, TG_R_ADD16, TG_R_SUB16},
                 {TG_R_8, TG_R_ADD8, TG_R_SUB8}};

    if (fixup->kind == TG_R_32 && sub->section == section && !is_weak(sub)) {
        add->number += (int64_t)offset - sub->number;
        relocate(as, section, offset, TG_R_32_PCREL, add);
        return true;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].plain == fixup->kind) {
            relocate(as, section, offset, kinds[i].add, add);
            relocate(as, section, offset, kinds[i].sub, sub);
            return true;
        }
    return error_at(as, &fixup->spot,
                    "the difference of two places in different sections cannot be "
                    "used here; .word can hold it");
}

/* The PCREL_HI20 at an offset of a section: fixups are in the order of their places. */
static const struct fixup *find_upper(const struct section *section, int64_t offset)
{
    size_t low = 0, high = section->fixup_count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (address_of(&section->fixups[middle].place) < offset)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < section->fixup_count && address_of(&section->fixups[low].place) == offset; low++)
        if (section->fixups[low].kind == TG_R_PCREL_HI20)
            return &section->fixups[low];
    return NULL;
}

/* The lower part of a distance whose upper part is elsewhere. */
static bool settle_pair(struct assembly *as, struct section *section, uint32_t offset,
                        struct fixup *fixup, const struct resolved *label)
{
    const struct fixup *upper = NULL;

    if (label->section == section)
        upper = find_upper(section, label->number);
    if (!upper)
        return error_at(as, &fixup->spot,
                        "%%pcrel_lo needs the label of an auipc with %%pcrel_hi in "
                        "this section");
    if (upper->is_resolved)
        return apply(as, section, offset, fixup, (int32_t)upper->result);
    /* The label itself says nothing to other files. */
    struct resolved place = {.section = section, .number = label->number};

    relocate(as, section, offset, fixup->kind, &place);
    return true;
}

bool settle(struct assembly *as, struct section *section, uint32_t offset, struct fixup *fixup)
{
    const struct tg_reloc_info *info = tg_reloc_info(fixup->kind);
    struct resolved add, sub;

    if (!resolve(as, &fixup->value, &fixup->spot, &add, &sub))
        return false;
    if (sub.section || sub.undefined)
        return settle_difference(as, section, offset, fixup, &add, &sub);
    if (info->value == TG_RELOC_VALUE_PAIRED)
        return settle_pair(as, section, offset, fixup, &add);
    if (info->value == TG_RELOC_VALUE_ABSOLUTE && !add.section && !add.undefined)
        return apply(as, section, offset, fixup, add.number);
    if (info->value == TG_RELOC_VALUE_RELATIVE && add.section == section && !is_weak(&add))
        return apply(as, section, offset, fixup, add.number - (int64_t)offset);
    relocate(as, section, offset, fixup->kind, &add);
    return true;
}

/* --- What grew ----------------------------------------------------------------------------------
 */

static void put_word(struct section *section, uint32_t offset, struct tg_insn insn)
{
    uint32_t word = 0;

    tg_encode(&insn, &word);
    tg_put_word(section->final + offset, word);
}

static enum tg_insn_id opposite(enum tg_insn_id branch)
{
    static const enum tg_insn_id pairs[][2] = {
        {TG_INSN_BEQ, TG_INSN_BNE}, {TG_INSN_BLT, TG_INSN_BGE}, {TG_INSN_BLTU, TG_INSN_BGEU}};

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        for (int k = 0; k < 2; k++)
            if (pairs[i][k] == branch)
                return pairs[i][1 - k];
    return branch;
}

/* A branch or jump at offset, in the form that its size asks for. */
static void put_branch(struct assembly *as, struct section *section, const struct point *point,
                       uint32_t offset)
{
    struct fixup fixup = {.kind = TG_R_JAL, .value = point->value, .spot = point->spot};
    uint8_t base = point->kind == POINT_JUMP ? point->link : point->scratch;

    if (point->kind == POINT_BRANCH && point->extra == 0) {
        fixup.kind = TG_R_BRANCH;
    } else if (point->kind == POINT_BRANCH) {
        struct tg_insn branch = tg_decode(tg_get_word(section->final + offset));

        branch.id = opposite(branch.id);
        branch.imm = 8;
        put_word(section, offset, branch);
        offset += 4;
        put_word(section, offset, (struct tg_insn){.id = TG_INSN_JAL});
    } else if (point->extra > 0) {
        fixup.kind = TG_R_CALL;
        put_word(section, offset, (struct tg_insn){.id = TG_INSN_AUIPC, .rd = base});
        put_word(section, offset + 4,
                 (struct tg_insn){.id = TG_INSN_JALR, .rd = point->link, .ra = base});
    }
    settle(as, section, offset, &fixup);
}

/* Fills the bytes of a point. In code whole instructions do nothing; what is before the first is
 * zeros. */
static void put_fill(struct section *section, const struct point *point, uint32_t offset)
{
    uint32_t end = offset + point->extra;

    memset(section->final + offset, point->fill, point->extra);
    if (!point->is_code)
        return;
    for (offset = (offset + 3) & ~3u; offset + 4 <= end; offset += 4)
        put_word(section, offset, (struct tg_insn){.id = TG_INSN_ADDI});
}

static void put_points(struct assembly *as, struct section *section)
{
    for (size_t i = 0; i < section->point_count; i++) {
        const struct point *point = &section->points[i];
        uint32_t offset = point->offset + point->before;

        switch (point->kind) {
        case POINT_BRANCH:
        case POINT_JUMP:
        case POINT_CALL:
            put_branch(as, section, point, offset - 4);
            break;
        case POINT_ALIGN:
        case POINT_SPACE:
        case POINT_ORIGIN:
            put_fill(section, point, offset);
            break;
        default:
            break;
        }
    }
}

/* --- Sections -----------------------------------------------------------------------------------
 */

static void copy_runs(struct assembly *as, struct section *section)
{
    uint32_t from = 0;

    section->final = arena_alloc(&as->arena, section->end + 8);
    for (size_t i = 0; i <= section->point_count; i++) {
        bool is_last = i == section->point_count;
        uint32_t to = is_last ? section->size : section->points[i].offset;
        uint32_t moved = is_last ? section->end - section->size : section->points[i].before;

        if (to > from)
            memcpy(section->final + from + moved, section->bytes.bytes + from, to - from);
        from = to;
    }
}

static int compare_relocs(const void *a, const void *b)
{
    const struct tg_obj_reloc *left = a, *right = b;

    if (left->offset != right->offset)
        return left->offset < right->offset ? -1 : 1;
    /* Two at one offset are an addition and a subtraction, which have their numbers in that order.
     */
    return left->kind < right->kind ? -1 : left->kind > right->kind;
}

void finish_sections(struct assembly *as)
{
    for (struct section *section = as->first_section; section; section = section->next) {
        if (section->type == SHT_NOBITS)
            continue;
        copy_runs(as, section);
        put_points(as, section);
        for (size_t i = 0; i < section->fixup_count; i++) {
            struct fixup *fixup = &section->fixups[i];

            settle(as, section, address_of(&fixup->place), fixup);
        }
        if (section->reloc_count)
            qsort(section->relocs, section->reloc_count, sizeof *section->relocs, compare_relocs);
    }
}
