/*
 * Line information for the source: DWARF 4, the sections .debug_line, .debug_info, .debug_abbrev
 * and, with several sections of code, .debug_ranges. Made like any other section, so addresses are
 * relocated.
 */
#include <dwarf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "as/emit.h"
#include "as/report.h"
#include "as/sections.h"
#include "as/symbols.h"

enum { LINE_BASE = -3, LINE_RANGE = 12, OPCODE_BASE = 13, WORD = 4 };

struct files {
    const char **paths;
    size_t count, room;
};

/* --- Writing ------------------------------------------------------------------------------------
 */

static void enter(struct assembly *as, const char *name)
{
    as->section = use_section(as, slice_of(name));
}

static void put(struct assembly *as, uint32_t number, size_t bytes)
{
    uint8_t *to = add_bytes(as, bytes);

    for (size_t i = 0; to && i < bytes; i++)
        to[i] = (uint8_t)(number >> (8 * i));
}

static void put_text(struct assembly *as, const char *text)
{
    size_t length = strlen(text) + 1;
    uint8_t *to = add_bytes(as, length);

    if (to)
        memcpy(to, text, length);
}

static void put_unsigned(struct assembly *as, uint32_t number)
{
    for (; number > 0x7f; number >>= 7)
        put(as, (number & 0x7f) | 0x80, 1);
    put(as, number, 1);
}

static void put_signed(struct assembly *as, int32_t number)
{
    for (; number < -64 || number > 63; number = number >= 0 ? number >> 7 : ~(~number >> 7))
        put(as, ((uint32_t)number & 0x7f) | 0x80, 1);
    put(as, (uint32_t)number & 0x7f, 1);
}

/* An address, which a linker fills in. */
static void put_address(struct assembly *as, struct section *section, int64_t offset)
{
    add_fixup(as, TG_R_32, (struct value){.add = section_symbol(as, section), .number = offset},
              NULL);
    put(as, 0, WORD);
}

/* A length that counts from after itself is put when that is known. */
static uint32_t begin_length(struct assembly *as)
{
    put(as, 0, WORD);
    return as->section->size;
}

static void end_length(struct assembly *as, uint32_t begin)
{
    if (as->section->bytes.used >= begin)
        tg_put_word(as->section->bytes.bytes + begin - WORD, as->section->size - begin);
}

/* --- Lines --------------------------------------------------------------------------------------
 */

/* The number of a file in the table, from 1. */
static uint32_t file_number(struct files *files, const char *path)
{
    /* Lines come in runs of one file, so the last ones are looked at first. */
    for (size_t i = files->count; i > 0; i--)
        if (strcmp(files->paths[i - 1], path) == 0)
            return (uint32_t)i;
    GROW(files->paths, files->count, files->room);
    files->paths[files->count++] = path;
    return (uint32_t)files->count;
}

static void put_header(struct assembly *as, const struct files *files)
{
    /* Operands of the standard opcodes, from the DWARF standard. */
    static const uint8_t operands[OPCODE_BASE - 1] = {0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1};
    uint32_t begin;

    put(as, 4, 2); /* version */
    begin = begin_length(as);
    put(as, WORD, 1); /* shortest instruction */
    put(as, 1, 1);    /* operations in an instruction */
    put(as, 1, 1);    /* a row is a statement unless said otherwise */
    put(as, (uint8_t)LINE_BASE, 1);
    put(as, LINE_RANGE, 1);
    put(as, OPCODE_BASE, 1);
    for (size_t i = 0; i < sizeof operands; i++)
        put(as, operands[i], 1);
    put(as, 0, 1); /* no folders but that of the compilation */
    for (size_t i = 0; i < files->count; i++) {
        put_text(as, files->paths[i]);
        put_unsigned(as, 0); /* folder, time, size: not said */
        put_unsigned(as, 0);
        put_unsigned(as, 0);
    }
    put(as, 0, 1);
    end_length(as, begin);
}

/* What a row of the table has, apart from the address. */
struct row {
    uint32_t address, file, line;
};

/* Goes from one row to the next, in one byte where that is possible. */
static void put_row(struct assembly *as, struct row *last, const struct row *row)
{
    int64_t step = (int64_t)row->line - last->line;
    uint32_t words = (row->address - last->address) / WORD;
    int64_t opcode = step - LINE_BASE + (int64_t)LINE_RANGE * words + OPCODE_BASE;

    if (row->file != last->file) {
        put(as, DW_LNS_set_file, 1);
        put_unsigned(as, row->file);
    }
    if (step >= LINE_BASE && step < LINE_BASE + LINE_RANGE && opcode <= 255) {
        put(as, (uint32_t)opcode, 1);
    } else {
        put(as, DW_LNS_advance_line, 1);
        put_signed(as, (int32_t)step);
        put(as, DW_LNS_advance_pc, 1);
        put_unsigned(as, words);
        put(as, DW_LNS_copy, 1);
    }
    *last = *row;
}

static void put_sequence(struct assembly *as, struct section *code, struct files *files)
{
    struct row last = {.address = address_of(&code->lines[0].place), .file = 1, .line = 1};

    put(as, 0, 1);
    put_unsigned(as, 1 + WORD);
    put(as, DW_LNE_set_address, 1);
    put_address(as, code, last.address);
    for (size_t i = 0; i < code->line_count; i++) {
        const struct code_line *line = &code->lines[i];
        struct row row = {address_of(&line->place), file_number(files, line->file->path),
                          line->line};

        if (i == 0 || row.line != last.line || row.file != last.file)
            put_row(as, &last, &row);
    }
    put(as, DW_LNS_advance_pc, 1);
    put_unsigned(as, (code->end - last.address + WORD - 1) / WORD);
    put(as, 0, 1);
    put_unsigned(as, 1);
    put(as, DW_LNE_end_sequence, 1);
}

static void put_lines(struct assembly *as, struct section *const *codes, size_t count,
                      struct files *files)
{
    uint32_t begin;

    enter(as, ".debug_line");
    begin = begin_length(as);
    put_header(as, files);
    for (size_t i = 0; i < count; i++)
        put_sequence(as, codes[i], files);
    end_length(as, begin);
}

/* --- The unit -----------------------------------------------------------------------------------
 */

static void put_abbreviation(struct assembly *as, bool has_ranges)
{
    const uint32_t attributes[][2] = {
        {DW_AT_stmt_list, DW_FORM_sec_offset},
        {DW_AT_low_pc, DW_FORM_addr},
        {has_ranges ? DW_AT_ranges : DW_AT_high_pc,
         has_ranges ? DW_FORM_sec_offset : DW_FORM_data4},
        {DW_AT_name, DW_FORM_string},
        {DW_AT_comp_dir, DW_FORM_string},
        {DW_AT_producer, DW_FORM_string},
        {DW_AT_language, DW_FORM_data2},
        {0, 0},
    };

    enter(as, ".debug_abbrev");
    put_unsigned(as, 1);
    put_unsigned(as, DW_TAG_compile_unit);
    put(as, DW_CHILDREN_no, 1);
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        put_unsigned(as, attributes[i][0]);
        put_unsigned(as, attributes[i][1]);
    }
    put(as, 0, 1);
}

static void put_ranges(struct assembly *as, struct section *const *codes, size_t count)
{
    enter(as, ".debug_ranges");
    for (size_t i = 0; i < count; i++) {
        put_address(as, codes[i], 0);
        put_address(as, codes[i], codes[i]->end);
    }
    put(as, 0, WORD);
    put(as, 0, WORD);
}

static void put_unit(struct assembly *as, const char *path, struct section *const *codes,
                     size_t count)
{
    char folder[4096];
    uint32_t begin;

    enter(as, ".debug_info");
    begin = begin_length(as);
    put(as, 4, 2); /* version */
    put_address(as, use_section(as, slice_of(".debug_abbrev")), 0);
    put(as, WORD, 1);
    put_unsigned(as, 1);
    put_address(as, use_section(as, slice_of(".debug_line")), 0);
    if (count > 1) {
        put(as, 0, WORD);
        put_address(as, use_section(as, slice_of(".debug_ranges")), 0);
    } else {
        put_address(as, codes[0], 0);
        put(as, codes[0]->end, WORD);
    }
    put_text(as, path);
    put_text(as, getcwd(folder, sizeof folder) ? folder : ".");
    put_text(as, "tg-as " TG_VERSION);
    put(as, DW_LANG_Mips_Assembler, 2);
    end_length(as, begin);
}

/* Sections with lines, in order. Sections made from here on have none. */
static struct section **list_codes(struct assembly *as, size_t *ret_count)
{
    struct section **codes;
    size_t count = 0;

    for (struct section *section = as->first_section; section; section = section->next)
        count += section->line_count > 0;
    codes = arena_alloc(&as->arena, (count + 1) * sizeof(struct section *));
    count = 0;
    for (struct section *section = as->first_section; section; section = section->next)
        if (section->line_count > 0)
            codes[count++] = section;
    *ret_count = count;
    return codes;
}

void add_line_information(struct assembly *as, const char *path)
{
    struct files files = {0};
    struct section **codes;
    size_t count;

    as->spot = (struct spot){0};
    codes = list_codes(as, &count);
    if (count == 0 || names_find(&as->section_names, slice_of(".debug_info")))
        return;
    /* The table of files stands before the rows, so it is filled first. */
    file_number(&files, path);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < codes[i]->line_count; k++)
            file_number(&files, codes[i]->lines[k].file->path);
    put_abbreviation(as, count > 1);
    put_lines(as, codes, count, &files);
    if (count > 1)
        put_ranges(as, codes, count);
    put_unit(as, path, codes, count);
    for (struct section *section = as->first_section; section; section = section->next)
        section->end = section->point_count == 0 ? section->size : section->end;
    free(files.paths);
}
