/* See symbols.h. */
#include "as/symbols.h"

#include <stdlib.h>

#include "as/input.h"
#include "as/report.h"

struct numeric {
    struct symbol *last, *coming;
};

/* --- Finding and making -------------------------------------------------------------------------
 */

static struct symbol *new_symbol(struct assembly *as, struct slice name)
{
    struct symbol *symbol = arena_alloc(&as->arena, sizeof *symbol);

    *symbol = (struct symbol){.name = name, .binding = STB_LOCAL, .type = STT_NOTYPE};
    *as->last_symbol = symbol;
    as->last_symbol = &symbol->next;
    return symbol;
}

struct symbol *find_symbol(struct assembly *as, struct slice name)
{
    struct symbol *symbol = names_find(&as->symbols, name);

    if (!symbol) {
        symbol = new_symbol(as, name);
        names_set(&as->symbols, name, symbol);
    }
    return symbol;
}

struct place here(const struct assembly *as)
{
    return (struct place){as->section, as->section->size, (uint32_t)as->section->point_count};
}

struct symbol *here_symbol(struct assembly *as)
{
    struct symbol *symbol = arena_alloc(&as->arena, sizeof *symbol);

    /* Not in the list: it is nobody's to define, use or look up. */
    *symbol = (struct symbol){.state = SYMBOL_LABEL, .place = here(as), .is_used = true};
    return symbol;
}

bool is_private(struct slice name)
{
    return name.length >= 2 && name.at[0] == '.' && name.at[1] == 'L';
}

/* --- Defining -----------------------------------------------------------------------------------
 */

static bool check_new(struct assembly *as, const struct symbol *symbol, const char *at)
{
    struct slice name = symbol->name;

    if (tg_register_by_name(name.at, name.length) >= 0)
        return error_here(as, at, "\"%.*s\" is a register and cannot be a symbol", SLICE(name));
    if (symbol->state == SYMBOL_UNDEFINED || symbol->is_predefined)
        return true;
    return error_here(as, at, "\"%.*s\" is defined already%s", SLICE(name),
                      defined_where(as, &symbol->defined));
}

bool define_label(struct assembly *as, struct slice name)
{
    struct symbol *symbol = find_symbol(as, name);

    if (!check_new(as, symbol, name.at))
        return false;
    symbol->state = SYMBOL_LABEL;
    symbol->is_predefined = false;
    symbol->place = here(as);
    symbol->defined = spot_here(as, name.at);
    return true;
}

static struct numeric *find_numeric(struct assembly *as, struct slice digits)
{
    struct numeric *numeric = names_find(&as->numeric, digits);

    if (!numeric) {
        numeric = arena_alloc(&as->arena, sizeof *numeric);
        names_set(&as->numeric, digits, numeric);
    }
    return numeric;
}

bool define_numeric_label(struct assembly *as, struct slice digits)
{
    struct numeric *numeric = find_numeric(as, digits);
    struct symbol *symbol = numeric->coming ? numeric->coming : here_symbol(as);

    symbol->state = SYMBOL_LABEL;
    symbol->place = here(as);
    numeric->last = symbol;
    numeric->coming = NULL;
    return true;
}

struct symbol *numeric_symbol(struct assembly *as, struct slice digits, bool is_forward)
{
    struct numeric *numeric = find_numeric(as, digits);

    if (!is_forward) {
        if (!numeric->last)
            error_here(as, digits.at, "no label \"%.*s:\" before this line", SLICE(digits));
        return numeric->last;
    }
    if (!numeric->coming) {
        numeric->coming = arena_alloc(&as->arena, sizeof *numeric->coming);
        numeric->coming->first_used = spot_here(as, digits.at);
        numeric->coming->is_used = true;
    }
    return numeric->coming;
}

bool define_equal(struct assembly *as, struct slice name, const char *at, struct value value)
{
    struct symbol *symbol = find_symbol(as, name);

    if (symbol->state != SYMBOL_EQUAL && !check_new(as, symbol, at))
        return false;
    if (value.add == symbol || value.sub == symbol)
        return error_here(as, at, "\"%.*s\" is defined by itself", SLICE(name));
    symbol->state = SYMBOL_EQUAL;
    symbol->is_predefined = false;
    symbol->value = value;
    symbol->defined = spot_here(as, at);
    return true;
}

void define_constant(struct assembly *as, const char *name, int64_t number)
{
    struct symbol *symbol = find_symbol(as, slice_of(name));

    symbol->state = SYMBOL_EQUAL;
    symbol->is_predefined = true;
    symbol->value = (struct value){NULL, NULL, number};
}

/* --- Using --------------------------------------------------------------------------------------
 */

struct value use_symbol(struct assembly *as, struct symbol *symbol, const char *at)
{
    if (!symbol->is_used) {
        symbol->is_used = true;
        symbol->first_used = spot_here(as, at);
    }
    if (symbol->state == SYMBOL_EQUAL)
        return symbol->value;
    return (struct value){.add = symbol};
}

/* Whether nothing between two places of a section can still change its size. */
static bool is_settled(const struct section *section, uint32_t first, uint32_t last)
{
    if (last - first > 256)
        return false;
    for (; first < last; first++)
        if (section->points[first].kind != POINT_CHECK)
            return false;
    return true;
}

bool is_known(const struct value *value, int64_t *ret_number)
{
    const struct symbol *add = value->add, *sub = value->sub;

    *ret_number = value->number;
    if (add == sub)
        return true;
    if (!add || !sub || add->state != SYMBOL_LABEL || sub->state != SYMBOL_LABEL ||
        add->place.section != sub->place.section)
        return false;
    if (!(add->place.points > sub->place.points
              ? is_settled(add->place.section, sub->place.points, add->place.points)
              : is_settled(add->place.section, add->place.points, sub->place.points)))
        return false;
    *ret_number += (int64_t)add->place.offset - (int64_t)sub->place.offset;
    return true;
}

/* --- Resolving ----------------------------------------------------------------------------------
 */

uint32_t address_of(const struct place *place)
{
    const struct section *section = place->section;

    if (place->points == 0)
        return place->offset;
    return place->offset + section->points[place->points - 1].before +
           section->points[place->points - 1].extra;
}

static bool resolve_symbol(struct assembly *as, struct symbol *symbol, const struct spot *spot,
                           struct resolved *ret_resolved)
{
    struct resolved rest;
    bool is_resolved;

    *ret_resolved = (struct resolved){0};
    if (!symbol)
        return true;
    if (symbol->state == SYMBOL_LABEL) {
        ret_resolved->section = symbol->place.section;
        ret_resolved->number = address_of(&symbol->place);
        ret_resolved->through = symbol->binding != STB_LOCAL ? symbol : NULL;
        return true;
    }
    if (symbol->state != SYMBOL_EQUAL) {
        ret_resolved->undefined = symbol;
        return true;
    }
    if (symbol->is_being_resolved)
        return error_at(as, &symbol->defined, "\"%.*s\" is defined by itself", SLICE(symbol->name));
    symbol->is_being_resolved = true;
    is_resolved = resolve(as, &symbol->value, spot, ret_resolved, &rest);
    symbol->is_being_resolved = false;
    if (is_resolved && (rest.undefined || rest.section))
        return error_at(as, spot, "\"%.*s\" is a difference that a linker cannot calculate here",
                        SLICE(symbol->name));
    return is_resolved;
}

bool resolve(struct assembly *as, const struct value *value, const struct spot *spot,
             struct resolved *ret_add, struct resolved *ret_sub)
{
    if (!resolve_symbol(as, value->add, spot, ret_add) ||
        !resolve_symbol(as, value->sub, spot, ret_sub))
        return false;
    ret_add->number += value->number;
    if (!value->sub)
        return true;
    if (ret_sub->undefined == ret_add->undefined && ret_sub->section == ret_add->section)
        *ret_add = (struct resolved){.number = ret_add->number - ret_sub->number};
    else if (!ret_sub->undefined && !ret_sub->section)
        ret_add->number -= ret_sub->number;
    else
        return true;
    *ret_sub = (struct resolved){0};
    return true;
}

/* --- At the end ---------------------------------------------------------------------------------
 */

static void check_symbol(struct assembly *as, const struct symbol *symbol)
{
    bool is_main = symbol->defined.origin && !symbol->defined.origin->called_from;

    if (symbol->state == SYMBOL_UNDEFINED && symbol->is_used) {
        if (is_private(symbol->name) || (symbol->is_binding_given && symbol->binding == STB_LOCAL))
            error_at(as, &symbol->first_used,
                     "\"%.*s\" is not defined, and is local to this file%s", SLICE(symbol->name),
                     suggest_symbol(as, symbol->name));
        return;
    }
    if (symbol->is_used || symbol->is_binding_given || symbol->is_predefined ||
        as->options->is_quiet_unused || as->errors > 0)
        return; /* after errors the line that uses it may not have been read */
    if (symbol->state == SYMBOL_LABEL)
        warn_at(as, &symbol->defined,
                "label \"%.*s\" is never used; .globl makes it known to other files",
                SLICE(symbol->name));
    else if (symbol->state == SYMBOL_EQUAL && is_main)
        warn_at(as, &symbol->defined, "\"%.*s\" is never used", SLICE(symbol->name));
}

static int compare_spots(const void *a, const void *b)
{
    const struct spot *left = a, *right = b;

    return left->line < right->line ? -1 : left->line > right->line;
}

/* Labels such as "1:" that were to follow, in the order of their use. */
static void check_numeric(struct assembly *as)
{
    struct spot spots[AS_MAX_ERRORS];
    size_t count = 0;

    for (size_t i = 0; i < as->numeric.room && count < AS_MAX_ERRORS; i++) {
        const struct numeric *numeric = as->numeric.entries[i].value;

        if (numeric && numeric->coming)
            spots[count++] = numeric->coming->first_used;
    }
    qsort(spots, count, sizeof *spots, compare_spots);
    for (size_t i = 0; i < count; i++)
        error_at(as, &spots[i], "this label does not follow");
}

void check_symbols(struct assembly *as)
{
    check_numeric(as);
    for (const struct symbol *symbol = as->first_symbol; symbol; symbol = symbol->next)
        check_symbol(as, symbol);
}

const char *suggest_symbol(struct assembly *as, struct slice name)
{
    enum { MOST = 4000 };
    const char **names = arena_alloc(&as->arena, MOST * sizeof *names);
    size_t count = 0;

    for (const struct symbol *symbol = as->first_symbol; symbol && count < MOST;
         symbol = symbol->next)
        if (symbol->name.length && symbol->state != SYMBOL_UNDEFINED)
            names[count++] = arena_text(&as->arena, symbol->name.at, symbol->name.length);
    return suggestion(as, name, names, count);
}
