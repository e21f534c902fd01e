/* Section headers, segments, symbols, relocations, contents. */
#include <ctype.h>
#include <string.h>

#include "objdump/dump.h"

struct word {
    uint32_t number;
    const char *text;
};

/* The text of a number in a table that ends with NULL; "?" if it has none. */
static const char *word_of(const struct word *words, uint32_t number)
{
    while (words->text && words->number != number)
        words++;
    return words->text ? words->text : "?";
}

static const struct word section_types[] = {
    {SHT_PROGBITS, "bytes"},  {SHT_NOBITS, "zeros"},
    {SHT_NOTE, "note"},       {SHT_INIT_ARRAY, "init"},
    {SHT_FINI_ARRAY, "fini"}, {SHT_PREINIT_ARRAY, "preinit"},
    {SHT_STRTAB, "strings"},  {0, NULL}};
static const struct word section_flags[] = {
    {SHF_ALLOC, "alloc"},      {SHF_WRITE, "write"},     {SHF_EXECINSTR, "execute"},
    {SHF_TLS, "thread"},       {SHF_MERGE, "merge"},     {SHF_STRINGS, "texts"},
    {SHF_LINK_ORDER, "order"}, {SHF_EXCLUDE, "exclude"}, {0, NULL}};
static const struct word bindings[] = {
    {STB_LOCAL, "local"}, {STB_GLOBAL, "global"}, {STB_WEAK, "weak"}, {0, NULL}};
static const struct word symbol_types[] = {
    {STT_NOTYPE, "-"},  {STT_OBJECT, "object"}, {STT_FUNC, "func"},  {STT_SECTION, "section"},
    {STT_FILE, "file"}, {STT_COMMON, "common"}, {STT_TLS, "thread"}, {0, NULL}};

static void print_flags(FILE *to, uint32_t flags)
{
    for (const struct word *word = section_flags; word->text; word++)
        if (flags & word->number)
            fprintf(to, " %s", word->text);
}

void dump_headers(const struct dump *dump)
{
    const struct tg_obj *obj = dump->obj;

    fprintf(dump->to, "\nSections:\n%4s %-20s %-8s %-8s %5s %-7s flags\n", "no", "name", "address",
            "size", "align", "type");
    for (size_t i = 1; i < obj->section_count; i++) {
        const struct tg_obj_section *section = &obj->sections[i];

        if (!dump_wants(dump, section))
            continue;
        fprintf(dump->to, "%4zu ", i);
        dump_text(dump->to, section->name);
        fprintf(dump->to, "%*s %08x %08x %5u %-7s",
                strlen(section->name) < 20 ? 20 - (int)strlen(section->name) : 0, "",
                section->address, section->size_bytes, section->align,
                word_of(section_types, section->type));
        print_flags(dump->to, section->flags);
        fputc('\n', dump->to);
    }
    if (obj->type != ET_EXEC)
        return;
    fprintf(dump->to, "\nEntry: 0x%08x\n\nSegments:\n%-8s %-8s %-8s %-8s access\n", obj->entry,
            "address", "load", "file", "memory");
    for (size_t i = 0; i < obj->segment_count; i++)
        fprintf(dump->to, "%08x %08x %08x %08x %c%c%c\n", obj->segments[i].vaddr,
                obj->segments[i].paddr, obj->segments[i].file_bytes, obj->segments[i].memory_bytes,
                obj->segments[i].flags & PF_R ? 'r' : '-',
                obj->segments[i].flags & PF_W ? 'w' : '-',
                obj->segments[i].flags & PF_X ? 'x' : '-');
}

static const char *section_of(const struct tg_obj *obj, const struct tg_obj_symbol *symbol)
{
    if (symbol->section == TG_OBJ_UNDEFINED)
        return "(undefined)";
    if (symbol->section == TG_OBJ_COMMON)
        return "(common)";
    return symbol->section < obj->section_count ? obj->sections[symbol->section].name
                                                : "(absolute)";
}

void dump_symbols(const struct dump *dump)
{
    const struct tg_obj *obj = dump->obj;

    fprintf(dump->to, "\nSymbols:\n%-8s %-8s %-7s %-7s %-12s name\n", "value", "size", "binding",
            "type", "section");
    for (size_t i = 1; i < obj->symbol_count; i++) {
        const struct tg_obj_symbol *symbol = &obj->symbols[i];
        const char *section = section_of(obj, symbol);

        if (dump->options->section && strcmp(dump->options->section, section) != 0)
            continue;
        fprintf(dump->to, "%08x %08x %-7s %-7s ", symbol->value, symbol->size_bytes,
                word_of(bindings, symbol->binding), word_of(symbol_types, symbol->type));
        dump_text(dump->to, section);
        fprintf(dump->to, "%*s ", strlen(section) < 12 ? 12 - (int)strlen(section) : 0, "");
        dump_text(dump->to, symbol->name);
        fputc('\n', dump->to);
    }
}

void dump_relocs(const struct dump *dump)
{
    for (size_t i = 1; i < dump->obj->section_count; i++) {
        const struct tg_obj_section *section = &dump->obj->sections[i];

        if (!section->reloc_count || !dump_wants(dump, section))
            continue;
        fputs("\nRelocations of ", dump->to);
        dump_text(dump->to, section->name);
        fprintf(dump->to, ":\noffset   kind       symbol\n");
        for (size_t k = 0; k < section->reloc_count; k++) {
            fprintf(dump->to, "%08x ", section->relocs[k].offset);
            dump_reloc(dump, &section->relocs[k]);
        }
    }
}

static void print_row(const struct dump *dump, uint32_t address, const uint8_t *bytes,
                      uint32_t count)
{
    fprintf(dump->to, "%08x ", address);
    for (uint32_t i = 0; i < 16; i++) {
        if (i % 4 == 0)
            fputc(' ', dump->to);
        if (i < count)
            fprintf(dump->to, "%02x", bytes[i]);
        else
            fputs("  ", dump->to);
    }
    fputs("  ", dump->to);
    for (uint32_t i = 0; i < count; i++)
        fputc(isprint(bytes[i]) ? bytes[i] : '.', dump->to);
    fputc('\n', dump->to);
}

void dump_contents(const struct dump *dump)
{
    for (uint32_t i = 1; i < dump->obj->section_count; i++) {
        const struct tg_obj_section *section = &dump->obj->sections[i];

        if (!section->bytes || !section->size_bytes || !dump_wants(dump, section))
            continue;
        fputs("\nContents of ", dump->to);
        dump_text(dump->to, section->name);
        fputs(":\n", dump->to);
        for (uint32_t at = 0; at < section->size_bytes; at += 16) {
            uint32_t rest = section->size_bytes - at;

            print_row(dump, dump_base(dump, i) + at, section->bytes + at, rest < 16 ? rest : 16);
        }
    }
}
