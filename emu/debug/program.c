/*
 * See program.h. The file itself: opening, what it loads, comparing with memory. The tables are
 * built by their own files.
 */
#define _POSIX_C_SOURCE 200809L /* strdup, strnlen */
#include "debug/program_internal.h"

#include <dwarf.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "isa/elf_tg32.h"

#define MAX_FILE_BYTES     (UINT32_C(1) << 30)
#define MAX_SECTIONS       UINT32_C(65000)
#define MAX_UNITS          UINT32_C(1000000)
#define MAX_UNPACKED_BYTES (UINT32_C(1) << 28) /* of one compressed section */

/* --- Helpers for all files -------------------------------------------------------------------- */

bool tg_grow(void *list, size_t count, size_t *room, size_t bytes)
{
    void **pointer = list;
    if (count < *room)
        return true;
    size_t larger = *room != 0 ? *room * 2 : 64;
    void *moved = realloc(*pointer, larger * bytes);
    if (moved == NULL)
        return false;
    *pointer = moved;
    *room = larger;
    return true;
}

bool tg_die_child(Dwarf_Die *die, struct tg_walk_budget *budget, Dwarf_Die *ret_child)
{
    if (budget->left == 0)
        return false;
    budget->left--;
    return dwarf_child(die, ret_child) == 0;
}

bool tg_die_sibling(Dwarf_Die *die, struct tg_walk_budget *budget)
{
    Dwarf_Die next;
    if (budget->left == 0)
        return false;
    budget->left--;
    /* a sibling that is not further on would be met again and again */
    if (dwarf_siblingof(die, &next) != 0 || dwarf_dieoffset(&next) <= dwarf_dieoffset(die))
        return false;
    *die = next;
    return true;
}

bool tg_die_number(Dwarf_Die *die, unsigned name, int64_t *ret_number)
{
    Dwarf_Attribute attribute;
    Dwarf_Sword number;
    Dwarf_Word word;
    if (dwarf_attr_integrate(die, name, &attribute) == NULL)
        return false;
    /* libdw sign-extends data forms for one and refuses sdata for the other */
    if (dwarf_whatform(&attribute) == DW_FORM_sdata ||
        dwarf_whatform(&attribute) == DW_FORM_implicit_const) {
        if (dwarf_formsdata(&attribute, &number) != 0)
            return false;
        *ret_number = number;
        return true;
    }
    if (dwarf_formudata(&attribute, &word) != 0)
        return false;
    *ret_number = (int64_t)word;
    return true;
}

bool tg_die_flag(Dwarf_Die *die, unsigned name)
{
    Dwarf_Attribute attribute;
    bool is_set = false;
    return dwarf_attr_integrate(die, name, &attribute) != NULL &&
           dwarf_formflag(&attribute, &is_set) == 0 && is_set;
}

const char *tg_die_name(Dwarf_Die *die)
{
    const char *name = dwarf_diename(die);
    if (name == NULL || name[0] == '\0')
        return NULL;
    size_t length = strnlen(name, 512);
    if (length == 512)
        return NULL;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
            return NULL;
    return name;
}

/* --- What is loaded --------------------------------------------------------------------------- */

static int read_segments(struct tg_program *program, struct tg_error *error)
{
    size_t count;
    if (elf_getphdrnum(program->elf, &count) != 0 || count > TG_ELF_MAX_SEGMENTS)
        return tg_fail(error, TG_E_FORMAT, "%s: its program headers cannot be read", program->name);
    program->segments = calloc(count + 1, sizeof *program->segments);
    if (program->segments == NULL)
        return tg_fail(error, TG_E_NOMEM, "%s: no memory left", program->name);
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr header;
        if (gelf_getphdr(program->elf, (int)i, &header) == NULL || header.p_type != PT_LOAD)
            continue;
        if (header.p_offset > program->size || header.p_filesz > program->size - header.p_offset ||
            header.p_memsz < header.p_filesz)
            return tg_fail(error, TG_E_FORMAT, "%s: segment %zu is not all in the file",
                           program->name, i);
        program->segments[program->segment_count++] = (struct tg_segment){
            .vaddr = (uint32_t)header.p_vaddr,
            .memory_bytes = (uint32_t)header.p_memsz,
            .file_bytes = (uint32_t)header.p_filesz,
            .offset = (size_t)header.p_offset,
            .is_code = (header.p_flags & PF_X) != 0,
        };
    }
    return TG_OK;
}

static int read_sections(struct tg_program *program, struct tg_error *error)
{
    size_t count;
    if (elf_getshdrnum(program->elf, &count) != 0 || count > MAX_SECTIONS)
        count = 0;
    program->sections = calloc(count + 1, sizeof *program->sections);
    if (program->sections == NULL)
        return tg_fail(error, TG_E_NOMEM, "%s: no memory left", program->name);
    program->section_count = count;
    for (size_t i = 1; i < count; i++) {
        GElf_Shdr header;
        Elf_Scn *section = elf_getscn(program->elf, i);
        if (section == NULL || gelf_getshdr(section, &header) == NULL ||
            (header.sh_flags & SHF_ALLOC) == 0 || header.sh_addr + header.sh_size > UINT32_MAX)
            continue;
        program->sections[i] = (struct tg_section){
            .first = (uint32_t)header.sh_addr,
            .end = (uint32_t)(header.sh_addr + header.sh_size),
            .is_code = (header.sh_flags & SHF_EXECINSTR) != 0,
        };
    }
    return TG_OK;
}

struct tg_bytes tg_program_section(const struct tg_program *program, const char *name,
                                   uint32_t *ret_address)
{
    struct tg_bytes none = {NULL, 0};
    size_t strings;
    if (elf_getshdrstrndx(program->elf, &strings) != 0)
        return none;
    for (size_t i = 1; i < program->section_count; i++) {
        GElf_Shdr header;
        Elf_Scn *section = elf_getscn(program->elf, i);
        if (section == NULL || gelf_getshdr(section, &header) == NULL)
            continue;
        const char *its_name = elf_strptr(program->elf, strings, header.sh_name);
        if (its_name == NULL || strcmp(its_name, name) != 0 || header.sh_type == SHT_NOBITS ||
            (header.sh_flags & SHF_COMPRESSED) != 0 || header.sh_offset > program->size ||
            header.sh_size > program->size - header.sh_offset)
            continue;
        *ret_address = (uint32_t)header.sh_addr;
        return (struct tg_bytes){program->bytes + header.sh_offset, (size_t)header.sh_size};
    }
    return none;
}

bool tg_program_is_code(const struct tg_program *program, uint32_t address)
{
    for (size_t i = 0; i < program->segment_count; i++)
        if (program->segments[i].is_code &&
            address - program->segments[i].vaddr < program->segments[i].memory_bytes)
            return true;
    return false;
}

bool tg_program_read(const struct tg_program *program, uint32_t vaddr, void *bytes, size_t count)
{
    for (size_t i = 0; i < program->segment_count; i++) {
        const struct tg_segment *segment = &program->segments[i];
        uint32_t offset = vaddr - segment->vaddr;
        if (vaddr < segment->vaddr || offset > segment->file_bytes ||
            count > segment->file_bytes - offset)
            continue;
        memcpy(bytes, program->bytes + segment->offset + offset, count);
        return true;
    }
    return false;
}

/* --- Opening ---------------------------------------------------------------------------------- */

static int check_header(const struct tg_program *program, struct tg_error *error)
{
    GElf_Ehdr header;
    if (elf_kind(program->elf) != ELF_K_ELF || gelf_getehdr(program->elf, &header) == NULL)
        return tg_fail(error, TG_E_FORMAT, "%s: not an ELF file", program->name);
    if (header.e_ident[EI_CLASS] != ELFCLASS32 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
        header.e_machine != EM_TG32)
        return tg_fail(error, TG_E_FORMAT,
                       "%s: not a TG32 file: its machine is 0x%x, expected 0x%x; build it with "
                       "tg-cc or tg-as",
                       program->name, header.e_machine, EM_TG32);
    if (header.e_type != ET_EXEC)
        return tg_fail(error, TG_E_FORMAT,
                       "%s: not an executable (ELF type %u, expected 2); link it with tg-ld",
                       program->name, header.e_type);
    return TG_OK;
}

/* A compressed section says itself how large it will be. */
static bool is_modest(Elf *elf)
{
    for (Elf_Scn *section = elf_nextscn(elf, NULL); section != NULL;
         section = elf_nextscn(elf, section)) {
        GElf_Shdr header;
        GElf_Chdr packed;
        if (gelf_getshdr(section, &header) == NULL)
            return false;
        if ((header.sh_flags & SHF_COMPRESSED) != 0 &&
            (gelf_getchdr(section, &packed) == NULL || packed.ch_size > MAX_UNPACKED_BYTES))
            return false;
    }
    return true;
}

static int read_units(struct tg_program *program)
{
    Dwarf_CU *unit = NULL;
    Dwarf_Half version;
    uint8_t kind;
    Dwarf_Die die;
    int result;
    while ((result = dwarf_get_units(program->dwarf, unit, &unit, &version, &kind, &die, NULL)) ==
               0 &&
           program->unit_count < MAX_UNITS) {
        if (kind != DW_UT_compile || dwarf_tag(&die) != DW_TAG_compile_unit)
            continue;
        if (!tg_grow(&program->units, program->unit_count, &program->unit_room,
                     sizeof *program->units))
            return TG_E_NOMEM;
        program->units[program->unit_count++] = (struct tg_unit){dwarf_dieoffset(&die)};
    }
    program->is_damaged = program->is_damaged || result < 0;
    return TG_OK;
}

static int read_tables(struct tg_program *program)
{
    int result = tg_symbol_table_read(program);
    if (result == TG_OK)
        result = tg_cfi_read(program);
    if (is_modest(program->elf))
        program->dwarf = dwarf_begin_elf(program->elf, DWARF_C_READ, NULL);
    if (program->dwarf == NULL || result != TG_OK)
        return result;
    result = read_units(program);
    if (result == TG_OK)
        result = tg_line_table_read(program);
    if (result == TG_OK)
        result = tg_function_table_read(program);
    return result;
}

static int open_file(struct tg_program *program, const void *elf, size_t size,
                     struct tg_error *error)
{
    memcpy(program->bytes, elf, size);
    program->size = size;
    elf_version(EV_CURRENT);
    program->elf = elf_memory((char *)program->bytes, size);
    if (program->elf == NULL)
        return tg_fail(error, TG_E_FORMAT, "%s: not an ELF file", program->name);
    int result = check_header(program, error);
    if (result == TG_OK)
        result = read_segments(program, error);
    if (result == TG_OK)
        result = read_sections(program, error);
    if (result != TG_OK)
        return result;
    GElf_Ehdr header;
    gelf_getehdr(program->elf, &header);
    program->entry = (uint32_t)header.e_entry;
    result = read_tables(program);
    return result == TG_OK ? TG_OK : tg_fail(error, result, "%s: no memory left", program->name);
}

int tg_program_open(const void *elf, size_t size, const char *name, struct tg_program **ret_program,
                    struct tg_error *error)
{
    if (size == 0 || size > MAX_FILE_BYTES)
        return tg_fail(error, TG_E_FORMAT, "%s: not an ELF file: it has %zu bytes", name, size);
    struct tg_program *program = calloc(1, sizeof *program);
    if (program == NULL)
        return tg_fail(error, TG_E_NOMEM, "%s: no memory left", name);
    program->name = strdup(name);
    program->bytes = malloc(size);
    int result = program->name != NULL && program->bytes != NULL
                     ? open_file(program, elf, size, error)
                     : tg_fail(error, TG_E_NOMEM, "%s: no memory left", name);
    if (result != TG_OK) {
        tg_program_close(program);
        return result;
    }
    *ret_program = program;
    return TG_OK;
}

void tg_program_close(struct tg_program *program)
{
    if (program == NULL)
        return;
    tg_types_finish(program);
    tg_names_finish(program);
    tg_function_table_finish(program);
    tg_line_table_finish(program);
    tg_symbol_table_finish(program);
    tg_cfi_finish(program);
    dwarf_end(program->dwarf);
    elf_end(program->elf);
    free(program->units);
    free(program->sections);
    free(program->segments);
    free(program->bytes);
    free(program->name);
    free(program);
}

const char *tg_program_name(const struct tg_program *program)
{
    return program->name;
}

void tg_program_facts(const struct tg_program *program, struct tg_program_facts *ret_facts)
{
    *ret_facts = (struct tg_program_facts){
        .entry = program->entry,
        .symbols = program->symbols.count,
        .units = program->unit_count,
        .lines = program->lines.count,
        .functions = program->functions.count,
        .is_stripped = program->symbols.count == 0,
        .has_lines = program->lines.count != 0,
        .has_variables = program->functions.count != 0,
        .is_damaged = program->is_damaged,
    };
}

/* --- Comparing with memory -------------------------------------------------------------------- */

#define CHUNK_BYTES 256u /* divides a page: a chunk is readable as a whole or not at all */

static uint32_t word_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

/* The offset of the first byte that differs; count: none. */
static uint32_t first_difference(const uint8_t *expected, const uint8_t *found, uint32_t count)
{
    uint32_t brk = tg_word_i(TG_INSN_BRK, 0, 0, 0);
    for (uint32_t i = 0; i < count; i++) {
        bool is_break = i / 4 * 4 + 4 <= count && word_at(found + i / 4 * 4) == brk;
        if (expected[i] != found[i] && !is_break)
            return i;
    }
    return count;
}

enum tg_match tg_program_matches(const struct tg_program *program, const struct tg_memory *memory,
                                 uint32_t *ret_address)
{
    enum tg_match match = TG_MATCH_UNREADABLE;
    for (size_t i = 0; i < program->segment_count; i++) {
        const struct tg_segment *segment = &program->segments[i];
        for (uint32_t at = 0, count; segment->is_code && at < segment->file_bytes; at += count) {
            uint8_t found[CHUNK_BYTES];
            uint32_t address = segment->vaddr + at;
            count = CHUNK_BYTES - address % CHUNK_BYTES;
            if (count > segment->file_bytes - at)
                count = segment->file_bytes - at;
            if (!memory->read(memory->context, address, found, count))
                continue;
            match = TG_MATCH_SAME;
            uint32_t same = first_difference(program->bytes + segment->offset + at, found, count);
            if (same == count)
                continue;
            if (ret_address != NULL)
                *ret_address = address + same;
            return TG_MATCH_DIFFERENT;
        }
    }
    return match;
}
