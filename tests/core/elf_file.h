/*
 * A small, right TG32 executable as bytes, to be made wrong a number at a time. Written by hand
 * from the ELF specification, without the library that the loader uses.
 */
#ifndef TG_ELF_FILE_H
#define TG_ELF_FILE_H

#include <stddef.h>
#include <stdint.h>

enum {
    ELF_FILE_BYTES = 1024,
    /* where things are in the file */
    ELF_PHDR = 52,  /* 2 of 32 bytes */
    ELF_TEXT = 128, /* 32 bytes, loaded at ELF_TEXT_PADDR */
    ELF_DATA = 160, /* 16 bytes, loaded at ELF_DATA_PADDR, 64 in memory */
    ELF_SYMTAB = 176,
    ELF_SYMBOLS = 8,
    ELF_STRTAB = ELF_SYMTAB + 16 * ELF_SYMBOLS,
    ELF_STRTAB_BYTES = 64,
    ELF_SHDR = ELF_STRTAB + ELF_STRTAB_BYTES, /* null, symtab, strtab; 40 bytes each */
    ELF_END = ELF_SHDR + 3 * 40,
    /* where they go */
    ELF_TEXT_PADDR = 0x1000,
    ELF_DATA_PADDR = 0x3000
};

struct elf_file {
    uint8_t bytes[ELF_FILE_BYTES];
    size_t size;
};

/* Text: t0 = t0 + 1 for ever. Symbols: start (function, 16 bytes, address of text), Lend (label at
 * text + 16), table (object, 8 bytes, address of data). */
void elf_file_init(struct elf_file *file);

/* Puts a little-endian number of width bytes at offset. */
void elf_file_put(struct elf_file *file, size_t offset, unsigned width, uint32_t value);

#endif
