/*
 * Source lines of a program: the rows of all its line tables in one, sorted by address, so that
 * "which line is this" is a binary search and "where is that line" one pass.
 */
#include "debug/program_internal.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ROWS  (UINT32_C(1) << 24)
#define MAX_FILES (UINT32_C(1) << 16)
#define NO_LINE   UINT32_MAX

/* --- Files ------------------------------------------------------------------------------------ */

/* Indexes of files by a hash of their paths while the tables are read. */
struct file_map {
    uint32_t *slots; /* index + 1 */
    size_t room;     /* a power of 2, more than twice the files */
    const char *last_path;
    uint32_t last;
};

static size_t hash_of(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return (size_t)(hash ^ hash >> 32);
}

/* Compilers make names absolute; people gave them relative to where they are, or to the root of
 * their sources, which is seldom more than two folders above the one in which the compiler ran. */
static const char *shorten(const char *path, const char *folder)
{
    size_t length = folder != NULL ? strlen(folder) : 0;
    for (unsigned up = 0; up < 3 && length > 1; up++) {
        if (strncmp(path, folder, length) == 0 && path[length] == '/') {
            path += length + 1;
            break;
        }
        do
            length--;
        while (length > 0 && folder[length] != '/');
    }
    while (strncmp(path, "./", 2) == 0 || strncmp(path, "../", 3) == 0)
        path = strchr(path, '/') + 1;
    return path;
}

/* path without "./" and "folder/../", so that one file has one path; to has room for it. */
static void tidy(const char *path, char *to)
{
    size_t used = 0;
    for (const char *part = path; *part != '\0';) {
        size_t length = strcspn(part, "/"), whole = length + (part[length] == '/');
        bool is_up = length == 2 && part[0] == '.' && part[1] == '.';
        size_t before = used; /* where the folder before begins */
        if (is_up && used > 1) {
            before--;
            while (before > 0 && to[before - 1] != '/')
                before--;
        }
        bool is_relative = before + 3 == used && memcmp(to + before, "../", 3) == 0;
        if (is_up && before < used && !is_relative) {
            used = before;
        } else if (!(length == 1 && part[0] == '.') && !(length == 0 && used != 0)) {
            memcpy(to + used, part, whole);
            used += whole;
        }
        part += whole;
    }
    to[used] = '\0';
}

static char *tidy_copy(const char *path)
{
    char *copy = malloc(strlen(path) + 1);
    if (copy != NULL)
        tidy(path, copy);
    return copy;
}

static bool add_file(struct tg_line_table *table, char *path, const char *folder)
{
    if (table->file_count == MAX_FILES ||
        !tg_grow(&table->files, table->file_count, &table->file_room, sizeof *table->files))
        return false;
    table->files[table->file_count++] = (struct tg_file){path, shorten(path, folder)};
    return true;
}

/* The index of a file; NO_LINE when there are too many or no memory. */
static uint32_t file_index(struct tg_line_table *table, struct file_map *map, const char *path,
                           const char *folder)
{
    if (path == map->last_path)
        return map->last;
    char *copy = tidy_copy(path);
    if (copy == NULL)
        return NO_LINE;
    size_t slot = hash_of(copy) & (map->room - 1);
    while (map->slots[slot] != 0 && strcmp(table->files[map->slots[slot] - 1].path, copy) != 0)
        slot = (slot + 1) & (map->room - 1);
    bool is_new = map->slots[slot] == 0 && add_file(table, copy, folder);
    if (is_new)
        map->slots[slot] = (uint32_t)table->file_count;
    else
        free(copy);
    if (map->slots[slot] == 0)
        return NO_LINE;
    map->last_path = path;
    map->last = map->slots[slot] - 1;
    return map->last;
}

const struct tg_file *tg_line_file(const struct tg_program *program, const char *path)
{
    const struct tg_file *found = NULL;
    char *copy = tidy_copy(path);
    for (size_t i = 0; i < program->lines.file_count && copy != NULL && found == NULL; i++)
        if (strcmp(program->lines.files[i].path, copy) == 0)
            found = &program->lines.files[i];
    free(copy);
    return found;
}

/* --- Rows ------------------------------------------------------------------------------------- */

static bool add_row(struct tg_line_table *table, struct file_map *map, Dwarf_Line *line,
                    const char *folder)
{
    Dwarf_Addr address = 0;
    int number = 0, column = 0;
    bool is_statement = false, is_end = false, ends_prologue = false;
    if (dwarf_lineaddr(line, &address) != 0 || address >= UINT32_MAX || table->count == MAX_ROWS)
        return true; /* of code that the linker dropped */
    if (!tg_grow(&table->rows, table->count, &table->room, sizeof *table->rows))
        return false;
    dwarf_lineno(line, &number);
    dwarf_linecol(line, &column);
    dwarf_linebeginstatement(line, &is_statement);
    dwarf_lineendsequence(line, &is_end);
    dwarf_lineprologueend(line, &ends_prologue);
    const char *path = dwarf_linesrc(line, NULL, NULL);
    uint32_t file = path != NULL && !is_end ? file_index(table, map, path, folder) : NO_LINE;
    table->rows[table->count] = (struct tg_line_row){
        .address = (uint32_t)address,
        .line = file != NO_LINE && number > 0 ? (uint32_t)number : 0,
        .file = file != NO_LINE ? file : 0,
        .order = (uint32_t)table->count,
        .column = (uint16_t)(column > 0 && column < UINT16_MAX ? column : 0),
        .is_statement = is_statement,
        .ends_prologue = ends_prologue,
        .is_end = is_end,
    };
    table->count++;
    return true;
}

static int compare_rows(const void *left, const void *right)
{
    const struct tg_line_row *a = left, *b = right;
    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    if (a->is_end != b->is_end)
        return a->is_end ? -1 : 1; /* one run of code ends where the next begins */
    return a->order < b->order ? -1 : a->order > b->order;
}

/* Of several rows at one address the last one is what the instruction belongs to. */
static void keep_one_an_address(struct tg_line_table *table)
{
    size_t kept = 0;
    for (size_t i = 0; i < table->count; i++) {
        struct tg_line_row row = table->rows[i];
        if (kept != 0 && table->rows[kept - 1].address == row.address) {
            const struct tg_line_row *before = &table->rows[--kept];
            row.ends_prologue = row.ends_prologue || before->ends_prologue;
            row.is_statement =
                row.is_statement || (before->line == row.line && before->is_statement);
        }
        table->rows[kept++] = row;
    }
    table->count = kept;
}

/* The folder in which the compiler ran, which is the first of those of a table; NULL: not known. */
static const char *folder_of(Dwarf_Files *files)
{
    const char *const *folders;
    size_t count;
    return files != NULL && dwarf_getsrcdirs(files, &folders, &count) == 0 && count != 0
               ? folders[0]
               : NULL;
}

static bool read_rows(struct tg_program *program, struct file_map *map)
{
    Dwarf_Off offset = 0, next = 0;
    Dwarf_CU *unit = NULL; /* for libdw to go on from */
    Dwarf_Files *files;
    Dwarf_Lines *rows;
    size_t file_count, count;
    int result;
    while ((result = dwarf_next_lines(program->dwarf, offset, &next, &unit, &files, &file_count,
                                      &rows, &count)) == 0) {
        const char *folder = folder_of(files);
        for (size_t i = 0; i < count; i++)
            if (!add_row(&program->lines, map, dwarf_onesrcline(rows, i), folder))
                return false;
        if (next <= offset)
            break;
        offset = next;
    }
    program->is_damaged = program->is_damaged || result < 0;
    return true;
}

/* --- The table -------------------------------------------------------------------------------- */

struct named_file {
    const char *name;
    uint32_t index;
};

static int compare_files(const void *left, const void *right)
{
    const struct named_file *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    return order != 0 ? order : a->index < b->index ? -1 : a->index > b->index;
}

static bool sort_files(struct tg_line_table *table)
{
    struct named_file *names = calloc(table->file_count + 1, sizeof *names);
    table->files_by_name = calloc(table->file_count + 1, sizeof *table->files_by_name);
    if (names == NULL || table->files_by_name == NULL) {
        free(names);
        return false;
    }
    for (uint32_t i = 0; i < table->file_count; i++)
        names[i] = (struct named_file){table->files[i].name, i};
    qsort(names, table->file_count, sizeof *names, compare_files);
    for (size_t i = 0; i < table->file_count; i++)
        if (i == 0 || strcmp(names[i].name, names[i - 1].name) != 0)
            table->files_by_name[table->name_count++] = names[i].index;
    free(names);
    return true;
}

int tg_line_table_read(struct tg_program *program)
{
    struct tg_line_table *table = &program->lines;
    struct file_map map = {.room = 4 * MAX_FILES};
    map.slots = calloc(map.room, sizeof *map.slots);
    bool is_read = map.slots != NULL && read_rows(program, &map);
    free(map.slots);
    if (!is_read)
        return TG_E_NOMEM;
    if (table->count != 0)
        qsort(table->rows, table->count, sizeof *table->rows, compare_rows);
    keep_one_an_address(table);
    return sort_files(table) ? TG_OK : TG_E_NOMEM;
}

void tg_line_table_finish(struct tg_program *program)
{
    free(program->lines.rows);
    for (size_t i = 0; i < program->lines.file_count; i++)
        free(program->lines.files[i].path);
    free(program->lines.files);
    free(program->lines.files_by_name);
}

/* How many rows begin at or before address. */
static size_t count_before(const struct tg_line_table *table, uint32_t address)
{
    size_t low = 0, high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->rows[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct tg_line_row *tg_line_row(const struct tg_program *program, uint32_t address)
{
    size_t before = count_before(&program->lines, address);
    const struct tg_line_row *row = before != 0 ? &program->lines.rows[before - 1] : NULL;
    return row != NULL && !row->is_end ? row : NULL;
}

static bool is_same_line(const struct tg_line_row *a, const struct tg_line_row *b)
{
    return !a->is_end && !b->is_end && a->line == b->line && a->file == b->file;
}

bool tg_program_line_at(const struct tg_program *program, uint32_t address,
                        struct tg_line_span *ret_span)
{
    const struct tg_line_table *table = &program->lines;
    const struct tg_line_row *row = tg_line_row(program, address), *first = row, *after;
    if (row == NULL || row->line == 0)
        return false;
    while (first > table->rows && is_same_line(first - 1, row))
        first--;
    for (after = row + 1; after < table->rows + table->count && is_same_line(after, row);)
        after++;
    bool is_last =
        after == table->rows + table->count; /* a table that does not say where it ends */
    *ret_span = (struct tg_line_span){
        .path = table->files[row->file].path,
        .file = table->files[row->file].name,
        .line = row->line,
        .column = row->column,
        .first = first->address,
        .end = is_last ? address + 4 : after->address,
        .is_statement = first->is_statement,
    };
    return true;
}

uint32_t tg_line_after_prologue(const struct tg_program *program, uint32_t first, uint32_t end)
{
    const struct tg_line_table *table = &program->lines;
    size_t begin = count_before(table, first);
    if (begin == 0 || table->rows[begin - 1].address != first)
        return first;
    for (size_t i = begin - 1; i < table->count && table->rows[i].address < end; i++)
        if (table->rows[i].ends_prologue && table->rows[i].line != 0)
            return table->rows[i].address;
    /* a compiler that does not say: its second row, as its first is the opening brace */
    for (size_t i = begin; i < table->count && table->rows[i].address < end; i++)
        if (table->rows[i].line != 0 && table->rows[i].is_statement)
            return table->rows[i].address;
    return first;
}

const char *tg_program_file(const struct tg_program *program, size_t index)
{
    const struct tg_line_table *table = &program->lines;
    return index < table->name_count ? table->files[table->files_by_name[index]].name : NULL;
}

/* --- From lines to addresses ------------------------------------------------------------------ */

bool tg_line_is_path(const char *path, const char *name, size_t length)
{
    size_t whole = strlen(path);
    return length != 0 && length <= whole && memcmp(path + whole - length, name, length) == 0 &&
           (length == whole || path[whole - length - 1] == '/' || name[0] == '/');
}

/* The first line at or after line of the files in wanted that has code; 0: none. */
static uint32_t nearest_line(const struct tg_line_table *table, const bool *wanted, uint32_t line)
{
    uint32_t nearest = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct tg_line_row *row = &table->rows[i];
        if (!row->is_end && row->line >= line && row->line != 0 && row->is_statement &&
            wanted[row->file] && (nearest == 0 || row->line < nearest))
            nearest = row->line;
    }
    return nearest;
}

/* What a run of code is a copy of: one address of a line is enough in each. */
struct copy {
    uint32_t function;
    Dwarf_Off inlined;
};

static struct copy copy_of(struct tg_program *program, uint32_t address)
{
    const struct tg_function_row *function = tg_function_row(program, address);
    struct copy copy = {address, 0};
    if (function == NULL || tg_chain_at(program, address) == NULL)
        return copy;
    copy.function = function->entry;
    for (unsigned i = 1; i < program->chain.count; i++)
        if (dwarf_tag(&program->chain.dies[i]) == DW_TAG_inlined_subroutine)
            copy.inlined = dwarf_dieoffset(&program->chain.dies[i]);
    return copy;
}

#define MAX_COPIES 1024 /* further ones are not told apart from those before */

static size_t collect(struct tg_program *program, const bool *wanted, uint32_t line,
                      uint32_t *addresses, size_t room)
{
    const struct tg_line_table *table = &program->lines;
    struct copy *copies = malloc(MAX_COPIES * sizeof *copies);
    size_t count = 0;
    for (size_t i = 0; i < table->count && copies != NULL && count < MAX_COPIES; i++) {
        const struct tg_line_row *row = &table->rows[i];
        if (row->is_end || row->line != line || !row->is_statement || !wanted[row->file] ||
            (i != 0 && is_same_line(row - 1, row)))
            continue;
        struct copy copy = copy_of(program, row->address);
        struct tg_function function;
        size_t known = 0;
        while (known < count &&
               (copies[known].function != copy.function || copies[known].inlined != copy.inlined))
            known++;
        if (known < count)
            continue;
        copies[count] = copy;
        if (count < room) {
            addresses[count] = row->address;
            if (tg_program_function_at(program, row->address, &function) &&
                function.entry == row->address)
                addresses[count] = function.body;
        }
        count++;
    }
    free(copies);
    return count;
}

size_t tg_program_line_addresses(struct tg_program *program, const char *file, unsigned line,
                                 uint32_t *addresses, size_t room, unsigned *ret_line)
{
    const struct tg_line_table *table = &program->lines;
    bool *wanted = calloc(table->file_count + 1, sizeof *wanted);
    size_t length = strlen(file), count = 0;
    if (wanted == NULL)
        return 0;
    for (size_t i = 0; i < table->file_count; i++)
        wanted[i] = tg_line_is_path(table->files[i].path, file, length);
    uint32_t nearest = nearest_line(table, wanted, line);
    if (nearest != 0)
        count = collect(program, wanted, nearest, addresses, room);
    if (count != 0 && ret_line != NULL)
        *ret_line = nearest;
    free(wanted);
    return count;
}
