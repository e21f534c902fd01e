/*
 * Which statement of the script takes which section: the first that matches. Sections that none
 * takes go to an output section of their own name, after those of the same kind.
 */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "ld/link.h"

/* --- Matching ----------------------------------------------------------------------- */

static bool matches_file(const char *glob, const struct ld_input *input)
{
    const char *slash = strrchr(input->name, '/');

    return strcmp(glob, "*") == 0 || fnmatch(glob, input->name, FNM_NOESCAPE) == 0 ||
           (slash && fnmatch(glob, slash + 1, FNM_NOESCAPE) == 0);
}

static bool matches_pattern(const struct ld_pattern *pattern, const struct ld_section *section)
{
    if (fnmatch(pattern->glob, section->from->name, FNM_NOESCAPE) != 0)
        return false;
    for (size_t i = 0; i < pattern->excluded_count; i++)
        if (matches_file(pattern->excluded[i], section->input))
            return false;
    return true;
}

static bool matches(const struct ld_statement *statement, const struct ld_section *section)
{
    if (statement->kind != LD_INPUT || !matches_file(statement->file, section->input))
        return false;
    for (size_t i = 0; i < statement->pattern_count; i++)
        if (matches_pattern(&statement->patterns[i], section))
            return true;
    return false;
}

/* Sections that are for tools on the way to a program, not for programs. */
static const char *not_for_programs(const struct ld_link *link, const struct ld_section *section)
{
    const struct tg_obj_section *from = section->from;
    bool is_debug = !(from->flags & SHF_ALLOC);

    if (is_debug && (link->options.is_stripped || link->options.is_stripped_of_debug))
        return "stripped";
    if (from->flags & SHF_EXCLUDE)
        return "marked as not for programs";
    if (is_debug && (from->type >= SHT_LOOS || strcmp(from->name, ".note.GNU-stack") == 0))
        return "not for programs";
    return NULL;
}

static void take(struct ld_link *link, struct ld_section *section, struct ld_output *output,
                 struct ld_statement *statement)
{
    if (output->is_discard) {
        section->dropped =
            ld_format(link, "discarded by %s:%u", statement->place.file, statement->place.line);
        return;
    }
    section->output = output;
    section->is_kept = statement->is_kept;
    LD_ADD_TO(link, statement->sections, statement->section_count, section);
}

static void assign_by_script(struct ld_link *link, struct ld_section *section)
{
    section->dropped = not_for_programs(link, section);
    if (section->dropped)
        return;
    for (struct ld_statement *outer = link->script; outer; outer = outer->next) {
        if (outer->kind != LD_OUTPUT)
            continue;
        for (struct ld_statement *inner = outer->output->body; inner; inner = inner->next)
            if (matches(inner, section)) {
                take(link, section, outer->output, inner);
                return;
            }
    }
}

/* --- Order within a statement ------------------------------------------------------- */

/* ".init_array.123": 123. Without a number: last. */
static unsigned long priority_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    char *end;
    unsigned long number;

    if (!dot || dot[1] < '0' || dot[1] > '9')
        return 65536;
    number = strtoul(dot + 1, &end, 10);
    return *end ? 65536 : number;
}

static bool comes_later(enum ld_sort sort, const struct ld_section *a, const struct ld_section *b)
{
    if (sort == LD_SORT_NAME)
        return strcmp(a->from->name, b->from->name) > 0;
    return priority_of(a->from->name) > priority_of(b->from->name);
}

/* Merge sort, so that equal ones stay in the order of the inputs. */
static void sort_sections(enum ld_sort sort, struct ld_section **sections, size_t count,
                          struct ld_section **scratch)
{
    size_t half = count / 2, left = 0, right = half, to = 0;

    if (count < 2)
        return;
    sort_sections(sort, sections, half, scratch);
    sort_sections(sort, sections + half, count - half, scratch);
    while (left < half && right < count)
        scratch[to++] = comes_later(sort, sections[left], sections[right]) ? sections[right++]
                                                                           : sections[left++];
    while (left < half)
        scratch[to++] = sections[left++];
    memcpy(sections, scratch, to * sizeof(struct ld_section *));
}

static void sort_statements(struct ld_link *link)
{
    for (struct ld_output *output = link->outputs; output; output = output->next)
        for (struct ld_statement *s = output->body; s; s = s->next)
            if (s->kind == LD_INPUT && s->sort != LD_SORT_NONE && s->section_count)
                sort_sections(s->sort, s->sections, s->section_count,
                              ld_alloc(link, s->section_count * sizeof(struct ld_section *)));
}

/* --- Sections that the script does not mention -------------------------------------- */

/* Kinds of sections in the order in which they usually come. */
enum { CODE, CONSTANTS, VARIABLES, ZEROS, DEBUG, KIND_COUNT };

enum { BUCKET_COUNT = 4096 };

struct ld_unmentioned {
    struct ld_output *buckets[BUCKET_COUNT]; /* by name */
    /* By kind: the last statement with an output section of this kind or one before it; NULL: none,
     * the next one is the script's last. */
    struct ld_statement *neighbours[KIND_COUNT];
};

static int kind_of(uint32_t flags, uint32_t type)
{
    if (!(flags & SHF_ALLOC))
        return DEBUG;
    if (flags & SHF_WRITE)
        return type == SHT_NOBITS ? ZEROS : VARIABLES;
    return flags & SHF_EXECINSTR ? CODE : CONSTANTS;
}

/* The kind of the first section in it; KIND_COUNT: none. */
static int kind_of_output(const struct ld_output *output)
{
    for (const struct ld_statement *s = output->body; s; s = s->next)
        if (s->kind == LD_INPUT && s->section_count)
            return kind_of(s->sections[0]->from->flags, s->sections[0]->from->type);
    return KIND_COUNT;
}

static void find_neighbours(struct ld_link *link)
{
    link->unmentioned = ld_alloc(link, sizeof *link->unmentioned);
    for (struct ld_statement *s = link->script; s; s = s->next)
        if (s->kind == LD_OUTPUT && !s->output->is_discard)
            for (int kind = kind_of_output(s->output); kind < KIND_COUNT; kind++)
                link->unmentioned->neighbours[kind] = s;
}

static void add_statement(struct ld_link *link, struct ld_statement *outer, int kind)
{
    struct ld_statement **neighbours = link->unmentioned->neighbours;
    struct ld_statement *neighbour = neighbours[kind];
    struct ld_statement **to = neighbour ? &neighbour->next : link->script_end;

    outer->next = *to;
    *to = outer;
    if (!outer->next)
        link->script_end = &outer->next;
    for (; kind < KIND_COUNT; kind++)
        if (neighbours[kind] == neighbour || !neighbour)
            neighbours[kind] = outer;
}

static struct ld_output *make_output(struct ld_link *link, const struct ld_section *section)
{
    const struct tg_obj_section *from = section->from;
    struct ld_statement *outer = ld_alloc(link, sizeof *outer);
    struct ld_output *output = ld_alloc(link, sizeof *output);

    *output = (struct ld_output){.name = from->name};
    output->body = ld_alloc(link, sizeof *output->body);
    *output->body = (struct ld_statement){.kind = LD_INPUT, .file = "*"};
    *link->outputs_end = output;
    link->outputs_end = &output->next;
    *outer = (struct ld_statement){.kind = LD_OUTPUT, .output = output};
    add_statement(link, outer, kind_of(from->flags, from->type));
    return output;
}

static void assign_by_name(struct ld_link *link, struct ld_section *section)
{
    const char *name = section->from->name;
    struct ld_output **bucket = &link->unmentioned->buckets[ld_hash(name) % BUCKET_COUNT];
    struct ld_output *output = *bucket;

    if (section->output)
        return;
    while (output && strcmp(output->name, name) != 0)
        output = output->chain;
    if (!output) {
        output = make_output(link, section);
        output->chain = *bucket;
        *bucket = output;
    }
    section->output = output;
    LD_ADD_TO(link, output->body->sections, output->body->section_count, section);
}

void ld_assign_sections(struct ld_link *link)
{
    ld_visit_sections(link, assign_by_script);
    sort_statements(link);
    find_neighbours(link);
    ld_visit_sections(link, assign_by_name);
}
