/*
 * Reads TG32 ELF executables: every number in the file is checked before it is used, and each
 * refusal is one line that names the header, what was expected and what was found. libelf decodes
 * the structures from a private copy. Manual: docs/isa.md section 10.
 */
#include "core/loader.h"

#include <libelf.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/image.h"
#include "core/ram.h"
#include "isa/elf_tg32.h"

#define IMAGE_MAX_BYTES    (UINT32_C(1) << 30)
#define LOWEST_PADDR       TG_PAGE_BYTES /* page 0 is the boot block's */

#define REFUSE(error, ...) tg_fail(error, TG_E_FORMAT, __VA_ARGS__)

/* --- The file header -------------------------------------------------------------------------- */

static int check_ident(const unsigned char *ident, size_t size, struct tg_error *error)
{
    if (size < sizeof(Elf32_Ehdr)) {
        return REFUSE(error, "image: an ELF header has %zu bytes, the file has %zu",
                      sizeof(Elf32_Ehdr), size);
    }
    if (size > IMAGE_MAX_BYTES) {
        return REFUSE(error, "image: at most %u bytes can be loaded, the file has %zu",
                      IMAGE_MAX_BYTES, size);
    }
    if (memcmp(ident, ELFMAG, SELFMAG) != 0) {
        return REFUSE(error, "image: not an ELF file: it begins with %02x %02x %02x %02x", ident[0],
                      ident[1], ident[2], ident[3]);
    }
    if (ident[EI_CLASS] != ELFCLASS32) {
        return REFUSE(error, "ELF header: class must be 1 (32 bits), found %u", ident[EI_CLASS]);
    }
    if (ident[EI_DATA] != ELFDATA2LSB) {
        return REFUSE(error, "ELF header: byte order must be 1 (little-endian), found %u",
                      ident[EI_DATA]);
    }
    if (ident[EI_VERSION] != EV_CURRENT) {
        return REFUSE(error, "ELF header: version must be 1, found %u", ident[EI_VERSION]);
    }
    if (ident[EI_OSABI] != ELFOSABI_NONE) {
        return REFUSE(error, "ELF header: OS ABI must be 0 (none), found %u", ident[EI_OSABI]);
    }
    return TG_OK;
}

static int check_kind(const Elf32_Ehdr *header, struct tg_error *error)
{
    if (header->e_machine != EM_TG32) {
        return REFUSE(error,
                      "ELF header: machine must be 0x%x (TG32), found 0x%x; build it with tg-cc or "
                      "tg-as",
                      EM_TG32, header->e_machine);
    }
    if (header->e_type != ET_EXEC) {
        return REFUSE(error, "ELF header: type must be 2 (executable), found %u%s", header->e_type,
                      header->e_type == ET_REL ? " (an object file: link it with tg-ld)" : "");
    }
    if (header->e_version != EV_CURRENT) {
        return REFUSE(error, "ELF header: file version must be 1, found %u", header->e_version);
    }
    if (header->e_flags != EF_TG32_NONE) {
        return REFUSE(error, "ELF header: flags must be 0, found 0x%x", header->e_flags);
    }
    return TG_OK;
}

static int check_tables(const Elf32_Ehdr *header, size_t size, struct tg_error *error)
{
    if (header->e_ehsize != sizeof(Elf32_Ehdr)) {
        return REFUSE(error, "ELF header: header size must be %zu, found %u", sizeof(Elf32_Ehdr),
                      header->e_ehsize);
    }
    if (header->e_phnum == 0 || header->e_phnum > TG_ELF_MAX_SEGMENTS) {
        return REFUSE(error, "ELF header: 1 to %d program headers expected, found %u",
                      TG_ELF_MAX_SEGMENTS, header->e_phnum);
    }
    if (header->e_phentsize != sizeof(Elf32_Phdr)) {
        return REFUSE(error, "ELF header: a program header has %zu bytes, found %u",
                      sizeof(Elf32_Phdr), header->e_phentsize);
    }
    if (header->e_phoff % 4 != 0) {
        return REFUSE(error,
                      "ELF header: program headers must begin at a multiple of 4, found 0x%x",
                      header->e_phoff);
    }
    size_t table_bytes = header->e_phnum * sizeof(Elf32_Phdr);
    if (header->e_phoff > size || table_bytes > size - header->e_phoff) {
        return REFUSE(
            error, "ELF header: program headers at 0x%x, %zu bytes, go beyond the file's %zu bytes",
            header->e_phoff, table_bytes, size);
    }
    return TG_OK;
}

/* --- Segments --------------------------------------------------------------------------------- */

/* Checks one PT_LOAD header by itself. */
static int check_load(const struct tg_image *image, unsigned index, const Elf32_Phdr *p,
                      uint32_t ram_bytes, struct tg_error *error)
{
    if (p->p_filesz > p->p_memsz) {
        return REFUSE(error, "segment %u: file size 0x%x is larger than memory size 0x%x", index,
                      p->p_filesz, p->p_memsz);
    }
    if (p->p_offset > image->file_bytes || p->p_filesz > image->file_bytes - p->p_offset) {
        return REFUSE(error,
                      "segment %u: file offset 0x%x and size 0x%x go beyond the file's 0x%zx bytes",
                      index, p->p_offset, p->p_filesz, image->file_bytes);
    }
    if (p->p_align > 1 && (p->p_align & (p->p_align - 1)) != 0) {
        return REFUSE(error, "segment %u: alignment must be a power of two, found 0x%x", index,
                      p->p_align);
    }
    if (p->p_align > 1 && ((p->p_vaddr ^ p->p_offset) & (p->p_align - 1)) != 0) {
        return REFUSE(error,
                      "segment %u: address 0x%x and file offset 0x%x must be equal modulo the "
                      "alignment 0x%x",
                      index, p->p_vaddr, p->p_offset, p->p_align);
    }
    if (p->p_paddr < LOWEST_PADDR) {
        return REFUSE(error,
                      "segment %u: physical address 0x%x is below 0x%x: page 0 belongs to the boot "
                      "block",
                      index, p->p_paddr, LOWEST_PADDR);
    }
    if (p->p_paddr > ram_bytes || p->p_memsz > ram_bytes - p->p_paddr) {
        return REFUSE(error,
                      "segment %u: physical address 0x%x and memory size 0x%x go beyond RAM, which "
                      "ends at 0x%x; give the machine more RAM or link lower",
                      index, p->p_paddr, p->p_memsz, ram_bytes);
    }
    return TG_OK;
}

static int check_overlap(const struct tg_image *image, const struct tg_segment *added,
                         struct tg_error *error)
{
    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct tg_segment *s = &image->segments[i];
        if (s->paddr < added->paddr + added->memory_bytes &&
            added->paddr < s->paddr + s->memory_bytes) {
            return REFUSE(
                error, "segment %u: memory [0x%x, 0x%x) overlaps that of segment %u, [0x%x, 0x%x)",
                added->index, added->paddr, added->paddr + added->memory_bytes, s->index, s->paddr,
                s->paddr + s->memory_bytes);
        }
    }
    return TG_OK;
}

static int add_segment(struct tg_image *image, unsigned index, const Elf32_Phdr *p,
                       uint32_t ram_bytes, struct tg_error *error)
{
    if (p->p_type == PT_INTERP || p->p_type == PT_DYNAMIC) {
        return REFUSE(error,
                      "segment %u: type %u asks for dynamic linking; link the program statically",
                      index, p->p_type);
    }
    if (p->p_type != PT_LOAD) {
        return TG_OK; /* notes, stack and debugging hints say nothing about memory */
    }
    int result = check_load(image, index, p, ram_bytes, error);
    if (result != TG_OK || p->p_memsz == 0) {
        return result;
    }
    struct tg_segment segment = {
        .index = index,
        .file_offset = p->p_offset,
        .file_bytes = p->p_filesz,
        .vaddr = p->p_vaddr,
        .paddr = p->p_paddr,
        .memory_bytes = p->p_memsz,
        .is_executable = (p->p_flags & PF_X) != 0,
    };
    result = check_overlap(image, &segment, error);
    if (result == TG_OK) {
        image->segments[image->segment_count++] = segment;
    }
    return result;
}

static int check_entry(const struct tg_image *image, struct tg_error *error)
{
    if (image->entry % 4 != 0) {
        return REFUSE(error, "ELF header: entry point must be a multiple of 4, found 0x%x",
                      image->entry);
    }
    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct tg_segment *s = &image->segments[i];
        if (s->is_executable && image->entry >= s->paddr &&
            image->entry - s->paddr < s->memory_bytes) {
            return TG_OK;
        }
    }
    return REFUSE(
        error,
        "ELF header: entry point 0x%x lies in no executable segment; it must be a physical "
        "address",
        image->entry);
}

static int read_headers(struct tg_image *image, Elf *elf, uint32_t ram_bytes,
                        struct tg_error *error)
{
    const Elf32_Ehdr *header = elf32_getehdr(elf);
    if (header == NULL) {
        return REFUSE(error, "image: not a readable ELF file: %s", elf_errmsg(-1));
    }
    int result = check_kind(header, error);
    if (result == TG_OK) {
        result = check_tables(header, image->file_bytes, error);
    }
    if (result != TG_OK) {
        return result;
    }
    image->entry = header->e_entry;
    const Elf32_Phdr *table = elf32_getphdr(elf);
    if (table == NULL) {
        return REFUSE(error, "program headers: not readable: %s", elf_errmsg(-1));
    }
    for (unsigned i = 0; i < header->e_phnum && result == TG_OK; i++) {
        result = add_segment(image, i, &table[i], ram_bytes, error);
    }
    return result == TG_OK ? check_entry(image, error) : result;
}

/* --- The image -------------------------------------------------------------------------------- */

/* libelf may write into the memory it is given, so it gets a copy of its own. */
static int read_elf(struct tg_image *image, uint32_t ram_bytes, struct tg_error *error)
{
    char *scratch = malloc(image->file_bytes);
    if (scratch == NULL) {
        return TG_E_NOMEM;
    }
    memcpy(scratch, image->file, image->file_bytes);
    elf_version(EV_CURRENT);
    int result = TG_OK;
    Elf *elf = elf_memory(scratch, image->file_bytes);
    if (elf == NULL || elf_kind(elf) != ELF_K_ELF) {
        result = REFUSE(error, "image: not a readable ELF file: %s",
                        elf == NULL ? elf_errmsg(-1) : "unknown kind");
    }
    if (result == TG_OK) {
        result = read_headers(image, elf, ram_bytes, error);
    }
    if (result == TG_OK) {
        result = tg_symbols_read(&image->symbols, elf);
    }
    elf_end(elf);
    free(scratch);
    return result;
}

int tg_image_parse(const void *bytes, size_t size, uint32_t ram_bytes, struct tg_image **ret_image,
                   struct tg_error *error)
{
    int result = check_ident(bytes, size, error);
    if (result != TG_OK) {
        return result;
    }
    struct tg_image *image = calloc(1, sizeof *image);
    if (image != NULL) {
        image->file = malloc(size);
    }
    if (image == NULL || image->file == NULL) {
        result = TG_E_NOMEM;
    } else {
        memcpy(image->file, bytes, size);
        image->file_bytes = size;
        result = read_elf(image, ram_bytes, error);
    }
    if (result == TG_OK) {
        *ret_image = image;
        return TG_OK;
    }
    tg_image_destroy(image);
    if (result == TG_E_NOMEM) {
        tg_fail(error, result, "image: the host has no memory for %zu bytes", size);
    }
    return result;
}

void tg_image_destroy(struct tg_image *image)
{
    if (image != NULL) {
        tg_symbols_finish(&image->symbols);
        free(image->file);
        free(image);
    }
}

uint32_t tg_image_entry(const struct tg_image *image)
{
    return image->entry;
}

void tg_image_copy_to_ram(const struct tg_image *image, struct tg_machine *machine)
{
    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct tg_segment *s = &image->segments[i];
        tg_ram_write(machine, s->paddr, image->file + s->file_offset, s->file_bytes);
    }
}

const char *tg_image_symbol(const struct tg_image *image, uint32_t address, uint32_t *ret_offset)
{
    return tg_symbols_find(&image->symbols, address, ret_offset);
}

const void *tg_image_file(const struct tg_image *image, size_t *ret_size)
{
    *ret_size = image->file_bytes;
    return image->file;
}

const char *tg_machine_symbol(const struct tg_machine *machine, uint32_t address,
                              uint32_t *ret_offset)
{
    return machine->image == NULL ? NULL : tg_image_symbol(machine->image, address, ret_offset);
}

bool tg_machine_find_symbol(const struct tg_machine *machine, const char *name,
                            uint32_t *ret_address, uint32_t *ret_paddr)
{
    const struct tg_image *image = machine->image;
    uint32_t address;

    if (image == NULL || !tg_symbols_find_name(&image->symbols, name, &address))
        return false;
    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct tg_segment *s = &image->segments[i];
        if (address - s->vaddr < s->memory_bytes) {
            *ret_address = address;
            if (ret_paddr != NULL)
                *ret_paddr = s->paddr + (address - s->vaddr);
            return true;
        }
    }
    return false;
}
