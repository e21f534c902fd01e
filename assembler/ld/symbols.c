/*
 * Global symbols: one definition for each name. Strong ones go before common ones, those before
 * weak ones; two strong ones are an error. Of groups of sections with one signature the first takes
 * part.
 */
#include <string.h>

#include "ld/link.h"

/* --- The table ---------------------------------------------------------------------- */

size_t ld_hash(const char *name)
{
    uint32_t hash = 2166136261; /* FNV-1a */

    for (; *name; name++)
        hash = (hash ^ (uint8_t)*name) * 16777619;
    return hash;
}

static void grow_buckets(struct ld_link *link)
{
    size_t count = link->bucket_count ? link->bucket_count * 4 : 1024;

    link->buckets = ld_alloc(link, count * sizeof(struct ld_symbol *));
    link->bucket_count = count;
    for (size_t i = 0; i < link->symbol_count; i++) {
        struct ld_symbol **bucket = &link->buckets[ld_hash(link->symbols[i]->name) % count];

        link->symbols[i]->chain = *bucket;
        *bucket = link->symbols[i];
    }
}

struct ld_symbol *ld_find_symbol(const struct ld_link *link, const char *name)
{
    struct ld_symbol *symbol = NULL;

    if (link->bucket_count)
        symbol = link->buckets[ld_hash(name) % link->bucket_count];
    while (symbol && strcmp(symbol->name, name) != 0)
        symbol = symbol->chain;
    return symbol;
}

struct ld_symbol *ld_symbol(struct ld_link *link, const char *name)
{
    struct ld_symbol *symbol = ld_find_symbol(link, name), **bucket;

    if (symbol)
        return symbol;
    symbol = ld_alloc(link, sizeof *symbol);
    *symbol = (struct ld_symbol){.name = name, .is_weak = true};
    LD_ADD_TO(link, link->symbols, link->symbol_count, symbol);
    if (link->symbol_count > link->bucket_count) {
        grow_buckets(link);
    } else {
        bucket = &link->buckets[ld_hash(name) % link->bucket_count];
        symbol->chain = *bucket;
        *bucket = symbol;
    }
    return symbol;
}

/* --- Resolving ---------------------------------------------------------------------- */

enum strength { UNDEFINED, WEAK, COMMON, STRONG };

static enum strength strength_of(const struct ld_symbol *symbol)
{
    if (!symbol->is_defined)
        return UNDEFINED;
    if (symbol->is_weak)
        return WEAK;
    return symbol->is_common ? COMMON : STRONG;
}

static void define(struct ld_symbol *symbol, struct ld_input *input,
                   const struct tg_obj_symbol *from)
{
    bool is_in_section = from->section != TG_OBJ_ABSOLUTE && from->section != TG_OBJ_COMMON;

    symbol->is_defined = true;
    symbol->is_weak = from->binding == STB_WEAK;
    symbol->is_common = from->section == TG_OBJ_COMMON;
    symbol->type = from->type;
    symbol->visibility = from->visibility;
    symbol->value = from->value;
    symbol->size_bytes = from->size_bytes;
    symbol->input = input;
    symbol->section = is_in_section ? &input->sections[from->section] : NULL;
}

static void report_duplicate(struct ld_link *link, const struct ld_symbol *symbol,
                             struct ld_input *input, const struct tg_obj_symbol *from)
{
    struct ld_symbol second = *symbol;

    define(&second, input, from);
    ld_error(link, "%s is defined twice; rename one, or make it local or weak", symbol->name);
    ld_note(link, "%s", ld_where_defined(link, symbol));
    ld_note(link, "%s", ld_where_defined(link, &second));
}

/* Largest size and alignment of common symbols of one name. */
static void merge_commons(struct ld_symbol *symbol, const struct tg_obj_symbol *from)
{
    if (from->size_bytes > symbol->size_bytes)
        symbol->size_bytes = from->size_bytes;
    if (from->value > symbol->value)
        symbol->value = from->value;
}

static void refer(struct ld_symbol *symbol, struct ld_input *input,
                  const struct tg_obj_symbol *from)
{
    if (!symbol->is_used)
        symbol->first_use = input;
    symbol->is_used = true;
    if (!symbol->is_defined && from->binding != STB_WEAK)
        symbol->is_weak = false;
}

static void resolve(struct ld_link *link, struct ld_input *input, struct ld_symbol *symbol,
                    const struct tg_obj_symbol *from)
{
    enum strength old = strength_of(symbol), new = STRONG;
    bool is_dropped =
        from->section < input->obj->section_count && input->sections[from->section].dropped;

    if (from->section == TG_OBJ_UNDEFINED || is_dropped) {
        refer(symbol, input, from);
        return;
    }
    if (from->binding == STB_WEAK)
        new = WEAK;
    else if (from->section == TG_OBJ_COMMON)
        new = COMMON;
    if (new > old)
        define(symbol, input, from);
    else if (new == STRONG)
        report_duplicate(link, symbol, input, from);
    else if (new == COMMON && old == COMMON)
        merge_commons(symbol, from);
}

/* Drops the sections of groups that some earlier input has. */
static void resolve_groups(struct ld_link *link, struct ld_input *input)
{
    const struct tg_obj *obj = input->obj;

    for (size_t i = 0; i < obj->group_count; i++) {
        struct ld_symbol *signature = ld_symbol(link, obj->symbols[obj->groups[i].signature].name);

        if (!obj->groups[i].is_comdat)
            continue;
        if (!signature->group)
            signature->group = input;
        for (size_t k = 1; signature->group != input && k < obj->section_count; k++)
            if (obj->sections[k].group == i + 1)
                input->sections[k].dropped = ld_format(link, "the group %s is taken from %s",
                                                       signature->name, signature->group->name);
    }
}

void ld_resolve_input(struct ld_link *link, struct ld_input *input)
{
    input->takes_part = true;
    resolve_groups(link, input);
    for (size_t i = 1; i < input->obj->symbol_count; i++) {
        const struct tg_obj_symbol *from = &input->obj->symbols[i];

        if (from->binding == STB_LOCAL)
            continue;
        input->symbols[i] = ld_symbol(link, from->name);
        resolve(link, input, input->symbols[i], from);
    }
}

void ld_define_by_script(struct ld_link *link, struct ld_statement *statement)
{
    struct ld_symbol *symbol = ld_symbol(link, statement->name);

    statement->symbol = symbol;
    symbol->is_defined = true;
    symbol->is_weak = false;
    symbol->type = STT_NOTYPE;
    symbol->visibility = statement->is_hidden ? STV_HIDDEN : STV_DEFAULT;
    symbol->statement = statement;
}

struct ld_symbol *ld_need(struct ld_link *link, const char *name)
{
    struct ld_symbol *symbol = ld_symbol(link, name);

    symbol->is_used = true;
    if (!symbol->is_defined)
        symbol->is_weak = false;
    return symbol;
}

static void provide_in(struct ld_link *link, struct ld_statement *statements)
{
    for (struct ld_statement *s = statements; s; s = s->next) {
        struct ld_symbol *symbol = s->is_provided ? ld_find_symbol(link, s->name) : NULL;

        if (symbol && symbol->is_used && !symbol->is_defined)
            ld_define_by_script(link, s);
    }
}

/* Appends "symbol = ADDR(section)", or the end of the section. */
static void bound(struct ld_link *link, const char *symbol, const char *section, bool is_end)
{
    struct ld_statement *statement = ld_alloc(link, sizeof *statement);
    struct ld_expression *e = ld_alloc(link, 3 * sizeof *e);

    e[0] = (struct ld_expression){.op = LD_ADDRESS, .name = section};
    e[1] = (struct ld_expression){.op = LD_SIZE, .name = section};
    e[2] = (struct ld_expression){.op = LD_ADD, .a = &e[0], .b = &e[1]};
    *statement = (struct ld_statement){
        .kind = LD_ASSIGN, .name = symbol, .expression = is_end ? &e[2] : &e[0]};
    statement->place.file = "bounds of a section";
    *link->script_end = statement;
    link->script_end = &statement->next;
    ld_define_by_script(link, statement);
}

static void provide_bounds(struct ld_link *link, const char *section)
{
    const char *symbols[] = {ld_format(link, "__start_%s", section),
                             ld_format(link, "__stop_%s", section)};

    for (int i = 0; i < 2; i++) {
        const struct ld_symbol *symbol = ld_find_symbol(link, symbols[i]);

        if (symbol && symbol->is_used && !symbol->is_defined)
            bound(link, symbols[i], section, i == 1);
    }
}

void ld_provide(struct ld_link *link)
{
    provide_in(link, link->script);
    for (struct ld_statement *s = link->script; s; s = s->next)
        if (s->kind == LD_OUTPUT)
            provide_in(link, s->output->body);
    for (struct ld_output *output = link->outputs; output; output = output->next)
        if (output->name[0] != '.' && !output->is_discard)
            provide_bounds(link, output->name);
}

void ld_place_commons(struct ld_link *link)
{
    for (size_t i = 0; i < link->symbol_count; i++) {
        struct ld_symbol *symbol = link->symbols[i];
        struct tg_obj_section *from;
        struct ld_section *section;

        if (!symbol->is_defined || !symbol->is_common)
            continue;
        from = ld_alloc(link, sizeof *from);
        *from = (struct tg_obj_section){.name = "COMMON",
                                        .type = SHT_NOBITS,
                                        .flags = SHF_ALLOC | SHF_WRITE |
                                                 (symbol->type == STT_TLS ? SHF_TLS : 0),
                                        .size_bytes = symbol->size_bytes,
                                        .align = symbol->value ? symbol->value : 1};
        section = ld_alloc(link, sizeof *section);
        *section = (struct ld_section){.input = symbol->input, .from = from};
        LD_ADD_TO(link, link->commons, link->common_count, section);
        symbol->section = section;
        symbol->value = 0;
        symbol->type = symbol->type == STT_NOTYPE ? STT_OBJECT : symbol->type;
    }
}

/* --- What relocations refer to ------------------------------------------------------ */

static uint32_t address_in(const struct ld_section *section, uint32_t offset)
{
    if (!section->output)
        return offset;
    return section->output->address + section->offset + offset;
}

static bool is_thread_local(const struct ld_section *section)
{
    return section && section->from->flags & SHF_TLS;
}

static struct ld_target local_target(const struct ld_input *input, uint32_t symbol)
{
    const struct tg_obj_symbol *from = &input->obj->symbols[symbol];
    struct ld_target target = {
        .name = from->name, .value = from->value};

    if (from->section != TG_OBJ_UNDEFINED && from->section < input->obj->section_count) {
        target.section = &input->sections[from->section];
        target.value = address_in(target.section, from->value);
        target.is_thread_local = is_thread_local(target.section);
    }
    return target;
}

struct ld_target ld_target(const struct ld_input *input, uint32_t symbol)
{
    struct ld_symbol *global = input->symbols[symbol];
    struct ld_target target;

    if (!global)
        return local_target(input, symbol);
    target = (struct ld_target){.name = global->name,
                                .symbol = global,
                                .section = global->section,
                                .is_thread_local = is_thread_local(global->section)};
    if (global->section)
        target.value = address_in(global->section, global->value);
    else if (global->is_defined)
        target.value = global->value;
    return target;
}

/* --- Undefined symbols -------------------------------------------------------------- */

static void note_use(struct ld_link *link, struct ld_section *section, uint32_t offset,
                     struct ld_symbol *symbol)
{
    struct ld_use *use = ld_alloc(link, sizeof *use);

    *use = (struct ld_use){.section = section, .offset = offset};
    if (symbol->uses)
        symbol->last_use->next = use;
    else
        symbol->uses = use;
    symbol->last_use = use;
}

static void note_uses(struct ld_link *link, struct ld_section *section)
{
    if (!(section->from->flags & SHF_ALLOC))
        return; /* debug information may speak of what is not there */
    for (size_t i = 0; i < section->from->reloc_count; i++) {
        const struct tg_obj_reloc *reloc = &section->from->relocs[i];
        struct ld_symbol *symbol = section->input->symbols[reloc->symbol];

        if (symbol && !symbol->is_defined && !symbol->is_weak)
            note_use(link, section, reloc->offset, symbol);
    }
}

/* A library that was forgotten is needed in hundreds of places. */
enum { MOST_PLACES = 10 };

static void report_uses(struct ld_link *link, const struct ld_symbol *symbol)
{
    const char *last = NULL;
    size_t length = 0, shown = 0, more = 0;

    ld_error(link, "undefined symbol %s%s", symbol->name, ld_suggestion(link, symbol->name));
    for (const struct ld_use *use = symbol->uses; use; use = use->next) {
        struct ld_section *section = use->section;
        const char *where;

        if (shown == MOST_PLACES) {
            more++;
            continue;
        }
        /* One line of source can refer to a symbol in several instructions. */
        where = ld_where(link, section->input, section->index, use->offset);
        if (!last || strncmp(where, last, length) != 0) {
            ld_note(link, "%s", where);
            shown++;
        }
        last = where;
        length = strcspn(where, "(") + 1;
    }
    if (more)
        ld_note(link, "and %zu more", more);
}

void ld_report_undefined(struct ld_link *link)
{
    ld_visit_sections(link, note_uses);
    for (size_t i = 0; i < link->symbol_count; i++)
        if (link->symbols[i]->uses)
            report_uses(link, link->symbols[i]);
}
