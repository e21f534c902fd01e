/*
 * Places in a program as a person writes them: functions, symbols, lines of files, addresses; and
 * how such words may go on.
 */
#include "debug/program_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"

#define MAX_WORDS 1024 /* longest place */

/* Places that were found so far. */
struct findings {
    struct tg_program *program;
    struct tg_location *locations;
    size_t room, count;
};

static void add(struct findings *findings, uint32_t address)
{
    struct tg_location location = {.address = address};
    struct tg_line_span span;
    struct tg_inlined inlined[TG_CHAIN_MAX];
    struct tg_function function;
    size_t kept = findings->count < findings->room ? findings->count : findings->room;
    for (size_t i = 0; i < kept; i++)
        if (findings->locations[i].address == address)
            return;
    if (tg_program_function_at(findings->program, address, &function))
        location.function = function.name;
    size_t depth = tg_program_inlined(findings->program, address, inlined, TG_CHAIN_MAX);
    if (depth != 0)
        location.function = inlined[depth - 1].name;
    if (tg_program_line_at(findings->program, address, &span)) {
        location.file = span.file;
        location.line = span.line;
    }
    if (findings->count < findings->room)
        findings->locations[findings->count] = location;
    findings->count++;
}

static bool add_copy(void *context, uint32_t address)
{
    struct findings *findings = context;
    add(findings, address);
    return findings->count < findings->room;
}

static int compare_locations(const void *left, const void *right)
{
    const struct tg_location *a = left, *b = right;
    return a->address < b->address ? -1 : a->address > b->address;
}

/* --- Numbers ---------------------------------------------------------------------------------- */

static bool is_digits(const char *text)
{
    size_t length = strspn(text, "0123456789");
    return length != 0 && length < 10 && text[length] == '\0';
}

static bool read_number(const char *text, uint32_t *ret_number)
{
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    unsigned long long number = strtoull(text, &end, 0);
    if (*end != '\0' || number > UINT32_MAX)
        return false;
    *ret_number = (uint32_t)number;
    return true;
}

/* --- Kinds of places -------------------------------------------------------------------------- */

static size_t unknown(struct findings *findings, const char *what, const char *name,
                      struct tg_error *error)
{
    const char *near = tg_program_nearest(findings->program, name);
    tg_fail(error, TG_E_FORMAT, "there is no %s \"%s\" in %s%s%s%s", what, name,
            findings->program->name, near != NULL ? "; did you mean \"" : "",
            near != NULL ? near : "", near != NULL ? "\"?" : "");
    return 0;
}

/* file NULL: any. */
static bool is_in_file(const struct tg_program *program, uint32_t address, const char *file)
{
    const struct tg_line_row *row = tg_line_row(program, address);
    return file == NULL || (row != NULL && tg_line_is_path(program->lines.files[row->file].path,
                                                           file, strlen(file)));
}

static void add_functions(struct findings *findings, const char *name, const char *file)
{
    struct tg_function function;
    struct tg_program *program = findings->program;
    size_t count;
    for (size_t i = 0; i < 1000 && tg_program_function(program, name, i, &function); i++)
        if (is_in_file(program, function.entry, file))
            add(findings, function.body);
    const struct tg_name_row *row = tg_names_find(program, name, strlen(name), &count);
    for (size_t i = 0; i < count; i++) {
        if (row[i].kind != TG_NAME_INLINE)
            continue;
        tg_names_inlined_copies(program, name, add_copy, findings);
        break;
    }
}

static size_t locate_line(struct findings *findings, const char *file, unsigned line,
                          struct tg_error *error)
{
    uint32_t addresses[256];
    size_t count = tg_program_line_addresses(findings->program, file, line, addresses, 256, NULL);
    for (size_t i = 0; i < count && i < 256; i++)
        add(findings, addresses[i]);
    if (count != 0)
        return findings->count;
    bool is_known = false;
    for (size_t i = 0; i < findings->program->lines.file_count; i++)
        is_known =
            is_known || tg_line_is_path(findings->program->lines.files[i].path, file, strlen(file));
    if (is_known)
        tg_fail(error, TG_E_FORMAT, "%s has no code at or after line %u", file, line);
    else
        tg_fail(error, TG_E_FORMAT, "there is no source file \"%s\" with code in %s", file,
                findings->program->name);
    return 0;
}

static size_t locate_symbol(struct findings *findings, char *name, struct tg_error *error)
{
    struct tg_program_symbol symbol;
    char *plus = strchr(name, '+');
    uint32_t offset = 0;
    if (plus != NULL) {
        if (!read_number(plus + 1, &offset)) {
            tg_fail(error, TG_E_FORMAT, "expected a number after \"+\", found \"%s\"", plus + 1);
            return 0;
        }
        *plus = '\0';
    } else {
        add_functions(findings, name, NULL);
    }
    if (findings->count == 0 && tg_program_symbol(findings->program, name, &symbol))
        add(findings, symbol.address + offset);
    return findings->count != 0 ? findings->count
                                : unknown(findings, "function or symbol", name, error);
}

static size_t locate(struct findings *findings, char *words, uint32_t here, struct tg_error *error)
{
    struct tg_program *program = findings->program;
    const char *number = words + (words[0] == '*');
    char *colon = strrchr(words, ':');
    uint32_t address;
    if (colon != NULL) {
        *colon = '\0';
        if (is_digits(colon + 1))
            return locate_line(findings, words, (unsigned)strtoul(colon + 1, NULL, 10), error);
        add_functions(findings, colon + 1, words);
        return findings->count != 0 ? findings->count
                                    : unknown(findings, "function", colon + 1, error);
    }
    if (is_digits(words)) {
        const struct tg_line_row *row = tg_line_row(program, here);
        if (row != NULL)
            return locate_line(findings, program->lines.files[row->file].path,
                               (unsigned)strtoul(words, NULL, 10), error);
        tg_fail(error, TG_E_FORMAT,
                "line %s of which file? There is no source line here; write FILE:LINE", words);
        return 0;
    }
    if (read_number(number, &address)) {
        add(findings, address);
        return 1;
    }
    if (words[0] == '\0' || words[0] == '*') {
        tg_fail(error, TG_E_FORMAT,
                "expected FUNCTION, SYMBOL+NUMBER, FILE:LINE or an address%s%s%s",
                words[0] != '\0' ? ", found \"" : "", words, words[0] != '\0' ? "\"" : "");
        return 0;
    }
    return locate_symbol(findings, words, error);
}

size_t tg_program_locate(struct tg_program *program, const char *place, uint32_t here,
                         struct tg_location *locations, size_t room, struct tg_error *error)
{
    struct findings findings = {program, locations, room, 0};
    char words[MAX_WORDS];
    size_t length = strlen(place);
    while (length != 0 && (*place == ' ' || *place == '\t')) {
        place++;
        length--;
    }
    while (length != 0 && (place[length - 1] == ' ' || place[length - 1] == '\t'))
        length--;
    if (length >= sizeof words) {
        tg_fail(error, TG_E_FORMAT, "a place has at most %zu characters", sizeof words - 1);
        return 0;
    }
    memcpy(words, place, length);
    words[length] = '\0';
    size_t count = locate(&findings, words, here, error);
    qsort(locations, count < room ? count : room, sizeof *locations, compare_locations);
    return count;
}

/* --- Completion ------------------------------------------------------------------------------- */

/* Functions of the file before the colon. */
static void complete_in_file(struct tg_program *program, const char *prefix, const char *colon,
                             bool (*take)(void *context, const char *name), void *context)
{
    size_t file_length = (size_t)(colon - prefix), length = strlen(colon + 1);
    struct tg_program_symbol symbol;
    for (size_t i = tg_program_symbol_first(program, colon + 1);
         tg_program_symbol_by_name(program, i, &symbol) &&
         strncmp(symbol.name, colon + 1, length) == 0;
         i++) {
        char text[MAX_WORDS];
        const struct tg_line_row *row = tg_line_row(program, symbol.address);
        if (!symbol.is_code || row == NULL || row->line == 0 ||
            !tg_line_is_path(program->lines.files[row->file].path, prefix, file_length))
            continue;
        snprintf(text, sizeof text, "%.*s:%s", (int)file_length, prefix, symbol.name);
        if (!take(context, text))
            return;
    }
}

static bool is_prefix(const char *prefix, size_t length, const char *name)
{
    return strncmp(name, prefix, length) == 0;
}

void tg_program_complete(struct tg_program *program, const char *prefix,
                         bool (*take)(void *context, const char *name), void *context)
{
    size_t length = strlen(prefix);
    struct tg_program_symbol symbol;
    const char *colon = strchr(prefix, ':'), *before = "";
    if (colon != NULL && colon - prefix < MAX_WORDS / 2) {
        complete_in_file(program, prefix, colon, take, context);
        return;
    }
    for (size_t i = tg_program_symbol_first(program, prefix);
         tg_program_symbol_by_name(program, i, &symbol) && is_prefix(prefix, length, symbol.name);
         i++) {
        if (strcmp(symbol.name, before) != 0 && !take(context, symbol.name))
            return;
        before = symbol.name;
    }
    for (size_t i = 0; tg_program_file(program, i) != NULL; i++) {
        const char *file = tg_program_file(program, i), *slash = strrchr(file, '/');
        const char *base = slash != NULL ? slash + 1 : file;
        if (is_prefix(prefix, length, file)
                ? !take(context, file)
                : is_prefix(prefix, length, base) && !take(context, base))
            return;
    }
}
