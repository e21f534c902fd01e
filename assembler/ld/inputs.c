/*
 * The files given to the linker: objects take part at once, members of archives when something
 * needs them, wherever the archive stands on the command line.
 */
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "ld/link.h"

/* Reads an object; NULL after a message. */
static struct ld_input *read_object(struct ld_link *link, const char *name, const uint8_t *bytes,
                                    size_t size)
{
    struct ld_input *input = ld_alloc(link, sizeof *input);
    struct tg_error error;
    struct tg_obj *obj;

    input->name = name;
    if (tg_obj_read(bytes, size, name, EM_TG32, &input->obj, &error)) {
        ld_error(link, "%s", error.text);
        return NULL;
    }
    obj = input->obj;
    LD_ADD_TO(link, link->inputs, link->input_count, input);
    if (obj->type != ET_REL) {
        ld_error(link, "%s: expected an object, found an executable that is linked already", name);
        return NULL;
    }
    ld_shorten(link, obj);
    input->sections = ld_alloc(link, obj->section_count * sizeof *input->sections);
    input->symbols = ld_alloc(link, obj->symbol_count * sizeof(struct ld_symbol *));
    for (uint32_t i = 1; i < obj->section_count; i++) {
        input->sections[i] =
            (struct ld_section){.input = input, .from = &obj->sections[i], .index = i};
        input->has_companions |= obj->sections[i].group || obj->sections[i].link;
    }
    return input;
}

/* Notes which symbols a member of an archive would define. The first of several offers counts. */
static void offer_member(struct ld_link *link, struct ld_input *input)
{
    for (size_t i = 1; i < input->obj->symbol_count; i++) {
        const struct tg_obj_symbol *from = &input->obj->symbols[i];
        struct ld_symbol *symbol;

        if (from->binding == STB_LOCAL || from->section == TG_OBJ_UNDEFINED)
            continue;
        symbol = ld_symbol(link, from->name);
        if (!symbol->offer)
            symbol->offer = input;
    }
}

static void add_archive(struct ld_link *link, const char *name, const uint8_t *bytes, size_t size)
{
    struct tg_archive *archive;
    struct tg_error error;

    if (tg_archive_read(bytes, size, name, &archive, &error)) {
        ld_error(link, "%s", error.text);
        return;
    }
    for (size_t i = 0; i < archive->count; i++) {
        const struct tg_archive_member *member = &archive->members[i];
        struct ld_input *input;

        if (member->size_bytes < SELFMAG || memcmp(member->bytes, ELFMAG, SELFMAG) != 0)
            continue; /* archives may hold other files too */
        input = read_object(link, ld_format(link, "%s(%s)", name, member->name), member->bytes,
                            member->size_bytes);
        if (!input)
            break; /* one message for an archive of a hundred bad members */
        input->archive = name;
        if (link->options.has_whole_archive)
            ld_resolve_input(link, input);
        else
            offer_member(link, input);
    }
    tg_archive_destroy(archive);
}

void ld_add_bytes(struct ld_link *link, const char *name, const uint8_t *bytes, size_t size)
{
    struct ld_input *input;

    name = ld_text(link, name, strlen(name));
    if (tg_archive_is(bytes, size)) {
        add_archive(link, name, bytes, size);
        return;
    }
    input = read_object(link, name, bytes, size);
    if (input)
        ld_resolve_input(link, input);
}

void ld_add_file(struct ld_link *link, const char *path, const char *called)
{
    struct file_bytes file;

    if (!file_read("input", path, TG_OBJ_MAX_BYTES, &file)) {
        link->errors++;
        return;
    }
    ld_add_bytes(link, called ? called : path, file.bytes, file.size);
    free(file.bytes);
}

void ld_add_library(struct ld_link *link, const char *name)
{
    const char *searched = "";

    for (size_t i = 0; i < link->options.folder_count; i++) {
        const char *path = ld_format(link, "%s/lib%s.a", link->options.folders[i], name);
        FILE *file = fopen(path, "rb");

        if (file) {
            fclose(file);
            ld_add_file(link, path, NULL);
            return;
        }
        searched = ld_format(link, "%s%s%s", searched, i ? ", " : "", link->options.folders[i]);
    }
    ld_error(link, "library -l%s: no file lib%s.a in %s", name, name,
             *searched ? searched : "any folder, because none is given with -L");
}

void ld_pull_members(struct ld_link *link)
{
    bool has_pulled = true;

    while (has_pulled) {
        has_pulled = false;
        for (size_t i = 0; i < link->symbol_count; i++) {
            struct ld_symbol *symbol = link->symbols[i];
            struct ld_input *offer = symbol->offer;

            if (!symbol->is_used || symbol->is_defined || symbol->is_weak || !offer ||
                offer->takes_part)
                continue;
            offer->pulled_by = symbol;
            ld_resolve_input(link, offer);
            has_pulled = true;
        }
    }
}

void ld_visit_sections(struct ld_link *link,
                       void (*visit)(struct ld_link *link, struct ld_section *section))
{
    for (size_t i = 0; i < link->input_count; i++) {
        struct ld_input *input = link->inputs[i];

        for (uint32_t k = 1; input->takes_part && k < input->obj->section_count; k++)
            if (!input->sections[k].dropped)
                visit(link, &input->sections[k]);
    }
    for (size_t i = 0; i < link->common_count; i++)
        if (!link->commons[i]->dropped)
            visit(link, link->commons[i]);
}
