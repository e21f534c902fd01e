/*
 * See lines.h. libdw reads only finished programs of machines that it knows; so the debug sections
 * are put into a small executable of their own, with relocations applied as if each section of the
 * object had some address, and that is what libdw reads.
 */
#include "lines/lines.h"

#include <elfutils/libdw.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>

/* No two sections touch, so that the end of one is not the beginning of another. */
#define GAP_BYTES 16

struct row {
    uint32_t address;
    size_t order;
    bool is_end; /* of a run of addresses: nothing is known from here on */
    struct tg_line line;
};

struct tg_lines {
    uint32_t *bases; /* address of each section of the object */
    size_t section_count;
    uint8_t *image; /* the executable that libdw reads */
    Elf *elf;
    Dwarf *dwarf;
    struct row *rows; /* by address */
    size_t row_count, row_room;
};

/* --- The executable ----------------------------------------------------------------- */

static bool is_debug(const struct tg_obj_section *section)
{
    return strncmp(section->name, ".debug_", 7) == 0 && section->bytes;
}

static bool choose_bases(struct tg_lines *lines, const struct tg_obj *obj)
{
    uint64_t next = GAP_BYTES;

    lines->bases = calloc(obj->section_count, sizeof *lines->bases);
    if (!lines->bases)
        return false;
    lines->section_count = obj->section_count;
    for (size_t i = 1; i < obj->section_count; i++) {
        const struct tg_obj_section *section = &obj->sections[i];

        if (obj->type == ET_EXEC) {
            lines->bases[i] = section->address;
        } else if (section->flags & SHF_ALLOC) {
            next = (next + section->align - 1) / section->align * section->align;
            lines->bases[i] = (uint32_t)next;
            next += (uint64_t)section->size_bytes + GAP_BYTES;
        }
    }
    return next <= UINT32_MAX;
}

static void relocate(const struct tg_lines *lines, const struct tg_obj *obj,
                     const struct tg_obj_section *section, uint8_t *bytes)
{
    for (size_t i = 0; i < section->reloc_count; i++) {
        const struct tg_obj_reloc *reloc = &section->relocs[i];
        const struct tg_obj_symbol *symbol = &obj->symbols[reloc->symbol];
        const struct tg_reloc_info *info = tg_reloc_info(reloc->kind);
        struct tg_reloc_inputs inputs = {
            .symbol = symbol->value, .addend = (uint32_t)reloc->addend, .place = reloc->offset};

        if (info->place == TG_RELOC_PLACE_NOTHING)
            continue;
        if (symbol->section < obj->section_count)
            inputs.symbol += lines->bases[symbol->section];
        /* A value that does not fit leaves a wrong line number, no more. */
        tg_reloc_apply(info, tg_reloc_calculate(info, &inputs), bytes + reloc->offset);
    }
}

static bool add_debug_section(const struct tg_lines *lines, const struct tg_obj *obj,
                              const struct tg_obj_section *section, struct tg_obj *scratch)
{
    struct tg_obj_section copy = {
        .name = section->name, .type = SHT_PROGBITS, .align = 1, .size_bytes = section->size_bytes};

    copy.bytes = tg_obj_alloc(scratch, section->size_bytes);
    if (!copy.bytes)
        return false;
    memcpy(copy.bytes, section->bytes, section->size_bytes);
    relocate(lines, obj, section, copy.bytes);
    return tg_obj_add_section(scratch, &copy) != 0;
}

static bool make_image(struct tg_lines *lines, const struct tg_obj *obj, size_t *ret_size)
{
    struct tg_obj *scratch = tg_obj_create(obj->name);
    bool is_made = scratch != NULL;

    for (size_t i = 1; i < obj->section_count && is_made; i++)
        if (is_debug(&obj->sections[i]))
            is_made = add_debug_section(lines, obj, &obj->sections[i], scratch);
    if (is_made) {
        scratch->type = ET_EXEC;
        is_made = scratch->section_count > 1 &&
                  tg_obj_write(scratch, &lines->image, ret_size, NULL) == TG_OK;
    }
    tg_obj_destroy(scratch);
    return is_made;
}

/* --- Rows --------------------------------------------------------------------------- */

static struct row *add_row(struct tg_lines *lines)
{
    if (lines->row_count == lines->row_room) {
        size_t room = lines->row_room ? lines->row_room * 2 : 256;
        void *larger = realloc(lines->rows, room * sizeof *lines->rows);

        if (!larger)
            return NULL;
        lines->rows = larger;
        lines->row_room = room;
    }
    return &lines->rows[lines->row_count++];
}

/* The folder in which the compiler ran, which is the first of those of a table; NULL: not known. */
static const char *folder_of(Dwarf_Files *files)
{
    const char *const *folders;
    size_t count;

    return dwarf_getsrcdirs(files, &folders, &count) == 0 && count ? folders[0] : NULL;
}

/* Compilers make names absolute; people gave them relative to where they are. */
static const char *shorten(const char *file, const char *folder)
{
    size_t length = folder ? strlen(folder) : 0;

    if (length && strncmp(file, folder, length) == 0 && file[length] == '/')
        file += length + 1;
    while (strncmp(file, "./", 2) == 0)
        file += 2;
    return file;
}

static bool add_line(struct tg_lines *lines, Dwarf_Line *line, const char *folder)
{
    const char *file = dwarf_linesrc(line, NULL, NULL);
    int number = 0, column = 0;
    Dwarf_Addr address = 0;
    bool is_end = false;
    struct row *row;

    dwarf_lineaddr(line, &address);
    if (address >= UINT32_MAX)
        return true; /* of code that the linker dropped */
    row = add_row(lines);
    if (!row)
        return false;
    dwarf_lineno(line, &number);
    dwarf_linecol(line, &column);
    dwarf_lineendsequence(line, &is_end);
    *row = (struct row){.address = (uint32_t)address,
                        .order = lines->row_count,
                        .is_end = is_end || !file || number <= 0};
    if (!row->is_end)
        row->line =
            (struct tg_line){file, shorten(file, folder), (unsigned)number, (unsigned)column};
    return true;
}

static int compare_rows(const void *a, const void *b)
{
    const struct row *first = a, *second = b;

    if (first->address != second->address)
        return first->address < second->address ? -1 : 1;
    if (first->is_end != second->is_end)
        return first->is_end ? -1 : 1; /* one run ends where the next begins */
    return first->order < second->order ? -1 : 1;
}

static bool read_rows(struct tg_lines *lines)
{
    Dwarf_Off offset = 0, next = 0;
    Dwarf_CU *unit = NULL; /* for libdw to go on from */
    Dwarf_Files *files;
    Dwarf_Lines *table;
    size_t file_count, count;

    while (dwarf_next_lines(lines->dwarf, offset, &next, &unit, &files, &file_count, &table,
                            &count) == 0) {
        const char *folder = folder_of(files);

        for (size_t i = 0; i < count; i++)
            if (!add_line(lines, dwarf_onesrcline(table, i), folder))
                return false;
        offset = next;
    }
    if (lines->row_count)
        qsort(lines->rows, lines->row_count, sizeof *lines->rows, compare_rows);
    return lines->row_count != 0;
}

/* --- Interface ---------------------------------------------------------------------- */

struct tg_lines *tg_lines_open(const struct tg_obj *obj)
{
    struct tg_lines *lines = calloc(1, sizeof *lines);
    size_t size;

    if (!lines)
        return NULL;
    elf_version(EV_CURRENT);
    if (choose_bases(lines, obj) && make_image(lines, obj, &size)) {
        lines->elf = elf_memory((char *)lines->image, size);
        lines->dwarf = dwarf_begin_elf(lines->elf, DWARF_C_READ, NULL);
        if (lines->dwarf && read_rows(lines))
            return lines;
    }
    tg_lines_close(lines);
    return NULL;
}

void tg_lines_close(struct tg_lines *lines)
{
    if (!lines)
        return;
    dwarf_end(lines->dwarf);
    elf_end(lines->elf);
    free(lines->image);
    free(lines->bases);
    free(lines->rows);
    free(lines);
}

bool tg_lines_find(const struct tg_lines *lines, uint32_t section, uint32_t offset,
                   struct tg_line *ret_line)
{
    uint32_t address;
    size_t low = 0, high = lines->row_count;

    if (section >= lines->section_count)
        return false;
    address = lines->bases[section] + offset;
    while (low < high) { /* finds the number of rows at or before address */
        size_t middle = (low + high) / 2;

        if (lines->rows[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || lines->rows[low - 1].is_end)
        return false;
    *ret_line = lines->rows[low - 1].line;
    return true;
}
