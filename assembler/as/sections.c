/* See sections.h. */
#include "as/sections.h"

#include <string.h>

#include "as/report.h"
#include "as/symbols.h"

/* What the beginning of a name says about a section; the first that fits. */
static const struct {
    const char *prefix;
    uint32_t type, flags;
} kinds[] = {
    {".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR},
    {".rodata", SHT_PROGBITS, SHF_ALLOC},
    {".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE},
    {".sdata", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE},
    {".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE},
    {".sbss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE},
    {".tdata", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE | SHF_TLS},
    {".tbss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE | SHF_TLS},
    {".init_array", SHT_INIT_ARRAY, SHF_ALLOC | SHF_WRITE},
    {".fini_array", SHT_FINI_ARRAY, SHF_ALLOC | SHF_WRITE},
    {".note", SHT_NOTE, 0},
    {"", SHT_PROGBITS, 0},
};

/* ".text" and ".text.name", but not ".textual". */
static bool has_prefix(struct slice name, const char *prefix)
{
    size_t length = strlen(prefix);

    return length == 0 || (name.length >= length && memcmp(name.at, prefix, length) == 0 &&
                           (name.length == length || name.at[length] == '.'));
}

struct section *use_section(struct assembly *as, struct slice name)
{
    struct section *section = names_find(&as->section_names, name);
    size_t row = 0;

    if (section)
        return section;
    while (!has_prefix(name, kinds[row].prefix))
        row++;
    section = arena_alloc(&as->arena, sizeof *section);
    *section = (struct section){.name = arena_text(&as->arena, name.at, name.length),
                                .type = kinds[row].type,
                                .flags = kinds[row].flags,
                                .align = kinds[row].flags & SHF_EXECINSTR ? 4 : 1};
    names_set(&as->section_names, slice_of(section->name), section);
    *as->last_section = section;
    as->last_section = &section->next;
    return section;
}

void enter_section(struct assembly *as, struct section *section)
{
    as->previous = as->section;
    as->section = section;
}

/* --- Contents -----------------------------------------------------------------------------------
 */

static bool has_room(struct assembly *as, uint64_t count)
{
    uint32_t limit = as->section->type == SHT_NOBITS ? UINT32_C(1) << 31 : as->byte_limit;
    uint32_t used = as->section->type == SHT_NOBITS ? as->section->size : as->bytes_made;

    if (count <= limit && used <= limit - (uint32_t)count)
        return true;
    as->is_stopped = true;
    return error_here(as, as->statement, "%llu bytes more are too many: the limit is %u",
                      (unsigned long long)count, limit);
}

uint8_t *add_bytes(struct assembly *as, size_t count)
{
    struct section *section = as->section;

    if (section->type == SHT_NOBITS) {
        error_here(as, as->statement,
                   "section %s holds no contents, just room; .space N leaves N bytes of it",
                   section->name);
        return NULL;
    }
    if (!has_room(as, count))
        return NULL;
    section->size += (uint32_t)count;
    as->bytes_made += (uint32_t)count;
    section->is_word_aligned = section->is_word_aligned && count % 4 == 0;
    return buffer_add(&section->bytes, count);
}

bool add_room(struct assembly *as, uint64_t count, uint8_t fill)
{
    uint8_t *bytes;

    if (as->section->type != SHT_NOBITS) {
        if (!has_room(as, count))
            return false;
        bytes = add_bytes(as, (size_t)count);
        if (bytes)
            memset(bytes, fill, (size_t)count);
        return bytes != NULL;
    }
    if (fill)
        return error_here(as, as->statement, "section %s holds only zeros", as->section->name);
    if (!has_room(as, count))
        return false;
    as->section->size += (uint32_t)count;
    return true;
}

/* Which line of a file an instruction comes from; in a macro that of the call. */
static struct code_line line_of(const struct assembly *as)
{
    const struct spot *spot = &as->spot;

    while (spot->origin && spot->origin->macro)
        spot = spot->origin->called_from;
    return (struct code_line){here(as), spot->origin, spot->number};
}

bool add_word(struct assembly *as, uint32_t word)
{
    struct section *section = as->section;
    uint8_t *bytes;

    if (!section->is_word_aligned) {
        add_point(as, POINT_CHECK);
        section->is_word_aligned = true;
    }
    if (!(section->flags & SHF_EXECINSTR) && !section->has_warned) {
        section->has_warned = true;
        warn_here(as, as->statement,
                  "an instruction in section %s, which is not executed; .text is", section->name);
    }
    if (as->options->debug && section->flags & SHF_EXECINSTR) {
        GROW(section->lines, section->line_count, section->line_room);
        section->lines[section->line_count++] = line_of(as);
    }
    bytes = add_bytes(as, 4);
    if (bytes)
        tg_put_word(bytes, word);
    return bytes != NULL;
}

/* --- Points and fixups --------------------------------------------------------------------------
 */

struct point *add_point(struct assembly *as, enum point_kind kind)
{
    struct section *section = as->section;
    struct point *point;

    GROW(section->points, section->point_count, section->point_room);
    point = &section->points[section->point_count++];
    *point =
        (struct point){.kind = kind, .offset = section->size, .spot = spot_here(as, as->statement)};
    return point;
}

struct fixup *add_fixup(struct assembly *as, enum tg_reloc_kind kind, struct value value,
                        const char *at)
{
    struct section *section = as->section;
    struct fixup *fixup;

    GROW(section->fixups, section->fixup_count, section->fixup_room);
    fixup = &section->fixups[section->fixup_count++];
    *fixup =
        (struct fixup){.place = here(as), .kind = kind, .value = value, .spot = spot_here(as, at)};
    return fixup;
}
