/*
 * Instructions: which bytes of a code section are instructions and which are data among them, and
 * their rewriting.
 *
 * Compilers put data elsewhere; people who write assembly do not always. Bytes are data if a
 * mapping symbol ($d, as GNU as writes it) or a symbol with a type and size of an object says so,
 * or a relocation that fills in a number or address applies to them. Everything else has to be an
 * instruction, so what is marked nowhere is refused unless it looks like one.
 */
#include <stdlib.h>
#include <string.h>

#include "isa/rv32.h"
#include "retarget/rewrite.h"

/* A symbol that says what the bytes from its value on are. */
struct mark {
    uint32_t section, value;
    uint32_t end;   /* of an object; mapping symbols hold up to the next one */
    uint32_t order; /* in the symbol table; the later one holds where two are at one place */
    enum { MARK_CODE, MARK_DATA, MARK_OBJECT } kind;
};

bool rewrite_is_code(const struct tg_obj_section *section)
{
    return (section->flags & SHF_EXECINSTR) && section->type == SHT_PROGBITS;
}

/* --- Finding data -------------------------------------------------------------------------------
 */

/* $x and $d, alone or followed by more: an architecture, or a dot and anything. */
static bool is_mapping(const struct tg_obj_symbol *symbol, char letter)
{
    return symbol->binding == STB_LOCAL && symbol->type == STT_NOTYPE && symbol->name[0] == '$' &&
           symbol->name[1] == letter &&
           (symbol->name[2] == '\0' || symbol->name[2] == '.' ||
            strncmp(symbol->name + 2, "rv", 2) == 0);
}

/* Whether the symbol is a mark, and which. */
static bool read_mark(const struct tg_obj *obj, uint32_t index, struct mark *ret_mark)
{
    const struct tg_obj_symbol *symbol = &obj->symbols[index];
    const struct tg_obj_section *section;
    struct mark mark = {symbol->section, symbol->value, symbol->value, index, MARK_OBJECT};

    if (symbol->section == TG_OBJ_UNDEFINED || symbol->section >= obj->section_count)
        return false;
    section = &obj->sections[symbol->section];
    if (!rewrite_is_code(section) || symbol->value > section->size_bytes)
        return false;
    if (is_mapping(symbol, 'x'))
        mark.kind = MARK_CODE;
    else if (is_mapping(symbol, 'd'))
        mark.kind = MARK_DATA;
    else if (symbol->type != STT_OBJECT)
        return false;
    else if (symbol->size_bytes < section->size_bytes - symbol->value)
        mark.end = symbol->value + symbol->size_bytes;
    else
        mark.end = section->size_bytes;
    *ret_mark = mark;
    return true;
}

static int compare_marks(const void *first, const void *second)
{
    const struct mark *a = first, *b = second;

    if (a->section != b->section)
        return a->section < b->section ? -1 : 1;
    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

/* Sets the flags of one section from its marks, which are in order. */
static void apply_marks(struct rewrite *w, const struct mark *marks, size_t count)
{
    uint8_t *is_data = w->is_data[marks[0].section];
    uint32_t at = 0, size = w->obj->sections[marks[0].section].size_bytes;
    bool in_data = false;

    for (size_t i = 0; i < count; i++) {
        if (marks[i].kind == MARK_OBJECT)
            continue;
        memset(is_data + at, in_data, marks[i].value - at);
        at = marks[i].value;
        in_data = marks[i].kind == MARK_DATA;
    }
    memset(is_data + at, in_data, size - at);
    for (size_t i = 0; i < count; i++)
        if (marks[i].kind == MARK_OBJECT)
            memset(is_data + marks[i].value, true, marks[i].end - marks[i].value);
}

static bool apply_symbols(struct rewrite *w)
{
    struct tg_obj *obj = w->obj;
    struct mark *marks = tg_obj_alloc(obj, obj->symbol_count * sizeof *marks);
    size_t count = 0, next;

    if (!marks)
        return false;
    for (uint32_t i = 1; i < obj->symbol_count; i++)
        if (read_mark(obj, i, &marks[count]))
            count++;
    qsort(marks, count, sizeof *marks, compare_marks);
    for (size_t first = 0; first < count; first = next) {
        for (next = first; next < count && marks[next].section == marks[first].section;)
            next++;
        apply_marks(w, marks + first, next - first);
    }
    return true;
}

/* Relocations that fill in a number say that there is a number. */
static void apply_relocs(struct rewrite *w, uint32_t index)
{
    const struct tg_obj_section *section = &w->obj->sections[index];

    for (size_t i = 0; i < section->reloc_count; i++) {
        const struct tg_obj_reloc *reloc = &section->relocs[i];
        const struct tg_reloc_info *info;
        enum tg_reloc_kind kind;

        if (!tg_reloc_from_rv32(reloc->kind, &kind))
            continue;
        info = tg_reloc_info(kind);
        if (info->place != TG_RELOC_PLACE_WORD && info->place != TG_RELOC_PLACE_HALF &&
            info->place != TG_RELOC_PLACE_BYTE && info->place != TG_RELOC_PLACE_BITS6)
            continue;
        if (reloc->offset <= section->size_bytes &&
            info->bytes <= section->size_bytes - reloc->offset)
            memset(w->is_data[index] + reloc->offset, true, info->bytes);
    }
}

bool rewrite_find_data(struct rewrite *w)
{
    struct tg_obj *obj = w->obj;

    w->is_data = tg_obj_alloc(obj, obj->section_count * sizeof *w->is_data);
    if (!w->is_data)
        return false;
    for (size_t i = 1; i < obj->section_count; i++) {
        if (!rewrite_is_code(&obj->sections[i]))
            continue;
        w->is_data[i] = tg_obj_alloc(obj, obj->sections[i].size_bytes + 1);
        if (!w->is_data[i])
            return false;
    }
    if (!apply_symbols(w))
        return false;
    for (uint32_t i = 1; i < obj->section_count; i++)
        if (w->is_data[i])
            apply_relocs(w, i);
    return true;
}

/* --- Rewriting ----------------------------------------------------------------------------------
 */

/* Number of bytes from offset on, up to the next multiple of 4, that are no data. */
static uint32_t count_code_bytes(const struct tg_obj_section *section, const uint8_t *is_data,
                                 uint32_t offset)
{
    uint32_t end = (offset | 3) < section->size_bytes ? (offset | 3) + 1 : section->size_bytes;
    uint32_t at = offset;

    while (at < end && !is_data[at])
        at++;
    return at - offset;
}

static bool are_zero(const uint8_t *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

/* Rewrites the instruction at offset; false when what follows it is no use looking at. */
static bool rewrite_word(struct rewrite *w, struct tg_obj_section *section, uint32_t offset)
{
    uint8_t *place = section->bytes + offset;
    uint32_t word = tg_get_word(place), new_word;
    enum tg_rv32_result result;

    /* Executable in neither set, and meant to be: padding, or a trap. */
    if (word == 0 || word == UINT32_MAX)
        return true;
    result = tg_rv32_translate_word(word, &new_word);
    if (result == TG_RV32_OK)
        tg_put_word(place, new_word);
    else
        rewrite_complain(w, section, offset, "%s (0x%0*x): cannot translate this instruction: %s",
                         refused_mnemonic(word), result == TG_RV32_COMPRESSED ? 4 : 8,
                         result == TG_RV32_COMPRESSED ? word & 0xffff : word,
                         tg_rv32_reason(result));
    /* Behind a compressed instruction nothing is where it should be. */
    return result != TG_RV32_COMPRESSED;
}

void rewrite_code(struct rewrite *w, uint32_t section_index)
{
    struct tg_obj_section *section = &w->obj->sections[section_index];
    const uint8_t *is_data = w->is_data[section_index];
    uint32_t offset = 0, count;

    for (; offset < section->size_bytes; offset += count) {
        count = count_code_bytes(section, is_data, offset);
        if (count == 4) {
            if (!rewrite_word(w, section, offset))
                return;
        } else if (count == 0) {
            count = 1; /* data */
        } else if (!are_zero(section->bytes + offset, count)) {
            rewrite_complain(w, section, offset,
                             "%u bytes that are neither a whole instruction nor marked as data; "
                             "put data into .rodata, or mark it with a symbol $d",
                             count);
        }
    }
}
