/*
 * Addresses. The script is gone through again and again, because it may speak of what comes later,
 * until nothing changes; the last time errors are reported. Then sections must not overlap.
 */
#include <stdlib.h>
#include <string.h>

#include "ld/link.h"

/* Scripts that settle do so within a few passes. */
#define MOST_PASSES   32

#define END_OF_MEMORY (UINT64_C(1) << 32)

static uint64_t align_up(uint64_t address, uint32_t align)
{
    return (address + align - 1) & ~(uint64_t)(align - 1);
}

/* Sets *value, and notes if it was another. */
static void set(struct ld_pass *pass, uint32_t *value, uint32_t new)
{
    pass->has_changed |= *value != new;
    *value = new;
}

/* --- Statements --------------------------------------------------------------------- */

static void set_dot(struct ld_pass *pass, const struct ld_statement *statement,
                    struct ld_value value)
{
    const struct ld_output *output = pass->output;
    uint64_t address = value.number;

    /* Within a section a plain number counts from the section's start. */
    if (output && !value.output)
        address += output->address;
    if (output && address < pass->dot) {
        if (pass->is_final)
            ld_error_at(pass->link, statement->place,
                        "the location cannot go back within a section, from 0x%x to 0x%x",
                        (unsigned)pass->dot, (unsigned)address);
        return;
    }
    pass->dot = address;
}

static void assign(struct ld_pass *pass, struct ld_statement *statement)
{
    bool is_dot = strcmp(statement->name, ".") == 0;
    struct ld_value value;

    if (!is_dot && !statement->symbol)
        return; /* provided, but nobody needs it */
    value = ld_evaluate(pass, statement->expression);
    set(pass, &statement->value, value.number);
    if (is_dot) {
        set_dot(pass, statement, value);
    } else {
        statement->symbol->value = value.number;
        statement->symbol->output = value.output;
    }
}

static void check(struct ld_pass *pass, const struct ld_statement *statement)
{
    if (ld_evaluate(pass, statement->expression).number == 0 && pass->is_final)
        ld_error_at(pass->link, statement->place, "%s", statement->name);
}

static void place_sections(struct ld_pass *pass, const struct ld_statement *statement)
{
    for (size_t i = 0; i < statement->section_count; i++) {
        struct ld_section *section = statement->sections[i];

        if (section->dropped)
            continue;
        if (section->from->size_bytes) /* empty ones are in every object, and need no place */
            pass->dot = align_up(pass->dot, section->from->align);
        set(pass, &section->offset, (uint32_t)pass->dot - pass->output->address);
        pass->dot += section->from->size_bytes;
    }
}

static void run_body(struct ld_pass *pass, struct ld_statement *statement)
{
    for (; statement; statement = statement->next)
        switch (statement->kind) {
        case LD_ASSIGN:
            assign(pass, statement);
            break;
        case LD_INPUT:
            place_sections(pass, statement);
            break;
        case LD_DATA:
            statement->offset = (uint32_t)pass->dot - pass->output->address;
            pass->dot += statement->bytes;
            break;
        case LD_ASSERT:
            check(pass, statement);
            break;
        case LD_OUTPUT:
            break;
        }
}

/* --- Output sections ---------------------------------------------------------------- */

static void find_address(struct ld_pass *pass, struct ld_output *output)
{
    uint32_t align = output->align;

    if (output->align_expression) {
        uint32_t wanted = ld_evaluate(pass, output->align_expression).number;

        if (wanted && (wanted & (wanted - 1)) == 0)
            align = wanted > align ? wanted : align;
        else if (pass->is_final)
            ld_error_at(pass->link, output->place, "ALIGN: %u is no power of two", wanted);
    }
    if (output->address_expression) {
        pass->dot = ld_evaluate(pass, output->address_expression).number;
        if (pass->is_final && output->is_used && pass->dot % align != 0)
            ld_error_at(pass->link, output->place,
                        "%s: address 0x%x is no multiple of its alignment, %u; use ALIGN(%u)",
                        output->name, (unsigned)pass->dot, align, align);
    } else if (output->is_used) {
        pass->dot = align_up(pass->dot, align);
    }
    set(pass, &output->address, (uint32_t)pass->dot);
    output->align = align;
}

/* Whether a value is calculated from the location, as in "ALIGN(4096)". */
static bool has_dot(const struct ld_expression *e)
{
    return e &&
           (e->op == LD_DOT || has_dot(e->a) || (e->b != e->a && has_dot(e->b)) || has_dot(e->c));
}

/* Without AT the distance between address and load address stays that of the section before, unless
 * the section begins at an address of its own. */
static void find_load_address(struct ld_pass *pass, struct ld_output *output)
{
    if (output->load_expression)
        pass->load_distance = ld_evaluate(pass, output->load_expression).number - output->address;
    else if (output->address_expression && !has_dot(output->address_expression))
        pass->load_distance = 0;
    set(pass, &output->load_address, output->address + pass->load_distance);
}

static void lay_out_output(struct ld_pass *pass, struct ld_output *output)
{
    uint64_t outside = pass->dot, start;

    if (output->is_discard)
        return;
    if (!(output->flags & SHF_ALLOC))
        pass->dot = 0; /* debug information is in the file only */
    else
        find_address(pass, output);
    start = pass->dot;
    pass->output = output;
    run_body(pass, output->body);
    pass->output = NULL;
    if (pass->dot > END_OF_MEMORY && pass->is_final)
        ld_error(pass->link, "%s: its end at 0x%llx is beyond the end of memory, 0x100000000",
                 output->name, (unsigned long long)pass->dot);
    set(pass, &output->size_bytes, (uint32_t)(pass->dot - start));
    if (output->flags & SHF_ALLOC) {
        find_load_address(pass, output);
        pass->last = output->is_used ? output : pass->last;
    } else {
        pass->dot = outside;
    }
}

/* What an output section is, from the sections in it. */
static void describe(struct ld_output *output)
{
    bool has_sections = false, has_space = false;

    output->align = 1;
    output->type = SHT_NOBITS;
    for (const struct ld_statement *s = output->body; s; s = s->next) {
        has_space |= s->kind == LD_DATA || (s->kind == LD_ASSIGN && strcmp(s->name, ".") == 0);
        output->has_bytes |= s->kind == LD_DATA;
        for (size_t i = 0; s->kind == LD_INPUT && i < s->section_count; i++) {
            const struct tg_obj_section *from = s->sections[i]->from;

            if (s->sections[i]->dropped || from->size_bytes == 0)
                continue;
            output->has_bytes |= from->type != SHT_NOBITS;
            output->is_used = true;
            output->flags |= from->flags & (SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR | SHF_TLS);
            output->type = has_sections && output->type != from->type ? SHT_PROGBITS : from->type;
            output->align = from->align > output->align ? from->align : output->align;
            has_sections = true;
        }
    }
    if (!has_sections)
        output->flags = SHF_ALLOC | SHF_WRITE;
    output->is_used |= has_space;
    output->has_bytes &= !output->is_noload;
    if (!output->has_bytes)
        output->type = SHT_NOBITS;
    else if (output->type == SHT_NOBITS)
        output->type = SHT_PROGBITS;
}

/* --- All ---------------------------------------------------------------------------- */

static void run_pass(struct ld_pass *pass)
{
    for (struct ld_statement *s = pass->link->script; s; s = s->next) {
        if (s->kind == LD_ASSIGN)
            assign(pass, s);
        else if (s->kind == LD_ASSERT)
            check(pass, s);
        else if (s->kind == LD_OUTPUT)
            lay_out_output(pass, s->output);
    }
}

static int by_address(const void *a, const void *b)
{
    const struct ld_output *first = *(struct ld_output *const *)a;
    const struct ld_output *second = *(struct ld_output *const *)b;

    if (first->address != second->address)
        return first->address < second->address ? -1 : 1;
    return (first->size_bytes > second->size_bytes) - (first->size_bytes < second->size_bytes);
}

static int by_load_address(const void *a, const void *b)
{
    const struct ld_output *first = *(struct ld_output *const *)a;
    const struct ld_output *second = *(struct ld_output *const *)b;

    if (first->load_address != second->load_address)
        return first->load_address < second->load_address ? -1 : 1;
    return by_address(a, b);
}

static void check_overlaps(struct ld_link *link, struct ld_output **sorted, size_t count,
                           bool is_load)
{
    for (size_t i = 1; i < count; i++) {
        const struct ld_output *a = sorted[i - 1], *b = sorted[i];
        uint32_t first = is_load ? a->load_address : a->address;
        uint32_t second = is_load ? b->load_address : b->address;

        if (second - first >= a->size_bytes)
            continue;
        ld_error(link, "sections overlap: %s has %s 0x%x to 0x%llx, %s begins at 0x%x", a->name,
                 is_load ? "load addresses" : "addresses", first,
                 (unsigned long long)first + a->size_bytes, b->name, second);
        return; /* those that follow overlap by the same amount */
    }
}

static void check_all_overlaps(struct ld_link *link)
{
    struct ld_output **sorted = NULL;
    size_t count = 0;

    for (struct ld_output *output = link->outputs; output; output = output->next)
        if (output->is_used && output->size_bytes && output->flags & SHF_ALLOC)
            LD_ADD_TO(link, sorted, count, output);
    if (count == 0)
        return;
    qsort(sorted, count, sizeof *sorted, by_address);
    check_overlaps(link, sorted, count, false);
    if (link->errors)
        return;
    qsort(sorted, count, sizeof *sorted, by_load_address);
    check_overlaps(link, sorted, count, true);
}

/* Where the variables of a thread begin: at the first section of them. */
static void find_thread_base(struct ld_link *link)
{
    for (const struct ld_output *output = link->outputs; output; output = output->next)
        if (output->is_used && output->flags & SHF_TLS &&
            (!link->has_thread_base || output->address < link->thread_base)) {
            link->thread_base = output->address;
            link->has_thread_base = true;
        }
}

bool ld_lay_out(struct ld_link *link)
{
    struct ld_pass pass;
    int passes = 0;

    for (struct ld_output *output = link->outputs; output; output = output->next)
        describe(output);
    do {
        pass = (struct ld_pass){.link = link};
        run_pass(&pass);
    } while (pass.has_changed && ++passes < MOST_PASSES);
    if (pass.has_changed) {
        ld_error(link, "the script's addresses never settle: something in it depends on itself");
        return false;
    }
    pass = (struct ld_pass){.link = link, .is_final = true};
    run_pass(&pass);
    check_all_overlaps(link);
    find_thread_base(link);
    return link->errors == 0;
}
