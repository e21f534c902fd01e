/*
 * An image's symbols: collected once from the ELF symbol table, sorted by address, found by binary
 * search. Nothing here can make an image unusable.
 */
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "core/image.h"
#include "tollgate.h"

/* Far above any program for this machine; a table that claims more is cut off. */
#define MAX_SYMBOLS   (UINT32_C(1) << 20)
#define MAX_NAME      256
#define MAX_ALL_NAMES (UINT32_C(1) << 25)

/* What a report should rather call an address, best first. */
static uint8_t rank_of(const GElf_Sym *symbol)
{
    uint8_t rank = 0;
    switch (GELF_ST_TYPE(symbol->st_info)) {
    case STT_FUNC:
        break;
    case STT_OBJECT:
        rank = 2;
        break;
    default:
        rank = 4;
        break;
    }
    return (uint8_t)(rank + (GELF_ST_BIND(symbol->st_info) == STB_LOCAL ? 1 : 0));
}

/* Functions, objects and plain labels that are defined at an address. */
static bool is_wanted(const GElf_Sym *symbol, const char *name)
{
    unsigned type = GELF_ST_TYPE(symbol->st_info);
    bool is_place = type == STT_FUNC || type == STT_OBJECT || type == STT_NOTYPE;
    bool is_defined = symbol->st_shndx != SHN_UNDEF && symbol->st_shndx != SHN_ABS &&
                      symbol->st_shndx != SHN_COMMON;
    /* names like .L4 and $x are a compiler's own marks */
    return is_place && is_defined && name != NULL && name[0] != '\0' && name[0] != '.' &&
           name[0] != '$';
}

/* Whether a name can be printed in a report as it is. */
static bool is_printable(const char *name, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)name[i] <= ' ' || name[i] == 0x7f) {
            return false;
        }
    }
    return true;
}

/* Symbols and names as they are collected; both arrays have room for all that can still come. */
struct collection {
    struct tg_symbols *symbols;
    size_t row_room, name_room, name_used;
};

static void collect(struct collection *c, const GElf_Sym *symbol, const char *name)
{
    if (!is_wanted(symbol, name)) {
        return;
    }
    const char *end = memchr(name, '\0', MAX_NAME);
    if (end == NULL || c->symbols->count == c->row_room) {
        return;
    }
    size_t length = (size_t)(end - name);
    if (!is_printable(name, length) || length + 1 > c->name_room - c->name_used) {
        return;
    }
    struct tg_symbol *row = &c->symbols->rows[c->symbols->count++];
    *row = (struct tg_symbol){
        .address = (uint32_t)symbol->st_value,
        .size_bytes = (uint32_t)symbol->st_size,
        .name = (uint32_t)c->name_used,
        .rank = rank_of(symbol),
    };
    memcpy(c->symbols->names + c->name_used, name, length + 1);
    c->name_used += length + 1;
}

/* Order of rows: by address, better rank first, then as the table has them (names grow with the
 * row's number). */
static int compare_rows(const void *left, const void *right)
{
    const struct tg_symbol *a = left, *b = right;
    if (a->address != b->address) {
        return a->address < b->address ? -1 : 1;
    }
    if (a->rank != b->rank) {
        return a->rank < b->rank ? -1 : 1;
    }
    return a->name < b->name ? -1 : a->name > b->name;
}

static void keep_best_of_each_address(struct tg_symbols *symbols)
{
    if (symbols->count == 0) {
        return;
    }
    qsort(symbols->rows, symbols->count, sizeof *symbols->rows, compare_rows);
    size_t kept = 1;
    for (size_t i = 1; i < symbols->count; i++) {
        if (symbols->rows[i].address != symbols->rows[kept - 1].address) {
            symbols->rows[kept++] = symbols->rows[i];
        }
    }
    symbols->count = kept;
}

/* The first symbol table that can be read; NULL: none. */
static Elf_Data *find_table(Elf *elf, GElf_Shdr *ret_header)
{
    for (Elf_Scn *section = elf_nextscn(elf, NULL); section != NULL;
         section = elf_nextscn(elf, section)) {
        if (gelf_getshdr(section, ret_header) != NULL && ret_header->sh_type == SHT_SYMTAB) {
            return elf_getdata(section, NULL);
        }
    }
    return NULL;
}

/* Room for the names of a symbol table. Hostile tables let many symbols share one long name: the
 * room is that of the string table and as much again for honest sharing (a name that is another's
 * tail); what does not fit is left out. */
static size_t room_for_names(Elf *elf, const GElf_Shdr *header)
{
    GElf_Shdr strings;
    size_t file_bytes = 0;
    Elf_Scn *section = elf_getscn(elf, header->sh_link);
    if (section == NULL || gelf_getshdr(section, &strings) == NULL ||
        elf_rawfile(elf, &file_bytes) == NULL || strings.sh_size > file_bytes) {
        return 0;
    }
    return (strings.sh_size < MAX_ALL_NAMES ? (size_t)strings.sh_size : MAX_ALL_NAMES) * 2;
}

int tg_symbols_read(struct tg_symbols *symbols, Elf *elf)
{
    GElf_Shdr header;
    Elf_Data *data = find_table(elf, &header);
    if (data == NULL || data->d_buf == NULL || header.sh_link > UINT16_MAX) {
        return TG_OK;
    }
    size_t rows = data->d_size / sizeof(Elf32_Sym);
    rows = rows < MAX_SYMBOLS ? rows : MAX_SYMBOLS;
    size_t name_room = room_for_names(elf, &header);
    if (rows == 0 || name_room == 0) {
        return TG_OK;
    }
    symbols->rows = calloc(rows, sizeof *symbols->rows);
    symbols->names = malloc(name_room);
    if (symbols->rows == NULL || symbols->names == NULL) {
        tg_symbols_finish(symbols);
        return TG_E_NOMEM;
    }
    struct collection c = {.symbols = symbols, .row_room = rows, .name_room = name_room};
    for (size_t i = 1; i < rows; i++) {
        GElf_Sym symbol;
        if (gelf_getsym(data, (int)i, &symbol) != NULL) {
            collect(&c, &symbol, elf_strptr(elf, header.sh_link, symbol.st_name));
        }
    }
    keep_best_of_each_address(symbols);
    return TG_OK;
}

void tg_symbols_finish(struct tg_symbols *symbols)
{
    free(symbols->rows);
    free(symbols->names);
    *symbols = (struct tg_symbols){0};
}

const char *tg_symbols_find(const struct tg_symbols *symbols, uint32_t address,
                            uint32_t *ret_offset)
{
    size_t first = 0,
           end = symbols->count; /* the row looked for is the last before [first, end) is empty */
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (symbols->rows[middle].address <= address) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    if (first == 0) {
        return NULL;
    }
    const struct tg_symbol *row = &symbols->rows[first - 1];
    if (row->size_bytes != 0 && address - row->address >= row->size_bytes) {
        return NULL;
    }
    *ret_offset = address - row->address;
    return symbols->names + row->name;
}

bool tg_symbols_find_name(const struct tg_symbols *symbols, const char *name, uint32_t *ret_address)
{
    for (size_t i = 0; i < symbols->count; i++) {
        if (strcmp(symbols->names + symbols->rows[i].name, name) == 0) {
            *ret_address = symbols->rows[i].address;
            return true;
        }
    }
    return false;
}
