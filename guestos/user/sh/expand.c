/* From raw words to words: quotes, what $ stands for, patterns of files. See sh.h. */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"

/* Marks a character of a word that was quoted, so that it means itself in a pattern. */
#define QUOTED '\1'

struct output {
    char *text; /* enough for all */
    size_t length;
    bool has_pattern;
};

static void put(struct output *out, char character, bool is_quoted)
{
    if (is_quoted && strchr("*?[]\\", character))
        out->text[out->length++] = QUOTED;
    else if (!is_quoted && strchr("*?[", character))
        out->has_pattern = true;
    out->text[out->length++] = character;
}

/* --- $ ----------------------------------------------------------------------------------------- */

/* The value of $ and the character after it; NULL: they are themselves. */
static const char *value_of(char name, const struct sh_values *values, char number[16])
{
    if (isdigit((unsigned char)name))
        return name - '0' <= values->count ? values->arguments[name - '0'] : "";
    if (!name || !strchr("?$#", name))
        return NULL;
    snprintf(number, 16, "%d",
             name == '?'   ? values->status
             : name == '#' ? values->count
                           : values->pid);
    return number;
}

/* Puts what stands for the $ at raw; how many characters that were. */
static size_t put_value(struct output *out, const char *raw, const struct sh_values *values)
{
    char number[16];
    const char *value = value_of(raw[1], values, number);

    if (!value) {
        put(out, '$', true);
        return 1;
    }
    for (; *value; value++)
        put(out, *value, true);
    return 2;
}

/* Most characters that a raw word can become. */
static size_t most_of(const char *raw, const struct sh_values *values)
{
    size_t most = 2 * strlen(raw) + 1;
    char number[16];

    for (; *raw; raw++) {
        const char *value = *raw == '$' ? value_of(raw[1], values, number) : NULL;

        most += value ? 2 * strlen(value) : 0;
    }
    return most;
}

/* --- Quotes ------------------------------------------------------------------------------------ */

/* The word with QUOTED marks. */
static struct output unquote(const char *raw, const struct sh_values *values)
{
    struct output out = {.text = sh_alloc(most_of(raw, values) + 1)};
    char quote = 0;

    while (*raw) {
        if (*raw == quote || (!quote && (*raw == '\'' || *raw == '"'))) {
            quote = quote ? 0 : *raw;
            raw++;
        } else if (*raw == '$' && quote != '\'') {
            raw += put_value(&out, raw, values);
        } else if (*raw == '\\' && raw[1] && quote != '\'' &&
                   (!quote || strchr("\"\\$\n", raw[1]))) {
            if (raw[1] != '\n')
                put(&out, raw[1], true);
            raw += 2;
        } else {
            put(&out, *raw++, quote);
        }
    }
    return out;
}

static char *without_marks(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++)
        if (*from != QUOTED)
            *to++ = *from;
    *to = '\0';
    return text;
}

char *sh_expand(const char *raw, const struct sh_values *values)
{
    return without_marks(unquote(raw, values).text);
}

/* --- Patterns ---------------------------------------------------------------------------------- */

/* Whether the set at pattern, behind its [, has the character; its end. NULL: the set has none. */
static const char *match_set(const char *pattern, char character, bool *ret_is_in)
{
    bool is_negated = *pattern == '!' || *pattern == '^', is_in = false, is_first = true;

    for (pattern += is_negated; *pattern && (*pattern != ']' || is_first); pattern++) {
        is_first = false;
        if (*pattern == QUOTED)
            pattern++;
        if (pattern[1] == '-' && pattern[2] && pattern[2] != ']') {
            is_in = is_in || (character >= pattern[0] && character <= pattern[2]);
            pattern += 2;
        } else {
            is_in = is_in || *pattern == character;
        }
    }
    *ret_is_in = is_in != is_negated;
    return *pattern ? pattern + 1 : NULL;
}

/* Behind what matches the character at the pattern's start; NULL: that does not. */
static const char *match_one(const char *pattern, char character)
{
    const char *end;
    bool is_in;

    if (*pattern == '?')
        return pattern + 1;
    if (*pattern == '[' && (end = match_set(pattern + 1, character, &is_in)) != NULL)
        return is_in ? end : NULL;
    pattern += *pattern == QUOTED;
    return *pattern == character ? pattern + 1 : NULL;
}

static bool matches(const char *pattern, const char *name)
{
    const char *star = NULL, *star_name = NULL, *end;

    for (;;) {
        if (*pattern == '*') {
            star = ++pattern;
            star_name = name;
            continue;
        }
        if (!*name && !*pattern)
            return true;
        end = *name ? match_one(pattern, *name) : NULL;
        if (end) {
            pattern = end;
            name++;
            continue;
        }
        /* The last * takes one more. */
        if (!star || !*star_name)
            return false;
        pattern = star;
        name = ++star_name;
    }
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Adds the names that match, in order; how many, or -1: too many. Only the last part of a path may be a
 * pattern. */
static int add_matches(char *word, char **to, int room)
{
    char *slash = strrchr(word, '/'), *folder;
    const char *pattern = slash ? slash + 1 : word;
    size_t prefix = (size_t)(pattern - word);
    struct dirent *entry;
    int count = 0;
    DIR *directory;

    folder = without_marks(sh_copy(word, prefix));
    directory = opendir(slash ? folder : ".");
    while (directory && count >= 0 && (entry = readdir(directory)) != NULL) {
        size_t length = strlen(entry->d_name);

        if ((entry->d_name[0] == '.' && *pattern != '.') || !matches(pattern, entry->d_name))
            continue;
        if (count == room) {
            count = -1;
            break;
        }
        to[count] = sh_alloc(strlen(folder) + length + 1);
        strcpy(to[count], folder);
        strcat(to[count++], entry->d_name);
    }
    if (directory)
        closedir(directory);
    if (count > 1)
        qsort(to, (size_t)count, sizeof *to, compare);
    return count;
}

char **sh_expand_all(const struct sh_word *words, const struct sh_values *values)
{
    char **list = sh_alloc((SH_MOST_WORDS + 1) * sizeof *list);
    int count = 0;

    for (; words; words = words->next) {
        struct output out = unquote(words->raw, values);
        int added = out.has_pattern ? add_matches(out.text, list + count, SH_MOST_WORDS - count) : 0;

        if (added < 0 || count + (added == 0) > SH_MOST_WORDS)
            return NULL;
        if (added == 0) /* a pattern that nothing matches is itself */
            list[count++] = without_marks(out.text);
        count += added;
    }
    list[count] = NULL;
    return list;
}
