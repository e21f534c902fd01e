/* See match.h. A pattern is matched as it is written: no form of it is made first. */
#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "match.h"

/* Behind the ] of the set that begins at the [; NULL: it has none. */
static const char *set_end(const char *set)
{
    set += set[1] == '^' ? 2 : 1;
    if (*set == ']')
        set++;
    set = strchr(set, ']');
    return set ? set + 1 : NULL;
}

/* Behind the first element: a character, an escaped one, or a set. */
static const char *element_end(const char *pattern)
{
    if (*pattern == '[')
        return set_end(pattern);
    return pattern + (*pattern == '\\' ? 2 : 1);
}

const char *match_check(const char *pattern)
{
    while (*pattern) {
        if (*pattern == '\\' && (!pattern[1] || strchr("(){}", pattern[1])))
            return pattern[1] ? "\\( \\) \\{ \\} are not known" : "nothing follows the backslash";
        pattern = element_end(pattern);
        if (!pattern)
            return "a [ is not closed";
    }
    return NULL;
}

static bool is_in_range(char character, char first, char last)
{
    return (unsigned char)character >= (unsigned char)first &&
           (unsigned char)character <= (unsigned char)last;
}

static bool is_in_set(const char *set, char character)
{
    const char *end = set_end(set) - 1;
    bool is_negated = set[1] == '^';
    const char *at = set + (is_negated ? 2 : 1);

    while (at < end) {
        char last = at[0];
        const char *next = at + 1;

        if (at + 2 < end && at[1] == '-') {
            last = at[2];
            next = at + 3;
        }
        if (is_in_range(character, at[0], last))
            return !is_negated;
        at = next;
    }
    return is_negated;
}

static bool is_like(const char *element, char character)
{
    switch (*element) {
    case '.':
        return true;
    case '[':
        return is_in_set(element, character);
    case '\\':
        return element[1] == character;
    default:
        return *element == character;
    }
}

static bool fits(const char *element, char character, bool is_case_ignored)
{
    return is_like(element, character) ||
           (is_case_ignored && (is_like(element, (char)tolower((unsigned char)character)) ||
                                is_like(element, (char)toupper((unsigned char)character))));
}

/* Whether the text begins with what the pattern describes. */
static bool match_here(const char *pattern, const char *text, bool is_case_ignored)
{
    while (*pattern) {
        const char *next = element_end(pattern);

        if (pattern[0] == '$' && pattern[1] == '\0')
            return *text == '\0';
        if (*next == '*') {
            /* As many as there are, then fewer. */
            size_t count = 0;

            while (text[count] && fits(pattern, text[count], is_case_ignored))
                count++;
            for (;; count--) {
                if (match_here(next + 1, text + count, is_case_ignored))
                    return true;
                if (count == 0)
                    return false;
            }
        }
        if (!*text || !fits(pattern, *text, is_case_ignored))
            return false;
        pattern = next;
        text++;
    }
    return true;
}

/* A * where nothing can be repeated is itself. */
static bool match_first(const char *pattern, const char *text, bool is_case_ignored)
{
    if (*pattern != '*')
        return match_here(pattern, text, is_case_ignored);
    return *text == '*' && match_here(pattern + 1, text + 1, is_case_ignored);
}

bool match_find(const char *pattern, const char *text, bool is_case_ignored)
{
    if (*pattern == '^')
        return match_first(pattern + 1, text, is_case_ignored);
    for (;; text++) {
        if (match_first(pattern, text, is_case_ignored))
            return true;
        if (!*text)
            return false;
    }
}
