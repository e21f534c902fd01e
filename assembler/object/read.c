/*
 * Reads ELF32 files into objects. libelf finds and decodes the headers; every number is checked
 * before it is used, and each refusal names the file, the section, what was expected and what was
 * found. Manual: docs/object-format.md.
 */
#include <ctype.h>
#include <inttypes.h>
#include <libelf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "object/fail.h"
#include "object/object.h"

/* A file being read. Sections of the file and of the object have different numbers: tables are left
 * out. */
struct reader {
    struct tg_obj *obj;
    const char *name;
    uint8_t *bytes; /* the object's copy of the file */
    size_t size;
    Elf *elf;
    const Elf32_Ehdr *header;
    const Elf32_Shdr **headers; /* by the file's number */
    uint32_t *number;           /* file's number of a section to the object's; 0: left out */
    size_t count;               /* of the file's sections */
    const char *names;          /* section name strings */
    size_t names_bytes;
    size_t symbol_table; /* the file's number; 0: none */
    struct tg_error *error;
};

#define REFUSE(r, ...) refuse(r, __VA_ARGS__)
__attribute__((format(printf, 2, 3))) static int refuse(struct reader *r, const char *format, ...)
{
    char text[400];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return tg_obj_fail(r->error, TG_E_FORMAT, "%s: %s", r->name, text);
}

static int no_memory(struct reader *r)
{
    return tg_obj_fail(r->error, TG_E_NOMEM, "%s: no memory left to read it", r->name);
}

/* --- Header -------------------------------------------------------------------------------------
 */

static const char *machine_name(uint16_t machine)
{
    switch (machine) {
    case EM_TG32:
        return "TG32";
    case EM_RISCV:
        return "RISC-V";
    case EM_X86_64:
        return "x86-64";
    case EM_AARCH64:
        return "AArch64";
    case EM_386:
        return "i386";
    case EM_ARM:
        return "ARM";
    default:
        return "unknown";
    }
}

static int check_ident(struct reader *r)
{
    const uint8_t *b = r->bytes;

    if (r->size < sizeof(Elf32_Ehdr) || memcmp(b, ELFMAG, SELFMAG) != 0) {
        if (tg_archive_is(b, r->size))
            return REFUSE(r, "expected one object file, found an archive");
        return REFUSE(r, "not an object file: it is no ELF file");
    }
    if (b[EI_CLASS] != ELFCLASS32)
        return REFUSE(r, "expected a 32-bit ELF file, found %s",
                      b[EI_CLASS] == ELFCLASS64 ? "a 64-bit one" : "one of no known class");
    if (b[EI_DATA] != ELFDATA2LSB)
        return REFUSE(r, "expected a little-endian ELF file, found byte order %u", b[EI_DATA]);
    if (b[EI_VERSION] != EV_CURRENT)
        return REFUSE(r, "expected ELF version 1, found %u", b[EI_VERSION]);
    return TG_OK;
}

static int check_header(struct reader *r, uint16_t machine)
{
    const Elf32_Ehdr *h = r->header;

    if (h->e_machine != machine)
        return REFUSE(r, "expected an object for %s, found one for machine 0x%x (%s)%s",
                      machine_name(machine), h->e_machine, machine_name(h->e_machine),
                      machine == EM_TG32 && h->e_machine == EM_RISCV
                          ? "; tg-retarget turns it into one for TG32"
                          : "");
    if (h->e_type != ET_REL && h->e_type != ET_EXEC)
        return REFUSE(r, "expected a relocatable object or an executable, found ELF type %u",
                      h->e_type);
    if (h->e_version != EV_CURRENT)
        return REFUSE(r, "expected ELF file version 1, found %u", h->e_version);
    if (machine == EM_TG32 && h->e_flags != EF_TG32_NONE)
        return REFUSE(r, "expected header flags 0, found 0x%x", h->e_flags);
    if (h->e_shnum > 0 && h->e_shentsize != sizeof(Elf32_Shdr))
        return REFUSE(r, "expected section headers of %zu bytes, found %u", sizeof(Elf32_Shdr),
                      h->e_shentsize);
    if (h->e_phnum > 0 && h->e_phentsize != sizeof(Elf32_Phdr))
        return REFUSE(r, "expected program headers of %zu bytes, found %u", sizeof(Elf32_Phdr),
                      h->e_phentsize);
    r->obj->type = h->e_type;
    r->obj->machine = h->e_machine;
    r->obj->flags = h->e_flags;
    r->obj->entry = h->e_entry;
    return TG_OK;
}

/* --- Section headers ----------------------------------------------------------------------------
 */

static bool is_in_file(const struct reader *r, uint32_t offset, uint32_t bytes)
{
    return offset <= r->size && bytes <= r->size - offset;
}

static const char *section_name(const struct reader *r, size_t number)
{
    uint32_t offset = r->headers[number]->sh_name;

    return offset < r->names_bytes ? r->names + offset : NULL;
}

static int read_section_headers(struct reader *r)
{
    size_t names = 0;

    if (r->header->e_shoff == 0 && r->header->e_shnum == 0)
        return TG_OK;
    if (r->header->e_shoff % 4 != 0) /* libelf hands the table out where it lies */
        return REFUSE(r, "the section header table must begin at a multiple of 4, found 0x%x",
                      r->header->e_shoff);
    if (elf_getshdrnum(r->elf, &r->count) != 0 || elf_getshdrstrndx(r->elf, &names) != 0)
        return REFUSE(r, "the section header table is damaged: %s", elf_errmsg(-1));
    if (r->count > TG_OBJ_MAX_SECTIONS)
        return REFUSE(r, "%zu sections; at most %d can be read", r->count, TG_OBJ_MAX_SECTIONS);
    if (!is_in_file(r, r->header->e_shoff, (uint32_t)(r->count * sizeof(Elf32_Shdr))))
        return REFUSE(r, "the section header table goes beyond the end of the file");
    r->headers = tg_obj_alloc(r->obj, (r->count + 1) * sizeof *r->headers);
    r->number = tg_obj_alloc(r->obj, (r->count + 1) * sizeof *r->number);
    if (!r->headers || !r->number)
        return no_memory(r);
    for (size_t i = 0; i < r->count; i++) {
        r->headers[i] = elf32_getshdr(elf_getscn(r->elf, i));
        if (!r->headers[i])
            return REFUSE(r, "section %zu: no header: %s", i, elf_errmsg(-1));
        if (i > 0 && r->headers[i]->sh_type != SHT_NOBITS &&
            !is_in_file(r, r->headers[i]->sh_offset, r->headers[i]->sh_size))
            return REFUSE(r,
                          "section %zu: offset 0x%x and size 0x%x go beyond the file's 0x%zx "
                          "bytes",
                          i, r->headers[i]->sh_offset, r->headers[i]->sh_size, r->size);
    }
    if (r->count == 0)
        return TG_OK;
    if (names == 0 || names >= r->count || r->headers[names]->sh_type != SHT_STRTAB)
        return REFUSE(r, "section names: section %zu is no string table", names);
    r->names = (const char *)r->bytes + r->headers[names]->sh_offset;
    r->names_bytes = r->headers[names]->sh_size;
    if (r->names_bytes == 0 || r->names[r->names_bytes - 1] != '\0')
        return REFUSE(r, "section names: the string table does not end with a zero byte");
    return TG_OK;
}

/* --- Sections -----------------------------------------------------------------------------------
 */

/* Tables that the object has in another form. Other types are carried along as they are. */
static bool is_table(const struct reader *r, size_t number)
{
    const Elf32_Shdr *h = r->headers[number];

    switch (h->sh_type) {
    case SHT_NULL:
    case SHT_SYMTAB:
    case SHT_REL:
    case SHT_RELA:
    case SHT_GROUP:
    case SHT_SYMTAB_SHNDX:
        return true;
    case SHT_STRTAB: /* those that nothing loads: names */
        return !(h->sh_flags & SHF_ALLOC);
    default:
        return false;
    }
}

static int read_section(struct reader *r, size_t number)
{
    const Elf32_Shdr *h = r->headers[number];
    struct tg_obj_section section = {.name = section_name(r, number),
                                     .type = h->sh_type,
                                     .flags = h->sh_flags & ~(uint32_t)SHF_GROUP,
                                     .address = h->sh_addr,
                                     .size_bytes = h->sh_size,
                                     .align = h->sh_addralign ? h->sh_addralign : 1,
                                     .entry_bytes = h->sh_entsize};

    if (!section.name)
        return REFUSE(r, "section %zu: its name lies outside the string table", number);
    if ((section.align & (section.align - 1)) != 0)
        return REFUSE(r, "section %zu (%s): alignment %u is no power of two", number, section.name,
                      section.align);
    if (h->sh_flags & SHF_COMPRESSED)
        return REFUSE(r,
                      "section %zu (%s): compressed sections are not supported; compile with "
                      "-gz=none",
                      number, section.name);
    if (h->sh_type != SHT_NOBITS)
        section.bytes = r->bytes + h->sh_offset;
    r->number[number] = tg_obj_add_section(r->obj, &section);
    return r->number[number] ? TG_OK : no_memory(r);
}

static int read_sections(struct reader *r)
{
    for (size_t i = 1; i < r->count; i++) {
        int result = is_table(r, i) ? TG_OK : read_section(r, i);

        if (result)
            return result;
        if (r->headers[i]->sh_type != SHT_SYMTAB)
            continue;
        if (r->symbol_table)
            return REFUSE(r, "section %zu: a second symbol table", i);
        r->symbol_table = i;
    }
    for (size_t i = 1; i < r->count; i++)
        if (r->number[i] && r->headers[i]->sh_flags & SHF_LINK_ORDER) {
            if (r->headers[i]->sh_link >= r->count)
                return REFUSE(r, "section %zu: linked to section %u, which does not exist", i,
                              r->headers[i]->sh_link);
            r->obj->sections[r->number[i]].link = r->number[r->headers[i]->sh_link];
        }
    return TG_OK;
}

/* --- Symbols ------------------------------------------------------------------------------------
 */

static bool is_printable(const char *name)
{
    for (; *name; name++)
        if (iscntrl((unsigned char)*name) || *name == ' ')
            return false;
    return true;
}

static int place_symbol(struct reader *r, size_t index, const Elf32_Sym *from,
                        struct tg_obj_symbol *symbol)
{
    if (from->st_shndx == SHN_UNDEF || from->st_shndx == SHN_ABS || from->st_shndx == SHN_COMMON) {
        symbol->section = from->st_shndx;
        return TG_OK;
    }
    if (from->st_shndx >= r->count || from->st_shndx >= SHN_LORESERVE)
        return REFUSE(r, "symbol %zu (%s): section %u does not exist", index, symbol->name,
                      from->st_shndx);
    symbol->section = r->number[from->st_shndx];
    if (!symbol->section) {
        /* The symbol of a table's section: nothing can refer to it sensibly. */
        symbol->section = TG_OBJ_ABSOLUTE;
        return TG_OK;
    }
    if (symbol->type == STT_SECTION)
        symbol->name = r->obj->sections[symbol->section].name;
    if (r->obj->type == ET_REL && symbol->value > r->obj->sections[symbol->section].size_bytes)
        return REFUSE(r, "symbol %zu (%s): value 0x%x is beyond the end of section %s", index,
                      symbol->name, symbol->value, r->obj->sections[symbol->section].name);
    return TG_OK;
}

static int read_symbol(struct reader *r, size_t index, const Elf32_Sym *from, const char *names,
                       uint32_t names_bytes)
{
    struct tg_obj_symbol symbol = {.value = from->st_value,
                                   .size_bytes = from->st_size,
                                   .binding = ELF32_ST_BIND(from->st_info),
                                   .type = ELF32_ST_TYPE(from->st_info),
                                   .visibility = ELF32_ST_VISIBILITY(from->st_other)};
    int result;

    if (from->st_name >= names_bytes)
        return REFUSE(r, "symbol %zu: its name lies outside the string table", index);
    symbol.name = names + from->st_name;
    /* GNU as for RISC-V makes local names of its own with blanks and control characters. */
    if (symbol.type != STT_FILE && !is_printable(symbol.name) &&
        (symbol.binding != STB_LOCAL || r->obj->machine != EM_RISCV))
        return REFUSE(r, "symbol %zu: its name has a space or control character", index);
    if (symbol.binding > STB_WEAK)
        return REFUSE(r, "symbol %zu (%s): binding %u is unknown", index, symbol.name,
                      symbol.binding);
    if (symbol.type > STT_TLS)
        return REFUSE(r, "symbol %zu (%s): type %u is unknown", index, symbol.name, symbol.type);
    if (symbol.type == STT_SECTION && symbol.binding != STB_LOCAL)
        return REFUSE(r, "symbol %zu (%s): the symbol of a section is not local", index,
                      symbol.name);
    if (from->st_shndx == SHN_COMMON && (symbol.value & (symbol.value - 1)) != 0)
        return REFUSE(r, "symbol %zu (%s): alignment %u is no power of two", index, symbol.name,
                      symbol.value);
    if (symbol.binding != STB_LOCAL && !*symbol.name)
        return REFUSE(r, "symbol %zu: a global symbol without a name", index);
    result = place_symbol(r, index, from, &symbol);
    if (result)
        return result;
    return tg_obj_add_symbol(r->obj, &symbol) ? TG_OK : no_memory(r);
}

static int read_symbols(struct reader *r)
{
    const Elf32_Shdr *h = r->headers ? r->headers[r->symbol_table] : NULL, *strings;
    const char *names;
    size_t count;

    if (!r->symbol_table)
        return TG_OK;
    if (h->sh_entsize != sizeof(Elf32_Sym) || h->sh_size % sizeof(Elf32_Sym) != 0)
        return REFUSE(r, "symbol table: expected entries of %zu bytes", sizeof(Elf32_Sym));
    if (h->sh_link >= r->count || r->headers[h->sh_link]->sh_type != SHT_STRTAB)
        return REFUSE(r, "symbol table: section %u is no string table", h->sh_link);
    strings = r->headers[h->sh_link];
    names = (const char *)r->bytes + strings->sh_offset;
    if (strings->sh_size == 0 || names[strings->sh_size - 1] != '\0')
        return REFUSE(r, "symbol names: the string table does not end with a zero byte");
    count = h->sh_size / sizeof(Elf32_Sym);
    if (count > 0xffffff)
        return REFUSE(r, "symbol table: %zu symbols, more than relocations can name", count);
    for (size_t i = 1; i < count; i++) {
        Elf32_Sym symbol; /* the table may lie at any offset */
        int result;

        memcpy(&symbol, r->bytes + h->sh_offset + i * sizeof symbol, sizeof symbol);
        result = read_symbol(r, i, &symbol, names, strings->sh_size);
        if (result)
            return result;
    }
    return TG_OK;
}

/* --- Groups -------------------------------------------------------------------------------------
 */

static int read_group(struct reader *r, size_t number)
{
    const Elf32_Shdr *h = r->headers[number];
    const uint8_t *words = r->bytes + h->sh_offset;
    struct tg_obj_group group = {.signature = h->sh_info};

    if (h->sh_link != r->symbol_table || h->sh_info == 0 || h->sh_info >= r->obj->symbol_count)
        return REFUSE(r, "section %zu: a group whose signature is no symbol", number);
    if (h->sh_size < 4 || h->sh_size % 4 != 0)
        return REFUSE(r, "section %zu: a group of %u bytes", number, h->sh_size);
    group.is_comdat = tg_get_word(words) & GRP_COMDAT;
    r->obj->groups[r->obj->group_count++] = group;
    for (uint32_t i = 4; i < h->sh_size; i += 4) {
        uint32_t member = tg_get_word(words + i);

        if (member == 0 || member >= r->count)
            return REFUSE(r, "section %zu: a group with section %u, which does not exist", number,
                          member);
        /* Members that are tables (relocations) go with the section they are of. */
        if (r->number[member])
            r->obj->sections[r->number[member]].group = (uint32_t)r->obj->group_count;
    }
    return TG_OK;
}

static int read_groups(struct reader *r)
{
    size_t count = 0;

    for (size_t i = 1; i < r->count; i++)
        count += r->headers[i]->sh_type == SHT_GROUP;
    if (count == 0)
        return TG_OK;
    r->obj->groups = tg_obj_alloc(r->obj, count * sizeof *r->obj->groups);
    if (!r->obj->groups)
        return no_memory(r);
    for (size_t i = 1; i < r->count; i++) {
        int result = r->headers[i]->sh_type == SHT_GROUP ? read_group(r, i) : TG_OK;

        if (result)
            return result;
    }
    return TG_OK;
}

/* --- Relocations --------------------------------------------------------------------------------
 */

static int check_reloc(struct reader *r, const struct tg_obj_section *section,
                       const struct tg_obj_reloc *reloc)
{
    const struct tg_reloc_info *info;
    uint32_t bytes = 0;

    if (reloc->symbol >= r->obj->symbol_count)
        return REFUSE(r, "%s+0x%x: a relocation with symbol %u, which does not exist",
                      section->name, reloc->offset, reloc->symbol);
    if (r->obj->machine == EM_TG32) {
        info = tg_reloc_info(reloc->kind);
        if (!info)
            return REFUSE(r, "%s+0x%x: relocation kind %u does not exist", section->name,
                          reloc->offset, reloc->kind);
        bytes = info->bytes;
    }
    if (reloc->offset > section->size_bytes || bytes > section->size_bytes - reloc->offset)
        return REFUSE(r, "%s+0x%x: a relocation beyond the end of the section (0x%x bytes)",
                      section->name, reloc->offset, section->size_bytes);
    if (!section->bytes && bytes)
        return REFUSE(r, "%s+0x%x: a relocation in a section without contents", section->name,
                      reloc->offset);
    return TG_OK;
}

static int read_relocs(struct reader *r, size_t number)
{
    const Elf32_Shdr *h = r->headers[number];
    struct tg_obj_section *section;
    size_t count;

    if (r->obj->type == ET_EXEC)
        return TG_OK;
    if (h->sh_type == SHT_REL)
        return REFUSE(r, "section %zu: relocations without addends (SHT_REL); expected SHT_RELA",
                      number);
    if (h->sh_entsize != sizeof(Elf32_Rela) || h->sh_size % sizeof(Elf32_Rela) != 0)
        return REFUSE(r, "section %zu: expected relocations of %zu bytes", number,
                      sizeof(Elf32_Rela));
    if (h->sh_link != r->symbol_table || h->sh_info >= r->count || !r->number[h->sh_info])
        return REFUSE(r, "section %zu: relocations for section %u with symbol table %u", number,
                      h->sh_info, h->sh_link);
    section = &r->obj->sections[r->number[h->sh_info]];
    if (section->relocs)
        return REFUSE(r, "section %zu: a second table of relocations for %s", number,
                      section->name);
    count = h->sh_size / sizeof(Elf32_Rela);
    section->relocs = tg_obj_alloc(r->obj, (count + 1) * sizeof *section->relocs);
    if (!section->relocs)
        return no_memory(r);
    for (size_t i = 0; i < count; i++) {
        Elf32_Rela from;
        int result;

        memcpy(&from, r->bytes + h->sh_offset + i * sizeof from, sizeof from);
        section->relocs[i] = (struct tg_obj_reloc){from.r_offset, ELF32_R_TYPE(from.r_info),
                                                   ELF32_R_SYM(from.r_info), from.r_addend};
        result = check_reloc(r, section, &section->relocs[i]);
        if (result)
            return result;
    }
    section->reloc_count = count;
    return TG_OK;
}

static int read_all_relocs(struct reader *r)
{
    for (size_t i = 1; i < r->count; i++) {
        uint32_t type = r->headers[i]->sh_type;
        int result = type == SHT_REL || type == SHT_RELA ? read_relocs(r, i) : TG_OK;

        if (result)
            return result;
    }
    return TG_OK;
}

/* --- Segments -----------------------------------------------------------------------------------
 */

static int read_segment(struct reader *r, size_t number, const Elf32_Phdr *h)
{
    struct tg_obj_segment *segment = &r->obj->segments[number];

    if (!is_in_file(r, h->p_offset, h->p_filesz))
        return REFUSE(r, "segment %zu: offset 0x%x and size 0x%x go beyond the file's 0x%zx bytes",
                      number, h->p_offset, h->p_filesz, r->size);
    if (h->p_filesz > h->p_memsz)
        return REFUSE(r, "segment %zu: file size 0x%x is larger than memory size 0x%x", number,
                      h->p_filesz, h->p_memsz);
    if ((h->p_align & (h->p_align - 1)) != 0)
        return REFUSE(r, "segment %zu: alignment %u is no power of two", number, h->p_align);
    *segment = (struct tg_obj_segment){.type = h->p_type,
                                       .flags = h->p_flags,
                                       .vaddr = h->p_vaddr,
                                       .paddr = h->p_paddr,
                                       .align = h->p_align ? h->p_align : 1,
                                       .file_bytes = h->p_filesz,
                                       .memory_bytes = h->p_memsz,
                                       .bytes = r->bytes + h->p_offset};
    return TG_OK;
}

/* Which segment a section is loaded with. */
static void assign_segments(struct tg_obj *obj)
{
    for (size_t i = 1; i < obj->section_count; i++) {
        struct tg_obj_section *section = &obj->sections[i];

        for (size_t k = 0; k < obj->segment_count && section->flags & SHF_ALLOC; k++) {
            const struct tg_obj_segment *segment = &obj->segments[k];
            uint32_t distance = section->address - segment->vaddr;

            if (segment->type == PT_LOAD && distance <= segment->memory_bytes &&
                section->size_bytes <= segment->memory_bytes - distance) {
                section->segment = (uint32_t)k + 1;
                break;
            }
        }
    }
}

static int read_segments(struct reader *r)
{
    const Elf32_Phdr *headers;
    size_t count;

    if (elf_getphdrnum(r->elf, &count) != 0)
        return REFUSE(r, "the program header table is damaged: %s", elf_errmsg(-1));
    if (count == 0)
        return TG_OK;
    if (r->header->e_phoff % 4 != 0) /* libelf hands the table out where it lies */
        return REFUSE(r, "the program header table must begin at a multiple of 4, found 0x%x",
                      r->header->e_phoff);
    if (count > TG_ELF_MAX_SEGMENTS)
        return REFUSE(r, "%zu program headers; at most %d can be read", count, TG_ELF_MAX_SEGMENTS);
    headers = elf32_getphdr(r->elf);
    r->obj->segments = tg_obj_alloc(r->obj, count * sizeof *r->obj->segments);
    if (!headers)
        return REFUSE(r, "the program header table is damaged: %s", elf_errmsg(-1));
    if (!r->obj->segments)
        return no_memory(r);
    for (size_t i = 0; i < count; i++) {
        int result = read_segment(r, i, &headers[i]);

        if (result)
            return result;
        r->obj->segment_count = i + 1;
    }
    assign_segments(r->obj);
    return TG_OK;
}

/* --- All ----------------------------------------------------------------------------------------
 */

static int read_elf(struct reader *r, uint16_t machine)
{
    static int (*const steps[])(struct reader *) = {read_section_headers, read_sections,
                                                    read_symbols,         read_groups,
                                                    read_all_relocs,      read_segments};
    int result = check_ident(r);

    if (result)
        return result;
    elf_version(EV_CURRENT);
    r->elf = elf_memory((char *)r->bytes, r->size);
    r->header = r->elf ? elf32_getehdr(r->elf) : NULL;
    if (!r->header)
        return REFUSE(r, "the ELF header is damaged: %s", elf_errmsg(-1));
    result = check_header(r, machine);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && !result; i++)
        result = steps[i](r);
    return result;
}

int tg_obj_read(const void *bytes, size_t size_bytes, const char *name, uint16_t machine,
                struct tg_obj **ret_obj, struct tg_error *error)
{
    struct reader r = {.name = name, .size = size_bytes, .error = error};
    int result;

    if (size_bytes > TG_OBJ_MAX_BYTES)
        return REFUSE(&r, "%zu bytes; at most %u can be read", size_bytes, TG_OBJ_MAX_BYTES);
    r.obj = tg_obj_create(name);
    if (!r.obj)
        return no_memory(&r);
    r.bytes = tg_obj_alloc(r.obj, size_bytes);
    if (r.bytes) {
        memcpy(r.bytes, bytes, size_bytes);
        result = read_elf(&r, machine);
    } else {
        result = no_memory(&r);
    }
    elf_end(r.elf);
    if (result)
        tg_obj_destroy(r.obj);
    else
        *ret_obj = r.obj;
    return result;
}
