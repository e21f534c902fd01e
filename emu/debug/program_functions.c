/*
 * Functions of a program: pieces of code by address with the DIE that describes them, and what is
 * around an address inside one: blocks and inlined functions. Where DWARF is silent (assembly) the
 * symbol table answers.
 */
#include "debug/program_internal.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PIECES 4096 /* of one function or block */
#define MAX_ROWS   (UINT32_C(1) << 22)

/* --- The table -------------------------------------------------------------------------------- */

/* Where a DIE's code begins: what is called, or comes first. */
static uint32_t entry_of(Dwarf_Die *die, uint32_t otherwise)
{
    Dwarf_Addr entry, base, first, end;
    if (dwarf_entrypc(die, &entry) == 0 && entry < UINT32_MAX)
        return (uint32_t)entry;
    if (dwarf_ranges(die, 0, &base, &first, &end) > 0 && first < UINT32_MAX)
        return (uint32_t)first;
    return otherwise;
}

static bool add_function(struct tg_program *program, Dwarf_Die *die)
{
    struct tg_function_table *table = &program->functions;
    Dwarf_Addr base, first, end;
    ptrdiff_t offset = 0;
    const char *name = NULL;
    uint32_t entry = 0;
    for (unsigned piece = 0; piece < MAX_PIECES && table->count < MAX_ROWS; piece++) {
        offset = dwarf_ranges(die, offset, &base, &first, &end);
        if (offset <= 0)
            break;
        if (first >= end || end > UINT32_MAX)
            continue;
        if (name == NULL) {
            name = tg_die_name(die);
            entry = entry_of(die, (uint32_t)first);
            if (name == NULL || !tg_program_is_code(program, entry))
                return true; /* of code that the linker dropped, at 0 */
        }
        if (!tg_grow(&table->rows, table->count, &table->room, sizeof *table->rows))
            return false;
        table->rows[table->count++] = (struct tg_function_row){(uint32_t)first, (uint32_t)end,
                                                               entry, name, dwarf_dieoffset(die)};
    }
    return true;
}

static int compare_rows(const void *left, const void *right)
{
    const struct tg_function_row *a = left, *b = right;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return a->die < b->die ? -1 : a->die > b->die;
}

int tg_function_table_read(struct tg_program *program)
{
    struct tg_walk_budget budget = {TG_WALK_BUDGET};
    for (size_t i = 0; i < program->unit_count; i++) {
        Dwarf_Die unit, die;
        if (dwarf_offdie(program->dwarf, program->units[i].die, &unit) == NULL ||
            !tg_die_child(&unit, &budget, &die))
            continue;
        do {
            if (dwarf_tag(&die) == DW_TAG_subprogram && !add_function(program, &die))
                return TG_E_NOMEM;
        } while (tg_die_sibling(&die, &budget));
    }
    program->is_damaged = program->is_damaged || budget.left == 0;
    if (program->functions.count != 0)
        qsort(program->functions.rows, program->functions.count, sizeof *program->functions.rows,
              compare_rows);
    return TG_OK;
}

void tg_function_table_finish(struct tg_program *program)
{
    free(program->functions.rows);
}

const struct tg_function_row *tg_function_row(const struct tg_program *program, uint32_t address)
{
    const struct tg_function_table *table = &program->functions;
    size_t low = 0, high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->rows[middle].first <= address)
            low = middle + 1;
        else
            high = middle;
    }
    const struct tg_function_row *row = low != 0 ? &table->rows[low - 1] : NULL;
    return row != NULL && address < row->end ? row : NULL;
}

/* --- Around an address ------------------------------------------------------------------------ */

/* The piece of a DIE's code that address is in. */
static bool find_piece(Dwarf_Die *die, uint32_t address, uint32_t *ret_first, uint32_t *ret_end)
{
    Dwarf_Addr base, first, end;
    ptrdiff_t offset = 0;
    for (unsigned piece = 0; piece < MAX_PIECES; piece++) {
        offset = dwarf_ranges(die, offset, &base, &first, &end);
        if (offset <= 0)
            return false;
        if (address < first || address >= end || end > UINT32_MAX)
            continue;
        *ret_first = (uint32_t)first;
        *ret_end = (uint32_t)end;
        return true;
    }
    return false;
}

static bool has_address(Dwarf_Die *die, uint32_t address)
{
    uint32_t first, end;
    int tag = dwarf_tag(die);
    return (tag == DW_TAG_lexical_block || tag == DW_TAG_inlined_subroutine) &&
           find_piece(die, address, &first, &end);
}

const struct tg_chain *tg_chain_at(struct tg_program *program, uint32_t address)
{
    struct tg_chain *chain = &program->chain;
    struct tg_walk_budget budget = {TG_WALK_BUDGET / 16};
    if (chain->is_known && chain->address == address)
        return chain->count != 0 ? chain : NULL;
    const struct tg_function_row *row = tg_function_row(program, address);
    *chain = (struct tg_chain){.address = address, .is_known = true};
    if (row == NULL || dwarf_offdie(program->dwarf, row->die, &chain->dies[0]) == NULL)
        return NULL;
    chain->count = 1;
    while (chain->count < TG_CHAIN_MAX) {
        Dwarf_Die child;
        bool is_inside = false;
        if (!tg_die_child(&chain->dies[chain->count - 1], &budget, &child))
            break;
        do
            is_inside = has_address(&child, address);
        while (!is_inside && tg_die_sibling(&child, &budget));
        if (!is_inside)
            break;
        chain->dies[chain->count++] = child;
    }
    return chain;
}

static void set_call(const struct tg_program *program, Dwarf_Die *die, struct tg_inlined *inlined)
{
    Dwarf_Die unit;
    Dwarf_Files *files;
    size_t count;
    int64_t line = 0, file = 0;
    inlined->call_path = inlined->call_file = NULL;
    inlined->call_line = 0;
    if (!tg_die_number(die, DW_AT_call_line, &line) ||
        !tg_die_number(die, DW_AT_call_file, &file) || line <= 0 || line > INT32_MAX ||
        dwarf_diecu(die, &unit, NULL, NULL) == NULL ||
        dwarf_getsrcfiles(&unit, &files, &count) != 0 || file < 0 || (uint64_t)file >= count)
        return;
    const char *path = dwarf_filesrc(files, (size_t)file, NULL, NULL);
    if (path == NULL)
        return;
    inlined->call_line = (unsigned)line;
    const struct tg_file *known = tg_line_file(program, path);
    inlined->call_path = known != NULL ? known->path : path;
    inlined->call_file = known != NULL ? known->name : path;
}

size_t tg_program_inlined(struct tg_program *program, uint32_t address, struct tg_inlined *inlined,
                          size_t room)
{
    struct tg_chain *chain = &program->chain;
    size_t count = 0;
    if (program->functions.count == 0 || tg_chain_at(program, address) == NULL)
        return 0;
    for (unsigned i = 1; i < chain->count; i++) {
        Dwarf_Die *die = &chain->dies[i];
        if (dwarf_tag(die) != DW_TAG_inlined_subroutine)
            continue;
        if (count < room) {
            const char *name = tg_die_name(die);
            inlined[count] = (struct tg_inlined){.name = name != NULL ? name : "(no name)"};
            find_piece(die, address, &inlined[count].first, &inlined[count].end);
            inlined[count].entry = entry_of(die, inlined[count].first);
            set_call(program, die, &inlined[count]);
        }
        count++;
    }
    return count;
}

/* --- Functions as others see them ------------------------------------------------------------- */

static void set_place(const struct tg_program *program, struct tg_function *function)
{
    struct tg_line_span span;
    if (!tg_program_line_at(program, function->entry, &span))
        return;
    function->path = span.path;
    function->file = span.file;
    function->line = span.line;
}

static void view(const struct tg_program *program, const struct tg_function_row *row,
                 struct tg_function *ret_function)
{
    const struct tg_function_row *entry = tg_function_row(program, row->entry);
    *ret_function = (struct tg_function){
        .name = row->name,
        .first = row->first,
        .end = row->end,
        .entry = row->entry,
        .has_variables = true,
    };
    ret_function->body =
        tg_line_after_prologue(program, row->entry, entry != NULL ? entry->end : row->end);
    set_place(program, ret_function);
    Dwarf_Die die;
    int64_t line;
    /* the code begins at the line of the brace; a person looks for the name */
    if (dwarf_offdie(program->dwarf, row->die, &die) != NULL &&
        tg_die_number(&die, DW_AT_decl_line, &line) && line > 0 && line < ret_function->line)
        ret_function->line = (unsigned)line;
}

bool tg_program_function_at(const struct tg_program *program, uint32_t address,
                            struct tg_function *ret_function)
{
    uint32_t end;
    const struct tg_function_row *row = tg_function_row(program, address);
    if (row != NULL) {
        view(program, row, ret_function);
        return true;
    }
    const struct tg_symbol_row *symbol = tg_symbol_function(program, address, &end);
    if (symbol == NULL)
        return false;
    *ret_function = (struct tg_function){.name = symbol->name,
                                         .first = symbol->address,
                                         .end = end,
                                         .entry = symbol->address,
                                         .body = symbol->address};
    set_place(program, ret_function);
    return true;
}

bool tg_program_function(const struct tg_program *program, const char *name, size_t index,
                         struct tg_function *ret_function)
{
    const struct tg_function_table *table = &program->functions;
    struct tg_program_symbol symbol;
    size_t found = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct tg_function_row *row = &table->rows[i];
        bool is_entry = row->entry >= row->first && row->entry < row->end;
        if (!is_entry || strcmp(row->name, name) != 0)
            continue;
        if (found++ == index) {
            view(program, row, ret_function);
            return true;
        }
    }
    size_t row = tg_program_symbol_first(program, name);
    for (; tg_program_symbol_by_name(program, row, &symbol) && strcmp(symbol.name, name) == 0;
         row++) {
        if (!symbol.is_code || symbol.kind == TG_SYMBOL_OBJECT ||
            tg_function_row(program, symbol.address) != NULL)
            continue;
        if (found++ != index)
            continue;
        if (!tg_program_function_at(program, symbol.address, ret_function) ||
            ret_function->entry != symbol.address)
            *ret_function = (struct tg_function){.name = symbol.name,
                                                 .first = symbol.address,
                                                 .end = symbol.address + 4,
                                                 .entry = symbol.address,
                                                 .body = symbol.address};
        set_place(program, ret_function);
        return true;
    }
    return false;
}
