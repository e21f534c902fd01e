/* See elf_file.h. */
#include "elf_file.h"

#include <string.h>

#include "isa/isa.h"

void elf_file_put(struct elf_file *file, size_t offset, unsigned width, uint32_t value)
{
    for (unsigned i = 0; i < width; i++) {
        file->bytes[offset + i] = (uint8_t)(value >> (8 * i));
    }
}

static void put_words(struct elf_file *file, size_t offset, const uint32_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        elf_file_put(file, offset + 4 * i, 4, words[i]);
    }
}

static void put_header(struct elf_file *file)
{
    static const uint8_t ident[16] = {0x7f, 'E', 'L', 'F', 1, 1, 1};
    memcpy(file->bytes, ident, sizeof ident);
    elf_file_put(file, 16, 2, 2);      /* executable */
    elf_file_put(file, 18, 2, 0x5447); /* TG32 */
    elf_file_put(file, 20, 4, 1);
    elf_file_put(file, 24, 4, ELF_TEXT_PADDR); /* entry */
    elf_file_put(file, 28, 4, ELF_PHDR);
    elf_file_put(file, 32, 4, ELF_SHDR);
    elf_file_put(file, 36, 4, 0);
    elf_file_put(file, 40, 2, 52);
    elf_file_put(file, 42, 2, 32);
    elf_file_put(file, 44, 2, 2);
    elf_file_put(file, 46, 2, 40);
    elf_file_put(file, 48, 2, 3);
    elf_file_put(file, 50, 2, 2);
}

static void put_symbol(struct elf_file *file, uint32_t index, const uint32_t words[3],
                       uint32_t info)
{
    size_t at = ELF_SYMTAB + 16 * index;
    put_words(file, at, words, 3); /* name, value, size */
    elf_file_put(file, at + 12, 1, info);
    elf_file_put(file, at + 14, 2, 1); /* in a section */
}

void elf_file_init(struct elf_file *file)
{
    *file = (struct elf_file){.size = ELF_END};
    put_header(file);
    /* type, offset, vaddr, paddr, filesz, memsz, flags, align */
    put_words(file, ELF_PHDR, (uint32_t[]){1, ELF_TEXT, 0x1000, ELF_TEXT_PADDR, 32, 32, 5, 4}, 8);
    put_words(file, ELF_PHDR + 32, (uint32_t[]){1, ELF_DATA, 0x3000, ELF_DATA_PADDR, 16, 64, 6, 4},
              8);
    put_words(file, ELF_TEXT,
              (uint32_t[]){tg_word_i(TG_INSN_ADDI, 5, 5, 1), tg_word_i(TG_INSN_JAL, 0, 0, -4)}, 2);
    put_words(file, ELF_DATA, (uint32_t[]){1, 2, 3, 4}, 4);
    memcpy(file->bytes + ELF_STRTAB, "\0start\0Lend\0table\0", 18);
    put_symbol(file, 1, (uint32_t[]){1, ELF_TEXT_PADDR, 16}, 0x12);
    put_symbol(file, 2, (uint32_t[]){7, ELF_TEXT_PADDR + 16, 0}, 0x00);
    put_symbol(file, 3, (uint32_t[]){12, ELF_DATA_PADDR, 8}, 0x11);
    /* name, type, flags, addr, offset, size, link, info, addralign, entsize */
    put_words(file, ELF_SHDR + 40,
              (uint32_t[]){0, 2, 0, 0, ELF_SYMTAB, 16 * ELF_SYMBOLS, 2, 0, 4, 16}, 10);
    put_words(file, ELF_SHDR + 80,
              (uint32_t[]){0, 3, 0, 0, ELF_STRTAB, ELF_STRTAB_BYTES, 0, 0, 1, 0}, 10);
}
