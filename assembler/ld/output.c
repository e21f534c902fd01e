/*
 * The executable as an object: sections, segments, symbols, entry point. A segment is a run of
 * sections with the same access and the same distance between address and load address.
 */
#include <stdlib.h>
#include <string.h>

#include "ld/link.h"

/* --- Segments ----------------------------------------------------------------------- */

static int by_address(const void *a, const void *b)
{
    const struct ld_output *first = *(struct ld_output *const *)a;
    const struct ld_output *second = *(struct ld_output *const *)b;

    return (first->address > second->address) - (first->address < second->address);
}

struct ld_output **ld_sorted_outputs(struct ld_link *link, size_t *ret_count)
{
    struct ld_output **sorted = NULL;
    size_t count = 0, loaded;

    for (struct ld_output *output = link->outputs; output; output = output->next)
        if (output->is_used && output->size_bytes && output->flags & SHF_ALLOC)
            LD_ADD_TO(link, sorted, count, output);
    loaded = count;
    for (struct ld_output *output = link->outputs; output; output = output->next)
        if (output->is_used && output->size_bytes && !(output->flags & SHF_ALLOC))
            LD_ADD_TO(link, sorted, count, output);
    if (loaded)
        qsort(sorted, loaded, sizeof *sorted, by_address);
    *ret_count = count;
    return sorted;
}

static uint32_t access_of(const struct ld_output *output)
{
    return PF_R | (output->flags & SHF_WRITE ? (uint32_t)PF_W : 0) |
           (output->flags & SHF_EXECINSTR ? (uint32_t)PF_X : 0);
}

static bool belongs_to(const struct tg_obj_segment *segment, const struct ld_output *last,
                       const struct ld_output *output)
{
    return segment->flags == access_of(output) &&
           segment->paddr - segment->vaddr == output->load_address - output->address &&
           output->address - (last->address + last->size_bytes) < TG_PAGE_BYTES;
}

/* In a segment nothing with bytes comes after what has none: that gets zeros then. What is before
 * another one with bytes has got them already. */
static void give_bytes(struct ld_output **sorted, size_t end, uint32_t segment)
{
    for (size_t i = end; i-- > 0 && sorted[i]->segment == segment && !sorted[i]->has_bytes;) {
        sorted[i]->has_bytes = true;
        sorted[i]->type = SHT_PROGBITS;
    }
}

static bool make_segments(struct ld_link *link, struct ld_output **sorted, size_t count)
{
    struct tg_obj *result = link->result;

    result->segments = ld_alloc(link, (count + 1) * sizeof *result->segments);
    for (size_t i = 0; i < count && sorted[i]->flags & SHF_ALLOC; i++) {
        struct ld_output *output = sorted[i];

        if (result->segment_count == 0 ||
            !belongs_to(&result->segments[result->segment_count - 1], sorted[i - 1], output))
            result->segments[result->segment_count++] =
                (struct tg_obj_segment){.type = PT_LOAD,
                                        .flags = access_of(output),
                                        .vaddr = output->address,
                                        .paddr = output->load_address,
                                        .align = TG_PAGE_BYTES};
        output->segment = (uint32_t)result->segment_count;
        if (output->has_bytes)
            give_bytes(sorted, i, output->segment);
    }
    if (result->segment_count > TG_ELF_MAX_SEGMENTS) {
        ld_error(link,
                 "%zu segments, at most %d can be loaded; put sections with the same access next "
                 "to each other",
                 result->segment_count, TG_ELF_MAX_SEGMENTS);
        return false;
    }
    return true;
}

static bool add_section(struct ld_link *link, struct ld_output *output)
{
    struct tg_obj_section section = {.name = output->name,
                                     .type = output->has_bytes ? output->type : SHT_NOBITS,
                                     .flags = output->flags,
                                     .address = output->address,
                                     .size_bytes = output->size_bytes,
                                     .align = output->align,
                                     .segment = output->segment,
                                     .bytes = output->bytes};

    output->index = tg_obj_add_section(link->result, &section);
    if (!output->index)
        ld_error(link, "%s: more sections than an ELF file can have", output->name);
    return output->index != 0;
}

/* --- Symbols ------------------------------------------------------------------------ */

static void add_symbol(struct ld_link *link, const struct tg_obj_symbol *symbol)
{
    if (!tg_obj_add_symbol(link->result, symbol) && link->errors == 0)
        ld_error(link, "more symbols than an ELF file can have; --strip-all leaves them out");
}

/* Where a symbol is in the executable. False: in nothing that is there. */
static bool place_symbol(const struct ld_link *link, const struct ld_section *section,
                         struct tg_obj_symbol *symbol)
{
    if (!section->output || section->dropped)
        return false;
    symbol->section = section->output->index ? section->output->index : TG_OBJ_ABSOLUTE;
    symbol->value += section->output->address + section->offset;
    if (symbol->type == STT_TLS)
        symbol->value -= link->thread_base; /* ELF wants offsets */
    return true;
}

static bool is_wanted(const struct tg_obj_symbol *symbol)
{
    return symbol->type != STT_SECTION && *symbol->name && strncmp(symbol->name, ".L", 2) != 0 &&
           symbol->section != TG_OBJ_UNDEFINED;
}

static void add_locals(struct ld_link *link, const struct ld_input *input)
{
    const struct tg_obj *obj = input->obj;
    const struct tg_obj_symbol *file = NULL; /* written before the first symbol that is its */

    for (size_t i = 1; i < obj->symbol_count; i++) {
        struct tg_obj_symbol symbol = obj->symbols[i];

        if (symbol.binding != STB_LOCAL)
            continue;
        if (symbol.type == STT_FILE) {
            file = &obj->symbols[i];
            continue;
        }
        if (!is_wanted(&symbol) || (symbol.section < obj->section_count &&
                                    !place_symbol(link, &input->sections[symbol.section], &symbol)))
            continue;
        if (symbol.section == TG_OBJ_COMMON)
            continue; /* a common symbol is never local */
        if (file)
            add_symbol(link, file);
        file = NULL;
        add_symbol(link, &symbol);
    }
}

static void add_global(struct ld_link *link, const struct ld_symbol *from)
{
    struct tg_obj_symbol symbol = {.name = from->name,
                                   .value = from->value,
                                   .size_bytes = from->size_bytes,
                                   .section = TG_OBJ_ABSOLUTE,
                                   .binding = from->is_weak ? STB_WEAK : STB_GLOBAL,
                                   .type = from->type,
                                   .visibility = from->visibility};

    if (!from->is_defined)
        return;
    if (from->section) {
        if (!place_symbol(link, from->section, &symbol))
            return;
    } else if (from->output && from->output->index) {
        symbol.section = from->output->index;
    }
    add_symbol(link, &symbol);
}

static void add_symbols(struct ld_link *link, struct ld_output **sorted, size_t count)
{
    if (link->options.is_stripped)
        return;
    for (size_t i = 0; i < count; i++)
        add_symbol(link, &(struct tg_obj_symbol){.name = sorted[i]->name,
                                                 .value = sorted[i]->address,
                                                 .section = sorted[i]->index,
                                                 .type = STT_SECTION});
    for (size_t i = 0; i < link->input_count; i++)
        if (link->inputs[i]->takes_part)
            add_locals(link, link->inputs[i]);
    for (size_t i = 0; i < link->symbol_count; i++)
        add_global(link, link->symbols[i]);
}

/* --- All ---------------------------------------------------------------------------- */

/* Execution starts where the entry is loaded: paging is off then. */
static void find_entry(struct ld_link *link)
{
    const struct ld_symbol *symbol = link->entry ? ld_find_symbol(link, link->entry) : NULL;
    const struct ld_output *output;

    if (!link->entry) {
        ld_error(link, "no entry: the script has no ENTRY(symbol) and there is no option -e");
        return;
    }
    if (!symbol || !symbol->is_defined) {
        ld_error_at(link, link->entry_place,
                    "the entry, %s, is defined nowhere; define it with .globl, or choose another "
                    "with -e%s",
                    link->entry, ld_suggestion(link, link->entry));
        return;
    }
    output = symbol->section ? symbol->section->output : symbol->output;
    link->result->entry = symbol->value;
    if (symbol->section && output)
        link->result->entry += output->address + symbol->section->offset;
    if (output)
        link->result->entry += output->load_address - output->address;
    if (link->result->entry % 4 != 0)
        ld_error(link, "the entry, %s, is at 0x%x, which is no multiple of 4", link->entry,
                 link->result->entry);
}

bool ld_make_result(struct ld_link *link)
{
    struct ld_output **sorted;
    size_t count;

    link->result = tg_obj_create("output");
    if (!link->result) {
        ld_error(link, "no memory left");
        return false;
    }
    link->result->type = ET_EXEC;
    find_entry(link);
    sorted = ld_sorted_outputs(link, &count);
    if (!make_segments(link, sorted, count))
        return false;
    ld_fill_outputs(link);
    for (size_t i = 0; i < count && link->errors == 0; i++)
        add_section(link, sorted[i]);
    if (link->errors == 0)
        add_symbols(link, sorted, count);
    return link->errors == 0;
}
