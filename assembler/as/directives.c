/* Directives of sections, symbols and files, and the table of all. See directives.def and
 * directives.h. */
#include "as/directives.h"

#include <inttypes.h>
#include <string.h>

#include "as/expressions.h"
#include "as/input.h"
#include "as/report.h"
#include "as/sections.h"
#include "as/statements.h"
#include "as/symbols.h"

/* --- Sections -----------------------------------------------------------------------------------
 */

struct section_stack {
    struct section *section, *previous;
    struct section_stack *outer;
};

bool enter_named(struct assembly *as, int argument)
{
    struct slice name = {as->statement, (size_t)(as->at - as->statement)};

    (void)argument;
    enter_section(as, use_section(as, name));
    return true;
}

static bool take_flags(struct assembly *as, uint32_t *ret_flags)
{
    static const struct {
        char letter;
        uint32_t flag;
    } letters[] = {{'a', SHF_ALLOC}, {'w', SHF_WRITE},   {'x', SHF_EXECINSTR},
                   {'M', SHF_MERGE}, {'S', SHF_STRINGS}, {'T', SHF_TLS}};
    const char *start = (skip_blanks(as), as->at);
    struct slice text;

    if (!take_string(as, &text))
        return false;
    *ret_flags = 0;
    for (size_t i = 0; i < text.length; i++) {
        size_t row = 0;

        while (row < sizeof letters / sizeof letters[0] && letters[row].letter != text.at[i])
            row++;
        if (row == sizeof letters / sizeof letters[0])
            return error_here(as, start, "unknown flag \"%c\"; known are a w x M S T", text.at[i]);
        *ret_flags |= letters[row].flag;
    }
    return true;
}

static bool take_type(struct assembly *as, uint32_t *ret_type)
{
    static const struct {
        const char *name;
        uint32_t type;
    } types[] = {{"progbits", SHT_PROGBITS},
                 {"nobits", SHT_NOBITS},
                 {"note", SHT_NOTE},
                 {"init_array", SHT_INIT_ARRAY},
                 {"fini_array", SHT_FINI_ARRAY}};
    struct slice name;

    if (!accept(as, '@') && !accept(as, '%'))
        return error_here(as, NULL, "expected a type such as @progbits, found %s", what_comes(as));
    name = take_name(as);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (slice_is(name, types[i].name)) {
            *ret_type = types[i].type;
            return true;
        }
    return error_here(as, name.at,
                      "unknown type of section; known are @progbits, @nobits, @note, @init_array "
                      "and @fini_array");
}

/* A name, or a text in quotes. */
static bool take_section_name(struct assembly *as, struct slice *ret_name)
{
    if (!skip_blanks(as) && *as->at == '"')
        return take_string(as, ret_name);
    ret_name->at = as->at;
    while (as->at < as->end && (is_name_part(*as->at) || *as->at == '-'))
        as->at++;
    ret_name->length = (size_t)(as->at - ret_name->at);
    return ret_name->length > 0 ||
           error_here(as, NULL, "expected the name of a section, found %s", what_comes(as));
}

/* After the name: flags, type, size of an element. */
static bool take_properties(struct assembly *as, struct section *section, bool is_new)
{
    uint32_t flags = section->flags, type = section->type;
    int64_t entry = 0;

    if (accept(as, ',') &&
        (!take_flags(as, &flags) ||
         (accept(as, ',') && (!take_type(as, &type) ||
                              (accept(as, ',') && !take_number(as, "size", 1, 4096, &entry))))))
        return false;
    if (!is_new && (flags != section->flags || type != section->type))
        return error_here(as, as->statement, "section %s has other flags or another type before",
                          section->name);
    if ((flags & SHF_MERGE) && entry == 0)
        return error_here(as, NULL,
                          "flag M needs the size of an element: "
                          ".section %s, \"...\", @progbits, SIZE",
                          section->name);
    section->flags = flags;
    section->type = type;
    section->entry_bytes = (uint32_t)entry;
    if (flags & SHF_EXECINSTR && section->align < 4)
        section->align = 4;
    return expect_end(as);
}

bool enter_any(struct assembly *as, int is_pushed)
{
    struct section *section;
    struct slice name;
    bool is_new;

    if (!take_section_name(as, &name))
        return false;
    is_new = names_find(&as->section_names, name) == NULL;
    section = use_section(as, name);
    if (!take_properties(as, section, is_new))
        return false;
    if (is_pushed) {
        struct section_stack *pushed = arena_alloc(&as->arena, sizeof *pushed);

        *pushed = (struct section_stack){as->section, as->previous, as->section_stack};
        as->section_stack = pushed;
    }
    enter_section(as, section);
    return true;
}

bool leave_section(struct assembly *as, int is_popped)
{
    if (!is_popped) {
        if (!as->previous)
            return error_here(as, as->statement, "there is no section before this one");
        enter_section(as, as->previous);
        return expect_end(as);
    }
    if (!as->section_stack)
        return error_here(as, as->statement, ".popsection without .pushsection");
    as->section = as->section_stack->section;
    as->previous = as->section_stack->previous;
    as->section_stack = as->section_stack->outer;
    return expect_end(as);
}

/* --- Symbols ------------------------------------------------------------------------------------
 */

static bool take_symbol_name(struct assembly *as, struct slice *ret_name)
{
    *ret_name = take_name(as);
    if (ret_name->length == 0)
        return error_here(as, NULL, "expected the name of a symbol, found %s", what_comes(as));
    if (slice_is(*ret_name, "."))
        return error_here(as, ret_name->at, "\".\" is no name of a symbol");
    return true;
}

bool bind_symbols(struct assembly *as, int binding)
{
    do {
        struct slice name;
        struct symbol *symbol;

        if (!take_symbol_name(as, &name))
            return false;
        symbol = find_symbol(as, name);
        if (symbol->is_binding_given && symbol->binding != binding &&
            (symbol->binding == STB_LOCAL || binding == STB_LOCAL))
            return error_here(as, name.at, "\"%.*s\" is declared both local and global",
                              SLICE(name));
        if (!symbol->is_binding_given)
            symbol->first_used = spot_here(as, name.at);
        /* Weak wins over global, as the more particular. */
        if (!symbol->is_binding_given || binding == STB_WEAK)
            symbol->binding = (uint8_t)binding;
        symbol->is_binding_given = true;
    } while (accept(as, ','));
    return expect_end(as);
}

bool hide_symbols(struct assembly *as, int visibility)
{
    do {
        struct slice name;

        if (!take_symbol_name(as, &name))
            return false;
        find_symbol(as, name)->visibility = (uint8_t)visibility;
    } while (accept(as, ','));
    return expect_end(as);
}

bool set_type(struct assembly *as, int argument)
{
    static const struct {
        const char *name;
        uint8_t type;
    } types[] = {{"function", STT_FUNC},
                 {"object", STT_OBJECT},
                 {"tls_object", STT_TLS},
                 {"notype", STT_NOTYPE}};
    struct slice name, type;

    (void)argument;
    if (!take_symbol_name(as, &name) || !expect(as, ','))
        return false;
    if (!accept(as, '@'))
        accept(as, '%');
    type = take_name(as);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (slice_is(type, types[i].name)) {
            find_symbol(as, name)->type = types[i].type;
            return expect_end(as);
        }
    return error_here(as, type.at,
                      "unknown type of symbol; known are @function, @object, @tls_object and "
                      "@notype");
}

bool set_size(struct assembly *as, int argument)
{
    struct symbol *symbol;
    struct slice name;

    (void)argument;
    if (!take_symbol_name(as, &name) || !expect(as, ','))
        return false;
    symbol = find_symbol(as, name);
    symbol->has_size = true;
    return take_value(as, &symbol->size_bytes) && expect_end(as);
}

static bool is_power_of_two(int64_t number)
{
    return number > 0 && (number & (number - 1)) == 0;
}

bool make_common(struct assembly *as, int binding)
{
    struct symbol *symbol;
    struct slice name;
    int64_t bytes, align = 1;

    if (!take_symbol_name(as, &name) || !expect(as, ',') ||
        !take_number(as, "size", 0, INT32_MAX, &bytes) ||
        (accept(as, ',') && !take_number(as, "alignment", 1, 65536, &align)))
        return false;
    if (!is_power_of_two(align))
        return error_here(as, as->statement, "alignment %" PRId64 " is no power of two", align);
    if (binding == STB_LOCAL) {
        struct section *present = as->section;

        as->section = use_section(as, slice_of(".bss"));
        add_point(as, POINT_ALIGN)->align = (uint32_t)align;
        as->section->points[as->section->point_count - 1].limit = UINT32_MAX;
        if (as->section->align < align)
            as->section->align = (uint32_t)align;
        bool is_defined = define_label(as, name) && add_room(as, (uint64_t)bytes, 0);
        as->section = present;
        return is_defined && expect_end(as);
    }
    symbol = find_symbol(as, name);
    if (symbol->state != SYMBOL_UNDEFINED && symbol->state != SYMBOL_COMMON)
        return error_here(as, name.at, "\"%.*s\" is defined already%s", SLICE(name),
                          defined_where(as, &symbol->defined));
    symbol->state = SYMBOL_COMMON;
    symbol->binding = STB_GLOBAL;
    symbol->is_binding_given = true;
    symbol->type = STT_OBJECT;
    symbol->common_bytes = (uint32_t)bytes;
    symbol->common_align = (uint32_t)align;
    return expect_end(as);
}

bool set_equal(struct assembly *as, int argument)
{
    struct slice name;
    struct value value;

    (void)argument;
    return take_symbol_name(as, &name) && expect(as, ',') && take_value(as, &value) &&
           define_equal(as, name, name.at, value) && expect_end(as);
}

bool set_file(struct assembly *as, int argument)
{
    struct slice name;

    (void)argument;
    if (!take_string(as, &name))
        return false;
    as->file_name = arena_text(&as->arena, name.at, name.length);
    return expect_end(as);
}

/* --- Files and messages -------------------------------------------------------------------------
 */

bool include_file(struct assembly *as, int argument)
{
    const char *start = (skip_blanks(as), as->at);
    const struct loaded *file;
    struct slice name;

    (void)argument;
    if (!take_string(as, &name) || !expect_end(as))
        return false;
    file = load_file(as, find_file(as, name), start);
    return file && push_file(as, file);
}

bool end_source(struct assembly *as, int argument)
{
    (void)argument;
    for (struct input *input = as->input; input; input = input->outer) {
        input->next = input->end;
        input->repeats = 0;
    }
    return expect_end(as);
}

bool say_error(struct assembly *as, int argument)
{
    struct slice text;

    (void)argument;
    return take_string(as, &text) && error_here(as, as->statement, "%.*s", SLICE(text));
}

bool say_warning(struct assembly *as, int argument)
{
    struct slice text;

    (void)argument;
    if (!take_string(as, &text))
        return false;
    warn_here(as, as->statement, "%.*s", SLICE(text));
    return true;
}

bool misplaced(struct assembly *as, int argument)
{
    (void)argument;
    return error_here(as, as->statement, "%.*s without a beginning", (int)(as->at - as->statement),
                      as->statement);
}

/* --- Table --------------------------------------------------------------------------------------
 */

static const struct directive rows[] = {
#define AS_DIRECTIVE(name, function, argument, operands, meaning)                                  \
    {name, operands, meaning, function, argument},
#include "as/directives.def"
};

const struct directive *directive_row(size_t index)
{
    return index < sizeof rows / sizeof rows[0] ? &rows[index] : NULL;
}
