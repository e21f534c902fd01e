/* Files, archives and what all parts need: names of places, texts that are safe to print. */
#include "objdump/dump.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void dump_text(FILE *to, const char *text)
{
    for (; *text; text++)
        fputc(isprint((unsigned char)*text) ? *text : '?', to);
}

bool dump_wants(const struct dump *dump, const struct tg_obj_section *section)
{
    return !dump->options->section || strcmp(dump->options->section, section->name) == 0;
}

uint32_t dump_base(const struct dump *dump, uint32_t section)
{
    return dump->obj->type == ET_EXEC ? dump->obj->sections[section].address : 0;
}

/* --- Names of places ---------------------------------------------------------------- */

static int compare_labels(const void *a, const void *b)
{
    const struct dump_label *first = a, *second = b;

    if (first->section != second->section)
        return first->section < second->section ? -1 : 1;
    if (first->value != second->value)
        return first->value < second->value ? -1 : 1;
    if (first->rank != second->rank)
        return first->rank > second->rank ? -1 : 1; /* the best is the last */
    return strcmp(second->name, first->name);
}

/* Marks of compilers and assemblers are no names for people. */
static bool is_name(const struct tg_obj_symbol *symbol)
{
    return symbol->type <= STT_FUNC && *symbol->name && symbol->name[0] != '$' &&
           strncmp(symbol->name, ".L", 2) != 0;
}

static bool find_labels(struct dump *dump)
{
    const struct tg_obj *obj = dump->obj;

    dump->labels = calloc(obj->symbol_count + 1, sizeof *dump->labels);
    if (!dump->labels)
        return false;
    for (size_t i = 1; i < obj->symbol_count; i++) {
        const struct tg_obj_symbol *symbol = &obj->symbols[i];
        uint8_t rank = symbol->type == STT_FUNC ? 0 : symbol->type == STT_OBJECT ? 2 : 4;

        if (symbol->section == TG_OBJ_UNDEFINED || symbol->section >= obj->section_count ||
            !is_name(symbol))
            continue;
        rank = (uint8_t)(rank + (symbol->binding == STB_LOCAL));
        dump->labels[dump->label_count++] =
            (struct dump_label){symbol->section, symbol->value, rank, symbol->name};
    }
    qsort(dump->labels, dump->label_count, sizeof *dump->labels, compare_labels);
    return true;
}

const struct dump_label *dump_label_before(const struct dump *dump, uint32_t section,
                                           uint32_t address)
{
    size_t low = 0, high = dump->label_count;

    while (low < high) { /* finds the number of labels at or before the place */
        size_t middle = (low + high) / 2;
        const struct dump_label *label = &dump->labels[middle];

        if (label->section < section || (label->section == section && label->value <= address))
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && dump->labels[low - 1].section == section ? &dump->labels[low - 1] : NULL;
}

/* The section that has an address in an executable; 0: none. */
static uint32_t section_at(const struct tg_obj *obj, uint32_t address)
{
    for (uint32_t i = 1; i < obj->section_count; i++)
        if (obj->sections[i].flags & SHF_ALLOC &&
            address - obj->sections[i].address < obj->sections[i].size_bytes)
            return i;
    return 0;
}

void dump_place(const struct dump *dump, uint32_t section, uint32_t address)
{
    const struct dump_label *label;

    if (dump->obj->type == ET_EXEC)
        section = section_at(dump->obj, address);
    label = section ? dump_label_before(dump, section, address) : NULL;
    if (!label)
        return;
    fputs(" <", dump->to);
    dump_text(dump->to, label->name);
    if (address != label->value)
        fprintf(dump->to, "+0x%x", address - label->value);
    fputc('>', dump->to);
}

static void print_offset(FILE *to, int32_t offset)
{
    uint32_t distance = offset < 0 ? 0 - (uint32_t)offset : (uint32_t)offset;

    if (offset)
        fprintf(to, "%c0x%x", offset < 0 ? '-' : '+', distance);
}

void dump_reloc(const struct dump *dump, const struct tg_obj_reloc *reloc)
{
    const struct tg_obj *obj = dump->obj;
    const struct tg_obj_symbol *symbol = &obj->symbols[reloc->symbol];

    fprintf(dump->to, "%-10s ", tg_reloc_info(reloc->kind)->name);
    if (!reloc->symbol) {
        fprintf(dump->to, "0x%x\n", (uint32_t)reloc->addend);
        return;
    }
    if (*symbol->name) {
        dump_text(dump->to, symbol->name);
    } else if (symbol->section < obj->section_count) { /* compilers' marks have no names */
        dump_text(dump->to, obj->sections[symbol->section].name);
        print_offset(dump->to, (int32_t)symbol->value);
    }
    print_offset(dump->to, reloc->addend);
    fputc('\n', dump->to);
}

/* --- Files -------------------------------------------------------------------------- */

bool dump_object(const struct tg_obj *obj, const struct dump_options *options, FILE *to)
{
    struct dump dump = {.options = options, .obj = obj, .to = to};
    bool is_found = find_labels(&dump);

    if (options->source || options->lines)
        dump.lines = tg_lines_open(obj);
    if (options->source)
        dump.sources = dump_sources_create();
    if (is_found) {
        dump_text(to, obj->name);
        fprintf(to, ": TG32 %s\n", obj->type == ET_EXEC ? "executable" : "object");
        if (options->headers)
            dump_headers(&dump);
        if (options->symbols)
            dump_symbols(&dump);
        if (options->relocs && !options->code)
            dump_relocs(&dump);
        if (options->contents)
            dump_contents(&dump);
        if (options->code)
            dump_code(&dump);
    }
    dump_sources_destroy(dump.sources);
    tg_lines_close(dump.lines);
    free(dump.labels);
    return is_found;
}

/* What is to be shown: a file, or a member of an archive. */
struct bytes {
    const char *name;
    const uint8_t *bytes;
    size_t size;
    bool is_member;
};

static bool has_section(const struct tg_obj *obj, const char *name)
{
    for (size_t i = 1; i < obj->section_count; i++)
        if (strcmp(obj->sections[i].name, name) == 0)
            return true;
    return false;
}

static bool dump_bytes(const struct bytes *file, const struct dump_options *options, FILE *to,
                       FILE *errors)
{
    struct tg_error error;
    struct tg_obj *obj;
    bool is_dumped;

    if (tg_obj_read(file->bytes, file->size, file->name, EM_TG32, &obj, &error)) {
        fputs("tg-objdump: ", errors);
        dump_text(errors, error.text);
        fputc('\n', errors);
        return false;
    }
    is_dumped = dump_object(obj, options, to);
    if (!is_dumped)
        fprintf(errors, "tg-objdump: no memory left\n");
    /* Not every member of an archive has each. */
    if (options->section && !file->is_member && !has_section(obj, options->section)) {
        fprintf(errors, "tg-objdump: %s: no section is called %s; -h lists all\n", file->name,
                options->section);
        is_dumped = false;
    }
    tg_obj_destroy(obj);
    return is_dumped;
}

static bool dump_member(const char *archive, const struct tg_archive_member *member,
                        const struct dump_options *options, FILE *to, FILE *errors)
{
    size_t room = strlen(archive) + strlen(member->name) + 3;
    char *name;
    bool is_dumped;

    if (member->size_bytes < SELFMAG || memcmp(member->bytes, ELFMAG, SELFMAG) != 0)
        return true; /* archives may hold other files too */
    name = malloc(room);
    if (!name) {
        fprintf(errors, "tg-objdump: no memory left\n");
        return false;
    }
    snprintf(name, room, "%s(%s)", archive, member->name);
    is_dumped = dump_bytes(&(struct bytes){name, member->bytes, member->size_bytes, true}, options,
                           to, errors);
    free(name);
    return is_dumped;
}

bool dump_file(const char *name, const uint8_t *bytes, size_t size,
               const struct dump_options *options, FILE *to, FILE *errors)
{
    struct tg_archive *archive;
    struct tg_error error;
    bool is_dumped = true;

    if (!tg_archive_is(bytes, size))
        return dump_bytes(&(struct bytes){name, bytes, size, false}, options, to, errors);
    if (tg_archive_read(bytes, size, name, &archive, &error)) {
        fputs("tg-objdump: ", errors);
        dump_text(errors, error.text);
        fputc('\n', errors);
        return false;
    }
    for (size_t i = 0; i < archive->count; i++) {
        if (i > 0)
            fputc('\n', to);
        is_dumped = dump_member(name, &archive->members[i], options, to, errors) && is_dumped;
    }
    tg_archive_destroy(archive);
    return is_dumped;
}
