/*
 * The bytes of output sections: contents of the inputs with their relocations applied. What a
 * value does not fit into is reported with the distance and what would help. Manual:
 * docs/object-format.md, "Relocations".
 */
#include <stdlib.h>
#include <string.h>

#include "ld/link.h"

/* A section being relocated. */
struct job {
    struct ld_link *link;
    struct ld_section *section;
    uint8_t *bytes; /* the section's, in the output */
    uint32_t address;
    const struct tg_obj_reloc **highs; /* those of kind PCREL_HI20 by offset */
    size_t high_count;
};

/* --- Values ------------------------------------------------------------------------- */

/* Debug information of code that was dropped: the address at which nothing is, as readers of DWARF
 * expect it. In the lists of older versions the highest one means something else. */
static uint32_t nowhere(const struct ld_section *section)
{
    const char *name = section->from->name;
    bool is_list = strcmp(name, ".debug_ranges") == 0 || strcmp(name, ".debug_loc") == 0;

    return is_list ? UINT32_MAX - 1 : UINT32_MAX;
}

static bool may_refer_to_dropped(const struct ld_section *section)
{
    return !(section->from->flags & SHF_ALLOC) || strcmp(section->from->name, ".eh_frame") == 0;
}

static const char *where(const struct job *job, const struct tg_obj_reloc *reloc)
{
    return ld_where(job->link, job->section->input, job->section->index, reloc->offset);
}

/* Reports a reference to a section that does not take part. */
static void report_dropped(const struct job *job, const struct tg_obj_reloc *reloc,
                           const struct ld_target *target)
{
    ld_error(job->link, "%s: refers to %s in section %s of %s, which is not in the program: %s",
             where(job, reloc), target->name, target->section->from->name,
             target->section->input->name,
             target->section->dropped ? target->section->dropped : "it is in no output section");
}

static int compare_highs(const void *a, const void *b)
{
    const struct tg_obj_reloc *first = *(const struct tg_obj_reloc *const *)a;
    const struct tg_obj_reloc *second = *(const struct tg_obj_reloc *const *)b;

    return (first->offset > second->offset) - (first->offset < second->offset);
}

static void find_highs(struct job *job)
{
    const struct tg_obj_section *from = job->section->from;

    for (size_t i = 0; i < from->reloc_count; i++)
        if (from->relocs[i].kind == TG_R_PCREL_HI20)
            LD_ADD_TO(job->link, job->highs, job->high_count, &from->relocs[i]);
    if (job->high_count)
        qsort(job->highs, job->high_count, sizeof *job->highs, compare_highs);
}

static const struct tg_obj_reloc *find_high(const struct job *job, uint32_t offset)
{
    size_t low = 0, high = job->high_count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (job->highs[middle]->offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low < job->high_count && job->highs[low]->offset == offset ? job->highs[low] : NULL;
}

static struct tg_reloc_inputs inputs_of(const struct job *job, const struct tg_obj_reloc *reloc,
                                        const struct ld_target *target)
{
    return (struct tg_reloc_inputs){.symbol = target->value,
                                    .addend = (uint32_t)reloc->addend,
                                    .place = job->address + reloc->offset,
                                    .thread = job->link->thread_base};
}

/* The value at the auipc that a PCREL_LO12 belongs to. Returns false after a message. */
static bool find_pair(const struct job *job, const struct tg_obj_reloc *reloc,
                      const struct ld_target *label, uint32_t *ret_value)
{
    const struct tg_obj_reloc *high = NULL;
    struct tg_reloc_inputs inputs;
    struct ld_target target;

    const struct tg_obj_symbol *symbol = &job->section->input->obj->symbols[reloc->symbol];
    uint32_t addend = symbol->type == STT_SECTION ? (uint32_t)reloc->addend : 0;

    if (label->section == job->section)
        high = find_high(job, label->value + addend - job->address);
    if (!high) {
        ld_error(job->link, "%s: %s is no label of an auipc with %%pcrel_hi in the same section",
                 where(job, reloc), label->name);
        return false;
    }
    target = ld_target(job->section->input, high->symbol);
    inputs = inputs_of(job, high, &target);
    *ret_value = tg_reloc_calculate(tg_reloc_info(TG_R_PCREL_HI20), &inputs);
    return true;
}

/* --- Messages ----------------------------------------------------------------------- */

static const char *advice(uint32_t kind)
{
    switch (kind) {
    case TG_R_BRANCH:
        return "turn the condition round and branch over a j or call";
    case TG_R_JAL:
        return "use call or tail, which reach everything";
    case TG_R_IMM15:
        return "use la, or lui with %hi and %lo";
    default:
        return "use .word";
    }
}

static void report_misfit(const struct job *job, const struct tg_obj_reloc *reloc,
                          const struct ld_target *target, uint32_t value,
                          enum tg_reloc_result result)
{
    const struct tg_reloc_info *info = tg_reloc_info(reloc->kind);
    const char *name = *target->name ? target->name : "the value";
    bool is_distance = info->value == TG_RELOC_VALUE_RELATIVE;
    const char *what;

    if (reloc->addend)
        name = ld_format(job->link, "%s%+d", name, reloc->addend);
    if (is_distance)
        what = ld_format(job->link, "%s is %d bytes away", name, (int32_t)value);
    else
        what = ld_format(job->link, "%s is %d (0x%x)", name, (int32_t)value, value);
    if (result == TG_RELOC_MISALIGNED)
        ld_error(job->link, "%s: %s, which is no multiple of %u: %s takes only those",
                 where(job, reloc), what, info->multiple, info->name);
    else
        ld_error(job->link, "%s: %s, but %s reaches %d to %d only; %s", where(job, reloc), what,
                 info->name, info->lowest, info->highest, advice(reloc->kind));
    if (target->symbol && !target->symbol->is_defined)
        ld_note(job->link, "%s is weak and nothing defines it: its address is 0", target->name);
}

/* Code that was told another declaration than the definition would use a wrong address: variables
 * of threads are reached from tp, all others are not. */
static bool is_reached_rightly(const struct job *job, const struct tg_obj_reloc *reloc,
                               const struct ld_target *target)
{
    bool is_by_thread = tg_reloc_info(reloc->kind)->value == TG_RELOC_VALUE_THREAD;

    if (!target->symbol || !target->symbol->is_defined ||
        !(job->section->from->flags & SHF_ALLOC) || is_by_thread == target->is_thread_local)
        return true;
    ld_error(job->link,
             is_by_thread ? "%s: %s is used as a variable of each thread, but is defined as an "
                            "ordinary one"
                          : "%s: %s is a variable of each thread, but is used as an ordinary one; "
                            "its declaration here lacks _Thread_local",
             where(job, reloc), target->name);
    ld_note(job->link, "%s is defined in %s", target->name,
            ld_where_defined(job->link, target->symbol));
    return false;
}

/* --- Applying ----------------------------------------------------------------------- */

static void apply(struct job *job, const struct tg_obj_reloc *reloc)
{
    const struct tg_reloc_info *info = tg_reloc_info(reloc->kind);
    struct ld_target target;
    struct tg_reloc_inputs inputs;
    enum tg_reloc_result result;
    uint32_t value;

    if (info->place == TG_RELOC_PLACE_NOTHING)
        return;
    target = ld_target(job->section->input, reloc->symbol);
    if (!is_reached_rightly(job, reloc, &target))
        return;
    inputs = inputs_of(job, reloc, &target);
    if (info->value == TG_RELOC_VALUE_PAIRED && !find_pair(job, reloc, &target, &inputs.pair))
        return;
    value = tg_reloc_calculate(info, &inputs);
    if (target.section && !target.section->output) {
        if (!may_refer_to_dropped(job->section)) {
            report_dropped(job, reloc, &target);
            return;
        }
        if (reloc->kind == TG_R_32)
            value = nowhere(job->section);
    }
    result = tg_reloc_apply(info, value, job->bytes + reloc->offset);
    if (result != TG_RELOC_OK)
        report_misfit(job, reloc, &target, value, result);
}

static void fill_section(struct ld_link *link, struct ld_section *section)
{
    struct ld_output *output = section->output;
    struct job job = {.link = link, .section = section};

    if (section->dropped || !section->from->bytes || !section->from->size_bytes)
        return;
    job.bytes = output->bytes + section->offset;
    job.address = output->address + section->offset;
    memcpy(job.bytes, section->from->bytes, section->from->size_bytes);
    find_highs(&job);
    for (size_t i = 0; i < section->from->reloc_count; i++)
        apply(&job, &section->from->relocs[i]);
}

/* A word again and again, from the section's start. */
static void fill_gaps(struct ld_output *output, uint32_t word)
{
    for (uint32_t i = 0; i < output->size_bytes; i++)
        output->bytes[i] = (uint8_t)(word >> (8 * (i % 4)));
}

static void fill_output(struct ld_link *link, struct ld_output *output)
{
    struct ld_pass pass = {.link = link, .dot = output->address, .output = output};

    output->bytes = ld_alloc(link, output->size_bytes);
    if (output->fill)
        fill_gaps(output, ld_evaluate(&pass, output->fill).number);
    for (const struct ld_statement *s = output->body; s; s = s->next) {
        if (s->kind == LD_DATA) {
            pass.dot = output->address + s->offset;
            uint32_t value = ld_evaluate(&pass, s->expression).number;

            for (uint32_t i = 0; i < s->bytes; i++)
                output->bytes[s->offset + i] = (uint8_t)(value >> (8 * i));
        }
        for (size_t i = 0; s->kind == LD_INPUT && i < s->section_count; i++)
            fill_section(link, s->sections[i]);
    }
}

void ld_fill_outputs(struct ld_link *link)
{
    uint64_t total = 0;

    for (const struct ld_output *output = link->outputs; output; output = output->next)
        if (output->is_used && output->has_bytes)
            total += output->size_bytes;
    if (total > link->options.most_bytes) {
        ld_error(link, "the program has %llu bytes; at most %u can be written",
                 (unsigned long long)total, link->options.most_bytes);
        return;
    }
    for (struct ld_output *output = link->outputs; output; output = output->next)
        if (output->is_used && output->has_bytes)
            fill_output(link, output);
}
