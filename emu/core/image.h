/*
 * Inside of an image, shared by the two files that read ELF: loader.c (headers and segments) and
 * symbols.c. Everyone else uses loader.h.
 */
#ifndef TG_IMAGE_H
#define TG_IMAGE_H

#include <libelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isa/elf_tg32.h"

/* A PT_LOAD segment that takes memory. All ranges have been checked: the file's lies in the file,
 * memory's in RAM. */
struct tg_segment {
    uint32_t index; /* of its program header */
    uint32_t file_offset, file_bytes;
    uint32_t vaddr, paddr, memory_bytes;
    bool is_executable;
};

struct tg_symbol {
    uint32_t address, size_bytes; /* size 0: not stated */
    uint32_t name;                /* offset in names */
    uint8_t rank;                 /* which of several at one address a report names: the lowest */
};

struct tg_symbols {
    struct tg_symbol *rows; /* by address, one an address */
    size_t count;
    char *names;
};

struct tg_image {
    uint8_t *file;
    size_t file_bytes;
    uint32_t entry;
    struct tg_segment segments[TG_ELF_MAX_SEGMENTS];
    uint32_t segment_count;
    struct tg_symbols symbols;
};

/* Reads the symbols of an executable. They serve reports only, so what is wrong with them is left
 * out and never a reason to refuse the image. TG_OK or TG_E_NOMEM. */
int tg_symbols_read(struct tg_symbols *symbols, Elf *elf);
void tg_symbols_finish(struct tg_symbols *symbols);
const char *tg_symbols_find(const struct tg_symbols *symbols, uint32_t address,
                            uint32_t *ret_offset);
/* The other way round, by the names that addresses have; false: none. Goes through all. */
bool tg_symbols_find_name(const struct tg_symbols *symbols, const char *name, uint32_t *ret_address);

#endif
