/*
 * Names that DWARF has beside functions: variables outside functions, types, enumerators, functions
 * that are only inlined. One table, sorted, made when a name is first asked for. Also: which known
 * name is like one that is not.
 */
#define _POSIX_C_SOURCE 200809L /* strdup, strnlen */
#include "debug/program_internal.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ROWS (UINT32_C(1) << 22)

static bool add(struct tg_name_table *table, Dwarf_Die *die, uint32_t unit, enum tg_name_kind kind,
                Dwarf_Off parent)
{
    const char *name = tg_die_name(die);
    if (name == NULL || table->count == MAX_ROWS)
        return true;
    if (!tg_grow(&table->rows, table->count, &table->room, sizeof *table->rows))
        return false;
    table->rows[table->count++] =
        (struct tg_name_row){.name = name,
                             .die = dwarf_dieoffset(die),
                             .parent = parent,
                             .unit = unit,
                             .kind = (uint8_t)kind,
                             .is_external = tg_die_flag(die, DW_AT_external)};
    return true;
}

static bool add_enumerators(struct tg_name_table *table, Dwarf_Die *die, uint32_t unit,
                            struct tg_walk_budget *budget)
{
    Dwarf_Die child;
    Dwarf_Off parent = dwarf_dieoffset(die);
    if (!tg_die_child(die, budget, &child))
        return true;
    do
        if (dwarf_tag(&child) == DW_TAG_enumerator &&
            !add(table, &child, unit, TG_NAME_ENUMERATOR, parent))
            return false;
    while (tg_die_sibling(&child, budget));
    return true;
}

static bool has_place(Dwarf_Die *die)
{
    return dwarf_hasattr_integrate(die, DW_AT_location) ||
           dwarf_hasattr_integrate(die, DW_AT_const_value);
}

static bool add_die(struct tg_name_table *table, Dwarf_Die *die, uint32_t unit,
                    struct tg_walk_budget *budget)
{
    if (dwarf_hasattr(die, DW_AT_declaration))
        return true;
    switch (dwarf_tag(die)) {
    case DW_TAG_variable:
        return !has_place(die) || add(table, die, unit, TG_NAME_VARIABLE, 0);
    case DW_TAG_base_type:
    case DW_TAG_typedef:
        return add(table, die, unit, TG_NAME_TYPE, 0);
    case DW_TAG_structure_type:
        return add(table, die, unit, TG_NAME_STRUCT, 0);
    case DW_TAG_union_type:
        return add(table, die, unit, TG_NAME_UNION, 0);
    case DW_TAG_enumeration_type:
        return add(table, die, unit, TG_NAME_ENUM, 0) && add_enumerators(table, die, unit, budget);
    case DW_TAG_subprogram:
        return !dwarf_hasattr(die, DW_AT_inline) || add(table, die, unit, TG_NAME_INLINE, 0);
    default:
        return true;
    }
}

static int compare_rows(const void *left, const void *right)
{
    const struct tg_name_row *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    if (order != 0)
        return order;
    if (a->is_external != b->is_external)
        return a->is_external ? -1 : 1;
    return a->die < b->die ? -1 : a->die > b->die;
}

/* Without memory the table is what it came to. */
static void read_names(struct tg_program *program)
{
    struct tg_name_table *table = &program->names;
    struct tg_walk_budget budget = {TG_WALK_BUDGET};
    bool has_memory = true;
    table->is_read = true;
    for (uint32_t i = 0; i < program->unit_count && has_memory; i++) {
        Dwarf_Die unit, die;
        if (dwarf_offdie(program->dwarf, program->units[i].die, &unit) == NULL ||
            !tg_die_child(&unit, &budget, &die))
            continue;
        do
            has_memory = add_die(table, &die, i, &budget);
        while (has_memory && tg_die_sibling(&die, &budget));
    }
    if (table->count != 0)
        qsort(table->rows, table->count, sizeof *table->rows, compare_rows);
}

static const struct tg_name_table *names_of(struct tg_program *program)
{
    if (!program->names.is_read && program->dwarf != NULL)
        read_names(program);
    return &program->names;
}

void tg_names_finish(struct tg_program *program)
{
    free(program->names.rows);
}

/* As strcmp of a row's name with one that has a length. */
static int compare_name(const char *row, const char *name, size_t length)
{
    int order = strncmp(row, name, length);
    return order != 0 ? order : row[length] != '\0';
}

const struct tg_name_row *tg_names_find(struct tg_program *program, const char *name, size_t length,
                                        size_t *ret_count)
{
    const struct tg_name_table *table = names_of(program);
    size_t low = 0, high = table->count, end;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_name(table->rows[middle].name, name, length) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (end = low; end < table->count && compare_name(table->rows[end].name, name, length) == 0;)
        end++;
    *ret_count = end - low;
    return end != low ? &table->rows[low] : NULL;
}

/* --- Inlined copies --------------------------------------------------------------------------- */

static bool find_copies(Dwarf_Die *function, const char *name, struct tg_walk_budget *budget,
                        bool (*take)(void *context, uint32_t address), void *context)
{
    Dwarf_Die path[TG_CHAIN_MAX]; /* the DIE that is looked at in each level */
    unsigned level = 0;
    if (!tg_die_child(function, budget, &path[0]))
        return true;
    for (;;) {
        Dwarf_Die *die = &path[level];
        int tag = dwarf_tag(die);
        const char *its_name = tag == DW_TAG_inlined_subroutine ? tg_die_name(die) : NULL;
        Dwarf_Addr base, first, end;
        /* the first piece of a copy is where it begins, if nothing else is said */
        if (its_name != NULL && strcmp(its_name, name) == 0 &&
            (dwarf_entrypc(die, &first) == 0 || dwarf_ranges(die, 0, &base, &first, &end) > 0) &&
            first < UINT32_MAX && !take(context, (uint32_t)first))
            return false;
        bool has_inner = tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block;
        if (has_inner && level + 1 < TG_CHAIN_MAX && tg_die_child(die, budget, &path[level + 1])) {
            level++;
            continue;
        }
        while (!tg_die_sibling(&path[level], budget)) {
            if (level == 0)
                return true;
            level--;
        }
    }
}

void tg_names_inlined_copies(struct tg_program *program, const char *name,
                             bool (*take)(void *context, uint32_t address), void *context)
{
    struct tg_walk_budget budget = {TG_WALK_BUDGET};
    for (size_t i = 0; i < program->functions.count; i++) {
        const struct tg_function_row *row = &program->functions.rows[i];
        Dwarf_Die die;
        bool is_entry = row->entry >= row->first && row->entry < row->end;
        if (is_entry && dwarf_offdie(program->dwarf, row->die, &die) != NULL &&
            !find_copies(&die, name, &budget, take, context))
            return;
    }
}

/* --- Likeness --------------------------------------------------------------------------------- */

#define MAX_LIKE 48 /* longer names are not compared */

unsigned tg_name_distance(const char *a, const char *b, unsigned limit)
{
    size_t a_length = strnlen(a, MAX_LIKE + 1), b_length = strnlen(b, MAX_LIKE + 1);
    unsigned rows[3][MAX_LIKE + 2];
    if (a_length > MAX_LIKE || b_length > MAX_LIKE ||
        (a_length > b_length ? a_length - b_length : b_length - a_length) > limit)
        return limit + 1;
    for (unsigned j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        const unsigned *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];
        unsigned *row = rows[i % 3], least = row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_length; j++) {
            unsigned best = before[j - 1] + (a[i - 1] != b[j - 1]);
            best = before[j] + 1 < best ? before[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                earlier[j - 2] + 1 < best)
                best = earlier[j - 2] + 1;
            row[j] = best;
            least = best < least ? best : least;
        }
        if (least > limit)
            return limit + 1;
    }
    return rows[a_length % 3][b_length];
}

unsigned tg_name_likeness(size_t length)
{
    return length < 3 ? 0 : length < 6 ? 1 : length < 12 ? 2 : 3;
}

const char *tg_program_nearest(struct tg_program *program, const char *name)
{
    const struct tg_name_table *table = names_of(program);
    const char *nearest = NULL;
    size_t length = strlen(name);
    unsigned limit = tg_name_likeness(length);
    for (size_t i = 0; i < program->symbols.count && limit != 0; i++) {
        const char *other = program->symbols.rows[program->symbols.by_name[i]].name;
        unsigned far = tg_name_distance(name, other, limit);
        if (far <= limit) {
            nearest = other;
            limit = far - (far != 0);
        }
    }
    for (size_t i = 0; i < table->count && limit != 0; i++) {
        unsigned far = tg_name_distance(name, table->rows[i].name, limit);
        if (far <= limit) {
            nearest = table->rows[i].name;
            limit = far - (far != 0);
        }
    }
    return nearest;
}
