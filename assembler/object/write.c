/*
 * Writes objects as ELF32 files through libelf: the layout of the file is decided here, the
 * encoding there. Order: header, program headers, segments, other sections, symbols, names,
 * relocations, section headers. Manual: docs/object-format.md.
 */
#include <errno.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "object/fail.h"
#include "object/object.h"

/* The names of symbols or sections, one after the other. */
struct names {
    char *bytes;
    size_t used, room;
};

struct writer {
    const struct tg_obj *obj;
    struct tg_obj *scratch; /* memory for what libelf is given */
    Elf *elf;
    uint32_t *symbol_number; /* object's index to the file's */
    uint32_t
        *reloc_number; /* object's index of a section to the file's of its relocations; 0: none */
    size_t local_count;
    uint32_t symbol_table; /* the file's section number */
    struct names symbol_names, section_names;
    size_t offset; /* next free in the file */
    Elf32_Phdr *segments;
};

static bool add_name(struct names *names, const char *name, Elf32_Word *ret_offset)
{
    size_t length = strlen(name) + 1;

    if (names->room - names->used < length) {
        size_t room = names->room * 2 + length + 256;
        char *larger = realloc(names->bytes, room);

        if (!larger)
            return false;
        if (!names->used)
            larger[names->used++] = '\0';
        names->bytes = larger;
        names->room = room;
    }
    if (length == 1) {
        *ret_offset = 0;
        return true;
    }
    memcpy(names->bytes + names->used, name, length);
    *ret_offset = (Elf32_Word)names->used;
    names->used += length;
    return true;
}

static void align_offset(struct writer *w, size_t align)
{
    w->offset = (w->offset + align - 1) / align * align;
}

/* --- Checking -----------------------------------------------------------------------------------
 */

/* Callers' bugs, told instead of written. NULL: none. */
static const char *find_flaw(const struct tg_obj *obj)
{
    for (size_t i = 1; i < obj->symbol_count; i++) {
        const struct tg_obj_symbol *symbol = &obj->symbols[i];

        if (symbol->section >= obj->section_count && symbol->section != TG_OBJ_ABSOLUTE &&
            symbol->section != TG_OBJ_COMMON)
            return "a symbol in a section that does not exist";
    }
    for (size_t i = 1; i < obj->section_count; i++) {
        const struct tg_obj_section *section = &obj->sections[i];

        if (section->type != SHT_NOBITS && section->size_bytes && !section->bytes)
            return "a section without contents";
        if (section->segment > obj->segment_count || section->group > obj->group_count ||
            section->link >= obj->section_count)
            return "a section in a segment, group or link that does not exist";
        for (size_t k = 0; k < section->reloc_count; k++)
            if (section->relocs[k].symbol >= obj->symbol_count)
                return "a relocation with a symbol that does not exist";
    }
    return NULL;
}

/* --- Symbols ------------------------------------------------------------------------------------
 */

/* Locals come first in a file; otherwise the order stays. */
static bool number_symbols(struct writer *w)
{
    const struct tg_obj *obj = w->obj;
    uint32_t next = 0;

    w->symbol_number = tg_obj_alloc(w->scratch, obj->symbol_count * sizeof *w->symbol_number);
    if (!w->symbol_number)
        return false;
    for (size_t i = 0; i < obj->symbol_count; i++)
        if (obj->symbols[i].binding == STB_LOCAL)
            w->symbol_number[i] = next++;
    w->local_count = next;
    for (size_t i = 0; i < obj->symbol_count; i++)
        if (obj->symbols[i].binding != STB_LOCAL)
            w->symbol_number[i] = next++;
    return true;
}

static Elf32_Sym *make_symbols(struct writer *w)
{
    const struct tg_obj *obj = w->obj;
    uint32_t shift = (uint32_t)obj->group_count;
    Elf32_Sym *table = tg_obj_alloc(w->scratch, obj->symbol_count * sizeof *table);

    for (size_t i = 1; table && i < obj->symbol_count; i++) {
        const struct tg_obj_symbol *from = &obj->symbols[i];
        Elf32_Sym *to = &table[w->symbol_number[i]];
        bool is_special = from->section == TG_OBJ_UNDEFINED || from->section >= SHN_LORESERVE;

        if (from->type != STT_SECTION && !add_name(&w->symbol_names, from->name, &to->st_name))
            return NULL;
        to->st_value = from->value;
        to->st_size = from->size_bytes;
        to->st_info = (unsigned char)ELF32_ST_INFO(from->binding, from->type);
        to->st_other = from->visibility;
        to->st_shndx = (Elf32_Section)(is_special ? from->section : from->section + shift);
    }
    return table;
}

/* --- Sections -----------------------------------------------------------------------------------
 */

/* Groups come first, then the object's sections, symbols and their names, relocations, section
 * names. */
static bool number_sections(struct writer *w)
{
    const struct tg_obj *obj = w->obj;
    uint32_t next;

    w->symbol_table = (uint32_t)(obj->group_count + obj->section_count);
    w->reloc_number = tg_obj_alloc(w->scratch, obj->section_count * sizeof *w->reloc_number);
    if (!w->reloc_number)
        return false;
    next = w->symbol_table + 2;
    for (size_t i = 1; i < obj->section_count; i++)
        if (obj->sections[i].reloc_count)
            w->reloc_number[i] = next++;
    return true;
}

/* Appends a section to the file; header->sh_name is filled in from name. The bytes are at
 * w->offset, or at header->sh_offset if that is set. NULL when memory is short. */
static Elf_Scn *put_section(struct writer *w, const char *name, Elf32_Shdr header, Elf_Type type,
                            const void *bytes)
{
    Elf_Scn *section = elf_newscn(w->elf);
    Elf32_Shdr *to = section ? elf32_getshdr(section) : NULL;
    Elf_Data *data = section ? elf_newdata(section) : NULL;

    if (!to || !data || !add_name(&w->section_names, name, &header.sh_name))
        return NULL;
    if (header.sh_offset == 0) {
        align_offset(w, header.sh_addralign ? header.sh_addralign : 1);
        header.sh_offset = (Elf32_Off)w->offset;
    }
    *data = (Elf_Data){.d_buf = (void *)(uintptr_t)bytes,
                       .d_type = type,
                       .d_size = header.sh_size,
                       .d_align = 1,
                       .d_version = EV_CURRENT};
    if (header.sh_type != SHT_NOBITS && header.sh_offset + (size_t)header.sh_size > w->offset)
        w->offset = header.sh_offset + (size_t)header.sh_size;
    *to = header;
    return section;
}

static bool put_group(struct writer *w, size_t index)
{
    const struct tg_obj *obj = w->obj;
    const struct tg_obj_group *group = &obj->groups[index];
    uint32_t *words = tg_obj_alloc(w->scratch, 2 * obj->section_count * sizeof *words);
    uint32_t count = 1;

    if (!words)
        return false;
    words[0] = group->is_comdat ? GRP_COMDAT : 0;
    for (size_t i = 1; i < obj->section_count; i++) {
        if (obj->sections[i].group != index + 1)
            continue;
        words[count++] = (uint32_t)(i + obj->group_count);
        if (w->reloc_number[i])
            words[count++] = w->reloc_number[i];
    }
    return put_section(w, ".group",
                       (Elf32_Shdr){.sh_type = SHT_GROUP,
                                    .sh_size = count * 4,
                                    .sh_link = w->symbol_table,
                                    .sh_info = w->symbol_number[group->signature],
                                    .sh_addralign = 4,
                                    .sh_entsize = 4},
                       ELF_T_WORD, words);
}

static bool put_contents(struct writer *w, const struct tg_obj_section *section)
{
    const struct tg_obj *obj = w->obj;
    Elf32_Shdr header = {.sh_type = section->type,
                         .sh_flags = section->flags | (section->group ? SHF_GROUP : 0),
                         .sh_addr = section->address,
                         .sh_size = section->size_bytes,
                         .sh_addralign = section->align,
                         .sh_entsize = section->entry_bytes};

    if (section->link)
        header.sh_link = section->link + (uint32_t)obj->group_count;
    if (section->segment) {
        const Elf32_Phdr *segment = &w->segments[section->segment - 1];

        header.sh_offset = segment->p_offset + (section->address - segment->p_vaddr);
    }
    return put_section(w, section->name, header, ELF_T_BYTE, section->bytes);
}

static bool put_relocs(struct writer *w, size_t index)
{
    const struct tg_obj_section *section = &w->obj->sections[index];
    Elf32_Rela *table = tg_obj_alloc(w->scratch, section->reloc_count * sizeof *table);
    size_t name_bytes = strlen(section->name) + sizeof ".rela";
    char *name = tg_obj_alloc(w->scratch, name_bytes);

    if (!table || !name)
        return false;
    snprintf(name, name_bytes, ".rela%s", section->name);
    for (size_t i = 0; i < section->reloc_count; i++) {
        const struct tg_obj_reloc *from = &section->relocs[i];

        table[i] = (Elf32_Rela){
            .r_offset = from->offset,
            .r_info = ELF32_R_INFO(w->symbol_number[from->symbol], (uint8_t)from->kind),
            .r_addend = from->addend};
    }
    return put_section(w, name,
                       (Elf32_Shdr){.sh_type = SHT_RELA,
                                    .sh_flags = SHF_INFO_LINK | (section->group ? SHF_GROUP : 0),
                                    .sh_size = (Elf32_Word)(section->reloc_count * sizeof *table),
                                    .sh_link = w->symbol_table,
                                    .sh_info = (Elf32_Word)(index + w->obj->group_count),
                                    .sh_addralign = 4,
                                    .sh_entsize = sizeof *table},
                       ELF_T_RELA, table);
}

/* --- Segments -----------------------------------------------------------------------------------
 */

/* Gives a segment its place in the file and its sizes. */
static void lay_out_segment(struct writer *w, size_t index)
{
    const struct tg_obj_segment *from = &w->obj->segments[index];
    Elf32_Phdr *to = &w->segments[index];
    uint32_t align = from->align ? from->align : 1;

    w->offset += (from->vaddr - (uint32_t)w->offset) & (align - 1);
    *to = (Elf32_Phdr){.p_type = from->type,
                       .p_flags = from->flags,
                       .p_offset = (Elf32_Off)w->offset,
                       .p_vaddr = from->vaddr,
                       .p_paddr = from->paddr,
                       .p_align = align};
    for (size_t i = 1; i < w->obj->section_count; i++) {
        const struct tg_obj_section *section = &w->obj->sections[i];
        uint32_t end = section->address + section->size_bytes - from->vaddr;

        if (section->segment != index + 1)
            continue;
        if (end > to->p_memsz)
            to->p_memsz = end;
        if (end > to->p_filesz && section->type != SHT_NOBITS)
            to->p_filesz = end;
    }
    w->offset += to->p_filesz;
}

static bool lay_out_segments(struct writer *w)
{
    size_t count = w->obj->segment_count;

    if (count == 0)
        return true;
    w->segments = elf32_newphdr(w->elf, count);
    if (!w->segments)
        return false;
    w->offset += count * sizeof(Elf32_Phdr);
    for (size_t i = 0; i < count; i++)
        lay_out_segment(w, i);
    return true;
}

/* --- All ----------------------------------------------------------------------------------------
 */

static bool put_header(struct writer *w)
{
    const struct tg_obj *obj = w->obj;
    Elf32_Ehdr *header = elf32_newehdr(w->elf);

    if (!header)
        return false;
    memcpy(header->e_ident, ELFMAG, SELFMAG);
    header->e_ident[EI_CLASS] = ELFCLASS32;
    header->e_ident[EI_DATA] = ELFDATA2LSB;
    header->e_ident[EI_VERSION] = EV_CURRENT;
    header->e_type = obj->type;
    header->e_machine = obj->machine;
    header->e_version = EV_CURRENT;
    header->e_entry = obj->entry;
    header->e_flags = obj->machine == EM_TG32 ? EF_TG32_NONE : obj->flags;
    header->e_phoff = obj->segment_count ? sizeof *header : 0;
    w->offset = sizeof *header;
    return true;
}

static bool put_tables(struct writer *w)
{
    Elf32_Sym *symbols = make_symbols(w);
    Elf32_Word ignored;

    if (!symbols || !add_name(&w->symbol_names, "", &ignored) ||
        !put_section(w, ".symtab",
                     (Elf32_Shdr){.sh_type = SHT_SYMTAB,
                                  .sh_size = (Elf32_Word)(w->obj->symbol_count * sizeof *symbols),
                                  .sh_link = w->symbol_table + 1,
                                  .sh_info = (Elf32_Word)w->local_count,
                                  .sh_addralign = 4,
                                  .sh_entsize = sizeof *symbols},
                     ELF_T_SYM, symbols) ||
        !put_section(w, ".strtab",
                     (Elf32_Shdr){.sh_type = SHT_STRTAB,
                                  .sh_size = (Elf32_Word)w->symbol_names.used,
                                  .sh_addralign = 1},
                     ELF_T_BYTE, w->symbol_names.bytes))
        return false;
    for (size_t i = 1; i < w->obj->section_count; i++)
        if (w->obj->sections[i].reloc_count && !put_relocs(w, i))
            return false;
    return true;
}

static bool put_section_names(struct writer *w)
{
    Elf32_Ehdr *header = elf32_getehdr(w->elf);
    Elf_Scn *section = put_section(
        w, ".shstrtab", (Elf32_Shdr){.sh_type = SHT_STRTAB, .sh_addralign = 1}, ELF_T_BYTE, NULL);
    Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;

    if (!data)
        return false;
    /* Its own name was the last one: only now is the table complete. */
    data->d_buf = w->section_names.bytes;
    data->d_size = w->section_names.used;
    elf32_getshdr(section)->sh_size = (Elf32_Word)w->section_names.used;
    w->offset += w->section_names.used;
    align_offset(w, 4);
    header->e_shstrndx = (Elf32_Half)elf_ndxscn(section);
    header->e_shoff = (Elf32_Off)w->offset;
    return true;
}

static bool put_all(struct writer *w)
{
    const struct tg_obj *obj = w->obj;

    elf_flagelf(w->elf, ELF_C_SET, ELF_F_LAYOUT);
    if (!number_symbols(w) || !number_sections(w) || !put_header(w) || !lay_out_segments(w))
        return false;
    for (size_t i = 0; i < obj->group_count; i++)
        if (!put_group(w, i))
            return false;
    for (size_t i = 1; i < obj->section_count; i++)
        if (!put_contents(w, &obj->sections[i]))
            return false;
    return put_tables(w) && put_section_names(w) && elf_update(w->elf, ELF_C_WRITE) >= 0;
}

/* libelf writes to files only: this one has no name and lives in memory. */
static bool take_bytes(int fd, uint8_t **ret_bytes, size_t *ret_size)
{
    off_t end = lseek(fd, 0, SEEK_END);
    size_t size = end > 0 ? (size_t)end : 0, used = 0;
    uint8_t *bytes = malloc(size + 1);

    while (bytes && used < size) {
        ssize_t count = pread(fd, bytes + used, size - used, (off_t)used);

        if (count <= 0)
            break;
        used += (size_t)count;
    }
    if (!bytes || used < size || size == 0) {
        free(bytes);
        return false;
    }
    *ret_bytes = bytes;
    *ret_size = size;
    return true;
}

/* Sections that the file will have, tables with them. */
static size_t count_headers(const struct tg_obj *obj)
{
    size_t count = obj->group_count + obj->section_count + 3; /* symbols, their names, names */

    for (size_t i = 1; i < obj->section_count; i++)
        count += obj->sections[i].reloc_count > 0;
    return count;
}

int tg_obj_write(const struct tg_obj *obj, uint8_t **ret_bytes, size_t *ret_size_bytes,
                 struct tg_error *error)
{
    const char *flaw = find_flaw(obj);
    struct writer w = {.obj = obj};
    int result = TG_OK, fd;

    if (flaw)
        return tg_obj_fail(error, TG_E_ARGUMENT, "%s: not written: %s", obj->name, flaw);
    if (count_headers(obj) > TG_OBJ_MAX_SECTIONS)
        return tg_obj_fail(error, TG_E_ARGUMENT,
                           "%s: %zu sections, tables of relocations among them; a file has at most "
                           "%d",
                           obj->name, count_headers(obj), TG_OBJ_MAX_SECTIONS);
    fd = memfd_create("object", MFD_CLOEXEC);
    if (fd < 0)
        return tg_obj_fail(error, TG_E_IO, "%s: cannot be written: %s", obj->name, strerror(errno));
    elf_version(EV_CURRENT);
    w.scratch = tg_obj_create("");
    w.elf = elf_begin(fd, ELF_C_WRITE, NULL);
    if (!w.scratch || !w.elf || !put_all(&w) || !take_bytes(fd, ret_bytes, ret_size_bytes)) {
        int code = elf_errno();

        result = tg_obj_fail(error, TG_E_NOMEM, "%s: cannot be written: %s", obj->name,
                             code ? elf_errmsg(code) : "no memory left");
    }
    elf_end(w.elf);
    close(fd);
    free(w.symbol_names.bytes);
    free(w.section_names.bytes);
    tg_obj_destroy(w.scratch);
    return result;
}
