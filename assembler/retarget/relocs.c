/*
 * Relocations: the kinds of RISC-V become TG32's, each checked against the instruction that it is
 * to change. Kinds that only allow a linker to shorten code go away: code stays as it is, but for
 * the padding before aligned places (R_RISCV_ALIGN), of which the linker takes out what is not
 * needed.
 */
#include "isa/isa.h"
#include "retarget/rewrite.h"

static const struct {
    uint32_t kind;
    const char *name, *reason;
} refused[] = {
#define REFUSED_RELOC(number, name, reason) {number, name, reason},
#include "retarget/refused.def"
};

static void complain_kind(struct rewrite *w, const struct tg_obj_section *section,
                          const struct tg_obj_reloc *reloc)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (refused[i].kind == reloc->kind) {
            rewrite_complain(w, section, reloc->offset, "relocation %s: %s", refused[i].name,
                             refused[i].reason);
            return;
        }
    rewrite_complain(w, section, reloc->offset, "relocation of unknown kind %u", reloc->kind);
}

/* Whether an instruction can take the immediate that goes into such a place. */
static bool takes(enum tg_reloc_place place, const struct tg_insn *insn)
{
    enum tg_format format =
        insn->id == TG_INSN_ILLEGAL ? TG_FORMAT_COUNT : tg_insn_info(insn->id)->format;

    switch (place) {
    case TG_RELOC_PLACE_UPPER:
        return format == TG_FORMAT_U;
    case TG_RELOC_PLACE_LOWER:
    case TG_RELOC_PLACE_IMM15:
        return format == TG_FORMAT_I || format == TG_FORMAT_S;
    case TG_RELOC_PLACE_WORDS15:
        return format == TG_FORMAT_B;
    case TG_RELOC_PLACE_WORDS20:
        return format == TG_FORMAT_J;
    case TG_RELOC_PLACE_PAIR:
        return insn->id == TG_INSN_AUIPC;
    default:
        return true;
    }
}

/* Whether the place is among the instructions, and those there fit it. */
static bool fits_code(const struct rewrite *w, uint32_t section_index, uint32_t offset,
                      const struct tg_reloc_info *info)
{
    const struct tg_obj_section *section = &w->obj->sections[section_index];
    const uint8_t *is_data = w->is_data[section_index];
    struct tg_insn insn, second;

    if (!is_data || offset % 4 != 0 || is_data[offset])
        return false;
    insn = tg_decode(tg_get_word(section->bytes + offset));
    if (!takes(info->place, &insn))
        return false;
    if (info->place != TG_RELOC_PLACE_PAIR)
        return true;
    second = tg_decode(tg_get_word(section->bytes + offset + 4));
    return !is_data[offset + 4] && second.id == TG_INSN_JALR && second.ra == insn.rd;
}

static bool is_in_code(enum tg_reloc_place place)
{
    return place == TG_RELOC_PLACE_UPPER || place == TG_RELOC_PLACE_LOWER ||
           place == TG_RELOC_PLACE_IMM15 || place == TG_RELOC_PLACE_WORDS15 ||
           place == TG_RELOC_PLACE_WORDS20 || place == TG_RELOC_PLACE_PAIR;
}

/* What is wrong with the place of a relocation; NULL: nothing. */
static const char *find_flaw(const struct rewrite *w, uint32_t section_index, uint32_t offset,
                             const struct tg_reloc_info *info)
{
    const struct tg_obj_section *section = &w->obj->sections[section_index];

    if (!section->bytes || offset > section->size_bytes ||
        info->bytes > section->size_bytes - offset)
        return "its place is beyond the end of the section";
    if (is_in_code(info->place) && !fits_code(w, section_index, offset, info))
        return "there is no instruction there that could take its value";
    return NULL;
}

bool rewrite_choose_bases(struct rewrite *w)
{
    const struct tg_obj *obj = w->obj;
    uint32_t next = 0;

    w->bases = tg_obj_alloc(w->obj, obj->section_count * sizeof *w->bases);
    for (uint32_t i = 1; w->bases && i < obj->section_count; i++) {
        const struct tg_obj_section *section = &obj->sections[i];

        if (!(section->flags & SHF_ALLOC))
            continue;
        next = (next + section->align - 1) & ~(section->align - 1);
        w->bases[i] = next;
        next += section->size_bytes;
    }
    return w->bases != NULL;
}

/* Debug information also says in its bytes what is known, for readers of DWARF that do not know
 * TG32's relocations; tg-as does the same. */
static void fill_known(const struct rewrite *w, const struct tg_obj_section *section,
                       const struct tg_obj_reloc *reloc)
{
    const struct tg_obj_symbol *symbol = &w->obj->symbols[reloc->symbol];
    uint32_t value = symbol->section == TG_OBJ_UNDEFINED ? 0 : symbol->value;

    if (symbol->section < w->obj->section_count)
        value += w->bases[symbol->section];
    if (!(section->flags & SHF_ALLOC) && reloc->kind == TG_R_32)
        tg_put_word(section->bytes + reloc->offset, value + (uint32_t)reloc->addend);
}

void rewrite_relocs(struct rewrite *w, uint32_t section_index)
{
    struct tg_obj_section *section = &w->obj->sections[section_index];
    size_t kept = 0;

    for (size_t i = 0; i < section->reloc_count; i++) {
        struct tg_obj_reloc reloc = section->relocs[i];
        const struct tg_reloc_info *info;
        const char *flaw;
        enum tg_reloc_kind kind;

        if (!tg_reloc_from_rv32(reloc.kind, &kind)) {
            complain_kind(w, section, &reloc);
            continue;
        }
        info = tg_reloc_info(kind);
        if (info->place == TG_RELOC_PLACE_NOTHING && kind != TG_R_ALIGN)
            continue;
        flaw = find_flaw(w, section_index, reloc.offset, info);
        if (flaw)
            rewrite_complain(w, section, reloc.offset, "relocation for %s: %s", info->meaning,
                             flaw);
        reloc.kind = kind;
        if (!flaw)
            fill_known(w, section, &reloc);
        section->relocs[kept++] = reloc;
    }
    section->reloc_count = kept;
}
