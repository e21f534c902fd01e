/*
 * Drops sections that nothing needs (--gc-sections): marks what can be reached by relocations from
 * the entry, from what the script keeps and from what startup code walks through. Debug information
 * reaches nothing, and stays.
 */
#include <string.h>

#include "ld/link.h"

static void mark_section(struct ld_link *link, struct ld_section *section)
{
    if (section->is_live || section->dropped)
        return;
    section->is_live = true;
    LD_ADD_TO(link, link->pending, link->pending_count, section);
}

/* "__start_NAME" and "__stop_NAME" need all sections called NAME. */
static void mark_named(struct ld_link *link, const char *symbol)
{
    const char *name;

    if (strncmp(symbol, "__start_", 8) == 0)
        name = symbol + 8;
    else if (strncmp(symbol, "__stop_", 7) == 0)
        name = symbol + 7;
    else
        return;
    for (size_t i = 0; i < link->input_count; i++)
        for (size_t k = 1; link->inputs[i]->takes_part && k < link->inputs[i]->obj->section_count;
             k++)
            if (strcmp(link->inputs[i]->sections[k].from->name, name) == 0)
                mark_section(link, &link->inputs[i]->sections[k]);
}

static void mark_symbol(struct ld_link *link, struct ld_symbol *symbol)
{
    if (!symbol || symbol->is_live)
        return;
    symbol->is_live = true;
    if (symbol->section)
        mark_section(link, symbol->section);
    else
        mark_named(link, symbol->name);
}

static void mark_name(struct ld_link *link, const char *name)
{
    mark_symbol(link, ld_find_symbol(link, name));
}

static bool is_walked_at_start(uint32_t type)
{
    return type == SHT_INIT_ARRAY || type == SHT_FINI_ARRAY || type == SHT_PREINIT_ARRAY ||
           type == SHT_NOTE;
}

/* Debug information of a group lives with the code of the group. */
static bool is_debug(const struct ld_section *section)
{
    return !(section->from->flags & SHF_ALLOC);
}

static void mark_root(struct ld_link *link, struct ld_section *section)
{
    if (section->is_kept || is_walked_at_start(section->from->type))
        mark_section(link, section);
    if (is_debug(section) && !section->from->group && !section->from->link)
        section->is_live = true; /* without following its relocations */
}

/* The other sections of a group, and those that are about this one. */
static void mark_companions(struct ld_link *link, const struct ld_section *section)
{
    struct ld_input *input = section->input;

    for (uint32_t i = 1; i < input->obj->section_count; i++) {
        struct ld_section *other = &input->sections[i];

        if ((section->from->group && other->from->group == section->from->group) ||
            (section->index && other->from->link == section->index))
            mark_section(link, other);
    }
}

static void follow(struct ld_link *link, const struct ld_section *section)
{
    if (section->index == 0)
        return; /* of a common symbol */
    if (section->input->has_companions)
        mark_companions(link, section);
    for (size_t i = 0; !is_debug(section) && i < section->from->reloc_count; i++) {
        struct ld_target target = ld_target(section->input, section->from->relocs[i].symbol);

        if (target.symbol)
            mark_symbol(link, target.symbol);
        else if (target.section)
            mark_section(link, target.section);
    }
}

static void drop_if_dead(struct ld_link *link, struct ld_section *section)
{
    (void)link;
    if (section->is_live)
        return;
    section->dropped = "nothing refers to it";
    section->output = NULL;
}

void ld_collect_unused(struct ld_link *link)
{
    ld_visit_sections(link, mark_root);
    if (link->entry)
        mark_name(link, link->entry);
    for (size_t i = 0; i < link->options.wanted_count; i++)
        mark_name(link, link->options.wanted[i]);
    ld_visit_script_symbols(link, mark_name);
    while (link->pending_count)
        follow(link, link->pending[--link->pending_count]);
    ld_visit_sections(link, drop_if_dead);
}
