/* Reading the characters of a statement. See input.h. */
#include <string.h>

#include "as/input.h"
#include "as/report.h"

bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '$';
}

bool is_name_part(char c)
{
    return is_name_start(c) || (c >= '0' && c <= '9');
}

bool skip_blanks(struct assembly *as)
{
    while (as->at < as->end && *as->at == ' ')
        as->at++;
    return as->at == as->end;
}

bool accept(struct assembly *as, char c)
{
    if (skip_blanks(as) || *as->at != c)
        return false;
    as->at++;
    return true;
}

bool expect(struct assembly *as, char c)
{
    if (accept(as, c))
        return true;
    return error_here(as, NULL, "expected \"%c\", found %s", c, what_comes(as));
}

struct slice take_name(struct assembly *as)
{
    struct slice name;

    skip_blanks(as);
    name.at = as->at;
    if (as->at < as->end && is_name_start(*as->at))
        while (as->at < as->end && is_name_part(*as->at))
            as->at++;
    name.length = (size_t)(as->at - name.at);
    return name;
}

const char *what_comes(struct assembly *as)
{
    size_t length = 0;

    if (skip_blanks(as))
        return "the end of the line";
    if (is_name_part(*as->at))
        while (as->at + length < as->end && is_name_part(as->at[length]) && length < 40)
            length++;
    else
        length = 1;
    return arena_format(&as->arena, "\"%.*s\"", (int)length, as->at);
}

bool expect_end(struct assembly *as)
{
    if (skip_blanks(as))
        return true;
    return error_here(as, NULL, "expected the end of the line, found %s", what_comes(as));
}

/* --- Texts --------------------------------------------------------------------------------------
 */

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

/* Up to count digits of a base. */
static uint32_t take_digits(struct assembly *as, int base, int count)
{
    uint32_t number = 0;

    for (; count > 0 && as->at < as->end && digit_of(*as->at) < base; count--, as->at++)
        number = number * (uint32_t)base + (uint32_t)digit_of(*as->at);
    return number;
}

static bool take_escape(struct assembly *as, uint32_t *ret_character)
{
    static const char letters[] = "abefnrtv0", meanings[] = "\a\b\033\f\n\r\t\v";
    const char *start = as->at - 1, *letter;

    if (as->at == as->end)
        return error_here(as, start, "a \"\\\" at the end of the line");
    if (digit_of(*as->at) < 8) {
        *ret_character = take_digits(as, 8, 3);
        if (*ret_character > 255)
            return error_here(as, start, "this escape stands for more than a byte");
        return true;
    }
    if (*as->at == 'x') {
        as->at++;
        if (as->at == as->end || digit_of(*as->at) > 15)
            return error_here(as, start, "expected hexadecimal digits after \"\\x\"");
        *ret_character = take_digits(as, 16, 2);
        return true;
    }
    letter = strchr(letters, *as->at);
    if (letter && *letter)
        *ret_character = (uint8_t)meanings[letter - letters];
    else if (*as->at == '\\' || *as->at == '"' || *as->at == '\'')
        *ret_character = (uint8_t)*as->at;
    else
        return error_here(as, start,
                          "unknown escape \"\\%c\"; known are \\a \\b \\e \\f \\n \\r "
                          "\\t \\v \\\\ \\\" \\' \\0 to \\377 and \\x00 to \\xff",
                          *as->at);
    as->at++;
    return true;
}

bool take_character(struct assembly *as, uint32_t *ret_character)
{
    char c = *as->at++;

    if (c == '\\')
        return take_escape(as, ret_character);
    *ret_character = (uint8_t)c;
    return true;
}

bool take_string(struct assembly *as, struct slice *ret_string)
{
    const char *start;
    char *to, *first;

    if (skip_blanks(as) || *as->at != '"')
        return error_here(as, NULL, "expected a text in quotes, found %s", what_comes(as));
    start = as->at++;
    first = to = arena_alloc(&as->arena, (size_t)(as->end - start) + 1);
    while (as->at < as->end && *as->at != '"') {
        uint32_t character;

        if (!take_character(as, &character))
            return false;
        *to++ = (char)character;
    }
    if (as->at == as->end)
        return error_here(as, start, "this text has no closing quote");
    as->at++;
    *ret_string = (struct slice){first, (size_t)(to - first)};
    return true;
}
