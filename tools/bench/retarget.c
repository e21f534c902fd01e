/*
 * bench-retarget IN OUT: makes a TG32 executable of a linked riscv32 one, for the benchmark only.
 * Linked means that every offset and address is in place already, and as each instruction becomes
 * one of the same size they all stay right: only the words of executable sections are translated
 * (docs/isa.md section 11), and the ELF header says TG32.
 */
#include <errno.h>
#include <inttypes.h>
#include <libelf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa/elf_tg32.h"
#include "isa/rv32.h"

static _Noreturn void fail(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fputs("bench-retarget: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static char *read_file(const char *path, size_t *ret_size)
{
    FILE *file = fopen(path, "rb");
    long size;
    char *bytes;

    if (!file || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0)
        fail("cannot read %s: %s", path, strerror(errno));
    rewind(file);
    bytes = malloc((size_t)size + 1);
    if (!bytes || fread(bytes, 1, (size_t)size, file) != (size_t)size)
        fail("cannot read %s: %s", path, strerror(errno));
    fclose(file);
    *ret_size = (size_t)size;
    return bytes;
}

static void write_file(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");

    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        fail("cannot write %s: %s", path, strerror(errno));
}

/* Translates one section in place. */
static void translate(const char *path, const Elf32_Shdr *header, char *bytes, size_t size)
{
    if (header->sh_offset > size || header->sh_size > size - header->sh_offset)
        fail("%s: a section lies outside the file", path);
    for (uint32_t at = 0; at + 4 <= header->sh_size; at += 4) {
        char *place = bytes + header->sh_offset + at;
        enum tg_rv32_result result;
        uint32_t word;

        memcpy(&word, place, sizeof word);
        result = tg_rv32_translate_word(word, &word);
        if (result != TG_RV32_OK)
            fail("%s: address 0x%08" PRIx32 ", word 0x%08" PRIx32 ": cannot translate: %s", path,
                 header->sh_addr + at, word, tg_rv32_reason(result));
        memcpy(place, &word, sizeof word);
    }
}

int main(int argc, char **argv)
{
    Elf32_Ehdr *header;
    Elf_Scn *section = NULL;
    size_t size, translated = 0;
    char *bytes;
    Elf *elf;

    if (argc != 3) {
        fputs("usage: bench-retarget RISCV-EXECUTABLE TG32-EXECUTABLE\n", stderr);
        return 2;
    }
    elf_version(EV_CURRENT);
    bytes = read_file(argv[1], &size);
    elf = elf_memory(bytes, size);
    header = elf32_getehdr(elf);
    if (!header || header->e_machine != EM_RISCV || header->e_type != ET_EXEC)
        fail("%s: not a riscv32 executable", argv[1]);
    while ((section = elf_nextscn(elf, section))) {
        const Elf32_Shdr *row = elf32_getshdr(section);

        if (!row || row->sh_type != SHT_PROGBITS || !(row->sh_flags & SHF_EXECINSTR))
            continue;
        translate(argv[1], row, bytes, size);
        translated++;
    }
    if (translated == 0)
        fail("%s: no section with instructions; was the file cut short or stripped?", argv[1]);
    elf_end(elf);
    header = (Elf32_Ehdr *)(void *)bytes;
    header->e_machine = EM_TG32;
    header->e_flags = EF_TG32_NONE;
    write_file(argv[2], bytes, size);
    free(bytes);
    return 0;
}
