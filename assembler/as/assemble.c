/* A run of the assembler from source to object. See as.h. */
#include <stdlib.h>
#include <string.h>

#include "as/as.h"
#include "as/constants.h"
#include "as/emit.h"
#include "as/expressions.h"
#include "as/input.h"
#include "as/report.h"
#include "as/sections.h"
#include "as/statements.h"
#include "as/symbols.h"

static void begin(struct assembly *as, const struct as_options *options)
{
    const struct constant *constant;

    *as = (struct assembly){.options = options};
    as->last_symbol = &as->first_symbol;
    as->last_section = &as->first_section;
    as->statement = "";
    as->line_limit = options->line_limit ? options->line_limit : AS_MAX_LINES;
    as->byte_limit = options->byte_limit ? options->byte_limit : AS_MAX_BYTES;
    add_words(as);
    for (size_t i = 0; (constant = constant_row(i)) != NULL; i++)
        define_constant(as, constant->name, constant->value);
    as->section = use_section(as, slice_of(".text"));
}

/* "NAME" or "NAME=VALUE" of the command line. */
static bool define_option(struct assembly *as, const char *define)
{
    struct slice text = slice_of(define), name;
    const struct loaded *file = load_text(as, define, define, text.length);
    struct origin *origin = arena_alloc(&as->arena, sizeof *origin);
    struct value value = {.number = 1};

    *origin = (struct origin){.path = "-D",
                              .original = file->original,
                              .text = file->text,
                              .end = file->text + text.length};
    as->spot = (struct spot){origin, file->text, 1, 0};
    as->at = as->statement = file->text;
    as->end = file->text + text.length;
    name = take_name(as);
    if (name.length == 0)
        return error_here(as, NULL, "expected NAME or NAME=VALUE");
    if (accept(as, '=') && !take_value(as, &value))
        return false;
    if (!expect_end(as) || !define_equal(as, name, name.at, value))
        return false;
    find_symbol(as, name)->is_predefined = true;
    as->spot = (struct spot){0};
    return true;
}

static void finish(struct assembly *as)
{
    while (as->input) {
        struct input *outer = as->input->outer;

        free(as->input);
        as->input = outer;
    }
    for (struct section *section = as->first_section; section; section = section->next) {
        buffer_finish(&section->bytes);
        free(section->points);
        free(section->fixups);
        free(section->lines);
        free(section->relocs);
    }
    free(as->conditions);
    free(as->listed);
    names_finish(&as->words);
    names_finish(&as->symbols);
    names_finish(&as->numeric);
    names_finish(&as->files);
    names_finish(&as->section_names);
    arena_finish(&as->arena);
}

/* Reads what has been pushed, and makes the object. */
static struct tg_obj *run(struct assembly *as)
{
    struct tg_obj *obj = NULL;

    read_statements(as);
    if (as->is_stopped)
        return NULL;
    lay_out(as);
    check_symbols(as);
    if (as->errors == 0) {
        obj = make_object(as, as->path);
        if (!obj)
            error_at(as, &(struct spot){0}, "too many symbols or sections, or no memory left");
    }
    if (obj && (as->errors > 0 || (as->options->is_strict && as->warnings > 0))) {
        tg_obj_destroy(obj);
        obj = NULL;
    }
    return obj;
}

static struct tg_obj *assemble_file(struct assembly *as, const struct loaded *file,
                                    struct buffer *listing)
{
    struct tg_obj *obj = NULL;

    as->path = file->path;
    for (size_t i = 0; i < as->options->define_count; i++)
        define_option(as, as->options->defines[i]);
    if (as->errors == 0 && push_file(as, file))
        obj = run(as);
    if (listing)
        write_listing(as, as->path, listing);
    return obj;
}

struct tg_obj *assemble_text(const char *path, const char *text, size_t length,
                             const struct as_options *options, struct buffer *listing)
{
    struct assembly as;
    struct tg_obj *obj;

    begin(&as, options);
    obj = assemble_file(&as, load_text(&as, path, text, length), listing);
    finish(&as);
    return obj;
}

struct tg_obj *assemble(const char *path, const struct as_options *options, struct buffer *listing)
{
    struct assembly as;
    struct tg_obj *obj = NULL;
    const struct loaded *file;

    begin(&as, options);
    file = load_file(&as, path, NULL);
    if (file)
        obj = assemble_file(&as, file, listing);
    finish(&as);
    return obj;
}
