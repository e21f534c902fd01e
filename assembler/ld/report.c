/*
 * Messages. An error is one line that says what and where, with indented lines for more places and
 * for what helps. Places have a line number if the object has line information.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/options.h"
#include "ld/link.h"

/* Nobody reads more, and hostile inputs could ask for millions. */
#define MOST_ERRORS 100

static bool is_shown(const struct ld_link *link)
{
    return link->errors <= MOST_ERRORS;
}

/* Names come from files: what a terminal would obey is not printed. */
static void print_line(struct ld_link *link, const char *before, const char *format,
                       va_list arguments)
{
    char text[2000];

    vsnprintf(text, sizeof text, format, arguments);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    fprintf(link->messages, "%s%s\n", before, text);
}

void ld_error(struct ld_link *link, const char *format, ...)
{
    va_list arguments;

    if (++link->errors == MOST_ERRORS + 1)
        fprintf(link->messages, "tg-ld: further errors are not shown\n");
    if (!is_shown(link))
        return;
    va_start(arguments, format);
    print_line(link, "tg-ld: ", format, arguments);
    va_end(arguments);
}

void ld_error_at(struct ld_link *link, struct ld_place place, const char *format, ...)
{
    va_list arguments;
    char text[1000];

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (place.line)
        ld_error(link, "%s:%u: %s", place.file, place.line, text);
    else
        ld_error(link, "%s: %s", place.file, text);
}

void ld_note(struct ld_link *link, const char *format, ...)
{
    va_list arguments;

    if (!is_shown(link))
        return;
    va_start(arguments, format);
    print_line(link, "    ", format, arguments);
    va_end(arguments);
}

/* ", in main" for a place in main, for objects that have no line information. */
static const char *in_function(struct ld_link *link, const struct tg_obj *obj, uint32_t section,
                               uint32_t offset)
{
    const struct tg_obj_symbol *nearest = NULL;

    for (size_t i = 1; i < obj->symbol_count; i++) {
        const struct tg_obj_symbol *symbol = &obj->symbols[i];

        if (symbol->type == STT_FUNC && symbol->section == section && symbol->value <= offset &&
            (!nearest || nearest->value < symbol->value))
            nearest = symbol;
    }
    return nearest ? ld_format(link, ", in %s", nearest->name) : "";
}

const char *ld_where(struct ld_link *link, struct ld_input *input, uint32_t section,
                     uint32_t offset)
{
    const char *place =
        ld_format(link, "%s, %s+0x%x", input->name, input->obj->sections[section].name, offset);
    struct tg_line line;

    if (!input->has_tried_lines)
        input->lines = tg_lines_open(input->obj);
    input->has_tried_lines = true;
    if (!input->lines || !tg_lines_find(input->lines, section, offset, &line))
        return ld_format(link, "%s%s", place, in_function(link, input->obj, section, offset));
    return ld_format(link, "%s:%u (%s)", line.file, line.line, place);
}

const char *ld_where_defined(struct ld_link *link, const struct ld_symbol *symbol)
{
    if (symbol->section && symbol->section->index)
        return ld_where(link, symbol->input, symbol->section->index, symbol->value);
    if (symbol->input)
        return ld_format(link, "%s%s", symbol->input->name,
                         symbol->section || symbol->is_common ? ", common" : ", absolute");
    if (symbol->statement && symbol->statement->place.line)
        return ld_format(link, "%s:%u", symbol->statement->place.file,
                         symbol->statement->place.line);
    return symbol->statement ? symbol->statement->place.file : "the linker";
}

const char *ld_suggestion(struct ld_link *link, const char *name)
{
    const char **names, *near;
    size_t count = 0;

    if (!is_shown(link))
        return "";
    names = ld_alloc(link, (link->symbol_count + 1) * sizeof *names);
    for (size_t i = 0; i < link->symbol_count; i++)
        if (link->symbols[i]->is_defined)
            names[count++] = link->symbols[i]->name;
    near = nearest_name(name, names, count);
    return near ? ld_format(link, "; did you mean %s?", near) : "";
}
