/*
 * The symbol table of a program: by address for "what is here", by name for "where is that". Names
 * live in the file's copy. Nothing here can make a program unusable.
 */
#define _POSIX_C_SOURCE 200809L /* strdup, strnlen */
#include "debug/program_internal.h"

#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SYMBOLS (UINT32_C(1) << 20)
#define MAX_NAME    512

static uint8_t rank_of(const struct tg_symbol_row *row)
{
    static const uint8_t ranks[] = {[TG_SYMBOL_FUNCTION] = 0,
                                    [TG_SYMBOL_OBJECT] = 2,
                                    [TG_SYMBOL_LABEL] = 4,
                                    [TG_SYMBOL_ABSOLUTE] = 6};
    return (uint8_t)(ranks[row->kind] + row->is_local);
}

static bool is_usable_name(const char *name)
{
    if (name == NULL || name[0] == '\0' || name[0] == '$' || name[0] == '.')
        return false; /* names like .L4 and $x are a compiler's own marks */
    size_t length = strnlen(name, MAX_NAME);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)name[i] <= ' ' || name[i] == 0x7f)
            return false;
    return length < MAX_NAME;
}

static bool make_row(const struct tg_program *program, const GElf_Sym *symbol, const char *name,
                     struct tg_symbol_row *ret_row)
{
    unsigned type = GELF_ST_TYPE(symbol->st_info);
    bool is_absolute = symbol->st_shndx == SHN_ABS;
    if ((type != STT_FUNC && type != STT_OBJECT && type != STT_NOTYPE) || !is_usable_name(name) ||
        (!is_absolute &&
         (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx >= program->section_count)))
        return false;
    *ret_row = (struct tg_symbol_row){
        .name = name,
        .address = (uint32_t)symbol->st_value,
        .size_bytes = (uint32_t)symbol->st_size,
        .section = is_absolute ? TG_NO_SECTION : symbol->st_shndx,
        .kind = (uint8_t)(is_absolute          ? TG_SYMBOL_ABSOLUTE
                          : type == STT_FUNC   ? TG_SYMBOL_FUNCTION
                          : type == STT_OBJECT ? TG_SYMBOL_OBJECT
                                               : TG_SYMBOL_LABEL),
        .is_local = GELF_ST_BIND(symbol->st_info) == STB_LOCAL,
    };
    ret_row->rank = rank_of(ret_row);
    return true;
}

static int compare_rows(const void *left, const void *right)
{
    const struct tg_symbol_row *a = left, *b = right;
    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return strcmp(a->name, b->name);
}

struct named {
    const char *name;
    uint32_t index;
    uint8_t rank;
};

static int compare_names(const void *left, const void *right)
{
    const struct named *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    if (order != 0)
        return order;
    /* global ones first, whatever they are */
    if ((a->rank & 1) != (b->rank & 1))
        return (a->rank & 1) ? 1 : -1;
    return a->index < b->index ? -1 : a->index > b->index;
}

static bool sort_names(struct tg_symbol_table *table)
{
    struct named *names = calloc(table->count + 1, sizeof *names);
    table->by_name = calloc(table->count + 1, sizeof *table->by_name);
    table->named = calloc(table->count + 1, sizeof *table->named);
    if (names == NULL || table->by_name == NULL || table->named == NULL) {
        free(names);
        return false;
    }
    for (uint32_t i = 0; i < table->count; i++) {
        const struct tg_symbol_row *row = &table->rows[i];
        names[i] = (struct named){row->name, i, row->rank};
        if (row->section != TG_NO_SECTION &&
            (table->named_count == 0 ||
             table->rows[table->named[table->named_count - 1]].address != row->address))
            table->named[table->named_count++] = i;
    }
    qsort(names, table->count, sizeof *names, compare_names);
    for (size_t i = 0; i < table->count; i++)
        table->by_name[i] = names[i].index;
    free(names);
    return true;
}

static Elf_Data *find_table(Elf *elf, GElf_Shdr *ret_header)
{
    for (Elf_Scn *section = elf_nextscn(elf, NULL); section != NULL;
         section = elf_nextscn(elf, section))
        if (gelf_getshdr(section, ret_header) != NULL && ret_header->sh_type == SHT_SYMTAB)
            return elf_getdata(section, NULL);
    return NULL;
}

int tg_symbol_table_read(struct tg_program *program)
{
    struct tg_symbol_table *table = &program->symbols;
    GElf_Shdr header;
    Elf_Data *data = find_table(program->elf, &header);
    if (data == NULL || data->d_buf == NULL)
        return TG_OK;
    size_t room = data->d_size / sizeof(Elf32_Sym);
    room = room < MAX_SYMBOLS ? room : MAX_SYMBOLS;
    table->rows = calloc(room + 1, sizeof *table->rows);
    if (table->rows == NULL)
        return TG_E_NOMEM;
    for (size_t i = 1; i < room; i++) {
        GElf_Sym symbol;
        if (gelf_getsym(data, (int)i, &symbol) != NULL &&
            make_row(program, &symbol, elf_strptr(program->elf, header.sh_link, symbol.st_name),
                     &table->rows[table->count]))
            table->count++;
    }
    qsort(table->rows, table->count, sizeof *table->rows, compare_rows);
    return sort_names(table) ? TG_OK : TG_E_NOMEM;
}

void tg_symbol_table_finish(struct tg_program *program)
{
    free(program->symbols.rows);
    free(program->symbols.by_name);
    free(program->symbols.named);
}

/* --- Looking up ------------------------------------------------------------------------------- */

static void view(const struct tg_program *program, const struct tg_symbol_row *row,
                 struct tg_program_symbol *ret_symbol)
{
    *ret_symbol = (struct tg_program_symbol){
        .name = row->name,
        .address = row->address,
        .size_bytes = row->size_bytes,
        .kind = (enum tg_symbol_kind)row->kind,
        .is_local = row->is_local,
        .is_code = row->section != TG_NO_SECTION && program->sections[row->section].is_code,
    };
}

size_t tg_program_symbol_first(const struct tg_program *program, const char *prefix)
{
    const struct tg_symbol_table *table = &program->symbols;
    size_t low = 0, high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(table->rows[table->by_name[middle]].name, prefix) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool tg_program_symbol_by_name(const struct tg_program *program, size_t index,
                               struct tg_program_symbol *ret_symbol)
{
    if (index >= program->symbols.count)
        return false;
    view(program, &program->symbols.rows[program->symbols.by_name[index]], ret_symbol);
    return true;
}

bool tg_program_symbol(const struct tg_program *program, const char *name,
                       struct tg_program_symbol *ret_symbol)
{
    struct tg_program_symbol symbol;
    if (!tg_program_symbol_by_name(program, tg_program_symbol_first(program, name), &symbol) ||
        strcmp(symbol.name, name) != 0)
        return false;
    *ret_symbol = symbol;
    return true;
}

/* How many rows of table->named are at or before address. */
static size_t count_before(const struct tg_symbol_table *table, uint32_t address)
{
    size_t low = 0, high = table->named_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->rows[table->named[middle]].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool covers(const struct tg_program *program, const struct tg_symbol_row *row,
                   uint32_t address)
{
    const struct tg_section *section = &program->sections[row->section];
    uint32_t offset = address - row->address;
    /* the end of a section is a place too: labels stand there */
    return address >= section->first && (address < section->end || offset == 0) &&
           (row->size_bytes == 0 || offset < row->size_bytes || offset == 0);
}

bool tg_program_symbol_at(const struct tg_program *program, uint32_t address,
                          struct tg_program_symbol *ret_symbol, uint32_t *ret_offset)
{
    const struct tg_symbol_table *table = &program->symbols;
    size_t before = count_before(table, address);
    /* a label inside a function with a size does not end it: look a few rows back */
    for (size_t i = 0; i < 64 && i < before; i++) {
        const struct tg_symbol_row *row = &table->rows[table->named[before - 1 - i]];
        if (!covers(program, row, address) || (i != 0 && row->size_bytes == 0))
            continue;
        view(program, row, ret_symbol);
        if (ret_offset != NULL)
            *ret_offset = address - row->address;
        return true;
    }
    return false;
}

const struct tg_symbol_row *tg_symbol_function(const struct tg_program *program, uint32_t address,
                                               uint32_t *ret_end)
{
    const struct tg_symbol_table *table = &program->symbols;
    size_t before = count_before(table, address);
    for (size_t i = before; i > 0 && before - i < 100000; i--) {
        const struct tg_symbol_row *row = &table->rows[table->named[i - 1]];
        const struct tg_section *section = &program->sections[row->section];
        if (!section->is_code || address < section->first || address >= section->end)
            return NULL;
        if (row->kind != TG_SYMBOL_FUNCTION)
            continue;
        if (row->size_bytes != 0 && address - row->address >= row->size_bytes)
            return NULL;
        *ret_end = row->size_bytes != 0 ? row->address + row->size_bytes : section->end;
        for (size_t next = before; row->size_bytes == 0 && next < table->named_count; next++) {
            const struct tg_symbol_row *other = &table->rows[table->named[next]];
            if (other->address >= section->end)
                break;
            if (other->kind == TG_SYMBOL_FUNCTION) {
                *ret_end = other->address;
                break;
            }
        }
        return row;
    }
    return NULL;
}
