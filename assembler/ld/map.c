/*
 * The map: what is where and why. Output sections by address with the sections in them and their
 * symbols, members of archives with the symbol that needed each, and what was dropped.
 */
#include <stdlib.h>
#include <string.h>

#include "ld/link.h"

/* A symbol by the section that it is in. */
struct label {
    const struct ld_section *section;
    uint32_t value;
    const char *name;
};

struct labels {
    struct label *labels;
    size_t count;
};

static int compare_labels(const void *a, const void *b)
{
    const struct label *first = a, *second = b;

    /* Sections of one object are next to each other, in the object's order. */
    if (first->section != second->section) {
        int order = strcmp(first->section->input->name, second->section->input->name);

        if (order)
            return order;
        if (first->section->index != second->section->index)
            return first->section->index < second->section->index ? -1 : 1;
    }
    if (first->value != second->value)
        return first->value < second->value ? -1 : 1;
    return strcmp(first->name, second->name);
}

static void find_labels(struct ld_link *link, struct labels *labels)
{
    for (size_t i = 0; i < link->symbol_count; i++) {
        const struct ld_symbol *symbol = link->symbols[i];

        if (symbol->is_defined && symbol->section && symbol->section->output)
            LD_ADD_TO(link, labels->labels, labels->count,
                      (struct label){symbol->section, symbol->value, symbol->name});
    }
    if (labels->count)
        qsort(labels->labels, labels->count, sizeof *labels->labels, compare_labels);
}

static void write_labels(const struct ld_section *section, const struct labels *labels, FILE *to)
{
    struct label first = {section, 0, ""};
    size_t low = 0, high = labels->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (compare_labels(&labels->labels[middle], &first) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < labels->count && labels->labels[low].section == section; low++)
        fprintf(to, "%08x %29s %s\n",
                section->output->address + section->offset + labels->labels[low].value, "",
                labels->labels[low].name);
}

static void write_section(const struct ld_section *section, const struct labels *labels, FILE *to)
{
    if (section->dropped)
        return;
    if (section->from->size_bytes)
        fprintf(to, "%08x %8s %8x   %s %s\n", section->output->address + section->offset, "",
                section->from->size_bytes, section->input->name, section->from->name);
    write_labels(section, labels, to);
}

static void write_assignment(const struct ld_statement *s, FILE *to)
{
    if (s->symbol && s->symbol->statement == s)
        fprintf(to, "%08x %29s %s\n", s->symbol->value, "", s->name);
}

static void write_output(const struct ld_output *output, const struct labels *labels, FILE *to)
{
    if (output->is_discard)
        return;
    if (output->is_used && output->size_bytes)
        fprintf(to, "\n%08x %08x %8x %s\n", output->address, output->load_address,
                output->size_bytes, output->name);
    for (const struct ld_statement *s = output->body; s; s = s->next) {
        if (s->kind == LD_ASSIGN)
            write_assignment(s, to);
        if (s->kind == LD_DATA)
            fprintf(to, "%08x %8s %8x   (data of the script)\n", output->address + s->offset, "",
                    s->bytes);
        for (size_t i = 0; s->kind == LD_INPUT && i < s->section_count; i++)
            write_section(s->sections[i], labels, to);
    }
}

static void write_members(const struct ld_link *link, FILE *to)
{
    bool has_title = false;

    for (size_t i = 0; i < link->input_count; i++) {
        const struct ld_input *input = link->inputs[i];

        if (!input->takes_part || !input->pulled_by)
            continue;
        if (!has_title)
            fprintf(to, "\nMembers of archives, and the symbol that needed each\n\n");
        has_title = true;
        fprintf(to, "%s because of %s in %s\n", input->name, input->pulled_by->name,
                input->pulled_by->first_use ? input->pulled_by->first_use->name : "the script");
    }
}

static void write_dropped(const struct ld_link *link, FILE *to)
{
    bool has_title = false;

    for (size_t i = 0; i < link->input_count; i++) {
        const struct ld_input *input = link->inputs[i];

        for (size_t k = 1; input->takes_part && k < input->obj->section_count; k++) {
            const struct ld_section *section = &input->sections[k];

            if (!section->dropped || section->from->size_bytes == 0)
                continue;
            if (!has_title)
                fprintf(to, "\nSections that are not in the program\n\n");
            has_title = true;
            fprintf(to, "%8x %s %s: %s\n", section->from->size_bytes, input->name,
                    section->from->name, section->dropped);
        }
    }
}

void ld_write_map(struct ld_link *link, FILE *to)
{
    struct labels labels = {0};

    find_labels(link, &labels);
    fprintf(to, "Entry: %s at physical address 0x%x\n\n", link->entry, link->result->entry);
    fprintf(to, "address  load     size     section, what it is made of, symbols\n");
    for (const struct ld_statement *s = link->script; s; s = s->next) {
        if (s->kind == LD_ASSIGN)
            write_assignment(s, to);
        if (s->kind == LD_OUTPUT)
            write_output(s->output, &labels, to);
    }
    write_members(link, to);
    write_dropped(link, to);
}
