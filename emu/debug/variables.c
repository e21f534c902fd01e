/*
 * Variables by name and of a frame, see value.h: which DIE a name means at a place of a program.
 */
#include "debug/program_internal.h"

#include <dwarf.h>
#include <string.h>

#define MAX_VARIABLES 4096

/* --- The part of a chain that is one frame's -------------------------------------------------- */

struct part {
    const struct tg_chain *chain;
    unsigned first, end; /* dies[first] is the (inlined) function, the rest its blocks */
};

static bool part_of_scope(const struct tg_scope *scope, struct part *ret_part)
{
    if (scope->program == NULL || scope->program->dwarf == NULL)
        return false;
    struct tg_chain *chain =
        tg_chain_at(scope->program, scope->lookup) != NULL ? &scope->program->chain : NULL;
    if (chain == NULL)
        return false;
    struct part part = {chain, 0, chain->count};
    for (unsigned i = chain->count, skipped = 0; i > 1; i--) {
        if (dwarf_tag(&chain->dies[i - 1]) != DW_TAG_inlined_subroutine)
            continue;
        if (skipped++ < scope->inlined) {
            part.end = i - 1;
        } else {
            part.first = i - 1;
            break;
        }
    }
    *ret_part = part;
    return true;
}

static bool is_variable(Dwarf_Die *die)
{
    int tag = dwarf_tag(die);
    return tag == DW_TAG_variable || tag == DW_TAG_formal_parameter;
}

static bool is_named(Dwarf_Die *die, const char *name, size_t length)
{
    const char *its_name = tg_die_name(die);
    return its_name != NULL && strncmp(its_name, name, length) == 0 && its_name[length] == '\0';
}

/* The variable or enumerator of that name among the children of a block. */
static bool find_child(Dwarf_Die *block, const char *name, size_t length, Dwarf_Die *ret_die)
{
    struct tg_walk_budget budget = {TG_WALK_BUDGET / 64};
    Dwarf_Die child;
    if (!tg_die_child(block, &budget, &child))
        return false;
    do {
        if (is_variable(&child) && is_named(&child, name, length)) {
            *ret_die = child;
            return true;
        }
    } while (tg_die_sibling(&child, &budget));
    return false;
}

/* What an inlined function or a copy of one was made of: it has the variables of which nothing is
 * left. */
static bool find_origin(Dwarf_Die *die, Dwarf_Die *ret_origin)
{
    Dwarf_Attribute attribute;
    return dwarf_attr(die, DW_AT_abstract_origin, &attribute) != NULL &&
           dwarf_formref_die(&attribute, ret_origin) != NULL;
}

static bool local_variable(const struct tg_scope *scope, const char *name, size_t length,
                           struct tg_value *ret_value)
{
    struct part part;
    Dwarf_Die die, origin;
    if (!part_of_scope(scope, &part))
        return false;
    Dwarf_Die function = part.chain->dies[0]; /* the frame is that of the real function */
    for (unsigned i = part.end; i > part.first; i--) {
        Dwarf_Die block = part.chain->dies[i - 1];
        if (find_child(&block, name, length, &die) ||
            (find_origin(&block, &origin) && find_child(&origin, name, length, &die))) {
            tg_value_of_die(scope, scope->program, &die, &function, ret_value);
            return true;
        }
    }
    return false;
}

/* --- Outside functions ------------------------------------------------------------------------ */

static uint32_t unit_of(const struct tg_scope *scope, struct tg_program *program)
{
    Dwarf_Die unit;
    if (scope->program != program || tg_chain_at(program, scope->lookup) == NULL ||
        dwarf_diecu(&program->chain.dies[0], &unit, NULL, NULL) == NULL)
        return UINT32_MAX;
    Dwarf_Off offset = dwarf_dieoffset(&unit);
    for (size_t i = 0; i < program->unit_count; i++)
        if (program->units[i].die == offset)
            return (uint32_t)i;
    return UINT32_MAX;
}

static struct tg_type enumeration_of(struct tg_program *program, const struct tg_name_row *row)
{
    Dwarf_Die die;
    if (row->parent != 0 && dwarf_offdie(program->dwarf, row->parent, &die) != NULL)
        return tg_type_of_die(program, &die);
    return tg_type_of(TG_PLAIN_INT);
}

static void value_of_row(const struct tg_scope *scope, struct tg_program *program,
                         const struct tg_name_row *row, struct tg_value *ret_value)
{
    Dwarf_Die die;
    int64_t number = 0;
    if (dwarf_offdie(program->dwarf, row->die, &die) == NULL) {
        *ret_value = (struct tg_value){.type = tg_type_of(TG_PLAIN_INT), .is_lost = true};
        return;
    }
    if (row->kind == TG_NAME_VARIABLE) {
        tg_value_of_die(scope, program, &die, NULL, ret_value);
        return;
    }
    tg_die_number(&die, DW_AT_const_value, &number);
    *ret_value = tg_value_of(enumeration_of(program, row), (uint64_t)number);
}

/* A variable or enumerator of a program that is outside functions: of this unit, else one that
 * others may use, else any. */
static bool global_variable(const struct tg_scope *scope, struct tg_program *program,
                            const char *name, size_t length, struct tg_value *ret_value)
{
    size_t count;
    const struct tg_name_row *rows = tg_names_find(program, name, length, &count), *best = NULL;
    uint32_t unit = rows != NULL ? unit_of(scope, program) : UINT32_MAX;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].kind != TG_NAME_VARIABLE && rows[i].kind != TG_NAME_ENUMERATOR)
            continue;
        if (best == NULL || (rows[i].unit == unit && best->unit != unit))
            best = &rows[i];
    }
    if (best == NULL)
        return false;
    value_of_row(scope, program, best, ret_value);
    return true;
}

/* --- FUNCTION::NAME, FILE::NAME --------------------------------------------------------------- */

static bool static_of_function(const struct tg_scope *scope, struct tg_program *program,
                               const char *function, const char *name, size_t length,
                               struct tg_value *ret_value)
{
    struct tg_function found;
    for (size_t i = 0; i < 1000 && tg_program_function(program, function, i, &found); i++) {
        struct tg_scope inside = *scope;
        inside.program = program;
        inside.lookup = found.entry;
        inside.inlined = 0;
        const struct tg_function_row *row = tg_function_row(program, found.entry);
        Dwarf_Die die, variable;
        struct tg_function here;
        if (row == NULL || dwarf_offdie(program->dwarf, row->die, &die) == NULL ||
            !find_child(&die, name, length, &variable))
            continue;
        /* locals of the frame at hand are in its registers; of other functions only statics are
         * anywhere */
        bool is_here = scope->program == program &&
                       tg_program_function_at(program, scope->lookup, &here) &&
                       here.entry == found.entry;
        if (is_here) {
            tg_value_of_die(scope, program, &variable, &die, ret_value);
        } else {
            inside.read_register = NULL;
            inside.has_cfa = false;
            tg_value_of_die(&inside, program, &variable, NULL, ret_value);
        }
        return true;
    }
    return false;
}

static bool variable_of_file(const struct tg_scope *scope, struct tg_program *program,
                             const char *file, const char *name, size_t length,
                             struct tg_value *ret_value)
{
    size_t count;
    const struct tg_name_row *rows = tg_names_find(program, name, length, &count);
    for (size_t i = 0; i < count; i++) {
        Dwarf_Die unit;
        if (rows[i].kind != TG_NAME_VARIABLE ||
            dwarf_offdie(program->dwarf, program->units[rows[i].unit].die, &unit) == NULL)
            continue;
        const char *path = tg_die_name(&unit);
        if (path == NULL || !tg_line_is_path(path, file, strlen(file)))
            continue;
        value_of_row(scope, program, &rows[i], ret_value);
        return true;
    }
    return false;
}

static bool qualified_variable(const struct tg_scope *scope, struct tg_program *program,
                               const char *name, size_t length, const char *colons,
                               struct tg_value *ret_value)
{
    char before[256];
    size_t before_length = (size_t)(colons - name);
    const char *last = colons + 2;
    size_t last_length = length - before_length - 2;
    if (before_length == 0 || before_length >= sizeof before || last_length == 0)
        return false;
    memcpy(before, name, before_length);
    before[before_length] = '\0';
    return static_of_function(scope, program, before, last, last_length, ret_value) ||
           variable_of_file(scope, program, before, last, last_length, ret_value);
}

static bool variable_of_program(const struct tg_scope *scope, struct tg_program *program,
                                const char *name, size_t length, struct tg_value *ret_value)
{
    if (program == NULL || program->dwarf == NULL)
        return false;
    for (size_t i = length; i > 2; i--)
        if (name[i - 1] == ':' && name[i - 2] == ':')
            return qualified_variable(scope, program, name, length, name + i - 2, ret_value);
    return global_variable(scope, program, name, length, ret_value);
}

bool tg_scope_variable(const struct tg_scope *scope, const char *name, size_t length,
                       struct tg_value *ret_value)
{
    if (local_variable(scope, name, length, ret_value) ||
        variable_of_program(scope, scope->program, name, length, ret_value))
        return true;
    for (size_t i = 0; i < scope->other_count; i++)
        if (scope->others[i] != scope->program &&
            variable_of_program(scope, scope->others[i], name, length, ret_value))
            return true;
    return false;
}

/* --- All of a frame --------------------------------------------------------------------------- */

struct listing {
    const struct tg_scope *scope;
    const struct part *part;
    unsigned block; /* index in the chain */
    bool (*take)(void *context, const struct tg_variable *variable);
    void *context;
    unsigned left;
};

static bool is_shadowed(const struct listing *listing, const char *name)
{
    Dwarf_Die die;
    for (unsigned i = listing->block + 1; i < listing->part->end; i++) {
        Dwarf_Die block = listing->part->chain->dies[i];
        if (find_child(&block, name, strlen(name), &die))
            return true;
    }
    return false;
}

static bool list_variable(struct listing *listing, Dwarf_Die *die)
{
    Dwarf_Die function = listing->part->chain->dies[0];
    int64_t line = 0;
    struct tg_variable variable = {.name = tg_die_name(die),
                                   .is_argument = dwarf_tag(die) == DW_TAG_formal_parameter,
                                   .block = listing->block - listing->part->first};
    if (variable.name == NULL)
        return true;
    if (listing->left-- == 0)
        return false;
    variable.is_shadowed = is_shadowed(listing, variable.name);
    if (tg_die_number(die, DW_AT_decl_line, &line) && line > 0 && line <= INT32_MAX)
        variable.line = (unsigned)line;
    tg_value_of_die(listing->scope, listing->scope->program, die, &function, &variable.value);
    return listing->take(listing->context, &variable);
}

/* Children of block; without the ones that are children of seen, too. */
static bool list_block(struct listing *listing, Dwarf_Die *block, Dwarf_Die *seen)
{
    struct tg_walk_budget budget = {TG_WALK_BUDGET / 64};
    Dwarf_Die child, other;
    if (!tg_die_child(block, &budget, &child))
        return true;
    do {
        const char *name = is_variable(&child) ? tg_die_name(&child) : NULL;
        if (name == NULL || (seen != NULL && find_child(seen, name, strlen(name), &other)))
            continue;
        if (!list_variable(listing, &child))
            return false;
    } while (tg_die_sibling(&child, &budget));
    return true;
}

void tg_scope_variables(const struct tg_scope *scope,
                        bool (*take)(void *context, const struct tg_variable *variable),
                        void *context)
{
    struct part part;
    if (!part_of_scope(scope, &part))
        return;
    /* the chain that part points into is the program's last one: what take does may ask for another
     */
    struct tg_chain chain = *part.chain;
    part.chain = &chain;
    struct listing listing = {scope, &part, 0, take, context, MAX_VARIABLES};
    for (unsigned i = part.first; i < part.end; i++) {
        Dwarf_Die block = chain.dies[i], origin;
        listing.block = i;
        if (!list_block(&listing, &block, NULL) ||
            (find_origin(&block, &origin) && !list_block(&listing, &origin, &block)))
            return;
    }
}
