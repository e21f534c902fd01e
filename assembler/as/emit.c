/* The object from finished sections and symbols. See emit.h. */
#include "as/emit.h"

#include <string.h>

#include "as/report.h"
#include "as/symbols.h"

/* --- Which symbols ------------------------------------------------------------------------------
 */

static bool is_wanted(const struct symbol *symbol)
{
    if (symbol->name.length == 0)
        return false;
    switch (symbol->state) {
    case SYMBOL_LABEL:
        return !is_private(symbol->name) || symbol->binding != STB_LOCAL;
    case SYMBOL_COMMON:
        return true;
    case SYMBOL_EQUAL:
        return symbol->binding != STB_LOCAL;
    default:
        return symbol->is_used;
    }
}

/* Numbers must be known before relocations are made: the file, then a symbol a section, then the
 * others. */
static void number_symbols(struct assembly *as)
{
    uint32_t next = 2;

    for (struct section *section = as->first_section; section; section = section->next)
        section_symbol(as, section)->index = next++;
    for (struct symbol *symbol = as->first_symbol; symbol; symbol = symbol->next)
        if (is_wanted(symbol))
            symbol->index = next++;
}

/* --- Symbols ------------------------------------------------------------------------------------
 */

static uint32_t size_of(struct assembly *as, const struct symbol *symbol)
{
    struct resolved size, sub;

    if (!symbol->has_size || !resolve(as, &symbol->size_bytes, &symbol->defined, &size, &sub))
        return 0;
    if (size.section || size.undefined || sub.section || sub.undefined || size.number < 0 ||
        size.number > UINT32_MAX) {
        error_at(as, &symbol->defined, "the .size of \"%.*s\" is no number that is known here",
                 SLICE(symbol->name));
        return 0;
    }
    return (uint32_t)size.number;
}

/* Where a symbol that is equal to something lies. */
static void place_equal(struct assembly *as, const struct symbol *symbol, struct tg_obj_symbol *to)
{
    struct resolved value, sub;

    if (!resolve(as, &symbol->value, &symbol->defined, &value, &sub))
        return;
    if (value.undefined || sub.undefined || sub.section) {
        error_at(as, &symbol->defined,
                 "\"%.*s\" is global, but its value is not known in this file",
                 SLICE(symbol->name));
        return;
    }
    to->section = value.section ? value.section->index : (uint32_t)TG_OBJ_ABSOLUTE;
    to->value = (uint32_t)value.number;
}

static struct tg_obj_symbol object_symbol(struct assembly *as, struct tg_obj *obj,
                                          const struct symbol *symbol)
{
    struct tg_obj_symbol to = {.name = tg_obj_text(obj, symbol->name.at, symbol->name.length),
                               .size_bytes = size_of(as, symbol),
                               .binding = symbol->binding,
                               .type = symbol->type,
                               .visibility = symbol->visibility};

    switch (symbol->state) {
    case SYMBOL_LABEL:
        to.section = symbol->place.section->index;
        to.value = address_of(&symbol->place);
        if (symbol->place.section->flags & SHF_TLS)
            to.type = STT_TLS;
        break;
    case SYMBOL_COMMON:
        to.section = TG_OBJ_COMMON;
        to.value = symbol->common_align;
        to.size_bytes = symbol->common_bytes;
        break;
    case SYMBOL_EQUAL:
        place_equal(as, symbol, &to);
        break;
    default:
        to.binding = symbol->binding == STB_WEAK ? STB_WEAK : STB_GLOBAL;
        break;
    }
    return to;
}

static bool add_symbols(struct assembly *as, struct tg_obj *obj, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *file = as->file_name ? as->file_name : slash ? slash + 1 : path;
    bool is_added =
        tg_obj_add_symbol(obj, &(struct tg_obj_symbol){.name = tg_obj_text(obj, file, strlen(file)),
                                                       .section = TG_OBJ_ABSOLUTE,
                                                       .type = STT_FILE}) != 0;

    for (const struct section *section = as->first_section; section; section = section->next)
        is_added = tg_obj_add_symbol(obj, &(struct tg_obj_symbol){.name = "",
                                                                  .section = section->index,
                                                                  .type = STT_SECTION}) &&
                   is_added;
    for (const struct symbol *symbol = as->first_symbol; symbol; symbol = symbol->next) {
        struct tg_obj_symbol to;

        if (!is_wanted(symbol))
            continue;
        to = object_symbol(as, obj, symbol);
        is_added = to.name && tg_obj_add_symbol(obj, &to) && is_added;
    }
    return is_added;
}

/* --- Sections -----------------------------------------------------------------------------------
 */

static bool add_section(struct tg_obj *obj, struct section *section)
{
    struct tg_obj_section to = {.name = tg_obj_text(obj, section->name, strlen(section->name)),
                                .type = section->type,
                                .flags = section->flags,
                                .size_bytes = section->end,
                                .align = section->align,
                                .entry_bytes = section->entry_bytes};

    if (section->type != SHT_NOBITS) {
        to.bytes = tg_obj_alloc(obj, section->end + 1);
        to.relocs = tg_obj_alloc(obj, (section->reloc_count + 1) * sizeof *to.relocs);
        if (!to.bytes || !to.relocs)
            return false;
        memcpy(to.bytes, section->final, section->end);
        if (section->reloc_count)
            memcpy(to.relocs, section->relocs, section->reloc_count * sizeof *to.relocs);
        to.reloc_count = section->reloc_count;
    }
    return to.name && tg_obj_add_section(obj, &to) != 0;
}

struct tg_obj *make_object(struct assembly *as, const char *path)
{
    struct tg_obj *obj = tg_obj_create(path);
    uint32_t index = 1;
    bool is_made = obj != NULL;

    if (as->options->debug)
        add_line_information(as, path);
    for (struct section *section = as->first_section; section; section = section->next)
        section->index = index++;
    number_symbols(as);
    finish_sections(as);
    for (struct section *section = as->first_section; section && is_made; section = section->next)
        is_made = add_section(obj, section);
    is_made = is_made && add_symbols(as, obj, path);
    if (is_made)
        return obj;
    tg_obj_destroy(obj);
    return NULL;
}
